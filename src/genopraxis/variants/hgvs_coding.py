"""HGVS descriptions of transcripts, c. and n.: the 3' rule on either strand, and the numbering of bases.

Follows https://hgvs-nomenclature.org (version 21). An allele moves along the genome in the direction of the
transcript; a duplication is told from an insertion after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.hgvs_kernels import shift_left, shift_right

__all__ = ["Described", "Kind", "number", "shifted", "written"]

Kind = Literal[">", "del", "dup", "ins", "delins", "inv"]
_UNKNOWN_ASCII = 78


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """An allele as HGVS sees it on one strand.

    ``first`` and ``last`` are the 0-based genome places of its first and last base in the direction of the
    transcript; for ``ins`` the two bases between which it lies. ``bases`` are in that direction: what is inserted
    (``ins``, ``delins``), or the new base (``>``, with ``old`` before it).
    """

    kind: Kind
    first: int
    last: int
    bases: str = ""
    old: str = ""


def shifted(
    bases: NDArray[np.uint8] | None,
    *,
    start: int,
    end: int,
    inserted: str,
    forward: bool,
    low: int = 0,
    high: int | None = None,
    reference: str = "",
) -> Described:
    """Return how HGVS describes ``[start, end)`` → ``inserted`` on one strand.

    Parameters
    ----------
    bases
        The contig in upper-case ASCII; without it nothing moves, and no duplication is seen.
    start, end
        0-based, half-open, trimmed of shared bases.
    inserted
        On the forward strand.
    forward
        The strand of the transcript.
    low, high
        The part of ``bases`` that may be looked at; ``high`` is its end by default.
    reference
        What is replaced, on the forward strand: written of a single base, looked at to tell an inversion; of more
        bases it may be left out when ``bases`` are given.
    """
    new = np.frombuffer(inserted.encode(), np.uint8)
    own = inserted if forward else reverse_complement(inserted)
    if end - start == 1 and len(inserted) == 1:
        old = reference if forward else reverse_complement(reference)
        return Described(kind=">", first=start, last=start, bases=own, old=old)
    if end > start and inserted:
        first, last = (start, end - 1) if forward else (end - 1, start)
        old = reference or ("" if bases is None else bases[start:end].tobytes().decode())
        if inserted == reverse_complement(old):  # one base is a substitution
            return Described(kind="inv", first=first, last=last)
        return Described(kind="delins", first=first, last=last, bases=own)
    size = len(inserted)
    if bases is not None:
        top = bases.size if high is None else high
        if forward:
            steps = shift_right(bases, start, end, new, top, _UNKNOWN_ASCII)
            turn = steps % size if size else 0
            inserted = inserted[turn:] + inserted[:turn]
        else:
            steps = -shift_left(bases, start, end, new, low, _UNKNOWN_ASCII)
            turn = -steps % size if size else 0
            inserted = inserted[size - turn :] + inserted[: size - turn]
        start, end = start + steps, end + steps
        own = inserted if forward else reverse_complement(inserted)
    if end > start:
        first, last = (start, end - 1) if forward else (end - 1, start)
        return Described(kind="del", first=first, last=last)
    if bases is not None:
        low_copy, high_copy = (start - size, start) if forward else (start, start + size)
        if low_copy >= low and high_copy <= top and bases[low_copy:high_copy].tobytes() == inserted.encode():
            first, last = (low_copy, high_copy - 1) if forward else (high_copy - 1, low_copy)
            return Described(kind="dup", first=first, last=last)
    first, last = (start - 1, start) if forward else (start, start - 1)
    return Described(kind="ins", first=first, last=last, bases=own)


def number(anchor: int, offset: int, *, cds_start: int, cds_end: int) -> str:
    """Return the HGVS number of a transcript base (0-based) with its offset into an intron.

    ``cds_start`` -1: a transcript that codes nothing, numbered ``n.``.
    """
    if cds_start < 0:
        base = str(anchor + 1)
    elif anchor < cds_start:
        base = str(anchor - cds_start)
    elif anchor < cds_end:
        base = str(anchor - cds_start + 1)
    else:
        base = f"*{anchor - cds_end + 1}"
    return f"{base}{offset:+d}" if offset else base


def written(described: Described, first: str, last: str, *, coding: bool) -> str:
    """Return the description with its numbers, ``c.`` or ``n.`` in front."""
    prefix = "c." if coding else "n."
    if described.kind == ">":
        return f"{prefix}{first}{described.old}>{described.bases}"
    span = first if described.first == described.last else f"{first}_{last}"
    return f"{prefix}{span}{described.kind}{described.bases}"
