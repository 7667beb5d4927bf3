"""Run tools over prepared cases: rank of each truth and first candidates, and the cases in which a tool failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import uuid4

import polars as pl

from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.bench.truths import answers, join_truths
from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import InputError, PluginError
from genopraxis.contracts.plugin import Task, Tool
from genopraxis.contracts.ranking import CANDIDATE_COUNTS, RANKING
from genopraxis.contracts.ranking_bench import PreparedCase, PreparedDataset, RankedCases, RankingBench
from genopraxis.contracts.scorecard import Timing
from genopraxis.plugins import load_tool

_CHUNK = 200
_INSTANT = 1e-9  # a tool too fast for the clock


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolFailure:
    """A tool raised an error instead of an answer; the case counts as a miss."""

    tool: str
    version: str
    regime: str
    case_id: str
    message: str


@dataclass(frozen=True, kw_only=True)
class RankedTools:
    """The ``genopraxis.case-ranks/1`` table of some tools, their timing, and where they failed."""

    ranks: pl.DataFrame
    timing: tuple[Timing, ...]
    failures: tuple[ToolFailure, ...]


@dataclass(frozen=True, kw_only=True)
class _Chunk:
    """Work for one call: whole groups, so that a task changes its knowledge once for each."""

    run: str  # names the ready tool of a process, whoever else runs in it
    tool: Tool | str
    card: ToolCard
    port: RankingBench
    levels: tuple[str, ...]
    knowledge: str
    regimes: tuple[str, ...]
    cases: tuple[PreparedCase, ...]


@dataclass(frozen=True, kw_only=True)
class _ChunkResult:
    ranks: pl.DataFrame
    seconds: dict[str, float]
    failures: tuple[ToolFailure, ...]


def tool_of(tool: Tool | str, task: Task) -> Tool:
    """Return a tool of a task, loaded where only its id is given.

    Raises
    ------
    PluginError
        When it is not installed, or does not fulfil the contract of its task.
    InputError
        When it is a tool of another task.
    """
    found = load_tool(tool) if isinstance(tool, str) else tool
    right_task(found.card, task)
    if problems := task.tool_problems(found):
        raise PluginError(f"tool {found.card.id!r} does not fulfil its contract: {'; '.join(problems)}")
    return found


def right_task(card: ToolCard, task: Task) -> None:
    """Refuse the card of another task's tool.

    Raises
    ------
    InputError
        When the card is of another task.
    """
    if card.task != task.id:
        raise InputError(f"{card.id} is a tool of task {card.task!r}, not of {task.id!r}")


def rank_tools(
    prepared: PreparedDataset,
    *,
    task: Task,
    port: RankingBench,
    tools: Sequence[Tool | str],
    regimes: Sequence[str],
    jobs: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> RankedTools:
    """Run tools over prepared cases.

    A tool that raises an error in a case costs it that case, which counts as a miss.

    Parameters
    ----------
    tools
        Tools, or ids of installed ones. With several jobs a tool that is given itself is pickled; an id is
        loaded in each process.
    regimes
        What to take out of the knowledge before each case.
    jobs
        Number of processes.
    advance
        Called with the number of cases done, for a progress bar.
    """
    loaded = [tool_of(tool, task).card for tool in tools]
    run = uuid4().hex
    chunks = [
        _Chunk(
            run=f"{run}/{number}",
            tool=tool,
            card=card,
            port=port,
            levels=task.levels,
            knowledge=prepared.knowledge,
            regimes=tuple(regimes),
            cases=part,
        )
        for number, (tool, card) in enumerate(zip(tools, loaded, strict=True))
        for part in _parts(prepared.cases)
    ]
    frames: list[pl.DataFrame] = []
    failures: list[ToolFailure] = []
    seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
    try:
        for chunk, result in zip(chunks, map_ordered(_rank_chunk, chunks, jobs=jobs), strict=True):
            frames.append(result.ranks)
            failures += result.failures
            for regime, spent in result.seconds.items():
                seconds[chunk.card.id, regime] += spent
            advance(len(chunk.cases) * len(chunk.regimes))
    finally:
        _READY.forget()
    n = len(prepared.cases)
    return RankedTools(
        ranks=pl.concat(frames, rechunk=True) if frames else CASE_RANKS.empty(),
        timing=tuple(
            Timing(
                tool=tool,
                regime=regime,
                cases=n,
                seconds=spent,
                cases_per_second=n / max(spent, _INSTANT),
            )
            for (tool, regime), spent in seconds.items()
        ),
        failures=tuple(failures),
    )


def _parts(cases: Sequence[PreparedCase]) -> list[tuple[PreparedCase, ...]]:
    parts: list[tuple[PreparedCase, ...]] = []
    waiting: list[PreparedCase] = []
    for _, together in groupby(cases, key=lambda one: one.case.group):
        waiting += together
        if len(waiting) >= _CHUNK:
            parts.append(tuple(waiting))
            waiting = []
    return [*parts, tuple(waiting)] if waiting else parts


class _Ready:
    """The one tool that a process holds ready: preparing it again for each chunk would cost more than ranking."""

    def __init__(self) -> None:
        self._key = ""
        self._made: Any = None
        self._error: Exception | None = None

    def get(self, chunk: _Chunk) -> Any:
        if self._key != chunk.run:
            self.forget()
            self._key = chunk.run
            try:
                tool = load_tool(chunk.tool) if isinstance(chunk.tool, str) else chunk.tool
                self._made = chunk.port.ready(tool, knowledge=chunk.knowledge)
            except Exception as error:  # noqa: BLE001 - a tool of anybody's may raise anything
                self._error = error
        if self._error is not None:
            raise self._error
        return self._made

    def forget(self) -> None:
        self._key, self._made, self._error = "", None, None


_READY = _Ready()


def _rank_chunk(chunk: _Chunk) -> _ChunkResult:
    frames: list[pl.DataFrame] = []
    failures: list[ToolFailure] = []
    seconds: dict[str, float] = {}
    wanted = answers((one.case for one in chunk.cases), levels=chunk.levels)
    for regime in chunk.regimes:
        answered: list[RankedCases] = []
        for part in _answers(chunk, regime):
            if isinstance(part, ToolFailure):
                failures.append(part)
            else:
                answered.append(part)
        frames.append(
            join_truths(
                wanted,
                pl.concat([part.predictions for part in answered] or [RANKING.empty()]),
                pl.concat([part.candidates for part in answered] or [CANDIDATE_COUNTS.empty()]),
                tool=chunk.card.id,
                version=chunk.card.version,
                regime=regime,
            )
        )
        seconds[regime] = sum(part.seconds for part in answered)
    return _ChunkResult(ranks=pl.concat(frames), seconds=seconds, failures=tuple(failures))


def _answers(chunk: _Chunk, regime: str) -> list[RankedCases | ToolFailure]:
    """Ask for all cases at once; where that fails, case by case."""
    try:
        return [_ask(chunk, regime, chunk.cases)]
    except Exception:  # noqa: BLE001 - a tool of anybody's may raise anything
        return [_ask_one(chunk, regime, one) for one in chunk.cases]


def _ask_one(chunk: _Chunk, regime: str, one: PreparedCase) -> RankedCases | ToolFailure:
    try:
        return _ask(chunk, regime, (one,))
    except Exception as error:  # noqa: BLE001 - as above
        return ToolFailure(
            tool=chunk.card.id,
            version=chunk.card.version,
            regime=regime,
            case_id=one.case.case_id,
            message=f"{type(error).__name__}: {error}",
        )


def _ask(chunk: _Chunk, regime: str, cases: Sequence[PreparedCase]) -> RankedCases:
    ready = _READY.get(chunk)
    found = chunk.port.rank(ready, cases, regime=regime, top=TOP)
    RANKING.check(found.predictions, raise_errors=True, where=f"predictions of {chunk.card.id}")
    CANDIDATE_COUNTS.check(found.candidates, raise_errors=True, where=f"candidates of {chunk.card.id}")
    return found
