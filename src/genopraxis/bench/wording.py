"""How regimes, metrics and values are worded on every bench page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from genopraxis.render.numbers import percent

BANNER = "Benchmark figures for research use. They describe a dataset, not a patient."


@dataclass(frozen=True, kw_only=True, slots=True)
class RegimeText:
    """How a regime is named and explained to a reader."""

    label: str
    meaning: str
    contaminated: bool = False


# from least to most taken out: the last one that a run holds is the figure to go by
REGIMES = {
    "full": RegimeText(
        label="full (contaminated)",
        contaminated=True,
        meaning="Nothing is taken out of the knowledge. Many annotations come from the very patients that "
        "are ranked here, so a new patient would be found less often. Only good for comparison with "
        "published figures that were made in the same way.",
    ),
    "case-out": RegimeText(
        label="case out",
        meaning="What the case itself gave to the annotations is taken out before it is ranked. Other "
        "patients of the same publication stay in.",
    ),
    "publication-out": RegimeText(
        label="publication out",
        meaning="Everything that the case's publication gave to the annotations is taken out before the case "
        "is ranked. The figure to go by, as far as the annotations name the publications they come from.",
    ),
}
MRR = "mrr"  # not a share of cases: written as a number, never in percent


def regimes_in_order(regimes: Iterable[str]) -> list[str]:
    """Return regimes from least to most taken out; regimes that are not known come last, as they came."""
    found = dict.fromkeys(regimes)
    return [name for name in REGIMES if name in found] + [name for name in found if name not in REGIMES]


def regime_text(regime: str) -> RegimeText:
    """Return how a regime is named and explained; one that is not known is named as it is."""
    unknown = "Not a regime of this bench: see the tool card for what the tool knew of these cases."
    return REGIMES.get(regime, RegimeText(label=regime, meaning=unknown))


def metric_label(metric: str) -> str:
    """Return the name of a metric as a reader knows it, e.g. ``top-10``."""
    return "MRR" if metric == MRR else metric.replace("top", "top-")


def value_text(value: float | None, metric: str) -> str:
    """Return a metric in percent, the mean reciprocal rank as a number."""
    if metric == MRR and value is not None:
        return f"{value:.3f}"
    return percent(value)
