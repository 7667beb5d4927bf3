"""A store of known variants with what is known of each: sorted, compact, memory-mapped.

*Found*, *not found* and *not covered* are three answers: a variant that a reference panel does not list was not seen
there only if the panel could see its place. Where a store states no regions, the whole of each contig that it has
variants of is taken as covered, and its card says that this was assumed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.errors import ContractError, KnowledgeError
from genopraxis.contracts.provenance import DataRelease, InputDigest
from genopraxis.knowledge.variant_keys import Keys, are_long, chromosomes_of, variant_keys

CARD, KEYS, LONG, COVERED = "store.json", "keys.npy", "long.parquet", "covered.parquet"
LAYOUT = 1

StoreKind = Literal["frequencies", "clinvar", "scores"]
Status = Literal["found", "not_found", "not_covered", "no_key"]
STATUS = pl.Enum(["found", "not_found", "not_covered", "no_key"])
"""``no_key``: a variant that cannot be looked up, such as a symbolic one."""

_REBUILD = "build the store again with genopraxis knowledge build"


class StoreColumn(Part):
    """One column of a store."""

    name: str
    dtype: Literal["float32", "int32", "category"]
    description: str
    categories: tuple[str, ...] = ()


class StoreCard(Document):
    """What a store holds, and where it comes from."""

    schema_id: ClassVar[str] = f"genopraxis.variant-store/{LAYOUT}"

    kind: StoreKind
    assembly: str
    variants: int = Field(ge=0)
    columns: tuple[StoreColumn, ...]
    covered: Literal["stated", "assumed"] = Field(
        description="assumed: each contig with variants, as a whole"
    )
    left_out: dict[str, int] = Field(description="rows of the source that are not in the store, by reason")
    releases: tuple[DataRelease, ...]
    inputs: tuple[InputDigest, ...]
    sizes: dict[str, int] = Field(description="bytes of each file")


@dataclass(frozen=True, kw_only=True)
class VariantStore:
    """A store that was opened; its columns stay on disk until they are asked for.

    Parameters
    ----------
    folder
        Where it is.
    """

    folder: Path
    card: StoreCard

    @cached_property
    def _keys(self) -> Keys:
        keys: Keys = _mapped(self.folder / KEYS)
        return keys

    @cached_property
    def _long(self) -> Mapping[int, tuple[str, str]]:
        """Alleles of the rows whose key holds a checksum only."""
        table = pl.read_parquet(self.folder / LONG)
        return {row: (ref, alt) for row, ref, alt in table.select("row", "ref", "alt").iter_rows()}

    @cached_property
    def _covered(self) -> tuple[Keys, Keys]:
        """First and last keys of the covered regions, in order, without overlap."""
        table = pl.read_parquet(self.folder / COVERED)
        return table["first"].to_numpy(), table["last"].to_numpy()

    @cached_property
    def _contigs(self) -> NDArray[np.uint8]:
        # a step from contig to contig, not a pass over all keys
        codes, at = [], 0
        while at < len(self._keys):
            code = int(chromosomes_of(self._keys[at : at + 1])[0])
            codes.append(code)
            at = int(np.searchsorted(self._keys, np.uint64(code + 1 << 59)))
        return np.array(codes, dtype=np.uint8)

    def find(self, variants: pl.DataFrame) -> pl.DataFrame:
        """Look normalised variants up.

        Parameters
        ----------
        variants
            ``chrom`` (canonical), ``pos`` (1-based), ``ref``, ``alt``; on the assembly of the store.

        Returns
        -------
        polars.DataFrame
            In the order of ``variants``: ``status`` and the columns of the store, null where nothing was found.
        """
        keys, keyed = variant_keys(variants)
        rows = self._rows(keys, keyed, variants)
        found = rows >= 0
        status = np.where(found, 0, np.where(self._is_covered(keys), 1, 2))
        status[~keyed] = 3
        columns: dict[str, pl.Series] = {
            "status": pl.Series(status.astype(np.uint32))
            .cast(pl.UInt32)
            .replace_strict(dict(enumerate(STATUS.categories)), return_dtype=STATUS)
        }
        for column in self.card.columns:
            stored = _mapped(self.folder / f"{column.name}.npy")
            values = np.zeros(len(rows), dtype=stored.dtype)
            values[found] = stored[rows[found]]
            columns[column.name] = _shown(values, column, found=found)
        return pl.DataFrame(columns)

    def _rows(self, keys: Keys, keyed: NDArray[np.bool_], variants: pl.DataFrame) -> NDArray[np.int64]:
        """Return the row of each variant; -1 where it is not there."""
        stored = self._keys
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
        for i in np.flatnonzero((rows >= 0) & are_long(keys)).tolist():
            rows[i] = self._long_row(int(rows[i]), keys[i], variants["ref"][i], variants["alt"][i])
        return rows

    def _long_row(self, first: int, key: np.uint64, ref: str, alt: str) -> int:
        row = first
        while row < len(self._keys) and self._keys[row] == key:
            if self._long[row] == (ref, alt):
                return row
            row += 1
        return -1

    def _is_covered(self, keys: Keys) -> NDArray[np.bool_]:
        if self.card.covered == "assumed":
            return np.isin(chromosomes_of(keys), self._contigs)
        first, last = self._covered
        if not len(first):
            return np.zeros(len(keys), dtype=np.bool_)
        at = np.searchsorted(first, keys, side="right") - 1
        return (at >= 0) & (keys <= last[np.maximum(at, 0)])


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


def _mapped(path: Path) -> NDArray[Any]:
    mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped


def _shown(values: NDArray[Any], column: StoreColumn, *, found: NDArray[np.bool_]) -> pl.Series:
    series = pl.Series(values)
    missing = pl.Series(~found)
    if column.dtype == "float32":
        missing |= series.is_nan()
    else:
        missing |= series == np.iinfo(np.int32).min
    shown = series.set(missing, None)
    if column.dtype == "category":
        names = dict(enumerate(column.categories))
        shown = shown.replace_strict(names, default=None, return_dtype=pl.Enum(list(column.categories)))
    return shown
