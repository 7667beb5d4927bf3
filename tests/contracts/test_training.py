"""What a tool declares of its training: entries that can be looked up, and a table that carries them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.errors import ContractError
from genopraxis.contracts.leakage import CASE_LEAKS, COMPARED_COUNTS
from genopraxis.contracts.training import TRAINING_TRACE, TrainingTrace
from genopraxis.formats.table_file import read_table, write_table
from genopraxis.testing import TableContractChecks

DIGEST = "0123456789abcdef"


class TestTraceTable(TableContractChecks):
    contract = TRAINING_TRACE
    example = pl.DataFrame(
        [("patient", DIGEST), ("publication", "PMID:1")], schema=TRAINING_TRACE.schema, orient="row"
    )


class TestLeaksTable(TableContractChecks):
    contract = CASE_LEAKS
    example = pl.DataFrame(
        [
            ("a", "PMID:1", "counts_equal", "", "found", None, ["OMIM:1"], 3, 2),
            ("a", "PMID:1", "in_training_patient", "phenotype.toy", "not_declared", "why", [], None, None),
            ("b", None, "counts_equal", "", "cannot_tell", "publication_not_stated", [], None, None),
        ],
        schema=CASE_LEAKS.schema,
        orient="row",
    )


class TestCountsTable(TableContractChecks):
    contract = COMPARED_COUNTS
    example = pl.DataFrame(
        [("PMID:1", "OMIM:1", "A disease", "HP:0001250", "Seizure", 2, 3, 2, 3, True)],
        schema=COMPARED_COUNTS.schema,
        orient="row",
    )


@given(
    publications=st.frozensets(st.integers(1, 10**8).map("PMID:{}".format), max_size=5),
    patients=st.frozensets(st.integers(0, 2**64 - 1).map("{:016x}".format), max_size=5),
)
def test_a_trace_survives_its_table(tmp_path_factory, publications, patients) -> None:
    trace = TrainingTrace(publications=publications, patients=patients)
    path: Path = tmp_path_factory.mktemp("trace") / "training.parquet"
    write_table(TRAINING_TRACE, trace.table(), path)
    assert TrainingTrace.from_table(read_table(TRAINING_TRACE, path), where=str(path)) == trace


@pytest.mark.parametrize("entry", ["", " ", " PMID:1", "PMID:1\n"])
def test_a_publication_that_could_never_be_found_is_refused(entry: str) -> None:
    with pytest.raises(ContractError, match="publication"):
        TrainingTrace(publications=frozenset({"PMID:1", entry}), patients=frozenset())


@pytest.mark.parametrize("entry", ["", "0123", DIGEST.upper(), DIGEST + "0", "patient of PMID:1"])
def test_a_patient_that_is_no_digest_is_refused(entry: str) -> None:
    with pytest.raises(ContractError, match="digest"):
        TrainingTrace(publications=frozenset(), patients=frozenset({DIGEST, entry}))


def test_a_table_of_another_kind_is_refused() -> None:
    wrong = pl.DataFrame({"kind": ["gene"], "value": ["FBN1"]})
    with pytest.raises(ContractError, match=r"here\.parquet"):
        TrainingTrace.from_table(wrong, where="here.parquet")
    short = pl.DataFrame({"kind": ["patient"], "value": ["12"]})
    with pytest.raises(ContractError, match="digest"):
        TrainingTrace.from_table(short)
