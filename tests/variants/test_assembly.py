"""Which assembly: by lengths, by accessions, by REF; a contradiction is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from genopraxis.contracts.errors import InputError
from genopraxis.formats import contig_names
from genopraxis.formats.contig_names import LENGTHS, OLD_MITOCHONDRION, Assembly
from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_header import VcfHeader, parse_header
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.assembly import AssemblyCall, assembly_of_header, find_assembly
from vcf_texts import COLUMNS, vcf_text, write_vcf

G37, G38 = Assembly.GRCH37, Assembly.GRCH38


def header_of(*contigs: tuple[str, int | None]) -> VcfHeader:
    lines = [
        f"##contig=<ID={name}{'' if length is None else f',length={length}'}>" for name, length in contigs
    ]
    return parse_header(
        [f"{line}\n".encode() for line in ("##fileformat=VCFv4.2", *lines, "\t".join(COLUMNS))], where="x"
    )


@pytest.mark.parametrize(
    ("contigs", "wanted"),
    [
        ([("1", 249250621), ("GL000191.1", 106433)], (G37, "contig lengths", 1, False)),
        ([("chr1", 248956422), ("chrX", 156040895), ("chrM", 16569)], (G38, "contig lengths", 2, False)),
        ([("chr1", 249250621), ("chrM", 16571)], (G37, "contig lengths", 1, True)),
        ([("chr1", 249250621), ("chrM", 16569)], (G37, "contig lengths", 1, False)),
        ([("chrM", 16571)], (G37, "contig lengths", 1, True)),
        ([("NC_000001.11", None), ("NC_000024.10", None)], (G38, "accessions", 2, False)),
        ([("NC_000001.10", 249250621)], (G37, "contig lengths", 1, False)),
        ([("CM000663.1", None)], (G37, "accessions", 1, False)),
    ],
)
def test_what_a_header_says(
    contigs: list[tuple[str, int | None]], wanted: tuple[Assembly, str, int, bool]
) -> None:
    call = find_assembly(header_of(*contigs))
    assert call is not None
    assert (call.assembly, call.basis, call.support, call.old_mitochondrion) == wanted


@pytest.mark.parametrize("assembly", list(Assembly))
def test_every_chromosome_tells(assembly: Assembly) -> None:
    for chrom, length in LENGTHS[assembly].items():
        call = assembly_of_header(header_of((f"chr{chrom}", length)))
        assert (call is None) if chrom == "MT" else (call is not None and call.assembly is assembly)


def test_a_header_that_says_nothing() -> None:
    assert find_assembly(header_of()) is None
    assert find_assembly(header_of(("chr1", None), ("chrM", 16569), ("GL1", 5))) is None
    assert find_assembly(header_of(), stated=G38) == AssemblyCall(assembly=G38, basis="stated", support=0)


@pytest.mark.parametrize(
    ("contigs", "text"),
    [
        ([("1", 249250621), ("2", 242193529)], "of two assemblies: 1 of GRCh37 and 1 of GRCh38"),
        ([("NC_000001.10", None), ("NC_000002.12", None)], "accessions are of two assemblies"),
        ([("NC_000001.10", 248956422)], "GRCh38 by contig lengths and GRCh37 by contig accessions"),
        ([("chr1", 248956422), ("chrM", 16571)], "GRCh38 and the mitochondrion of hg19"),
        ([("chr1", 247249719)], r"neither GRCh37 nor GRCh38 \(1 has 247,249,719\)"),
        ([("1", 249250621), ("2", 5)], "of neither"),
    ],
)
def test_a_header_that_contradicts_itself(contigs: list[tuple[str, int | None]], text: str) -> None:
    with pytest.raises(InputError, match=text) as caught:
        find_assembly(header_of(*contigs), where="file.vcf")
    assert caught.value.where == "file.vcf"
    assert caught.value.hint


def test_accessions_of_records(tmp_path: Path) -> None:
    """As of files whose header names no contig."""
    bare = ["##fileformat=VCFv4.2"]
    path = write_vcf(
        tmp_path / "a.vcf", vcf_text(["NC_000020.10 5 . A C . . .", "NC_000021.8 5 . A C . . ."], meta=bare)
    )
    with VcfReader(path) as reader:
        header, batches = reader.header, list(reader)
    assert find_assembly(header) is None
    wanted = AssemblyCall(assembly=G37, basis="accessions", support=2)
    assert find_assembly(header, batches=iter(batches)) == wanted
    assert find_assembly(header, batches=iter(batches), stated=G37) == wanted
    with pytest.raises(
        InputError, match="GRCh37 by the accessions of its records and GRCh38 by what was stated"
    ):
        find_assembly(header, batches=iter(batches), stated=G38)
    both = write_vcf(
        tmp_path / "b.vcf", vcf_text(["NC_000020.10 5 . A C . . .", "NC_000021.9 5 . A C . . ."], meta=bare)
    )
    with VcfReader(both) as reader, pytest.raises(InputError, match="accessions are of two assemblies"):
        find_assembly(reader.header, batches=iter(reader))


def test_the_users_word_against_the_header() -> None:
    with pytest.raises(InputError, match="GRCh37 by the header and GRCh38 by what was stated"):
        find_assembly(header_of(("1", 249250621)), stated=G38)
    call = find_assembly(header_of(("1", 249250621)), stated=G37)
    assert call is not None
    assert call.basis == "contig lengths"


@pytest.fixture
def small_assemblies(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = {G37: {"20": 5000, "MT": 16569}, G38: {"20": 6000, "MT": 16569}}
    monkeypatch.setattr("genopraxis.variants.assembly.LENGTHS", lengths)
    assert contig_names.LENGTHS is not lengths


@pytest.fixture
def genome(tmp_path: Path, small_assemblies: None) -> Iterator[Genome]:
    path = tmp_path / "g.fa"
    bases = np.random.default_rng(1).choice(list("ACGT"), 5000)
    path.write_text(f">chr20\n{''.join(bases)}\n")
    with Genome(path) as genome:
        yield genome


def file_of(
    folder: Path, genome: Genome, *, wrong: int, n: int = 200, contig: str = "##contig=<ID=20>"
) -> Path:
    sequence = genome.sequence("20").tobytes().decode()
    rows = []
    for number in range(n):
        base = sequence[20 * number]
        ref = {"A": "C", "C": "G", "G": "T", "T": "A"}[base] if number < wrong else base
        rows.append(f"20 {20 * number + 1} . {ref} {'A' if ref != 'A' else 'C'} . . .")
    return write_vcf(folder / "x.vcf", vcf_text(rows, meta=("##fileformat=VCFv4.2", contig)))


def test_ref_alleles_tell_it_where_the_header_does_not(tmp_path: Path, genome: Genome) -> None:
    with VcfReader(file_of(tmp_path, genome, wrong=2)) as reader:
        call = find_assembly(reader.header, genome=genome, batches=reader)
    assert call == AssemblyCall(assembly=G37, basis="REF alleles", support=198)


def test_ref_alleles_of_another_assembly(tmp_path: Path, genome: Genome) -> None:
    with (
        VcfReader(file_of(tmp_path, genome, wrong=150)) as reader,
        pytest.raises(InputError, match=r"REF differs from the genome in 150 of 200 records \(75.0%"),
    ):
        find_assembly(reader.header, genome=genome, batches=reader, where="x.vcf")


def test_too_few_ref_alleles_tell_nothing(tmp_path: Path, genome: Genome) -> None:
    with VcfReader(file_of(tmp_path, genome, wrong=0, n=5)) as reader:
        assert find_assembly(reader.header, genome=genome, batches=reader) is None


def test_the_header_against_the_fasta(tmp_path: Path, genome: Genome) -> None:
    contig = "##contig=<ID=20,length=6000>"
    with (
        VcfReader(file_of(tmp_path, genome, wrong=0, contig=contig)) as reader,
        pytest.raises(InputError, match="GRCh38 by the header and GRCh37 by the FASTA"),
    ):
        find_assembly(reader.header, genome=genome, batches=reader)
    with pytest.raises(InputError, match="GRCh37 by the FASTA and GRCh38 by what was stated"):
        find_assembly(header_of(), genome=genome, stated=G38)


def test_parts_of_chromosomes_are_no_contradiction(tmp_path: Path) -> None:
    path = tmp_path / "part.fa"
    path.write_text(">chr20\n" + "ACGT" * 25 + "\n")
    with Genome(path) as genome:
        header = header_of(("20", 100))
        assert find_assembly(header, genome=genome) is None
        with VcfReader(
            write_vcf(tmp_path / "x", vcf_text([f"20 {4 * n + 1} . A C . . ." for n in range(20)], meta=()))
        ) as reader:
            call = find_assembly(reader.header, genome=genome, batches=reader, stated=G38)
        assert call == AssemblyCall(assembly=G38, basis="REF alleles", support=20)
        with pytest.raises(InputError, match="of neither"):
            find_assembly(header_of(("20", 101)), genome=genome)


def test_the_two_mitochondria_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "mt.fa"
    path.write_text(">chrM\n" + "A" * 16569 + "\n")
    header = header_of(("chrM", 16571))
    assert OLD_MITOCHONDRION in header.lengths()
    with Genome(path) as genome, pytest.raises(InputError, match="hg19's old mitochondrion"):
        find_assembly(header, genome=genome)
