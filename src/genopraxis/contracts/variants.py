"""The variant tables that every room above shares: one row per allele, one row per allele and sample."""

from __future__ import annotations

import polars as pl

from genopraxis.contracts.table import Column, TableContract

__all__ = ["ALLELES", "GENOTYPES", "KINDS", "SEQUENCE_KINDS"]

SEQUENCE_KINDS = ("snv", "mnv", "insertion", "deletion", "delins")
"""Kinds whose alleles are both plain sequences."""

KINDS = (*SEQUENCE_KINDS, "symbolic", "breakend", "spanning", "non_ref", "none")
"""What an allele is: ``symbolic`` ``<DEL>``; ``spanning`` ``*``; ``non_ref`` ``<NON_REF>`` and ``<*>``, which stand
for any other allele; ``none`` is no change (``.``, or ALT equal to REF)."""

ALLELES = TableContract(
    name="alleles",
    version=1,
    description="One row per ALT allele of a VCF record, normalised, in the order of the file.",
    columns=(
        Column(name="record", dtype=pl.UInt32, description="number of the record in the file, 0-based"),
        Column(
            name="allele",
            dtype=pl.UInt16,
            description="number of the allele in its record, first ALT 1",
            minimum=1,
        ),
        Column(name="chrom", dtype=pl.String, description="canonical contig name"),
        Column(
            name="pos", dtype=pl.Int64, description="position of the first base of ref, 1-based", minimum=0
        ),
        Column(name="ref", dtype=pl.String, description="reference allele, upper case, normalised"),
        Column(name="alt", dtype=pl.String, description="this allele, upper case, normalised"),
        Column(name="kind", dtype=pl.Enum(KINDS), description="what the normalised allele is"),
        Column(name="original_pos", dtype=pl.Int64, description="POS as in the file, 1-based", minimum=0),
        Column(name="original_ref", dtype=pl.String, description="REF as in the file"),
        Column(name="original_alt", dtype=pl.String, description="this allele of ALT as in the file"),
        Column(name="id", dtype=pl.String, description="ID as in the file", nullable=True),
        Column(name="qual", dtype=pl.Float32, description="QUAL, Phred scale", nullable=True),
        Column(
            name="filter",
            dtype=pl.String,
            description="PASS or failed filters joined by ';'; missing: filters were not applied",
            nullable=True,
        ),
        Column(name="was_split", dtype=pl.Boolean, description="the record has more than one ALT"),
        Column(
            name="was_trimmed", dtype=pl.Boolean, description="bases common to ref and alt were taken off"
        ),
        Column(name="was_shifted", dtype=pl.Boolean, description="it was moved to the left"),
        Column(
            name="reference_matches",
            dtype=pl.Boolean,
            description="REF is what the genome has there; missing: not checked, or the genome has N there",
            nullable=True,
        ),
    ),
    key=("record", "allele"),
)

GENOTYPES = TableContract(
    name="genotypes",
    version=1,
    description="One row per row of the allele table and sample with a called or partly called genotype.",
    columns=(
        Column(name="record", dtype=pl.UInt32, description="number of the record in the file, 0-based"),
        Column(name="allele", dtype=pl.UInt16, description="number of the allele in its record", minimum=1),
        Column(name="sample", dtype=pl.String, description="sample name"),
        Column(
            name="dosage",
            dtype=pl.Int8,
            description="copies of this allele; missing when a part of the genotype is not called",
            nullable=True,
            minimum=0,
        ),
        Column(
            name="gt",
            dtype=pl.String,
            description="GT as in the file with 0 reference, 1 this allele, 2 any other ALT, . not called",
        ),
        Column(name="phased", dtype=pl.Boolean, description="the copies are told apart ('|')"),
        Column(name="phase_set", dtype=pl.Int64, description="PS", nullable=True),
        Column(name="depth", dtype=pl.Int32, description="reads (DP)", nullable=True, minimum=0),
        Column(
            name="ref_depth",
            dtype=pl.Int32,
            description="reads of the reference (AD, or RO)",
            nullable=True,
            minimum=0,
        ),
        Column(
            name="alt_depth",
            dtype=pl.Int32,
            description="reads of this allele (AD, or AO)",
            nullable=True,
            minimum=0,
        ),
        Column(
            name="genotype_quality", dtype=pl.Float32, description="GQ, Phred scale", nullable=True, minimum=0
        ),
        Column(
            name="vaf",
            dtype=pl.Float32,
            description="share of reads with this allele: VAF or AF of the file, else alt_depth over all of AD",
            nullable=True,
            minimum=0,
            maximum=1,
        ),
    ),
    key=("record", "allele", "sample"),
)
