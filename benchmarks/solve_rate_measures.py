"""Calibration of stated probabilities at a true solve rate, and how often the answer is found by what is known."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from genopraxis.case.information import COMMON_SIGN, FIRST_TEN_LIMIT
from genopraxis.stats.bootstrap import Estimate, grouped_bootstrap, paired_difference
from genopraxis.stats.calibration import measure_calibration
from genopraxis.tasks.phenotype.posterior import SOLVE_RATE

QUESTIONS = {
    "first": "the first is right",
    "first_ten": "one of the first ten is right",
    "no_diagnosis": "no diagnosis to find",
}
TERMS = {
    "1": (1, 1),
    "2": (2, 2),
    "3": (3, 3),
    "4–5": (4, 5),
    "6–10": (6, 10),
    "more than 10": (11, math.inf),
}
SHARES = (0.005, 0.01, 0.02, 0.05, COMMON_SIGN)
FIRST_TEN = (0.02, 0.05, FIRST_TEN_LIMIT, 0.2, 0.4, 0.6)
SOLVED, AT_RATE = "solved", "at the default rate"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table; what a table does not give is ``None``.

    Parameters
    ----------
    rate, told
        The true solve rate, and the one that the posterior was told.
    stated, observed
        Mean stated probability, and the share that came true.
    by_chance
        The calibration error to expect if every probability were right, cases of a publication alike as they are.
    cost
        What another rate than the true one adds to the Brier score.
    """

    table: str
    row: str
    question: str
    rate: float | None
    told: float
    stated: float | None
    observed: Estimate
    calibration_error: Estimate | None = None
    by_chance: float | None = None
    brier: Estimate | None = None
    skill: Estimate | None = None
    cost: Estimate | None = None

    def flat(self) -> dict[str, object]:
        """Return the line with a column for each figure and each end of an interval."""
        found: dict[str, object] = {}
        for name, value in vars(self).items():
            if name in ("observed", "calibration_error", "brier", "skill", "cost"):
                found[name] = value and value.value
                found[f"{name}_low"], found[f"{name}_high"] = value and value.low, value and value.high
            else:
                found[name] = value
        return found | {"n": self.observed.n, "groups": self.observed.groups}


def thinned(answers: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return some cases of each publication, so that none weighs hundreds of times as much as another."""
    by_group: dict[str, list[int]] = {}
    for case, group in answers.select("case", "group").unique().iter_rows():
        by_group.setdefault(group, []).append(case)
    kept = [case for own in by_group.values() for case in sorted(own, key=partial(_draw, "kept"))[:most]]
    return answers.filter(pl.col("case").is_in(kept))


def sample(answers: pl.DataFrame, *, rate: float) -> pl.DataFrame:
    """Return one version of each case, the wanted share of them solved."""
    cases = sorted(answers["case"].unique().to_list(), key=partial(_draw, "solved"))
    solved = cases[: round(rate * len(cases))]
    return answers.filter(pl.col("solved") == pl.col("case").is_in(solved)).sort("told", "case")


def _draw(purpose: str, case: int) -> bytes:
    return hashlib.sha256(f"{purpose}\0{case}".encode()).digest()


def measure(answers: pl.DataFrame, *, rates: Sequence[float]) -> Iterator[Row]:
    """Yield every line: calibration at each true rate, told that rate or the default; then what is known."""
    for rate in rates:
        drawn = sample(answers, rate=rate)
        for told in dict.fromkeys((rate, SOLVE_RATE)):
            for question in QUESTIONS:
                yield _calibration(drawn, rate=rate, told=told, question=question)
    told_default = answers.filter(pl.col("told") == SOLVE_RATE)
    populations = {SOLVED: told_default.filter("solved"), AT_RATE: sample(told_default, rate=SOLVE_RATE)}
    for population, table in populations.items():
        for title, name, chosen in _strata():
            own = table.filter(chosen)
            for question in ("first", "first_ten"):
                yield _stratum(own, population=population, title=title, name=name, question=question)


def _calibration(drawn: pl.DataFrame, *, rate: float, told: float, question: str) -> Row:
    own, at_rate = (drawn.filter(pl.col("told") == value) for value in (told, rate))
    groups = own["group"].to_numpy().astype(str)
    outcome = own[f"is_{question}"].to_numpy().astype(np.float64)
    said, said_at_rate = (table[f"said_{question}"].to_numpy() for table in (own, at_rate))
    found = measure_calibration(said, outcome, groups)
    cost = paired_difference(np.square(said - outcome), np.square(said_at_rate - outcome), groups)
    return Row(
        table="rates" if told == rate else "wrong rate",
        row=QUESTIONS[question],
        question=question,
        rate=rate,
        told=told,
        stated=found.predicted,
        observed=found.observed,
        calibration_error=found.error,
        by_chance=found.error_if_calibrated_in_groups,
        brier=found.brier,
        skill=found.brier_skill,
        cost=None
        if told == rate
        else Estimate(value=cost.value, low=cost.low, high=cost.high, n=cost.n, groups=cost.groups),
    )


def _strata() -> Iterator[tuple[str, str, pl.Expr]]:
    """Yield title, name and condition of every line on what is known of a patient."""
    verdict, enough, informative = "verdict of the report", pl.col("enough"), pl.col("informative")
    yield verdict, "too little is known", ~enough
    yield verdict, "… no sign is informative", ~informative
    yield verdict, f"… the first ten below {100 * FIRST_TEN_LIMIT:.1f} %", ~enough & informative
    yield verdict, "enough is known", enough
    for name, (low, high) in TERMS.items():
        yield "observed terms", name, pl.col("terms").is_between(low, high)
    yield from _classes("mean share of diseases with a sign", "share", SHARES, digits=1)
    yield from _classes("stated for the first ten", "said_first_ten", FIRST_TEN, digits=0)


def _classes(
    title: str, column: str, limits: Sequence[float], *, digits: int
) -> Iterator[tuple[str, str, pl.Expr]]:
    words = [f"{100 * limit:.{digits}f}" for limit in limits]
    value = pl.col(column)
    yield title, f"below {words[0]} %", value < limits[0]
    for i in range(1, len(limits)):
        yield title, f"{words[i - 1]}–{words[i]} %", (value >= limits[i - 1]) & (value < limits[i])
    yield title, f"{words[-1]} % or more", value >= limits[-1]


def _stratum(own: pl.DataFrame, *, population: str, title: str, name: str, question: str) -> Row:
    outcome = own[f"is_{question}"].to_numpy().astype(np.float64)
    (found,) = grouped_bootstrap(outcome, own["group"].to_numpy().astype(str))
    return Row(
        table=f"{title}, {population}",
        row=name,
        question=question,
        rate=SOLVE_RATE if population == AT_RATE else None,
        told=SOLVE_RATE,
        stated=float(own[f"said_{question}"].to_numpy().mean()) if own.height else None,
        observed=found,
    )
