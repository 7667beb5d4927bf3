"""Table contracts: which columns, types, units and keys a table has, and one predicate that checks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from genopraxis.contracts.errors import ContractError


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table contract.

    Parameters
    ----------
    name
        Column name in ``snake_case``.
    dtype
        The polars type, exactly.
    description
        What a value means, with its unit.
    required
        Whether the column may be left out of the table altogether.
    nullable
        Whether a value may be missing.
    minimum, maximum
        Inclusive limits of a numeric column.
    allowed
        The only values that may occur.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str
    required: bool = True
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class TableContract:
    """A named, versioned table layout with its only gate, :meth:`check`."""

    name: str
    version: int
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = field(default=())

    @property
    def schema_id(self) -> str:
        """The identifier written into files, e.g. ``genopraxis.ranking/1``."""
        return f"genopraxis.{self.name}/{self.version}"

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Column names and polars types, optional columns included."""
        return {column.name: column.dtype for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """Return a table of this layout without rows."""
        return pl.DataFrame(schema=self.schema)

    def check(self, frame: pl.DataFrame, *, raise_errors: bool = False, where: str | None = None) -> bool:
        """Tell whether ``frame`` fulfils this contract.

        Parameters
        ----------
        frame
            The table. Columns that the contract does not name are allowed and ignored.
        raise_errors
            Raise instead of returning ``False``.
        where
            The file or step that made the table, for the message.

        Raises
        ------
        ContractError
            With every problem found, when ``raise_errors`` is set.
        """
        problems = list(self.problems(frame))
        if problems and raise_errors:
            raise ContractError(
                f"not a valid {self.schema_id} table: {'; '.join(problems)}",
                where=where,
                hint=f"columns wanted: {', '.join(c.name for c in self.columns if c.required)}",
            )
        return not problems

    def problems(self, frame: pl.DataFrame) -> Iterator[str]:
        """Yield one sentence for each way in which ``frame`` breaks the contract."""
        sound = True
        for column in self.columns:
            if column.name not in frame.columns:
                if column.required:
                    sound = False
                    yield f"column {column.name!r} is missing"
                continue
            found = frame.schema[column.name]
            if found != column.dtype:
                sound = False
                yield f"column {column.name!r} is {found}, wanted {column.dtype}"
                continue
            yield from _value_problems(frame[column.name], column)
        if sound and self.key and frame.height:
            repeated = frame.height - frame.select(self.key).n_unique()
            if repeated:
                yield f"{repeated} row(s) repeat the key ({', '.join(self.key)})"


def _value_problems(values: pl.Series, column: Column) -> Iterator[str]:
    if not column.nullable and values.null_count():
        yield f"column {column.name!r} has {values.null_count()} missing value(s)"
    if values.dtype.is_float() and (bad := int(values.is_nan().sum())):
        yield f"column {column.name!r} has {bad} NaN value(s)"
    if column.minimum is not None and (low := int((values < column.minimum).sum())):
        yield f"column {column.name!r} has {low} value(s) below {column.minimum:g}"
    if column.maximum is not None and (high := int((values > column.maximum).sum())):
        yield f"column {column.name!r} has {high} value(s) above {column.maximum:g}"
    if column.allowed is not None:
        present = values.drop_nulls()
        strange = present.filter(~present.is_in(list(column.allowed))).unique().sort().to_list()
        if strange:
            yield f"column {column.name!r} has {strange[:5]}, allowed: {list(column.allowed)}"
