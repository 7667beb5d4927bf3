"""A ranking task of a plug-in goes through the same bench: nothing in it knows of phenotypes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import toy_task

from genopraxis.bench.report import read_run
from genopraxis.bench.run import run_bench
from genopraxis.contracts.errors import InputError
from genopraxis.plugins import TASKS, TOOLS
from genopraxis.testing import check_task
from genopraxis.testing.tasks import task_problems
from running import Cli, Install

BASKETS = [("a", "1", "apple"), ("b", "1", "lime"), ("c", "2", "lemon"), ("d", None, "lime")]


@pytest.fixture(autouse=True)
def fruit(install: Install) -> None:
    install(
        {
            TASKS: {"fruit": "toy_task:TASK", "portless": "toy_task:PORTLESS"},
            TOOLS: {"fruit.colour": "toy_task:ColourTool"},
        },
        Path(toy_task.__file__).parent,
    )


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "fruit.jsonl"
    rows = [
        {"id": i, "basket": basket, "kind": kind, "colour": toy_task.FRUIT[kind]}
        for i, basket, kind in BASKETS
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize("jobs", [1, 2])
def test_bench_run(cli: Cli, cases: Path, tmp_path: Path, jobs: int) -> None:
    out = tmp_path / "out"
    found = cli("bench", "run", "fruit", "--cases", cases, "--jobs", jobs, "--out", out).done()
    assert "Only ripe fruit." in found.err
    card, ranks = read_run(out)
    by_case = {(r["regime"], r["case_id"]): r for r in ranks.iter_rows(named=True)}
    # two red fruit tie; of five, four are not red
    assert by_case["all-known", "a"]["rank"] == 1.5
    assert by_case["all-known", "d"]["rank"] == 1
    assert by_case["own-hidden", "a"]["rank"] == 3.5
    assert by_case["own-hidden", "a"]["candidates"] == 5
    assert {r["publication"] for r in by_case.values() if r["case_id"] == "d"} == {None}
    assert {s.metric for s in card.results} == {"top1", "top2", "mrr"}
    assert {s.stratum for s in card.results} == {"all", "colour=red", "colour=green", "colour=yellow"}
    assert [regime.name for regime in card.regimes] == ["all-known", "own-hidden"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "all known" in page
    assert "disease" not in page.lower().replace("describe a dataset", "")
    cli(
        "bench", "compare", out, out, "--regime", "all-known", "--against-regime", "own-hidden", "--out", tmp_path / "c"
    ).done()  # fmt: skip
    made = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))
    assert made["level"] == "kind"


def test_predictions_of_another_program(cli: Cli, cases: Path, tmp_path: Path) -> None:
    table = tmp_path / "theirs.tsv"
    table.write_text("case_id\tcandidate_id\trank\na\tapple\t1\na\tcherry\t2\n", encoding="utf-8")
    card = toy_task.ColourTool.card.model_copy(update={"id": "fruit.theirs"})
    (tmp_path / "card.json").write_text(card.to_json(), encoding="utf-8")
    words = ("--cases", cases, "--predictions", table, "--tool-card", tmp_path / "card.json")
    cli("bench", "run", "fruit", *words, "--out", tmp_path / "out").done()
    _, ranks = read_run(tmp_path / "out")
    assert ranks.filter(pl.col("case_id") == "a")["rank"].to_list() == [1.0]
    assert set(ranks["regime"]) == {"all-known"}
    # a table that the task has no use for is not ignored
    cli("bench", "run", "fruit", *words, "--publications", table, "--out", tmp_path / "o2").refused(
        "not counted"
    )


def test_what_does_not_fit_together_is_refused(cli: Cli, cases: Path, tmp_path: Path) -> None:
    def bench(task: str, *words: object):
        return cli("bench", "run", task, "--cases", cases, "--out", tmp_path / "out", *words)

    bench("fruit", "--tool", "phenotype.likelihood").refused("phenotype.likelihood", "'fruit'")
    words = ("--cases", "demo", "--tool", "fruit.colour", "--out", tmp_path / "out")
    cli("bench", "run", "phenotype", *words).refused("fruit.colour", "'phenotype'")
    bench("portless").refused("portless", "no bench port")
    bench("fruit", "--regime", "full").refused("full", "own-hidden")
    cli("bench", "run", "fruit", "--cases", "demo", "--out", tmp_path / "out").refused("demo", "phenotype")
    cli("bench", "publications", "--task", "fruit", "--cases", cases, "--out", tmp_path / "t.tsv").refused(
        "basket"
    )


def test_library_call(cases: Path) -> None:
    found = run_bench(cases, task=toy_task.TASK, tools=[toy_task.ColourTool()])
    assert found.ranks.height == 2 * len(BASKETS)
    with pytest.raises(InputError, match="no bench port"):
        run_bench(cases, task=toy_task.PORTLESS)


def test_toy_task_is_sound() -> None:
    check_task(toy_task.TASK)

    class NoRegime(toy_task.FruitBench):
        regimes = ()

    assert any("regime" in problem for problem in task_problems(replace(toy_task.TASK, bench=NoRegime)))
    assert any(
        "bench" in problem for problem in task_problems(replace(toy_task.TASK, bench=lambda: object()))
    )
