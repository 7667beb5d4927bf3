"""From a Phenopacket message to a patient: features, sex and age, with a repair for everything unusual."""

from __future__ import annotations

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2
from phenopackets.schema.v2.core import base_pb2, individual_pb2, phenotypic_feature_pb2

from genopraxis.contracts.patient import Feature, KaryotypicSex, Onset, Patient, Repair, Sex
from genopraxis.formats.identifiers import (
    ANTENATAL_ONSET,
    OLDEST_YEARS,
    hpo_id,
    looks_like_hpo,
    plausible_years,
    printable_text,
)

_SEX: dict[int, Sex] = {
    individual_pb2.FEMALE: "female",
    individual_pb2.MALE: "male",
    individual_pb2.OTHER_SEX: "other",
}
_KARYOTYPE: dict[int, KaryotypicSex] = {
    individual_pb2.XX: "XX",
    individual_pb2.XY: "XY",
    individual_pb2.XO: "XO",
    individual_pb2.XXY: "XXY",
    individual_pb2.XXX: "XXX",
    individual_pb2.XXYY: "XXYY",
    individual_pb2.XXXY: "XXXY",
    individual_pb2.XXXX: "XXXX",
    individual_pb2.XYY: "XYY",
    individual_pb2.OTHER_KARYOTYPE: "other",
}
_LABEL_LIMIT = 200
_SECONDS_PER_YEAR = 365.25 * 86400


def patient_of(message: schema_v2.Phenopacket, *, case_id: str) -> tuple[Patient, list[Repair]]:
    """Return the patient that a Phenopacket describes, and the repairs.

    Parameters
    ----------
    message
        A Phenopacket of which id, subject, features and creation date alone were read.
    case_id
        Identifier of the case.
    """
    repairs: list[Repair] = []
    subject = message.subject
    born = subject.date_of_birth if subject.HasField("date_of_birth") else None
    features: dict[tuple[str, bool], Feature] = {}
    for number, raw in enumerate(message.phenotypic_features, start=1):
        feature = _feature(raw, number=number, born=born, repairs=repairs)
        if feature is None:
            continue
        key = (feature.term_id, feature.excluded)
        if key in features:
            features[key] = merge_features(features[key], feature)
            repairs.append(
                Repair(
                    code="duplicate_feature",
                    message=f"{feature.term_id} is given more than once; merged",
                    subject=feature.term_id,
                )
            )
        else:
            features[key] = feature
    patient = Patient(
        case_id=case_id,
        features=tuple(features.values()),
        sex=_SEX.get(subject.sex, "unknown"),
        karyotypic_sex=_KARYOTYPE.get(subject.karyotypic_sex, "unknown"),
        age_years=_age(subject, born=born, repairs=repairs),
    )
    return patient, repairs


def merge_features(first: Feature, second: Feature) -> Feature:
    """Return one feature for two mentions of the same term: the first, with what only the second knows."""
    return Feature(
        term_id=first.term_id,
        label=first.label or second.label,
        excluded=first.excluded,
        onset=first.onset or second.onset,
    )


def _feature(
    raw: phenotypic_feature_pb2.PhenotypicFeature,
    *,
    number: int,
    born: Timestamp | None,
    repairs: list[Repair],
) -> Feature | None:
    written = raw.type.id
    label = printable_text(raw.type.label, limit=_LABEL_LIMIT) or None
    if not written.strip():
        named = f" ({printable_text(label, limit=60)})" if label else ""
        repairs.append(
            Repair(
                code="feature_without_term",
                message=f"phenotypic feature {number}{named} has no term id; left out",
                subject=f"feature {number}",
            )
        )
        return None
    term = hpo_id(written)
    if term is None:
        shown = printable_text(written, limit=60)
        if looks_like_hpo(written):
            problem = Repair(
                code="malformed_term",
                message=f"{shown!r} is not an HPO id (HP: and 7 digits); left out",
                subject=shown,
            )
        else:
            problem = Repair(
                code="non_hpo_term", message=f"{shown!r} is not a term of HPO; left out", subject=shown
            )
        repairs.append(problem)
        return None
    if term != written:
        repairs.append(
            Repair(
                code="term_id_spelling", message=f"{written.strip()[:60]!r} is read as {term}", subject=term
            )
        )
    onset = _onset(raw.onset, term=term, born=born, repairs=repairs) if raw.HasField("onset") else None
    return Feature(term_id=term, label=label, excluded=bool(raw.excluded), onset=onset)


def _onset(
    element: base_pb2.TimeElement, *, term: str, born: Timestamp | None, repairs: list[Repair]
) -> Onset | None:
    kind = element.WhichOneof("element")
    if kind is None:
        return None
    if kind == "gestational_age":
        return Onset(years=0.0, term_id=ANTENATAL_ONSET)
    if kind == "ontology_class":
        onset_term = hpo_id(element.ontology_class.id)
        if onset_term is not None:
            return Onset(term_id=onset_term)
    years = _years(element, kind=kind, born=born)
    if years is not None:
        return Onset(years=years)
    repairs.append(
        Repair(code="onset_not_usable", message=f"the onset of {term} cannot be read; ignored", subject=term)
    )
    return None


def _age(
    subject: individual_pb2.Individual, *, born: Timestamp | None, repairs: list[Repair]
) -> float | None:
    element = subject.time_at_last_encounter
    kind = element.WhichOneof("element")
    if kind is None:
        return None
    years = 0.0 if kind == "gestational_age" else _years(element, kind=kind, born=born)
    if years is None:
        repairs.append(
            Repair(
                code="age_not_usable",
                message="the age at last encounter is no age in years and cannot be made one; ignored",
                subject="timeAtLastEncounter",
            )
        )
    return years


def _years(element: Any, *, kind: str, born: Timestamp | None) -> float | None:
    """Return a time of life in years; a range gives its middle."""
    if kind == "age":
        return plausible_years(element.age.iso8601duration)
    if kind == "age_range":
        ends = [
            plausible_years(end.iso8601duration) for end in (element.age_range.start, element.age_range.end)
        ]
        return _middle(ends)
    if born is None:
        return None
    if kind == "timestamp":
        return _since(born, element.timestamp)
    if kind == "interval" and element.interval.HasField("start") and element.interval.HasField("end"):
        return _middle([_since(born, element.interval.start), _since(born, element.interval.end)])
    return None


def _middle(ends: list[float | None]) -> float | None:
    known = [end for end in ends if end is not None]
    return sum(known) / len(known) if len(known) == len(ends) else None


def _since(born: Timestamp, moment: Timestamp) -> float | None:
    years = (moment.seconds - born.seconds) / _SECONDS_PER_YEAR
    return years if 0 <= years <= OLDEST_YEARS else None
