"""A patient in the local library is diagnosed as if it were not in there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genopraxis.case.flow import CaseFlow
from genopraxis.case.left_out import without_own_record
from genopraxis.case.load import case_from_terms
from genopraxis.case.many import run_cases
from genopraxis.case.one import read_result
from genopraxis.case.result import CaseResult
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.loading import load_knowledge
from genopraxis.knowledge.local_cases import SolvedCase
from genopraxis.knowledge.local_library import LocalLibrary
from genopraxis.knowledge.releases import add_release
from genopraxis.plugins import load_tool

TOOL = "phenotype.likelihood"
SEIZURE, LENS, ARACHNODACTYLY, WEAKNESS = "HP:0001250", "HP:0001083", "HP:0001166", "HP:0001324"
MARFAN, DRAVET, NEW = "OMIM:154700", "OMIM:607208", "OMIM:999999"


def solved(case_id: str, *observed: str, diseases: tuple[str, ...] = (MARFAN,), **more) -> SolvedCase:
    return SolvedCase(case_id=case_id, disease_ids=diseases, observed=observed, **more)


CASES = (
    solved("é", LENS, ARACHNODACTYLY, excluded=(WEAKNESS,)),
    solved("b", LENS, "HP:9000001"),
    solved("c", LENS, diseases=(MARFAN, NEW), publication="PMID:5"),
    solved("d", SEIZURE, diseases=(DRAVET,)),
)


@pytest.fixture(autouse=True)
def library(tmp_path: Path, tiny: HpoKnowledge, monkeypatch: pytest.MonkeyPatch) -> LocalLibrary:
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "data"))
    add_release(tiny, name="tiny")
    made = LocalLibrary()
    made.add(CASES)
    return made


def held(knowledge: HpoKnowledge) -> set[tuple[object, ...]]:
    assert knowledge.library is not None
    return {
        (
            knowledge.library.references_by_row[int(row["row"])],
            knowledge.diseases.ids[disease],
            knowledge.ontology.ids[row["term"]],
            float(row["numerator"]),
            float(row["denominator"]),
        )
        for disease in range(len(knowledge.diseases.ids))
        for row in knowledge.library.of(disease)
    }


def prepared() -> tuple[CaseFlow, object]:
    loaded = load_knowledge("tiny", library="local")
    return CaseFlow(load_tool(TOOL).prepare(loaded.knowledge)), loaded.local


@pytest.mark.parametrize("case_id", ["é", "e\u0301", "b", "c", "d"])
def test_the_library_is_as_if_the_case_had_never_been_added(library: LocalLibrary, case_id: str) -> None:
    flow, local = prepared()
    before = held(flow.knowledge)
    without = without_own_record(flow, case_id, local)
    library.remove([case_id])
    expected = held(load_knowledge("tiny", library="local").knowledge)
    assert held(without.knowledge) == expected != before
    assert held(flow.knowledge) == before, "the flow of the other cases was changed"
    # only the diseases of the case are made anew
    of_case = {
        d for case in CASES for d in case.disease_ids if case.case_id == case_id.replace("e\u0301", "é")
    }
    assert {flow.knowledge.diseases.ids[d] for d in without.knowledge.library.replaced} == of_case


def test_a_case_that_is_not_in_there_costs_nothing() -> None:
    flow, local = prepared()
    assert without_own_record(flow, "other", local) is flow


def results(out: Path, **more) -> dict[str, CaseResult]:
    cases = [
        case_from_terms(case_id=case_id, observed=[LENS], excluded=[]) for case_id in ("other", "é", "last")
    ]
    done = run_cases(cases, out=out, tool=TOOL, release="tiny", **more)
    assert not [one.problem for one in done if one.problem]
    return {one.case_id: read_result(one.folder) for one in done if one.folder}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_result_says_so(tmp_path: Path, jobs: int) -> None:
    found = results(tmp_path / "out", jobs=jobs)
    told = {name: [r.message for r in one.repairs if r.code == "knowledge"] for name, one in found.items()}
    assert told["other"] == told["last"] == []
    assert len(told["é"]) == 1
    assert "left out" in told["é"][0]
    for one in found.values():
        assert one.provenance.releases[-1].name == "Local case library"


def test_a_library_that_changed_is_loaded_anew(tmp_path: Path, library: LocalLibrary) -> None:
    """Also within one process."""
    assert results(tmp_path / "out")["other"].provenance.releases[-1].version == "4 patient(s)"
    library.remove(["b"])
    assert results(tmp_path / "out")["other"].provenance.releases[-1].version == "3 patient(s)"
    library.remove([case.case_id for case in library.cases()])
    names = [r.name for r in results(tmp_path / "out")["other"].provenance.releases]
    assert "Local case library" not in names


def test_tools_that_know_no_library_answer_as_before(tiny: HpoKnowledge) -> None:
    """A disease that only the library describes is never a candidate of theirs."""
    case = case_from_terms(case_id="x", observed=[LENS, WEAKNESS], excluded=[SEIZURE])
    assert case.patient is not None
    for tool in (TOOL, "phenotype.resnik"):
        with_it, without = (
            CaseFlow(load_tool(tool).prepare(load_knowledge("tiny", library=choice).knowledge)).run(
                case.patient
            )
            for choice in ("local", "none")
        )
        assert NEW not in {c.disease_id for c in with_it.candidates}
        assert [c.disease_id for c in with_it.candidates] == [c.disease_id for c in without.candidates]
        scores = [[c.score for c in one.candidates] for one in (with_it, without)]
        assert np.allclose(*scores)
