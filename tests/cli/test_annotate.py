"""``genopraxis annotate`` as a user runs it: every format, every kind of bad input."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

pysam = pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from genopraxis.contracts.annotated import ANNOTATED  # noqa: E402
from genopraxis.contracts.haplotype_consequences import HAPLOTYPE_CONSEQUENCES  # noqa: E402
from genopraxis.formats.table_file import read_table, table_metadata  # noqa: E402
from running import Cli  # noqa: E402
from transcripts_for_tests import Small, hand_made  # noqa: E402
from vcf_texts import vcf_text, write_vcf  # noqa: E402

META = (
    "##fileformat=VCFv4.2",
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="count">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="alleles">',
    '##INFO=<ID=REVEL,Number=A,Type=Float,Description="REVEL score">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="depths">',
    "##contig=<ID=1>",
    "##contig=<ID=2>",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return hand_made(tmp_path_factory.mktemp("annotate"))


def codon(small: Small) -> list[str]:
    """Two changes of the second codon, GCT, in phase; and one beside, multi-allelic."""
    base = small.bases
    assert base[113:116] == "GCT"
    return [
        "1 114 rs1 G A 50 PASS AC=1;REVEL=0.25 GT:AD 0|1:5,6",
        "1 115 . C A 50 PASS AC=1 GT:AD 0|1:5,6",
        f"1 120 . {base[119]} {'C' if base[119] != 'C' else 'G'},* . q10 AC=1,1;REVEL=.,. GT 1/2",
    ]


def own_vcf(small: Small, folder: Path, rows: list[str] | None = None, *, packing: str = "bgzip") -> Path:
    text = vcf_text(codon(small) if rows is None else rows, samples=("Anna",), meta=META)
    return write_vcf(folder / "in.vcf.gz", text, packing=packing)


def options(small: Small) -> list[object]:
    folder = small.genome.path.parent
    return ["--fasta", small.genome.path, "--transcripts", folder / "small.gff3", "--assembly", "GRCh38"]


def panel(small: Small, folder: Path) -> Path:
    text = vcf_text(["1 114 . G A . PASS AC=3;AN=100"], meta=META)
    return write_vcf(folder / "panel.vcf", text)


def test_parquet_holds_everything(cli: Cli, small: Small, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    run = cli(
        "annotate", own_vcf(small, tmp_path), "--out", out, *options(small), "--frequencies", panel(small, tmp_path)
    ).done()  # fmt: skip
    table = pl.read_parquet(out)
    assert ANNOTATED.check(table, raise_errors=True)
    assert table_metadata(out)["schema"] == ANNOTATED.schema_id
    assert json.loads(table_metadata(out)["provenance"])["inputs"][0]["name"] == "in.vcf.gz"
    first = table.filter((pl.col("record") == 0) & pl.col("pick")).row(0, named=True)
    assert first["protein_change"] == "p.Ala2Thr"
    assert first["panel_status"] == "found"
    assert first["panel_af"] == pytest.approx(0.03)
    assert first["revel"] == pytest.approx(0.25)
    assert first["Anna.gt"] == "0|1"
    assert table.filter(pl.col("record") == 1)["panel_status"].unique().to_list() == ["not_found"]
    assert table.filter(pl.col("alt") == "*")["panel_status"].unique().to_list() == ["no_key"]
    assert "missense variant" in run.out
    groups = read_table(HAPLOTYPE_CONSEQUENCES, tmp_path / "out.haplotypes.parquet")
    assert groups.row(0, named=True)["protein_change"] == "p.Ala2Asn"
    assert "p.(Ala2Asn)" in run.out
    summary = json.loads((tmp_path / "out.summary.json").read_text())
    assert summary["schema"].startswith("genopraxis.vcf-summary/")
    assert "<script" not in (tmp_path / "out.summary.html").read_text()


@pytest.mark.parametrize("packing", ["plain", "gzip", "bcf"])
def test_every_packing_gives_the_same_table(cli: Cli, small: Small, tmp_path: Path, packing: str) -> None:
    tables = []
    for one in ("bgzip", packing):
        folder = tmp_path / one
        folder.mkdir()
        out = folder / "out.parquet"
        cli(
            "annotate", own_vcf(small, folder, packing=one), "--out", out, *options(small), "--no-summary"
        ).done()
        tables.append(pl.read_parquet(out))
        assert not (folder / "out.summary.html").exists()
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize("suffix", [".vcf", ".vcf.gz"])
def test_vcf_is_the_file_with_more(cli: Cli, small: Small, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    source = own_vcf(small, tmp_path)
    cli("annotate", source, "--out", out, *options(small), "--frequencies", panel(small, tmp_path)).done()
    with pysam.VariantFile(str(source)) as before, pysam.VariantFile(str(out)) as after:
        for one, other in zip(before, after, strict=True):
            assert (one.pos, one.alleles, one.samples[0]["GT"]) == (
                other.pos,
                other.alleles,
                other.samples[0]["GT"],
            )
            assert other.info["panel_status"]
            assert other.info["CSQ"]
    data = out.read_bytes()
    text = (gzip.decompress(data) if suffix.endswith("gz") else data).decode()
    assert "##genopraxis_version=" in text
    assert str(tmp_path) not in text, "no path of the machine in a result"


def test_tsv_can_be_read(cli: Cli, small: Small, tmp_path: Path) -> None:
    out = tmp_path / "out.tsv.gz"
    cli("annotate", own_vcf(small, tmp_path), "--out", out, *options(small)).done()
    table = pl.read_csv(out, separator="\t", comment_prefix="##")
    assert table.columns[:3] == ["#record", "allele", "chrom"]
    assert "missense_variant" in table["consequence"].to_list()


def test_what_was_annotated_can_be_annotated_again(cli: Cli, small: Small, tmp_path: Path) -> None:
    first, second = tmp_path / "a.vcf.gz", tmp_path / "b.parquet"
    cli("annotate", own_vcf(small, tmp_path), "--out", first, *options(small)).done()
    cli("annotate", first, "--out", second).done()
    table = pl.read_parquet(second).filter("pick")
    assert table["consequence_source"].unique().to_list() == ["CSQ"]
    assert table["protein_change"].to_list()[:2] == ["p.Ala2Thr", "p.Ala2Asp"]


def test_names_that_were_built_can_be_used(cli: Cli, small: Small, tmp_path: Path) -> None:
    folder = small.genome.path.parent
    build = ["knowledge", "build"]
    cli(
        *build, "transcripts", "--from", folder / "small.gff3", "--fasta", small.genome.path, "--name", "hand"
    ).done()
    cli(
        *build, "frequencies", "--from", panel(small, tmp_path), "--assembly", "GRCh38", "--name", "mine", "--fasta",
        small.genome.path,
    ).done()  # fmt: skip
    out = tmp_path / "x.parquet"
    cli(
        "annotate", own_vcf(small, tmp_path), "--out", out, "--fasta", small.genome.path, "--transcripts", "hand",
        "--frequencies", "mine", "--assembly", "GRCh38",
    ).done()  # fmt: skip
    assert pl.read_parquet(out)["mine_ac"].drop_nulls().to_list()[0] == 3


def test_an_empty_vcf_is_an_outcome(cli: Cli, small: Small, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    cli("annotate", own_vcf(small, tmp_path, []), "--out", out, *options(small)).done()
    table = pl.read_parquet(out)
    assert ANNOTATED.check(table, raise_errors=True)
    assert table.height == 0
    for suffix in (".vcf", ".tsv"):
        cli(
            "annotate", own_vcf(small, tmp_path, []), "--out", tmp_path / f"out{suffix}", *options(small)
        ).done()


def test_no_input_is_replaced(cli: Cli, small: Small, tmp_path: Path) -> None:
    source, known = own_vcf(small, tmp_path), panel(small, tmp_path)
    more = [*options(small), "--frequencies", known]
    before = known.read_bytes()
    cli("annotate", source, "--out", known, *more).refused("would replace panel.vcf")
    assert known.read_bytes() == before
    page = tmp_path / "x.summary.json"
    page.write_text(known.read_text())
    cli("annotate", source, "--out", tmp_path / "x.vcf", *options(small), "--frequencies", page).refused(
        "would replace"
    )


def test_nothing_of_an_earlier_run_stays_beside(cli: Cli, small: Small, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    cli("annotate", own_vcf(small, tmp_path), "--out", out, *options(small)).done()
    assert (tmp_path / "out.haplotypes.parquet").exists()
    out.chmod(0o600)
    cli("annotate", own_vcf(small, tmp_path, codon(small)[2:]), "--out", out, *options(small)).done()
    assert not (tmp_path / "out.haplotypes.parquet").exists(), "that was of other records"
    assert (tmp_path / "out.summary.json").stat().st_mode & 0o777 == 0o600, "as private as the result"
    cli("annotate", own_vcf(small, tmp_path), "--out", out, *options(small), "--no-summary").done()
    assert not (tmp_path / "out.summary.html").exists()


def test_a_key_that_is_nowhere_is_said(cli: Cli, small: Small, tmp_path: Path) -> None:
    run = cli(
        "annotate", own_vcf(small, tmp_path), "--out", tmp_path / "o.tsv", "--info", "NOPE", "--info", "DP"
    ).done()
    assert "does not define NOPE" in run.err
    assert "does not define DP" not in run.err


def nothing_written(folder: Path) -> None:
    assert [path.name for path in folder.iterdir() if path.name.startswith(("out", ".out"))] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-40], "truncated"),
        (lambda data: b"", "empty"),
        (lambda data: b"\x89PNG\r\n\x1a\n" + data, ""),
    ],
)
def test_damaged_files(cli: Cli, small: Small, tmp_path: Path, change, words: str) -> None:
    source = own_vcf(small, tmp_path)
    source.write_bytes(change(source.read_bytes()))
    cli("annotate", source, "--out", tmp_path / "out.parquet", *options(small)).refused(words)
    nothing_written(tmp_path)


def test_refusals(cli: Cli, small: Small, tmp_path: Path) -> None:
    source, out = own_vcf(small, tmp_path), tmp_path / "out.parquet"
    more = options(small)
    cli("annotate", source, "--out", tmp_path / "out.txt", *more).refused("format", ".parquet")
    cli("annotate", source, "--out", source, *more).refused("would replace")
    cli("annotate", tmp_path / "none.vcf", "--out", out).refused("no such file")
    cli("annotate", source, "--out", out, "--assembly", "hg18").refused("hg18", "GRCh37")
    cli("annotate", source, "--out", out, "--consequences", "own").refused("--transcripts")
    cli("annotate", source, "--out", out, "--consequences", "file").refused("CSQ")
    cli("annotate", source, "--out", out, "--samples", "Bert").refused("Bert", "Anna")
    cli("annotate", source, "--out", out, "--sex", "Anna").refused("SAMPLE=female")
    cli("annotate", source, "--out", out, "--sex", "Bert=female").refused("Bert")
    cli("annotate", source, "--out", out, "--transcripts", "nowhere").refused("nowhere")
    cli("annotate", source, "--out", out, *more, "--frequencies", "nowhere").refused("nowhere")
    cli("annotate", source, "--out", out, "--fasta", tmp_path / "no.fa").refused("no.fa")
    (tmp_path / "file").write_text("x")
    cli("annotate", source, "--out", tmp_path / "file" / "out.parquet", *more).refused("folder")
    nothing_written(tmp_path)


def test_stores_need_an_assembly(cli: Cli, small: Small, tmp_path: Path) -> None:
    cli(
        "annotate", own_vcf(small, tmp_path), "--out", tmp_path / "out.parquet", "--frequencies", panel(small, tmp_path)
    ).refused("--assembly")  # fmt: skip


def test_wrong_genome(cli: Cli, small: Small, tmp_path: Path) -> None:
    other = tmp_path / "other.fa"
    mirrored = small.bases[::-1]
    other.write_text(f">1\n{mirrored}\n>2\n{mirrored}\n")
    run = cli("annotate", own_vcf(small, tmp_path), "--out", tmp_path / "out.vcf.gz", "--fasta", other)
    run.refused("REF differs", "assembly")
    nothing_written(tmp_path)


def test_a_chromosome_that_the_genome_lacks(cli: Cli, small: Small, tmp_path: Path) -> None:
    rows = [*codon(small), "X 5 . A C . . . GT 0/1"]
    source, out = own_vcf(small, tmp_path, rows), tmp_path / "out.parquet"
    cli("annotate", source, "--out", out, *options(small)).refused("X")
    nothing_written(tmp_path)
    cli("annotate", source, "--out", out, *options(small), "--keep-missing-contigs").done()
    assert pl.read_parquet(out).filter(pl.col("chrom") == "X")["flags"].to_list() == [
        ["contig_without_transcripts"]
    ]


def test_repairs_are_counted_and_told(cli: Cli, small: Small, tmp_path: Path) -> None:
    text = vcf_text([row.replace(" G A ", " g a ") for row in codon(small)], samples=("Anna",), meta=META)
    source = write_vcf(tmp_path / "in.vcf", text.replace("\n", "\r\n"))
    out = tmp_path / "out.vcf"
    cli("annotate", source, "--out", out, *options(small)).done()
    summary = json.loads((tmp_path / "out.summary.json").read_text())
    told = {one["code"]: one["n"] for one in summary["repairs"]}
    assert told["crlf"] == text.count("\n")
    assert told["lower_case_allele"] == 1
    assert "\r" not in out.read_text()


def test_a_kill_leaves_nothing_half_written(small: Small, tmp_path: Path) -> None:
    base = small.bases
    rows = [f"1\t{p + 1}\t.\t{base[p]}\t{'A' if base[p] != 'A' else 'C'}\t.\t.\t." for p in range(len(base))]
    text = vcf_text([], meta=META) + "\n".join(rows * 4000) + "\n"
    source = write_vcf(tmp_path / "in.vcf", text)
    out = tmp_path / "out.parquet"
    out.write_bytes(b"what was here")
    command = [sys.executable, "-c", "from genopraxis.cli.main import main; main()", "annotate", str(source)]
    child = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while (
        not any(path.name.startswith(".out") for path in tmp_path.iterdir()) and time.monotonic() < deadline
    ):
        assert child.poll() is None, "it was done before it could be killed"
        time.sleep(0.005)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert out.read_bytes() == b"what was here"
