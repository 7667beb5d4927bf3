"""One case from patient to result: check, run the tool, explain, and say what to look for next."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from genopraxis.case.policy import RecordNothing, ResearchUse
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
from genopraxis.contracts.evidence import Direction, Evidence
from genopraxis.contracts.patient import Feature, Patient, Repair
from genopraxis.contracts.plugin import Policy, Recorder
from genopraxis.contracts.provenance import InputDigest, Provenance
from genopraxis.knowledge.annotations import Aspect
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.stats.ranking import mid_ranks
from genopraxis.tasks.phenotype.next_signs import expected_signs, separating_signs
from genopraxis.tasks.phenotype.query import PreparedQuery, prepare_query
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneIndex
from genopraxis.tasks.phenotype.task import PhenotypeRanker, SignContribution

_LIBRARIES = ("numpy", "phenopackets", "polars", "pydantic")
_LEADING = 10  # candidates that the next signs should separate
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
    recorder
        Where finished cases are noted; the default notes nothing.
    """

    def __init__(
        self,
        ranker: PhenotypeRanker,
        *,
        top: int = 20,
        policy: Policy | None = None,
        recorder: Recorder | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self._ranker = ranker
        self._knowledge: HpoKnowledge = ranker.knowledge
        self._genes = GeneIndex(ranker.knowledge.diseases)
        self._top = top
        self._policy: Policy = policy or ResearchUse()
        self._recorder: Recorder = recorder or RecordNothing()
        self._notes = tuple(notes)

    def run(
        self, patient: Patient, *, source: InputDigest | None = None, repairs: Sequence[Repair] = ()
    ) -> CaseResult:
        """Rank, explain and describe one patient.

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
        RefusedError
            When the policy does not allow the tool for this case.
        """
        card = self._ranker.tool.card
        banner = self._policy.allow(card, case_id=patient.case_id)
        prepared = prepare_query(patient, self._knowledge.ontology, unknown="error")
        provenance = Provenance(
            libraries={name: version(name) for name in _LIBRARIES},
            parameters={"tool": card.id, "top": self._top} | card.parameters,
            inputs=(source,) if source else (),
            releases=self._knowledge.releases,
        )
        scores = self._ranker.rank(prepared.query) if prepared.query.observed else None
        candidates = self._candidates(prepared, scores) if scores else ()
        result = CaseResult(
            case_id=patient.case_id,
            outcome="ranked" if scores else "no_phenotype_given",
            banner=banner,
            message=_message(candidates, prepared),
            given=self._given(patient, prepared, source),
            repairs=tuple(
                RepairNote(code=r.code, message=r.message, subject=r.subject)
                for r in (*repairs, *prepared.repairs)
            )
            + tuple(RepairNote(code="knowledge", message=note) for note in self._notes),
            candidates=candidates,
            genes=self._gene_candidates(scores) if scores else (),
            next_signs=self._next_signs(prepared, scores) if scores else (),
            candidates_considered=scores.candidates if scores else 0,
            prior_statement=_prior_statement(scores),
            evidence=self._evidence(candidates),
            tool=card,
            provenance=provenance,
        )
        self._recorder.record("case", {"case_id": patient.case_id, "outcome": result.outcome}, provenance)
        return result

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
        ranks = mid_ranks(scores.score)
        listed = []
        for group in scores.best(self._top).tolist():
            members = diseases.members[group]
            contributions = [self._contribution(part) for part in self._ranker.explain(prepared.query, group)]
            expected = expected_signs(prepared.query, self._knowledge, group)
            labels, ids = self._knowledge.ontology.labels, self._knowledge.ontology.ids
            listed.append(
                Candidate(
                    rank=float(ranks[group]),
                    disease_id=diseases.ids[members[0]],
                    name=diseases.names[members[0]],
                    linked_ids=tuple(diseases.ids[m] for m in members[1:]),
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
        members = self._knowledge.diseases.members[group]
        rows = [self._knowledge.annotations.of(d) for d in members]
        return sum(int((r["aspect"] == Aspect.PHENOTYPE).sum()) for r in rows)

    def _gene_candidates(self, scores: DiseaseScores) -> tuple[GeneCandidate, ...]:
        diseases, genes = self._knowledge.diseases, self._genes.score(scores)
        ranks = genes.ranks()
        listed = []
        for gene in genes.best(self._top).tolist():
            groups = self._genes.groups_of(gene)
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
        leading = scores.best(_LEADING).tolist()
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
                statement=f"diagnosis {candidate.disease_id}",
                code=f"phenotype.{part.kind}",
                direction=_direction(part.log10_likelihood_ratio),
                log10_likelihood_ratio=part.log10_likelihood_ratio,
                tool=f"{card.id} {card.version}",
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
    signs = len(prepared.query.observed)
    return (
        f"First of the ranked diseases is {first.name} ({first.disease_id}), from {signs} observed and "
        f"{len(prepared.query.excluded)} excluded signs."
    )


def _prior_statement(scores: DiseaseScores | None) -> str:
    if scores is None or scores.probability is None:
        return "No probability is given; read the ranks."
    return (
        f"The posterior holds if the disease is one of the {scores.candidates:,} annotated ones and, before any "
        "sign is known, each OMIM or DECIPHER entry is as likely as any other, and an ORPHA entry without an OMIM "
        "counterpart a twentieth as likely. It is not the chance that this patient has a genetic disease."
    )
