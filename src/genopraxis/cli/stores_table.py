"""Stores of variants and transcript sets that are here, for ``knowledge status``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

from genopraxis.cli.variant_options import variants_extra
from genopraxis.contracts.errors import KnowledgeError
from genopraxis.knowledge.places import data_folder
from genopraxis.knowledge.variant_store_check import checked_files, read_card
from genopraxis.render.terminal import TableColumn, table

__all__ = ["stores_table"]

_CARDS = {"stores": "store.json", "transcripts": "card.json"}


def stores_table(*, verify: bool = False) -> tuple[Table | None, list[str]]:
    """Return what is here, and what is damaged.

    Parameters
    ----------
    verify
        Read every file whole and compare its checksum with that of the card.

    Returns
    -------
    tuple
        The table, or ``None`` when nothing has been built; what is wrong with which folder, in sentences.
    """
    rows: list[list[object]] = []
    damaged: list[str] = []
    for room, card in _CARDS.items():
        for folder in _folders(data_folder() / room, card):
            try:
                about = json.loads((folder / card).read_text(encoding="utf-8"))
                rows.append(_store_row(folder, about) if room == "stores" else _set_row(folder, about))
                _check(folder, room, verify=verify)
            except KnowledgeError as error:
                damaged.append(str(error))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                damaged.append(f"{folder}: its card cannot be read; build it again")
    if not rows:
        return None, damaged
    right: list[str | TableColumn] = [TableColumn(name=name, justify="right") for name in ("entries", "MB")]
    columns: list[str | TableColumn] = ["option", "name", "assembly", *right, "release", "normalised"]
    return table("Stores of variants and transcript sets", columns, rows), damaged


def _check(folder: Path, room: str, *, verify: bool) -> None:
    """Refuse a folder whose files are not what its card states.

    Raises
    ------
    KnowledgeError
        With what is wrong.
    """
    if room == "stores":
        checked_files(folder, read_card(folder), verify=verify)
        return
    with variants_extra():
        from genopraxis.knowledge.transcripts import load_transcripts
    try:
        load_transcripts(folder, verify=verify)
    except KnowledgeError as error:
        raise KnowledgeError(error.what, where=str(folder), hint=error.hint) from error


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
        f"partly, not {sum(card['unmoved'].values()):,} records"
        if card.get("unmoved")
        else card["normalised"],
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
