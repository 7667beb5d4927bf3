"""A table as blocks of rows with texts in its columns: Parquet, or TSV and CSV, plain, gzip or bgzip, of any size."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.formats.vcf_blocks import DamagedError, packing_of, text_pieces

__all__ = ["TextTable", "first_line", "is_bcf", "open_table"]

_BLOCK = 8 * 1024**2
_ROWS = 100_000
_LONGEST_HEADER = 16 * 1024**2
_PARQUET = b"PAR1"
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ("\t", ",", ";")


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """A table that was opened.

    Parameters
    ----------
    columns
        Their names, as in the file, without the ``#`` that a first one may begin with.
    comments
        The lines before them.
    delimiter
        Between columns; ``None``: Parquet.
    header_lines
        Lines up to the first row.
    """

    path: Path
    columns: tuple[str, ...]
    comments: tuple[str, ...] = ()
    delimiter: str | None = None
    header_lines: int = 0

    def blocks(self, names: Sequence[str], *, threads: int = 1) -> Iterator[pl.DataFrame]:
        """Yield some columns, block by block; those of a text file as text, a missing field as null.

        Raises
        ------
        InputError
            When the file is damaged.
        """
        wanted = list(dict.fromkeys(names))
        if self.delimiter is None:
            yield from self._parquet(wanted)
            return
        numbers = sorted(self.columns.index(name) for name in wanted)
        read = [self.columns[number] for number in numbers]
        skip = self.header_lines
        for text in _whole_lines(self.path, threads=threads):
            body = text
            while skip:
                cut = body.find(b"\n") + 1
                if not cut:
                    break
                body, skip = body[cut:], skip - 1
            if body.strip():
                yield self._parsed(body, numbers, read).select(wanted)

    def _parquet(self, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
        try:
            scan = pl.scan_parquet(self.path).select(wanted)
            rows = int(scan.select(pl.len()).collect().item())
            for start in range(0, rows, _ROWS):
                yield scan.slice(start, _ROWS).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError("the Parquet file is damaged", where=str(self.path)) from error

    def _parsed(self, body: bytes, numbers: Sequence[int], names: Sequence[str]) -> pl.DataFrame:
        assert self.delimiter is not None  # noqa: S101 - a Parquet file is read elsewhere
        try:
            frame = pl.read_csv(
                io.BytesIO(body),
                has_header=False,
                separator=self.delimiter,
                # a tab-separated file quotes nothing: a lone quotation mark is one
                quote_char=None if self.delimiter == "\t" else '"',
                # the names that polars gives; a row may have fewer or more fields
                schema={f"column_{number}": pl.String for number in range(1, len(self.columns) + 1)},
                columns=[f"column_{number + 1}" for number in numbers],
                truncate_ragged_lines=True,
                missing_columns="insert",
                extra_columns="ignore",
                encoding="utf8-lossy",
                comment_prefix="#",
            )
        except pl.exceptions.PolarsError as error:
            raise InputError(
                "cannot be read as a table", where=str(self.path), hint="are its rows like its header?"
            ) from error
        frame.columns = list(names)
        return frame


def open_table(path: Path) -> TextTable:
    """Open a table and read its header.

    Raises
    ------
    InputError
        Missing, empty, damaged, or without a line that names columns.
    """
    with _opened(path) as stream:
        start = stream.read(len(_PARQUET))
    if not start:
        raise InputError("the file is empty", where=str(path), hint="check how it was made or copied")
    if start == _PARQUET:
        try:
            return TextTable(path=path, columns=tuple(pl.read_parquet_schema(path)))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError("the Parquet file is damaged", where=str(path)) from error
    lines: list[str] = []
    for line in _first_lines(path):
        lines.append(line)
        if line.strip() and not line.startswith("#"):
            break
    return _with_header(path, lines)


def _with_header(path: Path, lines: list[str]) -> TextTable:
    data = next(
        (number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), None
    )
    comments = [line for line in lines[:data] if line.strip()]
    last = comments[-1] if comments else ""
    for delimiter in _DELIMITERS:
        first = _fields(lines[data], delimiter) if data is not None else []
        # a last comment names the columns when it has as many as the first row, or may have; a sentence has commas
        if last and not last.startswith("##") and (delimiter == "\t" or not last.startswith("# ")):
            columns = _fields(last.lstrip("# "), delimiter)
            if len(columns) > 3 and (data is None or abs(len(columns) - len(first)) <= 2):
                return _table(path, columns, comments[:-1], delimiter, len(lines) - (data is not None))
        if len(first) > 3 and data is not None:
            return _table(path, first, comments, delimiter, data + 1)
    raise InputError(
        "names no columns: it is neither a VCF nor a table",
        where=str(path),
        hint="a first line with the names of at least four columns, separated by tabs or commas, is wanted",
    )


def _table(
    path: Path, columns: Sequence[str], comments: Sequence[str], delimiter: str, header_lines: int
) -> TextTable:
    names = tuple(name.strip() for name in columns)
    if twice := {name for name in names if names.count(name) > 1 and name}:
        raise InputError(f"two columns are called {', '.join(sorted(twice)[:3])}", where=str(path))
    return TextTable(
        path=path, columns=names, comments=tuple(comments), delimiter=delimiter, header_lines=header_lines
    )


def _fields(line: str, delimiter: str) -> list[str]:
    if delimiter == "\t":
        return line.split("\t")
    return next(csv.reader([line], delimiter=delimiter), [])


def _first_lines(path: Path) -> Iterator[str]:
    text = b""
    done = 0
    for piece in _pieces(path, threads=1):
        text += piece
        lines = text[done:].split(b"\n")
        for line in lines[:-1]:
            yield line.removesuffix(b"\r").removeprefix(_BOM).decode("utf-8", "replace")
        done += sum(len(line) + 1 for line in lines[:-1])
        if len(text) > _LONGEST_HEADER:
            raise InputError("its header has no end", where=str(path), hint="is this a table?")
    if text[done:].strip():
        yield text[done:].removeprefix(_BOM).decode("utf-8", "replace")


def _whole_lines(path: Path, *, threads: int) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for piece in _pieces(path, threads=threads):
        waiting.append(piece)
        size += len(piece)
        if size < _BLOCK or b"\n" not in piece:
            continue
        text = b"".join(waiting)
        cut = text.rfind(b"\n") + 1
        yield text[:cut]
        waiting, size = [text[cut:]], len(text) - cut
    if rest := b"".join(waiting):
        yield rest


def _pieces(path: Path, *, threads: int) -> Iterator[bytes]:
    with _opened(path) as stream:
        start = stream.read(1 << 16)
        stream.seek(0)
        try:
            packing = packing_of(start)
            if packing == "bcf":
                raise InputError("is a BCF, not a table", where=str(path))
            yield from text_pieces(stream, path=str(path), packing=packing, threads=threads)
        except DamagedError as error:
            raise InputError(error.what, where=str(path), hint=error.hint) from error


def _opened(path: Path) -> IO[bytes]:
    try:
        if path.exists() and not path.is_file():
            raise InputError("is not a file", where=str(path), hint="give the path of one file")
        return path.open("rb")
    except FileNotFoundError as error:
        raise InputError("no such file", where=str(path), hint="check the path and its spelling") from error
    except (OSError, ValueError) as error:
        raise InputError("cannot be opened", where=str(path), hint="check its permissions") from error


def first_line(path: Path) -> str:
    """Return the first line of a text file, plain or compressed; nothing of a Parquet file.

    Raises
    ------
    InputError
        Missing, empty or damaged.
    """
    with _opened(path) as stream:
        start = stream.read(len(_PARQUET))
    line = None if not start else "" if start == _PARQUET else next(_first_lines(path), None)
    if line is None:
        raise InputError("the file is empty", where=str(path), hint="check how it was made or copied")
    return line


def is_bcf(path: Path) -> bool:
    """Tell whether a file is a BCF."""
    with _opened(path) as stream:
        return packing_of(stream.read(1 << 16)) == "bcf"
