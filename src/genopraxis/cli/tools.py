"""``genopraxis tools``: which tools are installed, and their cards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genopraxis.contracts.errors import InputError, PluginError
from genopraxis.formats.files import ensure_writable_folder
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.plugins import TOOLS, load_tool, names
from genopraxis.render.terminal import note, show, table, warn

app = typer.Typer(help="Installed tools and their cards.", no_args_is_help=True)


@app.command("list")
def list_tools() -> None:
    """List the installed tools; one that cannot be loaded is named and skipped."""
    rows = []
    for name in names(TOOLS):
        try:
            card = load_tool(name).card
        except PluginError as error:
            warn(str(error))
            continue
        rows.append([card.id, card.version, card.task, card.licence, card.summary])
    show(table("Tools", ["id", "version", "task", "licence", "what it does"], rows))


@app.command("show")
def show_tool(tool: str) -> None:
    """Print the card of a tool as JSON."""
    typer.echo(load_tool(tool).card.to_json(), nl=False)


@app.command("train")
def train_tool(
    tool: Annotated[str, typer.Argument(help="The tool; today phenotype.ranker.")],
    *,
    cases: Annotated[Path, typer.Option(help="Case-per-line file of solved cases.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the weights.")],
    knowledge: Annotated[str, typer.Option(help="Knowledge release.")] = EMBEDDED,
    folds: Annotated[int, typer.Option(min=2, max=50, help="Number of folds, by publication.")] = 5,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Number of processes.")] = 1,
    source: Annotated[str, typer.Option(help="Where the cases come from, for the card of the library.")] = "",
    version: Annotated[str, typer.Option(help="Which version of them.")] = "",
    licence: Annotated[str, typer.Option(help="Their licence.")] = "",
) -> None:
    """Train a tool anew: weights, posterior, case library, and predictions by cross-validation.

    The same cases and release give the same bytes, whatever the number of processes.
    """
    if tool != "phenotype.ranker":
        raise InputError(f"tool {tool!r} cannot be trained", hint="phenotype.ranker can")
    # it loads what no other verb needs
    from genopraxis.tasks.phenotype.training.run import LibraryFacts, train

    if not out.exists():
        out.mkdir(parents=True, mode=0o700)  # predictions name cases
    ensure_writable_folder(out)
    facts = LibraryFacts(
        name="case library",
        version=version or "own",
        licence=licence or "not stated",
        source=source or cases.name,
    )
    train(cases, out, library=facts, knowledge=knowledge, folds=folds, jobs=jobs, say=note)
    note(f"weights, posterior, library and cross-validated predictions in {out}")
    note(
        "the folder holds data of these patients: unless they are published, keep and erase it like their records"
    )
