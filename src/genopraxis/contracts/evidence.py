"""Evidence: one line that speaks for or against a statement."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from genopraxis.contracts.document import Document

Direction = Literal["supports", "disputes", "neutral"]
Strength = Literal["stand_alone", "very_strong", "strong", "moderate", "supporting"]


class Evidence(Document):
    """One line of evidence, traceable to the tool and the data release that made it.

    A line without ``strength`` is uncalibrated: it may be read, but no ACMG/AMP code may be built on it.
    """

    schema_id: ClassVar[str] = "genopraxis.evidence/1"

    statement: str = Field(description="what it speaks about, e.g. 'diagnosis OMIM:154700'")
    code: str = Field(description="criterion or layer, e.g. PP3, phenotype.term")
    direction: Direction
    strength: Strength | None = None
    points: int | None = None
    log10_likelihood_ratio: float | None = Field(default=None, description="log10; null: not measured")
    tool: str = Field(description="id and version of the tool")
    releases: tuple[str, ...] = Field(description="data releases used")
    sentence: str = Field(description="what a clinician reads")
