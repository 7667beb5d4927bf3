"""Places and genes: ties, candidates, and a gene as the sum of its diseases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.formats.hpoa import GENE_LINKS
from genopraxis.knowledge.diseases import build_diseases
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.stats.ranking import mid_ranks
from genopraxis.tasks.phenotype.frequencies import group_rows
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneIndex
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool


def group_of(knowledge: HpoKnowledge, disease_id: str) -> int:
    return int(knowledge.diseases.group[knowledge.diseases.number[disease_id]])


@pytest.fixture(scope="module")
def scores(tiny: HpoKnowledge) -> DiseaseScores:
    asked = Query(observed=(tiny.ontology.number["HP:0001324"],), excluded=())
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


# --- places: groups of one name of which one has no gene ---

DMD, DMD_ORPHA = "OMIM:310200", "ORPHA:98896"


def test_annotations_of_one_place_are_not_pooled(tiny: HpoKnowledge) -> None:
    omim, orpha = group_of(tiny, DMD), group_of(tiny, DMD_ORPHA)
    assert omim != orpha
    assert tiny.diseases.place[omim] == tiny.diseases.place[orpha]
    terms = [set(group_rows(tiny, group)["row"].tolist()) for group in (omim, orpha)]
    assert terms[0]
    assert terms[1]
    assert not terms[0] & terms[1]


@pytest.mark.parametrize("orpha_score", [9.0, 5.0, 1.0, -np.inf])
def test_neither_of_one_place_pushes_the_other_down_or_lifts_it(tiny: HpoKnowledge, orpha_score) -> None:
    """Ranks, whatever the namesake scores: Dravet 6, Duchenne 5, Marfan 4, the others 0."""
    score = np.zeros(len(tiny.diseases.members))
    for disease, value in {"OMIM:607208": 6.0, DMD: 5.0, "OMIM:154700": 4.0, DMD_ORPHA: orpha_score}.items():
        score[group_of(tiny, disease)] = value
    scores = DiseaseScores(score=score)
    assert scores.rank_of(DMD, tiny.diseases) == 2
    # each entry needs its own score: Duchenne of ORPHA is first with 9, and last before the others with 1
    own = {9.0: 1, 5.0: 2, 1.0: 3, -np.inf: None}
    assert scores.rank_of(DMD_ORPHA, tiny.diseases) == own[orpha_score]
    # others stand behind one place, not behind two
    assert scores.rank_of("OMIM:154700", tiny.diseases) == 3
    assert scores.rank_of("OMIM:607208", tiny.diseases) == (2 if orpha_score == 9.0 else 1)


def test_a_place_is_listed_once_by_its_best_group(tiny: HpoKnowledge) -> None:
    score = np.arange(len(tiny.diseases.members), dtype=float)
    score[group_of(tiny, DMD)], score[group_of(tiny, DMD_ORPHA)] = 20.0, 21.0
    listed = DiseaseScores(score=score).best_of_places(tiny.diseases, 100).tolist()
    assert listed[0] == group_of(tiny, DMD_ORPHA)
    assert group_of(tiny, DMD) not in listed
    assert len(listed) == len(tiny.diseases.members) - 1


_ENTRIES = st.dictionaries(
    st.builds("{}:{}".format, st.sampled_from(["OMIM", "ORPHA", "DECIPHER"]), st.integers(1, 5)),
    st.tuples(st.sampled_from(["foo", "bar", "baz", "qux", "one"]), st.sampled_from(["", "", "A", "B"])),
    min_size=1,
)


@given(entries=_ENTRIES, data=st.data(), n=st.integers(0, 20))
def test_best_of_places_is_the_order_of_the_places(entries, data, n: int) -> None:
    names = pl.DataFrame(
        {"disease_id": list(entries), "disease_name": [name for name, _ in entries.values()]}
    )
    links = [("NCBIGene:1", gene, d, "MENDELIAN") for d, (_, gene) in entries.items() if gene]
    diseases = build_diseases(names, pl.DataFrame(links, schema=GENE_LINKS.schema, orient="row"))
    groups = len(diseases.members)
    values = data.draw(
        st.lists(st.sampled_from([-np.inf, 0.0, 1.0, 2.0, 2.5]), min_size=groups, max_size=groups)
    )
    scores = DiseaseScores(score=np.array(values))
    order = sorted((g for g in range(groups) if values[g] > -np.inf), key=lambda g: (-values[g], g))
    best: dict[int, int] = {}
    for group in order:
        best.setdefault(int(diseases.place[group]), group)
    assert scores.best_of_places(diseases, n).tolist() == list(best.values())[:n]
    # the rank of a place's best entry is that of the list
    ranks = mid_ranks(scores.by_place(diseases))
    for place, group in best.items():
        assert scores.rank_of(diseases.ids[diseases.members[group][0]], diseases) == ranks[place]


def test_several_genes_of_a_disease_share_its_posterior(tiny: HpoKnowledge, scores: DiseaseScores) -> None:
    """Lipodystrophy with a second gene: LMNA keeps half of it, and all of Emery-Dreifuss."""
    more = pl.DataFrame(
        [("NCBIGene:9", "PPARG", "OMIM:151660", "MENDELIAN")], schema=GENE_LINKS.schema, orient="row"
    )
    diseases = replace(tiny.diseases, gene_links=pl.concat([tiny.diseases.gene_links, more]))
    genes = GeneIndex(diseases).score(scores)
    assert scores.probability is not None
    assert genes.probability is not None
    found = dict(zip(genes.symbols, genes.probability.tolist(), strict=True))
    half = scores.probability[group_of(tiny, "OMIM:151660")] / 2
    assert found["PPARG"] == pytest.approx(half)
    assert found["LMNA"] == pytest.approx(half + scores.probability[group_of(tiny, "ORPHA:98853")])
    assert sum(found.values()) <= 1 + 1e-12
