from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from rich.console import Console

from genopraxis.render import terminal
from genopraxis.render.terminal import TableColumn, fail, note, plain, progress, show, table, warn


def text_of(item: object) -> str:
    console = Console(width=80, no_color=True)
    with console.capture() as capture:
        console.print(item)
    return capture.get()


def test_cells_are_plain_text() -> None:
    shown = text_of(table("T [red]x[/red]", ["a", TableColumn(name="b", justify="right")], [["[bold]x", 1]]))
    assert "[red]x[/red]" in shown
    assert "[bold]x" in shown


def test_control_characters_never_reach_the_terminal() -> None:
    assert plain("a\x1b[31mb\x07\u202ec\nd").plain == "a [31mb c d"
    assert plain("a\x9b\u2028b\x7f").plain == "a  b"


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad", "\U000e0041"])
def test_invisible_characters_never_reach_the_terminal(letter: str) -> None:
    hidden = f"sei{letter}zure"
    assert plain(hidden).plain == "seizure"
    shown = text_of(table(hidden, [hidden], [[hidden]]))
    assert letter not in shown
    assert shown.count("seizure") == 3


def test_half_characters_are_shown_as_such() -> None:
    assert plain("caf\udce9.json").plain == "caf\N{REPLACEMENT CHARACTER}.json"


def test_what_can_be_read_stays() -> None:
    text = "Müller–Weiss, 患者, HP:0001250 ≥ 3 🙂"
    assert plain(text).plain == text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("errors", ["", ":strict"])
def test_a_terminal_of_any_encoding_shows_something(encoding: str, errors: str) -> None:
    code = (
        "from genopraxis.render.terminal import *\n"
        "show(table('T 患', ['≥ 3'], [['caf\\udce9 – 患者']])); show('→'); note('é'); warn('患'); fail('\\udce9')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding + errors, "PYTHONUTF8": "0"},
    )
    assert run.returncode == 0, run.stderr
    assert b"caf" in run.stdout
    assert run.stderr.count(b"\n") == 3


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="row 2 has 1 cells, wanted 2"):
        table(None, ["a", "b"], [[1, 2], [1]])


def test_messages_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    note("one [x]")
    warn("two")
    fail("three " + "long " * 60)
    show("result")
    out, err = capsys.readouterr()
    assert out == "result\n"
    assert err.splitlines()[:2] == ["note: one [x]", "warning: two"]
    assert len(err.splitlines()) == 3


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(3, "cases") as advance:
        advance(1)
        advance(2)
    assert capsys.readouterr() == ("", "")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_on_a_terminal_and_honours_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("sys.stderr", screen)
    with progress(3, "cases [x]") as advance:
        advance(3)
    terminal.warn("careful")
    assert "cases [x]" in screen.getvalue()
    assert "warning: careful" in screen.getvalue().replace("\x1b[0m", "")
    assert "\x1b[33m" not in screen.getvalue()
    assert "\x1b[38;" not in screen.getvalue()
