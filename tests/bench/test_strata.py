"""Which strata a case belongs to, on the tiny release (annotations of 2025)."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from bench_cases import ARACHNODACTYLY, CASES, MARFAN, SEIZURE, line, read, write_lines

from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.bench.port import PhenotypeBench
from genopraxis.tasks.phenotype.bench.strata import case_strata, terms_group
from genopraxis.tasks.phenotype.task import TASK
from running import TINY

pytestmark = pytest.mark.usefixtures("tiny_release")


def table(tiny: HpoKnowledge, path: Path, *cases: dict) -> pl.DataFrame:
    dataset = read(write_lines(path / "cases.jsonl", cases))
    return case_strata(PhenotypeBench().prepare(dataset, knowledge=TINY, counts=None), tiny)


def strata(tiny: HpoKnowledge, path: Path, *cases: dict) -> dict[str, set[str]]:
    found = table(tiny, path, *cases)
    CASE_STRATA.check(found, raise_errors=True)
    return {case_id: set(f["stratum"]) for (case_id,), f in found.group_by("case_id")}


def test_leak(tiny: HpoKnowledge, tmp_path: Path) -> None:
    found = strata(tiny, tmp_path, *CASES)
    assert "leak=own publication cited" in found["marfan-1"]
    # a disease that nobody annotated cannot leak
    assert not [name for name in found["not-a-candidate"] if name.startswith("leak=")]
    assert "leak=publication not stated" in found["unpublished"]
    assert "leak=never leaked" in found["all-unknown"]
    assert "annotated=yes" in found["marfan-1"]
    assert "annotated=no" in found["not-a-candidate"]


def test_publication_of_another_disease_is_no_leak(tiny: HpoKnowledge, tmp_path: Path) -> None:
    found = strata(tiny, tmp_path, line("a", MARFAN, [SEIZURE], pmid="PMID:21"))
    assert "leak=never leaked" in found["a"]


def test_what_publication_out_leaves(tiny: HpoKnowledge, tmp_path: Path) -> None:
    found = strata(
        tiny,
        tmp_path,
        line("left", MARFAN, [ARACHNODACTYLY], pmid="PMID:11"),
        line("nothing", "OMIM:151660", [SEIZURE], pmid="PMID:41"),  # its only sign comes from there
        line("absent", "OMIM:999999", [SEIZURE], pmid="PMID:41"),
    )
    assert "knowledge_left=yes" in found["left"]
    assert "knowledge_left=no" in found["nothing"]
    assert "knowledge_left=no" in found["absent"]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"age": "P0D"}, "age=0 years"),
        ({"age": "P11M"}, "age=0 years"),
        ({"age": "P1Y"}, "age=1-11 years"),
        ({"age": "P12Y"}, "age=12-17 years"),
        ({"age": "P18Y"}, "age=18 years or more"),
        ({}, "age=unknown"),
        ({"sex": "FEMALE"}, "sex=female"),
        ({}, "sex=unknown"),
        ({"year_approx": 2000}, "year=until 2000"),
        ({"year_approx": 2001}, "year=2001-2010"),
        ({"year_approx": 2020}, "year=2016-2020"),
        ({"year_approx": 2024}, "year=since 2021"),
        ({"year_approx": 2024}, "time=published before the knowledge release"),
        ({"year_approx": 2025}, "time=published since the knowledge release"),
        ({}, "time=unknown"),
        ({}, "year=unknown"),
    ],
)
def test_sex_age_and_time(tiny: HpoKnowledge, tmp_path: Path, more: dict, wanted: str) -> None:
    assert wanted in strata(tiny, tmp_path, line("a", MARFAN, [SEIZURE], **more))["a"]


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        (0, "none"),
        (1, "1-3"),
        (3, "1-3"),
        (4, "4-7"),
        (7, "4-7"),
        (8, "8-15"),
        (15, "8-15"),
        (16, "16 or more"),
    ],
)
def test_groups_of_the_number_of_terms(terms: int, wanted: str) -> None:
    assert terms_group(terms) == wanted


@pytest.mark.parametrize(("terms", "wanted"), [(0, "none"), (3, "1-3"), (4, "4-7"), (8, "8-15")])
def test_number_of_terms_used(tiny: HpoKnowledge, tmp_path: Path, terms: int, wanted: str) -> None:
    # signs that imply no other
    ontology = tiny.ontology
    above = {int(a) for t in range(len(ontology.ids)) for a in ontology.ancestors(t) if int(a) != t}
    signs = [t for i, t in enumerate(ontology.ids) if ontology.is_phenotype[i] and i not in above][:terms]
    assert len(signs) == terms
    # an unknown term is not one that was used
    found = strata(tiny, tmp_path, line("a", MARFAN, [*signs, "HP:7777777"]))
    assert f"terms={wanted}" in found["a"]


def test_every_variable_has_one_stratum_a_case(tiny: HpoKnowledge, tmp_path: Path) -> None:
    for case_id, names in strata(tiny, tmp_path, *CASES).items():
        variables = [name.split("=")[0] for name in names]
        assert len(variables) == len(set(variables)), case_id
        assert set(variables) | {"leak"} == set(TASK.strata)
        assert ("leak" in variables) == ("annotated=yes" in names)


def test_no_stratum_is_named_like_a_level_or_a_regime() -> None:
    assert not set(TASK.strata) & {*TASK.levels, *(regime.name for regime in PhenotypeBench().regimes)}


def test_cases_are_grouped_by_publication(tiny: HpoKnowledge, tmp_path: Path) -> None:
    found = table(tiny, tmp_path, *CASES)
    by_case = dict(found.select("case_id", "publication").unique().iter_rows())
    assert by_case == {case["case_id"]: case["pmid"] for case in CASES}
    assert found.filter(pl.col("publication").is_null())["case_id"].unique().to_list() == ["unpublished"]
