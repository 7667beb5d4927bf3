"""What names of diseases say of their signs, against a plain count of words."""

from __future__ import annotations

import re
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.disease_names import DiseaseNames
from made_up import compiled, group_of, release, row

NEUROPATHY, CATARACT, SHORT = "HP:0009830", "HP:0000518", "HP:0004322"


@pytest.fixture(scope="module")
def knowledge() -> HpoKnowledge:
    signs = (
        (NEUROPATHY, "Peripheral neuropathy", ("HP:0000118",)),
        (CATARACT, "Lens opacity", ("HP:0000118",)),
        (SHORT, "Short stature", ("HP:0000118",)),
    )
    names = {
        "OMIM:1": "Neuropathic syndrome with cataract", "OMIM:2": "Cataract, autosomal dominant",
        "OMIM:3": "Deafness", "OMIM:4": "Deafness syndrome",
    }  # fmt: skip
    synonyms = {CATARACT: ["Clouding", "Cataracts", "Cataract", "Deafness"]}
    return compiled(signs, [row(d, "HP:0000118", name=n) for d, n in names.items()], synonyms=synonyms)


def row_of(knowledge: HpoKnowledge, term: str) -> dict[str, float]:
    found = DiseaseNames(knowledge.diseases, knowledge.ontology).row(knowledge.ontology.number[term])
    return {f"OMIM:{n}": float(found[group_of(knowledge, f"OMIM:{n}")]) for n in (1, 2, 3, 4)}


def test_by_hand(knowledge: HpoKnowledge) -> None:
    rare, common = log(4 / 1), log(4 / 2)  # one of four names, two of four names
    found = row_of(knowledge, NEUROPATHY)
    # neuropathy and neuropathic have one stem; "syndrome" and "with" say nothing
    assert found == pytest.approx(
        {"OMIM:1": rare / sqrt(rare**2 + common**2), "OMIM:2": 0, "OMIM:3": 0, "OMIM:4": 0}
    )


def test_first_three_synonyms_count(knowledge: HpoKnowledge) -> None:
    rare, common = log(4 / 1), log(4 / 2)
    found = row_of(knowledge, CATARACT)
    assert found["OMIM:2"] == pytest.approx(1.0)
    assert found["OMIM:1"] == pytest.approx(common / sqrt(rare**2 + common**2))
    assert found["OMIM:3"] == 0.0, "the fourth synonym was used"


def test_term_without_a_word_in_common(knowledge: HpoKnowledge) -> None:
    assert set(row_of(knowledge, SHORT).values()) == {0.0}


def test_word_of_every_name_says_nothing() -> None:
    knowledge = compiled(
        ((CATARACT, "Cataract", ("HP:0000118",)),),
        [row(f"OMIM:{n}", CATARACT, name="Cataract") for n in (1, 2)],
    )
    found = DiseaseNames(knowledge.diseases, knowledge.ontology).row(knowledge.ontology.number[CATARACT])
    assert found.tolist() == [0.0, 0.0]


def words(text: str) -> set[str]:
    empty = {
        "and", "with", "the", "without", "due", "form", "type", "onset", "disease", "disorder", "syndrome", "related",
        "autosomal", "dominant", "recessive", "linked", "susceptibility", "deficiency", "congenital", "familial",
        "early", "late", "juvenile", "infantile", "adult",
    }  # fmt: skip
    return {word[:7] for word in re.split("[^a-z]+", text.lower()) if len(word) >= 3 and word not in empty}


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=0, max_value=100_000))
def test_against_a_plain_count(seed: int) -> None:
    knowledge = release(seed)
    names = DiseaseNames(knowledge.diseases, knowledge.ontology)
    own = [words(" ".join(knowledge.diseases.names[d] for d in m)) for m in knowledge.diseases.members]
    weight = {word: log(len(own) / sum(word in other for other in own)) for word in set().union(*own)}
    synonyms: dict[int, list[str]] = {}
    for term, synonym in knowledge.ontology.synonyms.iter_rows():
        synonyms.setdefault(term, []).append(synonym)
    for term, label in enumerate(knowledge.ontology.labels):
        said = words(" ".join([label, *synonyms.get(term, [])[:3]]))
        wanted = [
            sum(weight[w] for w in group & said) / max(sqrt(sum(weight[w] ** 2 for w in group)), 1e-9)
            for group in own
        ]
        assert np.allclose(names.row(term), wanted, atol=1e-5)
        assert names.row(term).tobytes() == names.row(term).tobytes()
