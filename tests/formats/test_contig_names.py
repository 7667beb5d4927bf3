"""Contig names: every style leads to one name, and nothing else is taken for a chromosome."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.formats.contig_names import (
    CHROMOSOMES,
    LENGTHS,
    OLD_MITOCHONDRION,
    Assembly,
    accession_assembly,
    canonical_name,
    refseq_accession,
)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("1", "1"),
        ("chr1", "1"),
        ("Chr1", "1"),
        ("CHR22", "22"),
        ("01", "1"),
        ("chr09", "9"),
        ("chromosome7", "7"),
        ("x", "X"),
        ("chrX", "X"),
        ("23", "X"),
        ("chr24", "Y"),
        ("25", "MT"),
        ("26", "MT"),
        ("M", "MT"),
        ("MT", "MT"),
        ("chrM", "MT"),
        ("chrMT", "MT"),
        ("NC_000001.10", "1"),
        ("NC_000001.11", "1"),
        ("NC_000022", "22"),
        ("NC_000023.11", "X"),
        ("NC_000024.9", "Y"),
        ("NC_012920.1", "MT"),
        ("J01415.2", "MT"),
        ("NC_001807.4", OLD_MITOCHONDRION),
        ("CM000663.2", "1"),
        ("CM000686.1", "Y"),
        ("CM000687.1", "CM000687.1"),
        ("chrUn_KI270302v1", "chrUn_KI270302v1"),
        ("chr1_KI270706v1_random", "chr1_KI270706v1_random"),
        ("GL000191.1", "GL000191.1"),
        ("hs37d5", "hs37d5"),
        ("HLA-A*01:01:01:01", "HLA-A*01:01:01:01"),
        ("27", "27"),
        ("0", "0"),
        ("00", "00"),
        ("chr", "chr"),
        ("chr001", "chr001"),
        ("NC_000025.1", "NC_000025.1"),
        ("chr1 ", "1"),
        ("", ""),
        ("١", "١"),
    ],
)
def test_every_style(name: str, wanted: str) -> None:
    assert canonical_name(name) == wanted


def test_the_old_mitochondrion_is_told_by_its_length() -> None:
    assert canonical_name("chrM", length=16571) == OLD_MITOCHONDRION
    assert canonical_name("chrM", length=16569) == "MT"
    assert canonical_name("chr1", length=16571) == "1"


@given(st.text(max_size=20))
def test_canonical_names_stay(name: str) -> None:
    once = canonical_name(name)
    assert canonical_name(once) == once


@pytest.mark.parametrize("assembly", list(Assembly))
def test_accessions_lead_back(assembly: Assembly) -> None:
    for chrom in CHROMOSOMES:
        accession = refseq_accession(chrom, assembly=assembly)
        assert accession is not None
        assert canonical_name(accession) == chrom
        assert accession_assembly(accession) is (None if chrom == "MT" else assembly)
    assert refseq_accession("GL000191.1", assembly=assembly) is None
    assert refseq_accession(OLD_MITOCHONDRION, assembly=assembly) == OLD_MITOCHONDRION


def test_genbank_versions_are_assemblies() -> None:
    assert accession_assembly("CM000663.1") is Assembly.GRCH37
    assert accession_assembly("CM000663.2") is Assembly.GRCH38
    assert accession_assembly("CM000663") is None
    assert accession_assembly("chr1") is None


def test_only_the_mitochondrion_is_as_long_in_both() -> None:
    same = [c for c in CHROMOSOMES if LENGTHS[Assembly.GRCH37][c] == LENGTHS[Assembly.GRCH38][c]]
    assert same == ["MT"]
    assert LENGTHS[Assembly.GRCH37]["20"] == 63_025_520
    assert LENGTHS[Assembly.GRCH38]["X"] == 156_040_895
