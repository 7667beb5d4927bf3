"""The summary of a VCF as a document: what was read, how good it is, what it holds, what was found of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.provenance import Provenance

__all__ = [
    "ClinVarCount",
    "ConsequenceSummary",
    "FileSummary",
    "Histogram",
    "QualitySummary",
    "QualityWarning",
    "Repair",
    "SampleQuality",
    "ScoreSummary",
    "SexCheck",
    "StoreSummary",
    "TransitionRatio",
]

Outcome = Literal["complete", "genotypes_not_read", "sites_only", "no_records"]


class Histogram(Part):
    """Counts in bins."""

    edges: tuple[float, ...] = Field(description="where each bin begins, and where the last one ends")
    counts: tuple[int, ...]
    open_end: bool = Field(default=False, description="the last bin holds everything from its beginning on")


class Repair(Part):
    """Something that was repaired, left as it is with a remark, or dropped."""

    code: str
    n: int
    text: str


class QualityWarning(Part):
    """Something that a reader should look into before relying on the file."""

    code: str
    text: str = Field(description="what was found, with its figures")
    limit: str = Field(description="the rule")
    source: str = Field(description="whose rule it is")


class FileSummary(Part):
    """The file as it was read."""

    name: str
    version: str = Field(description="of the VCF format, as in its header")
    packing: str = Field(description="plain, gzip, bgzip or bcf")
    samples: int
    contigs: int = Field(description="that the header names")
    sorted: bool | None = Field(description="whether records are in order; null: not looked at")
    assembly: str | None = Field(description="null: nothing tells it")
    assembly_basis: str | None = Field(description="what tells it")
    assembly_support: int | None = Field(description="contigs or records that say so")
    named_assemblies: tuple[str, ...] = Field(
        description="that the reference and contig lines of the header speak of"
    )
    definitions: dict[str, int] = Field(description="INFO, FORMAT, FILTER and contig definitions")


class TransitionRatio(Part):
    """Transitions over transversions of one set of SNVs."""

    name: Literal["all", "pass", "all_coding", "pass_coding"] = Field(
        description="pass: passed their filters, or none was applied; coding: they change coding sequence"
    )
    transitions: int
    transversions: int
    ratio: float | None = Field(description="null: no transversion")


class SexCheck(Part):
    """Which sex chromosomes a sample's genotypes are consistent with, outside the pseudo-autosomal regions."""

    call: Literal["XX", "XY", "unclear"]
    reason: str
    stated: str | None = Field(description="the sex that was stated; null: none was")
    agreement: Literal["agrees", "conflicts", "unclear", "not stated"]
    x_het: int = Field(description="heterozygous biallelic SNVs on X")
    x_hom: int = Field(description="homozygous alternative ones")
    x_haploid: int = Field(description="haploid ones that carry the allele")
    x_het_share: float | None = Field(description="x_het / (x_het + x_hom)")
    autosome_het_share: float | None = Field(description="the same on autosomes")
    x_depth_ratio: float | None = Field(description="median depth on X over that on autosomes")
    y_called: int = Field(description="called genotypes of biallelic SNVs on Y")
    y_hom: int = Field(description="homozygous alternative or haploid carrying ones")
    y_het: int
    y_depth_ratio: float | None


class SampleQuality(Part):
    """One sample; genotypes of records that passed their filters or have none. Null: not measured."""

    name: str
    called: int
    missing: int = Field(description="records without a genotype of this sample")
    partly: int = Field(description="genotypes with a part that is not called")
    missing_share: float | None
    het_snvs: int = Field(description="heterozygous genotypes at biallelic SNVs on autosomes")
    hom_snvs: int = Field(description="homozygous alternative ones")
    het_hom_snvs: float | None
    het_indels: int
    hom_indels: int
    het_hom_indels: float | None
    transitions: int = Field(description="SNVs carried")
    transversions: int
    ti_tv: float | None
    carried: int = Field(description="alternative alleles carried")
    singletons: int | None = Field(
        description="of these, carried once and by nobody else; null: a single sample"
    )
    singleton_share: float | None
    phased_share: float | None = Field(description="of heterozygous genotypes")
    phase_set_share: float | None = Field(description="of heterozygous genotypes, with a phase set")
    depth_median: float | None = Field(
        description="reads at called genotypes, DP or else the sum of AD; exact to 100"
    )
    quality_median: float | None = Field(description="GQ")
    balance_median: float | None = Field(
        description="share of the alternative allele's reads at heterozygous SNVs of 10 reads or more"
    )
    balance_off: float | None = Field(description="of these SNVs, those outside 0.3 to 0.7")
    ref_reads_at_hom: float | None = Field(
        description="share of reference reads at homozygous alternative SNVs of 10 reads or more"
    )
    sex: SexCheck


class ConsequenceSummary(Part):
    """What the alleles do, each by its most severe consequence."""

    source: str | None
    alleles: int
    terms: dict[str, int] = Field(description="most severe first")
    impacts: dict[str, int]
    biotypes: dict[str, int]
    flagged: int = Field(description="alleles whose consequence has a flag that limits trust")
    flags: dict[str, int]
    inside: int = Field(description="alleles inside a transcript")
    mane: int = Field(description="of these, those inside a MANE transcript")
    high_impact: int
    premature_stops: int = Field(
        description="of these, those of which it is known whether they escape nonsense-mediated decay"
    )
    escaping: int = Field(description="of these, those that do")


class ClinVarCount(Part):
    """Alleles that ClinVar calls so with that many stars."""

    significance: str
    stars: int | None = Field(description="null: not stated")
    n: int


class ScoreSummary(Part):
    """One numeric column."""

    name: str
    source: str = Field(description="the store, or INFO")
    n: int = Field(description="alleles with a value")
    low: float
    high: float
    histogram: Histogram


class StoreSummary(Part):
    """What a store knows of the alleles."""

    name: str
    found: int
    not_found: int = Field(description="looked at and not there")
    not_covered: int = Field(description="outside what the store could see")
    no_key: int = Field(description="alleles that cannot be looked up, such as symbolic ones")
    covered_share: float | None = Field(
        description="found or not found, of the alleles that can be looked up"
    )
    frequencies: Histogram | None = Field(description="of found alleles; null: the store has none")
    without_frequency: int
    rare: dict[str, int] | None = Field(
        description="alleles below each frequency, those that are not there included; null: no frequencies"
    )
    clinvar: tuple[ClinVarCount, ...] | None


class QualitySummary(Document):
    """The summary of one annotated VCF."""

    schema_id: ClassVar[str] = "genopraxis.vcf-summary/1"

    outcome: Outcome = Field(
        description="sites_only: the file has no samples; genotypes_not_read: it has, and nobody asked for them; "
        "no_records: nothing but a header"
    )
    file: FileSummary
    records: int
    alleles: int
    passing: int = Field(description="records with PASS")
    filtered: int = Field(description="records that failed a filter; the rest: filters were not applied")
    kinds: dict[str, int] = Field(description="alleles by kind")
    normalised: dict[str, int] = Field(description="what normalising did, in records or alleles")
    without_contig: dict[str, int] = Field(description="records on contigs that the genome does not have")
    mismatches: tuple[str, ...] = Field(description="some REF that differ from the genome")
    repairs: tuple[Repair, ...]
    indel_lengths: Histogram = Field(description="bases gained; the outer bins are open")
    chromosomes: dict[str, int] = Field(description="records")
    other_contigs: dict[str, int] = Field(description="records, the contigs with most first, 50 at most")
    filters: dict[str, int] = Field(description="records that failed each filter")
    qualities: Histogram = Field(description="QUAL of records")
    without_quality: int
    transitions: tuple[TransitionRatio, ...]
    samples: tuple[SampleQuality, ...]
    depths: Histogram | None = Field(description="of all samples' called genotypes; null: no depth is stated")
    genotype_qualities: Histogram | None
    balances: Histogram | None = Field(description="share of the alternative reads at heterozygous SNVs")
    consequences: ConsequenceSummary | None = Field(description="null: nothing tells them")
    stores: tuple[StoreSummary, ...]
    scores: tuple[ScoreSummary, ...]
    warnings: tuple[QualityWarning, ...]
    notes: tuple[str, ...] = ()
    provenance: Provenance
