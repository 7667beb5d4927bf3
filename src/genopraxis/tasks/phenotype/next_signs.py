"""Which signs to look for next: those whose presence or absence would best separate the leading candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.annotations import Frequency
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.explain import frequency_words
from genopraxis.tasks.phenotype.frequencies import (
    NEVER,
    FrequencyModel,
    direct_frequencies,
    group_rows,
    propagated,
)
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.sexed_organs import branches_of_the_other_sex

_NEVER = 0.01  # an unannotated sign may still be seen
_ALWAYS = 0.99
_FREQUENT = 0.3  # lower end of HPO's "frequent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Separator:
    """A sign that separates candidates.

    Parameters
    ----------
    term
        Term number.
    information_bits
        Expected drop of the entropy of the candidates' probabilities when the sign is examined.
    expected
        Probability of the sign in each candidate, in their order; ``None`` where it is not annotated.
    """

    term: int
    information_bits: float
    expected: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """A frequent sign of a candidate of which nothing is said."""

    term: int
    frequency: str


def separating_signs(
    query: Query,
    knowledge: HpoKnowledge,
    *,
    groups: Sequence[int],
    probabilities: Sequence[float],
    n: int = 8,
) -> list[Separator]:
    """Return the most informative signs not yet mentioned.

    Parameters
    ----------
    groups, probabilities
        The leading candidates and their probabilities; these are rescaled to sum to one.
    n
        How many signs; of related ones only the most informative is kept.
    """
    weight = np.asarray(probabilities, dtype=np.float64)
    if len(groups) < 2 or weight.sum() <= 0:
        return []
    weight = weight / weight.sum()
    model = FrequencyModel()
    direct = [direct_frequencies(group_rows(knowledge, group), model) for group in groups]
    full = np.stack([propagated(terms, frequency, knowledge.ontology) for terms, frequency in direct])
    closed = _settled(query, knowledge) | _of_the_other_sex(query, knowledge)
    open_terms = sorted({int(t) for terms, _ in direct for t in terms} - closed)
    if not open_terms:
        return []
    present = np.clip(full[:, open_terms].astype(np.float64), _NEVER, _ALWAYS)
    gain = _gain(weight, present)
    chosen: list[Separator] = []
    taken: set[int] = set()
    for i in np.argsort(-gain, kind="stable").tolist():
        term = open_terms[i]
        above = set(knowledge.ontology.ancestors(term).tolist())
        if gain[i] <= 0 or above & taken or any(term in knowledge.ontology.ancestors(t) for t in taken):
            continue
        taken.add(term)
        expected = tuple(float(p) if p > NEVER else None for p in full[:, term])
        chosen.append(Separator(term=term, information_bits=float(gain[i]), expected=expected))
        if len(chosen) == n:
            break
    return chosen


def expected_signs(query: Query, knowledge: HpoKnowledge, group: int, *, n: int = 8) -> list[Expected]:
    """Return the most frequent annotated signs of a group of which the query says nothing."""
    rows = group_rows(knowledge, group)
    terms, frequency = direct_frequencies(rows, FrequencyModel())
    closed = _settled(query, knowledge) | _of_the_other_sex(query, knowledge)
    found: list[Expected] = []
    for i in np.argsort(-frequency, kind="stable").tolist():
        own = rows[rows["term"] == terms[i]]
        seen, examined = FrequencyModel().samples(own)
        stated = own["kind"] != Frequency.UNSTATED
        # what most patients are not known to have is no reason to wonder at its absence
        if (
            stated.any()
            and seen[stated].sum() >= _FREQUENT * examined[stated].sum()
            and int(terms[i]) not in closed
        ):
            found.append(Expected(term=int(terms[i]), frequency=frequency_words(own)))
    return found[:n]


def _settled(query: Query, knowledge: HpoKnowledge) -> set[int]:
    """Terms that the query already answers: above what is observed, and at or below what is excluded."""
    ontology = knowledge.ontology
    settled = {int(a) for term in query.observed for a in ontology.ancestors(term)}
    for term in query.excluded:
        settled.update(ontology.descendants(term).tolist())
    return settled


def _of_the_other_sex(query: Query, knowledge: HpoKnowledge) -> set[int]:
    ontology = knowledge.ontology
    branches = branches_of_the_other_sex(ontology, sex=query.sex, karyotypic_sex=query.karyotypic_sex)
    return {int(t) for branch in branches for t in ontology.descendants(branch)}


def _gain(weight: NDArray[np.float64], present: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mutual information in bits of candidate and sign; weight (candidates,), present (candidates, signs)."""

    def entropy(joint: NDArray[np.float64]) -> NDArray[np.float64]:
        bits: NDArray[np.float64] = -(joint * np.log2(np.maximum(joint, 1e-300))).sum(axis=0)
        return bits

    yes = weight[:, None] * present
    no = weight[:, None] * (1 - present)
    p_yes, p_no = yes.sum(axis=0), no.sum(axis=0)
    after = p_yes * entropy(yes / p_yes) + p_no * entropy(no / p_no)
    gain: NDArray[np.float64] = entropy(weight[:, None]) - after
    return gain
