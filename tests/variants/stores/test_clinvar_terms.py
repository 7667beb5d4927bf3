"""ClinVar's words of every year mean what ClinVar says they mean."""

from __future__ import annotations

import pytest

pytest.importorskip("numba")

from genopraxis.variants.stores.clinvar_terms import (
    SIGNIFICANCE,
    counts_of,
    origin_of,
    significance_of,
    stars_of,
    summary_of,
    words,
)


def summed(text: str, *stars: int) -> str | None:
    said = [significance_of(word) or "other" for word in words(text)]
    return summary_of(said, stars)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pathogenic", "pathogenic"), ("Pathogenic/Likely_pathogenic", "pathogenic/likely_pathogenic"),
        ("Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance|other", "pathogenic/likely_pathogenic"),
        ("Pathogenic,_low_penetrance", "pathogenic"), ("Likely pathogenic", "likely_pathogenic"),
        ("Likely_pathogenic|Pathogenic|not_provided", "pathogenic/likely_pathogenic"),
        ("Benign/Likely_benign", "benign/likely_benign"), ("Benign|Likely_benign", "benign/likely_benign"),
        ("Conflicting_interpretations_of_pathogenicity", "conflicting"),
        ("Conflicting_classifications_of_pathogenicity|other", "conflicting"),
        ("Likely_benign|Uncertain_significance", "conflicting"), ("Uncertain_significance", "uncertain"),
        ("Uncertain_significance/Uncertain_risk_allele", "uncertain"), ("risk_factor", "risk"),
        ("Likely_risk_allele", "risk"), ("drug_response", "drug_response"), ("Pathogenic|drug_response", "pathogenic"),
        ("association_not_found", "association"), ("no_classification_for_the_single_variant", "not_provided"),
        ("5", "pathogenic"), ("5|5|255", "pathogenic"), ("4|5", "pathogenic/likely_pathogenic"),
        ("2|3", "benign/likely_benign"),
        ("0", "uncertain"), ("5|0", "conflicting"), ("255", "other"), ("6", "drug_response"), ("1", "not_provided"),
        ("Wonderful", "other"), ("", None),
    ],
)  # fmt: skip
def test_significance(text: str, expected: str | None) -> None:
    assert summed(text) == expected
    assert expected is None or expected in SIGNIFICANCE


def test_statements_count_as_clinvar_counts_them() -> None:
    assert summed("5|0", 1, 0) == "pathogenic"  # one without criteria does not count beside one with
    assert summed("5|2", 1, 3) == "benign"  # an expert panel counts alone
    assert summed("5|2", 2, 1) == "conflicting"
    assert summed("5|2", 0, 0) == "conflicting"


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("practice_guideline", 4), ("reviewed_by_expert_panel", 3),
        ("criteria_provided,_multiple_submitters,_no_conflicts", 2), ("criteria_provided,_multiple_submitters", 2),
        ("criteria_provided..multiple_submitters..no_conflicts", 2),
        ("criteria_provided,_conflicting_interpretations", 1), ("criteria_provided,_conflicting_classifications", 1),
        ("criteria provided, single submitter", 1), ("no_assertion_criteria_provided", 0),
        ("no_classification_provided", 0), ("no_classifications_from_unflagged_records", 0),
        ("guideline", 4), ("exp", 3), ("mult", 2), ("conf", 1), ("single", 1), ("no_criteria", 0), ("no_assertion", 0),
        ("prof", 4), ("not", 0), ("3", 3), ("something else", None),
    ],
)  # fmt: skip
def test_stars(text: str, stars: int | None) -> None:
    assert stars_of(text) == stars


def test_submissions_that_conflict() -> None:
    assert counts_of("Pathogenic(2)|Likely_pathogenic(1)|Uncertain_significance(3)|Benign(1)") == (3, 3, 1)
    assert counts_of("Likely_benign(1),Uncertain_significance(2)") == (0, 2, 1)
    assert counts_of("Likely_benign(1)%3BUncertain_significance(2)") == (0, 2, 1)
    assert counts_of("Pathogenic(1)|Pathogenic,_low_penetrance(1)") == (2, 0, 0)


def test_origins() -> None:
    assert origin_of("1") == "germline"
    assert origin_of("33") == "de_novo;germline"
    assert origin_of("0") == "unknown"
    assert origin_of("germline|tested-inconclusive") == "germline;tested_inconclusive"
