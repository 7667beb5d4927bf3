"""Grouped bootstrap of means and paired differences, where records of a group are not independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from genopraxis.stats.intervals import clopper_pearson, effective_groups, exact_grouped
from genopraxis.stats.permutation import sign_flip_p_value
from genopraxis.stats.resampling import (
    RESAMPLES,
    SEED,
    FloatArray,
    expanded_tails,
    group_draws,
    group_numbers,
    group_sums,
)

FEW_GROUPS = 5
"""With fewer groups than this that hold a hit (or a miss), a proportion gets the exact interval."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A mean with its interval; ``low`` and ``high`` are ``None`` with fewer than two groups."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    groups: int

    @classmethod
    def around(cls, value: float | None, ends: tuple[float, float] | None, *, n: int, groups: int) -> Self:
        """Return an estimate whose interval holds its value: rounding or bias must not push it out."""
        if value is None or ends is None:
            return cls(value=value, low=None, high=None, n=n, groups=groups)
        return cls(value=value, low=min(ends[0], value), high=max(ends[1], value), n=n, groups=groups)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Mean of ``a`` minus mean of ``b`` on the same records, with interval and two-sided p value."""

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    n: int
    groups: int


def grouped_bootstrap(
    values: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    level: float = 0.95,
    bounds: tuple[float, float] | None = (0.0, 1.0),
) -> list[Estimate]:
    """Return the mean of each column with an interval that resamples whole groups.

    Parameters
    ----------
    values
        Shape (n,) or (n, m); finite.
    groups
        Shape (n,): which records belong together, for example the publication that a case was reported in.
    resamples
        Number of bootstrap resamples.
    seed
        The interval is a function of values, groups and seed alone: the order of the rows does not matter.
    level
        Confidence level between 0 and 1.
    bounds
        The values that are possible at all; ``None`` when there are no limits.

    Returns
    -------
    list of Estimate
        One for each column.

    Notes
    -----
    A resample draws as many groups as there are, with replacement, and takes the ratio of the sum of values
    to the number of records. Percentile intervals are too narrow with few groups; the percentiles taken are
    therefore those of the expanded percentile interval, with Kish's effective number of groups.

    A bootstrap cannot see what did not occur. Where a column of zeros and ones has fewer than ``FEW_GROUPS``
    groups with a one, or with a zero, the exact interval at the effective sample size replaces the
    percentiles. Where all values of a column are the same, the interval reaches as far towards ``bounds`` as
    the exact upper limit of the share of groups that might have differed.

    References
    ----------
    Field CA, Welsh AH (2007), doi:10.1111/j.1467-9868.2007.00593.x (resampling whole groups);
    Hesterberg TC (2015), doi:10.1080/00031305.2015.1089789 (expanded percentiles);
    Korn EL, Graubard BI (1998), Survey Methodology 24:193-201 (exact interval for few events).
    """
    data = _columns(values)
    n, m = data.shape
    codes, count = group_numbers(groups, n)
    if n == 0:
        return [Estimate(value=None, low=None, high=None, n=0, groups=0)] * m
    means = data.mean(axis=0)
    if count < 2:
        return [Estimate(value=float(mean), low=None, high=None, n=n, groups=count) for mean in means]
    sizes = np.bincount(codes, minlength=count).astype(np.float64)
    sums = group_sums(data, codes, count)
    ratios = _resampled_ratios(sums, sizes, resamples=resamples, seed=seed)
    effective = effective_groups(sizes)
    tails = expanded_tails(effective, level)
    limits = np.quantile(ratios, tails, axis=0)
    estimates = []
    for j in range(m):
        exact = _exact_interval(data[:, j], sums[:, j], sizes, ratios[:, j], effective, level, bounds)
        low, high = exact if exact is not None else (float(limits[0, j]), float(limits[1, j]))
        estimates.append(Estimate.around(float(means[j]), (low, high), n=n, groups=count))
    return estimates


def paired_difference(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    resamples: int = RESAMPLES,
    flips: int = 9_999,
    seed: int = SEED,
    level: float = 0.95,
    bounds: tuple[float, float] | None = (0.0, 1.0),
) -> Difference:
    """Return mean(a) - mean(b) on the same records, with grouped interval and permutation p value.

    Parameters
    ----------
    a, b
        Shape (n,), finite; row i of both is the same record.
    groups
        Shape (n,): which records belong together.
    resamples
        Bootstrap resamples of the interval.
    flips
        Random sign flips of the test; exact enumeration replaces them where groups are few.
    seed, level, bounds
        As in :func:`grouped_bootstrap`; ``bounds`` are those of ``a`` and ``b``.

    Notes
    -----
    The p value exchanges the two tools within whole groups, see
    :func:`genopraxis.stats.permutation.sign_flip_p_value`. Interval and p value answer two questions (how
    large, and whether at all) with different resampling; close to the limit they may disagree.
    """
    first, second = _columns(a), _columns(b)
    if first.shape != second.shape or first.shape[1] != 1:
        raise ValueError(f"two vectors of one length are wanted, got shapes {first.shape} and {second.shape}")
    delta = first - second
    span = None if bounds is None else (bounds[0] - bounds[1], bounds[1] - bounds[0])
    estimate = grouped_bootstrap(delta, groups, resamples=resamples, seed=seed, level=level, bounds=span)[0]
    codes, count = group_numbers(groups, len(delta))
    p_value = (
        sign_flip_p_value(group_sums(delta, codes, count)[:, 0], flips=flips, seed=seed)
        if count > 1
        else None
    )
    return Difference(
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        p_value=p_value,
        n=estimate.n,
        groups=estimate.groups,
    )


def _columns(values: npt.ArrayLike) -> FloatArray:
    data = np.asarray(values, dtype=np.float64)
    data = data[:, np.newaxis] if data.ndim == 1 else data
    if data.ndim != 2:
        raise ValueError(f"values of shape (n,) or (n, m) are wanted, got {data.ndim} dimensions")
    if not np.isfinite(data).all():
        raise ValueError("values must be finite; leave out, or count as a miss, what was not measured")
    return data


def _resampled_ratios(sums: FloatArray, sizes: FloatArray, *, resamples: int, seed: int) -> FloatArray:
    both = np.column_stack([sums, sizes])
    totals = np.concatenate(
        [counts @ both for counts in group_draws(len(sizes), resamples=resamples, seed=seed)]
    )
    ratios: FloatArray = totals[:, :-1] / totals[:, -1:]
    return ratios


def _exact_interval(
    column: FloatArray,
    sums: FloatArray,
    sizes: FloatArray,
    ratios: FloatArray,
    effective: float,
    level: float,
    bounds: tuple[float, float] | None,
) -> tuple[float, float] | None:
    """Return the interval of a column whose resamples say too little, else ``None``."""
    first = float(column[0])
    if bounds is not None and bool((column == first).all()):
        unseen = clopper_pearson(0.0, effective, level=level)[1]
        return first + unseen * (bounds[0] - first), first + unseen * (bounds[1] - first)
    if bounds != (0.0, 1.0) or not bool(((column == 0) | (column == 1)).all()):
        return None
    if min(np.count_nonzero(sums > 0), np.count_nonzero(sums < sizes)) >= FEW_GROUPS:
        return None
    variance = float(ratios.var(ddof=1)) if len(ratios) > 1 else 0.0
    return exact_grouped(
        float(column.mean()), variance=variance, n=len(column), groups=effective, level=level
    )
