"""What ``phenotype_robustness.py`` leaves: a self-contained page, a table, JSON, and a table on the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from genopraxis.bench.wording import BANNER, metric_label
from genopraxis.contracts.provenance import Provenance
from genopraxis.contracts.ranking_bench import PerturbationKind
from genopraxis.formats.files import atomic_file
from genopraxis.render.figures import Line, lines
from genopraxis.render.shell import environment, page

SCHEMA = "genopraxis.phenotype-robustness/1"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One metric of a tool at one level of a perturbation; ``setting`` is how ``bench run --perturb`` has it.

    Values and changes are fractions of the cases; a change is from the unperturbed cases, case by case, ``None`` at
    the level that is unperturbed. ``low`` and ``high`` are 95 % intervals.
    """

    perturbation: str
    perturbation_level: str
    setting: str
    observed_terms: float
    excluded_terms: float
    tool: str
    version: str
    regime: str
    level: str
    metric: str
    n: int
    value: float | None
    low: float | None
    high: float | None
    change: float | None
    change_low: float | None
    change_high: float | None


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The x axis of a perturbation: what its levels are, and where each of them stands."""

    label: str
    places: Sequence[float]


def render_robustness(
    rows: Sequence[Row],
    *,
    kinds: Sequence[PerturbationKind],
    axes: Mapping[str, Axis],
    facts: Mapping[str, object],
    provenance: Provenance,
) -> str:
    """Return the page.

    Parameters
    ----------
    rows
        The figures of one level of the task, in the order in which they shall appear.
    kinds
        The perturbations that the task offers.
    axes
        The x axis of each perturbation.
    facts
        ``dataset`` (a mapping with name, n, sha256), ``cases``, ``publications``, ``sample`` and ``notes``, sentences
        on tools.
    """
    metrics = list(dict.fromkeys(row.metric for row in rows))
    tools = list(dict.fromkeys((row.tool, row.version) for row in rows))
    meanings = {kind.name: kind.meaning for kind in kinds}
    sections = []
    for name in dict.fromkeys(row.perturbation for row in rows):
        own = [row for row in rows if row.perturbation == name]
        levels: dict[str, dict[tuple[str, str], Row]] = {}
        for row in own:
            levels.setdefault(row.perturbation_level, {})[row.tool, row.metric] = row
        sections.append(
            {
                "name": name,
                "meaning": meanings[name],
                "levels": levels,
                "pictures": [_picture(own, metric, axis=axes[name]) for metric in metrics],
            }
        )
    shared = environment(("genopraxis.bench",))
    beside = FileSystemLoader(Path(__file__).parent)
    return page(
        templates=shared.overlay(loader=ChoiceLoader([beside, *([shared.loader] if shared.loader else [])])),
        body_template="phenotype_robustness.html",
        title="Robustness of phenotype ranking",
        banner=BANNER,
        provenance=provenance,
        context={
            "facts": facts,
            "level": rows[0].level,
            "tools": tools,
            "metrics": metrics,
            "sections": sections,
            "metric_label": metric_label,
        },
    )


def _picture(rows: Sequence[Row], metric: str, *, axis: Axis) -> Markup:
    """Draw one metric of every tool over the levels of one perturbation."""
    levels = list(dict.fromkeys(row.perturbation_level for row in rows))
    places = dict(zip(levels, axis.places, strict=True))
    curves = []
    for tool in dict.fromkeys(row.tool for row in rows):
        own = [row for row in rows if (row.tool, row.metric) == (tool, metric)]
        low, high = (
            [100 * end for end in ends if end is not None]
            for ends in zip(*((r.low, r.high) for r in own), strict=True)
        )
        curves.append(
            Line(
                name=tool,
                x=[places[row.perturbation_level] for row in own],
                y=[100 * row.value for row in own if row.value is not None],
                # of one publication no interval is given
                low=low if len(low) == len(own) else None,
                high=high if len(high) == len(own) else None,
            )
        )
    label = metric_label(metric)
    return lines(
        curves,
        title=f"{rows[0].perturbation}: {label} at each level",
        description=f"{label} of {'; '.join(curve.name for curve in curves)} at the levels {', '.join(levels)}; the "
        "figures with their intervals stand in the table below.",
        x_label=axis.label,
        y_label=f"{label}, % of cases",
        x_ticks={place: name for name, place in places.items()},
    )


def write(
    out: Path,
    rows: Sequence[Row],
    *,
    kinds: Sequence[PerturbationKind],
    axes: Mapping[str, Axis],
    level: str,
    facts: Mapping[str, object],
    provenance: Provenance,
) -> None:
    """Write page, table and JSON."""
    table = pl.DataFrame([asdict(row) for row in rows], infer_schema_length=None)
    with atomic_file(out / "robustness.tsv") as temporary:
        table.write_csv(temporary, separator="\t")
    body = {
        "schema": SCHEMA,
        **facts,
        "rows": table.to_dicts(),
        "provenance": provenance.model_dump(mode="json"),
    }
    text = json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False)
    with atomic_file(out / "robustness.json") as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    html = render_robustness(
        [row for row in rows if row.level == level],
        kinds=kinds,
        axes=axes,
        facts=facts,
        provenance=provenance,
    )
    with atomic_file(out / "index.html") as temporary:
        temporary.write_text(html, encoding="utf-8")


def print_table(rows: Sequence[Row]) -> None:
    """Print figures as a Markdown table."""
    metrics = list(dict.fromkeys(row.metric for row in rows))
    print(
        f"| perturbation | level | terms seen | tool |{''.join(f' {metric} | change |' for metric in metrics)}"
    )
    print("|---|---|---|---|" + "---|---|" * len(metrics))
    cells: dict[tuple[str, str, str, str], list[str]] = {}
    for row in rows:
        terms = f"{row.observed_terms:.1f} + {row.excluded_terms:.1f}"
        line = cells.setdefault((row.perturbation, row.perturbation_level, terms, row.tool), [])
        line.append(_percent(row.value, row.low, row.high))
        line.append(_percent(row.change, row.change_low, row.change_high, sign="+"))
    for key, values in cells.items():
        print(f"| {' | '.join((*key, *values))} |")


def _percent(value: float | None, low: float | None, high: float | None, *, sign: str = "") -> str:
    if value is None:
        return "–"
    ends = "" if low is None or high is None else f" ({100 * low:{sign}.1f} to {100 * high:{sign}.1f})"
    return f"{100 * value:{sign}.1f}{ends}"
