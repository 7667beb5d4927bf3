"""A release together with a case library: what is added, and that nobody else notices."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.case_library import LIBRARY_DISEASES, CaseLibrary, with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PUBLICATION_COUNTS
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import GeneIndex
from genopraxis.tasks.phenotype.task import PhenotypeTool
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool
from made_up import case_library, library, publication_out, release, some_query

MARFAN, NEW, NAMED, NAMELESS = "OMIM:154700", "OMIM:999997", "OMIM:999998", "OMIM:999999"
ARACHNODACTYLY, SEIZURE, SEIZURE_ALTERNATIVE = "HP:0001166", "HP:0001250", "HP:0002279"
SEEDS = st.integers(min_value=0, max_value=100_000)


def small() -> CaseLibrary:
    made = case_library(
        [
            ("PMID:1", MARFAN, ARACHNODACTYLY, 1, 2),
            ("PMID:2", MARFAN, SEIZURE, 0, 3),
            ("PMID:2", NEW, SEIZURE, 2, 2),
            ("PMID:3", NAMED, SEIZURE_ALTERNATIVE, 1, 1),
            ("PMID:3", NAMED, "HP:7777777", 1, 1),  # no release knows it
            ("PMID:3", NAMELESS, SEIZURE, 1, 1),
        ],
        {MARFAN: ["FBN1"], NEW: ["GENEB", "GENEA"], NAMED: [], NAMELESS: []},
    )
    names = pl.when(pl.col("disease_id") == NAMED).then(pl.lit("Named disease")).otherwise("disease_name")
    return CaseLibrary(counts=made.counts, diseases=made.diseases.with_columns(disease_name=names))


def test_diseases_that_the_release_lacks_are_added_behind_its_own(tiny: HpoKnowledge) -> None:
    both = with_library(tiny, small())
    n = len(tiny.diseases.ids)
    assert both.diseases.entries[:n].equals(tiny.diseases.entries)
    assert both.diseases.ids[n:] == [NEW, NAMED, NAMELESS]
    assert both.diseases.names[n:] == [
        "GENEB/GENEA-related disorder",
        "Named disease",
        "disease without a name in this release",
    ]
    for disease_id in (NEW, NAMED, NAMELESS):
        number = both.diseases.number[disease_id]
        group = int(both.diseases.group[number])
        assert both.diseases.members[group] == (number,)
        assert (both.diseases.place == both.diseases.place[group]).sum() == 1
        assert len(both.annotations.of(number)) == 0
    assert both.diseases.genes_of_group(int(both.diseases.group[both.diseases.number[NEW]])) == (
        "GENEA",
        "GENEB",
    )
    assert both.diseases.genes_of_group(int(both.diseases.group[both.diseases.number[NAMELESS]])) == ()
    assert both.diseases.genes[MARFAN] == tiny.diseases.genes[MARFAN]


def test_counts_become_rows_that_cite_their_publication(tiny: HpoKnowledge) -> None:
    both = with_library(tiny, small())
    assert both.library is not None
    found = [
        (
            both.diseases.ids[one["disease"]],
            both.ontology.ids[one["term"]],
            int(one["numerator"]),
            int(one["denominator"]),
            both.library.references_by_row[int(one["row"])],
        )
        for one in both.library.rows
    ]
    assert found == [
        (MARFAN, ARACHNODACTYLY, 1, 2, ("PMID:1",)),
        (MARFAN, SEIZURE, 0, 3, ("PMID:2",)),
        (NEW, SEIZURE, 2, 2, ("PMID:2",)),
        (NAMED, SEIZURE, 1, 1, ("PMID:3",)),
        (NAMELESS, SEIZURE, 1, 1, ("PMID:3",)),
    ]
    assert len(both.library.of(both.diseases.number[MARFAN])) == 2


def test_library_without_new_diseases_adds_no_entry(tiny: HpoKnowledge) -> None:
    both = with_library(tiny, small().only(["PMID:1"]))
    assert both.diseases is tiny.diseases
    assert np.array_equal(both.annotations.start, tiny.annotations.start)


def test_empty_library(tiny: HpoKnowledge) -> None:
    empty = CaseLibrary(
        counts=pl.DataFrame(schema=PUBLICATION_COUNTS.schema),
        diseases=pl.DataFrame(schema=LIBRARY_DISEASES.schema),
    )
    both = with_library(tiny, empty)
    assert both.library is not None
    assert len(both.library.rows) == 0
    assert len(both.library.of(len(tiny.diseases.ids) - 1)) == 0
    assert (empty.patients, empty.publications) == (0, frozenset())


@pytest.mark.parametrize("tool", [LikelihoodTool(), ResnikTool()], ids=lambda tool: tool.card.id)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_other_tools_do_not_notice(tool: PhenotypeTool, seed: int) -> None:
    bare = release(seed)
    both = with_library(bare, library(seed, bare))
    query = some_query(seed, bare, sex="male", age_years=70.0)
    n = len(bare.diseases.members)
    for without, with_it in (
        (tool.prepare(bare), tool.prepare(both)),
        (
            tool.prepare(bare).on(publication_out(bare, "PMID:1")),
            tool.prepare(both).on(publication_out(both, "PMID:1")),
        ),
    ):
        plain, found = without.rank(query), with_it.rank(query)
        assert found.score[:n].tobytes() == plain.score.tobytes()
        assert np.isneginf(found.score[n:]).all()
        if plain.probability is not None:
            assert found.probability is not None
            assert found.probability[:n].tobytes() == plain.probability.tobytes()
            assert not found.probability[n:].any()
        for group in plain.best(3).tolist():
            assert without.explain(query, group) == with_it.explain(query, group)
        genes, more = GeneIndex(bare.diseases).score(plain), GeneIndex(both.diseases).score(found)
        assert {s: v for s, v in zip(more.symbols, more.score, strict=True) if np.isfinite(v)} == {
            s: v for s, v in zip(genes.symbols, genes.score, strict=True) if np.isfinite(v)
        }


def test_release_alone_does_not_rank_what_only_the_library_has(tiny: HpoKnowledge) -> None:
    both = with_library(tiny, small())
    query = Query(observed=(tiny.ontology.number[SEIZURE],), excluded=())
    scores = LikelihoodTool().prepare(both).rank(query)
    assert scores.rank_of(NEW, both.diseases) is None


def test_only_some_publications() -> None:
    kept = small().only(["PMID:2"])
    assert kept.publications == {"PMID:2"}
    assert kept.diseases["disease_id"].to_list() == [MARFAN, NEW]
    assert kept.counts.rows() == [("PMID:2", MARFAN, SEIZURE, 0, 3, 3), ("PMID:2", NEW, SEIZURE, 2, 2, 2)]
    assert small().only([]).counts.is_empty()
    assert small().only([]).diseases.is_empty()
    assert small().patients == 2 + 3 + 2 + 1 + 1


def test_plus_sums_counts_and_joins_genes() -> None:
    other = case_library(
        [("PMID:1", MARFAN, ARACHNODACTYLY, 2, 5), ("PMID:9", NAMED, SEIZURE, 1, 1)],
        {MARFAN: ["AAA"], NAMED: ["BBB"]},
    )
    both = small().plus(other)
    (counted,) = both.counts.filter(pl.col("publication") == "PMID:1").rows()
    assert counted == ("PMID:1", MARFAN, ARACHNODACTYLY, 3, 7, 7)
    rows = {row["disease_id"]: row for row in both.diseases.iter_rows(named=True)}
    assert rows[MARFAN]["genes"] == ["AAA", "FBN1"]
    assert (rows[NAMED]["genes"], rows[NAMED]["disease_name"]) == (["BBB"], "Named disease")
    assert rows[NAMELESS]["genes"] == []
    PUBLICATION_COUNTS.check(both.counts, raise_errors=True, where="sum")
    LIBRARY_DISEASES.check(both.diseases, raise_errors=True, where="sum")


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_parts_of_a_library_are_the_whole(seed: int) -> None:
    bare = release(seed)
    whole = library(seed, bare)
    parts = [whole.only([publication]) for publication in sorted(whole.publications)]
    for order in (parts, parts[::-1]):
        joined = whole.only([])
        for part in order:
            joined = joined.plus(part)
        assert joined.counts.equals(whole.counts)
        assert joined.diseases.sort("disease_id").equals(whole.diseases)
        assert joined.patients == whole.patients
