from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.render.citations import citation
from genopraxis.render.numbers import fold, one_in, percent, rank, signed, years

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "not measured"),
        (0, "0.0 %"),
        (1, "100.0 %"),
        (0.934, "93.4 %"),
        (1e-9, "<0.1 %"),
        (0.99999, ">99.9 %"),
    ],
)
def test_percent(value: float | None, text: str) -> None:
    assert percent(value).replace(NBSP, " ") == text


@given(st.floats(min_value=0, max_value=1))
def test_percent_claims_certainty_only_when_certain(value: float) -> None:
    assert (percent(value) == f"0.0{NBSP}%") == (value == 0)
    assert (percent(value) == f"100.0{NBSP}%") == (value * 100 == 100)


@pytest.mark.parametrize(
    ("value", "text"), [(1.234, "+1.23"), (-0.5, "\N{MINUS SIGN}0.50"), (0.001, "0.00"), (-0.0, "0.00")]
)
def test_signed(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "about as likely as on average"),
        (2.505, "320 times more likely than on average"),
        (-0.7, "5.0 times less likely than on average"),
        (5.46, "290,000 times more likely than on average"),
        (None, "not measured"),
    ],
)
def test_fold(value: float | None, text: str) -> None:
    assert fold(value) == text


@pytest.mark.parametrize(("value", "power"), [(6.0, "1.0"), (7.9999, "1.0"), (12.3, "2.0")])
def test_large_factors_use_powers_of_ten(value: float, power: str) -> None:
    assert fold(value).startswith(f"{power}\N{NARROW NO-BREAK SPACE}\N{MULTIPLICATION SIGN}")


def test_small_probabilities_are_one_in() -> None:
    assert one_in(1 / 8300) == "1 in 8,300"
    assert one_in(0.5).replace(NBSP, " ") == "50.0 %"
    assert one_in(0.0).replace(NBSP, " ") == "0.0 %"


def test_rank_and_age() -> None:
    assert [rank(1.0), rank(2.5)] == ["1", "2.5"]
    assert [years(None), years(0), years(1 / 365.25), years(0.5), years(17.42)] == [
        "not given",
        "0 days",
        "1 day",
        "6 months",
        "17.4 years",
    ]


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("PMID:8281141", "https://pubmed.ncbi.nlm.nih.gov/8281141/"),
        ("doi:10.1000/a<b>\"c'", "https://doi.org/10.1000/a%3Cb%3E%22c%27"),
        ("https://doi.org/10.1000/xyz", "https://doi.org/10.1000/xyz"),
        ("https://doi.org.evil.example/10.1000/xyz", None),
        ("OMIM:154700", None),
        ("javascript:alert(1)", None),
        ("PMID:1\nx", None),
    ],
)
def test_only_well_formed_identifiers_become_links(text: str, href: str | None) -> None:
    assert citation(text).href == href
