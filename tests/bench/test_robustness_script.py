"""``benchmarks/phenotype_robustness.py`` runs and leaves a page, a table and JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "phenotype_robustness.py"


def script(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_page_table_and_json(tmp_path: Path) -> None:
    found = script("--cases", "demo", "--tool", "phenotype.resnik", "--sample", 4, "--out", tmp_path)
    assert found.returncode == 0, found.stderr
    assert "4 cases of 4 publications" in found.stdout
    table = pl.read_csv(tmp_path / "robustness.tsv", separator="\t")
    # 5 + 4 + 5 + 2 levels, two metrics of two levels of the task
    assert table.height == (5 + 4 + 5 + 2) * 2 * 2
    plain = table.filter(pl.col("setting") == "none")
    assert plain["change"].null_count() == plain.height == 4 * 4
    assert plain.group_by("level", "metric").agg(pl.col("value").n_unique())["value"].to_list() == [1] * 4
    body = json.loads((tmp_path / "robustness.json").read_text(encoding="utf-8"))
    assert len(body["rows"]) == table.height
    assert body["provenance"]["parameters"]["sample"] == 4
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4 * 2
    assert "A sample:" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "<script" not in page


def test_what_cannot_be_run_is_one_clear_error(tmp_path: Path) -> None:
    found = script("--cases", tmp_path / "nowhere.jsonl", "--out", tmp_path / "out")
    assert found.returncode == 2
    assert "nowhere.jsonl" in found.stderr
    assert "Traceback" not in found.stderr
