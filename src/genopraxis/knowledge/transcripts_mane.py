"""MANE Select and Plus Clinical from their summary file, for annotations without tags.

MANE (Morales 2022, doi:10.1038/s41586-022-04558-8) names, for a gene, one transcript that RefSeq and Ensembl agree on
to the base; its version is a part of that. Where a set has another version of it, the transcript is marked all the
same, and this is counted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from genopraxis.contracts.errors import InputError
from genopraxis.formats.files import iter_lines, printable_name
from genopraxis.knowledge.transcripts import Flag, TranscriptSet

__all__ = ["ManeMatch", "mark_mane", "read_mane"]

_STATUS = {"MANE Select": Flag.MANE_SELECT, "MANE Plus Clinical": Flag.MANE_PLUS_CLINICAL}
_COLUMNS = ("RefSeq_nuc", "Ensembl_nuc", "MANE_status")


@dataclass(frozen=True, kw_only=True, slots=True)
class ManeMatch:
    """What of a summary is in a set.

    Parameters
    ----------
    named
        Transcripts that the summary names, each with its two identifiers.
    marked
        Transcripts of the set that are marked now.
    newly
        Those that were not marked before.
    other_version
        Those whose version is not the one that the summary names.
    examples
        Some of these.
    """

    named: int
    marked: int
    newly: int
    other_version: int
    examples: tuple[str, ...]

    def sentences(self) -> list[str]:
        """Return what a user should know."""
        told = [
            f"MANE: {self.marked:,} of {self.named:,} transcripts are in the set; {self.newly:,} had no tag"
        ]
        if self.other_version:
            told.append(
                f"MANE: {self.other_version:,} of them in another version than the summary names "
                f"({', '.join(self.examples)})"
            )
        return told


def read_mane(path: str | os.PathLike[str], *, sha256: Any = None) -> dict[str, tuple[str, Flag]]:
    """Read a summary file, plain or gzip.

    Parameters
    ----------
    sha256
        A ``hashlib.sha256()`` that takes in the bytes of the file.

    Returns
    -------
    dict
        By identifier without version, of RefSeq and of Ensembl: the version, and what the transcript is.

    Raises
    ------
    InputError
        When it is no such file.
    """
    found: dict[str, tuple[str, Flag]] = {}
    places: list[int] | None = None
    for number, line in iter_lines(path, sha256=sha256):
        fields = line.lstrip("#").split("\t")
        if places is None:
            if missing := [name for name in _COLUMNS if name not in fields]:
                raise InputError(
                    f"is no MANE summary: it has no column {', '.join(missing)}",
                    where=printable_name(path),
                    hint="MANE.GRCh38.v….summary.txt.gz is meant",
                )
            places = [fields.index(name) for name in _COLUMNS]
            continue
        if not line.strip():
            continue
        if len(fields) <= max(places):
            raise InputError("has too few columns", where=f"{printable_name(path)}, line {number}")
        *identifiers, status = (fields[place].strip() for place in places)
        flag = _STATUS.get(status)
        if flag is None:
            raise InputError(
                f"has the unknown status {status!r}", where=f"{printable_name(path)}, line {number}"
            )
        for identifier in identifiers:
            base, _, version = identifier.partition(".")
            if base:
                found[base] = (version, flag)
    if not found:
        raise InputError("names no transcript", where=printable_name(path))
    return found


def mark_mane(
    transcripts: TranscriptSet, summary: dict[str, tuple[str, Flag]], *, where: str
) -> tuple[TranscriptSet, ManeMatch]:
    """Mark the transcripts of a set that a summary names.

    Raises
    ------
    InputError
        When it names none of them.
    """
    flags = np.array(transcripts.flags)
    before = flags.copy()
    versions: list[str] = []
    marked = 0
    for row, identifier in enumerate(transcripts.names["transcript_id"].to_list()):
        base, _, version = (identifier or "").partition(".")
        if base not in summary:
            continue
        named, flag = summary[base]
        flags[row] |= flag
        marked += 1
        if version and named and version != named:
            versions.append(f"{identifier}, not .{named}")
    if not marked:
        raise InputError(
            "names no transcript of the set",
            where=where,
            hint="identifiers such as ENST00000357654 and NM_007294 are compared; the set has none of them",
        )
    flags.flags.writeable = False
    match = ManeMatch(
        named=len(summary) // 2 or len(summary),
        marked=marked,
        newly=int(np.count_nonzero(flags != before)),
        other_version=len(versions),
        examples=tuple(versions[:3]),
    )
    return replace(transcripts, flags=flags), match
