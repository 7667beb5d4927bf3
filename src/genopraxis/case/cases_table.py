"""The table of many cases, and how it is put together without holding ten thousand results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from genopraxis.case.result import CaseResult
from genopraxis.contracts.table import Column, TableContract

_ROWS_TOGETHER = 4096  # rows kept as they come before they become a compact table


def _of_case(name: str, description: str) -> Column:
    return Column(
        name=name,
        dtype=pl.Float64,
        description=f"{description}; null: the tool does not say",
        required=False,
        nullable=True,
        minimum=0,
        maximum=1,
    )


CASES = TableContract(
    name="cases",
    version=1,
    description="Ranked diseases of every case; a case that could not be ranked has one row without a disease.",
    columns=(
        Column(name="case_id", dtype=pl.String, description="identifier of the case"),
        Column(
            name="outcome",
            dtype=pl.String,
            description="what became of the case",
            allowed=("ranked", "no_phenotype_given", "not_run"),
        ),
        Column(name="message", dtype=pl.String, description="one sentence; for not_run the reason"),
        Column(name="folder", dtype=pl.String, description="folder of its report", nullable=True),
        Column(name="rank", dtype=pl.Float64, description="1 is first", nullable=True, minimum=1),
        Column(name="disease_id", dtype=pl.String, description="catalogue id", nullable=True),
        Column(name="disease_name", dtype=pl.String, description="name", nullable=True),
        Column(
            name="posterior", dtype=pl.Float64, description="probability", nullable=True, minimum=0, maximum=1
        ),
        Column(name="log10_likelihood_ratio", dtype=pl.Float64, description="log10", nullable=True),
        Column(name="genes", dtype=pl.List(pl.String), description="linked genes", nullable=True),
        _of_case("first_ten", "probability that one of the first ten candidates is right"),
        _of_case("not_listed", "probability that the disease is no candidate"),
        _of_case("no_diagnosis", "probability that there is no diagnosis to find"),
        _of_case(
            "solve_rate", "share of such patients with a nameable diagnosis, for which probabilities hold"
        ),
        Column(
            name="information",
            dtype=pl.String,
            description="whether enough is known of the patient to name a disease; null: the tool cannot tell",
            required=False,
            nullable=True,
            allowed=("enough", "too_little"),
        ),
    ),
)


class CasesTable:
    """Rows that become compact tables as they come."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._parts: list[pl.DataFrame] = []

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add the rows of one case."""
        self._waiting += rows
        if len(self._waiting) >= _ROWS_TOGETHER:
            self._pack()

    def whole(self) -> pl.DataFrame:
        """Return all rows as one :data:`CASES` table."""
        self._pack()
        return pl.concat(self._parts, rechunk=True)

    def _pack(self) -> None:
        self._parts.append(pl.DataFrame(self._waiting, schema=CASES.schema))
        self._waiting = []


def rows_of(result: CaseResult, *, folder: str) -> list[dict[str, Any]]:
    """Return the rows of one case: one a candidate, or a single one when there is none."""
    shared: dict[str, Any] = {
        "case_id": result.case_id,
        "outcome": result.outcome,
        "message": result.message,
        "folder": folder,
        "first_ten": result.first_ten,
        "not_listed": result.not_listed,
        "no_diagnosis": result.no_diagnosis,
        "solve_rate": result.solve_rate,
        "information": result.information,
    }
    rows = [
        shared
        | {
            "rank": c.rank,
            "disease_id": c.disease_id,
            "disease_name": c.name,
            "posterior": c.posterior,
            "log10_likelihood_ratio": c.log10_likelihood_ratio,
            "genes": list(c.genes),
        }
        for c in result.candidates
    ]
    return rows or [shared]


def row_of_problem(case_id: str, message: str) -> dict[str, Any]:
    """Return the row of a case that was not run."""
    return {"case_id": case_id, "outcome": "not_run", "message": message, "folder": None}
