"""Ranks and ranking metrics. Ties share their middle rank; a truth that is not listed is a miss."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def mid_ranks(scores: npt.ArrayLike) -> FloatArray:
    """Return the rank of every candidate, 1 for the highest score; tied candidates share their middle rank.

    Parameters
    ----------
    scores
        Shape (n,), higher is better; ``-inf`` marks what is not a candidate.

    Returns
    -------
    ndarray
        Shape (n,), float64; NaN for what is not a candidate, which takes no place.

    Raises
    ------
    ValueError
        When a score is NaN: an unmeasured score has no place in an order.

    Notes
    -----
    The middle rank is the expected rank under random tie-breaking, so that a tool gains nothing by giving
    every candidate the same score (McSherry F, Najork M (2008), doi:10.1007/978-3-540-78646-7_38).
    """
    values = _one_dimensional(scores)
    candidate = values != -np.inf
    ranks = np.full(values.shape, np.nan)
    if candidate.any():
        _, inverse, counts = np.unique(-values[candidate], return_inverse=True, return_counts=True)
        ahead = np.cumsum(counts) - counts
        ranks[candidate] = (ahead + (counts + 1) / 2)[inverse]
    return ranks


def mid_rank(scores: npt.ArrayLike, index: int) -> float:
    """Return the middle rank of one candidate without sorting; NaN when its score is ``-inf``.

    Parameters
    ----------
    scores
        Shape (n,), higher is better; ``-inf`` marks what is not a candidate.
    index
        Position of the candidate, 0-based.

    Raises
    ------
    ValueError
        When a score is NaN.
    """
    values = _one_dimensional(scores)
    own = values[index]
    if own == -np.inf:
        return float("nan")
    ahead = np.count_nonzero(values > own)
    tied = np.count_nonzero(values == own)
    return float(ahead + (tied + 1) / 2)


def hits_at(ranks: npt.ArrayLike, k: float) -> BoolArray:
    """Tell which truths are among the first ``k``; a missing truth (NaN or None) is a miss.

    A truth tied for first place with one other has rank 1.5 and is no top-1 hit.
    """
    values = np.asarray(ranks, dtype=np.float64)
    # a comparison with NaN is false: a miss stays a miss
    return np.less_equal(values, k)


def reciprocal_rank(ranks: npt.ArrayLike) -> FloatArray:
    """Return 1 / rank; 0 for a missing truth (NaN or None). Its mean is the mean reciprocal rank.

    References
    ----------
    Voorhees EM (1999), The TREC-8 question answering track report, NIST SP 500-246.
    """
    values = np.asarray(ranks, dtype=np.float64)
    result: FloatArray = np.zeros(values.shape)
    np.divide(1.0, values, out=result, where=~np.isnan(values))
    return result


def _one_dimensional(scores: npt.ArrayLike) -> FloatArray:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"a one-dimensional array of scores is wanted, got {values.ndim} dimensions")
    if np.isnan(values).any():
        raise ValueError("a score is NaN; use -inf for what is not a candidate")
    return values
