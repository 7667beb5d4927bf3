"""``phenotype.ranker``: a learned order of candidate diseases, with probabilities that allow for *none of these*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from importlib.resources import as_file
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.contracts.training import TRAINING_TRACE, TrainingTrace
from genopraxis.formats.table_file import read_table
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.explain import explain_group
from genopraxis.tasks.phenotype.features import FeatureMaker
from genopraxis.tasks.phenotype.posterior import SOLVE_RATE, summary_of
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranker_card import RANKER_CARD, meaning_of_probability
from genopraxis.tasks.phenotype.ranker_model import TRACE, Model, model_folder, read_model
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.shapley import shapley_parts
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool, SignContribution
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodRanker, LikelihoodTool

_LN10 = float(np.log(10.0))
_COMPARED = 20  # leading candidates, with which a candidate is compared in its explanation
_REMEMBERED = 4  # queries whose parts are kept, so that explaining twenty candidates costs as much as one
_HIGHEST = 0.999  # even an all-solved cohort leaves a chance
_RESERVE = 1e-6  # keeps the diseases that are no candidates in their order, behind all candidates


class Ranker(PhenotypeRanker):
    """The learned ranker on one release of knowledge."""

    tool: RankerTool

    def __init__(
        self, tool: RankerTool, knowledge: HpoKnowledge, *, maker: FeatureMaker | None = None
    ) -> None:
        super().__init__(tool, knowledge)
        self._maker = maker or FeatureMaker(knowledge)
        self._model = tool.model
        self._solve_rate = tool.solve_rate
        self._parts: dict[Query, tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]] = {}

    def on(self, knowledge: HpoKnowledge) -> Ranker:
        """Return this ranker with only the changed diseases computed anew."""
        return Ranker(self.tool, knowledge, maker=self._maker.on(knowledge))

    def rank(self, query: Query) -> DiseaseScores:
        """Score the candidates; other diseases of which something is known follow in the order of plain likelihood."""
        found = self._maker.make(query)
        score = found.fit
        probability = np.zeros(len(score))
        if not query.observed or not len(found.groups):
            score = np.full(len(score), -np.inf)
            return DiseaseScores(score=score, probability=probability, not_listed=0.0, no_diagnosis=1.0)
        learned = self._model.score(found)
        shares, not_listed, no_diagnosis = self._model.posterior.probabilities(
            learned, summary_of(learned, found.features), solve_rate=self._solve_rate
        )
        known = np.isfinite(score)
        score = np.where(known, learned.min() - 1 + _RESERVE * (score - score[known].max()), -np.inf)
        score[found.groups] = learned
        probability[found.groups] = shares
        return DiseaseScores(
            score=score, probability=probability, not_listed=not_listed, no_diagnosis=no_diagnosis
        )

    def explain(self, query: Query, group: int) -> list[SignContribution]:
        """Return what each sign adds to the log10 weight of a candidate; the parts add up to that weight.

        Only differences between candidates mean anything, so each part is less its mean over the leading twenty, and
        so is the weight. The last part is what the disease weighs without any sign.
        """
        groups, nothing, parts = self._parts_of(query)
        place = int(np.searchsorted(groups, group))
        if place == len(groups) or groups[place] != group:
            return []
        m = len(query.observed)
        value = self._model.posterior.slope / _LN10 * parts[:, place]
        observed, excluded = self._likelihood.matches(query, group)
        told = explain_group(
            self._maker.pooled,
            group,
            observed={t: replace(observed[t], value=float(value[i])) for i, t in enumerate(query.observed)},
            excluded={
                t: replace(excluded[t], value=float(value[m + i])) for i, t in enumerate(query.excluded)
            },
            habit=query.exclusions == "selected",
        )
        references = self._maker.pooled.annotations.references_by_row
        signs = [
            replace(
                part,
                rows=(),
                references=tuple(sorted({r for row in part.rows for r in references.get(row, ())})),
            )
            for part in told
        ]
        itself = SignContribution(
            kind="disease",
            term=None,
            log10_likelihood_ratio=float(self._model.posterior.slope / _LN10 * nothing[place]),
            sentence="What the disease weighs before any sign, beside the leading candidates: its sex and age pattern, "
            "its catalogue, and whether the case library has it.",
        )
        return [*signs, itself]

    @cached_property
    def _likelihood(self) -> LikelihoodRanker:
        return LikelihoodTool().prepare(self._maker.pooled)

    def _parts_of(self, query: Query) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
        if query not in self._parts:
            groups = self._maker.make(query).groups
            nothing, parts = shapley_parts(
                query, lambda part: self._model.score(self._maker.make(part, groups=groups))
            )
            # what is common to all candidates says nothing, and would hide what tells them apart
            leading = np.argsort(-(nothing + parts.sum(axis=0)), kind="stable")[:_COMPARED]
            nothing = nothing - nothing[leading].mean()
            parts = parts - parts[:, leading].mean(axis=1, keepdims=True)
            if len(self._parts) >= _REMEMBERED:
                self._parts.pop(next(iter(self._parts)))
            self._parts[query] = groups, nothing, parts
        return self._parts[query]


class RankerTool(PhenotypeTool):
    """Gradient-boosted trees over likelihoods, similarities and absences, trained without leaks.

    Parameters
    ----------
    model
        Weights and posterior; by default those that come with the package.
    solve_rate
        Share of patients like this one who have a diagnosis that could be named.
    """

    card: ToolCard = RANKER_CARD

    def __init__(self, model: Model | None = None, *, solve_rate: float = SOLVE_RATE) -> None:
        if not 0 < solve_rate <= _HIGHEST:
            raise InputError(
                f"a solve rate of {solve_rate} is not possible", hint=f"a share above 0 and up to {_HIGHEST}"
            )
        self.model = model or shipped_model()
        self.solve_rate = solve_rate
        self.card = type(self).card.model_copy(
            update={
                "parameters": {"solve_rate": solve_rate},
                "probability": meaning_of_probability(solve_rate),
            }
        )

    def configure(self, settings: Mapping[str, str]) -> RankerTool:
        """Return this tool for another solve rate."""
        values: dict[str, Any] = dict(self.card.read_settings(settings))
        return type(self)(self.model, **values)

    def prepare(self, knowledge: HpoKnowledge) -> Ranker:
        """Make the features ready for a release; about a second."""
        return Ranker(self, knowledge)

    def trained_on(self) -> TrainingTrace | None:
        """Return the publications and patients that the shipped weights were trained on; nothing for others."""
        if self.model is not shipped_model():
            return None
        with as_file(model_folder().joinpath(TRACE)) as path:
            return TrainingTrace.from_table(read_table(TRAINING_TRACE, path), where=TRACE)


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """Return the model that comes with the package.

    Raises
    ------
    KnowledgeError
        When it is missing or damaged.
    """
    try:
        return read_model(model_folder())
    except InputError as error:
        raise KnowledgeError(
            f"the model of phenotype.ranker is missing or damaged: {error.what}",
            where=error.where,
            hint="install Genopraxis again",
        ) from error
