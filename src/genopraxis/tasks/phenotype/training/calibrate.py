"""Fit the posterior to cases that the ranker was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from genopraxis.tasks.phenotype.posterior import SUMMARY, TRAINED_AT, Posterior

Floats = NDArray[np.float64]
_RIDGE = 1e-4
_SMALLEST = 1e-300


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A case as the posterior sees it.

    Parameters
    ----------
    scores, summary
        See :class:`genopraxis.tasks.phenotype.posterior.Posterior`.
    right
        Which candidates are right; none, when the diagnosis is not listed.
    solved
        ``False``: the diagnosis, and every disease of its gene, was withheld from the knowledge.
    group
        The publication.
    """

    scores: Floats
    summary: Floats
    right: NDArray[np.bool_]
    solved: bool
    group: str


def fit_posterior(cases: Sequence[Scored]) -> Posterior:
    """Maximise the likelihood of what became of each case, solved and unsolved ones weighing the same.

    A publication weighs as the square root of its number of cases, so that one with hundreds does not set the
    probabilities of all.
    """
    sizes: dict[tuple[str, bool], int] = {}
    for one in cases:
        sizes[one.group, one.solved] = sizes.get((one.group, one.solved), 0) + 1
    weight = np.array([sizes[one.group, one.solved] ** -0.5 for one in cases])
    solved = np.array([one.solved for one in cases])
    for kind, share in ((solved, TRAINED_AT), (~solved, 1 - TRAINED_AT)):
        weight[kind] *= share * len(cases) / max(weight[kind].sum(), 1e-12)
    summary = np.stack([one.summary for one in cases])
    scale = np.maximum(summary.std(axis=0), 1e-6)
    scale[0] = 1.0
    scaled = summary / scale
    k = len(SUMMARY)

    # all candidates of all cases in one array: case i has scores[start[i]:start[i + 1]]
    scores = np.concatenate([one.scores for one in cases])
    right = np.concatenate([one.right for one in cases])
    sizes_of_lists = np.array([len(one.scores) for one in cases])
    start = np.cumsum(sizes_of_lists) - sizes_of_lists
    case = np.repeat(np.arange(len(cases)), sizes_of_lists)
    listed = solved & np.logical_or.reduceat(right, start)
    target = np.stack([solved & ~listed, ~solved], axis=1)

    # neither the slope nor the two constants are held back
    free = np.ones(1 + 2 * k)
    free[[0, 1, 1 + k]] = 0.0

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope = np.exp(parameters[0])
        logits, others = slope * scores, scaled @ parameters[1:].reshape(2, k).T
        top = np.maximum(np.maximum.reduceat(logits, start), others.max(axis=1))
        share, other_share = np.exp(logits - top[case]), np.exp(others - top[:, None])
        total = np.add.reduceat(share, start) + other_share.sum(axis=1)
        # several right candidates: their probabilities add up
        reached = np.where(listed, np.add.reduceat(share * right, start), (other_share * target).sum(axis=1))
        expected = np.add.reduceat(share * scores, start) / total
        of_right = np.add.reduceat(share * right * scores, start) / np.maximum(reached, _SMALLEST)
        difference = weight[:, None] * (other_share / total[:, None] - target)
        gradient = np.concatenate(
            [
                [slope * (weight @ (expected - np.where(listed, of_right, 0.0)))],
                (difference.T @ scaled).ravel(),
            ]
        )
        n = len(cases)
        value = -float(weight @ np.log(np.maximum(reached, _SMALLEST) / total)) / n
        held = parameters * free
        return value + _RIDGE * float(held @ held), gradient / n + 2 * _RIDGE * held

    found = minimize(loss, np.zeros(1 + 2 * k), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    coefficients = found.x[1:].reshape(2, k) / scale
    return Posterior(
        slope=float(np.exp(found.x[0])),
        not_listed=tuple(float(x) for x in coefficients[0]),
        no_diagnosis=tuple(float(x) for x in coefficients[1]),
    )
