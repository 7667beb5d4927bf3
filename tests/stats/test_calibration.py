"""Calibration against values worked out by hand, properties, and plain re-implementations."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.stats.bootstrap import Estimate
from genopraxis.stats.calibration import log_losses, measure_calibration
from genopraxis.stats.recalibration import recalibration
from genopraxis.stats.reliability import (
    EqualMass,
    calibration_error,
    error_if_calibrated,
    error_if_calibrated_in_groups,
    reliability_table,
)

PROBABILITIES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0]) | st.floats(0, 1)
RECORDS = st.lists(st.tuples(PROBABILITIES, st.booleans(), st.integers(0, 5)), min_size=1, max_size=40)


def columns(rows: list[tuple[float, bool, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    p, y, groups = (np.array(column) for column in zip(*rows, strict=True))
    return p.astype(float), y.astype(float), groups


def by_hand(p: np.ndarray, y: np.ndarray, bins: int) -> float:
    """The calibration error, record by record."""
    inside: dict[int, list[int]] = {}
    for i in range(len(p)):
        below, tied = sum(q < p[i] for q in p), sum(q == p[i] for q in p)
        inside.setdefault(int(bins * (2 * below + tied) // (2 * len(p))), []).append(i)
    return sum(abs(sum(y[i] - p[i] for i in own)) for own in inside.values()) / len(p)


def test_hand_computed() -> None:
    p, y = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 1, 1, 1])
    found = measure_calibration(p, y, [1, 2, 3, 4], bins=2, resamples=200)
    assert found.predicted == pytest.approx(0.5)
    assert found.observed.value == 0.75
    assert found.brier.value == pytest.approx((0.01 + 0.64 + 0.04 + 0.01) / 4)
    assert found.brier_skill.value == pytest.approx(1 - 0.175 / (0.75 * 0.25))
    assert found.log_loss.value == pytest.approx(-(log(0.9) + log(0.2) + log(0.8) + log(0.9)) / 4)
    # bins 0.15 against 0.5 and 0.85 against 1
    assert found.error.value == pytest.approx((0.35 + 0.15) / 2)
    assert [(one.predicted, one.observed.value, one.observed.n) for one in found.table] == [
        (pytest.approx(0.15), 0.5, 2),
        (pytest.approx(0.85), 1.0, 2),
    ]


def test_losses_are_clipped() -> None:
    losses = log_losses(np.array([0.0, 1.0, 1.0]), np.array([1.0, 0.0, 1.0]), clip=0.01)
    assert losses == pytest.approx([-log(0.01), -log(0.01), -log(0.99)])


def test_ties_stay_together() -> None:
    p = np.array([0.3] * 7 + [0.6, 0.8, 0.9])
    numbers = EqualMass(p, bins=5).numbers()
    assert len(set(numbers[:7])) == 1
    assert numbers[7:].tolist() == [3, 4, 4]
    # without ties the bins are equally large
    assert np.bincount(EqualMass(np.linspace(0, 1, 50), bins=10).numbers()).tolist() == [5] * 10


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=5, unique_by=lambda x: x[0]
    )
)
def test_no_error_where_every_prediction_comes_true_as_often(values: list[tuple[int, int]]) -> None:
    p = np.concatenate([np.full(10 * times, tenths / 10) for tenths, times in values])
    y = np.concatenate([([1] * tenths + [0] * (10 - tenths)) * times for tenths, times in values])
    found = calibration_error(p, y.astype(float), np.arange(len(p)), resamples=10)
    assert found.value == pytest.approx(0, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.integers(1, 12))
def test_plain_implementation(rows: list[tuple[float, bool, int]], bins: int) -> None:
    p, y, groups = columns(rows)
    found = calibration_error(p, y, groups, bins=bins, resamples=20)
    assert found.value == pytest.approx(by_hand(p, y, bins), abs=1e-9)
    table = reliability_table(p, y, groups, bins=bins, resamples=20)
    assert sum(one.observed.n for one in table) == len(p)
    assert sum(abs(one.observed.value - one.predicted) * one.observed.n for one in table) / len(
        p
    ) == pytest.approx(found.value, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(RECORDS, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows: list[tuple[float, bool, int]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (measure_calibration(*columns(x), resamples=40) for x in (rows, shuffled))
    for name in ("brier", "brier_skill", "log_loss", "error"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=1e-9)
    assert one.error_if_calibrated == pytest.approx(other.error_if_calibrated)
    for estimate in (one.brier, one.brier_skill, one.log_loss, one.error, one.observed):
        if estimate.low is not None:
            assert estimate.low <= estimate.value <= estimate.high


def test_resampling_weighs_as_repeating_would() -> None:
    rng = np.random.default_rng(5)
    p, y = rng.integers(0, 12, 60) / 12, rng.random(60) < 0.4
    weights = rng.integers(0, 4, 60)
    repeated_p, repeated_y = np.repeat(p, weights), np.repeat(y, weights)
    found = EqualMass(p, bins=7).error(y - p, weights.astype(float))
    assert found == pytest.approx(by_hand(repeated_p, repeated_y, 7))


def test_chance_error() -> None:
    rng = np.random.default_rng(8)
    p = rng.random(300)
    expected = error_if_calibrated(p)
    assert expected is not None
    drawn = [by_hand(p, rng.random(300) < p, 10) for _ in range(60)]
    assert expected == pytest.approx(np.mean(drawn), rel=0.1)
    # independent records: signs of whole groups come to the same
    grouped = [
        error_if_calibrated_in_groups(p, (rng.random(300) < p).astype(float), np.arange(300))
        for _ in range(10)
    ]
    assert np.mean(grouped) == pytest.approx(expected, rel=0.12)


def test_chance_error_where_groups_speak_with_one_voice() -> None:
    rng = np.random.default_rng(9)
    groups = np.repeat(np.arange(80), 10)
    p = np.repeat(rng.random(80), 10)
    y = (np.repeat(rng.random(80), 10) < p).astype(float)
    alone, together = error_if_calibrated(p), error_if_calibrated_in_groups(p, y, groups)
    assert together / alone == pytest.approx(10**0.5, rel=0.25)
    # a bin with one group shows nothing of how alike its records are
    assert error_if_calibrated_in_groups(p[:20], y[:20], groups[:20]) is None


def test_interval_of_the_error_covers_the_error_of_the_method() -> None:
    rng = np.random.default_rng(10)
    covered = 0
    for number in range(40):
        p = rng.random(400)
        y = (rng.random(400) < np.clip(p - 0.1, 0, 1)).astype(float)
        found = calibration_error(p, y, np.arange(400), resamples=200, seed=number)
        covered += found.low <= 0.095 <= found.high
    assert covered >= 33


def test_recalibration_by_hand() -> None:
    # two predictions: the slope is that of the line through two points
    p = np.repeat([0.2, 0.6], 10)
    y = np.array([1] * 3 + [0] * 7 + [1] * 5 + [0] * 5, dtype=float)
    found = recalibration(p, y, np.arange(20), resamples=400)
    assert found.slope.value == pytest.approx((log(1) - log(3 / 7)) / (log(1.5) - log(0.25)))
    # the intercept makes the sum of predictions that of outcomes
    shifted = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + found.intercept.value)))
    assert shifted.sum() == pytest.approx(y.sum())


def test_recalibration_finds_what_was_put_in() -> None:
    rng = np.random.default_rng(11)
    log_odds = rng.normal(0, 2, 20_000)
    y = (rng.random(20_000) < 1 / (1 + np.exp(-0.5 * log_odds))).astype(float)
    found = recalibration(1 / (1 + np.exp(-log_odds)), y, rng.integers(0, 500, 20_000), resamples=500)
    assert found.slope.value == pytest.approx(0.5, abs=0.03)
    assert found.slope.low < 0.5 < found.slope.high
    # independent records: about the standard error of the fit
    w = 0.25 / np.cosh(0.25 * log_odds) ** 2
    standard = 1 / np.sqrt((w * log_odds**2).sum())
    assert found.slope.high - found.slope.low == pytest.approx(2 * 1.96 * standard, rel=0.2)


@pytest.mark.parametrize(
    ("p", "y", "slope"),
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], False),  # divided without an error
        ([0.3, 0.3, 0.3, 0.3], [0, 1, 1, 0], False),  # one prediction only
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 1, 1], False),  # one outcome only
        ([0.0, 1.0, 0.5, 1.0], [1, 0, 0, 1], True),  # certainties are held off 0 and 1
    ],
)
def test_what_has_no_slope(p: list[float], y: list[int], slope: bool) -> None:
    found = measure_calibration(p, y, range(4), resamples=50)
    assert (found.recalibration.slope.value is not None) == slope
    assert (found.recalibration.intercept.value is None) == (len(set(y)) == 1)
    assert (found.brier_skill.value is None) == (len(set(y)) == 1)


def test_no_record_and_one_group() -> None:
    empty = Estimate(value=None, low=None, high=None, n=0, groups=0)
    found = measure_calibration([], [], [])
    assert (found.brier, found.error, found.brier_skill, found.recalibration.slope) == (empty,) * 4
    assert (found.table, found.error_if_calibrated, found.predicted) == ((), None, None)
    one = measure_calibration([0.2, 0.4, 0.9], [0, 1, 0], ["a"] * 3)
    for estimate in (one.error, one.brier_skill, one.recalibration.slope, one.recalibration.intercept):
        assert estimate.value is not None
        assert estimate.low is None


def test_bad_input() -> None:
    for p, y, message in (
        ([1.2], [1], "between 0 and 1"),
        ([float("nan")], [1], "between 0 and 1"),
        ([0.5], [2], "0 or 1"),
        ([0.5, 0.5], [1], "one length"),
    ):
        with pytest.raises(ValueError, match=message):
            measure_calibration(p, y, range(len(p)))
    with pytest.raises(ValueError, match="one group for each"):
        measure_calibration([0.5], [1], [1, 2])
    with pytest.raises(ValueError, match="at least one bin"):
        measure_calibration([0.5], [1], [1], bins=0)
