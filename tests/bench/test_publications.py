"""Counts of each publication, and the table that carries them to a subset."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from bench_cases import ARACHNODACTYLY, LENS, MARFAN, SEIZURE
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PUBLICATION_COUNTS, Contribution, PublicationCounts
from genopraxis.testing import TableContractChecks


class TestTable(TableContractChecks):
    contract = PUBLICATION_COUNTS
    example = pl.DataFrame(
        [("PMID:1", "OMIM:1", "HP:0001250", 0, 2, 3)], schema=PUBLICATION_COUNTS.schema, orient="row"
    )


def one(publication: str | None, observed=(), excluded=(), diseases=("OMIM:1",)) -> Contribution:
    return Contribution(
        publication=publication, disease_ids=diseases, observed=tuple(observed), excluded=tuple(excluded)
    )


def test_counts_by_hand() -> None:
    counts = PublicationCounts.of(
        [
            one("PMID:1", [5, 6], [7]),
            one("PMID:1", [5], [6]),
            one("PMID:1", [5], [], diseases=("OMIM:1", "OMIM:2")),
            one("PMID:2", [5]),
            one(None, [5]),
        ]
    )
    assert counts.get("PMID:1", "OMIM:1", 5) == (3, 3)
    assert counts.get("PMID:1", "OMIM:1", 6) == (1, 2)
    assert counts.get("PMID:1", "OMIM:1", 7) == (0, 1)
    assert counts.get("PMID:1", "OMIM:1", 8) == (0, 0)
    assert counts.get("PMID:1", "OMIM:2", 5) == (1, 1)
    assert counts.get("PMID:3", "OMIM:1", 5) == (0, 0)
    assert counts.patients("PMID:1", "OMIM:1") == 3
    assert counts.patients("PMID:1", "OMIM:2") == 1
    assert counts.patients("PMID:3", "OMIM:1") == 0


_CASE = st.builds(
    one,
    st.sampled_from(["PMID:1", "PMID:2", None]),
    st.lists(st.integers(0, 31), max_size=5),
    st.lists(st.integers(0, 31), max_size=5),
    diseases=st.sampled_from([("OMIM:1",), ("OMIM:2",), ("OMIM:1", "OMIM:2")]),
)


@settings(max_examples=50, deadline=None)
@given(cases=st.lists(_CASE, max_size=15), parquet=st.booleans())
def test_table_round_trip(tiny: HpoKnowledge, tmp_path_factory, cases, parquet: bool) -> None:
    counts = PublicationCounts.of(cases)
    table = counts.table(tiny.ontology)
    PUBLICATION_COUNTS.check(table, raise_errors=True)
    assert (table["observed"] <= table["examined"]).all()
    path = tmp_path_factory.mktemp("table") / "publications"
    if parquet:
        table.write_parquet(path)
    else:
        table.write_csv(path, separator="\t")
    again = PublicationCounts.read(path, tiny.ontology)
    assert again.table(tiny.ontology).equals(table)
    for case in cases:
        for disease in case.disease_ids if case.publication else ():
            for term in (*case.observed, *case.excluded):
                key = (case.publication, disease, term)
                assert again.get(*key) == counts.get(*key)


def test_terms_of_another_release_are_resolved(tiny: HpoKnowledge, tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    path.write_text(
        "publication\tdisease_id\tterm_id\tobserved\texamined\tpatients\n"
        f"PMID:1\t{MARFAN}\tHP:0002279\t1\t2\t3\n"  # an alternative id of seizure
        f"PMID:1\t{MARFAN}\t{LENS}\t2\t3\t3\n"
        f"PMID:1\t{MARFAN}\tHP:7777777\t3\t3\t3\n"
    )
    counts = PublicationCounts.read(path, tiny.ontology)
    number = tiny.ontology.number
    assert counts.get("PMID:1", MARFAN, number[SEIZURE]) == (1, 2)
    assert counts.get("PMID:1", MARFAN, number[LENS]) == (2, 3)
    assert counts.get("PMID:1", MARFAN, number[ARACHNODACTYLY]) == (0, 0)
    assert counts.patients("PMID:1", MARFAN) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1 and then nothing",
        b"\x00\x01\x02\xff",
        b"publication\tdisease_id\nPMID:1\tOMIM:1\n",
        b"publication\tdisease_id\tterm_id\tobserved\texamined\tpatients\nP\tO\tHP:0001250\tmany\t2\t2\n",
        b"publication\tdisease_id\tterm_id\tobserved\texamined\tpatients\nP\tO\tHP:0001250\t-1\t2\t2\n",
        b"publication\tdisease_id\tterm_id\tobserved\texamined\tpatients\nP\tO\tHP:0001250\t1\t2\t2\nP\tO\tHP:0001250\t1\t2\t2\n",
        b"publication\tdisease_id\tterm_id\tobserved\texamined\tpatients\nP\tO\t\t1\t2\t2\n",
    ],
)
def test_what_is_no_such_table_is_one_clear_error(tiny: HpoKnowledge, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"p\.tsv"):
        PublicationCounts.read(path, tiny.ontology)
