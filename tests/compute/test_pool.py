"""One function over many items: in order, in bounds, and with the error that happened."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.errors import GenopraxisError, InputError


def square(n: int) -> int:
    time.sleep(0.002 * (n % 3))  # later ones may be done first
    return n * n


def process(_: int) -> int:
    return os.getpid()


def refuse(n: int) -> int:
    if n == 3:
        raise InputError("three is refused", where="item 3", hint="leave it out")
    return n


def defect(n: int) -> int:
    return 1 // (n - 3)


def die(n: int) -> int:
    if n == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("n", [0, 1, 2, 40])
def test_order_of_the_items(jobs: int, n: int) -> None:
    assert list(map_ordered(square, range(n), jobs=jobs)) == [i * i for i in range(n)]


def test_one_job_is_this_process_and_lazy() -> None:
    seen: list[int] = []

    def note(n: int) -> int:
        seen.append(n)
        return n

    results: Iterator[int] = map_ordered(note, [1, 2, 3])
    assert next(results) == 1
    assert seen == [1]
    assert set(map_ordered(process, range(3))) == {os.getpid()}


def test_two_jobs_are_other_processes() -> None:
    found = set(map_ordered(process, range(8), jobs=2))
    assert os.getpid() not in found
    assert 1 <= len(found) <= 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_error_of_an_item_keeps_its_words(jobs: int) -> None:
    with pytest.raises(InputError) as caught:
        list(map_ordered(refuse, range(6), jobs=jobs))
    error = caught.value
    assert (error.what, error.where, error.hint) == ("three is refused", "item 3", "leave it out")
    with pytest.raises(ZeroDivisionError):
        list(map_ordered(defect, range(6), jobs=jobs))


def test_killed_worker_is_one_clear_error() -> None:
    with pytest.raises(GenopraxisError, match="worker process died"):
        list(map_ordered(die, range(6), jobs=2))


def test_caller_may_stop_early() -> None:
    results = map_ordered(square, range(50), jobs=2)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]


def note(path: str) -> None:
    with open(path, "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write("x")
    time.sleep(0.05)


def test_what_was_not_begun_is_dropped_when_the_caller_stops(tmp_path: Path) -> None:
    log = tmp_path / "log"
    results = map_ordered(note, [str(log)] * 200, jobs=2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(log.read_text()) < 20


def interrupt_of(_: int) -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_worker_leaves_an_interrupt_to_its_parent() -> None:
    assert all(map_ordered(interrupt_of, range(4), jobs=2))


def test_killed_worker_says_how_far_it_came() -> None:
    with pytest.raises(GenopraxisError, match=r"after [0-9] of 6 items.*fewer --jobs"):
        list(map_ordered(die, range(6), jobs=2))
