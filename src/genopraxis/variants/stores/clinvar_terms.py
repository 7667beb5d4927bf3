"""ClinVar's words, as its files of 2012 to 2025 have them, in one vocabulary: significance, stars, origin."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["SIGNIFICANCE", "counts_of", "origin_of", "significance_of", "stars_of", "summary_of", "words"]

SIGNIFICANCE = (
    "pathogenic", "pathogenic/likely_pathogenic", "likely_pathogenic", "uncertain", "likely_benign",
    "benign/likely_benign", "benign", "conflicting", "risk", "drug_response", "association", "protective", "affects",
    "other", "not_provided",
)  # fmt: skip
"""What the variant is said to be: the strongest statement of each kind comes first."""

_CODES = {
    "0": "uncertain", "1": "not_provided", "2": "benign", "3": "likely_benign", "4": "likely_pathogenic",
    "5": "pathogenic", "6": "drug_response", "7": "drug_response", "255": "other",
}  # fmt: skip
_WORDS = {
    "pathogenic": "pathogenic", "pathogenic_low_penetrance": "pathogenic", "probable_pathogenic": "likely_pathogenic",
    "likely_pathogenic": "likely_pathogenic", "likely_pathogenic_low_penetrance": "likely_pathogenic",
    "probably_pathogenic": "likely_pathogenic", "uncertain_significance": "uncertain", "unknown": "uncertain",
    "uncertain": "uncertain", "vus": "uncertain", "uncertain_risk_allele": "uncertain",
    "likely_benign": "likely_benign",
    "non_pathogenic": "benign", "probable_non_pathogenic": "likely_benign", "benign": "benign",
    "conflicting_interpretations_of_pathogenicity": "conflicting", "conflicting": "conflicting",
    "conflicting_classifications_of_pathogenicity": "conflicting", "conflicting_data_from_submitters": "conflicting",
    "risk_factor": "risk", "likely_risk_allele": "risk", "established_risk_allele": "risk", "risk_allele": "risk",
    "drug_response": "drug_response", "drug_response_": "drug_response", "confers_sensitivity": "drug_response",
    "histocompatibility": "other", "association": "association", "association_not_found": "association",
    "protective": "protective", "affects": "affects", "other": "other", "untested": "not_provided",
    "not_provided": "not_provided", "not_reported_for_simple_variant": "not_provided",
    "no_interpretation_for_the_single_variant": "not_provided",
    "no_classification_for_the_single_variant": "not_provided",
    "no_classifications_from_unflagged_records": "not_provided", "no_classification_provided": "not_provided",
    "not_classified": "not_provided",
}  # fmt: skip
_STARS = {
    "practice_guideline": 4, "guideline": 4, "prof": 4, "reviewed_by_professional_society": 4,
    "reviewed_by_expert_panel": 3, "exp": 3,
    "criteria_provided_multiple_submitters_no_conflicts": 2, "criteria_provided_multiple_submitters": 2, "mult": 2,
    "classified_by_multiple_submitters": 2,
    "criteria_provided_conflicting_interpretations": 1, "criteria_provided_conflicting_classifications": 1, "conf": 1,
    "criteria_provided_single_submitter": 1, "single": 1, "classified_by_single_submitter": 1,
    "no_assertion_criteria_provided": 0, "no_criteria": 0, "no_assertion_provided": 0, "no_assertion": 0,
    "no_classification_provided": 0, "no_assertion_for_the_individual_variant": 0,
    "no_classification_for_the_individual_variant": 0, "no_classification_for_the_single_variant": 0,
    "no_interpretation_for_the_single_variant": 0, "no_classifications_from_unflagged_records": 0, "not": 0,
    "not_classified_by_submitter": 0, "flagged_submission": 0,
    "0": 0, "1": 1, "2": 2, "3": 3, "4": 4,
}  # fmt: skip
_ORIGINS = {
    1: "germline", 2: "somatic", 4: "inherited", 8: "paternal", 16: "maternal", 32: "de_novo", 64: "biparental",
    128: "uniparental", 256: "not_tested", 512: "tested_inconclusive", 1073741824: "other",
}  # fmt: skip
_PATHOGENIC = {"pathogenic", "likely_pathogenic", "pathogenic/likely_pathogenic"}
_BENIGN = {"benign", "likely_benign", "benign/likely_benign"}
_SIDES = (_PATHOGENIC, {"uncertain"}, _BENIGN)
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
# ", low penetrance" belongs to the word before; any other comma separates
_BETWEEN = re.compile(r"[|/;]|,(?![ _]*low[ _]penetrance)")
_COUNT = re.compile(r"(.+?)\((\d+)\)")


def words(text: str) -> list[str]:
    """Return what a text of significances lists: separated by ``|``, ``/``, ``;`` or ``,``."""
    return [word for word in _BETWEEN.split(text) if word.strip(" _")]


def significance_of(word: str) -> str | None:
    """Return one word or code in our vocabulary; ``None`` when ClinVar never used it."""
    bare = _bare(word)
    return _CODES.get(bare) or _WORDS.get(bare)


def stars_of(text: str) -> int | None:
    """Return the stars of a review status, 0 to 4; ``None`` when ClinVar never used it."""
    return _STARS.get(_bare(text))


def summary_of(said: Sequence[str], stars: Sequence[int | None] = ()) -> str | None:
    """Return what several statements about a variant come to, as ClinVar itself sums its submissions up.

    Expert panels and guidelines count alone; else statements with criteria (a star) do, if there are any. Statements
    of two sides (pathogenic, uncertain, benign) are conflicting.

    Parameters
    ----------
    said
        In our vocabulary.
    stars
        Of each statement, where this is known.
    """
    counted = list(said)
    if len(stars) == len(said):
        best = max((star or 0 for star in stars), default=0)
        floor = 3 if best >= 3 else 1 if best >= 1 else 0
        counted = [word for word, star in zip(said, stars, strict=True) if (star or 0) >= floor]
    found = set(counted)
    sides = [side & found for side in _SIDES if side & found]
    if "conflicting" in found or len(sides) > 1:
        return "conflicting"
    if sides:
        (side,) = sides
        if len(side) == 1:
            return next(iter(side))
        return "pathogenic/likely_pathogenic" if side & _PATHOGENIC else "benign/likely_benign"
    return next((name for name in SIGNIFICANCE if name in found), None)


def counts_of(text: str) -> tuple[int, int, int]:
    """Return how many submissions say pathogenic, uncertain and benign, of ``Pathogenic(2)|Benign(1)``."""
    counts = [0, 0, 0]
    for part in _BETWEEN.split(text.replace("%3B", "|")):
        if (found := _COUNT.fullmatch(part.strip(" _"))) is None:
            continue
        word = significance_of(found.group(1))
        for side, names in enumerate(_SIDES):
            counts[side] += int(found.group(2)) if word in names else 0
    return counts[0], counts[1], counts[2]


def origin_of(text: str) -> str:
    """Return allele origins in words, sorted: of ClinVar's sum of numbers, or of words."""
    if text.isdecimal():
        bits = int(text)
        found = [name for bit, name in _ORIGINS.items() if bits & bit] or ["unknown"]
    else:
        found = [_bare(word) for word in words(text)]
    return ";".join(sorted(set(found)))


def _bare(text: str) -> str:
    return _NOT_WORDS.sub("_", text.lower()).strip("_")
