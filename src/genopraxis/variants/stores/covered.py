"""The regions that a source could see, from a BED file."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import CHROMOSOMES, LENGTHS, Assembly, canonical_name
from genopraxis.formats.files import iter_lines

__all__ = ["read_covered"]

_NO_REGION = ("#", "track", "browser")


def read_covered(path: Path, *, assembly: Assembly) -> pl.DataFrame:
    """Read a BED file, plain or gzip.

    Returns
    -------
    polars.DataFrame
        ``chrom`` (canonical), ``start``, ``end``: 0-based and half-open.

    Raises
    ------
    InputError
        When a line is no region, none is on a chromosome, or one is beyond the end of its chromosome.
    """
    rows: list[tuple[str, int, int]] = []
    names: dict[str, str] = {}
    for number, line in iter_lines(path):
        if not line.strip() or line.startswith(_NO_REGION):
            continue
        fields = line.split("\t") if "\t" in line else line.split()
        if len(fields) < 3 or not (fields[1].isdecimal() and fields[2].isdecimal()):
            raise InputError(
                "is no region: chromosome, start and end are wanted",
                where=f"{path}, line {number}",
                hint="a BED file has three columns, separated by tabs",
            )
        chrom = names.setdefault(fields[0], canonical_name(fields[0]))
        start, end = int(fields[1]), int(fields[2])
        if start > end:
            raise InputError(f"begins at {start} and ends at {end}", where=f"{path}, line {number}")
        if end > LENGTHS[assembly].get(chrom, end):
            raise InputError(
                f"{chrom}:{end} is beyond the end of the chromosome in {assembly}",
                where=f"{path}, line {number}",
                hint="the regions must be on the assembly of the variants",
            )
        rows.append((chrom, start, end))
    if not any(chrom in CHROMOSOMES for chrom, _, _ in rows):
        raise InputError("has no region on a chromosome", where=str(path))
    return pl.DataFrame(rows, schema={"chrom": pl.String, "start": pl.Int64, "end": pl.Int64}, orient="row")
