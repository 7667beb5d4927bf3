"""What a task tells the bench about leaks: which cases the knowledge, the dataset or a tool's training holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.scorecard import Notice
from genopraxis.contracts.table import Column, TableContract

LeakSource = Literal["knowledge", "dataset", "training"]

FOUND, NOT_FOUND = "found", "not_found"
CANNOT_TELL = "cannot_tell"
"""It was looked for and nobody can know: the case is not clean."""
NOT_APPLICABLE = "not_applicable"
"""There is nothing in which it could be."""
NOT_DECLARED = "not_declared"
"""A tool does not say on which cases it was trained: nothing was looked for."""
NO_TOOL = ""
"""In place of a tool's id: the kind is not about anybody's training data."""
OUTCOMES = (FOUND, NOT_FOUND, CANNOT_TELL, NOT_APPLICABLE, NOT_DECLARED)

CASE_LEAKS = TableContract(
    name="case-leaks",
    version=1,
    description="What was looked for in each case, and found or not. A case is clean when nothing was found and "
    "nothing cannot be told.",
    columns=(
        Column(name="case_id", dtype=pl.String, description="identifier of the case"),
        Column(name="publication", dtype=pl.String, description="as in case-ranks", nullable=True),
        Column(
            name="kind",
            dtype=pl.String,
            description="kind of leak, as named in the report, e.g. counts_equal",
        ),
        Column(name="tool", dtype=pl.String, description="whose training data; empty: no tool's"),
        Column(name="outcome", dtype=pl.String, description="what came of it", allowed=OUTCOMES),
        Column(
            name="reason",
            dtype=pl.String,
            description="why it cannot be told or does not apply, or what sort of find it is",
            nullable=True,
        ),
        Column(
            name="found_in",
            dtype=pl.List(pl.String),
            description="where it was found: diseases, other cases, the publication or digest; 20 at most",
        ),
        Column(
            name="compared",
            dtype=pl.Int64,
            description="statements of the knowledge that were compared; null: none are, for this kind",
            nullable=True,
            minimum=0,
        ),
        Column(
            name="equal",
            dtype=pl.Int64,
            description="of them, those that are exactly what the case file gives",
            nullable=True,
            minimum=0,
        ),
    ),
    key=("case_id", "kind", "tool"),
)


def _patients(name: str, which: str) -> Column:
    return Column(name=name, dtype=pl.Int64, description=f"patients {which}", minimum=0)


COMPARED_COUNTS = TableContract(
    name="compared-counts",
    version=1,
    description="Counts in the knowledge that rest on one publication alone, beside those of its patients in the "
    "case file.",
    columns=(
        Column(name="publication", dtype=pl.String, description="the only reference of the count"),
        Column(name="subject_id", dtype=pl.String, description="what the count is about, e.g. a disease"),
        Column(name="subject_label", dtype=pl.String, description="its name"),
        Column(name="item_id", dtype=pl.String, description="what was counted, e.g. a sign"),
        Column(name="item_label", dtype=pl.String, description="its name"),
        _patients("knowledge_observed", "with it, by the knowledge"),
        _patients("knowledge_examined", "examined for it, by the knowledge"),
        _patients("file_observed", "with it, by the case file"),
        _patients("file_examined", "examined for it, by the case file"),
        Column(name="equal", dtype=pl.Boolean, description="both counts are exactly the same"),
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LeakKind:
    """One way in which a case can be known already.

    Parameters
    ----------
    name
        As in tables, e.g. ``publication_in_annotations``.
    label
        As a reader sees it.
    meaning
        What was looked for, in one or two sentences.
    source
        Where the case is known from.
    """

    name: str
    label: str
    meaning: str
    source: LeakSource


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolTraining:
    """What a tool says of its training.

    Parameters
    ----------
    card
        Its tool card.
    publications, patients
        How many of them it declares; ``None``: it declares no case-level training data.
    this_file
        Whether its card names a file of the dataset, by its digest, as training data.
    """

    card: ToolCard
    publications: int | None = None
    patients: int | None = None
    this_file: bool = False


@dataclass(frozen=True, kw_only=True)
class LeakReport:
    """What a task found.

    Parameters
    ----------
    kinds
        Everything that was looked for, in the order of a report.
    cases
        A ``genopraxis.case-leaks/1`` table: each case once for each kind, those of a tool's training once for
        each tool.
    counts
        A ``genopraxis.compared-counts/1`` table; empty where the task compares no counts.
    not_compared
        Counts in the knowledge that rest on a publication of the dataset, but are about something of which the
        dataset holds no patient.
    tools
        What each tool says of its training.
    notices
        What a reader of the figures must know.
    """

    kinds: tuple[LeakKind, ...]
    cases: pl.DataFrame
    counts: pl.DataFrame
    not_compared: int = 0
    tools: tuple[ToolTraining, ...] = ()
    notices: tuple[Notice, ...] = ()
