"""Scores and frequencies in INFO and in consequence strings, under our names, one value an allele."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from annotated_vcfs import SPLICEAI, VEP, alleles, batch, header, info
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.file_scores import ScorePlan, file_scores, plan_scores
from genopraxis.variants.normalise import normalise
from genopraxis.variants.score_names import known_name

OVERLAP = "Annotation with TABIX token PHRED (requiring no genotype match, only position overlap)"


def number(key: str, description: str = "", *, of: str = "A", kind: str = "Float") -> str:
    return info(key, description, number=of, kind=kind)


def scores(
    definitions: list[str], rows: list[tuple[str, str, str]], *, extra: tuple[str, ...] = ()
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows are REF, ALT, INFO."""
    made = batch(definitions, [(place, *row) for place, row in enumerate(rows, start=1)])
    table = alleles(made)
    plan = plan_scores(made.header, extra=extra)
    frame, repairs = file_scores(made, table, plan)
    assert frame.height == table.height
    assert dict(frame.schema) == plan.schema
    return frame, dict(repairs.counts)


def values(definition: str, *rows: tuple[str, str, str]) -> tuple[list[float | None], dict[str, int]]:
    frame, counts = scores([definition], list(rows))
    (column,) = frame.get_columns()
    return rounded(column), counts


def rounded(column: pl.Series) -> list[float | None]:
    return column.cast(pl.Float64).round(5).to_list()


def test_one_value_an_allele() -> None:
    found, counts = values(
        number("CADD_PHRED"),
        ("C", "T", "CADD_PHRED=23.5"),
        ("C", "T,G", "CADD_PHRED=1,2.5e1"),
        ("C", "T,G", "CADD_PHRED=.,3"),
        ("C", "T", "DP=1"),
        ("C", "T", "CADD_PHRED=."),
        ("C", "T", "CADD_PHRED=high"),
        ("C", "T", "CADD_PHRED=NaN"),
    )
    assert found == [23.5, 1, 25, None, 3, None, None, None, None]
    assert counts == {"score_unreadable": 2}


def test_a_number_that_does_not_fit_the_alleles() -> None:
    rows = ("C", "T,G", "REVEL=0.5"), ("C", "T,G", "REVEL=0.1,0.2,0.3"), ("C", "T,G", "REVEL=.")
    found, counts = values(number("REVEL", of="1"), *rows)
    assert found == [None] * 6
    assert counts == {"score_allele": 2}
    # what a place has, all its alleles have
    found, counts = values(number("GERP++_RS", of="1"), ("C", "T,G", "GERP++_RS=-1.5"))
    assert (found, counts) == ([-1.5, -1.5], {})


def test_a_value_for_ref() -> None:
    rows = (
        ("C", "T", "gnomAD_AF=0.9,0.1"),
        ("C", "T,G", "gnomAD_AF=0.9,0.01,0.09"),
        ("C", "T", "gnomAD_AF=0.4"),
    )
    assert values(number("gnomAD_AF", of="R"), *rows) == ([0.1, 0.01, 0.09, 0.4], {})


@pytest.mark.parametrize(
    ("key", "text", "wanted"),
    [
        ("dbNSFP_REVEL_score", "0.1,0.7,.", 0.7),
        ("dbNSFP_REVEL_score", "0.1&0.7&.", 0.7),
        ("CADD_SNV_PHRED", "1.5|7.25|3", 7.25),
        # what is low is worse
        ("dbNSFP_SIFT_score", "0.5,0.01,.", 0.01),
        ("dbNSFP_ESM1b_score", "-3.5,-12.25", -12.25),
        ("dbNSFP_FATHMM_score", ".,.", None),
    ],
)
def test_lists_over_transcripts(key: str, text: str, wanted: float | None) -> None:
    found, counts = values(number(key, of="."), ("C", "T", f"{key}={text}"))
    assert found == [wanted if wanted is None else pytest.approx(wanted)]
    assert counts == {}


def test_frequencies_are_shares() -> None:
    found, counts = values(
        number("ExAC_AF"), ("C", "T", "ExAC_AF=1.2"), ("C", "T", "ExAC_AF=-0.1"), ("C", "T", "ExAC_AF=1")
    )
    assert (found, counts) == ([None, None, 1.0], {"score_unreadable": 2})


def test_the_total_of_a_frequency_lies_among_its_groups() -> None:
    groups = ("AFR", "AMR", "EAS", "FIN", "NFE", "OTH", "SAS")
    definitions = [number("EXAC_AF_ALL"), *(number(f"EXAC_AF_{group}") for group in groups)]

    def row(total: str, *shares: str) -> tuple[str, str, str]:
        parts = [f"EXAC_AF_{group}={share}" for group, share in zip(groups, shares, strict=True)]
        return "C", "T", ";".join([f"EXAC_AF_ALL={total}", *parts])

    high = ("0.7", "0.9", "1", "0.9", "0.9", "0.9", "0.9")
    frame, counts = scores(
        definitions,
        [
            row("0.471", *high),
            row("0.85", *high),
            row("0.471", *high[:-1], "."),
            row("0.7003", *("0.7",) * 7),
        ],
    )
    assert rounded(frame["exac_af"]) == [None, 0.85, 0.471, 0.7003]
    assert rounded(frame["exac_af_afr"]) == [0.7] * 4
    assert counts == {"score_frequency": 1}
    # without all groups nothing can be said
    frame, counts = scores(
        definitions[:4], [("C", "T", "EXAC_AF_ALL=0.1;EXAC_AF_AFR=0.5;EXAC_AF_AMR=0.5;EXAC_AF_EAS=0.5")]
    )
    assert rounded(frame["exac_af"]) == [0.1]
    assert not counts


def test_spliceai() -> None:
    rows = [
        ("C", "T,G", "SpliceAI=G|G1|0.00|0.01|0.9|0.0|-3|5|1|2,T|G1|0.2|.|.|.|.|.|.|.,T|G2|0.1|0.3|0|0|1|1|1|1"),
        ("CA", "C", "SpliceAI=C|GENE1|0|0|0|1|1|1|1|1"),
        ("C", "T", "SpliceAI=A|GENE1|0|0|0|1|1|1|1|1"),
        ("C", "T", "DP=3"),
    ]  # fmt: skip
    frame, counts = scores([info("SpliceAI", SPLICEAI)], rows)
    assert frame.columns == ["spliceai_ag", "spliceai_al", "spliceai_dg", "spliceai_dl", "spliceai_max"]
    assert [[value if value is None else round(value, 5) for value in row] for row in frame.rows()] == [
        [0.2, 0.3, 0.0, 0.0, 0.3],
        [0.0, 0.01, 0.9, 0.0, 0.9],
        [0.0, 0.0, 0.0, 1.0, 1.0],
        [None] * 5,
        [None] * 5,
    ]
    assert not counts


def test_scores_in_consequence_strings() -> None:
    fields = (
        "Allele|Consequence|Feature|SIFT|PolyPhen|REVEL|CADD_PHRED|gnomADe_AF|gnomAD_AF|AFR_AF|AA_AF|MAX_AF|CLIN_SIG|"
        "LoF|SpliceAI_pred_DS_AG|SpliceAI_pred_DS_AL|SpliceAI_pred_DS_DG|SpliceAI_pred_DS_DL|am_pathogenicity|am_class"
    )
    value = ",".join(
        (
            (
                "T|missense_variant|T1|tolerated(0.3)|benign(0.1)||25.5|0.001||0.01|0.02|0.05|benign&uncertain_significance|"
                "LC|0.1|0.2|0|0.05|0.4|ambiguous"
            ),
            (
                "T|missense_variant|T2|deleterious(0.02)|probably_damaging|0.5&0.6|25.5|0.001||0.01|0.02|0.05||HC|0.1|0.2|"
                "0|0.05|.|"
            ),
            "G|stop_gained|T1|deleterious_low_confidence||||||||||||||||",
        )
    )
    frame, counts = scores([info("CSQ", VEP + fields)], [("C", "T,G", f"CSQ={value}"), ("A", "C", ".")])
    known = {name: value for name, value in frame.row(0, named=True).items() if value is not None}
    assert known == {
        "sift": pytest.approx(0.02), "polyphen2_hvar": pytest.approx(0.1), "revel": pytest.approx(0.6),
        "cadd_phred": 25.5, "gnomad_exomes_af": pytest.approx(0.001), "kg_af_afr": pytest.approx(0.01),
        "esp_af_aa": pytest.approx(0.02), "max_af": pytest.approx(0.05),
        "clin_sig": "benign&uncertain_significance", "loftee": "HC", "spliceai_ag": pytest.approx(0.1),
        "spliceai_al": pytest.approx(0.2), "spliceai_dg": 0, "spliceai_dl": pytest.approx(0.05),
        "spliceai_max": pytest.approx(0.2), "alphamissense": pytest.approx(0.4),
        "alphamissense_class": "ambiguous",
    }  # fmt: skip
    assert frame.rows()[1:] == [(None,) * frame.width] * 2
    assert not counts


def test_several_fields_with_one_score() -> None:
    definitions = [info("CSQ", VEP + "Allele|Consequence|REVEL"), number("REVEL"), number("REVEL_score")]
    rows = [
        ("C", "T", "REVEL=0.2;REVEL_score=0.3;CSQ=T|x|0.4"),
        ("C", "T", "REVEL=0.2;CSQ=T|x|0.4"),
        ("C", "T", "CSQ=T|x|0.4"),
    ]
    frame, _ = scores(definitions, rows)
    assert rounded(frame["revel"]) == [0.3, 0.2, 0.4]
    plan = plan_scores(header(*definitions))
    assert plan.columns[0].fields == ("REVEL_score", "REVEL", "CSQ|REVEL")
    assert plan.notes == ("revel is taken from REVEL_score, where that has no value from REVEL, CSQ|REVEL",)


def test_what_completes_each_other() -> None:
    definitions = [number("CADD_SNV_PHRED", kind="String"), number("CADD_INDEL_PHRED", kind="String")]
    frame, _ = scores(definitions, [("C", "T", "CADD_SNV_PHRED=12"), ("C", "CT", "CADD_INDEL_PHRED=3|4")])
    assert frame["cadd_phred"].to_list() == [12, 4]
    assert plan_scores(header(*definitions)).notes == ()


def test_mutation_taster_points_both_ways() -> None:
    definitions = [number("dbNSFP_MutationTaster_score", of="."), info("dbNSFP_MutationTaster_pred")]
    rows = [
        ("C", "T", "dbNSFP_MutationTaster_score=0.9,0.25;dbNSFP_MutationTaster_pred=N,D"),
        ("C", "T", "dbNSFP_MutationTaster_score=0.9;dbNSFP_MutationTaster_pred=."),
        ("C", "T", "dbNSFP_MutationTaster_score=0.9,0.8;dbNSFP_MutationTaster_pred=A"),
    ]
    frame, _ = scores(definitions, rows)
    assert frame["mutationtaster"].to_list() == [0.25, None, None]
    alone = plan_scores(header(definitions[0]))
    assert not alone.columns
    assert "nothing says which way" in alone.notes[0]


def test_further_keys() -> None:
    definitions = [
        number("AC", kind="Integer"), number("AD", of="R", kind="Integer"), number("MQ", of="1"),
        info("DB", number="0", kind="Flag"), info("CIPOS", number="2", kind="Integer"), info("HGVS", number="1"),
    ]  # fmt: skip
    rows = [("C", "T,G", "AC=1,2;AD=7,8,9;MQ=3.5;DB;CIPOS=-1,1;HGVS=c.1%3D;XX=a,b"), ("C", "T", "AC=x")]
    frame, counts = scores(definitions, rows, extra=("AC", "AD", "MQ", "DB", "CIPOS", "HGVS", "XX", "AC"))
    of_record = {"info_MQ": 3.5, "info_DB": True, "info_CIPOS": "-1,1", "info_HGVS": "c.1=", "info_XX": "a,b"}
    absent = dict.fromkeys(("info_AC", "info_AD", *of_record)) | {"info_DB": False}
    assert frame.rows(named=True) == [
        {"info_AC": 1, "info_AD": 8} | of_record,
        {"info_AC": 2, "info_AD": 9} | of_record,
        absent,
    ]
    assert counts == {"score_unreadable": 1}


def test_nothing_found() -> None:
    frame, counts = scores([number("AF", "Allele frequency")], [("C", "T,G", "AF=0.1,0.2")])
    assert (frame.width, frame.height, counts) == (0, 2, {})
    made = batch([], [(1, "C", "T", ".")])
    assert file_scores(made, alleles(made), ScorePlan())[0].height == 1
    # the plan is made when none is given; no allele is no problem
    made = batch([number("REVEL")], [(1, "C", "T", "REVEL=0.5")])
    assert file_scores(made, alleles(made))[0]["revel"].to_list() == [0.5]
    assert file_scores(made, alleles(made)[:0])[0].height == 0


@given(
    rows=st.lists(
        st.lists(
            st.one_of(st.none(), st.floats(-100, 100).map(lambda value: round(value, 3))),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_values_come_back(rows: list[list[float | None]]) -> None:
    alts = ("T", "G", "A", "CC")
    made = [
        (
            "C",
            ",".join(alts[: len(row)]),
            "CADD_RAW=" + ",".join("." if one is None else repr(one) for one in row),
        )
        for row in rows
    ]
    frame, counts = scores([number("CADD_RAW")], made)
    assert frame["cadd_raw"].to_list() == pytest.approx([one for row in rows for one in row], abs=1e-5)
    assert not counts


@pytest.mark.parametrize(
    ("key", "description", "name"),
    [
        ("CADD", "The CADD relative score for this alternative.", "cadd_phred"),
        ("CADD", "CADD raw score", "cadd_raw"),
        ("CADD17_PHRED", "", "cadd_phred"),
        ("my_score", "calculated by max of overlapping values in field REVEL from revel.tsv.gz", "revel"),
        ("dbNSFP_GERP___RS", "Field 'GERP++_RS' from dbNSFP", "gerp_rs"),
        ("rvl", "REVEL score, highest of all transcripts", "revel"),
        ("CADD_OVL_PHRED", "", None),
        ("CADD_PHRED", OVERLAP, None),
        ("REVEL_rankscore", "", None),
        ("revel_class", "class by REVEL score", None),
        ("AF", "Allele frequency", None),
        ("EUR_AF", "", None),
        ("EXAC_AC_AFR", "", None),
        ("1KG_AF_ALL", "", "kg_af"),
        ("1000Gp3_EUR_AF", "", "kg_af_eur"),
        ("1000g2015aug_all", "", "kg_af"),
        ("KGp3_AF", "", "kg_af"),
        ("EXACMAX_AF", "", "exac_af_popmax"),
        ("GNOMADAF_popmax", "", "gnomad_af_popmax"),
        ("gnomAD_exome_NFE", "", "gnomad_exomes_af_nfe"),
        ("gnomADg_AF_remaining", "", "gnomad_genomes_af_remaining"),
        ("gnomad_genomes_nhomalt", "", "gnomad_genomes_hom"),
        ("gnomad_exomes_AN", "", "gnomad_exomes_an"),
        ("esp6500siv2_all", "", "esp_af"),
        ("UK10K_AF", "", "uk10k_af"),
        ("SWEGENAF", "", "swegen_af"),
        ("phyloP470way_mammalian", "", "phylop_470way_mammalian"),
        ("phastCons100way_vertebrate_score", "", "phastcons_100way_vertebrate"),
        ("MutPred2_score", "", "mutpred2"),
        ("BayesDel_noAF_score", "", "bayesdel_noaf"),
    ],
)
def test_names(key: str, description: str, name: str | None) -> None:
    found = known_name(key, description=description)
    assert (found and found.name) == name


def test_the_five_groups_of_1000_genomes() -> None:
    groups = [number(f"{group}_AF") for group in ("AFR", "AMR", "EAS", "EUR", "SAS")]
    assert [column.name for column in plan_scores(header(*groups)).columns] == [
        "kg_af_afr", "kg_af_amr", "kg_af_eas", "kg_af_eur", "kg_af_sas",
    ]  # fmt: skip
    assert not plan_scores(header(*groups[:4])).columns  # somebody else's


def test_threads_read_the_same() -> None:
    made = batch([number("REVEL")], [(place, "C", "T,G", f"REVEL=0.{place},.") for place in range(1, 500)])
    table, plan = alleles(made), plan_scores(made.header)
    with ThreadPoolExecutor(4) as pool:
        frames = list(pool.map(lambda _: file_scores(made, table, plan)[0], range(16)))
    assert all(frame.equals(frames[0]) for frame in frames)


@pytest.mark.shared_data
def test_an_annotated_exome(rare_data: Path) -> None:
    frames, repairs = [], VcfRepairs()
    with VcfReader(rare_data / "HG03709_PEDIA124_annotated.GRCh37.vcf.gz") as reader:
        plan = plan_scores(reader.header)
        assert not [one for column in plan.columns for one in column.fields if "OVL" in one]
        for one in reader:
            table = normalise(one, genome=None)[0]
            frame, more = file_scores(one, table, plan)
            frames.append(
                pl.concat([table.select("record", "allele", "original_alt", "kind"), frame], how="horizontal")
            )
            repairs += more
    frame = pl.concat(frames)
    # NaN, where no chromosome was read; totals that a program divided by several times the chromosomes
    assert dict(repairs.counts) == {"score_unreadable": 524, "score_frequency": 581}
    assert frame["cadd_phred"].null_count() == 41
    assert frame["uk10k_af"].is_between(0, 1).all()
    assert frame["exac_af_popmax"].null_count() < 9600
    # 1KG_AF_AFR is in the header alone; AFR_AF has the values
    assert frame["kg_af_afr"].null_count() == 2
    several = frame.filter(pl.col("original_alt") == "ATTTT", pl.col("allele") == 2)
    assert several["uk10k_af"].to_list()[:1] == [0.0]
