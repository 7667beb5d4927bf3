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
    NOT_IN_KIT,
    NOTATION,
    ONE_OFF,
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
    indels = [row for row in rows if not row.single]
    assert len(indels) == 101
    assert share(indels, {SAME, *NOTATION}) >= 0.92
    # alleles that the VCF puts one base off, and a reading frame that the kit lacks, no program can get right
    possible = [row for row in indels if row.verdict not in {ONE_OFF, OTHER_TRANSCRIPT}]
    assert share(possible, {SAME, *NOTATION}) == 1
    assert share(indels, {SAME, *NOTATION, ONE_OFF}) >= 0.95


def test_how_often_each_reason_is_given(rows: list[ClinvarRow]) -> None:
    counts = Counter((row.single, row.verdict) for row in rows)
    assert counts[False, ONE_OFF] == 6
    assert counts[True, ONE_OFF] == 0
    assert counts[True, REFERENCE] == 1
    # the second reading frame of GNAS, and one transcript of MGME1
    assert {row.gene for row in rows if row.verdict == OTHER_TRANSCRIPT} == {"GNAS", "MGME1"}
