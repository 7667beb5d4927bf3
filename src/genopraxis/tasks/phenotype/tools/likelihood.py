"""``phenotype.likelihood``: a likelihood ratio per sign, added up to a posterior over diseases."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.cards import Reference, ToolCard
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.explain import explain_group
from genopraxis.tasks.phenotype.frequencies import (
    FrequencyMatrix,
    FrequencyModel,
    build_matrix,
    direct_frequencies,
    group_rows,
    propagated,
)
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.sex_and_age import SexAndAge
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool, SignContribution

_LN10 = float(np.log(10.0))
_ROWS_KEPT = 1024  # term rows of ~50 kB each; a cohort reuses the common ones


@dataclass(frozen=True, kw_only=True)
class LikelihoodParameters:
    """Parameters of the model; how they were chosen is in the tool card.

    Parameters
    ----------
    frequencies
        How annotation rows become frequencies.
    noise
        Probability that an observed sign has nothing to do with the disease.
    generality
        How strongly a match through a more general term is discounted: 0 not at all, 1 by its whole
        loss of specificity.
    breadth
        How strongly a long list of annotated signs is held against a disease.
    mentioned
        log likelihood ratio of an excluded sign having been looked for, when the disease is annotated with it.
    absent
        Weight of the absence itself, ``log(1 − frequency)``.
    certainty
        Largest frequency used for an excluded sign: no absence is certain.
    orpha_only
        Prior weight of a group without an OMIM entry, against 1 for the others: many are names of families
        of diseases whose members are listed too.
    tempering
        Factor on every log likelihood ratio, since signs depend on each other.
    """

    frequencies: FrequencyModel = field(default_factory=FrequencyModel)
    noise: float = 0.02
    generality: float = 0.3
    breadth: float = 0.3
    mentioned: float = 1.5
    absent: float = 0.35
    certainty: float = 0.97
    orpha_only: float = 0.05
    tempering: float = 0.3
    use_excluded: bool = True
    use_sex_and_age: bool = True

    def flat(self) -> dict[str, str | float | int | bool]:
        """Return all parameters as one flat mapping for the tool card."""
        own = asdict(self)
        nested = own.pop("frequencies")
        return own | {f"frequencies.{name}": value for name, value in nested.items()}


class LikelihoodRanker(PhenotypeRanker):
    """The likelihood model on one release of knowledge."""

    def __init__(
        self,
        tool: LikelihoodTool,
        knowledge: HpoKnowledge,
        *,
        matrix: FrequencyMatrix | None = None,
        rows: dict[int, NDArray[np.float32]] | None = None,
        base: HpoKnowledge | None = None,
    ) -> None:
        super().__init__(tool, knowledge)
        self._tool = tool
        self.parameters = tool.parameters
        self.matrix = build_matrix(knowledge, self.parameters.frequencies) if matrix is None else matrix
        # shared between a ranker and its variants: rows depend on the base knowledge only
        self._rows: dict[int, NDArray[np.float32]] = {} if rows is None else rows
        self._base = base or knowledge
        self._floor = 1.0 / max(int((self.matrix.annotated > 0).sum()), 1)
        self.background = np.maximum(self.matrix.mean, self._floor)
        self._changed = {int(knowledge.diseases.group[disease]) for disease in knowledge.annotations.replaced}
        self._own: dict[int, tuple[NDArray[np.float32], float, int]] = {}
        self._sex_and_age = SexAndAge(knowledge)

    def on(self, knowledge: HpoKnowledge) -> LikelihoodRanker:
        """Return this ranker with only the changed diseases computed anew; the background stays.

        One disease in 12,000 moves the background frequency of a term by less than 0.01 %.
        """
        return LikelihoodRanker(self._tool, knowledge, matrix=self.matrix, rows=self._rows, base=self._base)

    def rank(self, query: Query) -> DiseaseScores:
        """Score every group: prior odds times the likelihood ratio of each sign."""
        n_groups = len(self.matrix.annotated)
        log_lr = np.zeros(n_groups, dtype=np.float64)
        for term in query.observed:
            log_lr += self._observed(term)
        log_lr += len(query.observed) * self._breadth(self.matrix.breadth)
        if self.parameters.use_excluded:
            for term in query.excluded:
                groups, frequency = self.matrix.column(term)
                log_lr[groups] += self._excluded(frequency)
        if self.parameters.use_sex_and_age:
            log_lr += self._sex_and_age.log_likelihood_ratio(query)
        annotated = self.matrix.annotated > 0
        for group in self._changed:
            full, breadth, terms = self._own_frequencies(group)
            annotated[group] = terms > 0
            log_lr[group] = self._one(query, group, full, breadth)
        prior = self._prior(annotated)
        log_lr *= self.parameters.tempering
        with np.errstate(divide="ignore"):
            score = np.log(prior) + log_lr
        score[~annotated] = -np.inf
        top = score.max(initial=-np.inf)
        weight = np.exp(score - top) if np.isfinite(top) else np.zeros(n_groups)
        return DiseaseScores(
            score=score,
            probability=weight / max(weight.sum(), 1e-300),
            log10_likelihood_ratio=log_lr / _LN10,
            prior=prior,
        )

    def explain(self, query: Query, group: int) -> list[SignContribution]:
        """Return the contribution of each sign, sex and age; their sum is the group's log10 likelihood ratio."""
        full, breadth, _ = self._own_frequencies(group)
        scale = self.parameters.tempering / _LN10
        per_sign = self._breadth(np.asarray(breadth))
        observed = {term: scale * float(self._observed_one(term, full) + per_sign) for term in query.observed}
        excluded = {
            term: scale * float(self._excluded(full[[term]])[0]) if full[term] > 0 else 0.0
            for term in query.excluded
            if self.parameters.use_excluded
        }
        parts = explain_group(
            self.knowledge, group, observed=observed, excluded=excluded, background=self.background
        )
        if self.parameters.use_sex_and_age:
            parts += self._sex_and_age.explain(query, group, scale=scale)
        return parts

    def frequencies_of(self, group: int) -> NDArray[np.float32]:
        """Return the group's frequency of every term, propagated to ancestors."""
        return self._own_frequencies(group)[0]

    def _prior(self, annotated: NDArray[np.bool_]) -> NDArray[np.float64]:
        weight = (
            np.where(self._tool.named_by_omim(self.knowledge), 1.0, self.parameters.orpha_only) * annotated
        )
        prior: NDArray[np.float64] = weight / max(weight.sum(), 1e-300)
        return prior

    def _observed(self, term: int) -> NDArray[np.float32]:
        row = self._rows.get(term)
        if row is None:
            best = np.zeros(len(self.matrix.annotated), dtype=np.float32)
            above, ratio = self._ratios(term)
            for ancestor, factor in zip(above.tolist(), ratio.tolist(), strict=True):
                groups, frequency = self.matrix.column(ancestor)
                best[groups] = np.maximum(best[groups], frequency * np.float32(factor))
            row = np.log(self.parameters.noise + (1 - self.parameters.noise) * best).astype(np.float32)
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            self._rows[term] = row
        return row

    def _observed_one(self, term: int, full: NDArray[np.float32]) -> float:
        above, ratio = self._ratios(term)
        best = float((full[above] * ratio).max(initial=0.0))
        return float(np.log(self.parameters.noise + (1 - self.parameters.noise) * best))

    def _ratios(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        above = self._base.ontology.ancestors(term)
        specificity = self.background[term] / self.background[above]
        return above, specificity**self.parameters.generality / self.background[above]

    def _excluded(self, frequency: NDArray[np.float32]) -> NDArray[np.float32]:
        p = self.parameters
        absence = np.log1p(-np.minimum(frequency, p.certainty))
        return np.asarray(p.mentioned + p.absent * absence, dtype=np.float32)

    def _breadth(self, breadth: NDArray[np.float64]) -> NDArray[np.float64]:
        usual = (
            float(self.matrix.breadth[self.matrix.annotated > 0].mean())
            if self.matrix.annotated.any()
            else 1.0
        )
        penalty: NDArray[np.float64] = -self.parameters.breadth * np.log((breadth + 5.0) / (usual + 5.0))
        return penalty

    def _one(self, query: Query, group: int, full: NDArray[np.float32], breadth: float) -> float:
        total = sum(self._observed_one(term, full) for term in query.observed)
        total += len(query.observed) * float(self._breadth(np.asarray(breadth)))
        if self.parameters.use_excluded:
            known = np.array([t for t in query.excluded if full[t] > 0], dtype=np.intp)
            total += float(self._excluded(full[known]).sum())
        if self.parameters.use_sex_and_age:
            total += float(self._sex_and_age.log_likelihood_ratio(query)[group])
        return total

    def _own_frequencies(self, group: int) -> tuple[NDArray[np.float32], float, int]:
        if group not in self._own:
            terms, frequencies = direct_frequencies(
                group_rows(self.knowledge, group), self.parameters.frequencies
            )
            full = propagated(terms, frequencies, self.knowledge.ontology)
            self._own[group] = (full, float(frequencies.sum()), len(terms))
        return self._own[group]


class LikelihoodTool(PhenotypeTool):
    """Likelihood ratios from annotation frequencies, in the manner of LIRICAL, with a model of exclusion."""

    card: ClassVar[ToolCard] = ToolCard(
        id="phenotype.likelihood",
        version="1.0.0",
        task="phenotype",
        name="Phenotype likelihood ratio",
        summary=(
            "For each disease the likelihood ratio of the observed and excluded signs, from annotated "
            "frequencies, the ontology and background frequencies; a posterior over all annotated diseases."
        ),
        intended_use=(
            "Ranking rare Mendelian diseases for a patient described by HPO terms, as an aid to a clinician or "
            "clinical scientist. Research use."
        ),
        limitations=(
            (
                "The posterior assumes that the disease is one of the annotated ones; it says nothing of the "
                "chance that it is none of them."
            ),
            "A disease without annotations cannot be ranked.",
            "Signs are taken as nearly independent; a common factor below 1 tempers their likelihood ratios.",
            (
                "Excluded signs support a disease that is annotated with them, since what is looked for and "
                "reported as absent is chosen with the disease in mind. Where a clinic records exclusions "
                "without such a choice, switch this off (mentioned = 0)."
            ),
            "Annotations describe published patients, mostly children of European ancestry.",
        ),
        licence="Apache-2.0",
        references=(
            Reference(
                citation="Robinson et al. 2020, Interpretable clinical genomics with a likelihood ratio paradigm",
                doi="10.1016/j.ajhg.2020.06.021",
            ),
            Reference(
                citation="Gargano et al. 2024, The Human Phenotype Ontology in 2024",
                doi="10.1093/nar/gkad1005",
            ),
        ),
        training_data=(
            (
                "phenopacket-store (development part): about ten parameters chosen with the case's own publication "
                "removed; see docs/benchmarks/phenotype.md"
            ),
        ),
        parameters=LikelihoodParameters().flat(),
        score="natural logarithm of prior × likelihood ratio; higher is better",
        probability="posterior over all annotated diseases, given that one of them is the answer",
    )

    def __init__(self, parameters: LikelihoodParameters | None = None) -> None:
        self.parameters = parameters or LikelihoodParameters()
        self._named: tuple[int, NDArray[np.bool_]] | None = None

    def prepare(self, knowledge: HpoKnowledge) -> LikelihoodRanker:
        """Compute the frequency matrix of a release; below a second."""
        return LikelihoodRanker(self, knowledge)

    def named_by_omim(self, knowledge: HpoKnowledge) -> NDArray[np.bool_]:
        """Return, for each group, whether its naming entry is one of OMIM or DECIPHER."""
        if self._named is None or self._named[0] != id(knowledge.diseases):
            ids, members = knowledge.diseases.ids, knowledge.diseases.members
            mask = np.array([not ids[m[0]].startswith("ORPHA:") for m in members], dtype=np.bool_)
            self._named = (id(knowledge.diseases), mask)
        return self._named[1]
