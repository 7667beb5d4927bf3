"""Degraded patients: what each perturbation does to the terms of one, on the tiny release and on any patient."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.patient import Feature, Onset, Patient
from genopraxis.contracts.scorecard import Perturbation
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.bench.perturb import (
    HIDE_EXCLUDED,
    IMPRECISE,
    KEEP,
    NOISE,
    PERTURBATIONS,
    Perturber,
)
from tiny import TERMS

PARENTS = {term: set(above) for term, _, above, _, _ in TERMS}
ROOT = "HP:0000118"
SEIZURE, ALTERNATIVE_SEIZURE, FOCAL_MOTOR, DISABILITY = "HP:0001250", "HP:0002279", "HP:0011153", "HP:0001249"
ARACHNODACTYLY, SCOLIOSIS, ANEURYSM, LENS = "HP:0001166", "HP:0002650", "HP:0002616", "HP:0001083"
WEAKNESS, CRYPTORCHIDISM, SKELETAL, DOMINANT = "HP:0001324", "HP:0000028", "HP:0000924", "HP:0000006"
LEAVES = (FOCAL_MOTOR, DISABILITY, ARACHNODACTYLY, SCOLIOSIS, ANEURYSM, LENS, WEAKNESS, CRYPTORCHIDISM)


def above(term: str) -> set[str]:
    return {term}.union(*(above(parent) for parent in PARENTS[term]))


def related(one: str, other: str) -> bool:
    return one in above(other) or other in above(one)


def patient(*observed: str, excluded: tuple[str, ...] = (), case_id: str = "case-1") -> Patient:
    features = [Feature(term_id=term) for term in observed]
    features += [Feature(term_id=term, excluded=True) for term in excluded]
    return Patient(case_id=case_id, features=tuple(features))


OTHERS = tuple(patient(term, case_id=f"other-{term}") for term in LEAVES)


def perturber(
    knowledge: HpoKnowledge, *, seed: int = 0, patients=OTHERS, **levels: float | None
) -> Perturber:
    return Perturber(
        [Perturbation(name=name, level=level) for name, level in levels.items()],
        seed=seed,
        ontology=knowledge.ontology,
        patients=patients,
    )


def observed(made: Patient) -> list[str]:
    return [feature.term_id for feature in made.observed]


FULL = patient(FOCAL_MOTOR, ARACHNODACTYLY, LENS, WEAKNESS, excluded=(DISABILITY, CRYPTORCHIDISM))


@pytest.mark.parametrize(
    "levels",
    [
        {},
        {KEEP: 1000},
        {KEEP: 4},
        {IMPRECISE: 0.0},
        {NOISE: 0.0},
        {KEEP: 1000, IMPRECISE: 0.0, NOISE: 0.0},
    ],
)
def test_what_changes_nothing_gives_the_same_patient(tiny: HpoKnowledge, levels: dict[str, float]) -> None:
    found = perturber(tiny, **levels)(FULL)
    assert found.patient is FULL
    assert all(n == 0 for _, n in found.changed)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_keep(tiny: HpoKnowledge, n: int) -> None:
    found = perturber(tiny, **{KEEP: n})(FULL)
    left = observed(found.patient)
    assert len(left) == n
    assert set(left) < set(observed(FULL))
    # 2 excluded terms for 4 observed ones: the share, rounded up or down
    absent = len(found.patient.excluded)
    assert absent in ({n // 2, (n + 1) // 2})
    assert found.changed == ((KEEP, 4 - n + 2 - absent),)


def test_excluded_terms_are_kept_at_the_same_share_on_average(tiny: HpoKnowledge) -> None:
    keep = perturber(tiny, **{KEEP: 1})
    kept = [
        len(
            keep(
                patient(FOCAL_MOTOR, LENS, WEAKNESS, excluded=(DISABILITY,), case_id=f"c{i}")
            ).patient.excluded
        )
        for i in range(600)
    ]
    assert 0.26 < sum(kept) / len(kept) < 0.41  # a third


def test_every_term_is_kept_as_often_as_the_others(tiny: HpoKnowledge) -> None:
    keep = perturber(tiny, **{KEEP: 1})
    terms = (FOCAL_MOTOR, LENS, WEAKNESS, SCOLIOSIS)
    kept = Counter(observed(keep(patient(*terms, case_id=f"c{i}")).patient)[0] for i in range(800))
    assert set(kept) == set(terms)
    assert all(150 < n < 250 for n in kept.values()), kept


def test_onset_goes_with_its_term(tiny: HpoKnowledge) -> None:
    features = (
        Feature(term_id=LENS, onset=Onset(years=3)),
        Feature(term_id=WEAKNESS, onset=Onset(years=9)),
        Feature(term_id="HP:7777777", onset=Onset(years=1)),
        Feature(term_id=DOMINANT),
    )
    one = Patient(case_id="c", features=features)
    (left,) = perturber(tiny, **{KEEP: 1})(one).patient.features
    assert left in features[:2]
    # a vaguer word for a sign does not change when it began; what is no sign stays
    blurred = perturber(tiny, **{IMPRECISE: 1.0})(one).patient
    assert [f.onset for f in blurred.features] == [f.onset for f in features]
    assert observed(blurred)[2:] == ["HP:7777777", DOMINANT]


def test_imprecise_takes_a_direct_parent(tiny: HpoKnowledge) -> None:
    found = perturber(tiny, **{IMPRECISE: 1.0})(FULL)
    for old, new in zip(observed(FULL), observed(found.patient), strict=True):
        assert new in PARENTS[old]
    assert found.patient.excluded == FULL.excluded
    assert found.changed == ((IMPRECISE, 4),)


def test_imprecise_takes_any_of_several_parents(tiny: HpoKnowledge) -> None:
    blur = perturber(tiny, **{IMPRECISE: 1.0})
    made = {observed(blur(patient(FOCAL_MOTOR, case_id=f"c{i}")).patient)[0] for i in range(40)}
    assert made == PARENTS[FOCAL_MOTOR]


def test_imprecise_never_gets_to_the_root(tiny: HpoKnowledge) -> None:
    for term in (SKELETAL, ROOT):
        found = perturber(tiny, **{IMPRECISE: 1.0})(patient(term))
        assert observed(found.patient) == [term]
        assert found.changed == ((IMPRECISE, 0),)


def test_imprecise_replaces_the_share_asked_for(tiny: HpoKnowledge) -> None:
    blur = perturber(tiny, **{IMPRECISE: 0.25})
    changed = sum(dict(blur(patient(*LEAVES, case_id=f"c{i}")).changed)[IMPRECISE] for i in range(300))
    assert 0.21 < changed / (300 * len(LEAVES)) < 0.29


def test_old_ids_are_read(tiny: HpoKnowledge) -> None:
    found = perturber(tiny, **{IMPRECISE: 1.0})(patient(ALTERNATIVE_SEIZURE))
    assert observed(found.patient) == ["HP:0012638"]


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0, 2.0])
def test_noise_adds_unrelated_terms(tiny: HpoKnowledge, share: float) -> None:
    one = patient(FOCAL_MOTOR, ARACHNODACTYLY, excluded=(WEAKNESS,))
    sizes = []
    for i in range(60):
        found = perturber(tiny, seed=i, **{NOISE: share})(one)
        added = set(observed(found.patient)) - set(observed(one))
        sizes.append(len(added))
        assert set(observed(one)) <= set(observed(found.patient))
        assert found.patient.excluded == one.excluded
        for term in added:
            assert not any(related(term, known) for known in (FOCAL_MOTOR, ARACHNODACTYLY, WEAKNESS))
            assert not any(related(term, other) for other in added - {term})
        assert found.changed == ((NOISE, len(added)),)
    # half a term is a whole one in half of the cases
    assert set(sizes) == ({0, 1} if share == 0.25 else {int(2 * share)})
    if share == 0.25:
        assert 15 < sum(sizes) < 45


def test_noise_is_neither_above_nor_below_what_the_tool_sees(tiny: HpoKnowledge) -> None:
    signs = [term for term in PARENTS if ROOT in above(term)]
    crowd = [patient(term, case_id=f"other-{term}") for term in signs]
    one = patient(SEIZURE, ARACHNODACTYLY, excluded=("HP:0003011",))
    for levels in ({NOISE: 2}, {IMPRECISE: 1, NOISE: 2}):
        for seed in range(80):
            made = perturber(tiny, seed=seed, patients=crowd, **levels)(one).patient
            plain = perturber(tiny, seed=seed, patients=crowd, **{**levels, NOISE: 0})(one).patient
            known = {f.term_id for f in (*one.features, *plain.features)}
            added = set(observed(made)) - known
            assert added
            for term in added:
                assert not any(related(term, other) for other in (known | added) - {term}), term


def test_noise_ends_where_nothing_unrelated_is_left(tiny: HpoKnowledge) -> None:
    found = perturber(tiny, patients=[patient(SEIZURE), patient(LENS)], **{NOISE: 10})(patient(FOCAL_MOTOR))
    assert sorted(observed(found.patient)) == [LENS, FOCAL_MOTOR]
    assert perturber(tiny, patients=[FULL], **{NOISE: 10})(FULL).patient is FULL


def test_noise_is_as_frequent_as_in_the_dataset(tiny: HpoKnowledge) -> None:
    crowd = [patient(LENS, case_id=f"l{i}") for i in range(9)] + [patient(WEAKNESS, case_id="w")]
    one = perturber(tiny, patients=crowd, **{NOISE: 1})
    drawn = Counter(
        next(iter(set(observed(one(patient(SEIZURE, case_id=f"c{i}")).patient)) - {SEIZURE}))
        for i in range(500)
    )
    assert set(drawn) == {LENS, WEAKNESS}
    assert 0.85 < drawn[LENS] / 500 < 0.95


def test_the_place_in_the_list_does_not_tell_noise(tiny: HpoKnowledge) -> None:
    found = perturber(tiny, **{NOISE: 1})(FULL)
    ids = [feature.term_id for feature in found.patient.features]
    assert ids == sorted(ids)


def test_hide_excluded(tiny: HpoKnowledge) -> None:
    found = perturber(tiny, **{HIDE_EXCLUDED: None})(FULL)
    assert found.patient.features == FULL.observed
    assert found.changed == ((HIDE_EXCLUDED, 2),)
    alone = patient(LENS)
    assert perturber(tiny, **{HIDE_EXCLUDED: None})(alone).patient is alone


def test_they_combine_in_the_stated_order(tiny: HpoKnowledge) -> None:
    """Two are kept, both made vaguer, then as many wrong ones are added, whatever the order they are named in."""
    levels = {HIDE_EXCLUDED: None, NOISE: 1, IMPRECISE: 1, KEEP: 2}
    found = perturber(tiny, **levels)(FULL)
    assert [name for name, _ in found.changed] == [kind.name for kind in PERTURBATIONS]
    assert found.patient == perturber(tiny, **dict(reversed(levels.items())))(FULL).patient
    terms = observed(found.patient)
    vague = {parent for term in observed(FULL) for parent in PARENTS[term]}
    assert len(terms) == 4
    assert len(set(terms) & vague) == 2
    assert not found.patient.excluded


def test_a_patient_without_a_sign_stays_without(tiny: HpoKnowledge) -> None:
    for one in (patient(), patient("HP:7777777"), patient(DOMINANT), patient(excluded=(LENS,))):
        found = perturber(tiny, **{KEEP: 1, IMPRECISE: 1, NOISE: 10})(one)
        assert found.patient is one


def test_draws_follow_seed_and_case_alone(tiny: HpoKnowledge) -> None:
    levels = {KEEP: 3, IMPRECISE: 0.5, NOISE: 0.5}
    crowd = [patient(*LEAVES, case_id=f"c{i}") for i in range(20)]
    first = perturber(tiny, patients=crowd, **levels)
    again = perturber(tiny, patients=crowd[::-1], **levels)
    made = [first(one).patient for one in crowd]
    assert made == [again(one).patient for one in reversed(crowd)][::-1]
    assert len({one.features for one in made}) > 10, "each case has draws of its own"
    other = perturber(tiny, patients=crowd, seed=1, **levels)
    assert made != [other(one).patient for one in crowd]
    # and the order of the terms in the file does not matter
    turned = Patient(case_id="c0", features=crowd[0].features[::-1])
    assert set(first(turned).patient.features) == set(made[0].features)


def test_draws_do_not_depend_on_the_process() -> None:
    code = (
        "from genopraxis.contracts.scorecard import Perturbation\n"
        "from genopraxis.knowledge.releases import load_release\n"
        "from genopraxis.tasks.phenotype.bench.perturb import Perturber\n"
        "from genopraxis.contracts.patient import Feature, Patient\n"
        "terms = ('HP:0001250', 'HP:0001166', 'HP:0001083', 'HP:0001324', 'HP:0000028')\n"
        "crowd = [Patient(case_id=t, features=(Feature(term_id=t),)) for t in terms]\n"
        "levels = [Perturbation(name='imprecise', level=0.5), Perturbation(name='noise', level=1)]\n"
        "made = Perturber(levels, seed=0, ontology=load_release().knowledge.ontology, patients=crowd)\n"
        "print([[f.term_id for f in made(one).patient.features] for one in crowd])\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env=_environment(seed), check=True, capture_output=True, text=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def _environment(seed: str) -> dict[str, str]:
    import os

    return os.environ | {"PYTHONHASHSEED": seed}


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    known = st.sampled_from([term for term, *_ in TERMS] + [ALTERNATIVE_SEIZURE, "HP:9000003", "HP:7777777"])
    terms = draw(st.lists(known, unique=True, max_size=12))
    flags = draw(st.lists(st.booleans(), min_size=len(terms), max_size=len(terms)))
    return Patient(
        case_id=draw(st.text(max_size=5)),
        features=tuple(Feature(term_id=t, excluded=e) for t, e in zip(terms, flags, strict=True)),
    )


@given(patients(), st.integers(0, 99))
def test_a_higher_level_does_what_a_lower_one_did_and_more(
    tiny: HpoKnowledge, one: Patient, seed: int
) -> None:
    def terms(excluded: bool = False, **levels: float) -> set[str]:
        made = perturber(tiny, seed=seed, **levels)(one).patient
        return {f.term_id for f in made.features if f.excluded == excluded}

    def replaced_places(share: float) -> set[int]:
        # by place: a vaguer term may be one that the patient has too
        made = perturber(tiny, seed=seed, **{IMPRECISE: share})(one).patient
        pairs = zip(one.features, made.features, strict=True)
        return {place for place, (before, after) in enumerate(pairs) if before != after}

    stated = terms()
    replaced = [replaced_places(share) for share in (0.25, 0.5, 1.0)]
    assert replaced[0] <= replaced[1] <= replaced[2]
    kept = [terms(**{KEEP: n}) for n in (1, 2, 5)]
    assert kept[0] <= kept[1] <= kept[2] <= stated
    left = [terms(excluded=True, **{KEEP: n}) for n in (1, 2, 5)]
    assert left[0] <= left[1] <= left[2]
    added = [terms(**{NOISE: share}) - stated for share in (0.25, 0.5, 1.0)]
    assert added[0] <= added[1] <= added[2]


@given(patients(), st.sampled_from([{KEEP: 1000}, {IMPRECISE: 0}, {NOISE: 0}]))
def test_identity_on_any_patient(tiny: HpoKnowledge, one: Patient, levels: dict[str, float]) -> None:
    assert perturber(tiny, **levels)(one).patient is one
