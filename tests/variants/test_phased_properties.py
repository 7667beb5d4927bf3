"""What must hold for any phased file: the joint protein is what the members make of the transcript."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pysam")
pytest.importorskip("numba")

from phased_for_tests import groups_of, phased_vcf
from proteins_for_tests import applied

from genopraxis.variants.codons import reverse_complement, translate
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_view import TranscriptView, view
from genopraxis.variants.phased_candidates import CodingPairs, neighbours
from transcripts_for_tests import Small, mirror, random_gene

SEEDS = (11, 12, 13, 14)


@pytest.fixture(scope="module")
def genes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Small]:
    return {seed: random_gene(tmp_path_factory.mktemp(f"gene{seed}"), seed) for seed in SEEDS}


@st.composite
def haplotypes(draw: st.DrawFn) -> tuple[int, float, list[tuple[int, int, str]]]:
    """A gene, a place in it, and changes from there: bases to the next one, bases lost, and new ones."""
    steps = st.integers(0, 5)
    lost = st.sampled_from([0, 0, 1, 1, 1, 1, 2, 3, 4])
    new = st.sampled_from(["", "A", "C", "G", "T", "A", "C", "G", "T", "AC", "GTT", "TGAC"])
    changes = draw(st.lists(st.tuples(steps, lost, new), min_size=2, max_size=6))
    return draw(st.sampled_from(SEEDS)), draw(st.floats(0, 1)), changes


def alleles(
    small: Small, own: TranscriptView, where: float, changes: list[tuple[int, int, str]]
) -> list[tuple[int, str, str]]:
    """Return the changes as alleles of contig 1, each within one exon's coding bases."""
    coding = [
        position
        for low, high, cdna in own.exons
        for position in range(low, high)
        if own.cds_start <= cdna + position - low < own.cds_end
    ]
    index = int(where * (len(coding) - 30))
    rows = []
    for step, lost, new in changes:
        index += step
        if index + lost >= len(coding):
            break
        start = coding[index]
        end = start + lost
        if coding[index + lost] != end:  # over an intron
            index += lost
            continue
        lead, old, kept = trimmed(small.bases[start:end], new)
        index += lost + 1
        if old or kept:
            at = start + lead
            anchor = "" if len(old) == len(kept) else small.bases[at - 1]
            rows.append((at + 1 - len(anchor), anchor + old, anchor + kept))
    return rows


def spliced(own: TranscriptView, bases: str, members: list[tuple[int, str, str]]) -> str:
    """Change a contig, allele by allele from the right, and splice what comes of it."""
    exons = [(low, high) for low, high, _ in own.exons]
    edits = [
        (pos - 1 + lead, old, new) for pos, ref, alt in members for lead, old, new in [trimmed(ref, alt)]
    ]
    for start, old, new in sorted(edits, key=lambda edit: (edit[0], len(edit[1])), reverse=True):
        bases = bases[:start] + new + bases[start + len(old) :]
        grown = len(new) - len(old)
        # what comes in at the very end of an exon lengthens it
        exons = [
            (low + grown * (low > start), high + grown * (high > start or (not old and high == start)))
            for low, high in exons
        ]
    message = "".join(bases[low:high] for low, high in exons)
    return message if own.forward else reverse_complement(message)


def parsed(variant: str) -> tuple[int, str, str]:
    _, pos, ref, alt = variant.split(":")
    return int(pos), ref, alt


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=haplotypes())
def test_the_joint_protein_is_what_the_members_make_of_the_transcript(
    genes: dict[int, Small], tmp_path: Path, case: tuple[int, float, list[tuple[int, int, str]]]
) -> None:
    seed, where, changes = case
    small = genes[seed]
    rows = alleles(small, view(small.set, 0), where, changes)
    other = sorted(mirror(small.bases, *row) for row in rows)
    path = phased_vcf(
        small, tmp_path, [*(("1", *row, "0|1") for row in sorted(rows)), *((*row, "0|1") for row in other)]
    )
    frame = groups_of(small, path)
    for row in frame.iter_rows(named=True):
        own = view(small.set, 0 if row["chrom"] == "1" else 1)
        bases = small.genome.sequence(row["chrom"]).tobytes().decode()
        members = [parsed(variant) for variant in row["variants"]]
        message = spliced(own, bases, members)
        change = row["protein_change"]
        if change == "p.Met1?":
            assert "start_lost" in row["consequence"]
            continue
        peptide = translate(message[own.cds_start :])
        protein, ended = peptide.split("*")[0], "*" in peptide
        assert change is not None
        assert applied(own.protein, change, protein, ended=ended) == protein, (change, row["variants"])
        if "stop_gained" in row["consequence"]:
            assert row["impact"] == "HIGH"


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.sampled_from(SEEDS),
    where=st.floats(0, 1),
    bases=st.tuples(*(st.sampled_from("ACGT") for _ in range(3))),
    kept=st.sets(st.integers(0, 2), min_size=2, max_size=3),
)
def test_single_bases_of_a_codon_are_told_as_one_record_of_them_is(
    genes: dict[int, Small], tmp_path: Path, seed: int, where: float, bases: tuple[str, ...], kept: set[int]
) -> None:
    small = genes[seed]
    own = view(small.set, 0)
    codon = int(where * 118) + 1
    cdna = [own.cds_start + 3 * codon + place for place in range(3)]
    places = [
        low + at - start for at in cdna for low, high, start in own.exons if start <= at < start + high - low
    ]
    if places[2] - places[0] != 2:
        return
    rows = [
        (places[at] + 1, small.bases[places[at]], bases[at])
        for at in sorted(kept)
        if small.bases[places[at]] != bases[at]
    ]
    if len(rows) < 2:
        return
    row = groups_of(small, phased_vcf(small, tmp_path, [("1", *one, "1|1") for one in rows])).row(
        0, named=True
    )
    start, end = rows[0][0] - 1, rows[-1][0]
    new = list(small.bases[start:end])
    for pos, _, alt in rows:
        new[pos - 1 - start] = alt
    one = small.annotate([("1", start + 1, small.bases[start:end], "".join(new))]).row(0, named=True)
    for name in (
        "impact",
        "hgvs_c",
        "hgvs_p",
        "protein_change",
        "amino_acids",
        "cds_pos",
        "protein_pos",
        "nmd_rule",
    ):
        assert row[name] == one[name], name
    assert set(row["consequence"]) == set(one["consequence"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 4), st.integers(0, 2)),
        max_size=25,
    )
)
def test_candidates_are_those_of_a_plain_search(rows: list[tuple[int, int, int, int]]) -> None:
    columns = np.array(rows, np.int32).reshape(-1, 4)
    pairs = CodingPairs(
        allele=np.arange(len(rows), dtype=np.int64),
        transcript=columns[:, 0].copy(),
        low=columns[:, 1].copy(),
        high=columns[:, 1] + columns[:, 2],
        grown=columns[:, 3].astype(np.int8),
    )
    found = neighbours(pairs)
    of = defaultdict(set)
    for number, (low, high) in enumerate(pairwise(found.offset.tolist())):
        assert high - low > 1
        assert len(set(found.pairs.transcript[low:high].tolist())) == 1
        for one in found.pairs.allele[low:high].tolist():
            of[one].add(number)
    assert all(len(numbers) == 1 for numbers in of.values())
    frame = pl.DataFrame(
        {"transcript": pairs.transcript, "first": pairs.first, "last": pairs.last, "grown": pairs.grown}
    ).with_row_index("allele")
    both = frame.join(frame, on="transcript", suffix="_other").filter(
        pl.col("allele") < pl.col("allele_other")
    )
    share = (pl.col("first") <= pl.col("last_other")) & (pl.col("first_other") <= pl.col("last"))
    shift = (pl.col("grown") > 0) & (pl.col("grown_other") > 0)
    for one, other in both.filter(share | shift).select("allele", "allele_other").iter_rows():
        assert of[one] == of[other] != set()
