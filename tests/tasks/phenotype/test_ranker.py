"""``phenotype.ranker`` with a small model learned here, and with the shipped one where it is there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ranker_for_tests import POSTERIOR, examples, model, patients, weights

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.contracts.training import TrainingTrace
from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.features import FeatureMaker
from genopraxis.tasks.phenotype.posterior import SOLVE_RATE
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranker_model import (
    MANIFEST,
    WEIGHTS,
    Model,
    write_model,
)
from genopraxis.tasks.phenotype.ranker_model import POSTERIOR as POSTERIOR_FILE
from genopraxis.tasks.phenotype.tools import ranker as ranker_module
from genopraxis.tasks.phenotype.tools.ranker import Ranker, RankerTool, shipped_model
from genopraxis.tasks.phenotype.training import fit
from genopraxis.testing import PhenotypeToolContract
from genopraxis.testing.knowledge import small_knowledge
from made_up import case_library, group_of, publication_out, release

LN10 = float(np.log(10.0))


class _Undeclared(RankerTool):
    """The tool with weights learned here, of which the shipped trace says nothing."""

    def trained_on(self) -> TrainingTrace | None:
        return None


class TestRanker(PhenotypeToolContract):
    @pytest.fixture(autouse=True)
    def _model(self) -> None:
        self.tool = _Undeclared(model())


@pytest.fixture(scope="module")
def ready() -> Ranker:
    return RankerTool(model()).prepare(small_knowledge())


@pytest.fixture(scope="module")
def asked() -> list[Query]:
    return [query for query, _ in patients(small_knowledge(), 12, seed=9)]


def test_model_has_learned_something(ready: Ranker) -> None:
    made = [(query, group) for query, group in patients(ready.knowledge, 40, seed=77)]
    places = [int((ready.rank(query).score > ready.rank(query).score[group]).sum()) for query, group in made]
    assert np.mean(places) < 15, "of 64; by chance it would be 32"


def test_probabilities_are_whole(ready: Ranker, asked: list[Query]) -> None:
    for query in asked:
        scores = ready.rank(query)
        assert scores.probability is not None
        assert scores.not_listed is not None
        assert scores.no_diagnosis is not None
        assert scores.probability.sum() + scores.not_listed + scores.no_diagnosis == pytest.approx(1.0)
        assert scores.not_listed > 0
        assert scores.no_diagnosis > 0


def test_solve_rate_moves_no_diagnosis_and_no_rank(asked: list[Query]) -> None:
    low, high = (RankerTool(model(), solve_rate=rate).prepare(small_knowledge()) for rate in (0.1, 0.9))
    for query in asked:
        a, b = low.rank(query), high.rank(query)
        assert a.score.tobytes() == b.score.tobytes()
        assert a.no_diagnosis is not None
        assert b.no_diagnosis is not None
        odds = [one / (1 - one) for one in (a.no_diagnosis, b.no_diagnosis)]
        assert odds[0] / odds[1] == pytest.approx(81.0)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.0, 1.5, float("nan"), float("inf")])
def test_impossible_solve_rate_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match="solve rate") as refused:
        RankerTool(model(), solve_rate=rate)
    assert "0.999" in str(refused.value.hint), "the hint does not say what is possible"


def test_solve_rate_by_setting() -> None:
    usual = RankerTool(model())
    other = usual.configure({"solve_rate": "0.5"})
    assert (usual.solve_rate, other.solve_rate) == (SOLVE_RATE, 0.5)
    assert other.card.parameters == {"solve_rate": 0.5}
    assert RankerTool.card.parameters == {"solve_rate": SOLVE_RATE}
    assert other.model is usual.model
    for bad in ({"solve_rate": "0"}, {"solve_rate": "often"}, {"rate": "0.5"}):
        with pytest.raises(InputError):
            usual.configure(bad)


def test_explanation_adds_up_to_the_weight_of_the_candidate(ready: Ranker, asked: list[Query]) -> None:
    for query in asked:
        scores = ready.rank(query)
        # only differences mean anything: a weight is beside the mean of the leading twenty
        middle = np.mean(scores.score[scores.best(20)])
        for group in scores.best(3).tolist():
            parts = ready.explain(query, group)
            total = sum(part.log10_likelihood_ratio for part in parts)
            assert total == pytest.approx(POSTERIOR.slope / LN10 * (scores.score[group] - middle), abs=1e-9)
            assert [p.kind for p in parts] == [
                *["observed"] * len(query.observed), *["excluded"] * len(query.excluded), "disease"
            ]  # fmt: skip
            assert [p.term for p in parts[:-1]] == [*query.observed, *query.excluded]


def test_explanations_are_the_same_whatever_was_asked_before(asked: list[Query]) -> None:
    one, other = (RankerTool(model()).prepare(small_knowledge()) for _ in range(2))
    query = asked[0]
    group = int(one.rank(query).best(1)[0])
    for earlier in asked[1:]:  # more than are remembered
        one.explain(earlier, 0)
    assert one.explain(query, group) == other.explain(query, group)


def test_references_of_the_library_are_named() -> None:
    knowledge = with_library(
        small_knowledge(),
        case_library(
            [("PMID:77", "OMIM:900002", "HP:0001166", 4, 4), ("PMID:78", "OMIM:999999", "HP:0000518", 2, 2)],
            {"OMIM:900002": ["GENEB"], "OMIM:999999": []},
        ),
    )
    ready = RankerTool(model()).prepare(knowledge)
    number = knowledge.ontology.number
    query = Query(observed=(number["HP:0001166"], number["HP:0000518"]), excluded=())
    fingers, _, _ = ready.explain(query, group_of(knowledge, "OMIM:900002"))
    assert fingers.references == ("PMID:3", "PMID:77")
    assert "13/14 patients" in fingers.sentence
    assert fingers.rows == ()
    _, cataract, _ = ready.explain(query, group_of(knowledge, "OMIM:999999"))
    assert cataract.references == ("PMID:78",)
    # and no longer once the publication is out
    later = ready.on(publication_out(knowledge, "PMID:77"))
    fingers, _, _ = later.explain(query, group_of(knowledge, "OMIM:900002"))
    assert fingers.references == ("PMID:3",)
    assert (
        later.on(publication_out(knowledge, "PMID:78")).explain(query, group_of(knowledge, "OMIM:999999"))
        == []
    )


@pytest.fixture(scope="module")
def large() -> HpoKnowledge:
    return release(11, signs=60, diseases=700, rows=6)


def test_diseases_that_are_no_candidates_follow_in_the_order_of_their_fit(large: HpoKnowledge) -> None:
    ready = RankerTool(model()).prepare(large)
    maker = FeatureMaker(large)
    some = 0
    for query, _ in patients(large, 5, seed=3):
        scores, found = ready.rank(query), maker.make(query)
        assert scores.probability is not None
        rest = np.setdiff1d(np.flatnonzero(np.isfinite(found.fit)), found.groups)
        some += len(rest)
        assert np.isfinite(scores.score[rest]).all()
        assert scores.score[rest].max(initial=-np.inf) < scores.score[found.groups].min()
        assert not scores.probability[rest].any()
        order = rest[np.argsort(-found.fit[rest], kind="stable")]
        assert (np.diff(scores.score[order]) <= 0).all()
        distinct = np.diff(found.fit[order]) < -1e-6
        assert (np.diff(scores.score[order])[distinct] < 0).all()
        assert ready.explain(query, int(rest[0])) == []
    assert some > 0, "every disease was a candidate: nothing was tested"


def test_query_that_no_disease_can_answer(tiny: HpoKnowledge) -> None:
    nobody = RankerTool(model()).prepare(
        tiny.with_replaced(dict.fromkeys(range(len(tiny.diseases.ids)), tiny.annotations.rows[:0]))
    )
    for ready, query in (
        (RankerTool(model()).prepare(tiny), Query(observed=(), excluded=(3,))),
        (nobody.on(nobody.knowledge), Query(observed=(20,), excluded=())),
    ):
        scores = ready.rank(query)
        assert (scores.not_listed, scores.no_diagnosis) == (0.0, 1.0)
        assert scores.probability is not None
        assert not scores.probability.any()
        assert np.isneginf(scores.score).all()


def test_order_of_signs_leaves_scores_alone(ready: Ranker) -> None:
    for query, _ in patients(ready.knowledge, 60, seed=10):
        turned = replace(query, observed=query.observed[::-1], excluded=query.excluded[::-1])
        # a single bit would be enough to take another branch of a tree
        assert ready.rank(query).score.tobytes() == ready.rank(turned).score.tobytes()


def test_an_absence_of_a_checklist_never_speaks_for_a_disease_that_shows_the_sign(ready: Ranker) -> None:
    knowledge = ready.knowledge
    seen = 0
    for query, _ in patients(knowledge, 30, seed=11):
        bare = replace(query, excluded=(), exclusions="systematic")
        before = ready.rank(bare)
        for term in query.excluded:
            after = ready.rank(replace(bare, excluded=(term,)))
            candidates = np.flatnonzero(before.probability > 0) if before.probability is not None else []
            frequency = ready._maker.profile.frequency(term)[candidates]
            gained = (after.score - before.score)[candidates]
            assert (gained <= 1e-12).all()
            # the more often a disease shows the sign, the more its absence counts against it
            order = np.argsort(frequency, kind="stable")
            assert (np.diff(gained[order]) <= 1e-9).all()
            seen += int((gained < 0).any())
    assert seen > 5


def test_training_is_deterministic_and_the_text_says_nothing_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fit, "ROUNDS", 25)
    made = examples(small_knowledge(), 80, seed=1)
    one, two = (fit.fit_ranker(made, threads=threads) for threads in (1, 2))
    assert one == two
    assert "num_threads" not in one
    assert Model(one, POSTERIOR).score(made[0].candidates).shape == made[0].right.shape


def test_gate_holds_back_what_the_library_has_and_nothing_else() -> None:
    found = examples(small_knowledge(), 10, seed=1)[0].candidates
    found = replace(found, in_library=np.arange(len(found.groups)) % 3 == 0)
    plain, gated = (Model(weights(), POSTERIOR, library_gate=gate).score(found) for gate in (0.0, 0.7))
    assert gated == pytest.approx(np.where(found.in_library, plain - 0.7, plain))


def test_shipped_model_that_is_missing_or_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranker_module, "model_folder", lambda: tmp_path)
    whole = Model(weights(), POSTERIOR, library_gate=0.5)
    body = json.loads(POSTERIOR.to_json())
    damaged = [
        # LightGBM would end the process over half a text
        (WEIGHTS, None), (WEIGHTS, "no model"), (WEIGHTS, weights()[: len(weights()) // 2]),
        (WEIGHTS, weights().replace("1", "2")), (POSTERIOR_FILE, None), (POSTERIOR_FILE, "{"),
        (POSTERIOR_FILE, json.dumps(body | {"slope": -1})), (MANIFEST, None), (MANIFEST, "[]"),
    ]  # fmt: skip
    for name, content in damaged:
        write_model(whole, tmp_path, version="1.0.0")
        if content is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_text(content, encoding="utf-8")
        shipped_model.cache_clear()
        with pytest.raises(KnowledgeError, match="missing or damaged"):
            shipped_model()
    write_model(whole, tmp_path, version="1.0.0")
    shipped_model.cache_clear()
    assert shipped_model().posterior == POSTERIOR
    assert shipped_model().library_gate == 0.5
    shipped_model.cache_clear()
