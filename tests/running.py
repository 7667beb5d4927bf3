"""Run the command line in a test; fixtures that ``conftest.py`` of a folder imports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from genopraxis.cli.main import main
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import add_release

TINY = "tiny"


@dataclass(frozen=True)
class Finished:
    """What a run of the command line left."""

    code: int
    out: str
    err: str

    def refused(self, *words: str) -> Finished:
        """Check that it was one clear error of the user's, with these words in it."""
        assert self.code == 2, f"exit code {self.code}: {self.err or self.out}"
        assert "Traceback" not in self.err + self.out
        assert "defect" not in self.err
        assert self.err.count("error: ") == 1, self.err
        for word in words:
            assert word in self.err, f"{word!r} is not in: {self.err}"
        return self

    def done(self) -> Finished:
        """Check that it went well."""
        assert self.code == 0, f"exit code {self.code}: {self.err or self.out}"
        assert "error: " not in self.err, self.err
        assert "Traceback" not in self.err + self.out
        return self


Cli = Callable[..., Finished]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """The command line in this process: as in a pipe, wide enough that no id is folded."""
    monkeypatch.setenv("COLUMNS", "220")

    def run(*arguments: object) -> Finished:
        monkeypatch.setattr(sys, "argv", ["genopraxis", *map(str, arguments)])
        capfd.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        found = capfd.readouterr()
        return Finished(
            code=code if isinstance(code, int) else 0 if code is None else 1, out=found.out, err=found.err
        )

    return run


def cli_process(*arguments: object, cwd: Path | None = None, **environment: str) -> Finished:
    """The command line in a process of its own."""
    found = subprocess.run(
        [sys.executable, "-c", "from genopraxis.cli.main import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ | {"COLUMNS": "220"} | environment,
        check=False,
    )
    return Finished(code=found.returncode, out=found.stdout, err=found.stderr)


@pytest.fixture(scope="session")
def tiny_release(tiny: HpoKnowledge, session_folders: dict[str, Path]) -> str:
    """The release of ``tests/tiny.py`` under a name, as ``--knowledge`` takes it."""
    add_release(tiny, name=TINY)
    return TINY


Install = Callable[[Mapping[str, Mapping[str, str]], Path], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make a package visible as pip would, without pip: its code and its entry points on the path."""

    def make(entry_points: Mapping[str, Mapping[str, str]], code: Path) -> None:
        site = tmp_path / "site"
        info = site / "genopraxis_plugin_for_test-0.1.0.dist-info"
        info.mkdir(parents=True)
        lines = []
        for group, points in entry_points.items():
            lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: genopraxis-plugin-for-test\nVersion: 0.1.0\n", encoding="utf-8"
        )
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.syspath_prepend(str(code))

    return make
