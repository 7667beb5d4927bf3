"""One case from patient to result: check, run the tool, explain, and say what to look for next."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from genopraxis.case.policy import NOT_RUN_BANNER, RESEARCH_USE
from genopraxis.case.result import (
    Candidate,
    CaseResult,
    Contribution,
    ExpectedSign,
    GeneCandidate,
    Given,
    GivenFeature,
    NextSign,
    RepairNote,
)
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import RefusedError
from genopraxis.contracts.evidence import Direction, Evidence
from genopraxis.contracts.patient import Feature, Patient, Repair
from genopraxis.contracts.ports import Policy, Representation
from genopraxis.contracts.provenance import InputDigest, Provenance
from genopraxis.knowledge.annotations import Aspect
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.provenance import current_provenance
from genopraxis.stats.ranking import mid_ranks
from genopraxis.tasks.phenotype.frequencies import group_rows, present_rows
from genopraxis.tasks.phenotype.next_signs import expected_signs, separating_signs
from genopraxis.tasks.phenotype.query import Exclusions, PreparedQuery, prepare_query
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneIndex
from genopraxis.tasks.phenotype.task import PhenotypeRanker, SignContribution

_LIBRARIES = ("numpy", "phenopackets", "polars", "pydantic")
_LEADING = 10  # candidates that the next signs should separate
_STANDS_OUT = 0.05  # a first posterior below it is no more than the first of many
_SPEAKS = 0.01  # log10 likelihood ratios nearer to zero say nothing


class CaseFlow:
    """A tool made ready, applied to one patient after the other.

    Parameters
    ----------
    ranker
        The prepared tool.
    top
        How many diseases and genes the result lists.
    policy
        Whether the tool may run on a case; the default allows research use.
    representation
        How well the patient's groups are represented in the data behind the tool; the default says nothing.
    exclusions
        How absences were recorded, see :class:`genopraxis.tasks.phenotype.query.Query`.
    notes
        What a reader must know of the knowledge release; listed with the repairs.
    """

    def __init__(
        self,
        ranker: PhenotypeRanker,
        *,
        top: int = 20,
        policy: Policy = RESEARCH_USE.policy,
        representation: Representation = RESEARCH_USE.representation,
        exclusions: Exclusions = "selected",
        notes: Sequence[str] = (),
    ) -> None:
        self._ranker = ranker
        self._knowledge: HpoKnowledge = ranker.knowledge
        self._genes = GeneIndex(ranker.knowledge.diseases)
        self._top = top
        self._policy = policy
        self._representation = representation
        self._exclusions: Exclusions = exclusions
        self._notes = tuple(notes)

    def under(self, *, policy: Policy, representation: Representation) -> CaseFlow:
        """Return this flow with other ports; what was prepared is shared."""
        other = copy(self)
        other._policy, other._representation = policy, representation
        return other

    @property
    def knowledge(self) -> HpoKnowledge:
        """The release that the tool was made ready for."""
        return self._knowledge

    def on(self, knowledge: HpoKnowledge, *, note: str) -> CaseFlow:
        """Return this flow on knowledge in which a few diseases have other rows; ``note`` tells the reader."""
        other = copy(self)
        other._ranker, other._knowledge = self._ranker.on(knowledge), knowledge
        other._notes = (*self._notes, note)
        return other

    def run(
        self, patient: Patient, *, source: InputDigest | None = None, repairs: Sequence[Repair] = ()
    ) -> CaseResult:
        """Rank, explain and describe one patient; a case that the policy refuses is a result that says why.

        Parameters
        ----------
        source
            The file the patient came from; ``None`` when given on the command line.
        repairs
            What was repaired while reading.

        Raises
        ------
        InputError
            When a term is unknown.
        """
        card = self._ranker.tool.card
        try:
            banner = self._policy.allow(card, task=card.task, patient=patient)
        except RefusedError as refusal:
            return self._refused(patient, refusal, source=source, repairs=repairs)
        prepared = prepare_query(
            patient, self._knowledge.ontology, unknown="error", exclusions=self._exclusions
        )
        scores = self._ranker.rank(prepared.query) if prepared.query.observed else None
        candidates = self._candidates(prepared, scores) if scores else ()
        return CaseResult(
            case_id=patient.case_id,
            outcome="ranked" if scores else "no_phenotype_given",
            banner=banner,
            message=_message(candidates, prepared),
            given=self._given(patient, prepared, source),
            repairs=tuple(
                RepairNote(code=r.code, message=r.message, subject=r.subject)
                for r in (*repairs, *prepared.repairs)
            )
            + tuple(RepairNote(code="knowledge", message=note) for note in self._notes)
            + _absences(candidates),
            candidates=candidates,
            genes=self._gene_candidates(scores) if scores else (),
            next_signs=self._next_signs(prepared, scores) if scores else (),
            candidates_considered=scores.candidates if scores else 0,
            prior_statement=_prior_statement(scores, card),
            evidence=self._evidence(candidates),
            representation=self._representation.of(card, task=card.task, patient=patient),
            tool=card,
            provenance=self._provenance(source),
        )

    def _refused(
        self,
        patient: Patient,
        refusal: RefusedError,
        *,
        source: InputDigest | None,
        repairs: Sequence[Repair],
    ) -> CaseResult:
        """Return a result with the reasons; the tool has not seen the patient, and no sign was looked up."""
        return CaseResult(
            case_id=patient.case_id,
            outcome="not_run",
            banner=NOT_RUN_BANNER,
            message=str(refusal),
            given=Given(
                source=source.name if source else "command line",
                sex=patient.sex,
                karyotypic_sex=patient.karyotypic_sex,
                age_years=patient.age_years,
                features=tuple(
                    GivenFeature(
                        term_id=feature.term_id,
                        label=feature.label or feature.term_id,
                        excluded=feature.excluded,
                        given_id=feature.term_id,
                        counted=False,
                    )
                    for feature in patient.features
                ),
            ),
            repairs=tuple(RepairNote(code=r.code, message=r.message, subject=r.subject) for r in repairs),
            candidates=(),
            genes=(),
            next_signs=(),
            candidates_considered=0,
            prior_statement="Nothing was ranked.",
            evidence=(),
            tool=self._ranker.tool.card,
            provenance=self._provenance(source),
        )

    def _provenance(self, source: InputDigest | None) -> Provenance:
        card = self._ranker.tool.card
        return current_provenance(
            libraries=_LIBRARIES,
            parameters={"tool": card.id, "top": self._top, "exclusions": self._exclusions, **card.parameters},
            inputs=(source,) if source else (),
            releases=self._knowledge.releases,
        )

    def _given(self, patient: Patient, prepared: PreparedQuery, source: InputDigest | None) -> Given:
        ontology = self._knowledge.ontology
        features = []
        for used in prepared.features:
            feature, term = used.feature, used.term
            features.append(
                GivenFeature(
                    term_id=feature.term_id if term is None else ontology.ids[term],
                    label=(feature.label or feature.term_id) if term is None else ontology.labels[term],
                    excluded=feature.excluded,
                    onset=self._onset(feature),
                    given_id=feature.term_id,
                    counted=used.counted,
                )
            )
        return Given(
            source=source.name if source else "command line",
            sex=patient.sex,
            karyotypic_sex=patient.karyotypic_sex,
            age_years=patient.age_years,
            features=tuple(features),
        )

    def _onset(self, feature: Feature) -> str | None:
        if feature.onset is None:
            return None
        if feature.onset.years is not None:
            return f"{feature.onset.years:.3g} years"
        number = self._knowledge.ontology.number.get(feature.onset.term_id or "")
        return feature.onset.term_id if number is None else self._knowledge.ontology.labels[number]

    def _candidates(self, prepared: PreparedQuery, scores: DiseaseScores) -> tuple[Candidate, ...]:
        diseases = self._knowledge.diseases
        places = scores.by_place(diseases)
        ranks = mid_ranks(places)
        listed = []
        for group in scores.best_of_places(diseases, self._top).tolist():
            members = diseases.members[group]
            contributions = [self._contribution(part) for part in self._ranker.explain(prepared.query, group)]
            expected = expected_signs(prepared.query, self._knowledge, group)
            labels, ids = self._knowledge.ontology.labels, self._knowledge.ontology.ids
            listed.append(
                Candidate(
                    rank=float(ranks[diseases.place[group]]),
                    disease_id=diseases.ids[members[0]],
                    name=diseases.names[members[0]],
                    linked_ids=tuple(diseases.ids[m] for m in members[1:]),
                    same_name_ids=tuple(
                        diseases.ids[m]
                        for other in diseases.neighbours.get(group, ())
                        for m in diseases.members[other]
                    ),
                    posterior=_at(scores.probability, group),
                    prior=_at(scores.prior, group),
                    log10_likelihood_ratio=_at(scores.log10_likelihood_ratio, group),
                    score=float(scores.score[group]),
                    genes=diseases.genes_of_group(group),
                    inheritance=self._inheritance(group),
                    annotated_signs=self._annotated(group),
                    contributions=tuple(sorted(contributions, key=lambda c: -abs(c.log10_likelihood_ratio))),
                    expected=tuple(
                        ExpectedSign(term_id=ids[e.term], label=labels[e.term], frequency=e.frequency)
                        for e in expected
                    ),
                )
            )
        return tuple(listed)

    def _contribution(self, part: SignContribution) -> Contribution:
        ontology, annotations = self._knowledge.ontology, self._knowledge.annotations
        references = {r for row in part.rows for r in annotations.references_by_row.get(row, ())}
        references.update(part.references)
        return Contribution(
            kind=part.kind,
            term_id=None if part.term is None else ontology.ids[part.term],
            label=part.kind.capitalize() if part.term is None else ontology.labels[part.term],
            log10_likelihood_ratio=part.log10_likelihood_ratio,
            relation=part.relation,
            annotated_id=None if part.annotated is None else ontology.ids[part.annotated],
            annotated_label=None if part.annotated is None else ontology.labels[part.annotated],
            frequency=part.frequency,
            references=tuple(sorted(references)),
            sentence=part.sentence,
        )

    def _inheritance(self, group: int) -> tuple[str, ...]:
        labels = self._knowledge.ontology.labels
        found = {
            labels[int(row["term"])]
            for disease in self._knowledge.diseases.members[group]
            for row in self._knowledge.annotations.of(disease)
            if row["aspect"] == Aspect.INHERITANCE
        }
        return tuple(sorted(found))

    def _annotated(self, group: int) -> int:
        return len(np.unique(present_rows(group_rows(self._knowledge, group))["term"]))

    def _gene_candidates(self, scores: DiseaseScores) -> tuple[GeneCandidate, ...]:
        diseases, genes = self._knowledge.diseases, self._genes.score(scores)
        ranks = genes.ranks()
        listed = []
        for gene in genes.best(self._top).tolist():
            groups = self._genes.groups_of(gene)
            groups = groups[np.isfinite(scores.score[groups])]
            best = groups[scores.score[groups].argsort()[::-1][:3]].tolist()
            listed.append(
                GeneCandidate(
                    rank=float(ranks[gene]),
                    symbol=genes.symbols[gene],
                    posterior=_at(genes.probability, gene),
                    disease_ids=tuple(diseases.ids[diseases.members[g][0]] for g in best),
                )
            )
        return tuple(listed)

    def _next_signs(self, prepared: PreparedQuery, scores: DiseaseScores) -> tuple[NextSign, ...]:
        if scores.probability is None:
            return ()
        leading = scores.best_of_places(self._knowledge.diseases, _LEADING).tolist()
        diseases, ontology = self._knowledge.diseases, self._knowledge.ontology
        names = [diseases.ids[diseases.members[g][0]] for g in leading]
        found = separating_signs(
            prepared.query,
            self._knowledge,
            groups=leading,
            probabilities=[float(scores.probability[g]) for g in leading],
        )
        return tuple(
            NextSign(
                term_id=ontology.ids[s.term],
                label=ontology.labels[s.term],
                information_bits=s.information_bits,
                expected_in=dict(zip(names, s.expected, strict=True)),
            )
            for s in found
        )

    def _evidence(self, candidates: tuple[Candidate, ...]) -> tuple[Evidence, ...]:
        card = self._ranker.tool.card
        releases = tuple(f"{r.name} {r.version}" for r in self._knowledge.releases)
        return tuple(
            Evidence(
                subject_type="disease",
                subject_id=candidate.disease_id,
                code=f"phenotype.{part.kind}",
                direction=_direction(part.log10_likelihood_ratio),
                log10_likelihood_ratio=part.log10_likelihood_ratio,
                tool_id=card.id,
                tool_version=card.version,
                releases=releases,
                sentence=part.sentence,
            )
            for candidate in candidates[:3]
            for part in candidate.contributions
        )


def _at(values: NDArray[np.float64] | None, i: int) -> float | None:
    return None if values is None else float(values[i])


def _direction(log10_ratio: float) -> Direction:
    if abs(log10_ratio) < _SPEAKS:
        return "neutral"
    return "supports" if log10_ratio > 0 else "disputes"


def _message(candidates: tuple[Candidate, ...], prepared: PreparedQuery) -> str:
    if not candidates:
        return "No phenotype given: there is no observed sign to rank diseases by."
    first = candidates[0]
    given = f"{len(prepared.query.observed)} observed and {len(prepared.query.excluded)} excluded signs"
    level = first.posterior is not None and first.posterior < _STANDS_OUT
    if level or (len(candidates) > 1 and candidates[1].rank == first.rank):
        return f"No disease stands out from {given}: the first candidates are nearly level."
    return f"First of the ranked diseases is {first.name} ({first.disease_id}), from {given}."


def _absences(candidates: tuple[Candidate, ...]) -> tuple[RepairNote, ...]:
    """Warn when what was not found says more for the first candidate than what was found."""
    if not candidates:
        return ()
    weight = {
        kind: sum(c.log10_likelihood_ratio for c in candidates[0].contributions if c.kind == kind)
        for kind in ("observed", "excluded")
    }
    if weight["excluded"] <= max(weight["observed"], 0.0):
        return ()
    message = (
        f"{candidates[0].name} owes more to signs that were looked for and are absent than to signs that are "
        "present. Where absences come from a checklist, run again with --excluded systematic."
    )
    return (RepairNote(code="absences_lead", message=message, subject=candidates[0].disease_id),)


def _prior_statement(scores: DiseaseScores | None, card: ToolCard) -> str:
    if scores is None or scores.probability is None:
        return "This tool gives no probability; read the ranks."
    return f"{card.probability} It was computed over {scores.candidates:,} diseases."
