"""From scores to probabilities: which disease it is, that it is none of those listed, or that there is none to find.

Every benchmark case has a diagnosis, so a probability learned from them alone would hold for patients who all have
one. The model here has two more outcomes: the diagnosis is not among the candidates, and the patient has no
diagnosis that could be named. How often the last one happens is the solve rate, which belongs to the clinic.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from genopraxis.contracts.document import Document
from genopraxis.tasks.phenotype.feature_names import FEATURES

SOLVE_RATE = 0.36
"""Share of referred patients in whom exome sequencing finds a diagnosis (Clark et al. 2018, a meta-analysis,
doi:10.1038/s41525-018-0053-8)."""

TRAINED_AT = 0.5
"""The solve rate of the sample that the model was fitted to; it cancels out."""

Floats = NDArray[np.float64]

_GIVEN = [FEATURES.index(name) for name in ("signs_given", "absences_given", "content_given")]
SUMMARY = ("one", "best", "lead", "tenth", "spread", "log_signs", "log_absences", "content")
"""What is known of a query as a whole."""


class Posterior(Document):
    """A multinomial logistic model over the candidates, *not listed* and *no diagnosis to find*.

    The weight of candidate *i* is ``exp(slope · score_i)``; the weights of the other two outcomes are exponentials
    of linear functions of :data:`SUMMARY`.
    """

    schema_id: ClassVar[str] = "genopraxis.phenotype-posterior/1"

    slope: float = Field(gt=0, allow_inf_nan=False, description="on the score of a candidate")
    not_listed: tuple[float, ...] = Field(
        min_length=len(SUMMARY), max_length=len(SUMMARY), description="coefficients of the summary"
    )
    no_diagnosis: tuple[float, ...] = Field(
        min_length=len(SUMMARY), max_length=len(SUMMARY), description="coefficients of the summary"
    )

    def probabilities(
        self, scores: Floats, summary: Floats, *, solve_rate: float
    ) -> tuple[Floats, float, float]:
        """Return the probability of each candidate, of *not listed*, and of *no diagnosis to find*.

        Parameters
        ----------
        scores
            Of the candidates, shape (candidates,).
        summary
            As :func:`summary_of` makes it.
        solve_rate
            Share of patients like this one who have a diagnosis that could be named.
        """
        solved, unsolved = np.log(solve_rate / TRAINED_AT), np.log((1 - solve_rate) / (1 - TRAINED_AT))
        log_weight = np.concatenate(
            [
                self.slope * scores + solved,
                [
                    summary @ np.array(self.not_listed) + solved,
                    summary @ np.array(self.no_diagnosis) + unsolved,
                ],
            ]
        )
        weight = np.exp(log_weight - log_weight.max())
        share = weight / weight.sum()
        return share[:-2], float(share[-2]), float(share[-1])


def summary_of(scores: Floats, features: NDArray[np.float32]) -> Floats:
    """Return what is known of a query as a whole, in the order of :data:`SUMMARY`.

    Parameters
    ----------
    scores
        Of the candidates, at least one.
    features
        Of the candidates, in the same order.
    """
    ordered = np.sort(scores)[::-1]
    best, second, tenth = ordered[0], ordered[min(1, len(ordered) - 1)], ordered[min(9, len(ordered) - 1)]
    signs, absences, content = (float(features[0, i]) for i in _GIVEN)
    return np.array(
        [1.0, best, best - second, tenth, best - tenth, np.log(signs), np.log1p(absences), content],
        dtype=np.float64,
    )
