"""Benchmark cases, one a line: the patient apart from the truth, and everything unusual counted."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Feature, Onset, Patient, Truth
from genopraxis.formats.case_lines import CaseLine, read_case_lines

LINE: dict[str, Any] = {"case_id": "c", "observed": ["HP:0001250"], "excluded": [], "disease_id": "OMIM:1"}


def write(tmp_path: Path, *lines: Any, packed: bool = False) -> Path:
    path = tmp_path / "cases.jsonl"
    data = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


def one(tmp_path: Path, **more: Any) -> tuple[CaseLine, list[str]]:
    (case,), repairs = read_case_lines(write(tmp_path, LINE | more))
    assert all(repair.subject == case.patient.case_id for repair in repairs)
    return case, [repair.code for repair in repairs]


@pytest.mark.parametrize("packed", [False, True])
def test_a_whole_line(tmp_path: Path, packed: bool) -> None:
    line = {
        "case_id": "PMID_7_a",
        "pmid": "PMID:7",
        "title": "MARK",
        "gene": "GENE1",
        "disease_id": "OMIM:1",
        "disease_label": "MARK",
        "disease_onset": "HP:0003577",
        "variants": [{"label": "MARK"}],
        "observed": ["HP:0001250", "HP:0001263", "HP:0000252", "HP:0000316"],
        "excluded": ["HP:0000508"],
        "observed_onset": ["P18Y", "HP:0011463", None, "GA:35w0d"],
        "sex": "FEMALE",
        "age": "P6Y6M",
        "year_approx": 2004,
        "created": "2024-03-05T13:15:24.563273906Z",
        "rank": {"a": 1, "b": None},
        "llm_rank": {"c": 2.5},
    }
    (case,), repairs = read_case_lines(write(tmp_path, "", line, packed=packed))
    assert repairs == []
    assert case.patient == Patient(
        case_id="PMID_7_a",
        features=(
            Feature(term_id="HP:0001250", onset=Onset(years=18.0)),
            Feature(term_id="HP:0001263", onset=Onset(term_id="HP:0011463")),
            Feature(term_id="HP:0000252"),
            Feature(term_id="HP:0000316", onset=Onset(years=0.0, term_id="HP:0030674")),
            Feature(term_id="HP:0000508", excluded=True),
        ),
        sex="female",
        age_years=6.5,
    )
    assert case.truth == Truth(
        case_id="PMID_7_a", disease_ids=("OMIM:1",), genes=("GENE1",), publication="PMID:7"
    )
    assert (case.publication, case.year, case.created, case.line) == ("PMID:7", 2004, date(2024, 3, 5), 2)
    assert case.external_ranks == {"a": 1.0, "b": None, "c": 2.5}
    assert "MARK" not in repr(case)


@pytest.mark.parametrize(
    ("more", "diseases", "genes"),
    [
        ({"gene": None}, ("OMIM:1",), ()),
        ({"gene": ["A", "B", "A"]}, ("OMIM:1",), ("A", "B")),
        ({"disease": ["OMIM:2", "OMIM:1"]}, ("OMIM:1", "OMIM:2"), ()),
        ({"disease_id": None, "gene": "A"}, (), ("A",)),
    ],
)
def test_truths(
    tmp_path: Path, more: dict[str, Any], diseases: tuple[str, ...], genes: tuple[str, ...]
) -> None:
    truth = one(tmp_path, **more)[0].truth
    assert (truth.disease_ids, truth.genes) == (diseases, genes)


@pytest.mark.parametrize(
    ("pmid", "case_id", "publication", "codes"),
    [
        ("PMID: 33890291", "c", "PMID:33890291", ["publication_spelling"]),
        ("PMID:G13", "c", "PMID:G13", ["publication_spelling"]),
        (None, "PMID_12_x", "PMID:12", []),
        (None, "c", None, []),
    ],
)
def test_publication(
    tmp_path: Path, pmid: str | None, case_id: str, publication: str | None, codes: list[str]
) -> None:
    case, found = one(tmp_path, pmid=pmid, case_id=case_id)
    assert case.publication == case.truth.publication == publication
    assert found == codes


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"observed": ["HP:1", "HP:0001250", "hp:0000252", 3]}, "malformed_term"),
        ({"observed": ["HP:0001250", "HP:0001250"]}, "duplicate_feature"),
        ({"observed_onset": []}, None),
        ({"observed_onset": ["P1Y", None]}, "onset_not_usable"),
        ({"observed_onset": ["soon"]}, "onset_not_usable"),
        ({"age": "HP:0003577"}, "age_not_usable"),
        ({"age": 7}, "age_not_usable"),
        ({"sex": "UNKNOWN_SEX"}, None),
        ({"sex": None}, None),
        ({"sex": "?"}, "unknown_value"),
        ({"created": "then"}, "unknown_value"),
        ({"rank": {"a": "first"}}, "rank_not_usable"),
        ({"rank": {"a": 0}}, "rank_not_usable"),
        ({"rank": {"a": True}}, "rank_not_usable"),
        ({"rank": {"a": 10**400}}, "rank_not_usable"),
    ],
)
def test_values_that_are_ignored(tmp_path: Path, more: dict[str, Any], code: str | None) -> None:
    case, codes = one(tmp_path, **more)
    assert set(codes) == ({code} if code else set())
    assert case.patient == Patient(case_id="c", features=(Feature(term_id="HP:0001250"),))
    assert case.external_ranks == {}


def test_a_contradiction_is_kept_for_those_who_judge_it(tmp_path: Path) -> None:
    case, codes = one(tmp_path, excluded=["HP:0001250"])
    assert [item.excluded for item in case.patient.features] == [False, True]
    assert codes == []


def test_a_case_without_truth_is_left_out(tmp_path: Path) -> None:
    bare = {"case_id": "bare", "observed": ["HP:0001250"], "gene": [], "disease_id": " "}
    cases, repairs = read_case_lines(write(tmp_path, bare, LINE))
    assert [case.patient.case_id for case in cases] == ["c"]
    assert [(repair.code, repair.subject) for repair in repairs] == [("no_truth", "bare")]


def test_repeated_cases(tmp_path: Path) -> None:
    cases, repairs = read_case_lines(write(tmp_path, LINE, dict(reversed(LINE.items())), LINE))
    assert len(cases) == 1
    assert [repair.code for repair in repairs] == ["duplicate_case"] * 2
    with pytest.raises(InputError, match="lines 1 and 3 have the same case_id and differ"):
        read_case_lines(write(tmp_path, LINE, "", LINE | {"sex": "MALE"}))


def test_no_cases_is_an_outcome(tmp_path: Path) -> None:
    assert read_case_lines(write(tmp_path, "", "  ")) == ([], [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: the JSON text ends too early"),
        ("nothing", "line 2: not valid JSON"),
        ("[]", "line 2: is not a JSON object"),
        ('{"case_id": "d", "case_id": "e"}', r"line 2: a key occurs twice in one object \(column 18\)"),
        ("{}", "line 2: has no case_id"),
        ({**LINE, "case_id": 3}, "line 2: has no case_id"),
        ({"case_id": "d", "gene": "A"}, "line 2: has no observed or excluded terms"),
        ({**LINE, "case_id": "d", "observed": "HP:0001250"}, "line 2: observed is not a list"),
        ({**LINE, "case_id": "d", "disease_id": 7}, "line 2: disease_id is neither text nor"),
    ],
)
def test_lines_that_are_refused(tmp_path: Path, line: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_case_lines(write(tmp_path, LINE, line))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    more=st.dictionaries(
        st.sampled_from([*LINE, "sex", "age", "rank", "observed_onset", "gene", "pmid", "created"]), values
    )
)
def test_no_line_gives_a_stack_trace(tmp_path_factory: pytest.TempPathFactory, more: dict[str, Any]) -> None:
    with suppress(InputError):
        read_case_lines(write(tmp_path_factory.getbasetemp(), LINE | more))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "n", "codes"),
    [
        ("phenopacket_store_dev", 8288, {"age_not_usable": 25}),
        ("reese5211_cases_llm_ranks.dev", 3920, {"publication_spelling": 4}),
        ("pps200_exomiser_llm_ranks.dev", 148, {}),
        ("lirical385_exomiser1330_gpt_ranks", 385, {}),
    ],
)
def test_real_files(rare_data: Path, name: str, n: int, codes: dict[str, int]) -> None:
    cases, repairs = read_case_lines(rare_data / f"{name}.jsonl.gz")
    assert len(cases) == n
    assert Counter(repair.code for repair in repairs) == codes
    assert all(case.truth.disease_ids for case in cases)
    assert all(case.publication for case in cases) == (name != "lirical385_exomiser1330_gpt_ranks")
    assert any(case.external_ranks for case in cases) == (name != "phenopacket_store_dev")
