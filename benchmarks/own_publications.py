"""Which publication a case is from, where its file does not say: every one that may be its own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE
from genopraxis.tasks.phenotype.bench.prepare import PreparedPatient, patients
from genopraxis.tasks.phenotype.training.case_set import CaseSet, group_of

NAMED = re.compile(r"(?P<paper>.+?-(?P<year>\d{4})-[^-]+)")  # author-year-gene-patient

_YEARS = 2  # years of publication are approximate
_OLD = 2000  # until then PubMed numbers say little about the year
_ALIKE = 0.5  # share of common signs above which two descriptions may be of one patient


@dataclass(frozen=True, kw_only=True)
class Publications:
    """The publications that cases may come from: those of the training file, and those that annotations cite."""

    found: CaseSet
    years: tuple[NDArray[np.float64], NDArray[np.float64]]  # PubMed numbers, ascending, and their years
    of: Mapping[str, Mapping[str, list[frozenset[int]]]] = field(repr=False)
    """By disease or gene, then by publication: the observed signs of its patients."""

    @classmethod
    def in_training(cls, found: CaseSet) -> Publications:
        """Index the training file by disease and gene."""
        of: dict[str, dict[str, list[frozenset[int]]]] = defaultdict(lambda: defaultdict(list))
        years: dict[int, int] = {}
        for one, patient in patients(found.cases):
            for name in (*one.case.truths.get(DISEASE, ()), *one.case.truths.get(GENE, ())):
                of[name][group_of(one)].append(frozenset(patient.in_knowledge.observed))
            number, year = _pubmed_number(group_of(one)), one.case.content.year
            if number is not None and year is not None:
                years[number] = year
        numbers = sorted(years)
        return cls(
            found=found,
            years=(np.array(numbers, dtype=float), np.array([years[n] for n in numbers], dtype=float)),
            of=of,
        )

    def cited(self, diseases: Iterable[str]) -> set[str]:
        """Return the publications that the annotations of some diseases cite."""
        knowledge = self.found.knowledge
        references = knowledge.annotations.references_by_row
        numbers = [knowledge.diseases.number[d] for d in diseases if d in knowledge.diseases.number]
        rows = [int(row) for number in numbers for row in knowledge.annotations.of(number)["row"]]
        return {r for row in rows for r in references.get(row, ()) if _pubmed_number(r) is not None}

    def possible(self, one: PreparedCase, patient: PreparedPatient) -> tuple[str, ...]:
        """Return the publications that may be the one of a case, the likeliest first."""
        diseases = one.case.truths.get(DISEASE, ())
        observed = frozenset(patient.in_knowledge.observed)
        likeness = dict.fromkeys(self.cited(diseases), 0.0)
        for name in (*diseases, *one.case.truths.get(GENE, ())):
            for publication, shown in self.of.get(name, {}).items():
                alike = max(_common(observed, signs) for signs in shown)
                likeness[publication] = max(alike, likeness.get(publication, 0.0))
        named = NAMED.match(one.case.case_id)
        year = int(named["year"]) if named and int(named["year"]) > 1900 else None
        chosen = [p for p, alike in likeness.items() if alike >= _ALIKE or self._near(p, year)]
        return tuple(sorted(chosen, key=lambda p: (-likeness[p], p)))

    def _near(self, publication: str, year: int | None) -> bool:
        number = _pubmed_number(publication)
        if year is None or number is None:
            return True
        published = float(np.interp(number, *self.years))
        return abs(max(published, _OLD) - max(year, _OLD)) <= _YEARS


def _pubmed_number(publication: str) -> int | None:
    digits = publication.removeprefix("PMID:")
    return int(digits) if digits != publication and digits.isdecimal() else None


def _common(a: frozenset[int], b: frozenset[int]) -> float:
    return len(a & b) / len(a | b) if a or b else 0.0
