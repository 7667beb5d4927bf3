"""What a plug-in is: a task, a tool, a dataset, found by entry point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from genopraxis.contracts.cards import Datasheet
from genopraxis.contracts.ranking_bench import RankingBench
from genopraxis.contracts.table import TableContract
from genopraxis.contracts.tool import Tool

__all__ = ["Dataset", "Task", "Tool"]


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
        What is ranked or scored, e.g. ``disease`` and ``gene``; the first is the one meant where none is named.
    predictions
        The table that any tool's answer becomes.
    metrics
        Names of the metrics that the bench computes, in the order of a scorecard.
    strata
        Names of the strata that a scorecard shows, in its order.
    tool_problems
        Called with an instance of a tool; yields what is wrong with it as a tool of this task.
    bench
        Makes the task's bench port; ``None``: the bench cannot run this task. A function, so that a task that is
        only used for a patient does not load what its benchmark needs.
    default_tool
        The tool that the bench runs where none is named.
    """

    id: str
    question: str
    kind: str
    levels: tuple[str, ...]
    predictions: TableContract
    metrics: tuple[str, ...]
    strata: tuple[str, ...]
    tool_problems: Callable[[object], list[str]]
    bench: Callable[[], RankingBench] | None = None
    default_tool: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset plug-in: its datasheet and a function that says where its files are."""

    datasheet: Datasheet
    locate: Callable[[], Mapping[str, str]]
