"""Risk over coverage against values worked out by hand, all orders of ties, and properties."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.stats.selective import RiskCoverage, harmonic_numbers, selective_risks

PAIRS = st.lists(
    st.tuples(st.sampled_from([-np.inf, -1.0, 0.0, 0.5, 2.0, np.inf]), st.booleans()), min_size=1, max_size=6
)
MANY = st.lists(st.tuples(st.integers(-5, 5), st.booleans(), st.integers(0, 6)), min_size=2, max_size=50)


def area(confidence: list[float], wrong: list[int]) -> float:
    n = len(wrong)
    return RiskCoverage(confidence, wrong).area(np.ones(n), harmonic_numbers(n))


def mean_over_orders(confidence: list[float], wrong: list[bool]) -> tuple[float, list[float]]:
    """The area and the risks, averaged over every order that puts the more confident first."""
    areas, risks = [], []
    for order in itertools.permutations(range(len(wrong))):
        if all(confidence[a] >= confidence[b] for a, b in itertools.pairwise(order)):
            errors = np.cumsum([wrong[i] for i in order]) / np.arange(1, len(order) + 1)
            areas.append(errors.mean())
            risks.append(errors)
    return float(np.mean(areas)), np.mean(risks, axis=0).tolist()


def test_hand_computed() -> None:
    # risks 0, 1/2, 1/3, 2/4
    assert area([9, 8, 7, 6], [0, 1, 0, 1]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    (found,) = selective_risks([[9, 8, 7, 6]], [0, 1, 0, 1], range(4), resamples=50)
    assert found.excess.value == pytest.approx(found.area.value - (1 / 3 + 2 / 4) / 4)
    assert RiskCoverage([9, 8, 7, 6], [0, 1, 0, 1]).risk([0.25, 0.5, 0.51, 1]) == pytest.approx(
        [0, 1 / 2, 1 / 3, 1 / 2]
    )


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_ties_are_the_mean_over_all_their_orders(rows: list[tuple[float, bool]]) -> None:
    confidence, wrong = (list(column) for column in zip(*rows, strict=True))
    expected, risks = mean_over_orders(confidence, wrong)
    assert area(confidence, wrong) == pytest.approx(expected)
    n = len(wrong)
    assert RiskCoverage(confidence, wrong).risk([(i + 1) / n for i in range(n)]) == pytest.approx(risks)


@settings(max_examples=40, deadline=None)
@given(MANY)
def test_properties(rows: list[tuple[int, bool, int]]) -> None:
    scores, wrong, groups = (np.array(column) for column in zip(*rows, strict=True))
    options = {"groups": groups, "resamples": 60}
    first, moved, constant, oracle = selective_risks(
        [scores, np.exp(scores / 3.0) - 7, np.zeros(len(scores)), -wrong.astype(float)], wrong, **options
    )
    # a monotone transform changes nothing
    assert (first.area.value, first.area.low) == pytest.approx((moved.area.value, moved.area.low))
    assert moved.difference.value == pytest.approx(0)
    assert constant.area.value == pytest.approx(wrong.mean())
    assert constant.difference.value == pytest.approx(wrong.mean() - first.area.value)
    assert oracle.excess.value == pytest.approx(0, abs=1e-12)
    assert first.excess.value >= -1e-12
    assert (first.area.low is None) == (len(set(groups.tolist())) < 2 or len(set(wrong.tolist())) < 2)
    for found in (first, constant):
        if found.area.low is not None:
            assert found.area.low <= found.area.value <= found.area.high


def test_resampling_weighs_as_repeating_would() -> None:
    rng = np.random.default_rng(4)
    scores, wrong, weights = rng.integers(0, 9, 50), rng.random(50) < 0.4, rng.integers(0, 4, 50)
    total = int(weights.sum())
    found = RiskCoverage(scores, wrong).area(weights.astype(float), harmonic_numbers(total))
    again = RiskCoverage(np.repeat(scores, weights), np.repeat(wrong, weights))
    assert found == pytest.approx(again.area(np.ones(total), harmonic_numbers(total)))


def test_a_giant_group_may_be_drawn_often() -> None:
    groups = np.array([0] * 60 + [1, 2, 3, 4, 5])
    wrong = np.arange(65) % 3 == 0
    (found,) = selective_risks([np.arange(65)], wrong, groups, resamples=100)
    assert found.area.low < found.area.value < found.area.high


def test_difference_is_paired() -> None:
    rng = np.random.default_rng(6)
    good = rng.random(600)
    wrong = rng.random(600) > good
    first, noise = selective_risks([good, rng.random(600)], wrong, rng.integers(0, 150, 600), resamples=300)
    assert noise.difference.low > 0
    assert noise.difference.value == pytest.approx(noise.area.value - first.area.value)
    assert (first.difference.low, first.difference.high) == (0, 0)


def test_no_record_and_bad_input() -> None:
    (found,) = selective_risks([[]], [], [])
    assert (found.area.value, found.area.n) == (None, 0)
    assert np.isnan(RiskCoverage([], []).risk([0.5])).all()
    with pytest.raises(ValueError, match="NaN"):
        RiskCoverage([float("nan")], [0])
    with pytest.raises(ValueError, match="wrong"):
        RiskCoverage([1.0], [2])
    with pytest.raises(ValueError, match="one length"):
        RiskCoverage([1.0, 2.0], [0])
    with pytest.raises(ValueError, match="coverage"):
        RiskCoverage([1.0], [0]).risk([0.0])
