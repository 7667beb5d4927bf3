"""Middle ranks against brute force, and the metrics made from them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.stats.ranking import hits_at, mid_rank, mid_ranks, reciprocal_rank

# few different values, so that ties are the rule
SCORES = st.lists(
    st.one_of(st.sampled_from([-math.inf, -1.5, 0.0, 2.0, math.inf]), st.floats(allow_nan=False)),
    min_size=1,
    max_size=25,
)


def brute_force(scores: list[float], index: int) -> float:
    if scores[index] == -math.inf:
        return math.nan
    places = [
        place
        for place, score in enumerate(sorted((s for s in scores if s != -math.inf), reverse=True), start=1)
        if score == scores[index]
    ]
    return sum(places) / len(places)


@given(SCORES)
def test_middle_ranks_are_those_of_brute_force(scores: list[float]) -> None:
    wanted = [brute_force(scores, index) for index in range(len(scores))]
    np.testing.assert_array_equal(mid_ranks(scores), wanted)
    np.testing.assert_array_equal([mid_rank(scores, index) for index in range(len(scores))], wanted)


def test_all_tied_gain_nothing() -> None:
    np.testing.assert_array_equal(mid_ranks(np.zeros(5)), np.full(5, 3.0))


def test_empty_and_not_a_number() -> None:
    assert mid_ranks([]).shape == (0,)
    with pytest.raises(ValueError, match="NaN"):
        mid_ranks([1.0, math.nan])
    with pytest.raises(ValueError, match="NaN"):
        mid_rank([1.0, math.nan], 0)
    with pytest.raises(ValueError, match="one-dimensional"):
        mid_ranks(np.zeros((2, 2)))


def test_hits_and_reciprocal_ranks() -> None:
    ranks = [1.0, 1.5, 3.0, None, math.nan]
    assert hits_at(ranks, 1).tolist() == [True, False, False, False, False]
    assert hits_at(ranks, 3).tolist() == [True, True, True, False, False]
    np.testing.assert_allclose(reciprocal_rank(ranks), [1, 2 / 3, 1 / 3, 0, 0])
