"""Provenance: everything needed to know how a result came about, and to make it again."""

from __future__ import annotations

from datetime import UTC, datetime
from platform import machine, python_version, system
from typing import ClassVar

from pydantic import Field

from genopraxis import __version__
from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document, Part


class InputDigest(Part):
    """A file that went into a result; only its name is kept, since a path may identify a patient."""

    name: str
    sha256: Sha256


class Release(Part):
    """A release of reference knowledge."""

    name: str = Field(description="e.g. HPO, HPO disease annotations")
    version: str
    licence: str
    source: str
    sha256: Sha256


class Provenance(Document):
    """Software, environment, parameters, inputs and knowledge behind a result."""

    schema_id: ClassVar[str] = "genopraxis.provenance/1"

    software: str = "genopraxis"
    version: str = __version__
    created: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    python: str = Field(default_factory=python_version)
    platform: str = Field(default_factory=lambda: f"{system()} {machine()}")
    libraries: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, str | float | int | bool | None] = Field(default_factory=dict)
    inputs: tuple[InputDigest, ...] = ()
    releases: tuple[Release, ...] = ()
