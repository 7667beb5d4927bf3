"""Whole numbers in one or two bytes: what is near one another is a code, what is not is kept apart.

Most counts of a panel are small, and most allele numbers are near the largest one. A column takes the narrowest codes
that make it smallest; two codes stand for *missing* and for *far away, look it up*.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.lib.format import dtype_to_descr, write_array_header_1_0
from numpy.typing import NDArray

from genopraxis.knowledge.variant_store_kernels import MISSING, take_packed, take_whole, widest_window

__all__ = ["MISSING", "Packing", "choose_packing", "decode", "new_array", "write_packed"]

Width = Literal[1, 2, 4]
_TYPES: dict[int, type[np.generic]] = {1: np.uint8, 2: np.uint16, 4: np.int32}
_FAR_BYTES = 16
_SAMPLE = 200_000
_CHUNK = 1 << 22
_NOWHERE = np.zeros(0, np.int64)


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
        first, covered = widest_window(known, Packing(width=width).capacity)
        cost = width * len(some) + _FAR_BYTES * (len(known) - covered)
        if cost < size:
            best, size = Packing(width=width, base=int(known[first])), cost
    return best


def write_packed(values: NDArray[np.int32], path: Path, far_path: Path, *, packing: Packing) -> int:
    """Write a column, and beside it what does not fit; return how many these are."""
    dtype = np.dtype(_TYPES[packing.width])
    far_rows: list[NDArray[np.int64]] = []
    far_values: list[NDArray[np.int64]] = []
    with new_array(path, dtype, len(values)) as stream:
        for start, part in _chunks(values):
            if packing.width == 4:
                stream.write(part.tobytes())
                continue
            missing = part == MISSING
            codes = part.astype(np.int64) - packing.base
            inside = (codes >= 0) & (codes < packing.capacity)
            far = np.flatnonzero(~inside & ~missing)
            codes[~inside] = packing.capacity + 1
            codes[missing] = packing.capacity
            stream.write(codes.astype(dtype).tobytes())
            if len(far):
                far_rows.append(far + start)
                far_values.append(part[far].astype(np.int64))
    if not far_rows:
        return 0
    rows = np.concatenate(far_rows)
    both = np.stack([rows, np.concatenate(far_values)])
    with new_array(far_path, both.dtype, *both.shape) as stream:
        stream.write(both.tobytes())
    return len(rows)


def decode(
    codes: NDArray[Any], rows: NDArray[np.int64], *, packing: Packing, far: NDArray[np.int64] | None
) -> NDArray[np.int32]:
    """Return the values of some rows of a column; :data:`MISSING` where there is none, or the row is negative.

    Parameters
    ----------
    codes
        The whole column.
    far
        Rows, ascending, and values of what did not fit.
    """
    values: NDArray[np.int32] = (
        take_whole(codes, rows)
        if packing.width == 4
        else take_packed(
            codes,
            rows,
            packing.base,
            packing.capacity,
            _NOWHERE if far is None else far[0],
            _NOWHERE if far is None else far[1],
        )
    )
    return values


@contextmanager
def new_array(path: Path, dtype: np.dtype[Any], *shape: int) -> Iterator[BinaryIO]:
    """Yield a file that begins as numpy's do; the values are to be written.

    A file that is written says when the disk is full; one that is mapped to memory ends the process instead.
    """
    with path.open("wb") as stream:
        about = {"descr": dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        write_array_header_1_0(stream, about)
        yield stream


def _chunks(values: NDArray[np.int32]) -> Iterator[tuple[int, NDArray[np.int32]]]:
    for start in range(0, len(values), _CHUNK):
        yield start, np.asarray(values[start : start + _CHUNK])
