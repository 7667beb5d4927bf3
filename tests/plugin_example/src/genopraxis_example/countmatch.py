"""``phenotype.countmatch``: how many of the patient's signs does a disease show?"""

from __future__ import annotations

import numpy as np

from genopraxis.contracts.cards import Reference, ToolCard
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import group_rows
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool


class CountMatchRanker(PhenotypeRanker):
    """Observed terms that the disease is annotated with, at or below them."""

    def __init__(self, tool: PhenotypeTool, knowledge: HpoKnowledge) -> None:
        super().__init__(tool, knowledge)
        groups, terms = len(knowledge.diseases.members), len(knowledge.ontology.ids)
        self._shown = np.zeros((groups, terms), dtype=np.bool_)
        for group in range(groups):
            rows = group_rows(knowledge, group)
            for term in rows["term"][~rows["negated"]].tolist():
                self._shown[group, knowledge.ontology.ancestors(term)] = True

    def rank(self, query: Query) -> DiseaseScores:
        """Count; a disease without annotations is not a candidate."""
        matches = self._shown[:, list(query.observed)].sum(axis=1).astype(np.float64)
        return DiseaseScores(score=np.where(self._shown.any(axis=1), matches, -np.inf))


class CountMatch(PhenotypeTool):
    """Shared terms, each counted as one."""

    card = ToolCard(
        id="phenotype.countmatch",
        version="0.1.0",
        task="phenotype",
        name="Count of matches",
        summary="Number of observed terms that the disease is annotated with.",
        intended_use="Example of a plug-in; not for use on patients.",
        limitations=("Takes every sign for equally telling.", "Uses no excluded term."),
        licence="Apache-2.0",
        references=(Reference(citation="The Human Phenotype Ontology", url="https://hpo.jax.org"),),
        training_data=(),
        score="number of observed terms shown; higher is better",
        authors=("An example",),
    )

    def prepare(self, knowledge: HpoKnowledge) -> CountMatchRanker:
        """Mark every term that a disease shows."""
        return CountMatchRanker(self, knowledge)
