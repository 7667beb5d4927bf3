"""A paired comparison as a page and as a terminal table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from genopraxis.bench.compare import Comparison, PairedMetric, Side
from genopraxis.bench.wording import BANNER, MRR, Regimes, metric_label, value_text
from genopraxis.contracts.scorecard import Regime
from genopraxis.render.numbers import NOT_MEASURED, signed
from genopraxis.render.shell import environment, page
from genopraxis.render.terminal import TableColumn, table


def comparison_table(comparison: Comparison) -> Table:
    """Return the differences of a comparison for a terminal: a row for each metric."""
    regime_text = Regimes(comparison.regimes).text
    rows = []
    for item in comparison.metrics:
        ends = (item.low, item.high)
        span = NOT_MEASURED if None in ends else " to ".join(_change(end, item.metric) for end in ends)
        values = (value_text(item.a, item.metric), value_text(item.b, item.metric))
        change = _change(item.difference, item.metric)
        rows.append([metric_label(item.metric), *values, change, span, _p_value(item.p_value)])
    names = ("A", "B", "A \N{MINUS SIGN} B", "95 % interval", "p")
    sides = (
        f"{letter}: {side.tool} {side.version}, {_knew(side, regime_text(side.regime))}"
        for letter, side in (("A", comparison.a), ("B", comparison.b))
    )
    return table(
        f"{'; '.join(sides)} ({comparison.level}, {comparison.n:,} shared cases)",
        [TableColumn(name="metric"), *(TableColumn(name=name, justify="right") for name in names)],
        rows,
    )


def render_comparison(comparison: Comparison) -> str:
    """Return a paired comparison as one self-contained HTML page."""
    sides = (comparison.a, comparison.b)
    regime_text = Regimes(comparison.regimes).text
    ends = [
        abs(end)
        for item in comparison.metrics
        for end in (item.low, item.high, item.difference)
        if end is not None
    ]
    context = {
        "comparison": comparison,
        "contaminated": [side for side in sides if regime_text(side.regime).contaminated],
        "mixed": comparison.a.regime != comparison.b.regime,
        "perturbed": [side for side in sides if side.perturbations],
        "cases_differ": (comparison.a.perturbations, comparison.a.seed)
        != (comparison.b.perturbations, comparison.b.seed),
        "knew": _knew,
        "forest": [_forest(item, max(ends, default=0.0) or 1.0) for item in comparison.metrics],
        "metric_label": metric_label,
        "regime_text": regime_text,
        "change": _change,
        "value": value_text,
        "p_value": _p_value,
    }
    return page(
        templates=environment(("genopraxis.bench",)),
        body_template="comparison.html",
        title=f"{comparison.a.tool} and {comparison.b.tool}: comparison",
        banner=BANNER,
        provenance=comparison.provenance,
        context=context,
    )


def _knew(side: Side, regime: Regime) -> str:
    """Return what a run was allowed to know and what it saw of the cases, e.g. ``publication out, noise=0.5``."""
    return ", ".join([regime.label, *(one.text for one in side.perturbations)])


def _change(difference: float | None, metric: str) -> str:
    """Return a difference in percentage points, or as a number for the mean reciprocal rank."""
    if difference is None:
        return NOT_MEASURED
    return signed(difference, digits=3) if metric == MRR else signed(100 * difference, digits=1)


def _p_value(value: float | None) -> str:
    if value is None:
        return NOT_MEASURED
    return f"{value:.4f}" if value < 0.01 else f"{value:.2f}"


def _forest(item: PairedMetric, limit: float) -> dict[str, object]:
    """Return where interval and point stand on an axis from -limit to +limit, in percent of its length."""

    def place(value: float) -> float:
        return round(50 + 50 * value / limit, 2)

    ends: Sequence[float | None] = (item.low, item.high, item.difference)
    low, high, at = (None if end is None else place(end) for end in ends)
    return {"metric": item, "low": low, "high": high, "at": at}
