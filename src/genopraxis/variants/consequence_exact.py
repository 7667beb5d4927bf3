"""Consequences of any allele on one transcript, worked out on the sequence itself: indels, MNVs, whole exons.

Terms follow VEP 110. :mod:`genopraxis.variants.consequence_kernels` answers single bases faster; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.transcripts import Flag
from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_coding import Answer, exonic
from genopraxis.variants.consequence_placement import moved_along, placed
from genopraxis.variants.consequence_splice import intron_effects
from genopraxis.variants.consequence_view import TranscriptView

__all__ = ["Answer", "answer", "joint_answer", "span"]

_UNRELIABLE = Flag.FRAME_SLIPPAGE | Flag.PREMATURE_STOP | Flag.CDS_OUTSIDE_EXONS


def answer(
    view: TranscriptView,
    *,
    start: int,
    end: int,
    inserted: str,
    reference: str = "",
    bases: NDArray[np.uint8] | None = None,
) -> Answer:
    """Return what replacing ``[start, end)`` by ``inserted`` does to a transcript that it overlaps.

    Parameters
    ----------
    start, end
        0-based, half-open, trimmed; an insertion is empty and lies before ``start``.
    inserted, reference
        On the forward strand; ``reference`` is compared with the transcript when it is given.
    bases
        The contig in upper-case ASCII: an insertion or a deletion in a repeat is judged where
        :func:`~genopraxis.variants.consequence_placement.placed` puts it.
    """
    if start <= view.start and end >= view.end and len(inserted) < end - start:
        return Answer(terms=frozenset({"transcript_ablation"}))
    mismatch = _mismatch(view, start, end, reference)
    where = placed(view, start=start, end=end, inserted=inserted, bases=bases)
    start, end, inserted = where.start, where.end, where.inserted
    effects = intron_effects(view, start, end)
    base = Answer(
        terms=effects.terms,
        intron=effects.intron,
        splice_distance=effects.nearest,
        reference_mismatch=mismatch,
    )
    # what is put between exon and intron lengthens the exon: the intron's ends, which are recognised, are there still
    reach = int(start == end)
    touched = [
        (place, low, high)
        for place, (low, high, _) in enumerate(view.exons)
        if start < high + reach and end > low - reach
    ]
    terms = set(effects.terms)
    if touched or effects.short_intron:
        if touched:
            base = _with_exon(base, view, touched, start, end)
        cdna = span(view, start, end)
        whole = len(touched) == 1 and touched[0][1] <= start and end <= touched[0][2] and cdna is not None
        if not view.coding:
            terms.add("non_coding_transcript_exon_variant")
        elif whole and cdna is not None:
            new = inserted if view.forward else reverse_complement(inserted)
            base = replace(exonic(view, base, terms, cdna, new), cdna=cdna[0] + 1)
        else:
            _broken(view, terms, start, end)
    elif not view.coding:
        terms.add("non_coding_transcript_variant")
    if view.flags & Flag.NMD:
        terms.add("NMD_transcript_variant")
    if base.stop is None and {"splice_donor_variant", "splice_acceptor_variant"} & terms and view.coding:
        base = replace(base, stop=_edge(view, start, end))
    change = None if view.flags & _UNRELIABLE else base.protein_change
    return replace(base, terms=frozenset(terms), protein_change=change)


def joint_answer(view: TranscriptView, parts: Sequence[tuple[int, int, str]]) -> Answer:
    """Return what several replacements within the coding sequence do to it together; splice sites are not judged.

    Parameters
    ----------
    parts
        Bases ``[a, b)`` of the transcript and what replaces them, in its direction; by rising place, none
        overlapping another. They may lie in several exons.
    """
    a, b = parts[0][0], parts[-1][1]
    new = parts[0][2]
    for (_, before, _), (after, _, more) in pairwise(parts):
        new += view.bases[before:after] + more
    lead, old, new = trimmed(view.bases[a:b], new)
    a, b, new = moved_along(view.bases, a + lead, a + lead + len(old), new)
    if not old and not new:  # together they are what was there
        return Answer(terms=frozenset({"synonymous_variant"}), protein_change="p.=")
    terms: set[str] = set()
    found = exonic(view, Answer(terms=frozenset(), cdna=a + 1), terms, (a, b), new)
    change = None if view.flags & _UNRELIABLE else found.protein_change
    return replace(found, terms=frozenset(terms), protein_change=change)


def _with_exon(
    base: Answer, view: TranscriptView, touched: list[tuple[int, int, int]], start: int, end: int
) -> Answer:
    order = touched if view.forward else touched[::-1]
    first = order[0]
    position = max(start, first[1]) if view.forward else min(end, first[2]) - 1
    if start == end:
        position = start if view.forward else start - 1
    placed = view.place(position)
    last = len(view.exons) - 1 if view.forward else 0
    return replace(
        base,
        exon=first[0] + 1 if view.forward else len(view.exons) - first[0],
        cdna=placed[0] + 1 if placed else 0,
        last_exon=first[0] == last,
    )


def span(view: TranscriptView, start: int, end: int) -> tuple[int, int] | None:
    """Return the transcript bases ``[a, b)`` of an allele within one piece; ``None`` across pieces.

    An insertion at the end of a piece lies in it when an intron follows, not when a gap of the alignment does.
    """
    for low, high, cdna in view.pieces:
        if not (low <= start and end <= high):
            continue
        if end > start or low < start < high or _at_intron(view, start):
            if view.forward:
                return cdna + start - low, cdna + end - low
            return cdna + high - end, cdna + high - start
    return None


def _at_intron(view: TranscriptView, position: int) -> bool:
    """Tell whether an exon ends and an intron begins before a position, or the other way round."""
    return any(
        position in {before[1], after[0]} for before, after in zip(view.exons, view.exons[1:], strict=False)
    )


def _mismatch(view: TranscriptView, start: int, end: int, reference: str) -> bool:
    """Tell whether the allele says that other bases are there than the transcript has."""
    found = span(view, start, end) if reference and len(view.codes) else None
    if found is None or "N" in view.bases[found[0] : found[1]]:
        return False
    return view.bases[found[0] : found[1]] != (reference if view.forward else reverse_complement(reference))


def _broken(view: TranscriptView, terms: set[str], start: int, end: int) -> None:
    """Add the terms of an allele that is not inside one exon: it takes an edge, an intron or a gap with it."""
    places = [view.place(max(start, low)) for low, high, _ in view.exons if start < high and end > low]
    places += [view.place(min(end, high) - 1) for low, high, _ in view.exons if start < high and end > low]
    at = [placed[0] for placed in places if placed]
    if not at:  # in a short intron, or in bases that the transcript lacks
        near = view.place(start) or view.place(max(start - 1, view.start))
        at = [near[0]] if near else [view.cds_start]
    if min(at) < view.cds_start:
        terms.add("5_prime_UTR_variant")
    if max(at) >= view.cds_end:
        terms.add("3_prime_UTR_variant")
    if min(at) < view.cds_end and max(at) >= view.cds_start:
        terms.add("coding_sequence_variant")


def _edge(view: TranscriptView, start: int, end: int) -> int | None:
    """Return the coding base next to the splice site that an allele hits."""
    for position in (start - 1, start, end - 1, end):
        placed = view.place(position) if view.start <= position < view.end else None
        if placed and placed[1] and view.cds_start <= placed[0] < view.cds_end:
            return placed[0]
    return None
