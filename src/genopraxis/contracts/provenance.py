"""Provenance: everything needed to know how a result came about, and to make it again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document, Part


class InputDigest(Part):
    """A file that went into a result; only its name is kept, since a path may identify a patient."""

    name: str
    sha256: Sha256


class DataRelease(Part):
    """A release of reference knowledge or data, not to be confused with the release of a tool."""

    name: str = Field(description="e.g. HPO, HPO disease annotations")
    version: str
    licence: str
    source: str
    sha256: Sha256


class Provenance(Document):
    """Software, environment, parameters, inputs and knowledge behind a result.

    It holds what is stated; :func:`genopraxis.provenance.current_provenance` states it for this process.
    """

    schema_id: ClassVar[str] = "genopraxis.provenance/1"

    software: str
    version: str = Field(description="of the software")
    created: datetime
    python: str
    platform: str
    libraries: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, str | float | int | bool | None] = Field(default_factory=dict)
    inputs: tuple[InputDigest, ...] = ()
    releases: tuple[DataRelease, ...] = ()
