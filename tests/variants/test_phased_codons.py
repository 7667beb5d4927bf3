"""Groups on one chromosome copy: which alleles are read together, and how sure that is."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

from phased_for_tests import annotated, groups_of, phased_vcf

from genopraxis.contracts.haplotype_consequences import HAPLOTYPE_CONSEQUENCES
from genopraxis.variants.phased_codons import PhasedCodons
from transcripts_for_tests import CODING, Small, hand_made, mirror

Row = tuple[int, str, str, str]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return hand_made(tmp_path_factory.mktemp("small"))


def at(cds: int) -> int:
    """Return the 1-based place on contig 1 of a base of the coding sequence, 1-based."""
    return cds + 110 + (cds > 25) * 40 + (cds > 50) * 60


def change(cds: int, alt: str, told: str) -> Row:
    return at(cds), CODING[cds - 1], alt, told


def found(small: Small, folder: Path, rows: list[Row], *, samples: tuple[str, ...] = ("S",)) -> pl.DataFrame:
    """Return the groups on the forward strand; those of the mirror image must be the same."""
    frame = groups_of(small, phased_vcf(small, folder / "p", [("1", *row) for row in rows], samples=samples))
    turned = [(*mirror(small.bases, *row[:3]), row[3]) for row in rows]
    other = groups_of(
        small, phased_vcf(small, folder / "m", sorted(turned, key=lambda row: row[1]), samples=samples)
    )
    told = [
        "phase", "samples", "consequence", "impact", "impact_change", "hgvs_c", "hgvs_p", "codons", "amino_acids",
        "single_hgvs_c", "nmd_rule", "cds_pos", "protein_pos",
    ]  # fmt: skip
    order = ["cds_pos", "phase", "hgvs_c"]
    assert other.select(told).sort(order).equals(frame.select(told).sort(order))
    return frame


# GCT AAA TGC …: codon 3 is AAA, bases 7 to 9; codon 9 is CGT, cut by the first intron after base 25


def test_two_missense_changes_make_a_stop(small: Small, tmp_path: Path) -> None:
    # TGC, codon 4, bases 10–12: TAC is Tyr, TGA a stop, TAA another; CTG, codon 5: 13–15
    rows = [change(13, "T", "0|1"), change(14, "A", "0|1")]  # TTG Leu, CAG Gln, together TAG
    row = found(small, tmp_path, rows).row(0, named=True)
    assert row["consequence"] == ["stop_gained"]
    assert (row["impact"], row["worst_single_impact"], row["impact_change"]) == ("HIGH", "MODERATE", "higher")
    assert row["hgvs_c"] == "c.13_14delinsTA"
    assert row["hgvs_p"] == "p.(Leu5Ter)"
    assert row["codons"] == "CTg/TAg"
    assert row["single_hgvs_p"] == ["p.(Leu5=)", "p.(Leu5Gln)"]
    assert (row["nmd_escape"], row["nmd_rule"]) == (True, "last_50_of_penultimate_exon")
    assert row["variants"] == [f"1:{at(13)}:C:T", f"1:{at(14)}:T:A"]
    assert (row["phase"], row["phased"], row["sample_names"]) == ("phased", True, ["S"])


def test_a_stop_is_rescued(small: Small, tmp_path: Path) -> None:
    rows = [change(7, "T", "1|0"), change(9, "C", "1|0")]  # AAA: TAA a stop; AAC Asn; TAC Tyr
    row = found(small, tmp_path, rows).row(0, named=True)
    assert row["consequence"] == ["missense_variant"]
    assert (row["impact"], row["impact_change"]) == ("MODERATE", "lower")
    assert row["single_consequences"] == ["stop_gained", "missense_variant"]
    assert (row["hgvs_c"], row["hgvs_p"]) == ("c.7_9delinsTAC", "p.(Lys3Tyr)")
    assert row["nmd_escape"] is None


def test_a_codon_that_an_intron_cuts(small: Small, tmp_path: Path) -> None:
    rows = [change(25, "A", "0|1"), change(26, "A", "0|1")]  # CGT Arg: AGT Ser, CAT His, together AAT Asn
    row = found(small, tmp_path, rows).row(0, named=True)
    assert row["hgvs_c"] == "c.[25C>A;26G>A]"
    assert row["hgvs_p"] == "p.(Arg9Asn)"
    assert row["consequence"] == ["missense_variant", "splice_region_variant"]


@pytest.mark.parametrize(
    ("first", "second", "phase"),
    [
        ("0|1", "0|1", "phased"),
        ("1|0", "1|0", "phased"),
        ("1|0", "0|1", None),  # on two copies
        ("0/1", "0/1", "unknown"),
        ("0|1", "0/1", "unknown"),
        ("1/1", "0/1", "homozygous"),
        ("0|1", "1|1", "homozygous"),
        ("1/1", "1/1", "homozygous"),
        ("1", "1", "homozygous"),
        ("0|1", ".|.", None),
        ("0|1", "0|0", None),
        ("1|0", "1|.", "phased"),
        ("1|0", ".|1", None),
        ("0/1", "./1", "unknown"),
        ("0|1:7", "0|1:7", "phased"),
        ("0|1:7", "0|1:9", "unknown"),
        ("0|1:7", "0|1:.", "unknown"),
        ("0|1:7", "1|1:.", "homozygous"),
        ("0|1|0|0", "0|1|1|0", "phased"),
        ("0|1|0|0", "0|0|1|0", None),
    ],
)
def test_how_phase_is_told(small: Small, tmp_path: Path, first: str, second: str, phase: str | None) -> None:
    frame = found(small, tmp_path, [change(7, "C", first), change(8, "G", second)])
    assert frame["phase"].to_list() == ([phase] if phase else [])
    if phase == "unknown":
        assert frame["phased"].to_list() == [False]
        assert frame["hgvs_c"].to_list() == ["c.7A>C(;)8A>G"]


def test_alleles_of_one_record_are_on_two_copies(small: Small, tmp_path: Path) -> None:
    for told in ("1/2", "1|2"):
        frame = groups_of(
            small, phased_vcf(small, tmp_path / told[1:2].replace("/", "u"), [("1", at(7), "A", "C,G", told)])
        )
        assert frame.is_empty()
    # beside another one, each of the two makes its own group
    rows = [("1", at(7), "A", "C,G", "1|2"), ("1", at(8), "A", "T", "1|1")]
    frame = groups_of(small, phased_vcf(small, tmp_path / "more", rows))
    assert sorted(frame["hgvs_c"]) == ["c.7_8delinsCT", "c.7_8delinsGT"]
    rows = [("1", at(7), "A", "C,G", "1/2"), ("1", at(8), "A", "T", "0/1")]
    frame = groups_of(small, phased_vcf(small, tmp_path / "unphased", rows))
    assert frame["phase"].to_list() == ["unknown", "unknown"]


def test_a_third_allele_of_unknown_phase_makes_the_others_uncertain(small: Small, tmp_path: Path) -> None:
    rows = [change(7, "C", "0|1"), change(8, "G", "0|1"), change(9, "T", "0/1")]
    frame = found(small, tmp_path, rows)
    assert set(frame["phase"]) == {"unknown"}
    assert sorted(map(len, frame["records"])) == [2, 3]
    # in another codon it is of no account
    frame = found(small, tmp_path / "far", [*rows[:2], change(13, "T", "0/1")])
    assert frame["phase"].to_list() == ["phased"]
    # all three of unknown phase: each two, and all
    frame = found(small, tmp_path / "all", [(*row[:3], "0/1") for row in rows])
    assert sorted(map(len, frame["records"])) == [2, 2, 2, 3]
    assert set(frame["phase"]) == {"unknown"}


def test_each_copy_has_its_own_group(small: Small, tmp_path: Path) -> None:
    rows = [change(7, "C", "0|1"), change(8, "G", "1|1"), change(9, "T", "1|1")]
    frame = found(small, tmp_path, rows)
    assert dict(frame.select("hgvs_c", "phase").iter_rows()) == {
        "c.7_9delinsCGT": "homozygous",
        "c.8_9delinsGT": "homozygous",
    }
    # no copy is left without a third one
    full = [(at(7), "A", "C,T", "1|2"), *rows[1:]]
    frame = groups_of(small, phased_vcf(small, tmp_path / "full", [("1", *row) for row in full]))
    assert sorted(frame["hgvs_c"]) == ["c.7_9delinsCGT", "c.7_9delinsTGT"]


def test_frame_shifts_that_make_up_for_each_other(small: Small, tmp_path: Path) -> None:
    # GCT AAA TGC CTG CTG: without base 5 and with one more after base 13
    lost = (at(4), "GC", "G", "0|1")
    gained = (at(13), "C", "CA", "0|1")
    between = change(9, "C", "0|1")
    row = found(small, tmp_path, [lost, gained]).row(0, named=True)
    assert row["single_consequences"] == ["frameshift_variant", "frameshift_variant"]
    assert row["consequence"] == ["missense_variant"]
    assert row["impact_change"] == "lower"
    assert row["hgvs_c"] == "c.[5del;13_14insA]"
    assert row["hgvs_p"] == "p.(Ala2_Leu5delinsValAsnAlaMet)"  # GTA AAT GCC ATG, then CTG again
    row = found(small, tmp_path / "three", [lost, between, gained]).row(0, named=True)
    assert len(row["records"]) == 3
    # what is not restored is no group, and what lies on the other copy restores nothing
    assert found(small, tmp_path / "open", [lost, between]).is_empty()
    assert found(small, tmp_path / "trans", [lost, (*gained[:3], "1|0")]).is_empty()


def test_a_frame_that_is_restored_behind_a_stop_is_not(small: Small, tmp_path: Path) -> None:
    # one base more in codon 2 reads … until the first stop in that frame; far behind it one base is lost
    frame = small.annotate([("1", at(4), "G", "GA")])
    stop = int(frame["protein_change"][0].split("fsTer")[1])
    far = 3 * (2 + stop) + 2
    base = CODING[far - 1]
    assert far < 69
    anchor = small.bases[at(far) - 2]
    rows = [(at(4), "G", "GA", "0|1"), (at(far) - 1, anchor + base, anchor, "0|1")]
    assert found(small, tmp_path, rows).is_empty()
    # and takes nothing from what follows
    more = [rows[0], change(25, "A", "0|1"), change(26, "A", "0|1"), rows[1]]
    assert found(small, tmp_path / "more", more)["hgvs_p"].to_list() == ["p.(Arg9Asn)"]


def test_sites_without_genotypes_make_no_group(small: Small, tmp_path: Path) -> None:
    rows = [("1", at(7), "A", "C", ""), ("1", at(8), "A", "G", "")]
    path = phased_vcf(small, tmp_path, rows, samples=())
    text = path.read_text().replace("\tGT", "")
    path.write_text(text)
    assert groups_of(small, path).is_empty()


def test_a_group_may_lie_across_batches(small: Small, tmp_path: Path) -> None:
    rows = [change(7, "T", "0|1"), change(9, "C", "0|1"), change(25, "A", "0|1"), change(26, "A", "0|1")]
    turned = sorted((*mirror(small.bases, *row[:3]), row[3]) for row in rows)
    path = phased_vcf(small, tmp_path, [*(("1", *row) for row in rows), *turned])
    whole = groups_of(small, path)
    assert whole.height == 4
    assert groups_of(small, path, batch_bytes=1).equals(whole)


def test_what_is_passed_is_given_out_and_forgotten(small: Small, tmp_path: Path) -> None:
    rows = [change(7, "C", "0|1"), change(8, "G", "0|1"), change(13, "T", "0|0")]
    turned = sorted((*mirror(small.bases, *row[:3]), row[3]) for row in rows)
    path = phased_vcf(small, tmp_path, [*(("1", *row) for row in rows), *turned])
    phased = PhasedCodons(small.annotator)
    sizes, kept = [], []
    for one in annotated(small, path, batch_bytes=1):
        sizes.append(phased.add(one).height)
        kept.append(phased.waiting)
    # nobody carries the third allele; the first contig is done when the second begins
    assert sizes == [0, 0, 0, 1, 0, 0]
    assert kept == [1, 2, 2, 0, 1, 2]
    assert phased.finish().height == 1


def test_a_cohort_is_counted(small: Small, tmp_path: Path) -> None:
    samples = tuple(f"S{number}" for number in range(30))
    told = ["0|1"] * 12 + ["1|1"] * 3 + ["0/1"] * 5 + ["0|0"] * 10
    rows = [change(7, "C", " ".join(told)), change(8, "G", " ".join(told))]
    frame = found(small, tmp_path, rows, samples=samples)
    assert dict(frame.select("phase", "samples").iter_rows()) == {"phased": 12, "homozygous": 3, "unknown": 5}
    names = dict(frame.select("phase", "sample_names").iter_rows())
    assert names["phased"] == [f"S{number}" for number in range(10)]
    assert names["unknown"] == ["S15", "S16", "S17", "S18", "S19"]


def test_alleles_that_replace_the_same_base_are_not_on_one_copy(small: Small, tmp_path: Path) -> None:
    # a deletion of bases 7–9, and a change of base 8 said to be on the same copy
    rows = [("1", at(6), "TAAA", "T", "0|1"), ("1", at(8), "A", "G", "0|1")]
    assert groups_of(small, phased_vcf(small, tmp_path, rows)).is_empty()


def test_without_alleles_there_are_none(small: Small) -> None:
    frame = PhasedCodons(small.annotator).finish()
    assert frame.is_empty()
    assert HAPLOTYPE_CONSEQUENCES.check(frame, raise_errors=True)
