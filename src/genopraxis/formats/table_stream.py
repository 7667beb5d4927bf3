"""Tables that are written while they are made: Parquet or tab-separated text, memory bounded by a batch."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from genopraxis import __version__

__all__ = ["tsv_pieces", "write_parquet_stream"]

_PREFIX = "genopraxis."
_OS_ERROR = re.compile(r"\(os error (\d+)\)")


def write_parquet_stream(
    frames: Iterator[pl.DataFrame],
    path: Path,
    *,
    schema: Mapping[str, pl.DataType | type[pl.DataType]],
    schema_id: str,
    metadata: Mapping[str, str],
) -> None:
    """Write frames of one schema into a Parquet file as they come.

    Parameters
    ----------
    frames
        It is drawn from one at a time, perhaps by another thread; what it raises is raised here.
    path
        The caller makes sure that nobody sees it before it is complete.
    schema_id, metadata
        Kept in the file, as :func:`genopraxis.formats.table_file.write_table` does.
    """
    kept = {"schema": schema_id, "software": f"genopraxis {__version__}", **metadata}

    def source(
        with_columns: list[str] | None,  # noqa: ARG001 - the signature of polars
        predicate: pl.Expr | None,  # noqa: ARG001
        n_rows: int | None,  # noqa: ARG001
        batch_size: int | None,  # noqa: ARG001
    ) -> Iterator[pl.DataFrame]:
        yield from frames

    try:
        register_io_source(source, schema=dict(schema)).sink_parquet(
            path,
            compression="zstd",
            compression_level=1,
            metadata={f"{_PREFIX}{key}": value for key, value in kept.items()},
        )
    except pl.exceptions.PolarsError as error:
        # what the system said stands in the text alone
        if (told := _OS_ERROR.search(str(error))) is None:
            raise
        number = int(told.group(1))
        raise OSError(number, os.strerror(number)) from error


def tsv_pieces(
    frames: Iterator[pl.DataFrame],
    *,
    schema: Mapping[str, pl.DataType | type[pl.DataType]],
    comments: Sequence[str] = (),
) -> Iterator[bytes]:
    """Yield tab-separated text: comment lines after ``##``, a line of names after ``#``, then the rows.

    Lists are joined by ``&``; what is missing is empty; a text with a tab or a line end in it is quoted.
    """
    yield "".join(f"##{line}\n" for line in comments).encode()
    yield ("#" + "\t".join(schema) + "\n").encode()
    lists = [name for name, dtype in schema.items() if isinstance(dtype, pl.List) or dtype == pl.List]
    for frame in frames:
        shown = frame.with_columns(pl.col(lists).list.join("&").replace("", None)) if lists else frame
        yield shown.write_csv(separator="\t", include_header=False).encode()
