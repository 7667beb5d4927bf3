"""The result of one case: what ``result.json`` holds and what the report shows."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.evidence import Evidence
from genopraxis.contracts.ports import GroupStanding
from genopraxis.contracts.provenance import Provenance

Outcome = Literal["ranked", "no_phenotype_given", "not_run"]
Relation = Literal["exact", "more_specific_than_annotated", "more_general_than_annotated", "related", "none"]


class GivenFeature(Part):
    """One feature as it was given and as it was used."""

    term_id: str = Field(description="the term used, after repair")
    label: str
    excluded: bool
    onset: str | None = Field(default=None, description="HPO onset term label or age, as given")
    given_id: str = Field(description="the term in the input")
    counted: bool = Field(
        default=True, description="false: not a phenotypic abnormality, shown but not scored"
    )


class RepairNote(Part):
    """A change that was made to the input, or a contradiction that was found in it."""

    code: str
    message: str
    subject: str = ""


class Contribution(Part):
    """What one sign of the patient says about one candidate; the contributions of a candidate add up."""

    kind: Literal["observed", "excluded", "breadth", "age", "sex"]
    term_id: str | None
    label: str
    log10_likelihood_ratio: float = Field(description="as it counts: tempered where the tool tempers")
    relation: Relation = "none"
    annotated_id: str | None = Field(default=None, description="the annotated term that explains it")
    annotated_label: str | None = None
    frequency: str | None = Field(default=None, description="how often the disease shows it, as annotated")
    references: tuple[str, ...] = Field(default=(), description="publications behind the annotation")
    sentence: str


class ExpectedSign(Part):
    """A frequent sign of the candidate of which the patient's file says nothing."""

    term_id: str
    label: str
    frequency: str


class Candidate(Part):
    """One disease of the ranked list. Linked entries of other catalogues share its place."""

    rank: float = Field(description="1 is first; ties share their middle rank")
    disease_id: str
    name: str
    linked_ids: tuple[str, ...] = Field(description="entries of other catalogues for the same disease")
    same_name_ids: tuple[str, ...] = Field(
        default=(), description="entries that carry the same name, not confirmed to be the same disease"
    )
    posterior: float | None = Field(ge=0, le=1, description="null: the tool gives none")
    prior: float | None = Field(ge=0, le=1, description="null: the tool gives none")
    log10_likelihood_ratio: float | None = Field(description="null: the tool gives none")
    score: float = Field(description="the tool's own score; its card says what it means")
    genes: tuple[str, ...]
    inheritance: tuple[str, ...]
    annotated_signs: int = Field(description="different signs that this disease is annotated to show")
    contributions: tuple[Contribution, ...]
    expected: tuple[ExpectedSign, ...] = Field(description="frequent signs not mentioned for this patient")


class GeneCandidate(Part):
    """One gene, ranked by the diseases linked to it."""

    rank: float
    symbol: str
    posterior: float | None = Field(ge=0, le=1, description="probability that one of its diseases is right")
    disease_ids: tuple[str, ...] = Field(description="its best diseases")


class NextSign(Part):
    """A sign not yet mentioned that would best separate the leading candidates."""

    term_id: str
    label: str
    information_bits: float = Field(description="expected drop of the entropy of the leading candidates")
    expected_in: dict[str, float | None] = Field(
        description="disease id → probability that the sign is present; null: not annotated"
    )


class Given(Part):
    """What was given, after repair."""

    source: str
    sex: str
    karyotypic_sex: str
    age_years: float | None
    features: tuple[GivenFeature, ...]


class CaseResult(Document):
    """Everything the report of one case shows."""

    schema_id: ClassVar[str] = "genopraxis.case-result/1"

    case_id: str
    outcome: Outcome
    banner: str
    message: str = Field(description="one sentence: what came out, or why nothing could")
    given: Given
    repairs: tuple[RepairNote, ...]
    candidates: tuple[Candidate, ...]
    genes: tuple[GeneCandidate, ...]
    next_signs: tuple[NextSign, ...]
    candidates_considered: int
    prior_statement: str = Field(description="what the posterior probabilities hold for")
    evidence: tuple[Evidence, ...]
    representation: tuple[GroupStanding, ...] = Field(
        default=(), description="how well the patient's groups are represented in the data behind the tool"
    )
    tool: ToolCard
    provenance: Provenance
