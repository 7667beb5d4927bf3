"""From scores to probabilities, and how the coefficients are found."""

from __future__ import annotations

import json
from dataclasses import replace
from math import exp, log, log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import ContractError
from genopraxis.tasks.phenotype.feature_names import FEATURES
from genopraxis.tasks.phenotype.posterior import SUMMARY, TRAINED_AT, Posterior, summary_of
from genopraxis.tasks.phenotype.training.calibrate import Scored, fit_posterior

NUMBER = st.floats(min_value=-30, max_value=30)
SCORES = st.lists(NUMBER, min_size=1, max_size=12)
COEFFICIENTS = st.tuples(*[st.floats(min_value=-3, max_value=3)] * len(SUMMARY))
SUMMARIES = st.lists(NUMBER, min_size=len(SUMMARY), max_size=len(SUMMARY))
RATE = st.floats(min_value=0.001, max_value=0.999)
MODELS = st.builds(
    Posterior,
    slope=st.floats(min_value=0.01, max_value=5),
    not_listed=COEFFICIENTS,
    no_diagnosis=COEFFICIENTS,
)


@given(MODELS, SCORES, SUMMARIES, RATE)
def test_probabilities_sum_to_one_and_follow_the_scores(model, scores, summary, rate) -> None:
    scores, summary = np.array(scores), np.array(summary)
    shares, not_listed, no_diagnosis = model.probabilities(scores, summary, solve_rate=rate)
    assert shares.sum() + not_listed + no_diagnosis == pytest.approx(1.0)
    assert (shares >= 0).all()
    assert min(not_listed, no_diagnosis) >= 0
    assert (np.diff(shares[np.argsort(scores)]) >= 0).all()


def test_by_hand() -> None:
    model = Posterior(slope=2.0, not_listed=(0.5, *[0.0] * 7), no_diagnosis=(0.0, 1.0, *[0.0] * 6))
    summary = np.array([1.0, 0.25, *[0.0] * 6])
    weights = [exp(2 * 1.0), exp(2 * 0.0), exp(0.5), exp(0.25)]
    shares, not_listed, no_diagnosis = model.probabilities(np.array([1.0, 0.0]), summary, solve_rate=0.5)
    assert [*shares, not_listed, no_diagnosis] == pytest.approx([w / sum(weights) for w in weights])
    # a clinic that solves one patient in five: three of these outcomes weigh 0.4, the last one 1.6
    weights = [0.4 * weights[0], 0.4 * weights[1], 0.4 * weights[2], 1.6 * weights[3]]
    shares, not_listed, no_diagnosis = model.probabilities(np.array([1.0, 0.0]), summary, solve_rate=0.2)
    assert [*shares, not_listed, no_diagnosis] == pytest.approx([w / sum(weights) for w in weights])


@given(MODELS, st.lists(st.floats(min_value=-3, max_value=3), min_size=2, max_size=8))
def test_solve_rate_shifts_the_odds_of_no_diagnosis_and_nothing_else(
    model: Posterior, scores: list[float]
) -> None:
    summary = np.linspace(-1, 1, len(SUMMARY))
    high = model.probabilities(np.array(scores), summary, solve_rate=0.999)
    low = model.probabilities(np.array(scores), summary, solve_rate=0.1)
    odds = [none / (listed.sum() + other) for listed, other, none in (high, low)]
    assert odds[1] / odds[0] == pytest.approx((0.9 / 0.1) / (0.001 / 0.999), rel=1e-6)
    # among patients who have a diagnosis nothing changes
    assert low[0] / (low[0].sum() + low[1]) == pytest.approx(high[0] / (high[0].sum() + high[1]), rel=1e-6)


def test_huge_scores_do_not_overflow() -> None:
    model = Posterior(slope=1.0, not_listed=(0.0,) * 8, no_diagnosis=(0.0,) * 8)
    shares, not_listed, no_diagnosis = model.probabilities(
        np.array([5000.0, -5000.0]), np.zeros(8), solve_rate=0.5
    )
    assert shares.tolist() == [1.0, 0.0]
    assert (not_listed, no_diagnosis) == (0.0, 0.0)


@settings(max_examples=25)
@given(MODELS)
def test_document_survives_a_file(model: Posterior) -> None:
    text = model.to_json()
    assert Posterior.from_mapping(json.loads(text), where="posterior.json") == model
    assert json.loads(text)["schema"] == "genopraxis.phenotype-posterior/1"


@pytest.mark.parametrize(
    "change",
    [{"slope": 0.0}, {"slope": -1.0}, {"schema": "genopraxis.other/1"}, {"more": 1}, {"not_listed": None}],
)
def test_damaged_document_is_refused(change: dict[str, object]) -> None:
    body = json.loads(Posterior(slope=1.0, not_listed=(0.0,) * 8, no_diagnosis=(0.0,) * 8).to_json())
    with pytest.raises(ContractError):
        Posterior.from_mapping(body | change, where="posterior.json")


def test_summary_by_hand() -> None:
    features = np.zeros((12, len(FEATURES)), dtype=np.float32)
    given_ = {"signs_given": 4, "absences_given": 2, "content_given": 3.5}
    for name, value in given_.items():
        features[:, FEATURES.index(name)] = value
    scores = np.array([0.0, 5.0, 3.0, *[1.0] * 7, -1.0, -2.0])  # the tenth best is 0
    wanted = [1.0, 5.0, 2.0, 0.0, 5.0, log(4), log1p(2), 3.5]
    assert summary_of(scores, features).tolist() == pytest.approx(wanted)
    assert len(SUMMARY) == len(wanted)
    alone = summary_of(np.array([2.0]), features[:1])
    assert alone[:5].tolist() == [1.0, 2.0, 0.0, 2.0, 0.0]


TRUE = Posterior(
    slope=1.5,
    not_listed=(0.3, 0.8, 0.0, 0.0, 0.0, -0.5, 0.0, 0.0),
    no_diagnosis=(1.2, -0.6, 0.0, 0.9, 0.0, 0.0, 0.0, 0.4),
)


def simulated(n: int, *, model: Posterior = TRUE, seed: int = 7) -> list[Scored]:
    """Cases whose outcomes are drawn from a model."""
    random = np.random.default_rng(seed)
    cases = []
    for i in range(n):
        scores, summary = random.normal(size=6), np.array([1.0, *random.normal(size=7)])
        shares, not_listed, no_diagnosis = model.probabilities(scores, summary, solve_rate=TRAINED_AT)
        outcome = random.choice(8, p=np.array([*shares, not_listed, no_diagnosis]))
        cases.append(
            Scored(
                scores=scores,
                summary=summary,
                right=np.arange(6) == outcome,
                solved=outcome < 7,
                group=f"PMID:{i}",
            )
        )
    return cases


def test_fit_finds_the_parameters_again() -> None:
    cases = simulated(2500)
    found = fit_posterior(cases)
    assert found.slope == pytest.approx(TRUE.slope, abs=0.15)
    assert found.not_listed == pytest.approx(TRUE.not_listed, abs=0.3)
    # solved and unsolved cases weigh the same in the fit: the constant moves by the odds of the sample
    solved = sum(one.solved for one in cases)
    wanted = (TRUE.no_diagnosis[0] + log(solved / (len(cases) - solved)), *TRUE.no_diagnosis[1:])
    assert found.no_diagnosis == pytest.approx(wanted, abs=0.25)


def test_probabilities_of_a_fit_are_right_on_average() -> None:
    cases = [one for one in simulated(800, seed=8) if one.solved]
    # as many unsolved as solved, so that all weigh the same
    unsolved = [
        replace(one, solved=False, right=np.zeros(6, np.bool_), group=f"u{one.group}") for one in cases
    ]
    sample = cases + unsolved
    found = fit_posterior(sample)
    given_ = [found.probabilities(one.scores, one.summary, solve_rate=TRAINED_AT) for one in sample]
    assert np.mean([none for _, _, none in given_]) == pytest.approx(0.5, abs=0.01)
    not_listed = np.mean([one.solved and not one.right.any() for one in sample])
    assert np.mean([other for _, other, _ in given_]) == pytest.approx(not_listed, abs=0.01)


def test_several_right_candidates_are_one_answer() -> None:
    # the two right candidates carry all the weight: there is nothing to gain from telling them apart
    random = np.random.default_rng(3)
    cases = []
    for i in range(300):
        scores = np.array([3.0, 3.0, *random.normal(size=4)])
        right = np.array([True, True, *[False] * 4])
        summary = np.array([1.0, *random.normal(size=7)])
        cases.append(Scored(scores=scores, summary=summary, right=right, solved=True, group=f"{i}"))
    found = fit_posterior(cases)
    shares, _, _ = found.probabilities(cases[0].scores, cases[0].summary, solve_rate=0.999)
    assert shares[:2].sum() > 0.95
    assert shares[0] == pytest.approx(shares[1])


def together(cases: list[Scored], *, copies: int, one_publication: bool) -> list[Scored]:
    return [
        replace(one, group=one.group if one_publication else f"{one.group} {copy}")
        for one in cases
        for copy in range(copies)
    ]


def slope_of(cases: list[Scored]) -> float:
    return fit_posterior(cases).slope


def test_publication_weighs_as_the_square_root_of_its_cases() -> None:
    good = simulated(80, model=TRUE.model_copy(update={"slope": 4.0}), seed=1)
    poor = [replace(one, group=f"poor {one.group}") for one in simulated(80, seed=2)]
    random = np.random.default_rng(5)
    poor = [replace(one, scores=random.permutation(one.scores)) for one in poor]  # scores that say nothing
    large = slope_of(good + together(poor, copies=9, one_publication=True))
    as_three = slope_of(good + together(poor, copies=3, one_publication=False))
    as_nine = slope_of(good + together(poor, copies=9, one_publication=False))
    as_one = slope_of(good + poor)
    assert large == pytest.approx(as_three, rel=0.02)
    assert as_nine < 0.9 * as_three < 0.9 * as_one


def test_number_of_unsolved_cases_does_not_matter() -> None:
    cases = simulated(200, seed=4)
    solved, unsolved = [o for o in cases if o.solved], [o for o in cases if not o.solved]
    once = fit_posterior(solved + unsolved)
    thrice = fit_posterior(solved + together(unsolved, copies=3, one_publication=False))
    for one in cases[:5]:
        a = once.probabilities(one.scores, one.summary, solve_rate=0.5)
        b = thrice.probabilities(one.scores, one.summary, solve_rate=0.5)
        assert a[2] == pytest.approx(b[2], abs=0.02)


def test_fit_is_deterministic_and_bears_a_summary_that_never_varies() -> None:
    cases = [replace(one, summary=np.array([1.0, *[2.0] * 7])) for one in simulated(60, seed=6)]
    first = fit_posterior(cases)
    assert first.to_json() == fit_posterior(cases).to_json()
    assert np.isfinite([first.slope, *first.not_listed, *first.no_diagnosis]).all()
