"""Intervals for one proportion: Wilson, Clopper-Pearson, and the exact interval for grouped samples."""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from genopraxis.stats.quantiles import beta_quantile, normal_quantile, t_quantile


def wilson(successes: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion of independent records.

    Parameters
    ----------
    successes, n
        Counts; real numbers are allowed, so that effective counts can be given. ``n`` is greater than 0.
    level
        Confidence level between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper limit, fractions.

    References
    ----------
    Wilson EB (1927), doi:10.1080/01621459.1927.10502953; Brown, Cai and DasGupta (2001),
    doi:10.1214/ss/1009213286.
    """
    _check(successes, n, level)
    z = -normal_quantile((1 - level) / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # the limits at 0 and n are exact algebraically, not in floating point
    low = 0.0 if successes <= 0 else max(0.0, centre - half)
    high = 1.0 if successes >= n else min(1.0, centre + half)
    return low, high


def clopper_pearson(successes: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a proportion of independent records.

    Parameters
    ----------
    successes, n
        Counts; real numbers are allowed, so that effective counts can be given. ``n`` is greater than 0.
    level
        Confidence level between 0 and 1; the interval covers with at least this probability.

    Returns
    -------
    tuple of float
        Lower and upper limit, fractions.

    References
    ----------
    Clopper CJ, Pearson ES (1934), doi:10.1093/biomet/26.4.404.
    """
    _check(successes, n, level)
    tail = (1 - level) / 2
    low = 0.0 if successes <= 0 else beta_quantile(tail, successes, n - successes + 1)
    high = 1.0 if successes >= n else beta_quantile(1 - tail, successes + 1, n - successes)
    return low, high


def effective_groups(sizes: npt.ArrayLike) -> float:
    """Return how many equally large groups would be worth as much as groups of these sizes.

    It is (sum of sizes)² / (sum of squared sizes): the number of groups when all are equally large, close to
    1 when one group holds nearly everything.

    References
    ----------
    Kish L (1965), Survey Sampling, Wiley, chapter 11.
    """
    counts = np.asarray(sizes, dtype=np.float64)
    squares = float(np.square(counts).sum())
    return float(counts.sum()) ** 2 / squares if squares > 0 else 0.0


def exact_grouped(
    proportion: float, *, variance: float, n: int, groups: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a grouped proportion, at its effective sample size.

    Parameters
    ----------
    proportion
        The observed fraction.
    variance
        Its variance under the grouping (for example the bootstrap's), fraction squared.
    n
        Records.
    groups
        Effective number of groups, see :func:`effective_groups`.
    level
        Confidence level between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper limit, fractions.

    Notes
    -----
    At 0 or 1 the sample says nothing about how alike the records of a group are. The worst is then assumed,
    that a group speaks with one voice, and the effective sample size is the effective number of groups. This
    is the grouped form of the rule of three (doi:10.1001/jama.1983.03330370053031).

    References
    ----------
    Korn EL, Graubard BI (1998), Survey Methodology 24:193-201; compared with others by Dean N, Pagano M
    (2015), doi:10.1093/jssam/smv024.
    """
    if proportion <= 0 or proportion >= 1 or variance <= 0:
        effective = min(groups, float(n))
    else:
        effective = proportion * (1 - proportion) / variance
        # the variance itself is estimated from few groups: pay with the t distribution, as Korn and Graubard
        # do
        tail = (1 - level) / 2
        if n > 1:
            effective *= (t_quantile(tail, n - 1) / t_quantile(tail, max(groups - 1, 1.0))) ** 2
        effective = min(max(effective, 1.0), float(n))
    return clopper_pearson(proportion * effective, effective, level=level)


def _check(successes: float, n: float, level: float) -> None:
    if not n > 0:
        raise ValueError(f"an interval needs at least one record, got n = {n!r}")
    if not 0 <= successes <= n * (1 + 1e-12):
        raise ValueError(f"successes must lie between 0 and n = {n!r}, got {successes!r}")
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, got {level!r}")
