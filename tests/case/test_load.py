"""From paths and terms to patients; one bad file among many is a case with a problem."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from case_packets import packet, write

from genopraxis.case.load import case_from_terms, find_files, load_cases
from genopraxis.contracts.errors import InputError

SEIZURE, SCOLIOSIS = "HP:0001250", "HP:0002650"


def test_folder_gives_its_packets_in_order_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "a", packet("1", SEIZURE), packet("2", SEIZURE))
    (tmp_path / "a" / "deep").mkdir()
    for name in ("deep/x.yaml", "z.pb", "y.JSON.gz", "notes.txt", ".hidden.json"):
        (tmp_path / "a" / name).write_bytes(b"x")
    names = [path.relative_to(tmp_path / "a").as_posix() for path in find_files([tmp_path / "a"])]
    assert names == ["00.json", "01.json", "deep/x.yaml", "y.JSON.gz", "z.pb"]


def test_file_named_twice_is_one(tmp_path: Path) -> None:
    (path,) = write(tmp_path, packet("1", SEIZURE))
    assert find_files([path, tmp_path, path]) == [path]


def test_nothing_to_find(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no phenopacket"):
        find_files([tmp_path / "empty"])
    with pytest.raises(InputError, match="no such file or folder"):
        find_files([tmp_path / "nowhere.json"])
    assert find_files([]) == []


def test_loaded_case_knows_its_source_and_repairs(tmp_path: Path) -> None:
    (path,) = write(tmp_path, packet("c", "hp_0001250", excluded=(SCOLIOSIS,)))
    (case,) = load_cases([path])
    assert case.problem is None
    assert case.patient is not None
    assert case.source is not None
    assert case.name == case.patient.case_id == "c"
    assert case.source.name == "00.json"
    assert [r.code for r in case.repairs] == ["term_id_spelling"]
    assert [f.term_id for f in case.patient.observed] == [SEIZURE]
    assert [f.term_id for f in case.patient.excluded] == [SCOLIOSIS]


def test_bad_one_among_many(tmp_path: Path) -> None:
    paths = write(tmp_path, packet("a", SEIZURE), packet("b", SEIZURE), packet("c", SEIZURE))
    paths[1].write_text('{"id": "b", ', encoding="utf-8")
    found = list(load_cases([*paths, tmp_path / "gone.json"]))
    assert [case.name for case in found] == ["a", "01.json", "c", "gone.json"]
    assert [case.problem is None for case in found] == [True, False, True, False]
    assert "01.json" in str(found[1].problem)


def test_second_use_of_a_case_id_is_a_problem_of_the_second(tmp_path: Path) -> None:
    paths = write(tmp_path, packet("same", SEIZURE), packet("same", SCOLIOSIS), packet("other", SEIZURE))
    found = list(load_cases(paths))
    assert [case.patient is not None for case in found] == [True, False, True]
    assert "same" in str(found[1].problem)
    assert "00.json" in str(found[1].problem)
    assert "01.json" in str(found[1].problem)


def test_cohort_is_one_case_a_member(tmp_path: Path) -> None:
    cohort = {
        "id": "k",
        "members": [packet("a", SEIZURE), packet("b", SCOLIOSIS)],
        "metaData": packet("x")["metaData"],
    }
    path = tmp_path / "cohort.json"
    path.write_text(json.dumps(cohort), encoding="utf-8")
    found = list(load_cases([path]))
    assert len({case.name for case in found}) == 2
    assert all(case.patient for case in found)


def test_terms() -> None:
    made = case_from_terms(
        case_id="x",
        observed=[f"{SEIZURE}, {SCOLIOSIS}", ""],
        excluded=["hp:0001249"],
        sex=" Female ",
        age="P3Y6M",
    )
    assert made.patient is not None
    assert [f.term_id for f in made.patient.observed] == [SEIZURE, SCOLIOSIS]
    assert [f.term_id for f in made.patient.excluded] == ["HP:0001249"]
    assert made.patient.sex == "female"
    assert made.patient.age_years == pytest.approx(3.5)
    assert [r.code for r in made.repairs] == ["term_id_spelling"]
    assert made.source is None


def test_terms_given_twice_are_one_and_reported() -> None:
    made = case_from_terms(case_id="x", observed=[SEIZURE, SEIZURE], excluded=[])
    assert made.patient is not None
    assert len(made.patient.features) == 1
    assert [r.code for r in made.repairs] == ["duplicate_feature"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"observed": ["seizure"]}, "'seizure'"),
        ({"observed": ["HP:123"]}, "'HP:123'"),
        ({"observed": [SEIZURE], "excluded": ["OMIM:154700"]}, "'OMIM:154700'"),
        ({"observed": [SEIZURE], "sex": "F"}, "--sex"),
        ({"observed": [SEIZURE], "age": "3"}, "--age"),
        ({"observed": [SEIZURE], "age": "P131Y"}, "--age"),
        ({"observed": [SEIZURE], "age": "-P3Y"}, "--age"),
        ({"observed": [SEIZURE], "age": ""}, "--age"),
    ],
)
def test_terms_refused(given: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        case_from_terms(**({"case_id": "x", "excluded": []} | given))
