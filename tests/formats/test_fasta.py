"""The genome: every form of a FASTA gives the same bases; nothing is written beside it; damage is one clear error."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pysam = pytest.importorskip("pysam")

from genopraxis.contracts.errors import InputError  # noqa: E402
from genopraxis.formats.contig_names import OLD_MITOCHONDRION  # noqa: E402
from genopraxis.formats.fasta import ContigCounts, Genome  # noqa: E402


def fasta(folder: Path, contigs: dict[str, str], *, width: int = 7, name: str = "g.fa") -> Path:
    lines = []
    for contig, bases in contigs.items():
        lines.append(f">{contig} some text")
        lines += [bases[i : i + width] for i in range(0, len(bases), width)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def bgzipped(path: Path) -> Path:
    target = path.with_suffix(".fa.gz")
    with pysam.BGZFile(str(target), "w") as out:
        out.write(path.read_bytes())
    return target


CONTIGS = {"chr1": "ACGTacgtNNryACGTTTGA", "chrM": "GATTACA", "GL1": "A"}


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("indexed", [False, True])
def test_every_form_is_read(tmp_path: Path, compressed: bool, indexed: bool) -> None:
    path = fasta(tmp_path, CONTIGS)
    if compressed:
        path = bgzipped(path)
    if indexed:
        pysam.faidx(str(path))
    before = sorted(tmp_path.iterdir())
    with Genome(path) as genome:
        assert genome.contigs == {"1": 20, "MT": 7, "GL1": 1}
        assert genome.names["1"] == "chr1"
        assert genome.fetch("1", 6, 12) == b"GTNNNN"
        assert genome.sequence("1").tobytes() == b"ACGTACGTNNNNACGTTTGA"
        assert genome.fetch("1", 6, 12) == b"GTNNNN"
        assert genome.fetch("GL1", 0, 1) == b"A"
        assert genome.fetch("GL1", 1, 1) == b""
        assert genome.counts == {"1": ContigCounts(lower_case=6, ambiguous=2)}
        assert not genome.sequence("1").flags.writeable
    assert sorted(tmp_path.iterdir()) == before


def test_the_index_is_kept_in_the_folder_that_is_given(tmp_path: Path) -> None:
    path = bgzipped(fasta(tmp_path, CONTIGS))
    folder = tmp_path / "cache" / "fai"
    Genome(path, index_folder=folder).close()
    kept = sorted(p.name for p in folder.iterdir())
    assert [Path(name).suffix for name in kept] == [".fai", ".gzi"]
    stamp = [(folder / name).stat().st_mtime_ns for name in kept]
    with Genome(path, index_folder=folder) as genome:
        assert genome.fetch("MT", 0, 7) == b"GATTACA"
    assert [(folder / name).stat().st_mtime_ns for name in kept] == stamp
    os.utime(path, ns=(1, 1))
    Genome(path, index_folder=folder).close()
    assert len(list(folder.iterdir())) == 4


def test_the_temporary_index_goes_with_the_genome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = fasta(tmp_path, CONTIGS)
    genome = Genome(path)
    assert len(list(scratch.iterdir())) == 1
    assert scratch.stat().st_mode & 0o777 != 0
    del genome
    assert list(scratch.iterdir()) == []


def test_the_old_mitochondrion_keeps_apart(tmp_path: Path) -> None:
    with Genome(fasta(tmp_path, {"chrM": "A" * 16571, "MT": "C" * 16569})) as genome:
        assert genome.contigs == {OLD_MITOCHONDRION: 16571, "MT": 16569}
        assert genome.fetch("MT", 0, 1) == b"C"


def test_only_the_last_contigs_are_kept(tmp_path: Path) -> None:
    genome = Genome(fasta(tmp_path, {"1": "ACGT", "2": "CCCC", "3": "GGGG"}), keep=2)
    first = genome.sequence("1")
    assert genome.sequence("1") is first
    genome.sequence("2")
    genome.sequence("1")
    genome.sequence("3")
    assert genome.sequence("1") is first
    genome.sequence("2")
    genome.sequence("3")
    assert genome.sequence("1") is not first
    assert np.array_equal(genome.sequence("1"), first)


def test_threads_share_a_genome(tmp_path: Path) -> None:
    contigs = {str(n): "ACGT"[n % 4] * 500 for n in range(1, 9)}
    genome = Genome(fasta(tmp_path, contigs), keep=1)
    wrong: list[str] = []

    def work() -> None:
        for _ in range(20):
            for chrom, bases in contigs.items():
                if (
                    genome.sequence(chrom).tobytes() != bases.encode()
                    or genome.fetch(chrom, 3, 5) != bases[3:5].encode()
                ):
                    wrong.append(chrom)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def message(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        Genome(path)
    assert str(path) in str(caught.value)
    return caught.value.what


def test_what_is_no_fasta(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.fa"
    assert "cannot be read" in message(path)
    assert "cannot be read" in message(tmp_path)
    path.write_bytes(b"")
    assert "empty" in message(path)
    path.write_bytes(b"ACGT\n")
    assert "does not begin with" in message(path)
    path.write_bytes(b">a\nACGT\nAC\nACGT\n")
    assert "cannot be indexed" in message(path)
    path.write_bytes(b">1\nAC\n>chr1\nAC\n")
    assert "'1' and 'chr1' are both 1" in message(path)
    path.write_bytes(gzip.compress(b">a\nACGT\n"))
    assert "gzip" in message(path)
    assert capfd.readouterr() == ("", "")


def test_a_truncated_bgzip(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = bgzipped(fasta(tmp_path, {"1": "".join(rng.choice(list("ACGT"), 300_000))}, width=60))
    pysam.faidx(str(path))
    path.write_bytes(path.read_bytes()[:40_000])
    with pytest.raises(InputError, match="contig 1 cannot be read"):
        Genome(path).sequence("1")


def test_an_index_of_another_file(tmp_path: Path) -> None:
    path = fasta(tmp_path, {"1": "ACGTACGTACGT", "2": "ACGT"}, width=4)
    pysam.faidx(str(path))
    fasta(tmp_path, {"1": "AC", "2": "ACGTACGTACGTACGTA"}, width=60)
    with pytest.raises(InputError, match="index is of another file"):
        Genome(path).sequence("1")


def test_what_is_no_base(tmp_path: Path) -> None:
    genome = Genome(fasta(tmp_path, {"1": "ACG-ACGT"}))
    with pytest.raises(InputError, match="no base"):
        genome.sequence("1")
    with pytest.raises(InputError, match="no base"):
        genome.fetch("1", 2, 4)
    assert genome.fetch("1", 4, 8) == b"ACGT"


def test_a_contig_or_a_place_that_is_not_there(tmp_path: Path) -> None:
    genome = Genome(fasta(tmp_path, {"1": "ACGT"}))
    for call in (lambda: genome.sequence("2"), lambda: genome.fetch("2", 0, 1)):
        with pytest.raises(InputError, match="has no contig '2'") as caught:
            call()
        assert caught.value.hint is not None
    for start, end in ((-1, 2), (0, 5), (3, 2)):
        with pytest.raises(InputError, match="not within contig 1, which has 4 bases"):
            genome.fetch("1", start, end)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.text("ACGTNacgtnRYSWKMBDHVryswkmbdhv", min_size=1, max_size=50), min_size=1, max_size=4),
    st.integers(1, 60),
)
def test_any_sequence_comes_back(
    tmp_path_factory: pytest.TempPathFactory, bases: list[str], width: int
) -> None:
    folder = tmp_path_factory.mktemp("genome")
    genome = Genome(fasta(folder, {f"c{n}": text for n, text in enumerate(bases)}, width=width))
    for n, text in enumerate(bases):
        wanted = "".join(c if c in "ACGT" else "N" for c in text.upper()).encode()
        assert genome.sequence(f"c{n}").tobytes() == wanted
        assert genome.counts[f"c{n}"].lower_case == sum(c.islower() for c in text)
        assert genome.counts[f"c{n}"].ambiguous == sum(c in "RYSWKMBDHV" for c in text.upper())
