"""``genopraxis diagnose``: from the command line to reports, and every wrong command to one clear message."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from genopraxis.case.cases_table import CASES
from running import Cli, Finished, cli_process

SEIZURE, LENS, ARACHNODACTYLY = "HP:0001250", "HP:0001083", "HP:0001166"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def result(out: Path, case_id: str = "case") -> dict:
    found: dict = json.loads((out / case_id / "result.json").read_text(encoding="utf-8"))
    return found


def test_examples(cli: Cli, out: Path, examples: Path) -> None:
    files = sorted(p for p in examples.iterdir() if p.is_file() and p.name != "README.md")
    found = cli("diagnose", *files, "--out", out).done()
    table = pl.read_parquet(out / "cases.parquet")
    CASES.check(table, raise_errors=True)
    first = dict(table.filter(pl.col("rank") == 1).select("case_id", "disease_id").iter_rows())
    assert first["demo-marfan"] == "OMIM:154700"
    # its subtypes differ by gene more than by signs
    assert "Noonan" in table.filter(case_id="demo-noonan", rank=1.0)["disease_name"][0]
    assert set(table["outcome"]) == {"ranked"}
    assert len(list(out.glob("*/report.html"))) == len(files) == 5
    for name in first:
        assert name in found.out
    # an untidy packet: each repair is told, in the result and in the report
    repairs = result(out, "demo-repairs")["repairs"]
    assert len({r["code"] for r in repairs}) >= 5
    report = (out / "demo-repairs" / "report.html").read_text(encoding="utf-8")
    assert "Research use only" in report
    for page in out.glob("*/report.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script src" not in text
        assert "<link" not in text.replace('<link rel="icon" href="data:', "")
        assert '<img src="http' not in text


def test_bad_examples(cli: Cli, out: Path, examples: Path) -> None:
    for bad, word in (("truncated.json", "truncated.json"), ("version1.json", "ersion 1")):
        cli("diagnose", examples / "bad" / bad, "--out", out / bad).refused(word)
        assert not list((out / bad).glob("*/result.json"))


def test_bad_among_good(cli: Cli, out: Path, examples: Path) -> None:
    found = cli("diagnose", examples / "demo-marfan.json", examples / "bad" / "truncated.json", "--out", out)
    assert found.code == 2
    assert found.err.count("error: ") == 1
    assert "truncated.json" in found.err
    assert "Marfan" in found.out
    assert result(out, "demo-marfan")["outcome"] == "ranked"
    table = pl.read_parquet(out / "cases.parquet")
    assert set(table["outcome"]) == {"ranked", "not_run"}


def test_terms(cli: Cli, out: Path, tiny_release: str) -> None:
    found = cli(
        "diagnose", "--hpo", f"{ARACHNODACTYLY},{LENS}", "--not", SEIZURE, "--sex", "female", "--age", "P3Y6M",
        "--id", "mine", "--tool", "phenotype.likelihood", "--knowledge", tiny_release, "--out", out,
    ).done()  # fmt: skip
    made = result(out, "mine")
    assert made["given"]["sex"] == "female"
    assert made["given"]["age_years"] == pytest.approx(3.5)
    assert made["given"]["source"] == "command line"
    assert [(f["term_id"], f["excluded"]) for f in made["given"]["features"]] == [
        (ARACHNODACTYLY, False), (LENS, False), (SEIZURE, True),
    ]  # fmt: skip
    assert made["candidates"][0]["disease_id"] == "OMIM:154700"
    assert "OMIM:154700" in found.out
    assert str(out / "mine" / "report.html") in found.err.replace("\n", "")


def test_option_may_be_repeated(cli: Cli, out: Path, tiny_release: str) -> None:
    cli("diagnose", "--hpo", ARACHNODACTYLY, "--hpo", LENS, "--knowledge", tiny_release, "--out", out).done()
    assert len(result(out)["given"]["features"]) == 2


def test_parameter_of_the_tool(cli: Cli, out: Path, tiny_release: str) -> None:
    words = ("--set", "noise=0.25", "--set", "use_excluded=false", "--knowledge", tiny_release, "--out", out)
    cli("diagnose", "--hpo", LENS, "--tool", "phenotype.likelihood", *words).done()
    made = result(out)
    for found in (made["tool"]["parameters"], made["provenance"]["parameters"]):
        assert (found["noise"], found["use_excluded"]) == (0.25, False)


@pytest.mark.parametrize("how", ["selected", "systematic", "ignore"])
def test_how_absent_signs_came_about(cli: Cli, out: Path, tiny_release: str, how: str) -> None:
    words = ("--hpo", LENS, "--not", SEIZURE, "--excluded", how, "--knowledge", tiny_release)
    cli("diagnose", *words, "--out", out).done()
    made = result(out)
    assert made["provenance"]["parameters"]["exclusions"] == how
    counted = {f["term_id"]: f["counted"] for f in made["given"]["features"]}
    assert counted == {LENS: True, SEIZURE: how != "ignore"}


def test_no_verb_pays_for_another(out: Path, tiny_release: str) -> None:
    import subprocess
    import sys

    code = (
        "import sys; sys.argv = ['genopraxis', *sys.argv[1:]]\n"
        "from genopraxis.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print([m for m in sys.modules if m in ('httpx', 'matplotlib') or m.startswith('genopraxis.bench')])"
    )
    words = ["diagnose", "--hpo", LENS, "--knowledge", tiny_release, "--out", str(out)]
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr


def test_only_exclusions_is_an_outcome(cli: Cli, out: Path, tiny_release: str) -> None:
    found = cli("diagnose", "--not", SEIZURE, "--knowledge", tiny_release, "--out", out).done()
    assert result(out)["outcome"] == "no_phenotype_given"
    assert "No phenotype given" in found.out


def test_result_goes_to_stdout_and_notes_to_stderr(cli: Cli, out: Path, tiny_release: str) -> None:
    found = cli("diagnose", "--hpo", "HP:0002279", "--knowledge", tiny_release, "--out", out).done()
    assert "alternative id" in found.err
    assert "alternative id" not in found.out
    assert "note: " not in found.out
    assert "disease" in found.out


def test_pipe_holds_no_progress_and_no_colour(out: Path, examples: Path, tiny_release: str) -> None:
    found = cli_process("diagnose", examples, "--out", out)
    # examples/bad is below: two are refused, the others are done
    assert found.code == 2
    for stream in (found.out, found.err):
        assert "\x1b" not in stream
        assert "━" not in stream
        assert "\r" not in stream
    assert found.err.count("error: ") == 2
    assert "5 of 7" in found.err


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), ("no case was given",)),
        (("--sex", "female"), ("no case was given",)),
        (("--hpo", "HP:1"), ("HP:1", "HP:0001250")),
        (("--hpo", SEIZURE, "--sex", "girl"), ("--sex", "female")),
        (("--hpo", SEIZURE, "--age", "3 years"), ("--age", "P3Y6M")),
        (("--hpo", SEIZURE, "--tool", "phenotype.nothing"), ("phenotype.nothing", "phenotype.likelihood")),
        (("--hpo", SEIZURE, "--knowledge", "nothing"), ("nothing", "embedded")),
        (("--hpo", SEIZURE, "--set", "solve_rat=1"), ("'solve_rat'", "solve_rate")),
        (("--hpo", SEIZURE, "--set", "solve_rate=much"), ("'much'", "a number")),
        (("--hpo", SEIZURE, "--set", "noise"), ("--set", "NAME=VALUE")),
        (("--hpo", SEIZURE, "--set", "noise=1", "--set", "noise=2"), ("twice",)),
        (("--hpo", SEIZURE, "--tool", "phenotype.resnik", "--set", "noise=1"), ("no parameter",)),
        (("--hpo", SEIZURE, "--excluded", "always"), ("always", "systematic")),
        (("nowhere.json",), ("nowhere.json",)),
        (("nowhere.json", "--hpo", SEIZURE), ("together",)),
        (("nowhere.json", "--sex", "male"), ("together",)),
        (("nowhere.json", "--age", "P3Y"), ("together",)),
    ],
)
def test_wrong_commands(cli: Cli, out: Path, words: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    found = cli("diagnose", *words, "--out", out).refused(*wanted)
    assert found.out == ""
    assert not list(out.rglob("*.json")) if out.exists() else True


def test_unknown_term_names_the_nearest(cli: Cli, out: Path, tiny_release: str) -> None:
    cli("diagnose", "--hpo", "HP:0001259", "--knowledge", tiny_release, "--out", out).refused(
        "HP:0001259", "HP:0001250 (Seizure)"
    )
    assert not list(out.glob("*/*"))


def test_unknown_term_of_a_packet_names_the_nearest_by_its_label(
    cli: Cli, out: Path, tmp_path: Path, tiny_release: str
) -> None:
    packet = {
        "id": "c",
        "phenotypicFeatures": [{"type": {"id": "HP:7777777", "label": "Weakness of muscles"}}],
        "metaData": {"created": "2025-02-03T09:30:00Z", "createdBy": "t", "phenopacketSchemaVersion": "2.0"},
    }
    path = tmp_path / "c.json"
    path.write_text(json.dumps(packet), encoding="utf-8")
    cli("diagnose", path, "--knowledge", tiny_release, "--out", out).refused(
        "HP:7777777", "Weakness of muscles", "HP:0001324 (Muscle weakness)"
    )


def test_empty_folder(cli: Cli, out: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    cli("diagnose", tmp_path / "empty", "--out", out).refused("empty", "no phenopacket")


def test_output_below_a_file(cli: Cli, tmp_path: Path, tiny_release: str) -> None:
    (tmp_path / "file").write_text("x")
    for place in ("file", "file/below"):
        cli("diagnose", "--hpo", SEIZURE, "--knowledge", tiny_release, "--out", tmp_path / place).refused(
            "file"
        )
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_output_without_permission(cli: Cli, tmp_path: Path, tiny_release: str) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    cli("diagnose", "--hpo", SEIZURE, "--knowledge", tiny_release, "--out", closed / "x").refused(
        "permission"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.json", b""),
        ("list.json", b"[]"),
        ("number.json", b"7"),
        ("latin1.json", '{"id": "Jürgen"}'.encode("latin-1")),
        ("utf16.json", '{"id": "a"}'.encode("utf-16")),
        ("deep.json", b'{"a":' * 5000 + b"1" + b"}" * 5000),
        ("text.json", b"This is no packet."),
        ("binary.pb", b"\xff\xff\xff\xff"),
        ("page.yaml", b"<html>\n<p>"),
    ],
)
def test_files_that_are_no_phenopackets(
    cli: Cli, out: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    cli("diagnose", tmp_path / name, "--out", out).refused(name)
    assert not list(out.glob("*/*"))


def test_same_case_id_twice(cli: Cli, out: Path, tmp_path: Path, examples: Path) -> None:
    copy = tmp_path / "copy.json"
    copy.write_bytes((examples / "demo-marfan.json").read_bytes())
    found = cli("diagnose", examples / "demo-marfan.json", copy, "--out", out).refused(
        "demo-marfan", "copy.json"
    )
    assert "Marfan" in found.out
    assert result(out, "demo-marfan")["outcome"] == "ranked"


def test_case_id_cannot_forge_a_line_of_the_terminal(cli: Cli, out: Path, tiny_release: str) -> None:
    found: Finished = cli(
        "diagnose",
        "--hpo",
        SEIZURE,
        "--id",
        "x\nerror: all is lost\x1b[31m",
        "--knowledge",
        tiny_release,
        "--out",
        out,
    )
    assert found.code == 0
    assert "\x1b" not in found.out + found.err
    assert not any(line.startswith("error: ") for line in (found.out + found.err).splitlines())


def test_other_tool(cli: Cli, out: Path, tiny_release: str) -> None:
    cli(
        "diagnose", "--hpo", LENS, "--tool", "phenotype.resnik", "--knowledge", tiny_release, "--out", out
    ).done()
    made = result(out)
    assert made["tool"]["id"] == "phenotype.resnik"
    assert made["candidates"][0]["posterior"] is None
    report = (out / "case" / "report.html").read_text(encoding="utf-8")
    assert "phenotype.resnik" in report
    assert "None" not in report.replace("None.", "").replace("None:", "")  # words, not a missing value


def test_several_cases_without_probabilities(cli: Cli, out: Path, examples: Path) -> None:
    files = [p for p in sorted(examples.iterdir()) if p.suffix == ".json"]
    assert len(files) > 3
    cli("diagnose", *files, "--tool", "phenotype.resnik", "--out", out).done()
    table = pl.read_parquet(out / "cases.parquet")
    assert table["posterior"].null_count() == table.height


def test_case_names_are_all_that_reaches_the_terminal(
    cli: Cli, out: Path, tmp_path: Path, tiny_release: str
) -> None:
    """Paths, birth dates and subject names of a patient stay in the file."""
    packet = {
        "id": "c",
        "subject": {"id": "Erika Mustermann", "dateOfBirth": "1999-01-02T00:00:00Z", "sex": "FEMALE"},
        "phenotypicFeatures": [{"type": {"id": SEIZURE, "label": "Seizure"}}],
        "metaData": {
            "created": "2025-02-03T09:30:00Z",
            "createdBy": "Dr. Secret",
            "phenopacketSchemaVersion": "2.0",
        },
    }
    path = tmp_path / "c.json"
    path.write_text(json.dumps(packet), encoding="utf-8")
    found = cli("diagnose", path, "--knowledge", tiny_release, "--out", out).done()
    written = "".join(p.read_bytes().decode("utf-8", "replace") for p in out.rglob("*.*"))
    for secret in ("Mustermann", "1999-01-02", "Dr. Secret"):
        assert secret not in found.out + found.err + written
