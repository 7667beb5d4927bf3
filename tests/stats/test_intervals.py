"""Intervals against published values and their own definition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.stats.intervals import clopper_pearson, effective_groups, exact_grouped, wilson


def binomial_tail(n: int, k: int, p: float) -> float:
    """Probability of at least k successes."""
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_clopper_pearson_inverts_the_binomial(pair: tuple[int, int]) -> None:
    n, k = pair
    low, high = clopper_pearson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    if k:
        assert binomial_tail(n, k, low) == pytest.approx(0.025, rel=1e-6)
    if k < n:
        assert 1 - binomial_tail(n, k + 1, high) == pytest.approx(0.025, rel=1e-6)


def test_published_values() -> None:
    # Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert clopper_pearson(81, 263) == pytest.approx((0.2527, 0.3676), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert clopper_pearson(1, 29) == pytest.approx((0.0009, 0.1776), abs=5e-5)


def test_effective_groups() -> None:
    assert effective_groups([3, 3, 3, 3]) == pytest.approx(4)
    assert effective_groups([1000, 1]) == pytest.approx(1.002, abs=1e-3)
    assert effective_groups([]) == 0


def test_grouped_exact_interval() -> None:
    # nothing seen: as many records as groups
    assert exact_grouped(0.0, variance=0.0, n=300, groups=10) == pytest.approx((0, 1 - 0.025**0.1))
    # a variance as of independent records: the usual exact interval
    independent = exact_grouped(0.1, variance=0.1 * 0.9 / 50, n=50, groups=50)
    assert independent == pytest.approx(clopper_pearson(5, 50), abs=1e-9)
    # a design effect widens
    wide = exact_grouped(0.1, variance=4 * 0.1 * 0.9 / 50, n=50, groups=50)
    assert wide[0] < independent[0] < independent[1] < wide[1]


@pytest.mark.parametrize("arguments", [(0, 0), (3, 2), (-1, 5)])
def test_impossible_counts(arguments: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"at least one record|between 0 and n"):
        wilson(*arguments)
    with pytest.raises(ValueError, match="confidence level"):
        clopper_pearson(1, 2, level=95)
