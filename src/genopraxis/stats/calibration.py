"""How good are probabilities of a yes-or-no outcome: proper scores, calibration error, recalibration."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from genopraxis.stats.bootstrap import Estimate, grouped_bootstrap
from genopraxis.stats.intervals import effective_groups
from genopraxis.stats.recalibration import CLIP, Recalibration, recalibration
from genopraxis.stats.reliability import (
    BINS,
    Bin,
    calibration_error,
    error_if_calibrated,
    error_if_calibrated_in_groups,
    reliability_table,
)
from genopraxis.stats.resampling import (
    RESAMPLES,
    SEED,
    FloatArray,
    group_draws,
    group_numbers,
    group_sums,
    percentile_ends,
)


class _Options(TypedDict):
    resamples: int
    seed: int
    level: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """Probabilities against outcomes, every figure with its grouped interval.

    Parameters
    ----------
    predicted
        Mean prediction, fraction.
    observed
        Share that came true, fraction.
    brier
        Mean squared error, 0 to 1; lower is better.
    brier_skill
        1 minus its ratio to the Brier score of the observed share as a constant; 0: no better than that. ``None``
        where all outcomes are the same.
    log_loss
        Mean negative natural logarithm of what was predicted for what happened, predictions clipped.
    error
        Expected calibration error, fraction.
    error_if_calibrated, error_if_calibrated_in_groups
        What that would be by chance if every prediction were right: for independent records, and for records of a
        group as alike as they are seen to be.
    recalibration
        Calibration intercept and slope.
    table
        The reliability table, lowest predictions first.
    """

    predicted: float | None
    observed: Estimate
    brier: Estimate
    brier_skill: Estimate
    log_loss: Estimate
    error: Estimate
    error_if_calibrated: float | None
    error_if_calibrated_in_groups: float | None
    recalibration: Recalibration
    table: tuple[Bin, ...]


def measure_calibration(
    predicted: npt.ArrayLike,
    outcome: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    bins: int = BINS,
    clip: float = CLIP,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    level: float = 0.95,
) -> Calibration:
    """Measure how good probabilities of a yes-or-no outcome are.

    Parameters
    ----------
    predicted
        Shape (n,): probabilities between 0 and 1.
    outcome
        Shape (n,): 1 (or true) where it came true, else 0.
    groups
        Shape (n,): which records belong together, e.g. the publication of a case.
    bins
        Number of bins of equal mass; equal predictions share one.
    clip
        For log loss, intercept and slope predictions are held between ``clip`` and 1 - ``clip``.
    resamples, seed, level
        Of the grouped bootstrap.

    Raises
    ------
    ValueError
        When a prediction is not between 0 and 1, an outcome neither 0 nor 1, or the lengths differ.

    References
    ----------
    Brier GW (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2 (score);
    Gneiting T, Raftery AE (2007), doi:10.1198/016214506000001437 (proper scores and their skill);
    Van Calster B et al. (2019), doi:10.1186/s12916-019-1466-7 (intercept and slope).
    """
    p, y = checked(predicted, outcome)
    codes, count = group_numbers(groups, len(p))
    options = _Options(resamples=resamples, seed=seed, level=level)
    squares = np.square(p - y)
    observed, brier = grouped_bootstrap(np.column_stack([y, squares]), codes, **options)
    (loss,) = grouped_bootstrap(
        log_losses(p, y, clip=clip), codes, bounds=(-log1p(-clip), -log(clip)), **options
    )
    return Calibration(
        predicted=float(p.mean()) if len(p) else None,
        observed=observed,
        brier=brier,
        brier_skill=_skill(squares, y, codes, count, **options),
        log_loss=loss,
        error=calibration_error(p, y, codes, bins=bins, **options),
        error_if_calibrated=error_if_calibrated(p, bins=bins, seed=seed),
        error_if_calibrated_in_groups=error_if_calibrated_in_groups(p, y, codes, bins=bins, seed=seed),
        recalibration=recalibration(p, y, codes, clip=clip, **options),
        table=tuple(reliability_table(p, y, codes, bins=bins, **options)),
    )


def log_losses(predicted: FloatArray, outcome: FloatArray, *, clip: float = CLIP) -> FloatArray:
    """Return the logarithmic loss of each record, natural logarithm, with predictions held off 0 and 1 by ``clip``."""
    held = np.clip(predicted, clip, 1 - clip)
    return -np.where(outcome == 1, np.log(held), np.log1p(-held))


def checked(predicted: npt.ArrayLike, outcome: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return probabilities and outcomes as arrays.

    Raises
    ------
    ValueError
        When a prediction is not between 0 and 1, an outcome neither 0 nor 1, or the lengths differ.
    """
    p, y = np.asarray(predicted, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if p.ndim != 1 or p.shape != y.shape:
        raise ValueError(f"two vectors of one length are wanted, got shapes {p.shape} and {y.shape}")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a probability lies between 0 and 1")
    if not ((y == 0) | (y == 1)).all():
        raise ValueError("an outcome is 0 or 1")
    return p, y


def _skill(
    squares: FloatArray,
    outcome: FloatArray,
    codes: npt.NDArray[np.intp],
    count: int,
    *,
    level: float,
    resamples: int,
    seed: int,
) -> Estimate:
    n = len(outcome)
    if not 0 < outcome.sum() < n:
        return Estimate.around(None, None, n=n, groups=count)
    sums = group_sums(np.column_stack([squares, outcome, np.ones(n)]), codes, count)
    value = float(_skills(sums.sum(axis=0, keepdims=True))[0])
    if count < 2:
        return Estimate.around(value, None, n=n, groups=count)
    drawn = np.concatenate(
        [_skills(counts @ sums) for counts in group_draws(count, resamples=resamples, seed=seed)]
    )
    ends = percentile_ends(drawn, effective=effective_groups(sums[:, 2]), level=level)
    return Estimate.around(value, ends, n=n, groups=count)


def _skills(totals: FloatArray) -> FloatArray:
    """Return 1 minus the ratio of Brier scores for rows of summed squares, summed outcomes and records."""
    share = totals[:, 1] / totals[:, 2]
    constant = share * (1 - share)
    skills = np.full(len(totals), np.nan)
    np.divide(totals[:, 0] / totals[:, 2], constant, out=skills, where=constant > 0)
    return 1 - skills
