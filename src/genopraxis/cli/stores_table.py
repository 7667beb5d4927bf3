"""Stores of variants and transcript sets that are here, for ``knowledge status``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

from genopraxis.knowledge.places import data_folder
from genopraxis.render.terminal import TableColumn, table

__all__ = ["stores_table"]

_CARDS = {"stores": "store.json", "transcripts": "card.json"}


def stores_table() -> tuple[Table | None, list[str]]:
    """Return what is here, and what is damaged.

    Returns
    -------
    tuple
        The table, or ``None`` when nothing has been built; names of folders whose card cannot be read.
    """
    rows: list[list[object]] = []
    damaged: list[str] = []
    for room, card in _CARDS.items():
        for folder in _folders(data_folder() / room, card):
            try:
                about = json.loads((folder / card).read_text(encoding="utf-8"))
                rows.append(_store_row(folder, about) if room == "stores" else _set_row(folder, about))
            except (OSError, ValueError, KeyError, TypeError):
                damaged.append(str(folder))
    if not rows:
        return None, damaged
    right: list[str | TableColumn] = [TableColumn(name=name, justify="right") for name in ("entries", "MB")]
    columns: list[str | TableColumn] = ["option", "name", "assembly", *right, "release", "normalised"]
    return table("Stores of variants and transcript sets", columns, rows), damaged


def _folders(root: Path, card: str) -> Iterator[Path]:
    if root.is_dir():
        yield from sorted(
            path for path in root.iterdir() if not path.name.startswith(".") and (path / card).is_file()
        )


def _store_row(folder: Path, card: dict[str, Any]) -> list[object]:
    releases = dict.fromkeys(release["version"] for release in card["releases"])
    return [
        f"--{card['kind']}",
        folder.name,
        card["assembly"],
        f"{card['variants']:,}",
        f"{sum(card['sizes'].values()) / 1e6:,.1f}",
        ", ".join(releases),
        card["normalised"],
    ]


def _set_row(folder: Path, card: dict[str, Any]) -> list[object]:
    size = sum(file["bytes"] for file in card["files"].values())
    return [
        "--transcripts",
        folder.name,
        card.get("assembly") or "not named",
        f"{card['transcripts']:,}",
        f"{size / 1e6:,.1f}",
        ", ".join(source["name"] for source in card["sources"]),
        "with the genome" if card.get("genome") else "without a genome",
    ]
