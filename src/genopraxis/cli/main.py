"""The ``genopraxis`` command: its verb groups, and one place where errors become messages and exit codes."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import Annotated

import typer

from genopraxis import __version__
from genopraxis.cli.verbs import LazyVerbs
from genopraxis.contracts.errors import GenopraxisError
from genopraxis.render.terminal import fail

EXIT_USER_ERROR = 2
EXIT_DEFECT = 70  # EX_SOFTWARE: a fault of the program, not of the input
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="genopraxis",
    help="AI tools for genomic medicine, with honest benchmarks around each of them. Research use only.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=LazyVerbs,
)


def _version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the flag's value
    if value:
        typer.echo(f"genopraxis {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """AI tools for genomic medicine, with honest benchmarks around each of them. Research use only."""


def main() -> None:
    """Run the command line; every error ends in one message."""
    try:
        app()
    except GenopraxisError as error:
        fail(str(error))
        sys.exit(EXIT_USER_ERROR)
    except BrokenPipeError:
        # the reader of a pipe has gone; what was to be said has no listener
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        fail("stopped")
        sys.exit(EXIT_INTERRUPTED)
    except SystemExit as end:
        if end.code == EXIT_INTERRUPTED:  # typer has caught the interrupt, and says nothing
            fail("stopped")
        raise
    except Exception as error:
        if os.environ.get("GENOPRAXIS_DEBUG"):
            raise
        logging.getLogger(__name__).debug("defect", exc_info=True)
        fail(
            # the error's own words may quote a patient's file
            f"this is a defect of genopraxis ({type(error).__name__}{_place(error)}) — please report it; "
            "GENOPRAXIS_DEBUG=1 shows the whole of it, which may hold patient data"
        )
        sys.exit(EXIT_DEFECT)


def _place(error: BaseException) -> str:
    """Return the innermost place in our own code, without any path of the machine."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "genopraxis" in frame.filename:
            return f" at {frame.filename.rpartition('genopraxis')[2].lstrip('/')}:{frame.lineno}"
    return ""
