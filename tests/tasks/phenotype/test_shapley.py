"""Parts of a score by sign: they add up, and they are fair where fairness can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.shapley import shapley_parts

SEEDS = st.integers(min_value=0, max_value=100_000)
SIZES = st.integers(min_value=0, max_value=4)
CANDIDATES = 3


def query(observed: int, excluded: int) -> Query:
    return Query(
        observed=tuple(range(10, 10 + observed)),
        excluded=tuple(range(50, 50 + excluded)),
        sex="male",
    )


def signs(asked: Query) -> frozenset[int]:
    return frozenset(asked.observed) | frozenset(asked.excluded)


def arbitrary(seed: int) -> Callable[[Query], np.ndarray]:
    """A set function without any rule: each set of signs has random scores."""

    def score(asked: Query) -> np.ndarray:
        assert asked.sex == "male", "what is no sign was taken out"
        return np.random.default_rng([seed, *sorted(signs(asked))]).normal(size=CANDIDATES)

    return score


@settings(max_examples=60, deadline=None)
@given(SEEDS, SIZES, SIZES)
def test_parts_and_nothing_are_the_whole(seed: int, observed: int, excluded: int) -> None:
    asked, score = query(observed, excluded), arbitrary(seed)
    nothing, parts = shapley_parts(asked, score)
    assert parts.shape == (observed + excluded, CANDIDATES)
    assert np.array_equal(nothing, score(query(0, 0)))
    assert np.allclose(nothing + parts.sum(axis=0), score(asked))


@settings(max_examples=60, deadline=None)
@given(SEEDS, SIZES, SIZES)
def test_pairs_of_signs_share_what_they_do_together(seed: int, observed: int, excluded: int) -> None:
    # an order and its reverse settle single signs and pairs exactly
    random = np.random.default_rng(seed)
    asked = query(observed, excluded)
    order = [*asked.observed, *asked.excluded]
    single = {sign: random.normal(size=CANDIDATES) for sign in order}
    pair = {frozenset({a, b}): random.normal(size=CANDIDATES) for a in order for b in order if a < b}

    def score(part: Query) -> np.ndarray:
        inside = signs(part)
        total = np.zeros(CANDIDATES)
        for sign in inside:
            total += single[sign]
        for both, value in pair.items():
            total += value * (both <= inside)
        return total

    _, parts = shapley_parts(asked, score)
    for i, sign in enumerate(order):
        wanted = single[sign] + sum(
            (value / 2 for both, value in pair.items() if sign in both), np.zeros(CANDIDATES)
        )
        assert np.allclose(parts[i], wanted)


def test_dummy_and_symmetry() -> None:
    asked = query(3, 1)
    first, second, third = asked.observed

    def score(part: Query) -> np.ndarray:
        # the first two count alike, the third never, the excluded one against
        return np.array(
            [2.0 * (first in part.observed) + 2.0 * (second in part.observed) - len(part.excluded)]
        )

    nothing, parts = shapley_parts(asked, score)
    assert nothing.tolist() == [0.0]
    assert parts[:, 0].tolist() == [2.0, 2.0, 0.0, -1.0]
    assert third in asked.observed


@pytest.mark.parametrize("n", [1, 5, 9])
def test_same_parts_each_time_and_each_set_is_asked_once(n: int) -> None:
    asked, score = query(n, 0), arbitrary(1)
    seen = []

    def counting(part: Query) -> np.ndarray:
        seen.append(signs(part))
        return score(part)

    first = shapley_parts(asked, counting)
    assert len(seen) == len(set(seen)), "a set of signs was scored twice"
    again = shapley_parts(asked, score)
    assert first[0].tobytes() == again[0].tobytes()
    assert first[1].tobytes() == again[1].tobytes()
