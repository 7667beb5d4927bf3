"""What may leave the site: pooled counts, and none from which a few patients can be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_cases_for_tests import (
    ARACHNODACTYLY,
    DISABILITY,
    DRAVET,
    LENS,
    MARFAN,
    MARFAN_ORPHA,
    SCOLIOSIS,
    SEIZURE,
    WEAKNESS,
    solved,
)

from genopraxis.contracts.errors import InputError
from genopraxis.formats.table_file import read_table, table_metadata
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.library_export import POOLED_COUNTS, Export, pooled, write_export
from genopraxis.knowledge.local_cases import SolvedCase
from genopraxis.provenance import current_provenance
from genopraxis.testing import TableContractChecks


class TestContract(TableContractChecks):
    contract = POOLED_COUNTS
    example = pl.DataFrame([(MARFAN, LENS, 5, 10)], schema=POOLED_COUNTS.schema, orient="row")


def group(n: int, *observed: str, excluded: Sequence[str] = (), tag: str = "p", **more) -> list[SolvedCase]:
    return [solved(f"{tag}{i}", *observed, excluded=tuple(excluded), **more) for i in range(n)]


def cells(export: Export) -> set[tuple[str, str, int, int]]:
    return set(export.table.iter_rows())


def test_counts_are_pooled_over_publications(tiny: HpoKnowledge) -> None:
    cases = group(3, LENS, tag="x", publication="PMID:1") + group(2, LENS, tag="y")
    made = pooled(cases, tiny.ontology)
    assert cells(made) == {(MARFAN, LENS, 5, 5)}
    assert made.table.columns == ["disease_id", "term_id", "observed", "examined"]


@pytest.mark.parametrize(
    ("with_sign", "without", "shown"),
    [
        (5, 5, True),
        (5, 0, True),
        (0, 5, True),
        (4, 0, False),  # too few examined
        (4, 6, False),  # small count
        (6, 4, False),  # examined minus observed is small
        (1, 9, False),
        (9, 1, False),
    ],
)
def test_small_numbers_are_suppressed(tiny: HpoKnowledge, with_sign: int, without: int, shown: bool) -> None:
    cases = group(with_sign, LENS, ARACHNODACTYLY, tag="w")
    cases += group(without, ARACHNODACTYLY, excluded=[LENS], tag="o")
    cases += group(10, SCOLIOSIS, tag="others")
    made = pooled(cases, tiny.ontology, min_patients=5)
    cell = (MARFAN, LENS, with_sign, with_sign + without)
    assert (cell in cells(made)) == shown
    expected = 3 if with_sign + without >= 5 else 1
    assert len(cells(made)) == expected - (not shown) * (with_sign + without >= 5)
    assert made.suppressed == 3 - len(cells(made))


def test_diseases_of_few_patients_are_left_out(tiny: HpoKnowledge) -> None:
    cases = group(5, LENS) + group(4, SEIZURE, disease=DRAVET, tag="d")
    made = pooled(cases, tiny.ontology)
    assert set(made.table["disease_id"]) == {MARFAN}
    assert (made.diseases_left_out, made.suppressed) == (1, 0)


def test_an_id_that_a_site_made_up_stays(tiny: HpoKnowledge) -> None:
    made = pooled(group(9, LENS, disease="CLINIC:Smith-family"), tiny.ontology)
    assert (made.table.height, made.diseases_left_out) == (0, 1)


def test_diseases_that_share_patients_cannot_be_subtracted(tiny: HpoKnowledge) -> None:
    """Seven patients with both ids and one with OMIM's alone: the difference would be the one."""
    cases = group(7, LENS, disease_ids=(MARFAN_ORPHA, MARFAN)) + group(1, excluded=[LENS], tag="alone")
    made = pooled([*cases, *group(5, LENS, disease=MARFAN_ORPHA, tag="orpha")], tiny.ontology)
    assert cells(made) == {(MARFAN_ORPHA, LENS, 5, 5)}
    assert made.suppressed == 1


@pytest.mark.parametrize("least", [1, 0, -3])
def test_single_patients_are_never_shown(tiny: HpoKnowledge, least: int) -> None:
    with pytest.raises(InputError, match="2 is the least"):
        pooled([], tiny.ontology, min_patients=least)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), least=st.integers(2, 6))
def test_no_small_number_can_be_read_or_computed(tiny: HpoKnowledge, data: st.DataObject, least: int) -> None:
    signs = st.sets(st.sampled_from([LENS, ARACHNODACTYLY, WEAKNESS, DISABILITY, SEIZURE]), max_size=4)
    diseases = st.sets(st.sampled_from([MARFAN, MARFAN_ORPHA, DRAVET]), min_size=1)
    cases = [
        SolvedCase(
            case_id=str(i),
            disease_ids=tuple(data.draw(diseases)),
            observed=tuple(data.draw(signs)) or (LENS,),
            excluded=tuple(data.draw(signs)),
        )
        for i in range(data.draw(st.integers(0, 25)))
    ]
    made = pooled(cases, tiny.ontology, min_patients=least)
    POOLED_COUNTS.check(made.table, raise_errors=True)
    for _, _, observed, examined in cells(made):
        assert examined >= least
        assert all(n == 0 or n >= least for n in (observed, examined - observed))
    # every patient is in the cells of one disease at most
    shown = Counter(term for _, term, _, _ in cells(made))
    for term in shown:
        total = sum(examined for _, t, _, examined in cells(made) if t == term)
        assert total <= len(cases)


@pytest.mark.parametrize("name", ["out.parquet", "out.tsv", "OUT.TSV"])
def test_a_file_says_how_it_was_made_and_names_no_case(tiny: HpoKnowledge, tmp_path: Path, name: str) -> None:
    cases = group(6, LENS, tag="SECRET-", publication="PMID:424242", genes=("FBN1",))
    made = pooled(cases, tiny.ontology)
    provenance = current_provenance(parameters={"min_patients": 5}, releases=tiny.releases)
    write_export(made, tmp_path / name, provenance=provenance)
    raw = (tmp_path / name).read_bytes()
    assert b"SECRET" not in raw
    assert b"424242" not in raw
    if name.endswith("parquet"):
        assert read_table(POOLED_COUNTS, tmp_path / name).equals(made.table)
        stated = table_metadata(tmp_path / name)["provenance"]
    else:
        schema, stated, *_ = raw.decode().splitlines()
        assert schema == "# schema: genopraxis.pooled-counts/1"
        stated = stated.removeprefix("# provenance: ")
        read = pl.read_csv(
            tmp_path / name, separator="\t", comment_prefix="#", schema_overrides=POOLED_COUNTS.schema
        )
        assert read.equals(made.table)
    found = json.loads(stated)
    assert found["parameters"] == {"min_patients": 5}
    assert found["inputs"] == []
    assert found["releases"][0]["version"]


def test_a_name_without_a_format_is_refused(tiny: HpoKnowledge, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.parquet or \.tsv"):
        write_export(
            pooled([], tiny.ontology), tmp_path / "out.xlsx", provenance=current_provenance(parameters={})
        )
    assert not list(tmp_path.iterdir())
