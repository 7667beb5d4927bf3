"""Keys are found as by halves, values as by indexing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from genopraxis.knowledge.variant_store_kernels import (
    MISSING,
    find_rows,
    statuses,
    take_floats,
    widest_window,
)

KEY = st.integers(0, 60) | st.integers(0, 2**64 - 1)


@given(st.lists(KEY, max_size=60), st.lists(st.tuples(KEY, st.booleans()), max_size=60), st.booleans())
def test_rows_are_those_of_a_search_by_halves(
    stored: list[int], asked: list[tuple[int, bool]], ascending: bool
) -> None:
    keys = np.array(sorted(stored), np.uint64)
    if ascending:
        asked = sorted(asked)
    wanted = np.array([key for key, _ in asked], np.uint64)
    keyed = np.array([one for _, one in asked], np.bool_)
    expected = [
        stored_at if one and stored_at < len(keys) and keys[stored_at] == key else -1
        for key, one, stored_at in zip(
            wanted.tolist(), keyed.tolist(), np.searchsorted(keys, wanted).tolist(), strict=True
        )
    ]
    assert find_rows(keys, wanted, keyed).tolist() == expected


def test_statuses() -> None:
    contigs = np.zeros(32, np.bool_)
    contigs[1] = True
    keys = np.array([1 << 59, 1 << 59, 2 << 59, 0], np.uint64)
    found = statuses(np.array([4, -1, -1, -1]), keys, np.array([True, True, True, False]), contigs)
    assert found.tolist() == [0, 1, 2, 3]


def test_negative_rows_have_no_value() -> None:
    found = take_floats(np.array([0.5, 0.25], np.float32), np.array([1, -1, 0]))
    assert found[[0, 2]].tolist() == [0.25, 0.5]
    assert np.isnan(found[1])
    assert MISSING == -(2**31)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30).map(sorted), st.integers(1, 30))
def test_the_widest_window(values: list[int], capacity: int) -> None:
    first, covered = widest_window(np.array(values, np.int64), capacity)
    windows = [sum(low <= value < low + capacity for value in values) for low in values]
    assert covered == max(windows) == windows[first]
