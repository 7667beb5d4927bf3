"""What an allele of any length does to the introns of a transcript, by VEP 110's rules."""

from __future__ import annotations

from dataclasses import dataclass

from genopraxis.variants.consequence_kernels import SHORT_INTRON
from genopraxis.variants.consequence_view import TranscriptView

__all__ = ["IntronEffects", "intron_effects"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntronEffects:
    """Splice and intron terms, the number of the first intron hit (0: none), the distance to the nearest edge."""

    terms: frozenset[str]
    intron: int
    nearest: int
    short_intron: bool


def intron_effects(view: TranscriptView, start: int, end: int) -> IntronEffects:
    """Return the splice and intron terms of ``[start, end)``, 0-based; an insertion is empty.

    An insertion belongs to a site when it lies between two of its bases; next to a splice site it is in the splice
    region. Introns of up to 13 bases are taken for errors of the assembly: they have no splice sites.
    """
    found: set[str] = set()
    numbers = []
    nearest = 0
    short = False
    insertion = start == end
    count = len(view.exons) - 1
    for place in range(count):
        # bases of the intron, numbered from its first one in the genome
        origin = view.exons[place][1]
        length = view.exons[place + 1][0] - origin
        low, high = start - origin, end - origin
        touches = low < length and high > 0
        if length <= SHORT_INTRON:
            short |= touches
            if touches:
                numbers.append(place + 1 if view.forward else count - place)
            continue
        if not view.forward:
            low, high = length - high, length - low
        # from here on 0 is the first base after the donor exon, and length - 1 the last before the acceptor
        if touches:
            numbers.append(place + 1 if view.forward else count - place)
        # the edges of this intron matter to what lies in it or in the exons beside it
        if start < view.exons[place + 1][1] and end > view.exons[place][0]:
            nearest = _nearer(nearest, low, high, length)
        found |= _terms(low, high, length, insertion=insertion)
    if found & {"splice_donor_variant", "splice_acceptor_variant", "fifth", "donor_region"}:
        found.discard("region")
    if "fifth" in found:
        found.discard("donor_region")
    names = {
        "fifth": "splice_donor_5th_base_variant",
        "donor_region": "splice_donor_region_variant",
        "region": "splice_region_variant",
        "tract": "splice_polypyrimidine_tract_variant",
    }
    return IntronEffects(
        terms=frozenset(names.get(term, term) for term in found),
        intron=min(numbers, default=0),
        nearest=0 if short else nearest,
        short_intron=short,
    )


def _terms(low: int, high: int, length: int, *, insertion: bool) -> set[str]:
    """Return the terms of intron bases ``[low, high)``; exon bases are below 0 and from ``length`` on."""

    def hits(first: int, last: int) -> bool:
        return low <= last and high > first

    found = set()
    if hits(0, 1):
        found.add("splice_donor_variant")
    if hits(length - 2, length - 1):
        found.add("splice_acceptor_variant")
    if hits(4, 4):
        found.add("fifth")
    if hits(2, 5):
        found.add("donor_region")
    if hits(length - 17, length - 3):
        found.add("tract")
    # beside a site, where an insertion is between an exon and an intron or between a site and the rest
    beside = insertion and low in {0, 2, length - 2, length}
    if hits(2, 7) or hits(length - 8, length - 3) or hits(-3, -1) or hits(length, length + 2) or beside:
        found.add("region")
    if hits(2, length - 3) or (insertion and low in {2, length - 2}):
        found.add("intron_variant")
    return found


def _nearer(nearest: int, low: int, high: int, length: int) -> int:
    """Return the distance, by size, of the allele to this intron's edges or to an edge found before."""
    last = max(high - 1, low)
    found = []
    if last < 0:
        found.append(last)  # -1 is the last base of the exon
    elif low < 0:
        found.append(1)
    if 0 <= low < length:
        found.append(low + 1)
    if 0 <= last < length:
        found.append(last - length)  # -1 is the last base of the intron
    if low >= length:
        found.append(low - length + 1)
    elif last >= length:
        found.append(-1)
    candidates = [*found, *([nearest] if nearest else [])]
    return min(candidates, key=lambda value: (abs(value), value < 0))
