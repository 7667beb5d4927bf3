"""Evidence: one line that speaks for or against a statement."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from genopraxis.contracts.cards import ToolId
from genopraxis.contracts.document import Document

Direction = Literal["supports", "disputes", "neutral"]
Strength = Literal["stand_alone", "very_strong", "strong", "moderate", "supporting"]
SubjectType = Literal["disease", "gene", "variant"]


class Evidence(Document):
    """One line of evidence, traceable to the tool and the data release that made it.

    A line without ``strength`` is uncalibrated: it may be read, but no ACMG/AMP code may be built on it.
    """

    schema_id: ClassVar[str] = "genopraxis.evidence/1"

    subject_type: SubjectType = Field(description="what it speaks about")
    subject_id: str = Field(description="e.g. OMIM:154700, FBN1, 15-48411272-C-T")
    code: str = Field(description="criterion or layer, e.g. PP3, phenotype.term")
    direction: Direction
    strength: Strength | None = None
    points: int | None = None
    log10_likelihood_ratio: float | None = Field(default=None, description="log10; null: not measured")
    tool_id: ToolId
    tool_version: str
    releases: tuple[str, ...] = Field(description="data releases used")
    sentence: str = Field(description="what a clinician reads")
