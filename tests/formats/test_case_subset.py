"""A part of a case-per-line file is the lines of the file, byte for byte."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.formats.case_lines import read_case_lines
from genopraxis.formats.case_subset import lines_of_cases

ODD = (
    b'\xef\xbb\xbf{"case_id":"a","observed":["HP:0001250"],"disease_id":"OMIM:1"}\r\n',
    b'{ "disease_id" : "OMIM:1",   "observed":[], "case_id": " b\\u0007 ", "zusatz":"\xc3\xa4 \\u00e4" }\n',
    b"\n",
    b'{"case_id":"a","observed":["HP:0001250"],"disease_id":"OMIM:1"}\n',
    b'{"case_id":"c","observed":[],"disease_id":"OMIM:2"}',
)


def test_lines_are_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"".join(ODD))
    ids = [case.patient.case_id for case in read_case_lines(path)[0]]
    assert ids == ["a", "b_", "c"]
    # the line that repeats a case is not read either
    assert list(lines_of_cases(path, ids)) == [ODD[0], ODD[1], ODD[4]]
    assert list(lines_of_cases(path, {"b_"})) == [ODD[1]]
    assert list(lines_of_cases(path, [])) == []


@given(kept=st.sets(st.integers(0, 9)), packed=st.booleans())
def test_a_part_reads_as_the_same_cases(tmp_path_factory, kept: set[int], packed: bool) -> None:
    lines = [
        json.dumps({"case_id": f"c{i}", "observed": ["HP:0001250"] * (i % 2), "disease_id": "OMIM:1"}) + "\n"
        for i in range(10)
    ]
    folder: Path = tmp_path_factory.mktemp("subset")
    path, part = folder / "cases", folder / "part"
    content = "".join(lines).encode()
    path.write_bytes(gzip.compress(content) if packed else content)
    part.write_bytes(b"".join(lines_of_cases(path, {f"c{i}" for i in kept})))
    assert part.read_text(encoding="utf-8") == "".join(lines[i] for i in sorted(kept))
    if kept:
        whole = {case.patient.case_id: case.patient for case in read_case_lines(path)[0]}
        assert {case.patient.case_id: case.patient for case in read_case_lines(part)[0]} == {
            f"c{i}": whole[f"c{i}"] for i in kept
        }


def test_a_case_that_is_gone_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(ODD[4])
    with pytest.raises(InputError, match=r"cases\.jsonl.*first d"):
        list(lines_of_cases(path, {"c", "d"}))
    path.write_bytes(b"{\n" + ODD[4])
    with pytest.raises(InputError, match="line 1"):
        list(lines_of_cases(path, {"c"}))
