"""Whether the files of a store are those that its card speaks of: a damaged folder is one clear error, no answer."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import ContractError, KnowledgeError
from genopraxis.knowledge.variant_store_card import (
    CARD,
    COVERED,
    KEYS,
    LONG,
    UNUSABLE,
    StoreCard,
    StoreColumn,
    card_files,
    column_file,
    far_file,
    names_file,
)

__all__ = ["REBUILD", "UNREADABLE", "checked_files", "damaged", "file_sha256", "read_card"]

REBUILD = "build the store again with genopraxis knowledge build"

_WHOLE = 1 << 24  # keys of which every one is looked at
_BLOCKS, _BLOCK = 2000, 2048
_CHUNK = 1 << 22
_CODES: dict[int, type[np.generic]] = {1: np.uint8, 2: np.uint16, 4: np.int32}
UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, SyntaxError, EOFError, OverflowError, MemoryError, RecursionError,
    TokenError,
)  # fmt: skip
"""What a header that is none makes numpy raise."""


Arrays = dict[str, NDArray[Any]]


def damaged(folder: Path, what: str) -> KnowledgeError:
    """Return the error of a store that cannot be used."""
    return KnowledgeError(what, where=str(folder), hint=REBUILD)


def read_card(folder: Path) -> StoreCard:
    """Read the card of a store.

    Raises
    ------
    KnowledgeError
        When it is missing or no card.
    """
    try:
        return StoreCard.from_mapping(json.loads((folder / CARD).read_bytes()), where=CARD)
    except (OSError, ValueError, RecursionError, ContractError) as error:
        raise damaged(folder, "holds no whole store of variants") from error


def checked_files(folder: Path, card: StoreCard, *, verify: bool = False) -> Arrays:
    """Return the arrays of a store, mapped to memory, if all of its files are as its card states.

    Looked at are the sizes of all files, types and lengths of all arrays, and the order of the keys: of all of them in
    a store of up to 16 million, else of every stretch of a sample.

    Parameters
    ----------
    verify
        Compare the SHA-256 of each file too, and look at every key.

    Raises
    ------
    KnowledgeError
        With the file that is not as it should be.
    """
    files = card_files(card)
    if strange := sorted(files ^ card.sizes.keys()):
        raise damaged(folder, f"its card does not state the size of what belongs to it: {', '.join(strange)}")
    for name in sorted(files):
        _check_size(folder, name, card.sizes[name])
    if verify:
        _check_digests(folder, card, files)
    n = card.variants
    arrays = {KEYS: _array(folder, KEYS, np.uint64, n), LONG: _array(folder, LONG, np.uint64, 2, None)}
    for column in card.columns:
        arrays |= _column(folder, column, n)
    if card.unusable:
        arrays[UNUSABLE] = _array(folder, UNUSABLE, np.uint64, card.unusable)
        _ascending(arrays[UNUSABLE], folder, UNUSABLE, every=verify)
    _ascending(arrays[KEYS], folder, KEYS, every=verify, once=True)
    _check_long(arrays, folder, every=verify)
    if COVERED in files:
        _check_regions(folder)
    return arrays


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_size(folder: Path, name: str, size: int) -> None:
    try:
        found = (folder / name).stat().st_size
    except OSError as error:
        raise damaged(folder, f"{name} is missing") from error
    if found != size:
        raise damaged(folder, f"{name}: not of the size that {CARD} states")


def _check_digests(folder: Path, card: StoreCard, files: set[str]) -> None:
    if card.sha256.keys() != files:
        raise damaged(folder, "its card states no checksums: an older version built it")
    for name in sorted(files):
        try:
            same = file_sha256(folder / name) == card.sha256[name]
        except OSError as error:
            raise damaged(folder, f"{name} cannot be read") from error
        if not same:
            raise damaged(folder, f"{name}: not of the SHA-256 that {CARD} states")


def _array(folder: Path, name: str, dtype: type[np.generic], *shape: int | None) -> NDArray[Any]:
    """Map an array; ``None`` in a shape is any length."""
    try:
        array = np.lib.format.open_memmap(folder / name, mode="r")
    except UNREADABLE as error:
        raise damaged(folder, f"{name} cannot be read") from error
    fits = array.ndim == len(shape) and all(
        wanted is None or found == wanted for found, wanted in zip(array.shape, shape, strict=True)
    )
    if array.dtype != np.dtype(dtype) or not fits or not array.flags.c_contiguous:
        raise damaged(folder, f"{name} holds {array.dtype} of shape {array.shape}: not what {CARD} states")
    # numpy's own type of a memory map makes every slice slower
    return array.view(np.ndarray)


def _column(folder: Path, column: StoreColumn, n: int) -> Arrays:
    name = column_file(column.name)
    if column.dtype == "float32":
        return {name: _array(folder, name, np.float32, n)}
    arrays = {name: _array(folder, name, _CODES[column.width], n)}
    if column.far:
        far = _array(folder, far_file(column.name), np.int64, 2, column.far)
        rows = far[0]
        if rows[0] < 0 or rows[-1] >= n or (rows[1:] <= rows[:-1]).any():
            raise damaged(folder, f"{far_file(column.name)}: its rows are not in order")
        arrays[far_file(column.name)] = far
    if column.dtype == "text":
        _schema(folder, names_file(column.name), [pl.String()])
    return arrays


def _schema(folder: Path, name: str, types: list[pl.DataType]) -> None:
    try:
        found = list(pl.read_parquet_schema(folder / name).values())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise damaged(folder, f"{name} cannot be read") from error
    if found != types:
        raise damaged(folder, f"{name} holds other columns than it should")


def _ascending(keys: NDArray[Any], folder: Path, name: str, *, every: bool, once: bool = False) -> None:
    """Refuse keys that are not in order; ``once``: only those of long alleles may come again."""
    n = len(keys)
    if every or n <= _WHOLE:
        spans = [(start, min(n, start + _CHUNK + 1)) for start in range(0, n, _CHUNK)]
    else:
        starts = np.linspace(0, n - _BLOCK, _BLOCKS).astype(np.int64)
        spans = [(int(start), int(start) + _BLOCK) for start in starts]
        first = keys[starts]
        if (first[1:] < first[:-1]).any():
            raise damaged(folder, f"{name}: its keys are not in order")
    for start, stop in spans:
        some = keys[start:stop]
        if (some[1:] < some[:-1]).any():
            raise damaged(folder, f"{name}: its keys are not in order")
        if once:
            again = some[1:] == some[:-1]
            if again.any() and not (some[1:][again] & np.uint64(1)).all():
                raise damaged(folder, f"{name}: a key comes twice")


def _check_long(arrays: Arrays, folder: Path, *, every: bool) -> None:
    """Refuse digests that are not those of the rows with long alleles."""
    keys, places = arrays[KEYS], arrays[LONG][0]
    if len(places) and (int(places[-1]) >= len(keys) or (places[1:] <= places[:-1]).any()):
        raise damaged(folder, f"{LONG}: its rows are not in order")
    if every or len(keys) <= _WHOLE:
        at = 0
        for start in range(0, len(keys), _CHUNK):
            some = np.flatnonzero(keys[start : start + _CHUNK] & np.uint64(1)).astype(np.uint64) + np.uint64(
                start
            )
            if not np.array_equal(places[at : at + len(some)], some):
                raise damaged(folder, f"{LONG} is not of these keys")
            at += len(some)
        if at != len(places):
            raise damaged(folder, f"{LONG} is not of these keys")


def _check_regions(folder: Path) -> None:
    _schema(folder, COVERED, [pl.UInt64(), pl.UInt64()])
    try:
        table = pl.read_parquet(folder / COVERED)
        first, last = table["first"].to_numpy(), table["last"].to_numpy()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise damaged(folder, f"{COVERED} cannot be read") from error
    if table.null_count().sum_horizontal().item() or (first > last).any() or (first[1:] <= last[:-1]).any():
        raise damaged(folder, f"{COVERED}: its regions are not in order")
