"""Runs on degraded cases: the tools see less, and nothing else changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import spy_tool
import toy_task
from bench_cases import CASES, read, write_lines

from genopraxis.bench.compare import Comparison, compare
from genopraxis.bench.comparison_page import render_comparison
from genopraxis.bench.page import headline_table, render_scorecard
from genopraxis.bench.perturbations import chosen_perturbations, read_perturbations
from genopraxis.bench.report import read_run, write_run
from genopraxis.bench.run import BenchRun, run_bench
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.ranking_bench import PreparedDataset, RankingDataset
from genopraxis.contracts.scorecard import Perturbation
from genopraxis.plugins import TASKS, TOOLS
from genopraxis.tasks.phenotype.bench.port import PhenotypeBench
from genopraxis.tasks.phenotype.bench.prepare import PreparedPatient
from genopraxis.testing.tasks import task_problems
from running import Cli, Install

TOOL = "phenotype.likelihood"
PORT = PhenotypeBench()
LEVELS: dict[str, float | None] = {"keep": 1, "imprecise": 0.5, "noise": 1, "hide_excluded": None}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> RankingDataset:
    return read(write_lines(tmp_path_factory.mktemp("cases") / "cases.jsonl"))


def run(
    dataset: RankingDataset, release: str, *, tools=(TOOL,), regimes=("publication-out",), **more
) -> BenchRun:
    return run_bench(dataset, task="phenotype", tools=tools, regimes=regimes, knowledge=release, **more)


def prepared(
    dataset: RankingDataset, release: str, levels: dict[str, float | None], *, seed: int = 0
) -> PreparedDataset:
    chosen = chosen_perturbations(PORT, levels)
    return PORT.prepare(dataset, knowledge=release, counts=None, perturbations=chosen, seed=seed)


def patients(made: PreparedDataset) -> dict[str, PreparedPatient]:
    return {one.case.case_id: one.content for one in made.cases}


@pytest.fixture(scope="module")
def plain(dataset: RankingDataset, tiny_release: str) -> BenchRun:
    return run(dataset, tiny_release)


@pytest.mark.parametrize("levels", [{"keep": 1000}, {"imprecise": 0}, {"noise": 0, "keep": 50}])
def test_what_changes_nothing_gives_the_same_figures(
    dataset: RankingDataset, tiny_release: str, plain: BenchRun, levels: dict[str, float | None]
) -> None:
    found = run(dataset, tiny_release, perturbations=levels)
    assert found.ranks.equals(plain.ranks)
    assert found.strata.equals(plain.strata)
    assert found.card.results == plain.card.results


@pytest.mark.parametrize("levels", [LEVELS, {"imprecise": 1}, {"keep": 1}])
def test_what_was_published_stays(
    dataset: RankingDataset, tiny_release: str, levels: dict[str, float | None]
) -> None:
    """Counts to take out, truths, groups and repairs are those of the unchanged cases."""
    before, after = prepared(dataset, tiny_release, {}), prepared(dataset, tiny_release, levels)
    assert PORT.contributions(before).equals(PORT.contributions(after))
    assert [one.case for one in before.cases] == [one.case for one in after.cases]
    assert [one.repairs for one in before.cases] == [one.repairs for one in after.cases]
    plain, changed = patients(before), patients(after)
    assert {k: v.in_knowledge for k, v in plain.items()} == {k: v.in_knowledge for k, v in changed.items()}
    for case_id, one in plain.items():
        assert vars(one.counts) == vars(changed[case_id].counts)
    assert [v.query for v in plain.values()] != [v.query for v in changed.values()]


def test_publication_out_takes_the_same_rows_out(
    install: Install, dataset: RankingDataset, tiny_release: str
) -> None:
    install({TOOLS: {"phenotype.spy": "spy_tool:Spy"}}, Path(spy_tool.__file__).parent)
    taken = []
    for levels in ({}, {"imprecise": 1.0, "noise": 1}):
        spy_tool.ASKED.clear()
        spy_tool.CHANGED.clear()
        run(dataset, tiny_release, tools=["phenotype.spy"], perturbations=levels)
        taken.append([{d: rows.tobytes() for d, rows in one.items()} for one in spy_tool.CHANGED])
        for query in spy_tool.ASKED:
            assert "OMIM" not in repr(query)
            assert "PMID" not in repr(query)
    assert taken[0] == taken[1]
    assert taken[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_no_perturbation_knows_the_truth(dataset: RankingDataset, tiny_release: str, seed: int) -> None:
    """The same patients with each other's answers and publications are changed in the same way."""
    cases = dataset.cases
    others = (*cases[3:], *cases[:3])
    swapped = replace(
        dataset,
        cases=tuple(
            replace(one, truths=other.truths, group=other.group)
            for one, other in zip(cases, others, strict=True)
        ),
    )
    for levels in (LEVELS, {"noise": 2}, {"imprecise": 0.5}):
        mine, theirs = (
            {k: v.query for k, v in patients(prepared(d, tiny_release, levels, seed=seed)).items()}
            for d in (dataset, swapped)
        )
        assert mine == theirs


def test_order_of_cases_and_number_of_processes_do_not_matter(
    dataset: RankingDataset, tiny_release: str
) -> None:
    first = run(dataset, tiny_release, perturbations=LEVELS, seed=7)
    two = run(dataset, tiny_release, perturbations=LEVELS, seed=7, jobs=2)
    assert two.ranks.equals(first.ranks)
    assert two.card.results == first.card.results
    turned = run(replace(dataset, cases=dataset.cases[::-1]), tiny_release, perturbations=LEVELS, seed=7)
    key = ["level", "case_id"]
    assert turned.ranks.sort(key).equals(first.ranks.sort(key))
    other = run(dataset, tiny_release, perturbations=LEVELS, seed=8)
    assert not other.ranks.equals(first.ranks)


def test_strata_tell_what_the_tools_saw(dataset: RankingDataset, tiny_release: str, plain: BenchRun) -> None:
    found = run(dataset, tiny_release, perturbations={"noise": 4})
    terms, before = (
        {
            r["case_id"]: r["stratum"]
            for r in made.strata.iter_rows(named=True)
            if r["stratum"].startswith("terms=")
        }
        for made in (found, plain)
    )
    assert (before["marfan-1"], terms["marfan-1"]) == ("terms=1-3", "terms=4-7")
    rest = ~pl.col("stratum").str.starts_with("terms=")
    assert found.strata.filter(rest).equals(plain.strata.filter(rest))


def test_a_case_without_a_term_is_a_miss_as_ever(dataset: RankingDataset, tiny_release: str) -> None:
    found = run(dataset, tiny_release, perturbations=LEVELS)
    silent = found.ranks.filter(pl.col("case_id") == "all-unknown")
    assert silent["rank"].null_count() == silent.height > 0
    assert {n.code: n.cases for n in found.card.notices}["no_phenotype"] == ("all-unknown",)


def test_scorecard_and_page_say_so(
    dataset: RankingDataset, tiny_release: str, plain: BenchRun, tmp_path: Path
) -> None:
    found = run(dataset, tiny_release, perturbations=LEVELS, seed=3)
    card = found.card
    assert [one.text for one in card.perturbations] == ["keep=1", "imprecise=0.5", "noise=1", "hide_excluded"]
    assert all(one.meaning for one in card.perturbations)
    assert card.seed == 3
    assert card.provenance.parameters["perturbations"] == "keep=1, imprecise=0.5, noise=1, hide_excluded"
    assert card.provenance.parameters["perturbations.seed"] == 3
    assert "keep=1, imprecise=0.5" in str(headline_table(card).title)
    notices = {notice.code: notice for notice in card.notices}
    assert {"perturbed", "perturbed.keep", "perturbed.noise", "perturbed.hide_excluded"} <= set(notices)
    assert notices["perturbed.hide_excluded"].n == len(notices["perturbed.hide_excluded"].cases)
    page = render_scorecard(card, found.ranks)
    title = page.index("<h1>")
    assert 0 < page.index("did not see the cases as they were published", title) - title < 200
    assert "imprecise=0.5" in page
    write_run(tmp_path, card, found.ranks)
    assert read_run(tmp_path)[0] == card
    # and of an unchanged run nothing is said
    assert (plain.card.perturbations, plain.card.seed) == ((), None)
    assert "perturb" not in render_scorecard(plain.card, plain.ranks)
    assert not any("perturb" in notice.code for notice in plain.card.notices)


def test_comparison_says_so(dataset: RankingDataset, tiny_release: str, plain: BenchRun) -> None:
    found = run(dataset, tiny_release, perturbations={"keep": 1}, seed=3)

    def compared(a: BenchRun, b: BenchRun) -> Comparison:
        return compare(
            a.ranks,
            b.ranks,
            level="disease",
            resamples=50,
            perturbed=(a.card.perturbations, b.card.perturbations),
            seeds=(a.card.seed, b.card.seed),
        )

    made = compared(plain, found)
    assert (made.a.perturbations, made.b.seed) == ((), 3)
    page = render_comparison(made)
    assert "B saw the cases after keep=1 (seed 3)" in page
    assert "did not see the same cases" in page
    page = render_comparison(compared(found, found))
    assert "Both saw the same changed cases" in page
    assert "Changed cases" not in render_comparison(compared(plain, plain))


def test_a_recorder_is_told(dataset: RankingDataset, tiny_release: str) -> None:
    lines = []

    class Book:
        def record(self, event, payload, provenance) -> None:
            lines.append(dict(payload))

    run(dataset, tiny_release, perturbations={"keep": 1}, seed=3, recorder=Book())
    assert (lines[0]["perturbations"], lines[0]["seed"]) == (["keep=1"], 3)
    json.dumps(lines)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], {}),
        (["noise=0.25", "keep=3"], {"noise": 0.25, "keep": 3.0}),
        (["hide_excluded"], {"hide_excluded": None}),
        (["hide_excluded=1"], {"hide_excluded": 1.0}),
    ],
)
def test_words_are_read(words: list[str], wanted: dict[str, float | None]) -> None:
    assert read_perturbations(words) == wanted
    chosen_perturbations(PORT, wanted)


def test_chosen_come_in_the_order_of_the_task() -> None:
    chosen = chosen_perturbations(PORT, dict(reversed(LEVELS.items())))
    assert [(one.name, one.level) for one in chosen] == list(LEVELS.items())
    assert Perturbation(name="keep", level=3).text == "keep=3"
    assert chosen_perturbations(PORT, {"hide_excluded": 1})[0].text == "hide_excluded"


@pytest.mark.parametrize(
    ("levels", "wanted"),
    [
        ({"typos": 0.5}, "no perturbation 'typos'"),
        ({"": 1}, "no perturbation ''"),
        ({"imprecise": None}, "needs a level"),
        ({"imprecise": 1.01}, "not possible"),
        ({"imprecise": -0.1}, "not possible"),
        ({"imprecise": float("nan")}, "not possible"),
        ({"noise": float("inf")}, "not possible"),
        ({"keep": 0}, "not possible"),
        ({"keep": 2.5}, "not possible"),
        ({"hide_excluded": 0.0}, "has no level"),
    ],
)
def test_impossible_levels(
    dataset: RankingDataset, tiny_release: str, levels: dict[str, float | None], wanted: str
) -> None:
    with pytest.raises(InputError, match=wanted):
        run(dataset, tiny_release, perturbations=levels)


def test_a_task_of_a_plugin_brings_its_own(cli: Cli, install: Install, tmp_path: Path) -> None:
    install(
        {TASKS: {"fruit": "toy_task:TASK"}, TOOLS: {"fruit.colour": "toy_task:ColourTool"}},
        Path(toy_task.__file__).parent,
    )
    cases = tmp_path / "fruit.jsonl"
    cases.write_text(
        json.dumps({"id": "a", "basket": "1", "kind": "lime", "colour": "green"}), encoding="utf-8"
    )
    words = ("bench", "run", "fruit", "--cases", cases, "--regime", "all-known")
    cli(*words, "--perturb", "dusk", "--out", tmp_path / "out").done()
    card, ranks = read_run(tmp_path / "out")
    assert ranks["rank"].to_list() == [3.0]  # at dusk all five are alike
    assert card.perturbations[0].meaning == "Every fruit looks grey."
    assert "Every fruit looks grey." in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    cli(*words, "--perturb", "lamps=2.5", "--out", tmp_path / "no").refused(
        "whole number, 0 to 3: number of lamps"
    )
    cli(*words, "--perturb", "keep=1", "--out", tmp_path / "no").refused("'keep'", "dusk, lamps")


def test_a_perturbation_offered_twice_is_a_problem_of_the_task() -> None:
    class Twice(toy_task.FruitBench):
        perturbations = toy_task.FruitBench.perturbations[:1] * 2

    problems = task_problems(replace(toy_task.TASK, bench=Twice))
    assert any("perturbation twice" in problem for problem in problems)


def test_every_case_is_changed_somewhere(dataset: RankingDataset, tiny_release: str) -> None:
    """The test cases are rich enough for the tests above: each perturbation has something to do."""
    made = patients(prepared(dataset, tiny_release, LEVELS))
    assert len(made) == len(CASES)
    for name in LEVELS:
        assert sum(dict(one.changed)[name] for one in made.values()) > 0, name
