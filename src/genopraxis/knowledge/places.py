"""Where knowledge comes from, and where it lives on a machine."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

# HPO publishes its files as assets of releases of this repository; the listing carries size and sha256.
OFFICIAL = "https://api.github.com/repos/obophenotype/human-phenotype-ontology/releases"


def cache_folder() -> Path:
    """Things that can be made again; ``GENOPRAXIS_CACHE`` moves it."""
    moved = os.environ.get("GENOPRAXIS_CACHE")
    return Path(moved) if moved else Path(platformdirs.user_cache_dir("genopraxis", appauthor=False))


def data_folder() -> Path:
    """Things that a user brought and that cannot be made again; ``GENOPRAXIS_DATA`` moves it."""
    moved = os.environ.get("GENOPRAXIS_DATA")
    return Path(moved) if moved else Path(platformdirs.user_data_dir("genopraxis", appauthor=False))


def downloads_folder() -> Path:
    """Files as their publishers made them, one folder a release."""
    return data_folder() / "downloads"
