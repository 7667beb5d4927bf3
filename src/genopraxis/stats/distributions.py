"""The few distribution functions that intervals need, so that the core needs no SciPy."""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, isfinite, lgamma, log, log1p, sqrt
from statistics import NormalDist

NORMAL = NormalDist()
_TINY = 1e-300
_PRECISION = 1e-15
_MOST_TERMS = 20_000


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Parameters
    ----------
    x
        Between 0 and 1.
    a, b
        Shape parameters, greater than 0.

    Returns
    -------
    float
        Probability that a Beta(a, b) variable is at most ``x``.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 8.17 (continued fraction 8.17.22),
    https://dlmf.nist.gov/8.17, evaluated with the method of Lentz (1976), doi:10.1364/AO.15.000668.
    """
    if a <= 0 or b <= 0:
        raise ValueError(f"shape parameters must be positive, got {a!r} and {b!r}")
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_cdf(1.0 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _continued_fraction(x, a, b)


def _continued_fraction(x: float, a: float, b: float) -> float:
    c = 1.0
    d = 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d)
            c = _away_from_zero(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < _PRECISION * 4:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


@lru_cache(maxsize=4096)
def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the x at which the Beta(a, b) distribution function reaches ``probability``, by bisection."""
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability lies between 0 and 1, got {probability!r}")
    low, high = 0.0, 1.0
    # bisection needs no derivative and cannot leave the unit interval; 200 halvings also resolve tiny
    # quantiles
    for _ in range(200):
        middle = (low + high) / 2
        if beta_cdf(middle, a, b) < probability:
            low = middle
        else:
            high = middle
        if high - low <= _PRECISION * high:
            break
    return (low + high) / 2


@lru_cache(maxsize=4096)
def t_quantile(probability: float, degrees: float) -> float:
    """Return the quantile of Student's t distribution, for real degrees of freedom greater than 0."""
    if not 0 < probability < 1:
        raise ValueError(f"a quantile exists for probabilities between 0 and 1, got {probability!r}")
    if probability > 0.5:
        return -t_quantile(1 - probability, degrees)
    if not isfinite(degrees):
        return NORMAL.inv_cdf(probability)
    x = beta_quantile(2 * probability, degrees / 2, 0.5)
    return -sqrt(degrees * (1 - x) / x) if x > 0 else -inf
