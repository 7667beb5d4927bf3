"""Scorecard: one or more tools on one dataset, in long form."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from genopraxis.contracts.cards import Datasheet, Sha256
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.probability import ProbabilityCheck
from genopraxis.contracts.provenance import Provenance


class DatasetDigest(Part):
    """Which dataset was scored: its name, the digest of its bytes and its number of records."""

    name: str
    sha256: Sha256
    n: int


class Score(Part):
    """One metric of one tool in one regime, level and stratum, with its interval."""

    tool: str
    version: str
    regime: str
    level: str
    stratum: str
    metric: str
    value: float | None = Field(description="fraction; null: not measured (no case in the stratum)")
    low: float | None = Field(description="lower end of the 95 % interval; null: fewer than two groups")
    high: float | None
    n: int = Field(description="cases, misses included")


class Timing(Part):
    """How long one tool took in one regime on this machine, after loading."""

    tool: str
    regime: str
    cases: int
    seconds: float
    cases_per_second: float


class Notice(Part):
    """Something a reader of the figures must know: a repair, an exclusion, an incomplete publication."""

    code: str
    message: str
    n: int
    cases: tuple[str, ...] = Field(default=(), description="case ids; cut says whether these are all")
    publications: tuple[str, ...] = Field(
        default=(), description="publications, where the notice is about them; cut says whether these are all"
    )
    cut: bool = Field(default=False, description="true: only the first cases or publications are listed")


class Regime(Part):
    """What is taken out of a tool's knowledge before it sees a case."""

    name: str = Field(description="as on the command line")
    label: str
    meaning: str
    contaminated: bool = Field(default=False, description="true: the knowledge may hold the answers")


class Perturbation(Part):
    """How cases were changed before a tool saw them."""

    name: str = Field(description="as on the command line")
    level: float | None = Field(default=None, description="how much; null: it has no level")
    meaning: str = Field(default="", description="what was done to each case")

    @property
    def text(self) -> str:
        """The perturbation as on the command line, e.g. ``noise=0.5``."""
        return self.name if self.level is None else f"{self.name}={self.level:g}"


class Scorecard(Document):
    """The figures of a run, with everything needed to judge them."""

    schema_id: ClassVar[str] = "genopraxis.scorecard/1"

    task: str
    dataset: DatasetDigest
    datasheet: Datasheet | None = Field(
        default=None, description="of a registered dataset; null: none is known"
    )
    regimes: tuple[Regime, ...] = Field(
        default=(), description="the regimes that the task offers, from least to most taken out"
    )
    perturbations: tuple[Perturbation, ...] = Field(
        default=(),
        description="how the cases were changed, in the order in which it was done; none: the cases as they are",
    )
    seed: int | None = Field(
        default=None, description="of what was drawn at random to change them; null: no case was changed"
    )
    results: tuple[Score, ...]
    probabilities: tuple[ProbabilityCheck, ...] = Field(
        default=(), description="whether the probabilities are right, for all cases; none: not looked at"
    )
    timing: tuple[Timing, ...]
    notices: tuple[Notice, ...] = ()
    interval: str = "95 % percentile interval, bootstrap grouped by publication"
    provenance: Provenance
