"""Damaged text through the whole way: every column is read or there is one clear error, never anything else.

The compiled loops check no bounds: what they rely on is checked before, and this is where a gap would show.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.variants import ALLELES, GENOTYPES
from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_genotypes import genotypes, sample_values
from genopraxis.formats.vcf_info import info_values
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.normalise import normalise_all
from vcf_texts import META, vcf_text

SEQUENCE = "GATTACAGATTTTTTACACACACAGGG"
ROWS = (
    "chr1 1 rs1 G A,T 50 PASS AC=1,2;DB;GENE=x GT:AD:DP:GQ:PS 0/1:3,4,0:7:99:1 1|2:0,1,2:3:5:7",
    "chr1 4 . TA T,TAA,* . q10 AC=1,2,3 GT:DP 0/3:1 ./.:2",
    "chr1 9 . TTTT T,<DEL>,TTTTT 1e2 . DB DP:GT 5:1/2 6:0",
    "chr1 20 . C <NON_REF>,G]chr2:3],. . . . GT 0/0 .",
    "chr2 3 . ttnR a . PASS AF=0.5,x GT:AD:AF 0|1|1:5,6:0.5 1:.:.",
)
TEXT = vcf_text(ROWS, samples=["a", "b"]).encode()
START = len(vcf_text([], samples=["a", "b"]).encode())
BYTES = st.one_of(
    st.sampled_from([bytes([one]) for one in b"\t\n\r\0#.,;:=/|<>[]*ACGTN0129-\xff "]), st.just(b"")
)


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Genome:
    path = tmp_path_factory.mktemp("genome") / "g.fa"
    path.write_text(f">chr1\n{SEQUENCE}\n>chr2\nACTTNNA\n")
    return Genome(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(START, len(TEXT) - 1), st.integers(0, 3), BYTES), max_size=4),
    st.sampled_from([1, 50, 1 << 20]),
    st.booleans(),
)
def test_damage_is_an_error_or_a_table(
    tmp_path: Path, genome: Genome, edits: list[tuple[int, int, bytes]], batch_bytes: int, with_genome: bool
) -> None:
    data = TEXT
    for at, length, put in edits:
        data = data[:at] + put + data[at + length :]
    path = tmp_path / "x.vcf"
    path.write_bytes(data)
    problem: InputError | None = None
    records = 0
    try:
        records = read_all(path, genome if with_genome else None, batch_bytes)
    except InputError as error:
        problem = error
    assert not isinstance(problem, ContractError)
    assert problem is None or (problem.hint and "line" in str(problem))
    assert records <= data.count(b"\n") + 1
    if not edits:
        assert records == len(ROWS)


def read_all(path: Path, genome: Genome | None, batch_bytes: int) -> int:
    with VcfReader(path, batch_bytes=batch_bytes) as reader:
        done = normalise_all(iter(reader), genome=genome, mismatch_limit=1.0, missing_contigs="keep")
        for batch, frame, _ in done:
            ALLELES.check(frame, raise_errors=True)
            rows, _ = genotypes(batch)
            GENOTYPES.check(rows, raise_errors=True)
            assert len(batch.frame()) == len(batch)
            for key in ("AC", "AF", "DB", "GENE", "absent"):
                assert len(info_values(batch, key)[0]) == len(batch)
            for key in ("GT", "AD", "DP", "absent"):
                assert len(sample_values(batch, "b", key)[0]) == len(batch)
        return reader.n_records


def test_the_text_itself_is_sound() -> None:
    assert TEXT.decode().startswith("\n".join(META))
