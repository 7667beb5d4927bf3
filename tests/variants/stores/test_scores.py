"""Stores of scores: the files of well-known programs, and any other with numbers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")
pytest.importorskip("pysam")

from sources_for_tests import asked, built, info, refusal, vcf

from genopraxis.formats.contig_names import Assembly


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_cadd(tmp_path: Path) -> None:
    text = "## CADD GRCh38-v1.7 (c) University\n#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED\n1\t10\tA\tC\t0.5\t10.25\n"
    path = tmp_path / "cadd.tsv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    store = built("scores", tmp_path / "s", path)
    assert (store.name, store.card.assembly) == ("cadd", "GRCh38")
    found = store.find(asked(("1", 10, "A", "C"), ("1", 10, "A", "G"), ("2", 1, "A", "C")))
    assert found.rows() == [("found", 0.5, 10.25), ("not_found", None, None), ("not_covered", None, None)]


REVEL = (
    "chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid\n"
    "1,10,20,A,C,M,L,0.25,x\n1,11,.,A,C,M,V,0.5,y\n1,10,20,A,C,M,I,0.75,z\n"
)


def test_revel_on_either_assembly(tmp_path: Path) -> None:
    path = write(tmp_path / "revel.csv", REVEL)
    assert "--assembly" in refusal("scores", tmp_path, path)
    store = built("scores", tmp_path / "a", path, assembly=Assembly.GRCH38)
    assert store.name == "revel"
    assert store.card.left_out == {"no_position": 1, "other_score_of_the_variant": 1}
    assert store.find(asked(("1", 20, "A", "C")))["score"].to_list() == [0.75]
    store = built("scores", tmp_path / "b", path, assembly=Assembly.GRCH37, keep="min")
    assert store.find(asked(("1", 10, "A", "C"), ("1", 11, "A", "C")))["score"].to_list() == [0.25, 0.5]
    assert any("the smallest counts" in note for note in store.card.notes)


def test_alphamissense(tmp_path: Path) -> None:
    path = write(
        tmp_path / "am.tsv",
        "# Copyright, a, b, c, d, e\n# Licence\n"
        "#CHROM\tPOS\tREF\tALT\tgenome\tuniprot_id\ttranscript_id\tprotein_variant\t"
        "am_pathogenicity\tam_class\nchr1\t69094\tG\tT\thg38\tQ8NH21\tENST1\tV2L\t0.2937\tlikely_benign\n",
    )
    store = built("scores", tmp_path / "s", path)
    assert (store.name, store.card.assembly) == ("alphamissense", "GRCh38")
    assert store.find(asked(("1", 69094, "G", "T")))["score"].to_list() == [pytest.approx(0.2937)]


def test_spliceai(tmp_path: Path) -> None:
    meta = ["##reference=GRCh37", '##INFO=<ID=SpliceAI,Number=.,Type=String,Description="x">']
    path = vcf(tmp_path / "s.vcf", meta, [
        "1 10 A C,GG SpliceAI=C|G1|0.00|0.10|0.20|0.05|1|2|3|4,C|G2|0.3|0|0|0|1|1|1|1,GG|G1|0.01|.|0|0|1|2|3|4",
        "1 20 A C SpliceAI=.",
    ], contigs=())  # fmt: skip
    store = built("scores", tmp_path / "s", path)
    assert store.name == "spliceai"
    assert store.find(asked(("1", 10, "A", "C"), ("1", 10, "A", "GG")))["max_delta"].to_list() == [
        pytest.approx(0.3), pytest.approx(0.01),
    ]  # fmt: skip
    assert store.card.left_out == {"no_score": 1}


def test_dbnsfp_lists(tmp_path: Path) -> None:
    path = write(
        tmp_path / "dbNSFP.tsv",
        "#chr\tpos(1-based)\tref\talt\thg19_chr\thg19_pos(1-based)\tVEST4_score\tSIFT_score\n"
        "1\t20\tA\tC\t1\t10\t.;0.25;0.75;\t0.1;0.2\n1\t21\tA\tC\t.\t.\t.;.\tbad\n",
    )
    store = built("scores", tmp_path / "s", path, columns=["VEST4_score", "sift_score"])
    assert store.card.assembly == "GRCh38"
    assert store.find(asked(("1", 20, "A", "C"))).rows() == [("found", 0.75, pytest.approx(0.2))]
    told = " ".join(store.card.notes)
    assert "a low score is the worse one" in told
    assert "1 value(s) of SIFT_score are no number" in told
    assert store.card.left_out == {"no_score": 1}
    old = built("scores", tmp_path / "t", path, columns=["VEST4_score"], assembly=Assembly.GRCH37)
    assert old.find(asked(("1", 10, "A", "C")))["vest4_score"].to_list() == [0.75]


def test_numbers_of_any_vcf(tmp_path: Path) -> None:
    meta = info("MyScore::Float", "DP:1", "Word:1:String")
    path = vcf(tmp_path / "mine.vcf", meta, ["chr1 10 A C,G MyScore=0.5,1e-3;DP=4;Word=x"])
    store = built("scores", tmp_path / "s", path)
    assert store.name == "mine"
    assert store.schema.keys() == {"status", "myscore"}
    assert store.find(asked(("1", 10, "A", "G")))["myscore"].to_list() == [pytest.approx(1e-3)]
    assert "has no Other" in refusal("scores", tmp_path, path, columns=["Other"])
    none = vcf(tmp_path / "none.vcf", info("DP:1"), ["chr1 10 A C DP=4"])
    assert "--column" in refusal("scores", tmp_path, none)


def test_a_table_of_doubtful_form(tmp_path: Path) -> None:
    """Windows line ends, quotation marks, rows too short or too long, bytes that are not UTF-8, no alleles."""
    path = tmp_path / "odd_b37.tsv"
    path.write_bytes(
        b'chrom\tpos\tref\talt\tscore\tname\r\nchr1\t10\tA\tC\t0.5\t"a\r\n1\t11\tA\tC\t\xff\r\n1\t12\r\n'
        b"1\t13\tA\tC\t2\tb\textra\r\n1\tx\tA\tC\t2\tb\r\n1\t14\t-\tC\t2\tb\r\n1\t15\tA\tC\tNaN\tb\r\n1\t16\ta\tg\t3\tb"
    )
    store = built("scores", tmp_path / "s", path, columns=["score"])
    found = store.find(asked(*[("1", n, "A", "C") for n in (10, 11, 13, 15)], ("1", 16, "A", "G")))
    assert found["score"].to_list() == [0.5, None, 2.0, None, 3.0]
    assert store.card.left_out == {"no_position": 1, "no_score": 2, "no_sequence": 2}


def test_too_many_numbers(tmp_path: Path) -> None:
    names = [f"s{n}" for n in range(50)]
    path = write(
        tmp_path / "wide_b38.tsv",
        "\t".join(["chrom", "pos", "ref", "alt", *names])
        + "\n"
        + "\t".join(["1", "5", "A", "C", *["0.5"] * 50])
        + "\n",
    )
    assert "50 fields with numbers" in refusal("scores", tmp_path, path)
    assert built("scores", tmp_path / "s", path, columns=["s3"]).schema.keys() == {"status", "s3"}


ROW = st.tuples(
    st.sampled_from(["1", "chrX", "MT"]), st.integers(1, 16_000), st.text("ACGT", min_size=1, max_size=3),
    st.text("ACGT", min_size=1, max_size=14), st.one_of(st.none(), st.floats(-1e6, 1e6, width=32)),
)  # fmt: skip


@given(rows=st.lists(ROW, min_size=1, max_size=25), comma=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_a_table_and_the_vcf_of_it_say_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, int, str, str, float | None]],
    comma: bool,
) -> None:
    folder = tmp_path_factory.mktemp("both")
    between = "," if comma else "\t"
    rows = [("1", 1, "A", "C", 1.0), *rows]
    lines = [between.join(map(str, ("" if one is None else one for one in row))) for row in rows]
    header = between.join(("chr", "pos", "ref", "alt", "score"))
    table = write(folder / "t_b38.txt", "\n".join((header, *lines)) + "\n")
    records = [f"{c} {p} {r} {a} score={'.' if s is None else s}" for c, p, r, a, s in rows]
    same = vcf(folder / "v.vcf", ["##reference=hg38", *info("score::Float")], records, contigs=())
    one = built("scores", folder / "a", table, columns=["score"])
    two = built("scores", folder / "b", same)
    questions = asked(*[(c.removeprefix("chr"), p, r, a) for c, p, r, a, _ in rows])
    assert one.find(questions).equals(two.find(questions))
    assert one.card.variants == two.card.variants
