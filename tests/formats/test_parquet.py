"""Parquet files of other programs, damaged in every way: always one InputError."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from genopraxis.contracts.errors import InputError
from genopraxis.formats import table_file
from genopraxis.formats.table_file import read_parquet, table_metadata


def written(tmp_path: Path) -> Path:
    path = tmp_path / "table.parquet"
    pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}).write_parquet(path)
    return path


def test_a_table_of_another_program(tmp_path: Path) -> None:
    assert read_parquet(written(tmp_path)).to_dict(as_series=False) == {"a": [1, 2], "b": ["x", "y"]}


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, message in (
        (tmp_path / "none", "no such file"),
        (tmp_path, "not a file"),
        (pipe, "not a file"),
    ):
        for read in (read_parquet, table_metadata):
            with pytest.raises(InputError, match=message):
                read(path)
    with pytest.raises(InputError, match="no such file"):
        read_parquet("a\0b")


def test_a_name_is_not_a_pattern(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_parquet(written(tmp_path).with_name("*.parquet"))


def test_a_panic_of_the_reader_is_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """What pyo3 raises: no Exception."""

    def panic(*_args: object, **_options: object) -> None:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(table_file.pl, "read_parquet", panic)
    with pytest.raises(InputError, match="no Parquet table that can be read: index out of bounds"):
        read_parquet(written(tmp_path))

    def stop(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(table_file.pl, "read_parquet", stop)
    with pytest.raises(KeyboardInterrupt):
        read_parquet(written(tmp_path))


def test_damaged_bytes(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    damaged = [whole[:n] for n in range(0, len(whole), 37)]
    for at in range(0, len(whole), 5):
        copy = bytearray(whole)
        copy[at] ^= 0xFF
        damaged.append(bytes(copy))
    messages = []
    for data in damaged:
        path.write_bytes(data)
        try:
            read_parquet(path)
        except InputError as error:
            messages.append(error.what)
    assert len(messages) > 20
    assert max(map(len, messages)) < 300
