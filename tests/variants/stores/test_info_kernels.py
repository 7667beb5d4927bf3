"""One pass over INFO finds what one pass for each key finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from genopraxis.formats.vcf_field_kernels import info_spans
from genopraxis.variants.stores.info_kernels import key_table, spans_of_keys

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
