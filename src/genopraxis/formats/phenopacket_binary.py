"""Phenopacket messages in protobuf bytes, which do not say which message they are."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.json_format import Error as JsonFormatError
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from phenopackets.schema.v1 import base_pb2 as base_v1
from phenopackets.schema.v1 import phenopackets_pb2 as schema_v1
from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2

from genopraxis.contracts.errors import InputError
from genopraxis.formats.phenopacket_version import is_version_1, not_a_packet, version_1_error
from genopraxis.formats.wire import Malformed, TooMany, check_size, submessage

BINARY_LIMIT = 8 * 1024**2
NODE_LIMIT = 200_000

_CURIE = re.compile(r"[A-Za-z][\w.]*:\S+")
_KINDS = (schema_v2.Phenopacket, schema_v2.Family, schema_v2.Cohort)
_META_V1 = sorted(
    {
        kind.DESCRIPTOR.fields_by_name["meta_data"].number
        for kind in (schema_v1.Phenopacket, schema_v1.Family, schema_v1.Cohort)
    }
)


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
        None of them fits, it is of version 1, or it holds more than a patient can have.
    """
    if len(data) > BINARY_LIMIT:
        raise InputError(
            f"holds more than {BINARY_LIMIT // 1024**2} MiB of protobuf",
            where=where,
            hint="is this the right file? Split it if it is",
        )
    best, fit = _best(data, where=where)
    if best is None:
        raise not_a_packet(where, "its bytes are no protobuf message, or the file is truncated")
    _refuse_version_1(data, where=where)
    if fit == 0:
        raise not_a_packet(where, "it has neither a subject nor phenotypic features")
    try:
        return MessageToDict(best)
    except (JsonFormatError, ValueError, TypeError, OverflowError) as error:
        raise InputError(
            "the protobuf message holds a value that is not allowed (such as a date after the year 9999)",
            where=where,
            hint="check how it was made",
        ) from error


def _best(data: bytes, *, where: str) -> tuple[Message | None, int]:
    best: Message | None = None
    fit = -1
    for kind in _KINDS:
        message = kind()
        try:
            # two bytes can become a message of a hundred: they are counted before they are parsed
            check_size(data, kind.DESCRIPTOR, limit=NODE_LIMIT)
            message.ParseFromString(data)
        except (Malformed, DecodeError):
            continue
        except TooMany as error:
            raise InputError(
                f"holds more than {NODE_LIMIT:,} values",
                where=where,
                hint="is this the right file? Split it if it is",
            ) from error
        if (found := _fit(message)) > fit:
            best, fit = message, found
    return best, fit


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
    # of version 1 the metadata alone are read
    for number in _META_V1:
        meta = base_v1.MetaData()
        try:
            meta.ParseFromString(submessage(data, number))
        except (Malformed, DecodeError):
            continue
        if is_version_1(meta.phenopacket_schema_version):
            raise version_1_error(where)
