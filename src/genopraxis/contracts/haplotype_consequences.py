"""The table of haplotype consequences: what alleles that lie on one chromosome copy do together to a transcript."""

from __future__ import annotations

from typing import Literal

import polars as pl

from genopraxis.contracts.consequences import IMPACTS, NMD_RULES
from genopraxis.contracts.table import Column, TableContract

__all__ = ["HAPLOTYPE_CONSEQUENCES", "IMPACT_CHANGES", "PHASES", "SAMPLES_NAMED", "Phase"]

Phase = Literal["phased", "homozygous", "unknown"]

PHASES: tuple[Phase, ...] = ("phased", "homozygous", "unknown")
"""Why the alleles are taken to be on one copy: two or more heterozygous ones are phased; all but one, or all, are on
every copy; or they are heterozygous and nothing tells."""

IMPACT_CHANGES = ("higher", "lower", "same")

SAMPLES_NAMED = 10


def _text(name: str, description: str) -> Column:
    return Column(name=name, dtype=pl.String, description=description, nullable=True)


def _yes_no(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name=name, dtype=pl.Boolean, description=description, nullable=nullable)


def _number(name: str, description: str) -> Column:
    return Column(name=name, dtype=pl.Int32, description=description, nullable=True)


def _list(name: str, dtype: pl.DataType | type[pl.DataType], description: str) -> Column:
    return Column(name=name, dtype=pl.List(dtype), description=f"of each member: {description}")


HAPLOTYPE_CONSEQUENCES = TableContract(
    name="haplotype_consequences",
    version=1,
    description=(
        "One row per group of alleles, way in which their phase is known, and transcript. The joint columns say what "
        "the members do together; where phase is 'unknown' they say what it would be if all were on one copy."
    ),
    columns=(
        Column(name="chrom", dtype=pl.String, description="canonical contig name"),
        Column(
            name="pos",
            dtype=pl.Int64,
            description="lowest normalised position of a member, 1-based",
            minimum=1,
        ),
        _list("records", pl.UInt32, "number of its record in the file, 0-based; members in transcript order"),
        _list("alleles", pl.UInt16, "number of the allele in its record"),
        _list("variants", pl.String, "chrom:pos:ref:alt, normalised"),
        Column(
            name="phase",
            dtype=pl.String,
            description="why the members are taken to be on one copy; unknown: they may be on two",
            allowed=PHASES,
        ),
        _yes_no("phased", "the members are on one copy: phase is not 'unknown'"),
        Column(name="samples", dtype=pl.UInt32, description="samples with this group", minimum=1),
        Column(
            name="sample_names",
            dtype=pl.List(pl.String),
            description=f"the first {SAMPLES_NAMED} of them, in the order of the file",
        ),
        _text("gene_id", "gene of the transcript, as in the transcript set"),
        _text("gene", "gene symbol"),
        Column(name="transcript_id", dtype=pl.String, description="transcript with its version"),
        _text("biotype", "biotype of the transcript"),
        Column(
            name="consequence",
            dtype=pl.List(pl.String),
            description="joint: Sequence Ontology terms as VEP 110 gives them, most severe first",
        ),
        Column(
            name="impact",
            dtype=pl.String,
            description="joint: VEP's impact of the first term",
            allowed=IMPACTS,
        ),
        Column(
            name="worst_single_impact",
            dtype=pl.String,
            description="highest impact of a member alone",
            allowed=IMPACTS,
        ),
        Column(
            name="impact_change",
            dtype=pl.String,
            description="the joint impact against the highest of a member alone",
            allowed=IMPACT_CHANGES,
        ),
        _text("hgvs_c", "joint: one delins, or c.[…;…]; c.…(;)… where phase is unknown"),
        _text("hgvs_p", "joint: HGVS p. as predicted, p.(…)"),
        _text("protein_change", "the same without parentheses, for matching"),
        _number("cds_pos", "first base of the coding sequence changed, 1-based"),
        _number("protein_pos", "first codon hit, 1-based"),
        _text("codons", "joint: codons before/after, changed bases in capitals"),
        _text("amino_acids", "joint: amino acids before/after; one letter when they are the same"),
        _yes_no(
            "nmd_escape",
            "a premature stop that they make together is likely to escape decay; missing: no such stop",
            nullable=True,
        ),
        Column(
            name="nmd_rule",
            dtype=pl.String,
            description="the rule by which it escapes",
            nullable=True,
            allowed=NMD_RULES,
        ),
        _list("single_consequences", pl.String, "its terms alone, joined by '&'"),
        _list("single_impacts", pl.String, "its impact alone"),
        _list("single_hgvs_c", pl.String, "its HGVS c. alone"),
        _list("single_hgvs_p", pl.String, "its HGVS p. alone"),
        _yes_no("mane_select", "MANE Select transcript"),
        _yes_no("mane_plus_clinical", "MANE Plus Clinical transcript"),
        _yes_no("canonical", "Ensembl canonical or RefSeq Select transcript"),
        Column(
            name="flags",
            dtype=pl.List(pl.String),
            description="what limits trust, as in the table of consequences; empty: nothing",
        ),
    ),
    key=("transcript_id", "variants", "phase"),
)
