"""Textbook patients, written by hand: published cases cannot show that a ranker has lost common sense."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from genopraxis.contracts.patient import Feature, Patient
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.loading import load_knowledge
from genopraxis.tasks.phenotype.query import Query, prepare_query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.tools.ranker import RankerTool

# disease, its signs, and a sign that was looked for and not found
PATIENTS = {
    "Marfan syndrome": ("OMIM:154700", ("1166", "1083", "2616", "98", "767"), ("193",)),
    "neurofibromatosis 1": ("OMIM:162200", ("957", "997", "9737", "2650"), ("365",)),
    "CHARGE syndrome": ("OMIM:214800", ("589", "453", "365", "28", "1263"), ("175",)),
    "Noonan syndrome": ("OMIM:163950", ("4322", "1642", "316", "465", "508"), ("1249",)),
    "Dravet syndrome": ("OMIM:607208", ("2373", "1250", "1263", "2133"), ("252",)),
    "Bardet-Biedl syndrome 1": ("OMIM:209900", ("510", "1513", "1162", "1249", "77"), ("365",)),
    "Wilson disease": ("OMIM:277900", ("200032", "1394", "1332", "1337"), ("1249",)),
    "Stickler syndrome": ("OMIM:108300", ("545", "175", "365", "541"), ("1166",)),
    "Rett syndrome": ("OMIM:312750", ("2187", "2313", "12171", "252", "1250"), ("365",)),
    "Duchenne muscular dystrophy": ("OMIM:310200", ("3236", "3707", "3391", "2515"), ("508",)),
    "Williams syndrome": ("OMIM:194050", ("4381", "1249", "3072", "40082"), ("365",)),
    "phenylketonuria": ("OMIM:261600", ("4923", "1249", "2286", "4913"), ("1250",)),
    "achondroplasia": ("OMIM:100800", ("8873", "256", "2007", "4060"), ("1249",)),
    "hereditary telangiectasia": ("OMIM:187300", ("421", "1009", "6574"), ("1250",)),
    "Huntington disease": ("OMIM:143100", ("2072", "726", "737", "2354"), ("510",)),
    "Friedreich ataxia": ("OMIM:229300", ("1251", "1284", "1639", "2650"), ("510",)),
    "Treacher Collins syndrome": ("OMIM:154500", ("272", "652", "8551", "405"), ("1249",)),
    "Usher syndrome 2A": ("OMIM:276901", ("407", "510"), ("1249",)),
    "tuberous sclerosis 1": ("OMIM:191100", ("1250", "9719", "9717", "6772", "100804"), ("510",)),
    "cystic fibrosis": ("OMIM:219700", ("1738", "6538", "2110", "12236"), ("1250",)),
}
# what a hasty referral may say
GENERAL = ("HP:0000707", "HP:0001626", "HP:0000924", "HP:0001250", "HP:0001263")


@cache
def known() -> HpoKnowledge:
    return load_knowledge(library="shipped").knowledge


def asked(observed: tuple[str, ...], absent: tuple[str, ...] = ()) -> Query:
    features = [Feature(term_id=f"HP:{term.zfill(7)}") for term in observed]
    features += [Feature(term_id=f"HP:{term.zfill(7)}", excluded=True) for term in absent]
    patient = Patient(case_id="textbook", features=tuple(features))
    return prepare_query(patient, known().ontology, unknown="error", exclusions="systematic").query


@cache
def answers() -> dict[str, tuple[int, DiseaseScores]]:
    """The place of the right disease, and the whole answer, by name."""
    ranker, diseases = RankerTool().prepare(known()), known().diseases
    found = {}
    for name, (disease, observed, absent) in PATIENTS.items():
        scores = ranker.rank(asked(observed, absent))
        places = scores.by_place(diseases)
        own = places[diseases.place[diseases.group[diseases.number[disease]]]]
        found[name] = 1 + int((places > own).sum()), scores
    return found


@pytest.mark.parametrize(("among", "least"), [(1, 10), (3, 16), (10, 18)])
def test_textbook_patients_are_found(among: int, least: int) -> None:
    places = {name: place for name, (place, _) in answers().items()}
    found = [name for name, place in places.items() if place <= among]
    assert len(found) >= least, sorted(places.items(), key=lambda one: one[1])


def test_a_general_sign_names_no_disease() -> None:
    """The chance that any of ten is right is lower than for nearly all textbook patients, and low."""
    ranker = RankerTool().prepare(known())
    vague = [np.sort(ranker.rank(asked((sign[3:],))).probability)[-10:].sum() for sign in GENERAL]
    told = [np.sort(scores.probability)[-10:].sum() for _, scores in answers().values()]
    assert max(vague) < 0.1
    assert max(vague) < np.quantile(told, 0.1)
