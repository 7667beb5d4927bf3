"""Whole numbers in one or two bytes: what is near one another is a code, what is not is kept apart.

Most counts of a panel are small, and most allele numbers are near the largest one. A column takes the narrowest codes
that make it smallest; two codes stand for *missing* and for *far away, look it up*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

__all__ = ["MISSING", "Packing", "choose_packing", "decode", "write_packed"]

MISSING = int(np.iinfo(np.int32).min)
"""Stands for no value in four bytes."""

Width = Literal[1, 2, 4]
_TYPES: dict[int, type[np.generic]] = {1: np.uint8, 2: np.uint16, 4: np.int32}
_FAR_BYTES = 16
_SAMPLE = 200_000
_CHUNK = 1 << 22


@dataclass(frozen=True, kw_only=True, slots=True)
class Packing:
    """How the values of a column are written: bytes a value, and the value of code 0."""

    width: Width
    base: int = 0

    @property
    def capacity(self) -> int:
        """Number of codes that are values; the next one is *missing*, the one after it *far away*."""
        return (1 << (8 * self.width)) - 2


def choose_packing(values: NDArray[np.int32]) -> Packing:
    """Return the packing that makes a column smallest, judged by a sample of it."""
    some = np.sort(values[:: max(1, len(values) // _SAMPLE)])
    missing = int(np.searchsorted(some, MISSING, side="right"))
    known = some[missing:].astype(np.int64)
    if not len(known):
        return Packing(width=1)
    best, size = Packing(width=4), 4.0 * len(some)
    widths: tuple[Width, ...] = (1, 2)
    for width in widths:
        capacity = Packing(width=width).capacity
        covered = np.searchsorted(known, known + capacity, side="left") - np.arange(len(known))
        first = int(np.argmax(covered))
        cost = width * len(some) + _FAR_BYTES * (len(known) - int(covered[first]))
        if cost < size:
            best, size = Packing(width=width, base=int(known[first])), cost
    return best


def write_packed(values: NDArray[np.int32], path: Path, far_path: Path, *, packing: Packing) -> int:
    """Write a column, and beside it what does not fit; return how many these are."""
    out = open_memmap(path, mode="w+", dtype=_TYPES[packing.width], shape=(len(values),))
    far_rows: list[NDArray[np.int64]] = []
    far_values: list[NDArray[np.int64]] = []
    for start, part in _chunks(values):
        if packing.width == 4:
            out[start : start + len(part)] = part
            continue
        missing = part == MISSING
        codes = part.astype(np.int64) - packing.base
        inside = (codes >= 0) & (codes < packing.capacity)
        far = np.flatnonzero(~inside & ~missing)
        codes[~inside] = packing.capacity + 1
        codes[missing] = packing.capacity
        out[start : start + len(part)] = codes
        if len(far):
            far_rows.append(far + start)
            far_values.append(part[far].astype(np.int64))
    out.flush()
    if not far_rows:
        return 0
    rows = np.concatenate(far_rows)
    np.save(far_path, np.stack([rows, np.concatenate(far_values)]), allow_pickle=False)
    return len(rows)


def decode(
    codes: NDArray[Any], rows: NDArray[np.int64], *, packing: Packing, far: NDArray[np.int64] | None
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the values of codes that stand in ``rows``, and which of them are missing.

    Parameters
    ----------
    far
        Rows, ascending, and values of what did not fit.
    """
    if packing.width == 4:
        plain: NDArray[np.int32] = codes
        return plain, plain == MISSING
    values = codes.astype(np.int32)
    values += np.int32(packing.base)
    missing: NDArray[np.bool_] = codes == packing.capacity
    if far is not None:
        away = np.flatnonzero(codes == packing.capacity + 1)
        if len(away):
            values[away] = far[1][np.searchsorted(far[0], rows[away])]
    return values, missing


def _chunks(values: NDArray[np.int32]) -> Iterator[tuple[int, NDArray[np.int32]]]:
    for start in range(0, len(values), _CHUNK):
        yield start, np.asarray(values[start : start + _CHUNK])
