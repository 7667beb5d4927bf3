"""Rows of text put together from columns of words and numbers, where most words come again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.text_kernels import NUMBER, WORD, Bytes, Int64, assemble, assembled_size

__all__ = ["Words", "joined_bytes", "text_rows"]


class Words:
    """The words of one result, each column with codes of its own."""

    def __init__(self) -> None:
        self._blobs: list[bytes] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._size = 0
        self._kinds: list[int] = []
        self._codes: list[NDArray[np.integer]] = []

    def dictionary(self, words: Sequence[str] | pl.Series) -> int:
        """Add words and return the code of the first one."""
        first = self._size
        series = words if isinstance(words, pl.Series) else pl.Series(words, dtype=pl.String)
        self._blobs.append(joined_bytes(series))
        self._lengths.append(series.str.len_bytes().fill_null(0).cast(pl.Int64).to_numpy())
        self._size += len(series)
        return first

    def column(self, codes: NDArray[np.integer]) -> None:
        """Add a column of codes of words."""
        self._kinds.append(WORD)
        self._codes.append(codes)

    def words(self, words: Sequence[str] | pl.Series, codes: NDArray[np.integer]) -> None:
        """Add a column, its codes counted from 0."""
        self.column(codes + self.dictionary(words))

    def texts(self, values: pl.Series) -> None:
        """Add a column of texts that hardly repeat; null is nothing."""
        some = values.is_not_null()
        if some.all():
            self.words(values, np.arange(len(values)))
            return
        first = self.dictionary([""])
        codes = np.full(len(values), first, np.int64)
        codes[some.to_numpy()] = self.dictionary(values.drop_nulls()) + np.arange(int(some.sum()))
        self.column(codes)

    def numbers(self, values: NDArray[np.integer]) -> None:
        """Add a column of whole numbers; 0 is nothing."""
        self._kinds.append(NUMBER)
        self._codes.append(values)

    def rows(self, groups: NDArray[np.integer], n_groups: int) -> tuple[Bytes, Int64]:
        """Return the text of each group, its rows separated by commas, and where each ends."""
        return text_rows(
            np.array(self._kinds, np.int8),
            np.stack([codes.astype(np.int64, copy=False) for codes in self._codes]),
            np.frombuffer(b"".join(self._blobs), np.uint8),
            np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(self._lengths))]),
            groups.astype(np.int64, copy=False),
            n_groups,
        )


def joined_bytes(values: pl.Series) -> bytes:
    """Return all texts one after the other; null is nothing."""
    return (values.str.join("").item() or "").encode() if len(values) else b""


def text_rows(
    kinds: NDArray[np.int8], codes: Int64, words: Bytes, offsets: Int64, groups: Int64, n_groups: int
) -> tuple[Bytes, Int64]:
    """As :func:`~genopraxis.formats.text_kernels.assemble`, with room for it."""
    out = np.empty(assembled_size(kinds, codes, offsets), np.uint8)
    ends = np.zeros(n_groups, np.int64)
    size = assemble(kinds, codes, words, offsets, groups, out, ends)
    return out[:size], ends
