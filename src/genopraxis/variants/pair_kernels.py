"""Compiled loops over pairs of allele and transcript: which one of an allele is read first, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from genopraxis.contracts.consequences import TERMS
from genopraxis.knowledge.transcripts import LIMITS, Flag
from genopraxis.variants.consequence_kernels import CDS, DISTANCE, NMD_RULE, REF_MISMATCH

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

_MANE_SELECT, _CANONICAL = np.int64(Flag.MANE_SELECT), np.int64(Flag.CANONICAL)
_MANE = np.int64(Flag.MANE_SELECT | Flag.MANE_PLUS_CLINICAL)
_LIMITS = np.int64(sum(LIMITS))
_N_TERMS = len(TERMS)
_LAST = np.int64(1) << np.int64(62)

FLAGGED, MISMATCHED, INSIDE, ON_MANE, STOPS, ESCAPING, TALLIES = range(7)
"""What :func:`tally` counts of the picked pairs; ``INSIDE`` and ``ON_MANE`` of the alleles, by any of their pairs."""


def _zeros(_: Any, mask: Any) -> tuple[Any, Any]:  # noqa: ARG001 - numba asks for the types by name
    def build(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, 0))

    return types.int64(types.int64), build


lowest_bit = cast("Callable[[int], int]", intrinsic(_zeros))


@njit(cache=True, nogil=True)
def pick_pairs(rows: Int32, transcripts: Int32, terms: Int64, flags: NDArray[np.uint32], pick: Flags) -> None:
    """Mark one pair of each allele: the most severe; then MANE Select, canonical, first."""
    best = 0
    best_term, best_place = _LAST, 4
    for pair in range(rows.size):
        # the lowest bit is the most severe term
        term = terms[pair] & -terms[pair]
        if term == 0:
            term = _LAST
        own = np.int64(flags[transcripts[pair]])
        place = (0 if own & _MANE_SELECT else 2) + (0 if own & _CANONICAL else 1)
        if pair == 0 or rows[pair] != rows[pair - 1]:
            if pair > 0:
                pick[best] = True
            best, best_term, best_place = pair, term, place
        elif term < best_term or (term == best_term and place < best_place):
            best, best_term, best_place = pair, term, place
    if rows.size:
        pick[best] = True


@njit(cache=True, nogil=True)
def tally(
    rows: Int32,
    transcripts: Int32,
    terms: Int64,
    numbers: Int32,
    pick: Flags,
    flags: NDArray[np.uint32],
    high: int,
    changing: int,
    by_term: Int64,
    by_transcript: Int64,
    tallies: Int64,
    coding: Flags,
) -> None:
    """Count pairs.

    Parameters
    ----------
    high, changing
        Masks of the terms of high impact, and of those that change coding sequence.
    by_term
        Picked pairs by their most severe term; those without one at the end.
    by_transcript
        Picked pairs by transcript.
    tallies
        :data:`TALLIES` counts.
    coding
        Of each allele, whether it changes coding sequence; set where one does.
    """
    inside = on_mane = -1
    for pair in range(rows.size):
        row, transcript = rows[pair], transcripts[pair]
        own = np.int64(flags[transcript])
        if numbers[CDS, pair]:
            coding[row] = True
        if numbers[DISTANCE, pair] == 0:
            if inside != row:
                inside = row
                tallies[INSIDE] += 1
            if own & _MANE and on_mane != row:
                on_mane = row
                tallies[ON_MANE] += 1
        if not pick[pair]:
            continue
        mask = terms[pair]
        by_transcript[transcript] += 1
        by_term[lowest_bit(mask) if mask else _N_TERMS] += 1
        first = mask & -mask
        if first & changing:
            coding[row] = True
        mismatch = numbers[REF_MISMATCH, pair] > 0
        tallies[FLAGGED] += mismatch or own & _LIMITS != 0
        tallies[MISMATCHED] += mismatch
        if first & high and numbers[NMD_RULE, pair]:
            tallies[STOPS] += 1
            tallies[ESCAPING] += numbers[NMD_RULE, pair] > 1
