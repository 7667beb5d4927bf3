"""A whole bench run as one call: tools on a dataset, or the predictions of another program, to a scorecard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from genopraxis.bench.datasets import bench_of
from genopraxis.bench.external import read_predictions, read_tool_card
from genopraxis.bench.external_ranks import case_ranks
from genopraxis.bench.perturbations import SEED, chosen_perturbations, perturbations_text
from genopraxis.bench.rank_tools import ToolFailure, rank_tools, right_task
from genopraxis.bench.report import RunFacts, make_scorecard
from genopraxis.bench.run_inputs import allowed_dataset, distinct_tools
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.plugin import Task, Tool
from genopraxis.contracts.ports import DatasetGate, Recorder
from genopraxis.contracts.provenance import InputDigest
from genopraxis.contracts.ranking_bench import PreparedDataset, RankingBench, RankingDataset
from genopraxis.contracts.scorecard import Notice, Scorecard, Timing
from genopraxis.formats.files import digest
from genopraxis.knowledge.releases import EMBEDDED

_NAMED = 50  # a notice lists so many cases at most


@dataclass(frozen=True, kw_only=True)
class BenchRun:
    """Everything a run leaves.

    Parameters
    ----------
    card
        The figures.
    ranks
        The ``genopraxis.case-ranks/1`` table they were made from.
    strata
        The ``genopraxis.case-strata/1`` table.
    failures
        Where a tool raised an error; these cases count as misses.
    """

    card: Scorecard
    ranks: pl.DataFrame
    strata: pl.DataFrame
    failures: tuple[ToolFailure, ...] = ()


def run_bench(
    dataset: RankingDataset | Path | str,
    *,
    task: Task | str,
    tools: Sequence[Tool | str] = (),
    regimes: Sequence[str] = (),
    knowledge: str = EMBEDDED,
    counts: Path | None = None,
    perturbations: Mapping[str, float | None] | None = None,
    seed: int = SEED,
    jobs: int = 1,
    advance: Callable[[int], None] = lambda _: None,
    recorder: Recorder | None = None,
    gate: DatasetGate | None = None,
) -> BenchRun:
    """Run tools on a dataset and score them.

    Parameters
    ----------
    dataset
        What :func:`genopraxis.bench.datasets.open_dataset` returns, or what it takes.
    task
        The task, or its id.
    tools
        Tools of the task, or ids of installed ones; by default the task's own.
    regimes
        What to take out of the knowledge before each case; by default every regime of the task.
    knowledge
        Name of the knowledge release.
    counts
        A table of what each group contributed, where the dataset holds only a part of each.
    perturbations
        How to change what the tools see of each case: level by name, ``None`` where there is no level.
    seed
        Of what is drawn at random for it.
    jobs
        Number of processes.
    advance
        Called with the number of cases done, for a progress bar.
    recorder
        Where the finished run is noted down.
    gate
        Whether the dataset may be used for a benchmark; by default it may.

    Raises
    ------
    InputError
        When a name is not known, a file cannot be used, or a tool is of another task.
    PluginError
        When a tool does not fulfil its contract.
    RefusedError
        When the gate says so.
    """
    found, port = bench_of(task)
    cases = allowed_dataset(dataset, task=found, gate=gate)
    wanted = tools or ([found.default_tool] if found.default_tool else [])
    if not wanted:
        raise InputError("no tool is named", hint=f"task {found.id!r} has no default tool")
    cards = [tool.card for tool in distinct_tools(wanted, task=found)]
    chosen = chosen_regimes(port, regimes)
    prepared = port.prepare(
        cases,
        knowledge=knowledge,
        counts=None if counts is None else str(counts),
        perturbations=chosen_perturbations(port, perturbations or {}),
        seed=seed,
    )
    ranked = rank_tools(
        prepared, task=found, port=port, tools=wanted, regimes=chosen, jobs=jobs, advance=advance
    )
    return _finish(
        found,
        port,
        prepared,
        ranks=ranked.ranks,
        cards=cards,
        regimes=chosen,
        timing=ranked.timing,
        notices=_failed(ranked.failures),
        failures=ranked.failures,
        parameters={"jobs": jobs},
        inputs=() if counts is None else (digest(counts),),
        recorder=recorder,
    )


def score_predictions(
    dataset: RankingDataset | Path | str,
    *,
    task: Task | str,
    predictions: Path,
    card: ToolCard | Path,
    regime: str | None = None,
    knowledge: str = EMBEDDED,
    counts: Path | None = None,
    recorder: Recorder | None = None,
    gate: DatasetGate | None = None,
) -> BenchRun:
    """Score the predictions of another program.

    Parameters
    ----------
    predictions
        See :func:`genopraxis.bench.external.read_predictions`.
    card
        Its tool card, or the file that holds it.
    regime
        The regime in which the predictions were made; by default the first of the task, nothing taken out.
    counts
        As in :func:`run_bench`: for the strata and notices, which are about the dataset.
    dataset, task, knowledge, recorder, gate
        As in :func:`run_bench`.

    Raises
    ------
    InputError
        When a file cannot be used, or the tool card is of another task.
    RefusedError
        When the gate says so.
    """
    found, port = bench_of(task)
    tool = read_tool_card(card) if isinstance(card, Path) else card
    right_task(tool, found)
    (chosen,) = chosen_regimes(port, [regime or port.regimes[0].name])
    cases = allowed_dataset(dataset, task=found, gate=gate)
    prepared = port.prepare(cases, knowledge=knowledge, counts=None if counts is None else str(counts))
    ranks, notices = case_ranks(
        read_predictions(predictions, level=found.levels[0]),
        cases.cases,
        tool=tool.id,
        version=tool.version,
        regime=chosen,
    )
    return _finish(
        found,
        port,
        prepared,
        ranks=ranks,
        cards=[tool],
        regimes=[chosen],
        notices=notices,
        parameters={"predictions": predictions.name},
        inputs=[digest(path) for path in (predictions, counts) if path is not None],
        recorder=recorder,
    )


def chosen_regimes(port: RankingBench, given: Sequence[str]) -> list[str]:
    """Return the regimes to run: those given, each once, or all that the task offers.

    Raises
    ------
    InputError
        When the task does not offer one of them.
    """
    offered = [regime.name for regime in port.regimes]
    wanted = list(dict.fromkeys(given)) or offered
    for name in wanted:
        if name not in offered:
            raise InputError(
                f"there is no regime {name!r}", where="regime", hint=f"one of {', '.join(offered)}"
            )
    return wanted


def _finish(
    task: Task,
    port: RankingBench,
    prepared: PreparedDataset,
    *,
    ranks: pl.DataFrame,
    cards: Sequence[ToolCard],
    regimes: Sequence[str],
    notices: Sequence[Notice],
    parameters: dict[str, str | int],
    inputs: Sequence[InputDigest],
    recorder: Recorder | None,
    timing: Sequence[Timing] = (),
    failures: Sequence[ToolFailure] = (),
) -> BenchRun:
    strata = port.strata(prepared)
    card = make_scorecard(
        ranks,
        strata,
        task=task,
        facts=RunFacts(
            dataset=prepared.dataset.digest,
            datasheet=prepared.dataset.datasheet,
            regimes=port.regimes,
            perturbations=prepared.perturbations,
            seed=prepared.seed,
            timing=tuple(timing),
            holds_for={(tool.id, tool.version): tool.probability for tool in cards},
            notices=(*port.notices(prepared, regimes=regimes), *notices),
            releases=prepared.releases,
            inputs=tuple(inputs),
            parameters={
                "tools": " ".join(f"{tool.id} {tool.version}" for tool in cards),
                "regimes": " ".join(regimes),
                "knowledge": prepared.knowledge,
                **_perturbed(prepared),
                **parameters,
            },
        ),
    )
    if recorder is not None:
        payload = {
            "kind": "bench",
            "task": task.id,
            "dataset": prepared.dataset.digest.model_dump(mode="json"),
            "tools": [{"id": tool.id, "version": tool.version} for tool in cards],
            "regimes": list(regimes),
            "perturbations": [one.text for one in prepared.perturbations],
            "seed": prepared.seed,
            "failures": len(failures),
        }
        recorder.record("run", payload, card.provenance)
    return BenchRun(card=card, ranks=ranks, strata=strata, failures=tuple(failures))


def _perturbed(prepared: PreparedDataset) -> dict[str, str | int | None]:
    if not prepared.perturbations:
        return {}
    return {
        "perturbations": perturbations_text(prepared.perturbations),
        "perturbations.seed": prepared.seed,
    }


def _failed(failures: Sequence[ToolFailure]) -> list[Notice]:
    """Return one notice for each tool that raised an error."""
    notices = []
    for tool, version in dict.fromkeys((one.tool, one.version) for one in failures):
        own = [one for one in failures if (one.tool, one.version) == (tool, version)]
        cases = list(dict.fromkeys(one.case_id for one in own))
        notices.append(
            Notice(
                code="tool_failed",
                message=f"{tool} {version} raised an error in these cases, which count as misses for it. The first "
                f"({own[0].case_id}, {own[0].regime}): {own[0].message}",
                n=len(cases),
                cases=tuple(cases[:_NAMED]),
                cut=len(cases) > _NAMED,
            )
        )
    return notices
