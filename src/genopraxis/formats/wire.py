"""The wire format of protobuf, walked without building anything: how much a message would become.

The format: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from google.protobuf.descriptor import Descriptor

_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_DEEPEST = 100  # as protobuf itself


class Malformed(ValueError):  # noqa: N818 - it is caught, never shown
    """The bytes are no message."""


class TooMany(ValueError):  # noqa: N818 - it is caught, never shown
    """The message has more fields than allowed."""


def check_size(data: bytes, descriptor: Descriptor, *, limit: int) -> None:
    """Check that a message has at most ``limit`` fields, those of the messages inside it included.

    Parameters
    ----------
    data
        A serialised message.
    descriptor
        What it would be parsed as.
    limit
        Most fields; each element of a packed list counts.

    Raises
    ------
    TooMany
        More fields.
    Malformed
        The bytes are no message of any kind.
    """
    # a field takes two bytes or more, and an element of a packed list one
    if len(data) <= limit:
        return
    left = limit
    stack: list[tuple[memoryview, Descriptor, int]] = [(memoryview(data), descriptor, 0)]
    while stack:
        part, kind, depth = stack.pop()
        inner = _fields(kind)
        for number, wire_type, begin, end in _walk(part):
            left -= 1
            if wire_type == _DELIMITED and number in inner:
                message = inner[number]
                if message is None:
                    left -= end - begin
                elif depth < _DEEPEST:
                    stack.append((part[begin:end], message, depth + 1))
            if left < 0:
                raise TooMany


def submessage(data: bytes, number: int) -> bytes:
    """Return the bytes of a message inside a message; several of the same number are merged, as protobuf does.

    Raises
    ------
    Malformed
        The bytes are no message.
    """
    view = memoryview(data)
    return b"".join(
        view[begin:end] for found, kind, begin, end in _walk(view) if found == number and kind == _DELIMITED
    )


@cache
def _fields(descriptor: Descriptor) -> dict[int, Descriptor | None]:
    """Return what is inside a delimited field: a message, or ``None`` for the elements of a packed list."""
    found: dict[int, Descriptor | None] = {}
    for field in descriptor.fields:
        if field.message_type is not None:
            found[field.number] = field.message_type
        elif field.type not in {field.TYPE_STRING, field.TYPE_BYTES}:
            found[field.number] = None
    return found


def _walk(data: memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, begin and end of each field."""
    at, size = 0, len(data)
    while at < size:
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        begin = at
        if kind == _VARINT:
            _, at = _varint(data, at)
        elif kind == _DELIMITED:
            length, begin = _varint(data, at)
            at = begin + length
        elif kind in {_FIXED64, _FIXED32}:
            at += 8 if kind == _FIXED64 else 4
        else:  # groups, which no phenopacket has
            raise Malformed
        if at > size or number == 0:
            raise Malformed
        yield number, kind, begin, at


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Malformed
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise Malformed
