"""Counts of batches: right beside a plain recount, and the same however the file is cut into batches."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from quality_for_tests import annotated_batches, counts_of

from genopraxis.contracts.consequences import CONSEQUENCES
from genopraxis.contracts.errors import ContractError
from genopraxis.contracts.variants import KINDS
from genopraxis.formats.contig_names import CHROMOSOMES
from genopraxis.knowledge.variant_store import STATUS
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.quality import QualityCounts
from genopraxis.variants.quality_counts import LONGEST, QUAL_EDGES
from genopraxis.variants.quality_kernels import DEPTH_EDGES, Place, Seen
from genopraxis.variants.quality_samples import median_of, median_place
from vcf_texts import META, vcf_text, write_vcf

SAMPLES = ("a", "b")
TRANSITIONS = {"AG", "GA", "CT", "TC"}


@st.composite
def records(draw: st.DrawFn) -> list[str]:
    rows = []
    for _ in range(draw(st.integers(0, 14))):
        chrom = draw(st.sampled_from(["chr1", "chr2", "chrX", "chrY", "chrM", "chrUn_1"]))
        pos = draw(st.integers(3_000_000, 3_000_400))
        ref = draw(st.sampled_from(["A", "C", "G", "T", "AC", "GATTACA"]))
        alts = draw(
            st.lists(
                st.sampled_from(["A", "C", "G", "T", "AC", "ACG", "*", "<DEL>", "N"]),
                min_size=1,
                max_size=3,
                unique=True,
            )
        )
        qual = draw(st.sampled_from([".", "0", "9.9", "10", "57.3", "99999"]))
        filters = draw(st.sampled_from([".", "PASS", "q10", "q10;s50"]))
        cells = []
        for _ in SAMPLES:
            alleles = st.sampled_from([".", *map(str, range(len(alts) + 1))])
            gt = draw(st.sampled_from("/|")).join(draw(st.lists(alleles, min_size=1, max_size=2)))
            depth = draw(st.sampled_from([".", "0", "9", "10", "57", "133", "2500000"]))
            ref_depth, alt_depth = draw(st.tuples(st.integers(0, 30), st.integers(0, 30)))
            reads = ",".join(map(str, [ref_depth, *[alt_depth] * len(alts)]))
            quality = draw(st.sampled_from([".", "0", "48", "99", "300"]))
            cells.append(f"{gt}:{reads}:{depth}:{quality}")
        rows.append(
            f"{chrom} {pos} . {ref} {','.join(alts)} {qual} {filters} . GT:AD:DP:GQ {' '.join(cells)}"
        )
    return rows


def same(one: Any, other: Any) -> bool:
    """Compare counts that hold arrays."""
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other))
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, dict) or hasattr(one, "items"):
        return dict(one).keys() == dict(other).keys() and all(same(v, other[k]) for k, v in one.items())
    return bool(one == other)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=records(), size=st.integers(1, 600))
def test_the_same_however_the_file_is_cut(rows: list[str], size: int, tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x.vcf", vcf_text(rows, samples=SAMPLES))
    whole, pieces = counts_of(path), counts_of(path, batch_bytes=size)
    for name in ("kinds", "indels", "chromosomes", "contigs", "qualities", "changes", "samples", "records"):
        assert same(getattr(whole, name), getattr(pieces, name)), name
    assert dict(whole.filters.counts) == dict(pieces.filters.counts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=records())
def test_a_plain_recount_agrees(rows: list[str], tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x.vcf", vcf_text(rows, samples=SAMPLES))
    found = counts_of(path)
    alleles = pl.concat([one.alleles for _, one in annotated_batches(path)]) if rows else pl.DataFrame()
    fields_of = [row.split() for row in rows]
    passing = [row[6] in (".", "PASS") for row in fields_of]
    assert found.records == len(rows)
    assert found.passing == sum(row[6] == "PASS" for row in fields_of)
    assert found.filtered == len(rows) - sum(passing)
    wanted = Counter(name for row in fields_of if row[6] not in (".", "PASS") for name in row[6].split(";"))
    assert dict(found.filters.counts) == dict(wanted)
    own = Counter(row[0].removeprefix("chr").replace("M", "MT") for row in fields_of)
    assert found.chromosomes.tolist()[:-1] == [own[name] for name in CHROMOSOMES]
    assert found.chromosomes[-1] == sum(row[0] == "chrUn_1" for row in fields_of)
    places = [
        max(i for i, e in enumerate(QUAL_EDGES) if e <= float(row[5])) for row in fields_of if row[5] != "."
    ]
    assert found.qualities.tolist() == [places.count(i) for i in range(len(QUAL_EDGES))]
    if not rows:
        return
    kinds = Counter(alleles["kind"].to_list())
    assert found.kinds.tolist() == [kinds[kind] for kind in KINDS]
    changes = [
        (row["ref"] + row["alt"], passing[row["record"]])
        for row in alleles.iter_rows(named=True)
        if row["kind"] == "snv"
    ]
    changes = [(change, ok) for change, ok in changes if "N" not in change]
    for place, ok_only in ((0, False), (1, True)):
        those = [change in TRANSITIONS for change, ok in changes if ok or not ok_only]
        assert found.changes[place].tolist() == [sum(those), len(those) - sum(those)]
    assert found.samples is not None
    for number in range(len(SAMPLES)):
        assert {name: int(found.samples.seen[number, name]) for name in Seen} == recount(
            fields_of, alleles, number
        )


def recount(rows: list[list[str]], alleles: pl.DataFrame, number: int) -> dict[Seen, int]:
    """Count the genotypes of one sample in plain Python."""
    seen: Counter[Seen] = Counter()
    carried: Counter[tuple[int, int]] = Counter()
    for record, row in enumerate(rows):
        for other in range(len(SAMPLES)):
            parts = row[9 + other].split(":")[0].replace("|", "/").split("/")
            if "." not in parts:
                carried.update((record, int(part)) for part in parts if part != "0")
    for allele in alleles.iter_rows(named=True):
        record, index = allele["record"], allele["allele"]
        row = rows[record]
        gt, reads, depth, _ = row[9 + number].split(":")
        parts = gt.replace("|", "/").split("/")
        if row[6] not in (".", "PASS") or set(parts) == {"."}:
            continue
        whole = "." not in parts
        biallelic = "," not in row[4]
        ref_reads, alt_reads = int(reads.split(",")[0]), int(reads.split(",")[index])
        total = int(depth) if depth != "." else ref_reads + alt_reads if biallelic else None
        if index == 1:
            seen[Seen.CALLED] += 1
            seen[Seen.PARTLY] += not whole
            seen[Seen.WITH_DEPTH] += total is not None
        if not whole:
            continue
        copies = parts.count(str(index))
        het, hom = copies == 1 and len(parts) == 2, copies == 2
        change = allele["ref"] + allele["alt"]
        snv = allele["kind"] == "snv" and "N" not in change
        indel = allele["kind"] in ("insertion", "deletion")
        if copies:
            seen[Seen.CARRIED] += 1
            seen[Seen.SINGLETONS] += carried[record, index] == 1
            seen[Seen.TRANSITIONS] += snv and change in TRANSITIONS
            seen[Seen.TRANSVERSIONS] += snv and change not in TRANSITIONS
        if het:
            seen[Seen.HET] += 1
            seen[Seen.PHASED] += "|" in gt
        if not biallelic:
            continue
        if row[0] in ("chr1", "chr2"):
            seen[Seen.HET_SNV] += snv and het
            seen[Seen.HOM_SNV] += snv and hom
            seen[Seen.HET_INDEL] += indel and het
            seen[Seen.HOM_INDEL] += indel and hom
            if snv and hom and ref_reads + alt_reads >= 10:
                seen[Seen.HOM_ALT_REF_READS] += ref_reads
                seen[Seen.HOM_ALT_READS] += ref_reads + alt_reads
        elif row[0] == "chrX" and snv:
            seen[Seen.X_CALLED] += 1
            seen[Seen.X_HET] += het
            seen[Seen.X_HOM] += hom
            seen[Seen.X_HAPLOID] += copies == 1 and len(parts) == 1
        elif row[0] == "chrY" and snv:
            seen[Seen.Y_CALLED] += 1
            seen[Seen.Y_HET] += het
            seen[Seen.Y_HOM] += hom or (copies == 1 and len(parts) == 1)
    return {name: seen[name] for name in Seen}


def test_depth_quality_and_balance(tmp_path: Path) -> None:
    rows = [
        "chr1 10 . A G . . . GT:AD:DP:GQ 0/1:20,20:41:30",
        "chr1 20 . A G . . . GT:AD:DP:GQ 0/1:4,4:.:50",
        "chr1 30 . A G . . . GT:AD:DP:GQ 0/1:30,10:40:99",
        "chr1 40 . A G . q10 . GT:AD:DP:GQ 0/1:1,19:20:99",
        "chr1 50 . A G . . . GT:AD 1/1:1,9",
        "chr1 60 . A G . . . GT:AD 1/1:9,0",
        "chrX 50000000 . A G . . . GT:AD:DP:GQ 1/1:0,150:150:120",
    ]
    found = counts_of(write_vcf(tmp_path / "x.vcf", vcf_text(rows, samples=["a"]))).samples
    assert found is not None
    depths = {int(DEPTH_EDGES[i]): int(n) for i, n in enumerate(found.depths[0, Place.AUTOSOME]) if n}
    assert depths == {41: 1, 8: 1, 40: 1, 10: 1, 9: 1}
    (bin_of_150,) = np.flatnonzero(found.depths[0, Place.X])
    assert DEPTH_EDGES[bin_of_150] <= 150 < DEPTH_EDGES[bin_of_150 + 1]
    assert np.flatnonzero(found.qualities[0]).tolist() == [30, 50, 99]
    # of homozygous SNVs those of ten reads or more
    assert found.of(Seen.HOM_ALT_REF_READS).tolist() == [1]
    assert found.of(Seen.HOM_ALT_READS).tolist() == [10]
    # 20 of 40 and 10 of 40 reads; the one with 8 reads is not looked at, nor the one that failed
    assert {int(i): int(found.balances[0, i]) for i in np.flatnonzero(found.balances[0])} == {20: 1, 10: 1}


@given(st.lists(st.integers(0, 99), min_size=1, max_size=40))
def test_medians_are_exact_below_100(values: list[int]) -> None:
    counts = np.bincount(values, minlength=len(DEPTH_EDGES))
    assert median_of(counts) == np.median(values)
    assert median_place(np.bincount(values, minlength=100)) == np.median(values)


@given(st.lists(st.integers(100, 90_000), min_size=1, max_size=40))
def test_medians_are_near_beyond(values: list[int]) -> None:
    places = np.searchsorted(DEPTH_EDGES, values, side="right") - 1
    found = median_of(np.bincount(places, minlength=len(DEPTH_EDGES)))
    low, high = sorted(values)[(len(values) - 1) // 2], sorted(values)[len(values) // 2]
    assert found is not None
    assert low / 1.21 <= found <= high * 1.21


def test_no_median_of_nothing() -> None:
    assert median_of(np.zeros(len(DEPTH_EDGES), np.int64)) is None
    assert median_place(np.zeros(100, np.int64)) is None


def test_long_indels_are_counted_together(tmp_path: Path) -> None:
    rows = [
        f"chr1 100 . {'A' * (LONGEST + 3)} A . . .",
        f"chr1 300 . A A{'C' * LONGEST} . . .",
        f"chr1 400 . A A{'C' * (LONGEST + 400)} . . .",
        "chr1 500 . AC A . . .",
    ]
    counts = counts_of(write_vcf(tmp_path / "x.vcf", vcf_text(rows))).indels
    assert {int(i) - LONGEST - 1: int(counts[i]) for i in np.flatnonzero(counts)} == {
        -LONGEST - 1: 1,
        LONGEST: 1,
        LONGEST + 1: 1,
        -1: 1,
    }


def test_pseudo_autosomal_sites_are_neither_x_nor_y(tmp_path: Path) -> None:
    rows = [
        "chrX 100000 . A G . . . GT 0/1",
        "chrX 3000000 . A G . . . GT 0/1",
        "chrY 100000 . A G . . . GT 1/1",
        "chrY 3000000 . A G . . . GT 1/1",
    ]
    found = counts_of(write_vcf(tmp_path / "x.vcf", vcf_text(rows, samples=["a"]))).samples
    assert found is not None
    assert found.of(Seen.X_HET).tolist() == [1]
    assert found.of(Seen.Y_HOM).tolist() == [1]
    assert found.y_sites == 1


def consequences(rows: list[dict[str, Any]]) -> pl.DataFrame:
    plain = {
        "impact": "MODIFIER",
        "distance": 0,
        "mane_select": False,
        "mane_plus_clinical": False,
        "canonical": False,
        "flags": [],
    }
    return pl.DataFrame([plain | row for row in rows], schema_overrides=CONSEQUENCES.schema).select(
        *(
            pl.col(name)
            if name in {key for row in rows for key in plain | row}
            else pl.lit(None, dtype).alias(name)
            for name, dtype in CONSEQUENCES.schema.items()
        )
    )


TOLD = [
    {"row": 0, "consequence": ["intron_variant"], "transcript_id": "t1", "biotype": "lncRNA"},
    {
        "row": 0,
        "consequence": ["stop_gained", "splice_region_variant"],
        "impact": "HIGH",
        "transcript_id": "t2",
        "biotype": "protein_coding",
        "cds_pos": 9,
        "nmd_escape": True,
        "mane_select": True,
        "flags": ["incomplete_cds_5"],
    },
    {
        "row": 1,
        "consequence": ["missense_variant"],
        "impact": "MODERATE",
        "transcript_id": "t3",
        "biotype": "protein_coding",
        "cds_pos": 5,
    },
    {
        "row": 1,
        "consequence": ["missense_variant"],
        "impact": "MODERATE",
        "transcript_id": "t2",
        "biotype": "protein_coding",
        "canonical": True,
        "cds_pos": 5,
        "flags": ["needs_fasta"],
    },
    {"row": 2, "consequence": ["intergenic_variant"], "distance": 0},
]


@pytest.mark.parametrize("picked", [False, True])
def test_consequences_by_the_most_severe(picked: bool, tmp_path: Path) -> None:
    rows = ["chr1 10 . A G . . .", "chr1 20 . A C . . .", "chr1 30 . C T . . ."]
    path = write_vcf(tmp_path / "x.vcf", vcf_text(rows))
    table = consequences(TOLD)
    CONSEQUENCES.check(table, raise_errors=True)
    if picked:
        table = table.with_columns(pl.Series("pick", [False, True, False, True, True]))

    def told(annotated: AnnotatedBatch) -> AnnotatedBatch:
        return replace(annotated, consequences=table, source="CSQ")

    counts = counts_of(path, extend=told)
    found = counts.consequences
    assert found is not None
    assert found.source == "CSQ"
    assert dict(found.terms.counts) == {"stop_gained": 1, "missense_variant": 1, "intergenic_variant": 1}
    assert dict(found.impacts.counts) == {"HIGH": 1, "MODERATE": 1, "MODIFIER": 1}
    assert dict(found.biotypes.counts) == {"protein_coding": 2}
    # of the two missense rows the canonical one counts, with its flag
    assert dict(found.flags.counts) == {"incomplete_cds_5": 1, "needs_fasta": 1}
    assert (found.alleles, found.flagged, found.inside, found.mane) == (3, 2, 2, 1)
    assert (found.stops, found.escaping) == (1, 1)
    # coding: A>G and A>C; all: C>T too
    assert counts.changes.tolist() == [[2, 1], [2, 1], [1, 1], [1, 1]]


def test_terms_that_the_contract_does_not_name(tmp_path: Path) -> None:
    rows = [
        {"row": 0, "consequence": ["custom_thing"], "impact": "HIGH"},
        {"row": 0, "consequence": ["missense_variant"], "impact": "MODERATE"},
        {"row": 1, "consequence": ["start_lost"], "impact": "HIGH"},
        {"row": 1, "consequence": ["custom_thing"], "impact": "HIGH"},
    ]
    path = write_vcf(tmp_path / "x.vcf", vcf_text(["chr1 10 . A G . . .", "chr1 20 . A C . . ."]))

    def told(annotated: AnnotatedBatch) -> AnnotatedBatch:
        return replace(annotated, consequences=consequences(rows), source="ANN")

    found = counts_of(path, extend=told).consequences
    assert found is not None
    assert dict(found.terms.counts) == {"start_lost": 1, "custom_thing": 1}
    assert dict(found.impacts.counts) == {"HIGH": 2}


def test_stores_and_scores(tmp_path: Path) -> None:
    rows = [f"chr1 {10 * n} . A G . . ." for n in range(1, 7)]
    path = write_vcf(tmp_path / "x.vcf", vcf_text(rows))
    status = pl.Series(["found", "found", "found", "not_found", "not_covered", "no_key"], dtype=STATUS)
    known = {
        "f": pl.DataFrame(
            {"status": status, "af": pl.Series([0.01, 0.0, None, None, None, None], dtype=pl.Float32)}
        ),
        "c": pl.DataFrame(
            {
                "status": status,
                "significance": pl.Series(["Benign", "Benign", None, None, None, None]),
                "stars": pl.Series([2, None, 1, None, None, None], dtype=pl.Int32),
            }
        ),
        "s": pl.DataFrame({"status": status, "score": pl.Series([0.5, 1.5, None, None, None, None])}),
    }
    scores = pl.DataFrame({"cadd": [1.0, None, 30.0, 2.0, 2.0, 2.0], "word": ["x"] * 6})

    def told(annotated: AnnotatedBatch) -> AnnotatedBatch:
        return replace(annotated, known=known, scores=scores)

    for found in (counts_of(path, extend=told), QualityCounts() + counts_of(path, extend=told)):
        assert found.stores["f"].status.tolist() == [3, 1, 1, 1]
        assert found.stores["f"].frequencies is not None
        assert found.stores["f"].frequencies.tolist() == [1, 0, 0, 0, 0, 1, 0, 0]
        assert found.stores["f"].without_frequency == 1
        assert found.stores["c"].significance == {
            ("Benign", 2): 1,
            ("Benign", -1): 1,
            ("not stated", 1): 1,
        }
        assert found.stores["s"].numbers["score"].n == 2
        assert list(found.scores) == ["cadd"]
        assert found.scores["cadd"].n == 5
    twice = counts_of(path, extend=told) + counts_of(path, extend=told)
    assert twice.stores["c"].significance == {("Benign", 2): 2, ("Benign", -1): 2, ("not stated", 1): 2}
    assert twice.stores["f"].frequencies is not None
    assert twice.stores["f"].frequencies.sum() == 4


def test_genotypes_of_something_else_are_refused(tmp_path: Path) -> None:
    rows = ["chr1 10 . A G . . . GT 0/1 0/1", "chr1 20 . A C . . . GT 0/1 0/1"]
    path = write_vcf(tmp_path / "x.vcf", vcf_text(rows, samples=SAMPLES))
    ((_, annotated),) = annotated_batches(path)
    assert annotated.genotypes is not None
    strange = annotated.genotypes.with_columns(pl.lit("c").alias("sample"))
    with pytest.raises(ContractError, match="does not name"):
        QualityCounts.of_batch(replace(annotated, genotypes=strange))
    strange = annotated.genotypes.with_columns(pl.col("allele") + 1)
    with pytest.raises(ContractError, match="table of alleles"):
        QualityCounts.of_batch(replace(annotated, genotypes=strange))
    own = annotated.genotypes.filter(pl.col("sample") == "b")
    found = QualityCounts.of_batch(replace(annotated, genotypes=own), samples=["b"]).samples
    assert found is not None
    assert found.samples == ("b",)
    assert found.of(Seen.CALLED).tolist() == [2]


def test_counts_of_other_samples_are_not_added(tmp_path: Path) -> None:
    one = counts_of(write_vcf(tmp_path / "x.vcf", vcf_text(["chr1 10 . A G . . . GT 0/1"], samples=["a"])))
    other = counts_of(write_vcf(tmp_path / "y.vcf", vcf_text(["chr1 10 . A G . . . GT 0/1"], samples=["b"])))
    with pytest.raises(ValueError, match="other samples"):
        one + other


def test_meta_of_the_tests_has_no_x() -> None:
    # the recount above takes chrX for what it is by its name alone
    assert not any("chrX" in line for line in META)
