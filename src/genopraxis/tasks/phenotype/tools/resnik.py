"""``phenotype.resnik``: plain semantic similarity, the baseline that anything better must beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.cards import Reference, ToolCard
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import (
    FrequencyMatrix,
    FrequencyModel,
    build_matrix,
    group_rows,
    present_rows,
)
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool

_ROWS_KEPT = 1024


class ResnikRanker(PhenotypeRanker):
    """Mean information content of the best common ancestor of each observed term and the disease's terms."""

    def __init__(
        self,
        tool: PhenotypeTool,
        knowledge: HpoKnowledge,
        *,
        base: ResnikRanker | None = None,
    ) -> None:
        super().__init__(tool, knowledge)
        self._matrix: FrequencyMatrix = (
            base._matrix if base else build_matrix(knowledge, FrequencyModel(), keep=present_rows)
        )
        self._rows: dict[int, NDArray[np.float32]] = base._rows if base else {}
        self._content: NDArray[np.float32] = base._content if base else self._information_content()
        self._changed = {int(knowledge.diseases.group[d]) for d in knowledge.annotations.replaced}

    def _information_content(self) -> NDArray[np.float32]:
        annotated = max(int((self._matrix.annotated > 0).sum()), 1)
        shown = np.maximum(np.diff(self._matrix.start), 1)
        return np.asarray(-np.log(shown / annotated), dtype=np.float32)

    def on(self, knowledge: HpoKnowledge) -> ResnikRanker:
        """Return this ranker with only the changed diseases computed anew; information content stays."""
        return ResnikRanker(self.tool, knowledge, base=self)

    def rank(self, query: Query) -> DiseaseScores:
        """Score every group; excluded terms are not used."""
        total = np.zeros(len(self._matrix.annotated), dtype=np.float64)
        for term in query.observed:
            total += self._row(term)
        annotated = self._matrix.annotated > 0
        for group in self._changed:
            shown = np.unique(present_rows(group_rows(self.knowledge, group))["term"]).tolist()
            annotated[group] = len(shown) > 0
            above = {int(a) for term in shown for a in self.knowledge.ontology.ancestors(term)}
            total[group] = sum(self._best(term, above) for term in query.observed)
        score = total / max(len(query.observed), 1)
        score[~annotated] = -np.inf
        return DiseaseScores(score=score)

    def _row(self, term: int) -> NDArray[np.float32]:
        row = self._rows.get(term)
        if row is None:
            row = np.zeros(len(self._matrix.annotated), dtype=np.float32)
            for ancestor in self.knowledge.ontology.ancestors(term).tolist():
                groups, _ = self._matrix.column(ancestor)
                row[groups] = np.maximum(row[groups], self._content[ancestor])
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            self._rows[term] = row
        return row

    def _best(self, term: int, above: set[int]) -> float:
        shared = [a for a in self.knowledge.ontology.ancestors(term).tolist() if a in above]
        return max((float(self._content[a]) for a in shared), default=0.0)


class ResnikTool(PhenotypeTool):
    """Semantic similarity in one direction, from the patient's terms to the disease's."""

    card: ToolCard = ToolCard(
        id="phenotype.resnik",
        version="1.0.0",
        task="phenotype",
        name="Resnik similarity",
        summary="Mean information content of the most informative common ancestor of each observed term and "
        "the terms annotated to the disease.",
        intended_use="A simple baseline for comparison with other phenotype tools. Research use.",
        limitations=(
            "Uses neither frequencies nor excluded terms, sex or age.",
            "Gives no probability.",
        ),
        licence="Apache-2.0",
        references=(
            Reference(
                citation="Resnik 1995, Using information content to evaluate semantic similarity in a taxonomy",
                doi="10.48550/arXiv.cmp-lg/9511007",
            ),
            Reference(
                citation="Köhler et al. 2009, Clinical diagnostics in human genetics with semantic similarity "
                "searches in ontologies",
                doi="10.1016/j.ajhg.2009.09.003",
            ),
        ),
        training_data=(),
        score="mean information content (natural logarithm); higher is better",
    )

    def prepare(self, knowledge: HpoKnowledge) -> ResnikRanker:
        """Compute the information content of every term."""
        return ResnikRanker(self, knowledge)
