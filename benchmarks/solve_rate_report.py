"""The tables of ``phenotype_solve_rates.py``, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_table import print_table
from solve_rate_measures import AT_RATE, SOLVED, Row

from genopraxis.stats.bootstrap import Estimate
from genopraxis.tasks.phenotype.posterior import SOLVE_RATE


def print_tables(rows: Sequence[Row]) -> None:
    """Print all figures as Markdown tables."""
    rated = [row for row in rows if row.table == "rates"]
    wrong = [row for row in rows if row.table == "wrong rate"]
    size, default = rated[0].observed, _percent(SOLVE_RATE)
    columns = ["question", "stated", "came true", "calibration error", "by chance", "Brier score", "skill"]
    print(f"## Solve rates\n\n{size.n:,} cases of {size.groups:,} publications, one version of each.")
    lines = [[_percent(row.rate), *_cells(row)] for row in rated]
    print_table(["true rate", *columns], lines)
    print("\n## What a wrong rate costs")
    lines = [
        [_percent(row.rate), _percent(row.told), *_cells(row), _number(row.cost, sign="+")] for row in wrong
    ]
    print_table(["true rate", "told", *columns, "added to the Brier score"], lines)
    print(f"\n## What is known of a patient, told {default}")
    tables: dict[str, dict[str, dict[tuple[str, str], Row]]] = {}
    for row in rows:
        title, _, population = row.table.rpartition(", ")
        if title:
            tables.setdefault(title, {}).setdefault(row.row, {})[population, row.question] = row
    columns = ["solved, n", "first right", "in the first ten", f"{default} solved, n"]
    columns += ["first: stated", "first: right", "first ten: stated", "first ten: right"]
    for title, table in tables.items():
        lines = []
        for name, own in table.items():
            first, ten = own[SOLVED, "first"].observed, own[SOLVED, "first_ten"].observed
            at_rate = [own[AT_RATE, question] for question in ("first", "first_ten")]
            lines.append([name, f"{first.n:,}", _share(first), _share(ten), f"{at_rate[0].observed.n:,}"])
            lines[-1] += [cell for row in at_rate for cell in (_percent(row.stated), _share(row.observed))]
        print_table([title, *columns], lines)


def _cells(row: Row) -> list[str]:
    cells = [row.row, _percent(row.stated), _share(row.observed), _share(row.calibration_error)]
    return [*cells, _percent(row.by_chance), _number(row.brier), _number(row.skill)]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _share(found: Estimate | None) -> str:
    if found is None or found.value is None:
        return "–"
    if found.low is None or found.high is None:
        return _percent(found.value)
    return f"{_percent(found.value)} ({100 * found.low:.1f}–{100 * found.high:.1f})"


def _number(found: Estimate | None, *, sign: str = "") -> str:
    if found is None or found.value is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{found.value:{sign}.3f}"
    return f"{found.value:{sign}.3f} ({found.low:{sign}.3f} to {found.high:{sign}.3f})"
