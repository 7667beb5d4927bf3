"""Where an insertion or a deletion in a repeat is judged: one place for all spellings of it, on either strand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.consequence_kernels import SHORT_INTRON
from genopraxis.variants.consequence_view import TranscriptView
from genopraxis.variants.hgvs_kernels import shift_left, shift_right

__all__ = ["Placed", "moved_along", "placed"]

_UNKNOWN_ASCII = 78
_DONOR, _DONOR_MOTIF, _ACCEPTOR = 2, 6, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """An allele on the forward strand: ``[start, end)`` of the genome, 0-based, becomes ``inserted``."""

    start: int
    end: int
    inserted: str


def placed(
    view: TranscriptView, *, start: int, end: int, inserted: str, bases: NDArray[np.uint8] | None = None
) -> Placed:
    """Return where an allele is judged: as far 3' in the transcript as it can go, as HGVS describes it.

    When it would hit a splice site there, and another spelling of the same bases leaves every intron as it is, the
    exon has changed and not the intron: the last such place is taken. Failing that, the last place that leaves donor
    and acceptor alone.

    Parameters
    ----------
    start, end, inserted
        0-based, half-open, trimmed of shared bases, on the forward strand; an insertion is empty.
    bases
        The contig in upper-case ASCII; without it alleles move within their exon.
    """
    given = Placed(start=start, end=end, inserted=inserted)
    if (end > start) == bool(inserted):
        return given
    room = _room(view, start, end, bases)
    if room is None:
        return given
    contig, origin, low, high = room
    new = np.frombuffer(inserted.encode(), np.uint8)
    arguments = contig, start - origin, end - origin, new
    right = shift_right(*arguments, high - origin, _UNKNOWN_ASCII)
    left = shift_left(*arguments, low - origin, _UNKNOWN_ASCII)
    if not left and not right:
        return given
    steps = range(right, -left - 1, -1) if view.forward else range(-left, right + 1)
    return _turned(given, _best(view, start, end, steps))


def _room(
    view: TranscriptView, start: int, end: int, bases: NDArray[np.uint8] | None
) -> tuple[NDArray[np.uint8], int, int, int] | None:
    """Return bases, the place of the first of them in the genome, and the limits within which alleles move."""
    inside = int(start == end)  # an insertion must not leave the transcript
    if bases is not None:
        return bases, 0, view.start + inside, view.end - inside
    for low, high, cdna in view.pieces:
        if low <= start and end <= high and len(view.codes):
            text = view.bases[cdna : cdna + high - low]
            own = np.frombuffer((text if view.forward else reverse_complement(text)).encode(), np.uint8)
            return own, low, max(low, view.start + inside), min(high, view.end - inside)
    return None


def _best(view: TranscriptView, start: int, end: int, steps: range) -> int:
    """Return by how many bases the allele moves; ``steps`` begin with the last place in the transcript."""
    fallback = None
    for step in steps:
        sites, whole = _harm(view, start + step, end + step)
        if whole or (step == steps[0] and not sites and not _in_donor_motif(view, start + step, end + step)):
            return step
        if fallback is None and not sites:
            fallback = step
    return steps[0] if fallback is None else fallback


def _introns(view: TranscriptView, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the length of each intron nearby, and the allele in it: 0 is its first base in the transcript."""
    for before, after in zip(view.exons, view.exons[1:], strict=False):
        if start > after[0] or end < before[1]:
            continue
        length = after[0] - before[1]
        low, high = start - before[1], end - before[1]
        yield (length, low, high) if view.forward else (length, length - high, length - low)


def _harm(view: TranscriptView, start: int, end: int) -> tuple[bool, bool]:
    """Tell whether an allele hits a donor or an acceptor, and whether it leaves all introns as they are."""
    sites, whole = False, True
    for length, low, high in _introns(view, start, end):
        whole &= not (low < length and high > 0)
        if length > SHORT_INTRON:
            sites |= low < _DONOR and high > 0
            sites |= low < length and high > length - _ACCEPTOR
        else:
            sites |= low < length and high > 0
    return sites, whole


def _in_donor_motif(view: TranscriptView, start: int, end: int) -> bool:
    """Tell whether an allele in an intron lies within, or right behind, what pairs with the U1 RNA."""
    return any(
        length > SHORT_INTRON and low < _DONOR_MOTIF and high > 0
        for length, low, high in _introns(view, start, end)
    )


def _turned(given: Placed, steps: int) -> Placed:
    size = len(given.inserted)
    turn = steps % size if size else 0
    inserted = given.inserted[turn:] + given.inserted[:turn]
    return Placed(start=given.start + steps, end=given.end + steps, inserted=inserted)


def moved_along(bases: str, a: int, b: int, new: str) -> tuple[int, int, str]:
    """Return bases ``[a, b)`` of a spliced transcript and what replaces them, as far 3' as they can go."""
    if (b > a) == bool(new):
        return a, b, new
    while b < len(bases) and bases[b] != "N" and bases[b] == (bases[a] if b > a else new[0]):
        new = new[1:] + new[:1]
        a, b = a + 1, b + 1
    return a, b, new
