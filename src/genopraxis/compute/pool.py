"""Run one function over many items, here or in a pool of processes, results in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import TypeVar

from genopraxis.contracts.errors import GenopraxisError

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ordered(
    function: Callable[[Item], Result], items: Sequence[Item], *, jobs: int = 1
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in the order of the items.

    When the caller stops early, is interrupted or an item raises, items that were not begun are dropped; those
    that are running come to their end, so that nothing is half-written, and the processes end.

    Parameters
    ----------
    function
        A module-level function; with more than one job it is pickled.
    jobs
        Number of processes. 1 runs in this process. Processes are spawned, not forked: the threads of polars
        do not survive a fork.

    Raises
    ------
    GenopraxisError
        When a worker process died (killed, or out of memory).
    """
    if jobs <= 1 or len(items) <= 1:
        for item in items:
            yield function(item)
        return
    pool = ProcessPoolExecutor(
        max_workers=min(jobs, len(items)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
    )
    waiting: dict[Future[Result], int] = {}
    done: dict[int, Result] = {}
    following, given = 0, 0
    try:
        while following < len(items):
            # a bounded number in flight keeps memory flat over a long list
            while given < len(items) and len(waiting) < 2 * jobs and given - following < 8 * jobs:
                waiting[pool.submit(function, items[given])] = given
                given += 1
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                done[waiting.pop(future)] = future.result()
            while following in done:
                yield done.pop(following)
                following += 1
    except BrokenProcessPool as error:
        raise GenopraxisError(
            f"a worker process died after {following} of {len(items)} items",
            hint="it may have run out of memory, or been killed: use fewer --jobs, and run it again",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Leave an interrupt to the parent, which ends the work in order; and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
