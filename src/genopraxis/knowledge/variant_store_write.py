"""Sorted rows become the files of a store: keys, digests of long alleles, and one file a column."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.knowledge.variant_store_card import (
    KEYS,
    LONG,
    StoreColumn,
    column_file,
    far_file,
    names_file,
)
from genopraxis.knowledge.variant_store_codes import MISSING, choose_packing, new_array, write_packed
from genopraxis.knowledge.variant_store_parts import Combine, Parts

__all__ = ["write_columns"]

_VARIANT = ("key", "digest")


def write_columns(
    parts: Parts, staging: Path, *, combine: Combine
) -> tuple[tuple[StoreColumn, ...], int, int]:
    """Write keys and columns into ``staging``.

    Returns
    -------
    tuple
        The columns as they were written; the number of variants; rows that another one of their variant replaced.
    """
    total = repeated = 0
    long: list[NDArray[np.uint64]] = []
    raw = {column.name: staging / f"raw.{column.name}" for column in parts.columns}
    raw_keys = staging / "raw keys"
    with ExitStack() as stack:
        files = {name: stack.enter_context(path.open("wb")) for name, path in raw.items()}
        keys_file = stack.enter_context(raw_keys.open("wb"))
        for rows in parts.stretches():
            kept = _one_each(rows, combine)
            repeated += rows.height - kept.height
            own = kept["digest"].to_numpy()
            places = np.flatnonzero(own)
            long.append(np.stack([places.astype(np.uint64) + np.uint64(total), own[places]]))
            keys_file.write(kept["key"].to_numpy().tobytes())
            for column in parts.columns:
                files[column.name].write(_on_disk(kept[column.name]).tobytes())
            total += kept.height
    if not total:
        return parts.columns, 0, repeated
    digests = np.concatenate(long, axis=1)
    with new_array(staging / LONG, digests.dtype, *digests.shape) as stream:
        stream.write(digests.tobytes())
    _copy(np.memmap(raw_keys, np.uint64, "r"), staging / KEYS)
    raw_keys.unlink()
    written = []
    for column in parts.columns:
        written.append(_write(column, raw[column.name], staging, parts))
        raw[column.name].unlink()
    return tuple(written), total, repeated


def _one_each(rows: pl.DataFrame, combine: Combine) -> pl.DataFrame:
    again = rows.select(pl.struct(_VARIANT).is_duplicated()).to_series() if _repeats(rows) else None
    if again is None:
        return rows
    made = combine(rows.filter(again))
    return pl.concat([rows.filter(~again), made.select(rows.columns)]).sort(_VARIANT)


def _repeats(rows: pl.DataFrame) -> bool:
    keys, digests = rows["key"].to_numpy(), rows["digest"].to_numpy()
    return bool(((keys[1:] == keys[:-1]) & (digests[1:] == digests[:-1])).any())


def _on_disk(values: pl.Series) -> NDArray[np.float32] | NDArray[np.int32]:
    """Return values with NaN, or the smallest number, where there is none."""
    if values.dtype == pl.Float32:
        floats: NDArray[np.float32] = values.fill_null(float("nan")).to_numpy()
        return floats
    numbers: NDArray[np.int32] = values.fill_null(MISSING).to_numpy()
    return numbers


def _write(column: StoreColumn, raw: Path, staging: Path, parts: Parts) -> StoreColumn:
    path = staging / column_file(column.name)
    if column.dtype == "float32":
        _copy(np.memmap(raw, np.float32, "r"), path)
        return column
    if column.dtype == "text":
        texts = pl.Series(column.name, parts.texts(column.name), dtype=pl.String)
        texts.to_frame().write_parquet(staging / names_file(column.name))
    values = np.memmap(raw, np.int32, "r")
    packing = choose_packing(values)
    far = write_packed(values, path, staging / far_file(column.name), packing=packing)
    return column.model_copy(update={"width": packing.width, "base": packing.base, "far": far})


def _copy(values: NDArray[np.float32] | NDArray[np.uint64], path: Path) -> None:
    with new_array(path, values.dtype, len(values)) as stream:
        step = 1 << 22
        for start in range(0, len(values), step):
            stream.write(values[start : start + step].tobytes())
