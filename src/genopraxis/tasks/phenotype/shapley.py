"""How much each sign of a query adds to the scores of its candidates: Shapley values by sampling orders of the signs.

The signs come in one after the other; what the score of a candidate gains is put down to the sign that came in. The
mean over some orders is the sign's part (Štrumbelj and Kononenko 2014, doi:10.1007/s10115-013-0679-x). In every order
the parts add up to the whole gain, so their means do too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genopraxis.tasks.phenotype.query import Query

Floats = NDArray[np.float64]

_PAIRS = 4  # of orders; each is run forwards and backwards, which evens out who comes first


def shapley_parts(query: Query, score: Callable[[Query], Floats]) -> tuple[Floats, Floats]:
    """Return the score without any sign, and the part of each sign.

    Parameters
    ----------
    score
        Scores of the same candidates for any part of the query, shape (candidates,).

    Returns
    -------
    tuple
        Shape (candidates,), and shape (signs, candidates): observed signs first, then excluded ones, in the order of
        the query. The sum of all is the score of the whole query.
    """
    n, m = len(query.observed) + len(query.excluded), len(query.observed)
    known: dict[frozenset[int], Floats] = {}

    def value(signs: frozenset[int]) -> Floats:
        if signs not in known:
            observed = tuple(t for i, t in enumerate(query.observed) if i in signs)
            excluded = tuple(t for i, t in enumerate(query.excluded) if m + i in signs)
            known[signs] = score(replace(query, observed=observed, excluded=excluded))
        return known[signs]

    nothing = value(frozenset())
    parts = np.zeros((n, len(nothing)))
    random = np.random.default_rng(n)  # the same orders for every query of this length
    for _ in range(_PAIRS):
        order = random.permutation(n)
        for way in (order, order[::-1]):
            before, inside = nothing, frozenset[int]()
            for sign in way.tolist():
                inside |= {sign}
                after = value(inside)
                parts[sign] += after - before
                before = after
    return nothing, parts / (2 * _PAIRS)
