"""A patient who is in the local case library must not be found by its own record."""

from __future__ import annotations

from collections.abc import Mapping

from genopraxis.case.flow import CaseFlow
from genopraxis.knowledge.local_cases import case_key
from genopraxis.knowledge.publication_counts import Contribution
from genopraxis.tasks.phenotype.bench.regimes import CASE_OUT, CaseInKnowledge, replaced_library


def without_own_record(flow: CaseFlow, case_id: str, local: Mapping[str, Contribution]) -> CaseFlow:
    """Return a flow whose case library lacks the patient with this id; the same flow when it is not in there.

    Parameters
    ----------
    local
        What each local patient gave to the library of the flow's knowledge, by case id.
    """
    given = local.get(case_key(case_id))
    if given is None:
        return flow
    record = CaseInKnowledge(
        publication=given.publication,
        disease_ids=given.disease_ids,
        observed=given.observed,
        excluded=given.excluded,
    )
    rows = replaced_library(CASE_OUT, record, flow.knowledge)
    if not rows:
        return flow
    return flow.on(
        flow.knowledge.with_replaced({}, library=rows),
        note="the local case library holds a patient with this case id; it was left out for this case",
    )
