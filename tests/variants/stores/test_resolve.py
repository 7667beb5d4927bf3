"""From what a user writes to a store or a transcript set: by name, by folder, from a file once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("numba")
pytest.importorskip("pysam")

from sources_for_tests import asked, built, info, vcf

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.formats.contig_names import LENGTHS, Assembly
from genopraxis.formats.fasta import Genome
from genopraxis.variants.stores.names import column_prefix, is_name, named_stores, stem_of, store_folder
from genopraxis.variants.stores.resolve import resolve_store, resolve_transcripts

AC_AN = info("AC", "AN:1")
FEW = ["chr1 100 A C AC=3;AN=10", "chr1 101 A C AC=30;AN=10", "chr1 102 A <DEL> AC=1;AN=10"]
GFF = (
    "##gff-version 3\n#!genome-version GRCh38\n"
    "1\tt\tgene\t11\t40\t.\t+\t.\tID=gene:G1;Name=AAA;gene_id=G1\n"
    "1\tt\tmRNA\t11\t40\t.\t+\t.\tID=transcript:ENST1;Parent=gene:G1;biotype=protein_coding;transcript_id=ENST1;version=2\n"
    "1\tt\texon\t11\t40\t.\t+\t.\tParent=transcript:ENST1\n"
    "1\tt\tCDS\t11\t40\t.\t+\t0\tParent=transcript:ENST1\n"
)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GENOPRAXIS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return vcf(tmp_path / "cohort.vcf", AC_AN, ["chr1 100 A C AC=3;AN=10"])


def test_a_name_a_folder_and_a_file(source: Path, tmp_path: Path) -> None:
    built("frequencies", store_folder("mine-1"), source, name="mine-1")
    built("frequencies", tmp_path / "out", source)
    for value in ("mine-1", tmp_path / "out", source):
        name, store, _ = resolve_store("frequencies", value, assembly=Assembly.GRCH38)
        assert store.find(asked(("1", 100, "A", "C")))["ac"].to_list() == [3]
        assert name == ("mine_1" if value == "mine-1" else "cohort")
    assert named_stores() == ["mine-1"]


def test_a_file_is_built_once(source: Path, tmp_path: Path) -> None:
    _, store, notes = resolve_store("frequencies", source, assembly=Assembly.GRCH38)
    assert "was built into the cache" in notes[0]
    _, again, notes = resolve_store("frequencies", source, assembly=Assembly.GRCH38)
    assert again.folder == store.folder
    assert not any("was built" in note for note in notes)
    # what it holds counts, and what it was normalised with
    source.write_text(source.read_text().replace("AC=3", "AC=4"))
    _, changed, _ = resolve_store("frequencies", source, assembly=Assembly.GRCH38)
    assert changed.find(asked(("1", 100, "A", "C")))["ac"].to_list() == [4]
    (tmp_path / "g.fa").write_text(">chr1\n" + "A" * 200 + "\n")
    genome = Genome(tmp_path / "g.fa")
    _, with_genome, _ = resolve_store("frequencies", source, assembly=Assembly.GRCH38, genome=genome)
    assert len({one.folder for one in (store, changed, with_genome)}) == 3
    # what is damaged is built again
    (changed.folder / "keys.npy").unlink()
    _, mended, notes = resolve_store("frequencies", source, assembly=Assembly.GRCH38)
    assert notes
    assert mended.find(asked(("1", 100, "A", "C")))["ac"].to_list() == [4]


def test_two_at_once_build_one(source: Path) -> None:
    notes: list[list[str]] = []
    work = [
        threading.Thread(
            target=lambda: notes.append(resolve_store("frequencies", source, assembly=Assembly.GRCH38).notes)
        )
        for _ in range(3)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert sorted(any("was built" in note for note in one) for one in notes) == [False, False, True]


def test_what_does_not_fit_is_refused(source: Path, tmp_path: Path) -> None:
    built("frequencies", store_folder("mine"), source)
    with pytest.raises(InputError, match="is on GRCh38, the variants are on GRCh37"):
        resolve_store("frequencies", "mine", assembly=Assembly.GRCH37)
    with pytest.raises(InputError, match="is a store of frequencies, not of scores"):
        resolve_store("scores", "mine", assembly=Assembly.GRCH38)
    with pytest.raises(InputError, match=r"there is no store.*known names: mine"):
        resolve_store("frequencies", "mina", assembly=Assembly.GRCH38)
    with pytest.raises(InputError, match="no store of variants"):
        resolve_store("frequencies", tmp_path, assembly=Assembly.GRCH38)
    (store_folder("mine") / "keys.npy").write_bytes(b"")
    with pytest.raises(KnowledgeError, match=r"keys\.npy"):
        resolve_store("frequencies", "mine", assembly=Assembly.GRCH38)


def test_a_store_without_a_genome_is_mentioned(source: Path, tmp_path: Path) -> None:
    built("frequencies", store_folder("mine"), source)
    (tmp_path / "g.fa").write_text(">chr1\n" + "A" * 200 + "\n")
    notes = resolve_store("frequencies", "mine", assembly=None, genome=Genome(tmp_path / "g.fa")).notes
    assert "not moved to the left" in notes[0]


def test_what_limits_a_raw_file_is_told_each_time(tmp_path: Path) -> None:
    """Also when it comes from the cache, and of a store of one's own."""
    raw = vcf(tmp_path / "cohort.vcf", AC_AN, FEW)
    built("frequencies", store_folder("mine"), raw)
    for value in (raw, raw, "mine"):
        notes = "\n".join(resolve_store("frequencies", value, assembly=Assembly.GRCH38).notes)
        assert "left out of its source: 1 × ac above an, 1 × symbolic allele; 1 variant(s) of these" in notes
        assert "no regions are stated" in notes
        assert "within 100 bases" in notes


def test_a_store_whose_fasta_lacked_most_contigs_is_mentioned(tmp_path: Path) -> None:
    contigs = [f"##contig=<ID={n},length={LENGTHS[Assembly.GRCH38][str(n)]}>" for n in range(1, 23)]
    raw = vcf(
        tmp_path / "cohort.vcf", AC_AN, [f"{n} 100 A C AC=3;AN=10" for n in range(1, 23)], contigs=contigs
    )
    (tmp_path / "g.fa").write_text(">1\n" + "A" * 200 + "\n")
    genome = Genome(tmp_path / "g.fa")
    card = built("frequencies", store_folder("mine"), raw, genome=genome, assembly=Assembly.GRCH38).card
    assert card.normalised == "partly with the genome"
    assert card.unmoved == {str(n): 1 for n in range(2, 23)}
    for its in (genome, None):
        notes = resolve_store("frequencies", "mine", assembly=None, genome=its).notes
        assert (
            "21 of its records are on contigs that its FASTA lacked (2, 3, 4, 5, 6 and 16 more)" in notes[0]
        )


def test_names() -> None:
    assert all(map(is_name, ("gnomad", "gnomad-v4.1", "2024_12")))
    assert not any(
        map(is_name, ("", ".", "..", "a/b", "a\\b", "../x", ".hidden", "a..b", "x" * 65, "ä", "a b"))
    )
    assert column_prefix("gnomad-v4.1") == "gnomad_v4_1"
    assert column_prefix("2024") == "store_2024"
    assert stem_of(Path("my cohort.sites.vcf.bgz")) == "my_cohort"
    with pytest.raises(InputError, match="cannot be a name"):
        store_folder("../x")


def test_transcripts(tmp_path: Path) -> None:
    gff = tmp_path / "a.gff3"
    gff.write_text(GFF)
    (tmp_path / "g.fa").write_text(">1\n" + "T" * 10 + "ATGGCTAAATGCCTGCTGGGATGGCGTTAA" + "T" * 20 + "\n")
    transcripts, notes = resolve_transcripts(gff, genome=Genome(tmp_path / "g.fa"))
    assert (len(transcripts), transcripts.card["assembly"]) == (1, "GRCh38")
    assert "was built into the cache" in notes[0]
    assert len(transcripts.sequence) == 30
    assert resolve_transcripts(gff, genome=Genome(tmp_path / "g.fa")).notes == []
    assert len(resolve_transcripts(gff).transcripts.sequence) == 0
    with pytest.raises(InputError, match=r"there is no transcript set.*no transcript set has been built"):
        resolve_transcripts("nothing")
    with pytest.raises(InputError, match="no transcript set"):
        resolve_transcripts(tmp_path)
