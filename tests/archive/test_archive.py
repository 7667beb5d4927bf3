"""Files once written stay readable: those of every earlier version, read by today's code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml

from genopraxis.bench.compare import Comparison
from genopraxis.bench.external import read_tool_card
from genopraxis.bench.leakage_document import Leakage
from genopraxis.bench.report import read_run
from genopraxis.case.cases_table import CASES
from genopraxis.case.one import read_result
from genopraxis.case.report import render_report
from genopraxis.contracts.annotated import ANNOTATED
from genopraxis.contracts.cards import Datasheet
from genopraxis.contracts.haplotype_consequences import HAPLOTYPE_CONSEQUENCES
from genopraxis.contracts.leakage import CASE_LEAKS, COMPARED_COUNTS
from genopraxis.formats.table_file import read_table
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.local_cases import LOCAL_CASES, SolvedCase, cases_of
from genopraxis.knowledge.publication_counts import PublicationCounts

HERE = Path(__file__).parent
VERSIONS = sorted(path for path in HERE.glob("v*") if path.is_dir())


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def written(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


def test_there_is_an_archive() -> None:
    assert VERSIONS
    assert (HERE / "README.md").read_text(encoding="utf-8").count("| `v") == len(VERSIONS)


def test_result(written: Path) -> None:
    result = read_result(written)
    assert (result.case_id, result.outcome) == ("c", "ranked")
    assert result.candidates[0].disease_id == "OMIM:154700"
    assert result.evidence[0].subject_id == "OMIM:154700"
    assert result.provenance.releases[0].version
    assert "Marfan" in render_report(result)


def test_annotated_variants(written: Path) -> None:
    table = read_table(ANNOTATED, written / "annotated.parquet")
    assert table["protein_change"].to_list() == ["p.Ala2Thr", "p.Ala2Asp"]
    groups = read_table(HAPLOTYPE_CONSEQUENCES, written / "annotated.haplotypes.parquet")
    assert groups["protein_change"].to_list() == ["p.Ala2Asn"]


def test_summary_of_a_vcf(written: Path) -> None:
    pytest.importorskip("numba")
    from genopraxis.variants.quality_document import QualitySummary
    from genopraxis.variants.quality_page import render_quality

    text = (written / "annotated.summary.json").read_text(encoding="utf-8")
    summary = QualitySummary.from_mapping(json.loads(text), where="annotated.summary.json")
    assert "Anna" in render_quality(summary)


def test_cases_table(written: Path) -> None:
    table = read_table(CASES, written / "cases.parquet")
    assert table.row(0, named=True)["disease_id"] == "OMIM:154700"


def test_scorecard_and_predictions(written: Path) -> None:
    card, ranks = read_run(written)
    assert card.dataset.n == 2
    tops = {r.value for r in card.results if (r.regime, r.level, r.metric) == ("full", "disease", "top1")}
    assert tops == {0.5}
    assert set(ranks["case_id"]) == {"c0", "c1"}
    assert ranks.filter(pl.col("regime") == "full")["rank"].null_count() == 0


def test_comparison(written: Path) -> None:
    path = written / "comparison.json"
    found = Comparison.from_mapping(json.loads(path.read_text(encoding="utf-8")), where=str(path))
    assert found.n == 2
    assert (found.a.regime, found.b.regime) == ("full", "publication-out")


def test_local_case_library(written: Path) -> None:
    case, other = cases_of(read_table(LOCAL_CASES, written / "local-cases.parquet"))
    assert case == SolvedCase(
        case_id="c0",
        disease_ids=("OMIM:154700",),
        observed=("HP:0001083", "HP:0001166"),
        genes=("FBN1",),
        publication="PMID:11",
        sex="female",
    )
    assert (other.disease_ids, other.excluded) == (("OMIM:310200",), ("HP:0001250",))


def test_leak_report(written: Path) -> None:
    path = written / "leakage.json"
    report = Leakage.from_mapping(json.loads(path.read_text(encoding="utf-8")), where=str(path))
    assert report.leaked.count == 2
    assert [tool.tool for tool in report.tools] == ["phenotype.likelihood"]
    cases = read_table(CASE_LEAKS, written / "leak-cases.parquet")
    assert set(cases["case_id"]) == {"c0", "c1"}
    assert set(cases["kind"]) == {kind.name for kind in report.kinds}
    assert read_table(COMPARED_COUNTS, written / "leak-counts.parquet").height == report.counts_equal.n


def test_tool_card(written: Path) -> None:
    path = written / "tool-card.yaml"
    card = read_tool_card(path)
    assert card.id == "phenotype.likelihood"
    assert "schema" not in yaml.safe_load(path.read_text(encoding="utf-8")), "people leave it out"
    assert all(data.dataset for data in card.training_data)


def test_datasheet(written: Path) -> None:
    path = written / "datasheet.json"
    sheet = Datasheet.from_mapping(json.loads(path.read_text(encoding="utf-8")), where=str(path))
    assert sheet.name == "example-cases"
    assert sheet.files


def test_publications(written: Path, tiny: HpoKnowledge) -> None:
    counts = PublicationCounts.read(written / "publications.tsv", tiny.ontology)
    assert counts.table(tiny.ontology).height == 4


def test_todays_files_can_be_made(tmp_path: Path) -> None:
    """The script that makes the next folder works, and its files are of the names that are read above."""
    command = [sys.executable, str(HERE / "make.py"), str(tmp_path / "new")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {path.name for path in VERSIONS[-1].iterdir()}
