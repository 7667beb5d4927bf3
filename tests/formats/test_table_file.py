"""Parquet files that say what they hold."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from genopraxis import __version__
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.table import Column, TableContract
from genopraxis.formats.table_file import read_table, table_metadata, write_table

TABLE = TableContract(
    name="thing",
    version=2,
    description="Things.",
    columns=(
        Column(name="id", dtype=pl.String, description="its id"),
        Column(name="parts", dtype=pl.List(pl.String), description="its parts", nullable=True),
    ),
    key=("id",),
)
FRAME = pl.DataFrame([("a", ["x"]), ("b", None)], schema=TABLE.schema, orient="row")


@pytest.mark.parametrize("frame", [FRAME, TABLE.empty()], ids=["rows", "empty"])
def test_round_trip(tmp_path: Path, frame: pl.DataFrame) -> None:
    path = tmp_path / "new folder" / "t.parquet"
    write_table(TABLE, frame, path, metadata={"provenance": '{"ä": 1}'})
    assert read_table(TABLE, path).equals(frame)
    assert table_metadata(path) == {
        "schema": "genopraxis.thing/2",
        "software": f"genopraxis {__version__}",
        "provenance": '{"ä": 1}',
    }


def test_table_that_breaks_its_contract_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="repeat the key"):
        write_table(TABLE, pl.concat([FRAME, FRAME]), tmp_path / "t.parquet")
    with pytest.raises(ContractError, match="may not set schema"):
        write_table(TABLE, FRAME, tmp_path / "t.parquet", metadata={"schema": "other"})
    assert not list(tmp_path.iterdir())


def test_table_of_another_contract_or_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    for other in (
        TableContract(name="thing", version=3, description="d", columns=TABLE.columns),
        TableContract(name="other", version=2, description="d", columns=TABLE.columns),
    ):
        write_table(other, FRAME, path)
        with pytest.raises(ContractError, match=f"{other.schema_id} table, wanted genopraxis.thing/2"):
            read_table(TABLE, path)


def test_older_table_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    older = TableContract(name="thing", version=1, description="d", columns=TABLE.columns[:1])
    write_table(older, FRAME.select("id"), path)
    upgrades = {older.schema_id: lambda t: t.with_columns(parts=pl.lit(None, pl.List(pl.String)))}
    assert read_table(TABLE, path, upgrades=upgrades)["parts"].null_count() == 2
    with pytest.raises(ContractError, match="thing/1"):
        read_table(TABLE, path)


def test_table_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    FRAME.write_parquet(path)
    assert table_metadata(path) == {}
    with pytest.raises(ContractError, match="does not say which table"):
        read_table(TABLE, path)
    assert read_table(TABLE, path, schema_optional=True).equals(FRAME)
    FRAME.drop("id").write_parquet(path)
    with pytest.raises(ContractError, match="'id' is missing"):
        read_table(TABLE, path, schema_optional=True)


def test_what_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.parquet: no such file"):
        read_table(TABLE, tmp_path / "none.parquet")
    path = tmp_path / "t.parquet"
    write_table(TABLE, FRAME, path)
    whole = path.read_bytes()
    for content in (b"", b"PAR1", whole[:-5], whole[: len(whole) // 2], b"text" * 50):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"t\.parquet"):
            read_table(TABLE, path)
