"""Annotation and gene link files: every frequency form, every repair counted, every damage one clear error."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.formats.hpoa import ANNOTATIONS, GENE_LINKS, AnnotationFile, read_gene_links, read_hpoa
from tiny import COLUMNS, GENES, ROWS, hpoa_of, hpoa_text

BASE = dict(
    zip(
        COLUMNS,
        ("OMIM:1", "Foo", "", "HP:0001250", "PMID:1", "PCS", "", "1/2", "", "", "P", "HPO:x"),
        strict=True,
    )
)
FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def line(**cells: str) -> tuple[str, ...]:
    return tuple((BASE | cells).values())


def read(tmp_path: Path, text: str | bytes) -> AnnotationFile:
    path = tmp_path / "phenotype.hpoa"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_hpoa(path)


def one(tmp_path: Path, **cells: str) -> dict[str, object]:
    found = read(tmp_path, hpoa_of([line(**cells)]))
    assert found.repairs == ()
    return found.rows.row(0, named=True)


def repaired(tmp_path: Path, code: str, **cells: str) -> dict[str, object]:
    found = read(tmp_path, hpoa_of([line(**cells), line()]))
    assert [repair.code for repair in found.repairs] == [code]
    assert found.repairs[0].message.startswith("1 ")
    return found.rows.row(0, named=True)


def test_the_tiny_release_reads_whole(tiny_paths):
    found = read_hpoa(tiny_paths["annotations"])
    assert found.version == "2025-01-17"
    assert found.rows.height == len(ROWS)
    assert found.repairs == ()
    assert ANNOTATIONS.check(found.rows, raise_errors=True)


@pytest.mark.parametrize(
    ("given_as", "numerator", "denominator", "fraction"),
    [
        ("", None, None, None),
        ("3/7", 3, 7, None),
        (" 3 / 7 ", 3, 7, None),
        ("0/5", 0, 5, None),
        ("5/5", 5, 5, None),
        ("45%", None, None, 0.45),
        ("12.5 %", None, None, 0.125),
        ("0%", None, None, 0.0),
        ("100%", None, None, 1.0),
        ("HP:0040280", None, None, 1.0),
        ("HP:0040281", None, None, 0.895),
        ("HP:0040282", None, None, 0.545),
        ("HP:0040283", None, None, 0.17),
        ("HP:0040284", None, None, 0.025),
        ("HP:0040285", None, None, 0.0),
        (" HP:0040281 ", None, None, 0.895),
    ],
)
def test_frequency_forms(tmp_path, given_as, numerator, denominator, fraction):
    row = one(tmp_path, frequency=given_as)
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert row["frequency"] == (pytest.approx(fraction) if fraction is not None else None)


@pytest.mark.parametrize(
    "given_as",
    ["5/3", "0/0", "3/0", "abc", "150%", "-5%", "1.2.3%", "50%x", "%", "/", "3/", "1/2/3", "HP:0040279", "0.5",
     "1234567/12345678", "٣/٤", "٣%", "1e2%", "nan%"],
)  # fmt: skip
def test_a_frequency_that_makes_no_sense_is_dropped_and_counted(tmp_path, given_as):
    row = repaired(tmp_path, "impossible_frequency", frequency=given_as)
    assert (row["numerator"], row["denominator"], row["frequency"]) == (None, None, None)
    assert row["term_id"] == "HP:0001250", "the statement itself is kept"


def test_all_frequencies_that_make_no_sense_are_counted_together(tmp_path):
    found = read(tmp_path, hpoa_of([line(frequency="5/3"), line(frequency="x"), line(frequency="1/2")]))
    assert [r.message[0] for r in found.repairs] == ["2"]


@pytest.mark.parametrize(
    ("given_as", "negated"), [("", False), ("NOT", True), ("not", True), (" NOT ", True)]
)
def test_negation(tmp_path, given_as, negated):
    assert one(tmp_path, qualifier=given_as)["negated"] is negated


@pytest.mark.parametrize(
    ("given_as", "sex"), [("", None), ("MALE", "male"), ("female", "female"), (" Male ", "male")]
)
def test_sex(tmp_path, given_as, sex):
    assert one(tmp_path, sex=given_as)["sex"] == sex


@pytest.mark.parametrize(
    ("cells", "name", "value"),
    [
        ({"sex": "both"}, "sex", None),
        ({"evidence": "ICE"}, "evidence", "TAS"),
        ({"evidence": ""}, "evidence", "TAS"),
        ({"qualifier": "MAYBE"}, "negated", False),
    ],
)
def test_a_value_that_hpo_does_not_define_is_reported(tmp_path, cells, name, value):
    assert repaired(tmp_path, "undefined_value", **cells)[name] == value


def test_references_are_a_list(tmp_path):
    assert one(tmp_path, reference="PMID:1;PMID:2; OMIM:3")["references"] == ["PMID:1", "PMID:2", "OMIM:3"]


def test_a_disease_without_a_name_has_its_id(tmp_path):
    assert one(tmp_path, disease_name="")["disease_name"] == "OMIM:1"


@pytest.mark.parametrize(
    "name", ['say "ah"', '"', "a\u2028b", "a\x1cb", "a\x85b", "# 5", "émü 病", "a'b;c,d"]
)
def test_names_hold_any_character_but_tab_and_line_end(tmp_path, name):
    found = read(tmp_path, hpoa_of([line(disease_name=name), line(database_id="OMIM:2")]))
    assert found.rows["disease_name"].to_list() == [name, "Foo"]
    assert found.repairs == ()


@pytest.mark.parametrize("column", ["database_id", "hpo_id", "reference", "aspect"])
def test_an_incomplete_row_is_dropped_and_counted(tmp_path, column):
    found = read(tmp_path, hpoa_of([line(**{column: ""}), line()]))
    assert found.rows.height == 1
    assert [(r.code, r.message[0]) for r in found.repairs] == [("incomplete_row", "1")]


def test_a_file_cut_in_its_last_row_loses_that_row_and_says_so(tmp_path):
    text = hpoa_of([line(), line(hpo_id="HP:0001166")])
    found = read(tmp_path, text[: text.index("HP:0001166") + 5])
    assert found.rows["term_id"].to_list() == ["HP:0001250"]
    assert [r.code for r in found.repairs] == ["incomplete_row"]


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda data: gzip.compress(data), id="gzip"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="byte order mark"),
        pytest.param(lambda data: data.rstrip(b"\n"), id="no last line end"),
        pytest.param(lambda data: data.replace(b"#version:", b"#date:"), id="date for version"),
    ],
)
def test_wrappings_do_not_matter(tmp_path, wrap):
    plain = read(tmp_path, hpoa_text())
    found = read(tmp_path, wrap(hpoa_text().encode()))
    assert found.rows.equals(plain.rows)
    assert (found.version, found.repairs) == (plain.version, plain.repairs)


@pytest.mark.parametrize("column", [c for c in COLUMNS if c not in {"modifier", "biocuration"}])
def test_a_missing_column_is_named(tmp_path, column):
    with pytest.raises(InputError, match=f"columns missing: {column}"):
        read(tmp_path, hpoa_text().replace(f"{column}\t", "other\t", 1))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(hpoa_text().replace("#version", "#vers"), "states no release", id="no version"),
        pytest.param(hpoa_of([]), "holds no annotation", id="no rows"),
        pytest.param(hpoa_of([line()[:5]]), "holds no annotation", id="cut in the only row"),
        pytest.param(hpoa_of([(*line(), "more")]), "not a tab-separated table", id="too many cells"),
        pytest.param("#version: 1\n", "not a tab-separated table", id="comments only"),
        pytest.param("#version: 1\nx\n", "columns missing", id="other table"),
        pytest.param(hpoa_text().encode("utf-16"), "not UTF-8", id="utf-16"),
        pytest.param(gzip.compress(hpoa_text().encode())[:200], "truncated", id="gzip cut"),
        pytest.param(b"", "empty", id="empty"),
    ],
)
def test_what_cannot_be_used_is_one_error_that_names_the_file(tmp_path, content, words):
    with pytest.raises(InputError, match=r"phenotype\.hpoa") as caught:
        read(tmp_path, content)
    assert words in str(caught.value)


# --- gene links


def links(tmp_path: Path, text: str) -> pl.DataFrame:
    path = tmp_path / "genes.txt"
    path.write_text(text, encoding="utf-8")
    return read_gene_links(path)


HEAD = "ncbi_gene_id\tgene_symbol\tassociation_type\tdisease_id\tsource\n"


def test_both_kinds_of_gene_file_give_the_same_pairs(tiny_paths):
    plain = read_gene_links(tiny_paths["genes"])
    other = read_gene_links(tiny_paths["genes_to_phenotype"])
    pairs = sorted((symbol, disease) for _, symbol, _, disease in GENES)
    assert list(plain.select("symbol", "disease_id").iter_rows()) == pairs
    assert other.drop("association_type").equals(plain.drop("association_type"))
    assert other["association_type"].null_count() == other.height
    assert plain.row(by_predicate=pl.col("symbol") == "MC4R") == (
        "NCBIGene:4160", "MC4R", "OMIM:601665", "POLYGENIC",
    )  # fmt: skip
    assert GENE_LINKS.check(plain, raise_errors=True)


@pytest.mark.parametrize("kinds", [("UNKNOWN", "MENDELIAN"), ("POLYGENIC", "MENDELIAN"), ("", "MENDELIAN")])
@pytest.mark.parametrize("turned", [False, True])
def test_a_pair_listed_twice_is_mendelian_if_either_says_so(tmp_path, kinds, turned):
    kinds = kinds[::-1] if turned else kinds
    rows = "".join(f"NCBIGene:1\tAAA\t{kind}\tOMIM:1\tx\n" for kind in kinds)
    found = links(tmp_path, HEAD + rows)
    assert found["association_type"].to_list() == ["MENDELIAN"]


def test_rows_without_a_gene_are_left_out(tmp_path):
    rows = "1\tAAA\tMENDELIAN\tOMIM:1\tx\n-\t-\tMENDELIAN\tOMIM:2\tx\n\tBBB\tMENDELIAN\tOMIM:3\tx\n"
    assert links(tmp_path, HEAD + rows + "4\t  \tMENDELIAN\tOMIM:4\tx\n")["symbol"].to_list() == ["AAA"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD, "holds no gene"),
        (HEAD + "1\t-\tMENDELIAN\tOMIM:1\tx\n", "holds no gene"),
        ("gene_symbol\tdisease_id\nA\tOMIM:1\n", "columns missing: ncbi_gene_id"),
        ("# nothing\n", "not a tab-separated table"),
        (HEAD + "1\t2\t3\t4\t5\t6\n", "not a tab-separated table"),
    ],
)
def test_gene_files_that_cannot_be_used(tmp_path, text, words):
    with pytest.raises(InputError, match=r"genes\.txt") as caught:
        links(tmp_path, text)
    assert words in str(caught.value)


# --- anything at all


def only_input_errors(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for reader in (read_hpoa, read_gene_links):
            path = Path(folder) / "file.txt"
            path.write_bytes(content)
            try:
                found = reader(path)
            except InputError:
                continue
            if isinstance(found, AnnotationFile):
                assert ANNOTATIONS.check(found.rows, raise_errors=True)
            else:
                assert GENE_LINKS.check(found, raise_errors=True)


@FUZZ
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"#version: 1\n{text}".encode()))
def test_any_bytes_are_read_or_refused(content):
    only_input_errors(content)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\n\t"), max_size=8) | st.sampled_from(
    ["NOT", "1/2", "5/3", "50%", "HP:0040281", "PMID:1;", ";", "MALE", "#", '"', "0/0", "٣/٤", " "]
)


@FUZZ
@given(st.lists(st.lists(CELL, min_size=10, max_size=13), max_size=4))
def test_any_cells_are_read_or_refused(rows):
    only_input_errors(hpoa_of(rows).encode())
    only_input_errors((HEAD + "".join("\t".join(row[:5]) + "\n" for row in rows)).encode())


@given(
    st.integers(0, 999_999), st.integers(1, 999_999), st.booleans(), st.sampled_from(["male", "female", None])
)
@FUZZ
def test_counts_survive(numerator, denominator, negated, sex):
    with tempfile.TemporaryDirectory() as folder:
        cells = line(
            frequency=f"{numerator}/{denominator}",
            qualifier="NOT" if negated else "",
            sex=(sex or "").upper(),
        )
        row = read(Path(folder), hpoa_of([cells])).rows.row(0, named=True)
    sound = numerator <= denominator
    assert row["numerator"] == (numerator if sound else None)
    assert row["denominator"] == (denominator if sound else None)
    assert (row["negated"], row["sex"]) == (negated, sex)


@pytest.mark.shared_data
def test_a_full_release_reads_without_repair(rare_data):
    found = read_hpoa(rare_data / "phenotype.2025-05-06.hpoa.gz")
    assert found.version == "2025-05-06"
    assert found.repairs == ()
    assert found.rows.height == 272_060
    assert found.rows["negated"].sum() == 711
    genes = read_gene_links(rare_data / "genes_to_disease.2025-05-06.txt.gz")
    assert {"MENDELIAN", "POLYGENIC", "UNKNOWN"} == set(genes["association_type"])
