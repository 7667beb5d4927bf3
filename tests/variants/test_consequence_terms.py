"""Every term and every form of HGVS on a gene that fits on a page, on either strand."""

from __future__ import annotations

import polars as pl
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

from genopraxis.contracts.consequences import CONSEQUENCES
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.consequence_view import view
from genopraxis.variants.hgvs import parse_coding, resolve
from transcripts_for_tests import INTRON1, PROTEIN, Small, hand_made, mirror

CASES = [
    # what, terms, HGVS c. (None: as given), protein
    ("c.1A>G", "start_lost", None, "p.Met1?"),
    ("c.5C>T", "missense_variant", None, "p.Ala2Val"),
    ("c.6T>C", "synonymous_variant", None, "p.Ala2="),
    ("c.12C>A", "stop_gained", None, "p.Cys4Ter"),
    ("c.67T>C", "stop_lost", None, "p.Ter23GlnextTer3"),
    ("c.68A>G", "stop_retained_variant", None, "p.Ter23="),
    ("c.-3A>T", "5_prime_UTR_variant", None, None),
    ("c.*2C>T", "3_prime_UTR_variant", None, None),
    ("c.25C>A", "missense_variant,splice_region_variant", None, "p.Arg9Ser"),
    ("c.25+1G>A", "splice_donor_variant", None, None),
    ("c.25+2T>A", "splice_donor_variant", None, None),
    ("c.25+3A>T", "splice_donor_region_variant,intron_variant", None, None),
    ("c.25+5G>T", "splice_donor_5th_base_variant,intron_variant", None, None),
    ("c.25+6T>A", "splice_donor_region_variant,intron_variant", None, None),
    ("c.25+8C>A", "splice_region_variant,intron_variant", None, None),
    ("c.25+9A>C", "intron_variant", None, None),
    ("c.26-17G>C", "splice_polypyrimidine_tract_variant,intron_variant", None, None),
    ("c.26-8C>A", "splice_region_variant,splice_polypyrimidine_tract_variant,intron_variant", None, None),
    ("c.26-3C>T", "splice_region_variant,splice_polypyrimidine_tract_variant,intron_variant", None, None),
    ("c.26-2A>T", "splice_acceptor_variant", None, None),
    ("c.26-1G>T", "splice_acceptor_variant", None, None),
    ("c.26G>A", "missense_variant,splice_region_variant", None, "p.Arg9His"),
    # several bases
    ("c.4_6delinsTGG", "missense_variant", None, "p.Ala2Trp"),
    ("c.23_24delinsAA", "stop_gained,splice_region_variant", None, "p.Trp8Ter"),
    ("c.5_6delinsGC", "missense_variant", None, "p.Ala2Gly"),
    ("c.10_15delinsGGG", "protein_altering_variant", "c.10_14delinsGG", "p.Cys4_Leu5delinsGly"),
    # deletions
    ("c.13_15del", "inframe_deletion", "c.16_18del", "p.Leu6del"),
    ("c.7_9del", "inframe_deletion", None, "p.Lys3del"),
    ("c.10_18del", "inframe_deletion", None, "p.Cys4_Leu6del"),
    ("c.10del", "frameshift_variant", None, "p.Cys4AlafsTer26"),
    ("c.7del", "frameshift_variant", "c.9del", "p.Lys3AsnfsTer27"),
    ("c.1del", "frameshift_variant,start_lost", None, "p.Met1?"),
    ("c.1_3del", "start_lost,inframe_deletion", None, "p.Met1?"),
    ("c.-2_2del", "start_lost,5_prime_UTR_variant", None, "p.Met1?"),
    ("c.67_69del", "stop_lost,inframe_deletion", None, "p.Ter23AlaextTer2"),
    ("c.64_66del", "inframe_deletion", "c.66_68del", "p.Tyr22del"),
    ("c.66_*1del", "stop_lost,3_prime_UTR_variant", None, "p.Ter23SerextTer3"),
    (
        "c.20_25+3del",
        "splice_donor_variant,splice_donor_region_variant,coding_sequence_variant,intron_variant",
        None,
        None,
    ),
    (
        "c.25+3_25+8del",
        "splice_donor_5th_base_variant,intron_variant",
        "c.25+4_25+9del",
        None,
    ),
    ("c.25+15_25+17del", "intron_variant", None, None),
    ("c.-4_-2del", "5_prime_UTR_variant", "c.-2_1del", None),
    ("c.*3_*5del", "3_prime_UTR_variant", None, None),
    # insertions
    ("c.18_19insCTG", "inframe_insertion", "c.16_18dup", "p.Leu6dup"),
    ("c.9_10insCGC", "inframe_insertion", None, "p.Lys3_Cys4insArg"),
    ("c.9_10insCGCTAT", "inframe_insertion", None, "p.Lys3_Cys4insArgTyr"),
    ("c.9_10insTAA", "stop_gained,inframe_insertion", "c.8_10dup", "p.Cys4Ter"),
    ("c.9_10insCGCTAA", "stop_gained,inframe_insertion", None, "p.Lys3_Cys4insArgTer"),
    ("c.8_9insGCC", "inframe_insertion", None, "p.Lys3_Cys4insPro"),
    ("c.8_9insTCC", "protein_altering_variant", None, "p.Lys3delinsAsnPro"),
    ("c.66_67insCGC", "inframe_insertion", None, "p.Tyr22_Ter23insArg"),
    ("c.10dup", "frameshift_variant", None, "p.Cys4LeufsTer7"),
    ("c.6_7insA", "frameshift_variant", "c.9dup", "p.Cys4MetfsTer7"),
    # the coding sequence is whole behind what comes in
    ("c.1_2insCGA", "5_prime_UTR_variant", None, None),
    ("c.25+7_25+8insA", "splice_region_variant,intron_variant", None, None),
    ("c.25+20_26-20insG", "intron_variant", None, None),
    ("c.-3_-2insG", "5_prime_UTR_variant", None, None),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return hand_made(tmp_path_factory.mktemp("small"))


def test_the_gene_is_what_it_says(small: Small) -> None:
    assert view(small.set, 0).protein == view(small.set, 1).protein == PROTEIN
    assert small.set.card["flags"] == {}


@pytest.mark.parametrize(("given", "terms", "coding", "protein"), CASES, ids=[case[0] for case in CASES])
def test_terms_and_hgvs(
    small: Small, given: str, terms: str, coding: str | None, protein: str | None
) -> None:
    start, end, new = resolve(parse_coding(given), view(small.set, 0), small.genome.sequence("1"))
    row = (start, small.bases[start - 1 : end], small.bases[start - 1] + new)
    table = small.annotate([("1", *row), mirror(small.bases, *row)], hgvs=True)
    CONSEQUENCES.check(table, raise_errors=True)
    for found in table.iter_rows(named=True):
        assert sorted(found["consequence"]) == sorted(terms.split(",")), found["transcript_id"]
        assert found["hgvs_c"] == (coding or given)
        if protein is not None or "coding" in terms or "UTR" in terms or "intron" in terms:
            assert found["protein_change"] == protein
            assert found["hgvs_p"] == (f"p.({protein[2:]})" if protein else None)


def test_columns_of_a_missense(small: Small) -> None:
    row = small.annotate([("1", 115, "C", "T")]).row(0, named=True)
    assert row["hgvs_c"] == "c.5C>T"
    assert (row["exon"], row["intron"], row["codons"], row["amino_acids"]) == ("1/3", None, "gCt/gTt", "A/V")
    assert (row["cdna_pos"], row["cds_pos"], row["protein_pos"]) == (15, 5, 2)
    assert (row["impact"], row["distance"], row["last_exon"], row["nmd_escape"]) == (
        "MODERATE",
        0,
        False,
        None,
    )
    assert row["splice_distance"] == -21


def test_columns_of_an_intron_base(small: Small) -> None:
    position = 100 + 35 + INTRON1.index("GTAAGT") + 5
    row = small.annotate([("1", position, "G", "T")]).row(0, named=True)
    assert (row["exon"], row["intron"], row["splice_distance"]) == (None, "1/2", 5)
    assert (row["cdna_pos"], row["codons"], row["last_exon"]) == (None, None, None)


def test_outside(small: Small) -> None:
    rows = [
        ("1", 90, "A", "C"),
        ("2", 90, "A", "C"),
        ("1", 390, "A", "C"),
        ("9", 5, "A", "C"),
        ("1", 120, "A", "<DEL>"),
    ]
    table = small.annotate(rows)
    found = {row["row"]: row for row in table.iter_rows(named=True)}
    assert found[0]["consequence"] == ["upstream_gene_variant"]
    assert found[0]["distance"] == 11
    assert found[1]["consequence"] == ["downstream_gene_variant"]
    assert found[2]["consequence"] == ["downstream_gene_variant"]
    assert (found[3]["consequence"], found[3]["flags"]) == (
        ["intergenic_variant"],
        ["contig_without_transcripts"],
    )
    assert (found[4]["consequence"], found[4]["flags"]) == (["sequence_variant"], ["no_sequence"])
    CONSEQUENCES.check(table, raise_errors=True)


def test_a_deleted_transcript(small: Small) -> None:
    row = small.annotate([("1", 95, small.bases[94:350], small.bases[94])]).row(0, named=True)
    assert (row["consequence"], row["impact"]) == (["transcript_ablation"], "HIGH")


def test_another_reference_base_is_flagged(small: Small) -> None:
    table = small.annotate([("1", 115, "G", "T"), ("1", 114, "TTT", "T")])
    assert table["flags"].to_list() == [["reference_mismatch"], ["reference_mismatch"]]


def test_every_single_base_change_is_answered_alike_by_both_ways(small: Small) -> None:
    rows = [
        (chrom, pos + 1, ref, alt)
        for chrom, bases in (("1", small.bases), ("2", small.genome.fetch("2", 0, len(small.bases)).decode()))
        for pos, ref in enumerate(bases)
        for alt in "ACGT"
        if alt != ref
    ]
    frame = pl.DataFrame(rows, schema=["chrom", "pos", "ref", "alt"], orient="row")
    fast = small.annotator.consequences(frame)
    exact = small.annotator.exact(fast)
    assert len(exact.answers) > 500
    assert consequence_table(fast).equals(consequence_table(exact))
