"""What a patient's sex and age say about a disease: X-linked inheritance, and onset not later than today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.annotations import Aspect, Frequency, Rows
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
_RAREST = 0.02  # no onset is ruled out by annotations


@dataclass(frozen=True, kw_only=True)
class SexAndAge:
    """Inheritance and onset of every group.

    Parameters
    ----------
    inheritance
        For X-linked recessive and Y-linked: whether a group is annotated with it and no other, shape (groups,).
    onset_group, onset_earliest, onset_weight
        One entry for each onset annotation: group, earliest age of the class in years, patients.
    base
        The release as published: it says what is usual among all diseases.
    """

    inheritance: dict[str, NDArray[np.bool_]]
    onset_group: NDArray[np.int32]
    onset_earliest: NDArray[np.float64]
    onset_weight: NDArray[np.float64]
    base: SexAndAge | None = None

    def on(self, knowledge: HpoKnowledge, groups: Iterable[int]) -> SexAndAge:
        """Return this with the annotations of a few groups read anew."""
        changed = sorted(groups)
        rows = [
            knowledge.annotations.of(disease)
            for group in changed
            for disease in sorted(knowledge.diseases.members[group])
        ]
        if not rows:
            return self
        own = read_sex_and_age(knowledge, np.concatenate(rows))
        inheritance = {name: mask.copy() for name, mask in self.inheritance.items()}
        for name, mask in inheritance.items():
            mask[changed] = own.inheritance[name][changed]
        kept = ~np.isin(self.onset_group, changed)
        return replace(
            self,
            inheritance=inheritance,
            onset_group=np.concatenate([self.onset_group[kept], own.onset_group]),
            onset_earliest=np.concatenate([self.onset_earliest[kept], own.onset_earliest]),
            onset_weight=np.concatenate([self.onset_weight[kept], own.onset_weight]),
            base=self.base or self,
        )

    def log_likelihood_ratio(self, query: Query) -> NDArray[np.float64]:
        """Return the natural log likelihood ratio of sex and age, shape (groups,)."""
        return self._sex(query) + self._age(query)

    def explain(self, query: Query, group: int, *, scale: float) -> list[SignContribution]:
        """Return the parts of sex and age where they say anything."""
        parts = []
        sex, age = float(self._sex(query)[group]) * scale, float(self._age(query)[group]) * scale
        if sex:
            mode = "X-linked recessive" if self.inheritance[X_LINKED_RECESSIVE][group] else "Y-linked"
            sentence = f"The disease is {mode}; the patient is {query.sex}."
            parts.append(
                SignContribution(kind="sex", term=None, log10_likelihood_ratio=sex, sentence=sentence)
            )
        if abs(age) > 1e-9:
            known = _age_known(query)
            sentence = (
                f"The disease often begins later than {known:.3g} years, the age given."
                if age < 0
                else f"The disease has mostly begun by {known:.3g} years, the age given."
            )
            parts.append(
                SignContribution(kind="age", term=None, log10_likelihood_ratio=age, sentence=sentence)
            )
        return parts

    def _sex(self, query: Query) -> NDArray[np.float64]:
        result = np.zeros(len(self.inheritance[X_LINKED_RECESSIVE]))
        for (term_id, sex), value in _SEX.items():
            if query.sex == sex:
                result[self.inheritance[term_id]] = value
        return result

    def _age(self, query: Query) -> NDArray[np.float64]:
        n = len(self.inheritance[X_LINKED_RECESSIVE])
        result = np.zeros(n)
        known = _age_known(query)
        if known is None:
            return result
        total = np.bincount(self.onset_group, self.onset_weight, minlength=n)
        begun = np.bincount(self.onset_group, self.onset_weight * (self.onset_earliest <= known), minlength=n)
        dated = total > 0
        usual = (self.base or self).usually_begun(known)
        if usual is None:
            return result
        share = (begun[dated] + _PSEUDO_PATIENTS * usual) / (total[dated] + _PSEUDO_PATIENTS)
        result[dated] = np.log(np.maximum(share, _RAREST) / max(usual, _RAREST))
        return result

    def usually_begun(self, years: float) -> float | None:
        """Return the mean share, over diseases, of patients whose disease has begun by an age."""
        total = np.bincount(self.onset_group, self.onset_weight)
        begun = np.bincount(self.onset_group, self.onset_weight * (self.onset_earliest <= years))
        dated = total > 0
        return float((begun[dated] / total[dated]).mean()) if dated.any() else None


def read_sex_and_age(knowledge: HpoKnowledge, rows: Rows) -> SexAndAge:
    """Read inheritance and onset from annotation rows.

    Parameters
    ----------
    rows
        All rows of a release, or those of a few diseases.
    """
    ids, group, n = knowledge.ontology.ids, knowledge.diseases.group, len(knowledge.diseases.members)
    inherited = rows[(rows["aspect"] == Aspect.INHERITANCE) & ~rows["negated"]]
    inheritance = {}
    for term_id in (X_LINKED_RECESSIVE, Y_LINKED):
        number = knowledge.ontology.number.get(term_id, -1)
        has, other = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        has[group[inherited["disease"][inherited["term"] == number]]] = True
        other[group[inherited["disease"][inherited["term"] != number]]] = True
        inheritance[term_id] = has & ~other
    course = rows[(rows["aspect"] == Aspect.COURSE) & ~rows["negated"]]
    course = course[np.array([ids[t] in ONSET_YEARS for t in course["term"].tolist()], dtype=np.bool_)]
    return SexAndAge(
        inheritance=inheritance,
        onset_group=group[course["disease"]],
        onset_earliest=np.array([ONSET_YEARS[ids[t]][0] for t in course["term"].tolist()], dtype=np.float64),
        onset_weight=np.where(course["kind"] == Frequency.COUNTS, course["numerator"], 1.0).astype(
            np.float64
        ),
    )


def _age_known(query: Query) -> float | None:
    """The age by which the disease had begun: first sign if known, else age at examination."""
    return query.onset_years if query.onset_years is not None else query.age_years
