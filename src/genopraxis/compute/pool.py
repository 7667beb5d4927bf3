"""Run one function over many items, here or in a pool of processes, results in order."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from genopraxis.contracts.errors import GenopraxisError

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ordered(
    function: Callable[[Item], Result], items: Sequence[Item], *, jobs: int = 1
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in the order of the items.

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
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(jobs, len(items)), mp_context=context) as pool:
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
                "a worker process died", hint="it may have run out of memory: use fewer --jobs"
            ) from error
