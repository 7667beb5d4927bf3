"""From counts to the summary document: shares, ratios, medians, and the sex check of each sample."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.provenance import Provenance
from genopraxis.contracts.variants import KINDS
from genopraxis.formats.contig_names import CHROMOSOMES, Assembly
from genopraxis.formats.vcf_header import VcfHeader
from genopraxis.formats.vcf_repairs import REASONS, VcfRepairs
from genopraxis.variants.assembly import AssemblyCall
from genopraxis.variants.normalise_counts import NormaliseCounts
from genopraxis.variants.quality_counts import LONGEST, QUAL_EDGES, SETS, BatchCounts
from genopraxis.variants.quality_document import (
    FileSummary,
    Histogram,
    Outcome,
    QualitySummary,
    Repair,
    SampleQuality,
    SexCheck,
    TransitionRatio,
)
from genopraxis.variants.quality_kernels import BALANCE_BINS, DEPTH_EDGES, Place, Seen
from genopraxis.variants.quality_known_summary import consequence_summary, score_summaries, store_summaries
from genopraxis.variants.quality_rules import quality_warnings
from genopraxis.variants.quality_samples import SampleCounts, median_of, median_place
from genopraxis.variants.quality_sex import SexFigures, agreement, call_sex

__all__ = ["summarise"]

_CONTIGS_SHOWN = 50
_ASSEMBLY_WORDS = {
    Assembly.GRCH37: re.compile(r"grch37|hg19|\bb37\b|hs37|g1k_v37|GCF_000001405\.(?:1[3-9]|2[0-5])\b", re.I),
    Assembly.GRCH38: re.compile(r"grch38|hg38|\bb38\b|hs38|GCF_000001405\.(?:2[6-9]|[34]\d)\b", re.I),
}


def summarise(
    counts: BatchCounts,
    *,
    name: str,
    header: VcfHeader,
    packing: str,
    in_order: bool | None,
    reading: VcfRepairs,
    assembly: AssemblyCall | None,
    stated_sex: Mapping[str, str],
    notes: Sequence[str],
    provenance: Provenance,
) -> QualitySummary:
    """Return the summary with its warnings; parameters as those of ``QualityCounts.document``."""
    samples = () if counts.samples is None else tuple(_samples(counts.samples, stated_sex))
    summary = QualitySummary(
        outcome=_outcome(counts, header),
        file=_file(name, header, packing, in_order=in_order, assembly=assembly),
        records=counts.records,
        alleles=int(counts.kinds.sum()),
        passing=counts.passing,
        filtered=counts.filtered,
        kinds={kind: int(n) for kind, n in zip(KINDS, counts.kinds, strict=True) if n},
        normalised=_normalised(counts.normalised),
        without_contig=dict(counts.normalised.without_contig),
        mismatches=counts.normalised.examples,
        repairs=tuple(_repairs(reading + counts.repairs + counts.normalised.repairs)),
        indel_lengths=_bins(range(-LONGEST - 1, LONGEST + 3), counts.indels, open_end=True),
        chromosomes={one: int(n) for one, n in zip(CHROMOSOMES, counts.chromosomes, strict=False)},
        other_contigs=dict(list(counts.contigs.most().items())[:_CONTIGS_SHOWN]),
        filters=counts.filters.most(),
        qualities=_bins((*QUAL_EDGES, 2 * QUAL_EDGES[-1]), counts.qualities, open_end=True),
        without_quality=counts.records - int(counts.qualities.sum()),
        transitions=tuple(
            TransitionRatio(
                name=one, transitions=int(ti), transversions=int(tv), ratio=_ratio(int(ti), int(tv))
            )
            for one, (ti, tv) in zip(SETS, counts.changes, strict=True)
        ),
        samples=samples,
        depths=_pooled_depths(counts.samples),
        genotype_qualities=_pooled(counts.samples, "qualities", range(101), open_end=True),
        balances=_pooled(counts.samples, "balances", np.linspace(0, 1, BALANCE_BINS + 1)),
        consequences=consequence_summary(counts.consequences),
        stores=tuple(store_summaries(counts.stores)),
        scores=tuple(score_summaries(counts.stores, counts.scores)),
        warnings=(),
        notes=tuple(notes),
        provenance=provenance,
    )
    return summary.model_copy(update={"warnings": tuple(quality_warnings(summary))})


def _outcome(counts: BatchCounts, header: VcfHeader) -> Outcome:
    if not counts.records:
        return "no_records"
    if counts.samples is not None:
        return "complete"
    return "genotypes_not_read" if header.samples else "sites_only"


def _file(
    name: str, header: VcfHeader, packing: str, *, in_order: bool | None, assembly: AssemblyCall | None
) -> FileSummary:
    lines = "\n".join(line for line in header.meta if line.startswith(("##reference=", "##contig=<")))
    return FileSummary(
        name=name,
        version=".".join(map(str, header.version)),
        packing=packing,
        samples=len(header.samples),
        contigs=len(header.contigs),
        sorted=in_order,
        assembly=None if assembly is None else str(assembly.assembly),
        assembly_basis=None if assembly is None else assembly.basis,
        assembly_support=None if assembly is None else assembly.support,
        named_assemblies=tuple(str(one) for one, words in _ASSEMBLY_WORDS.items() if words.search(lines)),
        definitions={
            "INFO": len(header.info),
            "FORMAT": len(header.formats),
            "FILTER": len(header.filters),
            "contigs": len(header.contigs),
        },
    )


def _normalised(done: NormaliseCounts) -> dict[str, int]:
    return {
        "split_records": done.split_records,
        "trimmed": done.trimmed,
        "shifted": done.shifted,
        "reference_checked": done.reference_checked,
        "reference_differs": done.reference_differs,
        "reference_unknown": done.reference_unknown,
    }


def _repairs(repairs: VcfRepairs) -> Iterator[Repair]:
    for code, n in repairs.counts.items():
        yield Repair(code=code, n=n, text=REASONS[code])


def _samples(counts: SampleCounts, stated_sex: Mapping[str, str]) -> Iterator[SampleQuality]:
    many = len(counts.samples) > 1
    for number, name in enumerate(counts.samples):
        seen = {what: int(counts.seen[number, what]) for what in Seen}
        het_snvs, hom_snvs = seen[Seen.HET_SNV], seen[Seen.HOM_SNV]
        balances = counts.balances[number]
        yield SampleQuality(
            name=name,
            called=seen[Seen.CALLED],
            missing=counts.records - seen[Seen.CALLED],
            partly=seen[Seen.PARTLY],
            missing_share=_ratio(counts.records - seen[Seen.CALLED], counts.records),
            het_snvs=het_snvs,
            hom_snvs=hom_snvs,
            het_hom_snvs=_ratio(het_snvs, hom_snvs),
            het_indels=seen[Seen.HET_INDEL],
            hom_indels=seen[Seen.HOM_INDEL],
            het_hom_indels=_ratio(seen[Seen.HET_INDEL], seen[Seen.HOM_INDEL]),
            transitions=seen[Seen.TRANSITIONS],
            transversions=seen[Seen.TRANSVERSIONS],
            ti_tv=_ratio(seen[Seen.TRANSITIONS], seen[Seen.TRANSVERSIONS]),
            carried=seen[Seen.CARRIED],
            singletons=seen[Seen.SINGLETONS] if many else None,
            singleton_share=_ratio(seen[Seen.SINGLETONS], seen[Seen.CARRIED]) if many else None,
            phased_share=_ratio(seen[Seen.PHASED], seen[Seen.HET]),
            phase_set_share=_ratio(seen[Seen.PHASE_SETS], seen[Seen.HET]),
            depth_median=median_of(counts.depths[number].sum(axis=0)),
            quality_median=median_place(counts.qualities[number]),
            balance_median=_balance_median(balances),
            balance_off=_ratio(int(balances.sum() - balances[_CENTRE].sum()), int(balances.sum())),
            ref_reads_at_hom=_ratio(seen[Seen.HOM_ALT_REF_READS], seen[Seen.HOM_ALT_READS]),
            sex=_sex(counts, number, stated_sex.get(name)),
        )


_CENTRE = slice(round(0.3 * BALANCE_BINS), round(0.7 * BALANCE_BINS))


def _balance_median(counts: NDArray[np.int64]) -> float | None:
    place = median_place(counts)
    return None if place is None else (place + 0.5) / BALANCE_BINS


def _sex(counts: SampleCounts, number: int, stated: str | None) -> SexCheck:
    seen = {what: int(counts.seen[number, what]) for what in Seen}
    depths = counts.depths[number]
    figures = SexFigures(
        autosome_het=seen[Seen.HET_SNV],
        autosome_hom=seen[Seen.HOM_SNV],
        x_het=seen[Seen.X_HET],
        x_hom=seen[Seen.X_HOM],
        x_haploid=seen[Seen.X_HAPLOID],
        x_with_depth=int(depths[Place.X].sum()),
        autosome_depth=median_of(depths[Place.AUTOSOME]),
        x_depth=median_of(depths[Place.X]),
        y_depth=median_of(depths[Place.Y]),
        y_called=seen[Seen.Y_CALLED],
        y_hom=seen[Seen.Y_HOM],
        y_het=seen[Seen.Y_HET],
        y_sites=counts.y_sites,
        samples=len(counts.samples),
    )
    call = call_sex(figures)
    return SexCheck(
        call=call.call,
        reason=call.reason,
        stated=stated,
        agreement=agreement(call, stated),
        x_het=figures.x_het,
        x_hom=figures.x_hom,
        x_haploid=figures.x_haploid,
        x_het_share=figures.x_het_share,
        autosome_het_share=figures.autosome_het_share,
        x_depth_ratio=figures.x_depth_ratio,
        y_called=figures.y_called,
        y_hom=figures.y_hom,
        y_het=figures.y_het,
        y_depth_ratio=figures.y_depth_ratio,
    )


def _pooled_depths(counts: SampleCounts | None) -> Histogram | None:
    if counts is None or not counts.depths.any():
        return None
    edges = (*DEPTH_EDGES.tolist(), 2 * int(DEPTH_EDGES[-1]))
    return _bins(edges, counts.depths.sum(axis=(0, 1)), open_end=True)


def _pooled(
    counts: SampleCounts | None,
    what: str,
    edges: Sequence[float] | NDArray[np.float64],
    *,
    open_end: bool = False,
) -> Histogram | None:
    if counts is None or not getattr(counts, what).any():
        return None
    return _bins(edges, getattr(counts, what).sum(axis=0), open_end=open_end)


def _bins(
    edges: Sequence[float] | NDArray[np.float64], counts: NDArray[np.int64], *, open_end: bool
) -> Histogram:
    return Histogram(edges=tuple(map(float, edges)), counts=tuple(counts.tolist()), open_end=open_end)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
