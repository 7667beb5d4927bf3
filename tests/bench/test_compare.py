"""Paired comparison: only shared cases, counted by hand, the same seen from both sides."""

from __future__ import annotations

import json

import polars as pl
import pytest

from genopraxis.bench.compare import Comparison, compare
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.errors import InputError

A = {"c1": 1.0, "c2": 1.0, "c3": 7.0, "c4": None, "c5": 2.0, "only-a": 1.0}
B = {"c1": 1.0, "c2": 30.0, "c3": 2.0, "c4": None, "c5": 2.0}


def ranks(
    by_case: dict[str, float | None], *, tool: str = "phenotype.a", truth: str = "OMIM:1"
) -> pl.DataFrame:
    rows = [
        (tool, "1", "full", "disease", case, f"P{case[-1]}", [truth], rank, None, 100, [], [])
        for case, rank in by_case.items()
    ]
    return pl.DataFrame(rows, schema=CASE_RANKS.schema, orient="row")


def compared(**options: object) -> Comparison:
    return compare(ranks(A), ranks(B, tool="phenotype.b"), level="disease", resamples=200, **options)


def test_counts() -> None:
    found = compared()
    assert (found.n, found.groups, found.a.only, found.b.only, found.a.n) == (5, 5, 1, 0, 6)
    outcomes = {item.k: (item.both, item.only_a, item.only_b, item.neither) for item in found.outcomes}
    assert outcomes == {1: (1, 1, 0, 3), 3: (2, 1, 1, 1), 5: (2, 1, 1, 1), 10: (3, 1, 0, 1)}
    head = found.head_to_head
    assert (head.a_better, head.b_better, head.tie) == (1, 1, 3)
    top1 = found.metrics[0]
    assert (top1.metric, top1.a, top1.b) == ("top1", 0.4, 0.2)
    assert top1.difference == pytest.approx(0.2)
    # one group differs: both signs are as extreme
    assert top1.p_value == 1.0
    assert top1.low <= top1.difference <= top1.high


def test_movements_and_document() -> None:
    found = compared(movements=5)
    assert [(m.case_id, m.rank_a, m.rank_b) for m in found.better_with_a] == [("c2", 1.0, 30.0)]
    assert [m.case_id for m in found.better_with_b] == ["c3"]
    again = Comparison.from_mapping(json.loads(found.to_json()), where="test")
    assert again == found
    assert json.loads(found.to_json())["schema"] == "genopraxis.comparison/1"


def test_seen_from_the_other_side() -> None:
    forth = compared()
    back = compare(ranks(B, tool="phenotype.b"), ranks(A), level="disease", resamples=200)
    for one, other in zip(forth.metrics, back.metrics, strict=True):
        assert one.difference == pytest.approx(-other.difference)
        assert one.low == pytest.approx(-other.high)
        assert one.p_value == other.p_value
    assert forth.better_with_a[0].case_id == back.better_with_b[0].case_id


def test_nothing_shared_is_an_outcome() -> None:
    found = compare(ranks({"x": 1.0}), ranks({"y": 1.0}), level="disease")
    assert found.n == 0
    assert found.metrics[0].difference is None
    assert found.metrics[0].a is None


def test_bad_input() -> None:
    with pytest.raises(InputError, match="no row at level 'gene'"):
        compare(ranks(A), ranks(B), level="gene")
    with pytest.raises(InputError, match="found 2"):
        compare(pl.concat([ranks(A), ranks(B, tool="phenotype.b")]), ranks(B), level="disease")
    with pytest.raises(InputError, match=r"5 case\(s\) differ in their truth, first c1"):
        compare(ranks(A), ranks(B, truth="OMIM:2"), level="disease")
