"""``genopraxis library``: the site's own solved patients, and counts over them that may leave the site."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from genopraxis.case.solved import SolvedCases, read_solved_cases
from genopraxis.cli.libraries_table import libraries_table
from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.library_export import DEFAULT_MIN_PATIENTS, write_export
from genopraxis.knowledge.local_library import LocalLibrary
from genopraxis.knowledge.releases import EMBEDDED, load_release
from genopraxis.provenance import current_provenance
from genopraxis.render.terminal import TableColumn, fail, note, show, table, warn

app = typer.Typer(
    help="Your own solved patients, as counts that tools may use. They stay on this machine.",
    no_args_is_help=True,
)
_NAMED = 10  # so many ids are named in a message

Knowledge = Annotated[str, typer.Option(help="Knowledge release, see `genopraxis knowledge status`.")]


@app.command("add")
def add(
    cases: Annotated[
        list[Path],
        typer.Argument(help="Phenopackets with a diagnosis (files, folders), or case-per-line .jsonl files."),
    ],
    *,
    knowledge: Knowledge = EMBEDDED,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out what cannot be used, and add the rest.")
    ] = False,
) -> None:
    """Add solved patients to the local library; one whose case id is there already is replaced.

    All or nothing: when one file or case cannot be used, nothing is added (exit code 2), unless --skip-bad is given.
    Cases without a known disease are listed and left out.
    """
    release = load_release(knowledge).knowledge
    found = read_solved_cases(cases, release.ontology)
    _tell(found, release)
    for problem in found.problems:
        (warn if skip_bad else fail)(str(problem))
    if found.problems and not skip_bad:
        note(f"nothing was added: {len(found.problems)} problem(s); --skip-bad adds the rest")
        raise typer.Exit(2)
    if not found.cases:
        raise InputError("no case can be added", hint="solved cases with HPO terms and a disease are wanted")
    library = LocalLibrary()
    added = library.add(found.cases)
    if added.replaced:
        note(f"{len(added.replaced)} case(s) replaced: {_some(added.replaced)}")
    skipped = f", {len(found.problems)} left out" if found.problems else ""
    note(f"{len(added.new)} case(s) added{skipped}; the library is in {library.folder}")


@app.command("status")
def status() -> None:
    """Show how many patients, publications and diseases the case libraries hold."""
    show(libraries_table())
    note(f"the local library is in {LocalLibrary().folder}; it is personal data")


@app.command("list")
def list_cases() -> None:
    """List the cases of the local library."""
    cases = LocalLibrary().cases()
    if not cases:
        note("the local library holds no case; `genopraxis library add` adds some")
        return
    numbers = [TableColumn(name=name, justify="right") for name in ("observed", "excluded")]
    rows = [
        [
            case.case_id,
            ", ".join(case.disease_ids),
            ", ".join(case.genes),
            case.publication or "",
            len(case.observed),
            len(case.excluded),
        ]
        for case in cases
    ]
    case, diseases = (TableColumn(name=name, no_wrap=True) for name in ("case", "diseases"))
    show(table(f"{len(cases)} case(s)", [case, diseases, "genes", "publication", *numbers], rows))


@app.command("remove")
def remove(case_ids: Annotated[list[str], typer.Argument(metavar="CASE_ID", help="Ids of cases.")]) -> None:
    """Remove cases from the local library, as if they had never been added; all or none."""
    note(f"{LocalLibrary().remove(case_ids)} case(s) removed")


@app.command("export")
def export(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .parquet or .tsv.")],
    min_patients: Annotated[
        int, typer.Option("--min-patients", help="Smallest number of patients that may be shown.")
    ] = DEFAULT_MIN_PATIENTS,
    knowledge: Knowledge = EMBEDDED,
) -> None:
    """Write counts over all local patients of each disease; no case id, no publication, no small number."""
    release = load_release(knowledge).knowledge
    made = LocalLibrary().export(release.ontology, min_patients=min_patients)
    provenance = current_provenance(
        libraries=("polars",),
        parameters={
            "min_patients": made.min_patients,
            "suppressed_cells": made.suppressed,
            "diseases_left_out": made.diseases_left_out,
        },
        releases=release.releases,
    )
    write_export(made, out, provenance=provenance)
    note(
        f"{made.table.height:,} cell(s) of {made.table['disease_id'].n_unique()} disease(s) in {out}; "
        f"{made.suppressed:,} cell(s) with a number below {made.min_patients} suppressed, "
        f"{made.diseases_left_out} disease(s) left out"
    )


def _tell(found: SolvedCases, release: HpoKnowledge) -> None:
    for repair in found.repairs:
        note(f"{repair.subject}: {repair.message}")
    if found.undiagnosed:
        note(f"{len(found.undiagnosed)} case(s) without a known disease left out: {_some(found.undiagnosed)}")
    diseases = Counter(d for case in found.cases for d in case.disease_ids)
    if unknown := sorted(d for d in diseases if d not in release.diseases.number):
        note(
            f"{len(unknown)} disease(s) are not in this release and known from local patients alone: "
            f"{_some(unknown)}"
        )


def _some(items: tuple[str, ...] | list[str]) -> str:
    return ", ".join(items[:_NAMED]) + (f" and {len(items) - _NAMED} more" if len(items) > _NAMED else "")
