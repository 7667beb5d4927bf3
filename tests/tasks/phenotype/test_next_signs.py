"""Which sign to look for next: mutual information by brute force, and nothing that is already settled."""

from __future__ import annotations

from itertools import combinations
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.annotations import Frequency
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import (
    NEVER,
    FrequencyModel,
    direct_frequencies,
    group_rows,
    propagated,
)
from genopraxis.tasks.phenotype.next_signs import expected_signs, separating_signs
from genopraxis.tasks.phenotype.query import Query


def query(observed: tuple[int, ...] = (), excluded: tuple[int, ...] = ()) -> Query:
    return Query(observed=observed, excluded=excluded)


def full_of(knowledge: HpoKnowledge, group: int) -> np.ndarray:
    return propagated(*direct_frequencies(group_rows(knowledge, group), FrequencyModel()), knowledge.ontology)


def information(weights: list[float], present: list[float]) -> float:
    """Mutual information of candidate and sign: sum of p(c, s) log2 (p(c, s) / p(c) p(s))."""
    total = sum(weights)
    prior = [w / total for w in weights]
    shown = sum(w * p for w, p in zip(prior, present, strict=True))
    bits = 0.0
    for w, p in zip(prior, present, strict=True):
        for joint, sign in ((w * p, shown), (w * (1 - p), 1 - shown)):
            if joint > 0:
                bits += joint * log2(joint / (w * sign))
    return bits


def test_information_equals_brute_force(tiny: HpoKnowledge) -> None:
    groups = [
        int(tiny.diseases.group[tiny.diseases.number[d]])
        for d in ("OMIM:154700", "OMIM:310200", "OMIM:607208")
    ]
    weights = [0.5, 0.3, 0.1]
    found = separating_signs(query(), tiny, groups=groups, probabilities=weights, n=50)
    assert len(found) >= 4
    for sign in found:
        present = [float(np.clip(full_of(tiny, g)[sign.term], 0.01, 0.99)) for g in groups]
        stated = [float(full_of(tiny, g)[sign.term]) for g in groups]
        # never seen is stated as little as not annotated: nobody should wait for it
        assert sign.expected == tuple(p if p > NEVER else None for p in stated)
        assert sign.information_bits == pytest.approx(information(weights, present), abs=1e-9)
    bits = [sign.information_bits for sign in found]
    assert bits == sorted(bits, reverse=True)
    # the first is the best of all annotated terms, not only of those listed
    everything = {int(t) for g in groups for t in group_rows(tiny, g)["term"]}
    best = max(
        information(weights, [float(np.clip(full_of(tiny, g)[t], 0.01, 0.99)) for g in groups])
        for t in everything
    )
    assert bits[0] == pytest.approx(best)


def test_weights_need_not_sum_to_one(tiny: HpoKnowledge) -> None:
    groups = [0, 3]
    a = separating_signs(query(), tiny, groups=groups, probabilities=[0.5, 0.5])
    b = separating_signs(query(), tiny, groups=groups, probabilities=[0.001, 0.001])
    assert [s.term for s in a] == [s.term for s in b]
    assert [s.information_bits for s in a] == pytest.approx([s.information_bits for s in b])


def test_nothing_to_separate(tiny: HpoKnowledge) -> None:
    assert separating_signs(query(), tiny, groups=[1], probabilities=[1.0]) == []
    assert separating_signs(query(), tiny, groups=[], probabilities=[]) == []
    assert separating_signs(query(), tiny, groups=[0, 1], probabilities=[0.0, 0.0]) == []
    # all is settled
    everything = tuple(np.flatnonzero(tiny.ontology.is_phenotype).tolist())
    assert separating_signs(query(everything), tiny, groups=[0, 1], probabilities=[0.5, 0.5]) == []


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_settled_terms_are_never_proposed(tiny: HpoKnowledge, data: st.DataObject) -> None:
    ontology = tiny.ontology
    signs = np.flatnonzero(ontology.is_phenotype).tolist()
    observed = data.draw(st.lists(st.sampled_from(signs), max_size=4, unique=True))
    excluded = data.draw(st.lists(st.sampled_from(signs), max_size=4, unique=True))
    groups = data.draw(
        st.lists(st.integers(0, len(tiny.diseases.members) - 1), min_size=2, max_size=6, unique=True)
    )
    weights = data.draw(st.lists(st.floats(1e-6, 1.0), min_size=len(groups), max_size=len(groups)))
    asked = query(tuple(observed), tuple(excluded))
    found = separating_signs(asked, tiny, groups=groups, probabilities=weights)
    proposed = [sign.term for sign in found]
    for term in proposed:
        assert not any(term in ontology.ancestors(o) for o in observed), "implied by an observed sign"
        assert not any(e in ontology.ancestors(term) for e in excluded), "implied by an excluded sign"
        assert ontology.is_phenotype[term]
    for a, b in combinations(proposed, 2):
        assert a not in ontology.ancestors(b)
        assert b not in ontology.ancestors(a)
    for group in groups:
        for sign in expected_signs(asked, tiny, group):
            assert not any(sign.term in ontology.ancestors(o) for o in observed)
            assert not any(e in ontology.ancestors(sign.term) for e in excluded)


def test_expected_signs_are_the_frequent_ones_not_mentioned(tiny: HpoKnowledge) -> None:
    number = tiny.ontology.number
    marfan = int(tiny.diseases.group[tiny.diseases.number["OMIM:154700"]])
    found = expected_signs(query(), tiny, marfan)
    terms = [tiny.ontology.ids[sign.term] for sign in found]
    assert terms[0] == "HP:0001166"
    # 9/10 of OMIM and the words of its twin; what is never seen is not expected, nor what has no frequency
    assert found[0].frequency == "9/10 patients; very frequent (80–99 %)"
    assert terms == ["HP:0001166", "HP:0002616", "HP:0001083"]
    without = expected_signs(query((number["HP:0001166"],)), tiny, marfan)
    assert "HP:0001166" not in [tiny.ontology.ids[sign.term] for sign in without]
    assert len(expected_signs(query(), tiny, marfan, n=2)) == 2


def test_only_what_is_frequent_by_statement_is_expected(tiny: HpoKnowledge) -> None:
    """Duchenne: weakness 30/30 and scoliosis 5/10; cryptorchidism 2/10 and disability (5–29 %) are rarer."""
    duchenne, weakness = "OMIM:310200", "HP:0001324"
    group, disease = (
        int(tiny.diseases.group[tiny.diseases.number[duchenne]]),
        tiny.diseases.number[duchenne],
    )

    def expected(knowledge: HpoKnowledge) -> list[str]:
        return [tiny.ontology.ids[sign.term] for sign in expected_signs(query(), knowledge, group)]

    assert expected(tiny) == [weakness, "HP:0002650"]
    rows = tiny.annotations.of(disease).copy()
    at = rows["term"] == tiny.ontology.number[weakness]
    for seen, there in ((2, False), (3, True)):
        rows["numerator"][at], rows["denominator"][at] = seen, 10
        assert (weakness in expected(tiny.with_replaced({disease: rows.copy()}))) == there
    # a row without a frequency makes nothing more frequent or less
    more = np.concatenate([rows, rows[at]])
    more["kind"][-1] = Frequency.UNSTATED
    assert weakness in expected(tiny.with_replaced({disease: more}))
    rows["kind"][at] = Frequency.UNSTATED
    assert weakness not in expected(tiny.with_replaced({disease: rows}))


@pytest.mark.parametrize(
    ("sex", "karyotype", "male", "female"),
    [
        ("male", "unknown", True, False),
        ("male", "XY", True, False),
        ("female", "unknown", False, True),
        ("female", "XX", False, True),
        ("unknown", "unknown", True, True),
        ("female", "XY", True, True),
        ("male", "XXY", True, True),
    ],
)
def test_no_sign_of_organs_of_the_other_sex(embedded: HpoKnowledge, sex, karyotype, male, female) -> None:
    number, disease = embedded.ontology.number, embedded.diseases.number["OMIM:310200"]
    signs = {"HP:0000028": male, "HP:0003251": male, "HP:0000147": female, "HP:0000869": female}
    rows = embedded.annotations.of(disease)
    base = np.repeat(rows[(rows["aspect"] == 0) & (rows["kind"] == Frequency.COUNTS)][:1], len(signs))
    base["term"], base["numerator"], base["denominator"] = [number[term] for term in signs], 9, 10
    group = int(embedded.diseases.group[disease])
    members = embedded.diseases.members[group]
    knowledge = embedded.with_replaced({m: base if m == disease else base[:0] for m in members})
    asked = Query(observed=(), excluded=(), sex=sex, karyotypic_sex=karyotype)
    found = {embedded.ontology.ids[s.term] for s in expected_signs(asked, knowledge, group)}
    assert found == {term for term, there in signs.items() if there}
    other = int(embedded.diseases.group[embedded.diseases.number["OMIM:154700"]])
    closed = {number[term] for term, there in signs.items() if not there}
    proposed = separating_signs(asked, knowledge, groups=[group, other], probabilities=[0.5, 0.5], n=500)
    assert not {s.term for s in proposed} & closed


def test_expected_is_unknown_where_a_candidate_is_not_annotated(tiny: HpoKnowledge) -> None:
    """Weakness and disability: Duchenne has both, Dravet is not annotated with weakness."""
    groups = [int(tiny.diseases.group[tiny.diseases.number[d]]) for d in ("OMIM:310200", "OMIM:607208")]
    found = {
        tiny.ontology.ids[s.term]: s.expected
        for s in separating_signs(query(), tiny, groups=groups, probabilities=[0.5, 0.5], n=50)
    }
    assert found["HP:0001324"] == (pytest.approx(30.9 / 36), None)
    # scoliosis was looked for in five patients with Dravet syndrome, and never seen
    assert found["HP:0002650"] == (pytest.approx(5.9 / 16), None)
