"""From what was found in each case to verdicts, shares, files and page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from bench_cases import CASES, DRAVET, LENS, MARFAN, SEIZURE, line, packet_of, read, write_lines
from rich.console import Console

from genopraxis.bench.leakage import FoundLeaks, detect_leaks, write_leaks
from genopraxis.bench.leakage_document import Leakage
from genopraxis.bench.leakage_page import leakage_table, render_leakage
from genopraxis.bench.leakage_shares import kind_shares, share, verdicts
from genopraxis.bench.run import run_bench
from genopraxis.contracts.errors import ContractError, InputError, RefusedError
from genopraxis.contracts.leakage import CASE_LEAKS, COMPARED_COUNTS, NO_TOOL, LeakKind
from genopraxis.contracts.training import TrainingTrace
from genopraxis.formats.table_file import read_table, table_metadata
from genopraxis.tasks.phenotype.bench.port import PhenotypeBench
from genopraxis.tasks.phenotype.task import TASK, PhenotypeTool
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool

EVIL = "<script>alert(1)</script>"
CLEAN = [
    line("clean-1", MARFAN, [LENS], pmid="PMID:71"),
    line("clean-2", DRAVET, [SEIZURE], pmid="PMID:72"),
    line("clean-3", "OMIM:999999", [SEIZURE], pmid="PMID:72"),
]


class Learned(PhenotypeTool):
    card = ResnikTool.card.model_copy(update={"id": "phenotype.learned"})

    def prepare(self, knowledge):
        return ResnikTool().prepare(knowledge)

    def trained_on(self):
        return TrainingTrace(publications=frozenset({"PMID:71"}), patients=frozenset())


def rows(*found: tuple[str, str | None, str, str]) -> pl.DataFrame:
    """A table of case, publication, kind and outcome."""
    return pl.DataFrame(
        [(case, pub, kind, NO_TOOL, outcome, None, [], None, None) for case, pub, kind, outcome in found],
        schema=CASE_LEAKS.schema,
        orient="row",
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "cases.jsonl", [*CASES, *CLEAN])


@pytest.fixture
def found(dataset: Path, tiny_release: str) -> FoundLeaks:
    return detect_leaks(dataset, task="phenotype", knowledge=tiny_release)


def test_verdicts() -> None:
    table = rows(
        ("a", "P1", "x", "found"), ("a", "P1", "y", "cannot_tell"),
        ("b", None, "x", "cannot_tell"), ("b", None, "y", "not_found"),
        ("c", "P1", "x", "not_found"), ("c", "P1", "y", "not_applicable"),
        ("d", "P2", "x", "not_declared"), ("d", "P2", "y", "not_applicable"),
    )  # fmt: skip
    assert dict(verdicts(table).select("case_id", "verdict").iter_rows()) == {
        "a": "leaked",
        "b": "cannot_tell",
        "c": "clean",
        "d": "clean",
    }


def test_a_share_is_of_the_cases_of_which_it_can_be_told() -> None:
    kind = LeakKind(name="x", label="X", meaning="m", source="knowledge")
    outcomes = ["found", "not_found", "not_found", "not_found", "cannot_tell", "not_applicable"]
    table = rows(*((f"c{i}", f"P{i // 2}", "x", outcome) for i, outcome in enumerate(outcomes)))
    made = kind_shares(table, kind, tool=NO_TOOL)
    assert made.outcomes == {
        "found": 1, "not_found": 3, "cannot_tell": 1, "not_applicable": 1, "not_declared": 0,
    }  # fmt: skip
    assert (made.found.count, made.found.n, made.found.groups, made.found.value) == (1, 4, 2, 0.25)
    assert made.found.low is not None
    assert made.found.high is not None
    assert 0 <= made.found.low <= 0.25 <= made.found.high <= 1
    nobody = kind_shares(table.filter(pl.col("outcome") == "cannot_tell"), kind, tool=NO_TOOL).found
    assert (nobody.count, nobody.n, nobody.value, nobody.low, nobody.high) == (0, 0, None, None, None)


def test_patients_of_one_publication_are_not_independent() -> None:
    alone = rows(*((f"c{i}", f"P{i}", "x", "found" if i < 20 else "not_found") for i in range(40)))
    together = rows(*((f"c{i}", f"P{i // 10}", "x", "found" if i < 20 else "not_found") for i in range(40)))
    narrow, wide = (share(table, pl.col("outcome") == "found") for table in (alone, together))
    assert narrow.value == wide.value == 0.5
    assert narrow.low is not None
    assert wide.low is not None
    assert wide.low < narrow.low
    one = share(rows(("a", "P", "x", "found"), ("b", "P", "x", "found")), pl.col("outcome") == "found")
    assert (one.value, one.low, one.high) == (1.0, None, None)


def test_report(found: FoundLeaks) -> None:
    report = found.report
    n = len(CASES) + len(CLEAN)
    assert report.leaked.count + report.cannot_tell.count + report.clean.count == n
    assert report.leaked.n == report.cannot_tell.n == report.clean.n == n
    assert all(sum(kind.outcomes.values()) == n for kind in report.kinds)
    # of the file's own cases: one of another disease, one without terms known, one of a gene alone
    assert found.clean == ("not-a-candidate", "all-unknown", "gene-only", "clean-1", "clean-2", "clean-3")
    assert report.clean_but_for_tools == len(found.clean)
    assert (report.dataset.name, report.dataset.n) == ("cases.jsonl", n)
    assert report.knowledge == "tiny"
    assert report.provenance.parameters["knowledge"] == "tiny"
    assert [one.name for one in report.provenance.inputs] == ["cases.jsonl"]
    assert report.provenance.releases
    assert report.counts_equal.n == found.counts.height
    # of Marfan 9/10 and 8/10, of Dravet 20/20 and 7/8 and 0/5, of Duchenne 2/10: none is of less than five patients
    assert report.counts_equal_of_many.n == found.counts.height == 6
    again = Leakage.from_mapping(json.loads(report.to_json()), where="leakage.json")
    assert again == report


def test_clean_cases_are_clean(dataset: Path, tiny_release: str, tmp_path: Path, found: FoundLeaks) -> None:
    lines = PhenotypeBench().excerpt(str(dataset), found.clean)
    report = write_leaks(tmp_path / "out", found, lines=lines)
    clean = tmp_path / "out" / "clean.jsonl"
    assert report.clean_file is not None
    assert report.clean_file.sha256 == hashlib.sha256(clean.read_bytes()).hexdigest()
    written = dataset.read_bytes().splitlines(keepends=True)
    assert [json.loads(one)["case_id"] for one in clean.read_bytes().splitlines()] == list(found.clean)
    assert all(one in written for one in clean.read_bytes().splitlines(keepends=True))
    # looked at again, nothing is found; and the bench takes it as it is, with nothing to take out
    again = detect_leaks(clean, task=TASK, knowledge=tiny_release)
    assert again.clean == found.clean
    assert (again.report.leaked.count, again.report.cannot_tell.count) == (0, 0)
    assert again.report.dataset.sha256 == report.clean_file.sha256
    ranks = run_bench(clean, task=TASK, tools=["phenotype.resnik"], knowledge=tiny_release).ranks
    by_regime = ranks.sort("level", "case_id").partition_by("regime", include_key=False)
    assert len(by_regime) == 3
    assert all(one.equals(by_regime[0]) for one in by_regime)


def test_what_is_written(found: FoundLeaks, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_leaks(out, found, lines=[b"of an earlier run\n"])
    report = write_leaks(out, found, lines=None)
    names = ["cases.parquet", "clean.txt", "counts.parquet", "index.html", "leakage.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert (out / "clean.txt").read_text(encoding="utf-8").split("\n") == [*found.clean, ""]
    assert read_table(CASE_LEAKS, out / "cases.parquet").equals(found.cases)
    assert read_table(COMPARED_COUNTS, out / "counts.parquet").equals(found.counts)
    assert json.loads(table_metadata(out / "cases.parquet")["provenance"])["software"] == "genopraxis"
    raw = json.loads((out / "leakage.json").read_text(encoding="utf-8"))
    assert raw["schema"] == "genopraxis.leakage/1"
    assert Leakage.from_mapping(raw, where="leakage.json") == report


def test_nothing_is_left_half_written(found: FoundLeaks, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_leaks(out, found, lines=None)

    def broken():
        yield b"one line\n"
        raise InputError("the file was changed")

    with pytest.raises(InputError, match="changed"):
        write_leaks(out, found, lines=broken())
    left = {path.name for path in out.iterdir()}
    assert "leakage.json" not in left
    assert "clean.jsonl" not in left
    assert not any(name.endswith(".tmp") for name in left)


def test_tool(dataset: Path, tiny_release: str) -> None:
    found = detect_leaks(
        dataset,
        task=TASK,
        tools=[Learned(), "phenotype.resnik", "phenotype.likelihood"],
        knowledge=tiny_release,
    )
    report = found.report
    assert [(one.tool, one.publications, one.this_file) for one in report.tools] == [
        ("phenotype.learned", 1, False),
        ("phenotype.resnik", None, False),
        ("phenotype.likelihood", None, False),
    ]
    assert "clean-1" not in found.clean
    assert "clean-2" in found.clean
    assert report.clean_but_for_tools == report.clean.count + 1
    kinds = {(kind.name, kind.tool) for kind in report.kinds}
    assert ("in_training_publication", "phenotype.learned") in kinds
    assert ("patient_twice", None) in kinds
    page = render_leakage(report, found.cases, found.counts)
    for text in (
        "declares no case-level training data",
        "1 publication, no patients",
        "nothing was fitted",
        "phenopacket-store",
    ):
        assert text in page
    well_formed(page)
    with pytest.raises(InputError, match="twice"):
        detect_leaks(dataset, task=TASK, tools=[Learned(), Learned()], knowledge=tiny_release)


def test_page(found: FoundLeaks) -> None:
    page = render_leakage(found.report, found.cases, found.counts)
    well_formed(page)
    for text in ("publication_in_annotations", "What this report cannot see", "PMID:11", "<svg"):
        assert text in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "<script" not in page
    assert "None" not in page.replace("<p>None", "").replace("None:", "").replace("None was", "")


def test_nothing_of_a_file_is_read_as_markup(tmp_path: Path, tiny_release: str) -> None:
    path = write_lines(tmp_path / "x.jsonl", [line(EVIL, MARFAN, [LENS], pmid=EVIL), *CASES])
    found = detect_leaks(path, task=TASK, knowledge=tiny_release)
    assert EVIL not in render_leakage(found.report, found.cases, found.counts)


def test_page_of_a_file_without_anything_to_tell(tmp_path: Path, tiny_release: str) -> None:
    path = write_lines(tmp_path / "x.jsonl", [line("a", MARFAN, [LENS])])
    found = detect_leaks(path, task=TASK, knowledge=tiny_release)
    assert found.clean == ()
    assert found.report.cannot_tell.count == 1
    page = render_leakage(found.report, found.cases, found.counts)
    well_formed(page)
    for text in ("No case is clean", "None was compared"):
        assert text in page


def test_terminal_table(found: FoundLeaks) -> None:
    console = Console(width=80, file=StringIO())
    console.print(leakage_table(found.report))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for word in ("publication_in_annotations", "counts_equal", "leaked", "cannot be told", "clean"):
        assert word in text


def test_folder_of_phenopackets(tmp_path: Path, tiny_release: str, dataset: Path, found: FoundLeaks) -> None:
    folder = tmp_path / "packets"
    folder.mkdir()
    for number, case in enumerate((*CASES, *CLEAN)):
        (folder / f"{number:02d}.json").write_text(json.dumps(packet_of(case)), encoding="utf-8")
    same = detect_leaks(folder, task=TASK, knowledge=tiny_release)
    key = ["case_id", "kind"]
    assert same.cases.sort(key).equals(found.cases.sort(key))
    assert set(same.clean) == set(found.clean)


def test_gate_and_recorder(dataset: Path, tiny_release: str) -> None:
    noted = []

    class Both:
        def check(self, given, *, purpose):
            if purpose == "benchmark" and given == read(dataset).digest.sha256:
                raise RefusedError("not this file")

        def record(self, event, payload, provenance):
            noted.append((event, payload["kind"], payload["clean"], provenance.software))

    with pytest.raises(RefusedError, match="not this file"):
        detect_leaks(dataset, task=TASK, knowledge=tiny_release, gate=Both())
    assert not noted
    detect_leaks(dataset, task=TASK, knowledge=tiny_release, recorder=Both())
    assert noted == [("run", "leakage", 6, "genopraxis")]


def test_a_task_that_leaves_a_case_out_is_refused(dataset: Path, tiny_release: str) -> None:
    class Forgetful(PhenotypeBench):
        def leaks(self, prepared, *, tools):
            found = super().leaks(prepared, tools=tools)
            object.__setattr__(found, "cases", found.cases[1:])
            return found

    with pytest.raises(ContractError, match="once for each kind"):
        detect_leaks(dataset, task=replace(TASK, bench=Forgetful), knowledge=tiny_release)


def well_formed(html: str) -> None:
    """Every element that is opened is closed, in the right order."""
    void = {"meta", "br", "img", "hr", "input", "link", "col", "use", "path", "rect"}
    open_elements: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in void:
                open_elements.append(tag)

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            pass

        def handle_endtag(self, tag: str) -> None:
            if tag not in void:
                assert open_elements.pop() == tag

    Reader().feed(html)
    assert not open_elements
