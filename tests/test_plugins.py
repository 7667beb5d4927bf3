"""Plug-ins found by entry point: the example works, a broken one is named and harms nobody."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import polars as pl
import pytest

from genopraxis.contracts.errors import InputError, PluginError
from genopraxis.contracts.plugin import Task
from genopraxis.formats.hpoa import ANNOTATIONS, GENE_LINKS
from genopraxis.plugins import DATASETS, TASKS, TOOLS, load_dataset, load_task, load_tool, names
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from genopraxis.testing import (
    TableContractChecks,
    check_dataset,
    check_task,
    dataset_problems,
    small_knowledge,
    task_problems,
)
from running import Cli, Install

EXAMPLE = Path(__file__).parent / "plugin_example"


@pytest.fixture
def example(install: Install) -> None:
    """The example package, installed."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    install(project["entry-points"], EXAMPLE / "src")


BROKEN = '''
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool

class NoTool:
    """No card at all."""

class NoCard:
    card = {"id": "phenotype.nocard"}

class OtherTask(LikelihoodTool):
    card = LikelihoodTool.card.model_copy(update={"task": "astrology", "id": "phenotype.othertask"})

class OtherId(LikelihoodTool):
    pass

class NotATool:
    """A card, and nothing that ranks."""
    card = LikelihoodTool.card.model_copy(update={"id": "phenotype.onlycard"})

class Raises:
    def __init__(self):
        raise RuntimeError("no weights here")
'''
BROKEN_TOOLS = {
    "phenotype.missing": ("no_such_module_anywhere:Tool", "no_such_module_anywhere"),
    "phenotype.noattribute": ("broken_plugin:Nothing", "Nothing"),
    "phenotype.notool": ("broken_plugin:NoTool", "card"),
    "phenotype.nocard": ("broken_plugin:NoCard", "card"),
    "phenotype.othertask": ("broken_plugin:OtherTask", "astrology"),
    "phenotype.otherid": ("broken_plugin:OtherId", "phenotype.likelihood"),
    "phenotype.onlycard": ("broken_plugin:NotATool", "PhenotypeTool"),
    "phenotype.raises": ("broken_plugin:Raises", "no weights here"),
}


@pytest.fixture
def broken(install: Install, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "broken_plugin.py").write_text(BROKEN, encoding="utf-8")
    install(
        {
            TOOLS: {name: value for name, (value, _) in BROKEN_TOOLS.items()},
            DATASETS: {"not-a-dataset": "broken_plugin:NoTool"},
            TASKS: {"not_a_task": "broken_plugin:NoTool"},
        },
        code,
    )


def test_own_tools_and_tasks_are_registered_as_any_plugin() -> None:
    assert "phenotype" in names(TASKS)
    assert {"phenotype.likelihood", "phenotype.resnik"} <= set(names(TOOLS))
    assert isinstance(load_tool("phenotype.likelihood"), LikelihoodTool)
    check_task(load_task("phenotype"))


@pytest.mark.usefixtures("example")
def test_example_is_listed_and_shown(cli: Cli) -> None:
    listed = cli("tools", "list").done()
    assert "phenotype.countmatch" in listed.out
    assert "phenotype.likelihood" in listed.out
    card = json.loads(cli("tools", "show", "phenotype.countmatch").done().out)
    assert card["schema"] == "genopraxis.tool-card/1"
    assert card["licence"] == "Apache-2.0"


@pytest.mark.usefixtures("example")
def test_example_ranks_in_bench_and_diagnose(cli: Cli, tiny_release: str, tmp_path: Path) -> None:
    cases = load_dataset("example-cases").locate()["cases.jsonl"]
    out = tmp_path / "bench"
    cli(
        "bench", "run", "phenotype", "--cases", cases, "--tool", "phenotype.countmatch",
        "--regime", "full", "--regime", "publication-out", "--knowledge", tiny_release, "--out", out,
    ).done()  # fmt: skip
    card = json.loads((out / "scorecard.json").read_text(encoding="utf-8"))
    assert {row["tool"] for row in card["results"]} == {"phenotype.countmatch"}
    top3 = [
        row["value"]
        for row in card["results"]
        if (row["regime"], row["level"], row["stratum"], row["metric"]) == ("full", "disease", "all", "top3")
    ]
    assert top3 == [1.0]
    cli(
        "diagnose", "--hpo", "HP:0001166,HP:0001083", "--tool", "phenotype.countmatch",
        "--knowledge", tiny_release, "--out", tmp_path / "case",
    ).done()  # fmt: skip
    result = json.loads((tmp_path / "case" / "case" / "result.json").read_text(encoding="utf-8"))
    assert result["tool"]["id"] == "phenotype.countmatch"
    assert result["candidates"][0]["disease_id"] == "OMIM:154700"
    # what a tool does not measure is not zero
    assert result["candidates"][0]["posterior"] is None
    assert result["candidates"][0]["log10_likelihood_ratio"] is None
    assert result["next_signs"] == []


@pytest.mark.usefixtures("example")
def test_example_dataset_is_sound() -> None:
    assert "example-cases" in names(DATASETS)
    check_dataset(load_dataset("example-cases"))


@pytest.mark.usefixtures("broken")
def test_broken_tools_are_named_and_skipped(cli: Cli) -> None:
    found = cli("tools", "list")
    assert found.code == 0, found.err
    assert "phenotype.likelihood" in found.out
    assert "phenotype.resnik" in found.out
    for name in BROKEN_TOOLS:
        assert name in found.err, f"{name} is not named: {found.err}"
        assert name not in found.out
    assert "Traceback" not in found.err


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("name", BROKEN_TOOLS)
def test_broken_tool_asked_for_is_a_clear_error(cli: Cli, name: str) -> None:
    cli("tools", "show", name).refused(name, BROKEN_TOOLS[name][1])


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (OSError("libgomp.so.1: cannot open shared object file: No such file or directory"), "libgomp1"),
        (OSError("libother.so.1: cannot open shared object file"), "reinstall"),
        (RuntimeError("libgomp"), "reinstall"),
    ],
)
def test_a_missing_openmp_runtime_is_told_from_a_broken_package(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, hint: str
) -> None:
    loaded = EntryPoint.load

    def load(point: EntryPoint) -> object:
        if point.name == "phenotype.ranker":
            raise error
        return loaded(point)

    monkeypatch.setattr(EntryPoint, "load", load)
    given = ("diagnose", "--hpo", "HP:0001250", "--out", tmp_path / "out")
    cli(*given).refused("phenotype.ranker", str(error), hint)
    if hint == "libgomp1":
        cli(*given).refused("apt install", "--tool phenotype.likelihood")
        cli(*given, "--tool", "phenotype.likelihood").done()


@pytest.fixture
def twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages that each register a tool of one name."""
    for package in ("first", "second"):
        site = tmp_path / package
        info = site / f"{package}_plugin-1.dist-info"
        info.mkdir(parents=True)
        (info / "entry_points.txt").write_text(f"[{TOOLS}]\nphenotype.both = {package}:Tool\n")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}-plugin\nVersion: 1\n")
        monkeypatch.syspath_prepend(str(site))


@pytest.mark.usefixtures("twice")
def test_name_of_two_packages_names_both(cli: Cli) -> None:
    cli("tools", "show", "phenotype.both").refused("first-plugin", "second-plugin", "remove all but one")
    found = cli("tools", "list")
    assert found.code == 0, found.err
    assert "phenotype.likelihood" in found.out
    assert found.err.count("phenotype.both") == 1


@pytest.mark.usefixtures("example")
def test_tool_without_parameters_takes_no_setting() -> None:
    with pytest.raises(InputError, match="no parameter"):
        load_tool("phenotype.countmatch", settings={"x": "1"})


def test_built_in_tool_is_configured() -> None:
    tool = load_tool("phenotype.likelihood", settings={"tempering": "0.5"})
    assert tool.card.parameters["tempering"] == 0.5
    assert load_tool("phenotype.likelihood").card == LikelihoodTool.card
    with pytest.raises(InputError, match=r"'temper'.*tempering"):
        load_tool("phenotype.likelihood", settings={"temper": "0.5"})


@pytest.mark.usefixtures("broken")
def test_broken_dataset_and_task_are_clear_errors() -> None:
    with pytest.raises(PluginError, match="not-a-dataset"):
        load_dataset("not-a-dataset")
    with pytest.raises(PluginError, match="not_a_task"):
        load_task("not_a_task")


def test_unknown_tool_names_those_installed(cli: Cli) -> None:
    cli("tools", "show", "phenotype.nothing").refused("phenotype.nothing", "phenotype.likelihood")


def test_check_task_finds_what_is_wrong() -> None:
    sound = load_task("phenotype")
    assert task_problems(sound) == []
    spoilt = Task(
        id="Phenotype task",
        question="It ranks diseases",
        kind="ranking",
        levels=(),
        predictions=sound.predictions,
        metrics=("top1", "top1"),
        strata=("",),
        tool_problems=lambda _: [],
    )
    assert len(task_problems(spoilt)) == 6
    with pytest.raises(AssertionError, match="question mark"):
        check_task(spoilt)
    assert task_problems("a text")


@pytest.mark.usefixtures("example")
def test_check_dataset_finds_what_is_wrong(tmp_path: Path) -> None:
    from dataclasses import replace

    sound = load_dataset("example-cases")
    changed = tmp_path / "cases.jsonl"
    changed.write_bytes(Path(sound.locate()["cases.jsonl"]).read_bytes() + b"\n")
    assert any(
        "sha256" in problem
        for problem in dataset_problems(replace(sound, locate=lambda: {"cases.jsonl": str(changed)}))
    )
    missing = replace(sound, locate=lambda: {"cases.jsonl": str(tmp_path / "none")})
    assert any("no such file" in problem for problem in dataset_problems(missing))
    assert any("locate()" in problem for problem in dataset_problems(replace(sound, locate=dict)))
    blank = replace(sound, datasheet=sound.datasheet.model_copy(update={"licence": " ", "known_leakage": ()}))
    with pytest.raises(AssertionError, match=r"licence.*known_leakage"):
        check_dataset(blank)
    assert dataset_problems(None)


class TestAnnotationTable(TableContractChecks):
    contract = ANNOTATIONS
    example = pl.DataFrame(
        [("OMIM:1", "A", False, "HP:0000118", ["PMID:1"], "PCS", None, 1, 2, None, None, "P")],
        schema=ANNOTATIONS.schema,
        orient="row",
    )


class TestGeneLinkTable(TableContractChecks):
    contract = GENE_LINKS
    example = small_knowledge().diseases.gene_links


def test_table_checks_can_fail() -> None:
    class Broken(TableContractChecks):
        contract = GENE_LINKS
        example = GENE_LINKS.empty()

    with pytest.raises(AssertionError, match="no row"):
        Broken().test_example_and_empty_table_fulfil_it()
    with pytest.raises(AssertionError):
        Broken().test_broken_tables_are_refused()
