"""Counts that are added up: the same whatever the pieces, and never more than there is room for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.variants.quality_tallies import BINS, HUGE, NAMES_LIMIT, TINY, Names, Spread

NUMBERS = st.one_of(
    st.floats(-1e6, 1e6),
    st.floats(0, 1),
    st.floats(-1e300, 1e300),
    st.integers(-50, 50).map(float),
    st.floats(allow_nan=True),
)


@given(st.lists(NUMBERS, max_size=60), st.data())
def test_a_spread_is_the_same_whatever_the_pieces(values: list[float], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(values))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=4)))
    total = Spread()
    for start, end in zip([0, *cuts], [*cuts, len(values)], strict=True):
        total += Spread.of(np.array(shuffled[start:end], np.float64))
    assert total == Spread.of(np.array(values, np.float64))


@given(st.lists(NUMBERS, min_size=1, max_size=60))
def test_each_number_is_in_its_bin(values: list[float]) -> None:
    spread = Spread.of(np.array(values, np.float64))
    finite = [value if abs(value) >= TINY else 0.0 for value in values if abs(value) < HUGE]
    assert spread.n == len(finite) == sum(spread.counts)
    assert len(spread.counts) <= BINS
    if finite:
        assert (spread.low, spread.high) == (min(finite), max(finite))
        edges = spread.edges
        for place, count in enumerate(spread.counts):
            last = place == len(spread.counts) - 1
            inside = [x for x in finite if edges[place] <= x and (last or x < edges[place + 1])]
            assert len(inside) == count
        assert max(finite) < edges[-1]


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, 1e30, 5e-324])
def test_one_number_alone_has_a_bin(value: float) -> None:
    spread = Spread.of(np.array([value, value]))
    assert spread.counts == (2,)
    assert spread.edges[0] <= value < spread.edges[1]


def test_numbers_that_are_none_are_not_counted() -> None:
    assert Spread.of(np.array([np.nan, np.inf, -np.inf, 1e31])) == Spread()


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 9)), max_size=20), st.integers(0, 20))
def test_names_add_up(items: list[tuple[str, int]], cut: int) -> None:
    whole = Names.of(items)
    assert Names.of(items[:cut]) + Names.of(items[cut:]) == whole
    for name in "abcd":
        assert whole.counts.get(name, 0) == sum(n for one, n in items if one == name)


def test_too_many_names_are_counted_together() -> None:
    half = Names.of((f"a{i}", 1) for i in range(NAMES_LIMIT - 1))
    more = Names.of((f"b{i}", 2) for i in range(NAMES_LIMIT + 5))
    assert more.others == 10
    both = half + more
    assert len(both.counts) == NAMES_LIMIT
    assert both.others == 2 * (NAMES_LIMIT + 5) - 2
    assert sum(both.counts.values()) + both.others == NAMES_LIMIT - 1 + 2 * (NAMES_LIMIT + 5)


def test_most_puts_the_largest_first() -> None:
    assert list(Names.of([("a", 1), ("b", 5), ("c", 3)]).most()) == ["b", "c", "a"]
