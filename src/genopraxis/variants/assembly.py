"""Which assembly a VCF is on: what its header says, or else whether its REF alleles are what a genome has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from types import MappingProxyType
from typing import Literal

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import (
    CHROMOSOMES,
    LENGTHS,
    OLD_MITOCHONDRION,
    Assembly,
    accession_assembly,
)
from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_header import VcfHeader
from genopraxis.variants.normalise import normalise
from genopraxis.variants.normalise_counts import NormaliseCounts

__all__ = ["AssemblyCall", "assembly_of_genome", "assembly_of_header", "find_assembly"]

Basis = Literal["contig lengths", "accessions", "REF alleles", "stated"]

ENOUGH = 2000
"""Records whose REF is looked at."""

_MATCHING = 0.98
_AT_LEAST = 10  # three of ten REF alleles agree by chance, ten of ten do not
_ADVICE = "one file has one assembly: find out which, and lift the rest over"


@dataclass(frozen=True, kw_only=True, slots=True)
class AssemblyCall:
    """The assembly of a file and how it was found.

    Parameters
    ----------
    assembly
        GRCh37 (b37, hg19, hs37d5) or GRCh38 (hg38).
    basis
        What told it.
    support
        Contigs, or records, that say so.
    old_mitochondrion
        Whether its mitochondrion is that of UCSC's hg19 (16,571 bp) rather than the revised Cambridge sequence.
    """

    assembly: Assembly
    basis: Basis
    support: int
    old_mitochondrion: bool = False


def find_assembly(
    header: VcfHeader,
    *,
    genome: Genome | None = None,
    batches: Iterable[VcfBatch] = (),
    stated: Assembly | None = None,
    where: str | None = None,
) -> AssemblyCall | None:
    """Find the assembly of a VCF: by its header, by accessions in CHROM, by REF alleles, by the user's word.

    Parameters
    ----------
    header
        Its header.
    genome
        A FASTA that the variants should be on; it may hold some chromosomes only, or parts of them.
    batches
        Records, of which as many as needed are looked at: their contigs, when the header says nothing, and REF.
    stated
        What the user says.

    Returns
    -------
    AssemblyCall or None
        ``None`` when nothing tells it: no lengths, no accessions, and no genome of a known assembly.

    Raises
    ------
    InputError
        When header, genome, REF alleles and the user's word contradict each other, or when contigs have lengths of
        neither assembly.
    """
    of_genome = None if genome is None else assembly_of_genome(genome)
    contigs = {} if genome is None else genome.contigs
    found = assembly_of_header(header, known_lengths=contigs, where=where)
    words: list[tuple[str, Assembly]] = []
    its_words = "the header"
    if found is None:
        records = iter(batches)
        first = list(islice(records, 1))
        batches = chain(first, records)
        found = _of_records(first, where=where)
        its_words = "the accessions of its records"
    if found is not None:
        words.append((its_words, found.assembly))
    if of_genome is not None:
        words.append(("the FASTA", of_genome.assembly))
    if stated is not None:
        words.append(("what was stated", stated))
    for its, assembly in words[1:]:
        _agree(*words[0], its, assembly, where=where)
    if OLD_MITOCHONDRION in header.lengths() and "MT" in contigs and OLD_MITOCHONDRION not in contigs:
        raise InputError(
            "the header has hg19's old mitochondrion (16,571 bases), the FASTA the revised one (16,569)",
            where=where,
            hint="give the FASTA of UCSC's hg19, or leave the mitochondrial variants out",
        )
    if found is not None:
        return found
    if genome is not None and words and (support := _matching(batches, genome, where=where)):
        return AssemblyCall(assembly=words[0][1], basis="REF alleles", support=support)
    if stated is not None:
        return AssemblyCall(assembly=stated, basis="stated", support=0)
    return None


def assembly_of_header(
    header: VcfHeader, *, known_lengths: Mapping[str, int] = MappingProxyType({}), where: str | None = None
) -> AssemblyCall | None:
    """Find the assembly by the contig lengths of a header, or by accessions among its contig names.

    Parameters
    ----------
    known_lengths
        Lengths by canonical name that may occur beside those of the assemblies: of a FASTA with parts of chromosomes.

    Raises
    ------
    InputError
        When contigs are of both assemblies, or a chromosome has the length of neither.
    """
    lengths = header.lengths()
    votes = _votes(lengths)
    strange = [
        f"{chrom} has {length:,}"
        for chrom, length in lengths.items()
        if chrom in CHROMOSOMES
        and length != known_lengths.get(chrom)
        and all(length != LENGTHS[assembly][chrom] for assembly in Assembly)
    ]
    if strange:
        raise InputError(
            f"contig lengths in the header are of neither GRCh37 nor GRCh38 ({', '.join(strange[:3])})",
            where=where,
            hint="variants on NCBI36 (hg18), T2T-CHM13 or another species must be lifted over first",
        )
    old = OLD_MITOCHONDRION in lengths
    if old and votes[Assembly.GRCH38]:
        raise InputError(
            "the header has lengths of GRCh38 and the mitochondrion of hg19", where=where, hint=_ADVICE
        )
    call = _call(votes, "contig lengths", old=old, where=where)
    by_name = _call(_names(header.contigs), "accessions", old=old, where=where)
    if call is not None and by_name is not None:
        _agree("contig lengths", call.assembly, "contig accessions", by_name.assembly, where=where)
    return call or by_name


def assembly_of_genome(genome: Genome) -> AssemblyCall | None:
    """Find the assembly of a FASTA by its contig lengths or accessions; ``None`` for parts of chromosomes.

    Raises
    ------
    InputError
        When it has chromosomes of both assemblies.
    """
    where = str(genome.path)
    old = OLD_MITOCHONDRION in genome.contigs
    call = _call(_votes(genome.contigs), "contig lengths", old=old, where=where)
    return call or _call(_names(genome.names.values()), "accessions", old=old, where=where)


def _votes(lengths: Mapping[str, int]) -> dict[Assembly, int]:
    return {
        assembly: sum(
            lengths.get(chrom) == length for chrom, length in LENGTHS[assembly].items() if chrom != "MT"
        )
        for assembly in Assembly
    }


def _names(names: Iterable[str]) -> dict[Assembly, int]:
    votes = dict.fromkeys(Assembly, 0)
    for name in names:
        if (assembly := accession_assembly(name)) is not None:
            votes[assembly] += 1
    return votes


def _call(votes: dict[Assembly, int], basis: Basis, *, old: bool, where: str | None) -> AssemblyCall | None:
    if all(votes.values()):
        counts = " and ".join(f"{count} of {assembly}" for assembly, count in votes.items())
        raise InputError(f"the {basis} are of two assemblies: {counts}", where=where, hint=_ADVICE)
    for assembly, support in votes.items():
        if support:
            return AssemblyCall(assembly=assembly, basis=basis, support=support, old_mitochondrion=old)
    if old:
        return AssemblyCall(
            assembly=Assembly.GRCH37, basis="contig lengths", support=1, old_mitochondrion=True
        )
    return None


def _agree(its: str, one: Assembly, others: str, other: Assembly, *, where: str | None) -> None:
    if one is not other:
        raise InputError(
            f"the assembly is {one} by {its} and {other} by {others}",
            where=where,
            hint="give the FASTA and the knowledge of the assembly that the variants are on, or lift them over",
        )


def _of_records(batches: Iterable[VcfBatch], *, where: str | None) -> AssemblyCall | None:
    """Find the assembly by accessions in CHROM; ``support`` counts the names that say so."""
    names = dict.fromkeys(name for batch in batches for name in batch.chrom_names)
    return _call(_names(names), "accessions", old=False, where=where)


def _matching(batches: Iterable[VcfBatch], genome: Genome, *, where: str | None) -> int:
    """Return how many REF alleles are what the genome has; 0 when too few could be looked at."""
    counts = NormaliseCounts()
    for batch in batches:
        counts += normalise(batch, genome=genome, missing_contigs="keep")[1]
        if counts.reference_checked >= ENOUGH:
            break
    if counts.reference_checked < _AT_LEAST:
        return 0
    counts.refuse_wrong_genome(limit=1 - _MATCHING, where=where)
    return counts.reference_checked - counts.reference_differs
