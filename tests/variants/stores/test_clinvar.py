"""Stores of ClinVar: VCFs of each time, and tables with its words."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("numba")
pytest.importorskip("pysam")

from sources_for_tests import asked, built, info, refusal, vcf

from genopraxis.variants.stores.clinvar import read_keys

NEW = [
    "##fileDate=2024-12-15",
    "##source=ClinVar",
    *info(
        "CLNSIG:.", "CLNREVSTAT:.", "CLNSIGCONF:.", "CLNDN:.", "ALLELEID:1:Integer", "ORIGIN:.", kind="String"
    ),
]
OLD = info(
    "CLNALLE:.:Integer", "CLNSIG:.:String", "CLNREVSTAT:.:String", "CLNDBN:.:String", "CLNORIGIN:.:String"
)


def test_vcf_of_today(tmp_path: Path) -> None:
    path = vcf(tmp_path / "clinvar.vcf", NEW, [
        ("1 100 183381 C T . . ALLELEID=7;CLNSIG=Pathogenic/Likely_pathogenic;CLNDN=Long_QT|not_provided;"
        "CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts;ORIGIN=33"),
        ("1 200 12 C CA . . CLNSIG=Conflicting_classifications_of_pathogenicity;"
        "CLNREVSTAT=criteria_provided,_conflicting_classifications;CLNSIGCONF=Pathogenic(1)|Benign(2)"),
        "1 300 13 C A . . ALLELEID=9",
    ])  # fmt: skip
    store = built("clinvar", tmp_path / "s", path)
    assert store.card.releases[0].version == "2024-12-15"
    assert store.card.left_out == {"no_significance": 1}
    first, second, third = store.find(
        asked(("1", 100, "C", "T"), ("1", 200, "C", "CA"), ("1", 300, "C", "A"))
    ).to_dicts()
    assert first == {
        "status": "found", "significance": "pathogenic/likely_pathogenic", "stars": 2,
        "clnsig": "Pathogenic/Likely_pathogenic",
        "review_status": "criteria_provided,_multiple_submitters,_no_conflicts", "conflicting": None,
        "n_pathogenic": None, "n_uncertain": None, "n_benign": None, "variation_id": 183381, "allele_id": 7,
        "condition": "Long QT|not provided", "origin": "de_novo;germline",
    }  # fmt: skip
    assert (second["significance"], second["stars"], second["n_pathogenic"], second["n_benign"]) == (
        "conflicting", 1, 1, 2,
    )  # fmt: skip
    assert third["status"] == "not_found"


def test_vcf_of_before_2017(tmp_path: Path) -> None:
    """Codes, one a statement, in the order of CLNALLE where a record has several alleles."""
    path = vcf(tmp_path / "clinvar_20160104.vcf", OLD, [
        "1 100 rs1 C T . . CLNALLE=1;CLNSIG=5|5;CLNREVSTAT=single|mult;CLNDBN=A|B;CLNORIGIN=1",
        "1 200 rs2 C T,A,G . . CLNALLE=3,1;CLNSIG=2|0,5;CLNREVSTAT=exp|single,no_criteria;CLNDBN=A|B,C",
        "1 300 rs3 C T . . CLNALLE=-1;CLNSIG=5;CLNREVSTAT=single",
        "1 400 rs4 C T . . CLNALLE=1;CLNSIG=255|5;CLNREVSTAT=single|no_criteria",
    ])  # fmt: skip
    store = built("clinvar", tmp_path / "s", path)
    found = store.find(asked(
        ("1", 100, "C", "T"), ("1", 200, "C", "T"), ("1", 200, "C", "A"), ("1", 200, "C", "G"), ("1", 300, "C", "T"),
        ("1", 400, "C", "T"),
    ))  # fmt: skip
    assert found.select("significance", "stars", "condition", "variation_id").rows() == [
        ("pathogenic", 2, "A|B", None), ("pathogenic", 0, "C", None), (None, None, None, None),
        ("benign", 3, "A|B", None), (None, None, None, None), ("other", 1, None, None),
    ]  # fmt: skip
    assert store.card.left_out == {"about_another_allele": 2, "no_significance": 2}
    assert store.card.releases[0].version == "2016-01-04"
    assert any("codes of before 2017" in note for note in store.card.notes)


def table(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join((header, *rows)).replace(" ", "\t") + "\n")
    return path


def test_a_table_with_codes_of_its_own_needs_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "plp.tsv"
    path.write_text(
        "# from clinvar_20241215.vcf.gz, vcf_GRCh38\n# Values below are custom-compressed, see\n#\n"
        "#CHROM\tPOS\tID\tREF\tALT\tAF_EXAC\tCLNREVSTAT\tCLNSIG\n1\t100\t77\tC\tT\t\t1\t2\n"
    )
    assert "--keys" in refusal("clinvar", tmp_path, path)
    (tmp_path / "keys").write_text(
        '# clinical_significances = ["Likely_pathogenic", "Pathogenic/Likely_pathogenic", "Pathogenic"]\n'
        '# clinical_review_statuses = ["criteria_provided,_single_submitter", "reviewed_by_expert_panel"]\n'
    )
    store = built("clinvar", tmp_path / "s", path, keys=read_keys(tmp_path / "keys"))
    found = store.find(asked(("1", 100, "C", "T")))
    assert found.select("significance", "stars", "variation_id").rows() == [("pathogenic", 3, 77)]
    assert store.card.releases[0].version == "2024-12-15"


def test_labels_are_not_taken_for_codes(tmp_path: Path) -> None:
    """A table with 0 and 1 for benign and pathogenic would say the contrary."""
    path = table(tmp_path / "x_b38.tsv", "chrom pos ref alt clnsig", "1 1 A C 0", "1 2 A C 1")
    assert "labels" in refusal("clinvar", tmp_path, path)
    path = table(tmp_path / "y_b38.tsv", "chrom pos ref alt clnsig", "1 1 A C 5|255", "1 2 A C 2")
    store = built("clinvar", tmp_path / "s", path)
    found = store.find(asked(("1", 1, "A", "C"), ("1", 2, "A", "C")))
    assert found["significance"].to_list() == ["pathogenic", "benign"]
    assert "stars" not in found.columns


def test_no_significance(tmp_path: Path) -> None:
    path = vcf(tmp_path / "v.vcf", info("CLNID:1:String"), ["1 100 C T CLNID=4"])
    assert "CLNSIG is wanted" in refusal("clinvar", tmp_path, path)


def test_the_release_of_december_2016(rare_data: Path, tmp_path: Path) -> None:
    path = rare_data.parent / "annot" / "clinvar_2016-12_b37.parquet"
    if not path.is_file():
        pytest.skip("the file is not here")
    store = built("clinvar", tmp_path / "s", path)
    known = pl.read_parquet(path).with_columns(pl.col("ref", "alt").str.to_uppercase())
    found = store.find(known)
    assert (found["status"] == "found").all()
    assert found["stars"].cast(pl.Int8).equals(known["gold_stars"], check_names=False)
    assert found["clnsig"].equals(known["clnsig"], check_names=False)
    plain = known["clnsig"].is_in(["Pathogenic", "Benign"])
    same = found["significance"].cast(pl.String).filter(plain) == known["clnsig"].str.to_lowercase().filter(
        plain
    )
    assert same.all()
