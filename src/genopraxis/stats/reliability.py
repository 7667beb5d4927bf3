"""Predicted against observed: bins of equal mass, the reliability table and the calibration error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genopraxis.stats.bootstrap import Estimate, grouped_bootstrap
from genopraxis.stats.intervals import effective_groups
from genopraxis.stats.resampling import (
    RESAMPLES,
    SEED,
    FloatArray,
    group_numbers,
    percentile_ends,
    record_weights,
)

BINS = 10
SIMULATIONS = 1000

_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """One row of a reliability table: the mean prediction and the share that came true."""

    predicted: float
    observed: Estimate


class EqualMass:
    """Bins of equal mass over predictions; equal predictions always share a bin.

    Parameters
    ----------
    predicted
        Shape (n,): probabilities.
    bins
        How many bins at most; many equal predictions make them fewer.

    Notes
    -----
    A run of equal predictions goes where its middle lies: with ``a`` records below it and ``t`` in it, to bin
    ``floor(bins * (a + t / 2) / n)``. Without ties every bin holds n / bins records, give or take one.
    """

    def __init__(self, predicted: FloatArray, *, bins: int = BINS) -> None:
        if bins < 1:
            raise ValueError(f"at least one bin is wanted, got {bins}")
        self.bins = bins
        self._order = np.argsort(predicted, kind="stable")
        ordered = predicted[self._order]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-np.inf) > 0)

    def numbers(self) -> npt.NDArray[np.intp]:
        """Return the bin of each record, 0-based."""
        n = len(self._order)
        of_run = self._of_run(np.diff(self._starts, append=n).astype(np.float64))
        found = np.empty(n, dtype=np.intp)
        found[self._order] = np.repeat(of_run, np.diff(self._starts, append=n))
        return found

    def error(self, residuals: FloatArray, weights: FloatArray) -> float:
        """Return the calibration error of weighted records; ``residuals`` are outcome minus prediction."""
        weight, gap = weights[self._order], (weights * residuals)[self._order]
        of_run = self._of_run(mass := np.add.reduceat(weight, self._starts))
        sums = np.bincount(of_run, weights=np.add.reduceat(gap, self._starts), minlength=self.bins)
        return float(np.abs(sums).sum() / mass.sum())

    def _of_run(self, mass: FloatArray) -> npt.NDArray[np.intp]:
        below = np.cumsum(mass)
        middle = below - mass / 2
        # a run without weight above all others would fall outside; it adds nothing wherever it goes
        numbers: npt.NDArray[np.intp] = np.minimum(self.bins * middle / below[-1], self.bins - 1).astype(
            np.intp
        )
        return numbers


def reliability_table(
    predicted: FloatArray,
    outcome: FloatArray,
    groups: npt.ArrayLike,
    *,
    bins: int = BINS,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    level: float = 0.95,
) -> list[Bin]:
    """Return mean prediction and observed share of each bin, lowest first, with grouped intervals.

    Parameters
    ----------
    predicted
        Shape (n,): probabilities, fractions.
    outcome
        Shape (n,): 1 where it came true, else 0.
    groups
        Shape (n,): which records belong together.
    bins
        Of equal mass, see :class:`EqualMass`; bins without a record are left out.
    resamples, seed, level
        As in :func:`genopraxis.stats.bootstrap.grouped_bootstrap`.

    References
    ----------
    Niculescu-Mizil A, Caruana R (2005), doi:10.1145/1102351.1102430.
    """
    codes, _ = group_numbers(groups, len(predicted))
    if not len(predicted):
        return []
    numbers = EqualMass(predicted, bins=bins).numbers()
    table = []
    for number in np.unique(numbers):
        own = numbers == number
        (observed,) = grouped_bootstrap(outcome[own], codes[own], resamples=resamples, seed=seed, level=level)
        table.append(Bin(predicted=float(predicted[own].mean()), observed=observed))
    return table


def calibration_error(
    predicted: FloatArray,
    outcome: FloatArray,
    groups: npt.ArrayLike,
    *,
    bins: int = BINS,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    level: float = 0.95,
) -> Estimate:
    """Return the expected calibration error (ECE): the mean distance of observed share and prediction over bins.

    Parameters
    ----------
    predicted, outcome, groups, bins
        As in :func:`reliability_table`.
    resamples, seed, level
        Of the grouped bootstrap. Each resample is put into bins anew.

    Notes
    -----
    Chance alone makes a bin's share differ from its prediction, so the error of a sample lies above that of the
    method, and that of a resample above that of the sample. The interval is therefore the basic one (quantiles
    mirrored at the estimate; Davison AC, Hinkley DV 1997, doi:10.1017/CBO9780511802843, section 5.2), cut at 0
    and 1 and widened to hold the estimate. Read the estimate beside :func:`error_if_calibrated`.

    References
    ----------
    Naeini MP, Cooper GF, Hauskrecht M (2015), doi:10.1609/aaai.v29i1.9602; equal mass: Nixon J et al. (2019),
    arXiv:1904.01685.
    """
    n = len(predicted)
    codes, count = group_numbers(groups, n)
    if not n:
        return Estimate.around(None, None, n=0, groups=0)
    made, residuals = EqualMass(predicted, bins=bins), outcome - predicted
    value = made.error(residuals, np.ones(n))
    ends = None
    if count > 1 and 0 < outcome.sum() < n:
        drawn = [
            made.error(residuals, weights)
            for weights in record_weights(codes, count, resamples=resamples, seed=seed)
        ]
        ends = percentile_ends(drawn, effective=effective_groups(np.bincount(codes)), level=level)
    mirrored = None if ends is None else (max(0.0, 2 * value - ends[1]), min(1.0, 2 * value - ends[0]))
    return Estimate.around(value, mirrored, n=n, groups=count)


def error_if_calibrated(
    predicted: FloatArray, *, bins: int = BINS, simulations: int = SIMULATIONS, seed: int = SEED
) -> float | None:
    """Return the calibration error to expect by chance if every prediction were right.

    Outcomes are drawn from the predictions, independently, and the error is averaged over the draws. ``None``
    without a record.
    """
    n = len(predicted)
    if not n:
        return None
    ordered = np.sort(predicted)  # so that the order of the records does not matter
    starts = np.flatnonzero(np.diff(EqualMass(ordered, bins=bins).numbers(), prepend=-1))
    generator = np.random.default_rng(seed)
    total = 0.0
    for height in _heights(simulations, n):
        residuals = (generator.random((height, n)) < ordered) - ordered
        total += float(np.abs(np.add.reduceat(residuals, starts, axis=1)).sum())
    return total / (simulations * n)


def error_if_calibrated_in_groups(
    predicted: FloatArray,
    outcome: FloatArray,
    groups: npt.ArrayLike,
    *,
    bins: int = BINS,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> float | None:
    """Return the same where records of a group are as alike as they are seen to be.

    ``None`` where a bin holds fewer than two groups: then nothing is seen of it.

    Notes
    -----
    The residuals around each bin's observed share keep their size and their likeness within a group; each whole
    group then gets a random sign, and the errors that this makes are averaged (the wild bootstrap by clusters:
    Cameron AC, Gelbach JB, Miller DL 2008, doi:10.1162/rest.90.3.414). In a bin of g groups residuals are
    inflated by the root of g / (g - 1). Where the records of a group are independent, all this comes to about
    what :func:`error_if_calibrated` gives.
    """
    n = len(predicted)
    codes, count = group_numbers(groups, n)
    if count < 2:
        return None
    numbers = EqualMass(predicted, bins=bins).numbers()
    cells = codes * bins + numbers
    sizes = np.maximum(np.bincount(numbers, minlength=bins), 1)
    shares = (np.bincount(numbers, weights=outcome, minlength=bins) / sizes)[numbers]
    present = (np.bincount(cells, minlength=count * bins).reshape(count, bins) > 0).sum(axis=0)[numbers]
    if present.min() < 2:
        return None
    # a share fitted to few groups leaves residuals too small
    residuals = (outcome - shares) * np.sqrt(present / (present - 1))
    sums = np.bincount(cells, weights=residuals, minlength=count * bins).reshape(count, bins)
    generator = np.random.default_rng(seed)
    total = 0.0
    for height in _heights(simulations, count):
        signs = generator.integers(0, 2, size=(height, count), dtype=np.int8) * 2.0 - 1.0
        total += float(np.abs(signs @ sums).sum())
    return total / (simulations * n)


def _heights(simulations: int, width: int) -> Iterator[int]:
    """Yield how many simulations of ``width`` cells to make at once, in bounded memory."""
    rows = max(1, _CELLS_AT_ONCE // width)
    for start in range(0, simulations, rows):
        yield min(rows, simulations - start)
