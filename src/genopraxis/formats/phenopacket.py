"""GA4GH Phenopacket v2: patients in, and truths for the bench.

The standard: ISO 4454:2022; Jacobsen et al. 2022, doi:10.1038/s41587-022-01357-4.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.timestamp_pb2 import Timestamp
from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Patient, Repair, Truth
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.phenopacket_envelope import RawPacket, raw_packets
from genopraxis.formats.phenopacket_patient import patient_of
from genopraxis.formats.phenopacket_truth import truth_of
from genopraxis.formats.phenopacket_view import PATIENT_VIEW, TRUTH_VIEW, Selection, View


@dataclass(frozen=True, kw_only=True, slots=True)
class Packet:
    """One patient of a phenopacket file.

    Parameters
    ----------
    patient
        What a tool may know.
    repairs
        Every change made on the way, in the order in which they were found.
    source
        Name of the file, and digest of the bytes that were read.
    created
        When the packet was made, as its metadata say (UTC); ``None`` when they do not.
    """

    patient: Patient
    repairs: tuple[Repair, ...]
    source: InputDigest
    created: datetime | None


def read_packets(path: str | os.PathLike[str]) -> list[Packet]:
    """Return the patients of a phenopacket file, without their diagnoses.

    Diseases, interpretations, measurements, biosamples and treatments are not read at all.

    Parameters
    ----------
    path
        A Phenopacket (one patient), Family (the proband is the patient) or Cohort (every member is one), as
        JSON, YAML or protobuf binary, plain or gzip.

    Returns
    -------
    list of Packet
        In the order of the file; never empty. A patient without features is returned as such.

    Raises
    ------
    InputError
        The file cannot be used as it is; the message says why and what to do.
    """
    file = Path(path)
    raws, source = raw_packets(file)
    return [_packet(raw, source, where=str(file)) for raw in raws]


def read_solved(path: str | os.PathLike[str]) -> list[tuple[Packet, Truth]]:
    """Return what :func:`read_packets` and :func:`read_truths` do, of one reading of the file.

    Parameters
    ----------
    path
        As for :func:`read_packets`.

    Raises
    ------
    InputError
        The file cannot be used as it is.
    """
    file = Path(path)
    raws, source = raw_packets(file)
    return [(_packet(raw, source, where=str(file)), _truth(raw, where=str(file))) for raw in raws]


def read_truths(path: str | os.PathLike[str]) -> list[Truth]:
    """Return the known answers of a phenopacket file, for the bench only.

    Diseases come from interpretations that are not unsolved, then from the disease list but excluded ones.
    Genes come from interpretations that are causative or contributory, from variants that are pathogenic or
    likely pathogenic, and from a diagnosis that names a gene without a status. The publication is the first
    PubMed identifier of the external references, else the one that the packet is named after.

    Parameters
    ----------
    path
        As for :func:`read_packets`; the cases have the same identifiers in the same order.

    Raises
    ------
    InputError
        The file cannot be used as it is.
    """
    file = Path(path)
    return [_truth(raw, where=str(file)) for raw in raw_packets(file)[0]]


def _packet(raw: RawPacket, source: InputDigest, *, where: str) -> Packet:
    message, selected = _message(raw, PATIENT_VIEW, where=where)
    patient, found = patient_of(message, case_id=raw.case_id)
    created = _created(message) or _envelope_created(raw, where=where)
    return Packet(patient=patient, repairs=(*raw.repairs, *selected, *found), source=source, created=created)


def _truth(raw: RawPacket, *, where: str) -> Truth:
    message, _ = _message(raw, TRUTH_VIEW, where=where)
    return truth_of(message, case_id=raw.case_id, envelope=_references(raw, where=where))


def _message(raw: RawPacket, view: View, *, where: str) -> tuple[schema_v2.Phenopacket, list[Repair]]:
    selection = Selection(raw.fields, schema_v2.Phenopacket.DESCRIPTOR, view, where=f"{where}, {raw.case_id}")
    return _parsed(selection.fields, where=f"{where}, {raw.case_id}"), selection.repairs


def _parsed(fields: dict[str, Any], *, where: str) -> schema_v2.Phenopacket:
    try:
        return ParseDict(fields, schema_v2.Phenopacket())
    except ParseError as error:
        # the type of every value is checked: what is left is two alternatives at once, such as two ages
        raise InputError(
            f"not a valid Phenopacket v2: {error}", where=where, hint="keep one of the two alternatives"
        ) from error


def _envelope(raw: RawPacket, view: View, *, where: str) -> schema_v2.Phenopacket:
    fields = {"metaData": raw.envelope_meta or {}}
    return _parsed(Selection(fields, schema_v2.Phenopacket.DESCRIPTOR, view, where=where).fields, where=where)


def _envelope_created(raw: RawPacket, *, where: str) -> datetime | None:
    return _created(_envelope(raw, {"metaData": PATIENT_VIEW["metaData"]}, where=where))


def _references(raw: RawPacket, *, where: str) -> list[str]:
    message = _envelope(raw, {"metaData": TRUTH_VIEW["metaData"]}, where=where)
    return [reference.id for reference in message.meta_data.external_references]


def _created(message: schema_v2.Phenopacket) -> datetime | None:
    if not message.meta_data.HasField("created"):
        return None
    stamp: Timestamp = message.meta_data.created
    return stamp.ToDatetime(tzinfo=UTC)
