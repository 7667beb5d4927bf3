"""Consequences that VEP, snpEff, Jannovar and bcftools csq wrote, read into our table."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from annotated_vcfs import ANN, BCSQ, VEP, VEP_FIELDS, alleles, batch, info, vep_names
from genopraxis.contracts.consequences import CONSEQUENCES, TERMS
from genopraxis.formats.vcf_annotations import annotation_fields
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.file_consequences import file_consequences
from genopraxis.variants.file_proteins import (
    amino_acids_of_csq,
    coding_change,
    predicted_change,
    protein_change,
)
from genopraxis.variants.file_terms import remarks, terms
from genopraxis.variants.normalise import normalise

FULL = VEP + VEP_FIELDS


def told(
    rows: list[tuple[int, str, str, str]], description: str = FULL, key: str = "CSQ", **options: bool
) -> tuple[pl.DataFrame, dict[str, int]]:
    made = batch(
        [info(key, description)], [(pos, ref, alt, f"{key}={value}") for pos, ref, alt, value in rows]
    )
    (field,) = annotation_fields({key: description})
    table, repairs = file_consequences(made, alleles(made), field, **options)
    CONSEQUENCES.check(table, raise_errors=True)
    assert table.columns == list(CONSEQUENCES.schema)
    assert table["row"].is_sorted()
    assert table["row"].n_unique() == alleles(made).height
    return table, dict(repairs.counts)


def vep(**parts: str) -> str:
    given_parts = {"Allele": "T", "Consequence": "intron_variant", "Feature_type": "Transcript"} | parts
    names = VEP_FIELDS.split("|")
    assert set(parts) <= set(names)
    return "|".join(given_parts.get(name, "") for name in names)


def only(
    value: str, *, ref: str = "C", alt: str = "T", description: str = FULL, key: str = "CSQ"
) -> dict[str, object]:
    table, _ = told([(100, ref, alt, value)], description, key)
    assert table.height == 1
    return table.row(0, named=True)


def test_vep() -> None:
    row = only(
        vep(
            Consequence="splice_region_variant&missense_variant", IMPACT="LOW", SYMBOL="FBN1", Gene="ENSG1",
            Feature="ENST1", BIOTYPE="protein_coding", EXON="2-3/9", HGVSc="ENST1.4:c.34C>T",
            HGVSp="ENSP1.2:p.Arg12Cys", cDNA_position="100-101/3000", CDS_position="34", Protein_position="12/500",
            Amino_acids="R/C", Codons="Cgc/Tgc", FLAGS="cds_start_NF&cds_end_NF", CANONICAL="YES",
            MANE_SELECT="NM_1.2",
        )
    )  # fmt: skip
    assert row == {
        "row": 0, "gene_id": "ENSG1", "gene": "FBN1", "transcript_id": "ENST1.4", "protein_id": "ENSP1.2",
        "biotype": "protein_coding", "consequence": ["missense_variant", "splice_region_variant"],
        "impact": "MODERATE", "exon": "2/9", "intron": None, "hgvs_c": "c.34C>T", "hgvs_p": "p.(Arg12Cys)",
        "protein_change": "p.Arg12Cys", "cdna_pos": 100, "cds_pos": 34, "protein_pos": 12, "codons": "Cgc/Tgc",
        "amino_acids": "R/C", "distance": 0, "splice_distance": None, "nmd_escape": None, "nmd_rule": None,
        "last_exon": False, "mane_select": True, "mane_plus_clinical": False, "canonical": True,
        "flags": ["incomplete_cds_5", "incomplete_cds_3"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "column", "wanted"),
    [
        ({"EXON": "9/9"}, "last_exon", True),
        ({"EXON": "8-9/9"}, "last_exon", True),
        ({"INTRON": "3/8"}, "intron", "3/8"),
        ({"INTRON": "3/8"}, "last_exon", None),
        ({"cDNA_position": "?-14"}, "cdna_pos", 14),
        ({"cDNA_position": "12-?/300"}, "cdna_pos", 12),
        ({"cDNA_position": "?/300"}, "cdna_pos", None),
        ({"HGVSp": "ENSP1.2:p.Arg12%3D"}, "hgvs_p", "p.(Arg12=)"),
        (
            {"HGVSp": "ENST1.1:c.36C>T(p.%3D)", "Amino_acids": "C", "Protein_position": "12"},
            "protein_change",
            "p.Cys12=",
        ),
        ({"Consequence": "upstream_gene_variant", "DISTANCE": "345"}, "distance", 345),
        ({"Consequence": "upstream_gene_variant"}, "flags", ["distance_unknown"]),
        ({"Consequence": "regulatory_region_variant"}, "consequence", ["intergenic_variant"]),
        ({"Feature_type": "MotifFeature"}, "consequence", ["intergenic_variant"]),
        ({"Consequence": "intergenic_variant", "Feature_type": ""}, "transcript_id", None),
        ({"MANE_PLUS_CLINICAL": "NM_1.2"}, "mane_plus_clinical", True),
        ({"Consequence": "", "IMPACT": ""}, "impact", "MODIFIER"),
        ({"Consequence": "a_new_term", "IMPACT": "HIGH"}, "impact", "HIGH"),
        ({"Consequence": "a_new_term", "IMPACT": "SEVERE"}, "impact", "MODIFIER"),
        ({"Consequence": "a_new_term&stop_gained", "IMPACT": "LOW"}, "impact", "HIGH"),
        ({"Feature": "NM_1.2"}, "transcript_id", "NM_1.2"),
        ({"Feature": "ENST1", "HGVSc": "ENST11.1:c.2A>T"}, "transcript_id", "ENST1"),
    ],
)
def test_parts_of_vep(parts: dict[str, str], column: str, wanted: object) -> None:
    assert only(vep(**parts))[column] == wanted


def test_plugins_and_refseq() -> None:
    fields = "Allele|Consequence|NMD|REFSEQ_MATCH|BAM_EDIT|MANE|ENSP"
    entries = [
        "T|stop_gained|NMD_escaping_variant||||",
        "T|frameshift_variant||||NM_1.2|ENSP7.1",
        "T|missense_variant||rseq_mrna_nonmatch&rseq_cds_mismatch||MANE_Plus_Clinical|",
        "T|missense_variant||rseq_mrna_nonmatch|OK||",
        "T|missense_variant||rseq_mrna_match|||",
    ]
    table, _ = told([(1, "C", "T", ",".join(entries))], VEP + fields)
    assert table["nmd_escape"].to_list() == [True, False, None, None, None]
    assert table["flags"].to_list() == [[], [], ["genome_mismatch"], [], []]
    assert table["mane_select"].to_list() == [False, True, False, False, False]
    assert table["mane_plus_clinical"].to_list() == [False, False, True, False, False]
    assert table["protein_id"][1] == "ENSP7.1"


def test_snpeff() -> None:
    entries = [
        (
            "T|missense_variant&splice_region_variant|MODERATE|G1|ENSG1|transcript|ENST1.2|protein_coding|2/9|c.14C>T|"
            "p.Pro5Leu|24/1074|14/900|5/299||WARNING_TRANSCRIPT_NO_START_CODON&INFO_REALIGN_3_PRIME"
        ),
        "T|splice_donor_variant&intron_variant|HIGH|G1|ENSG1|transcript|ENST3.1|protein_coding|3/9|c.99+1C>T||||||",
        "T|splice_region_variant|LOW|G1|ENSG1|transcript|ENST4.1|protein_coding|4/9|c.99+5C>T||||||",
        (
            "T|5_prime_UTR_premature_start_codon_gain_variant|LOW|G1|ENSG1|transcript|ENST5.1|protein_coding|1/9|"
            "c.-14C>T||24/1074|||-14|"
        ),
        "T|sequence_feature|LOW|G1|ENSG1|domain:PAS|ENST1.2|protein_coding|2/9|c.14C>T||||||",
        (
            "T|structural_interaction_variant|HIGH|G1|ENSG1|interaction|1A0R:A_45-A_78:ENST1|protein_coding|2/9|"
            "c.14C>T||||||"
        ),
        "T|upstream_gene_variant|MODIFIER|G2|ENSG2|transcript|ENST9.1|antisense||n.-458delG|||||458|",
        "T|intergenic_region|MODIFIER|G1-G2|ENSG1-ENSG2|intergenic_region|ENSG1-ENSG2|||n.100C>T||||||",
    ]
    table, counts = told([(100, "C", "T", ",".join(entries))], ANN, "ANN")
    assert counts == {"annotation_feature": 2}
    columns = "consequence", "exon", "intron", "hgvs_c", "protein_change", "cdna_pos", "distance", "flags"
    assert table.select(columns).rows() == [
        (
            ["missense_variant", "splice_region_variant"],
            "2/9",
            None,
            "c.14C>T",
            "p.Pro5Leu",
            24,
            0,
            ["no_start_codon"],
        ),
        (["splice_donor_variant", "intron_variant"], None, "3/9", "c.99+1C>T", None, None, 0, []),
        (["splice_region_variant"], None, "4/9", "c.99+5C>T", None, None, 0, []),
        (["5_prime_UTR_variant"], "1/9", None, "c.-14C>T", None, 24, 0, []),
        (["upstream_gene_variant"], None, None, "n.-458del", None, None, 458, []),
        (["intergenic_variant"], None, None, "n.100C>T", None, None, 0, []),
    ]
    assert table["transcript_id"].to_list()[-1] is None
    assert table["gene"].to_list() == ["G1"] * 4 + ["G2", None]


def test_jannovar() -> None:
    entries = [
        (
            "G|3_prime_UTR_exon_variant|LOW|CEP104|9731|transcript|NM_014704.3|Coding|22/22|c.*2379T>C|p.(%3D)|"
            "5516/45153|2779/2778|927/926||"
        ),
        (
            "G|frameshift_truncation&splice_acceptor_variant|HIGH|X|1|transcript|NM_1.1|Coding|2/3|c.4-1_5del|"
            "p.(Arg2Profs*3)||||W3|"
        ),
        "G|intergenic_variant|MODIFIER|CXCR4|7852|transcript|NM_003467.2|Coding|||||||84724|",
    ]
    table, _ = told([(100, "A", "G", ",".join(entries))], ANN, "ANN")
    assert table["consequence"].to_list() == [
        ["3_prime_UTR_variant"],
        ["splice_acceptor_variant", "frameshift_variant"],
        ["intergenic_variant"],
    ]
    # its coordinates of the nearest coding base, and its p.(=), are no consequence
    assert table.select("cdna_pos", "cds_pos", "protein_pos", "protein_change").row(0) == (
        5516,
        None,
        None,
        None,
    )
    assert table["hgvs_p"][1] == "p.(Arg2ProfsTer3)"
    assert table["biotype"][0] == "protein_coding"
    # the nearest gene is not the gene of an intergenic variant
    assert table.select("gene", "transcript_id", "distance").row(2) == (None, None, 0)


def test_csq_of_bcftools() -> None:
    coding = "G|T1|protein_coding|+"
    rows = [
        (100, "C", "A,T", "missense|G|T1|protein_coding|+|9Q>9H|100C>A,synonymous|G|T1|protein_coding|+|9Q|100C>T"),
        (200, "C", "A,CT", "splice_region|G|T1|protein_coding"),
        (210, "C", "A,T", "3_prime_utr|G|T1|protein_coding"),
        (300, "A", "C", f"stop_gained|{coding}|30K>30*|300A>C+301A>T,*missense|G|T2|protein_coding|+|5K>5N|300A>C"),
        (301, "A", "T", "@300"),
        (302, "A", "T", "@300"),
        (400, "A", "AT", "frameshift|G|T1|protein_coding|+|117VIIPN*>117VSSFQMPPL*|400A>AT"),
        (500, "A", "T", "missense|G|T1|protein_coding|+|1M>1L|500A>G"),
        (600, "A", "T", "intron|G||protein_coding"),
    ]  # fmt: skip
    table, counts = told(rows, BCSQ, "BCSQ")
    made = table.select("row", "transcript_id", "protein_change", "amino_acids", "flags").rows()
    assert made == [
        (0, "T1", "p.Gln9His", "Q/H", []),
        (1, "T1", "p.Gln9=", "Q", []),
        (2, "T1", None, None, ["allele_guessed"]),
        (3, "T1", None, None, ["allele_guessed"]),
        (4, "T1", None, None, []),
        (5, "T1", None, None, []),
        (6, "T1", "p.Lys30Ter", "K/*", ["haplotype"]),
        (6, "T2", "p.Lys5Asn", "K/N", ["behind_stop"]),
        (7, "T1", "p.Lys30Ter", "K/*", ["haplotype"]),
        (8, None, None, None, ["not_annotated"]),
        (9, "T1", "p.Ile118SerfsTer9", None, []),
        (10, None, None, None, ["not_annotated"]),  # the change is of an allele that the record does not have
        (11, None, None, None, []),
    ]
    assert counts == {"annotation_allele": 1, "annotation_pointer": 1, "annotation_missing": 2}
    assert table["consequence"].to_list()[-2:] == [["sequence_variant"], ["intron_variant"]]


def test_alleles_without_a_consequence() -> None:
    rows = [
        (1, "C", "T,G,*", vep(Allele="G")),
        (2, "C", "T", "."),
        (3, "C", "<NON_REF>", ""),
        (4, "C", "<DEL>", vep(Allele="deletion", Consequence="transcript_ablation")),
        (5, "C", "G", vep(Allele="T") + "," + vep(Allele="G", Feature="ENST2")),
    ]
    table, counts = told(rows)
    assert table.select("row", pl.col("consequence").list.first(), pl.col("flags").list.first()).rows() == [
        (0, "sequence_variant", "not_annotated"),
        (1, "intron_variant", None),
        (2, "sequence_variant", "no_sequence"),
        (3, "sequence_variant", "not_annotated"),
        (4, "sequence_variant", "no_sequence"),
        (5, "transcript_ablation", None),
        (6, "intron_variant", None),
    ]
    assert counts == {"annotation_missing": 2, "annotation_allele": 1, "annotation_empty": 1}


def test_rows_are_those_of_the_table() -> None:
    made = batch(
        [info("CSQ", FULL)], [(1, "C", "T,G", "CSQ=" + vep(Allele="G")), (2, "C", "T", "CSQ=" + vep())]
    )
    (field,) = annotation_fields({"CSQ": FULL})
    table, repairs = file_consequences(made, alleles(made)[1:], field)
    assert table["row"].to_list() == [0, 1]
    assert table["consequence"].list.first().to_list() == ["intron_variant"] * 2
    assert not repairs
    nothing, repairs = file_consequences(made, alleles(made)[:0], field)
    CONSEQUENCES.check(nothing, raise_errors=True)
    assert nothing.is_empty()
    assert not repairs


def test_preferred_rows() -> None:
    def entry(feature: str, term: str = "intron_variant", gene: str = "G1", **parts: str) -> str:
        return vep(Feature=feature, Consequence=term, Gene=gene, **parts)

    value = ",".join(
        (
            entry("T1", "stop_gained"), entry("T2", MANE_SELECT="NM_1"), entry("T3", MANE_PLUS_CLINICAL="NM_2"),
            entry("T4", CANONICAL="YES"),
            entry("T5", "stop_gained", "G2"), entry("T6", gene="G2", CANONICAL="YES"), entry("T7", gene="G2", PICK="1"),
            entry("T8", "stop_gained", "G3"), entry("T9", gene="G3", PICK="1"),
            entry("T10", gene="G4"), entry("T11", "missense_variant", "G4"), entry("T12", "missense_variant", "G4"),
        )
    )  # fmt: skip
    table, _ = told([(1, "C", "T", value), (2, "C", "T", ".")], preferred=True)
    assert table["transcript_id"].to_list() == ["T2", "T3", "T6", "T9", "T11", None]


@given(
    records=st.lists(
        st.tuples(
            st.sampled_from(["C", "CA", "CAT"]),
            st.lists(st.sampled_from(["T", "G", "CT", "CGT", "C", "*"]), min_size=1, max_size=4, unique=True),
            st.lists(st.sampled_from([*TERMS, "new_term", ""]), min_size=0, max_size=3),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_record_gives_rows_of_the_contract(records: list[tuple[str, list[str], list[str]]]) -> None:
    rows = []
    for number, (ref, alts, words) in enumerate(records):
        alts = [alt for alt in alts if alt != ref] or ["A"]
        value = ",".join(
            vep(Allele=name, Consequence="&".join(words), HGVSp="p.", EXON="/")
            for name in vep_names(ref, alts)
        )
        rows.append((number + 1, ref, ",".join(alts), value))
    table, counts = told(rows)
    unknown = sum(words.count("new_term") * len(alts) for _, alts, words in records)
    if all(alt != ref for ref, alts, _ in records for alt in alts):
        assert counts.get("annotation_term", 0) == unknown
    known = [TERMS[words[0]] == impact for words, impact in table.select("consequence", "impact").rows()]
    assert all(known)


def test_terms() -> None:
    assert terms("splice_region_variant&missense_variant").terms == (
        "missense_variant",
        "splice_region_variant",
    )
    assert terms("5_prime_UTR_truncation+exon_loss_variant").terms == (
        "feature_truncation",
        "5_prime_UTR_variant",
    )
    assert terms("stop_gained&disruptive_inframe_insertion").terms == ("stop_gained", "inframe_insertion")
    assert terms("*missense&inframe_altering").terms == ("missense_variant", "protein_altering_variant")
    assert terms("non_coding_transcript_intron_variant").terms == (
        "intron_variant",
        "non_coding_transcript_variant",
    )
    assert terms("initiator_codon_variant&non_canonical_start_codon").impact == "LOW"
    assert (terms("brand_new").terms, terms("brand_new").unknown) == ((), 1)
    assert (terms("gene_fusion").terms, terms("gene_fusion").unknown) == ((), 0)
    assert terms("TF_binding_site_variant").regulatory
    assert not terms("TF_binding_site_variant&intron_variant").regulatory
    for term in TERMS:
        assert terms(term).terms == (term,)


def test_remarks() -> None:
    assert remarks("W1&E2&WARNING_NEW&INFO_REALIGN_3_PRIME&I3") == (
        "reference_mismatch",
        "out_of_range",
        "other_warning",
        "not_against_reference",
    )
    assert remarks("incomplete_cds_5&genome_mismatch") == ("incomplete_cds_5", "genome_mismatch")  # our own
    assert remarks("") == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ENSP1:p.Arg12Cys", "p.Arg12Cys"),
        ("p.(Arg2Cys)", "p.Arg2Cys"),
        ("p.R12C", "p.Arg12Cys"),
        ("p.R12fs*5", "p.Arg12fsTer5"),
        ("p.R97PfsX23", "p.Arg97ProfsTer23"),
        ("p.Arg97Profs*23", "p.Arg97ProfsTer23"),
        ("p.*100Rext*?", "p.Ter100ArgextTer?"),
        ("p.M1?", "p.Met1?"),
        ("p.Leu5Leu", "p.Leu5="),
        ("p.Ter5Ter", "p.Ter5="),
        ("p.R12_C14del", "p.Arg12_Cys14del"),
        ("p.R12delinsGA*", "p.Arg12delinsGlyAlaTer"),
        ("p.Arg97X", "p.Arg97Ter"),
        ("p.Met1?", "p.Met1?"),
        ("c.12A>G", None),
        (None, None),
    ],
)
def test_proteins(text: str | None, wanted: str | None) -> None:
    assert protein_change(pl.Series([text], dtype=pl.String)).to_list() == [wanted]
    predicted = predicted_change(pl.Series([wanted], dtype=pl.String))[0]
    assert predicted == (None if wanted is None else f"p.({wanted[2:]})")


def test_unknown_proteins() -> None:
    assert predicted_change(pl.Series(["p.?"])).to_list() == ["p.?"]
    assert amino_acids_of_csq("100*>100R", shifted=False) == (100, "*/R", "p.Ter100ArgextTer?")
    assert amino_acids_of_csq("9QRS..>9QK..", shifted=True) == (9, None, None)
    assert amino_acids_of_csq("9QR>9Q", shifted=False) == (9, None, None)
    assert amino_acids_of_csq("", shifted=False) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ENST1.2:c.4C>T", "c.4C>T"),
        ("c.1_2dupAC", "c.1_2dup"),
        ("c.1_2delACinsT", "c.1_2delinsT"),
        ("c.12_13insAC", "c.12_13insAC"),
        ("NM_1.2:c.1del3", "c.1del"),
        ("ENST1.1:c.6C>T(p.=)", "c.6C>T"),
    ],
)
def test_coding(text: str, wanted: str) -> None:
    assert coding_change(pl.Series([text])).to_list() == [wanted]


def read(path: Path, key: str) -> tuple[pl.DataFrame, int, VcfRepairs]:
    tables, rows, repairs = [], 0, VcfRepairs()
    with VcfReader(path) as reader:
        (field,) = [
            one
            for one in annotation_fields({k: v.description for k, v in reader.header.info.items()})
            if one.key == key
        ]
        for one in reader:
            table = normalise(one, genome=None)[0]
            made, more = file_consequences(one, table, field)
            tables.append(made.with_columns(pl.col("row") + rows))
            rows += table.height
            repairs += more
    return pl.concat(tables), rows, repairs


@pytest.mark.shared_data
def test_a_jannovar_exome(rare_data: Path) -> None:
    table, rows, repairs = read(rare_data / "HG03709_PEDIA124_annotated.GRCh37.vcf.gz", "ANN")
    CONSEQUENCES.check(table, raise_errors=True)
    assert table["row"].n_unique() == rows == table.height
    assert not repairs
    terms_of = table["consequence"].list.join("&").value_counts()
    counts = dict(terms_of.iter_rows())
    assert counts["missense_variant"] == 1934
    assert counts["3_prime_UTR_variant"] == 4917
    assert counts["intron_variant"] == 2506 + 117 + 7  # of coding transcripts, and of their untranslated ends


@pytest.mark.shared_data
def test_a_trio_with_vep_and_snpeff(rare_data: Path) -> None:
    path = rare_data / "scout643594_trio_clinical.GRCh37.vcf.gz"
    vep_table, rows, repairs = read(path, "CSQ")
    assert dict(repairs.counts) == {"annotation_short": 3}
    ann_table, _, repairs = read(path, "ANN")
    assert dict(repairs.counts) == {"annotation_feature": 985}
    for table in (vep_table, ann_table):
        CONSEQUENCES.check(table, raise_errors=True)
        assert table["row"].n_unique() == rows
        assert not table["flags"].list.contains("not_annotated").any()
    # both programs used Ensembl 75: of complete transcripts they say the same
    bare = pl.col("transcript_id").str.replace(r"\.\d+$", "")
    both = vep_table.with_columns(bare).join(ann_table.with_columns(bare), on=["row", "transcript_id"])
    changed = both.filter(
        pl.col("consequence").list.contains("missense_variant"),
        pl.col("consequence_right").list.contains("missense_variant"),
        ~pl.col("flags").list.contains("incomplete_cds_5"),
        pl.col("flags_right").list.len() == 0,
    )
    assert changed.height > 100
    for column in ("hgvs_c", "protein_change", "protein_pos"):
        assert (changed[column] == changed[f"{column}_right"]).all(), column
    # of two substitutions of three bases snpEff 4.2 has another exon
    other = changed.filter(pl.col("exon") != pl.col("exon_right"))
    assert other.height == 2
    assert other["hgvs_c"].str.contains("delins").all()
