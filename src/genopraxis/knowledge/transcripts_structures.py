"""A transcript set without sequences from a compact table of gene structures (Ensembl 110 as Ideogram.js caches it)."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote

import numpy as np
import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import CHROMOSOMES, canonical_name
from genopraxis.formats.files import digest, read_text
from genopraxis.knowledge.transcripts import Flag, TranscriptSet
from genopraxis.knowledge.transcripts_build import from_parts

__all__ = ["read_structures"]

_KEYS = re.compile(r"## biotype keys: (.+)")
_KEY = re.compile(r"(\d+) = ([^,]+)")
_UTR5, _EXON, _UTR3 = 0, 1, 2
_LIMIT = 1 << 30


def read_structures(structures: str | os.PathLike[str], genes: str | os.PathLike[str]) -> TranscriptSet:
    """Read gene structures and the genes that anchor them, plain or gzip.

    Parameters
    ----------
    structures
        Tab-separated: transcript name, start from the start of its gene, biotype number, strand, then parts as
        ``kind;start;length - 1`` from the start of the transcript (0 5'-UTR, 1 exon, 2 3'-UTR).
    genes
        Tab-separated: chromosome, start (1-based), length, Ensembl number, symbol, …

    Returns
    -------
    TranscriptSet
        Structures only; every transcript is flagged ``NEEDS_FASTA``.

    Raises
    ------
    InputError
        Not such tables, or no transcript finds its gene.
    """
    text = read_text(structures, limit_bytes=_LIMIT)
    found = _KEYS.search(text[:20_000])
    if found is None:
        raise InputError(
            "is no table of gene structures (no line of biotype keys)",
            where=os.fspath(structures),
            hint="ens110_gene_structures… is meant",
        )
    biotypes = {int(number): name.strip() for number, name in _KEY.findall(found.group(1))}
    lines = pl.Series(
        "line", [line for line in text.split("\n") if line and not line.startswith("#")], dtype=pl.String
    )
    fields = lines.str.splitn("\t", 5).struct.unnest()
    table = fields.rename(
        dict(zip(fields.columns, ("name", "offset", "biotype", "strand", "parts"), strict=True))
    )
    table = table.with_columns(
        pl.col("offset", "biotype").cast(pl.Int64, strict=False),
        symbol=pl.col("name").str.replace(r"-\d+$", ""),
    )
    sound = table.filter(
        pl.all_horizontal(pl.col("offset", "biotype", "parts").is_not_null())
        & pl.col("strand").is_in(["+", "-"])
    )
    placed = sound.join(_genes(genes), on="symbol", maintain_order="left")
    if placed.is_empty():
        raise InputError(
            "no transcript finds its gene", where=os.fspath(structures), hint="are the tables a pair?"
        )
    chroms = placed["chrom"].unique(maintain_order=True).to_list()
    contigs = [c for c in CHROMOSOMES if c in chroms] + [c for c in chroms if c not in CHROMOSOMES]
    numbers = {name: number for number, name in enumerate(contigs)}
    placed = (
        placed.with_columns(
            contig=pl.col("chrom").replace_strict(numbers, return_dtype=pl.Int32),
            start=pl.col("gene_start") - 1 + pl.col("offset"),
        )
        .sort("contig", "start", "name")
        .with_row_index("transcript")
    )
    parts = _parts(placed)
    card = {
        "sources": [{"name": one.name, "sha256": one.sha256} for one in (digest(structures), digest(genes))],
        "genome": None,
        "repairs": {
            "malformed_line": f"{table.height - sound.height} line(s) dropped",
            "gene_missing": f"{sound.height - placed.height} transcript(s) without a gene dropped",
        },
    }
    names = placed.select(
        transcript_id="name",
        protein_id=pl.lit(None, pl.String),
        gene_id="gene_id",
        gene="symbol",
        biotype=pl.col("biotype").replace_strict(biotypes, default="unknown", return_dtype=pl.String),
    )
    parts["flags"] |= np.where(names["biotype"].to_numpy() == "nonsense_mediated_decay", Flag.NMD, 0)
    return from_parts(contigs, names, parts, card)


def _genes(path: str | os.PathLike[str]) -> pl.DataFrame:
    text = read_text(path, limit_bytes=_LIMIT)
    prefix = (re.search(r"^## prefix: (\S+)", text[:100_000], re.MULTILINE) or [None, "ENSG"])[1]
    rows = [line.split("\t", 5) for line in text.split("\n") if line and not line.startswith("#")]
    kept = [
        (canonical_name(row[0]), int(row[1]), f"{prefix}{row[3]:0>11}", unquote(row[4]))
        for row in rows
        if len(row) > 4 and row[1].isdecimal()
    ]
    table = pl.DataFrame(kept, schema=["chrom", "gene_start", "gene_id", "symbol"], orient="row")
    if table.is_empty():
        raise InputError("is no table of genes", where=os.fspath(path), hint="ens110_genes… is meant")
    # the pseudo-autosomal genes are listed on X; anything else listed twice keeps its first place
    return table.unique("symbol", keep="first", maintain_order=True)


def _parts(placed: pl.DataFrame) -> dict[str, Any]:
    pieces = placed.select("transcript", pl.col("parts").str.split("\t")).explode("parts", empty_as_null=True)
    split = pieces["parts"].str.split_exact(";", 2).struct.unnest()
    split.columns = ["kind", "low", "extent"]
    flat = pl.concat(
        [pieces.select("transcript"), split.cast(pl.Int64, strict=False)], how="horizontal"
    ).drop_nulls()
    exons = flat.filter(pl.col("kind") == _EXON).unique().sort("transcript", "low")
    n = placed.height
    owner = exons["transcript"].to_numpy()
    origin = placed["start"].to_numpy()
    start = origin[owner] + exons["low"].to_numpy()
    end = start + exons["extent"].to_numpy() + 1
    offset = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=n))]).astype(np.int64)
    strand = np.where(placed["strand"].to_numpy() == "+", 1, -1)
    size = end - start
    total = np.concatenate([[0], np.cumsum(size)])
    length = total[offset[1:]] - total[offset[:-1]]
    before = total[:-1] - total[offset[owner]]
    cdna = np.where(strand[owner] > 0, before, length[owner] - before - size)

    def bases(kind: int) -> Any:
        some = flat.filter(pl.col("kind") == kind).unique()
        return np.bincount(some["transcript"].to_numpy(), weights=some["extent"].to_numpy() + 1, minlength=n)

    cds_start, cds_end = bases(_UTR5).astype(np.int64), length - bases(_UTR3).astype(np.int64)
    flags = np.full(n, Flag.NEEDS_FASTA, np.int64)
    coding = cds_end > cds_start
    flags[coding & ((cds_end - cds_start) % 3 != 0)] |= Flag.NOT_MULTIPLE_OF_3
    flags[coding & (cds_start == 0)] |= Flag.INCOMPLETE_CDS_5
    flags[coding & (cds_end == length)] |= Flag.INCOMPLETE_CDS_3
    tx_end = np.zeros(n, np.int64)
    np.maximum.at(tx_end, owner, end)
    empty: Any = np.zeros(0, np.int32)
    return {
        "contig": placed["contig"].to_numpy(),
        "start": origin,
        "end": tx_end,
        "strand": strand,
        "flags": flags,
        "exon_offset": offset,
        "exon_start": start,
        "exon_end": end,
        "exon_cdna": cdna,
        "cds_start": np.where(coding, cds_start, -1),
        "cds_end": np.where(coding, cds_end, -1),
        "phase": np.zeros(n, np.int8),
        "sequence_offset": np.zeros(n + 1, np.int64),
        "sequence": np.zeros(0, np.uint8),
        **dict.fromkeys(("recoded_transcript", "recoded_codon"), empty),
        **{f"block_{name}": empty for name in ("transcript", "start", "end", "cdna")},
    }
