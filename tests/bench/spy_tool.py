"""A tool that writes down everything it is given."""

from __future__ import annotations

from typing import Any

from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool

ASKED: list[Any] = []
CHANGED: list[Any] = []


class SpyRanker(PhenotypeRanker):
    def __init__(self, tool, knowledge, inner) -> None:
        super().__init__(tool, knowledge)
        self._inner = inner

    def rank(self, query):
        ASKED.append(query)
        return self._inner.rank(query)

    def on(self, knowledge):
        CHANGED.append(knowledge.annotations.replaced)
        return SpyRanker(self.tool, knowledge, self._inner.on(knowledge))


class Spy(PhenotypeTool):
    card = LikelihoodTool.card.model_copy(update={"id": "phenotype.spy"})

    def prepare(self, knowledge):
        return SpyRanker(self, knowledge, LikelihoodTool().prepare(knowledge))
