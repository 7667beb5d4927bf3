"""Drawing whole groups with replacement: what every grouped bootstrap shares."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import numpy.typing as npt

from genopraxis.stats.quantiles import normal_cdf, t_quantile

FloatArray = npt.NDArray[np.float64]

RESAMPLES = 2000
SEED = 20_240_229

_CELLS_AT_ONCE = 2_000_000  # 16 MB of draws and as much of counts
_DEFINED = 0.95


def group_numbers(groups: npt.ArrayLike, n: int) -> tuple[npt.NDArray[np.intp], int]:
    """Return the group of each of ``n`` records as a number, and how many groups there are.

    Raises
    ------
    ValueError
        When there is not one group for each record.
    """
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise ValueError(f"one group for each of the {n} records is wanted, got shape {labels.shape}")
    names, codes = np.unique(labels, return_inverse=True)
    return codes, len(names)


def group_sums(data: FloatArray, codes: npt.NDArray[np.intp], count: int) -> FloatArray:
    """Return the sum of each column in each group, shape (groups, columns)."""
    return np.column_stack([np.bincount(codes, weights=column, minlength=count) for column in data.T])


def group_draws(count: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> Iterator[FloatArray]:
    """Yield how often each group is drawn, shape (resamples in this chunk, groups), in bounded memory."""
    generator = np.random.default_rng(seed)
    rows = max(1, _CELLS_AT_ONCE // count)
    for start in range(0, resamples, rows):
        height = min(rows, resamples - start)
        # drawing indices and counting them is a multinomial, several times faster than drawing it as one
        drawn = generator.integers(0, count, size=(height, count))
        drawn += np.arange(height)[:, np.newaxis] * count
        yield np.bincount(drawn.ravel(), minlength=height * count).reshape(height, count).astype(np.float64)


def record_weights(
    codes: npt.NDArray[np.intp], count: int, *, resamples: int = RESAMPLES, seed: int = SEED
) -> Iterator[FloatArray]:
    """Yield how often each record is in a resample of whole groups, shape (records,), one resample at a time.

    The draws are those of :func:`group_draws`: a statistic of the records and a mean share their resamples.
    """
    for drawn in group_draws(count, resamples=resamples, seed=seed):
        for row in drawn:
            yield row[codes]


def expanded_tails(effective: float, level: float) -> tuple[float, float]:
    """Return which quantiles of the resamples are the ends of an expanded percentile interval.

    Parameters
    ----------
    effective
        Effective number of groups, see :func:`genopraxis.stats.intervals.effective_groups`.
    level
        Confidence level between 0 and 1.

    References
    ----------
    Hesterberg TC (2015), doi:10.1080/00031305.2015.1089789.
    """
    tail = (1 - level) / 2
    # one dominating group leaves less than one degree of freedom: the widest interval that the resamples hold
    degrees = max(effective - 1, 1.0)
    wider = sqrt((degrees + 1) / degrees) * t_quantile(tail, degrees)
    expanded = normal_cdf(wider)
    return expanded, 1 - expanded


def percentile_ends(
    resampled: npt.ArrayLike, *, effective: float, level: float = 0.95
) -> tuple[float, float] | None:
    """Return the ends of the expanded percentile interval of a statistic that is no mean.

    Parameters
    ----------
    resampled
        Shape (resamples,): the statistic of each resample; NaN where it is not defined.
    effective, level
        As in :func:`expanded_tails`.

    Returns
    -------
    tuple of float
        ``None`` where more than one resample in twenty leaves the statistic undefined.
    """
    values = np.asarray(resampled, dtype=np.float64)
    defined = values[np.isfinite(values)]
    if not len(values) or len(defined) < _DEFINED * len(values):
        return None
    low, high = np.quantile(defined, expanded_tails(effective, level))
    return float(low), float(high)
