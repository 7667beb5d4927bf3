"""Any patient, written as JSON, YAML or protobuf bytes and read again, is the same patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packets_for_tests import META, write

from genopraxis.contracts.patient import Feature, Onset, Patient
from genopraxis.formats.phenopacket import read_packets

text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1, max_size=10)
names = text.map(str.strip).filter(bool)
terms = st.integers(min_value=1, max_value=9_999_999).map(lambda number: f"HP:{number:07d}")
onsets = st.one_of(
    st.none(),
    st.builds(Onset, years=st.integers(min_value=0, max_value=99).map(float)),
    st.builds(Onset, term_id=terms),
)
features = st.lists(
    st.builds(Feature, term_id=terms, label=st.none() | names, excluded=st.booleans(), onset=onsets),
    max_size=6,
    unique_by=lambda feature: (feature.term_id, feature.excluded),
)
patients = st.builds(
    Patient,
    case_id=names,
    features=features.map(tuple),
    sex=st.sampled_from(["female", "male", "other", "unknown"]),
    karyotypic_sex=st.sampled_from(["unknown", "XX", "XY", "XO", "XXXY", "other"]),
    age_years=st.none() | st.integers(min_value=0, max_value=110).map(float),
)
SEX = {"female": "FEMALE", "male": "MALE", "other": "OTHER_SEX", "unknown": "UNKNOWN_SEX"}


def as_packet(patient: Patient) -> dict[str, Any]:
    karyotype = {"unknown": "UNKNOWN_KARYOTYPE", "other": "OTHER_KARYOTYPE"}
    subject: dict[str, Any] = {
        "id": "s",
        "sex": SEX[patient.sex],
        "karyotypicSex": karyotype.get(patient.karyotypic_sex, patient.karyotypic_sex),
    }
    if patient.age_years is not None:
        subject["timeAtLastEncounter"] = {"age": {"iso8601duration": f"P{patient.age_years:.0f}Y"}}
    return {
        "id": patient.case_id,
        "subject": subject,
        "phenotypicFeatures": [as_feature(feature) for feature in patient.features],
        "metaData": META,
    }


def as_feature(feature: Feature) -> dict[str, Any]:
    found: dict[str, Any] = {"type": {"id": feature.term_id}, "excluded": feature.excluded}
    if feature.label is not None:
        found["type"]["label"] = feature.label
    if feature.onset is not None and feature.onset.term_id is not None:
        found["onset"] = {"ontologyClass": {"id": feature.onset.term_id}}
    elif feature.onset is not None:
        found["onset"] = {"age": {"iso8601duration": f"P{feature.onset.years:.0f}Y"}}
    return found


def written(folder: Path, document: Any, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    return write(folder, document, name)


@pytest.mark.parametrize("name", ["p.json", "p.yaml", "p.pb", "p.json.gz", "p"])
@settings(max_examples=40, deadline=None)
@given(patient=patients)
def test_a_packet(tmp_path_factory: pytest.TempPathFactory, name: str, patient: Patient) -> None:
    path = written(tmp_path_factory.getbasetemp() / "packet", as_packet(patient), name)
    (found,) = read_packets(path)
    assert found.patient == patient
    assert found.repairs == ()


@pytest.mark.parametrize("name", ["c.json", "c.yaml", "c.pb"])
@settings(max_examples=25, deadline=None)
@given(members=st.lists(patients, min_size=1, max_size=3, unique_by=lambda patient: patient.case_id))
def test_a_cohort(tmp_path_factory: pytest.TempPathFactory, name: str, members: list[Patient]) -> None:
    document = {"id": "cohort", "members": [as_packet(patient) for patient in members], "metaData": META}
    path = written(tmp_path_factory.getbasetemp() / "cohort", document, name)
    assert [found.patient for found in read_packets(path)] == members


@pytest.mark.parametrize("name", ["f.json", "f.yaml", "f.pb"])
@settings(max_examples=25, deadline=None)
@given(family=st.lists(patients, min_size=1, max_size=3))
def test_a_family(tmp_path_factory: pytest.TempPathFactory, name: str, family: list[Patient]) -> None:
    proband, *relatives = (as_packet(patient) for patient in family)
    document = {"id": "family", "proband": proband, "relatives": relatives, "metaData": META}
    path = written(tmp_path_factory.getbasetemp() / "family", document, name)
    (found,) = read_packets(path)
    assert found.patient == family[0]
    assert len(found.repairs) == (1 if relatives else 0)
