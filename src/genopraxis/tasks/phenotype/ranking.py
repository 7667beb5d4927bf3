"""The answer of a phenotype tool: a score for every group of linked diseases, and ranks made from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.diseases import CATALOGUES, Diseases
from genopraxis.stats.ranking import mid_rank, mid_ranks


@dataclass(frozen=True, kw_only=True)
class DiseaseScores:
    """Scores over groups of linked disease entries.

    Parameters
    ----------
    score
        Shape (groups,); higher is better; ``-inf`` is not a candidate.
    probability
        Posterior probability of each group, or ``None`` when the tool gives none.
    log10_likelihood_ratio, prior
        What the probability was made from, where the tool is a probabilistic one.
    not_listed, no_diagnosis
        Probability that the patient's disease is no candidate, and that there is no diagnosis to be found;
        ``None`` when the tool does not allow for it.
    """

    score: NDArray[np.float64]
    probability: NDArray[np.float64] | None = None
    log10_likelihood_ratio: NDArray[np.float64] | None = None
    prior: NDArray[np.float64] | None = None
    not_listed: float | None = None
    no_diagnosis: float | None = None

    @property
    def candidates(self) -> int:
        """How many groups are candidates."""
        return int(np.isfinite(self.score).sum())

    def best(self, n: int) -> NDArray[np.intp]:
        """Numbers of the ``n`` best groups, best first; equal scores in the order of their number."""
        n = min(n, self.candidates)
        top = np.argpartition(-self.score, n - 1)[: max(n, 1)] if n else np.empty(0, dtype=np.intp)
        # everything that ties with the last place belongs to the choice, so that the order is reproducible
        if n:
            top = np.flatnonzero(self.score >= self.score[top].min())
        order = np.lexsort((top, -self.score[top]))
        chosen: NDArray[np.intp] = top[order][:n]
        return chosen

    def best_of_places(self, diseases: Diseases, n: int) -> NDArray[np.intp]:
        """Numbers of the best group of each of the ``n`` best places, best first."""
        chosen: dict[int, int] = {}
        for group in self.best(len(CATALOGUES) * n).tolist():  # a place has one group of a catalogue at most
            chosen.setdefault(int(diseases.place[group]), group)
        return np.array(list(chosen.values())[:n], dtype=np.intp)

    def rank_of(self, disease_id: str, diseases: Diseases) -> float | None:
        """Middle rank of a catalogue entry.

        Linked entries share the place of their group. An entry of another catalogue that carries the same name
        without being linked does not push it down, and its score does not lift it.
        """
        number = diseases.number.get(disease_id)
        if number is None:
            return None
        group = int(diseases.group[number])
        if not np.isfinite(self.score[group]):
            return None
        places = self.by_place(diseases)
        places[diseases.place[group]] = self.score[group]
        return float(mid_rank(places, int(diseases.place[group])))

    def by_place(self, diseases: Diseases) -> NDArray[np.float64]:
        """Return the best score of each place, shape (places,)."""
        places = np.full(int(diseases.place.max(initial=-1)) + 1, -np.inf)
        np.maximum.at(places, diseases.place, self.score)
        return places


@dataclass(frozen=True, kw_only=True)
class GeneScores:
    """Scores over gene symbols."""

    symbols: list[str]
    score: NDArray[np.float64]
    probability: NDArray[np.float64] | None

    def rank_of(self, symbol: str) -> float | None:
        """Middle rank of a gene symbol, ``None`` when no candidate disease is linked to it."""
        try:
            i = self.symbols.index(symbol)
        except ValueError:
            return None
        return float(mid_rank(self.score, i)) if np.isfinite(self.score[i]) else None

    def best(self, n: int) -> NDArray[np.intp]:
        """Numbers of the ``n`` best genes, best first."""
        order = np.lexsort((np.arange(len(self.score)), -self.score))
        chosen: NDArray[np.intp] = order[np.isfinite(self.score[order])][:n]
        return chosen

    def ranks(self) -> NDArray[np.float64]:
        """Middle rank of every gene."""
        return mid_ranks(self.score)


class GeneIndex:
    """Which groups of diseases speak for which gene."""

    def __init__(self, diseases: Diseases) -> None:
        pairs = sorted({(g, n) for n in range(len(diseases.members)) for g in diseases.genes_of_group(n)})
        self.symbols = sorted({symbol for symbol, _ in pairs})
        number = {symbol: i for i, symbol in enumerate(self.symbols)}
        self._gene = np.array([number[symbol] for symbol, _ in pairs], dtype=np.intp)
        self._group = np.array([group for _, group in pairs], dtype=np.intp)
        self._start = np.searchsorted(self._gene, np.arange(len(self.symbols)))
        self._genes_of = np.maximum(np.bincount(self._group, minlength=len(diseases.members)), 1)

    def groups_of(self, gene: int) -> NDArray[np.intp]:
        """Groups linked to a gene."""
        found: NDArray[np.intp] = self._group[self._gene == gene]
        return found

    def score(self, diseases: DiseaseScores) -> GeneScores:
        """Score every gene by its diseases.

        With probabilities, a gene's score is the probability that one of its diseases is right, a disease with
        several genes giving each an equal share; otherwise it is the score of its best disease.
        """
        if not len(self.symbols):
            return GeneScores(symbols=[], score=np.empty(0), probability=None)
        best = np.maximum.reduceat(diseases.score[self._group], self._start)
        if diseases.probability is None:
            return GeneScores(symbols=self.symbols, score=best, probability=None)
        total = np.add.reduceat(diseases.probability[self._group] / self._genes_of[self._group], self._start)
        total = np.where(np.isfinite(best), np.minimum(total, 1.0), 0.0)
        return GeneScores(
            symbols=self.symbols, score=np.where(np.isfinite(best), total, -np.inf), probability=total
        )
