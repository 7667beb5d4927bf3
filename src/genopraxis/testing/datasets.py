"""What a dataset plug-in must state, and that its files are the ones it states."""

from __future__ import annotations

from pathlib import Path

from genopraxis.contracts.cards import Datasheet
from genopraxis.contracts.errors import GenopraxisError
from genopraxis.contracts.plugin import Dataset
from genopraxis.formats.files import digest


def check_dataset(dataset: object) -> None:
    """Raise ``AssertionError`` with everything that is wrong with a dataset.

    Raises
    ------
    AssertionError
        When the datasheet is incomplete or a file is not the one it names.
    """
    problems = dataset_problems(dataset)
    assert not problems, f"not a sound dataset: {'; '.join(problems)}"


def dataset_problems(dataset: object) -> list[str]:
    """Return what is wrong with a dataset, one sentence each; empty when nothing is."""
    if not isinstance(dataset, Dataset):
        return ["it is not a genopraxis.contracts.plugin.Dataset"]
    sheet = dataset.datasheet
    if not isinstance(sheet, Datasheet):
        return ["it has no datasheet"]
    problems = [
        f"the datasheet has no {field}"
        for field in ("name", "version", "task", "description", "licence", "source")
        if not getattr(sheet, field).strip()
    ]
    if not sheet.known_leakage:
        problems.append("known_leakage is empty: say so in words if none is known")
    if not sheet.grouping_keys:
        problems.append("grouping_keys is empty: name what must not be split")
    if not sheet.files:
        problems.append("the datasheet names no file")
    located = dict(dataset.locate())
    stated = {file.path: file for file in sheet.files}
    problems += [f"{name} is located, but the datasheet does not name it" for name in located.keys() - stated]
    for name, file in stated.items():
        if name not in located:
            problems.append(f"{name} is in the datasheet, but locate() does not say where it is")
            continue
        try:
            found = digest(located[name])
        except GenopraxisError as error:
            problems.append(str(error))
            continue
        if found.sha256 != file.sha256:
            problems.append(f"{name} is not the file that the datasheet names (sha256 differs)")
        if Path(located[name]).stat().st_size != file.size:
            problems.append(f"{name} has {Path(located[name]).stat().st_size} bytes, stated are {file.size}")
    return problems
