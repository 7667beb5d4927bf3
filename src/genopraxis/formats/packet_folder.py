"""Which files of a folder are phenopackets, told by their names."""

from __future__ import annotations

from pathlib import Path

_ENDINGS = (".json", ".yaml", ".yml", ".pb", ".bin", ".protobuf")


def packet_files(folder: Path) -> list[Path]:
    """Return the phenopacket files below a folder, in a fixed order; hidden files are left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.name.lower().removesuffix(".gz").endswith(_ENDINGS)
    )
