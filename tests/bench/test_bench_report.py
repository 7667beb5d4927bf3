"""The three files of a run: what they hold is documented, and where the scorecard stands the run is complete."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from bench_cases import CASES, read, write_lines

from genopraxis.bench.report import PAGE, RANKS, SCORECARD, RunFacts, make_scorecard, read_run, write_run
from genopraxis.bench.run import BenchRun, run_bench
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.errors import ContractError, GenopraxisError, InputError
from genopraxis.contracts.ranking_bench import RankingDataset
from genopraxis.contracts.scorecard import Scorecard
from genopraxis.formats.files import digest
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.bench.regimes import REGIMES
from genopraxis.tasks.phenotype.task import TASK

METRICS = ["top1", "top3", "top5", "top10", "mrr"]


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, tiny_release: str
) -> tuple[RankingDataset, BenchRun, Scorecard, Path]:
    path = write_lines(tmp_path_factory.mktemp("cases") / "cases.jsonl")
    dataset = read(path)
    outcome = run_bench(dataset, task="phenotype", tools=["phenotype.likelihood"], knowledge=tiny_release)
    return dataset, outcome, outcome.card, path


@pytest.fixture
def run(made, tmp_path: Path) -> Path:
    write_run(tmp_path / "run", made[2], made[1].ranks)
    return tmp_path / "run"


def test_scorecard_is_the_documented_long_form(run: Path, made) -> None:
    raw = json.loads((run / SCORECARD).read_text(encoding="utf-8"))
    assert next(iter(raw)) == "schema"
    assert raw["schema"] == "genopraxis.scorecard/1"
    assert raw["task"] == "phenotype"
    assert raw["dataset"] == {"name": "cases.jsonl", "sha256": digest(made[3]).sha256, "n": len(CASES)}
    assert {"schema", "task", "dataset", "results", "timing", "provenance"} <= set(raw)
    for row in raw["results"]:
        assert set(row) == {
            "tool", "version", "regime", "level", "stratum", "metric", "value", "low", "high", "n",
        }  # fmt: skip
        assert row["metric"] in METRICS
        assert row["level"] in {"disease", "gene"}
        assert row["regime"] in {"full", "case-out", "publication-out"}
        if row["value"] is None:
            assert row["n"] == 0
        else:
            assert 0 <= row["value"] <= 1
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"]
    whole = [row for row in raw["results"] if row["stratum"] == "all"]
    assert len(whole) == 1 * 3 * 2 * len(METRICS)
    for row in whole:
        with_truth = [c for c in CASES if (c["disease_id"] if row["level"] == "disease" else c["gene"])]
        assert row["n"] == len(with_truth)
    for timing in raw["timing"]:
        assert set(timing) == {"tool", "regime", "cases", "seconds", "cases_per_second"}


def test_figures_are_those_of_the_ranks(made) -> None:
    _, outcome, card, _ = made
    ranks = outcome.ranks
    for score in card.results:
        if score.stratum != "all":
            continue
        own = ranks.filter((pl.col("regime") == score.regime) & (pl.col("level") == score.level))["rank"]
        if score.metric == "mrr":
            expected = sum(0.0 if r is None else 1 / r for r in own) / len(own)
        else:
            k = int(score.metric.removeprefix("top"))
            expected = sum(r is not None and r <= k for r in own) / len(own)
        assert score.value == pytest.approx(expected)


def test_strata_share_out_the_cases(made) -> None:
    card = made[2]
    for variable in ("sex", "annotated", "terms", "time"):
        n = {
            (s.regime, s.level, s.stratum): s.n
            for s in card.results
            if s.stratum.startswith(f"{variable}=") and s.metric == "top1"
        }
        total = sum(
            count for (regime, level, _), count in n.items() if (regime, level) == ("full", "disease")
        )
        assert total == len([c for c in CASES if c["disease_id"]])


def test_strata_and_levels_are_those_that_the_task_declares(made) -> None:
    card = made[2]
    variables = dict.fromkeys(s.stratum.partition("=")[0] for s in card.results if s.stratum != "all")
    assert tuple(variables) == TASK.strata
    assert tuple(dict.fromkeys(s.metric for s in card.results)) == TASK.metrics
    assert {s.level for s in card.results} == set(TASK.levels)
    assert card.regimes == REGIMES


@pytest.mark.parametrize("field", ["strata", "levels"])
def test_what_the_task_does_not_declare_is_refused(made, field: str) -> None:
    task = replace(TASK, **{field: getattr(TASK, field)[1:]})
    with pytest.raises(ContractError, match="not declared by task 'phenotype'"):
        make_scorecard(
            made[1].ranks,
            made[1].strata,
            task=task,
            facts=RunFacts(dataset=made[2].dataset, regimes=REGIMES),
        )


def test_provenance(run: Path, tiny: HpoKnowledge) -> None:
    card, _ = read_run(run)
    assert card.provenance.releases[:-1] == tiny.releases
    assert card.provenance.releases[-1].name == "case library"
    assert [i.name for i in card.provenance.inputs] == ["cases.jsonl"]
    assert card.provenance.parameters["jobs"] == 1
    assert "bootstrap.seed" in card.provenance.parameters
    assert str(run) not in (run / SCORECARD).read_text(encoding="utf-8")


def test_round_trip(run: Path, made) -> None:
    card, ranks = read_run(run)
    assert card == made[2]
    assert ranks.equals(made[1].ranks)
    CASE_RANKS.check(ranks, raise_errors=True)


def test_no_residue(run: Path) -> None:
    assert sorted(path.name for path in run.iterdir()) == sorted([SCORECARD, RANKS, PAGE])


def test_same_run_same_figures(made, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_run(tmp_path / name, made[2], made[1].ranks)
    for file in (SCORECARD, PAGE):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_failed_rewrite_leaves_no_scorecard_of_another_run(run: Path, made) -> None:
    """Where ranks of a new run cannot be written, the old scorecard must not vouch for a mixture."""
    (run / PAGE).unlink()
    (run / PAGE).mkdir()
    with pytest.raises(GenopraxisError):
        write_run(run, made[2], made[1].ranks)
    assert not (run / SCORECARD).exists()
    with pytest.raises(InputError, match="no finished bench run"):
        read_run(run)


def test_ranks_that_break_the_contract_are_not_written(made, tmp_path: Path) -> None:
    with pytest.raises(GenopraxisError):
        write_run(tmp_path / "run", made[2], made[1].ranks.drop("rank"))
    assert not (tmp_path / "run" / SCORECARD).exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (SCORECARD, b"{"),
        (SCORECARD, b'{"schema": "genopraxis.scorecard/99"}'),
        (SCORECARD, b'{"schema": "genopraxis.scorecard/1"}'),
        (SCORECARD, b"[]"),
        (SCORECARD, b"\xff\xfe"),
        (RANKS, b""),
        (RANKS, b"PAR1 cut off"),
    ],
)
def test_damaged_run_is_one_clear_error(run: Path, file: str, content: bytes) -> None:
    (run / file).write_bytes(content)
    with pytest.raises(InputError, match=file):
        read_run(run)


def test_missing_run_is_one_clear_error(tmp_path: Path, run: Path) -> None:
    with pytest.raises(InputError, match="no finished bench run"):
        read_run(tmp_path / "nowhere")
    (run / RANKS).unlink()
    with pytest.raises(InputError, match=RANKS):
        read_run(run)
