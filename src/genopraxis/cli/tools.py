"""``genopraxis tools``: which tools are installed, and their cards."""

from __future__ import annotations

import typer

from genopraxis.contracts.errors import PluginError
from genopraxis.plugins import TOOLS, load_tool, names
from genopraxis.render.terminal import show, table, warn

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
