"""Where a source could see, told from where its variants lie, when nobody states it.

A source of whole genomes, be it of one person, has a variant every thousand bases or so, wherever one looks. One of
exomes or of a panel has them in clusters, and none in most places: that it does not list a variant there says nothing.
A contig counts as covered as a whole if it has a variant every 5,000 bases or more often, and if the distance from one
to the next is usually not much smaller than that: the median at least a fifth of the contig's length by the number of
places with variants. (Evenly spread ones have 0.69, one person's genome 0.41 with a tenth of the contig unknown,
exomes 0.14 at most, panels and ClinVar 0.01.) Of any other contig only the places within 100 bases of a variant count
as covered, which is about what surrounds an exon in a capture: too few rather than too many. The limits are ours.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.contig_names import LENGTHS, Assembly
from genopraxis.knowledge.variant_keys import CHROMOSOMES, Keys

__all__ = ["FLANK", "inferred_regions"]

FLANK = 100
"""Bases on both sides of a variant of a source of regions that count as seen."""

_SPACING = 5000
_SPREAD = 0.2
_CHUNK = 1 << 22
_END = (1 << 28) - 1


def inferred_regions(keys: Keys, *, assembly: str) -> tuple[pl.DataFrame, str]:
    """Return the regions that a source is taken to cover, and in words how that was decided.

    Parameters
    ----------
    keys
        Of all its variants, ascending.

    Returns
    -------
    polars.DataFrame
        ``chrom``, ``start``, ``end``: 0-based and half-open.
    """
    whole: list[str] = []
    parts: list[str] = []
    made: list[pl.DataFrame] = []
    bounds = np.searchsorted(keys, np.arange(1, len(CHROMOSOMES) + 2, dtype=np.uint64) << np.uint64(59))
    for chrom, begin, end in zip(CHROMOSOMES, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if begin == end:
            continue
        own = keys[begin:end]
        if _is_whole(own, LENGTHS[Assembly(assembly)][chrom]):
            whole.append(chrom)
            starts, ends = np.zeros(1, np.int64), np.full(1, _END)
        else:
            parts.append(chrom)
            starts, ends = _around(own)
        made.append(
            pl.DataFrame({"start": starts, "end": ends}).select(pl.lit(chrom).alias("chrom"), pl.all())
        )
    return pl.concat(made), _in_words(whole, parts)


def _is_whole(keys: Keys, length: int) -> bool:
    """Tell whether variants are many, and spread over a contig of this length."""
    distances = np.zeros(_SPACING + 1, np.int64)  # the last one: that far or farther
    previous = None
    for positions in _positions(keys):
        gaps = np.diff(positions, prepend=positions[:1] if previous is None else previous)
        distances += np.bincount(np.minimum(gaps[gaps > 0], _SPACING), minlength=_SPACING + 1)
        previous = positions[-1]
    n = int(distances.sum())
    spacing = length / (n + 1)
    if not n or spacing > _SPACING:
        return False
    median = int(np.searchsorted(np.cumsum(distances), (n + 1) // 2))
    return median >= _SPREAD * spacing


def _around(keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts: list[NDArray[np.int64]] = []
    stops: list[NDArray[np.int64]] = []
    previous: int | None = None
    for positions in _positions(keys):
        far = np.flatnonzero(np.diff(positions) > 2 * FLANK)
        begins, ends = positions[far + 1], positions[far]
        if previous is None:
            begins = np.concatenate([positions[:1], begins])
        elif int(positions[0]) - previous > 2 * FLANK:
            begins = np.concatenate([positions[:1], begins])
            ends = np.concatenate([[previous], ends])
        previous = int(positions[-1])
        starts.append(begins)
        stops.append(ends)
    stops.append(np.array([previous], np.int64))
    ends = np.minimum(np.concatenate(stops) + FLANK + 1, _END)
    return np.maximum(np.concatenate(starts) - FLANK, 0), ends


def _positions(keys: Keys) -> Iterator[NDArray[np.int64]]:
    """Yield 0-based positions in pieces."""
    for start in range(0, len(keys), _CHUNK):
        yield ((keys[start : start + _CHUNK] >> np.uint64(31)) & np.uint64(_END)).astype(np.int64)


def _in_words(whole: list[str], parts: list[str]) -> str:
    """Say what was decided of which contigs."""
    if not parts:
        return "its variants lie all over their contigs, which count as covered as a whole"
    near = f"only places within {FLANK} bases of one count as covered"
    if not whole:
        return f"its variants are few or in clusters, as those of exomes and panels: {near}"
    if len(parts) <= len(whole):
        named = ", ".join(parts)
        return f"on {named} its variants are few or in clusters: there {near}; other contigs are covered as a whole"
    return f"its variants are few or in clusters: {near}; all of {', '.join(whole)} counts as covered"
