"""Phenopacket messages in protobuf bytes, which do not say which message they are."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.json_format import Error as JsonFormatError
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from phenopackets.schema.v1 import phenopackets_pb2 as schema_v1
from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2

from genopraxis.contracts.errors import InputError
from genopraxis.formats.phenopacket_version import is_version_1, not_a_packet, version_1_error

_CURIE = re.compile(r"[A-Za-z][\w.]*:\S+")


def binary_document(data: bytes, *, where: str) -> dict[str, Any]:
    """Return the message that fits the bytes best, as its protobuf JSON mapping.

    Parameters
    ----------
    data
        A serialised Phenopacket, Family or Cohort.
    where
        The file, for messages.

    Raises
    ------
    InputError
        None of them fits, or it is of version 1.
    """
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
        raise not_a_packet(where, "its bytes are no protobuf message, or the file is truncated")
    _refuse_version_1(data, where=where)
    if best[0] == 0:
        raise not_a_packet(where, "it has neither a subject nor phenotypic features")
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


def _refuse_version_1(data: bytes, *, where: str) -> None:
    for kind in (schema_v1.Phenopacket, schema_v1.Family, schema_v1.Cohort):
        message = kind()
        try:
            message.ParseFromString(data)
        except DecodeError:
            continue
        if is_version_1(message.meta_data.phenopacket_schema_version):
            raise version_1_error(where)
