from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from genopraxis.contracts.errors import InputError
from genopraxis.formats.gff import GeneAnnotation, read_gff


def gff(path: Path, *rows: str, end: str = "\n", head: str = "##gff-version 3") -> Path:
    """Write rows whose fields are separated by blanks (attributes are the ninth field, as it is)."""
    lines = [head, *("\t".join(row.split(" ", 8)) if not row.startswith("#") else row for row in rows)]
    path.write_bytes(end.join(lines).encode() + end.encode())
    return path


ENSEMBL = (
    "1 ensembl gene 101 500 . + . ID=gene:ENSG01;Name=AB%2CC;biotype=protein_coding;gene_id=ENSG01",
    (
        "1 ensembl mRNA 101 500 . + . ID=transcript:ENST01;Parent=gene:ENSG01;biotype=protein_coding;"
        "tag=basic,Ensembl_canonical,MANE_Select;transcript_id=ENST01;version=3"
    ),
    "1 ensembl five_prime_UTR 101 110 . + . Parent=transcript:ENST01",
    "1 ensembl exon 101 200 . + . Parent=transcript:ENST01",
    "1 ensembl exon 301 500 . + . Parent=transcript:ENST01",
    "1 ensembl CDS 111 200 . + 0 ID=CDS:ENSP01;Parent=transcript:ENST01;protein_id=ENSP01",
    "1 ensembl CDS 301 360 . + 0 ID=CDS:ENSP01;Parent=transcript:ENST01;protein_id=ENSP01",
)


def one(annotation: GeneAnnotation, name: str | None = None) -> dict[str, object]:
    rows = annotation.transcripts
    return (rows if name is None else rows.filter(pl.col("transcript_id") == name)).row(0, named=True)


def codes(annotation: GeneAnnotation) -> set[str]:
    return {repair.code for repair in annotation.repairs}


def test_ensembl_gff3(tmp_path: Path) -> None:
    annotation = read_gff(gff(tmp_path / "a.gff3", *ENSEMBL))
    row = one(annotation)
    assert annotation.dialect == "gff3"
    assert annotation.repairs == ()
    assert (row["transcript_id"], row["gene_id"], row["gene"]) == ("ENST01.3", "ENSG01", "AB,C")
    assert (row["chrom"], row["start"], row["end"], row["strand"]) == ("1", 101, 500, 1)
    assert (row["cds_start"], row["cds_end"], row["cds_length"], row["start_phase"]) == (111, 360, 150, 0)
    assert row["protein_id"] == "ENSP01"
    assert (row["mane_select"], row["canonical"], row["mane_plus_clinical"]) == (True, True, False)
    assert annotation.exons.select("start", "end").rows() == [(101, 200), (301, 500)]
    assert annotation.cds.select("start", "end", "phase").rows() == [(111, 200, 0), (301, 360, 0)]


def test_gzip_and_crlf_read_the_same(tmp_path: Path) -> None:
    plain = read_gff(gff(tmp_path / "a.gff3", *ENSEMBL))
    packed = tmp_path / "a.gff3.gz"
    packed.write_bytes(gzip.compress((tmp_path / "a.gff3").read_bytes()))
    assert read_gff(packed).transcripts.equals(plain.transcripts)
    windows = read_gff(gff(tmp_path / "w.gff3", *ENSEMBL, end="\r\n"))
    assert windows.transcripts.equals(plain.transcripts)
    assert codes(windows) == {"crlf"}


GTF = (
    'chr1 HAVANA gene 101 500 . - . gene_id "ENSG02.5"; gene_type "protein_coding"; gene_name "XY";',
    (
        'chr1 HAVANA transcript 101 500 . - . gene_id "ENSG02.5"; transcript_id "ENST02.7"; '
        'gene_type "protein_coding"; gene_name "XY"; transcript_type "nonsense_mediated_decay"; '
        'tag "basic"; tag "MANE_Plus_Clinical"; tag "cds_start_NF";'
    ),
    'chr1 HAVANA exon 401 500 . - . gene_id "ENSG02.5"; transcript_id "ENST02.7"; exon_number 1;',
    'chr1 HAVANA CDS 401 490 . - 2 gene_id "ENSG02.5"; transcript_id "ENST02.7"; exon_number 1;',
    'chr1 HAVANA exon 101 300 . - . gene_id "ENSG02.5"; transcript_id "ENST02.7"; exon_number 2;',
    'chr1 HAVANA CDS 253 300 . - 2 gene_id "ENSG02.5"; transcript_id "ENST02.7"; exon_number 2;',
    'chr1 HAVANA stop_codon 250 252 . - 0 gene_id "ENSG02.5"; transcript_id "ENST02.7"; exon_number 2;',
)


def test_gencode_gtf_joins_the_stop_codon(tmp_path: Path) -> None:
    annotation = read_gff(gff(tmp_path / "a.gtf", *GTF, head="##description: test"))
    row = one(annotation)
    assert annotation.dialect == "gtf"
    assert annotation.repairs == ()
    assert (row["transcript_id"], row["gene_id"], row["gene"]) == ("ENST02.7", "ENSG02.5", "XY")
    assert row["biotype"] == "nonsense_mediated_decay"
    assert (row["cds_start"], row["cds_end"], row["cds_length"], row["start_phase"]) == (250, 490, 141, 2)
    assert (row["mane_plus_clinical"], row["cds_start_nf"], row["cds_end_nf"]) == (True, True, False)
    assert annotation.cds.select("start", "end", "phase").rows() == [(250, 300, 2), (401, 490, 2)]


def test_stop_codon_inside_the_cds_changes_nothing(tmp_path: Path) -> None:
    rows = [row.replace("CDS 253", "CDS 250") for row in GTF]
    assert one(read_gff(gff(tmp_path / "a.gtf", *rows)))["cds_length"] == 141


def test_stop_codon_split_over_an_intron(tmp_path: Path) -> None:
    rows = [row.replace("stop_codon 250 252", "stop_codon 301 301") for row in GTF]
    rows = [
        row.replace("CDS 253 300", "CDS 299 300") for row in rows
    ]  # 301 is not coding: a segment of its own
    row = one(read_gff(gff(tmp_path / "a.gtf", *rows)))
    assert (row["cds_start"], row["cds_length"]) == (299, 93)


def test_gtf_without_gene_and_transcript_lines(tmp_path: Path) -> None:
    annotation = read_gff(gff(tmp_path / "a.gtf", *GTF[2:]))
    row = one(annotation)
    assert (row["transcript_id"], row["gene_id"], row["biotype"]) == (
        "ENST02.7",
        "ENSG02.5",
        "protein_coding",
    )
    assert codes(annotation) == {"transcript_line_missing"}


REFSEQ = (
    (
        "NC_000001.11 BestRefSeq gene 101 500 . - . ID=gene-AAA;Dbxref=GeneID:77,HGNC:HGNC:5;Name=AAA;"
        "gbkey=Gene;gene=AAA;gene_biotype=protein_coding"
    ),
    (
        "NC_000001.11 BestRefSeq mRNA 101 500 . - . ID=rna-NM_1.2;Parent=gene-AAA;Dbxref=GeneID:77;Name=NM_1.2;"
        "Note=The RefSeq transcript has 1 frameshift compared to this genomic sequence;"
        "exception=annotated by transcript or proteomic data;gbkey=mRNA;gene=AAA;tag=MANE Select;transcript_id=NM_1.2"
    ),
    "NC_000001.11 BestRefSeq exon 101 500 . - . ID=exon-NM_1.2-1;Parent=rna-NM_1.2;gbkey=mRNA;transcript_id=NM_1.2",
    (
        "NC_000001.11 BestRefSeq CDS 201 400 . - 0 ID=cds-NP_1.1;Parent=rna-NM_1.2;gbkey=CDS;protein_id=NP_1.1;"
        "transl_except=(pos:complement(251..253)%2Caa:Sec)"
    ),
    "NC_000001.11 RefSeq cDNA_match 101 500 . - . ID=x;Target=NM_1.2 1 401 +;Gap=M100 I1 M300",
    "NC_000001.11 RefSeq cDNA_match 101 500 . - . ID=y;Target=NM_9.2 1 400 +",
    (
        "NC_012920.1 RefSeq gene 3307 4262 . + . ID=gene-ND1;Dbxref=GeneID:4535;Name=ND1;gbkey=Gene;gene=ND1;"
        "gene_biotype=protein_coding"
    ),
    (
        "NC_012920.1 RefSeq CDS 3307 4262 . + 0 ID=cds-YP_1.1;Parent=gene-ND1;gbkey=CDS;gene=ND1;protein_id=YP_1.1;"
        "transl_except=(pos:4261..4262%2Caa:TERM);transl_table=2"
    ),
)


def test_refseq_gff3(tmp_path: Path) -> None:
    annotation = read_gff(gff(tmp_path / "a.gff", *REFSEQ))
    row = one(annotation, "NM_1.2")
    assert (row["chrom"], row["gene_id"], row["gene"], row["biotype"]) == ("1", "77", "AAA", "protein_coding")
    assert (row["mane_select"], row["differs"], row["protein_id"]) == (True, True, "NP_1.1")
    assert annotation.recoded.select("start", "end").rows() == [(251, 253)]
    assert annotation.gaps.select("start", "end", "target_start", "gap").rows() == [
        (101, 500, 1, "M100 I1 M300")
    ]


def test_refseq_mitochondrial_gene_is_its_own_transcript(tmp_path: Path) -> None:
    annotation = read_gff(gff(tmp_path / "a.gff", *REFSEQ))
    row = annotation.transcripts.filter(pl.col("chrom") == "MT").row(0, named=True)
    assert (row["transcript_id"], row["gene"], row["gene_id"]) == ("ND1", "ND1", "4535")
    assert (row["biotype"], row["stop_completed"], row["cds_length"]) == ("protein_coding", True, 956)
    assert "exons_made_from_cds" in codes(annotation)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: [row for row in rows if " mRNA " not in row], "transcript_line_missing"),
        (lambda rows: [row for row in rows if " gene " not in row], "gene_line_missing"),
        (lambda rows: [*rows, rows[3]], "duplicate_line"),
        (lambda rows: [*rows, rows[1].replace("version=3", "version=4")], "repeated_id"),
        (lambda rows: [row.replace(". + 0", ". + .") for row in rows], "phase_missing"),
        (lambda rows: [*rows[:-1], rows[-1].replace(". + 0", ". + 1")], "phase_inconsistent"),
        (lambda rows: [row.replace(". + 0", ". + 7") for row in rows], "phase_impossible"),
        (lambda rows: [*rows, "1 ensembl exon 180 220 . + . Parent=transcript:ENST01"], "overlapping_exons"),
        (lambda rows: [*rows, "1 ensembl exon 9 8 . + . Parent=transcript:ENST01"], "malformed_line"),
        (lambda rows: [*rows, "nonsense"], "malformed_line"),
        (lambda rows: [*rows, "1 e exon 1 9 . + . colour=red"], "part_without_transcript_or_strand"),
        (lambda rows: [*rows, "1 e exon 1 9 . . . Parent=transcript:ENST01"], "part_without_transcript_or_strand"),
        (
            lambda rows: [*rows, "2 e exon 1 9 . + . Parent=transcript:ENST01"],
            "transcript_on_several_contigs_or_strands",
        ),
    ],
)  # fmt: skip
def test_broken_files_are_repaired_and_counted(tmp_path: Path, change: object, code: str) -> None:
    annotation = read_gff(gff(tmp_path / "a.gff3", *change(list(ENSEMBL))))  # type: ignore[operator]
    assert code in codes(annotation)
    row = one(annotation)
    assert str(row["transcript_id"]).startswith("ENST01")
    assert (row["cds_length"], row["start_phase"]) == (150, 0)
    assert [phase for *_, phase in annotation.cds.rows()] == [0, 0]


def test_several_parents(tmp_path: Path) -> None:
    rows = [
        row.replace("Parent=transcript:ENST01", "Parent=transcript:ENST01,transcript:ENST09")
        for row in ENSEMBL[3:]
    ]
    annotation = read_gff(gff(tmp_path / "a.gff3", *ENSEMBL[:2], *rows))
    assert annotation.transcripts["cds_length"].to_list() == [150, 150]


def test_sequence_after_the_table_is_no_line(tmp_path: Path) -> None:
    annotation = read_gff(gff(tmp_path / "a.gff3", *ENSEMBL, "##FASTA", "#x", "# >1"))
    assert annotation.repairs == ()


def test_latin1_is_read_and_counted(tmp_path: Path) -> None:
    path = gff(tmp_path / "a.gff3", *ENSEMBL)
    path.write_bytes(path.read_bytes().replace(b"AB%2CC", b"AB\xe9"))
    annotation = read_gff(path)
    assert one(annotation)["gene"] == "ABé"
    assert codes(annotation) == {"not_utf8"}


@pytest.mark.parametrize(
    "text",
    [
        "##gff-version 3\n",
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tT\t.\t.\t.\n",
        ">1\nACGT\nACGT\n",
        "1\t2\t3\n1\t2\t3\n",
        "1\te\tgene\t1\t9\t.\t+\t.\tID=a\n",
        "1\te\texon\t1\t9\t.\t+\t.\tcolour=red\n",
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other"
    path.write_text(text)
    with pytest.raises(InputError, match=r"no GFF3 or GTF|no transcript"):
        read_gff(path)
