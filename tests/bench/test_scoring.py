"""Scores against figures counted by hand."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import polars as pl
import pytest

from genopraxis.bench.scoring import METRICS, metric_values, score
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.stats.bootstrap import grouped_bootstrap

# case, publication, rank of the truth
CASES = [("c1", "P1", 1.0), ("c2", "P1", 1.5), ("c3", "P2", 4.0), ("c4", None, None), ("c5", None, 11.0)]


def ranks(
    cases: list[tuple[str, str | None, float | None]],
    *,
    tool: str = "phenotype.one",
    regime: str = "full",
    level: str = "disease",
) -> pl.DataFrame:
    rows = [
        (tool, "1", regime, level, case, publication, ["OMIM:1"], rank, None, 100, [], [])
        for case, publication, rank in cases
    ]
    return pl.DataFrame(rows, schema=CASE_RANKS.schema, orient="row")


def strata(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame([(case, None, name) for case, name in rows], schema=CASE_STRATA.schema, orient="row")


def test_values_and_numbers_of_cases() -> None:
    found = score(
        ranks(CASES),
        strata(("c1", "sex=female"), ("c4", "sex=female"), ("c3", "sex=male"), ("stranger", "age=old")),
        resamples=100,
    )
    values = {(item.stratum, item.metric): (item.value, item.n) for item in found}
    assert values["all", "top1"] == (pytest.approx(1 / 5), 5)
    assert values["all", "top3"] == (pytest.approx(2 / 5), 5)
    assert values["all", "top5"] == (pytest.approx(3 / 5), 5)
    assert values["all", "top10"] == (pytest.approx(3 / 5), 5)
    assert values["all", "mrr"] == (pytest.approx((1 + 1 / 1.5 + 1 / 4 + 1 / 11) / 5), 5)
    assert values["sex=female", "top1"] == (pytest.approx(1 / 2), 2)
    assert values["sex=male", "top5"] == (pytest.approx(1.0), 1)
    assert values["age=old", "top1"] == (None, 0)
    assert [item.stratum for item in found[::5]] == ["all", "sex=female", "sex=male", "age=old"]
    assert [item.metric for item in found[:5]] == list(METRICS)


def test_intervals_are_grouped_by_publication() -> None:
    item = score(ranks(CASES), strata(), metrics=("mrr",))[0]
    values = metric_values("mrr", [1, 1.5, 4, None, 11])
    # P1 holds two cases; each case without a publication is a group of its own
    wanted = grouped_bootstrap(values, ["d", "d", "e", "a", "b"])[0]
    alone = grouped_bootstrap(values, np.arange(5))[0]
    assert (item.low, item.high) != pytest.approx((alone.low, alone.high))
    assert wanted.groups == 4
    assert item.low <= item.value <= item.high


def test_one_publication_has_no_interval() -> None:
    item = score(ranks(CASES[:2]), strata(), metrics=("top1",))[0]
    assert (item.value, item.low, item.high) == (0.5, None, None)


def test_runs_do_not_disturb_each_other() -> None:
    other = ranks(CASES[1:], tool="phenotype.two")
    gene = ranks(CASES[:3], level="gene")
    marks = strata(("c1", "x=1"), ("c2", "x=1"), ("c3", "x=1"))
    together = score(pl.concat([ranks(CASES), other, gene]), marks, resamples=200)
    alone = [item for part in (ranks(CASES), other, gene) for item in score(part, marks, resamples=200)]
    assert [item.model_dump() for item in together] == [
        pytest.approx(item.model_dump()) if item.low is None else item.model_dump() for item in alone
    ]


def test_order_of_rows_does_not_matter() -> None:
    forth = score(ranks(CASES), strata(("c1", "x=1"), ("c3", "x=1")))
    back = score(ranks(CASES[::-1]), strata(("c3", "x=1"), ("c1", "x=1")))
    assert forth == back


def test_nothing_to_score() -> None:
    assert score(CASE_RANKS.empty(), CASE_STRATA.empty()) == []


def test_bad_input() -> None:
    with pytest.raises(InputError, match="no metric 'top0'"):
        score(ranks(CASES), strata(), metrics=("top0",))
    with pytest.raises(ContractError, match="'rank' has 1 value"):
        score(ranks([("c1", None, 0.5)]), strata())
    with pytest.raises(ContractError, match="repeat the key"):
        score(pl.concat([ranks(CASES), ranks(CASES)]), strata())


def test_a_benchmark_is_scored_in_seconds() -> None:
    rng = np.random.default_rng(0)
    cases = [
        (f"c{i}", f"P{p}", float(r))
        for i, (p, r) in enumerate(zip(rng.integers(0, 700, 2000), rng.integers(1, 50, 2000), strict=True))
    ]
    tables = [ranks(cases, tool=f"t.{t}", regime=r) for t in "abc" for r in ("full", "case-out")]
    marks = strata(*((f"c{i}", f"s{v}={i % (v + 2)}") for v in range(5) for i in range(2000)))
    begin = perf_counter()
    assert len(score(pl.concat(tables), marks)) == 6 * 5 * (1 + 2 + 3 + 4 + 5 + 6)
    assert perf_counter() - begin < 10
