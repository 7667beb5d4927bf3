"""What every table contract must do, as tests to inherit."""

from __future__ import annotations

import re

import polars as pl

from genopraxis.contracts.errors import ContractError
from genopraxis.contracts.table import TableContract


class TableContractChecks:
    """Inherit from this, name the subclass ``Test…``, give it a ``contract`` and a sound ``example``.

    Attributes
    ----------
    contract
        The contract under test.
    example
        A table that fulfils it, with at least one row.
    """

    contract: TableContract
    example: pl.DataFrame

    def test_is_described(self) -> None:
        """Name, version and every column say what they mean."""
        contract = self.contract
        assert re.fullmatch(r"[a-z][a-z0-9-]*", contract.name), f"name {contract.name!r} is not lower-case"
        assert contract.version >= 1, "versions count from 1"
        assert contract.description.strip(), "the contract has no description"
        for column in contract.columns:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name), f"{column.name!r} is not snake_case"
            assert column.description.strip(), f"column {column.name!r} has no description"

    def test_columns_and_key(self) -> None:
        """No column twice; the key is made of required columns that are never missing."""
        columns = {column.name: column for column in self.contract.columns}
        assert len(columns) == len(self.contract.columns), "a column is named twice"
        for name in self.contract.key:
            assert name in columns, f"key column {name!r} is not a column"
            assert columns[name].required, f"key column {name!r} may be left out"
            assert not columns[name].nullable, f"key column {name!r} may be missing"

    def test_example_and_empty_table_fulfil_it(self) -> None:
        """Empty is an outcome; further columns do no harm."""
        assert self.example.height, "the example has no row"
        self.contract.check(self.example, raise_errors=True, where="example")
        self.contract.check(self.contract.empty(), raise_errors=True, where="empty table")
        assert self.contract.check(self.example.with_columns(something_else=pl.lit(1)))

    def test_broken_tables_are_refused(self) -> None:
        """A missing column, a wrong type, a missing value and a repeated key are found and named."""
        for column in self.contract.columns:
            if column.name not in self.example.columns:
                continue
            if column.required:
                self._refused(self.example.drop(column.name), names=column.name)
            other = pl.Int8 if column.dtype != pl.Int8 else pl.String
            wrong = self.example.with_columns(pl.lit(None, other).alias(column.name))
            self._refused(wrong, names=column.name)
            if not column.nullable:
                blank = self.example.with_columns(pl.lit(None, column.dtype).alias(column.name))
                self._refused(blank, names=column.name)
        if self.contract.key:
            self._refused(pl.concat([self.example, self.example]), names=self.contract.key[0])

    def _refused(self, frame: pl.DataFrame, *, names: str) -> None:
        assert not self.contract.check(frame), f"a table with a broken {names!r} is accepted"
        try:
            self.contract.check(frame, raise_errors=True, where="broken table")
        except ContractError as error:
            message = str(error)
            assert names in message, f"the message does not name {names!r}: {message}"
            assert "broken table" in message, "the message does not say where"
        else:
            raise AssertionError("check(raise_errors=True) raised nothing")
