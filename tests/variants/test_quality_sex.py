"""The sex check: each line of evidence, its limits, and what it says of simulated and of real people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from quality_for_tests import CONTIGS, simulated_person, summary_of

from genopraxis.formats.contig_names import LENGTHS, PSEUDO_AUTOSOMAL, Assembly
from genopraxis.variants.quality_sex import (
    LIMITS,
    SexCall,
    SexFigures,
    agreement,
    call_sex,
    outside_pseudo_autosomal,
)
from vcf_texts import vcf_text, write_vcf

MALE = SexFigures(
    autosome_het=600,
    autosome_hom=400,
    x_het=3,
    x_hom=97,
    x_haploid=0,
    x_with_depth=100,
    autosome_depth=30,
    x_depth=15,
    y_depth=15,
    y_called=10,
    y_hom=9,
    y_het=1,
    y_sites=10,
    samples=1,
)
FEMALE = replace(MALE, x_het=60, x_hom=40, x_depth=30, y_called=0, y_hom=0, y_het=0, y_depth=None)


def test_the_plain_ones() -> None:
    assert call_sex(MALE).call == "XY"
    assert call_sex(FEMALE).call == "XX"
    assert "60 of 100 variant sites on X" in call_sex(FEMALE).reason


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        (replace(FEMALE, x_het=0, x_hom=0), "no variant genotype on X"),
        (replace(FEMALE, x_het=2, x_hom=2), "too few sites on X"),
        (replace(MALE, x_het=0, x_hom=3), "too few sites on X"),
        (replace(FEMALE, x_het=270, x_hom=730, x_depth=None), "between one X and two"),
        (replace(FEMALE, autosome_het=100, autosome_hom=90), "only 190 variant SNVs on autosomes"),
        (replace(FEMALE, autosome_het=980, autosome_hom=20), "genotypes were taken out"),
        (replace(FEMALE, autosome_het=200, autosome_hom=800), "genotypes were taken out"),
        (replace(FEMALE, y_called=12, y_hom=12, y_depth=15), "XXY"),
        (replace(FEMALE, x_depth=15), "depth on X is that of one X"),
        (replace(MALE, x_depth=30), "depth on X is that of two X"),
        (replace(MALE, y_hom=0, y_called=1, y_sites=40, samples=50), "a single X"),
        (replace(MALE, x_het=0, x_hom=2, x_haploid=80, x_depth=30), "depth is that of two X"),
    ],
)
def test_unclear_says_why(figures: SexFigures, reason: str) -> None:
    call = call_sex(figures)
    assert call.call == "unclear"
    assert reason in call.reason


def test_no_record_on_y_is_no_evidence() -> None:
    without = replace(MALE, y_called=0, y_hom=0, y_het=0, y_depth=None, y_sites=0)
    call = call_sex(without)
    assert call.call == "XY"
    assert "a single X is possible" in call.reason
    # one sample: that few sites on Y are in the file says nothing either
    assert call_sex(replace(without, y_sites=40)).call == "XY"


def test_heterozygous_calls_on_y_are_none() -> None:
    assert call_sex(replace(FEMALE, y_called=40, y_het=40, y_depth=20)).call == "XX"


def test_few_reads_on_y_are_no_y() -> None:
    noise = replace(FEMALE, y_called=8, y_hom=8, y_depth=3)
    assert call_sex(noise).call == "XX"
    assert call_sex(replace(noise, y_depth=LIMITS.y_depth * 30)).call == "unclear"


def test_haploid_genotypes_say_what_the_caller_was_told() -> None:
    call = call_sex(replace(MALE, x_het=0, x_hom=1, x_haploid=80))
    assert call.call == "XY"
    assert "whoever called them took the sample for XY" in call.reason


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        (replace(FEMALE, x_het=0, x_hom=0, x_haploid=1), "too few sites on X: 1 haploid"),
        (replace(FEMALE, x_het=0, x_hom=0, x_haploid=15, x_with_depth=0), "too few sites on X"),
        (replace(MALE, x_het=12, x_hom=0, x_haploid=30, x_depth=None), "too few sites on X"),
        (replace(MALE, x_het=40, x_hom=0, x_haploid=60, x_depth=None), "conflicting: 60 haploid"),
        (
            replace(MALE, x_het=0, x_hom=0, x_haploid=80, autosome_het=3, autosome_hom=2),
            "only 5 variant SNVs",
        ),
        (replace(MALE, x_het=0, x_hom=0, x_haploid=80, autosome_het=990, autosome_hom=10), "taken out"),
    ],
)
def test_haploid_genotypes_need_as_much_as_others(figures: SexFigures, reason: str) -> None:
    call = call_sex(figures)
    assert call.call == "unclear"
    assert reason in call.reason


def test_depth_needs_enough_genotypes() -> None:
    assert call_sex(replace(FEMALE, x_depth=15, x_with_depth=LIMITS.depth_sites - 1)).call == "XX"


@pytest.mark.parametrize(
    ("stated", "call", "answer"),
    [
        ("female", "XX", "agrees"),
        ("Male ", "XX", "conflicts"),
        ("male", "XY", "agrees"),
        ("female", "unclear", "unclear"),
        (None, "XX", "not stated"),
        ("other", "XY", "not stated"),
    ],
)
def test_agreement(stated: str | None, call: str, answer: str) -> None:
    made = SexCall(call=call, reason="")  # type: ignore[arg-type]
    assert agreement(made, stated) == answer


@pytest.mark.parametrize("assembly", Assembly)
@pytest.mark.parametrize("chrom", ["X", "Y"])
def test_pseudo_autosomal_regions(assembly: Assembly, chrom: Literal["X", "Y"]) -> None:
    regions = PSEUDO_AUTOSOMAL[assembly][chrom]
    for start, end in regions:
        asked = np.array([start - 1, start, end, end + 1])
        assert outside_pseudo_autosomal(chrom, asked, assembly).tolist() == [True, False, False, True]
        assert 0 < start < end <= LENGTHS[assembly][chrom]
    # the second region is as long on X as on Y, and ends at the telomere's N
    sizes = {one: [end - start for start, end in PSEUDO_AUTOSOMAL[assembly][one]] for one in ("X", "Y")}
    assert sizes["X"] == sizes["Y"]


def test_where_the_assembly_is_not_known_both_are_left_out() -> None:
    asked = np.array([20_000, 2_700_000, 2_790_000, 154_950_000, 155_800_000, 80_000_000])
    assert outside_pseudo_autosomal("X", asked, None).tolist() == [False, False, True, False, False, True]


@pytest.mark.parametrize(
    ("x_copies", "y_copies", "wanted"),
    [(2, 0, "XX"), (1, 1, "XY"), (2, 1, "unclear"), (1, 0, "XY")],
    ids=["XX", "XY", "XXY", "X0"],
)
@pytest.mark.parametrize("seed", range(5))
def test_simulated_people(x_copies: int, y_copies: int, wanted: str, seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    rows = simulated_person(rng, x_copies=x_copies, y_copies=y_copies)
    text = vcf_text(rows, samples=["s"], meta=CONTIGS)
    sex = summary_of(write_vcf(tmp_path / "x.vcf", text)).samples[0].sex
    assert sex.call == wanted
    if (x_copies, y_copies) == (2, 1):
        assert "XXY" in sex.reason
    if (x_copies, y_copies) == (1, 0):
        assert "a single X is possible" in sex.reason


def test_a_mixture_is_not_called(tmp_path: Path) -> None:
    """A male with a tenth of a female in it: heterozygous sites appear, the depth stays that of one X."""
    rng = np.random.default_rng(7)
    rows = simulated_person(rng, x_copies=1, y_copies=1, error=0.5)
    text = vcf_text(rows, samples=["s"], meta=CONTIGS)
    assert summary_of(write_vcf(tmp_path / "x.vcf", text)).samples[0].sex.call == "unclear"


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("HG03709_PEDIA124_annotated.GRCh37.vcf.gz", "XX"),
        ("hu82436A_PGP_exome.GRCh37.vcf.gz", "XY"),
        ("hu82436A_PGP_exome.lifted_GRCh38.vcf.gz", "XY"),
        # nearly all homozygous genotypes were taken out of this one
        ("Pfeiffer_exomiser.GRCh37.vcf.gz", "unclear"),
    ],
)
def test_real_exomes(name: str, wanted: str, rare_data: Path) -> None:
    sex = summary_of(rare_data / name).samples[0].sex
    assert sex.call == wanted
    if wanted == "XX":
        assert sex.x_het_share == pytest.approx(0.63, abs=0.02)
    if wanted == "XY":
        assert sex.x_het_share == pytest.approx(0.045, abs=0.01)
        assert sex.x_depth_ratio == pytest.approx(0.63, abs=0.05)
        assert sex.y_hom >= LIMITS.y_calls
