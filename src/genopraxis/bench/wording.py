"""How regimes, metrics and values are worded on every bench page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from genopraxis.contracts.scorecard import Regime
from genopraxis.render.numbers import percent

BANNER = "Benchmark figures for research use. They describe a dataset, not a patient."
MRR = "mrr"  # not a share of cases: written as a number, never in percent

_UNKNOWN = "Not a regime of this task: see the tool card for what the tool knew of these cases."


class Regimes:
    """The regimes that a document names, from least to most taken out of the knowledge."""

    def __init__(self, offered: Sequence[Regime]) -> None:
        self._offered = {regime.name: regime for regime in offered}

    def __contains__(self, name: object) -> bool:
        return name in self._offered

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return regimes from least to most taken out; those that are not known come last, as they came."""
        found = dict.fromkeys(names)
        return [n for n in self._offered if n in found] + [n for n in found if n not in self._offered]

    def text(self, name: str) -> Regime:
        """Return how a regime is named and explained; one that is not known is named as it is."""
        return self._offered.get(name, Regime(name=name, label=name, meaning=_UNKNOWN))


def metric_label(metric: str) -> str:
    """Return the name of a metric as a reader knows it, e.g. ``top-10``."""
    return "MRR" if metric == MRR else metric.replace("top", "top-")


def question_label(question: str) -> str:
    """Return what a probability is asked, e.g. ``the answer is among the first 10`` for ``top10``."""
    k = question.removeprefix("top")
    return "the first candidate is right" if k == "1" else f"the answer is among the first {k}"


def value_text(value: float | None, metric: str) -> str:
    """Return a metric in percent, the mean reciprocal rank as a number."""
    if metric == MRR and value is not None:
        return f"{value:.3f}"
    return percent(value)
