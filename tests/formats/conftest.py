"""Where the development data are, for tests marked ``shared_data``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def rare_data() -> Path:
    root = Path(os.environ.get("GENOPRAXIS_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    folder = root / "rare"
    if not folder.is_dir():
        pytest.skip("the development data are not here; set GENOPRAXIS_SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def examples() -> Path:
    return REPOSITORY / "examples"
