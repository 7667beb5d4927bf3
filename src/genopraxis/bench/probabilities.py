"""Are the probabilities of the tools right? Measured for each run, question by question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from genopraxis.bench.questions import PROBABILITY, QUESTIONS, Asked, ask
from genopraxis.bench.scoring import group_codes
from genopraxis.contracts.probability import (
    Calibration,
    ConfidenceScore,
    Figure,
    ProbabilityCheck,
    ReliabilityBin,
)
from genopraxis.stats.bootstrap import Estimate
from genopraxis.stats.calibration import measure_calibration
from genopraxis.stats.recalibration import CLIP
from genopraxis.stats.resampling import RESAMPLES, SEED
from genopraxis.stats.selective import selective_risks

HISTOGRAM = 20
"""Bars of the histogram of probabilities."""

_RUN = ("tool", "version", "regime", "level")


def check_probabilities(
    ranks: pl.DataFrame,
    *,
    holds_for: Mapping[tuple[str, str], str | None] | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Iterator[ProbabilityCheck]:
    """Yield what can be said of the probabilities of each run, for each question.

    Parameters
    ----------
    ranks
        A ``genopraxis.case-ranks/1`` table.
    holds_for
        By tool and version, what its card says that its probability holds for.
    resamples, seed
        Of the grouped bootstrap.
    """
    words = holds_for or {}
    for run, rows in ranks.group_by(_RUN, maintain_order=True):
        tool, version, regime, level = map(str, run)
        for question, k in QUESTIONS.items():
            asked = ask(rows, k=k)
            measured = isinstance(asked, Asked)
            yield ProbabilityCheck(
                tool=tool,
                version=version,
                regime=regime,
                level=level,
                question=question,
                outcome="measured" if measured else "not_measured",
                reason=None if isinstance(asked, Asked) else asked,
                n=rows.height,
                groups=len(np.unique(group_codes(rows))),
                holds_for=words.get((tool, version)) if measured else None,
                calibration=_calibration(asked, resamples, seed) if isinstance(asked, Asked) else None,
                confidence=_confidence(asked, resamples, seed) if isinstance(asked, Asked) else (),
            )


def _calibration(asked: Asked, resamples: int, seed: int) -> Calibration:
    found = measure_calibration(asked.predicted, asked.right, asked.groups, resamples=resamples, seed=seed)
    bars, _ = np.histogram(asked.predicted, bins=HISTOGRAM, range=(0, 1))
    return Calibration(
        observed=_figure(found.observed),
        predicted=float(asked.predicted.mean()),
        brier=_figure(found.brier),
        brier_skill=_figure(found.brier_skill),
        log_loss=_figure(found.log_loss),
        clip=CLIP,
        calibration_error=_figure(found.error),
        calibration_error_by_chance=found.error_if_calibrated or 0.0,
        calibration_error_by_chance_in_groups=found.error_if_calibrated_in_groups,
        intercept=_figure(found.recalibration.intercept),
        slope=_figure(found.recalibration.slope),
        bins=tuple(
            ReliabilityBin(predicted=one.predicted, observed=_figure(one.observed), n=one.observed.n)
            for one in found.table
        ),
        histogram=tuple(bars.tolist()),
    )


def _confidence(asked: Asked, resamples: int, seed: int) -> tuple[ConfidenceScore, ...]:
    names = sorted(asked.confidence, key=lambda name: name != PROBABILITY)  # the others are compared with it
    found = selective_risks(
        [asked.confidence[name] for name in names],
        ~asked.right,
        asked.groups,
        resamples=resamples,
        seed=seed,
    )
    return tuple(
        ConfidenceScore(
            confidence=name,
            area=_figure(one.area),
            excess=_figure(one.excess),
            difference=_figure(one.difference),
        )
        for name, one in zip(names, found, strict=True)
    )


def _figure(estimate: Estimate) -> Figure:
    return Figure(value=estimate.value, low=estimate.low, high=estimate.high)
