"""Transcripts that are not plain: other codes, selenocysteine, gaps, incomplete ends, no FASTA, decay."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

from genopraxis.contracts.consequences import CONSEQUENCES, IMPACTS, TERMS
from genopraxis.contracts.errors import ContractError
from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.transcripts_build import build_transcripts
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.consequence_table import consequence_table
from transcripts_for_tests import Small, contig, gff_rows, write_small

UTR = "CCCCCCCCCC"


def one_exon(tmp_path: Path, coding: str, *, chrom: str = "1", name: str = "T", **more: str) -> Small:
    """A gene of one exon at 11, its coding sequence from 21 on."""
    bases = contig(5, 10) + UTR + coding + UTR + contig(6, 30)
    rows = gff_rows(name, [(10, 30 + len(coding))], (20, 20 + len(coding)), strand="+", chrom=chrom, **more)  # type: ignore[arg-type]
    small = tmp_path / "one"
    small.mkdir()
    (small / "g.fa").write_text(f">{chrom}\n{bases}\n")
    (small / "g.gff3").write_text("\n".join(["##gff-version 3", *rows]) + "\n")
    genome = Genome(small / "g.fa")
    transcripts = build_transcripts(small / "g.gff3", small / "set", genome=genome)
    return Small(genome=genome, set=transcripts, annotator=Annotator(transcripts, genome=genome), bases=bases)


def first(small: Small, pos: int, ref: str, alt: str, *, chrom: str = "1") -> dict[str, object]:
    return small.annotate([(chrom, pos, ref, alt)]).row(0, named=True)


@pytest.mark.parametrize(
    ("offset", "ref", "alt", "terms", "protein"),
    [
        (2, "A", "G", "synonymous_variant", "p.Met1="),  # ATA and ATG both begin
        (1, "T", "C", "start_lost", "p.Met1?"),
        (8, "A", "G", "synonymous_variant", "p.Trp3="),  # TGA is tryptophan
        (10, "G", "A", "missense_variant", "p.Arg4Gln"),
        (13, "G", "A", "stop_gained", "p.Trp5Ter"),
        (18, "A", "C", "stop_lost", "p.Ter7ArgextTer?"),
    ],
)
def test_mitochondrial_code(
    tmp_path: Path, offset: int, ref: str, alt: str, terms: str, protein: str | None
) -> None:
    coding = "ATAGCTTGACGATGGAAA" + "AGA"
    small = one_exon(tmp_path, coding, chrom="MT")
    assert small.set.card["flags"] == {"MITOCHONDRIAL_CODE": 1}
    assert coding[offset] == ref
    row = first(small, 21 + offset, ref, alt, chrom="MT")
    assert row["consequence"] == [terms]
    assert row["protein_change"] == protein


def test_a_stop_completed_by_the_tail(tmp_path: Path) -> None:
    small = one_exon(tmp_path, "ATAGCTTGACGATGGAAATA", chrom="MT")
    assert first(small, 40, "A", "G", chrom="MT")["protein_change"] == "p.Ter7TrpextTer?"
    lost = first(small, 39, "T", "C", chrom="MT")
    assert lost["consequence"] == ["stop_lost"]
    assert str(lost["protein_change"]).startswith("p.Ter7Gln")
    assert lost["flags"] == ["stop_by_polyadenylation"]


def test_selenocysteine(tmp_path: Path) -> None:
    small = one_exon(tmp_path, "ATGGCTTGACGATGGAAATAA", name="SELENOX")
    row = first(small, 29, "A", "G")
    assert (row["consequence"], row["protein_change"]) == (["missense_variant"], "p.Sec3Trp")
    assert row["flags"] == ["selenocysteine", "selenocysteine_inferred"]
    row = first(small, 28, "G", "A")
    assert (row["consequence"], row["protein_change"]) == (["stop_gained"], "p.Sec3Ter")
    # the codon stays special when three bases before it go
    row = first(small, 23, "GGCT", "G")
    assert (row["consequence"], row["protein_change"]) == (["inframe_deletion"], "p.Ala2del")


def test_incomplete_ends(tmp_path: Path) -> None:
    rows = gff_rows(
        "T", [(10, 22)], (10, 22), strand="+", chrom="1", phase=2, extra=";tag=cds_start_NF,cds_end_NF"
    )
    small = write_small(tmp_path, contig(5, 10) + "GGGCTAAATGCC" + contig(6, 40), rows)
    # phase 2: one base of the first codon is missing; VEP counts it
    row = first(small, 13, "G", "A")
    assert (row["cds_pos"], row["protein_pos"], row["amino_acids"]) == (4, 2, "A/T")
    assert row["hgvs_c"] == "c.3G>A"
    assert first(small, 11, "G", "A")["consequence"] == ["coding_sequence_variant"]
    last = first(small, 22, "C", "A")
    assert last["consequence"] == ["incomplete_terminal_codon_variant", "coding_sequence_variant"]
    assert last["protein_change"] is None
    assert last["flags"] == ["incomplete_cds_5", "incomplete_cds_3", "not_multiple_of_3"]


GAP_ROWS = [
    "1\tt\tgene\t11\t60\t.\t+\t.\tID=gene:G;Name=G",
    "1\tt\tmRNA\t11\t60\t.\t+\t.\tID=transcript:T;Parent=gene:G;transcript_id=T",
    "1\tt\texon\t11\t60\t.\t+\t.\tParent=transcript:T",
    "1\tt\tCDS\t21\t50\t.\t+\t0\tParent=transcript:T",
]


@pytest.mark.parametrize(("gap", "shift"), [("M15 I3 M35", 3), ("M15 D3 M32", -3)])
def test_numbers_behind_an_alignment_gap(tmp_path: Path, gap: str, shift: int) -> None:
    coding = "ATGGCTAAATGCCTGCTGGGATGGCGTTAA"
    bases = contig(5, 10) + UTR + coding + UTR + contig(6, 30)
    row = f"1\tt\tcDNA_match\t11\t60\t.\t+\t.\tID=m;Target=T 1 50 +;Gap={gap}"
    small = write_small(tmp_path, bases, [*GAP_ROWS, row])
    before, behind = first(small, 22, "T", "A"), first(small, 40, "G", "A")
    assert before["hgvs_c"] == "c.2T>A"
    assert behind["hgvs_c"] == f"c.{20 + shift}G>A"
    assert behind["cds_pos"] == 20 + shift
    assert "alignment_gap" in behind["flags"]  # type: ignore[operator]
    if shift < 0:
        lacking = first(small, 27, "A", "G")
        assert lacking["hgvs_c"] is None
        assert lacking["protein_change"] is None


def test_without_a_fasta(tmp_path: Path) -> None:
    rows = gff_rows("T", [(10, 60), (100, 160)], (20, 141), strand="+", chrom="1")
    (tmp_path / "g.gff3").write_text("\n".join(["##gff-version 3", *rows]) + "\n")
    transcripts = build_transcripts(tmp_path / "g.gff3", tmp_path / "set")
    frame = pl.DataFrame(
        [
            ("1", 31, "A", "C"),
            ("1", 61, "G", "A"),
            ("1", 31, "AC", "A"),
            ("1", 31, "ACGT", "A"),
            ("1", 15, "A", "C"),
        ],
        schema=["chrom", "pos", "ref", "alt"],
        orient="row",
    )
    table = consequence_table(Annotator(transcripts).consequences(frame))
    assert table["consequence"].to_list() == [
        ["coding_sequence_variant"], ["splice_donor_variant"], ["frameshift_variant"], ["inframe_deletion"],
        ["5_prime_UTR_variant"],
    ]  # fmt: skip
    assert table["hgvs_c"].to_list() == ["c.11A>C", "c.40+1G>A", "c.12del", "c.12_14del", "c.-6A>C"]
    assert table["protein_change"].null_count() == table.height
    assert table["flags"].to_list() == [["needs_fasta"]] * 5


def test_non_coding_and_decaying_transcripts(tmp_path: Path) -> None:
    exons = [(10, 60), (100, 160)]
    bases = contig(5, 200)
    rows = gff_rows("N", exons, None, strand="+", chrom="1", biotype="lncRNA")
    small = write_small(tmp_path / "n", bases, rows)
    ref = bases[19]
    assert first(small, 20, ref, "N")["consequence"] == ["non_coding_transcript_exon_variant"]
    alt = "ACGT".replace(ref, "")[0]
    assert first(small, 20, ref, alt)["hgvs_c"] == f"n.10{ref}>{alt}"
    assert first(small, 80, bases[79], "ACGT".replace(bases[79], "")[0])["consequence"] == [
        "intron_variant", "non_coding_transcript_variant",
    ]  # fmt: skip
    rows = gff_rows("D", exons, (20, 140), strand="+", chrom="1", biotype="nonsense_mediated_decay")
    small = write_small(tmp_path / "d", bases, rows)
    assert first(small, 61, bases[60], "ACGT".replace(bases[60], "")[0])["consequence"] == [
        "splice_donor_variant", "NMD_transcript_variant",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("codon", "escape", "rule"),
    [
        (20, True, "first_100_coding"),
        (60, False, None),
        (123, False, None),
        (136, True, "last_50_of_penultimate_exon"),
        (160, True, "last_exon"),
    ],
)
def test_decay(tmp_path: Path, codon: int, escape: bool, rule: str | None) -> None:
    # 180 codons, all CAA but the ends; the last junction lies behind coding base 450
    coding = "ATG" + "CAA" * 178 + "TAA"
    bases = contig(5, 10) + UTR + coding[:210] + "GT" + contig(7, 40) + "AG" + coding[210:450] + "GT"
    starts = [10, len(UTR) + 10 + 210 + 44]
    exons = [(10, 230), (starts[1], starts[1] + 240)]
    bases += contig(8, 40) + "AG" + coding[450:] + UTR + contig(9, 20)
    exons.append((exons[1][1] + 44, exons[1][1] + 44 + len(coding) - 450 + 10))
    small = write_small(tmp_path, bases, gff_rows("T", exons, (20, exons[2][1] - 10), strand="+", chrom="1"))
    assert small.set.card["flags"] == {}
    at = 3 * (codon - 1)
    start, begin = next((s, b) for (s, _), b in zip(exons[::-1], (450, 210, -10), strict=True) if at >= b)
    row = first(small, start + at - begin + 1, "C", "T")
    assert (row["consequence"][0], row["protein_change"]) == ("stop_gained", f"p.Gln{codon}Ter")  # type: ignore[index]
    assert (row["nmd_escape"], row["nmd_rule"]) == (escape, rule)
    assert row["last_exon"] == (codon > 150)
    # a frame shift is judged by its new stop codon, not by its own place; CAA read on is AAC and ACA, never a stop
    shifted = first(small, start + at - begin + 1, "CA", "C")
    assert shifted["consequence"][0] == "frameshift_variant"  # type: ignore[index]
    assert shifted["nmd_rule"] in {"last_exon", None}


def test_single_exon_genes_escape(tmp_path: Path) -> None:
    row = first(one_exon(tmp_path, "ATGCAACAATAA"), 24, "C", "T")
    assert (row["protein_change"], row["nmd_rule"], row["last_exon"]) == ("p.Gln2Ter", "single_exon", True)


def test_choice_of_transcripts(tmp_path: Path) -> None:
    bases = contig(5, 300)
    rows = gff_rows("A", [(10, 100)], (20, 80), strand="+", chrom="1")
    rows += [row.replace("Parent=gene:GB", "Parent=gene:GA") for row in
             gff_rows("B", [(10, 60)], (20, 50), strand="+", chrom="1", extra=";tag=MANE_Select")[1:]]  # fmt: skip
    small = write_small(tmp_path, bases, rows)
    frame = pl.DataFrame([("1", 25, bases[24], "N")], schema=["chrom", "pos", "ref", "alt"], orient="row")
    every = consequence_table(small.annotator.consequences(frame))
    assert sorted(every["transcript_id"]) == ["A", "B"]
    chosen = Annotator(small.set, genome=small.genome, pick="preferred").consequences(frame)
    assert consequence_table(chosen).select("transcript_id", "mane_select").rows() == [("B", True)]


def test_the_flank_can_be_changed(tmp_path: Path) -> None:
    bases = contig(5, 400)
    small = write_small(
        tmp_path, bases, gff_rows("A", [(200, 300)], (220, 280), strand="+", chrom="1"), flank=50
    )
    rows = [("1", pos, bases[pos - 1], "N") for pos in (150, 151, 350, 351)]
    assert small.annotate(rows)["consequence"].list.first().to_list() == [
        "intergenic_variant", "upstream_gene_variant", "downstream_gene_variant", "intergenic_variant",
    ]  # fmt: skip


def test_empty_input_gives_an_empty_table(tmp_path: Path) -> None:
    table = one_exon(tmp_path, "ATGCAACAATAA").annotate([])
    assert table.height == 0
    CONSEQUENCES.check(table, raise_errors=True)


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    small = one_exon(tmp_path, "ATGCAACAATAA")
    with pytest.raises(ContractError, match="alt"):
        small.annotator.consequences(pl.DataFrame({"chrom": ["1"], "pos": [1], "ref": ["A"]}))


def test_terms_are_in_order_of_impact() -> None:
    places = [IMPACTS.index(impact) for impact in TERMS.values()]
    assert places == sorted(places)
