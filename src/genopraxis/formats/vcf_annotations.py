"""Consequences that another program wrote into a VCF: VEP's CSQ, ANN of snpEff and Jannovar, BCSQ of bcftools csq.

The fields are found by the header's descriptions, so nothing is to be configured. Formats: VEP's documentation of its
VCF output; the ANN specification 1.0 (Cingolani et al. 2015); bcftools csq (Danecek & McCarthy 2017,
doi:10.1093/bioinformatics/btx100).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

Style = Literal["vep", "ann", "bcsq"]

_FIELDS = re.compile(r"(?:Format|annotations)\s*:\s*['\"]?\s*([^'\"]+)", re.IGNORECASE)
_BCSQ = ("Consequence", "gene", "transcript", "biotype", "strand", "amino_acid_change", "dna_change")

# field of each style to column; what is not named here keeps its own name, in lower case
_COLUMNS: Mapping[Style, Mapping[str, str]] = {
    "vep": {
        "Consequence": "consequence", "IMPACT": "impact", "SYMBOL": "gene", "Gene": "gene_id",
        "Feature": "transcript_id", "BIOTYPE": "biotype", "EXON": "exon", "INTRON": "intron",
        "HGVSc": "hgvs_c", "HGVSp": "hgvs_p",
    },
    "ann": {
        "Annotation": "consequence", "Annotation_Impact": "impact", "Gene_Name": "gene", "Gene_ID": "gene_id",
        "Feature_ID": "transcript_id", "Transcript_BioType": "biotype", "HGVS.c": "hgvs_c", "HGVS.p": "hgvs_p",
        "Rank": "exon",
    },
    "bcsq": {"Consequence": "consequence", "gene": "gene", "transcript": "transcript_id", "biotype": "biotype"},
}  # fmt: skip
_ESCAPES = {"%3D": "=", "%3B": ";", "%2C": ",", "%25": "%", "%20": " ", "%7C": "|"}
COLUMNS = (
    "gene", "gene_id", "transcript_id", "biotype", "consequence", "impact", "exon", "intron", "hgvs_c", "hgvs_p",
)  # fmt: skip
"""The columns that every table has, besides ``record``, ``allele`` and ``source``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotationField:
    """An INFO field that holds consequences.

    Parameters
    ----------
    key
        Name of the INFO field.
    fields
        What stands between the bars, in order.
    """

    key: str
    style: Style
    fields: tuple[str, ...]


def annotation_fields(descriptions: Mapping[str, str]) -> tuple[AnnotationField, ...]:
    """Find the INFO fields that hold consequences, by their descriptions.

    Parameters
    ----------
    descriptions
        ``Description`` of each INFO field of the header.
    """
    found = []
    for key, description in descriptions.items():
        if key == "BCSQ":
            found.append(AnnotationField(key=key, style="bcsq", fields=_BCSQ))
            continue
        named = _FIELDS.search(description)
        fields = tuple(one.strip() for one in named.group(1).split("|")) if named else ()
        if {"Allele", "Consequence"} <= set(fields):
            found.append(AnnotationField(key=key, style="vep", fields=fields))
        elif {"Allele", "Annotation"} <= set(fields):
            found.append(AnnotationField(key=key, style="ann", fields=_without_slashes(fields)))
    return tuple(found)


def read_annotations(values: pl.DataFrame, alleles: pl.DataFrame, field: AnnotationField) -> pl.DataFrame:
    """Return one row per allele and transcript.

    Parameters
    ----------
    values
        ``record`` and ``value``, the INFO field's text; null where a record has none.
    alleles
        ``record``, ``allele`` (1 = first ALT), ``original_ref``, ``original_alt``, all alleles of each record.
    field
        As :func:`annotation_fields` found it.

    Returns
    -------
    polars.DataFrame
        ``record``, ``allele`` (null: it is not said of which allele, and there are several), ``source``,
        :data:`COLUMNS`, and what else the field holds under its own name in lower case. Empty text is null;
        ``consequence`` is a list. A bcftools row that only points at another record has ``same_as_pos``.
    """
    n = len(field.fields)
    parts = (
        values.select("record", "value")
        .filter(pl.col("value").is_not_null() & ~pl.col("value").is_in(["", "."]))
        .with_columns(pl.col("value").str.split(","))
        .explode("value")
        .with_columns(pl.col("value").str.split_exact("|", n - 1).struct.rename_fields(list(field.fields)))
        .unnest("value")
        .with_columns(_clean(name) for name in field.fields)
    )
    parts = _with_alleles(parts, alleles, field)
    names = _COLUMNS[field.style]
    own = [name for name in field.fields if name not in names and name not in ("Allele", "ALLELE_NUM")]
    table = parts.select(
        "record",
        "allele",
        pl.lit(field.key).alias("source"),
        *(pl.col(name).alias(column) for name, column in names.items() if name in field.fields),
        *(pl.col(name).alias(name.lower()) for name in own if name.lower() not in COLUMNS),
    )
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS if name not in table.columns]
    table = table.with_columns(missing)
    if field.style == "bcsq":
        points = pl.col("consequence").str.extract(r"^@(\d+)$").cast(pl.Int64)
        # a star: behind a stop that another variant makes
        table = table.with_columns(same_as_pos=points).with_columns(
            consequence=pl.when(points.is_null()).then(pl.col("consequence").str.strip_prefix("*"))
        )
    return table.with_columns(pl.col("consequence").str.split("&"))


def _with_alleles(parts: pl.DataFrame, alleles: pl.DataFrame, field: AnnotationField) -> pl.DataFrame:
    """Say of which allele each row is."""
    if "ALLELE_NUM" in field.fields:
        number = pl.col("ALLELE_NUM").cast(pl.UInt16, strict=False)
        return parts.with_columns(allele=number)
    single = (
        alleles.group_by("record")
        .agg(pl.col("allele").first(), n=pl.len())
        .filter(pl.col("n") == 1)
        .drop("n")
    )
    if field.style == "bcsq":
        change = pl.col("dna_change").str.extract(r"\d+[A-Za-z]+>([A-Za-z<>*]+)$").str.to_uppercase()
        parts = parts.with_columns(Allele=change)
        named = alleles.select("record", "allele", Allele=pl.col("original_alt").str.to_uppercase())
    elif field.style == "ann":
        named = alleles.select("record", "allele", Allele="original_alt")
    else:
        named = _vep_alleles(alleles)
    named = named.unique(["record", "Allele"], keep="none")
    joined = parts.join(named, on=["record", "Allele"], how="left", maintain_order="left")
    return joined.join(single, on="record", how="left", suffix="_only", maintain_order="left").with_columns(
        allele=pl.coalesce("allele_only", "allele")
    )


def _vep_alleles(alleles: pl.DataFrame) -> pl.DataFrame:
    """Return alleles as VEP names them: without the first base where all alleles of an indel record share it."""
    ref, alt = pl.col("original_ref"), pl.col("original_alt")
    literal = ~alt.str.contains(r"[<\[\]*.]")
    shared = (alt.str.slice(0, 1) == ref.str.slice(0, 1)) | ~literal
    indel = (alt.str.len_bytes() != ref.str.len_bytes()) & literal
    trimmed = shared.all().over("record") & indel.any().over("record") & literal
    short = pl.when(alt.str.len_bytes() > 1).then(alt.str.slice(1)).otherwise(pl.lit("-"))
    return alleles.select("record", "allele", Allele=pl.when(trimmed).then(short).otherwise(alt))


def _clean(name: str) -> pl.Expr:
    text = pl.col(name).str.replace_many(_ESCAPES)
    return pl.when(text != "").then(text).alias(name)


def _without_slashes(fields: tuple[str, ...]) -> tuple[str, ...]:
    """``cDNA.pos / cDNA.length`` and the like: what comes first names the field."""
    return tuple(one.split("/")[0].strip() for one in fields)
