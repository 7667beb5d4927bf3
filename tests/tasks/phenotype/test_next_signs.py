"""Which sign to look for next: mutual information by brute force, and nothing that is already settled."""

from __future__ import annotations

from itertools import combinations
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import (
    FrequencyModel,
    direct_frequencies,
    group_rows,
    propagated,
)
from genopraxis.tasks.phenotype.next_signs import expected_signs, separating_signs
from genopraxis.tasks.phenotype.query import Query


def query(observed: tuple[int, ...] = (), excluded: tuple[int, ...] = ()) -> Query:
    return Query(case_id="c", observed=observed, excluded=excluded)


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
        assert sign.expected == pytest.approx(present)
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
    # 9/10 in words, with the twin's statement pooled in the figure; and what is never seen is not expected
    assert found[0].frequency == "9/10 patients"
    assert "HP:0001249" not in terms
    without = expected_signs(query((number["HP:0001166"],)), tiny, marfan)
    assert "HP:0001166" not in [tiny.ontology.ids[sign.term] for sign in without]
    assert len(expected_signs(query(), tiny, marfan, n=2)) == 2
