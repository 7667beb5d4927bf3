"""One case from patient to result: check, run the tool, explain, and say what to look for next."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from genopraxis.case.candidates import CandidateLists
from genopraxis.case.information import Information, first_ten, judge
from genopraxis.case.policy import NOT_RUN_BANNER, RESEARCH_USE
from genopraxis.case.result import CaseResult, Given, GivenFeature, RepairNote
from genopraxis.case.sentences import absences_lead, evidence, message, prior_statement, solve_rate_of
from genopraxis.contracts.errors import RefusedError
from genopraxis.contracts.patient import Feature, Patient, Repair
from genopraxis.contracts.ports import Policy, Representation
from genopraxis.contracts.provenance import InputDigest, Provenance
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.provenance import current_provenance
from genopraxis.tasks.phenotype.query import Exclusions, PreparedQuery, Query, prepare_query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker

_LIBRARIES = ("numpy", "phenopackets", "polars", "pydantic")


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
    solve_rate_local
        Whether the user stated the solve rate of the tool; without it a report shows ranks first.
    """

    def __init__(
        self,
        ranker: PhenotypeRanker,
        *,
        top: int = 20,
        policy: Policy = RESEARCH_USE.policy,
        representation: Representation = RESEARCH_USE.representation,
        exclusions: Exclusions = "systematic",
        notes: Sequence[str] = (),
        solve_rate_local: bool = False,
    ) -> None:
        self._ranker = ranker
        self._knowledge: HpoKnowledge = ranker.knowledge
        self._lists = CandidateLists(ranker, top=top)
        self._top = top
        self._policy = policy
        self._representation = representation
        self._exclusions: Exclusions = exclusions
        self._notes = tuple(notes)
        self._solve_rate_local = solve_rate_local and solve_rate_of(ranker.tool.card) is not None

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
        other._lists = self._lists.on(other._ranker, knowledge)
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
        query, lists = prepared.query, self._lists
        scores = self._ranker.rank(query) if query.observed else None
        candidates = lists.candidates(query, scores) if scores else ()
        separators = lists.separators(query, scores) if scores else []
        likelihood_ratios = scores is None or scores.log10_likelihood_ratio is not None
        solve_rate = solve_rate_of(card) if scores else None
        among_first_ten = first_ten(scores, lists.leading(scores)) if scores else None
        information, why = self._information(query, scores, among_first_ten)
        absences = self._exclusions != "ignore"
        return CaseResult(
            case_id=patient.case_id,
            outcome="ranked" if scores else "no_phenotype_given",
            banner=banner,
            message=message(candidates, query, scores=scores, too_little=why),
            given=self._given(patient, prepared, source),
            repairs=tuple(
                RepairNote(code=r.code, message=r.message, subject=r.subject)
                for r in (*repairs, *prepared.repairs)
            )
            + tuple(RepairNote(code="knowledge", message=note) for note in self._notes)
            + absences_lead(candidates, lists.without_absences(query) if scores else None),
            candidates=candidates,
            genes=lists.genes(scores) if scores else (),
            next_signs=lists.next_signs(separators, scores) if scores else (),
            candidates_considered=scores.candidates if scores else 0,
            prior_statement=prior_statement(scores, card, solve_rate_local=self._solve_rate_local),
            evidence=evidence(
                candidates, card, releases=self._knowledge.releases, likelihood_ratios=likelihood_ratios
            ),
            representation=self._representation.of(card, task=card.task, patient=patient),
            contributions_are="likelihood_ratio" if likelihood_ratios else "weight",
            not_listed=scores.not_listed if scores else None,
            no_diagnosis=scores.no_diagnosis if scores else None,
            first_ten=among_first_ten,
            solve_rate=solve_rate,
            solve_rate_local=solve_rate is not None and self._solve_rate_local,
            information=information,
            order=lists.order(query, scores, separators, absences=absences) if scores else None,
            tool=card,
            provenance=self._provenance(source),
        )

    def _information(
        self, query: Query, scores: DiseaseScores | None, among_first_ten: float | None
    ) -> tuple[Information | None, str]:
        if scores is None:
            return None, ""
        return judge(
            scores,
            among_first_ten=among_first_ten,
            shares=(self._lists.similarity.share_showing(term) for term in query.observed),
            solve_rate=solve_rate_of(self._ranker.tool.card),
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
