"""Documents, cards, errors, durations and the patient: the words every room shares."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from genopraxis.contracts import errors
from genopraxis.contracts.cards import DataFile, Datasheet, Reference, ToolCard, TrainingData
from genopraxis.contracts.document import Document
from genopraxis.contracts.errors import ContractError, GenopraxisError, InputError
from genopraxis.contracts.evidence import Evidence
from genopraxis.contracts.patient import Feature, Patient, years_from_iso8601
from genopraxis.contracts.provenance import DataRelease, InputDigest, Provenance
from genopraxis.contracts.scorecard import DatasetDigest, Notice, Score, Scorecard, Timing
from genopraxis.provenance import current_provenance

SHA = "a" * 64
CARD = ToolCard(
    id="phenotype.toy",
    version="1",
    task="phenotype",
    name="Toy",
    summary="s",
    intended_use="tests",
    limitations=("everything",),
    licence="Apache-2.0",
    references=(Reference(citation="Köhler 2009", doi="10.1016/j.ajhg.2009.09.003"),),
    training_data=(
        TrainingData(dataset="toys", version="2", sha256=SHA, use="one weight"),
        TrainingData(dataset="unknown", version="unknown", sha256=None, use="not stated"),
    ),
    parameters={"on": True, "n": 3, "share": 0.5, "mode": "x"},
    score="none",
)
DATASHEET = Datasheet(
    name="toy",
    version="1",
    task="phenotype",
    description="d",
    licence="CC-BY-4.0",
    source="s",
    use_codes=("GRU",),
    composition={"sex": {"female": 2}},
    known_leakage=(),
    grouping_keys=("publication",),
    released=date(2025, 1, 31),
    files=(DataFile(path="cases.jsonl", sha256=SHA, size=0),),
)
EVIDENCE = Evidence(
    subject_type="disease",
    subject_id="OMIM:154700",
    code="phenotype.term",
    direction="supports",
    log10_likelihood_ratio=-0.3,
    tool_id="phenotype.toy",
    tool_version="1",
    releases=("HPO 2025-01-16",),
    sentence="«quoted» — and\nnewline",
)
PROVENANCE = current_provenance(
    libraries=("numpy",),
    parameters={"seed": 1, "share": None},
    inputs=(InputDigest(name="a.json", sha256=SHA),),
    releases=(DataRelease(name="HPO", version="1", licence="l", source="s", sha256=SHA),),
)
SCORECARD = Scorecard(
    task="phenotype",
    dataset=DatasetDigest(name="toy", sha256=SHA, n=3),
    results=(
        Score(
            tool="t",
            version="1",
            regime="r",
            level="disease",
            stratum="all",
            metric="top1",
            value=None,
            low=None,
            high=None,
            n=0,
        ),
    ),
    timing=(Timing(tool="t", regime="r", cases=3, seconds=0.1, cases_per_second=30.0),),
    notices=(Notice(code="c", message="m", n=1, cases=("a",)),),
    provenance=PROVENANCE,
)
DOCUMENTS = [CARD, DATASHEET, EVIDENCE, PROVENANCE, SCORECARD]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: type(d).__name__)
def test_a_document_survives_json(document: Document):
    text = document.to_json()
    raw = json.loads(text)
    assert next(iter(raw)) == "schema"
    assert raw["schema"] == document.schema_id
    again = type(document).from_mapping(raw, where="x.json")
    assert again == document
    assert again.to_json() == text
    assert raw["schema"], "from_mapping must not change what it is given"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: type(d).__name__)
def test_a_document_cannot_be_changed(document: Document):
    name = next(iter(type(document).model_fields))
    with pytest.raises(ValidationError):
        setattr(document, name, "other")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nme": "x"}, "nme"),
        ({"id": "Phenotype.Toy"}, "id:"),
        ({"id": "phenotype"}, "id:"),
        ({"limitations": []}, "limitations:"),
        ({"references": []}, "references:"),
        ({"references": [{"citation": "x", "pmid": "1"}]}, "references.0.pmid"),
        ({"schema": "genopraxis.tool-card/2"}, "wanted 'genopraxis.tool-card/1'"),
        ({"schema": None}, "wanted 'genopraxis.tool-card/1'"),
        ({"version": None}, "version:"),
    ],
)
def test_a_wrong_field_is_named_with_its_place(change, words):
    raw = json.loads(CARD.to_json()) | change
    with pytest.raises(ContractError) as caught:
        ToolCard.from_mapping(raw, where="card.yaml")
    assert str(caught.value).startswith("card.yaml: ")
    assert words in str(caught.value)


def test_every_field_without_default_is_needed():
    for name, field in ToolCard.model_fields.items():
        if not field.is_required():
            continue
        raw = json.loads(CARD.to_json())
        del raw[name]
        with pytest.raises(ContractError, match=name):
            ToolCard.from_mapping(raw, where="x")


@pytest.mark.parametrize("raw", [None, [], "text", 3, {1: 2}, {}])
def test_what_is_no_such_document_is_a_contract_error(raw):
    with pytest.raises(ContractError):
        ToolCard.from_mapping(raw, where="x")


@pytest.mark.parametrize("bad", ["A" * 64, "a" * 63, "", "a" * 65])
def test_a_digest_is_64_lower_hexadecimal_digits(bad):
    with pytest.raises(ValidationError):
        DataFile(path="x", sha256=bad, size=1)


def test_a_number_that_json_has_no_word_for_is_not_written():
    for bad in ("inf", "-inf", "nan"):
        with pytest.raises(ContractError, match=r"infinite.*evidence/1\.log10_likelihood_ratio"):
            EVIDENCE.model_copy(update={"log10_likelihood_ratio": float(bad)}).to_json()


class _Whole(Document):
    """A document with documents in it."""

    schema_id = "test.whole/2"
    upgrades: ClassVar = {
        "test.whole/1": lambda body: {
            "parts": [],
            **{("one" if k == "single" else k): v for k, v in body.items()},
        }
    }

    one: Evidence
    parts: tuple[Evidence, ...]


def test_a_document_inside_another_keeps_its_schema():
    whole = _Whole(one=EVIDENCE, parts=(EVIDENCE,))
    raw = json.loads(whole.to_json())
    assert raw["schema"] == "test.whole/2"
    assert raw["one"]["schema"] == raw["parts"][0]["schema"] == Evidence.schema_id
    assert next(iter(raw["one"])) == "schema"
    assert _Whole.from_mapping(raw, where="x") == whole
    raw["parts"][0]["schema"] = "genopraxis.evidence/9"
    with pytest.raises(ContractError, match=r"parts\.0.*evidence/9"):
        _Whole.from_mapping(raw, where="x")
    del raw["parts"][0]["schema"]
    with pytest.raises(ContractError, match=r"parts\.0.*does not say its schema"):
        _Whole.from_mapping(raw, where="x")


def test_an_older_document_is_brought_up_to_date():
    inner = json.loads(EVIDENCE.to_json())
    old = {"schema": "test.whole/1", "single": inner}
    assert _Whole.from_mapping(old, where="x") == _Whole(one=EVIDENCE, parts=())
    with pytest.raises(ContractError, match=r"wanted 'test\.whole/2'.*newer"):
        _Whole.from_mapping(old | {"schema": "test.whole/3"}, where="x")
    assert old["single"] is inner


def test_a_schema_must_be_stated_but_where_people_write_by_hand():
    raw = json.loads(CARD.to_json())
    del raw["schema"]
    with pytest.raises(ContractError, match="does not say its schema"):
        ToolCard.from_mapping(raw, where="x")
    assert ToolCard.from_mapping(raw, where="x", schema_optional=True) == CARD
    with pytest.raises(ContractError, match="wanted"):
        ToolCard.from_mapping(raw | {"schema": "y"}, where="x", schema_optional=True)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("on", "false", False),
        ("n", "-4", -4),
        ("share", "1e-3", 0.001),
        ("share", "2", 2.0),
        ("mode", "", ""),
    ],
)
def test_a_setting_has_the_type_of_the_parameter(name, text, value):
    found = CARD.read_settings({name: text})
    assert found == {name: value}
    assert type(found[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("no", "1", "mode, n, on, share"),
        ("on", "1", "true or false"),
        ("on", "True", "true or false"),
        ("n", "0.5", "whole number"),
        ("share", "half", "a number"),
        ("share", "nan", "a number"),
        ("share", "inf", "a number"),
    ],
)
def test_a_wrong_setting_says_what_is_right(name, text, words):
    with pytest.raises(InputError, match=words):
        CARD.read_settings({name: text})


def test_provenance_states_nothing_by_itself():
    with pytest.raises(ValidationError, match="created"):
        Provenance()
    assert PROVENANCE.libraries["numpy"]


def test_provenance_keeps_names_of_files_and_the_time_zone():
    raw = json.loads(PROVENANCE.to_json())
    assert raw["inputs"] == [{"name": "a.json", "sha256": SHA}]
    assert raw["created"].endswith("Z")
    assert PROVENANCE.created.microsecond == 0


ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, GenopraxisError)
]  # fmt: skip


@pytest.mark.parametrize("kind", ERRORS, ids=lambda k: k.__name__)
def test_an_error_survives_pickling(kind):
    error = kind("is wrong", where="file.tsv", hint="mend it")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is kind
    assert (again.what, again.where, again.hint) == ("is wrong", "file.tsv", "mend it")
    assert str(again) == str(error) == "file.tsv: is wrong — mend it"


def _raise_in_worker() -> None:
    raise ContractError("is wrong", where="file.tsv", hint="mend it")


def test_an_error_comes_back_whole_from_a_worker_process():
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(ContractError) as caught,
    ):
        pool.submit(_raise_in_worker).result()
    assert caught.value.hint == "mend it"


def test_an_error_says_what_it_knows_and_no_more():
    assert str(GenopraxisError("is wrong")) == "is wrong"
    assert str(GenopraxisError("is wrong", where="f")) == "f: is wrong"
    assert str(GenopraxisError("is wrong", hint="h")) == "is wrong — h"


@pytest.mark.parametrize(
    ("duration", "years"),
    [
        ("P3Y6M", 3.5),
        ("P1Y", 1.0),
        ("P6M", 0.5),
        ("P52W", 364 / 365.25),
        ("P1D", 1 / 365.25),
        ("P0D", 0.0),
        ("PT24H", 1 / 365.25),
        ("P1DT12H", 1.5 / 365.25),
        ("PT1440M", 1 / 365.25),
        ("P1.5Y", 1.5),
        (" P2Y\n", 2.0),
        ("P0,5Y", 0.5),
        ("P1Y6,0M", 1.5),
    ],
)
def test_durations(duration, years):
    assert years_from_iso8601(duration) == pytest.approx(years)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P3",
        "3Y",
        "P-3Y",
        "-P3Y",
        "P3M2Y",
        "p3y",
        "P3Y6",
        "P3Y P",
        "P1H",
        "P.5Y",
        "P1YY",
        "P1YT",
        "P١Y",
        "P1,Y",
        "P1,5.5Y",
        "P1Y\nP1Y",
        "PT5",
        "P²Y",
    ],
)
def test_what_is_no_duration_has_no_years(text):
    assert years_from_iso8601(text) is None


PARTS = st.fixed_dictionaries(
    {unit: st.none() | st.integers(0, 5000) for unit in ("Y", "M", "W", "D")}
).filter(lambda parts: any(value is not None for value in parts.values()))


@given(PARTS)
def test_a_duration_is_the_sum_of_its_parts(parts):
    days = {"Y": 365.25, "M": 365.25 / 12, "W": 7, "D": 1}
    text = "P" + "".join(f"{parts[unit]}{unit}" for unit in days if parts[unit] is not None)
    wanted = sum(days[unit] * value for unit, value in parts.items() if value is not None) / 365.25
    assert years_from_iso8601(text) == pytest.approx(wanted)


@given(st.text(alphabet="PTYMWDHS0123456789.-", max_size=12) | st.text(max_size=12))
def test_any_text_is_a_duration_or_is_not_and_never_an_error(text):
    years = years_from_iso8601(text)
    assert years is None or years >= 0


def test_a_patient_tells_observed_from_excluded_signs():
    seen, absent = Feature(term_id="HP:0001250"), Feature(term_id="HP:0001166", excluded=True)
    patient = Patient(case_id="1", features=(seen, absent))
    assert patient.observed == (seen,)
    assert patient.excluded == (absent,)
