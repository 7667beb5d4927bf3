"""A phenotype tool with a posterior that allows for *none of these*: plain likelihoods, and outcomes set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from genopraxis.contracts.cards import ToolCard
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool, SignContribution
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool

BASE = 0.75  # what each disease weighs before any sign


class OutcomeRanker(PhenotypeRanker):
    tool: OutcomeTool

    def __init__(self, tool: OutcomeTool, knowledge: HpoKnowledge) -> None:
        super().__init__(tool, knowledge)
        self._plain = LikelihoodTool().prepare(knowledge)

    def rank(self, query: Query) -> DiseaseScores:
        plain = self._plain.rank(query)
        assert plain.probability is not None
        listed = self.tool.solve_rate * (1 - self.tool.not_listed) * self.tool.sure
        return replace(
            plain,
            probability=plain.probability * listed,
            log10_likelihood_ratio=None,
            prior=None,
            not_listed=self.tool.not_listed,
            no_diagnosis=1 - self.tool.not_listed - listed,
        )

    def explain(self, query: Query, group: int) -> list[SignContribution]:
        base = SignContribution(
            kind="disease", term=None, log10_likelihood_ratio=BASE, sentence="What it weighs by itself."
        )
        return [*self._plain.explain(query, group), base]


class OutcomeTool(PhenotypeTool):
    """``sure``: share of the probability that the candidates get at a solve rate of 1."""

    card: ToolCard = LikelihoodTool.card.model_copy(
        update={
            "id": "phenotype.outcomes",
            "parameters": {"solve_rate": 0.36},
            "probability": "Holds at 36 %.",
        }
    )

    def __init__(self, *, solve_rate: float = 0.36, not_listed: float = 0.1, sure: float = 1.0) -> None:
        self.solve_rate, self.not_listed, self.sure = solve_rate, not_listed, sure
        self.card = type(self).card.model_copy(update={"parameters": {"solve_rate": solve_rate}})

    def configure(self, settings: Mapping[str, str]) -> OutcomeTool:
        values: dict[str, Any] = dict(self.card.read_settings(settings))
        return OutcomeTool(**values)

    def prepare(self, knowledge: HpoKnowledge) -> OutcomeRanker:
        return OutcomeRanker(self, knowledge)
