"""What a tool was trained on, case by case: publications, and patients by digest, so that a leak can be looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

import polars as pl

from genopraxis.contracts.errors import ContractError
from genopraxis.contracts.table import Column, TableContract

PUBLICATION, PATIENT = "publication", "patient"
"""The kinds of entry."""

TRAINING_TRACE = TableContract(
    name="training-trace",
    version=1,
    description="Which publications and patients a tool was trained on; nobody can read a patient from a digest.",
    columns=(
        Column(
            name="kind",
            dtype=pl.String,
            description="publication, or patient",
            allowed=(PUBLICATION, PATIENT),
        ),
        Column(
            name="value",
            dtype=pl.String,
            description="PMID:…, or the digest of a patient: 16 hexadecimal digits",
        ),
    ),
    key=("kind", "value"),
)

_DIGEST = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingTrace:
    """The cases that a tool was trained on, as far as they can be named.

    Parameters
    ----------
    publications
        As case files name them: ``PMID:123``.
    patients
        Digests, as the task makes them: :mod:`genopraxis.tasks.phenotype.patient_digest` for phenotypes.
        Where one of the two is empty and the other is not, the empty one counts as not declared.

    Raises
    ------
    ContractError
        When an entry cannot be one.
    """

    publications: frozenset[str]
    patients: frozenset[str]

    def __post_init__(self) -> None:
        if blank := [name for name in self.publications if not name.strip() or name != name.strip()]:
            raise ContractError(f"{blank[0]!r} cannot be a publication in a training trace")
        if strange := sorted(value for value in self.patients if _DIGEST.fullmatch(value) is None):
            raise ContractError(
                f"{strange[0][:40]!r} is no digest of a patient",
                where="training trace",
                hint="16 hexadecimal digits, as patient_digest gives them",
            )

    def table(self) -> pl.DataFrame:
        """Return the trace as a :data:`TRAINING_TRACE` table."""
        rows = [(PUBLICATION, value) for value in sorted(self.publications)]
        rows += [(PATIENT, value) for value in sorted(self.patients)]
        return pl.DataFrame(rows, schema=TRAINING_TRACE.schema, orient="row")

    @classmethod
    def from_table(cls, frame: pl.DataFrame, *, where: str | None = None) -> Self:
        """Return the trace that a :data:`TRAINING_TRACE` table holds.

        Parameters
        ----------
        where
            The file, for the message.

        Raises
        ------
        ContractError
            When it is no such table.
        """
        TRAINING_TRACE.check(frame, raise_errors=True, where=where)
        by_kind = {
            kind: frozenset(frame.filter(pl.col("kind") == kind)["value"]) for kind in (PUBLICATION, PATIENT)
        }
        return cls(publications=by_kind[PUBLICATION], patients=by_kind[PATIENT])
