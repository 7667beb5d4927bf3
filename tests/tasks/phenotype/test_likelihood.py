"""``phenotype.likelihood`` against the documented formula in plain Python, and what its model must get right."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log, log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.annotations import Aspect, Frequency
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import FrequencyModel, direct_frequencies, group_rows, propagated
from genopraxis.tasks.phenotype.query import ONSET_YEARS, Query
from genopraxis.tasks.phenotype.tools.likelihood import (
    LikelihoodParameters,
    LikelihoodRanker,
    LikelihoodTool,
)
from genopraxis.testing import materialised

MARFAN, MARFAN_ORPHA, DRAVET, DMD = "OMIM:154700", "ORPHA:558", "OMIM:607208", "OMIM:310200"
SEIZURE, FOCAL_MOTOR, SCOLIOSIS, WEAKNESS = "HP:0001250", "HP:0011153", "HP:0002650", "HP:0001324"


@pytest.fixture(scope="module")
def ranker(tiny: HpoKnowledge) -> LikelihoodRanker:
    return LikelihoodTool().prepare(tiny)


def query(knowledge: HpoKnowledge, *observed: str, excluded: tuple[str, ...] = (), **more) -> Query:
    number = knowledge.ontology.number
    return Query(
        observed=tuple(number[term] for term in observed),
        excluded=tuple(number[term] for term in excluded),
        **more,
    )


def group_of(knowledge: HpoKnowledge, disease_id: str) -> int:
    return int(knowledge.diseases.group[knowledge.diseases.number[disease_id]])


def brute_force(knowledge: HpoKnowledge, asked: Query, p: LikelihoodParameters) -> list[tuple[float, float]]:
    """(log likelihood ratio, prior) of every group, one term at a time, as the documentation has it."""
    groups = range(len(knowledge.diseases.members))
    full, breadth, annotated = [], [], []
    for group in groups:
        terms, frequencies = direct_frequencies(group_rows(knowledge, group), p.frequencies)
        full.append(propagated(terms, frequencies, knowledge.ontology).astype(float).tolist())
        breadth.append(float(frequencies.sum()))
        annotated.append(len(terms) > 0)
    n = sum(annotated)
    background = [max(sum(full[g][t] for g in groups) / n, 1 / n) for t in range(len(knowledge.ontology.ids))]
    usual = sum(b for b, a in zip(breadth, annotated, strict=True) if a) / n
    found = []
    weights = [
        (
            1.0
            if not knowledge.diseases.ids[knowledge.diseases.members[g][0]].startswith("ORPHA")
            else p.orpha_only
        )
        * annotated[g]
        for g in groups
    ]
    for g in groups:
        signs = other = 0.0
        for term in asked.observed:
            best = 0.0
            for above in knowledge.ontology.ancestors(term).tolist():
                specificity = (background[term] / background[above]) ** p.generality
                best = max(best, full[g][above] * specificity / background[above])
            signs += log(p.noise + (1 - p.noise) * best)
            signs -= p.breadth * log((breadth[g] + 5) / (usual + 5))
        if p.use_excluded:
            for term in asked.excluded:
                signs += absence(full[g][term], background[term], asked.exclusions, p)
        if p.use_sex_and_age:
            signs += age(knowledge, g, asked)
            other = sex(knowledge, g, asked)
        found.append((p.tempering * signs + other, weights[g] / sum(weights)))
    return found


def absence(frequency: float, background: float, exclusions: str, p: LikelihoodParameters) -> float:
    if frequency == 0:
        return 0.0
    if exclusions == "systematic":
        return p.absent * log(1 - min(frequency, p.certainty))
    if frequency >= p.turning:
        return p.absent * log((1 - min(frequency, p.certainty)) / (1 - p.turning))
    return 0.0 if background > p.common else p.mentioned * (1 - (frequency / p.turning) ** 4)


def _rows(knowledge: HpoKnowledge, group: int, aspect: Aspect):
    for disease in knowledge.diseases.members[group]:
        for row in knowledge.annotations.of(disease):
            if row["aspect"] == aspect:
                yield knowledge.ontology.ids[row["term"]], row


def sex(knowledge: HpoKnowledge, group: int, asked: Query) -> float:
    modes = {term for term, row in _rows(knowledge, group, Aspect.INHERITANCE) if not row["negated"]}
    usual = {"male": "XY", "female": "XX"}.get(asked.sex)
    if modes & {"HP:0000006", "HP:0000007", "HP:0001423", "HP:0001427"}:
        return 0.0
    if asked.karyotypic_sex not in ("unknown", usual):
        return 0.0
    table = {("HP:0001419", "male"): 1.8, ("HP:0001419", "female"): 0.2, ("HP:0001450", "male"): 2.0,
             ("HP:0001450", "female"): 0.01}  # fmt: skip
    return sum(log(table.get((mode, asked.sex), 1.0)) for mode in modes)


def age(knowledge: HpoKnowledge, group: int, asked: Query) -> float:
    known = asked.onset_years if asked.onset_years is not None else asked.age_years
    if known is None:
        return 0.0
    slack = 0.08 + 0.1 * known

    def fits(low: float, high: float) -> bool:
        if asked.onset_years is None:
            return low <= known
        return low <= known + slack and high >= known - slack

    def share(g: int) -> tuple[float, float]:
        total = fitting = 0.0
        for term, row in _rows(knowledge, g, Aspect.COURSE):
            if term in ONSET_YEARS:
                weight = float(row["numerator"]) if row["kind"] == Frequency.COUNTS else 1.0
                total += weight
                fitting += weight * fits(*ONSET_YEARS[term])
        return fitting, total

    dated = [share(g) for g in range(len(knowledge.diseases.members)) if share(g)[1] > 0]
    usual = sum(b / t for b, t in dated) / len(dated)
    fitting, total = share(group)
    if total == 0:
        return 0.0
    return log(max((fitting + 3 * usual) / (total + 3), 0.02) / max(usual, 0.02))


def assert_equals_brute_force(knowledge: HpoKnowledge, asked: Query, p: LikelihoodParameters) -> None:
    scores = LikelihoodTool(p).prepare(knowledge).rank(asked)
    expected = brute_force(knowledge, asked, p)
    assert scores.log10_likelihood_ratio is not None
    assert scores.prior is not None
    assert scores.probability is not None
    assert scores.log10_likelihood_ratio == pytest.approx([lr / log(10) for lr, _ in expected], abs=1e-5)
    assert scores.prior == pytest.approx([prior for _, prior in expected])
    weights = [prior * exp(lr) for lr, prior in expected]
    assert scores.probability == pytest.approx([w / sum(weights) for w in weights], abs=1e-6)
    finite = np.isfinite(scores.score)
    assert scores.score[finite] == pytest.approx(
        [lr + log(prior) for lr, prior in expected if prior], abs=1e-4
    )


PARAMETERS = (
    LikelihoodParameters(),
    LikelihoodParameters(
        tempering=1.0, generality=1.0, breadth=0.0, mentioned=0.0, absent=1.0, orpha_only=1.0
    ),
    LikelihoodParameters(noise=0.2, generality=0.0, use_excluded=False, use_sex_and_age=False),
)


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize(
    "asked",
    [
        {"observed": (SEIZURE,)},
        {"observed": (FOCAL_MOTOR, SCOLIOSIS), "excluded": ("HP:0001249", WEAKNESS)},
        {"observed": ("HP:0000707",), "sex": "male", "age_years": 0.5},
        {"observed": (WEAKNESS, "HP:0000028"), "sex": "female", "onset_years": 30.0, "age_years": 1.0},
        {"observed": ("HP:0000118",), "excluded": (SEIZURE,), "onset_years": 0.0},
        {"observed": (SEIZURE,), "excluded": (SCOLIOSIS, WEAKNESS), "exclusions": "systematic"},
        {"observed": (SCOLIOSIS,), "excluded": ("HP:0000028", "HP:0001083"), "onset_years": 0.5},
        {"observed": (WEAKNESS,), "sex": "male", "karyotypic_sex": "XXY", "onset_years": 16.5},
    ],
)
def test_equals_the_documented_formula(tiny: HpoKnowledge, parameters, asked) -> None:
    given = dict(asked)
    assert_equals_brute_force(tiny, query(tiny, *given.pop("observed"), **given), parameters)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_query_equals_the_documented_formula(tiny: HpoKnowledge, data: st.DataObject) -> None:
    signs = np.flatnonzero(tiny.ontology.is_phenotype).tolist()
    observed = data.draw(st.lists(st.sampled_from(signs), min_size=1, max_size=6, unique=True))
    excluded = data.draw(st.lists(st.sampled_from(signs), max_size=6, unique=True))
    asked = Query(
        observed=tuple(observed),
        excluded=tuple(excluded),
        sex=data.draw(st.sampled_from(["male", "female", "unknown"])),
        karyotypic_sex=data.draw(st.sampled_from(["unknown", "XX", "XY", "XO", "XXY"])),
        age_years=data.draw(st.sampled_from([None, 0.0, 0.5, 12.0, 70.0])),
        onset_years=data.draw(st.sampled_from([None, None, 0.0, 0.7, 15.0, 40.0])),
        exclusions=data.draw(st.sampled_from(["selected", "systematic"])),
    )
    assert_equals_brute_force(tiny, asked, LikelihoodParameters())


def test_posterior_sums_to_one(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    for asked in (query(tiny, SEIZURE), query(tiny, SEIZURE, SCOLIOSIS, excluded=(WEAKNESS,), sex="male")):
        scores = ranker.rank(asked)
        assert scores.probability is not None
        assert scores.prior is not None
        assert scores.probability.sum() == pytest.approx(1)
        assert scores.prior.sum() == pytest.approx(1)


def test_hundred_signs_neither_overflow_nor_vanish(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    signs = tuple(np.flatnonzero(tiny.ontology.is_phenotype).tolist())
    scores = ranker.rank(Query(observed=signs * 40, excluded=()))
    assert scores.probability is not None
    assert np.isfinite(scores.probability).all()
    assert scores.probability.sum() == pytest.approx(1)


def test_excluding_what_is_always_there_speaks_against_more_than_excluding_what_is_rare(
    tiny: HpoKnowledge, ranker: LikelihoodRanker
) -> None:
    """Duchenne: weakness in 30 of 30, cryptorchidism in 2 of 10."""
    duchenne = group_of(tiny, DMD)
    base = query(tiny, SCOLIOSIS)
    always = ranker.rank(replace(base, excluded=(tiny.ontology.number[WEAKNESS],)))
    rarely = ranker.rank(replace(base, excluded=(tiny.ontology.number["HP:0000028"],)))
    assert always.log10_likelihood_ratio is not None
    assert rarely.log10_likelihood_ratio is not None
    assert always.log10_likelihood_ratio[duchenne] < rarely.log10_likelihood_ratio[duchenne]
    # a disease that is not known to show it is told nothing
    marfan = group_of(tiny, MARFAN)
    untouched = ranker.rank(base).log10_likelihood_ratio
    assert untouched is not None
    assert always.log10_likelihood_ratio[marfan] == pytest.approx(untouched[marfan])


def test_exclusion_of_a_general_term_counts_the_specific_ones(tiny: HpoKnowledge, ranker) -> None:
    dravet = group_of(tiny, DRAVET)
    base = query(tiny, SCOLIOSIS)
    general = ranker.rank(replace(base, excluded=(tiny.ontology.number["HP:0000707"],)))
    assert general.log10_likelihood_ratio[dravet] != ranker.rank(base).log10_likelihood_ratio[dravet]


def test_a_more_specific_sign_than_annotated_still_counts(tiny: HpoKnowledge, ranker) -> None:
    """DECIPHER:1 is annotated with seizure: focal motor seizure supports it, weakness does not."""
    group = group_of(tiny, "DECIPHER:1")
    exact, specific, nothing = (
        ranker.rank(query(tiny, term)).log10_likelihood_ratio[group]
        for term in (SEIZURE, FOCAL_MOTOR, WEAKNESS)
    )
    assert exact > nothing
    assert specific > nothing
    assert specific > 0


def test_sex_speaks_for_x_linked_diseases_only(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    by_sex = {
        sex: ranker.rank(query(tiny, WEAKNESS, sex=sex)) for sex in ("male", "female", "unknown", "other")
    }
    duchenne, marfan = group_of(tiny, DMD), group_of(tiny, MARFAN)
    ratios = {sex: scores.log10_likelihood_ratio for sex, scores in by_sex.items()}
    assert ratios["male"][duchenne] > ratios["unknown"][duchenne] > ratios["female"][duchenne]
    assert ratios["other"][duchenne] == ratios["unknown"][duchenne]
    assert len({float(ratio[marfan]) for ratio in ratios.values()}) == 1
    # not tempered: sex is no sign that depends on others
    assert ratios["male"][duchenne] - ratios["unknown"][duchenne] == pytest.approx(log10(1.8))
    assert ratios["female"][duchenne] - ratios["unknown"][duchenne] == pytest.approx(log10(0.2))


def test_a_young_child_does_not_have_a_disease_of_adults(tiny: HpoKnowledge, ranker) -> None:
    lipodystrophy = group_of(tiny, "OMIM:151660")  # adult onset, 4 of 4
    child = ranker.rank(query(tiny, WEAKNESS, age_years=2.0)).log10_likelihood_ratio[lipodystrophy]
    adult = ranker.rank(query(tiny, WEAKNESS, age_years=50.0)).log10_likelihood_ratio[lipodystrophy]
    unknown = ranker.rank(query(tiny, WEAKNESS)).log10_likelihood_ratio[lipodystrophy]
    assert child < unknown <= adult
    # the first sign is the firmer statement: an adult whose signs began in infancy
    early = ranker.rank(query(tiny, WEAKNESS, age_years=50.0, onset_years=1.0))
    alone = ranker.rank(query(tiny, WEAKNESS, onset_years=1.0))
    assert early.log10_likelihood_ratio[lipodystrophy] < unknown
    assert np.array_equal(early.score, alone.score)


def test_a_recorded_onset_must_fit_and_an_age_need_not(tiny: HpoKnowledge, ranker) -> None:
    """Dravet begins in infancy in 19 of 20: an adult may have had it since, but not with a first sign at 30."""

    def age_part(disease: str, **known) -> float:
        parts = ranker.explain(query(tiny, SEIZURE, **known), group_of(tiny, disease))
        said = sum(part.log10_likelihood_ratio for part in parts if part.kind == "age")
        return said / ranker.parameters.tempering

    assert age_part(DRAVET, age_years=30.0) == pytest.approx(0.0)
    assert age_part(DRAVET, onset_years=30.0, age_years=30.0) < -0.2
    assert age_part(DRAVET, onset_years=0.5, age_years=30.0) > 0.05
    # by hand, of five dated diseases: Dravet 1/20, lipodystrophy 1, the others 0
    usual = (1 / 20 + 1) / 5
    assert age_part(DRAVET, onset_years=30.0) == pytest.approx(log10((1 + 3 * usual) / (20 + 3) / usual))
    sentence = next(
        part.sentence
        for part in ranker.explain(query(tiny, SEIZURE, onset_years=30.0), group_of(tiny, DRAVET))
        if part.kind == "age"
    )
    assert sentence.startswith("First sign at 30 years: fits 5 % of what is annotated")
    assert sentence.endswith("and 21 % in the average disease.")
    begun = ranker.explain(query(tiny, SEIZURE, age_years=0.5), group_of(tiny, DRAVET))
    assert any(part.sentence.startswith("Begun by the age of 6 months: fits 95 %") for part in begun)


def test_a_recorded_onset_is_not_exact(tiny: HpoKnowledge, ranker) -> None:
    """Adult onset begins at 16 years; a first sign at 15 is near enough, one at 10 is not."""
    group = group_of(tiny, "OMIM:151660")
    ratio = {
        years: float(ranker.rank(query(tiny, WEAKNESS, onset_years=years)).log10_likelihood_ratio[group])
        for years in (10.0, 15.0, 20.0)
    }
    assert ratio[10.0] < ratio[15.0]
    assert ratio[20.0] > ratio[10.0]


def test_ties_share_their_middle_rank(tiny: HpoKnowledge) -> None:
    """Without any term that tells them apart, diseases of equal prior and breadth tie."""
    flat = LikelihoodTool(LikelihoodParameters(breadth=0.0, orpha_only=1.0, tempering=1.0)).prepare(tiny)
    # no one is annotated with ectopia of the lens but Marfan: all others share the same noise
    scores = flat.rank(query(tiny, "HP:0001083"))
    first = scores.rank_of(MARFAN, tiny.diseases)
    assert first == 1
    values = np.round(scores.score, 6)
    for disease_id in tiny.diseases.ids:
        group = group_of(tiny, disease_id)
        own = values[group]
        # of each other place the best; the entry's own place has its own score
        others = np.array(
            [
                max(values[tiny.diseases.place == place])
                for place in set(tiny.diseases.place.tolist()) - {int(tiny.diseases.place[group])}
            ]
        )
        expected = (others > own).sum() + ((others == own).sum() + 2) / 2
        found = replace(scores, score=values).rank_of(disease_id, tiny.diseases)
        assert found == expected
    assert scores.rank_of("OMIM:999999", tiny.diseases) is None


def test_twins_share_one_place(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    scores = ranker.rank(query(tiny, "HP:0001166", "HP:0001083"))
    assert len(scores.score) == len(tiny.diseases.members) == len(tiny.diseases.ids) - 1
    assert scores.rank_of(MARFAN, tiny.diseases) == scores.rank_of(MARFAN_ORPHA, tiny.diseases) == 1
    top = [tiny.diseases.ids[tiny.diseases.members[g][0]] for g in scores.best(8)]
    assert top[0] == MARFAN
    assert MARFAN_ORPHA not in top


def test_an_orpha_twin_never_pushes_its_omim_pair_down(tiny: HpoKnowledge, embedded: HpoKnowledge) -> None:
    """Linked entries are one group, in the tiny and in the embedded release; and the OMIM entry names it."""
    for knowledge in (tiny, embedded):
        for members in knowledge.diseases.members:
            ids = [knowledge.diseases.ids[m] for m in members]
            if any(i.startswith("OMIM:") for i in ids):
                assert ids[0].startswith("OMIM:")
    linked = [m for m in embedded.diseases.members if len(m) > 1]
    assert len(linked) > 400


def test_prior_of_entries_that_only_orpha_has(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    prior = ranker.rank(query(tiny, WEAKNESS)).prior
    assert prior is not None
    marfan, emery, wolf = (group_of(tiny, d) for d in (MARFAN, "ORPHA:98853", "DECIPHER:1"))
    assert prior[emery] == pytest.approx(0.05 * prior[marfan])
    assert prior[wolf] == prior[marfan]


def test_contributions_add_up(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    asked = query(
        tiny,
        WEAKNESS,
        SCOLIOSIS,
        FOCAL_MOTOR,
        excluded=("HP:0001249", "HP:0001083"),
        sex="male",
        age_years=3.0,
    )
    for parameters in PARAMETERS:
        ready = LikelihoodTool(parameters).prepare(tiny)
        scores = ready.rank(asked)
        assert scores.log10_likelihood_ratio is not None
        for group in range(len(tiny.diseases.members)):
            parts = ready.explain(asked, group)
            total = sum(part.log10_likelihood_ratio for part in parts)
            assert total == pytest.approx(scores.log10_likelihood_ratio[group], abs=1e-5)
    kinds = {part.kind for part in ranker.explain(asked, group_of(tiny, DMD))}
    assert kinds == {"observed", "excluded", "breadth", "sex", "age"}


def _without_term(knowledge: HpoKnowledge, disease_id: str, term: str) -> HpoKnowledge:
    disease = knowledge.diseases.number[disease_id]
    rows = knowledge.annotations.of(disease)
    return knowledge.with_replaced({disease: rows[rows["term"] != knowledge.ontology.number[term]]})


def test_on_changes_the_disease_and_no_other(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    asked = query(tiny, WEAKNESS, SCOLIOSIS, excluded=("HP:0000028",), sex="male", age_years=3.0)
    changed = _without_term(tiny, DMD, WEAKNESS)
    before, after = ranker.rank(asked), ranker.on(changed).rank(asked)
    duchenne = group_of(tiny, DMD)
    moved = np.flatnonzero(~np.isclose(before.log10_likelihood_ratio, after.log10_likelihood_ratio))
    assert moved.tolist() == [duchenne]
    assert after.log10_likelihood_ratio[duchenne] < before.log10_likelihood_ratio[duchenne]
    again = ranker.rank(asked)
    assert np.array_equal(again.score, before.score)


def test_replacing_rows_by_themselves_changes_nothing(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    """To the last bit: a difference in the last digit would break ties in favour of, or against, the truth."""
    asked = query(tiny, WEAKNESS, FOCAL_MOTOR, excluded=(SCOLIOSIS,), sex="male", age_years=3.0)
    base = ranker.rank(asked).score
    for disease in range(len(tiny.diseases.ids)):
        same = tiny.with_replaced({disease: tiny.annotations.of(disease)})
        assert np.array_equal(ranker.on(same).rank(asked).score, base), tiny.diseases.ids[disease]


def test_on_equals_preparing_anew_but_for_the_background(embedded: HpoKnowledge) -> None:
    """In a release of 12,000 diseases the background hardly moves: scores agree to two decimals, ranks exactly."""
    ready = LikelihoodTool().prepare(embedded)
    marfan = embedded.diseases.number["OMIM:154700"]
    rows = embedded.annotations.of(marfan)
    changed = embedded.with_replaced({marfan: rows[::2]})
    asked = query(embedded, "HP:0001166", "HP:0001083", "HP:0002616", excluded=("HP:0001249",), sex="male")
    quick = ready.on(changed).rank(asked)
    anew = LikelihoodTool().prepare(materialised(changed)).rank(asked)
    assert np.isfinite(quick.score).sum() == np.isfinite(anew.score).sum()
    finite = np.isfinite(anew.score)
    assert quick.score[finite] == pytest.approx(anew.score[finite], abs=2e-2)
    assert quick.rank_of("OMIM:154700", embedded.diseases) == anew.rank_of("OMIM:154700", embedded.diseases)


# Inheritance and onset that a publication gave must go with it: a leak in case-out and publication-out otherwise.
@pytest.mark.parametrize("aspect", [Aspect.INHERITANCE, Aspect.COURSE])
def test_inheritance_and_onset_that_were_taken_out_are_silent(tiny: HpoKnowledge, ranker, aspect) -> None:
    disease = tiny.diseases.number[DMD]
    rows = tiny.annotations.of(disease)
    changed = tiny.with_replaced({disease: rows[rows["aspect"] != aspect]})
    asked = query(tiny, WEAKNESS, sex="male", age_years=0.1)
    group = group_of(tiny, DMD)
    patched = ranker.on(changed)
    kinds = {part.kind for part in patched.explain(asked, group)}
    assert ("sex" if aspect == Aspect.INHERITANCE else "age") not in kinds
    full = {part.kind for part in ranker.explain(asked, group)}
    assert full == {"observed", "breadth", "sex", "age"}
    # not in words only: the score is that of a patient of whom this is not known
    blind = replace(asked, sex="unknown") if aspect == Aspect.INHERITANCE else replace(asked, age_years=None)
    assert patched.rank(asked).score[group] == pytest.approx(ranker.rank(blind).score[group])
    others = np.arange(len(tiny.diseases.members)) != group
    assert np.array_equal(patched.rank(asked).score[others], ranker.rank(asked).score[others])


def test_the_inheritance_and_onset_of_a_removed_publication_are_silent(tiny: HpoKnowledge, ranker) -> None:
    """Duchenne's onset is known from PMID:31 alone; let its inheritance be so, too."""
    disease, group = tiny.diseases.number[DMD], group_of(tiny, DMD)
    rows = tiny.annotations.of(disease)
    publication = [
        i
        for i, row in enumerate(rows)
        if tiny.annotations.references_by_row[int(row["row"])] == ("PMID:31",)
        or row["aspect"] == Aspect.INHERITANCE
    ]
    assert {int(rows[i]["aspect"]) for i in publication} == {*Aspect} - {Aspect.OTHER}
    patched = ranker.on(tiny.with_replaced({disease: np.delete(rows, publication)}))
    told = query(tiny, SCOLIOSIS, sex="female", age_years=0.01)
    blind = query(tiny, SCOLIOSIS)
    assert {part.kind for part in patched.explain(told, group)} == {"observed", "breadth"}
    assert patched.rank(told).log10_likelihood_ratio[group] == pytest.approx(
        patched.rank(blind).log10_likelihood_ratio[group]
    )
    # a variant of a variant forgets the first change
    other = tiny.with_replaced({0: tiny.annotations.of(0)[:1]})
    assert np.array_equal(patched.on(other).rank(told).score, ranker.on(other).rank(told).score)
    assert np.array_equal(patched.on(tiny).rank(told).score, ranker.rank(told).score)


def test_a_disease_without_annotations_is_no_candidate(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    disease = tiny.diseases.number[DMD]
    patched = ranker.on(tiny.with_replaced({disease: tiny.annotations.of(disease)[:0]}))
    scores = patched.rank(query(tiny, WEAKNESS))
    assert scores.rank_of(DMD, tiny.diseases) is None
    assert scores.candidates == len(tiny.diseases.members) - 1
    assert scores.probability is not None
    assert scores.probability[group_of(tiny, DMD)] == 0
    assert scores.probability.sum() == pytest.approx(1)


def test_one_tool_on_two_releases(tiny: HpoKnowledge, embedded: HpoKnowledge) -> None:
    """What a tool remembers of one release must not be used for another."""
    tool = LikelihoodTool()
    asked = query(tiny, WEAKNESS)
    first = tool.prepare(tiny)
    expected = first.rank(asked).score.copy()
    tool.prepare(embedded).rank(query(embedded, WEAKNESS))
    assert np.array_equal(first.rank(asked).score, expected)


def test_parameters_are_on_the_card() -> None:
    card, parameters = LikelihoodTool.card, LikelihoodParameters()
    assert card.parameters == parameters.flat()
    assert card.parameters["frequencies.prior_size"] == parameters.frequencies.prior_size


# --- exclusions, tempering, breadth, sex: by hand ---

CRYPTORCHIDISM = "HP:0000028"
UNSHRUNK = LikelihoodParameters(frequencies=FrequencyModel(prior_size=0.0), tempering=1.0)


def _part(ranker: LikelihoodRanker, asked: Query, disease: str, kind: str) -> float:
    """Natural logarithm of what parts of one kind say."""
    parts = ranker.explain(asked, group_of(ranker.knowledge, disease))
    return sum(part.log10_likelihood_ratio for part in parts if part.kind == kind) * log(10)


def _seen_in(knowledge: HpoKnowledge, disease_id: str, term: str, seen: int, of: int) -> HpoKnowledge:
    disease = knowledge.diseases.number[disease_id]
    rows = knowledge.annotations.of(disease).copy()
    at = rows["term"] == knowledge.ontology.number[term]
    rows["numerator"][at], rows["denominator"][at] = seen, of
    return knowledge.with_replaced({disease: rows})


@pytest.mark.parametrize(
    ("seen", "of", "selected", "systematic"),
    [
        (0, 10, 1.5, 0.0),  # looked for and never seen
        (1, 10, 1.5 * (1 - 0.2**4), 0.7 * log(0.9)),
        (2, 10, 1.5 * (1 - 0.4**4), 0.7 * log(0.8)),
        (4, 10, 1.5 * (1 - 0.8**4), 0.7 * log(0.6)),
        (5, 10, 0.0, 0.7 * log(0.5)),  # the turning point
        (8, 10, 0.7 * log(0.2 / 0.5), 0.7 * log(0.2)),
        (10, 10, 0.7 * log(0.03 / 0.5), 0.7 * log(0.03)),  # no absence is certain
    ],
)
def test_an_exclusion_by_hand(tiny: HpoKnowledge, seen, of, selected, systematic) -> None:
    ranker = LikelihoodTool(UNSHRUNK).prepare(tiny)
    patched = ranker.on(_seen_in(tiny, DMD, CRYPTORCHIDISM, seen, of))
    asked = query(tiny, WEAKNESS, excluded=(CRYPTORCHIDISM,))
    assert _part(patched, asked, DMD, "excluded") == pytest.approx(selected, abs=1e-5)
    listed = replace(asked, exclusions="systematic")
    assert _part(patched, listed, DMD, "excluded") == pytest.approx(systematic, abs=1e-5)
    # nothing is said of a disease that is not annotated with it
    for one in (asked, listed):
        assert _part(patched, one, DRAVET, "excluded") == 0


def test_what_everybody_looks_for_is_not_rewarded(tiny: HpoKnowledge) -> None:
    asked = query(tiny, WEAKNESS, excluded=(CRYPTORCHIDISM,))
    at = LikelihoodTool(UNSHRUNK).prepare(tiny).background[tiny.ontology.number[CRYPTORCHIDISM]]
    rare, common = (
        LikelihoodTool(replace(UNSHRUNK, common=float(at) * factor)).prepare(tiny) for factor in (1.01, 0.99)
    )
    assert _part(rare, asked, DMD, "excluded") == pytest.approx(1.5 * (1 - 0.4**4), abs=1e-5)
    assert _part(common, asked, DMD, "excluded") == 0
    # what speaks against stays as it is
    often = _seen_in(tiny, DMD, CRYPTORCHIDISM, 8, 10)
    for ready in (rare, common):
        assert _part(ready.on(often), asked, DMD, "excluded") == pytest.approx(0.7 * log(0.4), abs=1e-5)


def test_exclusions_that_are_not_to_be_used(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    """Systematic exclusions never speak for a disease."""
    signs = np.flatnonzero(tiny.ontology.is_phenotype).tolist()
    asked = Query(observed=(signs[0],), excluded=tuple(signs[1:]), exclusions="systematic")
    for group in range(len(tiny.diseases.members)):
        for part in ranker.explain(asked, group):
            assert part.kind != "excluded" or part.log10_likelihood_ratio <= 0


def test_tempering_is_not_of_sex(tiny: HpoKnowledge) -> None:
    plain, tempered = (LikelihoodTool(LikelihoodParameters(tempering=t)).prepare(tiny) for t in (1.0, 0.25))
    asked = query(tiny, WEAKNESS, excluded=(CRYPTORCHIDISM,), sex="male", age_years=0.01)
    for kind, factor in {
        "observed": 0.25,
        "excluded": 0.25,
        "breadth": 0.25,
        "age": 0.25,
        "sex": 1.0,
    }.items():
        before = _part(plain, asked, DMD, kind)
        assert before != 0, kind
        assert _part(tempered, asked, DMD, kind) == pytest.approx(factor * before), kind


def test_breadth_is_a_row_of_its_own(tiny: HpoKnowledge, ranker: LikelihoodRanker) -> None:
    p = ranker.parameters
    for disease, word in ((DRAVET, "many"), ("OMIM:601665", "few")):
        group = group_of(tiny, disease)
        for n, asked in enumerate((query(tiny, SEIZURE), query(tiny, SEIZURE, SCOLIOSIS)), start=1):
            (row,) = (part for part in ranker.explain(asked, group) if part.kind == "breadth")
            assert (row.term, row.relation, row.rows) == (None, "none", ())
            assert f"annotated with {word} signs" in row.sentence
            usual = ranker.matrix.breadth.mean()
            expected = -p.tempering * n * p.breadth * log10((ranker.matrix.breadth[group] + 5) / (usual + 5))
            assert row.log10_likelihood_ratio == pytest.approx(expected)
    flat = LikelihoodTool(LikelihoodParameters(breadth=0.0)).prepare(tiny)
    kinds = {part.kind for part in flat.explain(query(tiny, SEIZURE), group_of(tiny, DRAVET))}
    assert kinds == {"observed"}


X_RECESSIVE, Y_LINKED = "HP:0001419", "HP:0001450"


@pytest.fixture(scope="module")
def large(embedded: HpoKnowledge) -> LikelihoodRanker:
    """The embedded release: the tiny one has few modes of inheritance."""
    return LikelihoodTool().prepare(embedded)


def _inherited(knowledge: HpoKnowledge, *modes: str, negated: bool = False) -> HpoKnowledge:
    """Knowledge in which Duchenne has these modes of inheritance; ``negated``: the last one as NOT."""
    disease = knowledge.diseases.number[DMD]
    rows = knowledge.annotations.of(disease)
    kept, one = rows[rows["aspect"] != Aspect.INHERITANCE], rows[rows["aspect"] == Aspect.INHERITANCE][:1]
    added = np.repeat(one, len(modes))
    added["term"] = [knowledge.ontology.number[mode] for mode in modes]
    added["negated"][-1] = negated
    return knowledge.with_replaced({disease: np.concatenate([kept, added])})


@pytest.mark.parametrize(
    ("others", "counts"),
    [
        ((), True),
        (("HP:0000006",), False),  # autosomal dominant
        (("HP:0000007",), False),  # autosomal recessive
        (("HP:0001423",), False),  # X-linked dominant
        (("HP:0001427",), False),  # mitochondrial
        (("HP:0001417",), True),  # X-linked, which includes it
        (("HP:0003745",), True),  # sporadic
        (("HP:0001417", "HP:0000006"), False),
    ],
)
@pytest.mark.parametrize(
    ("mode", "male", "female"), [(X_RECESSIVE, 1.8, 0.2), (Y_LINKED, 2.0, 0.01)], ids=["X", "Y"]
)
def test_which_modes_of_inheritance_make_sex_count(large, mode, male, female, others, counts) -> None:
    patched = large.on(_inherited(large.knowledge, mode, *others))
    for sex_given, ratio in (("male", male), ("female", female)):
        asked = query(large.knowledge, WEAKNESS, sex=sex_given)
        assert _part(patched, asked, DMD, "sex") == pytest.approx(log(ratio) if counts else 0.0)


def test_a_mode_of_inheritance_that_is_denied_competes_with_none(large: LikelihoodRanker) -> None:
    asked = query(large.knowledge, WEAKNESS, sex="male")
    denied = large.on(_inherited(large.knowledge, X_RECESSIVE, "HP:0000006", negated=True))
    assert _part(denied, asked, DMD, "sex") == pytest.approx(log(1.8))
    silent = large.on(_inherited(large.knowledge, X_RECESSIVE, negated=True))
    assert _part(silent, asked, DMD, "sex") == 0


@pytest.mark.parametrize(
    ("sex_given", "karyotype", "counts"),
    [
        ("male", "unknown", True),
        ("male", "XY", True),
        ("female", "XX", True),
        ("male", "XXY", False),
        ("male", "XX", False),
        ("female", "XY", False),
        ("female", "XO", False),
        ("female", "XXX", False),
        ("female", "other", False),
        ("unknown", "XY", False),
    ],
)
def test_which_karyotypes_make_sex_count(tiny, ranker, sex_given, karyotype, counts) -> None:
    asked = query(tiny, WEAKNESS, sex=sex_given, karyotypic_sex=karyotype)
    assert (_part(ranker, asked, DMD, "sex") != 0) == counts
