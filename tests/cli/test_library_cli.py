"""``genopraxis library`` as a user sees it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from genopraxis.knowledge import shipped_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.local_library import LocalLibrary
from genopraxis.knowledge.releases import add_release
from running import TINY, Cli, cli_process

LENS, ARACHNODACTYLY, SEIZURE = "HP:0001083", "HP:0001166", "HP:0001250"
RELEASE = ("--knowledge", TINY)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, tiny: HpoKnowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(shipped_library, "package_folder", lambda: tmp_path / "nothing")
    add_release(tiny, name=TINY)


def line(case_id: str, *observed: str, **more) -> dict:
    return {"case_id": case_id, "observed": list(observed), "disease_id": "OMIM:154700"} | more


def write(path: Path, *cases: dict) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


def local_row(out: str) -> list[str]:
    """The row of the local library: patients, publications, diseases."""
    return next(row.split()[:4] for row in out.splitlines() if row.strip().startswith("local"))


def ids() -> list[str]:
    return [case.case_id for case in LocalLibrary().cases()]


@pytest.fixture
def three(tmp_path: Path) -> Path:
    cases = [line(name, LENS, ARACHNODACTYLY, gene="FBN1") for name in ("a", "b")]
    return write(
        tmp_path / "cases.jsonl", *cases, line("é", SEIZURE, disease_id="OMIM:999999", pmid="PMID:9")
    )


def test_add_list_status_remove(cli: Cli, three: Path) -> None:
    added = cli("library", "add", three, *RELEASE).done()
    assert "3 case(s) added" in added.err
    assert "OMIM:999999" in added.err, "a disease that the release does not know is told"
    listed = cli("library", "list").done().out
    assert all(word in listed for word in ("3 case(s)", "é", "FBN1", "PMID:9", "OMIM:999999"))
    status = cli("library", "status").done()
    assert local_row(status.out) == ["local", "3", "1", "2"]
    assert "personal data" in status.err
    assert "2 case(s) removed" in cli("library", "remove", "a", "é").done().err
    assert ids() == ["b"]
    cli("library", "remove", "b", "zz").refused("'zz'", "nothing was removed")
    assert ids() == ["b"]


def test_status_of_knowledge_shows_the_libraries(cli: Cli, three: Path, embedded: HpoKnowledge) -> None:
    cli("library", "add", three, *RELEASE).done()
    shown = cli("knowledge", "status").done().out
    assert "Case libraries" in shown
    assert local_row(shown) == ["local", "3", "1", "2"]
    LocalLibrary().path.write_bytes(b"broken")
    damaged = cli("knowledge", "status").done()
    assert "local case library cannot be read" in damaged.err


def test_adding_again_replaces(cli: Cli, three: Path, tmp_path: Path) -> None:
    cli("library", "add", three, *RELEASE).done()
    again = cli("library", "add", write(tmp_path / "x.jsonl", line("a", SEIZURE), line("n", LENS)), *RELEASE)
    assert "1 case(s) replaced: a" in again.done().err
    assert "1 case(s) added" in again.err
    assert ids() == ["a", "b", "n", "é"]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    folder = tmp_path / "Jane Doe"
    write(
        folder / "lines.jsonl",
        line("good", LENS),
        line("bad", "HP:0001260"),
        line("open", LENS, disease_id=None),
    )
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress((folder / "lines.jsonl").read_bytes())[:-9])
    return folder


def test_nothing_is_added_when_one_is_bad(cli: Cli, mixed: Path) -> None:
    files = [mixed / "lines.jsonl", mixed / "cut.jsonl.gz"]
    ran = cli("library", "add", *files, *RELEASE)
    assert ran.code == 2
    assert ran.err.count("error: ") == 2
    assert "lines.jsonl, bad: HP:0001260 is unknown" in ran.err.replace("HPO term ", "")
    assert "nearest terms: " in ran.err
    assert "truncated" in ran.err
    assert "nothing was added" in ran.err
    assert "1 case(s) without a known disease left out: open" in ran.err
    assert "Jane" not in ran.err
    assert ids() == []
    assert not LocalLibrary().folder.exists()


def test_the_rest_is_added_when_asked(cli: Cli, mixed: Path) -> None:
    ran = cli("library", "add", mixed / "lines.jsonl", mixed / "cut.jsonl.gz", *RELEASE, "--skip-bad").done()
    assert ran.err.count("warning: ") == 2
    assert "1 case(s) added, 2 left out" in ran.err
    assert ids() == ["good"]


def test_no_usable_case(cli: Cli, tmp_path: Path) -> None:
    open_case = write(tmp_path / "x.jsonl", line("open", LENS, disease_id=None))
    cli("library", "add", open_case, *RELEASE).refused("no case can be added", "open")
    bad = write(tmp_path / "y.jsonl", line("bad"))
    cli("library", "add", bad, *RELEASE, "--skip-bad").refused("no case can be added", "has no terms")
    cli("library", "add", tmp_path / "nothing", *RELEASE).refused("no such file")
    assert not LocalLibrary().folder.exists()


def test_an_empty_library_is_no_error(cli: Cli, tmp_path: Path) -> None:
    assert "no case" in cli("library", "list").done().err
    assert local_row(cli("library", "status").done().out) == ["local", "0", "0", "0"]
    ran = cli("library", "export", "--out", tmp_path / "out.tsv", *RELEASE).done()
    assert "0 cell(s) of 0 disease(s)" in ran.err
    assert len((tmp_path / "out.tsv").read_text().splitlines()) == 3


def test_export(cli: Cli, tmp_path: Path) -> None:
    cases = [line(f"SECRET{i}", LENS, *([ARACHNODACTYLY] if i < 2 else [])) for i in range(6)]
    cases.append(line("SECRET-other", SEIZURE, disease_id="OMIM:607208"))
    cli("library", "add", write(tmp_path / "x.jsonl", *cases), *RELEASE).done()
    out = tmp_path / "out.tsv"
    ran = cli("library", "export", "--out", out, *RELEASE).done()
    assert "1 cell(s) of 1 disease(s)" in ran.err
    assert "1 cell(s) with a number below 5 suppressed, 1 disease(s) left out" in ran.err
    assert out.read_text().splitlines()[2:] == [
        "disease_id\tterm_id\tobserved\texamined",
        f"OMIM:154700\t{LENS}\t6\t6",
    ]
    assert "SECRET" not in out.read_text()
    cli("library", "export", "--out", out, *RELEASE, "--min-patients", 1).refused("2 is the least")
    cli("library", "export", "--out", tmp_path / "out.csv", *RELEASE).refused(".parquet or .tsv")


def test_a_diagnosis_uses_the_library_and_leaves_its_own_patient_out(
    cli: Cli, three: Path, tmp_path: Path
) -> None:
    cli("library", "add", three, *RELEASE).done()
    for case_id, told in (("a", True), ("new", False)):
        ran = cli("diagnose", "--hpo", LENS, "--id", case_id, "--out", tmp_path / "out", *RELEASE).done()
        assert ("left out for this case" in ran.err) == told


def test_a_damaged_library_stops_a_diagnosis(cli: Cli, three: Path, tmp_path: Path) -> None:
    cli("library", "add", three, *RELEASE).done()
    LocalLibrary().path.write_bytes(b"PAR1 broken")
    cli("diagnose", "--hpo", LENS, "--out", tmp_path / "out", *RELEASE).refused("restore it from a backup")


def test_the_command_itself(tmp_path: Path, three: Path) -> None:
    assert "3 case(s) added" in cli_process("library", "add", three, *RELEASE).done().err
    assert "é" in cli_process("library", "list", PYTHONIOENCODING="utf-8").done().out
