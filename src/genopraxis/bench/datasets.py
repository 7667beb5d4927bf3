"""Find the cases of a bench run: a path, or the name of a registered dataset whose files are what it states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.plugin import Task
from genopraxis.contracts.ranking_bench import RankingBench, RankingDataset
from genopraxis.formats.files import digest
from genopraxis.plugins import DATASETS, TASKS, load_dataset, load_task, names


def bench_of(task: Task | str) -> tuple[Task, RankingBench]:
    """Return a task with its bench port.

    Raises
    ------
    InputError
        When there is no such task, or it is not one that the bench can run.
    """
    if isinstance(task, str):
        if task not in names(TASKS):
            raise InputError(f"there is no task {task!r}", hint=f"installed: {', '.join(names(TASKS))}")
        task = load_task(task)
    if task.kind != "ranking":
        raise InputError(f"task {task.id!r} is not a ranking task", hint="this version benches ranking tasks")
    if task.bench is None:
        raise InputError(
            f"task {task.id!r} cannot be benched: it has no bench port",
            hint="give its Task a `bench`, see docs/plugins.md",
        )
    return task, task.bench()


def open_dataset(cases: Path | str, *, task: Task | str) -> RankingDataset:
    """Read the cases of a path, or of a registered dataset where no such path exists.

    Parameters
    ----------
    cases
        A file or folder as the task reads it, or the name of a dataset.
    task
        The task, or its id.

    Raises
    ------
    InputError
        When there is neither, the dataset is of another task, or a file is not the one its datasheet names.
    """
    found, port = bench_of(task)
    path = Path(cases)
    if path.exists():
        return port.read([str(path)], name=path.name)
    name = str(cases)
    if name not in names(DATASETS):
        raise InputError(
            "no such file or folder, and no dataset of this name",
            where=name,
            hint=f"datasets: {', '.join(names(DATASETS)) or 'none'}",
        )
    dataset = load_dataset(name)
    sheet = dataset.datasheet
    if sheet.task != found.id:
        raise InputError(f"is a dataset of task {sheet.task!r}, not {found.id!r}", where=name)
    located = dict(dataset.locate())
    for file in sheet.files:
        if file.path not in located or digest(located[file.path]).sha256 != file.sha256:
            raise InputError(
                f"{file.path} is missing or not the file that the datasheet names",
                where=name,
                hint="install the package of this dataset again",
            )
    read = port.read([located[file.path] for file in sheet.files], name=name)
    return replace(read, datasheet=sheet)
