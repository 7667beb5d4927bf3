"""Normalising: the same haplotype, the leftmost and shortest form, and nothing lost on the way."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.variants import ALLELES
from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.normalise import normalise_all
from genopraxis.variants.normalise_counts import NormaliseCounts
from vcf_texts import vcf_text, write_vcf

#            123456789012345678901234567890
CONTIG_1 = "GATTTTACACACAGGGNNCCATGCAAAAAAT"
CONTIG_2 = "TTTTC"


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Genome:
    path = tmp_path_factory.mktemp("genome") / "g.fa"
    path.write_text(f">chr1\n{CONTIG_1}\n>chr2\n{CONTIG_2}\n")
    return Genome(path)


def alleles(
    folder: Path, rows: list[str], genome: Genome | None, **options: object
) -> tuple[pl.DataFrame, NormaliseCounts]:
    path = write_vcf(folder / "x.vcf", vcf_text([f"{row} . . ." for row in rows]))
    reading = {key: options.pop(key) for key in ("threads", "batch_bytes") if key in options}
    with VcfReader(path, **reading) as reader:  # type: ignore[arg-type]
        options.setdefault("mismatch_limit", 1.0)
        done = list(normalise_all(iter(reader), genome=genome, **options))  # type: ignore[arg-type]
    frame = pl.concat([frame for _, frame, _ in done])
    ALLELES.check(frame, raise_errors=True)
    return frame, done[-1][2]


def one(folder: Path, row: str, genome: Genome | None) -> tuple[object, ...]:
    frame, _ = alleles(folder, [row], genome)
    assert frame.height == 1
    return frame.select("pos", "ref", "alt", "kind").row(0)


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("chr1 1 . G A", (1, "G", "A", "snv")),
        ("1 1 . g a", (1, "G", "A", "snv")),
        ("chr1 2 . ATT AGG", (3, "TT", "GG", "mnv")),
        ("chr1 2 . ATTT AGTT", (3, "T", "G", "snv")),
        ("chr1 5 . TT T", (2, "AT", "A", "deletion")),
        ("chr1 6 . T TT", (2, "A", "AT", "insertion")),
        ("chr1 11 . ACA A", (6, "TAC", "T", "deletion")),
        ("chr1 12 . C CAC", (6, "T", "TAC", "insertion")),
        ("chr1 13 . AGGG A", (13, "AGGG", "A", "deletion")),
        ("chr1 14 . GGG G", (13, "AGG", "A", "deletion")),
        ("chr1 30 . AT A", (30, "AT", "A", "deletion")),
        ("chr1 31 . T TA", (31, "T", "TA", "insertion")),
        ("chr1 30 . A AA", (24, "C", "CA", "insertion")),
        ("chr1 21 . AT GGG", (21, "AT", "GGG", "delins")),
        ("chr2 4 . TC T", (4, "TC", "T", "deletion")),
        ("chr2 4 . T TT", (1, "T", "TT", "insertion")),
        ("chr2 3 . TT T", (1, "TT", "T", "deletion")),
        ("chr2 1 . T GT", (1, "T", "GT", "insertion")),
        ("chr1 17 . NN N", (16, "GN", "G", "deletion")),
        ("chr1 1 . G <DEL>", (1, "G", "<DEL>", "symbolic")),
        ("chr1 1 . g <ins:Me>", (1, "G", "<ins:Me>", "symbolic")),
        ("chr1 1 . G *", (1, "G", "*", "spanning")),
        ("chr1 1 . G <NON_REF>", (1, "G", "<NON_REF>", "non_ref")),
        ("chr1 1 . G <*>", (1, "G", "<*>", "non_ref")),
        ("chr1 1 . G <X>", (1, "G", "<X>", "non_ref")),
        ("chr1 1 . G X", (1, "G", "X", "non_ref")),
        ("chr1 1 . G G]chr2:3]", (1, "G", "G]chr2:3]", "breakend")),
        ("chr1 1 . G [chr2:3[G", (1, "G", "[chr2:3[G", "breakend")),
        ("chr1 1 . G GT.", (1, "G", "GT.", "breakend")),
        ("chr1 1 . G .", (1, "G", ".", "none")),
        ("chr1 1 . G G", (1, "G", "G", "none")),
        ("chr1 2 . AT AT", (2, "AT", "AT", "none")),
        ("chr1 2 . AT R", (2, "AT", "R", "delins")),
    ],
)
def test_one_allele(tmp_path: Path, genome: Genome, row: str, wanted: tuple[object, ...]) -> None:
    assert one(tmp_path, row, genome) == wanted


def test_without_a_genome_alleles_are_trimmed_only(tmp_path: Path) -> None:
    assert one(tmp_path, "chr1 12 . ACAC AC", None) == (12, "ACA", "A", "deletion")
    assert one(tmp_path, "chr1 12 . AAC AGC", None) == (13, "A", "G", "snv")
    frame, counts = alleles(tmp_path, ["chr1 5 . T G"], None)
    assert frame["reference_matches"].to_list() == [None]
    assert (counts.reference_checked, counts.reference_unknown, counts.without_contig) == (0, 0, {})


def test_a_record_is_split_and_kept(tmp_path: Path, genome: Genome) -> None:
    path = write_vcf(
        tmp_path / "x.vcf", vcf_text(["chr1 4 rs1;rs2 tt T,TTT,*,<DEL>,GT 7.5 q10 DB", "chr1 1 . G C . . ."])
    )
    with VcfReader(path) as reader:
        _, frame, counts = next(iter(normalise_all(iter(reader), genome=genome)))
    assert frame.rows() == [
        (0, 1, "1", 2, "AT", "A", "deletion", 4, "tt", "T", "rs1;rs2", 7.5, "q10", True, False, True, True),
        (0, 2, "1", 2, "A", "AT", "insertion", 4, "tt", "TTT", "rs1;rs2", 7.5, "q10", True, True, True, True),
        (0, 3, "1", 4, "TT", "*", "spanning", 4, "tt", "*", "rs1;rs2", 7.5, "q10", True, False, False, True),
        (
            0,
            4,
            "1",
            4,
            "TT",
            "<DEL>",
            "symbolic",
            4,
            "tt",
            "<DEL>",
            "rs1;rs2",
            7.5,
            "q10",
            True,
            False,
            False,
            True,
        ),
        (0, 5, "1", 4, "T", "G", "snv", 4, "tt", "GT", "rs1;rs2", 7.5, "q10", True, True, False, True),
        (1, 1, "1", 1, "G", "C", "snv", 1, "G", "C", None, None, None, False, False, False, True),
    ]
    assert (counts.records, counts.alleles, counts.split_records) == (2, 6, 1)
    assert (counts.trimmed, counts.shifted) == (2, 2)
    assert (counts.reference_checked, counts.reference_differs) == (2, 0)
    assert counts.repairs.counts == {"lower_case_allele": 5}


def test_where_ref_differs_a_record_is_kept_as_it_is(tmp_path: Path, genome: Genome) -> None:
    rows = [
        "chr1 5 . AA A",
        "chr1 40 . A C",
        "chr1 0 . N A",
        "chr1 2 . N <DEL>",
        "chr1 17 . A C",
        "chr1 5 . TT T",
    ]
    frame, counts = alleles(tmp_path, rows, genome)
    assert frame["reference_matches"].to_list() == [False, False, False, None, None, True]
    assert frame["pos"].to_list() == [5, 40, 0, 2, 17, 2]
    assert frame["kind"].to_list()[0] == "deletion"
    assert (counts.reference_checked, counts.reference_differs, counts.reference_unknown) == (4, 3, 2)


def test_a_wrong_genome_is_refused(tmp_path: Path, genome: Genome) -> None:
    rows = ["chr1 1 . A C", "chr1 2 . C G", "chr1 3 . T G"]
    with pytest.raises(InputError, match=r"in 2 of 3 records \(66.7%; the limit is 2.0%\), as 1:1 A, not G"):
        alleles(tmp_path, rows, genome, mismatch_limit=0.02)
    alleles(tmp_path, rows, genome, mismatch_limit=0.7)
    alleles(tmp_path, rows[1:], genome, mismatch_limit=0.02)  # one alone may be an error of the file


def test_a_wrong_genome_is_refused_early(tmp_path: Path, genome: Genome) -> None:
    path = write_vcf(tmp_path / "x.vcf", vcf_text(["chr1 1 . A C . . ."] * 60_000))
    with VcfReader(path, batch_bytes=50_000) as reader:
        stream = normalise_all(iter(reader), genome=genome)
        with pytest.raises(InputError, match="REF differs from the genome in 2"):
            deque(stream, maxlen=0)
    assert 15_000 < reader.n_records < 25_000


def test_contigs_that_the_genome_does_not_have(tmp_path: Path, genome: Genome) -> None:
    rows = ["GL1 5 . AAA AA", "GL1 9 . A C", "chr1 1 . G A"]
    frame, counts = alleles(tmp_path, rows, genome)
    assert frame["pos"].to_list() == [5, 9, 1]
    assert frame["reference_matches"].to_list() == [None, None, True]
    assert counts.without_contig == {"GL1": 2}
    assert (counts.reference_checked, counts.reference_unknown) == (1, 0)
    with pytest.raises(InputError, match="has no contig '7'"):
        alleles(tmp_path, ["chr7 5 . A C"], genome)
    _, counts = alleles(tmp_path, ["chr7 5 . A C"], genome, missing_contigs="keep")
    assert counts.without_contig == {"7": 1}


@pytest.mark.parametrize(
    "row",
    ["1 . - T", "1 . G -", "1 . G A,,C", "1 . G T*", "1 . G A>T", "1 . G 3", "1 . <DEL> G", "1 . GA. T"],
)
def test_what_is_no_allele_is_named(tmp_path: Path, genome: Genome, row: str) -> None:
    with pytest.raises(InputError, match=r"line 16: REF .* are no alleles"):
        alleles(tmp_path, ["chr1 1 . G A", f"chr1 {row}"], genome)


def test_repairs_are_counted(tmp_path: Path, genome: Genome) -> None:
    frame, counts = alleles(tmp_path, ["chr1 2 . a r", "chr1 2 . M A", "chr1 2 . A A"], genome)
    assert counts.repairs.counts == {"lower_case_allele": 1, "ambiguous_base": 2, "alt_equals_ref": 1}
    assert frame["alt"].to_list() == ["R", "A", "A"]
    assert frame["original_alt"].to_list() == ["r", "A", "A"]


def test_contigs_in_any_order(tmp_path: Path, genome: Genome) -> None:
    rows = ["chr2 4 . T TT", "chr1 5 . TT T", "GL1 3 . AA A", "chr2 3 . TT T", "chr1 1 . G A"] * 3
    wanted = [(1, "T", "TT"), (2, "AT", "A"), (3, "AA", "A"), (1, "TT", "T"), (1, "G", "A")] * 3
    for batch_bytes in (1, 100, 1 << 20):
        for threads in (1, 3):
            frame, counts = alleles(tmp_path, rows, genome, batch_bytes=batch_bytes, threads=threads)
            assert frame.select("pos", "ref", "alt").rows() == wanted
            assert frame["record"].to_list() == list(range(15))
            assert counts.without_contig == {"GL1": 3}


def test_a_deletion_of_100_kb_in_a_repeat(tmp_path: Path) -> None:
    fasta = tmp_path / "long.fa"
    fasta.write_text(">9\nG" + "CA" * 200_000 + "T\n")
    at = 250_000  # an A
    row = f"9 {at + 1} . {'A' + 'CA' * 50_000} A"
    frame, _ = alleles(tmp_path, [row], Genome(fasta))
    pos, ref, alt, shifted = frame.select("pos", "ref", "alt", "was_shifted").row(0)
    assert (pos, len(ref), ref[:3], alt, shifted) == (1, 100_001, "GCA", "G", True)


def apply(sequence: str, pos: int, ref: str, alt: str) -> str:
    assert sequence[pos - 1 : pos - 1 + len(ref)] == ref
    return sequence[: pos - 1] + alt + sequence[pos - 1 + len(ref) :]


@st.composite
def places(draw: st.DrawFn) -> tuple[str, list[tuple[int, str, list[str]]]]:
    sequence = draw(st.text("AC", min_size=3, max_size=25)) + draw(st.text("ACGT", max_size=10))
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(sequence) - 1))
        end = draw(st.integers(start + 1, min(len(sequence), start + 8)))
        alts = draw(st.lists(st.text("AC", min_size=1, max_size=8), min_size=1, max_size=3))
        rows.append((start + 1, sequence[start:end], alts))
    return sequence, rows


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places(), st.sampled_from([1, 60, 1 << 20]))
def test_haplotypes_stay_and_the_form_is_final(
    tmp_path: Path, case: tuple[str, list[tuple[int, str, list[str]]]], batch_bytes: int
) -> None:
    sequence, rows = case
    fasta = tmp_path / "small.fa"
    fasta.write_text(f">5\n{sequence}\n")
    genome = Genome(fasta)
    frame, counts = alleles(
        tmp_path,
        [f"5 {pos} . {ref} {','.join(alts)}" for pos, ref, alts in rows],
        genome,
        batch_bytes=batch_bytes,
    )
    assert counts.reference_differs == 0
    forms: dict[str, set[tuple[int, str, str]]] = {}
    for record, allele, pos, ref, alt, kind in frame.select(
        "record", "allele", "pos", "ref", "alt", "kind"
    ).iter_rows():
        given_pos, given_ref, given_alts = rows[record]
        haplotype = apply(sequence, given_pos, given_ref, given_alts[allele - 1])
        assert apply(sequence, pos, ref, alt) == haplotype
        if kind == "none":
            assert haplotype == sequence
            continue
        # shortest: no base in common that is not needed
        assert min(len(ref), len(alt)) == 1 or (ref[0] != alt[0] and ref[-1] != alt[-1])
        # leftmost: only the start of the contig stops an indel whose last bases agree
        assert ref[-1] != alt[-1] or pos == 1
        if min(len(ref), len(alt)) == 1 and len(ref) != len(alt):
            forms.setdefault(haplotype, set()).add((pos, ref, alt))
    # a pure insertion or deletion that leads to one haplotype has one form
    pure = {
        haplotype: {form for form in found if form[1][0] == form[2][0] or form[0] == 1}
        for haplotype, found in forms.items()
    }
    assert all(len(found) <= 1 for found in pure.values())
    again, _ = alleles(
        tmp_path,
        [f"5 {pos} . {ref} {alt}" for pos, ref, alt in frame.select("pos", "ref", "alt").iter_rows()],
        genome,
    )
    assert again.select("pos", "ref", "alt", "kind").equals(frame.select("pos", "ref", "alt", "kind"))
    assert not again["was_trimmed"].any()
    assert not again["was_shifted"].any()
