"""Consequence terms of single-base changes are those of ``bcftools csq``, through a table of terms."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from consequences_agreement import UNEXPLAINED, Kit, compare_csq, open_kit, random_snvs

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


def test_terms(kit: Kit, tmp_path: Path) -> None:
    single = random_snvs(kit, 30_000, seed=20)
    found = compare_csq(kit, single, tmp_path)
    assert found.alleles == 30_000
    assert found.pairs > 60_000
    assert found.alleles_alike / found.alleles >= 0.995
    assert [kind for kind in found.differences if kind[2] == UNEXPLAINED] == []
