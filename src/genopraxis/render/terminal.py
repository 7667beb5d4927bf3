"""What a terminal shows: tables on standard output; progress, notes and errors on standard error."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Literal

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

# a label from a file must not move the cursor, recolour the terminal, or read otherwise than it is written
_INSTEAD = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": "\N{REPLACEMENT CHARACTER}"}
_LENIENT = {"replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "ignore"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TableColumn:
    """One column of a terminal table."""

    name: str
    justify: Literal["left", "right", "center"] = "left"
    no_wrap: bool = False


def plain(value: object) -> Text:
    """Return a value as text for a terminal: no markup is read from it.

    Control characters become spaces; format characters (direction, zero width, tags) are dropped; half characters,
    as in file names that are not UTF-8, are replaced.
    """
    text = str(value)
    if not text.isprintable():
        text = "".join(_INSTEAD.get(unicodedata.category(letter), letter) for letter in text)
    return Text(text.strip())


def table(title: str | None, columns: Sequence[str | TableColumn], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table; every cell is plain text, so that brackets in a label are never read as markup.

    Parameters
    ----------
    title
        Shown above the table; ``None`` for no title.
    columns
        Names, or :class:`TableColumn` where alignment matters.
    rows
        Cells in the order of ``columns``.

    Raises
    ------
    ValueError
        When a row has another number of cells than there are columns.
    """
    built = Table(
        title=None if title is None else plain(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in columns:
        spec = TableColumn(name=column) if isinstance(column, str) else column
        built.add_column(plain(spec.name), justify=spec.justify, no_wrap=spec.no_wrap, overflow="fold")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise ValueError(f"row {number} has {len(row)} cells, wanted {len(columns)}")
        built.add_row(*(plain(cell) for cell in row))
    return built


def show(item: Table | Text | str) -> None:
    """Print a table or a line to standard output. ``NO_COLOR`` is honoured."""
    _console().print(plain(item) if isinstance(item, str) else item)


def note(message: str) -> None:
    """Tell the user something on standard error."""
    _say("note", message, style="cyan")


def warn(message: str) -> None:
    """Warn the user on standard error."""
    _say("warning", message, style="yellow")


def fail(message: str) -> None:
    """Say on standard error why nothing came out. Leaving with an exit code is the caller's part."""
    _say("error", message, style="bold red")


@contextmanager
def progress(total: int | None, description: str) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on standard error, if that is a terminal; stay silent in a pipe or a log.

    Parameters
    ----------
    total
        Number of steps; ``None`` when it is not known.
    description
        What is going on.

    Yields
    ------
    Callable[[int], None]
        Call it with the number of steps done since the last call.
    """
    # asked of the stream itself: FORCE_COLOR makes rich take a log file for a terminal
    if not sys.stderr.isatty():
        yield _ignore
        return
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(plain(description).plain, total=total)
        yield lambda steps: bar.advance(task, steps)


def _ignore(_steps: int) -> None:
    """Advance nothing: nobody is watching."""


def _console(*, stderr: bool = False) -> Console:
    # made for each call: the streams may have been replaced since the import (tests, notebooks)
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, TextIOWrapper) and stream.errors not in _LENIENT:
        # a terminal that is not UTF-8 shows a question mark for what it does not have
        stream.reconfigure(errors="replace")
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def _say(word: str, message: str, *, style: str) -> None:
    line = Text.assemble((f"{word}: ", style), plain(message))
    _console(stderr=True).print(line, soft_wrap=True)
