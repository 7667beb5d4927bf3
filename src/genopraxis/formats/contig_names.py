"""One name for a chromosome in every naming style, and the lengths that tell the assemblies apart.

Canonical are ``1`` … ``22``, ``X``, ``Y`` and ``MT``, the last for the revised Cambridge sequence only. The
mitochondrion of UCSC's hg19 (16,571 bp) is another sequence with other coordinates: it is :data:`OLD_MITOCHONDRION`.
Any other contig keeps the name that its file gives it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

__all__ = [
    "CHROMOSOMES",
    "LENGTHS",
    "OLD_MITOCHONDRION",
    "OLD_MITOCHONDRION_LENGTH",
    "PSEUDO_AUTOSOMAL",
    "Assembly",
    "accession_assembly",
    "canonical_name",
    "refseq_accession",
]


class Assembly(StrEnum):
    """A human genome assembly that Genopraxis knows. b37, hs37d5 and hg19 are GRCh37; hg38 is GRCh38."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"


CHROMOSOMES: tuple[str, ...] = (*(str(number) for number in range(1, 23)), "X", "Y", "MT")
OLD_MITOCHONDRION = "NC_001807.4"
OLD_MITOCHONDRION_LENGTH = 16_571

# lengths in bases and RefSeq versions of GCF_000001405.25 (GRCh37.p13) and GCF_000001405.40 (GRCh38.p14)
_LENGTHS_37 = (
    249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431, 135534747,
    135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248, 59128983, 63025520,
    48129895, 51304566, 155270560, 59373566, 16569,
)  # fmt: skip
_LENGTHS_38 = (
    248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717, 133797422,
    135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285, 58617616, 64444167,
    46709983, 50818468, 156040895, 57227415, 16569,
)  # fmt: skip
_VERSIONS_37 = (10, 11, 11, 11, 9, 11, 13, 10, 11, 10, 9, 11, 10, 8, 9, 9, 10, 9, 9, 10, 8, 10, 10, 9)
_VERSIONS_38 = (11, 12, 12, 12, 10, 12, 14, 11, 12, 11, 10, 12, 11, 9, 10, 10, 11, 10, 10, 11, 9, 11, 11, 10)
_MITOCHONDRION = "NC_012920.1"

LENGTHS: Mapping[Assembly, Mapping[str, int]] = MappingProxyType(
    {
        Assembly.GRCH37: MappingProxyType(dict(zip(CHROMOSOMES, _LENGTHS_37, strict=True))),
        Assembly.GRCH38: MappingProxyType(dict(zip(CHROMOSOMES, _LENGTHS_38, strict=True))),
    }
)
"""Length in bases of each chromosome, by assembly."""

PSEUDO_AUTOSOMAL: Mapping[Assembly, Mapping[str, tuple[tuple[int, int], ...]]] = MappingProxyType(
    {
        Assembly.GRCH37: MappingProxyType(
            {
                "X": ((60_001, 2_699_520), (154_931_044, 155_260_560)),
                "Y": ((10_001, 2_649_520), (59_034_050, 59_363_566)),
            }
        ),
        Assembly.GRCH38: MappingProxyType(
            {
                "X": ((10_001, 2_781_479), (155_701_383, 156_030_895)),
                "Y": ((10_001, 2_781_479), (56_887_903, 57_217_415)),
            }
        ),
    }
)
"""Pseudo-autosomal regions by assembly and chromosome, 1-based and inclusive, of the Genome Reference Consortium
(https://www.ncbi.nlm.nih.gov/grc/human)."""

_ACCESSIONS: dict[Assembly, dict[str, str]] = {
    assembly: {
        **{
            name: f"NC_{number:06d}.{version}"
            for number, (name, version) in enumerate(zip(CHROMOSOMES[:-1], versions, strict=True), start=1)
        },
        "MT": _MITOCHONDRION,
    }
    for assembly, versions in ((Assembly.GRCH37, _VERSIONS_37), (Assembly.GRCH38, _VERSIONS_38))
}
_ASSEMBLY_OF = {
    accession: assembly
    for assembly, accessions in _ACCESSIONS.items()
    for name, accession in accessions.items()
    if name != "MT"  # one record serves both
}
# 25 and 26: the mitochondrion of files that count chromosomes on (GWAS tables, PLINK)
_NUMBERED = {"23": "X", "24": "Y", "25": "MT", "26": "MT"}
_SPECIAL = {"X": "X", "Y": "Y", "M": "MT", "MT": "MT"}
_PREFIX = re.compile(r"chr(?:omosome)?_?", re.IGNORECASE)
_REFSEQ = re.compile(r"NC_0000(0[1-9]|1[0-9]|2[0-4])(?:\.([0-9]+))?", re.IGNORECASE)
_REFSEQ_MT = re.compile(r"NC_012920(?:\.[0-9]+)?|J01415\.2", re.IGNORECASE)
_REFSEQ_OLD_MT = re.compile(r"NC_001807(?:\.[0-9]+)?", re.IGNORECASE)
_GENBANK = re.compile(r"CM000(6[6-8][0-9])(?:\.([12]))?", re.IGNORECASE)
_GENBANK_FIRST = 663  # CM000663 is chromosome 1, CM000686 is Y


def canonical_name(name: str, *, length: int | None = None) -> str:
    """Return the canonical name of a contig.

    Parameters
    ----------
    name
        As in a file: ``chr1``, ``1``, ``01``, ``NC_000001.11``, ``CM000663.2``, ``chrX``, ``23``, ``chrM``, ``25`` …
    length
        Its length in bases, where the file states it. It is what tells hg19's ``chrM`` (16,571) from the revised
        Cambridge sequence (16,569).

    Returns
    -------
    str
        ``1`` … ``22``, ``X``, ``Y``, ``MT``, :data:`OLD_MITOCHONDRION`, or ``name`` itself for any other contig.
    """
    text = name.strip()
    if found := _REFSEQ.fullmatch(text):
        return CHROMOSOMES[int(found.group(1)) - 1]
    if _REFSEQ_OLD_MT.fullmatch(text):
        return OLD_MITOCHONDRION
    if found := _GENBANK.fullmatch(text):
        number = int(found.group(1)) - _GENBANK_FIRST
        return CHROMOSOMES[number] if 0 <= number < len(CHROMOSOMES) - 1 else name
    if _REFSEQ_MT.fullmatch(text):
        return "MT"
    short = _PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text
    short = short.upper()
    bare = short.lstrip("0") if len(short) == 2 else short  # "01", as some tables write
    chromosome = _SPECIAL.get(bare) or _NUMBERED.get(bare) or (bare if bare in _AUTOSOMES else None)
    if chromosome is None:
        return name
    if chromosome == "MT" and length == OLD_MITOCHONDRION_LENGTH:
        return OLD_MITOCHONDRION
    return chromosome


def refseq_accession(chrom: str, *, assembly: Assembly) -> str | None:
    """Return the RefSeq accession with version of a canonical chromosome name; ``None`` for other contigs."""
    return chrom if chrom == OLD_MITOCHONDRION else _ACCESSIONS[assembly].get(chrom)


def accession_assembly(name: str) -> Assembly | None:
    """Return the assembly that a versioned RefSeq or GenBank accession belongs to; ``None`` if it says nothing."""
    text = name.strip().upper()
    if found := _GENBANK.fullmatch(text):
        return {"1": Assembly.GRCH37, "2": Assembly.GRCH38}.get(found.group(2) or "")
    return _ASSEMBLY_OF.get(text)


_AUTOSOMES = frozenset(CHROMOSOMES[:22])
