"""The section of a scorecard page that says whether probabilities are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from markupsafe import Markup

from genopraxis.bench.questions import CONSTANT, MARGIN, PROBABILITY, QUESTIONS, SCORE, Asked, ask
from genopraxis.bench.wording import Regimes, question_label
from genopraxis.contracts.probability import Calibration, Figure, ProbabilityCheck
from genopraxis.render.figures import Line, Reliability, lines, reliability
from genopraxis.render.numbers import NOT_MEASURED, percent, signed
from genopraxis.stats.recalibration import CLIP
from genopraxis.stats.selective import RiskCoverage

COVERAGES = tuple(range(2, 101, 2))
"""Shares of cases at which risk-coverage curves are drawn, percent."""

CONFIDENCES = {
    PROBABILITY: "probability",
    SCORE: "score of the first",
    MARGIN: "margin, first two scores",
    CONSTANT: "constant",
}


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One tool in one regime, and what was measured of it."""

    tool: str
    version: str
    regime: str
    n: int
    checks: list[ProbabilityCheck]


@dataclass(frozen=True, kw_only=True)
class _Pictures:
    """The pictures of one run: a reliability diagram, and for each question a risk-coverage curve."""

    tool: str
    reliability: Markup
    curves: list[tuple[str, Markup]]


def probability_section(
    checks: Sequence[ProbabilityCheck], ranks: pl.DataFrame, *, level: str, wording: Regimes
) -> dict[str, object]:
    """Return what the template needs for one level.

    Parameters
    ----------
    checks
        Those of the scorecard; none where nothing was looked at, as in a file of an older version.
    ranks
        The rows of its ``genopraxis.case-ranks/1`` table at this level.
    level
        What is ranked.
    wording
        The regimes, for their order and labels.
    """
    own = [one for one in checks if one.level == level]
    runs = _runs([one for one in own if one.calibration is not None], wording)
    return {
        "runs": runs,
        "absent": _absent(own, wording),
        "holds_for": {
            f"{one.tool} {one.version}": one.checks[0].holds_for or "Its card does not say." for one in runs
        },
        "clip": np.format_float_positional(
            next((one.checks[0].calibration.clip for one in runs if one.checks[0].calibration), CLIP)
        ),
        "pictures": {
            regime: [_pictures(run, ranks, wording) for run in runs if run.regime == regime]
            for regime in reversed(wording.in_order(run.regime for run in runs))
        },
        "confidences": CONFIDENCES,
        "question_short": _question_short,
        "share": share_text,
        "number": number_text,
        "signed": _signed,
    }


def _runs(measured: Sequence[ProbabilityCheck], wording: Regimes) -> list[_Run]:
    together: dict[tuple[str, str, str], list[ProbabilityCheck]] = {}
    for one in measured:
        together.setdefault((one.tool, one.version, one.regime), []).append(one)
    tools = list(dict.fromkeys(key[:2] for key in together))
    regimes = wording.in_order(key[2] for key in together)
    order = sorted(together, key=lambda key: (tools.index(key[:2]), regimes.index(key[2])))
    return [
        _Run(tool=key[0], version=key[1], regime=key[2], n=together[key][0].n, checks=together[key])
        for key in order
    ]


def _question_short(question: str) -> str:
    k = question.removeprefix("top")
    return "is first" if k == "1" else f"in first {k}"


def share_text(figure: Figure) -> Markup:
    """Return a share in percent, its interval below it."""
    return _with_range(figure, percent(figure.value), "{:.1f}", factor=100)


def number_text(figure: Figure) -> Markup:
    """Return a figure that is no share, its interval below it."""
    text = NOT_MEASURED if figure.value is None else _minus(f"{figure.value:.2f}")
    return _with_range(figure, text, "{:.2f}")


def _signed(figure: Figure) -> Markup:
    return _with_range(figure, signed(figure.value), "{:.2f}")


def _with_range(figure: Figure, text: str, form: str, *, factor: float = 1) -> Markup:
    if figure.value is None:
        return Markup('<span class="muted">not measured</span>')
    if figure.low is None or figure.high is None:
        return Markup('{}<span class="range">no interval</span>').format(text)
    low, high = (_minus(form.format(factor * end)) for end in (figure.low, figure.high))
    to = " to " if "\N{MINUS SIGN}" in low + high else "\N{EN DASH}"
    return Markup('{}<span class="range">{}{}{}</span>').format(text, low, to, high)


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _absent(checks: Sequence[ProbabilityCheck], wording: Regimes) -> list[tuple[str, str, str, list[str]]]:
    """Return tool, question, reason and regimes of what is not measured."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in checks:
        if one.reason is not None:
            found.setdefault((f"{one.tool} {one.version}", one.reason, one.regime), []).append(one.question)
    by_regimes: dict[tuple[str, str, str], list[str]] = {}
    for (tool, reason, regime), questions in found.items():
        text = "; ".join(map(question_label, questions))
        by_regimes.setdefault((tool, text, reason), []).append(wording.text(regime).label)
    return [(*key, regimes) for key, regimes in by_regimes.items()]


def _pictures(run: _Run, ranks: pl.DataFrame, wording: Regimes) -> _Pictures:
    label = wording.text(run.regime).label
    rows = ranks.filter(
        (pl.col("tool") == run.tool) & (pl.col("version") == run.version) & (pl.col("regime") == run.regime)
    )
    level = run.checks[0].level
    return _Pictures(
        tool=f"{run.tool} {run.version}",
        reliability=reliability(
            [
                _reliability(question_label(one.question), one.calibration)
                for one in run.checks
                if one.calibration is not None
            ],
            title=f"{level}: observed over predicted, {run.tool} {run.version}, {label}",
            description="One point for each tenth of the cases, ordered by probability, with its 95 % interval; on "
            "the dashed diagonal, what was predicted came true as often as it was predicted. Below, how many "
            "cases had which probability.",
            x_label="probability given, %",
            y_label="came true, % of cases",
        ),
        curves=[
            (question_label(one.question), picture)
            for one in run.checks
            if (picture := _curves(one, rows, label)) is not None
        ],
    )


def _reliability(name: str, found: Calibration) -> Reliability:
    def percents(values: list[float | None]) -> list[float | None]:
        return [None if value is None else 100 * value for value in values]

    return Reliability(
        name=name,
        predicted=[100 * one.predicted for one in found.bins],
        observed=[100 * (one.observed.value or 0.0) for one in found.bins],
        low=percents([one.observed.low for one in found.bins]),
        high=percents([one.observed.high for one in found.bins]),
        histogram=found.histogram,
    )


def _curves(check: ProbabilityCheck, rows: pl.DataFrame, label: str) -> Markup | None:
    """Draw the error rate among the most confident cases, for each confidence; ``None`` for other ranks."""
    asked = ask(rows, k=QUESTIONS[check.question]) if check.question in QUESTIONS and rows.height else ""
    if not isinstance(asked, Asked):
        return None
    shares = np.array(COVERAGES) / 100
    drawn = [
        Line(
            name=CONFIDENCES[name],
            x=COVERAGES,
            y=(100 * RiskCoverage(confidence, ~asked.right).risk(shares)).tolist(),
        )
        for name, confidence in asked.confidence.items()
    ]
    return lines(
        drawn,
        title=f"{check.level}: error rate over the share of cases answered, {check.tool} {check.version}, {label}",
        description=f"Wrong: {question_label(check.question)} does not hold. One curve for each of: "
        f"{'; '.join(line.name for line in drawn)}. The lower a curve, the better its confidence.",
        x_label="most confident cases that are answered, %",
        y_label="wrong among them, %",
    )
