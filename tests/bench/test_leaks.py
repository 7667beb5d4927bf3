"""The leak detector of the phenotype task, on the release of ``tests/tiny.py``: every outcome by hand."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bench_cases import (
    ANEURYSM,
    ARACHNODACTYLY,
    DISABILITY,
    DRAVET,
    LENS,
    MARFAN,
    SCOLIOSIS,
    SEIZURE,
    WEAKNESS,
    line,
    read,
    write_lines,
)

from genopraxis.bench.leakage_document import MANY
from genopraxis.contracts.cards import DataFile, Datasheet, TrainingData
from genopraxis.contracts.errors import PluginError
from genopraxis.contracts.leakage import CASE_LEAKS, COMPARED_COUNTS, NO_TOOL, LeakReport
from genopraxis.contracts.patient import Feature, Patient
from genopraxis.contracts.ranking_bench import RankingDataset
from genopraxis.contracts.training import TrainingTrace
from genopraxis.tasks.phenotype.bench.cases import read_cases
from genopraxis.tasks.phenotype.bench.port import PhenotypeBench
from genopraxis.tasks.phenotype.patient_digest import patient_digest
from genopraxis.tasks.phenotype.task import PhenotypeTool
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool

LIPODYSTROPHY, OBESITY, ABSENT = "OMIM:151660", "OMIM:601665", "OMIM:999999"

# PMID:41 says of lipodystrophy: 1 of 4 with muscle weakness, and an onset that no file counts
LIPO = [
    line("lipo-1", LIPODYSTROPHY, [WEAKNESS, LENS], pmid="PMID:41"),
    line("lipo-2", LIPODYSTROPHY, [SCOLIOSIS], excluded=[WEAKNESS], pmid="PMID:41"),
    line("lipo-3", LIPODYSTROPHY, [LENS], excluded=[WEAKNESS], pmid="PMID:41"),
    line("lipo-4", LIPODYSTROPHY, [ANEURYSM], excluded=[WEAKNESS], pmid="PMID:41"),
]
# PMID:21 says of Dravet: seizure 20/20, disability 7/8; this patient gives 1/1 and 0/0
DRAVET_1 = line("dravet", DRAVET, [SEIZURE], pmid="PMID:21", sex="FEMALE")
OTHERS = [
    DRAVET_1,
    line("never", MARFAN, [LENS], pmid="PMID:77"),
    line("elsewhere", MARFAN, [ARACHNODACTYLY], pmid="PMID:21"),
    line("absent", ABSENT, [WEAKNESS], pmid="PMID:99"),
    line("absent-elsewhere", ABSENT, [SEIZURE], pmid="PMID:22"),
    line("unpublished", MARFAN, [SCOLIOSIS]),
    line("odd-publication", MARFAN, [DISABILITY], pmid="a conference"),
    line("gene-only", None, [SEIZURE], gene="SCN1A", pmid="PMID:97"),
    line("no-terms", MARFAN, [], pmid="PMID:96"),
    line("pooled", MARFAN, [ANEURYSM], pmid="PMID:12"),
]


def leaks(dataset: RankingDataset, release: str, *tools: PhenotypeTool) -> LeakReport:
    port = PhenotypeBench()
    found = port.leaks(port.prepare(dataset, knowledge=release, counts=None), tools=tools)
    CASE_LEAKS.check(found.cases, raise_errors=True)
    COMPARED_COUNTS.check(found.counts, raise_errors=True)
    return found


def outcomes(found: LeakReport, kind: str, tool: str = NO_TOOL) -> dict[str, tuple[str, str | None]]:
    rows = found.cases.filter((pl.col("kind") == kind) & (pl.col("tool") == tool))
    assert rows.height == found.cases["case_id"].n_unique()
    return {row["case_id"]: (row["outcome"], row["reason"]) for row in rows.iter_rows(named=True)}


def row(found: LeakReport, case_id: str, kind: str) -> dict[str, Any]:
    return found.cases.row(by_predicate=(pl.col("case_id") == case_id) & (pl.col("kind") == kind), named=True)


@pytest.fixture
def found(tmp_path: Path, tiny_release: str) -> LeakReport:
    return leaks(read(write_lines(tmp_path / "cases.jsonl", [*LIPO, *OTHERS])), tiny_release)


def test_every_case_is_there_once_for_each_kind_in_the_order_of_the_file(found: LeakReport) -> None:
    kinds = ["publication_in_annotations", "publication_elsewhere", "counts_equal", "patient_twice"]
    assert [kind.name for kind in found.kinds] == kinds
    ids = [case["case_id"] for case in (*LIPO, *OTHERS)]
    for kind in kinds:
        assert found.cases.filter(pl.col("kind") == kind)["case_id"].to_list() == ids


def test_publication_in_annotations(found: LeakReport) -> None:
    assert outcomes(found, "publication_in_annotations") == {
        **dict.fromkeys((case["case_id"] for case in LIPO), ("found", None)),
        "dravet": ("found", None),
        "pooled": ("found", None),
        "never": ("not_found", None),
        "elsewhere": ("not_found", None),
        "no-terms": ("not_found", None),
        "absent": ("not_applicable", "disease_absent"),
        "absent-elsewhere": ("not_applicable", "disease_absent"),
        "gene-only": ("not_applicable", "disease_not_stated"),
        "unpublished": ("cannot_tell", "publication_not_stated"),
        "odd-publication": ("cannot_tell", "publication_not_a_pubmed_id"),
    }
    assert row(found, "lipo-1", "publication_in_annotations")["found_in"] == [LIPODYSTROPHY]


def test_publication_elsewhere(found: LeakReport) -> None:
    told = outcomes(found, "publication_elsewhere")
    assert {case for case, (outcome, _) in told.items() if outcome == "found"} == {
        "elsewhere",
        "absent-elsewhere",
    }
    assert {case for case, (outcome, _) in told.items() if outcome == "cannot_tell"} == {
        "unpublished",
        "odd-publication",
    }
    assert row(found, "absent-elsewhere", "publication_elsewhere")["found_in"] == [DRAVET]


def test_counts_equal(found: LeakReport) -> None:
    told = outcomes(found, "counts_equal")
    assert {case for case, (outcome, _) in told.items() if outcome == "found"} == {
        case["case_id"] for case in LIPO
    }
    # 8 of 10 with an aneurysm, one in the file; the pooled count of ectopia lentis is not compared
    assert told["pooled"] == ("not_found", None)
    assert told["dravet"] == ("not_found", None)
    assert told["never"] == ("not_applicable", "nothing_to_compare")
    assert told["absent"] == ("not_applicable", "disease_absent")
    assert told["unpublished"] == ("cannot_tell", "publication_not_stated")
    numbers = {case: row(found, case, "counts_equal") for case in ("lipo-1", "dravet", "pooled", "never")}
    assert {case: (one["compared"], one["equal"]) for case, one in numbers.items()} == {
        "lipo-1": (1, 1),
        "dravet": (2, 0),
        "pooled": (1, 0),
        "never": (0, 0),
    }


def test_compared_counts(found: LeakReport) -> None:
    rows = found.counts.drop("subject_label", "item_label").rows()
    assert sorted(rows) == [
        ("PMID:12", MARFAN, ANEURYSM, 8, 10, 1, 1, False),
        ("PMID:21", DRAVET, DISABILITY, 7, 8, 0, 0, False),
        ("PMID:21", DRAVET, SEIZURE, 20, 20, 1, 1, False),
        ("PMID:41", LIPODYSTROPHY, WEAKNESS, 1, 4, 1, 4, True),
    ]
    # 0 of 5 with scoliosis, of Dravet, in the publication of a case with another disease
    assert found.not_compared == 1
    assert "Lipodystrophy" in found.counts.filter("equal")["subject_label"][0]


def test_one_patient_less_is_not_equal(tmp_path: Path, tiny_release: str) -> None:
    found = leaks(read(write_lines(tmp_path / "cases.jsonl", LIPO[:3])), tiny_release)
    assert {outcome for outcome, _ in outcomes(found, "counts_equal").values()} == {"not_found"}
    assert [notice.code for notice in found.notices] == ["publication_incomplete"]


def test_patients_alike(tmp_path: Path, tiny_release: str) -> None:
    cases = [
        line("a", MARFAN, [LENS, SCOLIOSIS], excluded=[SEIZURE], pmid="PMID:71", sex="MALE"),
        line("b", MARFAN, [SCOLIOSIS, LENS], excluded=[SEIZURE], pmid="PMID:72", sex="MALE", age="P3Y"),
        line("c", MARFAN, [LENS, SCOLIOSIS], excluded=[SEIZURE], pmid="PMID:72", sex="FEMALE"),
        line("d", MARFAN, [LENS, SCOLIOSIS], excluded=[], pmid="PMID:72", sex="MALE"),
        line("e", DRAVET, [LENS, SCOLIOSIS], excluded=[SEIZURE], pmid="PMID:71", sex="MALE"),
        line("f", DRAVET, [SEIZURE], pmid="PMID:73"),
        line("g", DRAVET, [SEIZURE], pmid="PMID:73"),
        line("h", DRAVET, [LENS]),
        line("i", DRAVET, [LENS]),
        line("j", [MARFAN, DRAVET], [WEAKNESS], pmid="PMID:74"),
        line("k", DRAVET, [WEAKNESS], pmid="PMID:75"),
        line("l", None, [SEIZURE], gene="SCN1A", pmid="PMID:74"),
        line("m", None, [SEIZURE], gene="SCN1A", pmid="PMID:75"),
        line("n", MARFAN, [], pmid="PMID:74"),
        line("o", MARFAN, [], pmid="PMID:75"),
    ]
    found = leaks(read(write_lines(tmp_path / "cases.jsonl", cases)), tiny_release)
    assert outcomes(found, "patient_twice") == {
        "a": ("found", "other_publication"),
        "b": ("found", "other_publication"),
        **dict.fromkeys("cde", ("not_found", None)),
        "f": ("found", "same_publication"),
        "g": ("found", "same_publication"),
        # a publication that is not stated may be another
        "h": ("found", "other_publication"),
        "i": ("found", "other_publication"),
        "j": ("found", "other_publication"),
        "k": ("found", "other_publication"),
        "l": ("found", "other_publication"),
        "m": ("found", "other_publication"),
        "n": ("cannot_tell", "no_terms"),
        "o": ("cannot_tell", "no_terms"),
    }
    assert row(found, "a", "patient_twice")["found_in"] == ["b"]


def test_a_crowd_of_patients_alike_names_twenty(tmp_path: Path, tiny_release: str) -> None:
    crowd = [line(f"p{i:03d}", MARFAN, [LENS], pmid="PMID:71") for i in range(100)]
    found = leaks(read(write_lines(tmp_path / "cases.jsonl", crowd)), tiny_release)
    assert len(row(found, "p050", "patient_twice")["found_in"]) == 20


@dataclass(frozen=True)
class Learned(PhenotypeTool):
    """A tool that says what it was trained on, as a learned one does."""

    trace: Any
    data: tuple[TrainingData, ...] = ()

    @property
    def card(self):
        return ResnikTool.card.model_copy(update={"id": "phenotype.learned", "training_data": self.data})

    def prepare(self, knowledge):
        return ResnikTool().prepare(knowledge)

    def trained_on(self):
        if isinstance(self.trace, Exception):
            raise self.trace
        return self.trace


DATA = TrainingData(dataset="cases", version="1", sha256="b" * 64, use="everything")


def trace(publications: set[str], *patients: dict[str, Any]) -> TrainingTrace:
    made = set()
    for case in patients:
        stated = [Feature(term_id=t) for t in case["observed"]]
        stated += [Feature(term_id=t, excluded=True) for t in case["excluded"]]
        patient = Patient(case_id="in another file", features=tuple(stated), sex="female")
        made.add(patient_digest(patient, disease_id=case["disease_id"]))
    return TrainingTrace(publications=frozenset(publications), patients=frozenset(made))


def test_training_data_that_are_declared(tmp_path: Path, tiny_release: str) -> None:
    dataset = read(write_lines(tmp_path / "cases.jsonl", [*LIPO, *OTHERS]))
    # the patient of PMID:21 is there under another publication, and so is one of another sex
    tool = Learned(trace({"PMID:41", "PMID:12345"}, DRAVET_1, LIPO[0]))
    found = leaks(dataset, tiny_release, tool)
    assert [kind.name for kind in found.kinds][-2:] == ["in_training_publication", "in_training_patient"]
    publications = outcomes(found, "in_training_publication", "phenotype.learned")
    assert {case for case, told in publications.items() if told == ("found", None)} == {
        case["case_id"] for case in LIPO
    }
    assert publications["unpublished"] == ("cannot_tell", "publication_not_stated")
    assert publications["odd-publication"] == ("cannot_tell", "publication_not_a_pubmed_id")
    assert publications["absent"] == ("not_found", None)
    patients = outcomes(found, "in_training_patient", "phenotype.learned")
    assert {case for case, told in patients.items() if told == ("found", None)} == {"dravet"}
    assert patients["unpublished"] == ("not_found", None)
    assert patients["gene-only"] == ("cannot_tell", "disease_not_stated")
    assert patients["no-terms"] == ("cannot_tell", "no_terms")
    assert [(one.publications, one.patients, one.this_file) for one in found.tools] == [(2, 2, False)]
    # a publication by its own name, whatever that is
    odd = outcomes(
        leaks(dataset, tiny_release, Learned(trace({"a conference"}))),
        "in_training_publication",
        "phenotype.learned",
    )
    assert odd["odd-publication"] == ("found", None)


def test_only_one_sort_of_training_data_is_declared(tmp_path: Path, tiny_release: str) -> None:
    dataset = read(write_lines(tmp_path / "cases.jsonl", LIPO))
    untold = ("not_declared", "no_cases_declared")
    found = leaks(dataset, tiny_release, Learned(trace({"PMID:41"})))
    assert set(outcomes(found, "in_training_patient", "phenotype.learned").values()) == {untold}
    assert set(outcomes(found, "in_training_publication", "phenotype.learned").values()) == {("found", None)}
    found = leaks(dataset, tiny_release, Learned(trace(set(), DRAVET_1)))
    assert set(outcomes(found, "in_training_publication", "phenotype.learned").values()) == {untold}
    found = leaks(dataset, tiny_release, Learned(trace(set())))
    for kind in ("in_training_patient", "in_training_publication"):
        assert set(outcomes(found, kind, "phenotype.learned").values()) == {("not_found", None)}


def test_training_data_that_are_not_declared(tmp_path: Path, tiny_release: str) -> None:
    dataset = read(write_lines(tmp_path / "cases.jsonl", LIPO))
    this_file = DATA.model_copy(update={"sha256": dataset.digest.sha256})
    assert ResnikTool().trained_on() is None
    for data, told in (
        ((), ("not_applicable", "nothing_fitted")),
        ((DATA,), ("not_declared", "no_cases_declared")),
        ((DATA, this_file), ("cannot_tell", "trained_on_this_file")),
    ):
        found = leaks(dataset, tiny_release, Learned(None, data))
        for kind in ("in_training_patient", "in_training_publication"):
            assert set(outcomes(found, kind, "phenotype.learned").values()) == {told}
        assert [one.this_file for one in found.tools] == [this_file in data]
        assert [one.publications for one in found.tools] == [None]
    # who says which cases were used is taken at his word, whatever the file
    found = leaks(dataset, tiny_release, Learned(trace({"PMID:1"}), (this_file,)))
    told = outcomes(found, "in_training_publication", "phenotype.learned")
    assert set(told.values()) == {("not_found", None)}


def test_a_file_of_a_registered_dataset_counts_as_this_file(tmp_path: Path, tiny_release: str) -> None:
    sheet = Datasheet(
        name="d", version="1", task="phenotype", description="d", licence="CC0-1.0", source="s", use_codes=(),
        known_leakage=("none",), grouping_keys=("publication",),
        files=(DataFile(path="x", sha256="b" * 64, size=1),),
    )  # fmt: skip
    dataset = replace(read(write_lines(tmp_path / "cases.jsonl", LIPO)), datasheet=sheet)
    assert leaks(dataset, tiny_release, Learned(None, (DATA,))).tools[0].this_file


@pytest.mark.parametrize("answer", [ValueError("lost"), {"PMID:1"}, True])
def test_a_tool_that_cannot_say_is_one_clear_error(tmp_path: Path, tiny_release: str, answer: object) -> None:
    dataset = read(write_lines(tmp_path / "cases.jsonl", LIPO))
    with pytest.raises(PluginError, match=r"phenotype\.learned.*trained_on"):
        leaks(dataset, tiny_release, Learned(answer))


def test_digest_of_a_patient() -> None:
    def patient(*observed: str, excluded: tuple[str, ...] = (), case_id: str = "a", **more: Any) -> Patient:
        features = [Feature(term_id=t) for t in observed]
        features += [Feature(term_id=t, excluded=True) for t in excluded]
        return Patient(case_id=case_id, features=tuple(features), **more)

    one = patient_digest(patient(LENS, SEIZURE, excluded=(WEAKNESS,), sex="male"), disease_id=MARFAN)
    # sha256 of "OMIM:154700\tHP:0001083,HP:0001250\tHP:0001324\tmale": a digest once written stays the same
    assert one == "e9a054b224184c55"
    other = patient(SEIZURE, LENS, excluded=(WEAKNESS,), sex="male", case_id="b", age_years=3.0)
    assert patient_digest(other, disease_id=MARFAN) == one
    for changed in (
        patient(LENS, excluded=(WEAKNESS,), sex="male"),
        patient(LENS, SEIZURE, WEAKNESS, sex="male"),
        patient(LENS, SEIZURE, excluded=(WEAKNESS,), sex="unknown"),
    ):
        assert patient_digest(changed, disease_id=MARFAN) != one
    assert patient_digest(other, disease_id=DRAVET) != one


def test_folder_of_phenopackets_has_no_lines(tmp_path: Path) -> None:
    assert PhenotypeBench().excerpt(str(tmp_path), ["a"]) is None


@pytest.mark.shared_data
def test_leak_of_the_development_file(rare_data: Path, embedded: object) -> None:
    """What the file itself says of each case, found again; and how many counts agree to the last patient."""
    path = rare_data / "phenopacket_store_dev.jsonl.gz"
    port = PhenotypeBench()
    dataset = read_cases([str(path)], name="dev")
    found = port.leaks(port.prepare(dataset, knowledge="embedded", counts=None), tools=[])
    told = found.cases.group_by("kind").agg(
        found=(pl.col("outcome") == "found").sum(), of=pl.col("outcome").is_in(["found", "not_found"]).sum()
    )
    by_kind = {kind: (n, of) for kind, n, of in told.iter_rows()}
    lines = gzip.decompress(path.read_bytes()).splitlines()
    stated = {case["case_id"]: case["hpoa"]["2025-01-16"] for case in map(json.loads, lines)}
    meant = {"cites_pmid": "found", "disease_only": "not_found", "disease_absent": "not_applicable"}
    assert {
        case: outcome for case, (outcome, _) in outcomes(found, "publication_in_annotations").items()
    } == {case: meant[value] for case, value in stated.items()}
    assert by_kind["publication_in_annotations"] == (4314, 6405)
    assert by_kind["publication_elsewhere"] == (465, 8288)
    assert by_kind["counts_equal"] == (3160, 3768)
    assert by_kind["patient_twice"] == (1011, 8287)
    # 83 % over the releases of the whole store and its annotations
    assert (found.counts.height, found.counts["equal"].sum(), found.not_compared) == (6697, 5053, 366)
    assert found.counts["equal"].mean() == pytest.approx(0.755, abs=0.001)
    many = found.counts.filter(pl.col("knowledge_examined") >= MANY)
    assert (many.height, many["equal"].sum()) == (2819, 1997)
