"""What the alleles of one copy of a chromosome do together to a transcript: sequence, terms, HGVS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from genopraxis.contracts.consequences import TERMS
from genopraxis.contracts.haplotype_consequences import Phase
from genopraxis.formats.fasta import Genome
from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_exact import Answer, joint_answer, span
from genopraxis.variants.consequence_view import TranscriptView
from genopraxis.variants.hgvs_coding import number, shifted, written
from genopraxis.variants.phased_haplotypes import Member

__all__ = ["CODING_TERMS", "Part", "describe", "is_read_through", "join", "ordered", "part"]

CODING_TERMS = frozenset(
    {
        "stop_gained", "frameshift_variant", "stop_lost", "start_lost", "inframe_insertion", "inframe_deletion",
        "missense_variant", "protein_altering_variant", "incomplete_terminal_codon_variant", "start_retained_variant",
        "stop_retained_variant", "synonymous_variant", "coding_sequence_variant",
    }
)  # fmt: skip
"""Terms of what is made of the codons: those of the members give way to the joint ones, any other of a member stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """An allele on a transcript: bases ``[start, end)`` of the genome, ``[a, b)`` of the transcript, and its new ones.

    ``new`` is in the direction of the transcript.
    """

    start: int
    end: int
    a: int
    b: int
    new: str


def part(view: TranscriptView, *, pos: int, ref: str, alt: str) -> Part | None:
    """Return an allele (``pos`` 1-based) on a transcript; ``None`` when it is not within one exon's coding bases."""
    lead, old, new = trimmed(ref, alt)
    start = pos - 1 + lead
    placed = span(view, start, start + len(old))
    if placed is None or placed[0] < view.cds_start or placed[1] > view.cds_end:
        return None
    own = new if view.forward else reverse_complement(new)
    return Part(start=start, end=start + len(old), a=placed[0], b=placed[1], new=own)


def join(view: TranscriptView, parts: Sequence[Part]) -> Answer:
    """Return what the parts, by rising place in the transcript, do together."""
    return joint_answer(view, [(one.a, one.b, one.new) for one in parts])


def is_read_through(view: TranscriptView, members: Sequence[Member], parts: Sequence[Part]) -> bool:
    """Tell whether a ribosome gets from the first to the last member: a frame is restored in time.

    Members that share their codons with a neighbour are read together however that ends.
    """
    reach = members[0].last
    shift = 0
    first = members[0].first
    recoded = frozenset(at for at in view.recoded if at < first)
    begin = view.cds_start - view.pad + 3 * first
    joined = "N" * (view.cds_start - begin) + view.bases[max(begin, view.cds_start) : parts[0].a]
    for at, (one, own) in enumerate(zip(members, parts, strict=True)):
        if at:
            joined += view.bases[parts[at - 1].b : own.a]
            if one.first > reach and shift and "*" in view.read(joined, first=first, recoded=recoded):
                return False
        joined += own.new
        shift = (shift + one.grown) % 3
        reach = max(reach, one.last)
    return True


def describe(
    view: TranscriptView,
    parts: Sequence[Part],
    singles: Sequence[str | None],
    *,
    genome: Genome | None,
    phase: Phase,
) -> str | None:
    """Return HGVS c. of parts on one copy.

    One description where they lie side by side, or with one base between them in one codon (HGVS 21, DNA
    deletion-insertion); else ``c.[…;…]``, and ``c.…(;)…`` where phase is unknown.

    Parameters
    ----------
    singles
        The description of each part alone.
    """
    if phase != "unknown" and _is_one(view, parts):
        return _described(view, parts, genome)
    bare = [one.removeprefix("c.") for one in singles if one]
    if len(bare) < len(parts):
        return None
    return f"c.{'(;)'.join(bare)}" if phase == "unknown" else f"c.[{';'.join(bare)}]"


def _is_one(view: TranscriptView, parts: Sequence[Part]) -> bool:
    for one, other in pairwise(parts):
        between = other.a - one.b
        apart = other.start - one.end if view.forward else one.start - other.end
        if apart != between or between > 1:
            return False
        if between == 1:
            first, last = (at - view.cds_start + view.pad for at in (one.b - 1, other.a))
            substituted = all(len(each.new) == each.b - each.a for each in (one, other))
            if first // 3 != last // 3 or not substituted:
                return False
    return True


def _described(view: TranscriptView, parts: Sequence[Part], genome: Genome | None) -> str | None:
    start, end = min(one.start for one in parts), max(one.end for one in parts)
    a, b = parts[0].a, parts[-1].b
    new = parts[0].new
    for one, other in pairwise(parts):
        new += view.bases[one.b : other.a] + other.new
    old = view.bases[a:b]
    if not view.forward:
        old, new = reverse_complement(old), reverse_complement(new)
    lead, old, new = trimmed(old, new)
    if not old and not new:
        return "c.="
    start, end = start + lead, start + lead + len(old)
    sequence = None if genome is None or view.chrom not in genome.contigs else genome.sequence(view.chrom)
    for bases in (sequence, None):
        moved = shifted(bases, start=start, end=end, inserted=new, forward=view.forward, reference=old)
        places = view.place(moved.first), view.place(moved.last)
        if places[0] is not None and places[1] is not None:
            first, last = (
                number(*place, cds_start=view.cds_start, cds_end=view.cds_end) for place in places if place
            )
            return written(moved, first, last, coding=True)
    return None


def ordered(terms: frozenset[str]) -> list[str]:
    """Return terms, most severe first."""
    return [term for term in TERMS if term in terms]
