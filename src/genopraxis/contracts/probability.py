"""Whether the probabilities of a tool are right: the part of a scorecard that says so."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from genopraxis.contracts.document import Part


class Figure(Part):
    """A figure with its 95 % interval."""

    value: float | None = Field(description="null: not defined, e.g. a skill where all outcomes are the same")
    low: float | None = Field(
        default=None, description="null: fewer than two groups, or all outcomes are the same"
    )
    high: float | None = None


class ReliabilityBin(Part):
    """Cases with about the same probability: what was predicted, and what came true."""

    predicted: float = Field(description="mean probability, fraction")
    observed: Figure = Field(description="share of cases in which it came true, fraction")
    n: int = Field(description="cases")


class ConfidenceScore(Part):
    """How well one score tells right answers from wrong ones: area under the risk-coverage curve."""

    confidence: str = Field(
        description="probability; score: of the first candidate; margin: between the first two; constant"
    )
    area: Figure = Field(
        description="mean error rate over all shares of cases that one may choose to answer, the most confident "
        "first; a constant gives the error rate"
    )
    excess: Figure = Field(description="above an oracle that gives up the wrong answers first; 0 is perfect")
    difference: Figure = Field(description="area minus that of the probability; above 0: worse than it")


class Calibration(Part):
    """Probabilities of one question against what came true."""

    observed: Figure = Field(description="share of cases in which it came true")
    predicted: float = Field(description="mean probability")
    brier: Figure = Field(description="mean squared error")
    brier_skill: Figure = Field(
        description="1 minus its ratio to that of the observed share as a constant; 0: no better than that"
    )
    log_loss: Figure = Field(description="natural logarithm")
    clip: float = Field(
        description="for log loss, intercept and slope, probabilities are held this far from 0 and 1"
    )
    calibration_error: Figure = Field(
        description="mean distance of observed share and mean probability, over bins of equal mass"
    )
    calibration_error_by_chance: float = Field(
        description="what it would be if every probability were right and all cases were independent"
    )
    calibration_error_by_chance_in_groups: float | None = Field(
        description="the same, with cases of a group as alike as they are; null: a bin holds one group only"
    )
    intercept: Figure = Field(description="log odds, slope held at 1; above 0: probabilities too low")
    slope: Figure = Field(description="below 1: probabilities too extreme")
    bins: tuple[ReliabilityBin, ...] = Field(description="of equal mass, lowest probability first")
    histogram: tuple[int, ...] = Field(description="cases in bins of equal width from 0 to 1")


class ProbabilityCheck(Part):
    """What can be said of one tool's probabilities in one regime, at one level, for one question."""

    tool: str
    version: str
    regime: str
    level: str
    question: str = Field(description="top1: is the first candidate right? top10: is it among the first ten?")
    outcome: Literal["measured", "not_measured"]
    reason: str | None = Field(default=None, description="why it is not measured")
    n: int = Field(description="cases, misses included")
    groups: int = Field(description="groups of cases that are not independent")
    holds_for: str | None = Field(default=None, description="as the tool's card says")
    calibration: Calibration | None = None
    confidence: tuple[ConfidenceScore, ...] = ()
