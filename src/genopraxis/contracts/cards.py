"""Tool card and datasheet: what a tool or a dataset is, may be used for, and where it fails."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.errors import InputError

ToolId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*$")]
Parameter = str | float | int | bool
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

_KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number"}


class Reference(Part):
    """A publication or standard."""

    citation: str
    doi: str | None = None
    url: str | None = None


class TrainingData(Part):
    """A dataset that fixed a weight or a parameter of a tool: what a leak detector looks for."""

    dataset: str = Field(description="name, as its datasheet or its publisher writes it")
    version: str
    sha256: Sha256 | None = Field(description="of its file; null: not recorded")
    use: str = Field(description="what was fitted on it, and which part of it was used")


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
    training_data: tuple[TrainingData, ...] = Field(
        description="every dataset that fixed a weight or a parameter; empty: nothing was fitted"
    )
    parameters: dict[str, Parameter] = Field(
        default_factory=dict, description="name → value in this instance of the tool"
    )
    score: str = Field(description="what the score is, in which direction, in which unit")
    probability: str | None = Field(
        default=None, description="what the probability holds for, if one is given"
    )
    authors: tuple[str, ...] = ("The Genopraxis authors",)

    def read_settings(self, settings: Mapping[str, str]) -> dict[str, Parameter]:
        """Return values given as text with the type that each parameter of this card has.

        Raises
        ------
        InputError
            When there is no such parameter, or the text is not of its type.
        """
        return {name: self._read_setting(name, text) for name, text in settings.items()}

    def _read_setting(self, name: str, text: str) -> Parameter:
        if name not in self.parameters:
            known = ", ".join(sorted(self.parameters)) or "none"
            raise InputError(f"{self.id} has no parameter {name!r}", hint=f"its parameters: {known}")
        usual = self.parameters[name]
        if isinstance(usual, str):
            return text
        wanted = _KINDS[type(usual)]
        try:
            value = {"true": True, "false": False}[text] if isinstance(usual, bool) else type(usual)(text)
        except (KeyError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise InputError(
                f"{text!r} cannot be the parameter {name!r} of {self.id}", hint=f"{wanted}, usually {usual}"
            )
        return value


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
