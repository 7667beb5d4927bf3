"""``genopraxis knowledge build frequencies|clinvar|scores|transcripts`` as a user sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("numba")
pytest.importorskip("pysam")

from genopraxis.knowledge.places import data_folder
from genopraxis.knowledge.variant_store import open_store
from running import Cli

VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=1,length=249250621>\n"
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="x">\n##INFO=<ID=AN,Number=1,Type=Integer,Description="x">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t10\t.\tA\tC\t.\tPASS\tAC=1;AN=9\n1\t11\t.\tA\t<DEL>\t.\tPASS\tAC=1;AN=9\n"
)
GFF = (
    "##gff-version 3\n1\tt\ttranscript\t1\t50\t.\t+\t.\tID=transcript:ENST1;transcript_id=ENST1;biotype=lncRNA\n"
    "1\tt\texon\t1\t50\t.\t+\t.\tParent=transcript:ENST1\n"
)


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "data"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "gnomad.vcf"
    path.write_text(VCF)
    return path


def test_frequencies(cli: Cli, source: Path) -> None:
    ran = cli(
        "knowledge", "build", "frequencies", "--from", source, "--licence", "CC0-1.0", "--release", "4.1"
    ).done()
    assert "left out of its source: 1 × symbolic allele" in ran.err
    assert "1 variants on GRCh37" in ran.err
    assert "use them with --frequencies gnomad" in ran.err
    card = open_store(data_folder() / "stores" / "gnomad").card
    assert (card.releases[0].licence, card.releases[0].version) == ("CC0-1.0", "4.1")
    status = cli("knowledge", "status").done()
    assert "--frequencies" in status.out
    assert "has the checksum" in cli("knowledge", "status", "--verify").done().err
    column = data_folder() / "stores" / "gnomad" / "column.ac.npy"
    data = column.read_bytes()
    column.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "column.ac.npy" not in cli("knowledge", "status").done().err
    assert "column.ac.npy: not of the SHA-256" in cli("knowledge", "status", "--verify").done().err
    column.write_bytes(data[:-1])
    assert "column.ac.npy: not of the size" in cli("knowledge", "status").done().err
    (data_folder() / "stores" / "gnomad" / "store.json").write_text("{")
    assert "its card cannot be read" in cli("knowledge", "status").done().err


def test_several_files(cli: Cli, source: Path, tmp_path: Path) -> None:
    """As a shell expands ``--from *.vcf``, and as the option is given again."""
    for number in (1, 2):
        (tmp_path / f"{number}.vcf").write_text(
            VCF.replace("##fileformat=VCFv4.2\n", f"##fileformat=VCFv4.2\n##part={number}\n")
        )
    others = [tmp_path / "1.vcf", tmp_path / "2.vcf"]
    cli("knowledge", "build", "frequencies", "--from", source, *others, "--name", "a").done()
    again = [word for path in (source, *others) for word in ("--from", path)]
    cli("knowledge", "build", "frequencies", *again, "--name", "b").done()
    for name in ("a", "b"):
        card = open_store(data_folder() / "stores" / name).card
        assert len(card.inputs) == 3
        assert (card.added_up, "repeated" in card.left_out) == (2, False)


def test_a_file_given_twice_would_count_twice(cli: Cli, source: Path, tmp_path: Path) -> None:
    ran = cli("knowledge", "build", "frequencies", "--from", source, source)
    assert (ran.code, "is given twice" in ran.err) == (2, True)
    (tmp_path / "copy.vcf").write_text(VCF)
    ran = cli("knowledge", "build", "frequencies", "--from", source, tmp_path / "copy.vcf")
    assert (ran.code, "holds the same as gnomad.vcf" in ran.err) == (2, True)


def test_scores_with_names_and_places(cli: Cli, source: Path, tmp_path: Path) -> None:
    cli(
        "knowledge",
        "build",
        "scores",
        "--from",
        source,
        "--column",
        "AC",
        "--out",
        tmp_path / "o",
        "--name",
        "x",
    ).done()
    store = open_store(tmp_path / "o")
    assert (store.name, tuple(store.schema)) == ("x", ("status", "ac"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    cli(
        "knowledge", "build", "scores", "--from", source, "--column", "AC", "--out", tmp_path / "full"
    ).refused("other things")
    assert (tmp_path / "full" / "thesis.txt").is_file()
    cli("knowledge", "build", "scores", "--from", source, "--name", "../x").refused("cannot be a name")
    cli("knowledge", "build", "scores", "--from", source, "--keep", "mean").refused("max, min and first")
    cli("knowledge", "build", "scores", "--from", source, "--assembly", "hg18").refused("GRCh37")
    cli("knowledge", "build", "clinvar", "--from", source).refused("CLNSIG")
    cli("knowledge", "build", "clinvar", "--from", tmp_path / "no.vcf").refused("no such file")


def test_transcripts(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.GRCh38.gff3").write_text(GFF)
    ran = cli("knowledge", "build", "transcripts", "--from", tmp_path / "a.GRCh38.gff3").done()
    assert "1 transcripts on GRCh38; use them with --transcripts a.GRCh38" in ran.err
    assert "--transcripts" in cli("knowledge", "status").done().out
    start = data_folder() / "transcripts" / "a.GRCh38" / "start.npy"
    data = start.read_bytes()
    start.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "start.npy" not in cli("knowledge", "status").done().err
    assert "start.npy is damaged" in cli("knowledge", "status", "--verify").done().err
    start.write_bytes(data)
    cli(
        "knowledge",
        "build",
        "transcripts",
        "--from",
        tmp_path / "a.GRCh38.gff3",
        "--genes",
        tmp_path / "a.GRCh38.gff3",
    ).refused("no table of gene structures")
