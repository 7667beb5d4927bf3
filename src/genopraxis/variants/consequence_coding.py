"""Terms and columns of an allele in an exon, from the codons that it changes and what is read after them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from genopraxis.contracts.consequences import TERMS
from genopraxis.knowledge.transcripts import Flag
from genopraxis.variants.consequence_reading import (
    keeps_coding_bases,
    keeps_protein,
    keeps_start,
    new_stop,
    protein_change,
)
from genopraxis.variants.consequence_view import TranscriptView

__all__ = ["Answer", "exonic"]


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


def exonic(view: TranscriptView, base: Answer, terms: set[str], cdna: tuple[int, int], new: str) -> Answer:
    """Add the terms of bases ``[a, b)`` of the transcript becoming ``new``, and return the columns filled in."""
    a, b = cdna
    whole_start = bool(len(view.codes)) and not view.flags & Flag.INCOMPLETE_CDS_5
    inside = a < view.cds_end and b > view.cds_start
    # what begins to code first is read first: a copy of the start codon lengthens the protein
    at_start = inside and whole_start and (a < view.cds_start or not keeps_start(view, a, b, new))
    if at_start and keeps_coding_bases(view, a, b, new):
        terms.add("5_prime_UTR_variant")
        return base
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
        base = replace(base, cds=1, codon=1)
        if not keeps_start(view, a, b, new):
            terms.add("start_lost")
            return replace(base, protein_change="p.Met1?")
        # the new bases end in codons that take the place of the old ones
        split = a + len(new) - (b - view.cds_start)
        inner: set[str] = set()
        found = _coding(view, base, inner, view.cds_start, b, (view.bases[:a] + new)[split:])
        terms |= {"start_retained_variant", *(inner - {"synonymous_variant"})}
        return found
    offset = a - view.cds_start + view.pad
    base = replace(base, cds=offset + 1, codon=offset // 3 + 1)
    if view.flags & Flag.INCOMPLETE_CDS_3:
        terms.add("coding_sequence_variant")
        return base
    changed = view.bases[view.cds_start : a] + new + view.bases[b:]
    # a stop codon at the old place is the old one when all before it is as long as it was
    at_place = view.read(changed[view.cds_end - view.cds_start - 3 :][:3]) == "*"
    kept = at_place and (a >= view.cds_end - 3 or len(new) == b - a)
    kept |= keeps_protein(view, a, b, new, offset // 3)
    terms.add("stop_retained_variant" if kept else "stop_lost")
    return replace(base, protein_change=protein_change(view, a, b, new, offset // 3, len(view.protein)))


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
    if grown and "start_lost" not in found and keeps_protein(view, a, b, new, first):
        found = {"stop_retained_variant"}
    if unknown and not found & {"frameshift_variant", "start_lost", "stop_lost", "start_retained_variant"}:
        found = {"coding_sequence_variant"}
    terms |= found
    if "start_lost" in found:
        change: str | None = "p.Met1?"
    elif unknown:
        change = None
    else:
        change = protein_change(view, a, b, new, first, last)
    stop = None
    if found & {"stop_gained", "frameshift_variant"}:
        stop = new_stop(view, a, b, new, first, recoded)
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
    shortened = in_frame and grown < 0 and _is_deletion(ref_codons, alt_codons)
    # a new stop codon may come before the codon that the insertion cuts, or be all that is left
    begun = alt[: alt.find("*") + 1] if "*" in alt else alt
    lengthened = (
        in_frame and grown > 0 and any(one.startswith(ref) or one.endswith(ref) for one in (alt, begun))
    )
    if at_start and not keeps_start(view, a, b, new):
        found.add("start_lost")
    elif at_start and grown:
        found.add("start_retained_variant")
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
        if lengthened and "start_lost" not in found:
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


def _marked(codons: str, low: int, high: int) -> str:
    if not codons:
        return "-"
    return codons[:low].lower() + codons[low:high] + codons[high:].lower()
