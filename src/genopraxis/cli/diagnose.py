"""``genopraxis diagnose``: patients in, ranked and explained diagnoses out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.table import Table

from genopraxis.case.load import LoadedCase, case_from_terms, find_files, load_cases
from genopraxis.case.many import run_cases
from genopraxis.case.one import REPORT, Done, read_result
from genopraxis.case.report import candidate_table
from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.render.numbers import percent
from genopraxis.render.terminal import TableColumn, fail, note, progress, show, table
from genopraxis.tasks.phenotype.query import Exclusions
from genopraxis.tasks.phenotype.task import TASK

_EXCLUSIONS: tuple[Exclusions, ...] = get_args(Exclusions)
_TOOL = str(TASK.default_tool)
_SHOWN = 3  # tables of so many cases are shown in full


def diagnose(
    cases: Annotated[
        list[Path] | None, typer.Argument(help="Phenopacket files or folders of them (JSON, YAML, protobuf).")
    ] = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the reports.")] = Path(
        "genopraxis-out"
    ),
    hpo: Annotated[
        list[str] | None,
        typer.Option("--hpo", help="Observed HPO terms, separated by commas, for a case without a file."),
    ] = None,
    excluded: Annotated[
        list[str] | None, typer.Option("--not", help="HPO terms that were looked for and are absent.")
    ] = None,
    sex: Annotated[str | None, typer.Option(help="female, male, other or unknown.")] = None,
    age: Annotated[str | None, typer.Option(help="Age as an ISO 8601 duration, e.g. P3Y6M.")] = None,
    case_id: Annotated[str, typer.Option("--id", help="Name of a case without a file.")] = "case",
    tool: Annotated[str, typer.Option(help="Which phenotype tool ranks.")] = _TOOL,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change a parameter of the tool; may be repeated."),
    ] = None,
    exclusions: Annotated[
        str,
        typer.Option(
            "--excluded",
            metavar="|".join(_EXCLUSIONS),
            help="How absent signs came about: looked for with a disease in mind, so that they hint at it; asked of "
            "every patient, so that they only count against; or not used.",
        ),
    ] = "systematic",
    knowledge: Annotated[
        str, typer.Option(help="Knowledge release, see `genopraxis knowledge status`.")
    ] = EMBEDDED,
    top: Annotated[int, typer.Option(min=1, max=200, help="How many candidates a report lists.")] = 20,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Number of processes.")] = 1,
) -> None:
    """Rank the diseases that explain a patient's signs, and say why.

    Writes DIR/<case>/report.html and result.json, and DIR/cases.parquet with all ranked lists. Exit code 2 when
    any case could not be run; the others are finished.
    """
    chosen = _settings(settings or [])
    absences = _exclusions(exclusions)
    work = _cases(cases or [], hpo=hpo or [], excluded=excluded or [], sex=sex, age=age, case_id=case_id)
    with progress(len(work) if len(work) > 1 else None, "diagnose") as advance:
        done = run_cases(
            work,
            out=out,
            tool=tool,
            release=knowledge,
            settings=chosen,
            exclusions=absences,
            top=top,
            jobs=min(jobs, len(work)),
            advance=advance,
        )
    _tell(done, out)
    if any(one.problem for one in done):
        raise typer.Exit(2)


def _settings(given: list[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise InputError(
                f"{text!r} is no setting", where="--set", hint="write NAME=VALUE, e.g. solve_rate=0.45"
            )
        if name.strip() in settings:
            raise InputError(f"{name.strip()!r} is set twice", where="--set", hint="leave one of them out")
        settings[name.strip()] = value.strip()
    return settings


def _exclusions(given: str) -> Exclusions:
    for known in _EXCLUSIONS:
        if given == known:
            return known
    raise InputError(
        f"{given!r} is no way to use absent signs",
        where="--excluded",
        hint=f"one of {', '.join(_EXCLUSIONS)}",
    )


def _cases(
    paths: list[Path], *, hpo: list[str], excluded: list[str], sex: str | None, age: str | None, case_id: str
) -> list[LoadedCase]:
    by_terms = bool(hpo or excluded)
    if paths and (by_terms or sex or age):
        raise InputError(
            "files and --hpo/--not/--sex/--age were given together",
            hint="give one or the other: a file has its own",
        )
    if not paths and not by_terms:
        raise InputError(
            "no case was given", hint="name phenopacket files or folders, or use --hpo HP:0001250,…"
        )
    if by_terms:
        return [case_from_terms(case_id=case_id, observed=hpo, excluded=excluded, sex=sex, age=age)]
    return list(load_cases(find_files(paths)))


def _tell(done: list[Done], out: Path) -> None:
    finished = [one for one in done if one.problem is None]
    for one in finished if len(finished) <= _SHOWN else []:
        if one.folder is not None:
            result = read_result(one.folder)
            show(candidate_table(result))
            for repair in result.repairs:
                note(f"{one.case_id}: {repair.message}")
    if len(finished) > _SHOWN:
        show(_many(finished))
    for one in done:
        if one.problem is not None:
            fail(f"{one.case_id}: {one.problem}")
    if len(done) == 1 and finished and finished[0].folder:
        note(f"report: {finished[0].folder / REPORT}")
    else:
        note(f"{len(finished)} of {len(done)} cases done; reports are in {out}")


def _many(finished: list[Done]) -> Table:
    """Return a table of many cases; without a column of probabilities where none is to stand beside a rank."""
    columns: list[str | TableColumn] = [
        TableColumn(name="case", no_wrap=True),
        "first candidate",
        TableColumn(name="id", no_wrap=True),
        "genes",
        TableColumn(name="posterior", justify="right", no_wrap=True),
    ]
    shown = 5 if any(one.first and one.first.posterior is not None for one in finished) else 4
    return table(f"{len(finished)} cases", columns[:shown], [_summary(one)[:shown] for one in finished])


def _summary(one: Done) -> list[str]:
    first = one.first
    if first is None:
        return [one.case_id, one.message, "", "", ""]
    name = first.name if first.enough else f"{first.name} (too little is known)"
    genes = ", ".join(first.genes[:2]) + (", …" if len(first.genes) > 2 else "")
    return [one.case_id, name, first.disease_id, genes, percent(first.posterior)]
