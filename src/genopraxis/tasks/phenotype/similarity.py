"""Semantic similarity of a query and every group of diseases, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.tasks.phenotype.frequencies import NEVER
from genopraxis.tasks.phenotype.sign_profile import SignProfile

Floats = NDArray[np.float32]
_ROWS_KEPT = 1024
_SHOWN = 2 * NEVER  # a sign that was looked for and never seen is no sign of the disease


@dataclass(frozen=True, kw_only=True)
class Similarities:
    """Similarities of one query to every group.

    Parameters
    ----------
    shared
        Information content of the most informative ancestor that each observed sign shares with the disease
        (Resnik 1995), shape (signs, groups).
    explained
        Share of the disease's expected information content that the query explains, shape (groups,).
    jaccard
        Information content of the shared terms over that of all terms of both, ancestors included
        (simGIC, doi:10.1186/1471-2105-9-S5-S4), shape (groups,).
    """

    shared: Floats
    explained: NDArray[np.float64]
    jaccard: NDArray[np.float64]


class Similarity:
    """Information content of every term on one release, and the similarities made from it."""

    content: Floats
    _direct: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]
    _rows: dict[int, Floats]
    _expected: NDArray[np.float64]
    _total: NDArray[np.float64]

    def __init__(self, profile: SignProfile, *, base: Similarity | None = None) -> None:
        self._profile, self._ontology = profile, profile.knowledge.ontology
        if base:
            self.content, self._direct, self._rows = base.content, base._direct, base._rows
            self._expected, self._total = base._expected, base._total
            return
        matrix = profile.matrix
        annotated = max(int((matrix.annotated > 0).sum()), 1)
        shown = matrix.frequency > _SHOWN
        column = np.repeat(np.arange(len(matrix.start) - 1), np.diff(matrix.start))
        showing = np.maximum(np.bincount(column[shown], minlength=len(matrix.start) - 1), 1)
        self.content = np.maximum(-np.log(showing / annotated), 0).astype(np.float32)
        self._direct = _direct(profile)
        groups, terms, frequency = self._direct
        n = len(matrix.annotated)
        expected = np.bincount(groups, frequency * self.content[terms], minlength=n)
        self._expected = expected.astype(np.float64)
        total = np.bincount(matrix.group[shown], self.content[column[shown]], minlength=n)
        self._total = total.astype(np.float64)
        self._rows = {}

    def on(self, profile: SignProfile) -> Similarity:
        """Return this on a variant of the release; information content stays."""
        return Similarity(profile, base=self)

    def of(self, observed: Sequence[int]) -> Similarities:
        """Compare a query with every group."""
        profile, ontology = self._profile, self._ontology
        closure = np.unique(np.concatenate([ontology.ancestors(term) for term in observed]))
        in_query = np.zeros(len(self.content), dtype=np.float32)
        in_query[closure] = self.content[closure]
        best = np.maximum.reduceat(in_query[ontology.ancestor_terms], ontology.ancestor_start[:-1])
        groups, terms, frequency = self._direct
        n = len(self._expected)
        matched = np.bincount(groups, frequency * best[terms], minlength=n)
        common = np.zeros(n)
        for term in closure.tolist():
            common[self._showing(term)] += self.content[term]
        expected, total = self._expected, self._total
        shared = np.stack([self._shared(term) for term in observed])
        if profile.changed:
            expected, total = expected.copy(), total.copy()
            for group in profile.changed:
                own = profile.own(group)
                signs = own.direct > _SHOWN
                weight = own.direct[signs]
                matched[group] = (weight * best[own.terms[signs]]).sum()
                expected[group] = (weight * self.content[own.terms[signs]]).sum()
                annotated = own.full > _SHOWN
                common[group] = self.content[closure][annotated[closure]].sum()
                total[group] = self.content[annotated].sum()
                for i, term in enumerate(observed):
                    above = ontology.ancestors(term)
                    shared[i, group] = self.content[above][own.full[above] > _SHOWN].max(initial=0.0)
        whole = total + self.content[closure].sum() - common
        return Similarities(
            shared=shared,
            explained=matched / np.maximum(expected, 1e-6),
            jaccard=common / np.maximum(whole, 1e-6),
        )

    def _showing(self, term: int) -> NDArray[np.int32]:
        """Return the groups that show a term, on the release as published."""
        groups, frequency = self._profile.matrix.column(term)
        return groups[frequency > _SHOWN]

    def _shared(self, term: int) -> Floats:
        row = self._rows.get(term)
        if row is None:
            row = np.zeros(len(self._expected), dtype=np.float32)
            for ancestor in self._ontology.ancestors(term).tolist():
                showing = self._showing(ancestor)
                row[showing] = np.maximum(row[showing], self.content[ancestor])
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            self._rows[term] = row
        return row


def _direct(profile: SignProfile) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Return group, term and frequency of every direct annotation of a sign."""
    found = profile.direct()
    shown = found[2] > _SHOWN
    return found[0][shown], found[1][shown], found[2][shown]
