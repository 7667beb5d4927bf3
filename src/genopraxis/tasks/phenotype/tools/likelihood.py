"""``phenotype.likelihood``: a likelihood ratio per sign, added up to a posterior over diseases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.cards import Reference, ToolCard, TrainingData
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.ontology import Ontology
from genopraxis.tasks.phenotype.explain import Match, explain_group
from genopraxis.tasks.phenotype.frequencies import NEVER, FrequencyMatrix, FrequencyModel
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.sex_and_age import SexAndAge, read_sex_and_age
from genopraxis.tasks.phenotype.sign_profile import Floats, SignProfile
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool, SignContribution

_LN10 = float(np.log(10.0))
_WHOLE_SYSTEM = 0.2  # background frequency
_FEW_SIGNS = 5.0  # keeps the penalty of breadth flat among sparsely annotated diseases


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
        log likelihood ratio of an excluded sign that was looked for, when the disease is known for it. It falls
        with the fourth power of the frequency, to 0 at ``turning``.
    turning
        Frequency from which an absence speaks against the disease.
    absent
        Weight of an absence above ``turning``, on ``log((1 − frequency) / (1 − turning))``; and of any absence
        when absences were recorded systematically, on ``log(1 − frequency)``.
    common
        Background frequency above which it says nothing that a sign was looked for.
    certainty
        Largest frequency used for an excluded sign: no absence is certain.
    orpha_only
        Prior weight of a group without an OMIM entry, against 1 for the others: many are names of families
        of diseases whose members are listed too.
    tempering
        Factor on the log likelihood ratios of signs, and age, since they depend on each other; not on sex.
    """

    frequencies: FrequencyModel = field(default_factory=FrequencyModel)
    noise: float = 0.02
    generality: float = 0.3
    breadth: float = 0.3
    mentioned: float = 1.5
    turning: float = 0.5
    absent: float = 0.7
    common: float = 0.3
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
        base: LikelihoodRanker | None = None,
    ) -> None:
        super().__init__(tool, knowledge)
        self._tool = tool
        self.parameters = p = tool.parameters
        # what depends on the release as published is shared between a ranker and its variants
        self.profile: SignProfile = (
            base.profile.on(knowledge)
            if base
            else SignProfile(knowledge, model=p.frequencies, noise=p.noise, generality=p.generality)
        )
        self._in_omim: NDArray[np.bool_] = base._in_omim if base else _named_by_omim(knowledge)
        self._sex_and_age: SexAndAge = (
            base._sex_and_age.on(knowledge, self.profile.changed)
            if base
            else read_sex_and_age(knowledge, knowledge.annotations.rows)
        )
        annotated = self.matrix.annotated > 0
        self._usual_breadth = float(self.matrix.breadth[annotated].mean()) if annotated.any() else 1.0

    @property
    def matrix(self) -> FrequencyMatrix:
        """Frequencies of all groups in the release as published."""
        return self.profile.matrix

    @property
    def background(self) -> NDArray[np.float64]:
        """Background frequency of every term."""
        return self.profile.background

    def on(self, knowledge: HpoKnowledge) -> LikelihoodRanker:
        """Return this ranker with only the changed diseases computed anew; the background stays.

        The background frequency of a term is a mean over some 12,000 diseases, so a few of them hardly move it;
        it moves most for terms that few diseases show.
        """
        return LikelihoodRanker(self._tool, knowledge, base=self)

    def rank(self, query: Query) -> DiseaseScores:
        """Score every group: prior odds times the likelihood ratio of each sign."""
        log_lr = self._total(query)
        annotated = self.profile.annotated > 0
        prior = self._prior(annotated)
        with np.errstate(divide="ignore"):
            score = np.log(prior) + log_lr
        score[~annotated] = -np.inf
        top = score.max(initial=-np.inf)
        weight = np.exp(score - top) if np.isfinite(top) else np.zeros(len(score))
        return DiseaseScores(
            score=score,
            probability=weight / max(weight.sum(), 1e-300),
            log10_likelihood_ratio=log_lr / _LN10,
            prior=prior,
        )

    def explain(self, query: Query, group: int) -> list[SignContribution]:
        """Return what each sign, sex and age contributed; their sum is the group's log10 likelihood ratio."""
        observed, excluded = self.matches(query, group)
        parts = explain_group(self.knowledge, group, observed=observed, excluded=excluded)
        own, scale = self.profile.own(group), self.parameters.tempering / _LN10
        penalty = scale * len(query.observed) * float(self._breadth(np.array([own.breadth]))[0])
        if penalty and query.observed:
            many = "many" if penalty < 0 else "few"
            sentence = f"The disease is annotated with {many} signs, which makes a match by chance "
            sentence += "more likely." if penalty < 0 else "less likely."
            parts.append(
                SignContribution(kind="breadth", term=None, log10_likelihood_ratio=penalty, sentence=sentence)
            )
        if self.parameters.use_sex_and_age:
            parts += self._sex_and_age.explain(query, group, tempering=self.parameters.tempering)
        return parts

    def matches(self, query: Query, group: int) -> tuple[dict[int, Match], dict[int, Match]]:
        """Return, for each observed and each excluded sign, its part and the annotated term that explains it."""
        own, scale = self.profile.own(group), self.parameters.tempering / _LN10
        by_frequency = [own.terms[i] for i in np.argsort(-own.direct, kind="stable")]
        observed, excluded = {}, {}
        for term in query.observed:
            value = scale * float(self.profile.observed_in([group], term)[0])
            observed[term] = Match(value, *self._winner(own.full, term, by_frequency))
        for term in query.excluded if self.parameters.use_excluded else ():
            value = scale * float(self._excluded(own.full[[term]], term, query)[0])
            excluded[term] = Match(value, _first_below(term, by_frequency, self.knowledge.ontology), term)
        return observed, excluded

    def _winner(self, full: Floats, term: int, by_frequency: Sequence[int]) -> tuple[int | None, int | None]:
        """Return the annotated term that made the match of an observed sign, and the term it went through."""
        above, ratio = self.profile.ratios(term)
        best = int(np.argmax(full[above] * ratio))
        via = int(above[best])
        # what passes through a whole organ system, or was never seen, explains nothing; the sign itself does
        if self.background[via] > _WHOLE_SYSTEM or full[via] <= NEVER:
            via = term
        if full[via] <= NEVER:
            return None, None
        return _first_below(via, by_frequency, self.knowledge.ontology), via

    def _total(self, query: Query) -> NDArray[np.float64]:
        """Add up the natural log likelihood ratios of one query, shape (groups,)."""
        total = np.zeros(len(self.matrix.annotated), dtype=np.float64)
        for term in query.observed:
            total += self.profile.observed(term)
        total += len(query.observed) * self._breadth(self.profile.breadth)
        if self.parameters.use_excluded:
            for term in query.excluded:
                total += self._excluded(self.profile.frequency(term), term, query)
        if self.parameters.use_sex_and_age:
            total += self._sex_and_age.age(query)
        total *= self.parameters.tempering
        if self.parameters.use_sex_and_age:
            total += self._sex_and_age.sex(query)  # no sign of the disease: independent of the others
        return total

    def _prior(self, annotated: NDArray[np.bool_]) -> NDArray[np.float64]:
        weight = np.where(self._in_omim, 1.0, self.parameters.orpha_only) * annotated
        prior: NDArray[np.float64] = weight / max(weight.sum(), 1e-300)
        return prior

    def _excluded(self, frequency: Floats, term: int, query: Query) -> Floats:
        """Return the log likelihood ratio of an excluded sign; 0 where the disease is not annotated with it."""
        p = self.parameters
        present = np.log1p(-np.minimum(frequency, np.float32(p.certainty)))
        if query.exclusions == "systematic":
            return np.asarray(np.float32(p.absent) * present, dtype=np.float32)
        mentioned = p.mentioned if self.background[term] <= p.common else 0.0
        looked_for = np.float32(mentioned) * (1 - (frequency / np.float32(p.turning)) ** 4)
        against = np.float32(p.absent) * (present - np.log1p(np.float32(-p.turning)))
        known = np.where(frequency < p.turning, looked_for, against)
        return np.asarray(np.where(frequency > 0, known, np.float32(0.0)), dtype=np.float32)

    def _breadth(self, breadth: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(
            -self.parameters.breadth * np.log((breadth + _FEW_SIGNS) / (self._usual_breadth + _FEW_SIGNS)),
            dtype=np.float64,
        )


def _first_below(term: int, by_frequency: Sequence[int], ontology: Ontology) -> int | None:
    """Return the first of some terms that is a term or a kind of it."""
    return next((int(t) for t in by_frequency if term in ontology.ancestors(int(t))), None)


class LikelihoodTool(PhenotypeTool):
    """Likelihood ratios from annotation frequencies, in the manner of LIRICAL, with a model of exclusion."""

    card: ToolCard = ToolCard(
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
                "without such a choice, say so (--excluded systematic)."
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
            TrainingData(
                dataset="phenopacket-store",
                version="commit b694d17ec6fd3bccab8a69235f4e13b0b82b7ae5, development part",
                sha256="6e57b638783a11295ffc76490adfbf367cd6aa7f19f0dd13891478ba96ab73e6",
                use=(
                    "about ten parameters chosen with the case's own publication removed; see "
                    "docs/benchmarks/phenotype.md"
                ),
            ),
        ),
        parameters=LikelihoodParameters().flat(),
        score="natural logarithm of prior × likelihood ratio; higher is better",
        probability=(
            "The posterior holds if the disease is an annotated one and, before any sign is known, each OMIM or "
            "DECIPHER entry is as likely as any other and an ORPHA entry without an OMIM counterpart a twentieth "
            "as likely. It is not the chance that this patient has a genetic disease, and it is not calibrated: "
            "on published patients low values were too low and very high ones too high."
        ),
    )

    def __init__(self, parameters: LikelihoodParameters | None = None) -> None:
        self.parameters = parameters or LikelihoodParameters()
        # the card of an instance states the parameters it runs with
        self.card = type(self).card.model_copy(update={"parameters": self.parameters.flat()})

    def configure(self, settings: Mapping[str, str]) -> LikelihoodTool:
        """Return this tool with some parameters changed, by the names that its card lists."""
        values: dict[str, Any] = dict(self.card.read_settings(settings))
        nested = {name: values.pop(name) for name in list(values) if name.startswith("frequencies.")}
        frequencies = replace(
            self.parameters.frequencies,
            **{name.removeprefix("frequencies."): value for name, value in nested.items()},
        )
        return type(self)(replace(self.parameters, frequencies=frequencies, **values))

    def prepare(self, knowledge: HpoKnowledge) -> LikelihoodRanker:
        """Compute the frequency matrix of a release; below a second."""
        return LikelihoodRanker(self, knowledge)


def _named_by_omim(knowledge: HpoKnowledge) -> NDArray[np.bool_]:
    """Whether the naming entry of each group is one of OMIM or DECIPHER."""
    ids, members = knowledge.diseases.ids, knowledge.diseases.members
    return np.array([not ids[m[0]].startswith("ORPHA:") for m in members], dtype=np.bool_)
