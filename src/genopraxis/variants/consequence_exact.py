"""Consequences of any allele on one transcript, worked out on the sequence itself: indels, MNVs, whole exons.

Terms follow VEP 110. :mod:`genopraxis.variants.consequence_kernels` answers single bases faster; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from genopraxis.contracts.consequences import TERMS
from genopraxis.knowledge.transcripts import Flag
from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_splice import intron_effects
from genopraxis.variants.consequence_view import TranscriptView
from genopraxis.variants.hgvs_protein import describe_protein, unchanged

__all__ = ["Answer", "answer", "joint_answer", "span"]

_UNRELIABLE = Flag.FRAME_SLIPPAGE | Flag.PREMATURE_STOP | Flag.CDS_OUTSIDE_EXONS


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an allele does to a transcript; numbers are 1-based, 0 none; ``stop`` is the place of a new stop codon."""

    terms: frozenset[str]
    exon: int = 0
    intron: int = 0
    cdna: int = 0
    cds: int = 0
    codon: int = 0
    codons: str | None = None
    amino_acids: str | None = None
    protein_change: str | None = None
    splice_distance: int = 0
    stop: int | None = None
    last_exon: bool | None = None
    reference_mismatch: bool = False

    @property
    def mask(self) -> int:
        """The terms as bits."""
        return sum(1 << place for place, term in enumerate(TERMS) if term in self.terms)


def answer(view: TranscriptView, *, start: int, end: int, inserted: str, reference: str = "") -> Answer:
    """Return what replacing ``[start, end)`` by ``inserted`` does to a transcript that it overlaps.

    Parameters
    ----------
    start, end
        0-based, half-open, trimmed; an insertion is empty and lies before ``start``.
    inserted, reference
        On the forward strand; ``reference`` is compared with the transcript when it is given.
    """
    if start <= view.start and end >= view.end and len(inserted) < end - start:
        return Answer(terms=frozenset({"transcript_ablation"}))
    effects = intron_effects(view, start, end)
    base = Answer(
        terms=effects.terms,
        intron=effects.intron,
        splice_distance=effects.nearest,
    )
    touched = [
        (place, low, high)
        for place, (low, high, _) in enumerate(view.exons)
        if start < high and end > low
    ]  # fmt: skip
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
            old = reference if view.forward else reverse_complement(reference)
            base = _exonic(view, base, terms, cdna, new, old)
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
    a, b = a + lead, a + lead + len(old)
    if not old and not new:  # together they are what was there
        return Answer(terms=frozenset({"synonymous_variant"}), protein_change="p.=")
    terms: set[str] = set()
    found = _exonic(view, Answer(terms=frozenset(), cdna=a + 1), terms, (a, b), new, "")
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
    """Return the transcript bases ``[a, b)`` of an allele within one piece; ``None`` across pieces."""
    for low, high, cdna in view.pieces:
        # an insertion at the end of a piece lies in it only when the transcript goes on without a gap
        if low <= start and end <= high and (end > start or low < start < high):
            if view.forward:
                return cdna + start - low, cdna + end - low
            return cdna + high - end, cdna + high - start
    return None


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


def _exonic(
    view: TranscriptView, base: Answer, terms: set[str], cdna: tuple[int, int], new: str, old: str
) -> Answer:
    a, b = cdna
    if old and len(view.codes) and view.bases[a:b] != old and "N" not in view.bases[a:b]:
        base = replace(base, reference_mismatch=True)
    inside = a < view.cds_end and b > view.cds_start
    if b > a:
        if a < view.cds_start:
            terms.add("5_prime_UTR_variant")
        if b > view.cds_end:
            terms.add("3_prime_UTR_variant")
    elif not inside:
        terms.add("5_prime_UTR_variant" if a <= view.cds_start else "3_prime_UTR_variant")
    if not inside:
        return base
    if a < view.cds_start or b > view.cds_end:
        return _over_the_edge(view, base, terms, a, b, new)
    return _coding(view, base, terms, a, b, new)


def _over_the_edge(view: TranscriptView, base: Answer, terms: set[str], a: int, b: int, new: str) -> Answer:
    """Judge an allele that takes an end of the coding sequence and part of the UTR beside it."""
    if not len(view.codes):
        terms.add("start_lost" if a < view.cds_start else "stop_lost")
        return base
    if a < view.cds_start and b > view.cds_end:
        terms.add("coding_sequence_variant")
        return base
    if a < view.cds_start:
        if view.flags & Flag.INCOMPLETE_CDS_5:
            terms.add("coding_sequence_variant")
            return base
        before = view.bases[view.cds_start : view.cds_end]
        kept = (view.bases[:a] + new + view.bases[b : view.cds_end]).endswith(before)
        terms.add("start_retained_variant" if kept else "start_lost")
        codon = replace(base, cds=1, codon=1)
        return codon if kept else replace(codon, protein_change="p.Met1?")
    offset = a - view.cds_start + view.pad
    base = replace(base, cds=offset + 1, codon=offset // 3 + 1)
    if view.flags & Flag.INCOMPLETE_CDS_3:
        terms.add("coding_sequence_variant")
        return base
    changed = view.bases[view.cds_start : a] + new + view.bases[b:]
    kept = view.read(changed[view.cds_end - view.cds_start - 3 :][:3]) == "*"
    terms.add("stop_retained_variant" if kept else "stop_lost")
    return replace(base, protein_change=_protein(view, a, b, new, offset // 3, len(view.protein)))


def _coding(view: TranscriptView, base: Answer, terms: set[str], a: int, b: int, new: str) -> Answer:
    low, high = a - view.cds_start + view.pad, b - view.cds_start + view.pad
    first = low // 3
    last = max(first, -(-high // 3))
    if b == a and low % 3 == 0:
        last = first
    grown = len(new) - (b - a)
    base = replace(base, cds=low + 1, codon=first + 1)
    if not len(view.codes):
        terms.add(_by_length(grown))
        return base
    cds = view.coding_bases
    if 3 * last > len(cds) or (3 * first + 3 > len(cds)):
        terms.update({"incomplete_terminal_codon_variant", "coding_sequence_variant"})
        return base
    ref_codons = cds[3 * first : 3 * last]
    alt_codons = cds[3 * first : low] + new + cds[high : 3 * last]
    behind = (
        frozenset(at + grown // 3 for at in view.recoded if at >= last) if grown % 3 == 0 else frozenset()
    )
    recoded = frozenset(at for at in view.recoded if at < first) | behind
    if grown == 0:
        recoded |= view.recoded
    ref_peptide = view.read(ref_codons, first=first)
    alt_peptide = view.read(alt_codons, first=first, recoded=recoded)
    unknown = "X" in ref_peptide or "X" in alt_peptide
    found = _peptide_terms(
        view, ref_codons, alt_codons, ref_peptide, alt_peptide, a=a, b=b, new=new, first=first
    )
    if unknown and not found & {"frameshift_variant", "start_lost", "stop_lost", "start_retained_variant"}:
        found = {"coding_sequence_variant"}
    terms |= found
    if "start_lost" in found:
        change: str | None = "p.Met1?"
    elif unknown:
        change = None
    else:
        change = _protein(view, a, b, new, first, last)
    stop = None
    if found & {"stop_gained", "frameshift_variant"}:
        stop = _new_stop(view, a, b, new, first, recoded)
    whole = len(alt_codons) - len(alt_codons) % 3
    shown = alt_peptide + ("X" if len(alt_codons) > whole else "")
    return replace(
        base,
        codons=f"{_marked(ref_codons, low - 3 * first, high - 3 * first)}/"
        f"{_marked(alt_codons, low - 3 * first, low - 3 * first + len(new))}",
        amino_acids=ref_peptide if ref_peptide == shown else f"{ref_peptide or '-'}/{shown or '-'}",
        protein_change=change,
        stop=stop,
    )


def _by_length(grown: int) -> str:
    if grown % 3:
        return "frameshift_variant"
    if grown:
        return "inframe_insertion" if grown > 0 else "inframe_deletion"
    return "coding_sequence_variant"


def _peptide_terms(
    view: TranscriptView,
    ref_codons: str,
    alt_codons: str,
    ref: str,
    alt: str,
    *,
    a: int,
    b: int,
    new: str,
    first: int,
) -> set[str]:
    grown = len(new) - (b - a)
    found: set[str] = set()
    at_start = first == 0 and not view.flags & Flag.INCOMPLETE_CDS_5 and a < view.cds_start + 3
    at_stop = b > view.cds_end - 3 and not view.flags & Flag.INCOMPLETE_CDS_3
    in_frame = grown % 3 == 0
    kept_start = False
    if at_start and grown:
        before = view.bases[view.cds_start : view.cds_end]
        kept_start = (view.bases[:a] + new + view.bases[b : view.cds_end]).endswith(before)
    resembles = ref != "" and (alt.startswith(ref) or alt.endswith(ref))
    shortened = in_frame and grown < 0 and _is_deletion(ref_codons, alt_codons)
    lengthened = in_frame and grown > 0 and (alt.split("*")[0] + ("*" if "*" in alt else "")).startswith(ref)
    lengthened |= in_frame and grown > 0 and (alt.split("*")[0] + ("*" if "*" in alt else "")).endswith(ref)
    if at_start and kept_start:
        found.add("start_retained_variant")
    elif at_start and ((ref and not resembles) or (grown and not (shortened or lengthened))):
        found.add("start_lost")
    stop_kept = alt.startswith("*") and (ref.startswith("*") or first >= view.protein.find("*") >= 0)
    if not alt and at_stop and grown:
        changed = view.bases[view.cds_start : a] + new + view.bases[b:]
        kept = view.read(changed[view.cds_end - view.cds_start - 3 :][:3]) == "*"
        found.add("stop_retained_variant" if kept else "stop_lost")
    elif stop_kept:
        found.add("stop_retained_variant")
    elif "*" in alt and "*" not in ref:
        found.add("stop_gained")
    elif "*" in ref and "*" not in alt:
        found.add("stop_lost")
    if not in_frame:
        found.add("frameshift_variant")
        return found
    if grown > 0:
        if lengthened and "start_lost" not in found and not (kept_start and alt.endswith(ref)):
            found.add("inframe_insertion")
    elif grown < 0 and shortened:
        found.add("inframe_deletion")
    if grown == 0:
        if ref == alt and "stop_retained_variant" not in found:
            found.add("synonymous_variant")
        elif ref != alt and not found & {"start_lost", "stop_lost", "stop_gained", "stop_retained_variant"}:
            found.add("missense_variant")
    elif not found and ref != alt:
        found.add("protein_altering_variant")
    elif not found:
        found.add("coding_sequence_variant")
    return found


def _is_deletion(ref: str, alt: str) -> bool:
    """Tell whether the new codons are the old ones with whole codons' worth of bases cut out."""
    if ref.startswith(alt) or ref.endswith(alt):
        return True
    lead = 0
    while lead < len(alt) and ref[lead] == alt[lead]:
        lead += 1
    return ref.endswith(alt[lead:]) and (len(ref) - len(alt)) % 3 == 0


def _changed(view: TranscriptView, a: int, b: int, new: str, first: int) -> str:
    """Return the bases from codon ``first`` to the end of the changed transcript, with its tail."""
    begin = view.cds_start - view.pad + 3 * first
    missing = max(0, view.cds_start - begin)
    tail = "AAA" if view.flags & Flag.STOP_BY_POLYADENYLATION else ""
    return "N" * missing + view.bases[max(begin, view.cds_start) : a] + new + view.bases[b:] + tail


def _recoded_after(view: TranscriptView, a: int, b: int, new: str, first: int, last: int) -> frozenset[int]:
    grown = len(new) - (b - a)
    kept = frozenset(at for at in view.recoded if at < first or grown == 0)
    return kept | frozenset(at + grown // 3 for at in view.recoded if at >= last and grown % 3 == 0)


def _protein(view: TranscriptView, a: int, b: int, new: str, first: int, last: int) -> str | None:
    ref = view.protein
    if "*" in ref[:-1] or not ref:
        return None
    grown = len(new) - (b - a)
    recoded = _recoded_after(view, a, b, new, first, last)
    alt = ref[:first] + view.read(_changed(view, a, b, new, first), first=first, recoded=recoded, stop=True)
    complete = ref.endswith("*")
    if not complete:
        # nothing is known of what follows: an in-frame change ends where the transcript's reading ends
        if grown % 3 == 0 and not alt.endswith("*"):
            alt = alt[: len(ref) + grown // 3]
        elif grown % 3 and not alt.endswith("*"):
            shared = next(
                (at for at, pair in enumerate(zip(ref, alt, strict=False)) if pair[0] != pair[1]), None
            )
            if shared is None:
                return None
    if ref == alt:
        return unchanged(ref, first, max(first, last - 1))
    if "X" in alt[first:] and grown % 3 == 0:
        return None
    expected = len(ref) + grown // 3 if grown % 3 == 0 else None
    return describe_protein(ref, alt, shifted=grown % 3 != 0, expected=expected, window_end=last)


def _new_stop(
    view: TranscriptView, a: int, b: int, new: str, first: int, recoded: frozenset[int]
) -> int | None:
    """Return the first base of the new stop codon, as a place in the transcript before the change."""
    letters = view.read(_changed(view, a, b, new, first), first=first, recoded=recoded, stop=True)
    if not letters.endswith("*"):
        return None
    place = view.cds_start - view.pad + 3 * (first + len(letters) - 1)
    return place if place <= a else max(a, place - (len(new) - (b - a)))


def _marked(codons: str, low: int, high: int) -> str:
    if not codons:
        return "-"
    return codons[:low].lower() + codons[low:high] + codons[high:].lower()
