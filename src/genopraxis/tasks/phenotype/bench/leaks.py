"""The leak detector of the phenotype task: which cases the annotations, the file itself or a tool's training know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl

from genopraxis.contracts.leakage import CANNOT_TELL, NOT_APPLICABLE, LeakReport
from genopraxis.contracts.ranking_bench import PreparedDataset, RankingCase
from genopraxis.contracts.scorecard import Notice
from genopraxis.contracts.tool import Tool
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE
from genopraxis.tasks.phenotype.bench.leak_counts import compare_counts
from genopraxis.tasks.phenotype.bench.leak_kinds import (
    COUNTS_EQUAL,
    DISEASE_ABSENT,
    DISEASE_NOT_STATED,
    ELSEWHERE,
    IN_ANNOTATIONS,
    KINDS,
    NO_TERMS,
    NOTHING_TO_COMPARE,
    OTHER_PUBLICATION,
    SAME_PUBLICATION,
    TWICE,
    LeakSheet,
)
from genopraxis.tasks.phenotype.bench.leak_training import declared, no_pubmed_id, note_training
from genopraxis.tasks.phenotype.patient_digest import patient_digest

_Compared = Mapping[tuple[str, str], tuple[int, int]]  # publication, disease → counts compared, of them equal


def find_leaks(
    prepared: PreparedDataset,
    knowledge: HpoKnowledge,
    counts: PublicationCounts,
    *,
    tools: Sequence[Tool],
    notices: Sequence[Notice] = (),
) -> LeakReport:
    """Look for every kind of leak in every case, in the order of the dataset.

    Parameters
    ----------
    counts
        What each publication's patients contributed.
    tools
        Asked for the cases that they were trained on.
    notices
        Handed on with the report.

    Raises
    ------
    PluginError
        When a tool cannot say what it was trained on.
    """
    asked = [declared(tool, prepared.dataset) for tool in tools]
    cases = prepared.dataset.cases
    pairs = {(case.group, d) for case in cases if case.group for d in case.truths.get(DISEASE, ())}
    compared, not_compared = compare_counts(pairs, knowledge, counts)
    by_pair = {
        (publication, disease_id): (n, equal)
        for publication, disease_id, n, equal in compared.group_by("publication", "subject_id")
        .agg(pl.len(), pl.col("equal").sum())
        .iter_rows()
    }
    sheet = LeakSheet()
    for case in cases:
        _note_knowledge(sheet, case, knowledge, by_pair)
    _note_twins(sheet, cases)
    for one in asked:
        note_training(sheet, cases, one)
    return LeakReport(
        kinds=tuple(kind for kind in KINDS if tools or kind.source != "training"),
        cases=sheet.table(),
        counts=compared,
        not_compared=not_compared,
        tools=tuple(one.training for one in asked),
        notices=tuple(notices),
    )


def _note_knowledge(
    sheet: LeakSheet, case: RankingCase, knowledge: HpoKnowledge, compared: _Compared
) -> None:
    cited = knowledge.annotations.rows_by_reference
    diseases = case.truths.get(DISEASE, ())
    own = {knowledge.diseases.number[d] for d in diseases if knowledge.annotates(d)}
    # the disease is asked first: where it has no annotation, none can hold the case, whatever its publication
    nowhere = (DISEASE_ABSENT if diseases else DISEASE_NOT_STATED) if not own else None
    unknown = no_pubmed_id(case, cited)
    citing = _citing(case, knowledge) if unknown is None else set()
    if nowhere is not None:
        sheet.note(case, IN_ANNOTATIONS, NOT_APPLICABLE, reason=nowhere)
    elif unknown is not None:
        sheet.note(case, IN_ANNOTATIONS, CANNOT_TELL, reason=unknown)
    else:
        sheet.looked_up(case, IN_ANNOTATIONS, _ids(citing & own, knowledge))
    if unknown is not None:
        sheet.note(case, ELSEWHERE, CANNOT_TELL, reason=unknown)
    else:
        sheet.looked_up(case, ELSEWHERE, _ids(citing - own, knowledge))
    _note_counts(sheet, case, compared, nowhere=nowhere, unknown=unknown)


def _note_counts(
    sheet: LeakSheet, case: RankingCase, compared: _Compared, *, nowhere: str | None, unknown: str | None
) -> None:
    if nowhere is not None:
        sheet.note(case, COUNTS_EQUAL, NOT_APPLICABLE, reason=nowhere)
        return
    if unknown is not None:
        sheet.note(case, COUNTS_EQUAL, CANNOT_TELL, reason=unknown)
        return
    found = {d: compared.get((case.group or "", d), (0, 0)) for d in case.truths[DISEASE]}
    n, equal = (sum(numbers) for numbers in zip(*found.values(), strict=True))
    if not n:
        sheet.note(case, COUNTS_EQUAL, NOT_APPLICABLE, reason=NOTHING_TO_COMPARE, compared=0, equal=0)
        return
    places = [disease_id for disease_id, (_, same) in found.items() if same]
    sheet.looked_up(case, COUNTS_EQUAL, places, compared=n, equal=equal)


def _note_twins(sheet: LeakSheet, cases: Sequence[RankingCase]) -> None:
    alike: dict[str, list[RankingCase]] = {}
    digests = {case.case_id: _digests(case) for case in cases}
    for case in cases:
        for one in digests[case.case_id]:
            alike.setdefault(one, []).append(case)
    for case in cases:
        if not digests[case.case_id]:
            sheet.note(case, TWICE, CANNOT_TELL, reason=NO_TERMS)
            continue
        others = [o for one in digests[case.case_id] for o in alike[one] if o.case_id != case.case_id]
        # a publication that is not stated may be any
        same = all(other.group == case.group and case.group is not None for other in others)
        reason = SAME_PUBLICATION if same else OTHER_PUBLICATION
        sheet.looked_up(case, TWICE, {other.case_id for other in others}, reason=reason)


def _digests(case: RankingCase) -> set[str]:
    """Return the digests of a case by its diseases, by its genes where no disease is stated; none without terms."""
    patient = case.content.patient
    answers = case.truths.get(DISEASE) or case.truths.get(GENE, ())
    return {patient_digest(patient, disease_id=answer) for answer in answers} if patient.features else set()


def _citing(case: RankingCase, knowledge: HpoKnowledge) -> set[int]:
    """Return the numbers of the diseases whose annotations cite the publication of a case."""
    cited = knowledge.annotations.rows_by_reference.get(case.group or "")
    return set() if cited is None else set(np.unique(knowledge.annotations.rows["disease"][cited]).tolist())


def _ids(numbers: Collection[int], knowledge: HpoKnowledge) -> list[str]:
    return [knowledge.diseases.ids[number] for number in numbers]
