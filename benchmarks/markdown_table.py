"""Markdown tables on the terminal, and figures with their intervals as cells of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from genopraxis.stats.bootstrap import Difference, Estimate


def print_table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Print a table, an empty line before it."""
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for line in lines:
        print(f"| {' | '.join(line)} |")


def percent(found: Estimate) -> str:
    """Return a share in percent with its interval."""
    if found.value is None:
        return "not measured"
    span = (
        "" if found.low is None or found.high is None else f" ({100 * found.low:.1f}–{100 * found.high:.1f})"
    )
    return f"{100 * found.value:.1f}{span}"


def points(found: Difference) -> str:
    """Return a difference in percentage points with its interval."""
    if found.value is None:
        return "not measured"
    span = (
        ""
        if found.low is None or found.high is None
        else f" ({100 * found.low:+.1f} to {100 * found.high:+.1f})"
    )
    return f"{100 * found.value:+.1f}{span}"
