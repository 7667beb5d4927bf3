"""Logistic recalibration: whether probabilities are too high on average, or too extreme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genopraxis.stats.bootstrap import Estimate
from genopraxis.stats.intervals import effective_groups
from genopraxis.stats.resampling import (
    RESAMPLES,
    SEED,
    FloatArray,
    group_draws,
    group_numbers,
    group_sums,
    percentile_ends,
)

CLIP = 1e-6
"""Probabilities are held this far from 0 and 1 where a logarithm is taken."""

_FURTHEST = 60.0  # no intercept lies further out: log odds of clipped probabilities are within 14
_STEPS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalibration:
    """Intercept and slope of the outcome's log odds over those of the prediction.

    Parameters
    ----------
    intercept
        With the slope held at 1: 0 is right on average, above 0 the predictions are too low, below too high.
    slope
        1 is right; below 1 the predictions are too extreme, above 1 too timid.
    """

    intercept: Estimate
    slope: Estimate


def recalibration(
    predicted: FloatArray,
    outcome: FloatArray,
    groups: npt.ArrayLike,
    *,
    clip: float = CLIP,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    level: float = 0.95,
) -> Recalibration:
    """Fit calibration intercept and slope by maximum likelihood, with grouped intervals.

    Parameters
    ----------
    predicted
        Shape (n,): probabilities, held between ``clip`` and 1 - ``clip``.
    outcome
        Shape (n,): 1 where it came true, else 0.
    groups
        Shape (n,): which records belong together.
    resamples, seed, level
        Of the grouped bootstrap.

    Returns
    -------
    Recalibration
        Values are ``None`` where none is finite: all outcomes are the same; for the slope also where all
        predictions are, or where one threshold divides the outcomes without an error.

    Notes
    -----
    Each resample makes one Newton step from the fit of all records, which differs from its own fit by terms of
    the order of one over the number of groups (Davidson R, MacKinnon JG 1999, International Economic Review
    40:487-508).

    References
    ----------
    Cox DR (1958), doi:10.1093/biomet/45.3-4.562; Van Calster B et al. (2019), doi:10.1186/s12916-019-1466-7.
    """
    n = len(predicted)
    codes, count = group_numbers(groups, n)
    held = np.clip(predicted, clip, 1 - clip)
    log_odds = np.log(held) - np.log1p(-held)
    ones = np.ones((n, 1))
    intercept = slope = Estimate.around(None, None, n=n, groups=count)
    if 0 < outcome.sum() < n:

        def estimate(design: FloatArray, offset: FloatArray, fitted: FloatArray) -> Estimate:
            drawn = _one_step(design, offset, fitted, outcome, codes, count, resamples=resamples, seed=seed)
            sizes = np.bincount(codes)
            ends = percentile_ends(drawn, effective=effective_groups(sizes), level=level)
            return Estimate.around(float(fitted[-1]), ends if count > 1 else None, n=n, groups=count)

        intercept = estimate(ones, log_odds, _intercept(log_odds, outcome))
        if not _divided(log_odds, outcome):
            design = np.column_stack([ones, log_odds])
            slope = estimate(design, np.zeros(n), _newton(design, outcome))
    return Recalibration(intercept=intercept, slope=slope)


def _divided(log_odds: FloatArray, outcome: FloatArray) -> bool:
    """Tell whether a threshold divides the outcomes, or nothing could: then no slope is finite."""
    true, false = log_odds[outcome == 1], log_odds[outcome == 0]
    return bool(true.min() >= false.max() or false.min() >= true.max())


def _expit(x: FloatArray) -> FloatArray:
    from scipy.special import expit

    found: FloatArray = expit(x)
    return found


def _intercept(log_odds: FloatArray, outcome: FloatArray) -> FloatArray:
    from scipy.optimize import brentq

    def score(a: float) -> float:
        return float((outcome - _expit(a + log_odds)).sum())

    return np.array([brentq(score, -_FURTHEST, _FURTHEST, xtol=1e-12)])


def _newton(design: FloatArray, outcome: FloatArray) -> FloatArray:
    """Return the maximum of the likelihood, which is concave; a step that overshoots is halved."""
    beta = np.zeros(design.shape[1])
    best = _log_likelihood(design @ beta, outcome)
    for _ in range(_STEPS):
        p = _expit(design @ beta)
        information = design.T @ (design * (p * (1 - p))[:, np.newaxis])
        step = np.linalg.solve(information, design.T @ (outcome - p))
        while (new := _log_likelihood(design @ (beta + step), outcome)) < best and np.abs(step).max() > 1e-12:
            step /= 2
        beta, gain, best = beta + step, new - best, new
        if gain <= 1e-12 * abs(best) and np.abs(step).max() < 1e-8:
            break
    return beta


def _log_likelihood(eta: FloatArray, outcome: FloatArray) -> float:
    return float((outcome * eta - np.logaddexp(0, eta)).sum())


def _one_step(
    design: FloatArray,
    offset: FloatArray,
    fitted: FloatArray,
    outcome: FloatArray,
    codes: npt.NDArray[np.intp],
    count: int,
    *,
    resamples: int,
    seed: int,
) -> FloatArray:
    """Return the last coefficient of each resample: score and information of a resample are sums over groups."""
    p = _expit(design @ fitted + offset)
    k = design.shape[1]
    scores = design * (outcome - p)[:, np.newaxis]
    products = (design[:, :, np.newaxis] * design[:, np.newaxis, :]).reshape(len(design), k * k)
    both = group_sums(np.column_stack([scores, products * (p * (1 - p))[:, np.newaxis]]), codes, count)
    totals = np.concatenate([drawn @ both for drawn in group_draws(count, resamples=resamples, seed=seed)])
    score, information = totals[:, :k], totals[:, k:].reshape(-1, k, k)
    determinant = information[:, 0, 0] if k == 1 else np.linalg.det(information)
    scale = information[:, 0, 0] * (1.0 if k == 1 else information[:, 1, 1])
    # all predictions of a resample alike, or next to: it has no slope
    sound = determinant > 1e-12 * scale
    last = np.full(len(totals), np.nan)
    last[sound] = fitted[-1] + np.linalg.solve(information[sound], score[sound, :, np.newaxis])[:, -1, 0]
    return last
