"""The record that is kept beside every file that was pulled."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.provenance import DataRelease
from genopraxis.knowledge.catalogue import LicenceKind
from genopraxis.knowledge.checksums import Algorithm


class PublishedChecksum(Part):
    """What the publisher states of the bytes, and where."""

    algorithm: Algorithm = Field(
        description="sum: BSD sum, 16 bits and blocks of 1,024 bytes; finds accidents only"
    )
    value: str
    stated_in: str


class DownloadRecord(Document):
    """Where a file came from, when, what was checked, and under which licence it may be used."""

    schema_id: ClassVar[str] = "genopraxis.download/1"

    source: str = Field(description="name in the catalogue")
    what: str
    catalogue: int = Field(description="version of the catalogue")
    assembly: str | None
    release: str
    chromosome: str | None = None
    file: str
    url: str = Field(description="without user, password and query")
    mirror: bool = Field(
        description="the root was not the publisher's; the checksum then is the mirror's too"
    )
    retrieved: datetime
    last_modified: datetime | None = Field(description="as the server states it")
    size: int = Field(ge=0)
    sha256: Sha256 = Field(description="computed here, of the bytes that were kept")
    published: PublishedChecksum | None = Field(
        description="null: nobody states one, the file was taken unverified"
    )
    licence: str
    licence_kind: LicenceKind
    licence_url: str
    doi: str

    def data_release(self) -> DataRelease:
        """Return what provenance says of this file."""
        unverified = "" if self.published else " (unverified)"
        return DataRelease(
            name=self.what,
            version=self.release,
            licence=f"{self.licence} ({self.licence_url})",
            source=f"{self.url}{unverified}",
            sha256=self.sha256,
        )
