"""Compiled loops over allele counts: frequencies, their bounds, and the group with the largest."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genopraxis.knowledge.variant_store_kernels import MISSING

Counts = NDArray[np.int32]
Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]

NONE = 255


@njit(cache=True, nogil=True)
def shares(counts: Counts, numbers: Counts, stated: NDArray[np.float32]) -> Floats:
    """Return count over number; where one is missing or the number is 0, what is stated."""
    n = counts.shape[0]
    found = np.empty(n, np.float64)
    for i in range(n):
        if counts[i] != MISSING and numbers[i] > 0:
            found[i] = counts[i] / numbers[i]
        else:
            found[i] = stated[i]
    return found


@njit(cache=True, nogil=True)
def largest_share(
    counts: Counts, numbers: Counts, stated: NDArray[np.float32], overall: Floats
) -> tuple[Floats, Codes]:
    """Return the largest frequency and the number of its group; what holds of all where no group has one.

    Parameters
    ----------
    counts, numbers
        Shape (groups, variants).
    stated
        What holds where these are missing; of the same shape, or empty when nothing is stated.
    """
    groups, n = counts.shape
    any_stated = stated.shape[0] > 0
    best = np.full(n, np.nan)
    which = np.full(n, NONE, np.uint8)
    for i in range(n):
        for g in range(groups):
            if counts[g, i] != MISSING and numbers[g, i] > 0:
                share = counts[g, i] / numbers[g, i]
            elif any_stated:
                share = np.float64(stated[g, i])
            else:
                continue
            if share > best[i] or (np.isnan(best[i]) and not np.isnan(share)):
                best[i] = share
                # of none it is the largest where no group has it
                which[i] = g if share > 0 else NONE
        if np.isnan(best[i]):
            best[i] = overall[i]
    return best, which


@njit(cache=True, nogil=True)
def largest_bound(
    counts: Counts, numbers: Counts, bounds: Floats, far_counts: Counts, far_bounds: Floats
) -> tuple[Floats, Codes]:
    """Return the largest filtering allele frequency and the number of its group.

    Parameters
    ----------
    counts, numbers
        Shape (1 + groups, variants): of all, which hold where no group has a frequency; and of each group.
    bounds
        Lower bound of the mean, by count.
    far_counts, far_bounds
        Those of larger counts, ascending.
    """
    groups, n = counts.shape
    best = np.full(n, np.nan)
    which = np.full(n, NONE, np.uint8)
    for i in range(n):
        for turn in range(1, groups + 1):
            g = turn if turn < groups else 0
            if g == 0 and not np.isnan(best[i]):
                break
            count = counts[g, i]
            if count == MISSING or numbers[g, i] <= 0:
                continue
            if count < 0:
                bound = bounds[0]
            elif count < bounds.shape[0]:
                bound = bounds[count]
            else:
                bound = far_bounds[np.searchsorted(far_counts, count)]
            share = bound / numbers[g, i]
            if np.isnan(best[i]) or share > best[i]:
                best[i] = share
                which[i] = g - 1 if share > 0 and g > 0 else NONE
    return best, which
