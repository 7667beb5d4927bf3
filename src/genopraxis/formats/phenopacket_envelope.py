"""From a file to raw Phenopacket v2 messages: which encoding, which message, which version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Repair
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.file_names import printable_name
from genopraxis.formats.files import decode, read_with_digest
from genopraxis.formats.identifiers import LONGEST_CASE_ID, printable_id
from genopraxis.formats.phenopacket_binary import binary_document
from genopraxis.formats.phenopacket_version import first_of, not_a_packet, refuse_version_1
from genopraxis.formats.plain_data import parse_json, parse_yaml

_SUFFIXES = re.compile(
    r"(?:\.phenopackets?)?(?:\.(?:json|yaml|yml|pb|bin|protobuf))?(?:\.gz)?$", re.IGNORECASE
)
# no text file holds these; every protobuf message with a subject or a feature does
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")

_PACKET_KEYS = frozenset({"subject", "phenotypicFeatures", "phenotypic_features", "metaData", "meta_data"})


@dataclass(frozen=True, kw_only=True, slots=True)
class RawPacket:
    """One unread Phenopacket of a file, and the identifier of its case."""

    case_id: str
    fields: Mapping[str, Any]
    repairs: tuple[Repair, ...]
    envelope_meta: Mapping[str, Any] | None


def raw_packets(path: Path) -> tuple[list[RawPacket], InputDigest]:
    """Return the Phenopacket of a file, the proband of a Family, or the members of a Cohort; and the digest.

    Parameters
    ----------
    path
        JSON, YAML or protobuf binary, plain or gzip; told apart by content.

    Raises
    ------
    InputError
        Not readable, not a Phenopacket v2 message, version 1, or a case identifier that occurs twice.
    """
    document, source = _document(path)
    return _packets(document, path), source


def _packets(document: object, path: Path) -> list[RawPacket]:
    where = str(path)
    if not isinstance(document, Mapping):
        kind = "a list" if isinstance(document, list) else "a single value"
        raise not_a_packet(where, f"the document is {kind}")
    stem = printable_id(_SUFFIXES.sub("", printable_name(path))) or "case"
    refuse_version_1(document, where=where)
    meta = first_of(document, "metaData", "meta_data")
    if "members" in document:
        return _members(document, stem=stem, meta=meta, where=where)
    if "proband" in document:
        return [_proband(document, stem=stem, meta=meta, where=where)]
    if not _PACKET_KEYS & document.keys():
        what = f"a {document['resourceType']!s:.40} resource of FHIR" if "resourceType" in document else None
        raise not_a_packet(
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
        raise not_a_packet(where, "an object is expected")
    refuse_version_1(raw, where=where)
    found = raw.get("id")
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if found is not None and not isinstance(found, str):
        raise InputError("the id of the Phenopacket is not text", where=where, hint="write it in quotes")
    fallbacks = tuple(text for text in fallbacks if len(text) <= LONGEST_CASE_ID)
    if len(found or "") > LONGEST_CASE_ID:
        raise InputError(
            f"the id of the Phenopacket is longer than {LONGEST_CASE_ID:,} characters",
            where=where,
            hint="give the case a short id",
        )
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


def _document(path: Path) -> tuple[object, InputDigest]:
    # neither bytes nor text are kept beside what is made of them
    data, source = read_with_digest(path)
    return _parsed(data, path), source


def _parsed(data: bytes, path: Path) -> object:
    where = str(path)
    suffix = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if suffix not in {"json", "yaml", "yml"} and _CONTROL.search(data):
        return binary_document(data, where=where)
    text = decode(data, where=where)
    if suffix == "json" or (suffix not in {"yaml", "yml"} and text.lstrip()[:1] in {"{", "["}):
        return parse_json(text, where=where)
    if suffix not in {"yaml", "yml"} and not re.search(r"^\w+\s*:", text, re.MULTILINE):
        raise not_a_packet(where, "it is neither JSON, YAML nor protobuf")
    return parse_yaml(text, where=where)
