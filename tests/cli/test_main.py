"""The command itself: version, help, and one place where errors become messages."""

from __future__ import annotations

import sys

import pytest

from genopraxis import __version__
from genopraxis.cli import main as cli_main
from running import Cli, cli_process


def test_version(cli: Cli) -> None:
    found = cli("--version").done()
    assert found.out == f"genopraxis {__version__}\n"
    assert found.err == ""


def test_version_as_a_program() -> None:
    assert cli_process("--version").done().out == f"genopraxis {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("diagnose", "--help"),
        ("bench", "--help"),
        ("bench", "run", "--help"),
        ("bench", "compare", "--help"),
        ("bench", "publications", "--help"),
        ("knowledge", "--help"),
        ("tools", "--help"),
    ],
)
def test_help(cli: Cli, words: tuple[str, ...]) -> None:
    found = cli(*words).done()
    assert "Usage" in found.out
    assert "Research use only" in found.out or len(words) > 1


@pytest.mark.parametrize(
    "words", [("nonsense",), ("diagnose", "--nonsense"), ("bench", "run"), ("diagnose", "--jobs", "0")]
)
def test_wrong_usage(cli: Cli, words: tuple[str, ...]) -> None:
    found = cli(*words)
    assert found.code == 2
    assert found.out == ""
    assert found.err.count("Error") == 1
    assert "Traceback" not in found.err


@pytest.fixture
def defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("two and two are five")

    monkeypatch.setattr(cli_main, "app", broken)
    monkeypatch.setattr(sys, "argv", ["genopraxis"])


@pytest.mark.usefixtures("defect")
def test_defect_is_one_message_and_no_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENOPRAXIS_DEBUG", raising=False)
    found = cli()
    assert found.code == 70
    assert found.out == ""
    assert found.err.count("error: ") == 1
    assert "RuntimeError" in found.err
    assert "two and two are five" not in found.err  # an error may quote a patient's file
    assert "GENOPRAXIS_DEBUG" in found.err
    assert "Traceback" not in found.err


@pytest.mark.usefixtures("defect")
def test_debug_shows_where(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOPRAXIS_DEBUG", "1")
    with pytest.raises(RuntimeError, match="five"):
        cli()


def test_interrupted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_main, "app", interrupted)
    found = cli()
    assert found.code == 130
    assert found.err.count("error: ") == 1


def test_reader_that_goes_away_is_no_error() -> None:
    import subprocess

    code = "from genopraxis.cli.main import main; main()"
    piped = f'{sys.executable} -c "{code}" tools show phenotype.likelihood | head -c 1 >/dev/null'
    script = f'{piped}; echo "${{PIPESTATUS[0]}}"'
    found = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert found.stdout.strip() == "0"
    assert found.stderr == ""
