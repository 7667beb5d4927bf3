"""Which strata a case belongs to, on the tiny release (annotations of 2025)."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from bench_cases import ARACHNODACTYLY, CASES, MARFAN, SEIZURE, line, write_lines

from genopraxis.bench.dataset import read_dataset
from genopraxis.bench.prepare import prepare_dataset, strata_of
from genopraxis.bench.tables import CASE_STRATA
from genopraxis.knowledge.hpo import HpoKnowledge


def strata(tiny: HpoKnowledge, path: Path, *cases: dict) -> dict[str, set[str]]:
    prepared, counts = prepare_dataset(read_dataset(write_lines(path / "cases.jsonl", cases)), tiny)
    found = strata_of(prepared, tiny, counts)
    CASE_STRATA.check(found, raise_errors=True)
    return {case_id: set(f["stratum"]) for (case_id,), f in found.group_by("case_id")}


def test_leak(tiny: HpoKnowledge, tmp_path: Path) -> None:
    found = strata(tiny, tmp_path, *CASES)
    assert "leak=own publication cited" in found["marfan-1"]
    assert "leak=disease absent" in found["not-a-candidate"]
    assert "leak=publication not stated" in found["unpublished"]
    assert "leak=never leaked" in found["all-unknown"]
    assert "disease=annotated" in found["marfan-1"]
    assert "disease=absent from the knowledge" in found["not-a-candidate"]


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
    assert "publication-out=knowledge left" in found["left"]
    assert "publication-out=nothing left" in found["nothing"]
    assert "publication-out=nothing left" in found["absent"]


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
    [(0, "none"), (1, "1-3"), (3, "1-3"), (4, "4-7"), (7, "4-7"), (8, "8-15"), (16, "16 or more")],
)
def test_number_of_terms_used(tiny: HpoKnowledge, tmp_path: Path, terms: int, wanted: str) -> None:
    signs = [t for i, t in enumerate(tiny.ontology.ids) if tiny.ontology.is_phenotype[i]][:terms]
    # an unknown term is not one that was used
    found = strata(tiny, tmp_path, line("a", MARFAN, [*signs, "HP:7777777"]))
    assert f"terms={wanted}" in found["a"]


def test_every_variable_has_one_stratum_a_case(tiny: HpoKnowledge, tmp_path: Path) -> None:
    for case_id, names in strata(tiny, tmp_path, *CASES).items():
        variables = [name.split("=")[0] for name in names]
        assert len(variables) == len(set(variables)), case_id
        assert set(variables) == {"leak", "disease", "terms", "sex", "age", "year", "time", "publication-out"}


def test_cases_are_grouped_by_publication(tiny: HpoKnowledge, tmp_path: Path) -> None:
    prepared, counts = prepare_dataset(read_dataset(write_lines(tmp_path / "cases.jsonl")), tiny)
    found = strata_of(prepared, tiny, counts)
    by_case = dict(found.select("case_id", "publication").unique().iter_rows())
    assert by_case == {case["case_id"]: case["pmid"] for case in CASES}
    assert found.filter(pl.col("publication").is_null())["case_id"].unique().to_list() == ["unpublished"]
