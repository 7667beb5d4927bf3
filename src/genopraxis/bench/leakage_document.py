"""The leak report as a document: what was looked for, how many cases it was found in, and what is clean."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from genopraxis.contracts.cards import Datasheet, TrainingData
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.leakage import LeakSource
from genopraxis.contracts.provenance import InputDigest, Provenance
from genopraxis.contracts.scorecard import DatasetDigest, Notice

MANY = 5
"""From so many patients on, a count that is the same by chance is out of the question."""
INTERVAL = (
    "95 % interval, bootstrap of whole publications; exact at the effective number of groups where few differ"
)


class Share(Part):
    """How many of some records, with the interval of their share."""

    count: int = Field(description="records with the property")
    n: int = Field(description="records of which it can be told")
    groups: int = Field(description="publications among them; one that is not stated is a group of its own")
    value: float | None = Field(description="count / n, a fraction; null: there is no record")
    low: float | None = Field(description="lower end of the 95 % interval; null: fewer than two groups")
    high: float | None


class KindOfLeak(Part):
    """One kind of leak, over all cases."""

    name: str = Field(description="as in cases.parquet")
    label: str
    meaning: str
    source: LeakSource = Field(description="where the case is known from")
    tool: str | None = Field(description="whose training data; null: no tool's")
    outcomes: dict[str, int] = Field(description="cases by outcome; they add up to all cases")
    reasons: dict[str, int] = Field(description="cases by reason, where one is given")
    found: Share = Field(description="cases in which it was found, of those of which it can be told")


class ToolStatement(Part):
    """What a tool says of its training."""

    tool: str
    version: str
    publications: int | None = Field(
        description="how many it declares; null: no case-level training data are declared"
    )
    patients: int | None = Field(description="as publications")
    training_data: tuple[TrainingData, ...] = Field(description="of its tool card; empty: nothing was fitted")
    this_file: bool = Field(
        description="a file of the dataset is among the training data of the card, by its sha256"
    )


class Leakage(Document):
    """Which cases of a dataset are known already, by whom, and how many are clean."""

    schema_id: ClassVar[str] = "genopraxis.leakage/1"

    task: str
    dataset: DatasetDigest
    datasheet: Datasheet | None = Field(
        default=None, description="of a registered dataset; null: none is known"
    )
    knowledge: str = Field(description="name of the release, as on the command line")
    kinds: tuple[KindOfLeak, ...]
    leaked: Share = Field(description="cases with a leak of any kind, of all cases")
    cannot_tell: Share = Field(description="cases without one of which a kind cannot be told, of all cases")
    clean: Share = Field(description="the remaining cases, of all cases")
    clean_but_for_tools: int = Field(description="clean cases if the tools' training is left aside")
    clean_file: InputDigest | None = Field(default=None, description="the clean subset as it was written")
    counts_equal: Share = Field(
        description="counts that rest on one publication of the dataset alone and are exactly those of its patients"
    )
    counts_equal_of_many: Share = Field(
        description=f"of these, the counts of {MANY} patients or more: agreement by chance is out of the question"
    )
    counts_not_compared: int = Field(
        description="such counts about something of which the dataset holds no patient"
    )
    tools: tuple[ToolStatement, ...] = ()
    notices: tuple[Notice, ...] = ()
    interval: str = INTERVAL
    provenance: Provenance
