"""The lines of a GFF3 or GTF file as tables: what belongs to transcripts is kept, the rest is passed over."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.formats.files import iter_raw_lines

if TYPE_CHECKING:
    from _hashlib import HASH

Dialect = Literal["gff3", "gtf"]

PARTS = frozenset({"exon", "CDS", "stop_codon", "Selenocysteine", "stop_codon_redefined_as_selenocysteine"})
_PASSED_OVER = frozenset({
    b"region", b"chromosome", b"supercontig", b"scaffold", b"contig", b"biological_region", b"match", b"intron",
    b"five_prime_UTR", b"three_prime_UTR", b"UTR", b"five_prime_utr", b"three_prime_utr", b"start_codon",
    b"5UTR", b"3UTR", b"regulatory_region", b"enhancer", b"promoter", b"silencer", b"CTCF_binding_site",
    b"open_chromatin_region", b"TF_binding_site", b"sequence_feature", b"repeat_region", b"protein_binding_site",
    b"nucleotide_motif", b"origin_of_replication", b"DNaseI_hypersensitive_site",
    b"transcriptional_cis_regulatory_region",
    b"conserved_region", b"mobile_genetic_element", b"recombination_feature",
    b"non_allelic_homologous_recombination_region",
    b"sequence_alteration", b"sequence_secondary_structure", b"tandem_repeat", b"D_loop", b"inter", b"inter_CNS",
})  # fmt: skip
_CHUNK_LINES = 200_000
_COLUMNS = ("seqid", "source", "type", "start", "end", "score", "strand", "phase", "attributes")


@dataclass(frozen=True, kw_only=True, slots=True)
class GffLines:
    """What the lines of one file say.

    ``parts`` has a row per exon, CDS segment, stop codon or selenocysteine, with the id of its transcript in
    ``parent``; ``features`` a row per gene or transcript line; ``matches`` a row per alignment that has gaps.
    Coordinates are 1-based and closed, as in the file.
    """

    parts: pl.DataFrame
    features: pl.DataFrame
    matches: pl.DataFrame
    dialect: Dialect
    counts: Counter[str]
    pragmas: tuple[str, ...]


def read_lines(path: str | os.PathLike[str], *, sha256: HASH | None = None) -> GffLines:
    """Read the lines of a GFF3 or GTF file, plain or gzip, that describe genes and transcripts.

    Parameters
    ----------
    path
        The file.
    sha256
        Takes in the bytes of the file, as in :func:`genopraxis.formats.files.iter_lines`.

    Returns
    -------
    GffLines
        With counts of what was repaired or dropped, by reason.

    Raises
    ------
    InputError
        Unreadable, or not a GFF3 or GTF file.
    """
    where = os.fspath(path)
    counts: Counter[str] = Counter()
    pragmas: list[str] = []
    kept: list[bytes] = []
    parts: list[pl.DataFrame] = []
    features: list[pl.DataFrame] = []
    matches: list[pl.DataFrame] = []
    dialect: Dialect | None = None
    lines = 0
    sequence_follows = False

    def flush() -> None:
        nonlocal dialect
        table = _table(kept, counts)
        kept.clear()
        if table.is_empty():
            return
        if dialect is None:
            dialect = _dialect(table["attributes"])
        get = _gff3_attribute if dialect == "gff3" else _gtf_attribute
        is_part = pl.col("type").is_in(list(PARTS))
        is_match = pl.col("type") == "cDNA_match"
        parts.append(_parts(table.filter(is_part), get, dialect))
        features.append(_features(table.filter(~is_part & ~is_match), get, dialect))
        matches.append(_matches(table.filter(is_match)))

    for _, raw in iter_raw_lines(path, sha256=sha256):
        line = raw.rstrip(b"\n")
        if line.endswith(b"\r"):
            counts["crlf"] += 1
            line = line.rstrip(b"\r")
        if line.startswith(b"#"):
            # what follows is sequence; it is read on for the digest of the whole file
            sequence_follows = sequence_follows or line.startswith(b"##FASTA")
            if line.startswith((b"##", b"#!")) and len(pragmas) < 50:
                pragmas.append(line.decode("utf-8", "replace"))
            continue
        if sequence_follows or not line.strip():
            continue
        lines += 1
        fields = line.split(b"\t", 3)
        if len(fields) < 4:
            counts["malformed_line"] += 1
            if counts["malformed_line"] > 1000 and counts["malformed_line"] * 2 > lines:
                break
            continue
        if fields[2] in _PASSED_OVER or (fields[2] == b"cDNA_match" and b"Gap=" not in line):
            continue
        kept.append(line)
        if len(kept) >= _CHUNK_LINES:
            flush()
    flush()
    found = sum(frame.height for frame in parts)
    if not found or counts["malformed_line"] * 2 > lines:
        raise InputError(
            "is no GFF3 or GTF file with transcripts"
            + (f": {counts['malformed_line']} of {lines} lines are malformed" if lines else ""),
            where=where,
            hint="nine tab-separated columns with exon or CDS lines are wanted, as Ensembl, GENCODE and RefSeq give",
        )
    return GffLines(
        parts=pl.concat(parts),
        features=pl.concat(features),
        matches=pl.concat(matches),
        dialect=dialect or "gff3",
        counts=counts,
        pragmas=tuple(pragmas),
    )


def _table(lines: Sequence[bytes], counts: Counter[str]) -> pl.DataFrame:
    text = []
    for line in lines:
        try:
            text.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            counts["not_utf8"] += 1
            text.append(line.decode("latin-1"))
    fields = pl.Series("line", text, dtype=pl.String).str.split_exact("\t", 8).struct.unnest()
    table = fields.rename(dict(zip(fields.columns, _COLUMNS, strict=True))).with_columns(
        pl.col("start", "end").cast(pl.Int64, strict=False),
        pl.col("phase").cast(pl.Int8, strict=False),
    )
    sound = (
        pl.all_horizontal(pl.col("start", "end", "attributes").is_not_null())
        & (pl.col("start") >= 1)
        & (pl.col("end") >= pl.col("start"))
    )
    whole = table.filter(sound.fill_null(value=False))
    counts["malformed_line"] += table.height - whole.height
    return whole


def _dialect(attributes: pl.Series) -> Dialect:
    gtf = attributes.str.contains(r'^\s*[A-Za-z_]+ "').mean()
    return "gtf" if isinstance(gtf, float) and gtf > 0.5 else "gff3"


def _gff3_attribute(name: str) -> pl.Expr:
    return pl.col("attributes").str.extract(rf"(?:^|;)\s*{name}=([^;]+)")


def _gtf_attribute(name: str) -> pl.Expr:
    return pl.col("attributes").str.extract(rf'(?:^|;)\s*{name} "?([^";]+)"?')


Getter = Callable[[str], pl.Expr]


def _parts(table: pl.DataFrame, get: Getter, dialect: Dialect) -> pl.DataFrame:
    parent = get("Parent") if dialect == "gff3" else get("transcript_id")
    frame = table.select(
        "seqid", "type", "start", "end", "strand", "phase",
        parent=parent,
        gene_id=get("gene_id") if dialect == "gtf" else pl.lit(None, pl.String),
        gene_name=get("gene_name") if dialect == "gtf" else pl.lit(None, pl.String),
        protein_id=pl.when(pl.col("type") == "CDS").then(get("protein_id")),
        partial=pl.when(pl.col("type") == "CDS").then(pl.col("attributes").str.extract(r"((?:start|end)_range=[^;]+)")),
        transl_except=pl.when(pl.col("type") == "CDS").then(get("transl_except")),
        exception=pl.when(pl.col("type") == "CDS").then(get("exception")),
        note=pl.when(pl.col("type") == "CDS").then(get("Note")),
    )  # fmt: skip
    if dialect == "gff3":
        frame = frame.with_columns(pl.col("parent").str.split(",")).explode("parent", empty_as_null=True)
    return frame


def _features(table: pl.DataFrame, get: Getter, dialect: Dialect) -> pl.DataFrame:
    gtf = dialect == "gtf"
    tagged = {
        name: pl.col("attributes").str.contains(pattern)
        for name, pattern in {
            "mane_select": r"MANE[_ ]Select\b",
            "mane_plus_clinical": r"MANE[_ ]Plus[_ ]Clinical\b",
            "canonical": r"Ensembl_canonical\b|RefSeq[_ ]Select\b",
            "cds_start_nf": r"\bcds_start_NF\b",
            "cds_end_nf": r"\bcds_end_NF\b",
            "mrna_start_nf": r"\bmRNA_start_NF\b",
            "mrna_end_nf": r"\bmRNA_end_NF\b",
            "seleno": r'(?:tag[= ]"?|,)seleno\b',
            "pseudo": r"\bpseudo=true\b",
        }.items()
    }
    own = (
        pl.when(pl.col("type") == "gene").then(get("gene_id")).otherwise(get("transcript_id"))
        if gtf
        else get("ID")
    )
    return table.select(
        "seqid", "source", "type", "start", "end", "strand",
        id=own,
        parent=(pl.when(pl.col("type") != "gene").then(get("gene_id")) if gtf else get("Parent")),
        gene_id=get("gene_id"),
        transcript_id=get("transcript_id"),
        version=pl.coalesce(get("version"), get("transcript_version") if gtf else pl.lit(None, pl.String)),
        protein_id=get("protein_id"),
        gene_name=pl.coalesce(get("gene_name"), get("gene")),
        name=get("Name"),
        dbxref=get("Dbxref"),
        biotype=pl.coalesce(
            get("transcript_biotype"), get("transcript_type"), get("biotype"), get("gene_biotype"), get("gene_type")
        ),
        gbkey=get("gbkey"),
        exception=get("exception"),
        note=get("Note"),
        **tagged,
    )  # fmt: skip


def _matches(table: pl.DataFrame) -> pl.DataFrame:
    target = pl.col("attributes").str.extract_groups(r"(?:^|;)Target=(\S+) (\d+) (\d+)")
    return table.select(
        "seqid", "start", "end", "strand",
        target=target.struct[0],
        target_start=target.struct[1].cast(pl.Int64),
        target_end=target.struct[2].cast(pl.Int64),
        gap=_gff3_attribute("Gap"),
    )  # fmt: skip
