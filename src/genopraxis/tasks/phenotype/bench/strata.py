"""Which strata a case belongs to: leak, annotation, amount of information, sex, age, time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import polars as pl

from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.contracts.ranking_bench import PreparedDataset, RankingCase
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE
from genopraxis.tasks.phenotype.bench.prepare import PreparedPatient, patients
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, replaced_rows
from genopraxis.tasks.phenotype.frequencies import group_rows

_TERMS = ((3, "1-3"), (7, "4-7"), (15, "8-15"))
_AGES = ((1.0, "0 years"), (12.0, "1-11 years"), (18.0, "12-17 years"))
_YEARS = ((2000, "until 2000"), (2010, "2001-2010"), (2015, "2011-2015"), (2020, "2016-2020"))


def case_strata(prepared: PreparedDataset, knowledge: HpoKnowledge) -> pl.DataFrame:
    """Return the strata of each case as a :data:`genopraxis.contracts.ranking.CASE_STRATA` table.

    ``leak`` is a matter of annotated diseases only; the others are in ``annotated=no``. ``library`` says whether the
    case library knows the disease from another publication, ``question`` what a tool is asked for: a described
    disease in a new publication, or a disease that no other publication describes, whose gene is known or not.
    """
    released = _released(knowledge)
    left: dict[tuple[str | None, tuple[str, ...]], bool] = {}
    elsewhere: dict[tuple[str | None, tuple[str, ...]], bool] = {}
    genes = {gene for group in _described(knowledge) for gene in knowledge.diseases.genes_of_group(group)}
    rows = []
    for one, made in patients(prepared.cases):
        case = one.case
        diseases = case.truths.get(DISEASE, ())
        key = (case.group, diseases)
        if key not in left:
            left[key] = _knowledge_left(made, diseases, knowledge)
            elsewhere[key] = _in_library(case.group, diseases, knowledge)
        terms = len(made.query.observed)
        known = annotated(case, knowledge)
        named = {"leak": _leak(case.group, diseases, knowledge)} if known else {}
        named |= {
            "annotated": "yes" if known else "no",
            "knowledge_left": "yes" if left[key] else "no",
            "library": "other publication" if elsewhere[key] else "none",
            "question": _question(case, described=left[key] or elsewhere[key], genes=genes),
            "terms": terms_group(terms),
            "sex": case.content.patient.sex,
            "age": _age(case.content.patient.age_years),
            "year": _year(case.content.year),
            "time": _time(case.content.year, released),
        }
        rows += [(case.case_id, case.group, f"{name}={value}") for name, value in named.items()]
    return pl.DataFrame(rows, schema=CASE_STRATA.schema, orient="row")


def annotated(case: RankingCase, knowledge: HpoKnowledge) -> bool:
    """Tell whether the release annotates the disease of a case."""
    return any(knowledge.annotates(disease_id) for disease_id in case.truths.get(DISEASE, ()))


def _knowledge_left(made: PreparedPatient, diseases: tuple[str, ...], knowledge: HpoKnowledge) -> bool:
    """Tell whether any annotation of the disease is left once the case's publication is taken out."""
    replaced = replaced_rows(PUBLICATION_OUT, made.in_knowledge, knowledge, made.counts)
    rest = knowledge.with_replaced(replaced)
    numbers = [knowledge.diseases.number[d] for d in diseases if d in knowledge.diseases.number]
    return any(len(group_rows(rest, int(knowledge.diseases.group[d]))) for d in numbers)


def _in_library(publication: str | None, diseases: tuple[str, ...], knowledge: HpoKnowledge) -> bool:
    """Tell whether another publication in the case library has patients with the disease."""
    library = knowledge.library
    if library is None:
        return False
    own = library.rows_by_reference.get(publication or "", np.empty(0, dtype=np.int32))
    numbers = [knowledge.diseases.number[d] for d in diseases if d in knowledge.diseases.number]
    return any(not np.isin(library.of(number)["row"], own).all() for number in numbers)


def _described(knowledge: HpoKnowledge) -> list[int]:
    """Return the groups that the release annotates."""
    return [
        group
        for group, members in enumerate(knowledge.diseases.members)
        if any(len(knowledge.annotations.of(disease)) for disease in members)
    ]


def _question(case: RankingCase, *, described: bool, genes: Collection[str]) -> str:
    if described:
        return "described disease, new publication"
    known = any(gene in genes for gene in case.truths.get(GENE, ()))
    return "no other publication, gene known" if known else "no other publication, gene unknown"


def _leak(publication: str | None, diseases: tuple[str, ...], knowledge: HpoKnowledge) -> str:
    if publication is None:
        return "publication not stated"
    cited = knowledge.annotations.rows_by_reference.get(publication)
    if cited is not None:
        citing = set(knowledge.annotations.rows["disease"][cited].tolist())
        if citing & {knowledge.diseases.number.get(d) for d in diseases}:
            return "own publication cited"
    return "never leaked"


def terms_group(terms: int) -> str:
    """Return the group of a number of observed terms."""
    if not terms:
        return "none"
    return next((name for limit, name in _TERMS if terms <= limit), "16 or more")


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
