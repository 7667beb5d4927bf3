"""Spans of bytes become columns: texts through a dictionary, numbers through a compiled loop."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.vcf_kernels import Bytes, Offsets, distinct_texts, numbers, text_codes

__all__ = ["distinct", "number_column", "text_column"]

_SINGLE = [None, *(chr(code) for code in range(1, 128))]
_MISSING = [None if one == "." else one for one in _SINGLE]


def text_column(
    name: str, data: Bytes, starts: Offsets, ends: Offsets, *, dot_is_null: bool = False
) -> pl.Series:
    """Return the texts of spans; a span whose start is negative is null, and so is ``.`` on demand."""
    codes, joined, longer = text_codes(data, starts, ends)
    return coded_texts(name, codes, joined, longer, dot_is_null=dot_is_null)


def coded_texts(
    name: str, codes: NDArray[np.uint32], joined: Bytes, longer: int, *, dot_is_null: bool = False
) -> pl.Series:
    """Return texts from the codes that :func:`~genopraxis.formats.vcf_kernels.text_codes` made."""
    words = pl.Series(_MISSING if dot_is_null else _SINGLE, dtype=pl.String)
    if longer:
        # one split of one text makes no Python object per record
        text = joined[:-1].tobytes().decode("utf-8")
        words = pl.concat([words, pl.Series([text]).str.split("\n").explode()])
    return words.gather(pl.Series(codes)).alias(name)


def distinct(data: Bytes, starts: Offsets, ends: Offsets) -> tuple[NDArray[np.uint32], list[str]]:
    """Return the number of each span's text, and the distinct texts in the order of their first use."""
    codes, firsts = distinct_texts(data, starts, ends)
    return codes, [
        data[starts[first] : ends[first]].tobytes().decode("utf-8", "replace") for first in firsts.tolist()
    ]


def number_column(
    name: str, data: Bytes, starts: Offsets, ends: Offsets, *, dtype: type[pl.DataType] = pl.Float32
) -> tuple[pl.Series, int]:
    """Return the numbers of spans, missing ones as null, and how many were no finite number (null too)."""
    values, states = numbers(data, starts, ends)
    unread = 0
    for index in np.flatnonzero(states == 2).tolist():  # exponents, infinities, nonsense: rare
        text = data[starts[index] : ends[index]].tobytes()
        try:
            value = math.nan if b"_" in text else float(text)  # Python takes 1_0 for ten
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            values[index] = value
            states[index] = 0
        else:
            unread += 1
    series = pl.Series(name, values)
    if states.any():
        series = pl.select(pl.when(pl.Series(states == 0)).then(series)).to_series().alias(name)
    if dtype.is_integer():
        whole = series.is_null() | (series == series.round()).fill_null(value=False)
        unread += int((~whole).sum())
        series = pl.select(pl.when(whole).then(series)).to_series().cast(dtype, strict=False).alias(name)
        return series, unread
    return series.cast(dtype), unread
