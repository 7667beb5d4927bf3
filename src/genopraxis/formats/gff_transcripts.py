"""From the lines of a GFF3 or GTF file to transcripts with their exons and coding segments, repairs counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote

import polars as pl

from genopraxis.formats.contig_names import canonical_name
from genopraxis.formats.gff_lines import GffLines

_KEY = ("seqid", "strand", "parent")
_TAGS = (
    "mane_select", "mane_plus_clinical", "canonical", "cds_start_nf", "cds_end_nf", "mrna_start_nf", "mrna_end_nf",
    "seleno",
)  # fmt: skip
_PREFIXES = r"^(?:transcript:|gene:|rna-|gene-|id-|CDS:|cds-)"
_DIFFERS = r"compared to this genomic sequence"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tables:
    """Transcripts, exons, coding segments, selenocysteines and alignment gaps; ``transcript`` is a row number."""

    transcripts: pl.DataFrame
    exons: pl.DataFrame
    cds: pl.DataFrame
    recoded: pl.DataFrame
    gaps: pl.DataFrame


def build_tables(lines: GffLines, counts: Counter[str]) -> Tables:
    """Join the parts of a file to transcripts and genes; ``counts`` takes what had to be repaired, by reason."""
    parts = lines.parts
    lost = parts.filter(pl.col("parent").is_null() | ~pl.col("strand").is_in(["+", "-"]))
    counts["part_without_transcript_or_strand"] += lost.height
    parts = parts.filter(pl.col("parent").is_not_null() & pl.col("strand").is_in(["+", "-"]))
    whole = parts.unique(
        ("seqid", "type", "start", "end", "strand", "parent"), keep="first", maintain_order=True
    )
    counts["duplicate_line"] += parts.height - whole.height
    parts = whole
    keys = parts.select(_KEY).unique(maintain_order=True)
    counts["transcript_on_several_contigs_or_strands"] += keys.height - keys["parent"].n_unique()
    transcripts = _describe(keys, lines, parts, counts)
    parts = parts.join(transcripts.select("transcript", *_KEY), on=_KEY)
    exons = _exons(parts, counts)
    cds = _cds(parts, transcripts, counts)
    extent = exons.group_by("transcript").agg(pl.col("start").min(), pl.col("end").max())
    coding = cds.group_by("transcript").agg(
        cds_start=pl.col("start").min(),
        cds_end=pl.col("end").max(),
        cds_length=(pl.col("end") - pl.col("start") + 1).sum(),
    )
    first = cds.join(transcripts.select("transcript", "strand"), on="transcript").group_by("transcript").agg(
        start_phase=pl.when(pl.col("strand").first() == "+").then(pl.col("phase").first()).otherwise(
            pl.col("phase").last()
        )
    )  # fmt: skip
    extra = parts.filter(pl.col("type") == "CDS").group_by("transcript").agg(
        own_protein=pl.col("protein_id").drop_nulls().first(),
        partial_low=pl.col("partial").str.contains("start_range=").any(),
        partial_high=pl.col("partial").str.contains("end_range=").any(),
        slippage=(
            pl.col("exception").str.contains("ribosomal(?: |%20)slippage")
            | pl.col("note").str.contains("ribosomal frameshift")
        ).any(),
        stop_completed=pl.col("transl_except").str.contains(r"aa:TERM").any(),
    )  # fmt: skip
    transcripts = (
        transcripts.drop("start", "end")
        .join(extent, on="transcript", how="left", maintain_order="left")
        .join(coding, on="transcript", how="left", maintain_order="left")
        .join(first, on="transcript", how="left", maintain_order="left")
        .join(extra, on="transcript", how="left", maintain_order="left")
    )
    plus = pl.col("strand") == "+"
    low, high = (pl.col(name).fill_null(value=False) for name in ("partial_low", "partial_high"))
    transcripts = transcripts.with_columns(
        protein_id=pl.coalesce("own_protein", "protein_id"),
        cds_start_nf=pl.col("cds_start_nf") | pl.when(plus).then(low).otherwise(high),
        cds_end_nf=pl.col("cds_end_nf") | pl.when(plus).then(high).otherwise(low),
        slippage=pl.col("slippage").fill_null(value=False),
        stop_completed=pl.col("stop_completed").fill_null(value=False),
        strand=pl.when(plus).then(1).otherwise(-1).cast(pl.Int8),
    ).drop("own_protein", "partial_low", "partial_high")
    names = {name: canonical_name(name) for name in transcripts["seqid"].unique().to_list()}
    transcripts = transcripts.with_columns(
        chrom=pl.col("seqid").replace_strict(names, return_dtype=pl.String)
    )
    gaps = lines.matches.join(
        transcripts.select("transcript", "transcript_id", "seqid"),
        left_on=("target", "seqid"),
        right_on=("transcript_id", "seqid"),
    ).select("transcript", "start", "end", "target_start", "target_end", "gap")
    return Tables(
        transcripts=transcripts.drop("seqid", "parent"),
        exons=exons,
        cds=cds,
        recoded=_recoded(parts),
        gaps=gaps.sort("transcript", "start"),
    )


def _describe(keys: pl.DataFrame, lines: GffLines, parts: pl.DataFrame, counts: Counter[str]) -> pl.DataFrame:
    """Return one row per transcript with what its own line and its gene's line say."""
    gtf = lines.dialect == "gtf"
    described = lines.features
    if gtf:  # a gene and its transcript may share one id in a GTF, so the two are never mixed
        described = described.filter(pl.col("type") != "gene")
    known = described.filter(pl.col("id").is_not_null())
    repeated = known.height - known.select("id", "seqid", "strand").n_unique()
    counts["repeated_id"] += repeated
    known = known.unique(("id", "seqid", "strand"), keep="first", maintain_order=True)
    rows = keys.join(
        known.rename({"id": "key", "parent": "gene_key"}),
        left_on=_KEY,
        right_on=("seqid", "strand", "key"),
        how="left",
        maintain_order="left",
    )
    counts["transcript_line_missing"] += rows["type"].null_count()
    # a coding segment may hang on its gene, as in RefSeq's mitochondrion
    rows = rows.with_columns(
        gene_key=pl.when(pl.col("type").str.contains("gene$")).then("parent").otherwise("gene_key")
    )
    genes = lines.features.filter(pl.col("id").is_not_null()).unique(
        ("id", "seqid"), keep="first", maintain_order=True
    )
    if gtf:
        genes = genes.filter(pl.col("type") == "gene")
    else:  # RefSeq: gene → primary_transcript → miRNA
        above = genes.select("seqid", gene_key="id", above="parent")
        rows = rows.join(above, on=("seqid", "gene_key"), how="left", maintain_order="left").with_columns(
            gene_key=pl.coalesce("above", "gene_key")
        )
    gene_rows = genes.select(
        "seqid",
        gene_key="id",
        gene_line=pl.lit(value=True),
        gene_gene_id="gene_id",
        gene_symbol=pl.coalesce("gene_name", "name"),
        gene_dbxref=pl.col("dbxref").str.extract(r"GeneID:(\d+)"),
        gene_biotype="biotype",
        gene_pseudo="pseudo",
    )
    rows = rows.join(gene_rows, on=("seqid", "gene_key"), how="left", maintain_order="left")
    counts["gene_line_missing"] += rows["gene_line"].null_count() if not gtf or genes.height else 0
    if gtf:
        from_parts = parts.group_by(_KEY, maintain_order=True).agg(
            part_gene=pl.col("gene_id").drop_nulls().first(),
            part_name=pl.col("gene_name").drop_nulls().first(),
        )
        rows = rows.join(from_parts, on=_KEY, how="left", maintain_order="left")
    else:
        rows = rows.with_columns(part_gene=pl.lit(None, pl.String), part_name=pl.lit(None, pl.String))
    identifier = pl.coalesce("transcript_id", _bare("parent"))
    versioned = (
        pl.when(
            pl.col("version").is_not_null()
            & ~identifier.str.contains(r"\.\d+$")
            & identifier.str.contains(r"^ENS\w*T\d+$")
        )
        .then(identifier + "." + pl.col("version"))
        .otherwise(identifier)
    )
    coding = (
        parts.filter(pl.col("type") == "CDS").select(_KEY).unique().with_columns(has_cds=pl.lit(value=True))
    )
    rows = rows.join(coding, on=_KEY, how="left", maintain_order="left")
    refseq_type = pl.when(pl.col("type").is_in(["mRNA", "gene"]) & pl.col("has_cds").fill_null(value=False)).then(
        pl.lit("protein_coding")
    ).otherwise(pl.coalesce("gene_biotype", "type"))  # fmt: skip
    table = rows.select(
        *_KEY,
        transcript_id=versioned,
        protein_id="protein_id",
        gene_id=pl.coalesce("gene_gene_id", "gene_dbxref", "gene_id", "part_gene", _bare("gene_key")),
        gene=pl.coalesce("gene_symbol", "gene_name", "part_name"),
        # "biotype" of a gene that stands for its own transcript is its biotype too
        biotype=pl.when(pl.col("gbkey").is_null())
        .then(pl.coalesce("biotype", "gene_biotype", refseq_type))
        .otherwise(refseq_type)
        .fill_null(pl.when(pl.col("has_cds")).then(pl.lit("protein_coding")).otherwise(pl.lit("unknown"))),
        start=pl.lit(0, pl.Int64),
        end=pl.lit(0, pl.Int64),
        differs=(
            pl.col("note").str.contains(_DIFFERS)
            | pl.col("exception").str.contains("transcript or proteomic data|transcript%20or%20proteomic")
        ).fill_null(value=False),
        **{name: pl.col(name).fill_null(value=False) for name in _TAGS},
    )
    table = table.with_columns(pl.col("gene_id", "gene").map_elements(_decoded, return_dtype=pl.String))
    return table.with_row_index("transcript")


def _bare(name: str) -> pl.Expr:
    """Return an id without the prefix of its kind."""
    return pl.col(name).str.replace(_PREFIXES, "")


def _decoded(text: str) -> str:
    return unquote(text) if "%" in text else text


def _exons(parts: pl.DataFrame, counts: Counter[str]) -> pl.DataFrame:
    exons = parts.filter(pl.col("type") == "exon").select("transcript", "start", "end")
    bare = parts.filter(pl.col("type").is_in(["CDS", "stop_codon"])).join(exons, on="transcript", how="anti")
    counts["exons_made_from_cds"] += bare["transcript"].n_unique()
    merged = _merged(exons, gap=0)
    counts["overlapping_exons"] += exons.height - merged.height
    # coding segments that touch are one exon; exons that touch are two
    made = _merged(bare.select("transcript", "start", "end"), gap=1)
    return pl.concat([merged, made]).sort("transcript", "start")


def _merged(segments: pl.DataFrame, *, gap: int) -> pl.DataFrame:
    """Join the segments of each transcript that overlap, or with ``gap=1`` also those that touch."""
    before = pl.col("end").cum_max().shift(1).over("transcript")
    return (
        segments.sort("transcript", "start")
        .with_columns(apart=(pl.col("start") >= before + 1 + gap).fill_null(value=True))
        .with_columns(group=pl.col("apart").cast(pl.Int64).cum_sum())
        .group_by("transcript", "group", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max())
        .drop("group")
    )


def _cds(parts: pl.DataFrame, transcripts: pl.DataFrame, counts: Counter[str]) -> pl.DataFrame:
    """Return coding segments, stop codon included, with phases made consistent from the first one on."""
    coded = parts.filter(pl.col("type") == "CDS").select("transcript", "start", "end", "phase")
    stops = (
        parts.filter(pl.col("type") == "stop_codon")
        .join(coded, on="transcript", how="semi")
        .select("transcript", "start", "end", pl.lit(None, pl.Int8).alias("phase"))
    )
    strand = transcripts.select("transcript", "strand")
    counts["phase_missing"] += coded.filter(pl.col("phase").is_null())["transcript"].n_unique()
    wild = pl.col("phase").is_between(0, 2)
    counts["phase_impossible"] += coded.filter(~wild).height
    coded = coded.with_columns(phase=pl.when(wild).then("phase"))
    forward = coded.join(strand, on="transcript").with_columns(
        order=pl.when(pl.col("strand") == "+").then("start").otherwise(-pl.col("end"))
    ).sort("transcript", "order")  # fmt: skip
    size = pl.col("end") - pl.col("start") + 1
    first = pl.col("phase").first().over("transcript").fill_null(0).cast(pl.Int64)
    before = size.cum_sum().over("transcript") - size
    forward = forward.with_columns(wanted=((first - before) % 3).cast(pl.Int8))
    wrong = forward.filter(pl.col("phase").is_not_null() & (pl.col("phase") != pl.col("wanted")))
    counts["phase_inconsistent"] += wrong["transcript"].n_unique()
    segments = forward.select("transcript", "start", "end", phase="wanted")
    if stops.height:
        joined = pl.concat([segments, stops])
        whole = _merged(joined, gap=1)
        segments = whole.join(
            segments.select("transcript", "phase", "start", "end"), on="transcript", how="inner", suffix="_of"
        ).filter((pl.col("start_of") >= pl.col("start")) & (pl.col("end_of") <= pl.col("end")))
        plus = segments.join(strand, on="transcript").sort("transcript", "start", "start_of")
        with_phase = plus.group_by("transcript", "start", "end", maintain_order=True).agg(
            phase=pl.when(pl.col("strand").first() == "+")
            .then(pl.col("phase").first())
            .otherwise(pl.col("phase").last())
        )
        lone = whole.join(with_phase, on=("transcript", "start", "end"), how="anti").with_columns(
            phase=pl.lit(None, pl.Int8)
        )
        segments = pl.concat([with_phase, lone.select("transcript", "start", "end", "phase")])
    return segments.sort("transcript", "start")


def _recoded(parts: pl.DataFrame) -> pl.DataFrame:
    """Return the codons that are read as selenocysteine: transcript, start and end in the genome, 1-based."""
    noted = (
        parts.filter(pl.col("transl_except").is_not_null())
        .select(
            "transcript",
            found=pl.col("transl_except").str.extract_all(
                r"pos:(?:complement\(|complement%28)?(?:join\()?\d+\.\.\d+\)?(?:,|%2C)aa:Sec"
            ),
        )
        .explode("found", empty_as_null=False)
        .select(
            "transcript",
            start=pl.col("found").str.extract(r"(\d+)\.\.").cast(pl.Int64),
            end=pl.col("found").str.extract(r"\.\.(\d+)").cast(pl.Int64),
        )
    )
    lines = parts.filter(
        pl.col("type").is_in(["Selenocysteine", "stop_codon_redefined_as_selenocysteine"])
    ).select("transcript", "start", "end")
    return (
        pl.concat([noted, lines]).filter(pl.col("start").is_not_null()).unique().sort("transcript", "start")
    )
