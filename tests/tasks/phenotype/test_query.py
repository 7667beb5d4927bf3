"""From features to a query: every repair reported, every contradiction settled, no answer let through."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Feature, Onset, Patient
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.query import Exclusions, PreparedQuery, Query, Unknown, prepare_query
from tiny import OBSOLETE, TERMS

SEIZURE, FOCAL_MOTOR, MOTOR = "HP:0001250", "HP:0011153", "HP:0020219"
SCOLIOSIS, DISABILITY = "HP:0002650", "HP:0001249"


def prepared(
    tiny: HpoKnowledge,
    *features: Feature,
    unknown: Unknown = "error",
    exclusions: Exclusions = "selected",
    **more,
) -> PreparedQuery:
    patient = Patient(case_id="c", features=features, **more)
    return prepare_query(patient, tiny.ontology, unknown=unknown, exclusions=exclusions)


def ids(tiny: HpoKnowledge, terms: tuple[int, ...]) -> list[str]:
    return [tiny.ontology.ids[term] for term in terms]


def has(term: str, **more) -> Feature:
    return Feature(term_id=term, **more)


def lacks(term: str) -> Feature:
    return Feature(term_id=term, excluded=True)


def test_observed_and_excluded(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has(SEIZURE), lacks(SCOLIOSIS), sex="female", age_years=4.0)
    assert ids(tiny, made.query.observed) == [SEIZURE]
    assert ids(tiny, made.query.excluded) == [SCOLIOSIS]
    assert (made.query.sex, made.query.age_years) == ("female", 4.0)
    assert made.repairs == ()
    assert [used.counted for used in made.features] == [True, True]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("HP:0002279", "alternative_term"),
        ("HP:9000001", "obsolete_term"),
    ],
)
def test_replaced_ids_are_used_and_reported(tiny: HpoKnowledge, given: str, code: str) -> None:
    made = prepared(tiny, has(given))
    assert ids(tiny, made.query.observed) == [SEIZURE]
    (repair,) = made.repairs
    assert (repair.code, repair.subject) == (code, given)
    assert SEIZURE in repair.message
    assert "Seizure" in repair.message


def test_replaced_id_beside_its_successor_counts_once(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has(SEIZURE), has("HP:0002279"))
    assert ids(tiny, made.query.observed) == [SEIZURE]
    assert len(made.features) == 2


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (has("HP:0001251", label="Seizures"), ("HP:0001251", "Seizures", "HP:0001250 (Seizure)")),
        (has("HP:0001259"), ("HP:0001259", "HP:0001250 (Seizure)")),
        (has("HP:9000003"), ("HP:9000003", "obsolete and has no successor")),
        (lacks("HP:0001251"), ("HP:0001251", "unknown")),
    ],
)
def test_unknown_term_is_an_error_that_names_the_nearest(tiny: HpoKnowledge, feature, words) -> None:
    with pytest.raises(InputError) as caught:
        prepared(tiny, has(SEIZURE), feature)
    for word in words:
        assert word in str(caught.value)


def test_unknown_terms_are_dropped_and_counted_where_asked(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has("HP:0001251"), has(SEIZURE), lacks("HP:9000003"), unknown="drop")
    assert ids(tiny, made.query.observed) == [SEIZURE]
    assert made.query.excluded == ()
    assert [(r.code, r.subject) for r in made.repairs] == [
        ("unknown_term", "HP:0001251"),
        ("unknown_term", "HP:9000003"),
    ]
    assert [used.counted for used in made.features] == [False, True, False]
    nothing_left = prepared(tiny, has("HP:0001251"), unknown="drop")
    assert nothing_left.query.observed == ()


def test_same_term_observed_and_excluded_counts_as_observed(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, lacks(SEIZURE), has(SEIZURE), lacks(SCOLIOSIS))
    assert ids(tiny, made.query.observed) == [SEIZURE]
    assert ids(tiny, made.query.excluded) == [SCOLIOSIS]
    (repair,) = made.repairs
    assert repair.code == "contradiction"
    assert "observed" in repair.message
    assert "excluded" in repair.message
    assert [used.counted for used in made.features] == [False, True, True]


def test_child_observed_and_ancestor_excluded(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has(FOCAL_MOTOR), lacks(SEIZURE))
    assert ids(tiny, made.query.observed) == [FOCAL_MOTOR]
    assert made.query.excluded == ()
    (repair,) = made.repairs
    assert (repair.code, repair.subject) == ("contradiction", SEIZURE)
    assert "Focal motor seizure" in repair.message


def test_ancestor_observed_and_child_excluded_is_no_contradiction(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has(SEIZURE), lacks(FOCAL_MOTOR))
    assert ids(tiny, made.query.excluded) == [FOCAL_MOTOR]
    assert made.repairs == ()


def test_contradiction_through_replaced_ids_is_found(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has("HP:9000001"), lacks("HP:0002279"))
    assert ids(tiny, made.query.observed) == [SEIZURE]
    assert made.query.excluded == ()
    assert {r.code for r in made.repairs} == {"obsolete_term", "alternative_term", "contradiction"}


def test_a_general_sign_beside_its_special_kind_counts_once(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has(SEIZURE), has(FOCAL_MOTOR), has(SCOLIOSIS), has(MOTOR))
    assert ids(tiny, made.query.observed) == [FOCAL_MOTOR, SCOLIOSIS]
    assert [(r.code, r.subject) for r in made.repairs] == [("implied_term", SEIZURE), ("implied_term", MOTOR)]
    assert made.repairs[0].message == (
        "Seizure is not counted twice: Focal motor seizure, a kind of it, is observed too"
    )
    assert [used.counted for used in made.features] == [False, True, True, False]


def test_a_special_exclusion_beside_the_general_one_counts_once(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has(SCOLIOSIS), lacks(FOCAL_MOTOR), lacks(SEIZURE), lacks(DISABILITY))
    assert ids(tiny, made.query.excluded) == [SEIZURE, DISABILITY]
    (repair,) = made.repairs
    assert (repair.code, repair.subject) == ("implied_term", FOCAL_MOTOR)
    assert repair.message == (
        "Focal motor seizure is not counted twice: Seizure, which includes it, is excluded too"
    )
    assert [used.counted for used in made.features] == [True, False, True, True]


def test_an_exclusion_does_not_go_with_a_general_one_that_contradicts(tiny: HpoKnowledge) -> None:
    """Disability observed, its system excluded: the exclusion of seizures contradicts nothing."""
    made = prepared(tiny, has(DISABILITY), lacks("HP:0012638"), lacks(SEIZURE))
    assert ids(tiny, made.query.excluded) == [SEIZURE]
    assert [(r.code, r.subject) for r in made.repairs] == [("contradiction", "HP:0012638")]
    assert [used.counted for used in made.features] == [True, False, True]


@pytest.mark.parametrize("exclusions", ["selected", "systematic"])
def test_how_absences_were_recorded_reaches_the_tool(tiny: HpoKnowledge, exclusions: Exclusions) -> None:
    made = prepared(tiny, has(SEIZURE), lacks(SCOLIOSIS), exclusions=exclusions)
    assert made.query.exclusions == exclusions
    assert ids(tiny, made.query.excluded) == [SCOLIOSIS]
    assert made.repairs == ()


def test_absences_that_are_to_be_ignored_are_shown_and_reported(tiny: HpoKnowledge) -> None:
    made = prepared(tiny, has(SEIZURE), lacks(SCOLIOSIS), lacks(DISABILITY), exclusions="ignore")
    assert made.query.excluded == ()
    (repair,) = made.repairs
    assert repair.code == "exclusions_ignored"
    assert "2 excluded sign(s) are shown and not counted" in repair.message
    assert [used.counted for used in made.features] == [True, False, False]
    assert prepared(tiny, has(SEIZURE), exclusions="ignore").repairs == ()


@pytest.mark.parametrize("term", ["HP:0000006", "HP:0003577", "HP:0012823", "HP:0000001"])
def test_what_is_no_sign_is_shown_and_not_counted(tiny: HpoKnowledge, term: str) -> None:
    made = prepared(tiny, has(term), has(SEIZURE), lacks(term))
    assert ids(tiny, made.query.observed) == [SEIZURE]
    assert made.query.excluded == ()
    assert [used.counted for used in made.features] == [False, True, False]
    assert {r.code for r in made.repairs} == {"not_a_sign"}


def test_onset_is_the_earliest_of_the_observed_signs(tiny: HpoKnowledge) -> None:
    def onset(**given) -> Onset:
        return Onset(**given)

    made = prepared(
        tiny,
        has(SEIZURE, onset=onset(years=3.0)),
        has(SCOLIOSIS, onset=onset(term_id="HP:0003593")),  # infantile: 28 days to one year
        Feature(term_id=DISABILITY, excluded=True, onset=onset(years=0.1)),
    )
    assert made.query.onset_years == pytest.approx((0.077 + 1.0) / 2)
    assert prepared(tiny, has(SEIZURE)).query.onset_years is None
    assert prepared(tiny, has(SEIZURE, onset=onset(years=0.0))).query.onset_years == 0.0
    # a term that says nothing of an age, and an age beside a term: the age is the firmer of the two
    assert prepared(tiny, has(SEIZURE, onset=onset(term_id="HP:0003674"))).query.onset_years is None
    both = onset(years=2.0, term_id="HP:0003577")
    assert prepared(tiny, has(SEIZURE, onset=both)).query.onset_years == 2.0


def test_a_query_has_no_place_for_the_answer() -> None:
    known = {
        "case_id", "observed", "excluded", "sex", "karyotypic_sex", "onset_years", "age_years",
        "exclusions", "features", "term_id", "label", "onset", "years",
    }  # fmt: skip
    for kind in (Query, Patient, Feature, Onset):
        assert {field.name for field in fields(kind)} <= known, kind
    # published cases are named after their publication, which annotations cite: no tool sees the name
    assert "case_id" not in {field.name for field in fields(Query)}


_ALL = [row[0] for row in TERMS] + [row[0] for row in OBSOLETE] + ["HP:0002279", "HP:7777777"]
_FEATURES = st.lists(st.builds(Feature, term_id=st.sampled_from(_ALL), excluded=st.booleans()), max_size=12)


@given(features=_FEATURES)
def test_any_features_give_a_sound_query(tiny: HpoKnowledge, features: list[Feature]) -> None:
    made = prepared(tiny, *features, unknown="drop")
    ontology, query = tiny.ontology, made.query
    observed, excluded = set(query.observed), set(query.excluded)
    assert len(observed) == len(query.observed)
    assert len(excluded) == len(query.excluded)
    assert all(ontology.is_phenotype[term] for term in observed | excluded)
    implied = {int(a) for term in observed for a in ontology.ancestors(term)}
    assert not implied & excluded
    # every feature is accounted for: counted, or named in a repair, or a repetition of a counted one
    assert len(made.features) == len(features)
    for used in made.features:
        if used.counted:
            assert used.term in (excluded if used.feature.excluded else observed)
        else:
            current = used.feature.term_id if used.term is None else ontology.ids[used.term]
            assert {used.feature.term_id, current} & {r.subject for r in made.repairs}
    # nothing counts twice: no observed sign implies another, nor does an excluded one
    assert not {int(a) for term in observed for a in ontology.ancestors(term) if a != term} & observed
    assert not {int(d) for term in excluded for d in ontology.descendants(term) if d != term} & excluded
    # what was observed, known and a sign is never lost, though a kind of it may stand for it
    for feature in features:
        found = ontology.resolve(feature.term_id).term_id
        if found and not feature.excluded and ontology.is_phenotype[ontology.number[found]]:
            assert ontology.number[found] in implied
    # nor is what was excluded, unless it contradicts what was observed
    settled = {int(d) for term in excluded for d in ontology.descendants(term)}
    for feature in features:
        found = ontology.resolve(feature.term_id).term_id
        if found and feature.excluded and ontology.is_phenotype[ontology.number[found]]:
            assert ontology.number[found] in settled | implied


@pytest.mark.parametrize(
    ("sex", "karyotype", "said"),
    [("male", "unknown", True), ("male", "XY", True), ("female", "unknown", False), ("unknown", "unknown", False),
     ("male", "XXY", False)],
)  # fmt: skip
def test_sign_of_an_organ_of_the_other_sex_is_said_and_counts(
    embedded: HpoKnowledge, sex, karyotype, said
) -> None:
    menorrhagia = "HP:0000132"
    found = prepared(embedded, Feature(term_id=menorrhagia), sex=sex, karyotypic_sex=karyotype)
    assert [r.subject for r in found.repairs if r.code == "sex_contradiction"] == [menorrhagia] * said
    assert found.query.observed == (embedded.ontology.number[menorrhagia],)
