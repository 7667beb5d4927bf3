"""The summary of an annotated VCF as tables for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from rich.table import Table

from genopraxis.render.numbers import NOT_MEASURED, percent
from genopraxis.render.terminal import TableColumn, table
from genopraxis.variants.quality_cohort import outliers
from genopraxis.variants.quality_document import QualitySummary, SampleQuality

__all__ = ["quality_tables"]

_SAMPLES = 10
_TERMS = 12
_COMMON = ("snv", "insertion", "deletion")


def quality_tables(summary: QualitySummary) -> tuple[Table, ...]:
    """Return the figures for a terminal: the file, its samples, consequences, what is known, what to look into.

    A table that would be empty is left out; of a large cohort ten samples are shown, those unlike the others.
    """
    tables = [
        table(summary.file.name, ["figure", TableColumn(name="value", justify="right")], _overview(summary))
    ]
    if summary.samples:
        tables.append(_samples(summary))
    if summary.consequences is not None and summary.consequences.terms:
        tables.append(_consequences(summary))
    if summary.stores:
        tables.append(_stores(summary))
    if summary.warnings:
        rows = [(one.code, one.text) for one in summary.warnings]
        tables.append(table("To look into", [TableColumn(name="rule", no_wrap=True), "found"], rows))
    return tuple(tables)


def _overview(summary: QualitySummary) -> Iterator[tuple[str, str]]:
    if summary.outcome == "no_records":
        yield "records", "none: the file has a header only"
        return
    yield "assembly", summary.file.assembly or "not known"
    yield "records", f"{summary.records:,}"
    yield "alleles", f"{summary.alleles:,}"
    for kind in _COMMON:
        yield f"  {kind}", f"{summary.kinds.get(kind, 0):,}"
    if others := sum(n for kind, n in summary.kinds.items() if kind not in _COMMON):
        yield "  other kinds", f"{others:,}"
    no_filter = summary.records - summary.passing - summary.filtered
    yield "passed / failed / no filter", f"{summary.passing:,} / {summary.filtered:,} / {no_filter:,}"
    for one in summary.transitions:
        if one.name.startswith("pass") and one.transitions + one.transversions:
            where = "in coding sequence" if one.name == "pass_coding" else "of SNVs that passed"
            yield f"Ti/Tv {where}", _number(one.ratio)
    differs, checked = (summary.normalised[f"reference_{name}"] for name in ("differs", "checked"))
    yield "REF differs", f"{differs:,} of {checked:,}" if checked else "not compared"
    if summary.repairs:
        yield "repairs and remarks", f"{sum(one.n for one in summary.repairs):,}"
    if summary.outcome == "sites_only":
        yield "samples", "none: sites only"
    elif summary.outcome == "genotypes_not_read":
        yield "samples", "genotypes not read"


def _samples(summary: QualitySummary) -> Table:
    many = len(summary.samples) > _SAMPLES
    unlike = outliers(summary.samples)
    shown = [one for one in summary.samples if not many or one.name in unlike][:_SAMPLES]
    calls = Counter(one.sex.call for one in summary.samples)
    title = "Samples"
    if many:
        found = ", ".join(f"{n:,} {call}" for call, n in calls.most_common())
        which = "those unlike the others" if unlike else "none is unlike the others"
        title = f"{len(summary.samples):,} samples ({found}): {which}"
    columns = [
        TableColumn(name="sample"),
        *(
            TableColumn(name=name, justify="right", no_wrap=True)
            for name in ("called", "missing", "het/hom", "Ti/Tv", "depth", "GQ")
        ),
        TableColumn(name="sex", no_wrap=True),
    ]
    middle = [_middle(summary.samples)] if many else []
    return table(title, columns, [*middle, *map(_sample, shown)])


def _middle(samples: tuple[SampleQuality, ...]) -> tuple[str, ...]:
    def of(field: str) -> float | None:
        values = [value for one in samples if (value := getattr(one, field)) is not None]
        return float(median(values)) if values else None

    return (
        "(median of all)",
        _number(of("called"), 0),
        percent(of("missing_share")),
        _number(of("het_hom_snvs")),
        _number(of("ti_tv")),
        _number(of("depth_median"), 0),
        _number(of("quality_median"), 0),
        "",
    )


def _sample(one: SampleQuality) -> tuple[str, ...]:
    stated = {"conflicts": f" (stated {one.sex.stated})", "agrees": ", as stated"}
    return (
        one.name,
        f"{one.called:,}",
        percent(one.missing_share),
        _number(one.het_hom_snvs),
        _number(one.ti_tv),
        _number(one.depth_median, 0),
        _number(one.quality_median, 0),
        one.sex.call + stated.get(one.sex.agreement, ""),
    )


def _consequences(summary: QualitySummary) -> Table:
    told = summary.consequences
    terms = list(told.terms.items()) if told is not None else []
    rows = [(name.replace("_", " "), f"{n:,}") for name, n in terms[:_TERMS]]
    if rest := sum(n for _, n in terms[_TERMS:]):
        rows.append((f"{len(terms) - _TERMS} milder ones", f"{rest:,}"))
    return table("Most severe consequence", ["term", TableColumn(name="alleles", justify="right")], rows)


def _stores(summary: QualitySummary) -> Table:
    columns = [
        TableColumn(name="store"),
        *(
            TableColumn(name=name, justify="right", no_wrap=True)
            for name in ("found", "not there", "not covered", "no key")
        ),
    ]
    rows = [
        (one.name, f"{one.found:,}", f"{one.not_found:,}", f"{one.not_covered:,}", f"{one.no_key:,}")
        for one in summary.stores
    ]
    return table("What is known", columns, rows)


def _number(value: float | None, digits: int = 2) -> str:
    return NOT_MEASURED if value is None else f"{value:,.{digits}f}"
