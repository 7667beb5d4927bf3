"""A scorecard as a page and as a terminal table: contaminated figures always say so."""

from __future__ import annotations

import re

import polars as pl
from markupsafe import Markup
from rich.table import Table

from genopraxis.bench.perturbations import perturbations_text
from genopraxis.bench.probability_page import probability_section
from genopraxis.bench.scoring import ALL
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.bench.wording import BANNER, MRR, Regimes, metric_label, value_text
from genopraxis.contracts.scorecard import Score, Scorecard
from genopraxis.render.figures import Estimate, Line, interval_dots, lines
from genopraxis.render.numbers import NOT_MEASURED
from genopraxis.render.shell import environment, page
from genopraxis.render.terminal import TableColumn, table
from genopraxis.stats.ranking import hits_at

FURTHEST = 50
"""The last k of the cumulative curves."""

_HEADLINE = ("top1", "top10")
_LAST = {"none", "other", "unknown"}
_CURVES_AT_ONCE = 3


class _Card:
    """A scorecard with its scores by name, in the order in which a page shows them."""

    def __init__(self, card: Scorecard) -> None:
        self.levels = list(dict.fromkeys(item.level for item in card.results))
        self.tools = list(dict.fromkeys((item.tool, item.version) for item in card.results))
        self.wording = Regimes(card.regimes)
        self.regimes = self.wording.in_order(item.regime for item in card.results)
        self.metrics = list(dict.fromkeys(item.metric for item in card.results))
        self.strata = [s for s in dict.fromkeys(item.stratum for item in card.results) if s != ALL]
        self._scores = {
            (item.tool, item.version, item.regime, item.level, item.stratum, item.metric): item
            for item in card.results
        }

    def get(
        self, tool: tuple[str, str], regime: str, level: str, metric: str, stratum: str = ALL
    ) -> Score | None:
        return self._scores.get((*tool, regime, level, stratum, metric))

    def name(self, tool: tuple[str, str]) -> str:
        """Return the id of a tool, with its version where two versions were run."""
        alone = sum(other[0] == tool[0] for other in self.tools) == 1
        return tool[0] if alone else f"{tool[0]} {tool[1]}"

    @property
    def headline(self) -> list[str]:
        return [metric for metric in _HEADLINE if metric in self.metrics] or self.metrics[:1]


def headline_table(card: Scorecard) -> Table:
    """Return the headline figures for a terminal: a row for each level, tool and regime, all cases."""
    known = _Card(card)
    metrics = known.headline
    rows = []
    for level in known.levels:
        for tool in known.tools:
            # the task stands before every tool id; a terminal is narrow
            shown = (level, known.name(tool).removeprefix(f"{card.task}."))
            for regime in known.regimes:
                scores = [known.get(tool, regime, level, metric) for metric in metrics]
                n = next((item.n for item in scores if item is not None), None)
                if n is not None:
                    rows.append([*shown, known.wording.text(regime).label, f"{n:,}", *map(_cell, scores)])
                    shown = ("", "")
    columns = [
        *(TableColumn(name=name, no_wrap=name != "level") for name in ("level", "tool", "regime")),
        TableColumn(name="cases", justify="right"),
        *(
            TableColumn(name=metric_label(metric) + (", %" if metric != MRR else ""), justify="right")
            for metric in metrics
        ),
    ]
    changed = f", perturbed ({perturbations_text(card.perturbations)})" if card.perturbations else ""
    return table(f"{card.dataset.name}, all cases{changed}, with 95 % intervals", columns, rows)


def render_scorecard(card: Scorecard, ranks: pl.DataFrame) -> str:
    """Return a scorecard as one self-contained HTML page.

    Parameters
    ----------
    card
        The figures.
    ranks
        The ``genopraxis.case-ranks/1`` table they were made from, for curves and misses.

    Raises
    ------
    ContractError
        When ``ranks`` does not fulfil its contract.
    """
    CASE_RANKS.check(ranks, raise_errors=True, where="ranks")
    known = _Card(card)
    regime_text = known.wording.text
    clean = [regime for regime in known.regimes if not regime_text(regime).contaminated]
    context = {
        "card": card,
        "known": known,
        "regimes": [(name, regime_text(name)) for name in known.regimes],
        # a regime that the task does not offer may be clean or not: only its own can be vouched for
        "best_regime": next((name for name in reversed(clean) if name in known.wording), None),
        "only_contaminated": bool(known.regimes) and not clean,
        "levels": [_level(card, known, level, ranks) for level in known.levels],
        "timing": _timing(card),
        "metric_label": metric_label,
        "regime_text": regime_text,
        "value": value_text,
        "range": _range,
    }
    return page(
        templates=environment(("genopraxis.bench",)),
        body_template="scorecard.html",
        title=f"{card.task} on {card.dataset.name}{', perturbed' if card.perturbations else ''}: scorecard",
        banner=BANNER,
        provenance=card.provenance,
        context=context,
    )


def _level(card: Scorecard, known: _Card, level: str, every: pl.DataFrame) -> dict[str, object]:
    ranks = every.filter(pl.col("level") == level)
    return {
        "name": level,
        "runs": [
            (tool, regime)
            for tool in known.tools
            for regime in known.regimes
            if known.get(tool, regime, level, known.metrics[0]) is not None
        ],
        "dots": [
            interval_dots(
                _dots(known, level, metric),
                title=f"{level}: {metric_label(metric)} by regime and tool",
                description=f"{metric_label(metric)} of each tool in each regime with its 95 % interval; "
                "the same figures stand in the table above.",
                x_label=f"{metric_label(metric)}, % of cases",
            )
            for metric in known.headline
        ],
        "curves": _curves(known, level, ranks),
        "strata": _strata(known, level),
        "misses": _misses(known, ranks),
        "probabilities": probability_section(card.probabilities, ranks, level=level, wording=known.wording),
    }


def _dots(known: _Card, level: str, metric: str) -> list[Estimate]:
    scores = [
        (regime, tool, known.get(tool, regime, level, metric))
        for regime in known.regimes
        for tool in known.tools
    ]
    return [
        _estimate(item, group=known.wording.text(regime).label, series=known.name(tool))
        for regime, tool, item in scores
        if item is not None
    ]


def _estimate(item: Score, *, group: str, series: str) -> Estimate:
    value, low, high = (None if x is None else 100 * x for x in (item.value, item.low, item.high))
    return Estimate(group=group, series=series, percent=value, low=low, high=high)


def _curves(known: _Card, level: str, ranks: pl.DataFrame) -> list[tuple[str, Markup]]:
    """Draw the share of truths among the first k, all regimes in one picture if curves are few."""
    ks = range(1, FURTHEST + 1)
    drawn: dict[str, dict[str, list[float]]] = {}
    for regime in known.regimes:
        for tool in known.tools:
            own = ranks.filter(
                (pl.col("tool") == tool[0]) & (pl.col("version") == tool[1]) & (pl.col("regime") == regime)
            )
            if own.height:
                rank = own["rank"].fill_null(float("nan")).to_numpy()
                share = [100 * float(hits_at(rank, k).mean()) for k in ks]
                drawn.setdefault(known.wording.text(regime).label, {})[known.name(tool)] = share
    if sum(map(len, drawn.values())) <= _CURVES_AT_ONCE:
        drawn = {
            "every regime": {
                f"{tool}, {regime}": y for regime, found in drawn.items() for tool, y in found.items()
            }
        }
    pictures = {
        regime: [Line(name=name, x=ks, y=share) for name, share in found.items()]
        for regime, found in drawn.items()
    }
    return [
        (
            label,
            lines(
                picture,
                title=f"{level}: share of cases whose truth is among the first k, {label}",
                description=f"One rising curve for each of: {'; '.join(line.name for line in picture)}; "
                f"k from 1 to {FURTHEST}.",
                x_label="k: length of the list that is read",
                y_label="truth among the first k, % of cases",
            ),
        )
        for label, picture in reversed(pictures.items())
    ]


def _strata(known: _Card, level: str) -> dict[str, list[str]]:
    """Return the strata of a level that hold a case, by their name before the equals sign."""
    found: dict[str, list[str]] = {}
    for stratum in known.strata:
        scores = [
            known.get(tool, regime, level, known.metrics[0], stratum)
            for tool in known.tools
            for regime in known.regimes
        ]
        if any(item is not None and item.n for item in scores):
            found.setdefault(stratum.partition("=")[0], []).append(stratum)
    return {variable: sorted(strata, key=_place) for variable, strata in found.items()}


def _place(stratum: str) -> tuple[bool, bool, int, bool, str]:
    """Order 1-3 before 12 or more, yes before no, other names by name, and what is not known last."""
    value = stratum.partition("=")[2]
    number = re.search(r"\d+", value)
    return value in _LAST, number is None, int(number.group()) if number else 0, value != "yes", value


def _misses(known: _Card, ranks: pl.DataFrame) -> list[dict[str, object]]:
    counted = ranks.group_by("tool", "version", "regime").agg(
        pl.len().alias("n"),
        pl.col("rank").is_null().sum().alias("missed"),
        (pl.col("candidates") == 0).sum().alias("empty"),
        pl.col("candidates").median().alias("candidates"),
    )
    rows = {(row["tool"], row["version"], row["regime"]): row for row in counted.iter_rows(named=True)}
    order = [(*tool, regime) for tool in known.tools for regime in known.regimes]
    return [rows[key] for key in order if key in rows]


def _timing(card: Scorecard) -> list[dict[str, object]]:
    """Return the timings with their ratio to the fastest tool of the regime: seconds do not travel."""
    fastest: dict[str, float] = {}
    for item in card.timing:
        fastest[item.regime] = max(fastest.get(item.regime, 0.0), item.cases_per_second)
    return [
        {
            "item": item,
            "ratio": fastest[item.regime] / item.cases_per_second if item.cases_per_second > 0 else None,
        }
        for item in card.timing
    ]


def _cell(item: Score | None) -> str:
    if item is None:
        return "not run"
    if item.value is None:
        return NOT_MEASURED
    value = f"{item.value:.3f}" if item.metric == MRR else f"{100 * item.value:.1f}"
    return value if item.low is None else f"{value} ({_range(item)})"


def _range(item: Score) -> str:
    if item.low is None or item.high is None:
        return "one group only"
    low, high = (f"{end:.3f}" if item.metric == MRR else f"{100 * end:.1f}" for end in (item.low, item.high))
    return f"{low}\N{EN DASH}{high}"
