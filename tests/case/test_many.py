"""Many cases: one table, one folder each, nothing half-written, whatever happens to one of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from case_packets import packet, write

from genopraxis.case.load import LoadedCase, case_from_terms, load_cases
from genopraxis.case.many import CASES, Done, cases_table, run_cases
from genopraxis.case.result import CaseResult
from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.formats.files import safe_name
from genopraxis.testing import TableContractChecks
from running import TINY

TOOL = "phenotype.likelihood"
SEIZURE, ARACHNODACTYLY, LENS, WEAKNESS = "HP:0001250", "HP:0001166", "HP:0001083", "HP:0001324"

pytestmark = pytest.mark.usefixtures("tiny_release")


class TestTable(TableContractChecks):
    contract = CASES
    example = pl.DataFrame(
        [("c", "ranked", "m", "c", 1.0, "OMIM:1", "A", 0.5, 1.0, ["G"])], schema=CASES.schema, orient="row"
    )


def terms(case_id: str, *observed: str) -> LoadedCase:
    return case_from_terms(case_id=case_id, observed=observed, excluded=[])


def run(cases, out: Path, **more) -> list[Done]:
    return run_cases(list(cases), out=out, tool=TOOL, release=TINY, **more)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def read(path: Path) -> CaseResult:
    return CaseResult.from_mapping(json.loads(path.read_text(encoding="utf-8")), where=str(path))


def test_one_case_has_no_table(tmp_path: Path) -> None:
    (done,) = run([terms("c", SEIZURE)], tmp_path)
    assert done.problem is None
    assert files(tmp_path) == ["c/report.html", "c/result.json"]
    assert read(tmp_path / "c" / "result.json") == done.result


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
    assert table.equals(cases_table(done))


def test_bad_one_among_many(tmp_path: Path) -> None:
    paths = write(tmp_path / "in", packet("a", SEIZURE), packet("b", SEIZURE), packet("c", "HP:0001251"))
    paths[1].write_text("{", encoding="utf-8")
    done = run(load_cases(paths), tmp_path / "out")
    assert [one.problem is None for one in done] == [True, False, False]
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
    one = run(cases, tmp_path / "one")
    two = run(cases, tmp_path / "two", jobs=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert [d.case_id for d in one] == [d.case_id for d in two]
    assert cases_table(one).equals(cases_table(two))


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
    assert all(one.problem is None for one in done)
    folders = [one.folder for one in done]
    assert all(folder is not None and folder.parent == out for folder in folders)
    assert len({folder.name.casefold() for folder in folders if folder}) == len(STRANGE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    table = pl.read_parquet(out / "cases.parquet")
    assert table["case_id"].unique().sort().to_list() == sorted(STRANGE)
    for one in done:
        assert one.folder is not None
        assert read(one.folder / "result.json").case_id == one.case_id


def test_plain_ids_keep_their_name() -> None:
    assert safe_name("PMID_123_patient-1.2") == "PMID_123_patient-1.2"


def test_output_that_cannot_be_written_is_one_error_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(GenopraxisError, match="file"):
        run([terms("a", SEIZURE)], tmp_path / "file" / "out")


def test_place_of_one_case_that_is_taken_is_a_problem_of_that_case(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("a file is in the way")
    done = run([terms("a", SEIZURE), terms("b", SEIZURE), terms("c", SEIZURE)], tmp_path)
    assert [one.problem is None for one in done] == [True, False, True]
    assert (tmp_path / "b").read_text() == "a file is in the way"


def test_unknown_tool_and_release_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(GenopraxisError, match=r"phenotype\.nothing"):
        run_cases([terms("a", SEIZURE)], out=tmp_path, tool="phenotype.nothing", release=TINY)
    with pytest.raises(GenopraxisError, match="no-such"):
        run_cases([terms("a", SEIZURE)], out=tmp_path, tool=TOOL, release="no-such")


def test_table_of_nothing_but_problems() -> None:
    table = cases_table([Done(case_id="a", problem=InputError("is damaged", where="a.json"))])
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
    for one in runs:
        _, err = one.communicate(timeout=120)
        assert one.returncode == 0, err
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
