"""Which cases of a dataset are known already, as one call: to a leak report, and to the cases that are clean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from genopraxis.bench.datasets import bench_of
from genopraxis.bench.leakage_document import MANY, Leakage, ToolStatement
from genopraxis.bench.leakage_page import render_leakage
from genopraxis.bench.leakage_shares import kind_shares, share, verdicts
from genopraxis.bench.run_inputs import allowed_dataset, distinct_tools
from genopraxis.contracts.errors import ContractError
from genopraxis.contracts.leakage import CASE_LEAKS, COMPARED_COUNTS, NO_TOOL, LeakReport, LeakSource
from genopraxis.contracts.plugin import Task, Tool
from genopraxis.contracts.ports import DatasetGate, Recorder
from genopraxis.contracts.provenance import InputDigest
from genopraxis.contracts.ranking_bench import PreparedDataset, RankingDataset
from genopraxis.formats.files import atomic_file, digest
from genopraxis.formats.table_file import write_table
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.provenance import current_provenance
from genopraxis.stats.resampling import RESAMPLES, SEED

LEAKAGE, CASES, COUNTS, PAGE = "leakage.json", "cases.parquet", "counts.parquet", "index.html"
CLEAN_LINES, CLEAN_IDS = "clean.jsonl", "clean.txt"
_LIBRARIES = ("numpy", "polars", "pydantic")


@dataclass(frozen=True, kw_only=True)
class FoundLeaks:
    """Everything that the leak detector leaves.

    Parameters
    ----------
    report
        The figures.
    cases
        The ``genopraxis.case-leaks/1`` table they were made from.
    counts
        The ``genopraxis.compared-counts/1`` table: the exact-count evidence.
    clean
        Ids of the clean cases, in the order of the dataset.
    """

    report: Leakage
    cases: pl.DataFrame
    counts: pl.DataFrame
    clean: tuple[str, ...]


def detect_leaks(
    dataset: RankingDataset | Path | str,
    *,
    task: Task | str,
    tools: Sequence[Tool | str] = (),
    knowledge: str = EMBEDDED,
    counts: Path | None = None,
    recorder: Recorder | None = None,
    gate: DatasetGate | None = None,
) -> FoundLeaks:
    """Look for cases that the knowledge, the dataset itself or the training of a tool knows already.

    Parameters
    ----------
    dataset
        What :func:`genopraxis.bench.datasets.open_dataset` returns, or what it takes.
    task
        The task, or its id.
    tools
        Tools of the task, or ids of installed ones, that are asked for their training data; none by default.
    knowledge, counts, recorder, gate
        As in :func:`genopraxis.bench.run.run_bench`.

    Raises
    ------
    InputError
        When a name is not known, a file cannot be used, or a tool is of another task.
    PluginError
        When a tool does not fulfil its contract, or cannot say what it was trained on.
    RefusedError
        When the gate says so.
    """
    found, port = bench_of(task)
    cases = allowed_dataset(dataset, task=found, gate=gate)
    asked = distinct_tools(tools, task=found)
    prepared = port.prepare(cases, knowledge=knowledge, counts=None if counts is None else str(counts))
    leaks = port.leaks(prepared, tools=asked)
    _check(leaks, prepared, task=found)
    report, clean = _report(leaks, prepared, task=found, inputs=() if counts is None else (digest(counts),))
    if recorder is not None:
        payload = {
            "kind": "leakage",
            "task": found.id,
            "dataset": cases.digest.model_dump(mode="json"),
            "tools": [{"id": tool.card.id, "version": tool.card.version} for tool in asked],
            "leaked": report.leaked.count,
            "clean": report.clean.count,
        }
        recorder.record("run", payload, report.provenance)
    return FoundLeaks(report=report, cases=leaks.cases, counts=leaks.counts, clean=clean)


def write_leaks(out: Path, found: FoundLeaks, *, lines: Iterable[bytes] | None) -> Leakage:
    """Write tables, clean subset and page, and the report last: where it stands, all is complete.

    Parameters
    ----------
    lines
        The clean cases as their file holds them, for ``clean.jsonl``; ``None``: their ids go into ``clean.txt``.

    Returns
    -------
    Leakage
        The report as it was written: with the digest of the clean subset.

    Raises
    ------
    OutputError
        When ``out`` cannot be written to.
    """
    (out / LEAKAGE).unlink(missing_ok=True)
    ids = (f"{case_id}\n".encode() for case_id in found.clean)
    name, other = (CLEAN_IDS, CLEAN_LINES) if lines is None else (CLEAN_LINES, CLEAN_IDS)
    sha256 = hashlib.sha256()
    with atomic_file(out / name) as temporary, temporary.open("wb") as stream:
        for line in ids if lines is None else lines:
            stream.write(line)
            sha256.update(line)
    # of an earlier run, perhaps of other cases
    (out / other).unlink(missing_ok=True)
    clean_file = InputDigest(name=name, sha256=sha256.hexdigest())
    report = found.report.model_copy(update={"clean_file": clean_file})
    metadata = {"provenance": report.provenance.to_json()}
    write_table(CASE_LEAKS, found.cases, out / CASES, metadata=metadata)
    write_table(COMPARED_COUNTS, found.counts, out / COUNTS, metadata=metadata)
    with atomic_file(out / PAGE) as temporary:
        temporary.write_text(render_leakage(report, found.cases, found.counts), encoding="utf-8")
    with atomic_file(out / LEAKAGE) as temporary:
        temporary.write_text(report.to_json(), encoding="utf-8")
    return report


def _check(leaks: LeakReport, prepared: PreparedDataset, *, task: Task) -> None:
    where = f"leaks of task {task.id}"
    CASE_LEAKS.check(leaks.cases, raise_errors=True, where=where)
    COMPARED_COUNTS.check(leaks.counts, raise_errors=True, where=where)
    wanted = {case.case_id for case in prepared.dataset.cases}
    by_kind = leaks.cases.group_by("kind", "tool").agg(pl.col("case_id").n_unique())
    asked = {(kind.name, tool) for kind in leaks.kinds for tool in _tools(leaks, kind.source)}
    if (
        set(leaks.cases["case_id"]) != wanted
        or set(by_kind.select("kind", "tool").iter_rows()) != asked
        or set(by_kind["case_id"]) != {len(wanted)}
    ):
        raise ContractError("not every case is there once for each kind of leak and tool", where=where)


def _tools(leaks: LeakReport, source: LeakSource) -> list[str]:
    return [one.card.id for one in leaks.tools] if source == "training" else [NO_TOOL]


def _report(
    leaks: LeakReport, prepared: PreparedDataset, *, task: Task, inputs: Sequence[InputDigest]
) -> tuple[Leakage, tuple[str, ...]]:
    dataset = prepared.dataset
    verdict = verdicts(leaks.cases)
    apart = verdicts(leaks.cases.filter(pl.col("tool") == NO_TOOL))
    report = Leakage(
        task=task.id,
        dataset=dataset.digest,
        datasheet=dataset.datasheet,
        knowledge=prepared.knowledge,
        kinds=tuple(
            kind_shares(leaks.cases, kind, tool=tool)
            for kind in leaks.kinds
            for tool in _tools(leaks, kind.source)
        ),
        leaked=share(verdict, pl.col("verdict") == "leaked"),
        cannot_tell=share(verdict, pl.col("verdict") == "cannot_tell"),
        clean=share(verdict, pl.col("verdict") == "clean"),
        clean_but_for_tools=apart.filter(pl.col("verdict") == "clean").height,
        counts_equal=share(leaks.counts, pl.col("equal")),
        counts_equal_of_many=share(
            leaks.counts.filter(pl.col("knowledge_examined") >= MANY), pl.col("equal")
        ),
        counts_not_compared=leaks.not_compared,
        tools=tuple(
            ToolStatement(
                tool=one.card.id,
                version=one.card.version,
                publications=one.publications,
                patients=one.patients,
                training_data=one.card.training_data,
                this_file=one.this_file,
            )
            for one in leaks.tools
        ),
        notices=leaks.notices,
        provenance=current_provenance(
            libraries=_LIBRARIES,
            parameters={
                "tools": " ".join(f"{one.card.id} {one.card.version}" for one in leaks.tools),
                "knowledge": prepared.knowledge,
                "bootstrap.resamples": RESAMPLES,
                "bootstrap.seed": SEED,
            },
            inputs=(InputDigest(name=dataset.digest.name, sha256=dataset.digest.sha256), *inputs),
            releases=prepared.releases,
        ),
    )
    clean = set(verdict.filter(pl.col("verdict") == "clean")["case_id"])
    return report, tuple(case.case_id for case in dataset.cases if case.case_id in clean)
