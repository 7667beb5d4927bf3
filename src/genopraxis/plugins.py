"""Find tasks, tools and datasets by entry point; the package registers its own in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import GenopraxisError, InputError, PluginError
from genopraxis.contracts.plugin import Dataset, Task, Tool

TASKS = "genopraxis.tasks"
TOOLS = "genopraxis.tools"
DATASETS = "genopraxis.datasets"
AS_IT_IS: Mapping[str, str] = MappingProxyType({})

_MEND = "reinstall or remove the package that provides it"
_OPENMP = (
    "install the OpenMP runtime (Debian, Ubuntu: apt install libgomp1), or use --tool phenotype.likelihood"
)


def names(group: str) -> list[str]:
    """Return the names registered in an entry-point group, without loading anything."""
    return sorted({point.name for point in entry_points(group=group)})


def load_task(task_id: str) -> Task:
    """Load a task.

    Raises
    ------
    PluginError
        When it is not installed, cannot be loaded, or two packages register it.
    """
    task = _load(TASKS, task_id)
    if not isinstance(task, Task):
        raise PluginError(f"the entry point {task_id!r} of {TASKS} is no Task", hint=_MEND)
    return task


def load_tool(tool_id: str, *, settings: Mapping[str, str] = AS_IT_IS) -> Tool:
    """Load a tool, and check it against its task.

    Parameters
    ----------
    settings
        Parameters of the tool to change, as text; its card lists their names.

    Raises
    ------
    PluginError
        When it is not installed, cannot be loaded, two packages register it, or it does not fulfil the contract
        of its task. Whatever a plug-in raises becomes this.
    InputError
        When a setting is not one of the tool's, or not of its type.
    """
    factory = _load(TOOLS, tool_id)
    try:
        tool = factory() if callable(factory) else factory
        card = getattr(tool, "card", None)
        if not isinstance(tool, Tool) or not isinstance(card, ToolCard):
            raise PluginError(f"tool {tool_id!r} has no tool card", hint=_MEND)
        problems = _task_of(tool_id, card).tool_problems(tool)
        if card.id != tool_id:
            problems = [*problems, f"its card says id {card.id!r}"]
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(
            f"tool {tool_id!r} cannot be made ready: {type(error).__name__}: {error}", hint=_MEND
        ) from error
    if problems:
        raise PluginError(f"tool {tool_id!r} does not fulfil its contract: {'; '.join(problems)}", hint=_MEND)
    return _configured(tool, settings) if settings else tool


def load_dataset(name: str) -> Dataset:
    """Load a dataset plug-in.

    Raises
    ------
    PluginError
        When it is not installed, cannot be loaded, or two packages register it.
    """
    dataset = _load(DATASETS, name)
    if not isinstance(dataset, Dataset):
        raise PluginError(f"the entry point {name!r} of {DATASETS} is no Dataset", hint=_MEND)
    return dataset


def _task_of(tool_id: str, card: ToolCard) -> Task:
    try:
        return load_task(card.task)
    except PluginError as error:
        raise PluginError(
            f"tool {tool_id!r} is of task {card.task!r}, which cannot be used: {error.what}", hint=error.hint
        ) from error


def _configured(tool: Tool, settings: Mapping[str, str]) -> Tool:
    configure = getattr(tool, "configure", None)
    if configure is None:
        raise InputError(f"{tool.card.id} has no parameter that can be set", hint="leave --set out")
    try:
        configured = configure(settings)
    except GenopraxisError:
        raise
    except Exception as error:
        raise PluginError(
            f"tool {tool.card.id!r} cannot be configured: {type(error).__name__}: {error}", hint=_MEND
        ) from error
    if not isinstance(configured, Tool) or configured.card.id != tool.card.id:
        raise PluginError(
            f"tool {tool.card.id!r} turns into something else when it is configured", hint=_MEND
        )
    return configured


def _load(group: str, name: str) -> object:
    found: list[EntryPoint] = list(entry_points(group=group, name=name))
    if not found:
        known = ", ".join(names(group)) or "none"
        raise PluginError(f"{name!r} is not installed as one of {group}", hint=f"installed: {known}")
    if len(found) > 1:
        owners = sorted(f"{point.dist.name if point.dist else 'unknown'} ({point.value})" for point in found)
        raise PluginError(
            f"{name!r} of {group} is registered {len(found)} times: {', '.join(owners)}",
            hint="remove all but one of these packages",
        )
    try:
        return found[0].load()
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"the plug-in {name!r} cannot be loaded: {type(error).__name__}: {error}", hint=_mend(error)
        ) from error


def _mend(error: BaseException) -> str:
    # LightGBM's wheels for Linux leave this library to the system
    return _OPENMP if isinstance(error, OSError) and "libgomp" in str(error) else _MEND
