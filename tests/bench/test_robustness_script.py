"""The scripts of ``benchmarks/`` that rank held-out folds run and leave what they say."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from genopraxis.formats.files import digest
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.tasks.phenotype.tools.ranker import RankerTool, shipped_model
from genopraxis.tasks.phenotype.training.case_set import Source, case_set, fold_of
from genopraxis.tasks.phenotype.training.held_out import rank_held_out
from genopraxis.tasks.phenotype.training.trained_folder import PREDICTIONS, end_training, save_fold

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
ROBUSTNESS, SOLVE_RATES, PEERS = (
    f"phenotype_{name}.py" for name in ("robustness", "solve_rates", "ranker_peers")
)
ABSENCES, UNSEEN, CEILING = (f"phenotype_ranker_{name}.py" for name in ("absences", "unseen", "ceiling"))
GROWTH = "phenotype_library_growth.py"
STORE = "phenopacket_store_dev.jsonl.gz"
MARFAN = ("OMIM:154700", "FBN1", ["HP:0001166", "HP:0001083", "HP:0002616"])
NOONAN = ("OMIM:163950", "PTPN11", ["HP:0000465", "HP:0001642", "HP:0004322"])


def script(*words: object, name: str = ROBUSTNESS) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / name), *map(str, words)]
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


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases of one fold of two, the first of a publication that the shipped ranker was trained on."""
    trace = RankerTool().trained_on()
    assert trace is not None
    names = [sorted(p for p in trace.publications if fold_of(p, 2) == 0)[0]]
    names += [name for name in (f"PMID:9999{n}" for n in range(100)) if fold_of(name, 2) == 0][:2]
    lines = [
        {"case_id": pmid, "pmid": pmid, "title": "x", "gene": gene, "disease_id": disease, "observed": signs,
         "excluded": []}
        for pmid, (disease, gene, signs) in zip(names, (MARFAN, NOONAN, MARFAN), strict=True)
    ]  # fmt: skip
    lines.append(lines[-1] | {"case_id": "no signs", "observed": ["HP:7777777"]})
    path = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    for fold in range(2):
        save_fold(shipped_model(), folder, fold=fold)
    pl.DataFrame({"case_id": []}).write_parquet(folder / PREDICTIONS)  # what is tested with it asks for none
    end_training(folder, knowledge=EMBEDDED, cases=digest(cases).sha256, folds=2)
    return folder


def test_a_tool_that_was_trained_on_the_cases_is_left_out(cases: Path, tmp_path: Path) -> None:
    found = script("--cases", cases, "--tool", "phenotype.ranker", "--out", tmp_path)
    assert found.returncode == 2
    assert (
        "phenotype.ranker was left out: it was trained on 1 of these 4 cases; give --trained" in found.stderr
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [ROBUSTNESS, SOLVE_RATES, PEERS, ABSENCES, UNSEEN, CEILING, GROWTH])
def test_other_cases_than_in_training_are_refused(
    name: str, cases: Path, trained: Path, tmp_path: Path
) -> None:
    other = tmp_path / STORE
    other.write_bytes(gzip.compress(cases.read_bytes()))
    given = {
        ROBUSTNESS: ["--cases", other, "--trained", trained, "--out", tmp_path / "out"],
        PEERS: [tmp_path, trained, tmp_path / "out"],
        GROWTH: [other, trained, tmp_path / "growth.tsv"],
    }.get(name, [other, trained])
    found = script(*given, name=name)
    assert found.returncode == 2
    assert "is not the file that the ranker was trained on" in found.stderr


def test_the_ranker_is_measured_on_held_out_folds(cases: Path, trained: Path, tmp_path: Path) -> None:
    given = ["--cases", cases, "--trained", trained, "--out", tmp_path]
    found = script(*given, "--tool", "phenotype.resnik", "--tool", "phenotype.ranker")
    assert found.returncode == 0, found.stderr
    assert "hold nothing of its fold" in found.stdout
    table = pl.read_csv(tmp_path / "robustness.tsv", separator="\t")
    label = "phenotype.ranker, held-out folds"
    assert table["tool"].unique().sort().to_list() == [label, "phenotype.resnik"]
    # the same cases for all, the one without a sign included: a miss
    assert table["n"].unique().to_list() == [4]
    body = json.loads((tmp_path / "robustness.json").read_text(encoding="utf-8"))
    assert len(body["notes"]) == 1
    assert "folds/1/weights.txt" in {one["name"] for one in body["provenance"]["inputs"]}
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f'<p class="warn" role="note">{body["notes"][0]}</p>' in page


def test_solve_rates(cases: Path, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "rates.tsv"
    given = [cases, trained, "--rates", 0.7, "--out", out]
    found = script(*given, name=SOLVE_RATES)
    assert found.returncode == 0, found.stderr
    assert "3 cases of 3 publications" in found.stdout
    whole = pl.read_csv(out, separator="\t")
    assert sorted(whole["record"].unique()) == ["published", "vague", "without absences"]
    table = whole.filter(pl.col("record") == "without absences")
    rates = table.filter(pl.col("table") == "rates")
    # three questions at the rate that is given and at the default one
    assert rates["rate"].to_list() == [0.36] * 3 + [0.7] * 3
    # of three cases one is solved, or two
    nothing = rates.filter(pl.col("question") == "no_diagnosis")
    assert nothing["observed"].to_list() == pytest.approx([2 / 3, 1 / 3])
    wrong = table.filter(pl.col("table") == "wrong rate")
    assert wrong["told"].to_list() == [0.36] * 3
    assert wrong["cost"].null_count() == 0
    assert script(*given[:2], "--rates", 1.5, name=SOLVE_RATES).returncode == 2


@pytest.fixture(scope="module")
def two_folds(cases: Path) -> Path:
    """The same cases with a disease that the annotations do not list; Noonan syndrome also in the other fold."""
    lines = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()]
    other = next(name for name in (f"PMID:8888{n}" for n in range(100)) if fold_of(name, 2) == 1)
    lines.append(lines[1] | {"case_id": other, "pmid": other})
    lines.append(lines[1] | {"case_id": "unlisted", "pmid": "PMID:1", "disease_id": "OMIM:999999"})
    path = cases.parent / "two-folds.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained_on_both(two_folds: Path, trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(trained, tmp_path_factory.mktemp("both") / "trained")
    ranked = [
        rank_held_out(
            shipped_model(), source := Source(cases=str(two_folds), knowledge=EMBEDDED, folds=2, held_out=fold),
            case_set(source.cases, source.knowledge),
        )
        for fold in range(2)
    ]  # fmt: skip
    pl.concat(ranked).write_parquet(folder / PREDICTIONS)
    end_training(folder, knowledge=EMBEDDED, cases=digest(two_folds).sha256, folds=2)
    return folder


def table_lines(printed: str) -> dict[str, list[str]]:
    """Return the cells of each line of a Markdown table, by all cells before the number of cases."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines() if line]
    at = rows[0].index("n")
    return {" ".join(row[:at]).strip(): row[at:] for row in rows[2:]}


def test_ceiling_and_absences_by_what_is_left(two_folds: Path, trained_on_both: Path) -> None:
    ceiling, absences = (
        script(two_folds, trained_on_both, name=name) for name in (CEILING, ABSENCES)
    )  # fmt: skip
    assert ceiling.returncode == absences.returncode == 0, ceiling.stderr + absences.stderr
    found = {name: (cells[0], cells[1]) for name, cells in table_lines(ceiling.stdout).items()}
    assert found["all"] == ("6", "100.0 %")
    assert found["not cited no sign no"] == ("1", "16.7 %")
    assert found["not cited signs yes"] == ("2", "33.3 %")
    assert found["something is known of the disease: the ceiling"] == ("5", "83.3 %")
    checklist, hidden = absences.stdout.split("| absences hidden ")
    assert "as of a checklist" in checklist
    by_part = table_lines(f"| absences hidden {hidden}")
    assert {name: cells[0] for name, cells in by_part.items()} == {
        "all": "6",
        "disease in the library": "2",
        "not there; annotations never cited the publication": "3",
        "nothing is left": "1",
    }
    assert by_part["nothing is left"][3:] == ["0.0"] * 4


def test_unseen(two_folds: Path, trained_on_both: Path) -> None:
    found = script(two_folds, trained_on_both, name=UNSEEN)
    assert found.returncode == 0, found.stderr
    tables = [part.splitlines() for part in found.stdout.strip().split("\n\n")]
    rows, compared = ([line.strip("| ").split(" | ") for line in table[2:]] for table in tables)
    assert {len(row) for row in rows} == {6}
    sizes = {(row[0], row[1]): row[2:4] for row in rows if not row[0].startswith("…")}
    rankers = ("phenotype.ranker", "phenotype.ranker without gate")
    all_tools = (*rankers, "phenotype.likelihood")
    assert sizes == {
        **{("disease not in the library", tool): ["3", "2"] for tool in all_tools},
        **{("disease taken out of the library", tool): ["5", "4"] for tool in all_tools},
        **{("the same, disease as it is in the library", tool): ["5", "4"] for tool in rankers},
        **{("all cases", tool): ["6", "5"] for tool in rankers},
    }
    # against two others for unseen diseases, one otherwise; with and without the largest publication
    assert [row[1] for row in compared[:3:2]] == [f"phenotype.ranker − {other}" for other in all_tools[1:]]
    assert len(compared) == (2 + 2 + 1 + 1) * 2


@pytest.mark.parametrize("name", [UNSEEN, CEILING])
def test_damaged_predictions_are_one_clear_error(
    name: str, two_folds: Path, trained_on_both: Path, tmp_path: Path
) -> None:
    damaged = shutil.copytree(trained_on_both, tmp_path / "trained")
    predictions = damaged / PREDICTIONS
    whole = predictions.read_bytes()
    for content in (whole[: len(whole) // 2], b"", None):
        if content is None:
            pl.DataFrame({"case_id": ["a"]}).write_parquet(predictions)
        else:
            predictions.write_bytes(content)
        found = script(two_folds, damaged, name=name)
        assert found.returncode == 2
        assert PREDICTIONS in found.stderr
        assert "Traceback" not in found.stderr


def test_what_cannot_be_run_is_one_clear_error(tmp_path: Path) -> None:
    found = script("--cases", tmp_path / "nowhere.jsonl", "--out", tmp_path / "out")
    assert found.returncode == 2
    assert "nowhere.jsonl" in found.stderr
    assert "Traceback" not in found.stderr
