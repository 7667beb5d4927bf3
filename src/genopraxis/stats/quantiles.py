"""Quantiles of the distributions that intervals need, from SciPy.

SciPy is imported on the first call: it costs a third of a second that commands without intervals need not pay.
"""

from __future__ import annotations


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution."""
    from scipy.special import ndtri

    return float(ndtri(probability))


def normal_cdf(x: float) -> float:
    """Return the distribution function of the standard normal distribution."""
    from scipy.special import ndtr

    return float(ndtr(x))


def t_quantile(probability: float, degrees: float) -> float:
    """Return the quantile of Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the quantile of the beta distribution."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, probability))
