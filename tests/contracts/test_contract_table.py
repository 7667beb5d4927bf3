"""The one predicate of a table: each kind of problem is found, and named."""

from __future__ import annotations

import polars as pl
import pytest

from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.table import Column, TableContract

CONTRACT = TableContract(
    name="toy",
    version=3,
    description="A table for tests.",
    columns=(
        Column(name="id", dtype=pl.String, description="key"),
        Column(name="level", dtype=pl.String, description="one of two", allowed=("a", "b")),
        Column(name="share", dtype=pl.Float64, description="fraction", nullable=True, minimum=0, maximum=1),
        Column(name="extra", dtype=pl.Int64, description="may be left out", required=False),
    ),
    key=("id", "level"),
)
GOOD = pl.DataFrame(
    {"id": ["x", "y"], "level": ["a", "a"], "share": [0.0, None]},
    schema={"id": pl.String, "level": pl.String, "share": pl.Float64},
)


def test_a_good_table_passes():
    assert CONTRACT.check(GOOD)
    assert CONTRACT.check(GOOD, raise_errors=True)
    assert list(CONTRACT.problems(GOOD)) == []


def test_unnamed_columns_and_column_order_do_not_matter():
    assert CONTRACT.check(GOOD.with_columns(other=pl.lit(1)).select("other", "share", "level", "id"))


def test_an_empty_table_passes_and_has_every_column():
    empty = CONTRACT.empty()
    assert empty.is_empty()
    assert empty.columns == ["id", "level", "share", "extra"]
    assert CONTRACT.check(empty)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"drop": "share"}, "column 'share' is missing", id="missing column"),
        pytest.param({"share": pl.lit("0.5")}, "column 'share' is String, wanted Float64", id="type"),
        pytest.param(
            {"share": pl.lit(0.5, pl.Float32)}, "column 'share' is Float32, wanted Float64", id="width"
        ),
        pytest.param(
            {"extra": pl.lit(0.5)}, "column 'extra' is Float64, wanted Int64", id="type of optional"
        ),
        pytest.param({"extra": pl.lit(None, pl.Int64)}, "'extra' has 2 missing value(s)", id="null"),
        pytest.param({"share": pl.lit(float("nan"))}, "'share' has 2 NaN value(s)", id="nan"),
        pytest.param({"share": pl.lit(-0.01)}, "'share' has 2 value(s) below 0", id="minimum"),
        pytest.param({"share": pl.lit(1.01)}, "'share' has 2 value(s) above 1", id="maximum"),
        pytest.param({"share": pl.lit(float("inf"))}, "'share' has 2 value(s) above 1", id="infinite"),
        pytest.param({"level": pl.lit("c")}, "'level' has ['c'], allowed: ['a', 'b']", id="value"),
        pytest.param({"id": pl.lit("x")}, "1 row(s) repeat the key (id, level)", id="key"),
    ],
)
def test_each_kind_of_problem_is_named(change, sentence):
    change = dict(change)
    dropped = change.pop("drop", None)
    frame = GOOD.with_columns(**change)
    frame = frame.drop(dropped) if dropped else frame
    assert not CONTRACT.check(frame)
    problems = list(CONTRACT.problems(frame))
    assert any(sentence in problem for problem in problems), problems
    with pytest.raises(ContractError) as caught:
        CONTRACT.check(frame, raise_errors=True, where="table.tsv")
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("table.tsv: not a valid genopraxis.toy/3 table")
    assert isinstance(caught.value, InputError)


def test_the_limits_themselves_are_allowed():
    assert CONTRACT.check(GOOD.with_columns(share=pl.Series([0.0, 1.0])))


def test_every_problem_is_told_at_once():
    frame = GOOD.drop("id").with_columns(level=pl.lit("c"), share=pl.lit(2.0))
    assert len(list(CONTRACT.problems(frame))) == 3


def test_the_hint_names_the_wanted_columns_and_not_the_optional_ones():
    with pytest.raises(ContractError) as caught:
        CONTRACT.check(GOOD.drop("id"), raise_errors=True)
    assert caught.value.hint == "columns wanted: id, level, share"


def test_a_case_may_not_list_a_candidate_twice_in_the_ranking():
    row = {"case_id": "1", "level": "disease", "candidate_id": "OMIM:1", "rank": 1.0}
    assert RANKING.check(pl.DataFrame([row, row | {"level": "gene"}]))
    assert not RANKING.check(pl.DataFrame([row, row]))
    assert not RANKING.check(pl.DataFrame([row | {"rank": 0.5}]))
    assert not RANKING.check(pl.DataFrame([row | {"probability": 1.5}]))
