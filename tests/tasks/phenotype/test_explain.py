"""The words of an explanation: which annotation speaks, how often, who says so."""

from __future__ import annotations

import numpy as np
import pytest

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.explain import frequency_words
from genopraxis.tasks.phenotype.frequencies import group_rows
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.task import SignContribution
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodRanker, LikelihoodTool

DRAVET, MARFAN, DMD, WOLF = "OMIM:607208", "OMIM:154700", "OMIM:310200", "DECIPHER:1"


@pytest.fixture(scope="module")
def ranker(tiny: HpoKnowledge) -> LikelihoodRanker:
    return LikelihoodTool().prepare(tiny)


def explained(
    ranker: LikelihoodRanker, disease_id: str, term: str, *, excluded: bool = False
) -> SignContribution:
    knowledge = ranker.knowledge
    number = knowledge.ontology.number[term]
    asked = Query(case_id="c", observed=() if excluded else (number,), excluded=(number,) if excluded else ())
    (part,) = ranker.explain(asked, int(knowledge.diseases.group[knowledge.diseases.number[disease_id]]))
    return part


@pytest.mark.parametrize(
    ("disease", "term", "relation", "annotated", "words"),
    [
        (DRAVET, "HP:0001250", "exact", "HP:0001250", "20/20 patients"),
        (DRAVET, "HP:0011153", "exact", "HP:0011153", "45 %"),
        (WOLF, "HP:0011153", "more_specific_than_annotated", "HP:0001250", "frequency not stated"),
        (DMD, "HP:0003011", "more_general_than_annotated", "HP:0001324", "30/30 patients"),
        (MARFAN, "HP:0001324", "none", None, None),
        ("ORPHA:98853", "HP:0001324", "exact", "HP:0001324", "very frequent (80–99 %)"),
    ],
)
def test_relation_and_frequency(
    tiny: HpoKnowledge, ranker, disease, term, relation, annotated, words
) -> None:
    part = explained(ranker, disease, term)
    assert part.relation == relation
    assert (None if part.annotated is None else tiny.ontology.ids[part.annotated]) == annotated
    assert part.frequency == words
    label = tiny.ontology.labels[tiny.ontology.number[term]]
    assert label in part.sentence
    if words:
        assert words in part.sentence
    else:
        assert "not a known sign" in part.sentence


def test_rows_lead_to_the_publications(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    part = explained(ranker, MARFAN, "HP:0001083")
    references = {r for row in part.rows for r in tiny.annotations.references_by_row[row]}
    assert references == {"PMID:11", "PMID:12", "ORPHA:558"}


def test_absence_is_told_as_it_is_scored(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    always = explained(ranker, DMD, "HP:0001324", excluded=True)
    assert always.kind == "excluded"
    assert "30/30 patients" in always.sentence
    assert "absent" in always.sentence
    # it only supports the disease in words when it does in figures
    assert ("a sign one looks for" in always.sentence) == (always.log10_likelihood_ratio >= 0)
    unknown = explained(ranker, MARFAN, "HP:0001324", excluded=True)
    assert unknown.log10_likelihood_ratio == 0
    assert "not known to show it" in unknown.sentence
    general = explained(ranker, DMD, "HP:0003011", excluded=True)
    assert general.relation == "more_general_than_annotated"
    assert "Muscle weakness" in general.sentence


# A NOT annotation says that the disease does not show the sign; words must not say that it does.
def test_a_negated_annotation_is_not_described_as_a_sign(tiny: HpoKnowledge, ranker) -> None:
    observed = explained(ranker, DRAVET, "HP:0001083")
    assert observed.relation == "none"
    assert "not a known sign" in observed.sentence
    excluded = explained(ranker, DRAVET, "HP:0001083", excluded=True)
    assert "is described in this disease" not in excluded.sentence


def test_frequency_in_words(tiny: HpoKnowledge) -> None:
    def words(disease_id: str, term: str) -> str:
        rows = group_rows(tiny, int(tiny.diseases.group[tiny.diseases.number[disease_id]]))
        return frequency_words(rows[rows["term"] == tiny.ontology.number[term]])

    assert words(MARFAN, "HP:0001166") == "9/10 patients"
    assert words(MARFAN, "HP:0002650") == "frequency not stated"
    assert words(MARFAN, "HP:0001249") == "never"
    assert words(DRAVET, "HP:0002650") == "0/5 patients"
    assert words(DMD, "HP:0001249") == "occasional (5–29 %)"
    assert words("ORPHA:98896", "HP:0001324") == "always (100 %)"
    assert words("OMIM:601665", "HP:0001626") == "10 %"
    assert frequency_words(np.empty(0, dtype=tiny.annotations.rows.dtype)) == "never"


def test_every_explanation_of_the_tiny_release_is_a_sentence(tiny: HpoKnowledge, ranker) -> None:
    signs = np.flatnonzero(tiny.ontology.is_phenotype).tolist()
    for group in range(len(tiny.diseases.members)):
        asked = Query(
            case_id="c", observed=tuple(signs[::2]), excluded=tuple(signs[1::2]), sex="male", age_years=1.0
        )
        for part in ranker.explain(asked, group):
            assert part.sentence.endswith(".")
            assert part.sentence[0].isupper()
            assert "None" not in part.sentence
            assert "nan" not in part.sentence.split()
