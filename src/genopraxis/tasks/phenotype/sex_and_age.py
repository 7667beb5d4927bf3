"""What a patient's sex and age say about a disease: X-linked inheritance, and onset not later than today."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.annotations import Aspect, Frequency
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.query import ONSET_YEARS, Query
from genopraxis.tasks.phenotype.task import SignContribution

X_LINKED_RECESSIVE = "HP:0001419"
Y_LINKED = "HP:0001450"

# Log likelihood ratios of the recorded sex for a disease annotated with this inheritance and no other.
# X-linked recessive: 90 % of described patients are male, against half of all patients.
_SEX = {
    (X_LINKED_RECESSIVE, "male"): float(np.log(1.8)),
    (X_LINKED_RECESSIVE, "female"): float(np.log(0.2)),
    (Y_LINKED, "male"): float(np.log(2.0)),
    (Y_LINKED, "female"): float(np.log(0.01)),
}
_PSEUDO_PATIENTS = 3.0  # an onset annotation rests on few patients


@dataclass(frozen=True, kw_only=True)
class _Onset:
    """Annotated onset of the groups that have one: earliest possible age and weight of each class."""

    group: NDArray[np.int32]
    earliest: NDArray[np.float64]
    weight: NDArray[np.float64]


class SexAndAge:
    """Log likelihood ratios of sex and age for every group of a release."""

    def __init__(self, knowledge: HpoKnowledge) -> None:
        self._n = len(knowledge.diseases.members)
        rows = knowledge.annotations.rows
        ids = knowledge.ontology.ids
        group = knowledge.diseases.group
        self._inheritance: dict[str, NDArray[np.bool_]] = {}
        inherited = rows[rows["aspect"] == Aspect.INHERITANCE]
        for term_id in (X_LINKED_RECESSIVE, Y_LINKED):
            number = knowledge.ontology.number.get(term_id, -1)
            has, other = np.zeros(self._n, np.bool_), np.zeros(self._n, np.bool_)
            has[group[inherited["disease"][inherited["term"] == number]]] = True
            other[group[inherited["disease"][inherited["term"] != number]]] = True
            self._inheritance[term_id] = has & ~other
        course = rows[rows["aspect"] == Aspect.COURSE]
        dated = np.array([ids[t] in ONSET_YEARS for t in course["term"].tolist()], dtype=np.bool_)
        course = course[dated]
        self._onset = _Onset(
            group=group[course["disease"]],
            earliest=np.array([ONSET_YEARS[ids[t]][0] for t in course["term"].tolist()]),
            weight=np.where(course["kind"] == Frequency.COUNTS, course["numerator"], 1.0),
        )

    def log_likelihood_ratio(self, query: Query) -> NDArray[np.float64]:
        """Return the natural log likelihood ratio of sex and age, shape (groups,)."""
        return self._sex(query) + self._age(query)

    def explain(self, query: Query, group: int, *, scale: float) -> list[SignContribution]:
        """Return the parts of sex and age where they say anything."""
        parts = []
        sex, age = float(self._sex(query)[group]) * scale, float(self._age(query)[group]) * scale
        if sex:
            mode = "X-linked recessive" if self._inheritance[X_LINKED_RECESSIVE][group] else "Y-linked"
            sentence = f"The disease is {mode}; the patient is {query.sex}."
            parts.append(
                SignContribution(kind="sex", term=None, log10_likelihood_ratio=sex, sentence=sentence)
            )
        if abs(age) > 1e-9:
            known = _age_known(query)
            sentence = (
                f"The disease usually begins after {known:.3g} years, the age given."
                if age < 0
                else f"The disease has usually begun by {known:.3g} years, the age given."
            )
            parts.append(
                SignContribution(kind="age", term=None, log10_likelihood_ratio=age, sentence=sentence)
            )
        return parts

    def _sex(self, query: Query) -> NDArray[np.float64]:
        result = np.zeros(self._n)
        for (term_id, sex), value in _SEX.items():
            if query.sex == sex:
                result[self._inheritance[term_id]] = value
        return result

    def _age(self, query: Query) -> NDArray[np.float64]:
        result = np.zeros(self._n)
        known = _age_known(query)
        if known is None:
            return result
        onset = self._onset
        total = np.bincount(onset.group, onset.weight, minlength=self._n)
        begun = np.bincount(onset.group, onset.weight * (onset.earliest <= known), minlength=self._n)
        dated = total > 0
        if not dated.any():
            return result
        usual = float((begun[dated] / total[dated]).mean())
        share = (begun[dated] + _PSEUDO_PATIENTS * usual) / (total[dated] + _PSEUDO_PATIENTS)
        result[dated] = np.log(np.maximum(share, 0.02) / max(usual, 0.02))
        return result


def _age_known(query: Query) -> float | None:
    """The age by which the disease had begun: first sign if known, else age at examination."""
    return query.onset_years if query.onset_years is not None else query.age_years
