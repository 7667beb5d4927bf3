"""Lifting variants: on the same strand, on a reversed stretch, and each way in which it fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytest.importorskip("liftover")
pytest.importorskip("pysam")

from genopraxis.contracts.errors import InputError
from genopraxis.formats.fasta import Genome
from genopraxis.variants import liftover
from genopraxis.variants.liftover import Lifter

COMPLEMENT = str.maketrans("ACGT", "TGCA")
RANDOM = np.random.default_rng(4)
SOURCE = "".join(RANDOM.choice(list("ACGT"), 300))
# the source's 0–100 comes after ten new bases; 120–200 is reversed; 220–300 follows; 100–120 and 200–220 are gone
REVERSED = SOURCE[120:200].translate(COMPLEMENT)[::-1]
TARGET = "A" * 10 + SOURCE[:100] + REVERSED + SOURCE[220:300]
CHAINS = (
    "chain 900 chr1 300 + 0 300 chr1 270 + 10 270 1\n100\t120\t80\n80\n\n"
    "chain 500 chr1 300 + 120 200 chr1 270 - 80 160 2\n80\n\n"
    "chain 100 chr2 50 + 0 50 chrZ 50 + 0 50 3\n50\n\n"
)


@pytest.fixture
def lifter(tmp_path: Path) -> Lifter:
    (tmp_path / "target.fa").write_text(f">chr1\n{TARGET}\n", encoding="ascii")
    (tmp_path / "a.chain").write_text(CHAINS, encoding="ascii")
    return Lifter(tmp_path / "a.chain", Genome(tmp_path / "target.fa"))


def table(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    schema = {"chrom": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def other(base: str) -> str:
    return "C" if base != "C" else "G"


def test_every_base_of_the_source(lifter: Lifter) -> None:
    rows = [("1", i + 1, base, other(base)) for i, base in enumerate(SOURCE)]
    found = lifter.lift(table(*rows))
    assert found.height == 300
    for i, (status, chrom, pos, ref, alt, reverse) in enumerate(found.iter_rows()):
        if i < 100 or i >= 220:
            assert (status, chrom, reverse) == ("lifted", "1", False)
            assert pos == (i + 11 if i < 100 else i - 220 + 191)
            assert (ref, alt) == rows[i][2:]
        elif 120 <= i < 200:
            assert (status, chrom, reverse) == ("lifted", "1", True)
            assert pos == 110 + (199 - i) + 1
            assert (ref, alt) == tuple(base.translate(COMPLEMENT) for base in rows[i][2:])
        else:
            assert status == "no_mapping"
        if status == "lifted":
            assert TARGET[pos - 1] == ref


def test_the_same_haplotype_on_both(lifter: Lifter) -> None:
    """A deletion on the reversed stretch: putting it into either genome gives the same bases."""
    ref = SOURCE[149:153]
    (found,) = lifter.lift(table(("1", 150, ref, ref[0]))).rows()
    _, _, pos, lifted_ref, lifted_alt, _ = found
    assert TARGET[pos - 1 : pos - 1 + len(lifted_ref)] == lifted_ref
    source = SOURCE[120:149] + ref[0] + SOURCE[153:200]
    target = TARGET[110 : pos - 1] + lifted_alt + TARGET[pos - 1 + len(lifted_ref) : 190]
    assert target == source.translate(COMPLEMENT)[::-1]


def test_failures_have_their_reasons(lifter: Lifter) -> None:
    base = SOURCE[10]
    wrong = next(b for b in "ACGT" if b not in (base, other(base)))
    rows = {
        "broken": ("1", 99, SOURCE[98:103], "A"),
        "ref_alt_swapped": ("1", 11, other(base), base),
        "ref_mismatch": ("1", 11, other(base), wrong),
        "contig_not_in_target": ("2", 5, "A", "C"),
        "not_literal": ("1", 11, base, "<DEL>"),
        "no_mapping": ("GL000220.1", 5, "A", "C"),
    }
    found = lifter.lift(table(*rows.values()))
    assert found["status"].to_list() == list(rows)
    assert found.select("chrom", "pos", "ref", "alt", "reverse").null_count().row(0) == (6,) * 5


def test_the_middle_of_a_deletion_that_spans_a_gap(lifter: Lifter) -> None:
    assert lifter.lift(table(("1", 95, SOURCE[94:225], "A")))["status"].to_list() == ["broken"]


def test_many_variants_give_the_same(lifter: Lifter, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table(*[("1", i + 1, base, other(base)) for i, base in enumerate(SOURCE)])
    few = lifter.lift(rows)
    monkeypatch.setattr(liftover, "_MANY", 10)
    assert lifter.lift(rows).equals(few)


def test_nothing_to_lift(lifter: Lifter) -> None:
    found = lifter.lift(table())
    assert found.is_empty()
    assert found.columns == ["status", "chrom", "pos", "ref", "alt", "reverse"]


@pytest.mark.parametrize("text", ["", "no chain\n", None])
def test_what_is_no_chain_file(tmp_path: Path, lifter: Lifter, text: str | None) -> None:
    path = tmp_path / "b.chain"
    if text is not None:
        path.write_text(text, encoding="ascii")
    with pytest.raises(InputError) as refused:
        Lifter(path, lifter._target)
    assert "b.chain" in str(refused.value)
