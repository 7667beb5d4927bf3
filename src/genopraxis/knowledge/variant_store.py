"""A store of known variants with what is known of each: sorted, compact, memory-mapped.

*Found*, *not found* and *not covered* are three answers: a variant that a reference panel does not list was not seen
there only if the panel could see its place. Where a store states no regions, the whole of each contig that it has
variants of is taken as covered, and its card says that this was assumed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import ContractError, InputError, KnowledgeError
from genopraxis.knowledge.frequency_view import FrequencyView
from genopraxis.knowledge.variant_keys import Keys, are_long, chromosomes_of, long_digests, variant_keys
from genopraxis.knowledge.variant_store_card import (
    CARD,
    COVERED,
    KEYS,
    LAYOUT,
    LONG,
    STATUS,
    Status,
    StoreCard,
    StoreColumn,
    StoreKind,
    column_file,
    far_file,
    names_file,
)
from genopraxis.knowledge.variant_store_codes import Packing, decode

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

_REBUILD = "build the store again with genopraxis knowledge build"


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
    _arrays: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False, compare=False)
    _texts: dict[str, pl.Series] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the columns of its answers begin with."""
        return self.card.name or self.folder.name

    @cached_property
    def _view(self) -> FrequencyView | None:
        return FrequencyView(self.card.columns) if self.card.kind == "frequencies" else None

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
    def _contigs(self) -> NDArray[np.uint8]:
        # a step from contig to contig, not a pass over all keys
        keys, codes, at = self._mapped(KEYS), [], 0
        while at < len(keys):
            code = int(chromosomes_of(keys[at : at + 1])[0])
            codes.append(code)
            at = int(np.searchsorted(keys, np.uint64(code + 1 << 59))) if code < 31 else len(keys)
        return np.array(codes, dtype=np.uint8)

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
        is_found = rows >= 0
        status = np.where(is_found, 0, np.where(self._is_covered(asked), 1, 2)).astype(np.uint8)
        status[~keyed] = 3
        found = np.flatnonzero(is_found)
        known = pl.DataFrame([self._values(column, rows[found]) for column in stored])
        if self._view is not None and derived:
            known = known.with_columns(self._view.derive(known, derived))
        answers = known.select(self._shown if columns is None else list(columns))
        if len(found) < len(asked):
            places = np.zeros(len(asked), np.uint32)
            places[found] = np.arange(len(found), dtype=np.uint32)
            answers = _spread(answers, pl.Series(places), missing=pl.Series(~is_found))
        return answers.insert_column(0, pl.Series("status", status).cat.to(STATUS))

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

    def _values(self, column: StoreColumn, rows: NDArray[np.int64]) -> pl.Series:
        """Return the values of rows of the store."""
        codes = self._mapped(column_file(column.name))[rows]
        if column.dtype == "float32":
            return pl.Series(column.name, codes).fill_nan(None)
        packing = Packing(width=column.width, base=column.base)
        far = self._mapped(far_file(column.name)) if column.far else None
        numbers, missing = decode(codes, rows, packing=packing, far=far)
        values = pl.Series(column.name, numbers)
        if missing.any():
            values = values.set(pl.Series(missing), None)
        if column.dtype == "category":
            return values.cast(pl.UInt32).cat.to(_type_of(column))
        if column.dtype == "text":
            return self._names(column.name).gather(values.cast(pl.UInt32)).alias(column.name)
        return values

    def _names(self, column: str) -> pl.Series:
        if column not in self._texts:
            self._texts[column] = pl.read_parquet(self.folder / names_file(column)).to_series()
        return self._texts[column]

    def _rows(self, keys: Keys, keyed: NDArray[np.bool_], variants: pl.DataFrame) -> NDArray[np.int64]:
        """Return the row of each variant; -1 where it is not there."""
        stored = self._mapped(KEYS)
        rows = np.full(len(keys), -1, dtype=np.int64)
        if not len(stored):
            return rows
        # ascending questions are answered several times faster
        ascending = len(keys) < 2 or bool((keys[1:] >= keys[:-1]).all())
        order = None if ascending else np.argsort(keys, kind="stable")
        asked = keys if order is None else keys[order]
        at = np.minimum(np.searchsorted(stored, asked), len(stored) - 1)
        hit = np.where(stored[at] == asked, at, -1)
        if order is None:
            rows[:] = hit
        else:
            rows[order] = hit
        rows[~keyed] = -1
        long = np.flatnonzero((rows >= 0) & are_long(keys))
        if len(long):
            rows[long] = self._long_rows(rows[long], keys[long], long_digests(variants[long]))
        return rows

    def _long_rows(self, first: NDArray[np.int64], keys: Keys, digests: Keys) -> NDArray[np.int64]:
        """Tell variants with one key apart by the digests of their alleles."""
        stored, (places, known) = self._mapped(KEYS), self._mapped(LONG)
        rows = first.copy()
        open_ = np.arange(len(first))
        # nearly always the first row of a key is the only one
        while len(open_):
            at = np.searchsorted(places, rows[open_].astype(np.uint64))
            open_ = open_[known[at] != digests[open_]]
            following = rows[open_] + 1
            same = following < len(stored)
            same[same] = stored[following[same]] == keys[open_[same]]
            rows[open_] = np.where(same, following, -1)
            open_ = open_[same]
        return rows

    def _is_covered(self, keys: Keys) -> NDArray[np.bool_]:
        if self.card.covered == "assumed":
            return np.isin(chromosomes_of(keys), self._contigs)
        first, last = self._covered
        if not len(first):
            return np.zeros(len(keys), dtype=np.bool_)
        at = np.searchsorted(first, keys, side="right") - 1
        return (at >= 0) & (keys <= last[np.maximum(at, 0)])

    def _mapped(self, file: str) -> NDArray[Any]:
        if file not in self._arrays:
            mapped = np.load(self.folder / file, mmap_mode="r", allow_pickle=False)
            # numpy's own type of a memory map makes every slice slower
            self._arrays[file] = mapped.view(np.ndarray)
        return self._arrays[file]


def open_store(folder: Path) -> VariantStore:
    """Open a store.

    Raises
    ------
    KnowledgeError
        When it is missing, of another layout, or a file is not of the size that its card states.
    """
    try:
        card = StoreCard.from_mapping(json.loads((folder / CARD).read_bytes()), where=CARD)
        wrong = [name for name, size in card.sizes.items() if (folder / name).stat().st_size != size]
    except (OSError, ValueError, ContractError) as error:
        raise KnowledgeError("holds no whole store of variants", where=str(folder), hint=_REBUILD) from error
    if wrong:
        raise KnowledgeError(
            f"{', '.join(wrong)}: not of the size that {CARD} states", where=str(folder), hint=_REBUILD
        )
    return VariantStore(folder=folder, card=card)


def _spread(answers: pl.DataFrame, places: pl.Series, *, missing: pl.Series) -> pl.DataFrame:
    """Return rows at ``places``, null where nothing was found."""
    if answers.is_empty():
        return answers.clear(len(places))
    return answers.select(pl.when(~missing).then(pl.all().gather(places)))


def _type_of(column: StoreColumn) -> pl.DataType:
    if column.dtype == "category":
        return pl.Enum(list(column.categories))
    return {"float32": pl.Float32(), "int32": pl.Int32(), "text": pl.String()}[column.dtype]
