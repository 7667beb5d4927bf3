"""The verbs of the command line; each is loaded when it is asked for, so that none pays for what others need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup


def _diagnose() -> typer.Typer:
    from genopraxis.cli import diagnose

    app = typer.Typer(add_completion=False)
    app.command("diagnose")(diagnose.diagnose)
    return app


def _annotate() -> typer.Typer:
    from genopraxis.cli import annotate

    app = typer.Typer(add_completion=False)
    app.command("annotate")(annotate.annotate)
    return app


def _bench() -> typer.Typer:
    from genopraxis.cli import bench

    return bench.app


def _knowledge() -> typer.Typer:
    from genopraxis.cli import knowledge

    return knowledge.app


def _library() -> typer.Typer:
    from genopraxis.cli import library

    return library.app


def _tools() -> typer.Typer:
    from genopraxis.cli import tools

    return tools.app


VERBS: dict[str, Callable[[], typer.Typer]] = {
    "diagnose": _diagnose,
    "annotate": _annotate,
    "bench": _bench,
    "knowledge": _knowledge,
    "library": _library,
    "tools": _tools,
}


class LazyVerbs(TyperGroup):
    """A group whose commands are made when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature of typer
        """Return the verbs in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one verb, loaded now; ``None`` when there is no such verb."""
        if cmd_name not in self.commands and cmd_name in VERBS:
            command = typer.main.get_command(VERBS[cmd_name]())
            command.name = cmd_name
            self.add_command(command, cmd_name)
        return super().get_command(ctx, cmd_name)
