"""Compiled loops that put text together: rows from parts that repeat, and lines with more in INFO."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]

WORD, NUMBER = 0, 1
"""What a code is: the number of a word; or itself a whole number, of which 0 is written as nothing."""

SLACK = 8
"""Bytes that must follow the last text in whatever :func:`copy_text` and :func:`put_number` read or write."""

_DIGITS = 20


def _load(_: Any, data: Any, at: Any) -> tuple[Any, Any]:  # noqa: ARG001 - numba asks for the types by name
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, signature, arguments), align=1)

    return types.uint64(data, types.intp), build


def _store(_: Any, out: Any, at: Any, word: Any) -> tuple[Any, Any]:  # noqa: ARG001
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _place(context, builder, signature, arguments), align=1)
        return context.get_dummy_value()

    return types.void(out, types.intp, types.uint64), build


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Return where in an array of bytes an index points to, as a place of eight bytes."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    word = context.get_value_type(types.uint64)
    return builder.bitcast(builder.gep(array.data, [arguments[1]]), word.as_pointer())


# eight bytes from or to any place: nothing checks that they are within the array
load_word = cast("Callable[[Bytes, int], np.uint64]", intrinsic(_load))
store_word = cast("Callable[[Bytes, int, np.uint64], None]", intrinsic(_store))


def text_word(text: str) -> np.uint64:
    """Return a text of up to eight bytes as :func:`store_word` takes it."""
    return cast("np.uint64", np.frombuffer(text.encode().ljust(8, b"\0"), np.uint64)[0])


def text_words(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Return texts of up to eight bytes as :func:`store_word` takes them."""
    return np.array([text_word(text) for text in texts], np.uint64)


def text_table(texts: Sequence[str]) -> tuple[Bytes, int, NDArray[np.int64]]:
    """Return texts in one array for :func:`copy_text`, the distance from one to the next, and their lengths."""
    encoded = [text.encode() for text in texts]
    width = max(map(len, encoded), default=0)
    padded = b"".join(text.ljust(width, b"\0") for text in encoded) + bytes(SLACK)
    return np.frombuffer(padded, np.uint8), width, np.array([len(text) for text in encoded], np.int64)


_SHORT = text_words([str(number) for number in range(1000)])
_THREE = text_words([f"{number:03}" for number in range(1000)])


@njit(cache=True, nogil=True, inline="always")
def copy_text(out: Bytes, at: int, words: Bytes, start: int, size: int) -> int:
    """Copy a text and return the place behind it; up to :data:`SLACK` bytes beyond are read and written."""
    for place in range(0, size, 8):
        store_word(out, at + place, load_word(words, start + place))
    return at + size


@njit(cache=True, nogil=True, inline="always")
def copy_bytes(out: Bytes, at: int, data: Bytes, start: int, size: int) -> int:
    """Copy as :func:`copy_text`, but read nothing behind the end of ``data``."""
    if start + size + SLACK <= data.size:
        return copy_text(out, at, data, start, size)
    for place in range(size):
        out[at + place] = data[start + place]
    return at + size


@njit(cache=True, nogil=True, inline="always")
def put_number(out: Bytes, at: int, number: int) -> int:
    """Write a whole number and return the place behind it; :data:`SLACK` bytes are written."""
    if number < 0:
        out[at] = 45
        at += 1
        number = -number
    if number < 1000:
        store_word(out, at, _SHORT[number])
        return at + 1 + (number > 9) + (number > 99)
    if number < 1_000_000:  # division by a constant is several times faster
        first = number // 1000
        store_word(out, at, _SHORT[first])
        at += 1 + (first > 9) + (first > 99)
        store_word(out, at, _THREE[number - 1000 * first])
        return at + 3
    below = 1_000_000
    while number // below >= 1000:
        below *= 1000
    first = number // below
    store_word(out, at, _SHORT[first])
    at += 1 + (first > 9) + (first > 99)
    while below > 1:
        number -= first * below
        below //= 1000
        first = number // below
        store_word(out, at, _THREE[first])
        at += 3
    return at


@njit(cache=True, nogil=True)
def assemble(
    kinds: NDArray[np.int8],
    codes: Int64,
    words: Bytes,
    offsets: Int64,
    groups: Int64,
    out: Bytes,
    ends: Int64,
) -> int:
    """Write the parts of each row one after the other, and the rows of a group separated by commas.

    Parameters
    ----------
    kinds
        What the codes of each column are.
    codes
        Columns × rows.
    words, offsets
        All words joined, and where each begins and ends.
    groups
        Group of each row, ascending.
    out
        With room for all of it, and :data:`SLACK`.
    ends
        Where the text of each group ends; groups without a row keep the end of the one before.

    Returns
    -------
    int
        Bytes written.
    """
    at = 0
    group = -1
    for row in range(codes.shape[1]):
        if groups[row] == group:
            out[at] = 44
            at += 1
        else:
            for passed in range(max(group, 0), groups[row]):
                ends[passed] = at
            group = groups[row]
        for column in range(kinds.size):
            code = codes[column, row]
            if kinds[column] == NUMBER:
                if code != 0:
                    at = put_number(out, at, code)
            else:
                for place in range(offsets[code], offsets[code + 1]):
                    out[at] = words[place]
                    at += 1
    for passed in range(max(group, 0), ends.size):
        ends[passed] = at
    return at


@njit(cache=True, nogil=True)
def assembled_size(kinds: NDArray[np.int8], codes: Int64, offsets: Int64) -> int:
    """Return how many bytes :func:`assemble` may need."""
    total = SLACK + int(codes.shape[1])
    for column in range(kinds.size):
        if kinds[column] == NUMBER:
            total += _DIGITS * int(codes.shape[1])
        else:
            for row in range(codes.shape[1]):
                code = codes[column, row]
                total += int(offsets[code + 1] - offsets[code])
    return total


@njit(cache=True, nogil=True)
def with_info(
    data: Bytes,
    starts: NDArray[np.int32],
    info_starts: NDArray[np.int32],
    info_ends: NDArray[np.int32],
    line_ends: NDArray[np.int32],
    added: Bytes,
    added_ends: Int64,
    out: Bytes,
) -> int:
    """Write lines with more in INFO: ``added``, where a line has some.

    Returns
    -------
    int
        Bytes written; ``out`` must have room for all texts, two bytes a line, and :data:`SLACK`.
    """
    at = 0
    for line in range(starts.size):
        first_info, last_info = info_starts[line], info_ends[line]
        empty = last_info <= first_info or (last_info - first_info == 1 and data[first_info] == 46)
        stop = first_info if empty else last_info
        at = copy_bytes(out, at, data, starts[line], stop - starts[line])
        first = added_ends[line - 1] if line else 0
        if added_ends[line] > first:
            if not empty:
                out[at] = 59
                at += 1
            empty = False
            at = copy_bytes(out, at, added, first, added_ends[line] - first)
        if empty:
            out[at] = 46
            at += 1
        at = copy_bytes(out, at, data, last_info, max(line_ends[line] - last_info, 0))
        out[at] = 10
        at += 1
    return at
