"""A site's own solved patients as plain data: one row per case, disease and term, and nothing that is free text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Sex
from genopraxis.contracts.table import Column, TableContract
from genopraxis.formats.identifiers import LONGEST_CASE_ID, is_hpo_id, printable_id, pubmed_id
from genopraxis.knowledge.ontology import Ontology
from genopraxis.knowledge.publication_counts import Contribution, counted_signs

LOCAL = "local"
"""Stands for the publication of patients whose publication is not stated."""

LOCAL_CASES = TableContract(
    name="local-cases",
    version=1,
    description="Solved patients of a site, one row per case, disease and term. Personal data.",
    columns=(
        Column(name="case_id", dtype=pl.String, description="identifier of the case, a pseudonym"),
        Column(
            name="publication", dtype=pl.String, description="PMID:…; missing: not published", nullable=True
        ),
        Column(name="disease_id", dtype=pl.String, description="catalogue id, e.g. OMIM:154700"),
        Column(name="genes", dtype=pl.List(pl.String), description="gene symbols of the case, may be empty"),
        Column(name="sex", dtype=pl.String, description="sex as recorded", allowed=get_args(Sex)),
        Column(name="term_id", dtype=pl.String, description="HPO term as it was given"),
        Column(name="excluded", dtype=pl.Boolean, description="looked for and absent"),
    ),
    key=("case_id", "disease_id", "term_id", "excluded"),
)

_DISEASE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,39}:[A-Za-z0-9_.-]{1,40}")
_GENE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@-]{0,39}")


@dataclass(frozen=True, kw_only=True, slots=True)
class SolvedCase:
    """A patient whose diagnosis is known.

    Parameters
    ----------
    case_id
        A pseudonym; it is the handle by which the patient is removed again.
    disease_ids
        The diagnoses, by catalogue id.
    observed, excluded
        HPO terms as they were given.
    genes
        Symbols of the genes behind the diagnoses.
    publication
        ``PMID:…``; ``None`` when the patient is not published.
    """

    case_id: str
    disease_ids: tuple[str, ...]
    observed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    publication: str | None = None
    sex: Sex = "unknown"


def case_key(case_id: str) -> str:
    """Return a case id as the library knows it: an é is one letter, however it was typed."""
    return unicodedata.normalize("NFC", printable_id(case_id))


def checked(case: SolvedCase) -> SolvedCase:
    """Return a case as it is kept: ids in their usual spelling, each list sorted and without repetition.

    Raises
    ------
    InputError
        When the case has no id, no disease or no term, or one of them is not what it should be.
    """
    case_id = case_key(case.case_id)
    if not case_id or len(case_id) > LONGEST_CASE_ID:
        raise InputError(
            "a case has no usable id", hint=f"give it an id of 1 to {LONGEST_CASE_ID:,} characters"
        )
    if not case.disease_ids:
        raise InputError("no disease is stated", where=case_id, hint="only solved cases can be added")
    if not case.observed and not case.excluded:
        raise InputError(
            "the case has no terms", where=case_id, hint="state at least one HPO term, observed or excluded"
        )
    for disease_id in case.disease_ids:
        if not _DISEASE.fullmatch(disease_id):
            raise InputError(
                "the disease is no catalogue id", where=case_id, hint="write it like OMIM:154700 or ORPHA:558"
            )
    if strange := [term for term in (*case.observed, *case.excluded) if not is_hpo_id(term)]:
        raise InputError(f"{strange[0][:40]!r} is no HPO id", where=case_id, hint="write it like HP:0001250")
    return replace(
        case,
        case_id=case_id,
        disease_ids=_sorted(case.disease_ids),
        observed=_sorted(case.observed),
        excluded=_sorted(case.excluded),
        genes=_sorted(gene for gene in case.genes if _GENE.fullmatch(gene)),
        publication=pubmed_id(case.publication or ""),
    )


def table_of(cases: Iterable[SolvedCase]) -> pl.DataFrame:
    """Return checked cases as a :data:`LOCAL_CASES` table."""
    rows = [
        (case.case_id, case.publication, disease_id, list(case.genes), case.sex, term_id, excluded)
        for case in cases
        for disease_id in case.disease_ids
        for excluded, terms in ((False, case.observed), (True, case.excluded))
        for term_id in terms
    ]
    return pl.DataFrame(rows, schema=LOCAL_CASES.schema, orient="row")


def cases_of(table: pl.DataFrame) -> list[SolvedCase]:
    """Return the cases of a :data:`LOCAL_CASES` table, sorted by id."""
    term = pl.col("term_id")
    grouped = (
        table.group_by("case_id")
        .agg(
            pl.col("disease_id").unique().sort(),
            observed=term.filter(~pl.col("excluded")).unique().sort(),
            absent=term.filter("excluded").unique().sort(),
            genes=pl.col("genes").first(),
            publication=pl.col("publication").first(),
            sex=pl.col("sex").first(),
        )
        .sort("case_id")
    )
    return [
        SolvedCase(
            case_id=row["case_id"],
            disease_ids=tuple(row["disease_id"]),
            observed=tuple(row["observed"]),
            excluded=tuple(row["absent"]),
            genes=tuple(row["genes"]),
            publication=row["publication"],
            sex=row["sex"],
        )
        for row in grouped.iter_rows(named=True)
    ]


def contribution_of(case: SolvedCase, ontology: Ontology) -> Contribution:
    """Return what a case gives to the counts; terms that the ontology does not know are left out."""
    stated = [(term_id, False) for term_id in case.observed] + [(term_id, True) for term_id in case.excluded]
    found = ((ontology.resolve(term_id).term_id, absent) for term_id, absent in stated)
    observed, excluded = counted_signs(
        ((ontology.number[term_id], absent) for term_id, absent in found if term_id is not None), ontology
    )
    return Contribution(
        publication=case.publication or LOCAL,
        disease_ids=case.disease_ids,
        observed=observed,
        excluded=excluded,
    )


def unknown_terms(cases: Sequence[SolvedCase], ontology: Ontology) -> list[str]:
    """Return the terms of cases that the ontology does not know, sorted."""
    stated = {term_id for case in cases for term_id in (*case.observed, *case.excluded)}
    return sorted(term_id for term_id in stated if ontology.resolve(term_id).term_id is None)


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
