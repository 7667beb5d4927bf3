"""MANE from its summary: transcripts are marked by identifier, and other versions are told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

pytest.importorskip("numba")
pytest.importorskip("pysam")

from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.transcripts import Flag
from genopraxis.knowledge.transcripts_build import build_transcripts
from genopraxis.knowledge.transcripts_mane import mark_mane, read_mane

HEADER = "#NCBI_GeneID\tsymbol\tRefSeq_nuc\tEnsembl_nuc\tMANE_status\n"


def summary(path: Path, *rows: tuple[str, str, str]) -> Path:
    lines = "".join(f"GeneID:1\tA\t{refseq}\t{ensembl}\t{status}\n" for refseq, ensembl, status in rows)
    path.write_bytes(gzip.compress((HEADER + lines).encode()))
    return path


def gff(path: Path, *identifiers: str) -> Path:
    lines = ["##gff-version 3"]
    for number, identifier in enumerate(identifiers):
        start = 100 * number + 1
        attributes = f"ID=transcript:{identifier};transcript_id={identifier};biotype=lncRNA"
        lines += [f"1\tt\ttranscript\t{start}\t{start + 50}\t.\t+\t.\t{attributes}"]
        lines += [f"1\tt\texon\t{start}\t{start + 50}\t.\t+\t.\tParent=transcript:{identifier}"]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_marked_by_identifier(tmp_path: Path) -> None:
    one = build_transcripts(gff(tmp_path / "a.gff3", "ENST1.2", "NM_2.5", "ENST3"), tmp_path / "set")
    named = read_mane(summary(
        tmp_path / "m.gz", ("NM_1.1", "ENST1.2", "MANE Select"), ("NM_2.4", "ENST2.1", "MANE Plus Clinical"),
        ("NM_9.1", "ENST9.1", "MANE Select"),
    ))  # fmt: skip
    marked, match = mark_mane(one, named, where="m.gz")
    flags = dict(zip(marked.names["transcript_id"], marked.flags.tolist(), strict=True))
    assert flags["ENST1.2"] & Flag.MANE_SELECT
    assert flags["NM_2.5"] & Flag.MANE_PLUS_CLINICAL
    assert not flags["ENST3"] & (Flag.MANE_SELECT | Flag.MANE_PLUS_CLINICAL)
    assert (match.named, match.marked, match.newly, match.other_version) == (3, 2, 2, 1)
    assert any("NM_2.5, not .4" in sentence for sentence in match.sentences())
    assert not one.flags.any() or not one.flags[0] & Flag.MANE_SELECT  # the set given stays as it was
    _, again = mark_mane(marked, named, where="m.gz")
    assert again.newly == 0


def test_what_is_no_summary(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a\tb\n")
    with pytest.raises(InputError, match="no column RefSeq_nuc"):
        read_mane(tmp_path / "x")
    with pytest.raises(InputError, match="names no transcript"):
        read_mane(summary(tmp_path / "empty.gz"))
    with pytest.raises(InputError, match="unknown status"):
        read_mane(summary(tmp_path / "odd.gz", ("NM_1.1", "ENST1.2", "Best")))
    one = build_transcripts(gff(tmp_path / "a.gff3", "ENST7"), tmp_path / "set")
    named = read_mane(summary(tmp_path / "m.gz", ("NM_1.1", "ENST1.2", "MANE Select")))
    with pytest.raises(InputError, match="names no transcript of the set"):
        mark_mane(one, named, where="m.gz")
