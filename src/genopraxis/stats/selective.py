"""Answering only where one is confident: the risk among the answered, over the share that is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genopraxis.stats.bootstrap import Estimate
from genopraxis.stats.intervals import effective_groups
from genopraxis.stats.resampling import (
    RESAMPLES,
    SEED,
    FloatArray,
    group_numbers,
    percentile_ends,
    record_weights,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectiveRisk:
    """How well a confidence score tells right answers from wrong ones.

    Parameters
    ----------
    area
        Area under the risk-coverage curve (AURC), fraction; lower is better, a constant gives the error rate.
    excess
        That minus the area of an oracle that gives up the wrong answers first; 0 is perfect.
    difference
        The area minus that of the first of the scores that were compared; negative: better than it.
    """

    area: Estimate
    excess: Estimate
    difference: Estimate


class RiskCoverage:
    """The risk-coverage curve of one confidence score.

    Parameters
    ----------
    confidence
        Shape (n,): higher is more confident; infinite values are allowed.
    wrong
        Shape (n,): 1 (or true) where the answer is wrong, else 0.

    Raises
    ------
    ValueError
        When a confidence is NaN, a value of ``wrong`` neither 0 nor 1, or the lengths differ.

    Notes
    -----
    Among equally confident records any order is as good as another: every figure is the mean over all orders
    of them, so that nothing is gained or lost by the order of the rows.

    References
    ----------
    Geifman Y, El-Yaniv R (2017), arXiv:1705.08500; Geifman Y, Uziel G, El-Yaniv R (2019), arXiv:1805.08206.
    """

    def __init__(self, confidence: npt.ArrayLike, wrong: npt.ArrayLike) -> None:
        scores, errors = np.asarray(confidence, dtype=np.float64), np.asarray(wrong, dtype=np.float64)
        if scores.ndim != 1 or scores.shape != errors.shape:
            raise ValueError(
                f"two vectors of one length are wanted, got shapes {scores.shape} and {errors.shape}"
            )
        if np.isnan(scores).any():
            raise ValueError("a confidence is NaN; give -inf where there is no answer")
        if not ((errors == 0) | (errors == 1)).all():
            raise ValueError("an answer is wrong (1) or not (0)")
        self._order = np.argsort(-scores, kind="stable")
        ordered = scores[self._order]
        # a difference of two infinities is no number: equal ones are compared, not subtracted
        first = np.ones(len(ordered), dtype=np.bool_)
        first[1:] = ordered[1:] != ordered[:-1]
        self._starts = np.flatnonzero(first)
        self._wrong = errors[self._order]

    def risk(self, coverages: npt.ArrayLike) -> FloatArray:
        """Return the share of wrong answers among the most confident records.

        Parameters
        ----------
        coverages
            Shares to answer, above 0 and up to 1; rounded up to whole records.
        """
        shares = np.asarray(coverages, dtype=np.float64)
        if not ((shares > 0) & (shares <= 1)).all():
            raise ValueError("a coverage is above 0 and at most 1")
        n = len(self._wrong)
        if not n:
            return np.full(shares.shape, np.nan)
        # 0.3 * 10 is a little more than 3: no further record for that
        answered = np.clip(np.ceil(shares * n - 1e-9), 1, n)
        seen, errors = self._runs(np.ones(n))
        expected: FloatArray = np.interp(answered, np.append(0.0, seen), np.append(0.0, errors)) / answered
        return expected

    def area(self, weights: FloatArray, harmonic: FloatArray) -> float:
        """Return the area under the curve, for records that occur ``weights`` times.

        Parameters
        ----------
        weights
            Shape (n,): whole numbers.
        harmonic
            Harmonic numbers from the 0th up to that of the sum of the weights, see :func:`harmonic_numbers`.

        Notes
        -----
        After ``a`` records with ``e`` errors, a run of ``t`` equally confident records with ``f`` errors adds
        the sum over j = 1 … t of (e + f j / t) / (a + j) = e h + f / t (t - a h), where h is the difference of
        the harmonic numbers of a + t and a.
        """
        seen, errors = self._runs(weights)
        ahead, before = np.append(0.0, seen[:-1]), np.append(0.0, errors[:-1])
        mass, found = seen - ahead, errors - before
        places = seen.astype(np.intp)
        h = harmonic[places] - harmonic[np.append(0, places[:-1])]
        share = np.divide(found, mass, out=np.zeros(len(mass)), where=mass > 0)
        return float((before * h + share * (mass - ahead * h)).sum() / seen[-1])

    def _runs(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return how many records, and how many wrong ones, there are up to the end of each run of ties."""
        weight = weights[self._order]
        seen = np.cumsum(np.add.reduceat(weight, self._starts))
        errors = np.cumsum(np.add.reduceat(weight * self._wrong, self._starts))
        return seen, errors


def harmonic_numbers(largest: int) -> FloatArray:
    """Return the harmonic numbers from the 0th, which is 0, to that of ``largest``."""
    return np.append(0.0, np.cumsum(1.0 / np.arange(1, largest + 1)))


def selective_risks(
    confidences: Sequence[npt.ArrayLike],
    wrong: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    level: float = 0.95,
) -> list[SelectiveRisk]:
    """Return how well each of some confidence scores tells right from wrong on the same records.

    Parameters
    ----------
    confidences
        One vector for each score, as in :class:`RiskCoverage`.
    wrong
        Shape (n,): 1 (or true) where the answer is wrong, else 0.
    groups
        Shape (n,): which records belong together.
    resamples, seed, level
        Of the grouped bootstrap; all scores share its resamples. No interval is given with fewer than two groups,
        or where all records are right, or all wrong.
    """
    curves = [RiskCoverage(confidence, wrong) for confidence in confidences]
    errors = np.asarray(wrong, dtype=np.float64)
    codes, count = group_numbers(groups, len(errors))
    drawn = _resampled(curves, errors, codes, count, resamples=resamples, seed=seed)

    def estimate(values: FloatArray) -> Estimate:
        if not len(codes):
            return Estimate.around(None, None, n=0, groups=0)
        ends = percentile_ends(values[1:], effective=effective_groups(np.bincount(codes)), level=level)
        return Estimate.around(float(values[0]), ends, n=len(codes), groups=count)

    areas, oracles = drawn[:, :-1], drawn[:, -1]
    return [
        SelectiveRisk(
            area=estimate(area), excess=estimate(area - oracles), difference=estimate(area - areas[:, 0])
        )
        for area in areas.T
    ]


def _resampled(
    curves: Sequence[RiskCoverage],
    errors: FloatArray,
    codes: npt.NDArray[np.intp],
    count: int,
    *,
    resamples: int,
    seed: int,
) -> FloatArray:
    """Return the area of each curve and of the oracle: in the first row of all records, below of each resample."""
    n = len(errors)
    if not n:
        return np.full((1, len(curves) + 1), np.nan)

    def row(weights: FloatArray) -> list[float]:
        return [*(curve.area(weights, harmonic) for curve in curves), _oracle(errors, weights, harmonic)]

    harmonic = harmonic_numbers(2 * n)
    rows = [row(np.ones(n))]
    if count > 1 and 0 < errors.sum() < n:
        for weights in record_weights(codes, count, resamples=resamples, seed=seed):
            # large groups drawn often may more than double the records
            if (total := int(weights.sum())) >= len(harmonic):
                harmonic = harmonic_numbers(2 * total)
            rows.append(row(weights))
    return np.array(rows)


def _oracle(errors: FloatArray, weights: FloatArray, harmonic: FloatArray) -> float:
    """Return the area of whoever gives up the wrong answers first: the errors come last."""
    total, wrong = round(float(weights.sum())), round(float(weights @ errors))
    right = total - wrong
    return (wrong - right * float(harmonic[total] - harmonic[right])) / total
