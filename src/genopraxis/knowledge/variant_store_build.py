"""Build a store of known variants: any order in, sorted by key out, memory for one chromosome at a time."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import DataRelease, InputDigest
from genopraxis.formats.files import atomic_folder
from genopraxis.knowledge.variant_keys import CHROMOSOMES, Keys, are_long, chromosomes_of, variant_keys
from genopraxis.knowledge.variant_store import CARD, COVERED, KEYS, LONG, StoreCard, StoreColumn, StoreKind

_PARTS = "parts"
_NOTHING = np.iinfo(np.int32).min
_DTYPES = {"float32": np.float32, "int32": np.int32, "category": np.int32}


@dataclass(frozen=True, kw_only=True)
class StoreFacts:
    """What the card of a store says besides its counts.

    Parameters
    ----------
    assembly
        GRCh37 or GRCh38.
    columns
        The columns of the batches besides the variant; of a category column all names must be given.
    """

    kind: StoreKind
    assembly: str
    columns: tuple[StoreColumn, ...]
    releases: tuple[DataRelease, ...] = ()
    inputs: tuple[InputDigest, ...] = ()


def build_store(
    batches: Iterable[pl.DataFrame],
    folder: Path,
    *,
    facts: StoreFacts,
    covered: pl.DataFrame | None = None,
    left_out: Counter[str] | None = None,
) -> StoreCard:
    """Write a store; ``folder`` appears whole or not at all.

    Parameters
    ----------
    batches
        Tables with ``chrom`` (canonical), ``pos`` (1-based), ``ref``, ``alt`` of normalised variants, and the
        columns that ``facts`` names. Of a variant that comes twice the first one is kept, and the others counted.
    covered
        Regions the source could see: ``chrom``, ``start``, ``end``, 0-based and half-open as in BED. ``None``:
        not stated, and then assumed for every contig with variants.
    left_out
        Rows that were left out before they came here, by reason.

    Raises
    ------
    InputError
        When no variant is left.
    """
    gone: Counter[str] = Counter(left_out or {})
    with atomic_folder(folder) as staging:
        parts = _Parts(staging / _PARTS)
        for batch in batches:
            gone["no_key"] += parts.add(batch, facts.columns)
        total = _merge(parts, staging, facts.columns, gone)
        if not total:
            raise InputError("holds no variant that can be kept", where=facts.kind)
        shutil.rmtree(staging / _PARTS)
        if covered is not None:
            _regions(covered).write_parquet(staging / COVERED)
        card = StoreCard(
            kind=facts.kind,
            assembly=facts.assembly,
            variants=total,
            columns=facts.columns,
            covered="assumed" if covered is None else "stated",
            left_out={reason: n for reason, n in sorted(gone.items()) if n},
            releases=facts.releases,
            inputs=facts.inputs,
            sizes={path.name: path.stat().st_size for path in sorted(staging.iterdir())},
        )
        (staging / CARD).write_text(card.to_json(), encoding="utf-8")
    return card


class _Parts:
    """Batches on disk, one folder a chromosome."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def add(self, batch: pl.DataFrame, columns: Sequence[StoreColumn]) -> int:
        """Keep a batch; return how many of its rows have no key."""
        keys, keyed = variant_keys(batch)
        long = pl.Series(are_long(keys))
        table = pl.DataFrame({"key": keys, "ref": batch["ref"], "alt": batch["alt"]}).with_columns(
            pl.when(long).then(pl.col(name)).alias(name) for name in ("ref", "alt")
        )
        table = table.with_columns(pl.Series(one.name, _stored(batch[one.name], one)) for one in columns)
        codes = chromosomes_of(keys)
        for code in np.unique(codes[keyed]).tolist():
            own = self._folder / str(code)
            own.mkdir(parents=True, exist_ok=True)
            table.filter(pl.Series(keyed & (codes == code))).write_parquet(own / f"{self._number}.parquet")
        self._number += 1
        return int((~keyed).sum())

    def sorted(self, code: int) -> pl.DataFrame | None:
        """Return the rows of a chromosome, sorted by key; those that came first first."""
        files = sorted((self._folder / str(code)).glob("*.parquet"), key=lambda path: int(path.stem))
        if not files:
            return None
        return pl.concat([pl.read_parquet(path) for path in files]).sort("key", maintain_order=True)


def _merge(parts: _Parts, staging: Path, columns: Sequence[StoreColumn], gone: Counter[str]) -> int:
    """Write keys and columns, chromosome after chromosome, and return how many variants there are."""
    pieces: dict[str, list[Path]] = {KEYS: [], **{f"{one.name}.npy": [] for one in columns}}
    long, total = [], 0
    for code in range(1, len(CHROMOSOMES) + 1):
        rows = parts.sorted(code)
        if rows is None:
            continue
        kept = rows.unique(["key", "ref", "alt"], keep="first", maintain_order=True)
        gone["repeated"] += rows.height - kept.height
        long.append(
            kept.with_row_index("row", offset=total)
            .filter(pl.col("ref").is_not_null())
            .select(pl.col("row").cast(pl.UInt64), "ref", "alt")
        )
        for name, written in pieces.items():
            path = staging / _PARTS / f"{code}-{name}"
            np.save(path, kept["key" if name == KEYS else name.removesuffix(".npy")].to_numpy())
            written.append(path)
        total += kept.height
    if total:
        pl.concat(long).write_parquet(staging / LONG)
        for name, written in pieces.items():
            _join(written, staging / name, total)
    return total


def _join(pieces: Sequence[Path], path: Path, total: int) -> None:
    first = np.load(pieces[0], mmap_mode="r", allow_pickle=False)
    out = open_memmap(path, mode="w+", dtype=first.dtype, shape=(total,))
    at = 0
    for piece in pieces:
        values = np.load(piece, mmap_mode="r", allow_pickle=False)
        out[at : at + len(values)] = values
        at += len(values)
        piece.unlink()
    out.flush()


def _stored(values: pl.Series, column: StoreColumn) -> NDArray[np.float32] | NDArray[np.int32]:
    """Return values as they are on disk: NaN or the smallest number where there is none."""
    if column.dtype == "float32":
        return values.cast(pl.Float32).fill_null(float("nan")).to_numpy()
    if column.dtype == "category":
        codes = {name: code for code, name in enumerate(column.categories)}
        named = values.cast(pl.String)
        values = named.replace_strict(codes, default=None, return_dtype=pl.Int32)
        if unknown := named.filter(values.is_null()).drop_nulls().unique().sort().to_list():
            raise InputError(f"unknown values: {', '.join(unknown[:5])}", where=column.name)
    return values.cast(pl.Int32).fill_null(_NOTHING).to_numpy()


def _regions(covered: pl.DataFrame) -> pl.DataFrame:
    """Return covered regions as ranges of keys, in order and joined where they touch."""
    codes = {name: code for code, name in enumerate(CHROMOSOMES, start=1)}
    table = (
        covered.with_columns(code=pl.col("chrom").cast(pl.String).replace_strict(codes, default=None))
        .drop_nulls("code")
        .filter(pl.col("start") < pl.col("end"))
        .sort("code", "start", "end")
        .with_columns(reached=pl.col("end").cum_max().over("code"))
        .with_columns(
            begins=(pl.col("start") > pl.col("reached").shift(1).over("code")).fill_null(value=True)
        )
        .with_columns(region=pl.col("begins").cum_sum())
        .group_by("region", maintain_order=True)
        .agg(pl.col("code").first(), pl.col("start").min(), pl.col("end").max())
    )
    code = table["code"].cast(pl.UInt64).to_numpy()

    def keys(positions: NDArray[np.int64]) -> Keys:
        return (code << np.uint64(59)) | (positions.astype(np.uint64) << np.uint64(31))

    first = keys(table["start"].cast(pl.Int64).to_numpy())
    last = keys(table["end"].cast(pl.Int64).to_numpy()) - np.uint64(1)
    return pl.DataFrame({"first": first, "last": last})
