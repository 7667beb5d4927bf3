"""What a file is, by its bytes: VCF or BCF, or a table."""

from __future__ import annotations

from pathlib import Path

from genopraxis.contracts.errors import InputError
from genopraxis.variants.stores.rows import Opening, Source
from genopraxis.variants.stores.table_blocks import first_line, is_bcf
from genopraxis.variants.stores.table_rows import TableSource
from genopraxis.variants.stores.vcf_rows import VcfSource

__all__ = ["is_vcf", "open_source"]

_COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def is_vcf(path: Path) -> bool:
    """Tell whether a file is a VCF or BCF, plain or compressed.

    Raises
    ------
    InputError
        Missing, empty or damaged.
    """
    if is_bcf(path):
        return True
    line = first_line(path)
    return line.lower().startswith("##fileformat=vcf") or line.startswith(_COLUMNS)


def open_source(path: Path, opening: Opening) -> Source:
    """Open a file as the source of a store.

    Raises
    ------
    InputError
        When it is neither a VCF nor a table of variants, or nothing tells its assembly.
    """
    if path.suffix.lower() in (".tbi", ".csi", ".bai", ".fai", ".gzi"):
        raise InputError("is an index, not the file that it belongs to", where=str(path))
    return VcfSource(path, opening) if is_vcf(path) else TableSource(path, opening)
