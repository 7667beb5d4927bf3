"""A table of variants as the source of a store: its alleles normalised as those of a VCF are."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.contig_names import Assembly
from genopraxis.formats.vcf_batches import VcfBatch, parse_batch
from genopraxis.formats.vcf_header import parse_header
from genopraxis.variants.assembly import assembly_of_genome
from genopraxis.variants.normalise import normalise_all
from genopraxis.variants.stores.info_kernels import NO_NUMBER
from genopraxis.variants.stores.rows import FileField, Opening, checked, repair_sentences, usable
from genopraxis.variants.stores.table_blocks import open_table
from genopraxis.variants.stores.table_columns import variant_columns
from genopraxis.variants.stores.told_assembly import named_assemblies, settled

__all__ = ["TableRows", "TableSource"]

_HEADER = (b"##fileformat=VCFv4.2\n", b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
_LINE_LIMIT = 1 << 26
_ALLELES = r"^[A-Za-z*]+(,[A-Za-z*]+)*$"
_MISSING = ("", ".", "NA", "na", "NaN", "nan", "null", "None", "-")


class TableRows:
    """Alleles of one block, with the columns that were asked for."""

    def __init__(self, alleles: pl.DataFrame, values: pl.DataFrame, unread: Counter[str]) -> None:
        self.alleles = alleles
        self._values = values
        self._unread = unread

    def text(self, name: str) -> pl.Series:
        """Return a column as text; null where it is missing."""
        text = self._values[name].cast(pl.String).str.strip_chars()
        return text.set(text.is_in(_MISSING).fill_null(value=True), None)

    def own_text(self, name: str) -> pl.Series:
        """Return :meth:`text`: a row of a table is about one allele, or about all of its alleles."""
        return self.text(name)

    def number(self, name: str, *, dtype: type[pl.DataType]) -> pl.Series:
        """Return a column as numbers."""
        text = self.text(name)
        values = text.cast(pl.Float64, strict=False).fill_nan(None)
        if not dtype.is_float():
            values = values.set((values != values.round()).fill_null(value=False), None)
        values = values.set(values.is_infinite().fill_null(value=False), None)
        unread = int((values.is_null() & text.is_not_null()).sum())
        if unread:
            self._unread[name] += unread
        return values.cast(dtype, strict=False).alias(name)

    def whole(self, name: str) -> NDArray[np.int64]:
        """Return a column as whole numbers; :data:`NO_NUMBER` where there is none."""
        return self.number(name, dtype=pl.Int64).fill_null(NO_NUMBER).to_numpy()

    def flag(self, name: str) -> pl.Series:
        """Return whether a column has a value."""
        return self.text(name).is_not_null()


class TableSource:
    """A TSV, CSV or Parquet file with a row a variant.

    Raises
    ------
    InputError
        Not such a table, or nothing tells its assembly.
    """

    is_vcf = False

    def __init__(self, path: Path, opening: Opening) -> None:
        self.path = path
        self._opening = opening
        self._table = open_table(path)
        self.meta = self._table.comments
        self.left_out: Counter[str] = Counter()
        self.unmoved: Counter[str] = Counter()
        self.notes: list[str] = []
        wanted = opening.stated
        if wanted is None and opening.genome is not None and (call := assembly_of_genome(opening.genome)):
            wanted = call.assembly
        self._columns = variant_columns(self._table.columns, wanted=wanted, where=str(path))
        of_variant = {self._columns.chrom, self._columns.pos, self._columns.ref, self._columns.alt}
        self.fields = {name: FileField(name=name) for name in self._table.columns if name not in of_variant}
        told = self._columns.assembly or self._in_words()
        self.assembly: Assembly = settled(told, path=path, meta=self.meta, opening=opening, notes=self.notes)

    def rows(self, wanted: Sequence[str]) -> Iterator[TableRows]:
        """Yield its alleles, with these columns.

        Raises
        ------
        InputError
            Damaged, or REF alleles are not those of the FASTA, or positions are beyond the end of a chromosome.
        """
        unread: Counter[str] = Counter()
        waiting: deque[pl.DataFrame] = deque()
        counts = None
        names = [name for name in dict.fromkeys(wanted) if name in self.fields]
        normalised = normalise_all(
            self._batches(names, waiting),
            genome=self._opening.genome,
            threads=self._opening.threads,
            missing_contigs="keep",
            where=str(self.path),
        )
        for batch, frame, counts in normalised:  # noqa: B007 - the last counts are wanted
            values = waiting.popleft()
            checked(frame, assembly=self.assembly, where=str(self.path))
            kept = usable(frame, self.left_out)
            alleles = frame.filter(kept)
            rows = alleles["record"] - batch.first_record
            yield TableRows(alleles, values.select(pl.all().gather(rows)), unread)
            self._opening.advance(len(batch))
        if counts is not None:
            self.unmoved.update(counts.without_contig)
            self.notes += repair_sentences(counts.repairs)
        self.notes += [
            f"{n:,} value(s) of {name} are no number: taken as missing" for name, n in unread.items()
        ]

    def _batches(self, names: Sequence[str], waiting: deque[pl.DataFrame]) -> Iterator[VcfBatch]:
        """Yield the variants as a VCF would have them; their values wait."""
        header = parse_header(_HEADER, where=str(self.path))
        its = self._columns
        first = 0
        for block in self._table.blocks(
            [its.chrom, its.pos, its.ref, its.alt, *names], threads=self._opening.threads
        ):
            variant = block.select(
                chrom=pl.col(its.chrom).cast(pl.String).str.strip_chars(),
                pos=pl.col(its.pos).cast(pl.String).str.strip_chars().str.strip_suffix(".0"),
                ref=pl.col(its.ref).cast(pl.String).str.strip_chars(),
                alt=pl.col(its.alt).cast(pl.String).str.strip_chars().str.replace_all("/", ",", literal=True),
            )
            sound = variant.select(
                place=pl.col("pos").str.contains(r"^[0-9]{1,10}$")
                & pl.col("chrom").str.contains(r"^\S+$")
                & ~pl.col("chrom").is_in(_MISSING),
                alleles=pl.col("ref").str.contains(_ALLELES) & pl.col("alt").str.contains(_ALLELES),
            ).select(pl.all().fill_null(value=False))
            kept = sound["place"] & sound["alleles"]
            self.left_out["no_position"] += int((~sound["place"]).sum())
            self.left_out["no_sequence"] += int((sound["place"] & ~sound["alleles"]).sum())
            if not kept.any():
                self._opening.advance(len(block))
                continue
            lines = variant.filter(kept).select(
                pl.concat_str("chrom", "pos", pl.lit("."), "ref", "alt", pl.lit(".\t.\t.\n"), separator="\t")
            )
            text = lines.to_series().str.join("").item()
            batch, _ = parse_batch(
                text.encode(), header=header, source=str(self.path), line_limit=_LINE_LIMIT
            )
            waiting.append(block.filter(kept).select(names))
            yield replace(batch, first_record=first, lines=batch.lines + 1)
            first += len(batch)

    def _in_words(self) -> Assembly | None:
        """Look for a column that names the assembly, as AlphaMissense's ``genome``."""
        name = next(
            (name for name in self._table.columns if name.lower() in ("genome", "assembly", "build")), None
        )
        if name is None:
            return None
        block = next(self._table.blocks([name]), None)
        texts = [] if block is None else block[name].cast(pl.String).drop_nulls().unique().to_list()
        named = named_assemblies(texts)
        return named.pop() if len(named) == 1 else None
