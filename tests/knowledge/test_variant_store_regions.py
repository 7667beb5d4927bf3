"""Where a source could see, told from where its variants lie: genomes, exomes, panels, one gene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytest.importorskip("numba")

from genopraxis.formats.contig_names import LENGTHS, Assembly
from genopraxis.knowledge import variant_store_regions
from genopraxis.knowledge.variant_keys import Keys, variant_keys
from genopraxis.knowledge.variant_store import open_store
from genopraxis.knowledge.variant_store_build import StoreFacts, build_store
from genopraxis.knowledge.variant_store_card import StoreColumn
from genopraxis.knowledge.variant_store_regions import FLANK, inferred_regions

LENGTH = LENGTHS[Assembly.GRCH38]
RNG = np.random.default_rng(7)


def keys_of(chrom: str, positions: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Keys:
    sorted_ = np.unique(positions)
    sequence = pl.DataFrame({"pos": sorted_}).with_columns(
        chrom=pl.lit(chrom), ref=pl.lit("A"), alt=pl.lit("C")
    )
    return variant_keys(sequence)[0]


def exons(chrom: str, n: int, per_exon: int) -> Keys:
    """Genes of ten exons of 150 bases, two thousand bases apart, anywhere on a chromosome."""
    genes = RNG.integers(1000, LENGTH[chrom] - 50_000, n // 10)
    starts = (genes[:, None] + 2000 * np.arange(10)).ravel()
    return keys_of(chrom, (starts[:, None] + RNG.integers(0, 150, (len(starts), per_exon))).ravel())


@pytest.mark.parametrize("n", [30_000, 300_000, 3_000_000])
def test_a_genome_covers_all_of_its_contigs(n: int) -> None:
    """One person's 1,300 bases from one to the next, or many people's; the first 16 million bases are a gap."""
    keys = keys_of("22", RNG.integers(16_000_000, LENGTH["22"], n))
    regions, how = inferred_regions(keys, assembly="GRCh38")
    assert regions.rows() == [("22", 0, (1 << 28) - 1)]
    assert "as a whole" in how


@pytest.mark.parametrize(
    ("chrom", "n", "per_exon"), [("1", 20_000, 40), ("19", 14_000, 60), ("1", 20_000, 1)]
)
def test_an_exome_does_not(chrom: str, n: int, per_exon: int) -> None:
    keys = exons(chrom, n, per_exon)
    regions, how = inferred_regions(keys, assembly="GRCh38")
    seen = int((regions["end"] - regions["start"]).sum())
    assert 0.01 < seen / LENGTH[chrom] < 0.2
    assert f"within {FLANK} bases" in how


def test_few_variants_that_are_spread_do_not() -> None:
    """As those of a table of associations."""
    keys = keys_of("1", np.arange(1, 249) * 1_000_000)
    assert inferred_regions(keys, assembly="GRCh38")[0].height == 248


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("rare/hu82436A_PGP_exome.GRCh37.vcf.gz", False),
        ("rare/Pfeiffer_exomiser.GRCh37.vcf.gz", False),
        ("calling/truth/HG002_GRCh38_1_22_v4.2.1_benchmark.chr20.vcf.gz", True),
    ],
)
def test_real_people(name: str, whole: bool, rare_data: Path) -> None:
    table = pl.read_csv(
        rare_data.parent / name, separator="\t", comment_prefix="#", has_header=False, infer_schema=False
    ).select(
        chrom=pl.nth(0).str.strip_prefix("chr"), pos=pl.nth(1).cast(pl.Int64),
        ref=pl.nth(3), alt=pl.nth(4),
    )  # fmt: skip
    keys, keyed = variant_keys(table)
    assembly = "GRCh38" if "GRCh38" in name else "GRCh37"
    regions, _ = inferred_regions(np.unique(keys[keyed]), assembly=assembly)
    sizes = regions.group_by("chrom").len()["len"]
    assert (sizes == 1).all() if whole else sizes.min() > 2  # type: ignore[operator]


def test_one_gene_or_one_variant_does_not() -> None:
    for positions in ([43_000_000], range(43_044_295, 43_125_364, 900)):
        regions, _ = inferred_regions(keys_of("17", np.array(positions)), assembly="GRCh38")
        assert regions.height == len(positions)
        assert (regions["end"] - regions["start"]).unique().to_list() == [2 * FLANK + 1]


def test_each_contig_by_itself() -> None:
    genome = keys_of("21", RNG.integers(5_000_000, LENGTH["21"], 100_000))
    both = np.concatenate([genome, keys_of("22", np.array([30_000_000])), exons("X", 7000, 5)])
    regions, how = inferred_regions(both, assembly="GRCh38")
    assert regions.filter(pl.col("chrom") == "21").height == 1
    assert regions.filter(pl.col("chrom") == "22").rows() == [("22", 29_999_899, 30_000_100)]
    assert "21" in how


def test_pieces_give_the_same_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = np.concatenate([exons("20", 500, 5), keys_of("21", RNG.integers(5_000_000, LENGTH["21"], 40_000))])
    whole = inferred_regions(keys, assembly="GRCh38")
    for size in (1, 7, 100):
        monkeypatch.setattr(variant_store_regions, "_CHUNK", size)
        some = keys[:700] if size == 1 else keys
        expected = inferred_regions(some, assembly="GRCh38")
        assert (
            expected[0]
            .filter(pl.col("chrom") == "20")
            .equals(expected[0] if size == 1 else whole[0].filter(pl.col("chrom") == "20"))
        )
        assert size == 1 or expected[0].equals(whole[0])


def test_places_by_brute_force() -> None:
    positions = np.unique(RNG.integers(1, 5000, 30))
    regions, _ = inferred_regions(keys_of("1", positions), assembly="GRCh38")
    inside = {
        p for start, end in regions.select("start", "end").iter_rows() for p in range(start + 1, end + 1)
    }
    near = {p for one in positions.tolist() for p in range(max(1, one - FLANK), one + FLANK + 1)}
    assert inside == near


def test_a_store_answers_so(tmp_path: Path) -> None:
    column = StoreColumn(name="ac", dtype="int32", description="x")
    rows = pl.DataFrame({"chrom": "1", "pos": [1000, 1001, 1002], "ref": "A", "alt": "C", "ac": 1})
    rows = rows.with_columns(usable=pl.Series([True, False, True]))
    for kind, there in (("frequencies", "not_covered"), ("clinvar", "not_found")):
        facts = StoreFacts(kind=kind, assembly="GRCh38", columns=(column,))  # type: ignore[arg-type]
        build_store([rows], tmp_path / kind, facts=facts)
        store = open_store(tmp_path / kind)
        asked = pl.DataFrame(
            [("1", 1000, "A", "C"), ("1", 1000, "A", "G"), ("1", 1102, "A", "C"), ("1", 1103, "A", "C"),
             ("1", 1001, "A", "C"), ("1", 1001, "A", "G"), ("2", 1000, "A", "C")],
            schema=["chrom", "pos", "ref", "alt"], orient="row",
        )  # fmt: skip
        # the row at 1001 could not be used: its place was seen, what was seen there is not known
        assert store.find(asked)["status"].to_list() == [
            "found", "not_found", "not_found", there, "not_covered", "not_found", "not_covered",
        ]  # fmt: skip
        assert (store.card.unusable, store.card.variants) == (1, 2)
