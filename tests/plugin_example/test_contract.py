"""The tests of the example plug-in: inherited, not written."""

from __future__ import annotations

from genopraxis_example.cases import DATASET
from genopraxis_example.countmatch import CountMatch

from genopraxis.testing import PhenotypeToolContract, check_dataset


class TestCountMatch(PhenotypeToolContract):
    tool = CountMatch()


def test_dataset() -> None:
    check_dataset(DATASET)
