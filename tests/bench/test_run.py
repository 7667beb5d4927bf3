"""Running tools over a dataset: nobody lost, nothing leaked, the same in one process and in two."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import spy_tool
from bench_cases import CASES, MARFAN, packet_of, read, write_lines

from genopraxis.bench import rank_tools
from genopraxis.bench.run import BenchRun, run_bench
from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.contracts.errors import GenopraxisError, InputError, PluginError, RefusedError
from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.contracts.ranking_bench import RankingDataset
from genopraxis.knowledge.annotations import Annotations
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import add_release
from genopraxis.plugins import TOOLS
from genopraxis.tasks.phenotype.bench.port import PhenotypeBench
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from running import Install

TOOL = "phenotype.likelihood"
REGIMES = ("full", "case-out", "publication-out")


def run(dataset, *, tools=(TOOL,), regimes=REGIMES, release, **more) -> BenchRun:
    return run_bench(dataset, task="phenotype", tools=tools, regimes=regimes, knowledge=release, **more)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> RankingDataset:
    return read(write_lines(tmp_path_factory.mktemp("cases") / "cases.jsonl"))


@pytest.fixture(scope="module")
def outcome(dataset: RankingDataset, tiny_release: str) -> BenchRun:
    return run(dataset, tools=[TOOL, "phenotype.resnik"], regimes=REGIMES, release=tiny_release)


def rank(
    outcome: BenchRun, case_id: str, regime: str, *, level: str = "disease", tool: str = TOOL
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


def test_tables_obey_their_contracts(outcome: BenchRun) -> None:
    CASE_RANKS.check(outcome.ranks, raise_errors=True)
    CASE_STRATA.check(outcome.strata, raise_errors=True)
    assert outcome.ranks["top"].list.len().max() <= TOP


def test_every_case_has_its_rows(outcome: BenchRun) -> None:
    diseases = [case["case_id"] for case in CASES if case["disease_id"]]
    genes = [case["case_id"] for case in CASES if case["gene"]]
    runs = outcome.ranks.group_by("tool", "regime", "level").agg(pl.col("case_id").sort())
    assert runs.height == 2 * 3 * 2
    for _, _, level, case_ids in runs.iter_rows():
        assert case_ids == sorted(diseases if level == "disease" else genes)


def test_ranks_of_the_clear_cases(outcome: BenchRun) -> None:
    assert rank(outcome, "marfan-1", "full") == 1
    assert rank(outcome, "duchenne-1", "full") == 1
    assert rank(outcome, "marfan-1", "full", level="gene") == 1


@pytest.mark.parametrize("case_id", ["dravet-1", "duchenne-1", "marfan-1"])
def test_what_the_publication_gave_no_longer_speaks(outcome: BenchRun, case_id: str) -> None:
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
def test_misses_are_kept_and_counted(outcome: BenchRun, case_id: str) -> None:
    for regime in REGIMES:
        assert rank(outcome, case_id, regime) is None
    silent = outcome.ranks.filter(pl.col("case_id") == "all-unknown")
    assert silent["candidates"].to_list() == [0] * silent.height
    assert silent["top"].list.len().sum() == 0
    # a disease that is no candidate: the tool still ranked the others
    absent = outcome.ranks.filter(pl.col("case_id") == "not-a-candidate")
    assert (absent["candidates"] > 0).all()


def test_misses_and_repairs_are_named(outcome: BenchRun) -> None:
    notices = {notice.code: notice for notice in outcome.card.notices}
    assert notices["no_phenotype"].cases == ("all-unknown",)
    assert notices["disease_not_a_candidate"].cases == ("not-a-candidate",)
    assert notices["unknown_term"].n == 2
    assert notices["unknown_term"].cases == ("all-unknown",)
    assert notices["publication_not_stated"].cases == ("unpublished",)
    incomplete = notices["publication_incomplete"]
    assert "PMID:11" in incomplete.publications
    assert {"marfan-1", "marfan-2"} <= set(incomplete.cases)
    assert incomplete.n == len(incomplete.cases)
    assert not incomplete.cut


def test_case_without_publication_is_the_same_in_every_regime(outcome: BenchRun) -> None:
    rows = outcome.ranks.filter((pl.col("case_id") == "unpublished") & (pl.col("tool") == TOOL))
    for level in ("disease", "gene"):
        same = rows.filter(pl.col("level") == level).drop("regime")
        assert same.n_unique() == 1
    assert rows["publication"].null_count() == rows.height


def test_top_list_is_in_order_and_holds_the_truth(outcome: BenchRun) -> None:
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
    monkeypatch.setattr(rank_tools, "_CHUNK", 2)
    dataset = read(write_lines(tmp_path / "cases.jsonl"))
    done: list[int] = []
    one = run(dataset, tools=[TOOL], regimes=REGIMES, release=tiny_release, jobs=1, advance=done.append)
    two = run(dataset, tools=[TOOL], regimes=REGIMES, release=tiny_release, jobs=2)
    assert len(done) > 2
    assert sum(done) == len(CASES) * len(REGIMES)
    assert one.ranks.equals(two.ranks)
    assert one.strata.equals(two.strata)
    assert one.card.notices == two.card.notices


def test_order_of_the_file_does_not_matter(tmp_path: Path, tiny_release: str, outcome: BenchRun) -> None:
    turned = read(write_lines(tmp_path / "cases.jsonl", CASES[::-1]))
    other = run(turned, tools=[TOOL], regimes=REGIMES, release=tiny_release)
    key = ["regime", "level", "case_id"]
    mine = outcome.ranks.filter(pl.col("tool") == TOOL).sort(key)
    assert other.ranks.sort(key).equals(mine)


def test_timing_counts_every_case(outcome: BenchRun) -> None:
    assert {(t.tool, t.regime) for t in outcome.card.timing} == {
        (tool, regime) for tool in (TOOL, "phenotype.resnik") for regime in REGIMES
    }
    for timing in outcome.card.timing:
        assert timing.cases == len(CASES)
        assert timing.seconds > 0


def test_folder_of_phenopackets_equals_the_same_cases_as_lines(
    tmp_path: Path, tiny_release: str, outcome: BenchRun
) -> None:
    folder = tmp_path / "packets"
    folder.mkdir()
    for number, case in enumerate(CASES):
        (folder / f"{number:02d}.json").write_text(json.dumps(packet_of(case)), encoding="utf-8")
    found = run(read(folder), tools=[TOOL], regimes=REGIMES, release=tiny_release)
    key = ["regime", "level", "case_id"]
    mine = outcome.ranks.filter(pl.col("tool") == TOOL).sort(key)
    assert found.ranks.sort(key).equals(mine)


def test_counts_of_whole_publications_may_come_from_elsewhere(
    tmp_path: Path, tiny_release: str, dataset: RankingDataset
) -> None:
    """A subset with the counts of the whole gives, for its cases, what the whole gives."""
    port = PhenotypeBench()
    table = tmp_path / "publications.tsv"
    prepared = port.prepare(dataset, knowledge=tiny_release, counts=None)
    port.contributions(prepared).write_csv(table, separator="\t")
    part = read(write_lines(tmp_path / "part.jsonl", CASES[:1]))
    regimes = ("case-out", "publication-out")
    whole = run(dataset, tools=[TOOL], regimes=regimes, release=tiny_release)
    wanted = whole.ranks.filter(pl.col("case_id") == "marfan-1")
    helped = run(
        part,
        tools=[TOOL],
        regimes=regimes,
        release=tiny_release,
        counts=table,
    )
    alone = run(part, tools=[TOOL], regimes=regimes, release=tiny_release)
    assert helped.ranks.equals(wanted)
    assert not alone.ranks.equals(wanted)


@pytest.fixture
def spy(install: Install, tiny_release: str) -> str:
    install({TOOLS: {"phenotype.spy": "spy_tool:Spy"}}, Path(spy_tool.__file__).parent)
    spy_tool.ASKED.clear()
    spy_tool.CHANGED.clear()
    return "phenotype.spy"


def test_the_truth_never_reaches_a_tool(spy: str, dataset: RankingDataset, tiny_release: str) -> None:
    run(dataset, tools=[spy], regimes=REGIMES, release=tiny_release)
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
    found = run(
        read(write_lines(tmp_path / "cases.jsonl", telling)),
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
        run(dataset, tools=["phenotype.nothing"], regimes=["full"], release=tiny_release)


def test_unknown_release_is_a_clear_error(dataset: RankingDataset) -> None:
    with pytest.raises(GenopraxisError, match="no-such-release"):
        run(dataset, tools=[TOOL], regimes=["full"], release="no-such-release")


def test_truth_by_its_twin_shares_the_place(tmp_path: Path, tiny_release: str) -> None:
    cases = [
        {**CASES[0], "case_id": "by-orpha", "disease_id": "ORPHA:558"},
        {**CASES[0], "case_id": "by-omim"},
    ]
    found = run(
        read(write_lines(tmp_path / "cases.jsonl", cases)),
        tools=[TOOL],
        regimes=["full"],
        release=tiny_release,
    )
    by_id = {
        row["case_id"]: row for row in found.ranks.filter(pl.col("level") == "disease").iter_rows(named=True)
    }
    assert by_id["by-orpha"]["rank"] == by_id["by-omim"]["rank"] == 1
    assert by_id["by-orpha"]["top"][0]["candidate_id"] == MARFAN


def test_a_tool_may_be_given_itself(dataset: RankingDataset, tiny_release: str, outcome: BenchRun) -> None:
    found = run(dataset, tools=[LikelihoodTool()], regimes=["full"], release=tiny_release)
    mine = outcome.ranks.filter((pl.col("tool") == TOOL) & (pl.col("regime") == "full"))
    assert found.ranks.equals(mine)


def test_probability_is_that_of_the_truth(outcome: BenchRun) -> None:
    for row in outcome.ranks.iter_rows(named=True):
        listed = {item["candidate_id"]: item["probability"] for item in row["top"]}
        given = {listed[name] for name in row["truth_ids"] if name in listed}
        if given:
            assert row["probability"] in given
        if row["rank"] is None:
            assert row["probability"] is None


def test_a_release_of_the_same_name_that_was_built_anew_is_another(
    dataset: RankingDataset, tiny: HpoKnowledge, tiny_release: str
) -> None:
    first = add_release(tiny, name="changing")
    try:
        before = run(dataset, regimes=["full"], release="changing")
        rows = tiny.annotations.rows[:0]
        empty = replace(
            tiny,
            annotations=Annotations(
                rows=rows,
                start=np.zeros_like(tiny.annotations.start),
                references=tiny.annotations.references[:0],
            ),
        )
        add_release(empty, name="changing")
        after = run(dataset, regimes=["full"], release="changing")
    finally:
        shutil.rmtree(first)
    assert not before.ranks.equals(after.ranks)


def test_unknown_regime_tool_named_twice_and_tool_of_another_task(
    dataset: RankingDataset, tiny_release: str
) -> None:
    with pytest.raises(InputError, match="no regime 'half'"):
        run(dataset, regimes=["half"], release=tiny_release)
    with pytest.raises(InputError, match="named twice"):
        run(dataset, tools=[TOOL, LikelihoodTool()], release=tiny_release)

    class Other(LikelihoodTool):
        card = LikelihoodTool.card.model_copy(update={"id": "astrology.stars", "task": "astrology"})

    with pytest.raises(
        InputError, match=r"astrology\.stars is a tool of task 'astrology', not of 'phenotype'"
    ):
        run(dataset, tools=[Other()], release=tiny_release)


FAILING = """
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool

class Ranker(PhenotypeRanker):
    def __init__(self, tool, knowledge, inner):
        super().__init__(tool, knowledge)
        self.inner = inner

    def rank(self, query):
        if query.sex == "male":
            raise ZeroDivisionError("no male patient was ever seen")
        return self.inner.rank(query)

    def on(self, knowledge):
        return Ranker(self.tool, knowledge, self.inner.on(knowledge))

class Failing(PhenotypeTool):
    card = LikelihoodTool.card.model_copy(update={"id": "phenotype.failing"})

    def prepare(self, knowledge):
        return Ranker(self, knowledge, LikelihoodTool().prepare(knowledge))

class Never(PhenotypeTool):
    card = LikelihoodTool.card.model_copy(update={"id": "phenotype.never"})

    def prepare(self, knowledge):
        raise MemoryError("too large for this machine")
"""


@pytest.fixture
def failing(install: Install, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "failing_tool.py").write_text(FAILING, encoding="utf-8")
    install(
        {TOOLS: {"phenotype.failing": "failing_tool:Failing", "phenotype.never": "failing_tool:Never"}},
        tmp_path / "code",
    )


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_tool_that_fails_loses_the_case_and_no_other(
    dataset: RankingDataset, tiny_release: str, outcome: BenchRun, jobs: int
) -> None:
    found = run(dataset, tools=["phenotype.failing", TOOL], release=tiny_release, jobs=jobs)
    males = [case["case_id"] for case in CASES if case.get("sex") == "MALE"]
    lost = found.ranks.filter((pl.col("tool") == "phenotype.failing") & pl.col("case_id").is_in(males))
    assert lost.height == len(males) * 2 * 3
    assert lost["rank"].null_count() == lost.height
    # every other case, and the other tool, as if nothing had happened
    key = ["regime", "level", "case_id"]
    mine = outcome.ranks.filter(pl.col("tool") == TOOL)
    kept = found.ranks.filter((pl.col("tool") == "phenotype.failing") & ~pl.col("case_id").is_in(males))
    wanted = mine.filter(~pl.col("case_id").is_in(males))
    assert kept.drop("tool").sort(key).equals(wanted.drop("tool").sort(key))
    assert found.ranks.filter(pl.col("tool") == TOOL).equals(mine)
    (notice,) = [notice for notice in found.card.notices if notice.code == "tool_failed"]
    assert notice.n == len(males)
    assert set(notice.cases) == set(males)
    assert "ZeroDivisionError: no male patient was ever seen" in notice.message
    assert {failure.case_id for failure in found.failures} == set(males)


@pytest.mark.usefixtures("failing")
def test_a_tool_that_cannot_be_made_ready_misses_every_case(
    dataset: RankingDataset, tiny_release: str
) -> None:
    found = run(dataset, tools=["phenotype.never", TOOL], regimes=["full"], release=tiny_release)
    assert found.ranks.filter(pl.col("tool") == "phenotype.never")["rank"].null_count() > 10
    assert len(found.failures) == len(CASES)
    assert rank(found, "marfan-1", "full") == 1


class _Book:
    def __init__(self) -> None:
        self.lines: list[tuple[str, dict]] = []

    def record(self, event, payload, provenance) -> None:
        assert provenance is not None
        self.lines.append((event, dict(payload)))


def test_a_run_is_recorded(dataset: RankingDataset, tiny_release: str) -> None:
    book = _Book()
    run(dataset, regimes=["full"], release=tiny_release, recorder=book)
    ((event, payload),) = book.lines
    assert event == "run"
    assert payload["dataset"]["sha256"] == dataset.digest.sha256
    assert payload["tools"][0]["id"] == TOOL
    json.dumps(payload)


class _Shut:
    def __init__(self) -> None:
        self.asked: list[object] = []

    def check(self, dataset, *, purpose) -> None:
        self.asked.append((dataset, purpose))
        raise RefusedError("no consent for this")


def test_the_gate_may_refuse_a_dataset(dataset: RankingDataset, tiny_release: str) -> None:
    gate = _Shut()
    with pytest.raises(RefusedError, match="no consent"):
        run(dataset, release=tiny_release, gate=gate)
    with pytest.raises(RefusedError, match="no consent"):
        run("demo", release=tiny_release, gate=gate)
    assert gate.asked[0] == (dataset.digest.sha256, "benchmark")
    assert gate.asked[1][0].name == "demo"
