"""Indels where exons, start and stop begin and end: one answer for all spellings, on either strand, as translated."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pysam")
pytest.importorskip("numba")

from proteins_for_tests import applied

from genopraxis.variants.codons import translate
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_view import TranscriptView, view
from genopraxis.variants.hgvs import parse_coding, resolve
from transcripts_for_tests import Small, hand_made, in_exon, mirror, random_gene, spellings

SEEDS = (11, 12, 13, 14, 15, 16, 17, 18)
SITES = {"splice_donor_variant", "splice_acceptor_variant"}
ONE_ANSWER = (
    "consequence",
    "impact",
    "hgvs_c",
    "hgvs_p",
    "cds_pos",
    "protein_pos",
    "codons",
    "amino_acids",
    "exon",
    "intron",
    "nmd_escape",
    "nmd_rule",
)


class Genes(dict[int, Small]):
    """The genes by their seeds, without their bases in messages."""

    def __repr__(self) -> str:
        return f"genes {sorted(self)}"


@pytest.fixture(scope="module")
def genes(tmp_path_factory: pytest.TempPathFactory) -> Genes:
    made = {seed: random_gene(tmp_path_factory.mktemp(f"gene{seed}"), seed) for seed in SEEDS}
    return Genes(made)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return hand_made(tmp_path_factory.mktemp("small"))


@st.composite
def changes(draw: st.DrawFn) -> tuple[int, int, int, int, str | int]:
    """A gene, an edge of it, how far from there, how many bases go, and what comes: bases, or how many are doubled."""
    lost = draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 3, 4, 6, 9, 12]))
    new = draw(
        st.one_of(
            st.just(""),
            st.integers(1, 12),
            st.text("ACGT", max_size=9),
            st.sampled_from(["ATG", "TAA", "AG"]),
        )
    )
    return draw(st.sampled_from(SEEDS)), draw(st.integers(0, 99)), draw(st.integers(-10, 10)), lost, new


def edges(own: TranscriptView) -> list[int]:
    coding = [
        low + at - cdna
        for at in (own.cds_start, own.cds_end - 1)
        for low, high, cdna in own.exons
        if cdna <= at < cdna + high - low
    ]
    return [*coding, *coding, *(edge for low, high, _ in own.exons for edge in (low, high))]


def allele(small: Small, change: tuple[int, int, int, int, str | int]) -> tuple[int, str, str] | None:
    """Return a change as (0-based start, old, new), trimmed, well inside the transcript."""
    _, edge, off, lost, new = change
    own = view(small.set, 0)
    places = edges(own)
    start = places[edge % len(places)] + off
    came = small.bases[start : start + new] if isinstance(new, int) else new
    lead, old, kept = trimmed(small.bases[start : start + lost], came)
    start += lead
    if not old and not kept:
        return None
    found = spellings(small.bases, start, old, kept)
    # what leaves the transcript is upstream or downstream of it
    if found[0][0] <= own.start + 1 or found[-1][0] + len(old) >= own.end - 1:
        return None
    return start, old, kept


def rows_of(small: Small, found: list[tuple[int, str, str]]) -> list[tuple[str, int, str, str]]:
    rows = []
    for at, old, new in found:
        anchor = small.bases[at - 1]
        row = (at, anchor + old, anchor + new)
        rows += [("1", *row), mirror(small.bases, *row)]
    return rows


@settings(max_examples=700, deadline=None)
@given(change=changes())
def test_one_change_has_one_answer(genes: Genes, change: tuple[int, int, int, int, str | int]) -> None:
    small = genes[change[0]]
    if (made := allele(small, change)) is None:
        return
    table = small.annotate(rows_of(small, spellings(small.bases, *made)))
    first: dict[str, Any] = table.row(0, named=True)
    for row in table.iter_rows(named=True):
        assert {name: row[name] for name in ONE_ANSWER} == {name: first[name] for name in ONE_ANSWER}


@settings(max_examples=1000, deadline=None)
@given(change=changes())
def test_the_answer_is_what_is_translated(genes: Genes, change: tuple[int, int, int, int, str | int]) -> None:
    small = genes[change[0]]
    own = view(small.set, 0)
    if (made := allele(small, change)) is None:
        return
    row = small.annotate(rows_of(small, [made])).row(0, named=True)
    terms, protein = set(row["consequence"]), row["protein_change"]
    assert "Ter0" not in str(protein)
    assert (row["impact"] == "HIGH") == bool(
        terms & {*SITES, "stop_gained", "frameshift_variant", "stop_lost", "start_lost"}
    )
    # the last spelling counts, or the last one in an exon when that is at a splice site
    last = spellings(small.bases, *made)[-1]
    in_intron = any(
        before[1] + 6 <= last[0] and last[0] + len(last[1]) <= after[0] - 2
        for before, after in pairwise(own.exons)
    )
    exonic = (
        []
        if in_intron
        else [
            (at, old, new)
            for at, old, new in spellings(small.bases, *made)
            if in_exon(own.exons, at, at + len(old))
        ]
    )
    if not exonic:
        assert protein is None
        assert not in_intron or row["impact"] in {"LOW", "MODIFIER"}
        return
    assert not terms & SITES
    message, before, after = messages(own, small.bases, *exonic[-1])
    assert protein_told(own, terms, protein, message, before, after)
    kept = translate(message[own.cds_start :])[: len(own.protein)] == own.protein
    if kept or message.endswith(own.bases[own.cds_start :]):
        assert row["impact"] != "HIGH" or "start_lost" not in terms
    if kept:
        assert row["impact"] in {"LOW", "MODIFIER"}, (terms, protein)


def messages(own: TranscriptView, bases: str, at: int, old: str, new: str) -> tuple[str, int, int]:
    """Return the changed transcript and the bases ``[a, b)`` of the old one that are replaced."""
    low, _, cdna = next(exon for exon in own.exons if exon[0] <= at and at + len(old) <= exon[1])
    a = cdna + at - low
    return own.bases[:a] + new + own.bases[a + len(old) :], a, a + len(old)


def protein_told(
    own: TranscriptView, terms: set[str], told: str | None, message: str, a: int, b: int
) -> bool:
    coding = own.bases[own.cds_start :]
    if b <= own.cds_start or a >= own.cds_end:
        assert told is None
        return True
    peptide = translate(message[own.cds_start :])
    in_order = a >= own.cds_start and peptide[:1] == own.protein[0]
    if not in_order and message.endswith(coding):
        # all that is read is there: the 5' UTR has changed
        assert told is None
        assert terms <= {"5_prime_UTR_variant", "splice_region_variant"}
        return True
    if told == "p.Met1?":
        assert "start_lost" in terms
        assert not in_order
        return True
    assert "start_lost" not in terms
    if told is None or a < own.cds_start:
        # nothing is read to its end, or codons are put before the old ones
        return "*" not in peptide or a < own.cds_start
    protein = peptide.split("*")[0]
    assert applied(own.protein, told, protein, ended="*" in peptide) == protein
    return True


EDGES = [
    # what, terms, HGVS c. (None: as given), protein: coding exons end with c.25 and c.50
    ("c.26dup", "frameshift_variant,splice_region_variant", None, "p.Ser10Ter"),
    ("c.25_25+1insC", "frameshift_variant,splice_region_variant", "c.25dup", "p.Arg9ProfsTer2"),
    ("c.26-1_26insT", "frameshift_variant,splice_region_variant", None, "p.Arg9LeufsTer2"),
    ("c.25_25+1insATA", "protein_altering_variant,splice_region_variant", None, "p.Arg9delinsHisSer"),
    ("c.26-1_26insATA", "protein_altering_variant,splice_region_variant", None, "p.Arg9delinsHisSer"),
    ("c.25+1_25+2insA", "splice_donor_variant", None, None),
    ("c.26-2_26-1insC", "splice_acceptor_variant", None, None),
    # the start: what comes first is read first, and a coding sequence that is whole is not changed
    ("c.-1dup", "5_prime_UTR_variant", None, None),
    ("c.1dup", "5_prime_UTR_variant", None, None),
    ("c.2_3insGAT", "inframe_insertion", "c.1_3dup", "p.Met1dup"),
    ("c.2_3insCAT", "5_prime_UTR_variant", "c.-1_2dup", None),
    ("c.2dup", "frameshift_variant,start_lost", None, "p.Met1?"),
    ("c.4del", "frameshift_variant", None, "p.Ala2LeufsTer28"),
    ("c.-1_3delinsATGC", "start_lost,5_prime_UTR_variant", None, "p.Met1?"),
    ("c.-1_5delinsTATGTA", "start_retained_variant,5_prime_UTR_variant,missense_variant", None, "p.Ala2Tyr"),
    # the stop: a protein that stays as it is
    ("c.68_69insA", "3_prime_UTR_variant", "c.69dup", None),
    ("c.68_69insC", "stop_lost,frameshift_variant", None, "p.Ter23TyrextTer5"),
    ("c.68_69insGA", "stop_retained_variant", None, "p.Ter23="),
    ("c.66_67insTGA", "stop_retained_variant", "c.67_68insGAT", "p.Ter23="),
    ("c.66_67insTAATTTATCC", "3_prime_UTR_variant", "c.69_*1insTTTATCCTAA", None),
    ("c.67_69dup", "3_prime_UTR_variant", None, None),
    # inversions
    ("c.10_11inv", "missense_variant", None, "p.Cys4His"),
    ("c.10_11delinsCA", "missense_variant", "c.10_11inv", "p.Cys4His"),
    ("c.9_12inv", "missense_variant", None, "p.Cys4His"),
    ("c.*2_*3inv", "3_prime_UTR_variant", None, None),
    ("c.25+12_25+14inv", "intron_variant", "c.25+13A>T", None),
    ("c.25+10_25+11inv", "intron_variant", None, None),
]


@pytest.mark.parametrize(("what", "terms", "coding", "protein"), EDGES, ids=[case[0] for case in EDGES])
def test_edges(small: Small, what: str, terms: str, coding: str | None, protein: str | None) -> None:
    start, end, new = resolve(parse_coding(what), view(small.set, 0), small.genome.sequence("1"))
    row = (start, small.bases[start - 1 : end], small.bases[start - 1] + new)
    table = small.annotate([("1", *row), mirror(small.bases, *row)])
    assert table["hgvs_c"].to_list() == [coding or what] * 2
    assert table["protein_change"].to_list() == [protein] * 2
    for found in table["consequence"]:
        assert set(found) == set(terms.split(","))
