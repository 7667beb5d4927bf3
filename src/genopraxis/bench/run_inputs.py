"""What a bench run and a leak report are both asked with: cases that may be used, and tools that are named once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from genopraxis.bench.datasets import open_dataset
from genopraxis.bench.rank_tools import tool_of
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.plugin import Task, Tool
from genopraxis.contracts.ports import DatasetGate
from genopraxis.contracts.ranking_bench import RankingDataset


def allowed_dataset(
    dataset: RankingDataset | Path | str, *, task: Task, gate: DatasetGate | None
) -> RankingDataset:
    """Return the cases, opened where only their place is given, once the gate has let them through.

    Parameters
    ----------
    dataset
        What :func:`genopraxis.bench.datasets.open_dataset` returns, or what it takes.
    gate
        Whether the dataset may be used for a benchmark; ``None``: it may.

    Raises
    ------
    InputError
        When a name is not known, or a file cannot be used.
    RefusedError
        When the gate says so.
    """
    found = dataset if isinstance(dataset, RankingDataset) else open_dataset(dataset, task=task)
    if gate is not None:
        gate.check(found.datasheet or found.digest.sha256, purpose="benchmark")
    return found


def distinct_tools(tools: Sequence[Tool | str], *, task: Task) -> list[Tool]:
    """Return tools of a task, loaded where only an id is given.

    Raises
    ------
    InputError
        When one is named twice, or is of another task.
    PluginError
        When one is not installed, or does not fulfil the contract of its task.
    """
    found = [tool_of(tool, task) for tool in tools]
    if len({tool.card.id for tool in found}) < len(found):
        raise InputError("a tool is named twice", hint="take its two versions one after the other")
    return found
