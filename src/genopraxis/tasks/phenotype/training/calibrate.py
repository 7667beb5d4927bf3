"""Fit the posterior to cases that the ranker was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from genopraxis.tasks.phenotype.posterior import SUMMARY, TRAINED_AT, Posterior

Floats = NDArray[np.float64]
_RIDGE = 1e-3


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

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope = np.exp(parameters[0])
        others = scaled @ parameters[1:].reshape(2, k).T
        total, gradient = 0.0, np.zeros_like(parameters)
        for one, w, other, row in zip(cases, weight, others, scaled, strict=True):
            logits = np.concatenate([slope * one.scores, other])
            share = np.exp(logits - logsumexp(logits))
            target = np.zeros(len(logits))
            if not one.solved:
                target[-1] = 1.0
            elif one.right.any():
                # several right candidates: their probabilities add up
                target[:-2] = np.where(one.right, share[:-2], 0.0) / max(share[:-2][one.right].sum(), 1e-300)
            else:
                target[-2] = 1.0
            reached = (
                share[:-2][one.right].sum() if one.solved and one.right.any() else share[target > 0].sum()
            )
            total -= w * np.log(max(float(reached), 1e-300))
            difference = w * (share - target)
            gradient[0] += slope * (difference[:-2] @ one.scores)
            gradient[1 : 1 + k] += difference[-2] * row
            gradient[1 + k :] += difference[-1] * row
        n = len(cases)
        return total / n + _RIDGE * float(parameters @ parameters), gradient / n + 2 * _RIDGE * parameters

    found = minimize(loss, np.zeros(1 + 2 * k), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    coefficients = found.x[1:].reshape(2, k) / scale
    return Posterior(
        slope=float(np.exp(found.x[0])),
        not_listed=tuple(float(x) for x in coefficients[0]),
        no_diagnosis=tuple(float(x) for x in coefficients[1]),
    )
