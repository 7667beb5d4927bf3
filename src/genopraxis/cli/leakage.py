"""``genopraxis bench leakage``: which cases are known already, and which are clean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genopraxis.bench.datasets import bench_of, open_dataset
from genopraxis.bench.leakage import (
    CASES,
    CLEAN_IDS,
    CLEAN_LINES,
    COUNTS,
    LEAKAGE,
    PAGE,
    detect_leaks,
    write_leaks,
)
from genopraxis.bench.leakage_document import Leakage
from genopraxis.bench.leakage_page import leakage_table
from genopraxis.contracts.errors import InputError
from genopraxis.formats.files import ensure_writable_folder
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.render.numbers import percent
from genopraxis.render.terminal import note, show, warn

_OUTPUTS = (LEAKAGE, CASES, COUNTS, PAGE, CLEAN_LINES, CLEAN_IDS)


def leakage(
    task: Annotated[str, typer.Argument(help="The task.")] = "phenotype",
    *,
    cases: Annotated[
        str,
        typer.Option(
            help="Case-per-line JSONL (may be gzipped), a folder of phenopackets, or the name of a registered dataset."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for report, tables, page and the clean cases.")
    ],
    tool: Annotated[
        list[str] | None,
        typer.Option(help="Ask this tool on which cases it was trained; may be repeated. Default: none."),
    ] = None,
    publications: Annotated[
        Path | None,
        typer.Option(help="Counts of whole publications (`bench publications`), where --cases is a subset."),
    ] = None,
    knowledge: Annotated[str, typer.Option(help="Knowledge release.")] = EMBEDDED,
) -> None:
    """Find the cases that knowledge or training data hold already; writes leakage.json, index.html, clean cases."""
    found, port = bench_of(task)
    written = {(out / name).resolve() for name in _OUTPUTS}
    for given in (Path(cases), publications):
        if given is not None and given.resolve() in written:
            raise InputError(
                "this input would be written over, or deleted: an output has its name",
                where=str(given),
                hint="give another folder with --out",
            )
    ensure_writable_folder(out)
    dataset = open_dataset(cases, task=found)
    leaks = detect_leaks(
        dataset, task=found, tools=list(dict.fromkeys(tool or ())), knowledge=knowledge, counts=publications
    )
    report = write_leaks(out, leaks, lines=port.excerpt(cases, leaks.clean))
    show(leakage_table(report))
    _say(report)
    note(f"page: {out / PAGE}")
    if report.clean_file is not None and report.clean.count:
        note(f"clean cases: {out / report.clean_file.name}")


def _say(report: Leakage) -> None:
    counts = report.counts_equal
    if counts.n:
        note(
            f"{counts.count:,} of {counts.n:,} counts that rest on one publication of these cases alone are exactly "
            f"those of its patients: {percent(counts.value)}"
        )
    for item in report.tools:
        if item.publications is not None:
            continue
        named = ", ".join(f"{data.dataset} ({data.version})" for data in item.training_data)
        said = f"{item.tool} declares no case-level training data"
        if item.this_file:
            warn(f"{said}; its card names {named}, and this very file is among them: no case is clean of it")
        elif named:
            warn(f"{said}, so nothing was looked up; its card names {named}")
        else:
            note(f"{said}; by its card nothing was fitted")
    for notice in report.notices:
        note(f"{notice.message} [{notice.n}]")
    if not report.clean.count:
        rest = report.clean_but_for_tools
        warn("no case is clean" + (f"; without --tool {rest:,} are" if rest else ""))
