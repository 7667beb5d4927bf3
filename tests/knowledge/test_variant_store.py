"""Stores of known variants: what went in is found, what did not is not, and where nobody looked is said."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.contracts.provenance import DataRelease
from genopraxis.knowledge.variant_store import CARD, KEYS, StoreColumn, open_store
from genopraxis.knowledge.variant_store_build import StoreFacts, build_store

SCHEMA = {"chrom": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}
COLUMNS = (
    StoreColumn(name="allele_frequency", dtype="float32", description="AC / AN"),
    StoreColumn(name="allele_number", dtype="int32", description="alleles looked at"),
    StoreColumn(
        name="group", dtype="category", description="where it is most frequent", categories=("afr", "nfe")
    ),
)
FACTS = StoreFacts(
    kind="frequencies", assembly="GRCh38", columns=COLUMNS,
    releases=(DataRelease(name="made up", version="1", licence="CC0-1.0", source="tests", sha256="0" * 64),),
)  # fmt: skip
LONG = "ACGTACGTACGT"
VALUES = {**SCHEMA, "allele_frequency": pl.Float32, "allele_number": pl.Int32, "group": pl.String}
ROWS = [
    ("2", 10, "A", "C", 0.5, 100, "afr"),
    ("1", 300, "G", "T", 0.25, 80, None),
    ("1", 20, "A", LONG, None, 10, "nfe"),
    ("1", 20, "A", LONG + "T", 0.125, None, "nfe"),
    ("X", 7, "AT", "A", 0.0, 0, "afr"),
]


def batch(*rows: tuple[object, ...], schema: dict[str, type[pl.DataType]] = VALUES) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def asked(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    return batch(*rows, schema=SCHEMA)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build_store([batch(*ROWS[:2]), batch(*ROWS[2:])], tmp_path / "store", facts=FACTS)
    return tmp_path / "store"


def test_what_went_in_comes_out(folder: Path) -> None:
    store = open_store(folder)
    found = store.find(asked(*[row[:4] for row in ROWS]))
    assert found["status"].to_list() == ["found"] * 5
    assert found.select("allele_frequency", "allele_number", "group").rows() == [row[4:] for row in ROWS]
    assert store.card.variants == 5
    assert store.card.left_out == {}
    assert store.card.releases == FACTS.releases


def test_not_found_not_covered_and_what_cannot_be_looked_up(folder: Path) -> None:
    store = open_store(folder)
    assert store.card.covered == "inferred"
    found = store.find(asked(
        ("1", 300, "G", "A"), ("3", 300, "G", "A"), ("1", 300, "G", "<DEL>"), ("GL000220.1", 4, "A", "C"),
        ("1", 20, "A", LONG + "G"), ("1", 300, "G", "T"),
    ))  # fmt: skip
    expected = ["not_found", "not_covered", "no_key", "no_key", "not_found", "found"]
    assert found["status"].to_list() == expected
    assert found["allele_number"].to_list() == [None] * 5 + [80]


def test_stated_regions(tmp_path: Path) -> None:
    """As in BED: the base at 1-based 300 is 299–300."""
    regions = [("1", 299, 300), ("1", 100, 200), ("1", 150, 250), ("1", 250, 260), ("2", 5, 5), ("odd", 1, 2)]
    covered = pl.DataFrame(
        regions, schema={"chrom": pl.String, "start": pl.Int64, "end": pl.Int64}, orient="row"
    )
    build_store([batch(*ROWS)], tmp_path / "store", facts=FACTS, covered=covered)
    store = open_store(tmp_path / "store")
    assert store.card.covered == "stated"
    places = [("1", pos) for pos in (100, 101, 200, 250, 260, 261, 299, 300, 301)] + [
        ("2", 5),
        ("2", 6),
        ("X", 7),
    ]
    found = store.find(asked(*[(chrom, pos, "C", "G") for chrom, pos in places]))
    seen = [place for place, status in zip(places, found["status"], strict=True) if status == "not_found"]
    assert seen == [("1", 101), ("1", 200), ("1", 250), ("1", 260), ("1", 300)]
    # one that is there is found, whatever the regions say
    assert store.find(asked(("2", 10, "A", "C")))["status"].to_list() == ["found"]


def test_repeated_and_unusable_rows_are_counted(tmp_path: Path) -> None:
    again = ("1", 300, "G", "T", 0.75, 4, "nfe")
    odd = ("1", 5, "N", "T", 0.5, 4, "nfe")
    card = build_store(
        [batch(ROWS[1]), batch(again, odd)],
        tmp_path / "s",
        facts=FACTS,
        left_out=Counter({"ref_mismatch": 3}),
    )
    assert card.left_out == {"no_key": 1, "ref_mismatch": 3, "repeated": 1}
    found = open_store(tmp_path / "s").find(asked(("1", 300, "G", "T")))
    assert found["allele_frequency"].to_list() == [0.25]


def test_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no variant"):
        build_store([], tmp_path / "s", facts=FACTS)
    assert not list(tmp_path.iterdir())


def test_no_question_no_answer(folder: Path) -> None:
    found = open_store(folder).find(asked())
    assert found.columns == ["status", "allele_frequency", "allele_number", "group"]
    assert found.is_empty()


@pytest.mark.parametrize("damage", ["no card", "half a card", "short keys", "no column"])
def test_damaged_store_is_one_clear_error(folder: Path, damage: str) -> None:
    card = folder / CARD
    if damage == "no card":
        card.unlink()
    elif damage == "half a card":
        card.write_text(card.read_text(encoding="utf-8")[:40], encoding="utf-8")
    elif damage == "short keys":
        (folder / KEYS).write_bytes((folder / KEYS).read_bytes()[:-8])
    else:
        (folder / "column.allele_number.npy").unlink()
    with pytest.raises(KnowledgeError) as refused:
        open_store(folder)
    assert "build" in str(refused.value.hint)


def test_card_is_a_document(folder: Path) -> None:
    body = json.loads((folder / CARD).read_text(encoding="utf-8"))
    assert body["schema"] == "genopraxis.variant-store/1"
    assert set(body["sizes"]) == {path.name for path in folder.iterdir()} - {CARD}


def test_unknown_category_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown values: eas"):
        build_store([batch(("1", 5, "A", "T", 0.5, 4, "eas"))], tmp_path / "s", facts=FACTS)
    assert not list(tmp_path.iterdir())


VARIANT = st.tuples(
    st.sampled_from(["1", "2", "X", "MT"]), st.integers(1, 40), st.text("AC", min_size=1, max_size=9),
    st.text("GT", min_size=1, max_size=9),
)  # fmt: skip


@given(known=st.lists(VARIANT, min_size=1, max_size=40), questions=st.lists(VARIANT, max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_as_a_dictionary_would_answer(
    tmp_path_factory: pytest.TempPathFactory,
    known: list[tuple[str, int, str, str]],
    questions: list[tuple[str, int, str, str]],
) -> None:
    folder = tmp_path_factory.mktemp("store") / "s"
    rows = [(*variant, None, n, None) for n, variant in enumerate(known)]
    build_store([batch(*rows[i : i + 7]) for i in range(0, len(rows), 7)], folder, facts=FACTS)
    first: dict[tuple[str, int, str, str], int] = {}
    for n, variant in enumerate(known):
        first.setdefault(variant, n)
    found = open_store(folder).find(asked(*questions))
    assert found["allele_number"].to_list() == [first.get(question) for question in questions]
