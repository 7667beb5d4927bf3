"""Consequences written by VEP, snpEff and bcftools csq: which allele, which transcript, what is said."""

from __future__ import annotations

import polars as pl
import pytest

from genopraxis.formats.vcf_annotations import COLUMNS, AnnotationField, annotation_fields, read_annotations

VEP = (
    "Consequence annotations from Ensembl VEP. Format: "
    "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature|BIOTYPE|EXON|HGVSc|HGVSp|REVEL"
)
ANN = (
    "Functional annotations: 'Allele | Annotation | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | "
    "Feature_ID | Transcript_BioType | Rank | HGVS.c | HGVS.p | cDNA.pos / cDNA.length | ERRORS / WARNINGS / INFO'"
)
BCSQ = "Local consequence annotation from BCFtools/csq, see http://samtools.github.io/bcftools/howtos/csq-calling.html"


def field(description: str, key: str = "CSQ") -> AnnotationField:
    (found,) = annotation_fields({"DP": "Depth. Format: plain", key: description})
    return found


def alleles(*rows: tuple[int, int, str, str]) -> pl.DataFrame:
    schema = {"record": pl.UInt32, "allele": pl.UInt16, "original_ref": pl.String, "original_alt": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def values(*texts: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"record": list(range(len(texts))), "value": list(texts)},
        schema={"record": pl.UInt32, "value": pl.String},
    )


def test_fields_are_found_by_the_header() -> None:
    vep, ann, bcsq = annotation_fields({"X": "Allele frequency", "CSQ": VEP, "ANN": ANN, "BCSQ": BCSQ})
    assert (vep.style, vep.fields[:2], len(vep.fields)) == ("vep", ("Allele", "Consequence"), 11)
    assert (ann.style, ann.fields[-2:]) == ("ann", ("cDNA.pos", "ERRORS"))
    assert (bcsq.style, len(bcsq.fields)) == ("bcsq", 7)
    # another key, as dbNSFP or a lab may choose
    assert field(VEP, "vep").key == "vep"


def test_vep() -> None:
    text = (
        "T|missense_variant&splice_region_variant|MODERATE|FBN1|ENSG1|ENST1|protein_coding|2/9|ENST1:c.4C>T|"
        "ENSP1:p.Arg2Cys|0.91,T|synonymous_variant|LOW|FBN1|ENSG1|ENST2|protein_coding||ENST2:c.6C>T|ENSP2:p.Arg2%3D|"
    )
    made = read_annotations(values(text, None, "."), alleles((0, 1, "C", "T"), (1, 1, "A", "G")), field(VEP))
    assert made["record"].to_list() == [0, 0]
    assert made["allele"].to_list() == [1, 1]
    assert made["consequence"].to_list() == [
        ["missense_variant", "splice_region_variant"],
        ["synonymous_variant"],
    ]
    assert made["hgvs_p"].to_list() == ["ENSP1:p.Arg2Cys", "ENSP2:p.Arg2="]
    assert made["exon"].to_list() == ["2/9", None]
    assert made["revel"].to_list() == ["0.91", None]
    assert set(COLUMNS) <= set(made.columns)
    assert made["intron"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("ref", "alts", "names"),
    [
        ("C", ["T", "G"], ["T", "G"]),
        ("CA", ["C", "CAA"], ["-", "AA"]),
        ("CA", ["C", "GA"], ["C", "GA"]),  # not all begin with the same base
        ("C", ["CT", "*"], ["T", "*"]),
        ("C", ["<DEL>", "CT"], ["<DEL>", "T"]),
    ],
)
def test_alleles_as_vep_names_them(ref: str, alts: list[str], names: list[str]) -> None:
    rows = alleles(*[(0, i, ref, alt) for i, alt in enumerate(alts, start=1)])
    text = ",".join(f"{name}|intron_variant|MODIFIER|G|E|T{i}||||" for i, name in enumerate(names, start=1))
    made = read_annotations(values(text), rows, field(VEP))
    assert dict(zip(made["transcript_id"], made["allele"], strict=True)) == {"T1": 1, "T2": 2}


def test_allele_number_goes_before_names() -> None:
    text = "-|intron_variant|MODIFIER|G|E|T1|||||2"
    found = field(VEP.replace("REVEL", "ALLELE_NUM"))
    made = read_annotations(values(text), alleles((0, 1, "CA", "C"), (0, 2, "CA", "CAA")), found)
    assert made["allele"].to_list() == [2]
    assert "allele_num" not in made.columns


def test_ann() -> None:
    text = (
        "G|5_prime_UTR_variant|MODIFIER|ISG15|9636|transcript|NM_005101.3|Coding|1/2|c.-84C>G|p.(%3D)|24/1074|,"
        "A|missense_variant|MODERATE|ISG15|9636|transcript|NM_005101.3|Coding|1/2|c.-84C>A||24/1074|WARNING_X"
    )
    made = read_annotations(values(text), alleles((0, 1, "C", "A"), (0, 2, "C", "G")), field(ANN, "ANN"))
    assert made["allele"].to_list() == [2, 1]
    assert made["gene"].to_list() == ["ISG15"] * 2
    assert made["hgvs_p"].to_list() == ["p.(=)", None]
    assert made["source"].to_list() == ["ANN"] * 2
    assert made["errors"].to_list() == [None, "WARNING_X"]


def test_bcsq() -> None:
    texts = (
        "missense|PCMTD2|ENST1|protein_coding|+|9Q>9H|62893|C>A,@62890",
        "*missense|G|ENST1|protein_coding|-|9Q>9H|5C>A,intron|G|ENST2|protein_coding",
    )
    made = read_annotations(
        values(*texts), alleles((0, 1, "C", "A"), (1, 1, "C", "T"), (1, 2, "C", "A")), field(BCSQ, "BCSQ")
    )
    assert made["same_as_pos"].to_list() == [None, 62890, None, None]
    assert made["consequence"].to_list() == [["missense"], None, ["missense"], ["intron"]]
    # of several alleles, only a change that is written out tells which
    assert made["allele"].to_list() == [1, 1, 2, None]


def test_too_few_or_too_many_parts_lose_no_row() -> None:
    texts = ("T|missense_variant", "T|missense_variant|MODERATE|" + "|" * 30)
    made = read_annotations(values(*texts), alleles((0, 1, "C", "T"), (1, 1, "C", "T")), field(VEP))
    assert made["consequence"].to_list() == [["missense_variant"]] * 2


def test_nothing_annotated() -> None:
    made = read_annotations(values(None, ""), alleles((0, 1, "C", "T")), field(VEP))
    assert made.is_empty()
    assert set(COLUMNS) <= set(made.columns)
