"""``genopraxis bench``: run, compare, publications, another program's predictions; and every wrong command."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import polars as pl
import pytest

from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.scorecard import Scorecard
from genopraxis.plugins import DATASETS, TOOLS, load_dataset
from genopraxis.testing import check_dataset
from running import Cli, Finished, Install, cli_process

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
from bench_cases import CASES, packet_of, write_lines

TOOL, SIMPLE = "phenotype.likelihood", "phenotype.resnik"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "cases.jsonl")


@pytest.fixture
def bench(cli: Cli, tiny_release: str):
    def run(*words: object) -> Finished:
        return cli("bench", "run", "phenotype", "--knowledge", tiny_release, *words)

    return run


def scorecard(folder: Path) -> Scorecard:
    raw = json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))
    return Scorecard.from_mapping(raw, where=str(folder))


def test_run(bench, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = bench(
        "--cases", cases, "--tool", TOOL, "--tool", SIMPLE, "--regime", "full", "--regime", "publication-out",
        "--out", out,
    ).done()  # fmt: skip
    assert sorted(p.name for p in out.iterdir()) == ["index.html", "predictions.parquet", "scorecard.json"]
    card = scorecard(out)
    assert {s.tool for s in card.results} == {TOOL, SIMPLE}
    assert {s.regime for s in card.results} == {"full", "publication-out"}
    assert card.dataset.n == len(CASES)
    ranks = pl.read_parquet(out / "predictions.parquet")
    CASE_RANKS.check(ranks, raise_errors=True)
    assert "likelihood" in found.out
    assert "resnik" in found.out
    assert "note: " not in found.out
    for word in ("count as misses", "No publication is stated", "unknown term"):
        assert word in found.err
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "not-a-candidate" in page or "misses" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_defaults_are_all_regimes_and_the_ranker(bench, cases: Path, tmp_path: Path) -> None:
    bench("--cases", cases, "--out", tmp_path / "out").done()
    card = scorecard(tmp_path / "out")
    assert {s.tool for s in card.results} == {"phenotype.ranker"}
    assert [t.regime for t in card.timing] == ["full", "case-out", "publication-out"]


def test_jobs_give_the_same_figures(bench, cases: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        bench(
            "--cases", cases, "--tool", TOOL, "--tool", SIMPLE, "--jobs", jobs, "--out", tmp_path / str(jobs)
        ).done()
    one, two = (pl.read_parquet(tmp_path / name / "predictions.parquet") for name in "12")
    assert one.equals(two)
    assert scorecard(tmp_path / "1").results == scorecard(tmp_path / "2").results


def test_gzip_and_folder(bench, cases: Path, tmp_path: Path) -> None:
    packed = tmp_path / "cases.jsonl.gz"
    packed.write_bytes(gzip.compress(cases.read_bytes()))
    folder = tmp_path / "packets"
    folder.mkdir()
    for number, case in enumerate(CASES):
        (folder / f"{number:02d}.json").write_text(json.dumps(packet_of(case)), encoding="utf-8")
    made = []
    for number, source in enumerate((cases, packed, folder)):
        bench("--cases", source, "--regime", "publication-out", "--out", tmp_path / f"o{number}").done()
        made.append(pl.read_parquet(tmp_path / f"o{number}" / "predictions.parquet").sort("level", "case_id"))
    assert made[0].equals(made[1])
    assert made[0].equals(made[2])


def test_publications(cli: Cli, bench, cases: Path, tmp_path: Path, tiny_release: str) -> None:
    table = tmp_path / "counts.tsv"
    cli("bench", "publications", "--cases", cases, "--knowledge", tiny_release, "--out", table).done()
    part = write_lines(tmp_path / "part.jsonl", CASES[:1])
    bench("--cases", cases, "--regime", "publication-out", "--out", tmp_path / "whole").done()
    bench(
        "--cases", part, "--regime", "publication-out", "--publications", table, "--out", tmp_path / "part"
    ).done()
    whole, some = (
        pl.read_parquet(tmp_path / name / "predictions.parquet").filter(pl.col("case_id") == "marfan-1")
        for name in ("whole", "part")
    )
    assert whole.equals(some)


def test_compare_two_tools_of_one_run(cli: Cli, bench, cases: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    bench("--cases", cases, "--tool", TOOL, "--tool", SIMPLE, "--out", run).done()
    out = tmp_path / "comparison"
    found = cli(
        "bench", "compare", run, "--tool", TOOL, "--tool", SIMPLE, "--regime", "full", "--out", out
    ).done()
    made = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert made["schema"] == "genopraxis.comparison/1"
    assert (made["a"]["tool"], made["b"]["tool"]) == (TOOL, SIMPLE)
    n = len([c for c in CASES if c["disease_id"]])
    assert made["n"] == n
    head = made["head_to_head"]
    assert head["a_better"] + head["b_better"] + head["tie"] == n
    assert (out / "index.html").exists()
    assert "top-1" in found.out


def test_compare_of_one_tool_in_two_regimes(cli: Cli, bench, cases: Path, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "comparison"
    bench("--cases", cases, "--out", run).done()
    cli(
        "bench", "compare", run, run, "--regime", "full", "--against-regime", "publication-out", "--out", out
    ).done()  # fmt: skip
    made = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert (made["a"]["regime"], made["b"]["regime"]) == ("full", "publication-out")


def predictions(tmp_path: Path) -> tuple[Path, Path]:
    table, card = tmp_path / "theirs.tsv", tmp_path / "card.yaml"
    table.write_text(
        "case_id\tlevel\tcandidate_id\trank\n"
        "marfan-1\tdisease\tOMIM:154700\t1\n"
        "marfan-2\tdisease\tOMIM:607208\t1\n"
        "marfan-2\tdisease\tOMIM:154700\t2\n",
        encoding="utf-8",
    )
    card.write_text(
        "id: phenotype.theirs\nversion: '7'\ntask: phenotype\nname: Theirs\nsummary: s\nintended_use: u\n"
        "limitations: [l]\nlicence: GPL-3.0-only\nreferences: [{citation: c, doi: 10.1/1}]\ntraining_data: []\n"
        "score: none\n",
        encoding="utf-8",
    )
    return table, card


def test_predictions_of_another_program(bench, cases: Path, tmp_path: Path) -> None:
    table, card = predictions(tmp_path)
    bench("--cases", cases, "--predictions", table, "--tool-card", card, "--out", tmp_path / "out").done()
    made = scorecard(tmp_path / "out")
    top1 = [s for s in made.results if (s.level, s.stratum, s.metric) == ("disease", "all", "top1")]
    n = len([c for c in CASES if c["disease_id"]])
    assert [(s.tool, s.version, s.regime, s.n) for s in top1] == [("phenotype.theirs", "7", "full", n)]
    assert top1[0].value == pytest.approx(1 / n)
    ranks = pl.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert ranks.filter(case_id="marfan-1", level="disease")["publication"].to_list() == ["PMID:11"]


def test_publications_go_with_predictions(
    cli: Cli, bench, cases: Path, tmp_path: Path, tiny_release: str
) -> None:
    table, card = predictions(tmp_path)
    words = ("--cases", cases, "--predictions", table, "--tool-card", card, "--out", tmp_path / "out")
    bench(*words, "--publications", tmp_path / "nowhere.tsv").refused("nowhere.tsv")
    counts = tmp_path / "counts.tsv"
    cli("bench", "publications", "--cases", cases, "--knowledge", tiny_release, "--out", counts).done()
    bench(*words, "--publications", counts).done()
    names = [found.name for found in scorecard(tmp_path / "out").provenance.inputs]
    assert names == ["cases.jsonl", "theirs.tsv", "counts.tsv"]


def test_card_of_another_task_is_refused(bench, cases: Path, tmp_path: Path) -> None:
    table, card = predictions(tmp_path)
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("task: phenotype", "task: astrology"), encoding="utf-8")
    bench("--cases", cases, "--predictions", table, "--tool-card", card, "--out", tmp_path / "out").refused(
        "phenotype.theirs", "'astrology'"
    )


def test_registered_dataset_by_name(cli: Cli, tmp_path: Path, examples: Path) -> None:
    """The invented patients of the wheel, on the embedded release: works from a plain install."""
    out = tmp_path / "out"
    cli("bench", "run", "phenotype", "--cases", "demo", "--regime", "publication-out", "--out", out).done()
    card = scorecard(out)
    assert card.dataset.name == "demo"
    assert card.dataset.n == 5
    assert card.datasheet is not None
    assert card.datasheet.known_leakage
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "Known leakage" in page
    assert card.datasheet.licence in page
    sheet = load_dataset("demo")
    check_dataset(sheet)
    # the wheel carries copies of the examples
    for name, path in sheet.locate().items():
        assert Path(path).read_bytes() == (examples / name).read_bytes(), name


def test_path_comes_before_a_dataset_of_the_same_name(
    bench, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "demo")
    bench("--cases", "demo", "--regime", "full", "--out", tmp_path / "out").done()
    card = scorecard(tmp_path / "out")
    assert (card.dataset.n, card.datasheet) == (len(CASES), None)


def test_dataset_whose_file_was_changed_is_refused(cli: Cli, tmp_path: Path, install: Install) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "changed.py").write_text(
        "from dataclasses import replace\n"
        "from genopraxis.tasks.phenotype.demo.dataset import DATASET as D\n"
        "F = list(D.locate().values())\n"
        "CHANGED = replace(D, locate=lambda: dict(zip(D.locate(), F[1:] + F[:1])))\n",
        encoding="utf-8",
    )
    install({DATASETS: {"changed": "changed:CHANGED"}}, tmp_path / "code")
    cli("bench", "run", "phenotype", "--cases", "changed", "--out", tmp_path / "out").refused(
        "changed", "datasheet"
    )


def test_tool_that_fails_ends_with_2_and_leaves_its_figures(
    bench, cases: Path, tmp_path: Path, install: Install
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "brittle.py").write_text(
        "from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool\n"
        "class Brittle(LikelihoodTool):\n"
        "    card = LikelihoodTool.card.model_copy(update={'id': 'phenotype.brittle'})\n"
        "    def prepare(self, knowledge):\n"
        "        raise ValueError('no such weights')\n",
        encoding="utf-8",
    )
    install({TOOLS: {"phenotype.brittle": "brittle:Brittle"}}, tmp_path / "code")
    out = tmp_path / "out"
    found = bench("--cases", cases, "--tool", TOOL, "--tool", "phenotype.brittle", "--out", out)
    found.refused("phenotype.brittle", "no such weights", "tool_failed")
    card = scorecard(out)
    assert {s.tool for s in card.results} == {TOOL, "phenotype.brittle"}
    lost = [s.value for s in card.results if s.tool == "phenotype.brittle" and s.stratum == "all"]
    assert set(lost) == {0.0}
    assert [n.n for n in card.notices if n.code == "tool_failed"] == [len(CASES)]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--regime", "half"), ("half", "publication-out")),
        (("--tool", "phenotype.nothing"), ("phenotype.nothing", TOOL)),
        (("--predictions", "theirs.tsv"), ("--tool-card",)),
        (("--tool-card", "card.yaml"), ("--predictions",)),
        (
            ("--predictions", "theirs.tsv", "--tool-card", "card.yaml", "--tool", TOOL),
            ("--tool", "--predictions"),
        ),
        (
            (
                "--predictions",
                "theirs.tsv",
                "--tool-card",
                "card.yaml",
                "--regime",
                "full",
                "--regime",
                "case-out",
            ),
            ("--regime",),
        ),
        (("--predictions", "nowhere.tsv", "--tool-card", "card.yaml"), ("nowhere.tsv",)),
        (("--publications", "nowhere.tsv"), ("nowhere.tsv",)),
        (("--publications", "card.yaml"), ("card.yaml",)),
        (("--knowledge", "nothing"), ("nothing", "embedded")),
    ],
)
def test_wrong_commands(
    bench,
    cases: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    wanted: tuple[str, ...],
) -> None:
    predictions(tmp_path)
    monkeypatch.chdir(tmp_path)
    bench("--cases", cases, "--out", tmp_path / "out", *words).refused(*wanted)
    assert not (tmp_path / "out" / "scorecard.json").exists()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "cases.jsonl"),
        (b"{", "cases.jsonl"),
        (b'{"case_id": "a", "observed": ["HP:0001250"]}\n', "no case with a known"),
        (b"\xff\xfe{", "UTF"),
    ],
)
def test_wrong_case_files(bench, tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    bench("--cases", path, "--out", tmp_path / "out").refused(word)


def test_missing_case_file_and_empty_folder(bench, tmp_path: Path) -> None:
    bench("--cases", tmp_path / "nowhere.jsonl", "--out", tmp_path / "out").refused("nowhere.jsonl")
    (tmp_path / "empty").mkdir()
    bench("--cases", tmp_path / "empty", "--out", tmp_path / "out").refused("empty", "no phenopacket")


def test_unknown_task(cli: Cli, cases: Path, tmp_path: Path) -> None:
    cli("bench", "run", "astrology", "--cases", cases, "--out", tmp_path / "out").refused(
        "astrology", "phenotype"
    )


def test_output_below_a_file(cli: Cli, bench, cases: Path, tmp_path: Path, tiny_release: str) -> None:
    (tmp_path / "file").write_text("x")
    bench("--cases", cases, "--out", tmp_path / "file" / "out").refused("file")
    cli(
        "bench", "publications", "--cases", cases, "--knowledge", tiny_release, "--out", tmp_path / "file" / "t.tsv"
    ).refused("file")  # fmt: skip


def test_compare_refuses_what_it_cannot_compare(cli: Cli, bench, cases: Path, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    cli("bench", "compare", tmp_path / "nowhere", "--out", out).refused("nowhere", "no finished bench run")
    bench("--cases", cases, "--tool", TOOL, "--regime", "full", "--out", run).done()
    cli("bench", "compare", run, run, "--out", out).refused("publication-out", "full")
    cli("bench", "compare", run, run, "--regime", "full", "--level", "cell", "--out", out).refused("cell")
    cli("bench", "compare", run, run, "--regime", "full", "--tool", "phenotype.other", "--out", out).refused(
        TOOL
    )
    cli("bench", "compare", run, "--regime", "full", "--out", out).refused("--tool")
    three = [word for _ in range(3) for word in ("--tool", TOOL)]
    cli("bench", "compare", run, run, *three, "--regime", "full", "--out", out).refused("two")
    (tmp_path / "file").write_text("x")
    cli("bench", "compare", run, run, "--regime", "full", "--out", tmp_path / "file" / "x").refused("file")
    assert not out.exists() or not list(out.iterdir())


def test_compare_of_runs_on_different_files_says_so(cli: Cli, bench, cases: Path, tmp_path: Path) -> None:
    part = write_lines(tmp_path / "part.jsonl", CASES[:4])
    bench("--cases", cases, "--regime", "full", "--out", tmp_path / "a").done()
    bench("--cases", part, "--regime", "full", "--tool", SIMPLE, "--out", tmp_path / "b").done()
    found = cli(
        "bench", "compare", tmp_path / "a", tmp_path / "b", "--regime", "full", "--out", tmp_path / "c"
    ).done()
    assert "different files" in found.err
    assert json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))["n"] == 4


def test_rerun_replaces(bench, cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bench("--cases", cases, "--regime", "full", "--out", out).done()
    part = write_lines(tmp_path / "part.jsonl", CASES[:2])
    bench("--cases", part, "--regime", "case-out", "--out", out).done()
    card = scorecard(out)
    assert card.dataset.n == 2
    assert set(pl.read_parquet(out / "predictions.parquet")["regime"]) == {"case-out"}
    assert len(list(out.iterdir())) == 3


def test_pipe_holds_no_progress(cases: Path, tmp_path: Path, tiny_release: str) -> None:
    found = cli_process(
        "bench", "run", "phenotype", "--cases", cases, "--knowledge", tiny_release, "--regime", "full",
        "--out", tmp_path / "o",
    ).done()  # fmt: skip
    for stream in (found.out, found.err):
        assert "\x1b" not in stream
        assert "\r" not in stream
        assert "━" not in stream
