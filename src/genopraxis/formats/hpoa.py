"""HPO's disease annotations (``phenotype.hpoa``) and gene–disease links as tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Repair
from genopraxis.contracts.table import Column, TableContract
from genopraxis.formats.files import read_text

_LIMIT_BYTES = 1 << 30

# Midpoints of the intervals that HPO defines for its frequency terms (HP:0040279).
FREQUENCY_TERMS: dict[str, float] = {
    "HP:0040280": 1.0,
    "HP:0040281": 0.895,
    "HP:0040282": 0.545,
    "HP:0040283": 0.17,
    "HP:0040284": 0.025,
    "HP:0040285": 0.0,
}

_EVIDENCE = ("IEA", "TAS", "PCS")
_SEXES = ("male", "female")

ANNOTATIONS = TableContract(
    name="disease-annotations",
    version=1,
    description="One row per statement that a disease shows (or does not show) a term.",
    columns=(
        Column(name="disease_id", dtype=pl.String, description="OMIM, ORPHA or DECIPHER id"),
        Column(name="disease_name", dtype=pl.String, description="name in that catalogue"),
        Column(name="negated", dtype=pl.Boolean, description="the disease does not show the term"),
        Column(name="term_id", dtype=pl.String, description="HPO term"),
        Column(name="references", dtype=pl.List(pl.String), description="PMIDs or catalogue ids"),
        Column(name="evidence", dtype=pl.String, description="IEA, TAS or PCS", allowed=_EVIDENCE),
        Column(name="onset", dtype=pl.String, description="HPO onset term of the sign", nullable=True),
        Column(
            name="numerator", dtype=pl.Int32, description="patients with the sign", nullable=True, minimum=0
        ),
        Column(name="denominator", dtype=pl.Int32, description="patients examined", nullable=True, minimum=1),
        Column(
            name="frequency",
            dtype=pl.Float64,
            description="fraction, from a percentage or an HPO frequency term",
            nullable=True,
            minimum=0,
            maximum=1,
        ),
        Column(
            name="sex",
            dtype=pl.String,
            description="the sign is limited to this sex",
            nullable=True,
            allowed=_SEXES,
        ),
        Column(
            name="aspect",
            dtype=pl.String,
            description="P sign, I inheritance, C course, H history, M modifier",
        ),
    ),
)

GENE_LINKS = TableContract(
    name="gene-disease-links",
    version=1,
    description="Which gene is linked to which disease; says nothing of validity or mechanism.",
    columns=(
        Column(name="gene_id", dtype=pl.String, description="NCBI Gene, e.g. NCBIGene:2200"),
        Column(name="symbol", dtype=pl.String, description="gene symbol"),
        Column(name="disease_id", dtype=pl.String, description="OMIM or ORPHA id"),
        Column(
            name="association_type",
            dtype=pl.String,
            description="MENDELIAN, POLYGENIC, UNKNOWN",
            nullable=True,
        ),
    ),
    key=("symbol", "disease_id"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotationFile:
    """The rows of one annotation file, its release, and what was repaired."""

    rows: pl.DataFrame
    version: str
    repairs: tuple[Repair, ...]


def read_hpoa(path: Path) -> AnnotationFile:
    """Read ``phenotype.hpoa``, plain or gzip.

    Frequencies may be counts (``3/7``), percentages or HPO frequency terms. A row whose frequency makes no
    sense keeps its statement and loses the frequency; each such repair is counted.

    Raises
    ------
    InputError
        When columns are missing, no row is complete, or the file states no release.

    References
    ----------
    https://obophenotype.github.io/human-phenotype-ontology/annotations/phenotype_hpoa/
    """
    text = read_text(path, limit_bytes=_LIMIT_BYTES)
    comments = [line for line in text[:4096].split("\n") if line.startswith("#")]
    stated = next((m for line in comments if (m := re.match(r"#(?:version|date):\s*(\S+)", line))), None)
    if stated is None:
        raise InputError(
            "states no release (#version: …)", where=str(path), hint="take an official phenotype.hpoa"
        )
    raw = _read_tsv(text, path)
    wanted = {
        "database_id", "disease_name", "qualifier", "hpo_id", "reference", "evidence", "onset", "frequency",
        "sex", "aspect",
    }  # fmt: skip
    if missing := wanted - set(raw.columns):
        raise InputError(
            f"columns missing: {', '.join(sorted(missing))}",
            where=str(path),
            hint="take a phenotype.hpoa of 2022 or later",
        )
    whole = raw.filter(
        pl.all_horizontal(pl.col("database_id", "hpo_id", "reference", "aspect").is_not_null())
    )
    if whole.is_empty():
        raise InputError("holds no annotation", where=str(path), hint="fetch the file again")
    frequency = pl.col("frequency").str.strip_chars()
    # [0-9], not \d: polars takes the digits of every script for \d, and only ASCII ones for a number
    counts = frequency.str.extract_groups(r"^([0-9]{1,6})\s*/\s*([0-9]{1,6})$")
    percent = frequency.str.extract(r"^([0-9.]+)\s*%$").cast(pl.Float64, strict=False) / 100
    qualifier = pl.col("qualifier").fill_null("").str.strip_chars().str.to_uppercase()
    evidence = pl.col("evidence").fill_null("").str.strip_chars()
    sex = pl.col("sex").fill_null("").str.strip_chars().str.to_lowercase()
    rows = whole.select(
        disease_id="database_id",
        disease_name=pl.col("disease_name").fill_null(pl.col("database_id")),
        negated=qualifier == "NOT",
        term_id="hpo_id",
        references=pl.col("reference").str.split(";").list.eval(pl.element().str.strip_chars()),
        evidence=pl.when(evidence.is_in(_EVIDENCE)).then(evidence).otherwise(pl.lit("TAS")),
        onset="onset",
        numerator=counts.struct[0].cast(pl.Int32),
        denominator=counts.struct[1].cast(pl.Int32),
        frequency=pl.coalesce(
            frequency.replace_strict(FREQUENCY_TERMS, default=None, return_dtype=pl.Float64),
            percent,
        ),
        sex=pl.when(sex.is_in(_SEXES)).then(sex),
        aspect="aspect",
        given="frequency",
        undefined=~qualifier.is_in(["", "NOT"]) | ~evidence.is_in(_EVIDENCE) | ~sex.is_in(["", *_SEXES]),
    )
    rows, repairs = _repair(rows, dropped=raw.height - whole.height)
    ANNOTATIONS.check(rows, raise_errors=True, where=str(path))
    return AnnotationFile(rows=rows, version=stated.group(1), repairs=repairs)


def read_gene_links(path: Path) -> pl.DataFrame:
    """Read ``genes_to_disease.txt`` or ``genes_to_phenotype.txt``, plain or gzip, as :data:`GENE_LINKS`.

    The second form has no association type; it stays missing.
    """
    raw = _read_tsv(read_text(path, limit_bytes=_LIMIT_BYTES), path)
    wanted = {"ncbi_gene_id", "gene_symbol", "disease_id"}
    if missing := wanted - set(raw.columns):
        raise InputError(
            f"columns missing: {', '.join(sorted(missing))}",
            where=str(path),
            hint="genes_to_disease.txt and genes_to_phenotype.txt are accepted",
        )
    kind = pl.col("association_type") if "association_type" in raw.columns else pl.lit(None, pl.String)
    links = (
        raw.select(
            gene_id=pl.lit("NCBIGene:") + pl.col("ncbi_gene_id").str.strip_prefix("NCBIGene:"),
            symbol=pl.col("gene_symbol").str.strip_chars(),
            disease_id="disease_id",
            association_type=kind,
        )
        .filter(
            pl.all_horizontal(pl.col("gene_id", "symbol", "disease_id").is_not_null())
            & ~pl.col("symbol").is_in(["", "-"])
        )
        # a pair listed twice keeps the stronger statement: MENDELIAN sorts before POLYGENIC and UNKNOWN
        .sort("symbol", "disease_id", "association_type", nulls_last=True)
        .unique(("symbol", "disease_id"), keep="first", maintain_order=True)
    )
    if links.is_empty():
        raise InputError("holds no gene–disease link", where=str(path))
    GENE_LINKS.check(links, raise_errors=True, where=str(path))
    return links


def _read_tsv(text: str, path: Path) -> pl.DataFrame:
    # not splitlines(): it also breaks at characters that may stand inside a name, as U+2028
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    try:
        return pl.read_csv(body.encode(), separator="\t", infer_schema=False, quote_char=None)
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        raise InputError(
            f"is not a tab-separated table: {first}",
            where=str(path),
            hint="fetch the file again; it may be cut off",
        ) from error


def _repair(rows: pl.DataFrame, *, dropped: int) -> tuple[pl.DataFrame, tuple[Repair, ...]]:
    repairs = []
    if dropped:
        repairs.append(
            Repair(code="incomplete_row", message=f"{dropped} row(s) without id, term or reference dropped")
        )
    impossible = (
        (pl.col("numerator") > pl.col("denominator"))
        | (pl.col("denominator") == 0)
        | (pl.col("frequency") > 1)
    ).fill_null(value=False)
    unread = pl.col("given").is_not_null() & pl.col("numerator").is_null() & pl.col("frequency").is_null()
    bad = rows.select((impossible | unread).sum()).item()
    if bad:
        repairs.append(
            Repair(
                code="impossible_frequency",
                message=f"{bad} frequency value(s) that make no sense were ignored",
            )
        )
    if undefined := rows.select(pl.col("undefined").sum()).item():
        repairs.append(
            Repair(
                code="undefined_value",
                message=f"{undefined} row(s) with a qualifier, evidence code or sex that HPO does not define; "
                "the value was ignored (evidence: TAS)",
            )
        )
    keep = ~impossible
    rows = rows.with_columns(
        numerator=pl.when(keep).then("numerator"),
        denominator=pl.when(keep).then("denominator"),
        frequency=pl.when(keep).then("frequency"),
    ).drop("given", "undefined")
    return rows, tuple(repairs)
