"""A leak report as a page and as a terminal table."""

from __future__ import annotations

from textwrap import fill

import polars as pl
from markupsafe import Markup
from rich.table import Table

from genopraxis.bench.leakage_document import MANY, KindOfLeak, Leakage, Share
from genopraxis.bench.leakage_shares import verdicts
from genopraxis.bench.wording import BANNER
from genopraxis.contracts.leakage import CANNOT_TELL, FOUND, NOT_APPLICABLE, NOT_DECLARED
from genopraxis.render.figures import Estimate, interval_dots
from genopraxis.render.numbers import percent
from genopraxis.render.shell import environment, page
from genopraxis.render.terminal import TableColumn, table

_EXAMPLES = 20
_PUBLICATIONS = 20
_LABEL_WIDTH = 34  # characters beside a figure


def leakage_table(report: Leakage) -> Table:
    """Return the figures for a terminal: a row for each kind of leak, then what comes of them."""
    # the task stands before every tool id; a terminal is narrow
    rows = [
        [
            kind.name if kind.tool is None else f"{kind.name}, {kind.tool.removeprefix(f'{report.task}.')}",
            *_cells(kind.found),
            f"{kind.outcomes[CANNOT_TELL]:,}",
        ]
        for kind in report.kinds
    ]
    verdict = (("leaked", report.leaked), ("cannot be told", report.cannot_tell), ("clean", report.clean))
    rows += [[label, *_cells(item), ""] for label, item in verdict]
    numbers = ("cases", "of", "share", "interval", "unknown")
    columns = [
        TableColumn(name="kind of leak"),
        *(TableColumn(name=name, justify="right", no_wrap=True) for name in numbers),
    ]
    return table(f"{report.dataset.name}: leaks, with 95 % intervals", columns, rows)


def render_leakage(report: Leakage, cases: pl.DataFrame, counts: pl.DataFrame) -> str:
    """Return a leak report as one self-contained HTML page.

    Parameters
    ----------
    report
        The figures.
    cases
        The ``genopraxis.case-leaks/1`` table they were made from.
    counts
        The ``genopraxis.compared-counts/1`` table.
    """
    context = {
        "report": report,
        "figure": _figure(report),
        "label": _label,
        "range": _range,
        "words": _words,
        "least": MANY,
        "cannot_tell": CANNOT_TELL,
        "not_applicable": NOT_APPLICABLE,
        "not_declared": NOT_DECLARED,
        "meanings": {kind.label: kind.meaning for kind in report.kinds},
        "examples": _examples(counts),
        "publications": _publications(cases, report),
    }
    return page(
        templates=environment(("genopraxis.bench",)),
        body_template="leakage.html",
        title=f"{report.task} on {report.dataset.name}: leaks",
        banner=BANNER,
        provenance=report.provenance,
        context=context,
    )


def _figure(report: Leakage) -> Markup:
    shares = [(_label(kind), kind.found) for kind in report.kinds if kind.found.n]
    shares += [("any leak", report.leaked), ("clean", report.clean)]
    rows = [
        Estimate(
            group=fill(label, _LABEL_WIDTH),
            series="share of cases, with 95 % interval",
            percent=_hundred(item.value),
            low=_hundred(item.low),
            high=_hundred(item.high),
        )
        for label, item in shares
    ]
    said = "; ".join(f"{label} {percent(item.value)}" for label, item in shares)
    return interval_dots(
        rows,
        title="Share of cases with each kind of leak",
        description=f"One dot with its interval for each kind of leak, for any of them and for clean cases: {said}.",
        x_label="% of the cases of which it can be told",
    )


def _examples(counts: pl.DataFrame) -> list[dict[str, object]]:
    """Return equal counts, the largest of each publication: where many agree, chance is no explanation."""
    largest = (
        counts.filter("equal")
        .sort("knowledge_examined", "publication", "item_id", descending=[True, False, False])
        .unique("publication", keep="first", maintain_order=True)
    )
    return largest.head(_EXAMPLES).to_dicts()


def _publications(cases: pl.DataFrame, report: Leakage) -> list[dict[str, object]]:
    """Return the publications with most leaked cases, and the kinds of leak found in them."""
    order = list(dict.fromkeys(kind.name for kind in report.kinds))
    found = cases.filter((pl.col("outcome") == FOUND) & pl.col("publication").is_not_null())
    kinds = {
        name: sorted(set(given), key=order.index)
        for name, given in found.group_by("publication").agg("kind").iter_rows()
    }
    leaked = (
        verdicts(cases)
        .drop_nulls("publication")
        .group_by("publication")
        .agg(cases=pl.len(), leaked=(pl.col("verdict") == "leaked").sum())
        .filter(pl.col("leaked") > 0)
        .sort("leaked", "publication", descending=[True, False])
    )
    return [row | {"kinds": kinds[row["publication"]]} for row in leaked.head(_PUBLICATIONS).to_dicts()]


def _label(kind: KindOfLeak) -> str:
    return kind.label if kind.tool is None else f"{kind.label}: {kind.tool}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _hundred(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _cells(item: Share) -> list[str]:
    value = "no case" if item.value is None else percent(item.value)
    return [f"{item.count:,}", f"{item.n:,}", value, _range(item)]


def _range(item: Share) -> str:
    if item.low is None or item.high is None:
        return "one group only" if item.value is not None else ""
    return f"{100 * item.low:.1f}\N{EN DASH}{100 * item.high:.1f}"
