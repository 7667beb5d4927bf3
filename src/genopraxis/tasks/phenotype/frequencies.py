"""How often each group of linked diseases shows each term: pooled, shrunk, and passed up the ontology."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.annotations import Aspect, Frequency, Rows, Source
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.ontology import Ontology

Floats = NDArray[np.float64]

NEVER = 1e-6
"""Frequency of a sign that was looked for and never seen: known to the disease, no reason to expect it."""


@dataclass(frozen=True, kw_only=True)
class FrequencyModel:
    """How annotation rows become one frequency for a disease and a term.

    Counts are pooled over the rows of all linked entries; a row without counts enters as a small sample.
    The pooled sample is shrunk towards ``prior_mean`` with the weight of ``prior_size`` patients, since most
    annotations rest on one to three patients.

    Parameters
    ----------
    prior_mean, prior_size
        Mean and weight (patients) of the shrinkage.
    fraction_size
        Weight of a percentage or HPO frequency term.
    unstated_size
        Weight of a row without any frequency.
    unstated_iea, unstated_tas, unstated_pcs
        Frequency assumed for a row without one, by evidence code.
    """

    prior_mean: float = 0.15
    prior_size: float = 6.0
    fraction_size: float = 5.0
    unstated_size: float = 3.0
    unstated_iea: float = 0.3
    unstated_tas: float = 0.5
    unstated_pcs: float = 0.6

    def samples(self, rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (patients with the sign, patients examined) for each row, real or assumed."""
        unstated = np.empty(len(Source), dtype=np.float64)
        unstated[Source.IEA], unstated[Source.TAS] = self.unstated_iea, self.unstated_tas
        unstated[Source.PCS] = self.unstated_pcs
        kinds = [rows["kind"] == Frequency.COUNTS, rows["kind"] == Frequency.FRACTION]
        examined = np.select(kinds, [rows["denominator"], self.fraction_size], self.unstated_size)
        share = np.select(
            kinds,
            [rows["numerator"] / np.where(kinds[0], rows["denominator"], 1), rows["fraction"]],
            unstated[rows["source"]],
        )
        share = np.where(rows["negated"], 0.0, share)
        return (share * examined).astype(np.float64), examined.astype(np.float64)

    def shrink(self, seen: Floats, examined: Floats) -> Floats:
        """Return the shrunken frequency of pooled samples; :data:`NEVER` where nobody had the sign."""
        pseudo = self.prior_size * self.prior_mean
        shrunk = (seen + pseudo) / (examined + self.prior_size)
        return np.asarray(np.where(seen == 0, NEVER, shrunk), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class FrequencyMatrix:
    """Frequencies of all groups, term by term (compressed columns).

    Parameters
    ----------
    start, group, frequency
        Term *t* is shown by ``group[start[t]:start[t + 1]]`` with the frequencies at the same places.
    mean
        Mean frequency of each term over all annotated groups: its background.
    breadth
        Sum of a group's direct frequencies: the expected number of annotated signs of one patient.
    annotated
        Number of directly annotated terms of each group; 0 is a group that cannot be ranked.
    """

    start: NDArray[np.int64]
    group: NDArray[np.int32]
    frequency: NDArray[np.float32]
    mean: NDArray[np.float64]
    breadth: NDArray[np.float64]
    annotated: NDArray[np.int32]

    def column(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return groups and frequencies of one term."""
        span = slice(self.start[term], self.start[term + 1])
        return self.group[span], self.frequency[span]


def sign_rows(rows: Rows, ontology: Ontology) -> Rows:
    """Keep the rows that speak about signs: phenotype aspect, below *Phenotypic abnormality*."""
    kept: Rows = rows[(rows["aspect"] == Aspect.PHENOTYPE) & ontology.is_phenotype[rows["term"]]]
    return kept


def present_rows(rows: Rows) -> Rows:
    """Leave out the rows that say a sign is absent: negated, or looked for and never seen."""
    absent = rows["negated"] | ((rows["kind"] == Frequency.COUNTS) & (rows["numerator"] == 0))
    kept: Rows = rows[~absent]
    return kept


def direct_frequencies(rows: Rows, model: FrequencyModel) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pool the rows of one group; return its terms and their frequencies."""
    terms, place = np.unique(rows["term"], return_inverse=True)
    seen, examined = model.samples(rows)
    return terms.astype(np.int32), model.shrink(_sum(place, seen), _sum(place, examined))


def _sum(place: NDArray[np.intp], values: Floats) -> Floats:
    """Sum the values of each place."""
    return np.bincount(place, values).astype(np.float64)


def group_rows(knowledge: HpoKnowledge, group: int) -> Rows:
    """Return the sign rows of all linked entries of a group."""
    # in the order of the matrix, so that sums come out the same to the last bit
    members = sorted(knowledge.diseases.members[group])
    rows = np.concatenate([knowledge.annotations.of(disease) for disease in members])
    return sign_rows(rows, knowledge.ontology)


def breadth_of(frequencies: Floats) -> float:
    """Sum one group's direct frequencies in the order in which the matrix sums them."""
    return float(np.cumsum(frequencies)[-1]) if len(frequencies) else 0.0


def propagated(
    terms: NDArray[np.int32], frequencies: NDArray[np.float64], ontology: Ontology
) -> NDArray[np.float32]:
    """Return one group's frequencies over all terms: a term is at least as frequent as any term below it."""
    full = np.zeros(len(ontology.ids), dtype=np.float32)
    for term, frequency in zip(terms.tolist(), frequencies.tolist(), strict=True):
        above = ontology.ancestors(term)
        full[above] = np.maximum(full[above], frequency)
    return full


def direct_of_all(
    knowledge: HpoKnowledge, model: FrequencyModel, *, keep: Callable[[Rows], Rows] = lambda rows: rows
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Return group, term and frequency of every direct annotation, by group and term; ``keep`` may leave out rows."""
    n_terms = len(knowledge.ontology.ids)
    rows = keep(sign_rows(knowledge.annotations.rows, knowledge.ontology))
    pair = knowledge.diseases.group[rows["disease"]].astype(np.int64) * n_terms + rows["term"]
    pairs, place = np.unique(pair, return_inverse=True)
    seen, examined = model.samples(rows)
    group, term = np.divmod(pairs, n_terms)
    direct = model.shrink(_sum(place, seen), _sum(place, examined))
    return group.astype(np.int32), term.astype(np.int32), direct


def build_matrix(
    knowledge: HpoKnowledge, model: FrequencyModel, *, keep: Callable[[Rows], Rows] = lambda rows: rows
) -> FrequencyMatrix:
    """Pool, shrink and propagate the annotations of every group; ``keep`` may leave out rows."""
    ontology, n_terms = knowledge.ontology, len(knowledge.ontology.ids)
    n_groups = len(knowledge.diseases.members)
    group, term, direct = direct_of_all(knowledge, model, keep=keep)
    # every pair is repeated for each ancestor of its term; of equal (ancestor, group) the largest is kept
    width = np.diff(ontology.ancestor_start)[term]
    offset = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
    above = ontology.ancestor_terms[np.repeat(ontology.ancestor_start[term], width) + offset]
    key = above.astype(np.int64) * n_groups + np.repeat(group, width)
    value = np.repeat(direct, width).astype(np.float32)
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = (
        np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.empty(0, np.intp)
    )
    frequency = np.maximum.reduceat(value[order], first) if len(key) else np.empty(0, np.float32)
    column_term, column_group = np.divmod(key[first], n_groups)
    annotated = np.bincount(group, minlength=n_groups).astype(np.int32)
    total = np.bincount(column_term, frequency, minlength=n_terms)
    return FrequencyMatrix(
        start=np.searchsorted(column_term, np.arange(n_terms + 1)).astype(np.int64),
        group=column_group.astype(np.int32),
        frequency=frequency,
        mean=total / max(int((annotated > 0).sum()), 1),
        breadth=np.bincount(group, direct, minlength=n_groups).astype(np.float64),
        annotated=annotated,
    )
