"""The provenance of a result that this process makes now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from platform import machine, python_version, system

from genopraxis import __version__
from genopraxis.contracts.provenance import DataRelease, InputDigest, Provenance


def current_provenance(
    *,
    parameters: Mapping[str, str | float | int | bool | None],
    libraries: Sequence[str] = (),
    inputs: Sequence[InputDigest] = (),
    releases: Sequence[DataRelease] = (),
) -> Provenance:
    """Return what made a result: this version on this Python and machine, at this second (UTC).

    Parameters
    ----------
    parameters
        Everything that was chosen and moves the result.
    libraries
        Names of the installed packages whose versions matter.
    inputs, releases
        The files and the reference knowledge that went in.
    """
    return Provenance(
        software="genopraxis",
        version=__version__,
        created=datetime.now(UTC).replace(microsecond=0),
        python=python_version(),
        platform=f"{system()} {machine()}",
        libraries={name: _version(name) for name in libraries},
        parameters=dict(parameters),
        inputs=tuple(inputs),
        releases=tuple(releases),
    )


@cache
def _version(library: str) -> str:
    # looking it up reads a file, and a cohort asks for each case
    return version(library)
