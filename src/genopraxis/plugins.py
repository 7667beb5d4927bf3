"""Find tasks, tools and datasets by entry point; the package registers its own in the same way."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from genopraxis.contracts.errors import PluginError
from genopraxis.contracts.plugin import Dataset, Task, Tool

TASKS = "genopraxis.tasks"
TOOLS = "genopraxis.tools"
DATASETS = "genopraxis.datasets"


def names(group: str) -> list[str]:
    """Return the names registered in an entry-point group, without loading anything."""
    return sorted({point.name for point in entry_points(group=group)})


def load_task(task_id: str) -> Task:
    """Load a task.

    Raises
    ------
    PluginError
        When it is not installed or cannot be loaded.
    """
    task = _load(TASKS, task_id)
    if not isinstance(task, Task):
        raise PluginError(f"the entry point {task_id!r} of {TASKS} is no Task")
    return task


def load_tool(tool_id: str) -> Tool:
    """Load a tool, and check it against its task.

    Raises
    ------
    PluginError
        When it is not installed, cannot be loaded, or does not fulfil the contract of its task.
    """
    factory = _load(TOOLS, tool_id)
    tool = factory() if callable(factory) else factory
    if not isinstance(tool, Tool):
        raise PluginError(f"the entry point {tool_id!r} of {TOOLS} is no Tool: it has no card")
    problems = load_task(tool.card.task).tool_problems(tool)
    if tool.card.id != tool_id:
        problems = [*problems, f"its card says id {tool.card.id!r}"]
    if problems:
        raise PluginError(f"tool {tool_id!r} does not fulfil its contract: {'; '.join(problems)}")
    return tool


def load_dataset(name: str) -> Dataset:
    """Load a dataset plug-in.

    Raises
    ------
    PluginError
        When it is not installed or cannot be loaded.
    """
    dataset = _load(DATASETS, name)
    if not isinstance(dataset, Dataset):
        raise PluginError(f"the entry point {name!r} of {DATASETS} is no Dataset")
    return dataset


def _load(group: str, name: str) -> object:
    found: list[EntryPoint] = list(entry_points(group=group, name=name))
    if not found:
        known = ", ".join(names(group)) or "none"
        raise PluginError(f"{name!r} is not installed as one of {group}", hint=f"installed: {known}")
    try:
        return found[0].load()
    except Exception as error:
        raise PluginError(
            f"the plug-in {name!r} cannot be loaded: {type(error).__name__}: {error}",
            hint="reinstall or remove the package that provides it",
        ) from error
