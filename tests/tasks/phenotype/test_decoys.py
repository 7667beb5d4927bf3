"""Decoys: diseases that lose a publication although no case of theirs is ranked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.annotations import Annotations
from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import Contribution, PublicationCounts
from genopraxis.tasks.phenotype.training.decoys import DECOYS, decoyed, rewritten, spared_in
from made_up import case_library, compiled, library, release, row

SEEDS = st.integers(min_value=0, max_value=100_000)
SIGNS = tuple((f"HP:200000{i}", f"Sign {i}", ("HP:0000118",)) for i in range(4))
MANY = 1500


@pytest.fixture(scope="module")
def many() -> HpoKnowledge:
    """Diseases with three publications each, one sign from each, and one sign from the catalogue."""
    rows = []
    for i in range(MANY):
        disease = f"OMIM:{100000 + i}"
        rows += [row(disease, SIGNS[n][0], f"PMID:{3 * i + n}", counts=(1, 1)) for n in range(3)]
        rows.append(row(disease, SIGNS[3][0], disease))
    return compiled(SIGNS, rows)


def cited(annotations: Annotations, disease: int) -> list[str]:
    """References of each row of a disease."""
    return [
        r for one in annotations.of(disease) for r in annotations.references_by_row.get(int(one["row"]), ())
    ]


def said(annotations: Annotations, disease: int) -> list[tuple[object, ...]]:
    rows = annotations.of(disease)
    return [
        (
            *(str(one[name]) for name in rows.dtype.names if name != "row"),
            annotations.references_by_row.get(int(one["row"])),
        )
        for one in rows
    ]


def test_each_disease_is_spared_in_one_variant() -> None:
    spared = [spared_in(f"OMIM:{n}") for n in range(4000)]
    assert set(spared) == set(range(DECOYS))
    for variant in range(DECOYS):
        assert spared.count(variant) / 4000 == pytest.approx(1 / DECOYS, abs=0.03)


def test_spared_diseases_keep_all_and_the_others_lose_one(many: HpoKnowledge) -> None:
    lost = []
    for variant in range(DECOYS):
        made = decoyed(many, PublicationCounts(), variant=variant)
        assert not made.annotations.replaced
        for disease, disease_id in enumerate(many.diseases.ids):
            before, after = cited(many.annotations, disease), cited(made.annotations, disease)
            gone = set(before) - set(after)
            assert len(gone) <= 1
            assert len(before) - len(after) == len(gone)
            assert all(one.startswith("PMID:") for one in gone), "a catalogue is no publication"
            if spared_in(disease_id) == variant:
                assert not gone
            lost.append((variant, disease, next(iter(gone), None)))
    share = np.mean([one is not None for _, _, one in lost])
    assert share == pytest.approx(1 - 1 / DECOYS, abs=0.02), "only the spared ones keep all"
    # each of three publications is as likely as the others, and variants differ
    place = [int(one.split(":")[1]) % 3 for _, _, one in lost if one]
    for n in range(3):
        assert place.count(n) / len(place) == pytest.approx(1 / 3, abs=0.03)
    twice = [[one for _, disease, one in lost if disease == d and one] for d in range(100)]
    assert sum(len(set(own)) > 1 for own in twice) > 30, "variants take the same publication each time"


def test_same_variant_each_time(many: HpoKnowledge) -> None:
    first, second = (decoyed(many, PublicationCounts(), variant=1) for _ in range(2))
    assert first.annotations.rows.tobytes() == second.annotations.rows.tobytes()
    other = decoyed(many, PublicationCounts(), variant=2)
    assert first.annotations.rows.tobytes() != other.annotations.rows.tobytes()


def losing(knowledge: HpoKnowledge, disease_id: str) -> int:
    """A variant in which a disease loses something."""
    number = knowledge.diseases.number[disease_id]
    return next(
        v
        for v in range(DECOYS)
        if len(cited(decoyed(knowledge, PublicationCounts(), variant=v).annotations, number))
        < len(cited(knowledge.annotations, number))
    )


def test_catalogue_and_onset_alone_are_nothing_to_lose() -> None:
    rows = []
    for n in range(40):
        rows += [
            row(f"OMIM:{n}", SIGNS[0][0], f"OMIM:{n}"),
            row(f"OMIM:{n}", "HP:0003577", f"PMID:{n}", aspect="C"),
        ]
    knowledge = compiled(SIGNS, rows)
    for variant in range(DECOYS):
        made = decoyed(knowledge, PublicationCounts(), variant=variant)
        assert made.annotations.rows.tobytes() == knowledge.annotations.rows.tobytes()


def test_counts_of_a_pooled_row_are_taken_out_with_the_publication() -> None:
    knowledge = compiled(
        SIGNS,
        [row(f"OMIM:{n}", SIGNS[0][0], f"PMID:{n}", "OMIM:9", counts=(5, 8)) for n in range(40)],
    )
    term = knowledge.ontology.number[SIGNS[0][0]]
    counts = PublicationCounts.of(
        Contribution(publication=f"PMID:{n}", disease_ids=(f"OMIM:{n}",), observed=(term,), excluded=())
        for n in range(40)
    )
    made = decoyed(knowledge, counts, variant=0)
    found = {(float(one["numerator"]), float(one["denominator"])) for one in made.annotations.rows}
    assert found == {(5, 8), (4, 7)}
    for n in range(40):
        if spared_in(f"OMIM:{n}") == 0:
            assert made.annotations.of(knowledge.diseases.number[f"OMIM:{n}"])["numerator"] == 5


def test_library_loses_the_publication_with_the_annotations() -> None:
    # each publication describes a disease and its neighbour; the library has rows for both
    diseases = [f"OMIM:{100 + n}" for n in range(40)]
    rows = [
        row(d, sign, f"PMID:{n}{i}", counts=(1, 1))
        for n, d in enumerate(diseases)
        for i, (sign, _, _) in enumerate(SIGNS[:2])
    ]
    counts = []
    for n, d in enumerate(diseases):
        for i in range(2):
            counts.append((f"PMID:{n}{i}", d, SIGNS[i][0], 1, 1))
            counts.append((f"PMID:{n}{i}", diseases[(n + 1) % 40], SIGNS[i][0], 1, 2))
    knowledge = with_library(compiled(SIGNS, rows), case_library(counts, {d: [] for d in diseases}))
    assert knowledge.library is not None
    some = 0
    for variant in range(DECOYS):
        made = decoyed(knowledge, PublicationCounts(), variant=variant)
        assert made.library is not None
        for disease in range(len(diseases)):
            from_annotations = set(cited(knowledge.annotations, disease)) - set(
                cited(made.annotations, disease)
            )
            left, whole = (sorted(cited(one.library, disease)) for one in (made, knowledge))
            gone = set(whole) - set(left)
            assert len(gone) == (spared_in(knowledge.diseases.ids[disease]) != variant)
            assert from_annotations == gone & set(cited(knowledge.annotations, disease))
            some += len(whole) - len(left)
    assert some > 40


def test_disease_of_the_library_loses_what_its_patients_are_in() -> None:
    # three publications are cited, the library has one of them with nine patients and another one with a single one
    diseases = [f"OMIM:{1000 + n}" for n in range(400)]
    rows = [
        row(d, SIGNS[0][0], f"PMID:{n}{i}", counts=(1, 1)) for n, d in enumerate(diseases) for i in range(3)
    ]
    inside = [
        (f"PMID:{n}{i}", d, SIGNS[0][0], k, k) for n, d in enumerate(diseases) for i, k in ((2, 9), (7, 1))
    ]
    knowledge = with_library(compiled(SIGNS, rows), case_library(inside, {d: [] for d in diseases}))
    term = knowledge.ontology.number[SIGNS[0][0]]
    counts = PublicationCounts.of(
        Contribution(publication=publication, disease_ids=(d,), observed=(term,), excluded=())
        for publication, d, _, k, _ in inside
        for _ in range(k)
    )
    lost: Counter[str] = Counter()
    for variant in range(DECOYS):
        made = decoyed(knowledge, counts, variant=variant)
        for disease in range(len(diseases)):
            gone = set(cited(knowledge.library, disease)) - set(cited(made.library, disease))
            cites = set(cited(knowledge.annotations, disease)) - set(cited(made.annotations, disease))
            assert len(gone) == (spared_in(knowledge.diseases.ids[disease]) != variant)
            assert cites == {p for p in gone if p.endswith("2")}
            lost.update(p[-1] for p in gone)
    assert lost["2"] / lost.total() == pytest.approx(0.9, abs=0.03)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_rewritten_annotations_say_the_same(seed: int) -> None:
    bare = release(seed)
    knowledge = with_library(bare, library(seed, bare))
    random = np.random.default_rng(seed)
    for source in (knowledge.annotations, knowledge.library):
        assert source is not None
        replaced = {}
        for disease in random.permutation(len(knowledge.diseases.ids))[:4].tolist():
            rows = source.of(disease).copy()
            rows["numerator"] = np.minimum(rows["numerator"], 1)
            replaced[disease] = rows[random.random(len(rows)) < 0.6]
        made, wanted = rewritten(source, replaced), source.with_replaced(replaced)
        for disease in range(len(knowledge.diseases.ids)):
            assert said(made, disease) == said(wanted, disease)
        assert np.array_equal(made.rows["row"], np.arange(len(made.rows)))
        assert not made.replaced
        assert made.start[0] == 0
        assert made.start[-1] == len(made.rows)
        assert set(made.references["row"]) <= set(range(len(made.rows)))
        assert made.references.schema == source.references.schema


def test_rewriting_nothing_changes_nothing(tiny: HpoKnowledge) -> None:
    made = rewritten(tiny.annotations, {})
    assert made.rows.tobytes() == tiny.annotations.rows.tobytes()
    assert np.array_equal(made.start, tiny.annotations.start)
    assert made.references.equals(tiny.annotations.references)
    assert replace(tiny, annotations=made).changed == []


def test_what_was_there_is_left_alone(many: HpoKnowledge) -> None:
    before = many.annotations.rows.tobytes(), many.annotations.references.height
    decoyed(many, PublicationCounts(), variant=losing(many, "OMIM:100000"))
    assert (many.annotations.rows.tobytes(), many.annotations.references.height) == before
