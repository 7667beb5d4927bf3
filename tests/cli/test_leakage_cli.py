"""``genopraxis bench leakage``: what it says and writes, and every wrong command."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from genopraxis.plugins import TASKS, TOOLS
from running import Cli, Finished, Install

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import toy_task
from bench_cases import CASES, DRAVET, LENS, MARFAN, SEIZURE, line, write_lines

CLEAN = [line("clean-1", MARFAN, [LENS], pmid="PMID:71"), line("clean-2", DRAVET, [SEIZURE], pmid="PMID:72")]
WRITTEN = ["cases.parquet", "clean.jsonl", "counts.parquet", "index.html", "leakage.json"]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "cases.jsonl", [*CASES, *CLEAN])


@pytest.fixture
def leakage(cli: Cli, tiny_release: str):
    def run(*words: object) -> Finished:
        return cli("bench", "leakage", "--knowledge", tiny_release, *words)

    return run


def test_leakage(leakage, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = leakage("phenotype", "--cases", cases, "--out", out).done()
    assert sorted(path.name for path in out.iterdir()) == WRITTEN
    for word in ("publication_in_annotations", "counts_equal", "patient_twice", "leaked", "clean"):
        assert word in found.out
    assert "in_training" not in found.out
    for word in ("rest on one publication", "clean.jsonl", "index.html", "Repaired"):
        assert word in found.err
    raw = json.loads((out / "leakage.json").read_text(encoding="utf-8"))
    assert raw["task"] == "phenotype"
    assert raw["clean_file"]["name"] == "clean.jsonl"


def test_phenotype_is_the_task_where_none_is_named(leakage, cases: Path, tmp_path: Path) -> None:
    leakage("--cases", cases, "--out", tmp_path / "out").done()


def test_the_clean_cases_go_into_the_bench(
    cli: Cli, leakage, cases: Path, tmp_path: Path, tiny_release: str
) -> None:
    packed = tmp_path / "cases.jsonl.gz"
    packed.write_bytes(gzip.compress(cases.read_bytes()))
    for source, out in ((cases, tmp_path / "a"), (packed, tmp_path / "b")):
        leakage("--cases", source, "--out", out).done()
    clean = tmp_path / "a" / "clean.jsonl"
    assert clean.read_bytes() == (tmp_path / "b" / "clean.jsonl").read_bytes()
    assert clean.read_bytes() in cases.read_bytes(), "the last cases of the file, in one piece"
    cli(
        "bench", "run", "phenotype", "--cases", clean, "--knowledge", tiny_release, "--regime", "full",
        "--out", tmp_path / "run",
    ).done()  # fmt: skip


def test_registered_dataset_gives_ids(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = cli("bench", "leakage", "--cases", "demo", "--out", out).done()
    # the demo's patients are invented: no publication is stated
    assert "no case is clean" in found.err
    assert (out / "clean.txt").read_bytes() == b""
    raw = json.loads((out / "leakage.json").read_text(encoding="utf-8"))
    assert raw["datasheet"]["name"] == "demo"
    assert raw["cannot_tell"]["count"] == 5


def test_tools(leakage, cases: Path, tmp_path: Path, install: Install) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "learned_for_test.py").write_text(
        "from genopraxis.contracts.training import TrainingTrace\n"
        "from genopraxis.tasks.phenotype.tools.resnik import ResnikTool\n"
        "class Learned(ResnikTool):\n"
        "    card = ResnikTool.card.model_copy(update={'id': 'phenotype.learned'})\n"
        "    def trained_on(self):\n"
        "        return TrainingTrace(publications=frozenset({'PMID:71'}), patients=frozenset())\n"
        "class Wrong(Learned):\n"
        "    card = ResnikTool.card.model_copy(update={'id': 'phenotype.wrong'})\n"
        "    def trained_on(self):\n"
        "        return ['PMID:71']\n",
        encoding="utf-8",
    )
    points = {"phenotype.learned": "learned_for_test:Learned", "phenotype.wrong": "learned_for_test:Wrong"}
    install({TOOLS: points}, tmp_path / "code")
    out = tmp_path / "out"
    tools = ("--tool", "phenotype.learned", "--tool", "phenotype.resnik", "--tool", "phenotype.likelihood")
    found = leakage("--cases", cases, *tools, "--out", out).done()
    assert "in_training_publication, learned" in found.out
    assert (
        "phenotype.resnik declares no case-level training data; by its card nothing was fitted" in found.err
    )
    assert "phenotype.likelihood declares no case-level training data, so nothing was looked up" in found.err
    assert "phenopacket-store" in found.err
    kept = [json.loads(text)["case_id"] for text in (out / "clean.jsonl").read_bytes().splitlines()]
    assert "clean-2" in kept
    assert "clean-1" not in kept
    leakage("--cases", cases, "--tool", "phenotype.wrong", "--out", tmp_path / "o").refused(
        "phenotype.wrong", "trained_on"
    )
    assert not list((tmp_path / "o").iterdir())


def test_tool_made_with_this_very_file(leakage, cases: Path, tmp_path: Path, install: Install) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "fitted_for_test.py").write_text(
        "import hashlib\n"
        "from pathlib import Path\n"
        "from genopraxis.contracts.cards import TrainingData\n"
        "from genopraxis.tasks.phenotype.tools.resnik import ResnikTool\n"
        f"SHA = hashlib.sha256(Path({str(cases)!r}).read_bytes()).hexdigest()\n"
        "DATA = TrainingData(dataset='the cases', version='7', sha256=SHA, use='all')\n"
        "class Fitted(ResnikTool):\n"
        "    card = ResnikTool.card.model_copy(update={'id': 'phenotype.fitted', 'training_data': (DATA,)})\n",
        encoding="utf-8",
    )
    install({TOOLS: {"phenotype.fitted": "fitted_for_test:Fitted"}}, tmp_path / "code")
    out = tmp_path / "out"
    found = leakage("--cases", cases, "--tool", "phenotype.fitted", "--out", out).done()
    assert "this very file is among them" in found.err
    assert "without --tool 5 are" in found.err
    assert (out / "clean.jsonl").read_bytes() == b""
    assert "phenotype.fitted was made with this very file" in (out / "index.html").read_text(encoding="utf-8")


def test_counts_of_whole_publications(cli: Cli, leakage, tmp_path: Path, tiny_release: str) -> None:
    weak = "HP:0001324"
    whole = [
        line(f"p{i}", "OMIM:151660", [LENS], excluded=[weak], pmid="PMID:41", age="P3Y") for i in range(3)
    ]
    whole.append(line("p3", "OMIM:151660", [weak], pmid="PMID:41"))
    table = tmp_path / "counts.tsv"
    cli(
        "bench", "publications", "--cases", write_lines(tmp_path / "whole.jsonl", whole), "--knowledge", tiny_release,
        "--out", table,
    ).done()  # fmt: skip
    part = write_lines(tmp_path / "part.jsonl", whole[3:])

    def equal(*words: object) -> int:
        out = tmp_path / "out"
        leakage("--cases", part, *words, "--out", out).done()
        return json.loads((out / "leakage.json").read_text(encoding="utf-8"))["counts_equal"]["count"]

    assert equal() == 0
    assert equal("--publications", table) == 1


def test_second_task(cli: Cli, tmp_path: Path, install: Install) -> None:
    install(
        {TASKS: {"fruit": "toy_task:TASK"}, TOOLS: {"fruit.colour": "toy_task:ColourTool"}},
        Path(toy_task.__file__).parent,
    )
    path = tmp_path / "fruit.jsonl"
    rows = [("a", "1", "apple"), ("b", "2", "lime"), ("c", None, "lemon"), ("d", "2", "cherry")]
    path.write_text(
        "".join(json.dumps({"id": i, "basket": b, "kind": k, "colour": "red"}) + "\n" for i, b, k in rows),
        encoding="utf-8",
    )
    out = tmp_path / "out"
    found = cli("bench", "leakage", "fruit", "--cases", path, "--out", out).done()
    assert "basket_seen" in found.out
    lines = path.read_bytes().splitlines(keepends=True)
    assert (out / "clean.jsonl").read_bytes() == lines[1] + lines[3]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "disease" not in page.lower().replace("describe a dataset", "")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--tool", "phenotype.nothing"), ("phenotype.nothing", "phenotype.likelihood")),
        (("--knowledge", "nothing"), ("nothing", "embedded")),
        (("--publications", "nowhere.tsv"), ("nowhere.tsv",)),
    ],
)
def test_wrong_commands(leakage, cases: Path, tmp_path: Path, words, wanted) -> None:
    leakage("--cases", cases, "--out", tmp_path / "out", *words).refused(*wanted)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"{", "cases.jsonl"),
        (b'{"case_id": "a", "observed": ["HP:0001250"]}\n', "no case with a known"),
        (b"\xff\xfe{", "UTF"),
    ],
)
def test_wrong_case_files(leakage, tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    leakage("--cases", path, "--out", tmp_path / "out").refused(word)


def test_missing_file_empty_folder_and_unknown_task(leakage, cli: Cli, cases: Path, tmp_path: Path) -> None:
    leakage("--cases", tmp_path / "nowhere.jsonl", "--out", tmp_path / "out").refused("nowhere.jsonl")
    (tmp_path / "empty").mkdir()
    leakage("--cases", tmp_path / "empty", "--out", tmp_path / "out").refused("no phenopacket")
    leakage("astrology", "--cases", cases, "--out", tmp_path / "out").refused("astrology")
    (tmp_path / "file").write_text("x")
    leakage("--cases", cases, "--out", tmp_path / "file" / "out").refused("file")


def test_the_cases_are_never_written_over(leakage, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "clean.jsonl", CASES)
    before = path.read_bytes()
    leakage("--cases", path, "--out", tmp_path).refused("written over")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["clean.jsonl"]


@pytest.mark.parametrize("option", ["--cases", "--publications"])
@pytest.mark.parametrize("name", [*WRITTEN, "clean.txt"])
def test_no_input_is_written_over(leakage, cases: Path, tmp_path: Path, option: str, name: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    path = out / name
    path.write_bytes(cases.read_bytes())
    given = {"--cases": cases} | {option: out / ".." / "out" / name}
    words = [word for pair in given.items() for word in pair]
    leakage(*words, "--out", out).refused("written over", name)
    assert path.read_bytes() == cases.read_bytes()
    assert list(out.iterdir()) == [path]
