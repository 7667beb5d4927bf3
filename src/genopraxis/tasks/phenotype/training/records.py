"""The same patient as others might have recorded it; the same for a case each time."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Literal

import numpy as np

from genopraxis.knowledge.ontology import PHENOTYPIC_ABNORMALITY, Ontology
from genopraxis.tasks.phenotype.query import Query

Record = Literal["published", "without absences", "vague"]
"""A case as it was published; without its absences; as a hasty referral might put it."""

_FEW_ABSENCES = 3
_SIGNS_KEPT = 3  # at least, where there are as many
_VAGUE_SIGNS = 2


def as_elsewhere(query: Query, *, case_id: str) -> Query:
    """Return a query as another clinic might have recorded it.

    Fewer signs; and in half of the cases no absences, in the others a few that somebody thought of.
    """
    random = _draws("elsewhere", case_id)
    n, absences = len(query.observed), query.excluded
    signs = random.permutation(n)[: int(random.integers(min(_SIGNS_KEPT, n), n + 1))]
    few = random.permutation(len(absences))[: int(random.integers(1, _FEW_ABSENCES + 1))]
    none = random.random() < 0.5
    return replace(
        query,
        observed=tuple(query.observed[i] for i in np.sort(signs)),
        excluded=() if none else tuple(absences[i] for i in np.sort(few)),
    )


def as_vague(query: Query, *, case_id: str, ontology: Ontology) -> Query:
    """Return a query as a hasty referral might put it: one or two signs, each perhaps in general words, no absence."""
    random = _draws("vague", case_id)
    kept = random.permutation(len(query.observed))[: int(random.integers(1, _VAGUE_SIGNS + 1))]
    root = ontology.number[PHENOTYPIC_ABNORMALITY]
    signs = set()
    for i in kept.tolist():
        above = [
            t
            for t in ontology.ancestors(query.observed[i]).tolist()
            if ontology.is_phenotype[t] and t != root
        ]
        signs.add(above[int(random.integers(len(above)))] if above else query.observed[i])
    # a sign says no more beside a kind of it
    kept_signs = {t for t in signs if not any(t in ontology.ancestors(o).tolist() for o in signs - {t})}
    return replace(query, observed=tuple(sorted(kept_signs)), excluded=())


def _draws(what: str, case_id: str) -> np.random.Generator:
    return np.random.default_rng(list(hashlib.sha256(f"{what}\0{case_id}".encode()).digest()))
