"""Where a transcript's own sequence fits the genome only with gaps: its alignment as pieces without any."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

_OPERATION = re.compile(r"([MID])(\d+)")


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Pieces of the transcripts that have gaps; ``extra`` is what the gaps add to the length of each exon."""

    transcript: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    cdna: NDArray[np.int32]
    exon: NDArray[np.int64]
    extra: NDArray[np.int64]

    def placed(self, exon_cdna: NDArray[np.int32]) -> Blocks:
        """Return the pieces with places in the whole transcript in stead of in their exon."""
        return replace(self, cdna=(self.cdna + exon_cdna[self.exon]).astype(np.int32))

    def of(self, row: int) -> slice:
        """Return where the pieces of one transcript are."""
        low, high = np.searchsorted(self.transcript, [row, row + 1])
        return slice(int(low), int(high))

    def place_of(self, row: int, position: int, strand: int) -> int:
        """Return the transcript place of a 0-based genome position; -1 between pieces."""
        for piece in range(*self.of(row).indices(self.start.size)):
            if self.start[piece] <= position < self.end[piece]:
                inside = position - self.start[piece] if strand > 0 else self.end[piece] - 1 - position
                return int(self.cdna[piece] + inside)
        return -1


def gapped_blocks(
    gaps: pl.DataFrame,
    *,
    place: NDArray[np.int64],
    offset: NDArray[np.int64],
    start: NDArray[np.int32],
    end: NDArray[np.int32],
    strand: NDArray[np.int8],
) -> Blocks:
    """Cut the exons of transcripts with alignment gaps into pieces.

    ``Gap`` is read in the direction of the transcript: ``M`` both advance, ``I`` the transcript has bases that the
    genome lacks, ``D`` the genome has bases that the transcript lacks.

    Parameters
    ----------
    gaps
        ``transcript``, ``start``, ``end`` (1-based, closed) and ``gap`` of each alignment line that has gaps.
    place
        Row of the set for each ``transcript``.
    offset, start, end, strand
        Exons as in a transcript set.
    """
    extra = np.zeros(start.size, np.int64)
    rows: list[tuple[int, int, int, int, int]] = []
    by_exon: dict[int, str] = {}
    touched: set[int] = set()
    for number, low, high, gap in gaps.select("transcript", "start", "end", "gap").iter_rows():
        row = int(place[number])
        for exon in range(int(offset[row]), int(offset[row + 1])):
            if start[exon] == low - 1 and end[exon] == high and _fits(gap or "", high - low + 1):
                by_exon[exon] = gap
                touched.add(row)
    for row in sorted(touched):
        for exon in range(int(offset[row]), int(offset[row + 1])):
            operations = _OPERATION.findall(by_exon.get(exon, f"M{end[exon] - start[exon]}"))
            walked = cdna = 0
            pieces = []
            for kind, text in operations:
                size = int(text)
                if kind == "M":
                    low = int(start[exon]) + walked if strand[row] > 0 else int(end[exon]) - walked - size
                    pieces.append((row, low, low + size, cdna, exon))
                walked += size if kind in "MD" else 0
                cdna += size if kind in "MI" else 0
            extra[exon] = cdna - (int(end[exon]) - int(start[exon]))
            rows.extend(sorted(pieces))
    columns = np.array(rows, np.int64).reshape(-1, 5)
    return Blocks(
        transcript=columns[:, 0].astype(np.int32),
        start=columns[:, 1].astype(np.int32),
        end=columns[:, 2].astype(np.int32),
        cdna=columns[:, 3].astype(np.int32),
        exon=columns[:, 4],
        extra=extra,
    )


def _fits(gap: str, length: int) -> bool:
    operations = _OPERATION.findall(gap)
    return bool(operations) and sum(int(size) for kind, size in operations if kind in "MD") == length
