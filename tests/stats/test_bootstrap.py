"""Grouped bootstrap and paired differences: exact small cases, symmetry, coverage by simulation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.stats.bootstrap import grouped_bootstrap, paired_difference
from genopraxis.stats.permutation import sign_flip_p_value


def grouped_sample(
    rng: np.random.Generator, *, groups: int, p: float, alike: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw zeros and ones with an intraclass correlation of ``alike``, in groups of very different size."""
    sizes = 1 + rng.geometric(0.3, groups) + (rng.random(groups) < 0.1) * rng.integers(0, 30, groups)
    shares = rng.beta(p * (1 - alike) / alike, (1 - p) * (1 - alike) / alike, groups)
    labels = np.repeat(np.arange(groups), sizes)
    return (rng.random(len(labels)) < np.repeat(shares, sizes)).astype(float), labels


@pytest.mark.parametrize(
    ("groups", "p"), [(100, 0.3), (25, 0.3), (8, 0.3), (30, 0.03)], ids=["many", "some", "few", "rare"]
)
def test_coverage(groups: int, p: float) -> None:
    rng = np.random.default_rng(7)
    covered = naive = 0
    repeats = 200
    for number in range(repeats):
        values, labels = grouped_sample(rng, groups=groups, p=p, alike=0.4)
        estimate = grouped_bootstrap(values, labels, resamples=400, seed=number)[0]
        alone = grouped_bootstrap(values, np.arange(len(values)), resamples=400, seed=number)[0]
        covered += estimate.low <= p <= estimate.high
        naive += alone.low <= p <= alone.high
    # 95 % is promised; three standard errors of 200 repeats are 4.6 points
    assert covered / repeats >= 0.904
    # without the groups the promise would be broken: the reason for all this
    assert naive < covered


def test_columns_rows_and_seed() -> None:
    rng = np.random.default_rng(1)
    values, labels = rng.random((60, 3)), rng.integers(0, 20, 60)
    together = grouped_bootstrap(values, labels, seed=5)
    assert [item.value for item in together] == pytest.approx(values.mean(axis=0).tolist())
    for j in range(3):
        alone = grouped_bootstrap(values[:, j], labels, seed=5)[0]
        assert (alone.low, alone.high) == pytest.approx((together[j].low, together[j].high))
    order = rng.permutation(60)
    shuffled = grouped_bootstrap(values[order], labels[order], seed=5)[0]
    assert (shuffled.low, shuffled.high) == pytest.approx((together[0].low, together[0].high))
    assert grouped_bootstrap(values, labels, seed=6)[0].low != together[0].low


def test_too_few_groups_have_no_interval() -> None:
    one = grouped_bootstrap([1.0, 0.0], ["a", "a"])[0]
    assert (one.value, one.low, one.high, one.n, one.groups) == (0.5, None, None, 2, 1)
    none = grouped_bootstrap(np.zeros((0, 2)), np.zeros(0))
    assert [(item.value, item.low, item.n) for item in none] == [(None, None, 0)] * 2


def test_nothing_seen_is_not_certainty() -> None:
    groups = np.repeat(np.arange(10), 3)
    none = grouped_bootstrap(np.zeros(30), groups)[0]
    # the worst case: ten independent voices, not thirty
    assert (none.low, none.high) == pytest.approx((0.0, 1 - 0.025 ** (1 / 10)))
    every = grouped_bootstrap(np.ones(30), groups)[0]
    assert (every.low, every.high) == pytest.approx((0.025 ** (1 / 10), 1.0))
    half = grouped_bootstrap(np.full(30, 0.5), groups)[0]
    assert half.low == pytest.approx(0.5 * 0.025**0.1)
    assert half.high == pytest.approx(1 - 0.5 * 0.025**0.1)
    same = paired_difference(np.ones(30), np.ones(30), groups)
    assert (same.value, same.p_value) == (0.0, 1.0)
    assert (same.low, same.high) == pytest.approx((-(1 - 0.025**0.1), 1 - 0.025**0.1))


def test_one_event_reaches_further_than_its_resamples() -> None:
    values = np.zeros(30)
    values[0] = 1
    estimate = grouped_bootstrap(values, np.arange(30))[0]
    # Clopper-Pearson of 1 in 30 is 0.0008 to 0.172
    assert estimate.low == pytest.approx(0.0008, abs=0.001)
    assert estimate.high == pytest.approx(0.172, abs=0.02)


def test_one_giant_group_is_not_hidden() -> None:
    labels = np.array([0] * 500 + [1, 2, 3, 4, 5, 6])
    values = np.array([1.0] * 500 + [0, 0, 0, 0, 0, 0])
    estimate = grouped_bootstrap(values, labels)[0]
    assert estimate.low < 0.05
    assert estimate.high > 0.99


def test_bad_shapes() -> None:
    with pytest.raises(ValueError, match="finite"):
        grouped_bootstrap([1.0, np.nan], [1, 2])
    with pytest.raises(ValueError, match="one group for each"):
        grouped_bootstrap([1.0, 2.0], [1])
    with pytest.raises(ValueError, match="dimensions"):
        grouped_bootstrap(np.zeros((2, 2, 2)), [1, 2])
    with pytest.raises(ValueError, match="one length"):
        paired_difference([1.0, 2.0], [1.0], [1, 2])


PAIRS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 9)),
    min_size=2,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_difference_is_antisymmetric(rows: list[tuple[float, float, int]]) -> None:
    a, b, groups = (np.array(column) for column in zip(*rows, strict=True))
    forth = paired_difference(a, b, groups, resamples=200, flips=199)
    back = paired_difference(b, a, groups, resamples=200, flips=199)
    assert forth.value == pytest.approx(-back.value)
    assert forth.p_value == back.p_value
    if forth.low is not None:
        assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
        assert forth.low <= forth.value <= forth.high


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_sign_flips_are_all_tried(sums: list[int]) -> None:
    changed = [s for s in sums if s]
    patterns = list(itertools.product((-1, 1), repeat=len(changed)))
    extreme = sum(
        abs(sum(f * s for f, s in zip(signs, changed, strict=True))) >= abs(sum(changed))
        for signs in patterns
    )
    assert sign_flip_p_value(sums) == pytest.approx(extreme / len(patterns))


def test_random_sign_flips_agree_with_the_sign_test() -> None:
    # all groups differ by the same: the sum is a binomial count, 15 of 20 on one side has p 0.0414
    sums = [1.0] * 15 + [-1.0] * 5
    assert sign_flip_p_value(sums, flips=20_000) == pytest.approx(0.0414, abs=0.006)
    assert sign_flip_p_value([1.0] * 200, flips=99) == pytest.approx(0.01)


def test_p_values_are_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(3)
    small = 0
    for number in range(150):
        a, labels = grouped_sample(rng, groups=40, p=0.3, alike=0.4)
        b = rng.permutation(a)
        swap = rng.random(40)[labels] < 0.5
        x, y = np.where(swap, b, a), np.where(swap, a, b)
        small += paired_difference(x, y, labels, resamples=50, flips=199, seed=number).p_value <= 0.1
    assert 4 <= small <= 27
