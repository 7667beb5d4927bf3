"""Annotations of VEP, snpEff and bcftools csq in INFO: which fields, which entries, which allele."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")

from annotated_vcfs import ANN, BCSQ, SPLICEAI, VEP, alleles, batch, info, vep_names
from genopraxis.formats.vcf_annotations import (
    AnnotationEntries,
    AnnotationField,
    annotation_fields,
    decoded,
    info_key_spans,
    read_entries,
    unreadable_fields,
    vep_alleles,
)

SHORT = VEP + "Allele|Consequence|Feature"
NUMBERED = SHORT + "|ALLELE_NUM"
BASES = st.text("ACGT", min_size=1, max_size=5)


def field(description: str, key: str = "CSQ") -> AnnotationField:
    (found,) = annotation_fields(
        {"DP": "Depth. Format: plain", key: description}, styles=("vep", "ann", "bcsq", "spliceai")
    )
    return found


def entries(
    ref: str, alt: str, value: str, *, description: str = SHORT, key: str = "CSQ"
) -> AnnotationEntries:
    made = batch([info(key, description)], [(100, ref, alt, f"{key}={value}")])
    return read_entries(made, field(description, key), ("Consequence", "Feature"))


def test_fields_are_found_by_the_header() -> None:
    found = annotation_fields({"X": "Allele frequency", "BCSQ": BCSQ, "ANN": ANN, "CSQ": SHORT})
    # what tells most comes first
    assert [(one.key, one.style, len(one.fields)) for one in found] == [
        ("CSQ", "vep", 3),
        ("ANN", "ann", 16),
        ("BCSQ", "bcsq", 7),
    ]
    assert found[1].fields[-5:] == ("cDNA.pos", "CDS.pos", "AA.pos", "Distance", "ERRORS")
    # another key, as gnomAD or a lab may choose
    assert field(SHORT, "vep").key == "vep"
    assert field(SPLICEAI, "SpliceAI").style == "spliceai"


def test_fields_that_the_header_does_not_describe() -> None:
    # the specification fixes ANN and BCSQ; nothing fixes CSQ
    described = {"ANN": "snpEff", "BCSQ": "from csq", "CSQ": "VEP", "SpliceAI": ""}
    assert [one.key for one in annotation_fields(described)] == ["ANN", "BCSQ"]
    assert len(annotation_fields(described)[0].fields) == 16
    assert unreadable_fields(described) == ("CSQ",)
    assert unreadable_fields({"CSQ": SHORT}) == ()
    assert annotation_fields({}) == ()


@pytest.mark.parametrize(
    ("ref", "alts", "names"),
    [
        ("C", ["T", "G"], ["T", "G"]),
        ("CA", ["C", "CAA"], ["-", "AA"]),
        ("CA", ["C", "GA"], ["C", "GA"]),  # not all begin with the same base
        ("C", ["CT", "*"], ["T", "*"]),
        ("CA", ["CG", "*"], ["G", "*"]),  # the star has another length than REF
        ("CA", ["CG", "CT"], ["CG", "CT"]),
        ("CT", ["C"], ["-"]),
    ],
)
def test_alleles_as_vep_names_them(ref: str, alts: list[str], names: list[str]) -> None:
    assert vep_names(ref, alts) == names
    table = alleles(batch([], [(9, ref, ",".join(alts), ".")]))
    assert vep_alleles(table)["Allele"].to_list() == names
    value = ",".join(f"{name}|intron_variant|T{i}" for i, name in enumerate(names, start=1))
    made = entries(ref, ",".join(alts), value)
    assert made.alleles.tolist() == list(range(1, len(alts) + 1))
    assert not made.guessed.any()


@given(
    records=st.lists(
        st.tuples(
            BASES, st.lists(st.one_of(BASES, st.just("*")), min_size=1, max_size=5, unique=True), st.randoms()
        ),
        min_size=1,
        max_size=8,
    ),
    first=BASES,
)
def test_every_entry_finds_its_allele(records: list[tuple[str, list[str], object]], first: str) -> None:
    """Whatever the record, entries written as VEP writes them, in any order, come back to their allele."""
    rows, wanted = [], []
    for number, (ref, alts, shuffle) in enumerate(records):
        if number % 2:  # records of indels, as callers write them
            ref, alts = first + ref, [alt if alt == "*" else first + alt for alt in alts]
        if ref in alts:
            alts.remove(ref)
        if not alts:
            continue
        numbered = list(enumerate(vep_names(ref, alts), start=1)) * 2
        shuffle.shuffle(numbered)  # type: ignore[attr-defined]
        rows.append(
            (10 + number, ref, ",".join(alts), "CSQ=" + ",".join(f"{name}|x|T" for _, name in numbered))
        )
        wanted += [allele for allele, _ in numbered]
    if not rows:
        return
    made = read_entries(batch([info("CSQ", SHORT)], rows), field(SHORT), ("Feature",))
    assert made.alleles.tolist() == wanted
    assert not made.guessed.any()


@given(
    ref=BASES,
    alts=st.lists(BASES, min_size=1, max_size=4, unique=True),
    style=st.sampled_from(["ann", "minimal"]),
)
def test_other_ways_to_name_alleles(ref: str, alts: list[str], style: str) -> None:
    alts = [alt for alt in alts if alt != ref]
    if not alts:
        return
    if style == "ann":
        made = entries(
            ref, ",".join(alts), ",".join(f"{alt}|intron_variant" for alt in alts), description=ANN, key="ANN"
        )
        assert made.alleles.tolist() == list(range(1, len(alts) + 1))
        return
    names = [trimmed(ref, alt) for alt in alts]
    if len(set(names)) < len(names):
        return
    made = entries(ref, ",".join(alts), ",".join(f"{name}|x|T" for name in names))
    # a name that VEP's usual way explains as well goes to that allele
    if not set(names) <= set(vep_names(ref, alts)) and not set(names) <= set(alts):
        assert made.alleles.tolist() == list(range(1, len(alts) + 1))


def trimmed(ref: str, alt: str) -> str:
    while ref and alt and ref[0] == alt[0]:
        ref, alt = ref[1:], alt[1:]
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return alt or "-"


@pytest.mark.parametrize(
    ("ref", "alt", "names", "wanted", "guessed"),
    [
        # a record that was split after it was annotated keeps the entries of the other alleles
        ("C", "G", ["T", "G"], [0, 1], [False, False]),
        ("C", "G", ["T"], [0], [False]),
        ("CA", "C", ["-", "AA"], [1, 0], [True, False]),
        # one that was moved since: it has one allele, and so has the annotation
        ("A", "AT", ["G"], [1], [True]),
        ("A", "AT", ["T"], [1], [False]),
        ("A", "<DEL>", ["deletion"], [1], [False]),
        ("A", "<DEL>,<DUP>", ["duplication", "deletion"], [2, 1], [False, False]),
        ("A", "<CNV>,<INS>", ["copy_number_variation", "insertion"], [1, 2], [False, False]),
        ("A", "<DUP:TANDEM>,<INV>", ["tandem_duplication", "inversion"], [1, 2], [False, False]),
        ("A", "C,<NON_REF>", ["C"], [1], [False]),
        ("a", "c,g", ["G", "C"], [2, 1], [False, False]),
        ("A", "C,G", ["T", "C", ""], [0, 1, 0], [False, False, False]),
    ],
)
def test_names_that_are_hard(
    ref: str, alt: str, names: list[str], wanted: list[int], guessed: list[bool]
) -> None:
    made = entries(ref, alt, ",".join(f"{name}|intron_variant|T" for name in names))
    assert made.alleles.tolist() == wanted
    assert made.guessed.tolist() == guessed


def test_allele_number_goes_before_names() -> None:
    made = entries("CA", "C,CAA", "-|x|T1|2,AA|x|T2|7,AA|x|T2|none", description=NUMBERED)
    assert made.alleles.tolist() == [2, 7, 0]


def test_fields_of_entries() -> None:
    made = entries("C", "T", "T|missense_variant|ENST1%3D,T||.,T")
    everything = pl.Series([0, 1, 2]).to_numpy()
    assert made.text("Feature", everything).to_list() == ["ENST1=", None, None]
    codes, texts = made.words("Consequence", everything)
    assert [texts[code] for code in codes] == ["missense_variant", "", ""]
    assert made.has("Feature")
    assert not made.has("EXON")
    assert dict(made.repairs.counts) == {"annotation_short": 1}


def test_too_few_or_too_many_fields_lose_no_entry() -> None:
    made = entries("C", "T", ",T|missense_variant,,T|stop_gained|T1||9")
    assert len(made) == 2
    assert dict(made.repairs.counts) == {"annotation_empty": 2, "annotation_short": 1, "annotation_long": 1}


def test_nothing_annotated() -> None:
    made = batch([info("CSQ", SHORT)], [(1, "A", "C", "CSQ=."), (2, "A", "C", "DP=3"), (3, "A", "C", "CSQ")])
    found = read_entries(made, field(SHORT), ("Feature",))
    assert len(found) == 0
    assert dict(found.repairs.counts) == {"annotation_empty": 1}


def test_a_key_given_twice_is_counted() -> None:
    made = batch([], [(1, "A", "C", "XY=2;X=1;X=3;YX=4"), (2, "A", "C", "Y;X"), (3, "A", "C", ".")])
    spans, repairs = info_key_spans(made, ["X", "Y"])
    assert [spans["X"][0][0] >= 0, spans["Y"][0][0] >= 0] == [True, False]
    assert made.data[spans["X"][0][0] : spans["X"][1][0]].tobytes() == b"1"
    assert spans["Y"][0][1] == spans["Y"][1][1]
    assert (spans["X"][0][2], spans["Y"][0][2]) == (-1, -1)
    assert dict(repairs.counts) == {"info_key_repeated": 1}


@given(
    keys=st.lists(st.text("ABC_", min_size=1, max_size=4), min_size=1, max_size=40, unique=True),
    wanted=st.lists(st.text("ABC_", min_size=1, max_size=4), min_size=1, max_size=70, unique=True),
)
def test_many_keys_at_once(keys: list[str], wanted: list[str]) -> None:
    made = batch([], [(1, "A", "C", ";".join(f"{key}={number}" for number, key in enumerate(keys)))])
    spans, _ = info_key_spans(made, wanted)
    for key, (starts, ends) in spans.items():
        text = made.data[starts[0] : ends[0]].tobytes().decode() if starts[0] >= 0 else None
        assert text == (str(keys.index(key)) if key in keys else None)


def test_percent_codes() -> None:
    assert decoded(pl.Series(["a%3Db%2c%zz", None, "%25"])).to_list() == ["a=b,%zz", None, "%"]
