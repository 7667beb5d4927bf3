"""Each rule speaks when its limit is crossed, and is silent before."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from quality_for_tests import CONTIGS, simulated_person, summary_of

from genopraxis.variants.quality_cohort import outliers
from genopraxis.variants.quality_document import (
    ConsequenceSummary,
    QualitySummary,
    SampleQuality,
    StoreSummary,
)
from genopraxis.variants.quality_rules import RULES, quality_warnings
from vcf_texts import vcf_text, write_vcf

Change = Callable[[QualitySummary], QualitySummary]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> QualitySummary:
    """A summary that breaks no rule."""
    rows = simulated_person(np.random.default_rng(3), x_copies=2, y_copies=0)
    path = write_vcf(tmp_path_factory.mktemp("sound") / "x.vcf", vcf_text(rows, samples=["s"], meta=CONTIGS))
    summary = summary_of(path)
    ratios = tuple(
        one.model_copy(update={"transitions": 2100, "transversions": 1000, "ratio": 2.1})
        if not one.name.endswith("coding")
        else one.model_copy(update={"transitions": 1500, "transversions": 500, "ratio": 3.0})
        for one in summary.transitions
    )
    normalised = summary.normalised | {"reference_checked": 10_000, "reference_differs": 10}
    made = summary.model_copy(update={"transitions": ratios, "normalised": normalised})
    assert list(quality_warnings(made)) == []
    return made


def with_ratio(number: int, value: float | None) -> Change:
    def change(summary: QualitySummary) -> QualitySummary:
        ratios = list(summary.transitions)
        ratios[number] = ratios[number].model_copy(update={"ratio": value})
        return summary.model_copy(update={"transitions": tuple(ratios)})

    return change


def with_sample(**figures: Any) -> Change:
    def change(summary: QualitySummary) -> QualitySummary:
        return summary.model_copy(update={"samples": (summary.samples[0].model_copy(update=figures),)})

    return change


def with_sex(**figures: Any) -> Change:
    def change(summary: QualitySummary) -> QualitySummary:
        one = summary.samples[0]
        return with_sample(sex=one.sex.model_copy(update=figures))(summary)

    return change


def with_file(**facts: Any) -> Change:
    def change(summary: QualitySummary) -> QualitySummary:
        return summary.model_copy(update={"file": summary.file.model_copy(update=facts)})

    return change


def with_reference(checked: int, differs: int) -> Change:
    def change(summary: QualitySummary) -> QualitySummary:
        numbers = summary.normalised | {"reference_checked": checked, "reference_differs": differs}
        return summary.model_copy(update={"normalised": numbers, "mismatches": ("1:5 A, not C",)})

    return change


def with_update(**update: Any) -> Change:
    return lambda summary: summary.model_copy(update=update)


STORE = StoreSummary(
    name="gnomad",
    found=10,
    not_found=39,
    not_covered=51,
    no_key=900,
    covered_share=0.49,
    frequencies=None,
    without_frequency=0,
    rare=None,
    clinvar=None,
)
TOLD = ConsequenceSummary(
    source="genopraxis",
    alleles=1000,
    terms={"intron_variant": 1000},
    impacts={"MODIFIER": 1000},
    biotypes={},
    flagged=101,
    flags={"needs_fasta": 101},
    inside=1000,
    mane=0,
    high_impact=0,
    premature_stops=0,
    escaping=0,
)


@pytest.mark.parametrize(
    ("code", "broken", "kept", "text"),
    [
        ("sites_only", with_update(outcome="sites_only", samples=()), with_update(), "no genotypes"),
        ("assembly_unknown", with_file(assembly=None), with_update(), "which assembly"),
        (
            "assembly_named",
            with_file(named_assemblies=("GRCh37", "GRCh38")),
            with_file(named_assemblies=("GRCh38",)),
            "GRCh37",
        ),
        (
            "old_mitochondrion",
            with_update(other_contigs={"NC_001807.4": 31}),
            with_update(other_contigs={"GL000191.1": 31}),
            "31 mitochondrial record.*looked up in no store",
        ),
        ("reference_unchecked", with_reference(0, 0), with_reference(1, 0), "compared with no genome"),
        ("reference_differs", with_reference(1000, 2), with_reference(1000, 1), "2 of 1,000 records, as 1:5 A"),
        ("unsorted", with_file(sorted=False), with_file(sorted=None), "order"),
        ("no_filter", with_update(passing=0, filtered=0), with_update(passing=1, filtered=0), "no record|No record"),
        ("mostly_filtered", with_update(filtered=900, records=1700), with_update(filtered=850, records=1700), "900 of"),
        ("ti_tv", with_ratio(1, 1.79), with_ratio(1, 1.8), "1.79"),
        ("ti_tv", with_ratio(1, 3.7), with_ratio(1, None), "3.70"),
        ("ti_tv_coding", with_ratio(3, 2.4), with_ratio(3, 2.5), "2.40"),
        ("het_hom", with_sample(het_hom_snvs=3.1), with_sample(het_hom_snvs=3.0), "s \\(3.10\\)"),
        ("het_hom", with_sample(het_hom_snvs=None), with_sample(het_hom_snvs=1.0), "no homozygous one"),
        ("het_hom", with_sample(het_hom_snvs=0.9), with_sample(het_hom_snvs=0.9, het_snvs=5, hom_snvs=6), "0.90"),
        ("missing_genotypes", with_sample(missing_share=0.11), with_sample(missing_share=0.1), "11.0"),
        ("no_depth", with_update(depths=None), with_update(), "No depth"),
        ("low_depth", with_sample(depth_median=9.0), with_sample(depth_median=10.0), "below 10"),
        ("allele_balance", with_sample(balance_off=0.26), with_sample(balance_off=0.25), "26.0"),
        ("reference_reads", with_sample(ref_reads_at_hom=0.031), with_sample(ref_reads_at_hom=0.03), "3.1"),
        ("sex_conflict", with_sex(agreement="conflicts", stated="male"), with_sex(agreement="agrees"), "stated male"),
        ("sex_evidence", with_sex(reason="conflicting: x", call="unclear"), with_sex(call="unclear"), "conflicts: s"),
        (
            "flagged",
            with_update(consequences=TOLD),
            with_update(consequences=TOLD.model_copy(update={"flagged": 100})),
            "101 of",
        ),
        (
            "not_covered",
            with_update(stores=(STORE,)),
            with_update(stores=(STORE.model_copy(update={"covered_share": 0.5}),)),
            "gnomad",
        ),
    ],
)  # fmt: skip
def test_each_rule(code: str, broken: Change, kept: Change, text: str, sound: QualitySummary) -> None:
    found = {one.code: one for one in quality_warnings(broken(sound))}
    assert code in found
    assert re.search(text, found[code].text)
    assert found[code].limit
    assert found[code].source
    assert code not in {one.code for one in quality_warnings(kept(sound))}


def cohort(sound: QualitySummary, n: int, **last: Any) -> tuple[SampleQuality, ...]:
    rng = np.random.default_rng(2)
    samples = [
        sound.samples[0].model_copy(
            update={"name": f"s{i}", "het_hom_snvs": 1.6 + 0.02 * rng.standard_normal()}
        )
        for i in range(n)
    ]
    samples[-1] = samples[-1].model_copy(update=last)
    return tuple(samples)


def test_who_is_unlike_the_cohort(sound: QualitySummary) -> None:
    odd = cohort(sound, 30, het_hom_snvs=2.2)
    assert outliers(odd) == {"s29": ["het/hom, SNVs"]}
    (warning,) = quality_warnings(sound.model_copy(update={"samples": odd}))
    assert warning.code == "unlike_cohort"
    assert "s29" in warning.text
    # too few samples to say what is usual, or too few sites to say what a sample has
    assert outliers(odd[-9:]) == {}
    assert outliers(cohort(sound, 30, het_hom_snvs=2.2, het_snvs=20, hom_snvs=9)) == {}
    assert outliers(cohort(sound, 30)) == {}


def test_every_rule_is_tested() -> None:
    (mark,) = (one for one in test_each_rule.pytestmark if one.name == "parametrize")  # type: ignore[attr-defined]
    assert {case[0] for case in mark.args[1]} | {"unlike_cohort"} == {rule.code for rule in RULES}


def test_the_header_may_speak_of_two_assemblies(tmp_path: Path) -> None:
    meta = (*CONTIGS, "##reference=file:///data/human_g1k_v37.fasta")
    summary = summary_of(write_vcf(tmp_path / "x.vcf", vcf_text(["chr1 10 . A G . . ."], meta=meta)))
    assert summary.file.named_assemblies == ("GRCh37",)
    assert "assembly_named" in {one.code for one in summary.warnings}
