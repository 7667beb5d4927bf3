"""One pass over INFO finds what one pass for each key finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("numba")

from genopraxis.formats.vcf_field_kernels import info_spans
from genopraxis.variants.stores.info_kernels import NO_NUMBER, key_table, spans_of_keys, whole_numbers

KEYS = ["AC", "AC_afr", "A", "AN", "C", "AC2"]
FIELD = st.tuples(
    st.sampled_from([*KEYS, "B", "AC_a", ""]), st.sampled_from(["", "=", "=1", "=a=b", "=1,2", "=AC"])
)


@given(st.lists(st.lists(FIELD, max_size=8), min_size=1, max_size=6))
def test_as_one_key_at_a_time(records: list[list[tuple[str, str]]]) -> None:
    texts = [";".join(name + value for name, value in fields) for fields in records]
    data = np.frombuffer("\t".join(texts).encode() + b"\n", np.uint8)
    ends = np.cumsum([len(text) + 1 for text in texts]).astype(np.int32) - np.int32(1)
    starts = (ends - np.array([len(text) for text in texts])).astype(np.int32)
    begins, stops = spans_of_keys(data, starts, ends, *key_table(KEYS))
    for number, key in enumerate(KEYS):
        first, last = info_spans(data, starts, ends, np.frombuffer(key.encode(), np.uint8))
        assert begins[number].tolist() == first.tolist()
        assert stops[number].tolist() == last.tolist()


PART = st.sampled_from(["", ".", "0", "7", "12345", "123456789012345"])


@given(
    st.lists(st.tuples(st.lists(PART, min_size=1, max_size=4), st.integers(-1, 4)), min_size=1, max_size=8)
)
def test_whole_numbers_are_those_of_the_parts(fields: list[tuple[list[str], int]]) -> None:
    """A field that has one value has no commas."""
    texts = [parts[0] if part < 0 else ",".join(parts) for parts, part in fields]
    data, starts, ends = spans(texts)
    records, parts = np.arange(len(fields)), np.array([part for _, part in fields])
    found, plain = whole_numbers(data, starts, ends, records, parts)
    assert plain
    wanted = [parts[max(part, 0)] if part < len(parts) else "." for parts, part in fields]
    assert found.tolist() == [int(text) if text.isdigit() else NO_NUMBER for text in wanted]


@pytest.mark.parametrize("text", ["-1", "1e3", "1.0", "1,2", "x", "1234567890123456", " 1"])
def test_other_numbers_are_read_elsewhere(text: str) -> None:
    data, starts, ends = spans(["1", text])
    _, plain = whole_numbers(data, starts, ends, np.arange(2), np.full(2, -1))
    assert not plain


def test_absent_fields_are_no_number() -> None:
    data, _, _ = spans(["1"])
    none = np.array([-1], np.int32)
    assert whole_numbers(data, none, none, np.array([0]), np.array([0]))[0].tolist() == [NO_NUMBER]


def spans(texts: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths + 1).astype(np.int32) - np.int32(1)
    data = np.frombuffer(("\t".join(texts) + "\n").encode(), np.uint8)
    return data, (ends - lengths).astype(np.int32), ends
