"""Entries that compiled loops write are those that the table of consequences gives, and so are counts and picks."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")
pytest.importorskip("pysam")
pytest.importorskip("isal")

from genopraxis.contracts.consequences import TERMS
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.knowledge.transcripts import LIMITS, Flag
from genopraxis.variants import consequence_kernels as kernels
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.consequence import Annotator, Consequences, Pick
from genopraxis.variants.consequence_pick import picked, with_pick
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.csq_lines import csq_lines
from genopraxis.variants.csq_text import FIELDS, TranscriptWords
from genopraxis.variants.normalise import normalise
from genopraxis.variants.quality_found import found_counts
from genopraxis.variants.quality_known import consequence_counts
from transcripts_for_tests import Small, contig, gff_rows, hand_made, mirrored, random_gene, write_small
from vcf_texts import vcf_text, write_vcf

META = (
    "##fileformat=VCFv4.2",
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
    "##contig=<ID=1>",
    "##contig=<ID=2>",
    "##contig=<ID=7>",
    "##contig=<ID=MT>",
)
NOTHING = np.zeros(0, np.uint8)

# integers that say which way a pair takes, and those of few values
_KEPT = {kernels.EXACT, kernels.DISTANCE, kernels.ANCHOR}
_AMINO_ACIDS = (kernels.REF_AA, kernels.ALT_AA)
_BOUNDED = (
    (kernels.EXON, 0, 400), (kernels.INTRON_NUMBER, 0, 400), (kernels.CODON_PLACE, 0, 2), (kernels.REF_CODON, 0, 63),
    (kernels.ALT_CODON, 0, 63), (kernels.NMD_RULE, 0, 5), (kernels.LAST_EXON, 0, 2), (kernels.REF_MISMATCH, 0, 1),
    (kernels.CDS, 1, 200_000), (kernels.CODON, 1, 70_000),
)  # fmt: skip


@cache
def gene(seed: int) -> Small:
    """Return a gene on both strands, with its flags as a set may have them."""
    folder = Path(mkdtemp(prefix="csq-"))
    small = hand_made(folder) if seed == 0 else random_gene(folder, seed)
    if seed % 3 != 1:
        return small
    dice = random.Random(seed)  # noqa: S311
    marks = [Flag.MANE_SELECT, Flag.MANE_PLUS_CLINICAL, Flag.CANONICAL, Flag.NMD, *LIMITS]
    of_transcripts = [sum(dice.sample(marks, 4)) for _ in range(len(small.set))]
    # with a gap they would need blocks that fit the genome
    flags = np.array(of_transcripts, np.uint32) & np.uint32(~Flag.ALIGNMENT_GAP & 0xFFFFFFFF)
    marked = replace(small.set, flags=flags, names=small.set.names.with_columns(protein_id=pl.lit("P;1 a")))
    return replace(small, set=marked, annotator=Annotator(marked, genome=small.genome, flank=30))


@cache
def several() -> Small:
    """Return transcripts over each other: incomplete, non-coding, without a stop, of two exons with a short intron."""
    bases = contig(5, 400)
    size = len(bases)
    rows = gff_rows("A", [(50, 120), (200, 300)], (60, 263), strand="+", chrom="1")
    rows += gff_rows("B", [(100, 150), (160, 220)], (101, 219), strand="+", chrom="1", phase=1)
    rows += gff_rows("C", [(90, 250)], None, strand="-", chrom="1", biotype="lncRNA")
    spans = mirrored(size, [(80, 130), (135, 300)])
    rows += gff_rows(
        "D", spans, (spans[0][0], spans[1][1] - 2), strand="-", chrom="2", biotype="nonsense_mediated_decay"
    )
    return write_small(Path(mkdtemp(prefix="csq-")), bases, rows, flank=40)


@st.composite
def record(draw: st.DrawFn, small: Small) -> str:
    chrom = draw(st.sampled_from(["1", "2", "1", "2", "7"]))
    size = small.genome.contigs["1"]
    pos = draw(st.integers(1, size - 3))
    bases = "ACGTACGT" if chrom == "7" else small.genome.fetch(chrom, pos - 1, pos + 2).decode()
    ref = draw(st.sampled_from([bases[:1]] * 6 + [bases[:2], bases[:3], bases[:1].lower(), "N"]))
    one = st.sampled_from("ACGT") | st.sampled_from(
        ["*", "<DEL>", "N", "R", "g", ".", "AC", ref + "TTA", "ATG"]
    )
    alts = draw(st.lists(one, min_size=1, max_size=3, unique=True))
    if "." in alts:
        alts = ["."]
    told = draw(st.sampled_from([".", "DP=3", "DP=12;X"]))
    return f"{chrom} {pos} . {ref} {','.join(alts)} . . {told} GT 0/1 ."


def annotated(small: Small, rows: list[str], *, pick: Pick = "all") -> AnnotatedBatch:
    path = write_vcf(Path(mkdtemp(prefix="csq-")) / "x.vcf", vcf_text(rows, samples=("A", "B"), meta=META))
    with VcfReader(path) as reader:
        (batch,) = list(reader)
    alleles, _ = normalise(batch, genome=small.genome, missing_contigs="keep")
    annotator = (
        small.annotator if pick == "all" else Annotator(small.set, genome=small.genome, flank=50, pick=pick)
    )
    return AnnotatedBatch(
        batch=batch, alleles=alleles, found=annotator.consequences(alleles), source="genopraxis"
    )


def both_ways(one: AnnotatedBatch, added: str = "") -> tuple[list[str], list[str]]:
    assert one.found is not None
    words = TranscriptWords.of(one.found.set)
    text = np.frombuffer((added * len(one.batch)).encode(), np.uint8)
    ends = np.arange(1, len(one.batch) + 1) * len(added)
    ways = (
        csq_lines(one, words, key="CSQ", added=text, added_ends=ends, by_table=by_table)
        for by_table in (False, True)
    )
    fast, slow = (lines.tobytes().decode().splitlines() for lines in ways)
    return fast, slow


def same(one: AnnotatedBatch, added: str = "") -> None:
    fast, slow = both_ways(one, added)
    assert fast == slow
    assert one.found is not None
    table = one.consequences
    assert table is not None
    pairs = table.filter(pl.col("transcript_id").is_not_null())
    assert pairs["pick"].to_list() == picked(one.found).tolist()
    entries = [entry for line in fast for entry in line.split("\t")[7].split("CSQ=")[1].split(",")]
    assert len(entries) == table.height
    assert all(entry.count("|") == len(FIELDS) - 1 for entry in entries)
    counts, coding = found_counts(one.found, "genopraxis")
    others, wanted = consequence_counts(table, one.alleles.height, "genopraxis")
    for field in fields(counts):
        mine, theirs = getattr(counts, field.name), getattr(others, field.name)
        assert mine == theirs, field.name
        if hasattr(mine, "counts"):
            assert list(mine.counts) == list(theirs.counts), f"{field.name}: another order"
    assert coding.tolist() == wanted.tolist()


@settings(max_examples=30)
@given(st.data(), st.integers(0, 12), st.sampled_from(["", "A=1", "LONGER_THAN_EIGHT=1"]))
def test_loops_write_what_the_table_says(draw: st.DataObject, seed: int, added: str) -> None:
    small = several() if seed == 12 else gene(seed)
    rows = draw.draw(st.lists(record(small), min_size=1, max_size=12))
    pick: Pick = draw.draw(st.sampled_from(["all", "preferred"]))
    same(annotated(small, rows, pick=pick), added)


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 7])
def test_every_change_of_every_base(seed: int) -> None:
    small = gene(seed)
    size = small.genome.contigs["1"]
    rows = [
        f"{chrom} {pos + 1} . {base} {','.join(one for one in 'ACGT' if one != base)} . . . GT 0/1 ."
        for chrom in "12"
        for pos, base in enumerate(small.genome.fetch(chrom, 0, size).decode())
    ]
    one = annotated(small, rows)
    same(one)
    seen = set(one.consequences["consequence"].explode()) if one.consequences is not None else set()
    if seed == 0:
        assert {
            "missense_variant", "stop_gained", "start_lost", "stop_lost", "stop_retained_variant", "intron_variant",
            "splice_donor_variant", "splice_acceptor_variant", "5_prime_UTR_variant", "3_prime_UTR_variant",
            "upstream_gene_variant", "downstream_gene_variant", "synonymous_variant",
        } <= seen  # fmt: skip


def test_transcripts_over_each_other() -> None:
    small = several()
    bases = small.genome.fetch("1", 0, 400).decode()
    rows = [
        f"1 {at + 1} . {base} {'C' if base != 'C' else 'T'} . . . GT 0/1 ." for at, base in enumerate(bases)
    ]
    one = annotated(small, rows)
    same(one)
    same(annotated(small, rows, pick="preferred"))
    assert one.found is not None
    assert len(one.found) > len(rows)


@given(st.data())
def test_any_integers_are_written_as_the_table_writes_them(draw: st.DataObject) -> None:
    """Combinations that no gene of these tests has: other terms, flags, extensions, rules."""
    small = gene(draw.draw(st.sampled_from([1, 4, 7])))
    one = annotated(
        small, [f"1 {pos} . {small.bases[pos - 1]} N . . . GT 0/1 ." for pos in (20, 90, 150, 200)]
    )
    assert one.found is not None
    strange = one.found
    pairs = len(strange)
    numbers = strange.numbers.copy()
    lots = st.lists(st.integers(-3, 2_000_000), min_size=pairs, max_size=pairs)
    for place in range(numbers.shape[0]):
        if place not in _KEPT:
            numbers[place] = draw.draw(lots)
    amino_acids = st.lists(st.sampled_from(list(b"*ACDEFGHIKLMNPQRSTUVWXY")), min_size=pairs, max_size=pairs)
    for place in _AMINO_ACIDS:
        numbers[place] = draw.draw(amino_acids)
    for place, low, high in _BOUNDED:
        numbers[place] = draw.draw(st.lists(st.integers(low, high), min_size=pairs, max_size=pairs))
    bits = st.lists(st.sets(st.integers(0, len(TERMS) - 1), min_size=1), min_size=pairs, max_size=pairs)
    terms = np.array([sum(1 << bit for bit in some) for some in draw.draw(bits)], np.int64)
    same(replace(one, found=replace(strange, numbers=numbers, terms=terms), consequences=None))


def test_consequences_become_a_table_when_they_are_asked_for() -> None:
    one = annotated(gene(0), [f"1 115 . {gene(0).bases[114]} N . . . GT 0/1 ."])
    assert one.found is not None
    table = one.consequences
    assert table is not None
    assert table.equals(with_pick(consequence_table(one.found), 1))
    assert one.consequences is table
    told = table.clear()
    assert replace(one, consequences=told).consequences is told
    assert AnnotatedBatch(batch=one.batch, alleles=one.alleles).consequences is None


def test_others_consequences_are_not_written() -> None:
    one = annotated(gene(0), [f"1 115 . {gene(0).bases[114]} N . . . GT 0/1 ."])
    with pytest.raises(ValueError, match="of our own"):
        csq_lines(
            replace(one, found=None),
            TranscriptWords.of(gene(0).set),
            key="CSQ",
            added=NOTHING,
            added_ends=np.zeros(1, np.int64),
        )


@pytest.mark.parametrize("first", [Flag(0), Flag.CANONICAL, Flag.MANE_PLUS_CLINICAL])
@pytest.mark.parametrize(
    "second", [Flag(0), Flag.CANONICAL, Flag.MANE_SELECT, Flag.MANE_SELECT | Flag.CANONICAL]
)
def test_of_equal_ones_the_better_known_is_picked(first: Flag, second: Flag) -> None:
    small = several()
    flags = np.array(small.set.flags)
    assert small.set.names["transcript_id"].to_list()[:3] == ["A", "C", "B"]
    flags[0] |= np.uint32(first)
    flags[2] |= np.uint32(second)
    marked = replace(small.set, flags=flags)
    one = annotated(
        replace(small, set=marked, annotator=Annotator(marked, genome=small.genome, flank=40)),
        [
            f"1 {at} . {small.bases[at - 1]} {'C' if small.bases[at - 1] != 'C' else 'T'} . . . GT 0/1 ."
            for at in range(1, 400)
        ],
    )
    same(one)
    table = one.consequences
    assert table is not None
    term = pl.col("consequence").list.first()
    both = table.filter(
        pl.col("transcript_id").is_in(["A", "B"]) & term.is_in(["missense_variant", "synonymous_variant"])
    ).filter((pl.len().over("row") == 2) & (term.n_unique().over("row") == 1))
    assert both.height > 10
    rank = [2 * (Flag.MANE_SELECT not in one) + (Flag.CANONICAL not in one) for one in (first, second)]
    assert set(both.filter("pick")["transcript_id"]) == {"B" if rank[1] < rank[0] else "A"}


def test_most_entries_take_the_fast_way() -> None:
    one = annotated(gene(0), [f"1 {at} . {gene(0).bases[at - 1]} N . . . GT 0/1 ." for at in range(1, 200)])
    found: Consequences | None = one.found
    assert found is not None
    assert not found.numbers[kernels.EXACT].any()
    assert not found.numbers[kernels.REF_AA].any(), "N is no base to translate"
