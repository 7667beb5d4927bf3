"""How well each sign fits each group of diseases, on one release of knowledge or a variant of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import (
    FrequencyMatrix,
    FrequencyModel,
    breadth_of,
    build_matrix,
    direct_frequencies,
    direct_of_all,
    group_rows,
    propagated,
)

Floats = NDArray[np.float32]
_ROWS_KEPT = 1024  # term rows of ~50 kB each; a cohort reuses the common ones


@dataclass(frozen=True, kw_only=True)
class OwnFrequencies:
    """Frequencies of one group from its own rows, not from the shared matrix.

    Parameters
    ----------
    terms, direct
        Annotated terms and their frequencies.
    full
        Frequency of every term, passed up the ontology; shape (terms,).
    breadth
        Sum of the direct frequencies.
    """

    terms: NDArray[np.int32]
    direct: NDArray[np.float64]
    full: Floats
    breadth: float


class SignProfile:
    """Frequencies of all groups, and what an observed sign says about each of them.

    Parameters
    ----------
    knowledge
        A release, or a variant of the one that ``base`` was made from.
    model
        How annotation rows become frequencies.
    noise, generality
        See :class:`genopraxis.tasks.phenotype.tools.likelihood.LikelihoodParameters`.
    background
        Background frequency of every term; by default the mean frequency over the annotated groups.
    base
        The profile of the release as published. Its matrix and background stay; only the groups that the
        variant changes are computed anew, with the same sums, so that equal rows give equal values.
    """

    def __init__(
        self,
        knowledge: HpoKnowledge,
        *,
        model: FrequencyModel,
        noise: float,
        generality: float,
        background: NDArray[np.float64] | None = None,
        base: SignProfile | None = None,
    ) -> None:
        self.knowledge = knowledge
        self._published: HpoKnowledge = base._published if base else knowledge
        self._model, self._noise, self._generality = model, np.float32(noise), generality
        self.matrix: FrequencyMatrix = base.matrix if base else build_matrix(knowledge, model)
        self._rows: dict[int, Floats] = base._rows if base else {}
        self.changed = knowledge.changed if base else []
        self._own: dict[int, OwnFrequencies] = {}
        self.floor = 1.0 / max(int((self.matrix.annotated > 0).sum()), 1)
        if base:
            background = base.background
        self.background: NDArray[np.float64] = (
            np.maximum(self.matrix.mean, self.floor) if background is None else background
        )

    def on(self, knowledge: HpoKnowledge) -> SignProfile:
        """Return this profile on a variant of its knowledge."""
        return SignProfile(
            knowledge, model=self._model, noise=float(self._noise), generality=self._generality, base=self
        )

    def own(self, group: int) -> OwnFrequencies:
        """Return the frequencies of one group from its own rows."""
        found = self._own.get(group)
        if found is None:
            terms, direct = direct_frequencies(group_rows(self.knowledge, group), self._model)
            full = propagated(terms, direct, self.knowledge.ontology)
            found = OwnFrequencies(terms=terms, direct=direct, full=full, breadth=breadth_of(direct))
            self._own[group] = found
        return found

    def direct(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """Return group, term and frequency of every direct annotation of the release as published."""
        return direct_of_all(self._published, self._model)

    @cached_property
    def annotated(self) -> NDArray[np.int32]:
        """Number of directly annotated terms of each group; 0 is a group that cannot be ranked."""
        numbers = self.matrix.annotated
        if self.changed:
            numbers = numbers.copy()
            numbers[self.changed] = [len(self.own(group).terms) for group in self.changed]
        return numbers

    @cached_property
    def breadth(self) -> NDArray[np.float64]:
        """Expected number of annotated signs of one patient, by group."""
        sums = self.matrix.breadth
        if self.changed:
            sums = sums.copy()
            sums[self.changed] = [self.own(group).breadth for group in self.changed]
        return sums

    def observed(self, term: int) -> Floats:
        """Return the natural log likelihood ratio of an observed sign, shape (groups,); not to be written to."""
        row = self._rows.get(term)
        if row is None:
            best = np.zeros(len(self.matrix.annotated), dtype=np.float32)
            above, ratio = self.ratios(term)
            for ancestor, factor in zip(above.tolist(), ratio, strict=True):
                groups, frequency = self.matrix.column(ancestor)
                best[groups] = np.maximum(best[groups], frequency * factor)
            row = self._log_mixture(best)
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            self._rows[term] = row
        if self.changed:
            row = row.copy()
            row[self.changed] = self.observed_in(self.changed, term)
        return row

    def observed_in(self, groups: Sequence[int], term: int) -> Floats:
        """Return the log likelihood ratio of an observed sign for some groups, from their own rows."""
        above, ratio = self.ratios(term)
        full = np.stack([self.own(group).full[above] for group in groups])
        best: Floats = (full * ratio).max(axis=1, initial=np.float32(0.0))
        return self._log_mixture(best)

    def frequency(self, term: int) -> Floats:
        """Return the frequency of a sign or of any kind of it, shape (groups,)."""
        row = np.zeros(len(self.matrix.annotated), dtype=np.float32)
        groups, frequency = self.matrix.column(term)
        row[groups] = frequency
        if self.changed:
            row[self.changed] = [self.own(group).full[term] for group in self.changed]
        return row

    def ratios(self, term: int) -> tuple[NDArray[np.int32], Floats]:
        """Return the ancestors of a sign, itself included, and what a frequency of each counts for."""
        above = self.knowledge.ontology.ancestors(term)
        specificity = self.background[term] / self.background[above]
        ratio = specificity**self._generality / self.background[above]
        return above, ratio.astype(np.float32)

    def _log_mixture(self, best: Floats) -> Floats:
        return np.asarray(np.log(self._noise + (1 - self._noise) * best), dtype=np.float32)
