"""Contract tables in Parquet files that say which contract they keep and which software wrote them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import polars as pl

from genopraxis import __version__
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.table import TableContract
from genopraxis.formats.writing import atomic_file

Upgrade = Callable[[pl.DataFrame], pl.DataFrame]
NOTHING: Mapping[str, str] = MappingProxyType({})
NO_UPGRADES: Mapping[str, Upgrade] = MappingProxyType({})

_PREFIX = "genopraxis."
_SCHEMA, _SOFTWARE = "schema", "software"
_UNREADABLE = (OSError, ValueError, pl.exceptions.PolarsError)


def write_table(
    contract: TableContract,
    frame: pl.DataFrame,
    path: str | os.PathLike[str],
    *,
    metadata: Mapping[str, str] = NOTHING,
    private: bool = False,
) -> None:
    """Check a table and write it as Parquet; ``path`` appears complete or not at all.

    The file metadata hold ``genopraxis.schema`` (the contract's id), ``genopraxis.software`` and, under
    ``genopraxis.<key>``, whatever ``metadata`` gives.

    Parameters
    ----------
    metadata
        Text to keep with the table, e.g. ``{"provenance": provenance.to_json()}``.
    private
        Only its owner may read the file.

    Raises
    ------
    ContractError
        When the table does not fulfil its contract.
    OutputError
        When the place cannot be written to.
    """
    contract.check(frame, raise_errors=True, where=os.fspath(path))
    own = {_SCHEMA: contract.schema_id, _SOFTWARE: f"genopraxis {__version__}"}
    if clash := own.keys() & metadata.keys():
        raise ContractError(f"metadata may not set {', '.join(sorted(clash))}", where=os.fspath(path))
    kept = {f"{_PREFIX}{key}": value for key, value in {**metadata, **own}.items()}
    with atomic_file(path, private=private) as temporary:
        frame.write_parquet(temporary, metadata=kept)


def read_table(
    contract: TableContract,
    path: str | os.PathLike[str],
    *,
    upgrades: Mapping[str, Upgrade] = NO_UPGRADES,
    schema_optional: bool = False,
) -> pl.DataFrame:
    """Read a Parquet table that :func:`write_table` wrote, and check it.

    Parameters
    ----------
    upgrades
        Older schema id → function that turns such a table into one of ``contract``.
    schema_optional
        Take a file without metadata too, as another program writes it.

    Raises
    ------
    InputError
        When the file is missing or is no Parquet.
    ContractError
        When it holds another table, or one that breaks the contract.
    """
    where = os.fspath(path)
    found = table_metadata(path).get(_SCHEMA)
    if found is None and not schema_optional:
        raise ContractError(
            "the file does not say which table it holds",
            where=where,
            hint=f"wanted is a {contract.schema_id} table as Genopraxis writes it",
        )
    if found not in {None, contract.schema_id, *upgrades}:
        raise ContractError(
            f"holds a {found} table, wanted {contract.schema_id}",
            where=where,
            hint="is this the right file? A newer Genopraxis may have written it",
        )
    frame = read_parquet(path)
    if found in upgrades:
        frame = upgrades[found or ""](frame)
    contract.check(frame, raise_errors=True, where=where)
    return frame


def read_parquet(path: str | os.PathLike[str]) -> pl.DataFrame:
    """Read any Parquet file, as another program wrote it; nothing but that it can be read is checked.

    Raises
    ------
    InputError
        When the file is missing, is no Parquet, or is damaged in any way.
    """
    with _reading(path):
        return pl.read_parquet(Path(path), glob=False)


def table_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """Return what :func:`write_table` kept with a table, without reading its rows.

    Raises
    ------
    InputError
        When the file is missing or is no Parquet.
    """
    with _reading(path):
        found = pl.read_parquet_metadata(Path(path))
    return {key.removeprefix(_PREFIX): value for key, value in found.items() if key.startswith(_PREFIX)}


@contextmanager
def _reading(path: str | os.PathLike[str]) -> Iterator[None]:
    where = os.fspath(path)
    try:
        if "\0" in where or not Path(path).is_file():  # polars would look into a folder, or wait at a pipe
            kind = "no such file" if "\0" in where or not Path(path).exists() else "is not a file"
            raise InputError(kind, where=where.replace("\0", "?"), hint="check the path and its spelling")
        yield
    except BaseException as error:
        # a panic of the Rust reader is no Exception, and its class cannot be imported
        if not isinstance(error, _UNREADABLE) and type(error).__name__ != "PanicException":
            raise
        raise _unreadable(where, error) from error


def _unreadable(where: str, error: BaseException) -> InputError:
    return InputError(
        f"is no Parquet table that can be read: {' '.join(str(error).split())[:200]}",
        where=where,
        hint="was it copied completely? Make it again if not",
    )
