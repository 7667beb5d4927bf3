"""Running tools over a dataset: nobody lost, nothing leaked, the same in one process and in two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest
import spy_tool
from bench_cases import CASES, MARFAN, packet_of, write_lines

from genopraxis.bench import run as bench_run
from genopraxis.bench.dataset import RankingDataset, read_dataset
from genopraxis.bench.publications import PublicationCounts
from genopraxis.bench.regimes import REGIMES
from genopraxis.bench.run import RunOutcome, run_ranking
from genopraxis.bench.tables import CASE_RANKS, CASE_STRATA, TOP
from genopraxis.contracts.errors import GenopraxisError, PluginError
from genopraxis.plugins import TOOLS
from genopraxis.tasks.phenotype.query import Query
from running import Install

TOOL = "phenotype.likelihood"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> RankingDataset:
    return read_dataset(write_lines(tmp_path_factory.mktemp("cases") / "cases.jsonl"))


@pytest.fixture(scope="module")
def outcome(dataset: RankingDataset, tiny_release: str) -> RunOutcome:
    return run_ranking(dataset, tools=[TOOL, "phenotype.resnik"], regimes=REGIMES, release=tiny_release)


def rank(
    outcome: RunOutcome, case_id: str, regime: str, *, level: str = "disease", tool: str = TOOL
) -> float | None:
    found = outcome.ranks.filter(
        (pl.col("case_id") == case_id)
        & (pl.col("regime") == regime)
        & (pl.col("level") == level)
        & (pl.col("tool") == tool)
    )
    assert found.height == 1
    value: float | None = found["rank"][0]
    return value


def test_tables_obey_their_contracts(outcome: RunOutcome) -> None:
    CASE_RANKS.check(outcome.ranks, raise_errors=True)
    CASE_STRATA.check(outcome.strata, raise_errors=True)
    assert outcome.ranks["top"].list.len().max() <= TOP


def test_every_case_has_its_rows(outcome: RunOutcome) -> None:
    diseases = [case["case_id"] for case in CASES if case["disease_id"]]
    genes = [case["case_id"] for case in CASES if case["gene"]]
    runs = outcome.ranks.group_by("tool", "regime", "level").agg(pl.col("case_id").sort())
    assert runs.height == 2 * 3 * 2
    for _, _, level, case_ids in runs.iter_rows():
        assert case_ids == sorted(diseases if level == "disease" else genes)


def test_ranks_of_the_clear_cases(outcome: RunOutcome) -> None:
    assert rank(outcome, "marfan-1", "full") == 1
    assert rank(outcome, "duchenne-1", "full") == 1
    assert rank(outcome, "marfan-1", "full", level="gene") == 1


@pytest.mark.parametrize("case_id", ["dravet-1", "duchenne-1", "marfan-1"])
def test_what_the_publication_gave_no_longer_speaks(outcome: RunOutcome, case_id: str) -> None:
    (case,) = [case for case in CASES if case["case_id"] == case_id]
    rows = outcome.ranks.filter(
        (pl.col("case_id") == case_id) & (pl.col("level") == "disease") & (pl.col("tool") == TOOL)
    )
    probability = {
        row["regime"]: {c["candidate_id"]: c["probability"] for c in row["top"]}[case["disease_id"]]
        for row in rows.iter_rows(named=True)
    }
    assert probability["publication-out"] < probability["full"]


@pytest.mark.parametrize("case_id", ["not-a-candidate", "all-unknown"])
def test_misses_are_kept_and_counted(outcome: RunOutcome, case_id: str) -> None:
    for regime in REGIMES:
        assert rank(outcome, case_id, regime) is None
    silent = outcome.ranks.filter(pl.col("case_id") == "all-unknown")
    assert silent["candidates"].to_list() == [0] * silent.height
    assert silent["top"].list.len().sum() == 0
    # a disease that is no candidate: the tool still ranked the others
    absent = outcome.ranks.filter(pl.col("case_id") == "not-a-candidate")
    assert (absent["candidates"] > 0).all()


def test_misses_and_repairs_are_named(outcome: RunOutcome) -> None:
    notices = {notice.code: notice for notice in outcome.notices}
    assert notices["no_phenotype"].cases == ("all-unknown",)
    assert notices["disease_not_a_candidate"].cases == ("not-a-candidate",)
    assert notices["unknown_term"].n == 2
    assert notices["unknown_term"].cases == ("all-unknown",)
    assert notices["publication_not_stated"].cases == ("unpublished",)
    assert "PMID:11" in notices["publication_incomplete"].cases
    assert {"marfan-1"} & set(outcome.ranks["case_id"])


def test_case_without_publication_is_the_same_in_every_regime(outcome: RunOutcome) -> None:
    rows = outcome.ranks.filter((pl.col("case_id") == "unpublished") & (pl.col("tool") == TOOL))
    for level in ("disease", "gene"):
        same = rows.filter(pl.col("level") == level).drop("regime")
        assert same.n_unique() == 1
    assert rows["publication"].null_count() == rows.height


def test_top_list_is_in_order_and_holds_the_truth(outcome: RunOutcome) -> None:
    for row in outcome.ranks.iter_rows(named=True):
        scores = [candidate["score"] for candidate in row["top"]]
        assert scores == sorted(scores, reverse=True)
        names = [candidate["candidate_id"] for candidate in row["top"]]
        assert len(set(names)) == len(names)
        if row["rank"] is not None:
            assert row["rank"] <= row["candidates"]
            assert set(row["truth_ids"]) & set(names)
        if row["tool"] == "phenotype.resnik":
            assert all(candidate["probability"] is None for candidate in row["top"])


def test_serial_equals_parallel(tmp_path: Path, tiny_release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # small chunks, so that there is something to share
    monkeypatch.setattr(bench_run, "_CHUNK", 2)
    dataset = read_dataset(write_lines(tmp_path / "cases.jsonl"))
    done: list[int] = []
    one = run_ranking(
        dataset, tools=[TOOL], regimes=REGIMES, release=tiny_release, jobs=1, advance=done.append
    )
    two = run_ranking(dataset, tools=[TOOL], regimes=REGIMES, release=tiny_release, jobs=2)
    assert len(done) > 2
    assert sum(done) == len(CASES) * len(REGIMES)
    assert one.ranks.equals(two.ranks)
    assert one.strata.equals(two.strata)
    assert one.notices == two.notices


def test_order_of_the_file_does_not_matter(tmp_path: Path, tiny_release: str, outcome: RunOutcome) -> None:
    turned = read_dataset(write_lines(tmp_path / "cases.jsonl", CASES[::-1]))
    other = run_ranking(turned, tools=[TOOL], regimes=REGIMES, release=tiny_release)
    key = ["regime", "level", "case_id"]
    mine = outcome.ranks.filter(pl.col("tool") == TOOL).sort(key)
    assert other.ranks.sort(key).equals(mine)


def test_timing_counts_every_case(outcome: RunOutcome) -> None:
    assert {(t.tool, t.regime) for t in outcome.timing} == {
        (tool, regime) for tool in (TOOL, "phenotype.resnik") for regime in REGIMES
    }
    for timing in outcome.timing:
        assert timing.cases == len(CASES)
        assert timing.seconds > 0


def test_folder_of_phenopackets_equals_the_same_cases_as_lines(
    tmp_path: Path, tiny_release: str, outcome: RunOutcome
) -> None:
    folder = tmp_path / "packets"
    folder.mkdir()
    for number, case in enumerate(CASES):
        (folder / f"{number:02d}.json").write_text(json.dumps(packet_of(case)), encoding="utf-8")
    found = run_ranking(read_dataset(folder), tools=[TOOL], regimes=REGIMES, release=tiny_release)
    key = ["regime", "level", "case_id"]
    mine = outcome.ranks.filter(pl.col("tool") == TOOL).sort(key)
    assert found.ranks.sort(key).equals(mine)


def test_counts_of_whole_publications_may_come_from_elsewhere(
    tmp_path: Path, tiny_release: str, dataset: RankingDataset
) -> None:
    """A subset with the counts of the whole gives, for its cases, what the whole gives."""
    from genopraxis.bench.prepare import prepare_dataset
    from genopraxis.knowledge.releases import load_release

    knowledge = load_release(tiny_release).knowledge
    _, counts = prepare_dataset(dataset, knowledge)
    table = tmp_path / "publications.tsv"
    counts.table(knowledge.ontology).write_csv(table, separator="\t")
    part = read_dataset(write_lines(tmp_path / "part.jsonl", CASES[:1]))
    regimes = ("case-out", "publication-out")
    whole = run_ranking(dataset, tools=[TOOL], regimes=regimes, release=tiny_release)
    wanted = whole.ranks.filter(pl.col("case_id") == "marfan-1")
    helped = run_ranking(
        part,
        tools=[TOOL],
        regimes=regimes,
        release=tiny_release,
        counts=lambda k: PublicationCounts.read(table, k.ontology),
    )
    alone = run_ranking(part, tools=[TOOL], regimes=regimes, release=tiny_release)
    assert helped.ranks.equals(wanted)
    assert not alone.ranks.equals(wanted)


@pytest.fixture
def spy(install: Install, tiny_release: str) -> Iterator[str]:
    install({TOOLS: {"phenotype.spy": "spy_tool:Spy"}}, Path(spy_tool.__file__).parent)
    spy_tool.ASKED.clear()
    spy_tool.CHANGED.clear()
    bench_run._ready.cache_clear()
    yield "phenotype.spy"
    bench_run._ready.cache_clear()


def test_the_truth_never_reaches_a_tool(spy: str, dataset: RankingDataset, tiny_release: str) -> None:
    run_ranking(dataset, tools=[spy], regimes=REGIMES, release=tiny_release)
    assert len(spy_tool.ASKED) == 3 * (len(CASES) - 1)  # all but the case without a known term
    assert spy_tool.CHANGED
    for query in spy_tool.ASKED:
        assert type(query) is Query
        text = repr([getattr(query, field.name) for field in fields(query)])
        for case in CASES:
            for secret in (case["disease_id"], case["pmid"], case["title"], case["gene"]):
                assert not secret or secret not in text
        assert "OMIM" not in text
        assert "PMID" not in text
    # what is taken out of the knowledge is rows: numbers that name no patient and no publication
    for replaced in spy_tool.CHANGED:
        for rows in replaced.values():
            assert set(rows.dtype.names) <= {
                "row", "disease", "term", "kind", "numerator", "denominator", "fraction", "source", "aspect",
                "negated", "sex",
            }  # fmt: skip


# Published cases are named after their publication, and annotations cite publications: a tool that reads the
# case id could look the answer up.
def test_a_case_id_that_names_the_publication_never_reaches_a_tool(
    spy: str, tmp_path: Path, tiny_release: str
) -> None:
    telling = [{**CASES[0], "case_id": "PMID_11_OMIM_154700_FBN1_patient_1", "pmid": None}]
    found = run_ranking(
        read_dataset(write_lines(tmp_path / "cases.jsonl", telling)),
        tools=[spy],
        regimes=REGIMES,
        release=tiny_release,
    )
    assert len(spy_tool.ASKED) == 3
    for query in spy_tool.ASKED:
        assert "PMID" not in repr(query)
        assert "FBN1" not in repr(query)
    assert set(found.ranks["case_id"]) == {"PMID_11_OMIM_154700_FBN1_patient_1"}
    assert set(found.ranks["publication"]) == {"PMID:11"}


def test_unknown_tool_is_a_clear_error(dataset: RankingDataset, tiny_release: str) -> None:
    with pytest.raises(PluginError, match=r"phenotype\.nothing"):
        run_ranking(dataset, tools=["phenotype.nothing"], regimes=["full"], release=tiny_release)


def test_unknown_release_is_a_clear_error(dataset: RankingDataset) -> None:
    with pytest.raises(GenopraxisError, match="no-such-release"):
        run_ranking(dataset, tools=[TOOL], regimes=["full"], release="no-such-release")


def test_truth_by_its_twin_shares_the_place(tmp_path: Path, tiny_release: str) -> None:
    cases = [
        {**CASES[0], "case_id": "by-orpha", "disease_id": "ORPHA:558"},
        {**CASES[0], "case_id": "by-omim"},
    ]
    found = run_ranking(
        read_dataset(write_lines(tmp_path / "cases.jsonl", cases)),
        tools=[TOOL],
        regimes=["full"],
        release=tiny_release,
    )
    by_id = {
        row["case_id"]: row for row in found.ranks.filter(pl.col("level") == "disease").iter_rows(named=True)
    }
    assert by_id["by-orpha"]["rank"] == by_id["by-omim"]["rank"] == 1
    assert by_id["by-orpha"]["top"][0]["candidate_id"] == MARFAN
