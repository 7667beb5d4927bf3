"""The answers of a phenotype tool as a table of predictions: the first candidates, and wherever it is the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.ranking import CANDIDATE_COUNTS, RANKING
from genopraxis.contracts.ranking_bench import RankingCase
from genopraxis.knowledge.diseases import Diseases
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneScores

_Row = tuple[str, float, float, float | None]  # candidate, rank, score, probability


class Answers:
    """Collects the answers to some cases, column by column."""

    def __init__(self, diseases: Diseases, *, top: int) -> None:
        self._diseases = diseases
        self._top = top
        self._columns: dict[str, list[object]] = {name: [] for name in RANKING.schema}
        self._counts: list[tuple[str, str, int]] = []

    def add(self, case: RankingCase, scores: DiseaseScores, genes: GeneScores) -> None:
        """Add what was answered to one case."""
        names, groups = self._diseases.ids, self._diseases.group
        if DISEASE in case.truths:
            best = scores.best(self._top)
            self._add(
                case,
                DISEASE,
                candidates=scores.candidates,
                listed=[names[self._diseases.members[group][0]] for group in best.tolist()],
                score=scores.score,
                probability=scores.probability,
                best=best,
                truths={
                    truth: (rank, int(groups[self._diseases.number[truth]]))
                    for truth in case.truths[DISEASE]
                    if (rank := scores.rank_of(truth, self._diseases)) is not None
                },
            )
        if GENE in case.truths:
            best = genes.best(self._top)
            self._add(
                case,
                GENE,
                candidates=len(genes.symbols),
                listed=[genes.symbols[gene] for gene in best.tolist()],
                score=genes.score,
                probability=genes.probability,
                best=best,
                truths={
                    truth: (rank, genes.symbols.index(truth))
                    for truth in case.truths[GENE]
                    if (rank := genes.rank_of(truth)) is not None
                },
            )

    def predictions(self) -> pl.DataFrame:
        """Return the :data:`genopraxis.contracts.ranking.RANKING` table."""
        return pl.DataFrame(self._columns, schema=RANKING.schema)

    def candidates(self) -> pl.DataFrame:
        """Return the :data:`genopraxis.contracts.ranking.CANDIDATE_COUNTS` table."""
        return pl.DataFrame(self._counts, schema=CANDIDATE_COUNTS.schema, orient="row")

    def _add(
        self,
        case: RankingCase,
        level: str,
        *,
        candidates: int,
        listed: Sequence[str],
        score: NDArray[np.float64],
        probability: NDArray[np.float64] | None,
        best: NDArray[np.intp],
        truths: dict[str, tuple[float, int]],
    ) -> None:
        self._counts.append((case.case_id, level, candidates))

        def row(name: str, rank: float, place: int) -> _Row:
            return name, rank, float(score[place]), None if probability is None else float(probability[place])

        ranks = _ranks_of_best(score, best)
        # the rank of a truth is the task's word for it; the others stand where their score puts them
        first = [
            row(name, truths[name][0] if name in truths else rank, place)
            for name, rank, place in zip(listed, ranks, best.tolist(), strict=True)
        ]
        known = set(listed)
        below = [row(name, rank, place) for name, (rank, place) in truths.items() if name not in known]
        self._append(case.case_id, level, first, listed=True)
        self._append(case.case_id, level, below, listed=False)

    def _append(self, case_id: str, level: str, rows: Iterable[_Row], *, listed: bool) -> None:
        columns = self._columns
        for name, rank, score, probability in rows:
            columns["case_id"].append(case_id)
            columns["level"].append(level)
            columns["candidate_id"].append(name)
            columns["rank"].append(rank)
            columns["score"].append(score)
            columns["probability"].append(probability)
            columns["listed"].append(listed)


def _ranks_of_best(score: NDArray[np.float64], best: NDArray[np.intp]) -> list[float]:
    """Return the middle ranks of the best candidates; only the last of them may tie with one that is not here."""
    if not len(best):
        return []
    top = score[best]
    tied = (top[:, None] == top[None, :]).sum(axis=1)
    tied[top == top[-1]] = np.count_nonzero(score == top[-1])
    ahead = (top[None, :] > top[:, None]).sum(axis=1)
    ranks: list[float] = (ahead + (tied + 1) / 2).tolist()
    return ranks
