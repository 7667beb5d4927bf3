"""Regimes: what is taken out of the knowledge before a case is ranked.

``full``
    Nothing. Contaminated: many annotations were made from the very patients that are ranked.
``case-out``
    The case's own count in every row that cites its publication.
``publication-out``
    Everything its publication contributed: rows whose only reference it is, and its patients' counts in
    pooled rows. Dropping pooled rows altogether would over-correct; pooled counts that are not about signs
    (onset, course) are dropped all the same, since no case file holds what a publication gave to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from genopraxis.contracts.scorecard import Regime
from genopraxis.knowledge.annotations import Aspect, Frequency, Rows
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts

FULL, CASE_OUT, PUBLICATION_OUT = "full", "case-out", "publication-out"

# from least to most taken out: the last one that a run holds is the figure to go by
REGIMES = (
    Regime(
        name=FULL,
        label="full (contaminated)",
        contaminated=True,
        meaning="Nothing is taken out of the knowledge. Many annotations come from the very patients that "
        "are ranked here, so a new patient would be found less often. Only good for comparison with "
        "published figures that were made in the same way.",
    ),
    Regime(
        name=CASE_OUT,
        label="case out",
        meaning="What the case itself gave to the annotations is taken out before it is ranked. Other "
        "patients of the same publication stay in.",
    ),
    Regime(
        name=PUBLICATION_OUT,
        label="publication out",
        meaning="Everything that the case's publication gave to the annotations is taken out before the case "
        "is ranked. The figure to go by, as far as the annotations name the publications they come from.",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseInKnowledge:
    """A case as it may have entered the knowledge."""

    publication: str | None
    disease_ids: tuple[str, ...]
    observed: tuple[int, ...]
    excluded: tuple[int, ...]


def knowledge_in(
    regime: str, case: CaseInKnowledge, knowledge: HpoKnowledge, counts: PublicationCounts
) -> HpoKnowledge:
    """Return the knowledge as a case finds it in a regime; the same object where nothing is taken out."""
    rows = replaced_rows(regime, case, knowledge, counts)
    library = replaced_library(regime, case, knowledge)
    return knowledge.with_replaced(rows, library=library) if rows or library else knowledge


def replaced_library(regime: str, case: CaseInKnowledge, knowledge: HpoKnowledge) -> Mapping[int, Rows]:
    """Return the library rows that stand in for a disease's own, by disease number, for one case and regime."""
    library, publication = knowledge.library, case.publication
    if regime == FULL or publication is None or library is None:
        return {}
    cited = library.rows_by_reference.get(publication)
    if cited is None:
        return {}
    own = {knowledge.diseases.number.get(disease_id) for disease_id in case.disease_ids}
    replaced = {}
    for disease in np.unique(library.rows["disease"][cited]).tolist():
        if regime == CASE_OUT and disease not in own:
            continue  # other patients of the publication, with another disease
        rows = library.of(disease).copy()
        keep = np.ones(len(rows), dtype=np.bool_)
        for i in np.flatnonzero(np.isin(rows["row"], cited)).tolist():
            if regime == PUBLICATION_OUT:
                keep[i] = False
            else:
                seen, missed = rows["term"][i] in case.observed, rows["term"][i] in case.excluded
                keep[i] = _subtract(rows, i, observed=int(seen), examined=int(seen or missed))
        replaced[disease] = rows[keep]
    return replaced


def replaced_rows(
    regime: str, case: CaseInKnowledge, knowledge: HpoKnowledge, counts: PublicationCounts
) -> Mapping[int, Rows]:
    """Return the rows that stand in for a disease's own, by disease number, for one case and regime.

    Parameters
    ----------
    counts
        What each publication's patients contributed.
    """
    if regime == FULL or case.publication is None:
        return {}
    cited = knowledge.annotations.rows_by_reference.get(case.publication)
    if cited is None:
        return {}
    diseases = np.unique(knowledge.annotations.rows["disease"][cited]).tolist()
    if regime == CASE_OUT:
        own = {knowledge.diseases.number.get(disease_id) for disease_id in case.disease_ids}
        return {d: _without_case(knowledge, d, case, case.publication, counts) for d in diseases if d in own}
    return {d: without_publication(knowledge, d, case.publication, counts) for d in diseases}


def without_publication(
    knowledge: HpoKnowledge, disease: int, publication: str, counts: PublicationCounts
) -> Rows:
    """Return the annotation rows of a disease less what a publication contributed to them."""
    rows = knowledge.annotations.of(disease).copy()
    keep = np.ones(len(rows), dtype=np.bool_)
    disease_id = knowledge.diseases.ids[disease]
    for i, row in enumerate(rows):
        references = knowledge.annotations.references_by_row.get(int(row["row"]), ())
        if publication not in references:
            continue
        if len(set(references)) == 1:
            keep[i] = False
        elif row["kind"] == Frequency.COUNTS and row["aspect"] != Aspect.PHENOTYPE:
            keep[i] = False  # what the publication gave to it is not known
        elif row["kind"] == Frequency.COUNTS:
            observed, examined = counts.get(publication, disease_id, int(row["term"]))
            keep[i] = _subtract(rows, i, observed=observed, examined=examined)
    return rows[keep]


def _without_case(
    knowledge: HpoKnowledge,
    disease: int,
    case: CaseInKnowledge,
    publication: str,
    counts: PublicationCounts,
) -> Rows:
    rows = knowledge.annotations.of(disease).copy()
    keep = np.ones(len(rows), dtype=np.bool_)
    disease_id = knowledge.diseases.ids[disease]
    # where the annotations know of more patients, one case in the counts may stand for many
    alone = counts.patients(publication, disease_id) == 1 and not incomplete(
        publication, disease_id, knowledge, counts
    )
    for i, row in enumerate(rows):
        references = knowledge.annotations.references_by_row.get(int(row["row"]), ())
        if publication not in references:
            continue
        if alone and len(set(references)) == 1:
            keep[i] = False  # the case is all that its publication contributed
        elif row["kind"] == Frequency.COUNTS:
            seen, missed = row["term"] in case.observed, row["term"] in case.excluded
            keep[i] = _subtract(rows, i, observed=int(seen), examined=int(seen or missed))
    return rows[keep]


def _subtract(rows: Rows, i: int, *, observed: int, examined: int) -> bool:
    """Take patients out of a row of counts; tell whether anything is left."""
    left = float(rows["denominator"][i]) - examined
    if left <= 0:
        return False
    rows["denominator"][i] = left
    rows["numerator"][i] = min(max(float(rows["numerator"][i]) - observed, 0.0), left)
    return True


def incomplete(publication: str, disease_id: str, knowledge: HpoKnowledge, counts: PublicationCounts) -> bool:
    """Tell whether the annotations hold more patients of a publication than the counts do.

    A row that cites only this publication says how many of its patients were examined. Where the counts know
    fewer patients, taking them out of pooled rows takes too few.
    """
    disease = knowledge.diseases.number.get(disease_id)
    if disease is None:
        return False
    patients = counts.patients(publication, disease_id)
    rows = knowledge.annotations.of(disease)
    for row in rows[(rows["kind"] == Frequency.COUNTS) & (rows["denominator"] > patients)]:
        if set(knowledge.annotations.references_by_row.get(int(row["row"]), ())) == {publication}:
            return True
    return False
