"""Permutation test of a paired difference in which whole groups change sides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_MOST_EXACT = 14
_CELLS_AT_ONCE = 2_000_000


def sign_flip_p_value(sums: npt.ArrayLike, *, flips: int = 9_999, seed: int = 20_240_229) -> float:
    """Return the two-sided p value of a sum whose groups could have had either sign.

    Parameters
    ----------
    sums
        Shape (groups,): the summed difference of each group.
    flips
        Random sign patterns, where there are too many groups to try all.
    seed
        Makes the random patterns reproducible.

    Returns
    -------
    float
        1 when no group differs. With random patterns never below 1 / (flips + 1).

    Notes
    -----
    If two tools are equally good, exchanging them for all records of a group changes the sign of that
    group's summed difference and nothing else. Groups without difference carry no information, as in
    McNemar's test. With up to 14 groups that differ every pattern is tried; with more, random patterns, with
    the observed one counted in.

    References
    ----------
    Phipson B, Smyth GK (2010), Permutation p-values should never be zero, doi:10.2202/1544-6115.1585.
    """
    values = np.asarray(sums, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("one finite sum for each group is wanted")
    largest = float(np.abs(values).max(initial=0.0))
    # sums that are zero but for rounding are zero
    values = values[np.abs(values) > 1e-12 * largest] if largest > 0 else values[:0]
    if not values.size:
        return 1.0
    # equal sums reached in a different order of addition must count as equal
    observed = abs(float(values.sum())) - 1e-9 * float(np.abs(values).sum())
    if values.size <= _MOST_EXACT:
        patterns = np.arange(2 ** (values.size - 1))[:, np.newaxis] >> np.arange(values.size) & 1
        # the other half of the patterns is the mirror image of this one
        return float(np.mean(np.abs((1.0 - 2.0 * patterns) @ values) >= observed))
    generator = np.random.default_rng(seed)
    rows = max(1, _CELLS_AT_ONCE // values.size)
    extreme = 0
    for start in range(0, flips, rows):
        height = min(rows, flips - start)
        flipped = generator.integers(0, 2, size=(height, values.size), dtype=np.int8) * 2.0 - 1.0
        extreme += int(np.count_nonzero(np.abs(flipped @ values) >= observed))
    return (extreme + 1) / (flips + 1)
