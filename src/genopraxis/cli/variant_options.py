"""What the verbs that read variants share: their options, and what to say when the extra is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import Assembly

THREADS = min(4, os.cpu_count() or 1)

_ASSEMBLIES = {
    "grch37": Assembly.GRCH37, "hg19": Assembly.GRCH37, "b37": Assembly.GRCH37, "hs37d5": Assembly.GRCH37,
    "grch38": Assembly.GRCH38, "hg38": Assembly.GRCH38, "b38": Assembly.GRCH38,
}  # fmt: skip


def named_assembly(text: str | None) -> Assembly | None:
    """Return the assembly that a user names.

    Raises
    ------
    InputError
        When it is none that we know.
    """
    if text is None:
        return None
    if text.strip().lower() not in _ASSEMBLIES:
        raise InputError(
            f"{text!r} is no assembly that is known",
            where="--assembly",
            hint="GRCh37 (hg19) or GRCh38 (hg38)",
        )
    return _ASSEMBLIES[text.strip().lower()]


@contextmanager
def variants_extra() -> Iterator[None]:
    """Say what to install when what reads variants is not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed",
            hint='`pip install "genopraxis[variants]"` adds what reads variants',
        ) from error
