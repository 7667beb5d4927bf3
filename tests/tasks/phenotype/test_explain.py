"""The words of an explanation: which annotation speaks, how often, who says so."""

from __future__ import annotations

import numpy as np
import pytest

from genopraxis.knowledge.annotations import Aspect, Frequency
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
    asked = Query(observed=() if excluded else (number,), excluded=(number,) if excluded else ())
    parts = ranker.explain(asked, int(knowledge.diseases.group[knowledge.diseases.number[disease_id]]))
    (part,) = (part for part in parts if part.term is not None)
    return part


@pytest.mark.parametrize(
    ("disease", "term", "relation", "annotated", "words"),
    [
        (DRAVET, "HP:0001250", "exact", "HP:0001250", "20/20 patients"),
        # annotated itself, with 45 %; but that seizures are always there makes the larger ratio
        (DRAVET, "HP:0011153", "more_specific_than_annotated", "HP:0001250", "20/20 patients"),
        (DRAVET, "HP:0001249", "related", "HP:0001250", "20/20 patients"),
        (DMD, "HP:0000028", "exact", "HP:0000028", "2/10 patients"),
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
    # Duchenne without weakness: this speaks against it, in figures and in words
    assert always.log10_likelihood_ratio < 0
    assert "does not speak against" not in always.sentence
    rare = explained(ranker, DMD, "HP:0000028", excluded=True)
    assert rare.log10_likelihood_ratio > 0
    assert "2/10 patients" in rare.sentence
    assert "does not speak against it. It counts because somebody looked for it" in rare.sentence
    unknown = explained(ranker, MARFAN, "HP:0001324", excluded=True)
    assert unknown.log10_likelihood_ratio == 0
    assert "not known to show it" in unknown.sentence
    general = explained(ranker, DMD, "HP:0003011", excluded=True)
    assert general.relation == "more_general_than_annotated"
    assert "Muscle weakness" in general.sentence


# A NOT annotation says that the disease does not show the sign; words must not say that it does.
@pytest.mark.parametrize(
    ("term", "words"), [("HP:0001083", "stated not to occur"), ("HP:0002650", "0/5 patients")]
)
def test_looked_for_and_not_seen_is_not_described_as_a_sign(ranker, term: str, words: str) -> None:
    observed = explained(ranker, DRAVET, term)
    assert f"was looked for and not seen: {words}." in observed.sentence
    assert "known sign" not in observed.sentence
    assert abs(observed.log10_likelihood_ratio) < 0.01, "as any sign that the disease has not"
    assert observed.rows, "whoever looked is cited"
    excluded = explained(ranker, DRAVET, term, excluded=True)
    assert f"was looked for in this disease and not seen ({words}); absent here too." in excluded.sentence
    assert "is described in this disease" not in excluded.sentence
    assert excluded.log10_likelihood_ratio > 0


def test_the_annotation_that_made_the_number_is_cited(tiny: HpoKnowledge) -> None:
    """Dravet: seizures 20/20 and focal motor seizures 45 %. What is taken out is neither counted nor cited."""
    ranker = LikelihoodTool().prepare(tiny)
    number, disease = tiny.ontology.number, tiny.diseases.number[DRAVET]
    rows = tiny.annotations.of(disease)
    own = explained(ranker, DRAVET, "HP:0001250")
    assert own.rows == tuple(rows["row"][rows["term"] == number["HP:0001250"]])
    # motor seizure has no row of its own: seizures in general made its number, not their rarer kind
    motor = explained(ranker, DRAVET, "HP:0020219")
    assert (motor.relation, motor.annotated, motor.rows) == (
        "more_specific_than_annotated", number["HP:0001250"], own.rows,
    )  # fmt: skip
    # nor has the nervous system: of its signs the most frequent one, as seen and as absent
    for excluded in (False, True):
        system = explained(ranker, DRAVET, "HP:0012638", excluded=excluded)
        assert system.annotated == number["HP:0001250"]
        assert "20/20 patients" in system.sentence
    without = tiny.with_replaced({disease: rows[rows["term"] != number["HP:0001250"]]})
    left = explained(ranker.on(without), DRAVET, "HP:0001250")
    assert not set(own.rows) & set(left.rows)
    assert "20/20" not in left.sentence


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        (
            "HP:0011153",
            "Focal motor seizure is a known sign (45 %); Seizure, which includes it (20/20 patients), weighs more.",
        ),
        (
            "HP:0001249",
            (
                "Intellectual disability is a known sign (7/8 patients); Seizure (20/20 patients), both kinds of "
                "Abnormality of the nervous system, weighs more."
            ),
        ),
    ],
)
def test_a_known_sign_is_called_so_when_another_made_the_number(ranker, term: str, sentence: str) -> None:
    assert explained(ranker, DRAVET, term).sentence == sentence


def _only(knowledge: HpoKnowledge, disease_id: str, **counts: tuple[int, int]) -> HpoKnowledge:
    """Knowledge in which a disease has these counts and nothing else; ``HP_0001250=(3, 5)``."""
    disease = knowledge.diseases.number[disease_id]
    members = knowledge.diseases.members[int(knowledge.diseases.group[disease])]
    rows = knowledge.annotations.of(disease)[: len(counts)].copy()
    rows["aspect"], rows["negated"], rows["kind"] = Aspect.PHENOTYPE, False, Frequency.COUNTS
    rows["term"] = [knowledge.ontology.number[term.replace("_", ":")] for term in counts]
    rows["numerator"], rows["denominator"] = zip(*counts.values(), strict=True)
    return knowledge.with_replaced({m: rows if m == disease else rows[:0] for m in members})


def test_a_sign_never_seen_whose_special_kind_was_seen(tiny: HpoKnowledge) -> None:
    """Seizures in 0 of 5 and focal motor seizures in 3 of 5, as two publications may have it."""
    ranker = LikelihoodTool().prepare(tiny)
    ranker = ranker.on(_only(tiny, DRAVET, HP_0001250=(0, 5), HP_0011153=(3, 5)))
    part = explained(ranker, DRAVET, "HP:0001250")
    assert part.annotated == tiny.ontology.number["HP:0011153"]
    assert part.sentence == "Seizure includes Focal motor seizure, a known sign: 3/5 patients."


def test_a_sign_never_seen_beside_a_related_one(embedded: HpoKnowledge) -> None:
    """Generalised seizures in none of five, focal ones in all: the second made the number."""
    knowledge = _only(embedded, DRAVET, HP_0002197=(0, 5), HP_0007359=(5, 5))
    part = explained(LikelihoodTool().prepare(embedded).on(knowledge), DRAVET, "HP:0002197")
    assert (part.relation, part.annotated) == ("related", embedded.ontology.number["HP:0007359"])
    assert part.log10_likelihood_ratio > 0
    assert part.sentence == (
        "Generalized-onset seizure itself was looked for and not seen (0/5 patients); the nearest known sign is "
        "Focal-onset seizure (5/5 patients), both kinds of Seizure."
    )


def test_an_exact_match_of_a_whole_organ_system_is_a_known_sign(embedded: HpoKnowledge) -> None:
    """Some diseases are annotated with "Abnormality of the nervous system" itself."""
    ranker = LikelihoodTool().prepare(embedded)
    term = embedded.ontology.number["HP:0000707"]
    rows = embedded.annotations.rows
    shown = rows[(rows["term"] == term) & ~rows["negated"] & (rows["numerator"] != 0)]
    part = explained(ranker, embedded.diseases.ids[int(shown["disease"][0])], "HP:0000707")
    assert "a known sign" in part.sentence
    assert "not a known sign" not in part.sentence


def test_frequency_in_words(tiny: HpoKnowledge) -> None:
    def words(disease_id: str, term: str) -> str:
        rows = group_rows(tiny, int(tiny.diseases.group[tiny.diseases.number[disease_id]]))
        return frequency_words(rows[rows["term"] == tiny.ontology.number[term]])

    assert words(MARFAN, "HP:0001166") == "9/10 patients; very frequent (80–99 %)"
    assert words(MARFAN, "HP:0002650") == "frequency not stated"
    assert words(MARFAN, "HP:0001249") == "stated not to occur"
    assert words(DRAVET, "HP:0002650") == "0/5 patients"
    assert words(DMD, "HP:0001249") == "occasional (5–29 %)"
    assert words("ORPHA:98896", "HP:0001324") == "always (100 %)"
    assert words("OMIM:601665", "HP:0001626") == "10 %"
    assert frequency_words(np.empty(0, dtype=tiny.annotations.rows.dtype)) == "stated not to occur"


def test_every_explanation_of_the_tiny_release_is_a_sentence(tiny: HpoKnowledge, ranker) -> None:
    signs = np.flatnonzero(tiny.ontology.is_phenotype).tolist()
    for group in range(len(tiny.diseases.members)):
        asked = Query(observed=tuple(signs[::2]), excluded=tuple(signs[1::2]), sex="male", age_years=1.0)
        for part in ranker.explain(asked, group):
            assert part.sentence.endswith(".")
            assert part.sentence[0].isupper()
            assert "None" not in part.sentence
            assert "nan" not in part.sentence.split()
