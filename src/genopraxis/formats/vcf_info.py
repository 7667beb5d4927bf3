"""One key of INFO as a column."""

from __future__ import annotations

import numpy as np
import polars as pl

from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_columns import number_column, text_column
from genopraxis.formats.vcf_field_kernels import info_spans
from genopraxis.formats.vcf_header import VcfHeader

__all__ = ["info_text", "info_values", "typed_values"]

# since VCF 4.3 what would end a value is written as its percent code
_CODES = {f"%{code}": chr(int(code, 16)) for code in ("3A", "3B", "3D", "2C", "0D", "0A", "09", "25")}


def info_text(batch: VcfBatch, key: str) -> pl.Series:
    """Return the values of a key as text, as in the file.

    Returns
    -------
    polars.Series
        One a record; null where the key is absent or its value is ``.``; empty where it has no value (a flag).
        Where a record repeats the key, the first value.
    """
    starts, ends = info_spans(batch.data, *batch.span("INFO"), np.frombuffer(key.encode(), np.uint8))
    return text_column(key, batch.data, starts, ends, dot_is_null=True)


def info_values(batch: VcfBatch, key: str) -> tuple[pl.Series, int]:
    """Return the values of a key with the type that the header defines.

    Returns
    -------
    tuple of polars.Series and int
        One value a record: Boolean for a flag; Int64, Float64 or String; a list of them where the header allows
        other than one value; text as it is where the header does not define the key. And how many values were no
        number, which are null.
    """
    definition = batch.header.info.get(key)
    starts, ends = info_spans(batch.data, *batch.span("INFO"), np.frombuffer(key.encode(), np.uint8))
    if definition is None:
        return text_column(key, batch.data, starts, ends, dot_is_null=True), 0
    if definition.type == "Flag":
        return pl.Series(key, starts >= 0), 0
    if definition.number == "1" and definition.type in ("Integer", "Float"):
        dtype = pl.Int64 if definition.type == "Integer" else pl.Float64
        return number_column(key, batch.data, starts, ends, dtype=dtype)
    return typed_values(
        text_column(key, batch.data, starts, ends, dot_is_null=True),
        header=batch.header,
        number=definition.number,
        kind=definition.type,
    )


def typed_values(text: pl.Series, *, header: VcfHeader, number: str, kind: str) -> tuple[pl.Series, int]:
    """Return text with the type of a definition, and how many values were no number."""
    parts = text.str.split(",")
    if kind in ("Integer", "Float"):
        dtype = pl.Int64 if kind == "Integer" else pl.Float64
        flat = parts.explode()
        values = flat.cast(dtype, strict=False)
        unread = int((values.is_null() & flat.is_not_null() & ~flat.is_in([".", ""])).sum())
        element = pl.element().cast(dtype, strict=False)
    else:
        unread = 0
        element = pl.when(pl.element() != ".").then(_decoded(pl.element(), header))
    if number == "1":
        if kind in ("Integer", "Float"):
            return text.cast(dtype, strict=False), unread
        return pl.select(_decoded(pl.lit(text), header)).to_series().alias(text.name), 0
    return parts.list.eval(element).alias(text.name), unread


def _decoded(value: pl.Expr, header: VcfHeader) -> pl.Expr:
    if header.version < (4, 3):
        return value
    return value.str.replace_many(list(_CODES), list(_CODES.values()), ascii_case_insensitive=True)
