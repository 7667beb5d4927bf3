"""The result of one case: what ``result.json`` holds and what the report shows."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from genopraxis.case.information import Information
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.evidence import Evidence
from genopraxis.contracts.ports import GroupStanding
from genopraxis.contracts.provenance import Provenance
from genopraxis.tasks.phenotype.order_changes import What

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

    kind: Literal["observed", "excluded", "breadth", "age", "sex", "disease"]
    term_id: str | None
    label: str
    log10_likelihood_ratio: float = Field(
        description="as it counts: tempered where the tool tempers; a log10 weight where the result says so"
    )
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


class SharedSign(Part):
    """A sign that two diseases show."""

    term_id: str
    label: str


class SimilarDisease(Part):
    """Another disease of the release or the case library that shows much the same as a candidate."""

    disease_id: str
    name: str
    similarity: float = Field(ge=0, le=1, description="simGIC of the signs of both, ancestors included")
    shared: tuple[SharedSign, ...] = Field(description="signs of both, the rarest first")


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
    similar: tuple[SimilarDisease, ...] = Field(
        default=(), description="nearest other diseases, of the leading candidates only"
    )


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


class OrderChange(Part):
    """A change of what is known of the patient after which another disease would be first."""

    what: What = Field(
        description="without: a given sign were not; present, absent: a new sign were found so"
    )
    term_id: str
    label: str
    excluded: bool = Field(default=False, description="of a given sign: it was given as excluded")
    first_id: str = Field(description="the disease that would be first")
    first_name: str


class Order(Part):
    """What would take the first place away from the first candidate."""

    first_id: str
    runner_up_id: str
    runner_up_name: str
    signs_tried: int = Field(ge=0, description="signs of the patient that were taken away, one at a time")
    findings_tried: int = Field(ge=0, description="next signs that were tried as present and as absent")
    changes: tuple[OrderChange, ...] = Field(description="empty: no single sign changes the first place")


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
    contributions_are: Literal["likelihood_ratio", "weight"] = Field(
        default="likelihood_ratio", description="what the contributions of candidates are, as log10"
    )
    not_listed: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="probability that the disease is no candidate; null: not allowed for",
    )
    no_diagnosis: float | None = Field(
        default=None, ge=0, le=1, description="probability that there is none to find; null: not allowed for"
    )
    first_ten: float | None = Field(
        default=None, ge=0, le=1, description="probability that one of the first ten candidates is right"
    )
    solve_rate: float | None = Field(
        default=None, ge=0, le=1, description="share of such patients with a nameable diagnosis, as assumed"
    )
    solve_rate_local: bool = Field(default=False, description="the user stated it; false: the tool's default")
    information: Information | None = Field(
        default=None, description="null: the tool does not allow for none"
    )
    order: Order | None = Field(default=None, description="null: there is no first and second candidate")
    tool: ToolCard
    provenance: Provenance

    @property
    def probabilities_lead(self) -> bool:
        """Whether probabilities stand beside the ranks: not where they hold for a solve rate nobody stated."""
        return self.solve_rate_local or (self.solve_rate is None and self.no_diagnosis is None)

    @property
    def other_outcomes(self) -> bool:
        """Whether the probabilities allow for *none of these*."""
        return self.not_listed is not None and self.no_diagnosis is not None
