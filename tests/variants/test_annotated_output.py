"""Annotated batches as a table and as VCF: nothing of a record is lost, and what was found stands beside it."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("numba")
pysam = pytest.importorskip("pysam")
pytest.importorskip("isal")

from genopraxis.contracts.annotated import ANNOTATED  # noqa: E402
from genopraxis.contracts.consequences import CONSEQUENCES  # noqa: E402
from genopraxis.formats.vcf_annotations import annotation_fields  # noqa: E402
from genopraxis.formats.vcf_genotypes import genotypes  # noqa: E402
from genopraxis.formats.vcf_reader import VcfReader  # noqa: E402
from genopraxis.knowledge.variant_store import STATUS  # noqa: E402
from genopraxis.variants.annotate import with_pick  # noqa: E402
from genopraxis.variants.annotated import AnnotatedBatch  # noqa: E402
from genopraxis.variants.annotated_table import TableLayout  # noqa: E402
from genopraxis.variants.annotated_vcf import VcfOutput  # noqa: E402
from genopraxis.variants.consequence_table import consequence_table  # noqa: E402
from genopraxis.variants.csq_text import FIELDS, TranscriptWords  # noqa: E402
from genopraxis.variants.file_consequences import file_consequences  # noqa: E402
from genopraxis.variants.normalise import normalise  # noqa: E402
from transcripts_for_tests import Small, hand_made  # noqa: E402
from vcf_texts import vcf_text, write_vcf  # noqa: E402

META = (
    "##fileformat=VCFv4.2",
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="depths">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">',
    "##contig=<ID=1>",
    "##contig=<ID=2>",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return hand_made(tmp_path_factory.mktemp("small"))


def rows(small: Small) -> list[str]:
    base = small.bases

    def other(place: int) -> str:
        return "C" if base[place] != "C" else "T"

    two = [one for one in "ACGT" if one != base[114]][:2]
    return [
        f"1 50 rs1 {base[49]} {other(49)} 50 PASS DP=3 GT:AD:DP 0/1:3,4:7 ./.:.:.",
        f"1 115 . {base[114]} {two[0]},{two[1]} . . . GT:AD:DP 1/2:0,3,4:7 0|1:5,5,0:10",
        f"1 116 . {base[115]} * . . DP=9 GT 0/1 0/0",
        f"1 120 x {base[119:122]} {base[119]} . q10 DP=1 GT 1/1 0/1",
        f"2 60 . {reverse(small)[59]} <DEL> . . SVTYPE=DEL GT 0/1 .",
    ]


def reverse(small: Small) -> str:
    return small.genome.fetch("2", 0, small.genome.contigs["2"]).decode()


def annotated(small: Small, folder: Path, *, known: bool = True) -> tuple[AnnotatedBatch, VcfReader]:
    path = write_vcf(folder / "x.vcf", vcf_text(rows(small), samples=("A", "B"), meta=META))
    with VcfReader(path) as reader:
        (batch,) = list(reader)
    alleles, counts = normalise(batch, genome=small.genome)
    found = small.annotator.consequences(alleles)
    store = pl.DataFrame(
        {
            "status": pl.Series(["found", "not_found", "not_covered", "no_key", "found", "no_key"], dtype=STATUS),
            "af": pl.Series([0.25, None, None, None, 0.5, None], dtype=pl.Float32),
            "note": pl.Series(["a;b=c", None, None, None, "d|e, f", None]),
        }
    )  # fmt: skip
    return (
        AnnotatedBatch(
            batch=batch,
            alleles=alleles,
            consequences=with_pick(consequence_table(found), len(alleles)),
            source="genopraxis",
            found=found,
            known={"panel": store} if known else {},
            scores=pl.DataFrame(
                {"cadd_phred": pl.Series([None, 3.5, 4.5, None, 1.0, None], dtype=pl.Float32)}
            ),
            genotypes=genotypes(batch)[0],
            counts=counts,
        ),
        reader,
    )


def layout(one: AnnotatedBatch, samples: tuple[str, ...] = ("A", "B")) -> TableLayout:
    return TableLayout(
        samples=samples,
        known={name: dict(frame.schema) for name, frame in one.known.items()},
        scores=dict(one.scores.schema),
    )


def test_table_has_a_row_per_allele_and_transcript(small: Small, tmp_path: Path) -> None:
    one, _ = annotated(small, tmp_path)
    table = layout(one).table(one)
    assert ANNOTATED.check(table, raise_errors=True)
    assert dict(table.schema) == layout(one).schema
    assert table.height == len(one.consequences)
    assert table["pick"].sum() == one.alleles.height
    second = table.filter((pl.col("record") == 1) & (pl.col("allele") == 2))
    assert second["A.gt"].to_list() == ["2/1"] * second.height
    assert second["A.alt_depth"].to_list() == [4] * second.height
    assert second["B.dosage"].to_list() == [0] * second.height
    assert second["panel_status"].to_list() == ["not_covered"] * second.height
    assert table.filter(pl.col("record") == 0)["B.gt"].null_count() == 1, (
        "not called is missing, not reference"
    )
    assert table.filter(pl.col("record") == 0)["panel_af"].to_list() == [0.25]


def test_many_samples_are_counted(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genopraxis.variants.annotated_table.SAMPLE_LIMIT", 1)
    one, _ = annotated(small, tmp_path)
    table = layout(one).table(one).filter("pick")
    of = table.select("record", "allele", "samples_called", "samples_het", "samples_hom", "copies").rows()
    assert of == [
        (0, 1, 1, 1, 0, 1),
        (1, 1, 2, 2, 0, 2),
        (1, 2, 2, 1, 0, 1),
        (2, 1, 2, 1, 0, 1),
        (3, 1, 2, 1, 1, 3),
        (4, 1, 1, 1, 0, 1),
    ]


def test_without_consequences_the_columns_are_there(small: Small, tmp_path: Path) -> None:
    one, _ = annotated(small, tmp_path)
    bare = AnnotatedBatch(batch=one.batch, alleles=one.alleles)
    plain = TableLayout(samples=(), known={}, scores={})
    table = plain.table(bare)
    assert ANNOTATED.check(table, raise_errors=True)
    assert table["consequence"].null_count() == table.height == one.alleles.height


def written(small: Small, folder: Path) -> tuple[AnnotatedBatch, Path, VcfOutput]:
    one, reader = annotated(small, folder)
    output = VcfOutput(
        header=reader.header,
        layout=layout(one),
        words=TranscriptWords.of(small.set),
        provenance=("made=by hand",),
    )
    path = folder / "out.vcf"
    path.write_bytes(output.head() + output.lines(one))
    return one, path, output


def test_vcf_keeps_every_record(small: Small, tmp_path: Path) -> None:
    _, path, _ = written(small, tmp_path)
    before = [line.split("\t") for line in (tmp_path / "x.vcf").read_text().splitlines() if line[0] != "#"]
    after = [line.split("\t") for line in path.read_text().splitlines() if line[0] != "#"]
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        assert one[:7] + one[8:] == other[:7] + other[8:]
        assert other[7].startswith("" if one[7] == "." else one[7])
    assert "##made=by hand" in path.read_text()


def test_vcf_is_one_that_htslib_reads(small: Small, tmp_path: Path) -> None:
    one, path, _ = written(small, tmp_path)
    with pysam.VariantFile(str(path)) as file:
        records = list(file)
    assert [record.info["panel_status"] for record in records] == [
        ("found",), ("not_found", "not_covered"), ("no_key",), ("found",), ("no_key",),
    ]  # fmt: skip
    assert records[0].info["panel_af"] == pytest.approx((0.25,))
    assert records[0].info["panel_note"] == ("a%3Bb%3Dc",)
    assert "panel_af" not in records[1].info
    assert records[1].alts is not None
    assert sum(len(record.alts or ()) for record in records) == one.alleles.height


def test_our_csq_reads_back_as_what_was_told(small: Small, tmp_path: Path) -> None:
    one, path, _ = written(small, tmp_path)
    with VcfReader(path) as reader:
        (batch,) = list(reader)
        (field,) = annotation_fields({key: info.description for key, info in reader.header.info.items()})
    assert field.fields == FIELDS
    alleles, _ = normalise(batch, genome=small.genome)
    read, repairs = file_consequences(batch, alleles, field)
    assert not repairs
    told = one.consequences
    assert told is not None
    not_said = {"nmd_rule", "nmd_escape", "protein_id", "last_exon", "splice_distance", "flags"}
    for column in CONSEQUENCES.schema.keys() - not_said:
        assert read[column].to_list() == told[column].to_list(), column
    escapes = told["nmd_escape"].fill_null(value=False)
    assert escapes.any()
    assert read["nmd_escape"].fill_null(value=False).to_list() == escapes.to_list()


def test_a_key_that_the_file_has_is_left_alone(small: Small, tmp_path: Path) -> None:
    meta = (*META, '##INFO=<ID=CSQ,Number=.,Type=String,Description="Theirs. Format: Allele|Consequence">')
    path = write_vcf(tmp_path / "y.vcf", vcf_text([f"1 50 . {small.bases[49]} N . . CSQ=x|y"], meta=meta))
    with VcfReader(path) as reader:
        output = VcfOutput(
            header=reader.header,
            layout=TableLayout(samples=(), known={}, scores={}),
            words=TranscriptWords.of(small.set),
            provenance=(),
        )
        (batch,) = list(reader)
    alleles, _ = normalise(batch, genome=small.genome)
    found = small.annotator.consequences(alleles)
    one = AnnotatedBatch(
        batch=batch, alleles=alleles, consequences=with_pick(consequence_table(found), 1), found=found
    )
    text = bytes(output.lines(one)).decode()
    assert ";GPX_CSQ=" in text
    assert "\tCSQ=x|y;" in text
    assert b"ID=GPX_CSQ," in output.head()
    assert gzip.compress(output.head())  # it is bytes
