"""The kinds of leak of the phenotype task, and the table in which they are noted case by case."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from genopraxis.contracts.leakage import CASE_LEAKS, FOUND, NO_TOOL, NOT_FOUND, LeakKind
from genopraxis.contracts.ranking_bench import RankingCase

_NAMED = 20  # a row names so many places at most

# why it cannot be told, or does not apply
NOT_STATED, NOT_PUBMED = "publication_not_stated", "publication_not_a_pubmed_id"
DISEASE_ABSENT, DISEASE_NOT_STATED = "disease_absent", "disease_not_stated"
NO_TERMS, NOTHING_TO_COMPARE = "no_terms", "nothing_to_compare"
NOTHING_FITTED, NO_CASES_DECLARED = "nothing_fitted", "no_cases_declared"
TRAINED_ON_FILE = "trained_on_this_file"
# what sort of find it is
SAME_PUBLICATION, OTHER_PUBLICATION = "same_publication", "other_publication"

IN_ANNOTATIONS = LeakKind(
    name="publication_in_annotations",
    label="own publication in the annotations of the disease",
    meaning="The annotations of the case's disease cite the publication of the case: what is known of the disease "
    "was written from this patient, or from others of the same publication.",
    source="knowledge",
)
ELSEWHERE = LeakKind(
    name="publication_elsewhere",
    label="own publication in the annotations of another disease",
    meaning="The annotations of another disease cite the publication of the case: of one that is told apart from it "
    "there, or of the same one under another entry.",
    source="knowledge",
)
COUNTS_EQUAL = LeakKind(
    name="counts_equal",
    label="annotated counts are those of the case file",
    meaning="At least one annotation of the disease that rests on the case's publication alone says m of n patients, "
    "and m of n is exactly what the publication's patients in this file give: the annotation was made from them, "
    "or, where they are few, agrees by chance.",
    source="knowledge",
)
TWICE = LeakKind(
    name="patient_twice",
    label="another case of the file is alike",
    meaning="Another case of the file has the same disease, the same observed and excluded terms and the same sex: the "
    "same patient under two ids, relatives who are told apart by nothing, or, where few terms are stated, chance. "
    "Under two publications it breaks a split by publication.",
    source="dataset",
)
TRAINING_PUBLICATION = LeakKind(
    name="in_training_publication",
    label="own publication in the training data",
    meaning="The tool declares that it was trained on patients of the case's publication.",
    source="training",
)
TRAINING_PATIENT = LeakKind(
    name="in_training_patient",
    label="patient in the training data",
    meaning="The tool declares that it was trained on a patient with the same disease, observed and excluded terms and "
    "sex, whatever the publication.",
    source="training",
)
KINDS = (IN_ANNOTATIONS, ELSEWHERE, COUNTS_EQUAL, TWICE, TRAINING_PUBLICATION, TRAINING_PATIENT)


class LeakSheet:
    """Collects what was found in each case, column by column."""

    def __init__(self) -> None:
        self._columns: dict[str, list[object]] = {name: [] for name in CASE_LEAKS.schema}

    def note(
        self,
        case: RankingCase,
        kind: LeakKind,
        outcome: str,
        *,
        reason: str | None = None,
        found_in: Iterable[str] = (),
        tool: str = NO_TOOL,
        compared: int | None = None,
        equal: int | None = None,
    ) -> None:
        """Note the outcome of one kind for one case."""
        row = {
            "case_id": case.case_id,
            "publication": case.group,
            "kind": kind.name,
            "tool": tool,
            "outcome": outcome,
            "reason": reason,
            "found_in": sorted(found_in)[:_NAMED],
            "compared": compared,
            "equal": equal,
        }
        for name, value in row.items():
            self._columns[name].append(value)

    def looked_up(
        self,
        case: RankingCase,
        kind: LeakKind,
        found_in: Iterable[str],
        *,
        reason: str | None = None,
        tool: str = NO_TOOL,
        compared: int | None = None,
        equal: int | None = None,
    ) -> None:
        """Note a kind as found when there is any place; the reason is kept with a find only."""
        places = list(found_in)
        self.note(
            case,
            kind,
            FOUND if places else NOT_FOUND,
            reason=reason if places else None,
            found_in=places,
            tool=tool,
            compared=compared,
            equal=equal,
        )

    def table(self) -> pl.DataFrame:
        """Return the :data:`genopraxis.contracts.leakage.CASE_LEAKS` table."""
        return pl.DataFrame(self._columns, schema=CASE_LEAKS.schema)
