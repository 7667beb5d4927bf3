"""Annotated batches as VCF: every record as it is in the file, with more in INFO.

Consequences are written in the layout of VEP's ``CSQ``, so that what reads VEP's output reads ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.buffers import Buffers
from genopraxis.formats.text_kernels import SLACK, Bytes, Int64, with_info
from genopraxis.formats.text_rows import joined_bytes
from genopraxis.formats.vcf_header import VcfHeader
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.annotated_table import TableLayout
from genopraxis.variants.csq_lines import csq_lines
from genopraxis.variants.csq_text import FIELDS, TranscriptWords, clean

__all__ = ["VcfOutput"]

_STATUS = "Whether the store has this allele: found, not_found, not_covered; no_key: it cannot be looked up"

_NOTHING = np.zeros(0, np.uint8)


@dataclass(frozen=True, kw_only=True)
class VcfOutput:
    """How batches become lines.

    Parameters
    ----------
    header
        Of the file that was read.
    layout
        What was joined; genotypes are in the records already.
    words
        Of the transcripts; ``None`` where consequences are not ours, and so are in the records already.
    provenance
        Further lines of the header, without ``##``.
    buffers
        What lines are written into: whoever is done with some may give them back.
    """

    header: VcfHeader
    layout: TableLayout
    words: TranscriptWords | None
    provenance: Sequence[str]
    buffers: Buffers = field(default_factory=Buffers)

    def key(self, wanted: str) -> str:
        """Return an INFO key that the file does not have yet."""
        return f"GPX_{wanted}" if wanted in self.header.info else wanted

    def head(self) -> bytes:
        """Return the header: that of the file, and what is added."""
        lines = [line for line in self.header.meta if not line.startswith("##fileformat")]
        version = next(
            (line for line in self.header.meta if line.startswith("##fileformat")), "##fileformat=VCFv4.2"
        )
        added = [f"##{line}" for line in self.provenance]
        normalised = self.key("NORMALISED")
        added.append(
            f'##INFO=<ID={normalised},Number=A,Type=String,Description="Allele after trimming and left-aligning, '
            'chrom:pos:ref:alt, where that changed it">'
        )
        if self.words is not None:
            added.append(
                f'##INFO=<ID={self.key("CSQ")},Number=.,Type=String,Description="Consequences, most severe terms '
                f'first, one entry per allele and transcript, by genopraxis. Format: {"|".join(FIELDS)}">'
            )
        for store, own in self.layout.known.items():
            for name, dtype in own.items():
                told = _STATUS if name == "status" else f"{name}, of the store {store}"
                added.append(
                    f"##INFO=<ID={self.key(f'{store}_{name}')},Number=A,Type={_type(dtype)},"
                    f'Description="{told}">'
                )
        columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
        if self.header.has_format:
            columns = "\t".join((columns, "FORMAT", *self.header.samples))
        return ("\n".join((version, *lines, *added, columns)) + "\n").encode()

    def lines(self, annotated: AnnotatedBatch) -> memoryview:
        """Return the records of a batch with what was found out of them."""
        batch, alleles = annotated.batch, annotated.alleles
        n = len(batch)
        added = [_normalised(alleles).alias(self.key("NORMALISED"))]
        for store, frame in annotated.known.items():
            added += [_text(column).alias(self.key(f"{store}_{column.name}")) for column in frame]
        values = pl.DataFrame([one for one in added if one.null_count() < len(one)])
        if values.width and len(alleles) != n:
            record = (alleles["record"] - np.uint32(batch.first_record)).to_numpy()
            values = _joined(values, record, n)
        text, ends = _spans(values, n)
        if self.words is not None:
            out = csq_lines(
                annotated, self.words, key=self.key("CSQ"), added=text, added_ends=ends, buffers=self.buffers
            )
            return out.data
        starts, stops = batch.span("INFO")
        out = self.buffers.take(len(batch.data) + len(text) + 2 * n + SLACK)
        length = with_info(batch.data, batch.starts, starts, stops, batch.line_ends, text, ends, out)
        return out[:length].data


def _spans(values: pl.DataFrame, n: int) -> tuple[Bytes, Int64]:
    """Return ``KEY=value;…`` of each record, all joined, and where each ends; empty where there is nothing."""
    if not values.width:
        return _NOTHING, np.zeros(n, np.int64)
    texts = values.select(
        pl.concat_str(
            [pl.concat_str(pl.lit(f"{name}="), name) for name in values.columns],
            separator=";",
            ignore_nulls=True,
        )
    ).to_series()
    ends: Int64 = np.cumsum(texts.str.len_bytes().to_numpy().astype(np.int64))
    return np.frombuffer(joined_bytes(texts), np.uint8), ends


def _text(values: pl.Series) -> pl.Series:
    if values.dtype.is_numeric():
        return values.cast(pl.String)
    if isinstance(values.dtype, pl.Enum):
        names = values.dtype.categories
        cleaned = clean(names)
        values = values.cast(pl.String)
        return values if cleaned.equals(names) else values.replace(names, cleaned)
    return clean(values.cast(pl.String))


def _normalised(alleles: pl.DataFrame) -> pl.Series:
    changed = (
        (pl.col("pos") != pl.col("original_pos"))
        | (pl.col("ref") != pl.col("original_ref"))
        | (pl.col("alt") != pl.col("original_alt"))
    )
    return alleles.select(
        pl.when(changed).then(pl.concat_str("chrom", "pos", "ref", "alt", separator=":"))
    ).to_series()


def _joined(values: pl.DataFrame, record: NDArray[np.uint32], n: int) -> pl.DataFrame:
    """Join the values of the alleles of each record by commas; null where a record has none."""
    counts = np.bincount(record, minlength=n)
    first = np.full(n, -1, np.int64)
    first[record[::-1]] = np.arange(len(record))[::-1]
    index = pl.Series(first)
    single = values.select(pl.all().gather(index.set(index < 0, None)))
    several = pl.Series(counts[record] > 1)
    if not several.any():
        return single
    joined = (
        values.filter(several)
        .with_columns(_record=pl.Series(record, dtype=pl.Int64).filter(several))
        .group_by("_record", maintain_order=True)
        .agg(
            pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).fill_null(".").str.join(","))
            for name in values.columns
        )
    )
    return single.with_columns(
        single[name].scatter(joined["_record"], joined[name]) for name in values.columns
    )


def _type(dtype: pl.DataType) -> str:
    if dtype.is_float():
        return "Float"
    return "Integer" if dtype.is_integer() else "String"
