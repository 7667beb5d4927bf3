"""What the learned ranker sees: values by hand, variants of the knowledge, and what must not be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.annotations import Aspect
from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.feature_names import FEATURES
from genopraxis.tasks.phenotype.features import Candidates, FeatureMaker
from genopraxis.tasks.phenotype.query import Query
from genopraxis.testing import materialised
from made_up import (
    PUBLICATIONS,
    case_library,
    compiled,
    group_of,
    library,
    publication_out,
    release,
    row,
    some_query,
)

SEEDS = st.integers(min_value=0, max_value=100_000)
RELATIVE = [name for name in FEATURES if name.startswith(("place_by_", "behind_best_"))]
OWN = [name for name in FEATURES if name not in RELATIVE]
OF_RELATIVES = ["same_gene", "same_series", "same_series_mean"]


def column(found: Candidates, name: str) -> np.ndarray:
    return found.features[:, FEATURES.index(name)]


def of(found: Candidates, group: int) -> dict[str, float]:
    (place,) = np.flatnonzero(found.groups == group)
    return dict(zip(FEATURES, found.features[place].tolist(), strict=True))


def with_cases(seed: int) -> HpoKnowledge:
    bare = release(seed)
    return with_library(bare, library(seed, bare))


def query(knowledge: HpoKnowledge, *observed: str, excluded: tuple[str, ...] = (), **more) -> Query:
    number = knowledge.ontology.number
    return Query(
        observed=tuple(number[t] for t in observed),
        excluded=tuple(number[t] for t in excluded),
        **more,
    )


def test_names_and_shape(tiny: HpoKnowledge) -> None:
    assert len(set(FEATURES)) == len(FEATURES)
    found = FeatureMaker(tiny).make(query(tiny, "HP:0001250", excluded=("HP:0001083",)))
    assert found.features.shape == (len(found.groups), len(FEATURES))
    assert found.features.dtype == np.float32
    assert found.fit.shape == (len(tiny.diseases.members),)
    assert (np.diff(found.groups) > 0).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_every_feature_is_a_number(seed: int) -> None:
    knowledge = with_cases(seed)
    found = FeatureMaker(knowledge).make(some_query(seed, knowledge, sex="female", age_years=3.0))
    assert np.isfinite(found.features).all()
    assert np.isfinite(found.fit[found.groups]).all()


def test_values_by_hand(tiny: HpoKnowledge) -> None:
    maker = FeatureMaker(tiny)
    asked = query(tiny, "HP:0001250", "HP:0002650", excluded=("HP:0001249",), sex="male", age_years=0.5)
    found = maker.make(asked)
    dravet, duchenne, marfan = (of(found, group_of(tiny, f"OMIM:{n}")) for n in (607208, 310200, 154700))
    assert (dravet["signs_given"], dravet["absences_given"]) == (2, 1)
    # seizures in 20/20 patients, shrunk to 20.9/26; scoliosis was looked for in five, and never seen
    assert dravet["mean_frequency"] == pytest.approx(20.9 / 26 / 2, abs=1e-5)
    assert (dravet["never_seen"], duchenne["never_seen"]) == (1, 0)
    # 5/10: 5.9/16; nothing is known of seizures
    assert duchenne["mean_frequency"] == pytest.approx(5.9 / 16 / 2, abs=1e-5)
    # intellectual disability in 7/8, shrunk to 7.9/14, is more than half: that it is absent speaks against
    assert dravet["contradiction"] == pytest.approx(np.log(1 - 7.9 / 14), abs=1e-5)
    assert dravet["absences"] == pytest.approx(np.log(1 - 7.9 / 14), abs=1e-5)
    # occasional (17 % of 5): below half; background below 0.3: the absence was mentioned for a reason
    occasional = (0.17 * 5 + 0.9) / 11
    assert duchenne["contradiction"] == 0
    assert duchenne["absences_mentioned"] == pytest.approx(1 - (occasional / 0.5) ** 4, abs=1e-3)
    assert (duchenne["share_of_absences_mentioned"], marfan["share_of_absences_mentioned"]) == (1, 1 / 1)
    assert duchenne["sex"] == pytest.approx(np.log(1.8), abs=1e-5)
    assert marfan["sex"] == 0
    assert of(found, group_of(tiny, "ORPHA:98853"))["orpha_only"] == 1
    assert marfan["orpha_only"] == 0, "a linked entry of another catalogue names the group"


def test_score_is_made_of_its_parts(tiny: HpoKnowledge) -> None:
    asked = query(tiny, "HP:0001250", "HP:0002650", excluded=("HP:0001249", "HP:0001083"))
    found = FeatureMaker(tiny).make(asked)
    parts = column(found, "score_without_absences")
    parts = parts + 1.5 * column(found, "absences_mentioned") + 0.7 * column(found, "contradiction")
    assert np.allclose(column(found, "score"), parts, atol=1e-5)
    assert np.allclose(found.fit[found.groups], column(found, "score"), atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_places_and_distances_are_among_the_candidates(seed: int) -> None:
    knowledge = with_cases(seed)
    found = FeatureMaker(knowledge).make(some_query(seed, knowledge))
    for name in FEATURES:
        if name.startswith("place_by_"):
            own = column(found, name.removeprefix("place_by_"))
            assert column(found, name).tolist() == [(own > value).sum() for value in own]
        if name.startswith("behind_best_"):
            own = column(found, name.removeprefix("behind_best_"))
            assert np.array_equal(column(found, name), own - own.max())


# variants of the knowledge


def swapped(knowledge: HpoKnowledge, one: int, other: int) -> HpoKnowledge:
    """Two diseases with each other's rows: what is usual among all diseases stays as it was."""

    def rows(source, disease: int, new: int):
        moved = source.of(disease).copy()
        moved["disease"] = new
        return moved

    sources = [knowledge.annotations, *([knowledge.library] if knowledge.library is not None else [])]
    replaced = [{one: rows(s, other, one), other: rows(s, one, other)} for s in sources]
    return knowledge.with_replaced(replaced[0], library=replaced[1] if len(replaced) > 1 else {})


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans())
def test_patched_maker_is_as_one_made_from_the_changed_knowledge(seed: int, library_too: bool) -> None:
    knowledge = with_cases(seed) if library_too else release(seed)
    alone = [members[0] for members in knowledge.diseases.members if len(members) == 1]
    variant = swapped(knowledge, alone[0], alone[-1])
    patched = FeatureMaker(knowledge).on(variant)
    anew = FeatureMaker(materialised(variant))
    asked = some_query(seed, knowledge, sex="male", age_years=1.0)
    for one in (asked, replace(asked, observed=asked.observed[:1], excluded=(), onset_years=0.0)):
        found, wanted = patched.make(one), anew.make(one)
        assert np.array_equal(found.groups, wanted.groups)
        assert np.allclose(found.features, wanted.features, rtol=1e-4, atol=1e-4)
        assert np.allclose(found.fit, wanted.fit, rtol=1e-6)
        assert np.array_equal(found.in_library, wanted.in_library)
    assert set(patched.profile.changed) == {int(knowledge.diseases.group[d]) for d in (alone[0], alone[-1])}


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_equal_rows_give_equal_features(seed: int) -> None:
    knowledge = with_cases(seed)
    assert knowledge.library is not None
    every = range(len(knowledge.diseases.ids))
    same = knowledge.with_replaced(
        {d: knowledge.annotations.of(d).copy() for d in every},
        library={d: knowledge.library.of(d).copy() for d in every},
    )
    maker, asked = FeatureMaker(knowledge), some_query(seed, knowledge, sex="male", age_years=1.0)
    there, here = maker.make(asked), maker.on(same).make(asked)
    assert np.array_equal(there.groups, here.groups)
    assert np.allclose(there.features, here.features, rtol=1e-5, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from(PUBLICATIONS))
def test_what_is_taken_from_some_does_not_touch_the_others(seed: int, publication: str) -> None:
    knowledge = with_cases(seed)
    maker, asked = FeatureMaker(knowledge), some_query(seed, knowledge)
    variant = publication_out(knowledge, publication)
    before, after = maker.make(asked), maker.on(variant).make(asked)
    own = [FEATURES.index(name) for name in OWN if name not in OF_RELATIVES]
    for group in set(before.groups.tolist()) & set(after.groups.tolist()) - set(variant.changed):
        there, here = (found.features[found.groups == group][0, own] for found in (before, after))
        assert there.tobytes() == here.tobytes()
    again = maker.make(asked)
    assert again.features.tobytes() == before.features.tobytes(), "on() changed what it was called on"


# what is not known is no candidate


def test_disease_without_rows_is_never_a_candidate(tiny: HpoKnowledge) -> None:
    marfan = group_of(tiny, "OMIM:154700")
    nothing = tiny.with_replaced({d: tiny.annotations.of(d)[:0] for d in tiny.diseases.members[marfan]})
    inherited = tiny.with_replaced(
        {
            d: (rows := tiny.annotations.of(d))[rows["aspect"] != Aspect.PHENOTYPE]
            for d in tiny.diseases.members[marfan]
        }
    )
    maker, asked = FeatureMaker(tiny), query(tiny, "HP:0001166", excluded=("HP:0001250",), sex="male")
    assert marfan in maker.make(asked).groups
    for variant in (nothing, inherited):
        for ready in (maker.on(variant), FeatureMaker(materialised(variant))):
            found = ready.make(asked)
            assert marfan not in found.groups
            assert np.isneginf(found.fit[marfan])


def test_disease_of_the_library_alone_is_a_candidate_until_its_publication_is_taken_out(
    tiny: HpoKnowledge,
) -> None:
    knowledge = with_library(
        tiny, case_library([("PMID:77", "OMIM:999999", "HP:0001166", 3, 3)], {"OMIM:999999": ["GENE9"]})
    )
    maker, asked, new = (
        FeatureMaker(knowledge),
        query(knowledge, "HP:0001166"),
        group_of(knowledge, "OMIM:999999"),
    )
    found = of(maker.make(asked), new)
    assert found["mean_frequency"] == pytest.approx(3.9 / 9, abs=1e-6)
    assert found["signs_annotated"] == 1
    assert found["signs_annotated_by_curators"] == 0
    assert new not in maker.on(publication_out(knowledge, "PMID:77")).make(asked).groups


def test_in_library_is_of_patients_with_a_sign_and_follows_what_is_taken_out(tiny: HpoKnowledge) -> None:
    marfan, other = group_of(tiny, "OMIM:154700"), group_of(tiny, "OMIM:607208")
    knowledge = with_library(
        tiny,
        case_library(
            [("PMID:77", "OMIM:154700", "HP:0001166", 3, 3), ("PMID:78", "OMIM:607208", "HP:0001250", 0, 3)],
            {"OMIM:154700": [], "OMIM:607208": []},
        ),
    )
    maker, asked = FeatureMaker(knowledge), query(knowledge, "HP:0001166", "HP:0001250")
    both = np.array([marfan, other])
    assert maker.make(asked, groups=both).in_library.tolist() == [True, False]
    without = publication_out(knowledge, "PMID:77")
    for one in (maker.on(without), FeatureMaker(without)):
        assert not one.make(asked, groups=both).in_library.any()
    assert not FeatureMaker(tiny).make(asked).in_library.any()


def test_patients_of_a_clinic_are_not_held_against_their_disease(tiny: HpoKnowledge) -> None:
    marfan = np.array([group_of(tiny, "OMIM:154700")])
    own = ("local", "OMIM:154700", "HP:0001166", 1, 1)
    published = ("PMID:77", "OMIM:154700", "HP:0001083", 1, 1)
    asked = query(tiny, "HP:0001166")
    for rows, held_back in (([own], False), ([published], True), ([own, published], True)):
        knowledge = with_library(tiny, case_library(rows, {"OMIM:154700": []}))
        assert FeatureMaker(knowledge).make(asked, groups=marfan).in_library.tolist() == [held_back]


def test_query_without_observed_signs_is_borne(tiny: HpoKnowledge) -> None:
    maker = FeatureMaker(tiny)
    for asked in (
        Query(observed=(), excluded=()),
        query(tiny, excluded=("HP:0001250",), sex="male", age_years=2.0),
    ):
        found = maker.make(asked)
        assert np.isfinite(found.features).all()
        assert len(found.groups) > 0
        for name in (
            "signs_given",
            "content_given",
            "likelihood",
            "resnik",
            "name",
            "score_without_absences",
        ):
            assert not column(found, name).any(), name
    assert of(found, group_of(tiny, "OMIM:607208"))["contradiction"] < 0


def test_features_know_nothing_of_the_absences_of_a_checklist(tiny: HpoKnowledge) -> None:
    maker = FeatureMaker(tiny)
    asked = query(tiny, "HP:0001166", excluded=("HP:0001250", "HP:0001324", "HP:0000028"))
    chosen, listed = maker.make(asked), maker.make(replace(asked, exclusions="systematic"))
    assert column(chosen, "absences_mentioned").any()
    bare = maker.make(replace(asked, excluded=()))
    assert listed.features.tobytes() == bare.features.tobytes()
    # they count on their own, and only against
    assert (listed.against <= 0).all()
    assert (listed.against < 0).any()
    assert not chosen.against.any()
    assert not bare.against.any()


# candidates chosen already, and candidates withheld


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_withheld_groups_are_as_if_nothing_were_known_of_them(seed: int) -> None:
    knowledge = with_cases(seed)
    assert knowledge.library is not None
    maker, asked = FeatureMaker(knowledge), some_query(seed, knowledge)
    found = maker.make(asked)
    gone = np.random.default_rng(seed).permutation(found.groups)[:2]
    rows = {d: knowledge.annotations.of(d)[:0] for group in gone for d in knowledge.diseases.members[group]}
    unknown = maker.on(knowledge.with_replaced(rows, library={d: knowledge.library.of(d)[:0] for d in rows}))
    left, wanted = maker.make(asked, withheld=gone), unknown.make(asked)
    assert np.array_equal(left.groups, wanted.groups)
    assert np.array_equal(left.fit, wanted.fit)
    assert left.features.tobytes() == wanted.features.tobytes()


def test_all_of_them_withheld(tiny: HpoKnowledge) -> None:
    maker = FeatureMaker(tiny)
    left = maker.make(query(tiny, "HP:0001250"), withheld=np.arange(len(tiny.diseases.members)))
    assert left.features.shape == (0, len(FEATURES))
    assert np.isneginf(left.fit).all()


# how much is known of a disease is no feature

EYE, HEART, BONE = "HP:0000478", "HP:0001626", "HP:0000924"
SIGNS = (
    (EYE, "Eye", ("HP:0000118",)), ("HP:0000518", "Cataract", (EYE,)), ("HP:0000618", "Blindness", (EYE,)),
    (HEART, "Heart", ("HP:0000118",)), ("HP:0002616", "Aneurysm", (HEART,)), ("HP:0001643", "Duct", (HEART,)),
    (BONE, "Bone", ("HP:0000118",)), ("HP:0002650", "Scoliosis", (BONE,)), ("HP:0001166", "Fingers", (BONE,)),
)  # fmt: skip


def of_unequal_fame(*more_of_the_second: dict[str, object]) -> HpoKnowledge:
    """Two diseases of the heart with one sign in common, the second with more besides; others of eye and bone."""
    return compiled(
        SIGNS,
        (
            row("OMIM:1", "HP:0002616", "PMID:1", counts=(8, 10)),
            row("OMIM:2", "HP:0002616", "PMID:2", counts=(8, 10)),
            *more_of_the_second,
            *(row(f"OMIM:{n}", "HP:0000518", f"PMID:{n}", counts=(n, 10)) for n in range(3, 9)),
            *(row(f"OMIM:{n}", "HP:0002650", f"PMID:{n}", counts=(n, 10)) for n in range(5, 9)),
        ),
    )


def different(knowledge: HpoKnowledge, asked: Query) -> set[str]:
    """Names of the own features in which diseases 1 and 2 differ."""
    found = FeatureMaker(knowledge).make(asked)
    one, two = (of(found, group_of(knowledge, f"OMIM:{n}")) for n in (1, 2))
    return {name for name in OWN if not np.isclose(one[name], two[name], rtol=1e-5, atol=1e-6)}


def test_number_of_annotations_shows_in_the_score_and_nowhere_else() -> None:
    seldom = [
        row("OMIM:2", term, f"PMID:9{i}", counts=(2, 10))
        for i, term in enumerate(["HP:0001643", "HP:0001166"])
    ]
    knowledge = of_unequal_fame(*seldom)
    asked = query(knowledge, "HP:0000518", "HP:0000618", excluded=("HP:0002650",))
    found = different(knowledge, asked)
    # bone is a second system of the disease: that scoliosis is absent concerns neither
    assert found == {"score", "score_without_absences"}, "breadth of annotation, by design"


def test_shared_organ_shows_in_the_similarities_too() -> None:
    knowledge = of_unequal_fame(row("OMIM:2", "HP:0001166", "PMID:90", counts=(2, 10)))
    asked = query(knowledge, "HP:0001626")
    # both show the sign: how much else is known dilutes what it explains
    assert different(knowledge, asked) == {"score", "score_without_absences", "explained", "jaccard"}


def test_number_of_rows_and_publications_shows_nowhere() -> None:
    asked_for = ("HP:0000518", "HP:0002616")
    halves = compiled(
        SIGNS,
        (
            row("OMIM:1", "HP:0002616", "PMID:1", counts=(8, 10)),
            *(row("OMIM:2", "HP:0002616", f"PMID:{n}", counts=(2, 2)) for n in range(20, 24)),
            row("OMIM:2", "HP:0002616", "PMID:30", counts=(0, 2)),
            row("OMIM:3", "HP:0000518", "PMID:3", counts=(1, 2)),
        ),
    )
    assert different(halves, query(halves, *asked_for, excluded=("HP:0001643",))) == set()


def test_case_library_shows_in_what_curators_knew_and_nowhere_else() -> None:
    # disease 2 has the same patients, half of them in the library
    bare = compiled(
        SIGNS,
        (
            row("OMIM:1", "HP:0002616", "PMID:1", counts=(8, 10)),
            row("OMIM:2", "HP:0002616", "PMID:2", counts=(4, 5)),
            row("OMIM:3", "HP:0000518", "PMID:3", counts=(1, 2)),
        ),
    )
    knowledge = with_library(bare, case_library([("PMID:77", "OMIM:2", "HP:0002616", 4, 5)], {"OMIM:2": []}))
    assert different(knowledge, query(knowledge, "HP:0002616", "HP:0000518")) == {"likelihood_annotated"}
    # the shared root is less frequent in what curators knew of disease 2; no other sign is
    assert different(knowledge, query(knowledge, "HP:0000518")) <= {"likelihood_annotated"}


def test_queries_in_another_order_have_the_same_candidates(tiny: HpoKnowledge) -> None:
    maker = FeatureMaker(tiny)
    asked = query(tiny, "HP:0001250", "HP:0002650", "HP:0001324", excluded=("HP:0001083", "HP:0000028"))
    turned = replace(asked, observed=asked.observed[::-1], excluded=asked.excluded[::-1])
    there, back = maker.make(asked), maker.make(turned)
    assert np.array_equal(there.groups, back.groups)
    assert np.allclose(there.features, back.features, rtol=1e-5, atol=1e-5)
