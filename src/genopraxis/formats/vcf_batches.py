"""A batch of VCF records: columns over the bytes of their lines, parsed when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.vcf_columns import distinct, number_column, text_column
from genopraxis.formats.vcf_header import VcfHeader
from genopraxis.formats.vcf_kernels import (
    BLANK,
    CARRIAGE,
    FIXED,
    HIGH,
    NEWLINE,
    SOUND,
    TRAILING,
    Bytes,
    Offsets,
    repeated_records,
    scan_lines,
)
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = ["TOO_LONG", "StoppedError", "VcfBatch", "parse_batch"]


@dataclass(frozen=True, kw_only=True)
class VcfBatch:
    """Some records of a VCF, in the order of the file.

    Columns are kept as places in ``data``; what is asked for is parsed when it is asked for.

    Parameters
    ----------
    header
        Header of the file.
    source
        Path of the file, for messages.
    data
        The bytes of the lines.
    starts, line_ends
        Offset of the first byte of each record, and of the end of its line.
    ends
        Records × 9: offset of the end of CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO, FORMAT.
    positions
        POS, 1-based.
    chrom_codes, chrom_names
        Index of each record's contig in ``chrom_names``, which are the names in the file.
    lines
        1-based line in the file of each record.
    first_record
        Number in the file of the first record, 0-based.
    in_order
        Whether positions never fall within a contig and no contig comes twice, within this batch.
    repairs
        What had to be repaired.
    """

    header: VcfHeader
    source: str
    data: Bytes
    starts: Offsets
    line_ends: Offsets
    ends: Offsets
    positions: NDArray[np.int64]
    chrom_codes: NDArray[np.uint32]
    chrom_names: tuple[str, ...]
    lines: NDArray[np.int64]
    first_record: int
    in_order: bool
    repairs: VcfRepairs

    def __len__(self) -> int:
        return len(self.positions)

    def span(self, column: str) -> tuple[Offsets, Offsets]:
        """Return where a column (``ID``, ``REF``, ``INFO`` …) begins and ends in ``data``."""
        number = _COLUMN[column]
        starts = self.starts if number == 0 else self.ends[:, number - 1] + np.int32(1)
        ends = self.ends[:, number]
        return starts, np.maximum(starts, ends)

    def place(self, record: int) -> tuple[str, int, bytes]:
        """Return contig, POS and ``REF<tab>ALT`` of one record, as in the file."""
        start, end = int(self.ends[record, 2]) + 1, int(self.ends[record, 4])
        name = self.chrom_names[int(self.chrom_codes[record])]
        return name, int(self.positions[record]), self.data[start:end].tobytes()

    def text(self, column: str, *, dot_is_null: bool = True) -> pl.Series:
        """Return a column as text, as in the file; ``.`` is null unless said otherwise."""
        starts, ends = self.span(column)
        return text_column(column.lower(), self.data, starts, ends, dot_is_null=dot_is_null)

    def repeated_text(self, column: str) -> tuple[NDArray[np.uint32], list[str]]:
        """Return a column of few distinct texts: the index of each record's text, and the texts."""
        starts, ends = self.span(column)
        return distinct(self.data, starts, ends)

    def canonical_chroms(self) -> list[str]:
        """Return the canonical name of each of ``chrom_names``."""
        return [self.header.canonical(name) for name in self.chrom_names]

    def qualities(self) -> tuple[pl.Series, int]:
        """Return QUAL as Float32, and how many values were no number."""
        return number_column("qual", self.data, *self.span("QUAL"))

    def filters(self) -> pl.Series:
        """Return FILTER as text; null where filters were not applied (``.``)."""
        codes, names = self.repeated_text("FILTER")
        words = pl.Series("filter", [None if name == "." else name for name in names], dtype=pl.String)
        return words.gather(pl.Series(codes))

    def frame(self) -> pl.DataFrame:
        """Return the records as a table: one row a record, alleles as in the file.

        Returns
        -------
        polars.DataFrame
            ``record, chrom`` (canonical)``, pos, id, ref, alt`` (comma-separated)``, qual, filter``.
        """
        chroms = pl.Series("chrom", self.canonical_chroms(), dtype=pl.String)
        return pl.DataFrame(
            [
                self.records(),
                chroms.gather(pl.Series(self.chrom_codes)),
                pl.Series("pos", self.positions),
                self.text("ID"),
                self.text("REF", dot_is_null=False),
                self.text("ALT", dot_is_null=False),
                self.qualities()[0],
                self.filters(),
            ]
        )

    def records(self) -> pl.Series:
        """Return the numbers of the records in the file, 0-based."""
        first = self.first_record
        return pl.Series("record", np.arange(first, first + len(self), dtype=np.uint32))


_COLUMN = {
    name: number
    for number, name in enumerate(("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"))
}


TOO_LONG = -1
"""A reason beside those of :mod:`genopraxis.formats.vcf_kernels`."""


class StoppedError(Exception):
    """A line that cannot be used: the reason, and its 0-based number in its batch."""

    def __init__(self, reason: int, line: int) -> None:
        super().__init__(reason, line)
        self.reason = reason
        self.line = line


def parse_batch(text: bytes, *, header: VcfHeader, source: str, line_limit: int) -> tuple[VcfBatch, int]:
    """Parse whole lines.

    Returns
    -------
    tuple of VcfBatch and int
        The records, numbered from 0, ``lines`` 0-based; and the number of lines.

    Raises
    ------
    StoppedError
        At a line that cannot be used.
    """
    data = np.frombuffer(text, np.uint8)
    n_lines = int(np.count_nonzero(data == NEWLINE))  # much faster than bytes.count
    starts, line_ends, lines = (np.empty(n_lines, np.int32) for _ in range(3))
    ends = np.empty((n_lines, FIXED), np.int32)
    positions = np.empty(n_lines, np.int64)
    tallies = np.zeros(4, np.int64)
    n, stop, line = scan_lines(data, header.n_columns, starts, ends, line_ends, lines, positions, tallies)
    if stop != SOUND:
        raise StoppedError(stop, line)
    if n and int((line_ends[:n] - starts[:n]).max()) > line_limit:
        raise StoppedError(TOO_LONG, int(lines[int(np.argmax(line_ends[:n] - starts[:n]))]))
    if tallies[HIGH]:
        repaired, wrong = _utf8(text)
        if wrong:
            batch, n_lines = parse_batch(repaired, header=header, source=source, line_limit=line_limit)
            return replace(batch, repairs=batch.repairs + VcfRepairs({"not_utf8": wrong})), n_lines
    ends = ends[:n]
    codes, names = distinct(data, starts[:n], ends[:, 0])
    batch = VcfBatch(
        header=header,
        source=source,
        data=data,
        starts=starts[:n],
        line_ends=line_ends[:n],
        ends=ends,
        positions=positions[:n],
        chrom_codes=codes,
        chrom_names=tuple(names),
        lines=lines[:n].astype(np.int64),
        first_record=0,
        in_order=_in_order(codes, positions[:n]),
        repairs=VcfRepairs(
            {
                "blank_line": int(tallies[BLANK]),
                "crlf": int(tallies[CARRIAGE]),
                "trailing_tabs": int(tallies[TRAILING]),
                "repeated_record": repeated_records(
                    data, codes, positions[:n], ends[:, 2] + np.int32(1), ends[:, 4]
                ),
            }
        ),
    )
    return batch, n_lines


def _in_order(codes: NDArray[np.uint32], positions: NDArray[np.int64]) -> bool:
    # codes are numbered by first use: a contig that comes back makes them fall
    same = codes[1:] == codes[:-1]
    return bool((codes[1:] >= codes[:-1]).all() and (positions[1:] >= positions[:-1])[same].all())


def _utf8(text: bytes) -> tuple[bytes, int]:
    """Return text that is UTF-8, and the number of lines that were not."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return text, 0
    wrong = 0
    lines = text.split(b"\n")
    for number, line in enumerate(lines):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            lines[number] = line.decode("utf-8", "replace").encode()
            wrong += 1
    return b"\n".join(lines), wrong
