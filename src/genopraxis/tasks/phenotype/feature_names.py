"""Names of what the learned ranker sees, and which measures nominate candidates."""

from __future__ import annotations

OBSERVED = (
    "likelihood", "likelihood_annotated", "worst_sign", "best_sign", "best_three_signs", "signs_for",
    "content_for", "signs_annotated", "signs_annotated_by_curators", "mean_frequency", "never_seen",
)  # fmt: skip
EXCLUDED = ("absences_mentioned", "share_of_absences_mentioned", "contradiction", "absences")
SIMILAR = ("explained", "jaccard", "resnik", "resnik_share", "resnik_worst")
NAMED = ("name", "name_best")
WHOLE = (
    "score", "score_without_absences", "same_gene", "same_series", "same_series_mean", "sex", "age", "orpha_only",
)  # fmt: skip
OF_DISEASE = (*OBSERVED, *EXCLUDED, *SIMILAR, *NAMED, *WHOLE)
QUERY = ("signs_given", "absences_given", "content_given")
PLACES = ("score", "likelihood", "likelihood_annotated", "resnik", "signs_annotated")
BEHIND = (
    "likelihood", "resnik", "signs_annotated", "mean_frequency", "jaccard", "explained", "likelihood_annotated",
    "same_gene", "score", "absences_mentioned", "name",
)  # fmt: skip
CANDIDATES = (
    ("score", 180), ("score_without_absences", 70), ("resnik", 60), ("likelihood_annotated", 30), ("jaccard", 30),
    ("signs_annotated", 30), ("explained", 20), ("absences_mentioned", 15), ("name", 30), ("same_gene", 20),
    ("same_series", 20),
)  # fmt: skip

FEATURES: tuple[str, ...] = (
    *OF_DISEASE,
    *QUERY,
    *(f"place_by_{name}" for name in PLACES),
    *(f"behind_best_{name}" for name in BEHIND),
)
"""Names of the features, in the order of the columns."""
