"""The table of consequences: what one allele does to one transcript."""

from __future__ import annotations

from typing import Literal

import polars as pl

from genopraxis.contracts.table import Column, TableContract

Impact = Literal["HIGH", "MODERATE", "LOW", "MODIFIER"]

# Sequence Ontology terms in VEP's order of severity (Ensembl 110), each with VEP's impact. The place in this
# table is the bit of the term in the masks of `variants.consequence`: append, never reorder.
TERMS: dict[str, Impact] = {
    "transcript_ablation": "HIGH",
    "splice_acceptor_variant": "HIGH",
    "splice_donor_variant": "HIGH",
    "stop_gained": "HIGH",
    "frameshift_variant": "HIGH",
    "stop_lost": "HIGH",
    "start_lost": "HIGH",
    "transcript_amplification": "HIGH",
    "feature_elongation": "HIGH",
    "feature_truncation": "HIGH",
    "inframe_insertion": "MODERATE",
    "inframe_deletion": "MODERATE",
    "missense_variant": "MODERATE",
    "protein_altering_variant": "MODERATE",
    "splice_donor_5th_base_variant": "LOW",
    "splice_region_variant": "LOW",
    "splice_donor_region_variant": "LOW",
    "splice_polypyrimidine_tract_variant": "LOW",
    "incomplete_terminal_codon_variant": "LOW",
    "start_retained_variant": "LOW",
    "stop_retained_variant": "LOW",
    "synonymous_variant": "LOW",
    "coding_sequence_variant": "MODIFIER",
    "mature_miRNA_variant": "MODIFIER",
    "5_prime_UTR_variant": "MODIFIER",
    "3_prime_UTR_variant": "MODIFIER",
    "non_coding_transcript_exon_variant": "MODIFIER",
    "intron_variant": "MODIFIER",
    "NMD_transcript_variant": "MODIFIER",
    "non_coding_transcript_variant": "MODIFIER",
    "coding_transcript_variant": "MODIFIER",
    "upstream_gene_variant": "MODIFIER",
    "downstream_gene_variant": "MODIFIER",
    "intergenic_variant": "MODIFIER",
    "sequence_variant": "MODIFIER",
}

IMPACTS: tuple[Impact, ...] = ("HIGH", "MODERATE", "LOW", "MODIFIER")

NMD_RULES = ("single_exon", "last_exon", "last_50_of_penultimate_exon", "first_100_coding")


def _text(name: str, description: str) -> Column:
    return Column(name=name, dtype=pl.String, description=description, nullable=True)


def _number(name: str, description: str) -> Column:
    return Column(name=name, dtype=pl.Int32, description=description, nullable=True)


def _yes_no(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name=name, dtype=pl.Boolean, description=description, nullable=nullable)


CONSEQUENCES = TableContract(
    name="consequences",
    version=1,
    description="One row per allele and transcript; one row without a transcript for an intergenic allele.",
    columns=(
        Column(name="row", dtype=pl.UInt32, description="row of the allele table, 0-based"),
        _text("gene_id", "gene of the transcript, as in the transcript set"),
        _text("gene", "gene symbol"),
        _text("transcript_id", "transcript with its version; missing: intergenic"),
        Column(
            name="protein_id",
            dtype=pl.String,
            description="protein of the transcript, as in the transcript set",
            nullable=True,
            required=False,
        ),
        _text("biotype", "biotype of the transcript"),
        Column(
            name="consequence",
            dtype=pl.List(pl.String),
            description="Sequence Ontology terms as VEP 110 gives them, most severe first",
        ),
        Column(name="impact", dtype=pl.String, description="VEP's impact of the first term", allowed=IMPACTS),
        _text("exon", "number/total of the first exon hit, in the direction of the transcript"),
        _text("intron", "number/total of the first intron hit, in the direction of the transcript"),
        _text("hgvs_c", "HGVS c. or n. without the accession, 3'-shifted in the direction of the transcript"),
        _text("hgvs_p", "HGVS p. as predicted, p.(…)"),
        _text("protein_change", "the same without parentheses, for matching"),
        _number("cdna_pos", "first transcript base hit, 1-based"),
        _number("cds_pos", "first base of the coding sequence hit, 1-based"),
        _number("protein_pos", "first codon hit, 1-based"),
        _text("codons", "codons before/after, changed bases in capitals"),
        _text("amino_acids", "amino acids before/after; one letter when they are the same"),
        Column(
            name="distance",
            dtype=pl.Int32,
            description="bases from the transcript for upstream and downstream; 0 inside",
            minimum=0,
        ),
        _number(
            "splice_distance",
            "bases from the nearest exon edge that has an intron, in transcript direction: in an intron +1 is "
            "the first base, -1 the last; in an exon +1 is the first base, -1 the last",
        ),
        _yes_no(
            "nmd_escape",
            "a premature stop here is likely to escape decay; missing: no such stop",
            nullable=True,
        ),
        Column(
            name="nmd_rule",
            dtype=pl.String,
            description="the rule by which it escapes",
            nullable=True,
            required=False,
            allowed=NMD_RULES,
        ),
        _yes_no("last_exon", "the allele lies in the last exon; missing: not in an exon", nullable=True),
        _yes_no("mane_select", "MANE Select transcript"),
        _yes_no("mane_plus_clinical", "MANE Plus Clinical transcript"),
        _yes_no("canonical", "Ensembl canonical or RefSeq Select transcript"),
        Column(
            name="flags",
            dtype=pl.List(pl.String),
            description="what limits trust, e.g. incomplete_cds_5, genome_mismatch, needs_fasta; empty: nothing",
        ),
    ),
)
