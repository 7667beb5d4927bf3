"""One case or ten thousand: each gets its report and result, and all of them one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from genopraxis.case.flow import CaseFlow
from genopraxis.case.load import LoadedCase
from genopraxis.case.report import render_report
from genopraxis.case.result import CaseResult
from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.errors import GenopraxisError, PluginError
from genopraxis.contracts.table import Column, TableContract
from genopraxis.formats.files import atomic_file, ensure_writable_folder, safe_names
from genopraxis.knowledge.releases import load_release
from genopraxis.plugins import load_tool
from genopraxis.tasks.phenotype.task import PhenotypeTool

REPORT, RESULT = "report.html", "result.json"

CASES = TableContract(
    name="cases",
    version=1,
    description="Ranked diseases of every case; a case that could not be ranked has one row without a disease.",
    columns=(
        Column(name="case_id", dtype=pl.String, description="identifier of the case"),
        Column(
            name="outcome",
            dtype=pl.String,
            description="what became of the case",
            allowed=("ranked", "no_phenotype_given", "not_run"),
        ),
        Column(name="message", dtype=pl.String, description="one sentence; for not_run the reason"),
        Column(name="folder", dtype=pl.String, description="folder of its report", nullable=True),
        Column(name="rank", dtype=pl.Float64, description="1 is first", nullable=True, minimum=1),
        Column(name="disease_id", dtype=pl.String, description="catalogue id", nullable=True),
        Column(name="disease_name", dtype=pl.String, description="name", nullable=True),
        Column(
            name="posterior", dtype=pl.Float64, description="probability", nullable=True, minimum=0, maximum=1
        ),
        Column(name="log10_likelihood_ratio", dtype=pl.Float64, description="log10", nullable=True),
        Column(name="genes", dtype=pl.List(pl.String), description="linked genes", nullable=True),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of one case."""

    case_id: str
    folder: Path | None = None
    result: CaseResult | None = None
    problem: GenopraxisError | None = None


@dataclass(frozen=True, kw_only=True)
class _Work:
    case: LoadedCase
    folder: Path
    tool: str
    release: str
    top: int


def run_cases(
    cases: Sequence[LoadedCase],
    *,
    out: Path,
    tool: str,
    release: str,
    top: int = 20,
    jobs: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Done]:
    """Run the case flow on each case and write ``out/<case>/report.html`` and ``result.json``.

    With more than one case, ``out/cases.parquet`` holds all ranked lists (:data:`CASES`).

    Parameters
    ----------
    tool
        Id of an installed tool of the phenotype task.
    release
        Name of the knowledge release.
    jobs
        Number of processes.
    advance
        Called with the number of cases done.

    Raises
    ------
    OutputError
        When ``out`` cannot be written to.
    """
    ensure_writable_folder(out)
    names = safe_names(case.name for case in cases if case.patient is not None)
    work = [
        _Work(case=case, folder=out / names.get(case.name, ""), tool=tool, release=release, top=top)
        for case in cases
    ]
    done: list[Done] = []
    for one in map_ordered(_run_one, work, jobs=jobs):
        done.append(one)
        advance(1)
    if len(done) > 1:
        with atomic_file(out / "cases.parquet") as temporary:
            cases_table(done).write_parquet(temporary)
    return done


def cases_table(done: Sequence[Done]) -> pl.DataFrame:
    """Return the ranked lists of all cases as one :data:`CASES` table."""
    rows: list[dict[str, Any]] = []
    for one in done:
        shared = {"case_id": one.case_id, "folder": one.folder.name if one.folder else None}
        if one.result is None:
            rows.append(shared | {"outcome": "not_run", "message": str(one.problem)})
            continue
        shared |= {"outcome": one.result.outcome, "message": one.result.message}
        rows += [
            shared
            | {
                "rank": c.rank,
                "disease_id": c.disease_id,
                "disease_name": c.name,
                "posterior": c.posterior,
                "log10_likelihood_ratio": c.log10_likelihood_ratio,
                "genes": list(c.genes),
            }
            for c in one.result.candidates
        ] or [shared]
    table = pl.DataFrame(rows, schema=CASES.schema)
    CASES.check(table, raise_errors=True)
    return table


@lru_cache(maxsize=2)
def _flow(tool_id: str, release: str, top: int) -> CaseFlow:
    """One prepared tool a process."""
    loaded = load_release(release)
    tool = load_tool(tool_id)
    if not isinstance(tool, PhenotypeTool):
        raise PluginError(f"{tool_id} is not a tool of the phenotype task")
    return CaseFlow(tool.prepare(loaded.knowledge), top=top, notes=loaded.notes)


def _run_one(work: _Work) -> Done:
    case = work.case
    if case.patient is None:
        return Done(case_id=case.name, problem=case.problem)
    flow = _flow(work.tool, work.release, work.top)
    try:
        ensure_writable_folder(work.folder)
        # a report of an earlier run must not stand for a case that fails today
        for name in (REPORT, RESULT):
            (work.folder / name).unlink(missing_ok=True)
        result = flow.run(case.patient, source=case.source, repairs=case.repairs)
        with atomic_file(work.folder / REPORT) as temporary:
            temporary.write_text(render_report(result), encoding="utf-8")
        with atomic_file(work.folder / RESULT) as temporary:
            temporary.write_text(result.to_json(), encoding="utf-8")
    except GenopraxisError as error:
        return Done(case_id=case.patient.case_id, problem=error)
    return Done(case_id=case.patient.case_id, folder=work.folder, result=result)
