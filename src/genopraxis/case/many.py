"""One case or ten thousand: each gets its report and result, and all of them one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from genopraxis.case.cases_table import CASES, CasesTable
from genopraxis.case.load import LoadedCase
from genopraxis.case.one import Done, Ready, Work, run_one
from genopraxis.case.policy import RESEARCH_USE
from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.errors import RefusedError
from genopraxis.contracts.ports import Ports
from genopraxis.formats.files import ensure_writable_folder, safe_names
from genopraxis.formats.table_file import write_table
from genopraxis.knowledge.loading import knowledge_key
from genopraxis.plugins import AS_IT_IS
from genopraxis.tasks.phenotype.query import Exclusions

TABLE = "cases.parquet"


def run_cases(
    cases: Sequence[LoadedCase],
    *,
    out: Path,
    tool: str,
    release: str,
    settings: Mapping[str, str] = AS_IT_IS,
    exclusions: Exclusions = "systematic",
    top: int = 20,
    jobs: int = 1,
    ports: Ports = RESEARCH_USE,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Done]:
    """Run the case flow on each case and write ``out/<case>/report.html`` and ``result.json``.

    ``out/cases.parquet`` holds all ranked lists (:data:`CASES`); it is written last. Whatever happens to one case,
    the others go on.

    Parameters
    ----------
    tool
        Id of an installed tool of the phenotype task.
    release
        Name of the knowledge release.
    settings
        Parameters of the tool to change, as text.
    exclusions
        How excluded signs were chosen, see :func:`genopraxis.tasks.phenotype.query.prepare_query`.
    jobs
        Number of processes.
    ports
        Policy, recorder and representation. Finished cases are recorded here, in order; policy and representation
        go to the processes, so they must be picklable when there are several.
    advance
        Called with the number of cases done.

    Raises
    ------
    OutputError
        When ``out`` cannot be written to.
    GenopraxisError
        When tool or release cannot be used, or a process died.
    """
    ensure_writable_folder(out)
    # the table of an earlier run must not stand for cases of this one, should it be stopped
    with suppress(OSError):
        (out / TABLE).unlink(missing_ok=True)
    names = safe_names(case.name for case in cases if case.patient is not None)
    ready = Ready(
        tool=tool,
        settings=tuple(sorted(settings.items())),
        release=release,
        key=knowledge_key(release, library="local"),
        top=top,
        exclusions=exclusions,
    )
    work = [
        Work(
            case=case,
            folder=out / names.get(case.name, ""),
            ready=ready,
            policy=ports.policy,
            representation=ports.representation,
        )
        for case in cases
    ]
    done: list[Done] = []
    table = CasesTable()
    for one in map_ordered(run_one, work, jobs=jobs):
        done.append(one.done)
        table.add(one.rows)
        ports.recorder.record("case", _event(one.done, tool), one.provenance)
        advance(1)
    write_table(CASES, table.whole(), out / TABLE, metadata={"tool": tool, "knowledge": release})
    return done


def _event(done: Done, tool: str) -> dict[str, Any]:
    """Return what a recorder may know of a case: no path, no sign."""
    event = {"case_id": done.case_id, "outcome": done.outcome, "tool": tool}
    if isinstance(done.problem, RefusedError):
        event["refused"] = done.message
    elif done.problem is not None:
        event["problem"] = type(done.problem).__name__
    return event
