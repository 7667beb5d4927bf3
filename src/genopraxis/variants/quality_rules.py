"""What in the figures of a VCF a reader should look into, each rule with its limit and whose rule it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from genopraxis.formats.contig_names import OLD_MITOCHONDRION, OLD_MITOCHONDRION_LENGTH
from genopraxis.render.numbers import percent
from genopraxis.variants.quality_cohort import COHORT, ENOUGH_SNVS, MADS, outliers
from genopraxis.variants.quality_document import QualitySummary, QualityWarning, SampleQuality

__all__ = ["RULES", "Rule", "quality_warnings"]

_ENOUGH_GENOTYPES = 100
_NAMED = 5

OURS = "a limit of ours"
DEPRISTO = "after DePristo et al. 2011, doi:10.1038/ng.806"
WANG = "after Wang et al. 2015, doi:10.1093/bioinformatics/btu668"
CHARR = "a limit of ours, after CHARR (Lu et al. 2023, doi:10.1016/j.ajhg.2023.10.011)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule: ``says`` returns what was found, or ``None``."""

    code: str
    limit: str
    source: str
    says: Callable[[QualitySummary], str | None]


def quality_warnings(summary: QualitySummary) -> Iterator[QualityWarning]:
    """Yield a warning for each rule that a summary breaks."""
    if summary.outcome == "no_records":
        return
    for rule in RULES:
        if text := rule.says(summary):
            yield QualityWarning(
                code=rule.code, text=text[0].upper() + text[1:], limit=rule.limit, source=rule.source
            )


def _ti_tv(summary: QualitySummary) -> str | None:
    passing = summary.transitions[1]
    n = passing.transitions + passing.transversions
    if n < ENOUGH_SNVS or passing.ratio is None or 1.8 <= passing.ratio <= 3.6:
        return None
    return f"Ti/Tv of {n:,} SNVs is {passing.ratio:.2f}; random errors have 0.5, and pull it down"


def _ti_tv_coding(summary: QualitySummary) -> str | None:
    passing = summary.transitions[3]
    n = passing.transitions + passing.transversions
    if n < ENOUGH_SNVS or passing.ratio is None or 2.5 <= passing.ratio <= 4.0:
        return None
    return f"Ti/Tv of {n:,} SNVs in coding sequence is {passing.ratio:.2f}"


def _het_hom(summary: QualitySummary) -> str | None:
    def wrong(one: SampleQuality) -> float | None:
        n, ratio = one.het_snvs + one.hom_snvs, one.het_hom_snvs
        if n < ENOUGH_SNVS:
            return None
        if ratio is None:
            return float("inf")
        return None if 1.0 <= ratio <= 3.0 else ratio

    return _listed(
        summary,
        wrong,
        "het/hom of SNVs on autosomes is outside 1 to 3: missing genotypes, a mixture of samples, or related parents",
        lambda value: "no homozygous one" if np.isinf(value) else f"{value:.2f}",
    )


def _no_genotypes(summary: QualitySummary) -> str | None:
    if summary.outcome != "sites_only":
        return None
    return "there are no genotypes: nothing can be said of samples, depth or sex"


def _mismatches(summary: QualitySummary) -> str | None:
    differs, checked = (summary.normalised[f"reference_{one}"] for one in ("differs", "checked"))
    if differs < 2 or differs <= 0.001 * checked:
        return None
    return f"REF is not what the genome has in {differs:,} of {checked:,} records, as {'; '.join(summary.mismatches)}"


def _not_checked(summary: QualitySummary) -> str | None:
    if summary.normalised["reference_checked"]:
        return None
    return "REF was compared with no genome: a wrong assembly would not be noticed, and alleles were not moved left"


def _no_filter(summary: QualitySummary) -> str | None:
    if summary.passing or summary.filtered:
        return None
    return "no record says that it passed a filter: bad calls are still in"


def _filtered(summary: QualitySummary) -> str | None:
    if 2 * summary.filtered <= summary.records:
        return None
    return f"{summary.filtered:,} of {summary.records:,} records failed a filter"


def _no_depth(summary: QualitySummary) -> str | None:
    if summary.outcome != "complete" or summary.depths is not None or not _called(summary):
        return None
    return "no depth is stated (DP or AD): coverage and allele balance cannot be judged"


def _low_depth(summary: QualitySummary) -> str | None:
    return _listed(
        summary,
        lambda one: one.depth_median if one.depth_median is not None and one.depth_median < 10 else None,
        "median depth is below 10: heterozygous variants are missed",
        lambda value: f"{value:.0f}",
    )


def _assembly(summary: QualitySummary) -> str | None:
    return "nothing tells which assembly the file is on" if summary.file.assembly is None else None


def _assembly_words(summary: QualitySummary) -> str | None:
    others = [one for one in summary.file.named_assemblies if one != summary.file.assembly]
    if summary.file.assembly is None or not others:
        return None
    taken = f"{summary.file.assembly} was taken ({summary.file.assembly_basis})"
    return f"the header also speaks of {', '.join(others)}; {taken}"


def _old_mitochondrion(summary: QualitySummary) -> str | None:
    n = summary.other_contigs.get(OLD_MITOCHONDRION)
    if not n:
        return None
    return (
        f"{n:,} mitochondrial record(s) are on hg19's old sequence ({OLD_MITOCHONDRION}, "
        f"{OLD_MITOCHONDRION_LENGTH:,} bases): they are looked up in no store, since what is known is on the revised "
        "sequence (NC_012920.1)"
    )


def _unsorted(summary: QualitySummary) -> str | None:
    return "records are not in the order of their positions" if summary.file.sorted is False else None


def _reference_reads(summary: QualitySummary) -> str | None:
    return _listed(
        summary,
        lambda one: (
            one.ref_reads_at_hom
            if one.hom_snvs >= _ENOUGH_GENOTYPES
            and one.ref_reads_at_hom is not None
            and one.ref_reads_at_hom > 0.03
            else None
        ),
        "homozygous SNVs have reference reads, as when another person's DNA is in the sample",
        percent,
    )


def _balance(summary: QualitySummary) -> str | None:
    def wrong(one: SampleQuality) -> float | None:
        off = one.balance_off
        return off if one.het_snvs >= _ENOUGH_GENOTYPES and off is not None and off > 0.25 else None

    return _listed(
        summary,
        wrong,
        "heterozygous SNVs have an uneven share of reads (outside 0.3 to 0.7): a mixture of samples, or bad calls",
        percent,
    )


def _missing(summary: QualitySummary) -> str | None:
    return _listed(
        summary,
        lambda one: one.missing_share if one.missing_share is not None and one.missing_share > 0.1 else None,
        "genotypes are missing",
        percent,
    )


def _sex_conflict(summary: QualitySummary) -> str | None:
    found = [
        f"{one.name} (stated {one.sex.stated}, genotypes {one.sex.call})"
        for one in summary.samples
        if one.sex.agreement == "conflicts"
    ]
    return f"the sex that was stated is not that of the genotypes: {_some(found)}" if found else None


def _sex_strange(summary: QualitySummary) -> str | None:
    found = [one.name for one in summary.samples if one.sex.reason.startswith("conflicting")]
    return f"the evidence on the sex chromosomes conflicts: {_some(found)}" if found else None


def _cover(summary: QualitySummary) -> str | None:
    found = [
        f"{one.name} ({percent(one.covered_share)})"
        for one in summary.stores
        if one.covered_share is not None and one.covered_share < 0.5
    ]
    return f"most alleles lie outside what a store covers: {_some(found)}" if found else None


def _flags(summary: QualitySummary) -> str | None:
    told = summary.consequences
    if told is None or told.flagged <= 0.1 * told.alleles:
        return None
    flags = ", ".join(f"{name} {n:,}" for name, n in list(told.flags.items())[:3])
    return f"{told.flagged:,} of {told.alleles:,} consequences have a flag that limits trust: {flags}"


def _outlying(summary: QualitySummary) -> str | None:
    found = [f"{name} ({', '.join(words)})" for name, words in outliers(summary.samples).items()]
    return (
        f"{len(found):,} of {len(summary.samples):,} samples are unlike the others: {_some(found)}"
        if found
        else None
    )


RULES: tuple[Rule, ...] = (
    Rule(code="sites_only", limit="at least one genotype", source=OURS, says=_no_genotypes),
    Rule(code="assembly_unknown", limit="header, FASTA or user tells it", source=OURS, says=_assembly),
    Rule(code="assembly_named", limit="the header speaks of one assembly", source=OURS, says=_assembly_words),
    Rule(
        code="old_mitochondrion",
        limit="mitochondrial records are on the revised Cambridge sequence",
        source="Andrews et al. 1999, doi:10.1038/13779",
        says=_old_mitochondrion,
    ),
    Rule(code="reference_unchecked", limit="REF compared with a FASTA", source=OURS, says=_not_checked),
    Rule(
        code="reference_differs",
        limit="REF differs in at most 0.1 % of records",
        source=OURS,
        says=_mismatches,
    ),
    Rule(code="unsorted", limit="sorted by position", source="VCF 4.5, section 1.6.1", says=_unsorted),
    Rule(
        code="no_filter",
        limit="at least one record with PASS or a failed filter",
        source=OURS,
        says=_no_filter,
    ),
    Rule(code="mostly_filtered", limit="at most half of the records failed", source=OURS, says=_filtered),
    Rule(
        code="ti_tv",
        limit=f"1.8 to 3.6, with {ENOUGH_SNVS} SNVs or more that passed; genomes have about 2.0 to 2.1, exomes 2.8 "
        "to 3.3",
        source=DEPRISTO,
        says=_ti_tv,
    ),
    Rule(
        code="ti_tv_coding",
        limit=f"2.5 to 4.0 in coding sequence, with {ENOUGH_SNVS} SNVs or more",
        source=DEPRISTO,
        says=_ti_tv_coding,
    ),
    Rule(
        code="het_hom",
        limit=f"1 to 3, with {ENOUGH_SNVS} SNVs or more; about 2 by theory, 1.4 to 2.0 by ancestry",
        source=WANG,
        says=_het_hom,
    ),
    Rule(code="missing_genotypes", limit="at most 10 % of a sample's", source=OURS, says=_missing),
    Rule(code="no_depth", limit="DP or AD in FORMAT", source=OURS, says=_no_depth),
    Rule(code="low_depth", limit="median depth of 10 or more", source=OURS, says=_low_depth),
    Rule(
        code="allele_balance",
        limit=f"at most 25 % of heterozygous SNVs outside 0.3 to 0.7, with {_ENOUGH_GENOTYPES} or more",
        source=OURS,
        says=_balance,
    ),
    Rule(
        code="reference_reads",
        limit=f"at most 3 % reference reads at homozygous SNVs, with {_ENOUGH_GENOTYPES} or more",
        source=CHARR,
        says=_reference_reads,
    ),
    Rule(code="sex_conflict", limit="stated sex and genotypes agree", source=OURS, says=_sex_conflict),
    Rule(code="sex_evidence", limit="lines of evidence agree", source=OURS, says=_sex_strange),
    Rule(
        code="unlike_cohort",
        limit=f"within {MADS:g} median absolute deviations of the cohort, {COHORT} samples or more",
        source="as in gnomAD's sample checks, Karczewski et al. 2020, doi:10.1038/s41586-020-2308-7",
        says=_outlying,
    ),
    Rule(code="flagged", limit="at most 10 % of consequences with a flag", source=OURS, says=_flags),
    Rule(code="not_covered", limit="a store covers half of the alleles or more", source=OURS, says=_cover),
)
"""All rules, in the order in which a reader should meet them."""


def _called(summary: QualitySummary) -> int:
    return sum(one.called for one in summary.samples)


def _listed(
    summary: QualitySummary,
    wrong: Callable[[SampleQuality], float | None],
    what: str,
    shown: Callable[[float], str],
) -> str | None:
    """Say what is wrong of which samples."""
    found = [(one.name, value) for one in summary.samples if (value := wrong(one)) is not None]
    if not found:
        return None
    which = _some([f"{name} ({shown(value)})" for name, value in found])
    if len(summary.samples) == 1:
        return f"{what}: {which}"
    return f"{len(found):,} of {len(summary.samples):,} samples: {what}: {which}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
