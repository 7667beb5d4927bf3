"""Whole numbers in fewer bytes come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.knowledge.variant_store_codes import MISSING, choose_packing, decode, write_packed

NUMBER = st.one_of(
    st.just(MISSING),
    st.integers(-5, 300),
    st.integers(250_000, 251_000),
    st.integers(-(2**31) + 1, 2**31 - 1),
)


@given(st.lists(NUMBER, max_size=60), st.booleans())
def test_every_value_comes_back(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], many_small: bool
) -> None:
    folder = tmp_path_factory.mktemp("codes")
    values = np.array(numbers + [3] * (500 if many_small else 0), np.int32)
    packing = choose_packing(values)
    far = write_packed(values, folder / "v.npy", folder / "far.npy", packing=packing)
    codes = np.load(folder / "v.npy")
    assert codes.itemsize == packing.width
    rows = np.append(np.arange(len(values))[::-1], -1)
    away = np.load(folder / "far.npy") if far else None
    found = decode(codes, rows, packing=packing, far=away)
    assert found.tolist() == [*values[::-1].tolist(), MISSING]


@pytest.mark.parametrize(
    ("values", "width"),
    [
        ([0, 1, 2, 0, 253] * 50, 1),
        ([1_000_000, 1_000_253] * 50, 1),
        ([1_000_000, 1_060_000] * 50, 2),
        ([0, 100_000_000] * 50, 4),
        ([MISSING] * 5, 1),
    ],
)
def test_the_narrowest_codes_are_taken(values: list[int], width: int) -> None:
    assert choose_packing(np.array(values, np.int32)).width == width
