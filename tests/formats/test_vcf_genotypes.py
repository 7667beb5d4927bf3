"""INFO and samples: values by key with the types of the header; genotypes seen from each allele."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.variants import GENOTYPES
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_genotypes import genotypes, sample_text, sample_values
from genopraxis.formats.vcf_info import info_text, info_values
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.formats.vcf_repairs import VcfRepairs
from vcf_texts import META, vcf_text, write_vcf


def batch_of(
    folder: Path, rows: list[str], *, samples: list[str] | None = None, meta: tuple[str, ...] = META
) -> VcfBatch:
    path = write_vcf(folder / "x.vcf", vcf_text(rows, samples=samples or [], meta=meta))
    with VcfReader(path) as reader:
        (batch,) = reader
    return batch


def sites(folder: Path, *infos: str, meta: tuple[str, ...] = META) -> VcfBatch:
    return batch_of(folder, [f"1 {n + 1} . A C,G . . {info}" for n, info in enumerate(infos)], meta=meta)


def test_info_as_text(tmp_path: Path) -> None:
    batch = sites(
        tmp_path, "AC=1", "XAC=2;AC=3", "AC", ".", "AC=", "AC=.", "ACX=1;AC=x=y;Z", "AC=1;AC=2", "DB;AC=4,5"
    )
    assert info_text(batch, "AC").to_list() == ["1", "3", "", None, "", None, "x=y", "1", "4,5"]
    assert info_text(batch, "DB").to_list() == [None] * 8 + [""]
    assert info_text(batch, "absent").null_count() == 9


def test_info_with_the_types_of_the_header(tmp_path: Path) -> None:
    meta = (
        *META,
        "##INFO=<ID=N,Number=1,Type=Integer>",
        "##INFO=<ID=F,Number=1,Type=Float>",
        "##INFO=<ID=L,Number=.,Type=String>",
    )
    batch = sites(
        tmp_path, "AC=1,2;DB;N=5;F=1e-3;GENE=a,b;U=7", "AC=.,3;AF=0.5,x;N=1.5;F=nan;L=a,.,c", ".", meta=meta
    )
    ac, unread = info_values(batch, "AC")
    assert ac.dtype == pl.List(pl.Int64)
    assert (ac.to_list(), unread) == ([[1, 2], [None, 3], None], 0)
    af, unread = info_values(batch, "AF")
    assert (af.to_list(), unread) == ([None, [0.5, None], None], 1)
    assert info_values(batch, "DB")[0].to_list() == [True, False, False]
    n, unread = info_values(batch, "N")
    assert (n.to_list(), n.dtype, unread) == ([5, None, None], pl.Int64, 1)
    f, unread = info_values(batch, "F")
    assert (f.to_list(), unread) == ([0.001, None, None], 1)
    assert info_values(batch, "GENE")[0].to_list() == ["a,b", None, None]
    assert info_values(batch, "L")[0].to_list() == [None, ["a", None, "c"], None]
    assert info_values(batch, "U")[0].to_list() == ["7", None, None]  # not defined: text


def test_percent_codes_since_4_3(tmp_path: Path) -> None:
    info = "GENE=a%3Bb%3db%25%2C"
    assert info_values(sites(tmp_path, info), "GENE")[0].to_list() == ["a%3Bb%3db%25%2C"]
    meta = ("##fileformat=VCFv4.3", *META[1:])
    assert info_values(sites(tmp_path, info, meta=meta), "GENE")[0].to_list() == ["a;b=b%,"]


def test_one_key_of_one_sample(tmp_path: Path) -> None:
    batch = batch_of(
        tmp_path,
        [
            "1 1 . A C . . . GT:AD:DP 0/1:3,4:7 1/1:0,9:9",
            "1 2 . A C . . . GT:DP:AD ./.:.:. 0/1:12",
            "1 3 . A C . . . GT 0 1",
        ],
        samples=["a", "b"],
    )
    assert sample_text(batch, "b", "AD").to_list() == ["0,9", None, None]
    assert sample_text(batch, "a", "GT").to_list() == ["0/1", "./.", "0"]
    depth, unread = sample_values(batch, "b", "DP")
    assert (depth.to_list(), depth.dtype, unread) == ([9, 12, None], pl.Int64, 0)
    assert sample_values(batch, "a", "AD")[0].to_list() == [[3, 4], None, None]
    with pytest.raises(InputError, match="no sample 'c'"):
        sample_text(batch, "c", "GT")


def called(folder: Path, row: str, **options: bool) -> list[dict[str, object]]:
    frame, repairs = genotypes(batch_of(folder, [f"1 1 . A {row}"], samples=["a"]), **options)
    GENOTYPES.check(frame, raise_errors=True)
    assert repairs == VcfRepairs()
    return frame.drop("record", "sample").to_dicts()


def row_of(**values: object) -> dict[str, object]:
    names = (
        "allele",
        "dosage",
        "gt",
        "phased",
        "phase_set",
        "depth",
        "ref_depth",
        "alt_depth",
        "genotype_quality",
        "vaf",
    )
    return dict.fromkeys(names) | {"allele": 1, "phased": False} | values


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("C . . . GT 0/1", [row_of(dosage=1, gt="0/1")]),
        ("C . . . GT 1|0", [row_of(dosage=1, gt="1|0", phased=True)]),
        ("C . . . GT 0/0", [row_of(dosage=0, gt="0/0")]),
        ("C . . . GT 1", [row_of(dosage=1, gt="1")]),
        ("C . . . GT ./.", []),
        ("C . . . GT .", []),
        ("C . . . DP 5", []),
        ("C . . . GT ./1", [row_of(dosage=None, gt="./1")]),
        ("C . . . GT 0/1/1", [row_of(dosage=2, gt="0/1/1")]),
        ("C . . . GT |0|1", [row_of(dosage=1, gt="0|1", phased=True)]),
        ("C . . . GT 0/1|1", [row_of(dosage=2, gt="0/1|1")]),
        ("C,G . . . GT 1/2", [row_of(dosage=1, gt="1/2"), row_of(allele=2, dosage=1, gt="2/1")]),
        (
            "C,G . . . GT 2|2|1",
            [row_of(dosage=1, gt="2|2|1", phased=True), row_of(allele=2, dosage=2, gt="1|1|2", phased=True)],
        ),
        (
            "C . . . GT:PS:GQ 0|1:77:12.5",
            [row_of(dosage=1, gt="0|1", phased=True, phase_set=77, genotype_quality=12.5)],
        ),
        (
            "C . . . GT:AD:DP 0/1:30,10:44",
            [row_of(dosage=1, gt="0/1", depth=44, ref_depth=30, alt_depth=10, vaf=0.25)],
        ),
        ("C . . . GT:AD 0/1:.,10", [row_of(dosage=1, gt="0/1", alt_depth=10, vaf=1.0)]),
        ("C . . . GT:AD 0/1:5", [row_of(dosage=1, gt="0/1", ref_depth=5)]),
        ("C . . . GT:AD:DP 0/1:0,0:.", [row_of(dosage=1, gt="0/1", ref_depth=0, alt_depth=0)]),
        (
            "C . . . GT:AD:VAF 0/1:30,10:0.5",
            [row_of(dosage=1, gt="0/1", ref_depth=30, alt_depth=10, vaf=0.5)],
        ),
        ("C . . . GT:RO:AO 0/1:3,1:.", [row_of(dosage=1, gt="0/1", ref_depth=3)]),
        ("C . . . GT:RO:AO 0/1:3:1", [row_of(dosage=1, gt="0/1", ref_depth=3, alt_depth=1, vaf=0.25)]),
        (
            "C,G . . . GT:AD:AF 0/2:8,0,2:0.125,0.5",
            [
                row_of(dosage=0, gt="0/2", ref_depth=8, alt_depth=0, vaf=0.125),
                row_of(allele=2, dosage=1, gt="0/1", ref_depth=8, alt_depth=2, vaf=0.5),
            ],
        ),
    ],
)
def test_a_genotype_is_seen_from_its_allele(
    tmp_path: Path, row: str, wanted: list[dict[str, object]]
) -> None:
    assert called(tmp_path, row) == wanted


def test_rows_are_ordered_by_record_allele_and_sample(tmp_path: Path) -> None:
    batch = batch_of(
        tmp_path,
        ["1 1 . A C,G . . . GT:DP 0/1:1 ./.:2 1/2:3", "1 2 . A C . . . DP:GT 4:0/0 5:0/1 6:."],
        samples=["a", "b", "c"],
    )
    frame, _ = genotypes(batch)
    GENOTYPES.check(frame, raise_errors=True)
    rows = frame.select("record", "allele", "sample", "dosage", "depth").rows()
    assert rows == [
        (0, 1, "a", 1, 1),
        (0, 1, "c", 1, 3),
        (0, 2, "a", 0, 1),
        (0, 2, "c", 1, 3),
        (1, 1, "a", 0, 4),
        (1, 1, "b", 1, 5),
    ]
    carriers, _ = genotypes(batch, carriers_only=True)
    assert carriers.equals(frame.filter(pl.col("dosage") > 0))
    some, _ = genotypes(batch, samples=["c", "b"])
    assert some.equals(frame.filter(pl.col("sample") != "a"))
    none, _ = genotypes(batch, samples=[])
    assert none.equals(GENOTYPES.empty())
    with pytest.raises(InputError, match="no sample 'd'"):
        genotypes(batch, samples=["d"])


@pytest.mark.parametrize(
    "cell",
    [
        "0/2:1",
        "a/b:1",
        "0-1:1",
        "0//1:1",
        "0/:1",
        "/:1",
        "-1:1",
        "0/1:x",
        "0/1:-3",
        "0/1:1.5",
        "999999999999:1",
    ],
)
def test_what_makes_no_sense_is_counted(tmp_path: Path, cell: str) -> None:
    frame, repairs = genotypes(batch_of(tmp_path, [f"1 1 . A C . . . GT:DP {cell}"], samples=["a"]))
    GENOTYPES.check(frame, raise_errors=True)
    assert repairs.counts == {"genotype_unreadable": 1}
    assert frame.height == int(cell.startswith("0/1"))
    assert frame["depth"].null_count() == frame.height


def test_a_phase_set_with_a_name(tmp_path: Path) -> None:
    frame, repairs = genotypes(batch_of(tmp_path, ["1 1 . A C,G . . . GT:PS 1|2:PATMAT"], samples=["a"]))
    assert frame["phase_set"].to_list() == [None, None]
    assert repairs.counts == {"phase_set_name": 2}


def test_without_samples_there_are_none(tmp_path: Path) -> None:
    frame, repairs = genotypes(batch_of(tmp_path, ["1 1 . A C . . ."]))
    assert frame.equals(GENOTYPES.empty())
    assert not repairs


copy = st.sampled_from([None, 0, 1, 2, 3])
call = st.tuples(
    st.lists(copy, min_size=1, max_size=4), st.sampled_from("/|"), st.one_of(st.none(), st.integers(0, 500))
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(call, call, st.booleans()), min_size=1, max_size=8))
def test_any_genotype_is_read_as_python_would(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    def text(value: tuple[list[int | None], str, int | None], *, swapped: bool) -> str:
        alleles, separator, depth = value
        gt = separator.join("." if one is None else str(one) for one in alleles)
        return (
            f"{'.' if depth is None else depth}:{gt}"
            if swapped
            else f"{gt}:{'.' if depth is None else depth}"
        )

    lines = [
        f"1 {n + 1} . A C,G,T . . . {'DP:GT' if swapped else 'GT:DP'} "
        f"{text(a, swapped=swapped)} {text(b, swapped=swapped)}"
        for n, (a, b, swapped) in enumerate(rows)
    ]
    frame, repairs = genotypes(batch_of(tmp_path, lines, samples=["a", "b"]))
    GENOTYPES.check(frame, raise_errors=True)
    assert not repairs
    wanted = []
    for record, (a, b, _) in enumerate(rows):
        for allele in (1, 2, 3):
            for sample, (alleles, separator, depth) in (("a", a), ("b", b)):
                if all(one is None for one in alleles):
                    continue
                seen = {None: ".", 0: "0", allele: "1"}
                gt = separator.join(seen.get(one, "2") for one in alleles)
                dosage = None if None in alleles else alleles.count(allele)
                wanted.append(
                    (record, allele, sample, dosage, gt, separator == "|" and len(alleles) > 1, depth)
                )
    assert frame.select("record", "allele", "sample", "dosage", "gt", "phased", "depth").rows() == wanted
