"""Rows of text from words and numbers, against Python's own joining."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from genopraxis.formats.text_kernels import with_info  # noqa: E402
from genopraxis.formats.text_rows import Words, joined_bytes  # noqa: E402

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
    ("info", "added", "entry", "wanted"),
    [
        (".", "", "", "."),
        (".", "A=1", "", "A=1"),
        (".", "", "x", "CSQ=x"),
        ("DP=3", "A=1", "x", "DP=3;A=1;CSQ=x"),
        ("DP=3", "", "", "DP=3"),
    ],
)
def test_info_grows_at_its_end(info: str, added: str, entry: str, wanted: str) -> None:
    lines = [f"1\t5\t.\tA\tC\t.\t.\t{info}\tGT\t0/1", "1\t6\t.\tA\tC\t.\t.\t."]
    data = ("\n".join(lines) + "\n").encode()
    starts = np.array([0, len(lines[0]) + 1], np.int32)
    at = lines[0].index(info, 14)
    info_starts = np.array([at, starts[1] + len(lines[1]) - 1], np.int32)
    info_ends = np.array([at + len(info), starts[1] + len(lines[1])], np.int32)
    ends = np.array([len(lines[0]), starts[1] + len(lines[1])], np.int32)

    def texts(one: str) -> tuple[np.ndarray, np.ndarray]:
        return np.frombuffer(one.encode(), np.uint8), np.array([len(one), len(one)], np.int64)

    out = np.zeros(500, np.uint8)
    key = np.frombuffer(b"CSQ=", np.uint8)
    size = with_info(
        np.frombuffer(data, np.uint8), starts, info_starts, info_ends, ends, *texts(added), key, *texts(entry), out
    )
    assert out[:size].tobytes().decode() == f"1\t5\t.\tA\tC\t.\t.\t{wanted}\tGT\t0/1\n{lines[1]}\n"
