"""Many cases: one table, one folder each, nothing half-written, whatever happens to one of them."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from case_packets import packet, write

from genopraxis.case import one
from genopraxis.case.cases_table import CASES
from genopraxis.case.load import LoadedCase, case_from_terms, load_cases
from genopraxis.case.many import run_cases
from genopraxis.case.one import Done, read_result
from genopraxis.case.policy import RESEARCH_USE
from genopraxis.case.result import CaseResult
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import GenopraxisError, InputError, PluginError, RefusedError
from genopraxis.contracts.patient import Patient
from genopraxis.contracts.provenance import DataRelease, Provenance
from genopraxis.formats.files import safe_name
from genopraxis.formats.table_file import read_table, table_metadata
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import add_release
from genopraxis.plugins import TOOLS
from genopraxis.testing import TableContractChecks
from running import TINY, Install

TOOL = "phenotype.likelihood"
SEIZURE, ARACHNODACTYLY, LENS, WEAKNESS = "HP:0001250", "HP:0001166", "HP:0001083", "HP:0001324"

pytestmark = pytest.mark.usefixtures("tiny_release")


class TestTable(TableContractChecks):
    contract = CASES
    example = pl.DataFrame(
        [("c", "ranked", "m", "c", 1.0, "OMIM:1", "A", 0.5, 1.0, ["G"], 0.6, 0.2, 0.1, 0.36, "enough")],
        schema=CASES.schema,
        orient="row",
    )


def terms(case_id: str, *observed: str) -> LoadedCase:
    return case_from_terms(case_id=case_id, observed=observed, excluded=[])


def run(cases, out: Path, **more) -> list[Done]:
    return run_cases(list(cases), out=out, tool=TOOL, release=TINY, **more)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def read(path: Path) -> CaseResult:
    return CaseResult.from_mapping(json.loads(path.read_text(encoding="utf-8")), where=str(path))


def table_of(out: Path) -> pl.DataFrame:
    return read_table(CASES, out / "cases.parquet")


def test_one_case_has_a_table_too(tmp_path: Path) -> None:
    """Else the table of an earlier run would stay."""
    (done,) = run([terms("c", SEIZURE)], tmp_path)
    assert done.problem is None
    assert files(tmp_path) == ["c/report.html", "c/result.json", "cases.parquet"]
    assert done.folder == tmp_path / "c"
    result = read_result(done.folder)
    assert (result.case_id, result.outcome, result.message) == ("c", done.outcome, done.message)
    assert done.first is not None
    first = result.candidates[0]
    assert (done.first.disease_id, done.first.posterior) == (first.disease_id, first.posterior)
    assert set(table_of(tmp_path)["case_id"]) == {"c"}
    kept = table_metadata(tmp_path / "cases.parquet")
    assert (kept["schema"], kept["tool"], kept["knowledge"]) == ("genopraxis.cases/1", TOOL, TINY)


def test_what_comes_back_of_a_case_is_small(tmp_path: Path) -> None:
    """Ten thousand results would fill the memory: they are on disk."""
    (done,) = run([terms("c", SEIZURE, LENS, WEAKNESS)], tmp_path)
    whole = (tmp_path / "c" / "result.json").stat().st_size
    assert len(pickle.dumps(done)) < 1500 < whole


def test_many_cases_have_one_table(tmp_path: Path) -> None:
    advanced: list[int] = []
    done = run(
        [terms("a", ARACHNODACTYLY, LENS), terms("b", WEAKNESS), terms("silent")],
        tmp_path,
        top=3,
        advance=advanced.append,
    )
    assert sum(advanced) == 3
    table = pl.read_parquet(tmp_path / "cases.parquet")
    CASES.check(table, raise_errors=True)
    assert table.group_by("case_id", maintain_order=True).len().rows() == [("a", 3), ("b", 3), ("silent", 1)]
    first = table.row(0, named=True)
    assert (first["disease_id"], first["rank"], first["folder"], first["genes"]) == (
        "OMIM:154700",
        1.0,
        "a",
        ["FBN1"],
    )
    silent = table.row(6, named=True)
    assert (silent["outcome"], silent["disease_id"]) == ("no_phenotype_given", None)
    assert [d.first is not None for d in done] == [True, True, False]


def test_bad_one_among_many(tmp_path: Path) -> None:
    paths = write(tmp_path / "in", packet("a", SEIZURE), packet("b", SEIZURE), packet("c", "HP:0001251"))
    paths[1].write_text("{", encoding="utf-8")
    done = run(load_cases(paths), tmp_path / "out")
    assert [d.problem is None for d in done] == [True, False, False]
    table = pl.read_parquet(tmp_path / "out" / "cases.parquet")
    CASES.check(table, raise_errors=True)
    bad = table.filter(pl.col("outcome") == "not_run")
    assert bad["case_id"].to_list() == ["01.json", "c"]
    assert "01.json" in bad["message"][0]
    assert "HP:0001251" in bad["message"][1]
    assert files(tmp_path / "out") == ["a/report.html", "a/result.json", "cases.parquet"]


def test_two_jobs_give_the_same(tmp_path: Path) -> None:
    cases = [terms(f"c{i}", *([SEIZURE, LENS, WEAKNESS][: i % 4])) for i in range(6)] + [
        terms("bad", "HP:7777777")
    ]
    first = run(cases, tmp_path / "one")
    second = run(cases, tmp_path / "two", jobs=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert [d.case_id for d in first] == [d.case_id for d in second]
    assert first[0].first == second[0].first
    assert table_of(tmp_path / "one").equals(table_of(tmp_path / "two"))


def test_rerun_replaces_what_was_there(tmp_path: Path) -> None:
    run([terms("a", SEIZURE), terms("b", SEIZURE)], tmp_path)
    before = pl.read_parquet(tmp_path / "cases.parquet")
    run([terms("a", ARACHNODACTYLY, LENS), terms("b", SEIZURE)], tmp_path)
    assert read(tmp_path / "a" / "result.json").candidates[0].disease_id == "OMIM:154700"
    assert not pl.read_parquet(tmp_path / "cases.parquet").equals(before)
    assert files(tmp_path) == [
        "a/report.html",
        "a/result.json",
        "b/report.html",
        "b/result.json",
        "cases.parquet",
    ]


# A case that could not be run this time must not keep the report of last time: a reader takes it for today's.
def test_rerun_that_fails_leaves_no_report_of_last_time(tmp_path: Path) -> None:
    run([terms("a", SEIZURE), terms("b", SEIZURE)], tmp_path)
    done = run([terms("a", SEIZURE), terms("b", "HP:7777777")], tmp_path)
    assert done[1].problem is not None
    assert files(tmp_path) == ["a/report.html", "a/result.json", "cases.parquet"]


STRANGE = (
    "../escape", "/etc/passwd", "a/b", "..", ".", "", "CON", "Müller, Jürgen", "患者一", "A", "a", "x" * 300,
    "c\x1b[31m", "a\nb", "nul.txt", "dot.", "-rf", "%2e%2e",
)  # fmt: skip


def test_strange_case_ids_stay_in_their_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run([terms(case_id, SEIZURE) for case_id in STRANGE], out)
    assert all(d.problem is None for d in done)
    folders = [d.folder for d in done]
    assert all(folder is not None and folder.parent == out for folder in folders)
    assert len({folder.name.casefold() for folder in folders if folder}) == len(STRANGE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    table = pl.read_parquet(out / "cases.parquet")
    assert table["case_id"].unique().sort().to_list() == sorted(STRANGE)
    for d in done:
        assert d.folder is not None
        assert read(d.folder / "result.json").case_id == d.case_id


def test_plain_ids_keep_their_name() -> None:
    assert safe_name("PMID_123_patient-1.2") == "PMID_123_patient-1.2"


def test_output_that_cannot_be_written_is_one_error_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(GenopraxisError, match="file"):
        run([terms("a", SEIZURE)], tmp_path / "file" / "out")


def test_place_of_one_case_that_is_taken_is_a_problem_of_that_case(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("a file is in the way")
    done = run([terms("a", SEIZURE), terms("b", SEIZURE), terms("c", SEIZURE)], tmp_path)
    assert [d.problem is None for d in done] == [True, False, True]
    assert (tmp_path / "b").read_text() == "a file is in the way"


def test_unknown_tool_and_release_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(GenopraxisError, match=r"phenotype\.nothing"):
        run_cases([terms("a", SEIZURE)], out=tmp_path, tool="phenotype.nothing", release=TINY)
    with pytest.raises(GenopraxisError, match="no-such"):
        run_cases([terms("a", SEIZURE)], out=tmp_path, tool=TOOL, release="no-such")


def test_table_of_nothing_but_problems(tmp_path: Path) -> None:
    run([LoadedCase(name="a", problem=InputError("is damaged", where="a.json"))], tmp_path)
    table = table_of(tmp_path)
    assert table.select("case_id", "outcome", "message").rows() == [("a", "not_run", "a.json: is damaged")]


def _command(folder: Path, out: Path) -> list[str]:
    arguments = ["diagnose", str(folder), "--out", str(out), "--knowledge", TINY]
    return [sys.executable, "-c", "from genopraxis.cli.main import main; main()", *arguments]


def test_two_runs_into_the_same_folder(tmp_path: Path) -> None:
    write(tmp_path / "in", *(packet(f"c{i}", SEIZURE, LENS) for i in range(12)))
    command = _command(tmp_path / "in", tmp_path / "out")
    runs = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for started in runs:
        _, err = started.communicate(timeout=120)
        assert started.returncode == 0, err
    assert len(files(tmp_path / "out")) == 12 * 2 + 1
    for path in (tmp_path / "out").glob("*/result.json"):
        assert read(path).outcome == "ranked"
    CASES.check(pl.read_parquet(tmp_path / "out" / "cases.parquet"), raise_errors=True)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_killed_run_leaves_nothing_half_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(tmp_path / "in", *(packet(f"c{i:03d}", SEIZURE, LENS) for i in range(120)))
    with subprocess.Popen(
        _command(tmp_path / "in", out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        # killed in the middle: as soon as some cases are done
        end = time.monotonic() + 60
        while len(list(out.glob("*/result.json"))) < 5 and running.poll() is None:
            assert time.monotonic() < end, "the run did not begin"
            time.sleep(0.002)
        assert running.poll() is None, "the run was over before it could be killed"
        running.send_signal(signal.SIGKILL)
    assert not (out / "cases.parquet").exists()
    results, reports = list(out.glob("*/result.json")), list(out.glob("*/report.html"))
    assert 5 <= len(results) < 120
    for path in results:
        assert read(path).outcome == "ranked"
    for path in reports:
        assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    # the same command afterwards finishes the work
    again = subprocess.run(_command(tmp_path / "in", out), capture_output=True, check=False)
    assert again.returncode == 0
    assert len(list(out.glob("*/result.json"))) == 120


@dataclass(frozen=True)
class RefusesOne:
    """Refuses one case; it goes to other processes."""

    case_id: str

    def allow(self, card: ToolCard, *, task: str, patient: Patient) -> str:
        if patient.case_id == self.case_id:
            raise RefusedError(f"{card.id} is not for this case: too young; no approved release for {task}")
        return f"Approved in {os.getpid()}"


class Notes:
    """A recorder that cannot be pickled, as one that holds a connection."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.events: list[tuple[str, dict[str, Any], bool]] = []

    def record(self, event: str, payload: Mapping[str, Any], provenance: Provenance | None) -> None:
        self.events.append((event, dict(payload), provenance is not None))


@pytest.mark.parametrize("jobs", [1, 2])
def test_refused_case_is_a_result_with_its_reasons(tmp_path: Path, jobs: int) -> None:
    notes = Notes()
    ports = replace(RESEARCH_USE, policy=RefusesOne("b"), recorder=notes)
    cases = [terms(name, SEIZURE) for name in "abc"] + [terms("bad", "HP:7777777")]
    done = run(cases, tmp_path, jobs=jobs, ports=ports)
    assert [d.outcome for d in done] == ["ranked", "not_run", "ranked", "not_run"]
    assert isinstance(done[1].problem, RefusedError)
    assert done[1].folder is not None
    result = read_result(done[1].folder)
    assert result.outcome == "not_run"
    assert "too young; no approved release for phenotype" in result.message
    assert result.candidates == ()
    assert result.given.features[0].given_id == SEIZURE
    assert "too young" in (done[1].folder / "report.html").read_text(encoding="utf-8")
    row = table_of(tmp_path).filter(case_id="b").row(0, named=True)
    assert (row["outcome"], row["message"], row["folder"]) == ("not_run", result.message, "b")
    # recorded here, in order, whatever the process
    assert [e[1]["case_id"] for e in notes.events] == ["a", "b", "c", "bad"]
    assert [e[1]["outcome"] for e in notes.events] == ["ranked", "not_run", "ranked", "not_run"]
    assert "too young" in notes.events[1][1]["refused"]
    assert notes.events[3][1]["problem"] == "InputError"
    assert [e[2] for e in notes.events] == [True, True, True, False]
    banner = read_result(tmp_path / "a").banner
    assert (banner == f"Approved in {os.getpid()}") == (jobs == 1)


FAULTY = """
import math
from dataclasses import replace
from genopraxis.tasks.phenotype.tools.resnik import ResnikRanker, ResnikTool

class Ranker(ResnikRanker):
    def rank(self, query):
        if len(query.observed) == 2:
            raise ZeroDivisionError("two signs are too many")
        scores = super().rank(query)
        if len(query.observed) == 3:
            return replace(scores, probability=scores.score * math.nan)
        return scores

class Faulty(ResnikTool):
    card = ResnikTool.card.model_copy(update={"id": "phenotype.faulty"})
    def prepare(self, knowledge):
        return Ranker(self, knowledge)

class Unready(ResnikTool):
    card = ResnikTool.card.model_copy(update={"id": "phenotype.unready"})
    def prepare(self, knowledge):
        raise KeyError("weights")
"""


@pytest.fixture
def faulty(install: Install, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "faulty_plugin.py").write_text(FAULTY, encoding="utf-8")
    names = {"phenotype.faulty": "Faulty", "phenotype.unready": "Unready"}
    install({TOOLS: {name: f"faulty_plugin:{value}" for name, value in names.items()}}, code)


@pytest.mark.usefixtures("faulty")
def test_tool_that_fails_on_a_case_harms_no_other(tmp_path: Path) -> None:
    out = tmp_path / "out"
    cases = [terms("a", SEIZURE), terms("b", SEIZURE, LENS), terms("c", SEIZURE, LENS, WEAKNESS)]
    done = run_cases([*cases, terms("d", LENS)], out=out, tool="phenotype.faulty", release=TINY)
    assert [d.problem is None for d in done] == [True, False, False, True]
    assert isinstance(done[1].problem, PluginError)
    assert "phenotype.faulty" in done[1].message
    assert "ZeroDivisionError: two signs are too many" in done[1].message
    # a probability that is none is found when the result is made, and leaves nothing half-written
    assert isinstance(done[2].problem, GenopraxisError)
    assert sorted(path.name for path in out.iterdir()) == ["a", "cases.parquet", "d"]


@pytest.mark.usefixtures("faulty")
def test_tool_that_cannot_be_prepared_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"phenotype\.unready.*KeyError"):
        run_cases([terms("a", SEIZURE)], out=tmp_path, tool="phenotype.unready", release=TINY)


def test_report_that_cannot_be_made_harms_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = one.render_report

    def fails(result: CaseResult) -> str:
        if result.case_id == "b":
            raise RecursionError("too deep")
        return made(result)

    monkeypatch.setattr(one, "render_report", fails)
    done = run([terms(name, SEIZURE) for name in "abc"], tmp_path)
    assert [d.problem is None for d in done] == [True, False, True]
    assert "RecursionError: too deep" in done[1].message
    assert not (tmp_path / "b").exists()


def test_table_of_last_time_does_not_outlive_a_run_that_stops(tmp_path: Path) -> None:
    run([terms("a", SEIZURE), terms("b", SEIZURE)], tmp_path)
    with pytest.raises(GenopraxisError):
        run_cases([terms("a", SEIZURE)], out=tmp_path, tool="phenotype.nothing", release=TINY)
    assert not (tmp_path / "cases.parquet").exists()


def test_release_built_anew_under_its_name_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: HpoKnowledge
) -> None:
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "data"))
    seen = []
    for note in ("first", "second"):
        add_release(replace(tiny, notes=(note,), releases=_renamed(tiny, note)), name="mine")
        run_cases([terms("a", SEIZURE)], out=tmp_path / "out", tool=TOOL, release="mine")
        seen.append(read_result(tmp_path / "out" / "a").provenance.releases[0].version)
    assert seen == ["first", "second"]


def _renamed(knowledge: HpoKnowledge, version: str) -> tuple[DataRelease, ...]:
    return tuple(r.model_copy(update={"version": version}) for r in knowledge.releases)


def test_settings_reach_tool_and_provenance(tmp_path: Path) -> None:
    run([terms("a", SEIZURE)], tmp_path, settings={"noise": "0.25"}, exclusions="systematic")
    result = read_result(tmp_path / "a")
    assert result.tool.parameters["noise"] == 0.25
    assert result.provenance.parameters["noise"] == 0.25
    with pytest.raises(InputError, match=r"no parameter 'nose'.*noise"):
        run([terms("a", SEIZURE)], tmp_path, settings={"nose": "0.25"})


@pytest.mark.skipif(shutil.which("ps") is None, reason="ps is not here")
def test_interrupted_run_ends_in_order(tmp_path: Path) -> None:
    """Ctrl-C goes to all processes of the terminal: no orphan, no trace, nothing half-written."""
    out = tmp_path / "out"
    write(tmp_path / "in", *(packet(f"c{i:03d}", SEIZURE, LENS) for i in range(300)))
    with subprocess.Popen(
        [*_command(tmp_path / "in", out), "--jobs", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        end = time.monotonic() + 60
        while len(list(out.glob("*/result.json"))) < 5 and running.poll() is None:
            assert time.monotonic() < end, "the run did not begin"
            time.sleep(0.002)
        assert running.poll() is None, "the run was over before it could be stopped"
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert err.count("error: ") == 1
    _wait_for_the_end(running.pid)
    found = files(out)
    assert 10 <= len(found) < 600
    assert not any(name.endswith(".tmp") for name in found)
    assert "cases.parquet" not in found


@pytest.mark.skipif(shutil.which("ps") is None, reason="ps is not here")
def test_processes_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(tmp_path / "in", *(packet(f"c{i:03d}", SEIZURE, LENS) for i in range(300)))
    with subprocess.Popen(
        [*_command(tmp_path / "in", out), "--jobs", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:
        end = time.monotonic() + 60
        while len(list(out.glob("*/result.json"))) < 5 and running.poll() is None:
            assert time.monotonic() < end, "the run did not begin"
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        running.wait(timeout=30)
    _wait_for_the_end(running.pid)


def _wait_for_the_end(group: int) -> None:
    end = time.monotonic() + 20
    while _alive(group):
        assert time.monotonic() < end, "processes of the stopped run go on"
        time.sleep(0.05)


def _alive(group: int) -> list[str]:
    listed = subprocess.run(["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True)
    # a zombie that nobody waits for is no process that works
    rows = (line.split() for line in listed.stdout.splitlines())
    return [stat for pgid, stat in rows if int(pgid) == group and not stat.startswith("Z")]
