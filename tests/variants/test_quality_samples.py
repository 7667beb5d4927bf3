"""Counts of samples: what cannot be counted is refused."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.variants import GENOTYPES
from genopraxis.variants.quality_samples import AlleleFacts, sample_counts


def test_a_sample_that_is_named_twice_is_refused() -> None:
    nothing = np.zeros(0, np.uint8)
    facts = AlleleFacts(
        records=nothing.astype(np.uint32), numbers=nothing.astype(np.uint16), passing=nothing.astype(np.bool_),
        biallelic=nothing.astype(np.bool_), types=nothing, places=nothing,
    )  # fmt: skip
    assert sample_counts(GENOTYPES.empty(), facts, ("a", "b")).samples == ("a", "b")
    with pytest.raises(InputError, match="sample 'b' is named twice"):
        sample_counts(GENOTYPES.empty(), facts, ("a", "b", "c", "b"))
