"""HGVS p. on the GRCh37 chr20 kit is ClinVar's (December 2016), and every difference has a known reason."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from consequences_agreement import (
    MISPLACED,
    NOT_IN_KIT,
    NOTATION,
    OTHER_TRANSCRIPT,
    REFERENCE,
    SAME,
    UNEXPLAINED,
    ClinvarRow,
    Kit,
    clinvar_rows,
    csq_proteins,
    open_kit,
)

pytestmark = [
    pytest.mark.verification,
    pytest.mark.shared_data,
    pytest.mark.skipif(
        not shutil.which("bcftools") or not shutil.which("bgzip"), reason="bcftools is not installed"
    ),
]


@pytest.fixture(scope="module")
def kit(rare_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return open_kit(rare_data.parent, tmp_path_factory.mktemp("kit"))


@pytest.fixture(scope="module")
def rows(kit: Kit, rare_data: Path) -> list[ClinvarRow]:
    return [row for row in clinvar_rows(kit, rare_data.parent) if row.verdict != NOT_IN_KIT]


def share(rows: list[ClinvarRow], verdicts: set[str]) -> float:
    return sum(row.verdict in verdicts for row in rows) / len(rows)


def test_nothing_is_unexplained(rows: list[ClinvarRow]) -> None:
    assert [row for row in rows if row.verdict == UNEXPLAINED] == []


def test_single_bases(rows: list[ClinvarRow]) -> None:
    single = [row for row in rows if row.single]
    assert len(single) == 1286
    assert share(single, {SAME}) >= 0.980
    assert share(single, {SAME, "start_loss"}) >= 0.984


def test_single_bases_are_no_worse_than_those_of_csq(
    kit: Kit, rows: list[ClinvarRow], tmp_path: Path
) -> None:
    single = [row for row in rows if row.single]
    peer = csq_proteins(kit, single, tmp_path)
    alike = sum(row.clinvar.split(":")[-1] in peer.get((row.pos, row.ref, row.alt), set()) for row in single)
    assert sum(row.verdict == SAME for row in single) >= alike > 0.9 * len(single)


def test_indels(rows: list[ClinvarRow]) -> None:
    indels = [row for row in rows if row.kind == "indel"]
    assert len(indels) == 98
    assert share(indels, {SAME}) >= 0.83
    assert share(indels, {SAME, *NOTATION}) >= 0.91
    # alleles that the VCF misplaces, and a reading frame that the kit lacks, no program can get right
    possible = [row for row in indels if row.verdict not in {MISPLACED, OTHER_TRANSCRIPT}]
    assert share(possible, {SAME, *NOTATION}) == 1
    assert share(indels, {SAME, *NOTATION, MISPLACED}) >= 0.95
    assert share([row for row in rows if row.kind == "MNV"], {SAME}) == 1


def test_indels_as_their_own_descriptions_place_them(rows: list[ClinvarRow]) -> None:
    indels = [row for row in rows if row.kind == "indel"]
    read = [row for row in indels if row.described]
    assert len(read) == 96
    assert all(row.from_description in {SAME, *NOTATION} for row in read)
    assert sum(row.from_description == SAME for row in read) >= 88
    # every other indel is where its description says, and each misplaced one is a plain insertion
    assert all(row.off == 0 for row in read if row.verdict != MISPLACED)
    assert all(row.off and len(row.ref) == 1 for row in read if row.verdict == MISPLACED)


def test_how_often_each_reason_is_given(rows: list[ClinvarRow]) -> None:
    counts = Counter((row.kind, row.verdict) for row in rows)
    assert counts["indel", MISPLACED] == 6
    assert counts["SNV", MISPLACED] == 0
    assert counts["SNV", REFERENCE] == 1
    # the second reading frame of GNAS, and one transcript of MGME1
    assert {row.gene for row in rows if row.verdict == OTHER_TRANSCRIPT} == {"GNAS", "MGME1"}
