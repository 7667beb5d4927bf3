from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.transcripts import ARRAYS, FLANK, Flag, TranscriptSet, load_transcripts
from genopraxis.knowledge.transcripts_build import build_transcripts
from genopraxis.knowledge.transcripts_codons import CODES, MITOCHONDRIAL, STANDARD, codon_number
from genopraxis.knowledge.transcripts_structures import read_structures

# exon 1 and 2 with an intron of 20 bases between them; the CDS is ATG GCT AAA | TGC CTG TAA
EXON1, INTRON, EXON2 = "CCCCATGGCTAAA", "GTAAGTACTACTGACTTCAG", "TGCCTGTAAGGGG"
LEFT = "T" * 10


def made(
    tmp_path: Path,
    *,
    bases: str | None = None,
    tags: str = "",
    rows: list[str] | None = None,
    fasta: bool = True,
    chrom: str = "1",
    symbol: str = "AAA",
) -> TranscriptSet:
    text = bases or LEFT + EXON1 + INTRON + EXON2 + "TTTTT"
    (tmp_path / "g.fa").write_text(f">{chrom}\n{text}\n")
    low, high = 11, 10 + len(EXON1 + INTRON + EXON2)
    own = rows or [
        "exon 11 23 . + . Parent=transcript:T1",
        "exon 44 56 . + . Parent=transcript:T1",
        "CDS 15 23 . + 0 Parent=transcript:T1",
        "CDS 44 52 . + 0 Parent=transcript:T1",
    ]
    lines = [
        f"gene {low} {high} . + . ID=gene:G1;Name={symbol};gene_id=G1",
        f"mRNA {low} {high} . + . ID=transcript:T1;Parent=gene:G1;biotype=protein_coding;transcript_id=T1{tags}",
        *own,
    ]
    rows_text = "\n".join(chrom + "\tt\t" + "\t".join(line.split(" ", 6)) for line in lines)
    (tmp_path / "g.gff3").write_text(f"##gff-version 3\n{rows_text}\n")
    genome = Genome(tmp_path / "g.fa") if fasta else None
    return build_transcripts(tmp_path / "g.gff3", tmp_path / "set", genome=genome)


def flags(transcripts: TranscriptSet, row: int = 0) -> Flag:
    return Flag(int(transcripts.flags[row]))


def test_arrays(tmp_path: Path) -> None:
    one = made(tmp_path, tags=";tag=MANE_Select")
    assert (one.start[0], one.end[0], one.strand[0]) == (10, 56, 1)
    assert one.exon_cdna.tolist() == [0, 13]
    assert (one.cds_start[0], one.cds_end[0], one.phase[0]) == (4, 22, 0)
    assert one.sequence.tolist() == ["ACGT".index(base) for base in EXON1 + EXON2]
    assert flags(one) == Flag.MANE_SELECT
    assert one.names.row(0) == ("T1", None, "G1", "AAA", "protein_coding")
    assert one.preferred.tolist() == [True]


def test_a_set_is_read_as_it_was_written(tmp_path: Path) -> None:
    one = made(tmp_path)
    again = load_transcripts(tmp_path / "set", verify=True)
    for name in ARRAYS:
        assert np.array_equal(getattr(one, name), getattr(again, name)), name
        assert not getattr(one, name).flags.writeable
    assert again.names.equals(one.names)
    assert again.contigs == ("1",)
    assert again.card["sources"][0]["name"] == "g.gff3"
    assert len(again.card["sources"][0]["sha256"]) == 64


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("start", lambda values: np.concatenate([values, values])),
        ("start", lambda values: values[:0]),
        ("exon_end", lambda values: values[:1]),
        ("exon_offset", lambda values: values + 1),
        ("exon_offset", lambda values: values[::-1].copy()),
        ("sequence_offset", lambda values: values * 2),
        ("contig", lambda values: values + 1),
        ("contig", lambda values: values - 1),
        ("flags", lambda values: values.astype(np.float64)),
        ("recoded_codon", lambda values: np.zeros(3, np.int32)),
    ],
)
def test_a_set_that_was_changed_on_purpose_points_nowhere(
    tmp_path: Path, name: str, change: Callable[[Any], Any]
) -> None:
    made(tmp_path)
    path, card_path = tmp_path / "set" / f"{name}.npy", tmp_path / "set" / "card.json"
    np.save(path, change(np.load(path)))
    card = json.loads(card_path.read_text())
    card["files"][path.name]["bytes"] = path.stat().st_size
    card_path.write_text(json.dumps(card))
    with pytest.raises(KnowledgeError, match=name):
        load_transcripts(tmp_path / "set")
    del card["files"][path.name]
    card_path.write_text(json.dumps(card))
    with pytest.raises(KnowledgeError, match=f"does not state the size of {name}"):
        load_transcripts(tmp_path / "set")


@pytest.mark.parametrize("header", [b"xxxxxxxx", b"\x93NUMPY\x01\x00v\x00{'descr': [('a',", b"PK\x03\x04"])
def test_a_header_that_is_none(tmp_path: Path, header: bytes) -> None:
    made(tmp_path)
    path = tmp_path / "set" / "exon_start.npy"
    path.write_bytes(header + path.read_bytes()[len(header) :])
    with pytest.raises(KnowledgeError, match="damaged"):
        load_transcripts(tmp_path / "set")


def test_damage_is_told(tmp_path: Path) -> None:
    made(tmp_path)
    folder = tmp_path / "set"
    with pytest.raises(InputError, match="no transcript set"):
        load_transcripts(tmp_path)
    body = (folder / "sequence.npy").read_bytes()
    (folder / "sequence.npy").write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    load_transcripts(folder)
    with pytest.raises(KnowledgeError, match="damaged"):
        load_transcripts(folder, verify=True)
    (folder / "sequence.npy").write_bytes(body[:-1])
    with pytest.raises(KnowledgeError, match="damaged"):
        load_transcripts(folder)
    (folder / "sequence.npy").unlink()
    with pytest.raises(KnowledgeError, match="damaged"):
        load_transcripts(folder)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | {"schema": "genopraxis.transcripts/99"}))
    with pytest.raises(KnowledgeError, match="another layout"):
        load_transcripts(folder)


@pytest.mark.parametrize(
    ("old", "new", "flag"),
    [
        ("ATGGCT", "CTGGCT", Flag.NO_START_CODON),
        ("CTGTAA", "CTGTCA", Flag.NO_STOP_CODON),
        ("ATGGCT", "ATGTAG", Flag.PREMATURE_STOP),
        ("ATGGCT", "ATGNCT", Flag.UNKNOWN_BASES),
    ],
)
def test_broken_reading_frames_are_flagged(tmp_path: Path, old: str, new: str, flag: Flag) -> None:
    bases = (LEFT + EXON1 + INTRON + EXON2 + "TTTTT").replace(old, new)
    assert flags(made(tmp_path, bases=bases)) == flag


@pytest.mark.parametrize(
    ("row", "flag"),
    [
        ("CDS 44 51 . + 0 Parent=transcript:T1", Flag.NOT_MULTIPLE_OF_3 | Flag.NO_STOP_CODON),
        ("CDS 44 49 . + 0 Parent=transcript:T1", Flag.NO_STOP_CODON),
        ("CDS 45 52 . + 0 Parent=transcript:T1", Flag.FRAME_SLIPPAGE),
        ("CDS 44 60 . + 0 Parent=transcript:T1", Flag.CDS_OUTSIDE_EXONS),
    ],
)
def test_broken_structures_are_flagged(tmp_path: Path, row: str, flag: Flag) -> None:
    rows = [
        "exon 11 23 . + . Parent=transcript:T1",
        "exon 44 56 . + . Parent=transcript:T1",
        "CDS 15 23 . + 0 Parent=transcript:T1",
        row,
    ]
    found = flags(made(tmp_path, rows=rows))
    assert found & flag == flag
    assert bool(found & Flag.CDS_OUTSIDE_EXONS) == (flag == Flag.CDS_OUTSIDE_EXONS)


def test_incomplete_ends_are_not_errors(tmp_path: Path) -> None:
    rows = [
        "exon 16 23 . + . Parent=transcript:T1",
        "exon 44 49 . + . Parent=transcript:T1",
        "CDS 16 23 . + 2 Parent=transcript:T1",
        "CDS 44 49 . + 0 Parent=transcript:T1",
    ]
    one = made(tmp_path, rows=rows, tags=";tag=cds_end_NF")
    assert flags(one) == Flag.INCOMPLETE_CDS_5 | Flag.INCOMPLETE_CDS_3
    assert one.phase[0] == 2


def test_without_a_fasta_there_are_structures_only(tmp_path: Path) -> None:
    one = made(tmp_path, fasta=False)
    assert flags(one) == Flag.NEEDS_FASTA
    assert one.sequence.size == 0
    assert (one.cds_start[0], one.cds_end[0]) == (4, 22)


def test_a_genome_that_is_too_short_is_another_assembly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="beyond the end"):
        made(tmp_path, bases="ACGT" * 10)


def test_selenocysteine_is_inferred_for_selenoproteins_alone(tmp_path: Path) -> None:
    bases = (LEFT + EXON1 + INTRON + EXON2 + "TTTTT").replace("TGCCTGTAA", "TGACTGTAA")
    one = made(tmp_path, bases=bases, symbol="SELENOX")
    assert flags(one) == Flag.SELENOCYSTEINE | Flag.SELENOCYSTEINE_INFERRED
    assert one.recoded_codon.tolist() == [3]
    assert flags(made(tmp_path, bases=bases)) == Flag.PREMATURE_STOP


def test_noted_selenocysteine(tmp_path: Path) -> None:
    bases = (LEFT + EXON1 + INTRON + EXON2 + "TTTTT").replace("TGCCTGTAA", "TGACTGTAA")
    rows = [
        "exon 11 23 . + . Parent=transcript:T1",
        "exon 44 56 . + . Parent=transcript:T1",
        "CDS 15 23 . + 0 Parent=transcript:T1",
        "CDS 44 52 . + 0 Parent=transcript:T1;transl_except=(pos:44..46%2Caa:Sec)",
    ]
    one = made(tmp_path, bases=bases, rows=rows)
    assert flags(one) == Flag.SELENOCYSTEINE
    assert one.recoded_codon.tolist() == [3]


def test_mitochondrial_code(tmp_path: Path) -> None:
    # ATA begins, TGA is tryptophan, and the tail makes TA a stop
    bases = LEFT + "CCCCATAGCTTGA" + INTRON + "TGCCTGTATTTTTTTTTT"
    rows = [
        "exon 11 23 . + . Parent=transcript:T1",
        "exon 44 51 . + . Parent=transcript:T1",
        "CDS 15 23 . + 0 Parent=transcript:T1",
        "CDS 44 51 . + 0 Parent=transcript:T1",
    ]
    one = made(tmp_path, bases=bases, rows=rows, chrom="MT")
    assert flags(one) == Flag.MITOCHONDRIAL_CODE | Flag.STOP_BY_POLYADENYLATION
    tables = {codon: [chr(CODES[code, codon_number(codon)]) for code in (STANDARD, MITOCHONDRIAL)]
              for codon in ("AGA", "AGG", "ATA", "TGA", "ATG", "NNN")}  # fmt: skip
    assert tables == {
        "AGA": ["R", "*"], "AGG": ["R", "*"], "ATA": ["I", "M"], "TGA": ["*", "W"], "ATG": ["M", "M"],
        "NNN": ["X", "X"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "pieces", "length"),
    [
        ("M5 I2 M8", [(10, 15, 0), (15, 23, 7), (43, 56, 15)], 28),
        ("M5 D1 M7", [(10, 15, 0), (16, 23, 5), (43, 56, 12)], 25),
    ],
)
def test_alignment_gaps(tmp_path: Path, gap: str, pieces: list[tuple[int, int, int]], length: int) -> None:
    rows = [
        "exon 11 23 . + . Parent=transcript:T1",
        "exon 44 56 . + . Parent=transcript:T1",
        "CDS 15 23 . + 0 Parent=transcript:T1",
        "CDS 44 52 . + 0 Parent=transcript:T1",
        f"cDNA_match 11 23 . + . ID=m;Target=T1 1 15 +;Gap={gap}",
    ]
    one = made(tmp_path, rows=rows)
    assert flags(one) & Flag.ALIGNMENT_GAP
    found = zip(one.block_start.tolist(), one.block_end.tolist(), one.block_cdna.tolist(), strict=True)
    assert list(found) == pieces
    assert one.sequence.size == length
    assert np.count_nonzero(one.sequence == 4) == max(0, length - 26)


def test_a_gap_that_does_not_fit_its_exon_is_left_alone(tmp_path: Path) -> None:
    rows = [
        "exon 11 56 . + . Parent=transcript:T1",
        "CDS 15 52 . + 0 Parent=transcript:T1",
        "cDNA_match 11 56 . + . ID=m;Target=T1 1 15 +;Gap=M5 I2 M8",
    ]
    assert not flags(made(tmp_path, rows=rows)) & Flag.ALIGNMENT_GAP


def test_the_index_holds_every_transcript_with_its_flanks(tmp_path: Path) -> None:
    one = made(tmp_path)
    assert one.index.flank == FLANK
    assert one.index.members.tolist() == [0]
    wide = one.build_index(flank=40_000)
    assert wide.members.tolist() == [0, 0, 0]


STRUCTURES = (
    "## biotype keys: 0 = protein_coding, 1 = nonsense_mediated_decay\n"
    "# transcript_name\tbiotype_compressed\t\tstrand\tfeatures\n"
    "AB-201\t5\t0\t-\t2;0;9\t1;0;19\t1;100;29\t0;110;19\n"
    "AB-202\t0\t1\t+\t0;0;4\t1;0;19\t1;50;9\t2;57;2\n"
    "ZZ-201\t0\t0\t+\t1;0;9\n"
)
GENES = "## prefix: ENSG\n# chr\tstart\tlength\tslim_id\tsymbol\n7\t1001\t500\t42\tAB\tx\n"


def test_gene_structures(tmp_path: Path) -> None:
    (tmp_path / "s.tsv").write_text(STRUCTURES)
    (tmp_path / "g.tsv").write_text(GENES)
    one = read_structures(tmp_path / "s.tsv", tmp_path / "g.tsv")
    assert one.contigs == ("7",)
    assert one.names.row(1) == ("AB-201", None, "ENSG00000000042", "AB", "protein_coding")
    # reverse: 5' UTR of 20 bases at the high end, 3' UTR of 10 at the low one
    assert (one.start[1], one.end[1], one.strand[1]) == (1005, 1135, -1)
    assert (one.cds_start[1], one.cds_end[1]) == (20, 40)
    assert one.exon_cdna.tolist() == [0, 20, 30, 0]
    assert (one.cds_start[0], one.cds_end[0]) == (5, 27)
    assert flags(one, 0) & (Flag.NEEDS_FASTA | Flag.NMD) == Flag.NEEDS_FASTA | Flag.NMD
    # the longer coding sequence decays
    assert one.preferred.tolist() == [False, True]
    assert one.card["repairs"]["gene_missing"].startswith("1 ")
    with pytest.raises(InputError, match="biotype"):
        read_structures(tmp_path / "g.tsv", tmp_path / "g.tsv")
