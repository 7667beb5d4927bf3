"""What must hold for any allele: descriptions lead back to the allele, and proteins are what the bases say."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pysam")
pytest.importorskip("numba")

from proteins_for_tests import applied

from genopraxis.variants.codons import reverse_complement, translate
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.consequence_view import TranscriptView, view
from genopraxis.variants.hgvs import parse_coding, resolve
from transcripts_for_tests import Small, in_exon, mirror, random_gene, spellings

SEEDS = (11, 12, 13, 14)
SIDES = ("1", "2")


@pytest.fixture(scope="module")
def genes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Small]:
    return {seed: random_gene(tmp_path_factory.mktemp(f"gene{seed}"), seed) for seed in SEEDS}


@st.composite
def alleles(draw: st.DrawFn) -> tuple[int, float, int, str]:
    """A gene, a place in it as a fraction, how many bases go, and what comes."""
    deleted = draw(st.integers(0, 9))
    inserted = draw(
        st.one_of(st.just(""), st.text("ACGT", max_size=9), st.sampled_from(["A", "CAG", "CTGCTG", "GG"]))
    )
    return draw(st.sampled_from(SEEDS)), draw(st.floats(0, 1)), deleted, inserted


def placed(small: Small, where: float, deleted: int, inserted: str) -> tuple[int, str, str] | None:
    """Return the allele with its anchor base: 1-based pos, ref, alt."""
    low, high = int(small.set.start[0]) + 2, int(small.set.end[0]) - 12
    at = low + int(where * (high - low))
    ref, alt = small.bases[at - 1 : at + deleted], small.bases[at - 1] + inserted
    return None if ref == alt else (at, ref, alt)


def changed(bases: str, start: int, end: int, new: str) -> str:
    return bases[:start] + new + bases[end:]


@settings(max_examples=400, deadline=None)
@given(allele=alleles())
def test_a_description_leads_back_to_the_allele(
    genes: dict[int, Small], allele: tuple[int, float, int, str]
) -> None:
    seed, *rest = allele
    small = genes[seed]
    if (row := placed(small, *rest)) is None:
        return
    pos, ref, alt = row
    table = small.annotate([("1", *row), mirror(small.bases, *row)])
    assert table["hgvs_c"].null_count() == 0
    # one gene on either strand: one answer
    first, second = table["hgvs_c"].to_list()
    assert first == second
    assert table["consequence"][0].to_list() == table["consequence"][1].to_list()
    assert table["protein_change"][0] == table["protein_change"][1]
    wanted = changed(small.bases, pos - 1, pos - 1 + len(ref), alt)
    for number, chrom in enumerate(SIDES):
        sequence = small.genome.sequence(chrom)
        start, end, new = resolve(parse_coding(first), view(small.set, number), sequence)
        made = changed(sequence.tobytes().decode(), start, end, new)
        assert (made if chrom == "1" else reverse_complement(made)) == wanted


@settings(max_examples=400, deadline=None)
@given(allele=alleles())
def test_the_protein_described_is_the_protein_translated(
    genes: dict[int, Small], allele: tuple[int, float, int, str]
) -> None:
    seed, *rest = allele
    small = genes[seed]
    own = view(small.set, 0)
    if (row := placed(small, *rest)) is None:
        return
    found = small.annotate([("1", *row)]).row(0, named=True)
    change = found["protein_change"]
    if change is None:
        return
    pos, ref, alt = row
    lead, old, new = trimmed(ref, alt)
    start = pos - 1 + lead
    bases = changed(small.bases, start, start + len(old), new)
    # the spelling that leaves the introns alone
    start = next(
        at
        for at, gone, _ in spellings(small.bases, start, old, new)
        if in_exon(own.exons, at, at + len(gone))
    )
    message = messenger(own, bases, start, len(old), len(new) - len(old))
    if change == "p.Met1?":
        assert {"start_lost"} & set(found["consequence"])
        return
    protein = translate(message[own.cds_start :]).split("*")[0]
    ended = "*" in translate(message[own.cds_start :])
    assert applied(own.protein, change, protein, ended=ended) == protein, (change, found["hgvs_c"])


def messenger(own: TranscriptView, bases: str, start: int, lost: int, grown: int) -> str:
    """Splice a changed contig; the change lies inside one exon, so what is behind its start moves."""
    moved = [
        (low + grown * (low > start), high + grown * (high > start or (not lost and high == start)))
        for low, high, _ in own.exons
    ]
    return "".join(bases[low:high] for low, high in moved)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_ways_agree_on_every_single_base_change(genes: dict[int, Small], seed: int) -> None:
    small = genes[seed]
    rows = [("1", pos + 1, ref, alt) for pos, ref in enumerate(small.bases) for alt in "ACGT" if alt != ref]
    rows += [mirror(small.bases, *row[1:]) for row in rows]
    frame = pl.DataFrame(rows, schema=["chrom", "pos", "ref", "alt"], orient="row")
    fast = small.annotator.consequences(frame)
    table = consequence_table(fast)
    assert consequence_table(small.annotator.exact(fast)).equals(table)
    half = len(rows) // 2
    same = [name for name in table.columns if name not in {"row", "gene_id", "gene", "transcript_id"}]
    other = table.filter(pl.col("row") >= half)
    assert other.select(same).equals(table.filter(pl.col("row") < half).select(same))
