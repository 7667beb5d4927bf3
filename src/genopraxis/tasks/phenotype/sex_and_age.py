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
# autosomal dominant, autosomal recessive, X-linked dominant, mitochondrial
_COMPETING = ("HP:0000006", "HP:0000007", "HP:0001423", "HP:0001427")
_LN10 = float(np.log(10.0))
_PSEUDO_PATIENTS = 3.0  # an onset annotation rests on few patients
_RAREST = 0.02  # no onset is ruled out by annotations


@dataclass(frozen=True, kw_only=True)
class SexAndAge:
    """Inheritance and onset of every group.

    Parameters
    ----------
    inheritance
        For X-linked recessive and Y-linked: whether a group is annotated with it and with no competing mode,
        shape (groups,).
    onset_group, onset_low, onset_high, onset_weight
        One entry for each onset annotation: group, ages of the class in years, patients.
    base
        The release as published: it says what is usual among all diseases.
    """

    inheritance: dict[str, NDArray[np.bool_]]
    onset_group: NDArray[np.int32]
    onset_low: NDArray[np.float64]
    onset_high: NDArray[np.float64]
    onset_weight: NDArray[np.float64]
    base: SexAndAge | None = None

    def on(self, knowledge: HpoKnowledge, groups: Iterable[int]) -> SexAndAge:
        """Return this with the annotations of a few groups read anew."""
        if self.base is not None:
            return self.base.on(knowledge, groups)
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
            onset_low=np.concatenate([self.onset_low[kept], own.onset_low]),
            onset_high=np.concatenate([self.onset_high[kept], own.onset_high]),
            onset_weight=np.concatenate([self.onset_weight[kept], own.onset_weight]),
            base=self,
        )

    def explain(self, query: Query, group: int, *, tempering: float) -> list[SignContribution]:
        """Return the parts of sex and age where they say anything; age is tempered as signs are."""
        parts = []
        sex = float(self.sex(query)[group]) / _LN10
        if sex:
            recessive = self.inheritance[X_LINKED_RECESSIVE][group]
            mode = "X-linked recessive" if recessive else "Y-linked"
            sentence = f"The disease is {mode}; the patient is {query.sex}."
            if recessive and sex < 0:
                sentence += " A manifesting carrier, skewed X inactivation or 45,X is possible."
            parts.append(
                SignContribution(kind="sex", term=None, log10_likelihood_ratio=sex, sentence=sentence)
            )
        known = _Known.of(query)
        age = float(self.age(query)[group]) * tempering / _LN10
        if known is not None and age:
            own = self.onset_group == group
            fits = known.fits(self.onset_low, self.onset_high) & own
            share = self.onset_weight[fits].sum() / self.onset_weight[own].sum()
            usual = (self.base or self).usual_share(known) or 0.0
            sentence = (
                f"{known.words}: fits {100 * share:.0f} % of what is annotated on the onset of this disease, and "
                f"{100 * usual:.0f} % in the average disease."
            )
            parts.append(
                SignContribution(kind="age", term=None, log10_likelihood_ratio=age, sentence=sentence)
            )
        return parts

    def usual_share(self, known: _Known) -> float | None:
        """Return the mean share, over diseases, of onset annotations that fit what is known of the patient."""
        fits = known.fits(self.onset_low, self.onset_high)
        total = np.bincount(self.onset_group, self.onset_weight)
        fitting = np.bincount(self.onset_group, self.onset_weight * fits)
        dated = total > 0
        return float((fitting[dated] / total[dated]).mean()) if dated.any() else None

    def sex(self, query: Query) -> NDArray[np.float64]:
        """Return the natural log likelihood ratio of the recorded sex, shape (groups,)."""
        result = np.zeros(len(self.inheritance[X_LINKED_RECESSIVE]))
        usual = {"female": "XX", "male": "XY"}.get(query.sex)
        if query.karyotypic_sex not in ("unknown", usual):
            return (
                result  # 45,X, 47,XXY and others: the number of X chromosomes is not that of the recorded sex
            )
        for (term_id, sex), value in _SEX.items():
            if query.sex == sex:
                result[self.inheritance[term_id]] = value
        return result

    def age(self, query: Query) -> NDArray[np.float64]:
        """Return the natural log likelihood ratio of onset or age, shape (groups,)."""
        n = len(self.inheritance[X_LINKED_RECESSIVE])
        result = np.zeros(n)
        known = _Known.of(query)
        usual = None if known is None else (self.base or self).usual_share(known)
        if known is None or usual is None:
            return result
        total = np.bincount(self.onset_group, self.onset_weight, minlength=n)
        fits = known.fits(self.onset_low, self.onset_high)
        fitting = np.bincount(self.onset_group, self.onset_weight * fits, minlength=n)
        dated = total > 0
        share = (fitting[dated] + _PSEUDO_PATIENTS * usual) / (total[dated] + _PSEUDO_PATIENTS)
        result[dated] = np.log(np.maximum(share, _RAREST) / max(usual, _RAREST))
        return result


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What is known of a patient's onset: its age, or only that it was before the examination."""

    years: float
    onset: bool

    @classmethod
    def of(cls, query: Query) -> _Known | None:
        if query.onset_years is not None:
            return cls(years=query.onset_years, onset=True)
        return None if query.age_years is None else cls(years=query.age_years, onset=False)

    def fits(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which onset classes are possible; a recorded onset is not exact."""
        slack = 0.08 + 0.1 * self.years
        begun = low <= self.years + (slack if self.onset else 0.0)
        return begun & (high >= self.years - slack) if self.onset else begun

    @property
    def words(self) -> str:
        if self.years <= 0:
            age = "birth or before"
        else:
            age = f"{self.years:.3g} years" if self.years >= 1 else f"{12 * self.years:.2g} months"
        return f"First sign at {age}" if self.onset else f"Begun by the age of {age}"


def read_sex_and_age(knowledge: HpoKnowledge, rows: Rows) -> SexAndAge:
    """Read inheritance and onset from annotation rows.

    Parameters
    ----------
    rows
        All rows of a release, or those of a few diseases.
    """
    ids, group, n = knowledge.ontology.ids, knowledge.diseases.group, len(knowledge.diseases.members)
    inherited = rows[(rows["aspect"] == Aspect.INHERITANCE) & ~rows["negated"]]
    competing = [knowledge.ontology.number.get(t, -1) for t in _COMPETING]
    inheritance = {}
    for term_id in (X_LINKED_RECESSIVE, Y_LINKED):
        number = knowledge.ontology.number.get(term_id, -1)
        has, other = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        has[group[inherited["disease"][inherited["term"] == number]]] = True
        other[group[inherited["disease"][np.isin(inherited["term"], competing)]]] = True
        inheritance[term_id] = has & ~other
    course = rows[(rows["aspect"] == Aspect.COURSE) & ~rows["negated"]]
    course = course[np.array([ids[t] in ONSET_YEARS for t in course["term"].tolist()], dtype=np.bool_)]
    spans = np.array([ONSET_YEARS[ids[t]] for t in course["term"].tolist()], dtype=np.float64).reshape(-1, 2)
    return SexAndAge(
        inheritance=inheritance,
        onset_group=group[course["disease"]],
        onset_low=spans[:, 0],
        onset_high=spans[:, 1],
        onset_weight=np.where(course["kind"] == Frequency.COUNTS, course["numerator"], 1.0).astype(
            np.float64
        ),
    )
