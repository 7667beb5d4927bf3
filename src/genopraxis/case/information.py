"""Is enough known of a patient to name a disease? One rule, for tools that allow for *none of these*."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from genopraxis.render.numbers import percent
from genopraxis.tasks.phenotype.ranking import DiseaseScores

Information = Literal["enough", "too_little"]

FIRST_TEN_LIMIT = 0.1
"""Below it, fewer than one such patient in ten has the answer among the first ten: who works through these lists
finds more wrong diseases than a list is worth, so they are better read as no answer."""

COMMON_SIGN = 0.1
"""A sign that a tenth of all described diseases show, or more, leaves hundreds of them: it is not informative."""

FEWEST_INFORMATIVE = 1
"""Without one informative sign the order of the list is that of chance and of how much is written on a disease."""


def first_ten(scores: DiseaseScores, leading: Iterable[int]) -> float | None:
    """Return the probability that one of the first ten is right, ``None`` when the tool gives no probability.

    Parameters
    ----------
    leading
        Groups of the first ten places.
    """
    if scores.probability is None:
        return None
    return min(float(sum(scores.probability[group] for group in leading)), 1.0)


def judge(
    scores: DiseaseScores,
    *,
    among_first_ten: float | None,
    shares: Iterable[float],
    solve_rate: float | None,
) -> tuple[Information | None, str]:
    """Say whether enough is known of a patient, and if not, why.

    Too little is known when the probability that any of the first ten is right is below :data:`FIRST_TEN_LIMIT` at
    the stated solve rate, or when fewer than :data:`FEWEST_INFORMATIVE` observed signs are informative, that is, shown
    by less than :data:`COMMON_SIGN` of the described diseases.

    Parameters
    ----------
    among_first_ten
        See :func:`first_ten`.
    shares
        Of each observed sign, the share of the described diseases that show it.
    solve_rate
        What the probabilities hold for, where the tool says it.

    Returns
    -------
    tuple
        The outcome, ``None`` for a tool whose probabilities do not allow for *none of these*; and the reason for
        *too little*.
    """
    if scores.not_listed is None or scores.no_diagnosis is None or among_first_ten is None:
        return None, ""
    informative = sum(share < COMMON_SIGN for share in shares)
    if informative < FEWEST_INFORMATIVE:
        common = percent(COMMON_SIGN, digits=0)
        return "too_little", f"{common} or more of all diseases show each of the signs"
    if among_first_ten < FIRST_TEN_LIMIT:
        held = f" at a solve rate of {percent(solve_rate, digits=0)}" if solve_rate is not None else ""
        chance = percent(FIRST_TEN_LIMIT, digits=0)
        return "too_little", f"the chance that one of the first ten is right is below {chance}{held}"
    return "enough", ""
