"""Which figures a VCF summary has, and what each is to say."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from genopraxis.render.numbers import MINUS
from genopraxis.variants.quality_document import (
    Histogram,
    QualitySummary,
    SampleQuality,
    ScoreSummary,
    StoreSummary,
)
from genopraxis.variants.quality_figures import Bar, bars, equal_bins, histogram, spread_of_values

__all__ = [
    "balances",
    "chromosomes",
    "cohort_figures",
    "depths",
    "drawn_scores",
    "frequencies",
    "genotype_qualities",
    "indel_lengths",
    "qualities",
    "score",
]

SCORES_DRAWN = 12
"""Scores whose spread is drawn; the table has all of them."""

_FREQUENCY_WORDS = {"af", "ac", "an", "hom", "hemi", "faf95", "popmax"}


def chromosomes(summary: QualitySummary) -> Markup:
    """Draw records by chromosome."""
    shown = [Bar(name=name, count=n) for name, n in summary.chromosomes.items()]
    if others := sum(summary.other_contigs.values()):
        shown.append(Bar(name="other", count=others))
    return bars(
        shown,
        title="Records by chromosome",
        description="One bar a chromosome: " + ", ".join(f"{bar.name} {bar.count:,}" for bar in shown),
        x_label="chromosome",
        y_label="records",
    )


def indel_lengths(summary: QualitySummary) -> Markup:
    """Draw insertions and deletions by length."""
    edges, counts = summary.indel_lengths.edges, summary.indel_lengths.counts
    last = len(counts) - 1
    shown = []
    for place, n in enumerate(counts):
        length = int(edges[place])
        sign = MINUS if length < 0 else "+"
        name = f"{sign}{abs(length)}" if length else "0"
        if place in (0, last):
            name = f"{'<' if length < 0 else '>'} {sign}{abs(length) - 1}"
        shown.append(Bar(name=name, count=n, series=int(length < 0)))
    inserted = sum(bar.count for bar in shown if not bar.series)
    deleted = sum(bar.count for bar in shown if bar.series)
    return bars(
        shown,
        title="Insertions and deletions by length",
        description=f"{deleted:,} deletions to the left of zero, hatched, and {inserted:,} insertions to its right; "
        "the outer bars hold everything longer.",
        x_label="bases gained (deletions hatched)",
        y_label="alleles",
        every=3,
    )


def qualities(summary: QualitySummary) -> Markup:
    """Draw records by QUAL."""
    edges = summary.qualities.edges
    names = [f"{int(low) // 1000}k" if low >= 1000 else f"{int(low)}" for low in edges[:-1]]
    shown = [Bar(name=name, count=n) for name, n in zip(names, summary.qualities.counts, strict=True)]
    return bars(
        shown,
        title="Records by QUAL",
        description="One bar for QUAL from its name up to the next: "
        + ", ".join(f"{bar.name} {bar.count:,}" for bar in shown),
        x_label="QUAL, Phred scale: each bar from here to the next",
        y_label="records",
    )


def depths(given: Histogram, median: float | None = None) -> Markup:
    """Draw genotypes by depth."""
    return histogram(
        equal_bins(given),
        title="Depth of called genotypes",
        description="Called genotypes by number of reads" + _at(median),
        x_label="reads",
        y_label="genotypes",
        mark=median,
    )


def genotype_qualities(given: Histogram, median: float | None = None) -> Markup:
    """Draw genotypes by GQ."""
    return histogram(
        equal_bins(given, most=25),
        title="Quality of called genotypes",
        description="Called genotypes by GQ, 99 and more in the last bar" + _at(median),
        x_label="GQ, Phred scale",
        y_label="genotypes",
        mark=median,
    )


def balances(given: Histogram) -> Markup:
    """Draw heterozygous SNVs by share of the alternative reads."""
    return histogram(
        given,
        title="Allele balance of heterozygous SNVs",
        description="Heterozygous SNVs by the share of reads that have the alternative allele; a half is expected.",
        x_label="share of reads with the alternative allele",
        y_label="genotypes",
        mark=0.5,
    )


def frequencies(store: StoreSummary) -> Markup:
    """Draw alleles by their frequency in a store."""
    given = store.frequencies or Histogram(edges=(0.0,), counts=())
    names = ["0", *(f"< {_power(edge)}" for edge in given.edges[2:-1]), f"< {_power(given.edges[-1])}"]
    names[-1] = f"{_power(given.edges[-2])} to 1"
    shown = [Bar(name="not there", count=store.not_found, series=1)]
    shown += [Bar(name=name, count=n) for name, n in zip(names, given.counts, strict=True)]
    return bars(
        shown,
        title=f"Allele frequency in {store.name}",
        description="One bar for alleles that the store covers but does not have, hatched, then by frequency: "
        + ", ".join(f"{bar.name} {bar.count:,}" for bar in shown),
        x_label=f"allele frequency in {store.name}, each up to …",
        y_label="alleles",
    )


def drawn_scores(scores: Sequence[ScoreSummary]) -> tuple[ScoreSummary, ...]:
    """Return the scores whose spread is drawn: not frequencies and counts, of which nearly all are next to zero."""
    own = [one for one in scores if not _FREQUENCY_WORDS & set(one.name.lower().split("_"))]
    return tuple(own[:SCORES_DRAWN])


def score(given: ScoreSummary) -> Markup:
    """Draw how a score is spread."""
    return histogram(
        given.histogram,
        title=f"{given.name} ({given.source})",
        description=f"{given.n:,} alleles from {given.low:g} to {given.high:g}.",
        x_label=f"{given.name} ({given.source})",
        y_label="alleles",
    )


def cohort_figures(
    samples: Sequence[SampleQuality], metrics: Sequence[tuple[str, str, int]]
) -> tuple[tuple[str, Markup], ...]:
    """Draw how figures are spread over the samples of a cohort."""
    drawn = []
    for field, words, _ in metrics:
        values = [float(x) for one in samples if (x := getattr(one, field)) is not None]
        if not values or min(values) == max(values):
            continue
        drawn.append(
            (
                words,
                histogram(
                    spread_of_values(values),
                    title=f"{words}, by sample",
                    description=f"{len(values):,} samples, from {min(values):.4g} to {max(values):.4g}.",
                    x_label=words,
                    y_label="samples",
                ),
            )
        )
    return tuple(drawn)


def _at(median: float | None) -> str:
    return "." if median is None else f"; the dashed line is the median, {median:.4g}."


def _power(value: float) -> str:
    return f"{value:g}" if value >= 1e-4 else f"{value:.0e}".replace("e-0", "e-")
