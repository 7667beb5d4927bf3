"""Whole programs as child processes: CPU and wall time, and the most memory they held."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


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
        started = time.perf_counter()
        child = subprocess.Popen(
            list(command), stdout=stream, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})}
        )
        said = child.stderr.read() if child.stderr is not None else b""
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(command), stderr=said[-2000:])
    return Spent(cpu=used.ru_utime + used.ru_stime, wall=wall, megabytes=used.ru_maxrss / 1024)
