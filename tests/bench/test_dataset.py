"""Benchmark cases from lines and from a folder: what is read, what is left out, what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from bench_cases import CASES, line, packet_of, read, write_lines

from genopraxis.contracts.errors import InputError


def folder_of(path: Path, *cases: dict) -> Path:
    path.mkdir()
    for number, case in enumerate(cases):
        (path / f"{number}.json").write_text(json.dumps(packet_of(case)), encoding="utf-8")
    return path


def test_lines(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl")
    found = read(path)
    assert found.digest.n == len(found.cases) == len(CASES)
    assert found.datasheet is None
    assert found.digest.name == "cases.jsonl"
    by_id = {case.case_id: case for case in found.cases}
    marfan = by_id["marfan-1"]
    assert marfan.truths == {"disease": ("OMIM:154700",), "gene": ("FBN1",)}
    assert (marfan.group, marfan.content.year) == ("PMID:11", 1999)
    assert set(by_id["gene-only"].truths) == {"gene"}
    assert by_id["unpublished"].group is None


def test_gzip_is_the_same_cases_with_another_digest(tmp_path: Path) -> None:
    plain = write_lines(tmp_path / "cases.jsonl")
    packed = tmp_path / "cases.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    one, two = read(plain), read(packed)
    assert one.cases == two.cases
    assert one.digest.sha256 != two.digest.sha256


def test_folder_holds_the_same_patients(tmp_path: Path) -> None:
    lines = read(write_lines(tmp_path / "cases.jsonl"))
    folder = read(folder_of(tmp_path / "packets", *CASES))
    assert [c.case_id for c in folder.cases] == [c.case_id for c in lines.cases]
    for a, b in zip(folder.cases, lines.cases, strict=True):
        one, two = a.content.patient, b.content.patient
        assert [(f.term_id, f.excluded, f.onset) for f in one.features] == [
            (f.term_id, f.excluded, f.onset) for f in two.features
        ]
        assert (one.sex, one.age_years) == (two.sex, two.age_years)
        assert a.truths == b.truths
        assert a.group == b.group


def test_digest_of_a_folder_depends_on_content_and_name_alone(tmp_path: Path) -> None:
    one = folder_of(tmp_path / "a", CASES[0], CASES[1])
    two = folder_of(tmp_path / "b", CASES[0], CASES[1])
    assert read(one).digest.sha256 == read(two).digest.sha256
    (two / "1.json").rename(two / "2.json")
    assert read(one).digest.sha256 != read(two).digest.sha256


def test_unreadable_file_and_case_without_answer_are_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "packets", CASES[0], line("no-answer", None, ["HP:0001250"]))
    (folder / "broken.json").write_text('{"id": "x"', encoding="utf-8")
    (folder / "notes.txt").write_text("not a packet", encoding="utf-8")
    found = read(folder)
    assert [case.case_id for case in found.cases] == ["marfan-1"]
    assert {(r.code, r.subject) for r in found.repairs} == {
        ("unreadable_file", "broken.json"),
        ("no_truth", "no-answer"),
    }


def test_line_without_answer_is_left_out_and_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl", [*CASES[:2], line("no-answer", None, ["HP:0001250"])])
    found = read(path)
    assert len(found.cases) == 2
    assert ("no_truth", "no-answer") in {(r.code, r.subject) for r in found.repairs}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"not json\n",
        b'{"case_id": "a", "observed": ["HP:0001250"], "disease_id": "OMIM:1"\n',
        b'[{"case_id": "a"}]\n',
        b'{"observed": ["HP:0001250"], "disease_id": "OMIM:1"}\n',
        b'{"case_id": "a", "observed": ["HP:0001250"]}\n',
        b'{"case_id": "a", "observed": "HP:0001250", "disease_id": "OMIM:1"}\n',
        "{\"case_id\": \"ä\"}".encode("latin-1"),
        gzip.compress(b'{"case_id": "a", "observed": [], "disease_id": "OMIM:1"}\n' * 50)[:-20],
    ],
)  # fmt: skip
def test_refused_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"cases\.jsonl"):
        read(path)


def test_refused_folders(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="holds no phenopacket"):
        read(empty)
    with pytest.raises(InputError, match="no case"):
        read(folder_of(tmp_path / "unsolved", line("no-answer", None, ["HP:0001250"])))
    with pytest.raises(InputError, match="two files"):
        read(folder_of(tmp_path / "twice", CASES[0], CASES[0]))
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "nowhere")


def test_same_case_id_with_other_content_is_refused(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl", [CASES[0], {**CASES[1], "case_id": "marfan-1"}])
    with pytest.raises(InputError, match="same case_id"):
        read(path)
