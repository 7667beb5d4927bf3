"""From a file to raw Phenopacket v2 messages: which encoding, which message, which version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import Error as JsonFormatError
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from phenopackets.schema.v1 import phenopackets_pb2 as schema_v1
from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Repair
from genopraxis.formats.files import decode, read_bytes
from genopraxis.formats.identifiers import printable_id
from genopraxis.formats.plain_data import parse_json, parse_yaml

_SUFFIXES = re.compile(
    r"(?:\.phenopackets?)?(?:\.(?:json|yaml|yml|pb|bin|protobuf))?(?:\.gz)?$", re.IGNORECASE
)
# no text file holds these; every protobuf message with a subject or a feature does
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CURIE = re.compile(r"[A-Za-z][\w.]*:\S+")

_PACKET_KEYS = frozenset({"subject", "phenotypicFeatures", "phenotypic_features", "metaData", "meta_data"})
_V1_FEATURE_KEYS = frozenset(
    {
        "negated",
        "ageOfOnset",
        "age_of_onset",
        "ageRangeOfOnset",
        "age_range_of_onset",
        "classOfOnset",
        "class_of_onset",
    }
)
_V1_SUBJECT_KEYS = frozenset(
    {"ageAtCollection", "age_at_collection", "ageRangeAtCollection", "age_range_at_collection"}
)
_V1_PACKET_KEYS = frozenset({"genes", "variants", "htsFiles", "hts_files"})
_V1_HINT = (
    "convert it with the official tool: "
    "java -jar phenopacket-tools-cli.jar convert --convert-variants -i v1.json > v2.json"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RawPacket:
    """One unread Phenopacket of a file, and the identifier of its case."""

    case_id: str
    fields: Mapping[str, Any]
    repairs: tuple[Repair, ...]
    envelope_meta: Mapping[str, Any] | None


def raw_packets(path: Path) -> list[RawPacket]:
    """Return the Phenopacket of a file, the proband of a Family, or the members of a Cohort.

    Parameters
    ----------
    path
        JSON, YAML or protobuf binary, plain or gzip; told apart by content.

    Raises
    ------
    InputError
        Not readable, not a Phenopacket v2 message, version 1, or a case identifier that occurs twice.
    """
    where = str(path)
    data = read_bytes(path)
    document = _document(data, path)
    if not isinstance(document, Mapping):
        kind = "a list" if isinstance(document, list) else "a single value"
        raise _not_a_packet(where, f"the document is {kind}")
    stem = printable_id(_SUFFIXES.sub("", path.name)) or "case"
    _refuse_v1(document, where=where)
    meta = _get(document, "metaData", "meta_data")
    if "members" in document:
        return _members(document, stem=stem, meta=meta, where=where)
    if "proband" in document:
        return [_proband(document, stem=stem, meta=meta, where=where)]
    if not _PACKET_KEYS & document.keys():
        what = f"a {document['resourceType']!s:.40} resource of FHIR" if "resourceType" in document else None
        raise _not_a_packet(
            where, f"it is {what}" if what else "it has neither a subject nor phenotypic features"
        )
    return [_packet(document, fallbacks=(), stem=stem, meta=None, where=where)]


def _members(document: Mapping[str, Any], *, stem: str, meta: object, where: str) -> list[RawPacket]:
    members = document["members"]
    if not isinstance(members, list) or not members:
        raise InputError(
            "the Cohort message has no members", where=where, hint="one Phenopacket a member is expected"
        )
    packets = [
        _packet(member, fallbacks=(), stem=f"{stem}-{number}", meta=meta, where=f"{where}, member {number}")
        for number, member in enumerate(members, start=1)
    ]
    first: dict[str, int] = {}
    for number, packet in enumerate(packets, start=1):
        if packet.case_id in first:
            raise InputError(
                f"members {first[packet.case_id]} and {number} have the same id",
                where=where,
                hint="give every Phenopacket of a Cohort an id of its own",
            )
        first[packet.case_id] = number
    return packets


def _proband(document: Mapping[str, Any], *, stem: str, meta: object, where: str) -> RawPacket:
    proband = document["proband"]
    if proband is None:
        raise InputError("the Family message has no proband", where=where, hint="the proband is the patient")
    relatives = document.get("relatives")
    n = len(relatives) if isinstance(relatives, list) else 0
    note = Repair(
        code="relatives_not_used",
        message=f"{n} relative{'s' if n != 1 else ''} in the Family message: the proband alone is read",
        subject="relatives",
    )
    family_id = document.get("id")
    return _packet(
        proband,
        fallbacks=(family_id,) if isinstance(family_id, str) else (),
        stem=stem,
        meta=meta,
        where=where,
        notes=(note,) if n else (),
    )


def _packet(
    raw: object,
    *,
    fallbacks: tuple[str, ...],
    stem: str,
    meta: object,
    where: str,
    notes: tuple[Repair, ...] = (),
) -> RawPacket:
    if not isinstance(raw, Mapping):
        raise _not_a_packet(where, "an object is expected")
    _refuse_v1(raw, where=where)
    found = raw.get("id")
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if found is not None and not isinstance(found, str):
        raise InputError("the id of the Phenopacket is not text", where=where, hint="write it in quotes")
    repairs = list(notes)
    case_id = printable_id(found or "")
    if not case_id:
        case_id = next((name for text in fallbacks if (name := printable_id(text))), stem)
        repairs.append(
            Repair(
                code="missing_case_id",
                message=f"the Phenopacket has no id; called {case_id}",
                subject=case_id,
            )
        )
    elif case_id != found:
        repairs.append(
            Repair(
                code="case_id_spelling",
                message="spaces around the id were removed, or control characters in it replaced",
                subject=case_id,
            )
        )
    envelope = meta if isinstance(meta, Mapping) else None
    return RawPacket(case_id=case_id, fields=raw, repairs=tuple(repairs), envelope_meta=envelope)


def _document(data: bytes, path: Path) -> object:
    where = str(path)
    suffix = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if suffix not in {"json", "yaml", "yml"} and _CONTROL.search(data):
        return _binary(data, where=where)
    text = decode(data, where=where)
    if suffix == "json" or (suffix not in {"yaml", "yml"} and text.lstrip()[:1] in {"{", "["}):
        return parse_json(text, where=where)
    if suffix not in {"yaml", "yml"} and not re.search(r"^\w+\s*:", text, re.MULTILINE):
        raise _not_a_packet(where, "it is neither JSON, YAML nor protobuf")
    return parse_yaml(text, where=where)


def _binary(data: bytes, *, where: str) -> dict[str, Any]:
    """Parse the message that fits best: protobuf bytes do not say which message they are."""
    scored: list[tuple[int, Message]] = []
    for kind in (schema_v2.Phenopacket, schema_v2.Family, schema_v2.Cohort):
        message = kind()
        try:
            message.ParseFromString(data)
        except DecodeError:
            continue
        scored.append((_fit(message), message))
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best is None:
        raise _not_a_packet(where, "its bytes are no protobuf message, or the file is truncated")
    _refuse_v1_binary(data, where=where)
    if best[0] == 0:
        raise _not_a_packet(where, "it has neither a subject nor phenotypic features")
    try:
        return MessageToDict(best[1])
    except (JsonFormatError, ValueError, TypeError) as error:
        raise InputError(
            "the protobuf message holds a value that is not allowed (such as a date after the year 9999)",
            where=where,
            hint="check how it was made",
        ) from error


def _fit(message: Any) -> int:
    if isinstance(message, schema_v2.Phenopacket):
        packets = [message]
    elif isinstance(message, schema_v2.Family):
        packets = [message.proband]
    else:
        packets = list(message.members)
    features = any(
        _CURIE.fullmatch(feature.type.id) for packet in packets for feature in packet.phenotypic_features
    )
    meta = message.meta_data
    described = bool(meta.phenopacket_schema_version or meta.created_by or meta.resources)
    subject = any(packet.HasField("subject") for packet in packets)
    return 4 * features + 2 * described + subject


def _refuse_v1(document: Mapping[str, Any], *, where: str) -> None:
    meta = _get(document, "metaData", "meta_data")
    version = (
        _get(meta, "phenopacketSchemaVersion", "phenopacket_schema_version")
        if isinstance(meta, Mapping)
        else None
    )
    version = str(version).strip() if version is not None else ""
    subject = document.get("subject")
    features = _get(document, "phenotypicFeatures", "phenotypic_features")
    signs = (
        re.match(r"v?1(\.|$)", version) is not None
        # read as version 2, a negated sign would become an observed one: no declared version excuses that
        or (
            isinstance(features, list)
            and any(isinstance(f, Mapping) and _V1_FEATURE_KEYS & f.keys() for f in features)
        )
        or (isinstance(subject, Mapping) and bool(_V1_SUBJECT_KEYS & subject.keys()))
        or (not version and bool(_V1_PACKET_KEYS & document.keys()))
    )
    if signs:
        raise InputError(
            "this is a Phenopacket of version 1; version 2 is needed", where=where, hint=_V1_HINT
        )


def _refuse_v1_binary(data: bytes, *, where: str) -> None:
    for kind in (schema_v1.Phenopacket, schema_v1.Family, schema_v1.Cohort):
        message = kind()
        try:
            message.ParseFromString(data)
        except DecodeError:
            continue
        if message.meta_data.phenopacket_schema_version.startswith("1"):
            raise InputError(
                "this is a Phenopacket of version 1; version 2 is needed", where=where, hint=_V1_HINT
            )


def _get(mapping: Mapping[str, Any], *names: str) -> Any:
    return next((mapping[name] for name in names if name in mapping), None)


def _not_a_packet(where: str, why: str) -> InputError:
    return InputError(
        f"not a Phenopacket, Family or Cohort message: {why}",
        where=where,
        hint="a GA4GH Phenopacket v2 as JSON, YAML or protobuf is needed, one message a file",
    )
