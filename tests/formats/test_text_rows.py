"""Rows of text from words and numbers, against Python's own joining."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from numba import njit

from genopraxis.formats.buffers import Buffers
from genopraxis.formats.text_kernels import SLACK, copy_bytes, put_number, text_table, with_info
from genopraxis.formats.text_rows import Words, joined_bytes

TEXT = st.text(alphabet="ab|é.", max_size=5)


@given(data=st.data(), n=st.integers(0, 12))
def test_rows_are_what_joining_gives(data: st.DataObject, n: int) -> None:
    dictionary = data.draw(st.lists(TEXT, min_size=1, max_size=4))
    codes = data.draw(st.lists(st.integers(0, len(dictionary) - 1), min_size=n, max_size=n))
    texts = data.draw(st.lists(st.none() | TEXT, min_size=n, max_size=n))
    numbers = data.draw(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=n, max_size=n))
    steps = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    groups = np.cumsum(np.array(steps, np.int64))
    n_groups = int(groups[-1]) + 2 if n else 2
    words = Words()
    words.words(dictionary, np.array(codes, np.int64))
    words.texts(pl.Series(texts, dtype=pl.String))
    words.numbers(np.array(numbers, np.int64))
    out, ends = words.rows(groups, n_groups)
    rows = [
        dictionary[code] + (text or "") + (str(number) if number else "")
        for code, text, number in zip(codes, texts, numbers, strict=True)
    ]
    wanted = [",".join(row for row, of in zip(rows, groups, strict=True) if of == g) for g in range(n_groups)]
    starts = [0, *ends[:-1].tolist()]
    found = [out[a:b].tobytes().decode() for a, b in zip(starts, ends.tolist(), strict=True)]
    assert found == wanted


def test_nothing_joins_to_nothing() -> None:
    assert joined_bytes(pl.Series([], dtype=pl.String)) == b""
    assert joined_bytes(pl.Series([None, None], dtype=pl.String)) == b""


@pytest.mark.parametrize(
    ("info", "added", "wanted"),
    [
        (".", "", "."),
        (".", "A=1", "A=1"),
        ("DP=3", "A=1", "DP=3;A=1"),
        ("DP=3", "", "DP=3"),
        ("", "A=1", "A=1"),
        ("", "", "."),
    ],
)
def test_info_grows_at_its_end(info: str, added: str, wanted: str) -> None:
    lines = [f"1\t5\t.\tA\tC\t.\t.\t{info}\tGT\t0/1", "1\t6\t.\tA\tC\t.\t.\t."]
    data = ("\n".join(lines) + "\n").encode()
    starts = np.array([0, len(lines[0]) + 1], np.int32)
    at = len("1\t5\t.\tA\tC\t.\t.\t")
    info_starts = np.array([at, starts[1] + len(lines[1]) - 1], np.int32)
    info_ends = np.array([at + len(info), starts[1] + len(lines[1])], np.int32)
    ends = np.array([len(lines[0]), starts[1] + len(lines[1])], np.int32)
    text = np.frombuffer(added.encode(), np.uint8)
    out = np.zeros(500, np.uint8)
    size = with_info(
        np.frombuffer(data, np.uint8), starts, info_starts, info_ends, ends, text, np.full(2, len(added)), out
    )
    assert out[:size].tobytes().decode() == f"1\t5\t.\tA\tC\t.\t.\t{wanted}\tGT\t0/1\n{lines[1]}\n"


@njit
def numbers_one_after_the_other(numbers: np.ndarray, out: np.ndarray) -> int:
    at = 0
    for number in numbers:
        at = put_number(out, at, number)
        out[at] = 32
        at += 1
    return at


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(-2_000_000, 2_000_000)))
def test_numbers_are_written_as_python_does(numbers: list[int]) -> None:
    out = np.full(24 * len(numbers) + SLACK, 255, np.uint8)
    size = numbers_one_after_the_other(np.array(numbers, np.int64), out)
    assert out[:size].tobytes().decode() == "".join(f"{number} " for number in numbers)


@njit
def copied(out: np.ndarray, at: int, data: np.ndarray, start: int, size: int) -> int:
    return copy_bytes(out, at, data, start, size)


@given(st.binary(max_size=60), st.data())
def test_bytes_are_copied_and_none_beyond_is_read(data: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(data)))
    size = draw.draw(st.integers(0, len(data) - start))
    whole = np.frombuffer(data + b"!" * 40, np.uint8)
    out = np.zeros(120, np.uint8)
    assert copied(out, 3, whole[: len(data)], start, size) == 3 + size
    assert out[3 : 3 + size].tobytes() == data[start : start + size]
    assert not out[:3].any()
    assert not out[3 + size + SLACK :].any()


def test_a_table_of_texts_has_room_behind_the_last() -> None:
    table, width, sizes = text_table(["a", "bcd", ""])
    assert width == 3
    assert sizes.tolist() == [1, 3, 0]
    assert table.tobytes() == b"a\0\0bcd\0\0\0" + bytes(SLACK)


def test_buffers_are_used_again() -> None:
    buffers = Buffers()
    first = buffers.take(100)
    assert first.size >= 100
    buffers.give(memoryview(first[:10]))
    assert buffers.take(50) is first
    buffers.give(memoryview(first))
    assert buffers.take(10_000).size >= 10_000
    assert buffers.take(1).size >= 1
