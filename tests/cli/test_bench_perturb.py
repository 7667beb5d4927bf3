"""``genopraxis bench run --perturb``: degraded cases from the command line, and every wrong word."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from running import Cli, Finished

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
from bench_cases import write_lines


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "cases.jsonl")


@pytest.fixture
def bench(cli: Cli, tiny_release: str, cases: Path):
    def run(*words: object) -> Finished:
        base = ("bench", "run", "phenotype", "--knowledge", tiny_release, "--cases", cases)
        return cli(*base, "--regime", "publication-out", *words)

    return run


def test_run_on_changed_cases(cli: Cli, bench, tmp_path: Path) -> None:
    words = ("--perturb", "noise=1", "--perturb", "keep=1", "--perturb", "hide_excluded")
    found = bench(*words, "--seed", 5, "--out", tmp_path / "out").done()
    assert "perturbed (keep=1, noise=1, hide_excluded)" in found.out
    assert "keep=1: " in found.err
    raw = json.loads((tmp_path / "out" / "scorecard.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in raw["perturbations"]] == ["keep", "noise", "hide_excluded"]
    assert raw["seed"] == 5
    assert "seed 5" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    # side by side with the run on the cases as they are
    bench("--out", tmp_path / "plain").done()
    cli("bench", "compare", tmp_path / "plain", tmp_path / "out", "--out", tmp_path / "c").done()
    page = (tmp_path / "c" / "index.html").read_text(encoding="utf-8")
    assert "B saw the cases after keep=1, noise=1, hide_excluded" in page


def test_seed_and_jobs(bench, tmp_path: Path) -> None:
    made = []
    for number, words in enumerate((("--jobs", 1), ("--jobs", 2), ("--seed", 0), ("--seed", 9))):
        bench(*words, "--perturb", "keep=1", "--perturb", "noise=2", "--out", tmp_path / f"{number}").done()
        made.append(pl.read_parquet(tmp_path / f"{number}" / "predictions.parquet"))
    assert made[0].equals(made[1])
    assert made[0].equals(made[2])
    assert not made[0].equals(made[3])


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--perturb", "typos=0.5"), ("'typos'", "imprecise")),
        (("--perturb", ""), ("no perturbation ''",)),
        (("--perturb", "=0.5"), ("no perturbation ''",)),
        (("--perturb", "imprecise"), ("needs a level", "0 to 1")),
        (("--perturb", "imprecise="), ("not a number",)),
        (("--perturb", "imprecise=half"), ("'half'", "not a number")),
        (("--perturb", "imprecise=25%"), ("'25%'", "not a number")),
        (("--perturb", "imprecise=0,5"), ("'0,5'", "not a number")),
        (("--perturb", "imprecise=1.5"), ("1.5", "0 to 1")),
        (("--perturb", "imprecise=-1"), ("-1", "0 to 1")),
        (("--perturb", "noise=nan"), ("nan", "not possible")),
        (("--perturb", "noise=inf"), ("inf", "not possible")),
        (("--perturb", "keep=0"), ("keep", "whole number")),
        (("--perturb", "keep=2.5"), ("2.5", "whole number")),
        (("--perturb", "hide_excluded=0"), ("has no level",)),
        (("--perturb", "keep=1", "--perturb", "keep=2"), ("'keep'", "named twice")),
        (("--seed", "1"), ("--seed", "--perturb")),
        (
            ("--perturb", "keep=1", "--predictions", "theirs.tsv", "--tool-card", "card.yaml"),
            ("--perturb", "--predictions"),
        ),
    ],
)
def test_wrong_words(bench, tmp_path: Path, words: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    bench(*words, "--out", tmp_path / "out").refused(*wanted)
    assert not list((tmp_path / "out").glob("*"))
