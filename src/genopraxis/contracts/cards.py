"""Tool card and datasheet: what a tool or a dataset is, may be used for, and where it fails."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from genopraxis.contracts.document import Document, Part

ToolId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Reference(Part):
    """A publication or standard."""

    citation: str
    doi: str | None = None
    url: str | None = None


class ToolCard(Document):
    """Who made a tool, what it is for, what it was trained on, and where it must not be used."""

    schema_id: ClassVar[str] = "genopraxis.tool-card/1"

    id: ToolId = Field(description="task.name, for example phenotype.likelihood")
    version: str
    task: str
    name: str
    summary: str
    intended_use: str
    limitations: tuple[str, ...] = Field(min_length=1)
    licence: str = Field(description="SPDX identifier of code and weights")
    references: tuple[Reference, ...] = Field(min_length=1)
    training_data: tuple[str, ...] = Field(
        description="every dataset that fixed a weight or a parameter; empty: nothing was fitted"
    )
    parameters: dict[str, str | float | int | bool] = Field(default_factory=dict)
    score: str = Field(description="what the score is, in which direction, in which unit")
    probability: str | None = Field(
        default=None, description="what the probability holds for, if one is given"
    )
    authors: tuple[str, ...] = ("The Genopraxis authors",)


class DataFile(Part):
    """One file of a dataset, pinned by its bytes."""

    path: str
    sha256: Sha256
    size: int = Field(ge=0, description="bytes")


class Datasheet(Document):
    """What a dataset is, who may use it for what, and what leaks."""

    schema_id: ClassVar[str] = "genopraxis.datasheet/1"

    name: str
    version: str
    task: str
    description: str
    licence: str
    source: str
    use_codes: tuple[str, ...] = Field(description="GA4GH Data Use Ontology codes; empty: none stated")
    composition: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="group name → value → number of records"
    )
    known_leakage: tuple[str, ...] = Field(description="ways in which truth reaches knowledge or training")
    grouping_keys: tuple[str, ...] = Field(description="columns that must not be split, e.g. publication")
    may_train_shipped_weights: bool = False
    released: date | None = None
    files: tuple[DataFile, ...] = ()
