"""Groups on one chromosome copy make the proteins that ``bcftools csq`` makes, and every difference has a reason."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from consequences_agreement import Kit, open_kit
from phased_agreement import SAME, UNEXPLAINED, compare, made_up

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


@pytest.mark.parametrize("mode", ["a", "m"])
def test_joint_proteins(kit: Kit, tmp_path: Path, mode: str) -> None:
    found = compare(kit, made_up(kit, 600, seed=7), tmp_path, mode)
    assert found.wrong == 0
    assert [line for line in found.lines if line.startswith((UNEXPLAINED, "no full protein"))] == []
    assert found.verdicts[SAME] > 1000
    assert found.verdicts[SAME] / found.verdicts.total() > 0.7
