"""What a plug-in is: a task, a tool, a dataset, found by entry point; and the ports that higher floors fill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from genopraxis.contracts.cards import Datasheet, ToolCard
from genopraxis.contracts.provenance import Provenance
from genopraxis.contracts.table import TableContract


@runtime_checkable
class Tool(Protocol):
    """A tool as the registry sees it. How it is called is the contract of its task."""

    @property
    def card(self) -> ToolCard:
        """The tool card."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A well-defined clinical problem.

    Parameters
    ----------
    id
        Short name, e.g. ``phenotype``.
    question
        The clinical question in one sentence.
    kind
        Which family of metrics applies, e.g. ``ranking``.
    levels
        What is ranked or scored, e.g. ``disease`` and ``gene``.
    predictions
        The table that any tool's answer becomes.
    metrics
        Names of the metrics, headline first.
    strata
        Names of the strata that a scorecard shows.
    tool_problems
        Called with an instance of a tool; yields what is wrong with it as a tool of this task.
    """

    id: str
    question: str
    kind: str
    levels: tuple[str, ...]
    predictions: TableContract
    metrics: tuple[str, ...]
    strata: tuple[str, ...]
    tool_problems: Callable[[object], list[str]]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset plug-in: its datasheet and a function that says where its files are."""

    datasheet: Datasheet
    locate: Callable[[], Mapping[str, str]]


class Policy(Protocol):
    """Whether a tool version may run on a case. ``governance`` implements it; the default is research use."""

    def allow(self, card: ToolCard, *, case_id: str) -> str:
        """Return the banner to print on the result.

        Raises
        ------
        RefusedError
            With every reason, when the tool may not run.
        """


class Recorder(Protocol):
    """Where a finished run or case is noted down. ``governance`` implements it; the default notes nothing."""

    def record(self, event: str, payload: Mapping[str, Any], provenance: Provenance) -> None:
        """Note one event."""
