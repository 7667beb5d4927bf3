"""Build a store of known variants: any order in, sorted by key out, memory for one stretch at a time."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import DataRelease, InputDigest
from genopraxis.knowledge.variant_keys import CHROMOSOMES
from genopraxis.knowledge.variant_store_card import (
    CARD,
    COVERED,
    KEYS,
    UNUSABLE,
    StoreCard,
    StoreColumn,
    StoreKind,
)
from genopraxis.knowledge.variant_store_check import file_sha256
from genopraxis.knowledge.variant_store_parts import Combine, Parts, first_of_each
from genopraxis.knowledge.variant_store_regions import inferred_regions
from genopraxis.knowledge.variant_store_staging import staging_folder, unlock
from genopraxis.knowledge.variant_store_write import write_columns

__all__ = ["Combine", "StoreFacts", "build_store"]

_PARTS = "parts"


@dataclass(frozen=True, kw_only=True)
class StoreFacts:
    """What the card of a store says besides its counts.

    Parameters
    ----------
    assembly
        GRCh37 or GRCh38.
    columns
        The columns of the batches besides the variant; of a category column all names must be given.
    name
        What the columns of its answers begin with; the name of its folder by default.
    has_genome
        Whether its variants were normalised with a genome.
    maxima
        Of frequencies: groups whose largest one is told.
    repeated_as
        Why rows of a variant that has one already are left out.
    """

    kind: StoreKind
    assembly: str
    columns: tuple[StoreColumn, ...]
    name: str | None = None
    has_genome: bool = True
    maxima: tuple[str, ...] | None = None
    repeated_as: str = "repeated"
    releases: tuple[DataRelease, ...] = ()
    inputs: tuple[InputDigest, ...] = ()


def build_store(
    batches: Iterable[pl.DataFrame],
    folder: Path,
    *,
    facts: StoreFacts,
    covered: pl.DataFrame | None = None,
    left_out: Counter[str] | None = None,
    unmoved: Counter[str] | None = None,
    combine: Combine = first_of_each,
    added_up: Callable[[], int] = int,
    notes: Callable[[], Sequence[str]] = tuple,
) -> StoreCard:
    """Write a store; ``folder`` appears whole or not at all.

    Parameters
    ----------
    batches
        Tables with ``chrom`` (canonical), ``pos`` (1-based), ``ref``, ``alt`` of normalised variants, and the
        columns that ``facts`` names; ``source``, the number of the file, where ``combine`` asks for it; ``usable``,
        where that is false of rows whose variant was seen, but of which the store cannot say what is known of it.
    covered
        Regions the source could see: ``chrom``, ``start``, ``end``, 0-based and half-open as in BED. ``None``:
        not stated, and then told from where its variants lie; of ClinVar, which knows of no regions, every contig
        with variants counts.
    left_out
        Rows that were left out before they came here, by reason; it may still be counted on while the batches come.
    unmoved
        Records on contigs that the genome lacks, by contig; it may still be counted on.
    combine
        Makes one row of those of a variant that comes more than once; the first one is kept by default.
    added_up
        How many rows ``combine`` has added to others, rather than left out.
    notes
        What the card tells its reader, asked when all batches have come.

    Raises
    ------
    InputError
        When no variant is left, or a category is none of those that were given.
    OutputError
        The place cannot be written, the disk is full, or another process builds this store now.
    """
    gone: Counter[str] = Counter()
    with staging_folder(folder) as (staging, lock):
        parts = Parts(staging / _PARTS, facts.columns)
        for batch in batches:
            gone["no_key"] += parts.add(batch)
        columns, total, repeated = write_columns(parts, staging, combine=combine)
        joined = added_up()
        gone[facts.repeated_as] += repeated - joined
        gone.update(left_out or {})
        if not total:
            reasons = ", ".join(f"{n:,} × {reason}" for reason, n in sorted(gone.items()) if n)
            raise InputError(
                "holds no variant that can be kept" + (f" (left out: {reasons})" if reasons else ""),
                where=", ".join(one.name for one in facts.inputs) or facts.kind,
            )
        shutil.rmtree(staging / _PARTS)
        how = None
        if covered is None and facts.kind != "clinvar":
            covered, how = inferred_regions(np.load(staging / KEYS, mmap_mode="r"), assembly=facts.assembly)
        if covered is not None:
            _regions(covered).write_parquet(staging / COVERED)
        unusable = parts.unusable()
        if len(unusable):
            np.save(staging / UNUSABLE, unusable)
        unlock(lock)
        lost = {chrom: n for chrom, n in (unmoved or {}).items() if chrom in CHROMOSOMES and n}
        files = sorted(staging.iterdir())
        card = StoreCard(
            kind=facts.kind,
            name=facts.name,
            assembly=facts.assembly,
            variants=total,
            columns=columns,
            covered="assumed" if covered is None else "stated" if how is None else "inferred",
            covered_how=how,
            normalised=(
                "without a genome"
                if not facts.has_genome
                else "partly with the genome"
                if lost
                else "with the genome"
            ),
            unmoved=lost,
            unusable=len(unusable),
            added_up=joined,
            maxima=facts.maxima,
            left_out={reason: n for reason, n in sorted(gone.items()) if n},
            notes=tuple(notes()),
            releases=facts.releases,
            inputs=facts.inputs,
            sizes={path.name: path.stat().st_size for path in files},
            sha256={path.name: file_sha256(path) for path in files},
        )
        (staging / CARD).write_text(card.to_json(), encoding="utf-8")
    return card


def _regions(covered: pl.DataFrame) -> pl.DataFrame:
    """Return covered regions as ranges of keys, in order and joined where they touch."""
    codes = {name: code for code, name in enumerate(CHROMOSOMES, start=1)}
    table = (
        covered.with_columns(code=pl.col("chrom").cast(pl.String).replace_strict(codes, default=None))
        .drop_nulls("code")
        .filter(pl.col("start") < pl.col("end"))
        .sort("code", "start", "end")
        .with_columns(reached=pl.col("end").cum_max().over("code"))
        .with_columns(
            begins=(pl.col("start") > pl.col("reached").shift(1).over("code")).fill_null(value=True)
        )
        .with_columns(region=pl.col("begins").cum_sum())
        .group_by("region", maintain_order=True)
        .agg(pl.col("code").first(), pl.col("start").min(), pl.col("end").max())
    )
    place = (pl.col("code").cast(pl.UInt64) * (1 << 28), 1 << 31)
    return table.select(
        first=(place[0] + pl.col("start").cast(pl.UInt64)) * place[1],
        last=(place[0] + pl.col("end").cast(pl.UInt64)) * place[1] - 1,
    )
