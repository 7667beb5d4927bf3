"""What follows from allele counts: frequencies, the largest of them, and filtering allele frequencies."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from genopraxis.knowledge.frequency_view import FrequencyView, filtering_af
from genopraxis.knowledge.variant_store_card import StoreColumn
from genopraxis.knowledge.variant_store_codes import MISSING


def view(*names: str) -> FrequencyView:
    return FrequencyView(
        tuple(
            StoreColumn(
                name=name,
                dtype="text" if name.endswith("_group") else "float32" if "af" in name else "int32",
                description="x",
            )
            for name in names
        )
    )


def derived(rows: dict[str, list[object]], *names: str) -> pl.DataFrame:
    """Derive from columns as a store has them."""
    known: dict[str, Any] = {}
    for name, values in rows.items():
        if name.endswith("_group"):
            known[name] = pl.Series(name, values, dtype=pl.String)
        elif {"af", "faf95"} & set(name.split("_")):
            known[name] = np.array([np.nan if one is None else one for one in values], np.float32)
        else:
            known[name] = np.array([MISSING if one is None else one for one in values], np.int32)
    its = view(*rows)
    return pl.DataFrame(list(its.derive(known, names or list(its.derived)).values()))


@given(count=st.integers(2, 200_000), number=st.integers(200_000, 1_600_000))
def test_filtering_af_is_the_poisson_bound(count: int, number: int) -> None:
    """At this frequency a count below the one seen has a probability of 95 %."""
    (found,) = filtering_af(np.array([count]), np.array([number]))
    assert poisson.cdf(count - 1, found * number) == pytest.approx(0.95, abs=1e-9)


def test_filtering_af_at_the_edges() -> None:
    counts = np.array([0.0, 1.0, 2.0, np.nan, 5.0, 5.0])
    numbers = np.array([10.0, 10.0, 10.0, 10.0, 0.0, np.nan])
    found = filtering_af(counts, numbers)
    assert found[:2].tolist() == [0, 0]  # none, and one
    assert 0 < found[2] < 0.2
    assert np.isnan(found[3:]).all()
    # a table and the formula meet without a step
    low, high = filtering_af(np.array([65_535, 65_536]), np.array([1e6, 1e6]))
    assert 0 < high - low < 2e-6


def test_founder_groups_are_left_aside() -> None:
    found = derived({
        "ac": [110], "an": [10_000], "ac_afr": [10], "an_afr": [1000], "ac_nfe": [0], "an_nfe": [5000],
        "ac_fin": [100], "an_fin": [1000],
    })  # fmt: skip
    assert found["af"].to_list() == [pytest.approx(0.011)]
    assert (found["max_af"][0], found["max_af_group"][0]) == (pytest.approx(0.01), "afr")
    bound = filtering_af(np.array([10]), np.array([1000]))[0]
    assert (found["faf95"][0], found["faf95_group"][0]) == (pytest.approx(bound), "afr")


def test_without_groups_it_is_that_of_all() -> None:
    found = derived({"ac": [10, None, 0], "an": [1000, 10, 0]})
    assert found["max_af"].to_list() == [pytest.approx(0.01), None, None]
    assert found["faf95"][0] == pytest.approx(filtering_af(np.array([10]), np.array([1000]))[0])
    assert found["max_af_group"].to_list() == [None] * 3


def test_what_the_source_states_comes_first() -> None:
    found = derived({
        "ac": [10, 10], "an": [1000, 1000], "ac_afr": [10, 10], "an_afr": [1000, 1000],
        "file_faf95": [0.5, None], "file_faf95_group": ["afr", None],
    })  # fmt: skip
    assert found["faf95"][0] == 0.5
    assert found["faf95"][1] == pytest.approx(filtering_af(np.array([10]), np.array([1000]))[0])
    assert found["faf95_group"].to_list() == ["afr", "afr"]


def test_frequencies_without_counts() -> None:
    """As in 1000 Genomes: groups have a frequency, no count."""
    found = derived({"ac": [4], "an": [5008], "af_eas": [0.002], "af_afr": [0.0]})
    assert (found["max_af"][0], found["max_af_group"][0]) == (pytest.approx(0.002), "eas")
    assert found["faf95"][0] == pytest.approx(filtering_af(np.array([4]), np.array([5008]))[0])


def test_what_is_shown() -> None:
    its = view("ac", "an", "ac_afr", "an_afr", "hom_afr", "hom", "file_faf95")
    assert its.shown == ("ac", "an", "hom", "af", "max_af", "max_af_group", "faf95", "faf95_group")
    assert view("other").shown == ("other",)
    assert its.needed(["af"]) == ["ac", "an"]
