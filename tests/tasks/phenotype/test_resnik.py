"""``phenotype.resnik`` against a brute force, and consistent with itself."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from genopraxis.knowledge.annotations import Frequency
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import group_rows
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool
from genopraxis.testing import materialised


def query(knowledge: HpoKnowledge, *observed: str, excluded: tuple[str, ...] = ()) -> Query:
    number = knowledge.ontology.number
    return Query(
        observed=tuple(number[t] for t in observed),
        excluded=tuple(number[t] for t in excluded),
    )


def shown(knowledge: HpoKnowledge, group: int) -> set[int]:
    """Terms that a disease shows, with their ancestors; what is negated or never seen (0/n) is not shown."""
    return {
        int(above)
        for row in group_rows(knowledge, group)
        if not row["negated"] and not (row["kind"] == Frequency.COUNTS and row["numerator"] == 0)
        for above in knowledge.ontology.ancestors(row["term"])
    }


def brute_force(knowledge: HpoKnowledge, asked: Query) -> list[float]:
    diseases = [shown(knowledge, group) for group in range(len(knowledge.diseases.members))]
    n = sum(bool(terms) for terms in diseases)

    def content(term: int) -> float:
        return -log(sum(term in terms for terms in diseases) / n)

    return [
        sum(
            max((content(a) for a in knowledge.ontology.ancestors(t).tolist() if a in terms), default=0.0)
            for t in asked.observed
        )
        / len(asked.observed)
        if terms
        else -np.inf
        for terms in diseases
    ]


# Fails while the base matrix takes a NOT row or 0/n for a shown sign (Dravet: NOT ectopia lentis, 0/5
# scoliosis; Marfan: NOT intellectual disability), where a patched ranker does not.
@pytest.mark.parametrize(
    "terms",
    [
        ("HP:0001250",),
        ("HP:0001166", "HP:0001324"),
        ("HP:0001083", "HP:0011153", "HP:0000028"),
        ("HP:0002650",),
        ("HP:0001249",),
    ],
)
def test_equals_brute_force(tiny: HpoKnowledge, terms: tuple[str, ...]) -> None:
    asked = query(tiny, *terms)
    scores = ResnikTool().prepare(tiny).rank(asked)
    assert scores.score == pytest.approx(brute_force(tiny, asked), abs=1e-5)
    assert scores.probability is None


# Fails for the same reason.
def test_replacing_rows_by_themselves_changes_nothing(tiny: HpoKnowledge) -> None:
    ready = ResnikTool().prepare(tiny)
    asked = query(tiny, "HP:0001083", "HP:0001249", "HP:0002650")
    base = ready.rank(asked).score
    for disease in range(len(tiny.diseases.ids)):
        same = ready.on(tiny.with_replaced({disease: tiny.annotations.of(disease)})).rank(asked).score
        assert same == pytest.approx(base), tiny.diseases.ids[disease]


def test_taking_a_sign_out_lowers_the_disease(tiny: HpoKnowledge) -> None:
    ready = ResnikTool().prepare(tiny)
    disease = tiny.diseases.number["OMIM:310200"]
    group = tiny.diseases.group[disease]
    rows = tiny.annotations.of(disease)
    changed = tiny.with_replaced({disease: rows[rows["term"] != tiny.ontology.number["HP:0001324"]]})
    asked = query(tiny, "HP:0001324")
    assert ready.on(changed).rank(asked).score[group] < ready.rank(asked).score[group]
    assert ready.on(changed).rank(asked).score[group] == pytest.approx(0.0)
    assert ResnikTool().prepare(materialised(changed)).rank(asked).score[group] == pytest.approx(0.0)


def test_excluded_terms_are_not_used(tiny: HpoKnowledge) -> None:
    ready = ResnikTool().prepare(tiny)
    plain = ready.rank(query(tiny, "HP:0001250")).score
    assert np.array_equal(plain, ready.rank(query(tiny, "HP:0001250", excluded=("HP:0001324",))).score)


def test_it_explains_nothing(tiny: HpoKnowledge) -> None:
    assert ResnikTool().prepare(tiny).explain(query(tiny, "HP:0001250"), 0) == []
