"""What a store is built from, on disk: batches in any order, one folder a stretch of a chromosome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.variant_keys import Keys, are_long, long_digests, variant_keys
from genopraxis.knowledge.variant_store_card import StoreColumn

__all__ = ["Combine", "Parts", "first_of_each"]

Combine = Callable[[pl.DataFrame], pl.DataFrame]
"""Given the rows of variants that come more than once, sorted by ``key`` and ``digest`` and within them as they came,
return one for each pair of these, in the same order. Other columns: those of the store, categories and texts as codes,
and ``source``."""

_STRETCH = 54  # of a key: what is above is the chromosome and eight million bases
_ENOUGH = 500_000
_MOST_TEXTS = 4_000_000
_TYPES = {"float32": pl.Float32, "int32": pl.Int32, "category": pl.Int32, "text": pl.Int32}
_VARIANT = ("key", "digest")


def first_of_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the first row of each variant."""
    return rows.unique(_VARIANT, keep="first", maintain_order=True)


class Parts:
    """Batches, waiting to be sorted.

    Parameters
    ----------
    folder
        Where they wait.
    columns
        Columns of the store.
    """

    def __init__(self, folder: Path, columns: Sequence[StoreColumn]) -> None:
        self.columns = tuple(columns)
        self._folder = folder
        self._number = 0
        self._waiting: list[pl.DataFrame] = []
        self._rows = 0
        self._unusable: list[Keys] = []
        self._texts: dict[str, dict[str, int]] = {
            column.name: {} for column in columns if column.dtype == "text"
        }

    def add(self, batch: pl.DataFrame) -> int:
        """Take a batch; return how many of its rows have no key and are not taken.

        Where it has a column ``usable``, of the others only the key is kept.
        """
        keys, keyed = variant_keys(batch)
        if "usable" in batch.columns:
            usable = batch["usable"].to_numpy()
            self._unusable.append(keys[~usable & keyed])
            batch, keys, keyed = batch.filter(pl.Series(usable)), keys[usable], keyed[usable]
        digests = np.zeros(len(keys), np.uint64)
        long = np.flatnonzero(are_long(keys) & keyed)
        if len(long):
            digests[long] = long_digests(batch[long])
        source = batch["source"].cast(pl.UInt16) if "source" in batch.columns else None
        table = pl.DataFrame(
            [
                pl.Series("key", keys),
                pl.Series("digest", digests),
                pl.Series("source", np.zeros(len(keys), np.uint16)) if source is None else source,
                *(self._stored(batch[column.name], column) for column in self.columns),
            ]
        )
        self._waiting.append(table if keyed.all() else table.filter(pl.Series(keyed)))
        self._rows += self._waiting[-1].height
        if self._rows >= _ENOUGH:
            self._flush()
        return int((~keyed).sum())

    def stretches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of one stretch after the other, sorted by key; those that came first first."""
        self._flush()
        folders = sorted(self._folder.iterdir(), key=lambda path: int(path.name)) if self._number else []
        for folder in folders:
            files = sorted(folder.iterdir(), key=lambda path: int(path.stem))
            rows = pl.concat([pl.read_ipc(path.read_bytes()) for path in files])
            for path in files:
                path.unlink()
            yield (
                rows
                if rows["key"].is_sorted() and not rows["digest"].max()
                else rows.sort(_VARIANT, maintain_order=True)
            )

    def unusable(self) -> Keys:
        """Return the keys of variants whose rows could not be used, ascending."""
        return np.unique(np.concatenate([np.zeros(0, np.uint64), *self._unusable]))

    def texts(self, column: str) -> list[str]:
        """Return the distinct texts of a column, in the order of their codes."""
        return list(self._texts[column])

    def _flush(self) -> None:
        if not self._rows:
            self._waiting = []
            return
        table = pl.concat(self._waiting)
        self._waiting, self._rows = [], 0
        stretch = table["key"].to_numpy() >> np.uint64(_STRETCH)
        for number in np.unique(stretch).tolist():
            own = self._folder / str(number)
            own.mkdir(parents=True, exist_ok=True)
            table.filter(pl.Series(stretch == number)).write_ipc(own / f"{self._number}.arrow")
        self._number += 1

    def _stored(self, values: pl.Series, column: StoreColumn) -> pl.Series:
        if column.dtype == "text":
            return self._text_codes(values, column.name)
        if column.dtype == "category":
            codes = {name: code for code, name in enumerate(column.categories)}
            named = values.cast(pl.String)
            values = named.replace_strict(codes, default=None, return_dtype=pl.Int32)
            if unknown := named.filter(values.is_null()).drop_nulls().unique().sort().to_list():
                raise InputError(f"unknown values: {', '.join(unknown[:5])}", where=column.name)
        return values.cast(_TYPES[column.dtype]).alias(column.name)

    def _text_codes(self, values: pl.Series, column: str) -> pl.Series:
        known = self._texts[column]
        local = values.cast(pl.String).cast(pl.Categorical)
        distinct = local.drop_nulls().unique(maintain_order=True).cast(pl.String)
        for text in distinct:
            known.setdefault(text, len(known))
        if len(known) > _MOST_TEXTS:
            raise InputError(
                f"has more than {_MOST_TEXTS:,} distinct texts", where=column, hint="leave this column out"
            )
        codes = [known[text] for text in distinct]
        return (
            values.cast(pl.String)
            .replace_strict(distinct, codes, default=None, return_dtype=pl.Int32)
            .alias(column)
        )
