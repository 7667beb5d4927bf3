"""What a store of known variants says of itself: its columns, where they come from, and what was left out."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.provenance import DataRelease, InputDigest

__all__ = [
    "CARD",
    "COVERED",
    "KEYS",
    "LAYOUT",
    "LONG",
    "STATUS",
    "UNUSABLE",
    "ColumnType",
    "Status",
    "StoreCard",
    "StoreColumn",
    "StoreKind",
    "card_files",
    "column_file",
    "far_file",
    "names_file",
]

CARD, KEYS, LONG, COVERED = "store.json", "keys.npy", "long.npy", "covered.parquet"
UNUSABLE = "unusable.npy"
LAYOUT = 1

StoreKind = Literal["frequencies", "clinvar", "scores"]
ColumnType = Literal["float32", "int32", "category", "text"]
Status = Literal["found", "not_found", "not_covered", "no_key"]
STATUS = pl.Enum(["found", "not_found", "not_covered", "no_key"])
"""``no_key``: a variant that cannot be looked up, such as a symbolic one."""

_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,99}$"


class StoreColumn(Part):
    """One column of a store.

    A ``category`` has few names, which are known before the store is built; a ``text`` has any number of distinct
    ones, which are found while it is built and kept in a file of their own.
    """

    name: str = Field(pattern=_NAME)
    dtype: ColumnType
    description: str
    categories: tuple[str, ...] = ()
    width: Literal[1, 2, 4] = Field(default=4, description="bytes of a value on disk")
    base: int = Field(default=0, description="with fewer than four bytes: the value of code 0")
    far: int = Field(default=0, ge=0, description="values that did not fit, which have a file of their own")


class StoreCard(Document):
    """What a store holds, and where it comes from."""

    schema_id: ClassVar[str] = f"genopraxis.variant-store/{LAYOUT}"

    kind: StoreKind
    name: str | None = Field(default=None, description="what the columns of its answers begin with")
    assembly: str
    variants: int = Field(ge=0)
    columns: tuple[StoreColumn, ...]
    covered: Literal["stated", "inferred", "assumed"] = Field(
        description="inferred: from where its variants lie; assumed: each contig with variants, as a whole"
    )
    covered_how: str | None = Field(default=None, description="of inferred regions: how it was decided")
    normalised: Literal["with the genome", "partly with the genome", "without a genome"] = Field(
        default="with the genome",
        description="without a genome: alleles were split and trimmed, not moved to the left",
    )
    unmoved: dict[str, int] = Field(
        default_factory=dict,
        description="records of its sources on contigs that the FASTA lacked: not compared with it, not moved",
    )
    maxima: tuple[str, ...] | None = Field(
        default=None,
        description="of frequencies: groups whose largest one is told; not stated: no founder groups",
    )
    left_out: dict[str, int] = Field(description="rows of the source that are not in the store, by reason")
    unusable: int = Field(
        default=0, ge=0, description="variants whose rows could not be used: they are answered not_covered"
    )
    added_up: int = Field(
        default=0, ge=0, description="rows whose counts were added to those of another file"
    )
    notes: tuple[str, ...] = Field(default=(), description="what a reader of its answers should know")
    releases: tuple[DataRelease, ...]
    inputs: tuple[InputDigest, ...]
    sizes: dict[str, int] = Field(description="bytes of each file")
    sha256: dict[str, Sha256] = Field(default_factory=dict, description="of each file")


def column_file(name: str) -> str:
    """Return the file with the values of a column."""
    return f"column.{name}.npy"


def far_file(name: str) -> str:
    """Return the file with the values of a column that did not fit: rows and values."""
    return f"far.{name}.npy"


def names_file(name: str) -> str:
    """Return the file with the distinct texts of a column, in the order of their codes."""
    return f"texts.{name}.parquet"


def card_files(card: StoreCard) -> set[str]:
    """Return the files that a store of this card consists of, besides the card."""
    files = {KEYS, LONG}
    if card.covered != "assumed":
        files.add(COVERED)
    if card.unusable:
        files.add(UNUSABLE)
    for column in card.columns:
        files.add(column_file(column.name))
        if column.far:
            files.add(far_file(column.name))
        if column.dtype == "text":
            files.add(names_file(column.name))
    return files
