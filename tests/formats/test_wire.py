"""Protobuf bytes are measured before they are parsed, and the measure is right."""

from __future__ import annotations

from contextlib import suppress

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2

from genopraxis.formats import wire
from genopraxis.formats.wire import Malformed, TooMany, check_size, submessage

PHENOPACKET = schema_v2.Phenopacket.DESCRIPTOR


def message(n: int) -> bytes:
    built = schema_v2.Phenopacket(id="a" * 100)
    for _ in range(n):
        built.phenotypic_features.add().type.id = "HP:0001250"
    return built.SerializeToString()


def test_fields_are_counted_at_every_depth() -> None:
    # the id; for each feature itself, its type, and the id of that
    check_size(message(10), PHENOPACKET, limit=31)
    with pytest.raises(TooMany):
        check_size(message(10), PHENOPACKET, limit=30)
    with pytest.raises(TooMany):
        check_size(b"\x1a\x00" * 100, PHENOPACKET, limit=99)


def test_the_parts_of_a_message_are_merged() -> None:
    first = schema_v2.Phenopacket(id="a")
    first.meta_data.created_by = "x"
    second = schema_v2.Phenopacket()
    second.meta_data.phenopacket_schema_version = "2.0"
    number = PHENOPACKET.fields_by_name["meta_data"].number
    merged = schema_v2.Phenopacket().meta_data
    merged.ParseFromString(submessage(first.SerializeToString() + second.SerializeToString(), number))
    assert (merged.created_by, merged.phenopacket_schema_version) == ("x", "2.0")
    assert submessage(message(3), number) == b""


@pytest.mark.parametrize("data", [b"\x0a", b"\x0a\x05a", b"\x0b", b"\x00\x01", b"\xff" * 12, b"\x09\x01"])
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(Malformed):
        submessage(data, 1)
    with pytest.raises(Malformed):
        check_size(data, PHENOPACKET, limit=0)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60))
def test_what_protobuf_reads_is_walked(data: bytes) -> None:
    try:
        schema_v2.Phenopacket().ParseFromString(data)
    except DecodeError:
        return
    # groups, which no phenopacket has, are the only thing that protobuf reads and this does not
    with suppress(Malformed):
        assert all(0 <= begin <= end <= len(data) for _, _, begin, end in wire._walk(memoryview(data)))
