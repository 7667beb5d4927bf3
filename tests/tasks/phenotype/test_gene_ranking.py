"""Places and genes: ties, candidates, and a gene as the sum of its diseases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneIndex
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool


def group_of(knowledge: HpoKnowledge, disease_id: str) -> int:
    return int(knowledge.diseases.group[knowledge.diseases.number[disease_id]])


@pytest.fixture(scope="module")
def scores(tiny: HpoKnowledge) -> DiseaseScores:
    asked = Query(case_id="c", observed=(tiny.ontology.number["HP:0001324"],), excluded=())
    return LikelihoodTool().prepare(tiny).rank(asked)


def test_gene_is_the_sum_of_its_diseases(tiny: HpoKnowledge, scores: DiseaseScores) -> None:
    genes = GeneIndex(tiny.diseases).score(scores)
    lamin = genes.symbols.index("LMNA")
    assert scores.probability is not None
    assert genes.probability is not None
    two = sum(scores.probability[group_of(tiny, d)] for d in ("OMIM:151660", "ORPHA:98853"))
    assert genes.probability[lamin] == pytest.approx(two)
    assert genes.score[lamin] == pytest.approx(two)


def test_linked_entries_count_once_for_their_gene(tiny: HpoKnowledge, scores: DiseaseScores) -> None:
    genes = GeneIndex(tiny.diseases).score(scores)
    assert scores.probability is not None
    assert genes.probability is not None
    fibrillin = genes.symbols.index("FBN1")
    assert genes.probability[fibrillin] == pytest.approx(scores.probability[group_of(tiny, "OMIM:154700")])


def test_polygenic_links_make_no_gene(tiny: HpoKnowledge) -> None:
    index = GeneIndex(tiny.diseases)
    assert index.symbols == ["DMD", "FBN1", "LMNA", "SCN1A"]
    for symbol, diseases in {"LMNA": ["OMIM:151660", "ORPHA:98853"], "DMD": ["OMIM:310200"]}.items():
        found = index.groups_of(index.symbols.index(symbol)).tolist()
        assert sorted(found) == sorted(group_of(tiny, d) for d in diseases)


def test_gene_without_a_candidate_is_not_listed(tiny: HpoKnowledge, scores: DiseaseScores) -> None:
    score = scores.score.copy()
    probability = np.array(scores.probability)
    score[group_of(tiny, "OMIM:310200")] = -np.inf
    probability[group_of(tiny, "OMIM:310200")] = 0
    genes = GeneIndex(tiny.diseases).score(DiseaseScores(score=score, probability=probability))
    assert genes.rank_of("DMD") is None
    assert genes.rank_of("NO_SUCH_GENE") is None
    assert [genes.symbols[i] for i in genes.best(10)].count("DMD") == 0
    assert len(genes.best(10)) == 3
    assert np.isnan(genes.ranks()[genes.symbols.index("DMD")])


def test_without_probabilities_the_best_disease_speaks(tiny: HpoKnowledge) -> None:
    score = np.arange(len(tiny.diseases.members), dtype=float)
    genes = GeneIndex(tiny.diseases).score(DiseaseScores(score=score))
    assert genes.probability is None
    best = max(group_of(tiny, d) for d in ("OMIM:151660", "ORPHA:98853"))
    assert genes.score[genes.symbols.index("LMNA")] == best


def test_release_without_gene_links(tiny: HpoKnowledge) -> None:
    from dataclasses import replace

    bare = replace(tiny.diseases, gene_links=tiny.diseases.gene_links.clear())
    genes = GeneIndex(bare).score(DiseaseScores(score=np.zeros(len(bare.members))))
    assert genes.symbols == []
    assert genes.best(5).tolist() == []
    assert genes.rank_of("LMNA") is None


_SCORES = st.lists(st.sampled_from([-np.inf, 0.0, 1.0, 2.0, 2.5]), min_size=1, max_size=30)


@given(values=_SCORES, n=st.integers(0, 40))
def test_best_is_a_stable_order_of_the_candidates(values: list[float], n: int) -> None:
    scores = DiseaseScores(score=np.array(values))
    order = sorted((i for i, v in enumerate(values) if v > -np.inf), key=lambda i: (-values[i], i))
    assert scores.candidates == len(order)
    assert scores.best(n).tolist() == order[:n]
