"""Whole programs as child processes: CPU and wall time, and the most memory they held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# what a process holds when it starts another counts as the other's: so the one that starts it is a small one
_STARTER = """
import json, os, subprocess, sys, time
began = time.perf_counter()
child = subprocess.Popen(sys.argv[1:])
_, status, used = os.wait4(child.pid, 0)
wall = time.perf_counter() - began
told = [used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)]
sys.stderr.write("\\n" + json.dumps(told))
"""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one run took: seconds of all its threads, seconds on the clock, MB resident at most."""

    cpu: float
    wall: float
    megabytes: float


def spent(
    command: Sequence[str], *, out: Path | None = None, environment: Mapping[str, str] | None = None
) -> Spent:
    """Run a command to its end; its standard output goes to ``out``, or nowhere.

    Raises
    ------
    subprocess.CalledProcessError
        When it fails; what it said is in the message.
    """
    with Path(os.devnull if out is None else out).open("wb") as stream:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _STARTER, *command],
            stdout=stream,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            check=True,
        )
    said, _, told = done.stderr.decode("utf-8", "replace").rpartition("\n")
    cpu, wall, megabytes, code = json.loads(told)
    if code:
        raise subprocess.CalledProcessError(code, list(command), stderr=said[-2000:])
    return Spent(cpu=cpu, wall=wall, megabytes=megabytes)
