"""Textbook patients, written by hand: published cases cannot show that a ranker has lost common sense."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from genopraxis.case.information import FIRST_TEN_LIMIT
from genopraxis.contracts.patient import Feature, Patient
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.loading import load_knowledge
from genopraxis.tasks.phenotype.query import Query, prepare_query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.tools.ranker import RankerTool

# disease, its signs, and a sign that was looked for and not found
PATIENTS = {
    "Marfan syndrome": (
        "OMIM:154700",
        (
            "Arachnodactyly",
            "Ectopia lentis",
            "Aortic root aneurysm",
            "Tall stature",
            "Pectus excavatum",
        ),
        ("Bifid uvula",),
    ),
    "neurofibromatosis 1": (
        "OMIM:162200",
        (
            "Cafe-au-lait spot",
            "Axillary freckling",
            "Lisch nodules",
            "Scoliosis",
        ),
        ("Hearing impairment",),
    ),
    "CHARGE syndrome": (
        "OMIM:214800",
        (
            "Coloboma",
            "Choanal atresia",
            "Hearing impairment",
            "Cryptorchidism",
            "Global developmental delay",
        ),
        ("Cleft palate",),
    ),
    "Noonan syndrome": (
        "OMIM:163950",
        (
            "Short stature",
            "Pulmonic stenosis",
            "Hypertelorism",
            "Webbed neck",
            "Ptosis",
        ),
        ("Intellectual disability",),
    ),
    "Dravet syndrome": (
        "OMIM:607208",
        (
            "Febrile seizure (within the age range of 3 months to 6 years)",
            "Seizure",
            "Global developmental delay",
            "Status epilepticus",
        ),
        ("Microcephaly",),
    ),
    "Bardet-Biedl syndrome 1": (
        "OMIM:209900",
        (
            "Rod-cone dystrophy",
            "Obesity",
            "Postaxial hand polydactyly",
            "Intellectual disability",
            "Abnormality of the kidney",
        ),
        ("Hearing impairment",),
    ),
    "Wilson disease": (
        "OMIM:277900",
        (
            "Kayser-Fleischer ring",
            "Cirrhosis",
            "Dystonia",
            "Tremor",
        ),
        ("Intellectual disability",),
    ),
    "Stickler syndrome": (
        "OMIM:108300",
        (
            "Myopia",
            "Cleft palate",
            "Hearing impairment",
            "Retinal detachment",
        ),
        ("Arachnodactyly",),
    ),
    "Rett syndrome": (
        "OMIM:312750",
        (
            "Intellectual disability",
            "Developmental regression",
            "Stereotypical hand wringing",
            "Microcephaly",
            "Seizure",
        ),
        ("Hearing impairment",),
    ),
    "Duchenne muscular dystrophy": (
        "OMIM:310200",
        (
            "Elevated circulating creatine kinase concentration",
            "Calf muscle pseudohypertrophy",
            "Gowers sign",
            "Waddling gait",
        ),
        ("Ptosis",),
    ),
    "Williams syndrome": (
        "OMIM:194050",
        (
            "Supravalvular aortic stenosis",
            "Intellectual disability",
            "Hypercalcemia",
            "Happy demeanor",
        ),
        ("Hearing impairment",),
    ),
    "phenylketonuria": (
        "OMIM:261600",
        (
            "Hyperphenylalaninemia",
            "Intellectual disability",
            "Fair hair",
            "Microcephaly",
        ),
        ("Seizure",),
    ),
    "achondroplasia": (
        "OMIM:100800",
        (
            "Disproportionate short-limb short stature",
            "Macrocephaly",
            "Frontal bossing",
            "Trident hand",
        ),
        ("Intellectual disability",),
    ),
    "hereditary telangiectasia": (
        "OMIM:187300",
        (
            "Epistaxis",
            "Telangiectasia",
            "Hepatic arteriovenous malformation",
        ),
        ("Seizure",),
    ),
    "Huntington disease": (
        "OMIM:143100",
        (
            "Chorea",
            "Dementia",
            "Irritability",
            "Memory impairment",
        ),
        ("Rod-cone dystrophy",),
    ),
    "Friedreich ataxia": (
        "OMIM:229300",
        (
            "Ataxia",
            "Areflexia",
            "Hypertrophic cardiomyopathy",
            "Scoliosis",
        ),
        ("Rod-cone dystrophy",),
    ),
    "Treacher Collins syndrome": (
        "OMIM:154500",
        (
            "Malar flattening",
            "Lower eyelid coloboma",
            "Microtia",
            "Conductive hearing impairment",
        ),
        ("Intellectual disability",),
    ),
    "Usher syndrome 2A": (
        "OMIM:276901",
        (
            "Sensorineural hearing impairment",
            "Rod-cone dystrophy",
        ),
        ("Intellectual disability",),
    ),
    "tuberous sclerosis 1": (
        "OMIM:191100",
        (
            "Seizure",
            "Hypomelanotic macule",
            "Cortical tubers",
            "Renal angiomyolipoma",
            "Ungual fibroma",
        ),
        ("Rod-cone dystrophy",),
    ),
    "cystic fibrosis": (
        "OMIM:219700",
        (
            "Exocrine pancreatic insufficiency",
            "Recurrent bronchopulmonary infections",
            "Bronchiectasis",
            "Elevated sweat chloride",
        ),
        ("Seizure",),
    ),
}
# what a hasty referral may say
GENERAL = (
    "Abnormality of the nervous system",
    "Abnormality of the cardiovascular system",
    "Abnormality of the skeletal system",
    "Seizure",
    "Global developmental delay",
)


@cache
def known() -> HpoKnowledge:
    return load_knowledge(library="shipped").knowledge


@cache
def term_ids() -> dict[str, str]:
    ontology = known().ontology
    return dict(zip(ontology.labels, ontology.ids, strict=True))


def asked(observed: tuple[str, ...], absent: tuple[str, ...] = ()) -> Query:
    features = [Feature(term_id=term_ids()[label]) for label in observed]
    features += [Feature(term_id=term_ids()[label], excluded=True) for label in absent]
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


def first_ten(scores: DiseaseScores) -> float:
    return float(np.sort(scores.probability)[-10:].sum())


def test_most_textbook_patients_are_not_too_little() -> None:
    chances = {name: first_ten(scores) for name, (_, scores) in answers().items()}
    assert sum(chance >= FIRST_TEN_LIMIT for chance in chances.values()) >= 13, chances


def test_a_general_sign_names_no_disease() -> None:
    """The chance that any of ten is right is low, and lower than for nearly all textbook patients."""
    ranker = RankerTool().prepare(known())
    vague = [first_ten(ranker.rank(asked((sign,)))) for sign in GENERAL]
    told = [first_ten(scores) for _, scores in answers().values()]
    assert max(vague) < FIRST_TEN_LIMIT
    assert max(vague) < np.quantile(told, 0.1)
