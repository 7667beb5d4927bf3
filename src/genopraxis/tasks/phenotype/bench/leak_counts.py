"""Exact-count evidence: annotated counts that rest on one publication, beside those of its patients in a file."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from genopraxis.contracts.leakage import COMPARED_COUNTS
from genopraxis.knowledge.annotations import Aspect, Frequency, Rows
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts


def compare_counts(
    pairs: Collection[tuple[str, str]], knowledge: HpoKnowledge, counts: PublicationCounts
) -> tuple[pl.DataFrame, int]:
    """Compare every count of a sign that rests on one publication alone with that publication's patients.

    Frequencies in words or percent are not compared, nor is a count that cites a second reference: its patients
    cannot be told apart. A sign that the file states of nobody is compared as 0 of 0, so it is never equal.

    Parameters
    ----------
    pairs
        Publication and disease of the cases of a file.
    counts
        What each publication's patients contributed.

    Returns
    -------
    tuple of DataFrame and int
        A :data:`genopraxis.contracts.leakage.COMPARED_COUNTS` table, and how many such counts of these publications
        are about a disease of which the file holds no patient.
    """
    diseases, ontology = knowledge.diseases, knowledge.ontology
    rows: list[tuple[object, ...]] = []
    not_compared = 0
    for publication in sorted({publication for publication, _ in pairs}):
        for row in _own_counts(publication, knowledge):
            disease, term = int(row["disease"]), int(row["term"])
            disease_id = diseases.ids[disease]
            if (publication, disease_id) not in pairs:
                not_compared += 1
                continue
            stated = int(row["numerator"]), int(row["denominator"])
            given = counts.get(publication, disease_id, term)
            named = (disease_id, diseases.names[disease], ontology.ids[term], ontology.labels[term])
            rows.append((publication, *named, *stated, *given, stated == given))
    return pl.DataFrame(rows, schema=COMPARED_COUNTS.schema, orient="row"), not_compared


def _own_counts(publication: str, knowledge: HpoKnowledge) -> Rows:
    """Return the annotations of signs that state counts and cite this publication and nothing else."""
    annotations = knowledge.annotations
    cited = annotations.rows_by_reference.get(publication)
    if cited is None:
        return annotations.rows[:0]
    alone = [n for n in np.unique(cited).tolist() if set(annotations.references_by_row[n]) == {publication}]
    found: Rows = annotations.rows[np.asarray(alone, dtype=np.intp)]
    counted: Rows = found[(found["kind"] == Frequency.COUNTS) & (found["aspect"] == Aspect.PHENOTYPE)]
    return counted
