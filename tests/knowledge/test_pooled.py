"""Annotations and case library as one body of rows: nobody counts twice, and a variant is pooled as it should be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.annotations import Annotations
from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.pooled import Pooled
from genopraxis.knowledge.releases import build_hpo
from genopraxis.testing import materialised
from made_up import PUBLICATIONS, case_library, library, publication_out, release
from tiny import ROWS, hpoa_of, tiny_files

MARFAN, DRAVET, NEW = "OMIM:154700", "OMIM:607208", "OMIM:999999"
ARACHNODACTYLY, SCOLIOSIS, SEIZURE = "HP:0001166", "HP:0002650", "HP:0001250"
SEEDS = st.integers(min_value=0, max_value=100_000)

LIBRARY = case_library(
    [
        ("PMID:11", MARFAN, ARACHNODACTYLY, 3, 4),  # the annotations of Marfan syndrome cite it
        ("PMID:77", MARFAN, ARACHNODACTYLY, 2, 4),
        ("PMID:77", MARFAN, SEIZURE, 0, 4),
        ("PMID:11", DRAVET, ARACHNODACTYLY, 1, 1),  # those of Dravet syndrome do not
        ("PMID:13", MARFAN, SCOLIOSIS, 1, 2),  # cited for the onset only
        ("PMID:77", NEW, SEIZURE, 5, 5),
    ],
    {MARFAN: ["FBN1"], DRAVET: ["SCN1A"], NEW: ["GENE9"]},
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> HpoKnowledge:
    folder = tmp_path_factory.mktemp("pooled")
    paths = tiny_files(folder)
    onset = (("OMIM:154700", "Marfan syndrome"), "", "HP:0003581", "PMID:13", "PCS", "1/2", "", "C")
    cells = (
        (*disease, qualifier, term, reference, evidence, "", frequency, sex, "", aspect, "HPO:test")
        for disease, qualifier, term, reference, evidence, frequency, sex, aspect in (*ROWS, onset)
    )
    paths["annotations"].write_text(hpoa_of(cells), encoding="utf-8")
    built = build_hpo(
        ontology=Path(paths["ontology"]),
        annotations=paths["annotations"],
        genes=paths["genes"],
        source="test",
    )
    return with_library(built, LIBRARY)


def said(annotations: Annotations, disease: int) -> list[tuple[object, ...]]:
    """What the rows of a disease say and who says so, whatever their numbers; in their order."""
    rows = annotations.of(disease)
    names = [name for name in rows.dtype.names if name != "row"]
    return [
        (
            *(str(one[name]) for name in names),
            tuple(sorted(annotations.references_by_row.get(int(one["row"]), ()))),
        )
        for one in rows
    ]


def counts(knowledge: HpoKnowledge, disease_id: str, term_id: str) -> list[tuple[float, float]]:
    rows = knowledge.annotations.of(knowledge.diseases.number[disease_id])
    rows = rows[rows["term"] == knowledge.ontology.number[term_id]]
    return [(float(one["numerator"]), float(one["denominator"])) for one in rows]


def test_without_a_library_the_pool_is_the_annotations(tiny: HpoKnowledge) -> None:
    pooled = Pooled(tiny).knowledge
    assert pooled.annotations.rows.tobytes() == tiny.annotations.rows.tobytes()
    assert np.array_equal(pooled.annotations.start, tiny.annotations.start)
    assert pooled.annotations.references.equals(tiny.annotations.references)
    assert pooled.library is None


def test_rows_of_cited_publications_are_not_doubled(published: HpoKnowledge) -> None:
    pooled = Pooled(published).knowledge
    # PMID:11 is in the annotated 9/10 already, PMID:77 is not
    assert counts(pooled, MARFAN, ARACHNODACTYLY) == [(9, 10), (2, 4)]
    assert counts(pooled, MARFAN, SEIZURE) == [(0, 4)]


def test_citation_by_another_disease_or_for_an_onset_does_not_matter(published: HpoKnowledge) -> None:
    pooled = Pooled(published).knowledge
    assert counts(pooled, DRAVET, ARACHNODACTYLY) == [(1, 1)]
    assert (1, 2) in counts(pooled, MARFAN, SCOLIOSIS)


def test_diseases_of_the_library_alone_are_in_the_pool(published: HpoKnowledge) -> None:
    assert counts(published, NEW, SEIZURE) == []
    assert counts(Pooled(published).knowledge, NEW, SEIZURE) == [(5, 5)]


def test_nothing_of_what_was_published_is_changed(published: HpoKnowledge) -> None:
    assert published.library is not None
    before = published.annotations.rows.tobytes(), published.library.rows.tobytes()
    pool = Pooled(published)
    pool.on(publication_out(published, "PMID:77"))
    assert (published.annotations.rows.tobytes(), published.library.rows.tobytes()) == before


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_pool_is_every_annotation_and_every_uncited_library_row_with_its_references(seed: int) -> None:
    bare = release(seed)
    knowledge = with_library(bare, library(seed, bare))
    assert knowledge.library is not None
    pooled = Pooled(knowledge).knowledge
    assert np.array_equal(pooled.annotations.rows["row"], np.arange(len(pooled.annotations.rows)))
    for disease in range(len(knowledge.diseases.ids)):
        own = said(knowledge.annotations, disease)
        signs = [one for one in own if one[-4] == "0"]  # the aspect: ..., aspect, negated, sex, references
        cited = {reference for one in signs for reference in one[-1]}
        new = [one for one in said(knowledge.library, disease) if not cited.intersection(one[-1])]
        assert sorted(said(pooled.annotations, disease)) == sorted(own + new)
        terms = pooled.annotations.of(disease)["term"]
        assert (np.diff(terms) >= 0).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.sampled_from(PUBLICATIONS))
def test_pool_of_a_variant_is_that_of_pooling_it_from_scratch(seed: int, publication: str) -> None:
    bare = release(seed)
    knowledge = with_library(bare, library(seed, bare))
    variant = publication_out(knowledge, publication)
    quick = Pooled(knowledge).on(variant)
    anew = Pooled(materialised(variant)).knowledge
    for disease in range(len(knowledge.diseases.ids)):
        assert said(quick.annotations, disease) == said(anew.annotations, disease)


@pytest.mark.parametrize(
    ("publication", "annotations", "in_library"),
    [
        ("PMID:12", {MARFAN}, set()),
        ("PMID:77", set(), {MARFAN, NEW}),
        ("PMID:11", {MARFAN}, {MARFAN, DRAVET}),
    ],
)
def test_pool_of_a_variant_by_hand(published: HpoKnowledge, publication, annotations, in_library) -> None:
    number, pool = published.diseases.number, Pooled(published)
    variant = publication_out(published, publication)
    assert variant.library is not None
    assert set(variant.annotations.replaced) == {number[d] for d in annotations}
    assert set(variant.library.replaced) == {number[d] for d in in_library}
    quick = pool.on(variant)
    assert set(quick.annotations.replaced) == {number[d] for d in annotations | in_library}
    left = {
        "PMID:12": [(9, 10), (2, 4)],
        "PMID:77": [(9, 10)],
        "PMID:11": [(2, 4)],
    }
    assert counts(quick, MARFAN, ARACHNODACTYLY) == left[publication]
    assert counts(quick, DRAVET, ARACHNODACTYLY) == ([] if publication == "PMID:11" else [(1, 1)])
    assert counts(quick, NEW, SEIZURE) == ([] if publication == "PMID:77" else [(5, 5)])
    # the pool itself is as it was
    assert counts(pool.knowledge, MARFAN, ARACHNODACTYLY) == [(9, 10), (2, 4)]


def test_changed_counts_of_a_variant_are_its_own(published: HpoKnowledge) -> None:
    assert published.library is not None
    marfan = published.diseases.number[MARFAN]
    rows, new = published.annotations.of(marfan).copy(), published.library.of(marfan).copy()
    rows["numerator"][rows["denominator"] == 10] = 1
    new["denominator"] += 1
    quick = Pooled(published).on(published.with_replaced({marfan: rows}, library={marfan: new}))
    assert counts(quick, MARFAN, ARACHNODACTYLY) == [(1, 10), (2, 5)]
