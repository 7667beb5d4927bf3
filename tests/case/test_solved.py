"""Files of solved patients: what becomes a case of the library, what is left out, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from case_packets import packet, write

from genopraxis.case.solved import SolvedCases, read_solved_cases
from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.local_cases import SolvedCase

SEIZURE, FOCAL, LENS, ARACHNODACTYLY = "HP:0001250", "HP:0011153", "HP:0001083", "HP:0001166"
MARFAN = {"diseases": [{"term": {"id": "OMIM:154700", "label": "Marfan syndrome"}}]}


def lines(path: Path, *cases: dict, end: str = "\n") -> Path:
    text = "".join(json.dumps(case, ensure_ascii=False) + end for case in cases)
    path.write_bytes(text.encode())
    return path


def line(case_id: str, *observed: str, **more) -> dict:
    return {"case_id": case_id, "observed": list(observed), "disease_id": "OMIM:154700"} | more


@pytest.fixture
def read(tiny: HpoKnowledge):
    def read(*paths: Path) -> SolvedCases:
        return read_solved_cases(list(paths), tiny.ontology)

    return read


def test_phenopackets_of_a_folder_and_lines_together(read, tmp_path: Path) -> None:
    write(tmp_path / "packets", packet("p", LENS, excluded=(SEIZURE,), **MARFAN))
    file = lines(tmp_path / "x.jsonl", line("名-é", ARACHNODACTYLY, gene="FBN1", pmid="PMID:5", sex="MALE"))
    found = read(tmp_path / "packets", file)
    assert found.problems == []
    assert found.cases == [
        SolvedCase(
            case_id="p",
            disease_ids=("OMIM:154700",),
            observed=(LENS,),
            excluded=(SEIZURE,),
            sex="female",
        ),
        SolvedCase(
            case_id="名-é",
            disease_ids=("OMIM:154700",),
            observed=(ARACHNODACTYLY,),
            genes=("FBN1",),
            publication="PMID:5",
            sex="male",
        ),
    ]


@pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson", "X.JSONL.gz"])
def test_windows_line_ends_and_gzip(read, tmp_path: Path, name: str) -> None:
    plain = lines(tmp_path / name, line("a", LENS), line("b", SEIZURE), end="\r\n")
    if name.endswith("gz"):
        plain.write_bytes(gzip.compress(plain.read_bytes()))
    assert [case.case_id for case in read(plain).cases] == ["a", "b"]


def test_cases_without_a_disease_are_named(read, tmp_path: Path) -> None:
    write(tmp_path / "packets", packet("p", LENS))
    file = lines(
        tmp_path / "x.jsonl",
        line("gene-only", LENS, disease_id=None, gene="FBN1"),
        line("nothing", LENS, disease_id=None),
        line("solved", LENS),
    )
    found = read(tmp_path / "packets", file)
    assert sorted(found.undiagnosed) == ["gene-only", "nothing", "p"]
    assert [case.case_id for case in found.cases] == ["solved"]
    assert found.problems == []


def test_obsolete_terms_are_kept_and_told(read, tmp_path: Path) -> None:
    found = read(lines(tmp_path / "x.jsonl", line("a", "HP:9000002", FOCAL)))
    assert found.cases[0].observed == ("HP:0011153", "HP:9000002")
    assert [(r.code, r.subject) for r in found.repairs] == [("obsolete_term", "a")]
    assert "HP:0001250" in found.repairs[0].message


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (line("a", "HP:0001260"), "nearest terms: .*HP:0001250"),
        (line("a", "HP:9000003"), "obsolete and has no successor"),
        (line("a"), "has no terms"),
        (line("a", "HP:0003577"), "none of its terms is a sign"),
        (line("a", LENS, disease_id="some disease"), "no catalogue id"),
    ],
)
def test_a_case_that_cannot_be_used(read, tmp_path: Path, case: dict, words: str) -> None:
    found = read(lines(tmp_path / "x.jsonl", case, line("good", LENS)))
    (problem,) = found.problems
    with pytest.raises(InputError, match=words):
        raise problem
    assert problem.where == "x.jsonl, a"
    assert [one.case_id for one in found.cases] == ["good"]


def test_ids_that_occur_twice(read, tmp_path: Path) -> None:
    write(tmp_path / "one", packet("Zo\u00eb", LENS, **MARFAN))
    write(tmp_path / "two", packet("Zoe\u0308", SEIZURE, **MARFAN))
    found = read(tmp_path / "one", tmp_path / "two")
    assert len(found.cases) == 1
    assert "already used in 00.json" in found.problems[0].what


def test_bad_files_do_not_hide_good_ones_and_tell_no_path(read, tmp_path: Path) -> None:
    folder = tmp_path / "Jane Doe"
    write(folder, packet("good", LENS, **MARFAN))
    whole = gzip.compress(json.dumps(packet("cut", LENS, **MARFAN)).encode())
    (folder / "cut.json.gz").write_bytes(whole[:-20])
    (folder / "text.json").write_text("no packet")
    cut = gzip.compress(lines(tmp_path / "y.jsonl", line("l", LENS)).read_bytes())
    (folder / "lines.jsonl.gz").write_bytes(cut[:-9])
    (folder / "bad.jsonl").write_text("{not json}\n")
    found = read(folder, folder / "lines.jsonl.gz", folder / "bad.jsonl")
    assert [case.case_id for case in found.cases] == ["good"]
    assert len(found.problems) == 4
    assert sum("truncated" in str(problem) for problem in found.problems) == 2
    assert not [str(problem) for problem in found.problems if "Jane" in str(problem)]


def test_what_is_not_kept_is_told(read, tmp_path: Path) -> None:
    found = read(lines(tmp_path / "x.jsonl", line("a", LENS, pmid="letter", gene=["FBN1", "not a gene"])))
    assert found.cases[0].genes == ("FBN1",)
    assert found.cases[0].publication is None
    assert {"gene_not_usable"} <= {repair.code for repair in found.repairs}
    assert not [r for r in found.repairs if "letter" in r.message or "not a gene" in r.message]


def test_a_path_that_is_not_there(read, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "nothing")
