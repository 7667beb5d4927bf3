"""VCF headers: what is defined is found, what is broken is counted or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import OLD_MITOCHONDRION
from genopraxis.formats.vcf_header import FieldDefinition, VcfHeader, parse_header
from genopraxis.formats.vcf_repairs import REASONS, VcfRepairs

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def parse(*lines: str | bytes, end: bytes = b"\n") -> VcfHeader:
    return parse_header(
        ((line if isinstance(line, bytes) else line.encode()) + end for line in lines), where="x.vcf"
    )


def test_definitions_are_found() -> None:
    header = parse(
        "##fileformat=VCFv4.3",
        "##source=a program",
        '##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count, in \\"genotypes\\"",Source="x>y">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">',
        '##FILTER=<ID=q10,Description="Quality below 10">',
        "##contig=<ID=chr1,length=248956422,assembly=GRCh38>",
        "##contig=<ID=HLA-A*01:01:01:01,length=3503>",
        "##contig=<ID=chr2>",
        f"{COLUMNS}\tFORMAT\tmother\tthe child",
        "1\t1\t.\tA\tC\t.\t.\t.",
    )
    assert header.version == (4, 3)
    assert header.info == {
        "AC": FieldDefinition(id="AC", number="A", type="Integer", description='Allele count, in "genotypes"')
    }
    assert header.formats["AD"].number == "R"
    assert header.filters == {"q10": "Quality below 10"}
    assert header.contigs == {"chr1": 248956422, "HLA-A*01:01:01:01": 3503, "chr2": None}
    assert header.lengths() == {"1": 248956422, "HLA-A*01:01:01:01": 3503}
    assert header.samples == ("mother", "the child")
    assert header.n_columns == 11
    assert header.n_lines == 9
    assert len(header.meta) == 8
    assert not header.repairs
    assert header.sample_index("the child") == 1
    with pytest.raises(InputError, match="no sample 'father'"):
        header.sample_index("father")


def test_the_old_mitochondrion_is_told_by_the_header() -> None:
    header = parse("##fileformat=VCFv4.2", "##contig=<ID=chrM,length=16571>", COLUMNS)
    assert header.canonical("chrM") == OLD_MITOCHONDRION
    assert header.lengths() == {OLD_MITOCHONDRION: 16571}
    assert parse("##fileformat=VCFv4.2", COLUMNS).canonical("chrM") == "MT"


def test_a_file_without_samples() -> None:
    assert parse("##fileformat=VCFv4.2", COLUMNS).n_columns == 8
    header = parse("##fileformat=VCFv4.2", f"{COLUMNS}\tFORMAT")
    assert (header.n_columns, header.samples, header.has_format) == (9, (), True)


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ([COLUMNS], {"fileformat_missing": 1}),
        (["##source=x", "##fileformat=VCFv4.2", COLUMNS], {"fileformat_missing": 1}),
        (["##fileformat=VCFv4.1\t\t\t", "##x\t\t", COLUMNS], {"trailing_tabs": 2}),
        (["##fileformat=VCFv4.2", COLUMNS.replace("INFO", "") + "\tFORMAT\tx"], {"column_name": 1}),
        (["##fileformat=VCFv4.2", COLUMNS.lower().replace("#chrom", "#CHROM")], {"column_name": 7}),
        ([b"\xef\xbb\xbf##fileformat=VCFv4.2", COLUMNS], {"byte_order_mark": 1}),
        (["##fileformat=VCFv4.2", "", COLUMNS], {"blank_line": 1}),
        (["##fileformat=VCFv4.2", "##INFO=<Number=1>", COLUMNS], {"definition_unreadable": 1}),
        (["##fileformat=VCFv4.2", "##INFO=<ID=A,Type=Int>", COLUMNS], {"definition_type": 1}),
        (["##fileformat=VCFv4.2", "##contig=<ID=1,length=x>", COLUMNS], {"contig_length": 1}),
        (["##fileformat=VCFv4.2", "##contig=<ID=1>", "##contig=<ID=1>", COLUMNS], {"definition_repeated": 1}),
        (["##fileformat=VCFv4.2", b"##who=Ren\xe9", COLUMNS], {"not_utf8": 1}),
    ],
)
def test_repairs_are_counted(lines: list[str | bytes], counts: dict[str, int]) -> None:
    header = parse(*lines)
    assert header.repairs.counts == counts
    assert len(list(header.repairs.sentences())) == len(counts)


def test_crlf_is_counted_for_every_line() -> None:
    header = parse("##fileformat=VCFv4.2", f"{COLUMNS}\tFORMAT\tx", end=b"\r\n")
    assert header.repairs.counts == {"crlf": 2}
    assert header.samples == ("x",)


def test_a_definition_that_is_cut_off_keeps_its_id() -> None:
    header = parse("##fileformat=VCFv4.2", '##INFO=<ID=AC,Number=A,Type=Integer,Description="cut', COLUMNS)
    assert header.info["AC"].description == "cut"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([], "the file is empty"),
        (["##fileformat=VCFv4.2"], "ends within its header"),
        (
            ["##fileformat=VCFv4.2", "1\t1\t.\tA\tC\t.\t.\t."],
            r"no #CHROM line before the first record \(line 2\)",
        ),
        (["1\t1\t.\tA\tC\t.\t.\t."], "does not begin with '#'"),
        (["#CHROM\tPOS\tID\tREF\tALT"], "has 5 columns, not 8"),
        ([COLUMNS.replace("\t", " ")], "separated by tabs"),
        (["#a\tb\tc\td\te\tf\tg\th"], "not CHROM, POS, ID, REF, ALT"),
        ([f"{COLUMNS}\tFORMAT\ta\tb\ta"], "used twice: a"),
        ([f"{COLUMNS}\tFORMAT\ta\t\tb"], "sample 2 has no name"),
        (["##a\0b", COLUMNS], "NUL"),
    ],
)
def test_what_is_refused(lines: list[str], text: str) -> None:
    with pytest.raises(InputError, match=text):
        parse(*lines)


def test_repairs_add_up() -> None:
    total = VcfRepairs({"crlf": 2}) + VcfRepairs({"crlf": 1, "not_utf8": 1}) + VcfRepairs()
    assert total.counts == {"crlf": 3, "not_utf8": 1}
    assert list(VcfRepairs({"crlf": 3}).sentences()) == [f"3 × {REASONS['crlf']}"]
    with pytest.raises(ValueError, match="not a reason"):
        VcfRepairs({"nonsense": 1})


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_no_bytes_crash_it(lines: list[bytes]) -> None:
    body = [b"##" + line.replace(b"\n", b"") + b"\n" for line in lines]
    if any(b"\0" in line for line in lines):
        with pytest.raises(InputError, match="NUL"):
            parse_header([*body, COLUMNS.encode()], where="x")
    else:
        assert parse_header([*body, COLUMNS.encode()], where="x").n_lines == len(lines) + 1


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][0-9A-Za-z_.]{0,8}", fullmatch=True), st.text(max_size=30), max_size=5
    )
)
def test_descriptions_come_back(fields: dict[str, str]) -> None:
    clean = {key: "".join(c for c in text if c.isprintable()) for key, text in fields.items()}
    lines = [
        '##INFO=<ID={},Number=1,Type=Float,Description="{}">'.format(
            key, text.replace("\\", "\\\\").replace('"', '\\"')
        )
        for key, text in clean.items()
    ]
    header = parse("##fileformat=VCFv4.2", *lines, COLUMNS)
    assert {key: one.description for key, one in header.info.items()} == clean
