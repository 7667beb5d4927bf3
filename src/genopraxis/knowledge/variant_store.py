"""A store of known variants with what is known of each: sorted, compact, memory-mapped.

*Found*, *not found* and *not covered* are three answers: a variant that a reference panel does not list was not seen
there only if the panel could see its place. Where a store states no regions they are inferred from where its variants
lie (:mod:`~genopraxis.knowledge.variant_store_regions`), and its card says so. A variant whose row could not be used,
such as one with more alleles than were looked at, is answered *not covered* too: its place was seen, but not what
was seen there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.knowledge.frequency_view import FrequencyView
from genopraxis.knowledge.variant_keys import Keys, are_long, chromosomes_of, long_digests, variant_keys
from genopraxis.knowledge.variant_store_card import (
    CARD,
    COVERED,
    KEYS,
    LAYOUT,
    LONG,
    STATUS,
    UNUSABLE,
    Status,
    StoreCard,
    StoreColumn,
    StoreKind,
    column_file,
    far_file,
    names_file,
)
from genopraxis.knowledge.variant_store_check import checked_files, damaged, read_card
from genopraxis.knowledge.variant_store_codes import MISSING, Packing, decode
from genopraxis.knowledge.variant_store_kernels import find_rows, statuses, take_floats

__all__ = [
    "CARD",
    "COVERED",
    "KEYS",
    "LAYOUT",
    "LONG",
    "STATUS",
    "Status",
    "StoreCard",
    "StoreColumn",
    "StoreKind",
    "VariantStore",
    "open_store",
]

_CODES = 32  # of chromosomes, in a key


@dataclass(frozen=True, kw_only=True)
class VariantStore:
    """A store that was opened; its columns stay on disk until they are asked for. Threads may share it.

    Parameters
    ----------
    folder
        Where it is.
    """

    folder: Path
    card: StoreCard
    _mapped: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)
    _texts: dict[str, pl.Series] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the columns of its answers begin with."""
        return self.card.name or self.folder.name

    @cached_property
    def _view(self) -> FrequencyView | None:
        return FrequencyView(self.card.columns, self.card.maxima) if self.card.kind == "frequencies" else None

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """Name and type of each column that :meth:`find` answers with when no others are asked for."""
        derived = {} if self._view is None else self._view.derived
        types = {column.name: _type_of(column) for column in self.card.columns} | derived
        return {"status": STATUS} | {name: types[name] for name in self._shown}

    @property
    def _shown(self) -> tuple[str, ...]:
        if self._view is None:
            return tuple(column.name for column in self.card.columns)
        return self._view.shown

    @cached_property
    def _covered(self) -> tuple[Keys, Keys]:
        """First and last keys of the covered regions, in order, without overlap."""
        table = pl.read_parquet(self.folder / COVERED)
        return table["first"].to_numpy(), table["last"].to_numpy()

    @cached_property
    def _contigs(self) -> NDArray[np.bool_]:
        """Whether there are variants of the chromosome of each code."""
        # a step from contig to contig, not a pass over all keys
        keys, seen, at = self._mapped[KEYS], np.zeros(_CODES, dtype=np.bool_), 0
        while at < len(keys):
            code = int(chromosomes_of(keys[at : at + 1])[0])
            seen[code] = True
            following = (
                int(np.searchsorted(keys, np.uint64(code + 1 << 59))) if code < _CODES - 1 else len(keys)
            )
            at = max(following, at + 1)
        return seen

    def find(
        self,
        variants: pl.DataFrame,
        *,
        columns: Sequence[str] | None = None,
        keys: tuple[Keys, NDArray[np.bool_]] | None = None,
    ) -> pl.DataFrame:
        """Look normalised variants up; those that are sorted as the store is are answered fastest.

        Parameters
        ----------
        variants
            ``chrom`` (canonical), ``pos`` (1-based), ``ref``, ``alt``; on the assembly of the store.
        columns
            The columns wanted. By default all of them; of a store of frequencies not those of single groups, but what
            follows from them, see :mod:`~genopraxis.knowledge.frequency_view`.
        keys
            What :func:`~genopraxis.knowledge.variant_keys.variant_keys` gives for ``variants``: when several stores
            are asked it is made once.

        Returns
        -------
        polars.DataFrame
            In the order of ``variants``: ``status`` and the columns of the store, null where nothing was found.

        Raises
        ------
        InputError
            When a column is not there.
        """
        stored, derived = self._columns(self._shown if columns is None else columns)
        asked, keyed = variant_keys(variants) if keys is None else keys
        rows = self._rows(asked, keyed, variants)
        known: dict[str, Any] = {column.name: self._values(column, rows) for column in stored}
        known |= {one.name: self._answer(one, known[one.name]) for one in stored if one.dtype == "text"}
        if self._view is not None and derived:
            known |= self._view.derive(known, derived)
        answers = [pl.Series("status", self._statuses(rows, asked, keyed)).cat.to(STATUS)]
        types = {column.name: column for column in stored}
        for name in self._shown if columns is None else columns:
            values = known[name]
            answers.append(values if isinstance(values, pl.Series) else self._answer(types[name], values))
        return pl.DataFrame(answers)

    def _columns(self, names: Sequence[str]) -> tuple[list[StoreColumn], list[str]]:
        """Return the stored columns that answer for these names, and which names are derived."""
        derived = [name for name in names if self._view is not None and name in self._view.derived]
        known = {column.name: column for column in self.card.columns}
        if strange := [name for name in names if name not in known and name not in derived]:
            raise InputError(
                f"has no column {', '.join(strange)} (it has {', '.join(known)})", where=self.name
            )
        wanted = dict.fromkeys(name for name in names if name in known)
        if self._view is not None:
            wanted |= dict.fromkeys(self._view.needed(derived))
        return [known[name] for name in wanted], derived

    def _values(self, column: StoreColumn, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return numbers or codes of rows of the store; NaN, or the smallest number, where there is none."""
        codes = self._mapped[column_file(column.name)]
        if column.dtype == "float32":
            floats: NDArray[np.float32] = take_floats(codes, rows)
            return floats
        far = self._mapped[far_file(column.name)] if column.far else None
        try:
            return decode(codes, rows, packing=Packing(width=column.width, base=column.base), far=far)
        except ValueError as error:
            raise self._not_of_this_column(column) from error

    def _answer(self, column: StoreColumn, values: NDArray[Any]) -> pl.Series:
        """Return what :meth:`_values` gave as the column's own type."""
        if column.dtype == "float32":
            return pl.Series(column.name, values).fill_nan(None)
        missing = values == MISSING
        if column.dtype == "int32":
            numbers = pl.Series(column.name, values)
            return numbers.set(pl.Series(missing), None) if missing.any() else numbers
        known = len(column.categories) if column.dtype == "category" else len(self._names(column.name))
        if ((values < 0) & ~missing).any() or (values >= known).any():
            raise self._not_of_this_column(column)
        codes = pl.Series(column.name, np.where(missing, 0, values).astype(np.uint32))
        if missing.any():
            codes = codes.set(pl.Series(missing), None)
        if column.dtype == "category":
            return codes.cat.to(_type_of(column))
        return self._names(column.name).gather(codes).alias(column.name)

    def _names(self, column: str) -> pl.Series:
        if column not in self._texts:
            try:
                self._texts[column] = pl.read_parquet(self.folder / names_file(column)).to_series()
            except (OSError, pl.exceptions.PolarsError) as error:
                raise damaged(self.folder, f"{names_file(column)} cannot be read") from error
        return self._texts[column]

    def _not_of_this_column(self, column: StoreColumn) -> KnowledgeError:
        return damaged(self.folder, f"{column_file(column.name)} holds codes that stand for nothing")

    def _rows(self, keys: Keys, keyed: NDArray[np.bool_], variants: pl.DataFrame) -> NDArray[np.int64]:
        """Return the row of each variant; -1 where it is not there."""
        rows: NDArray[np.int64] = find_rows(self._mapped[KEYS], keys, keyed)
        long = np.flatnonzero((rows >= 0) & are_long(keys))
        if len(long):
            rows[long] = self._long_rows(rows[long], keys[long], long_digests(variants[long]))
        return rows

    def _long_rows(self, first: NDArray[np.int64], keys: Keys, digests: Keys) -> NDArray[np.int64]:
        """Tell variants with one key apart by the digests of their alleles."""
        stored, (places, known) = self._mapped[KEYS], self._mapped[LONG]
        rows = first.copy()
        open_ = np.arange(len(first))
        # nearly always the first row of a key is the only one
        while len(open_):
            at = np.searchsorted(places, rows[open_].astype(np.uint64))
            if at.max() >= len(places) or (places[at] != rows[open_].astype(np.uint64)).any():
                raise damaged(self.folder, f"{LONG} is not of these keys")
            open_ = open_[known[at] != digests[open_]]
            following = rows[open_] + 1
            same = following < len(stored)
            same[same] = stored[following[same]] == keys[open_[same]]
            rows[open_] = np.where(same, following, -1)
            open_ = open_[same]
        return rows

    def _statuses(self, rows: NDArray[np.int64], keys: Keys, keyed: NDArray[np.bool_]) -> NDArray[np.uint8]:
        contigs = self._contigs if self.card.covered == "assumed" else np.ones(_CODES, np.bool_)
        status: NDArray[np.uint8] = statuses(rows, keys, keyed, contigs)
        if UNUSABLE in self._mapped:
            absent = np.flatnonzero(status == 1)
            seen = find_rows(self._mapped[UNUSABLE], keys[absent], np.ones(len(absent), np.bool_))
            status[absent[seen >= 0]] = 2
        if self.card.covered != "assumed":
            first, last = self._covered
            absent = np.flatnonzero(status == 1)
            at = np.searchsorted(first, keys[absent], side="right") - 1
            outside = (at < 0) | (keys[absent] > last[np.maximum(at, 0)]) if len(first) else at < 0
            status[absent[outside]] = 2
        return status


def open_store(folder: Path, *, verify: bool = False) -> VariantStore:
    """Open a store.

    Parameters
    ----------
    verify
        Compare the SHA-256 of each file with that of the card too, which reads all of it.

    Raises
    ------
    KnowledgeError
        When it is missing, of another layout, or its files are not what its card states.
    """
    card = read_card(folder)
    return VariantStore(folder=folder, card=card, _mapped=checked_files(folder, card, verify=verify))


def _type_of(column: StoreColumn) -> pl.DataType:
    if column.dtype == "category":
        return pl.Enum(list(column.categories))
    return {"float32": pl.Float32(), "int32": pl.Int32(), "text": pl.String()}[column.dtype]
