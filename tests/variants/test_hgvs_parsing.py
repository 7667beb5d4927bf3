from __future__ import annotations

import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

from genopraxis.contracts.errors import InputError
from genopraxis.variants.consequence_view import view
from genopraxis.variants.hgvs import Place, parse_coding, resolve
from genopraxis.variants.hgvs_protein import describe_protein, predicted, unchanged
from transcripts_for_tests import Small, hand_made


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return hand_made(tmp_path_factory.mktemp("small"))


def test_parts() -> None:
    change = parse_coding("NM_000546.6:c.-12-5_*3+7delinsACGT")
    assert (change.accession, change.coding, change.kind, change.bases) == (
        "NM_000546.6",
        True,
        "delins",
        "ACGT",
    )
    assert change.first == Place(side="-", base=12, offset=-5)
    assert change.last == Place(side="*", base=3, offset=7)
    assert parse_coding("n.5_6del").coding is False
    assert parse_coding("c.584_593del10insA").kind == "delins"
    assert parse_coding("c.5delT").bases == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p.Arg97Ter",
        "c.",
        "c.0A>G",
        "c.5",
        "c.5ins",
        "c.5insA",
        "c.5_6ins",
        "c.5_6A>G",
        "c.5_6delins7",
        "c.5A>Z",
        "g.5A>G",
    ],
)
def test_what_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(InputError):
        parse_coding(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c.70A>G", "no base 70"),
        ("c.-11A>G", "no base -11"),
        ("c.*21A>G", r"no base \*21"),
        ("c.20+1A>G", r"no base 20\+1"),
        ("c.9_5del", "before the first"),
        ("c.5_7insA", "neighbouring"),
        ("n.5A>G", "c. is for"),
        ("c.5A>G", "the genome has C"),
    ],
)
@pytest.mark.parametrize("row", [0, 1])
def test_what_does_not_fit_the_transcript_is_told(small: Small, text: str, message: str, row: int) -> None:
    if text == "c.5A>G" and row:
        message = "the genome has G"
    with pytest.raises(InputError, match=message):
        resolve(parse_coding(text), view(small.set, row), small.genome.sequence(small.set.contigs[row]))


@pytest.mark.parametrize(
    ("ref", "alt", "options", "wanted"),
    [
        ("MKL*", "MRL*", {"shifted": False}, "p.Lys2Arg"),
        ("MKLL*", "MKL*", {"shifted": False, "expected": 4}, "p.Leu4del"),
        ("MKLQL*", "MKLQLQL*", {"shifted": False, "expected": 8}, "p.Gln4_Leu5dup"),
        ("MKL*", "MKLQ*", {"shifted": False, "expected": 5}, "p.Leu3_Ter4insGln"),
        ("MKL*", "MKLQW*", {"shifted": False, "expected": 4}, "p.Ter4GlnextTer2"),
        ("MKL*", "MKLQW", {"shifted": False, "expected": 4}, "p.Ter4GlnextTer?"),
        ("MKLWV*", "MKRR*", {"shifted": True}, "p.Leu3ArgfsTer3"),
        ("MKLWV*", "MKRRRRRRR", {"shifted": True}, "p.Leu3ArgfsTer?"),
        ("MKLWV*", "MK*", {"shifted": True}, "p.Leu3Ter"),
        ("MKLWV*", "MKQ*", {"shifted": False, "expected": 6, "window_end": 4}, "p.Leu3_Trp4delinsGlnTer"),
        ("MKLWV*", "MKQYWV*", {"shifted": False, "expected": 7}, "p.Leu3delinsGlnTyr"),
        ("MKL", "MKLQQ", {"shifted": True}, None),
    ],
)
def test_protein_descriptions(ref: str, alt: str, options: dict[str, int], wanted: str | None) -> None:
    assert describe_protein(ref, alt, **options) == wanted  # type: ignore[arg-type]


def test_small_parts() -> None:
    assert predicted("p.Arg97Cys") == "p.(Arg97Cys)"
    assert unchanged("MKL*", 1, 1) == "p.Lys2="
    assert unchanged("MKL*", 1, 2) == "p.Lys2_Leu3="
