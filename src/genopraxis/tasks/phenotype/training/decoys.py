"""Decoys: knowledge in which other diseases have lost a publication too.

Taking a case's own publication out of the knowledge leaves a mark on its disease: fewer annotations, odd
denominators, single references gone. A learner that sees this only on the right disease learns the mark. So it is
trained on knowledge in which seven of eight of the diseases that cite a publication, in annotations or library, have
lost one, chosen at random. About half of all diseases cite none, nearly all of Orphanet's among them, and keep
everything: they bear no mark.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from genopraxis.knowledge.annotations import Annotations, Aspect, Rows
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts
from genopraxis.tasks.phenotype.bench.regimes import without_publication

DECOYS = 8
"""How many variants of the knowledge are made; every disease is spared in one of them."""


def spared_in(disease_id: str) -> int:
    """Return the number of the variant in which a disease keeps all its publications."""
    return int(_uniform("spared", disease_id) * DECOYS)


def decoyed(knowledge: HpoKnowledge, counts: PublicationCounts, *, variant: int) -> HpoKnowledge:
    """Return knowledge in which every disease that cites publications, and is not spared, has lost one.

    A case that is learned from takes a publication of its library out, from library and annotations, more often one
    with many patients. So do the decoys: a disease of the library loses one of those by their numbers of patients,
    another disease any one that its annotations cite.

    Parameters
    ----------
    counts
        What each publication's patients contributed, as far as it is known.
    """
    lost: dict[int, str] = {}
    for disease, disease_id in enumerate(knowledge.diseases.ids):
        if spared_in(disease_id) == variant:
            continue
        reported = _publications(knowledge.library, disease)
        among = reported or _publications(knowledge.annotations, disease)
        if among:
            patients = [max(counts.patients(p, disease_id), 1) if reported else 1 for p in among]
            reached = np.cumsum(patients) > _uniform(f"which {variant}", disease_id) * sum(patients)
            lost[disease] = among[int(reached.argmax())]
    annotations = {
        disease: without_publication(knowledge, disease, publication, counts)
        for disease, publication in lost.items()
    }
    library = knowledge.library
    return replace(
        knowledge,
        annotations=rewritten(knowledge.annotations, annotations),
        library=None if library is None else rewritten(library, _library_without(library, lost)),
    )


def _publications(source: Annotations | None, disease: int) -> list[str]:
    """Return the publications that the signs of a disease cite, in a fixed order."""
    if source is None:
        return []
    rows, references = source.of(disease), source.references_by_row
    signs = rows["row"][rows["aspect"] == Aspect.PHENOTYPE].tolist()
    return sorted({r for row in signs for r in references.get(row, ()) if r.startswith("PMID:")})


def rewritten(annotations: Annotations, replaced: Mapping[int, Rows]) -> Annotations:
    """Return annotations with other rows for some diseases as a table of its own, rows numbered anew."""
    parts = [replaced.get(d, annotations.of(d)) for d in range(len(annotations.start) - 1)]
    rows = np.concatenate(parts)
    start = np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)
    place = np.full(len(annotations.rows), -1, dtype=np.int32)
    place[rows["row"]] = np.arange(len(rows))
    rows["row"] = np.arange(len(rows))
    moved = place[annotations.references["row"].to_numpy()]
    references = pl.DataFrame(
        {"row": moved, "reference": annotations.references["reference"]}, schema=annotations.references.schema
    )
    return Annotations(rows=rows, start=start, references=references.filter(pl.col("row") >= 0))


def _library_without(library: Annotations, lost: Mapping[int, str]) -> dict[int, Rows]:
    kept = {}
    for disease, publication in lost.items():
        rows = library.of(disease)
        cited = library.rows_by_reference.get(publication)
        if cited is not None and len(rows):
            kept[disease] = rows[~np.isin(rows["row"], cited)]
    return kept


def _uniform(what: str, disease_id: str) -> float:
    """Return a number in [0, 1) that depends on its arguments only."""
    found = hashlib.sha256(f"{what}\0{disease_id}".encode()).digest()
    return int.from_bytes(found[:8]) / 2**64
