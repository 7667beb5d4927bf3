"""One case in one process: its files are written here, and only what the others need comes back."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from genopraxis.case.cases_table import row_of_problem, rows_of
from genopraxis.case.flow import CaseFlow
from genopraxis.case.left_out import without_own_record
from genopraxis.case.load import LoadedCase
from genopraxis.case.report import render_report
from genopraxis.case.result import CaseResult, Outcome
from genopraxis.contracts.errors import GenopraxisError, InputError, OutputError, PluginError, RefusedError
from genopraxis.contracts.ports import Policy, Representation
from genopraxis.contracts.provenance import Provenance
from genopraxis.formats.files import atomic_file, ensure_writable_folder, read_text
from genopraxis.knowledge.loading import load_knowledge
from genopraxis.knowledge.publication_counts import Contribution
from genopraxis.plugins import load_tool
from genopraxis.tasks.phenotype.query import Exclusions
from genopraxis.tasks.phenotype.task import PhenotypeTool

REPORT, RESULT = "report.html", "result.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class First:
    """The leading candidate of a case, as a list of many cases shows it.

    Parameters
    ----------
    posterior
        ``None`` when there is none, or it holds for a solve rate that nobody stated.
    enough
        Whether enough is known of the patient to name a disease, as far as the tool can tell.
    """

    disease_id: str
    name: str
    genes: tuple[str, ...]
    posterior: float | None
    enough: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What became of one case. Its result is in its folder: :func:`read_result` reads it.

    Parameters
    ----------
    folder
        Holds report and result; ``None`` when there are none.
    message
        One sentence: what came out, or why nothing could.
    first
        The leading candidate, when there is one.
    problem
        Why the case was not run. A refused case has a problem and a report.
    """

    case_id: str
    outcome: Outcome
    message: str
    folder: Path | None = None
    first: First | None = None
    problem: GenopraxisError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One case and all that a process needs to run it."""

    case: LoadedCase
    folder: Path
    ready: Ready
    policy: Policy
    representation: Representation


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """What a prepared tool depends on; ``key`` changes with the bytes of the release and its libraries."""

    tool: str
    settings: tuple[tuple[str, str], ...]
    release: str
    key: str
    top: int
    exclusions: Exclusions


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """What comes back from a process: never a whole result."""

    done: Done
    rows: list[dict[str, Any]]
    provenance: Provenance | None = None


def read_result(folder: Path) -> CaseResult:
    """Read ``result.json`` of a case.

    Raises
    ------
    InputError
        When there is none, or it is damaged.
    """
    path = folder / RESULT
    try:
        raw = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"is not JSON: {error}", where=str(path), hint="run the case again") from error
    return CaseResult.from_mapping(raw, where=str(path))


@lru_cache(maxsize=2)
def _flow(ready: Ready) -> tuple[CaseFlow, Mapping[str, Contribution]]:
    """Return the prepared tool, one a process, and what each local patient gave to its case library."""
    loaded = load_knowledge(ready.release, library="local")
    tool = load_tool(ready.tool, settings=dict(ready.settings))
    if not isinstance(tool, PhenotypeTool):
        raise PluginError(f"{ready.tool} is not a tool of the phenotype task")
    try:
        ranker = tool.prepare(loaded.knowledge)
    except GenopraxisError:
        raise
    except Exception as error:
        raise PluginError(
            f"tool {ready.tool!r} cannot be prepared: {type(error).__name__}: {error}",
            where=f"knowledge release {ready.release}",
            hint="report it to the authors of the tool",
        ) from error
    flow = CaseFlow(
        ranker,
        top=ready.top,
        exclusions=ready.exclusions,
        notes=loaded.notes,
        solve_rate_local="solve_rate" in dict(ready.settings),
    )
    return flow, loaded.local


def run_one(work: Work) -> Finished:
    """Run one case and write its files, in whatever process this is; a problem of the case is an answer, no error.

    Raises
    ------
    GenopraxisError
        When tool or release cannot be used: no case can be run then.
    """
    case = work.case
    if case.patient is None:
        return _not_run(case.name, case.problem or InputError("there is no patient", where=case.name))
    case_id = case.patient.case_id
    prepared, local = _flow(work.ready)
    flow = prepared.under(policy=work.policy, representation=work.representation)
    try:
        if work.folder.is_symlink():
            raise OutputError("is a link, and results are not written through one", where=work.folder.name)
        ensure_writable_folder(work.folder).chmod(0o700)
        # a report of an earlier run must not stand for a case that fails today
        _clear(work.folder)
    except (GenopraxisError, OSError) as error:
        return _not_run(case_id, _as_output_error(error, work.folder))
    try:
        result = without_own_record(flow, case_id, local).run(
            case.patient, source=case.source, repairs=case.repairs
        )
    except GenopraxisError as error:
        return _not_run(case_id, error, folder=work.folder)
    except Exception as error:
        logging.getLogger(__name__).debug("tool failed", exc_info=True)
        problem = PluginError(
            f"tool {work.ready.tool!r} failed on this case: {type(error).__name__}: {error}",
            hint="report it to the authors of the tool",
        )
        return _not_run(case_id, problem, folder=work.folder)
    try:
        report, document = render_report(result), result.to_json()
        with atomic_file(work.folder / REPORT) as temporary:
            _private(temporary).write_text(report, encoding="utf-8")
        with atomic_file(work.folder / RESULT) as temporary:
            _private(temporary).write_text(document, encoding="utf-8")
    except (GenopraxisError, OSError) as error:
        return _not_run(case_id, _as_output_error(error, work.folder), folder=work.folder)
    except Exception as error:
        logging.getLogger(__name__).debug("report failed", exc_info=True)
        problem = PluginError(
            f"the result of tool {work.ready.tool!r} cannot be reported: {type(error).__name__}: {error}",
            hint="report it to the authors of the tool or of Genopraxis",
        )
        return _not_run(case_id, problem, folder=work.folder)
    return _finished(result, work.folder)


def _private(path: Path) -> Path:
    """Keep a patient's file from other users of the machine."""
    path.chmod(0o600)
    return path


def _finished(result: CaseResult, folder: Path) -> Finished:
    first = result.candidates[0] if result.candidates else None
    done = Done(
        case_id=result.case_id,
        outcome=result.outcome,
        message=result.message,
        folder=folder,
        first=First(
            disease_id=first.disease_id,
            name=first.name,
            genes=first.genes,
            posterior=first.posterior if result.probabilities_lead else None,
            enough=result.information != "too_little",
        )
        if first
        else None,
        problem=RefusedError(result.message) if result.outcome == "not_run" else None,
    )
    return Finished(done=done, rows=rows_of(result, folder=folder.name), provenance=result.provenance)


def _not_run(case_id: str, problem: GenopraxisError, *, folder: Path | None = None) -> Finished:
    if folder is not None:
        # half of what was to be written says less than nothing
        with suppress(OSError):
            _clear(folder)
            folder.rmdir()
    done = Done(case_id=case_id, outcome="not_run", message=str(problem), problem=problem)
    return Finished(done=done, rows=[row_of_problem(case_id, done.message)])


def _clear(folder: Path) -> None:
    for name in (REPORT, RESULT):
        (folder / name).unlink(missing_ok=True)


def _as_output_error(error: GenopraxisError | OSError, folder: Path) -> GenopraxisError:
    if isinstance(error, GenopraxisError):
        return error
    return OutputError(
        f"cannot be written: {error.strerror or error}", where=str(folder), hint="give another place"
    )
