"""Stores of frequencies: what the source says is found, in whatever form the variant is written."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytest.importorskip("numba")
pytest.importorskip("pysam")

from sources_for_tests import asked, built, info, refusal, vcf

from genopraxis.formats.contig_names import Assembly
from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.frequency_view import filtering_af

AC_AN = info("AC", "AN:1", "nhomalt", "AC_afr", "AN_afr:1")


def test_what_the_source_says_is_found(tmp_path: Path) -> None:
    path = vcf(tmp_path / "gnomad.vcf", AC_AN, [
        "chr1 100 A C,G AC=3,5;AN=1000;nhomalt=0,1;AC_afr=2,4;AN_afr=100",
        "chr1 200 . T TA . AC0;RF AC=0;AN=900;AC_afr=0;AN_afr=0",
        "chrX 300 G <DEL> AC=1;AN=2", "chrX 300 G * AC=1;AN=2",
    ])  # fmt: skip
    store = built("frequencies", tmp_path / "s", path)
    assert (store.name, store.card.assembly, store.card.variants) == ("gnomad", "GRCh38", 3)
    found = store.find(
        asked(("1", 100, "A", "C"), ("1", 100, "A", "G"), ("1", 200, "T", "TA"), ("1", 5, "A", "G"))
    )
    assert found["status"].to_list() == ["found", "found", "found", "not_found"]
    assert found.select("ac", "an", "hom", "filter").rows() == [
        (3, 1000, 0, "PASS"), (5, 1000, 1, "PASS"), (0, 900, None, "AC0;RF"), (None, None, None, None),
    ]  # fmt: skip
    assert found["max_af"].to_list() == [pytest.approx(0.02), pytest.approx(0.04), 0.0, None]
    assert found["faf95"][1] == pytest.approx(filtering_af(np.array([4]), np.array([100]))[0])
    assert dict(store.schema) == dict(found.schema)
    groups = store.find(asked(("1", 100, "A", "G")), columns=["ac_afr", "af"])
    assert groups.columns == ["status", "ac_afr", "af"]
    assert groups["ac_afr"].to_list() == [4]
    assert store.card.left_out == {"spanning_deletion": 1, "symbolic_allele": 1}
    assert any("computed of group(s) afr" in note for note in store.card.notes)


def test_normalised_with_the_genome(tmp_path: Path) -> None:
    (tmp_path / "g.fa").write_text(">chr1\nGGCTTTTTACG\n")
    path = vcf(tmp_path / "v.vcf", AC_AN, ["chr1 7 TT T AC=4;AN=10", "chr1 10 C G AC=1;AN=10"])
    moved = built("frequencies", tmp_path / "a", path, genome=Genome(tmp_path / "g.fa"))
    assert moved.card.normalised == "with the genome"
    assert moved.find(asked(("1", 3, "CT", "C")))["ac"].to_list() == [4]
    stays = built("frequencies", tmp_path / "b", path)
    assert stays.card.normalised == "without a genome"
    assert stays.find(asked(("1", 3, "CT", "C"), ("1", 7, "TT", "T")))["ac"].to_list() == [None, 4]


def test_a_wrong_genome_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g.fa").write_text(">chr1\nAAAAAAAAAAAA\n")
    path = vcf(tmp_path / "v.vcf", AC_AN, [f"chr1 {n} C G AC=1;AN=10" for n in range(1, 8)])
    message = refusal("frequencies", tmp_path, path, genome=Genome(tmp_path / "g.fa"))
    assert "REF differs from the genome" in message


def test_hemizygotes_of_males(tmp_path: Path) -> None:
    rows = ["chrX 5000000 A C AC=9;AN=90;AC_XY=4;non_par", "chrX 100000 A C AC=9;AN=90;AC_XY=4"]
    path = vcf(tmp_path / "v.vcf", info("AC", "AN:1", "AC_XY", "non_par:0:Flag"), rows)
    variants = asked(("X", 5_000_000, "A", "C"), ("X", 100_000, "A", "C"))
    assert built("frequencies", tmp_path / "s", path).find(variants)["hemi"].to_list() == [4, 0]
    # without the flag the place tells it
    path = vcf(tmp_path / "w.vcf", info("AC", "AN:1", "AC_XY"), rows)
    assert built("frequencies", tmp_path / "t", path).find(variants)["hemi"].to_list() == [4, 0]


def test_counts_of_several_files_add_up(tmp_path: Path) -> None:
    meta = [*AC_AN, *info("faf95_popmax::Float")]
    one = vcf(tmp_path / "exomes.vcf", meta, [
        "chr1 100 A C AC=3;AN=1000;AC_afr=2;AN_afr=100;faf95_popmax=0.5", "chr1 100 A C AC=7;AN=7",
        "chr1 90 A C AC=1;AN=1000;faf95_popmax=0.25",
    ])  # fmt: skip
    two = vcf(tmp_path / "genomes.vcf", meta, ["chr1 100 A C AC=4;AN=500;nhomalt=1;faf95_popmax=0.5"])
    store = built("frequencies", tmp_path / "s", one, two)
    found = store.find(asked(("1", 100, "A", "C"), ("1", 90, "A", "C")))
    assert found.select("ac", "an", "hom").rows() == [(7, 1500, 1), (1, 1000, None)]
    # what was stated of one file's samples does not hold of all of them
    assert found["faf95"][0] == pytest.approx(filtering_af(np.array([2]), np.array([100]))[0])
    assert found["faf95"][1] == 0.25
    # one was in a file twice, one was added to that of another file
    assert (store.card.left_out, store.card.added_up) == ({"repeated": 1}, 1)
    assert any("in more than one file" in note for note in store.card.notes)


def test_impossible_values_are_counted(tmp_path: Path) -> None:
    path = vcf(tmp_path / "v.vcf", AC_AN, [
        "chr1 1 A C AC=11;AN=10", "chr1 2 A C AC=x;AN=10", "chr1 3 A C AC=1;AN=10;AC_afr=9;AN_afr=5",
        "chr1 4 A C AC=-1;AN=10;AC_afr=NaN", "chr1 5 A C .", "chr1 6 A C AC=99999999999;AN=1",
    ])  # fmt: skip
    store = built("frequencies", tmp_path / "s", path)
    found = store.find(asked(*[("1", n, "A", "C") for n in range(1, 7)]), columns=["ac", "ac_afr"])
    assert found["ac"].to_list() == [None, None, 1, None, None, None]
    assert found["ac_afr"].to_list() == [None] * 6
    assert store.card.left_out == {"ac_above_an": 1, "no_count": 4}
    told = " ".join(store.card.notes)
    assert "1 value(s) of AC are no number" in told
    assert "AC above AN of afr" in told
    assert "2 impossible value(s) of AC" in told


def test_fields_that_the_header_does_not_define_are_read(tmp_path: Path) -> None:
    path = vcf(tmp_path / "s.vcf", [], ["chr1 100 A C,G AC=3,4;AN=10", "chr1 200 A C AC=5;AN=10"])
    store = built("frequencies", tmp_path / "s", path)
    found = store.find(asked(("1", 100, "A", "G"), ("1", 200, "A", "C")))
    assert found.select("ac", "an").rows() == [(4, 10), (5, 10)]
    assert "the header does not define AC, AN: read as the records have them" in store.card.notes


def test_the_middle_east_counts_where_the_source_counts_it(tmp_path: Path) -> None:
    """As in gnomAD's genomes (left aside), its exomes (not), and both together (not)."""
    meta = info("AC", "AN:1", "AC_afr", "AN_afr:1", "AC_mid", "AN_mid:1")
    row = "AC=9;AN=1000;AC_afr=1;AN_afr=100;AC_mid=8;AN_mid=100"
    genomes = vcf(
        tmp_path / "genomes.vcf", [*meta, *info("faf95_afr::Float")], [f"chr1 100 A C {row};faf95_afr=0.1"]
    )
    exomes = vcf(
        tmp_path / "exomes.vcf", [*meta, *info("faf95_mid::Float")], [f"chr1 100 A C {row};faf95_mid=0.1"]
    )
    for files, group in (([genomes], "afr"), ([exomes], "mid"), ([genomes, exomes], "mid")):
        store = built("frequencies", tmp_path / "s", *files)
        found = store.find(asked(("1", 100, "A", "C")))
        assert found["max_af_group"].to_list() == [group]
        assert found["faf95_group"].to_list() == ["mid" if group == "mid" else None]
        assert store.card.maxima == (("afr", "mid") if group == "mid" else ("afr",))


def test_regions_that_were_covered(tmp_path: Path) -> None:
    path = vcf(tmp_path / "v.vcf", AC_AN, ["chr1 100 A C AC=3;AN=1000"])
    bed = tmp_path / "c.bed.gz"
    bed.write_bytes(gzip.compress(b"track x\nchr1\t49\t100\textra\n\nchr1\t150\t160\n"))
    store = built("frequencies", tmp_path / "s", path, covered=bed)
    found = store.find(asked(("1", 50, "A", "C"), ("1", 49, "A", "C"), ("1", 101, "A", "C")))
    assert found["status"].to_list() == ["not_found", "not_covered", "not_covered"]
    assert store.card.covered == "stated"
    (tmp_path / "bad.bed").write_text("chr1\t10\n")
    assert "line 1: is no region" in refusal("frequencies", tmp_path, path, covered=tmp_path / "bad.bed")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"nonsense\n", "names no columns"),
        (b"##fileformat=VCFv4.2\n", "#CHROM"),
        (b"a\tb\tc\td\n1\t2\t3\t4\n", "no column for chrom, pos, ref, alt"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, body: bytes, words: str) -> None:
    (tmp_path / "f.vcf").write_bytes(body)
    assert words in refusal("frequencies", tmp_path, tmp_path / "f.vcf")


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = vcf(tmp_path / "v.vcf", AC_AN, [f"chr1 {n} A C AC=3;AN=1000" for n in range(1, 20_000)])
    whole = gzip.compress(path.read_bytes())
    (tmp_path / "cut.vcf.gz").write_bytes(whole[: len(whole) // 2])
    assert "truncated" in refusal("frequencies", tmp_path, tmp_path / "cut.vcf.gz")


def test_an_empty_gzip_file_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "e.vcf.gz"
    path.write_bytes(gzip.compress(b""))
    assert "the file is empty" in refusal("frequencies", tmp_path, path)


def test_assemblies_may_not_be_mixed(tmp_path: Path) -> None:
    path = vcf(tmp_path / "v.vcf", AC_AN, ["chr1 100 A C AC=3;AN=1000"])
    assert "GRCh38 by the header and GRCh37" in refusal(
        "frequencies", tmp_path, path, assembly=Assembly.GRCH37
    )
    bare = vcf(tmp_path / "bare.vcf", AC_AN, ["chr1 100 A C AC=3;AN=1000"], contigs=())
    assert "--assembly" in refusal("frequencies", tmp_path, bare)
    assert built("frequencies", tmp_path / "s", bare, assembly=Assembly.GRCH37).card.assembly == "GRCh37"
    named = vcf(tmp_path / "v_hg19.vcf", AC_AN, ["chr1 100 A C AC=3;AN=1000"], contigs=())
    assert "from the name" in " ".join(built("frequencies", tmp_path / "t", named).card.notes)
    assert "is on GRCh37, v.vcf on GRCh38" in refusal("frequencies", tmp_path, path, named)
    # chromosome 1 of GRCh38 has 248,956,422 bases
    far = vcf(
        tmp_path / "far.vcf", AC_AN, ["chr1 249000000 A C AC=3;AN=1000"], contigs=("##reference=GRCh38",)
    )
    assert "beyond the end" in refusal("frequencies", tmp_path, far)


def test_groups_without_counts(tmp_path: Path) -> None:
    """As in 1000 Genomes: the largest frequency is of a group, the filtering one of all samples."""
    path = vcf(
        tmp_path / "ALL.1000G.vcf", [*info("AC", "AN:1"), *info("EAS_AF", kind="Float")],
        ["chr1 100 A C,G AC=5,9;AN=5008;EAS_AF=0.004,0.5"],
    )  # fmt: skip
    store = built("frequencies", tmp_path / "s", path)
    found = store.find(asked(("1", 100, "A", "C")))
    assert store.name == "thousand_genomes"
    assert found["max_af"].to_list() == [pytest.approx(0.004)]
    assert found["faf95"][0] == pytest.approx(filtering_af(np.array([5]), np.array([5008]))[0])
    assert any("computed of all samples" in note for note in store.card.notes)


def test_no_counts(tmp_path: Path) -> None:
    path = vcf(tmp_path / "v.vcf", info("DP"), ["chr1 100 A C DP=3"])
    assert "has no allele counts" in refusal("frequencies", tmp_path, path)
    path = vcf(tmp_path / "w.vcf", AC_AN, ["chr1 100 A C DP=3"])
    assert "no variant that can be kept (left out: 1 × no_count)" in refusal("frequencies", tmp_path, path)


def test_a_real_table_needs_no_configuration(rare_data: Path, tmp_path: Path) -> None:
    path = rare_data.parent / "annot" / "gnomad_r2.0.1_acmg_cardiac_genes_by_ancestry_b37.parquet"
    if not path.is_file():
        pytest.skip("the file is not here")
    store = built("frequencies", tmp_path / "s", path)
    assert (store.card.assembly, store.card.variants, store.card.left_out) == ("GRCh37", 115_496, {})
    table = pl.read_parquet(path)
    names = {"chrom": "Chrom", "pos": "Position", "ref": "Reference", "alt": "Alternate"}
    variants = table.select(pl.col(old).alias(new) for new, old in names.items())
    found = store.find(variants, columns=["ac", "an_nfe", "hom_afr", "af"])
    assert (found["status"] == "found").all()
    assert found["ac"].equals(table["Allele Count"], check_names=False)
    assert found["an_nfe"].equals(table["Allele Number European (Non-Finnish)"], check_names=False)
    assert found["hom_afr"].equals(table["Homozygote Count African"], check_names=False)
