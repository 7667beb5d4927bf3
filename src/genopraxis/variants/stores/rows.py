"""What a VCF and a table have in common as a source of a store: named fields, and rows that are normalised alleles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.variants import SEQUENCE_KINDS
from genopraxis.formats.contig_names import CHROMOSOMES, LENGTHS, Assembly
from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = [
    "FileField",
    "Opening",
    "Rows",
    "Source",
    "checked",
    "repair_sentences",
    "some_of",
    "unwatched",
    "usable",
]


_NAMED = 5


def unwatched(_steps: int) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True, kw_only=True)
class FileField:
    """A field that a source offers.

    Parameters
    ----------
    name
        As in the file.
    number
        As VCF's ``Number``; ``.`` for a column of a table.
    is_numeric
        ``None``: not known before its values are read.
    """

    name: str
    number: str = "."
    is_numeric: bool | None = None
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a source is read.

    Parameters
    ----------
    genome
        The FASTA that its variants are normalised with; ``None``: they are split and trimmed only.
    stated
        The assembly, as the user says.
    advance
        Told how many rows were read since the last call.
    """

    genome: Genome | None = None
    stated: Assembly | None = None
    threads: int = 1
    advance: Callable[[int], None] = unwatched


class Rows(Protocol):
    """Some alleles of a source, and its fields for each of them."""

    @property
    def alleles(self) -> pl.DataFrame:
        """``chrom``, ``pos``, ``ref``, ``alt`` (normalised), ``allele``, ``original_alt``, ``filter``, ``id``."""
        ...

    def text(self, name: str) -> pl.Series:
        """Return a field as it is, of the whole record; null where it is missing."""
        ...

    def own_text(self, name: str) -> pl.Series:
        """Return the part of a field that is about this allele."""
        ...

    def number(self, name: str, *, dtype: type[pl.DataType]) -> pl.Series:
        """Return :meth:`own_text` as a number; what is none is null, and counted by the source."""
        ...

    def whole(self, name: str) -> NDArray[np.int64]:
        """Return :meth:`number` as whole numbers; the smallest one where there is none."""
        ...

    def flag(self, name: str) -> pl.Series:
        """Return whether a field is there."""
        ...


class Source(Protocol):
    """A file that a store is built from."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def fields(self) -> Mapping[str, FileField]:
        """Its fields besides the variant."""
        ...

    @property
    def meta(self) -> tuple[str, ...]:
        """Its comment lines."""
        ...

    @property
    def is_vcf(self) -> bool:
        """Whether it is a VCF; a table otherwise."""
        ...

    @property
    def assembly(self) -> Assembly:
        """What its variants are on."""
        ...

    @property
    def left_out(self) -> Counter[str]:
        """Rows that were left out so far, by reason."""
        ...

    @property
    def unmoved(self) -> Counter[str]:
        """Records on contigs that the FASTA lacks so far, by contig."""
        ...

    @property
    def notes(self) -> list[str]:
        """What a reader of the store should know."""
        ...

    def rows(self, wanted: Sequence[str]) -> Iterator[Rows]:
        """Yield its rows, with these fields."""
        ...


def usable(alleles: pl.DataFrame, left_out: Counter[str]) -> pl.Series:
    """Tell which alleles a store can hold, and count the others by reason."""
    kinds = alleles["kind"].cast(pl.String)
    wrong = (alleles["reference_matches"] == False).fill_null(value=False)  # noqa: E712 - null is neither
    kept = kinds.is_in(list(SEQUENCE_KINDS))
    for kind, n in kinds.filter(~kept).value_counts().iter_rows():
        left_out[_KINDS[kind]] += n
    left_out["ref_differs_from_genome"] += int((kept & wrong).sum())
    return kept & ~wrong


_KINDS = {
    "symbolic": "symbolic_allele",
    "breakend": "breakend",
    "spanning": "spanning_deletion",
    "non_ref": "no_allele",
    "none": "no_allele",
}


def checked(alleles: pl.DataFrame, *, assembly: Assembly, where: str) -> None:
    """Refuse positions that are beyond the ends of the chromosomes of an assembly.

    Raises
    ------
    InputError
        With the first one.
    """
    last = alleles.group_by("chrom").agg(pl.col("original_pos").max())
    for chrom, pos in last.iter_rows():
        length = LENGTHS[assembly].get(chrom)
        if chrom in CHROMOSOMES and length is not None and pos > length:
            raise InputError(
                f"{chrom}:{pos} is beyond the end of the chromosome in {assembly} ({length:,} bases)",
                where=where,
                hint="state the right --assembly, or lift the file over",
            )


def repair_sentences(repairs: VcfRepairs) -> list[str]:
    """Return what was repaired in words, but for what is counted among the rows that are left out."""
    counts = {
        reason: n
        for reason, n in repairs.counts.items()
        if reason not in ("alt_equals_ref", "repeated_record")
    }
    return list(VcfRepairs(counts).sentences())


def some_of(names: Iterable[str]) -> str:
    """Return names in one text, the first five and how many more."""
    known = list(names)
    more = len(known) - _NAMED
    return ", ".join(known[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
