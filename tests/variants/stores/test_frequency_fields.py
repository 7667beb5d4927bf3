"""Allele counts are found by the names that releases give them."""

from __future__ import annotations

import pytest

pytest.importorskip("numba")

from genopraxis.variants.stores.frequency_fields import FrequencyFields, frequency_fields
from genopraxis.variants.stores.rows import FileField


def fields(*names: str, numeric: bool | None = True, **descriptions: str) -> FrequencyFields:
    return frequency_fields(
        FileField(name=name, is_numeric=numeric, description=descriptions.get(name, "")) for name in names
    )


def test_gnomad_2() -> None:
    found = fields(
        "AC", "AN", "AF", "nhomalt", "AC_nfe", "AN_nfe", "nhomalt_nfe", "AC_nfe_seu", "AN_nfe_seu", "AC_male",
        "AN_male", "AC_nfe_male", "controls_AC_nfe", "controls_AN_nfe", "non_neuro_AC", "AC_raw", "AC_popmax",
        "AN_popmax", "AF_popmax", "nonpar", "faf95", "faf95_nfe", "age_hist_hom_bin_freq", "rf_tp_probability",
    )  # fmt: skip
    assert found.groups == ("nfe",)
    assert found.counts["hom", "nfe"] == "nhomalt_nfe"
    assert (found.hemizygous, found.nonpar) == ("AC_male", "nonpar")
    assert found.file_faf95 is None  # faf95 alone is of all samples together
    assert found.left_out == {
        "subsets": 3, "groups within groups": 2, "raw counts": 1, "maxima over groups": 3, "sexes": 2,
    }  # fmt: skip


def test_gnomad_4() -> None:
    found = fields(
        "AC", "AN", "AF", "nhomalt", "AC_XY", "nhomalt_XY", "AC_afr", "AN_afr", "AC_remaining", "AN_remaining",
        "AC_afr_XX", "AC_non_ukb_afr", "AN_non_ukb_afr", "AC_grpmax", "AC_joint", "AN_joint", "AC_joint_afr",
        "fafmax_faf95_max", "fafmax_faf95_max_gen_anc", "non_par",
    )  # fmt: skip
    assert found.groups == ("afr", "remaining")
    assert (found.counts["ac", ""], found.counts["ac", "afr"]) == ("AC", "AC_afr")
    assert (found.file_faf95, found.file_faf95_group) == ("fafmax_faf95_max", "fafmax_faf95_max_gen_anc")
    assert (found.hemizygous, found.nonpar) == ("AC_XY", "non_par")
    assert found.left_out["other data sets"] == 3


def test_gnomad_joint() -> None:
    found = fields(
        "AC_exomes", "AN_exomes", "AC_exomes_afr", "AN_exomes_afr", "AC_joint", "AN_joint", "AC_joint_afr",
        "AN_joint_afr", "nhomalt_joint", "nhomalt_joint_afr", "fafmax_faf95_max_joint",
        "fafmax_faf95_max_gen_anc_joint", "exomes_filters", "genomes_filters",
    )  # fmt: skip
    assert found.counts["ac", "afr"] == "AC_joint_afr"
    assert found.counts["hom", ""] == "nhomalt_joint"
    assert found.file_faf95 == "fafmax_faf95_max_joint"
    assert found.filters == ("exomes_filters", "genomes_filters")


@pytest.mark.parametrize(
    ("more", "maxima"),
    [
        (("faf95_afr",), ("afr",)),  # genomes of releases 3 and 4
        (("faf95_afr", "faf95_mid"), ("afr", "mid")),  # exomes of release 4
        (("fafmax_faf95_max",), ("afr",)),
        (("GroupMax FAF frequency",), ("afr", "mid")),  # a table of the browser
        (("Popmax FAF frequency",), ("afr",)),
        (("faf95_asj",), ("afr", "asj")),
        ((), ("afr",)),
    ],
)
def test_maxima_are_taken_over_the_groups_of_the_source(
    more: tuple[str, ...], maxima: tuple[str, ...]
) -> None:
    groups = ("afr", "mid", "asj", "fin", "ami", "remaining")
    found = fields("AC", "AN", *(f"{what}_{group}" for what in ("AC", "AN") for group in groups), *more)
    assert found.groups == groups
    assert found.maxima == maxima


def test_joint_counts_take_the_middle_east_in() -> None:
    found = fields(
        "AC_joint",
        "AN_joint",
        "AC_joint_mid",
        "AN_joint_mid",
        "AC_genomes_mid",
        "AN_genomes_mid",
        "faf95_joint_mid",
    )
    assert found.maxima == ("mid",)
    assert fields("AC_joint", "AN_joint", "AC_joint_mid", "AN_joint_mid", "faf95_exomes_mid").maxima == ()


def test_frequencies_are_read_only_where_counts_do_not_give_them() -> None:
    found = fields("AC", "AN", "AF", "AC_afr", "AN_afr", "AF_afr", "AF_eas")
    assert set(found.wanted) == {"AC", "AN", "AC_afr", "AN_afr", "AF_eas"}


def test_exac_takes_adjusted_counts() -> None:
    found = fields(
        "AC", "AC_AFR", "AC_Adj", "AC_Hemi", "AC_Het", "AC_Hom", "AN", "AN_AFR", "AN_Adj", "Hom_AFR", "Hemi_AFR",
        "Het_AFR", "AC_MALE", "AC_CONSANGUINEOUS", "AN_CONSANGUINEOUS",
    )  # fmt: skip
    assert found.groups == ("afr",)
    assert (found.counts["ac", ""], found.counts["an", ""]) == ("AC_Adj", "AN_Adj")
    assert (found.counts["hom", ""], found.counts["hemi", ""]) == ("AC_Hom", "AC_Hemi")
    assert found.counts["hom", "afr"] == "Hom_AFR"
    assert found.hemizygous is None
    assert not found.halved


def test_thousand_genomes() -> None:
    phase_3 = fields("AC", "AN", "AF", "EAS_AF", "AFR_AF", "NS", "DP")
    assert phase_3.groups == ("eas", "afr")
    assert phase_3.counts["af", "eas"] == "EAS_AF"
    deep = fields(
        "AC", "AN", "AC_EUR", "AN_EUR", "AC_EUR_unrel", "AC_Het_EUR", "AC_Hom_EUR",
        AC_Hom_EUR="Allele counts in homozygous genotypes from samples of EUR",
    )  # fmt: skip
    assert deep.groups == ("eur",)
    assert deep.halved == {"AC_Hom_EUR"}


def test_words_of_the_gnomad_browser() -> None:
    found = fields(
        "Allele Count", "Allele Number", "Number of Homozygotes", "Allele Count African", "Allele Number African",
        "Homozygote Count European (Non-Finnish)", "Allele Count European (Non-Finnish)",
        "Allele Number European (Non-Finnish)", "Filters - exomes", "Filters - genomes", "Number of Hemizygotes",
        "Allele Count XX", numeric=None,
    )  # fmt: skip
    assert found.groups == ("afr", "nfe")
    assert found.counts["hom", "nfe"] == "Homozygote Count European (Non-Finnish)"
    assert found.counts["hemi", ""] == "Number of Hemizygotes"
    assert len(found.filters) == 2


def test_nothing_of_the_kind() -> None:
    found = fields("CLNSIG", "DP", "MQ", "hist")
    assert not found.counts
    assert not found.groups
