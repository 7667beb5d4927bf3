"""Batches of annotated VCF records for tests, made from text without a file."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from genopraxis.formats.vcf_batches import VcfBatch, parse_batch
from genopraxis.formats.vcf_header import VcfHeader, parse_header
from genopraxis.variants.normalise import normalise

VEP = "Consequence annotations from Ensembl VEP. Format: "
VEP_FIELDS = (
    "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|INTRON|HGVSc|HGVSp|cDNA_position|"
    "CDS_position|Protein_position|Amino_acids|Codons|DISTANCE|FLAGS|PICK|CANONICAL|MANE_SELECT|MANE_PLUS_CLINICAL"
)
ANN = (
    "Functional annotations: 'Allele | Annotation | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | "
    "Feature_ID | Transcript_BioType | Rank | HGVS.c | HGVS.p | cDNA.pos / cDNA.length | CDS.pos / CDS.length | "
    "AA.pos / AA.length | Distance | ERRORS / WARNINGS / INFO'"
)
BCSQ = (
    "Local consequence annotation from BCFtools/csq. Format: "
    "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change"
)
SPLICEAI = (
    "SpliceAIv1.3.1 variant annotation. These include delta scores (DS) and delta positions (DP). Format: "
    "ALLELE|SYMBOL|DS_AG|DS_AL|DS_DG|DS_DL|DP_AG|DP_AL|DP_DG|DP_DL"
)


def info(key: str, description: str = "", *, number: str = ".", kind: str = "String") -> str:
    """A definition of the header."""
    return f'##INFO=<ID={key},Number={number},Type={kind},Description="{description}">'


def header(*definitions: str) -> VcfHeader:
    lines = ["##fileformat=VCFv4.2", *definitions, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    return parse_header([f"{line}\n".encode() for line in lines], where="x.vcf")


def batch(
    definitions: Sequence[str], rows: Sequence[tuple[int, str, str, str]], *, chrom: str = "1"
) -> VcfBatch:
    """Rows are POS, REF, ALT, INFO."""
    text = "".join(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t.\t{value}\n" for pos, ref, alt, value in rows)
    made, _ = parse_batch(text.encode(), header=header(*definitions), source="x.vcf", line_limit=1 << 20)
    return made


def alleles(made: VcfBatch) -> pl.DataFrame:
    return normalise(made, genome=None)[0]


def vep_names(ref: str, alts: Sequence[str]) -> list[str]:
    """What VEP calls the alleles of a record, as its manual says; written apart from the code that is tested."""
    changes_length = any(len(alt) != len(ref) for alt in alts)
    starts = {allele[0] for allele in (ref, *alts) if "*" not in allele}
    if not changes_length or len(starts) > 1:
        return list(alts)
    return [alt if "*" in alt else alt[1:] or "-" for alt in alts]
