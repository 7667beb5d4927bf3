"""What a task plug-in must state."""

from __future__ import annotations

import re

from genopraxis.contracts.plugin import Task
from genopraxis.contracts.table import TableContract

_PORT = (
    "regimes",
    "perturbations",
    "read",
    "prepare",
    "ready",
    "rank",
    "strata",
    "notices",
    "contributions",
    "leaks",
    "excerpt",
)


def check_task(task: object) -> None:
    """Raise ``AssertionError`` with everything that is wrong with a task.

    Raises
    ------
    AssertionError
        When a statement is missing or does not fit.
    """
    problems = task_problems(task)
    assert not problems, f"not a sound task: {'; '.join(problems)}"


def task_problems(task: object) -> list[str]:
    """Return what is wrong with a task, one sentence each; empty when nothing is."""
    if not isinstance(task, Task):
        return ["it is not a genopraxis.contracts.plugin.Task"]
    problems = []
    if not re.fullmatch(r"[a-z][a-z0-9_]*", task.id):
        problems.append(f"id {task.id!r} is not lower-case letters, digits and underscore")
    if not task.question.strip().endswith("?"):
        problems.append("the question does not end with a question mark")
    if not task.kind.strip():
        problems.append("no kind is given")
    for field in ("levels", "metrics", "strata"):
        values: tuple[str, ...] = getattr(task, field)
        if len(set(values)) != len(values):
            problems.append(f"{field} repeat a name")
        if not all(value.strip() for value in values):
            problems.append(f"{field} hold a blank name")
    if not task.levels:
        problems.append("no level is given")
    if not task.metrics:
        problems.append("no metric is given")
    if not isinstance(task.predictions, TableContract):
        problems.append("predictions is not a TableContract")
    elif not {"case_id", "level"} <= set(task.predictions.schema) and task.kind == "ranking":
        problems.append("the predictions of a ranking task need case_id and level")
    if not task.tool_problems(object()):
        problems.append("tool_problems finds nothing wrong with a plain object")
    return [*problems, *_bench_problems(task)]


def _bench_problems(task: Task) -> list[str]:
    if task.bench is None:
        return []
    port = task.bench()
    missing = [name for name in _PORT if not hasattr(port, name)]
    if missing:
        return [f"the bench port lacks {', '.join(missing)}"]
    problems = []
    names = [regime.name for regime in port.regimes]
    if not names:
        problems.append("the bench port offers no regime")
    if len(set(names)) != len(names):
        problems.append("the bench port offers a regime twice")
    kinds = [kind.name for kind in port.perturbations]
    if len(set(kinds)) != len(kinds):
        problems.append("the bench port offers a perturbation twice")
    if clash := sorted(set(task.strata) & {*task.levels, *names}):
        problems.append(f"strata are named like a level or regime: {', '.join(clash)}")
    return problems
