"""Cases that a tool was trained on: its declared publications and patients, looked up case by case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from genopraxis.contracts.errors import PluginError
from genopraxis.contracts.leakage import CANNOT_TELL, NOT_APPLICABLE, NOT_DECLARED, LeakKind, ToolTraining
from genopraxis.contracts.ranking_bench import RankingCase, RankingDataset
from genopraxis.contracts.tool import Tool
from genopraxis.contracts.training import TrainingTrace
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.leak_kinds import (
    DISEASE_NOT_STATED,
    NO_CASES_DECLARED,
    NO_TERMS,
    NOT_PUBMED,
    NOT_STATED,
    NOTHING_FITTED,
    TRAINED_ON_FILE,
    TRAINING_PATIENT,
    TRAINING_PUBLICATION,
    LeakSheet,
)
from genopraxis.tasks.phenotype.patient_digest import patient_digest
from genopraxis.tasks.phenotype.task import PhenotypeTool


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a tool says of its training, and the cases that it names."""

    training: ToolTraining
    trace: TrainingTrace | None


def declared(tool: Tool, dataset: RankingDataset) -> Declared:
    """Ask a tool on which cases it was trained.

    Raises
    ------
    PluginError
        When it is not a tool of this task, or its answer is none.
    """
    if not isinstance(tool, PhenotypeTool):
        raise PluginError(f"{tool.card.id} is not a tool of the phenotype task")
    try:
        trace = tool.trained_on()
    except Exception as error:
        raise PluginError(
            f"tool {tool.card.id!r} cannot say what it was trained on: {type(error).__name__}: {error}",
            hint="its trained_on() must return a TrainingTrace, or None",
        ) from error
    if trace is not None and not isinstance(trace, TrainingTrace):
        raise PluginError(
            f"tool {tool.card.id!r} says what it was trained on as {type(trace).__name__}",
            hint="its trained_on() must return a TrainingTrace, or None",
        )
    files = {dataset.digest.sha256}
    files |= {file.sha256 for file in dataset.datasheet.files} if dataset.datasheet else set()
    training = ToolTraining(
        card=tool.card,
        publications=None if trace is None else len(trace.publications),
        patients=None if trace is None else len(trace.patients),
        this_file=any(data.sha256 in files for data in tool.card.training_data),
    )
    return Declared(training=training, trace=trace)


def note_training(sheet: LeakSheet, cases: Sequence[RankingCase], tool: Declared) -> None:
    """Note for each case whether its publication, or its patient, is among those a tool was trained on."""
    trace, name = tool.trace, tool.training.card.id
    if trace is None:
        outcome, reason = _undeclared(tool.training)
        for case in cases:
            for kind in (TRAINING_PUBLICATION, TRAINING_PATIENT):
                sheet.note(case, kind, outcome, reason=reason, tool=name)
        return
    for case in cases:
        if trace.patients and not trace.publications:
            _not_declared(sheet, case, TRAINING_PUBLICATION, name)
        elif (why := no_pubmed_id(case, trace.publications)) is not None:
            sheet.note(case, TRAINING_PUBLICATION, CANNOT_TELL, reason=why, tool=name)
        else:
            sheet.looked_up(case, TRAINING_PUBLICATION, {case.group or ""} & trace.publications, tool=name)
        if trace.publications and not trace.patients:
            _not_declared(sheet, case, TRAINING_PATIENT, name)
        elif (why := no_patient(case)) is not None:
            sheet.note(case, TRAINING_PATIENT, CANNOT_TELL, reason=why, tool=name)
        else:
            digests = {patient_digest(case.content.patient, disease_id=d) for d in case.truths[DISEASE]}
            sheet.looked_up(case, TRAINING_PATIENT, digests & trace.patients, tool=name)


def no_pubmed_id(case: RankingCase, known: Collection[str]) -> str | None:
    """Return why a case's publication cannot be looked up among others; ``None`` when it can.

    Parameters
    ----------
    known
        What it is looked up in: one that is there as it is written needs no PubMed id.
    """
    if case.group is None:
        return NOT_STATED
    return None if case.group.startswith("PMID:") or case.group in known else NOT_PUBMED


def no_patient(case: RankingCase) -> str | None:
    """Return why the patient of a case cannot be known again; ``None`` when it can."""
    if DISEASE not in case.truths:
        return DISEASE_NOT_STATED
    return None if case.content.patient.features else NO_TERMS


def _undeclared(tool: ToolTraining) -> tuple[str, str]:
    if tool.this_file:
        return CANNOT_TELL, TRAINED_ON_FILE
    if not tool.card.training_data:
        return NOT_APPLICABLE, NOTHING_FITTED
    return NOT_DECLARED, NO_CASES_DECLARED


def _not_declared(sheet: LeakSheet, case: RankingCase, kind: LeakKind, tool: str) -> None:
    sheet.note(case, kind, NOT_DECLARED, reason=NO_CASES_DECLARED, tool=tool)
