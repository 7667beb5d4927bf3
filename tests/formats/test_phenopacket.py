"""Phenopackets in: what reaches the patient, what is repaired, what stays out."""

from __future__ import annotations

import hashlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from packets_for_tests import META, feature, packet, write

from genopraxis.contracts.patient import Feature, Onset
from genopraxis.formats.phenopacket import Packet, read_packets, read_solved, read_truths

MARK = "SENTINEL"


def one(tmp_path: Path, document: Any, name: str = "packet.json") -> Packet:
    (found,) = read_packets(write(tmp_path, document, name))
    return found


def codes(found: Packet) -> list[str]:
    return [repair.code for repair in found.repairs]


@pytest.mark.parametrize(
    "name", ["p.json", "p.yaml", "p.pb", "p.json.gz", "p.yml.gz", "p.pb.gz", "p", "p.gz"]
)
def test_every_encoding_gives_the_same_patient(tmp_path: Path, name: str) -> None:
    document = packet(
        feature("HP:0001250", onset={"age": {"iso8601duration": "P1Y6M"}}),
        feature("HP:0001263", onset={"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}}),
        feature("HP:0000252", excluded=True),
        subject={
            "id": "s",
            "sex": "FEMALE",
            "karyotypicSex": "XX",
            "timeAtLastEncounter": {"age": {"iso8601duration": "P4Y"}},
        },
    )
    found = one(tmp_path, document, name)
    assert found.repairs == ()
    assert found.created == datetime(2025, 2, 3, 9, 30, tzinfo=UTC)
    assert found.source.name == name
    patient = found.patient
    assert (patient.case_id, patient.sex, patient.karyotypic_sex, patient.age_years) == (
        "case-1",
        "female",
        "XX",
        4,
    )
    assert patient.features == (
        Feature(term_id="HP:0001250", label="label of HP:0001250", onset=Onset(years=1.5)),
        Feature(term_id="HP:0001263", label="label of HP:0001263", onset=Onset(term_id="HP:0003577")),
        Feature(term_id="HP:0000252", label="label of HP:0000252", excluded=True),
    )


def test_snake_case_fields_are_protobuf_json_too(tmp_path: Path) -> None:
    document = {"id": "c", "phenotypic_features": [feature("HP:0001250")], "meta_data": {"created_by": "x"}}
    found = one(tmp_path, document)
    assert [item.term_id for item in found.patient.features] == ["HP:0001250"]
    assert found.repairs == ()


def secrets() -> dict[str, Any]:
    term = {"id": f"OMIM:{MARK}", "label": MARK}
    context = {"valueId": MARK, "symbol": MARK}
    return {
        "diseases": [
            {"term": term, "onset": {"ontologyClass": {"id": "HP:0003577", "label": MARK}}, MARK: MARK}
        ],
        "interpretations": [
            {
                "id": MARK,
                "progressStatus": "SOLVED",
                "summary": MARK,
                "diagnosis": {
                    "disease": term,
                    "genomicInterpretations": [
                        {"interpretationStatus": "CAUSATIVE", "gene": context},
                        {"variantInterpretation": {"variationDescriptor": {"geneContext": context}}},
                    ],
                },
            }
        ],
        "measurements": [{"description": MARK}],
        "biosamples": [{"id": MARK}],
        "medicalActions": [{"treatmentTarget": term}],
        "files": [{"uri": MARK}],
        "metaData": {
            **META,
            "submittedBy": MARK,
            "externalReferences": [{"id": MARK, "description": MARK}],
        },
    }


@pytest.mark.parametrize("name", ["p.json", "p.yaml", "p.pb"])
def test_the_answer_never_reaches_the_patient(tmp_path: Path, name: str) -> None:
    hidden = secrets()
    if name == "p.pb":
        del hidden["diseases"][0][MARK]
    signs = [feature("HP:0001250", description=MARK, evidence=[{"reference": {"id": MARK}}])]
    seen = one(
        tmp_path,
        packet(*signs, subject={"id": MARK, "alternateIds": [MARK], "sex": "MALE"}, **hidden),
        name,
    )
    bare = one(tmp_path, packet(feature("HP:0001250"), subject={"sex": "MALE"}), name)
    assert MARK not in repr(seen)
    assert (seen.patient, seen.repairs, seen.created) == (bare.patient, bare.repairs, bare.created)


def test_a_damaged_answer_does_not_matter(tmp_path: Path) -> None:
    found = one(tmp_path, packet(feature("HP:0001250"), diseases="?", interpretations=[{"diagnosis": 7}]))
    assert found.repairs == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("hp:0001250", "HP:0001250"),
        ("HP_0001250", "HP:0001250"),
        (" HP:0001250\n", "HP:0001250"),
        ("hp: 0001250", "HP:0001250"),
        ("http://purl.obolibrary.org/obo/HP_0001250", "HP:0001250"),
    ],
)
def test_spellings_of_a_term(tmp_path: Path, written: str, read: str) -> None:
    found = one(tmp_path, packet(feature(written)))
    assert [item.term_id for item in found.patient.features] == [read]
    assert codes(found) == ["term_id_spelling"]


@pytest.mark.parametrize(
    ("term", "code"),
    [
        ("SNOMED:84757009", "non_hpo_term"),
        ("MP:0001250", "non_hpo_term"),
        ("OMOP:1", "non_hpo_term"),
        ("HP:1250", "malformed_term"),
        ("HP:00012500", "malformed_term"),
        ("HP:٠٠٠١٢٥٠", "malformed_term"),
        ("", "feature_without_term"),
    ],
)
def test_terms_that_stay_out(tmp_path: Path, term: str, code: str) -> None:
    found = one(tmp_path, packet(feature(term), feature("HP:0000252")))
    assert [item.term_id for item in found.patient.features] == ["HP:0000252"]
    assert codes(found) == [code]


def test_a_feature_without_type(tmp_path: Path) -> None:
    found = one(tmp_path, packet({"description": "a rash"}, {"type": None}))
    assert found.patient.features == ()
    assert codes(found) == ["feature_without_term"] * 2


def test_repeated_and_contradicting_features(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        packet(
            {"type": {"id": "HP:0001250"}},
            feature("HP:0001250", onset={"age": {"iso8601duration": "P2Y"}}),
            feature("HP:0001250", excluded=True),
        ),
    )
    assert found.patient.features == (
        Feature(term_id="HP:0001250", label="label of HP:0001250", onset=Onset(years=2.0)),
        Feature(term_id="HP:0001250", label="label of HP:0001250", excluded=True),
    )
    assert codes(found) == ["duplicate_feature"]


@pytest.mark.parametrize("features", [None, []])
def test_no_features_is_an_outcome(tmp_path: Path, features: list[Any] | None) -> None:
    found = one(tmp_path, {"id": "c", "subject": {"sex": "MALE"}, "phenotypicFeatures": features})
    assert found.patient.features == ()
    assert found.created is None


AGES: list[tuple[dict[str, Any], float | None]] = [
    ({"age": {"iso8601duration": "P2Y6M"}}, 2.5),
    ({"ageRange": {"start": {"iso8601duration": "P10Y"}, "end": {"iso8601duration": "P20Y"}}}, 15.0),
    ({"gestationalAge": {"weeks": 20, "days": 3}}, 0.0),
    ({"timestamp": "2020-01-01T00:00:00Z"}, 20.0),
    ({"interval": {"start": "2010-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}}, 15.0),
    ({"age": {"iso8601duration": "six"}}, None),
    ({"age": {"iso8601duration": "P400Y"}}, None),
    ({"ageRange": {"start": {"iso8601duration": "P10Y"}}}, None),
    ({"interval": {"end": "2020-01-01T00:00:00Z"}}, None),
    ({"timestamp": "1990-01-01T00:00:00Z"}, None),
    ({"ontologyClass": {"id": "HP:0011463"}}, None),
]


@pytest.mark.parametrize(("element", "years"), AGES)
def test_age(tmp_path: Path, element: dict[str, Any], years: float | None) -> None:
    subject = {"dateOfBirth": "2000-01-01T00:00:00Z", "timeAtLastEncounter": element}
    found = one(tmp_path, packet(subject=subject))
    assert found.patient.age_years == (years if years is None else pytest.approx(years, abs=0.01))
    assert codes(found) == ([] if years is not None else ["age_not_usable"])


@pytest.mark.parametrize(("element", "years"), AGES)
def test_onset(tmp_path: Path, element: dict[str, Any], years: float | None) -> None:
    found = one(
        tmp_path,
        packet(feature("HP:0001250", onset=element), subject={"dateOfBirth": "2000-01-01T00:00:00Z"}),
    )
    onset = found.patient.features[0].onset
    if "ontologyClass" in element:
        assert onset == Onset(term_id="HP:0011463")
    elif years is None:
        assert onset is None
        assert codes(found) == ["onset_not_usable"]
    else:
        assert onset is not None
        assert onset.years == pytest.approx(years, abs=0.01)
        assert onset.term_id == ("HP:0030674" if "gestationalAge" in element else None)


def test_a_moment_without_date_of_birth(tmp_path: Path) -> None:
    found = one(tmp_path, packet(subject={"timeAtLastEncounter": {"timestamp": "2020-01-01T00:00:00Z"}}))
    assert found.patient.age_years is None
    assert codes(found) == ["age_not_usable"]


def test_sloppy_values_are_repaired(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        packet(
            feature("HP:0001250", excluded="True"),
            case_id=None,
            id=17,
            subject={
                "sex": "female",
                "karyotypicSex": 1,
                "dateOfBirth": "2000-01-01",
                "timeAtLastEncounter": {"timestamp": "yesterday"},
            },
        ),
    )
    assert found.patient.case_id == "17"
    assert found.patient.features[0].excluded
    assert (found.patient.sex, found.patient.karyotypic_sex) == ("female", "XX")
    assert sorted(codes(found)) == ["unknown_value"] + ["value_spelling"] * 4


def test_yaml_keeps_words_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "id: NO\nsubject: {sex: 2, dateOfBirth: 2000-01-01}\n"
        "phenotypicFeatures:\n- type: &t {id: HP:0001250, label: Seizure}\n  excluded: true\n- type: *t\n"
    )
    (found,) = read_packets(path)
    assert found.patient.case_id == "NO"
    assert found.patient.sex == "male"
    assert [item.excluded for item in found.patient.features] == [True, False]


def test_unknown_fields_are_counted(tmp_path: Path) -> None:
    found = one(tmp_path, packet(feature("HP:0001250", colour=1), feature("HP:0000252", colour=2), mood="x"))
    assert [(repair.code, repair.subject) for repair in found.repairs] == [
        ("unknown_field", "phenotypicFeatures.colour"),
        ("unknown_field", "mood"),
    ]
    assert "2 times" in found.repairs[0].message


def test_unknown_fields_are_listed_to_the_twentieth(tmp_path: Path) -> None:
    unknown = {f"field {n:02}": n for n in range(25)}
    found = one(tmp_path, packet(feature("HP:0001250", **{"x" * 500: 1, "a\u202e\nb": 2}), **unknown))
    repairs = [repair for repair in found.repairs if repair.code == "unknown_field"]
    assert len(repairs) == 21
    assert repairs[0].subject == "phenotypicFeatures." + "x" * 39 + "…"
    assert repairs[1].subject == "phenotypicFeatures.a b"
    assert repairs[-1].message.startswith("7 more field names")
    assert "(7 times)" in repairs[-1].message


def test_labels_are_one_line_of_printable_text(tmp_path: Path) -> None:
    label = "Sei\u200bzure\u202e\x1b[31m\n\U000e0041x"
    raw = feature("HP:0001250") | {"type": {"id": "HP:0001250", "label": label}}
    assert one(tmp_path, packet(raw)).patient.features[0].label == "Seizure [31m x"
    raw["type"]["label"] = "y" * 10_000
    assert one(tmp_path, packet(raw)).patient.features[0].label == "y" * 199 + "…"


def test_digits_of_other_scripts_are_none(tmp_path: Path) -> None:
    raw = feature("HP:٠٠٠١٢٥٠"), feature("HP:0000252", onset={"age": {"iso8601duration": "P٣Y"}})
    found = one(tmp_path, packet(*raw, subject={"dateOfBirth": "٢٠٠٠-01-01T00:00:00Z"}))
    assert codes(found) == ["unknown_value", "malformed_term", "onset_not_usable"]


def test_the_digest_is_of_the_bytes_that_were_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, packet(feature("HP:0001250")))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    other = write(tmp_path, packet(feature("HP:0000252")), "other.json")
    opened = Path.open
    paths = []

    def exchanged(self: Path, *args: Any, **options: Any) -> Any:
        paths.append(self)
        stream = opened(self, *args, **options)
        other.replace(path)  # another file takes its place while this one is read
        return stream

    monkeypatch.setattr(Path, "open", exchanged)
    (found,) = read_packets(path)
    assert paths == [path]
    assert found.source.sha256 == sha256
    assert found.patient.features[0].term_id == "HP:0001250"


def test_one_reading_gives_patients_and_truths(tmp_path: Path) -> None:
    path = write(tmp_path, {"members": [packet(case_id="a"), packet(case_id="b")]})
    assert read_solved(path) == list(zip(read_packets(path), read_truths(path), strict=True))


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode elsewhere")
def test_a_file_name_that_is_not_utf8_can_be_written(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.json"))
    path.write_bytes(write(tmp_path, packet(case_id=None)).read_bytes())
    (found,) = read_packets(path)
    assert found.source.name == r"caf\xe9.json"
    assert found.patient.case_id == r"caf\xe9"
    found.source.model_dump_json().encode()


@pytest.mark.parametrize("case_id", [None, "", "  "])
def test_a_packet_without_id_is_called_like_its_file(tmp_path: Path, case_id: str | None) -> None:
    path = write(tmp_path, packet(case_id=case_id), "ward 7.phenopacket.json.gz")
    (found,) = read_packets(path)
    assert found.patient.case_id == "ward 7"
    assert codes(found) == ["missing_case_id"]
    assert read_truths(path)[0].case_id == "ward 7"


def test_an_id_cannot_forge_a_log_line(tmp_path: Path) -> None:
    found = one(tmp_path, packet(case_id=" a\n\x1b[31mb "))
    assert found.patient.case_id == "a__[31mb"
    assert codes(found) == ["case_id_spelling"]


@pytest.mark.parametrize("name", ["f.json", "f.yaml", "f.pb"])
def test_family(tmp_path: Path, name: str) -> None:
    family = {
        "id": "family",
        "proband": {"id": "child", "phenotypicFeatures": [feature("HP:0001250")], "subject": {"sex": "MALE"}},
        "relatives": [packet(feature("HP:0000252"), case_id="mother"), packet(case_id="father")],
        "metaData": META,
    }
    found = one(tmp_path, family, name)
    assert found.patient.case_id == "child"
    assert [item.term_id for item in found.patient.features] == ["HP:0001250"]
    assert codes(found) == ["relatives_not_used"]
    assert "2 relatives" in found.repairs[0].message
    assert found.created == datetime(2025, 2, 3, 9, 30, tzinfo=UTC)
    del family["proband"]["id"]  # type: ignore[attr-defined]
    assert one(tmp_path, family, name).patient.case_id == "family"


@pytest.mark.parametrize("name", ["c.json", "c.yaml", "c.pb"])
def test_cohort(tmp_path: Path, name: str) -> None:
    members = [
        packet(feature("HP:0001250"), case_id="a", diseases=[{"term": {"id": "OMIM:1", "label": "x"}}]),
        packet(feature("HP:0000252"), case_id=None),
    ]
    path = write(tmp_path, {"id": "cohort", "description": "two", "members": members, "metaData": META}, name)
    found = read_packets(path)
    assert [item.patient.case_id for item in found] == ["a", "c-2"]
    assert [item.patient.features[0].term_id for item in found] == ["HP:0001250", "HP:0000252"]
    truths = read_truths(path)
    assert [(item.case_id, item.disease_ids) for item in truths] == [("a", ("OMIM:1",)), ("c-2", ())]
