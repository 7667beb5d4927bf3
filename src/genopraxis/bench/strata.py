"""Which strata a case belongs to: leak, annotation, amount of information, sex, age, time."""

from __future__ import annotations

from datetime import date

import polars as pl

from genopraxis.bench.dataset import BenchCase
from genopraxis.bench.tables import CASE_STRATA
from genopraxis.knowledge.hpo import HpoKnowledge

_TERMS = ((3, "1-3"), (7, "4-7"), (15, "8-15"))
_AGES = ((1.0, "0 years"), (12.0, "1-11 years"), (18.0, "12-17 years"))
_YEARS = ((2000, "until 2000"), (2010, "2001-2010"), (2015, "2011-2015"), (2020, "2016-2020"))


def case_strata(cases: list[tuple[BenchCase, int, bool | None]], knowledge: HpoKnowledge) -> pl.DataFrame:
    """Return the strata of each case as a :data:`genopraxis.bench.tables.CASE_STRATA` table.

    Parameters
    ----------
    cases
        Case, number of observed terms used, and whether any annotation of its disease is left once its own
        publication is taken out (``None``: not measured).
    """
    released = _released(knowledge)
    rows = []
    for case, terms, left in cases:
        named = {
            "leak": _leak(case, knowledge),
            "disease": "annotated" if _annotated(case, knowledge) else "absent from the knowledge",
            "terms": next((name for limit, name in _TERMS if terms <= limit), "16 or more")
            if terms
            else "none",
            "sex": case.patient.sex,
            "age": _age(case.patient.age_years),
            "year": _year(case.year),
            "time": _time(case.year, released),
        }
        if left is not None:
            named["publication-out"] = "knowledge left" if left else "nothing left"
        rows += [(case.patient.case_id, case.publication, f"{name}={value}") for name, value in named.items()]
    return pl.DataFrame(rows, schema=CASE_STRATA.schema, orient="row")


def _annotated(case: BenchCase, knowledge: HpoKnowledge) -> bool:
    return any(disease_id in knowledge.diseases.number for disease_id in case.truth.disease_ids)


def _leak(case: BenchCase, knowledge: HpoKnowledge) -> str:
    if not _annotated(case, knowledge):
        return "disease absent"
    if case.publication is None:
        return "publication not stated"
    cited = knowledge.annotations.rows_by_reference.get(case.publication)
    if cited is not None:
        diseases = set(knowledge.annotations.rows["disease"][cited].tolist())
        if diseases & {knowledge.diseases.number.get(d) for d in case.truth.disease_ids}:
            return "own publication cited"
    return "never leaked"


def _age(years: float | None) -> str:
    if years is None:
        return "unknown"
    return next((name for limit, name in _AGES if years < limit), "18 years or more")


def _year(year: int | None) -> str:
    if year is None:
        return "unknown"
    return next((name for limit, name in _YEARS if year <= limit), "since 2021")


def _time(year: int | None, released: int | None) -> str:
    # the date on which a case was written down is no guide: case collections are regenerated as a whole
    if year is None or released is None:
        return "unknown"
    return (
        "published since the knowledge release"
        if year >= released
        else "published before the knowledge release"
    )


def _released(knowledge: HpoKnowledge) -> int | None:
    try:
        return date.fromisoformat(knowledge.version).year
    except ValueError:
        return None
