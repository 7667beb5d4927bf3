"""From counts of consequences, stores and scores to their parts of the summary document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from genopraxis.contracts.consequences import IMPACTS, TERMS
from genopraxis.variants.quality_document import (
    ClinVarCount,
    ConsequenceSummary,
    Histogram,
    ScoreSummary,
    StoreSummary,
)
from genopraxis.variants.quality_known import AF_EDGES, RARE, ConsequenceCounts, StoreCounts
from genopraxis.variants.quality_tallies import Names, Spread

__all__ = ["consequence_summary", "score_summaries", "store_summaries"]


def consequence_summary(counts: ConsequenceCounts | None) -> ConsequenceSummary | None:
    """Return what is said of the consequences."""
    if counts is None:
        return None
    terms, impacts = counts.terms.counts, counts.impacts.counts
    return ConsequenceSummary(
        source=counts.source,
        alleles=counts.alleles,
        terms=_whole({name: terms[name] for name in TERMS if name in terms}, counts.terms),
        impacts={name: impacts.get(name, 0) for name in IMPACTS},
        biotypes=_whole(counts.biotypes.most(), counts.biotypes),
        flagged=counts.flagged,
        flags=_whole(counts.flags.most(), counts.flags),
        inside=counts.inside,
        mane=counts.mane,
        high_impact=impacts.get("HIGH", 0),
        premature_stops=counts.stops,
        escaping=counts.escaping,
    )


def store_summaries(stores: Mapping[str, StoreCounts]) -> Iterator[StoreSummary]:
    """Yield what each store knows."""
    for name, counts in stores.items():
        found, not_found, not_covered = (counts.of(one) for one in ("found", "not_found", "not_covered"))
        asked = found + not_found + not_covered
        yield StoreSummary(
            name=name,
            found=found,
            not_found=not_found,
            not_covered=not_covered,
            no_key=counts.of("no_key"),
            covered_share=(found + not_found) / asked if asked else None,
            frequencies=None
            if counts.frequencies is None
            else Histogram(edges=(*AF_EDGES, 1.0), counts=tuple(counts.frequencies.tolist())),
            without_frequency=counts.without_frequency,
            rare=None
            if counts.frequencies is None
            else {
                f"{limit:g}": not_found + int(counts.frequencies[: AF_EDGES.index(limit)].sum())
                for limit in RARE
            },
            clinvar=None
            if counts.significance is None
            else tuple(
                ClinVarCount(significance=word, stars=None if stars < 0 else stars, n=n)
                for (word, stars), n in sorted(counts.significance.items())
            ),
        )


def score_summaries(
    stores: Mapping[str, StoreCounts], scores: Mapping[str, Spread]
) -> Iterator[ScoreSummary]:
    """Yield how each score is spread, of the file first."""
    columns = [("INFO", name, spread) for name, spread in scores.items()]
    columns += [
        (store, name, spread) for store, one in stores.items() for name, spread in one.numbers.items()
    ]
    for source, name, spread in columns:
        if spread.n:
            yield ScoreSummary(
                name=name,
                source=source,
                n=spread.n,
                low=spread.low,
                high=spread.high,
                histogram=Histogram(edges=tuple(spread.edges), counts=spread.counts),
            )


def _whole(counts: Mapping[str, int], names: Names) -> dict[str, int]:
    """Add what is not among the names of the contract, and names beyond those that are counted apart."""
    rest = {name: n for name, n in names.most().items() if name not in counts}
    return {**counts, **rest} | ({"(other names)": names.others} if names.others else {})
