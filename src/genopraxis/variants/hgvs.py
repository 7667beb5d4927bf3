"""HGVS c. and n. in: from a description back to the bases of the genome that it changes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError
from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.consequence_view import TranscriptView
from genopraxis.variants.hgvs_coding import Kind

__all__ = ["CodingChange", "Place", "parse_coding", "resolve"]

_PLACE = r"(?P<{0}_side>[-*]?)(?P<{0}_base>[1-9][0-9]{{0,8}})(?P<{0}_offset>[+-][1-9][0-9]{{0,8}})?"
_CHANGE = re.compile(
    r"(?:(?P<accession>[A-Za-z0-9_.-]+):)?(?P<system>[cn])\."
    + _PLACE.format("first")
    + r"(?:_"
    + _PLACE.format("last")
    + r")?"
    r"(?:(?P<old>[ACGTN])>(?P<new>[ACGTN])|(?P<kind>delins|del|dup|inv|ins)(?P<bases>[ACGTN0-9]*)(?:ins(?P<more>[ACGTN]+))?)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A base: ``-`` before and ``*`` behind the coding sequence, 1-based, with its offset into an intron."""

    side: str
    base: int
    offset: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CodingChange:
    """A parsed c. or n. description; ``bases`` as written, in the direction of the transcript."""

    coding: bool
    first: Place
    last: Place
    kind: Kind
    old: str = ""
    bases: str = ""
    accession: str | None = None


def parse_coding(text: str) -> CodingChange:
    """Parse a c. or n. description: substitution, del, dup, ins, delins or inv, with or without an accession.

    Raises
    ------
    InputError
        When it is none of these.
    """
    found = _CHANGE.fullmatch(text.strip())
    if found is None:
        raise InputError(
            f"{text.strip()[:80]!r} is no c. or n. description that can be read",
            hint="substitutions, del, dup, ins, delins and inv are, e.g. c.76_78del or c.88+2T>G",
        )
    first = _place(found, "first")
    last = _place(found, "last") if found["last_base"] else first
    if found["old"]:
        if found["last_base"]:
            raise InputError(f"{text!r}: a substitution is of one base", hint="write it as delins")
        kind: Kind = ">"
        return CodingChange(
            coding=found["system"] == "c", first=first, last=last, kind=kind, old=found["old"],
            bases=found["new"], accession=found["accession"],
        )  # fmt: skip
    named: dict[str, Kind] = {"del": "del", "dup": "dup", "ins": "ins", "delins": "delins", "inv": "inv"}
    kind, bases = named[found["kind"]], found["bases"]
    if found["more"]:  # delTGinsA, as it was once written
        if kind != "del":
            raise InputError(f"{text!r} cannot be read", hint="e.g. c.76_78delinsTT")
        kind, bases = "delins", found["more"]
    if kind in {"ins", "delins"} and not re.fullmatch("[ACGTN]+", bases):
        raise InputError(f"{text!r} does not say which bases are inserted", hint="e.g. c.76_77insT")
    if kind == "inv" and not found["last_base"]:
        raise InputError(f"{text!r}: an inversion is of two bases or more", hint="write it as a substitution")
    if kind == "ins" and not found["last_base"]:
        raise InputError(f"{text!r}: an insertion lies between two bases", hint="e.g. c.76_77insT")
    return CodingChange(
        coding=found["system"] == "c", first=first, last=last, kind=kind,
        bases=bases if kind in {"ins", "delins"} else "", accession=found["accession"],
    )  # fmt: skip


def _place(found: re.Match[str], name: str) -> Place:
    return Place(
        side=found[f"{name}_side"], base=int(found[f"{name}_base"]), offset=int(found[f"{name}_offset"] or 0)
    )


def resolve(
    change: CodingChange, view: TranscriptView, bases: NDArray[np.uint8] | None = None
) -> tuple[int, int, str]:
    """Return what a description replaces in the genome, and by what, on the forward strand.

    Parameters
    ----------
    view
        The transcript that is described.
    bases
        The contig in upper-case ASCII: needed for ``dup`` and ``inv``; a substitution is checked against it.

    Returns
    -------
    tuple of int, int and str
        0-based start and end of what is replaced (an insertion is empty), and the new bases.

    Raises
    ------
    InputError
        A base that the transcript does not have, bases out of order, or another base than described.
    """
    if change.coding != view.coding:
        raise InputError("c. is for transcripts that code for a protein, n. for the others")
    first, last = _position(change.first, view), _position(change.last, view)
    low, high = (first, last) if view.forward else (last, first)
    if low > high:
        raise InputError("the second base lies before the first one")
    own = change.bases if view.forward else reverse_complement(change.bases)
    if change.kind == "ins":
        if high - low != 1:
            raise InputError("an insertion lies between two neighbouring bases")
        return high, high, own
    if change.kind == "dup":
        if bases is None:
            raise InputError("the bases of a duplication need the genome", hint="give the FASTA")
        copy = bases[low : high + 1].tobytes().decode()
        return (high + 1, high + 1, copy) if view.forward else (low, low, copy)
    if change.kind == "inv":
        if bases is None:
            raise InputError("the bases of an inversion need the genome", hint="give the FASTA")
        return low, high + 1, reverse_complement(bases[low : high + 1].tobytes().decode())
    if change.kind == ">" and bases is not None:
        old = change.old if view.forward else reverse_complement(change.old)
        if chr(bases[low]) not in {old, "N"}:
            raise InputError(f"the genome has {chr(bases[low])} where {old} is described")
    return low, high + 1, own if change.kind in {">", "delins"} else ""


def _position(place: Place, view: TranscriptView) -> int:
    if not view.coding:
        anchor = place.base - 1 if not place.side else -1
    elif place.side == "-":
        anchor = view.cds_start - place.base
    elif place.side == "*":
        anchor = view.cds_end + place.base - 1
    else:
        anchor = view.cds_start + place.base - 1
        if anchor >= view.cds_end:
            anchor = -1
    for low, high, cdna in view.pieces:
        if cdna <= anchor < cdna + high - low:
            inside = anchor - cdna
            position = low + inside + place.offset if view.forward else high - 1 - inside - place.offset
            if not view.start <= position < view.end or view.place(position) is None:
                break
            if place.offset and any(start <= position < end for start, end, _ in view.exons):
                break
            return position
    written = f"{place.side}{place.base}" + (f"{place.offset:+d}" if place.offset else "")
    raise InputError(f"the transcript has no base {written}")
