"""Keys of variants: sorted by place, one for one where the alleles fit."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.knowledge.variant_keys import CHROMOSOMES, are_long, chromosomes_of, variant_keys

ALLELES = st.text("ACGT", min_size=1, max_size=14)
VARIANTS = st.lists(
    st.tuples(st.sampled_from(CHROMOSOMES), st.integers(1, 2**28), ALLELES, ALLELES), min_size=1, max_size=30
)


def table(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    schema = {"chrom": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_layout() -> None:
    """Chromosome, 0-based position, lengths and bases stand where VariantKey's authors put them."""
    (key,), (keyed,) = variant_keys(table(("X", 193330, "GCA", "G")))
    assert keyed
    assert int(key) >> 59 == 23
    assert (int(key) >> 31) & (2**28 - 1) == 193329
    assert (int(key) >> 27) & 15 == 3
    assert (int(key) >> 23) & 15 == 1
    assert (int(key) >> 1) & (2**22 - 1) == int("10010010" + "00" * 7, 2)  # G C A G
    assert int(key) & 1 == 0


@given(VARIANTS)
def test_keys_tell_short_variants_apart_and_sort_by_place(rows: list[tuple[str, int, str, str]]) -> None:
    keys, keyed = variant_keys(table(*rows))
    assert keyed.all()
    seen: dict[int, tuple[str, int, str, str]] = {}
    for key, row in zip(keys.tolist(), rows, strict=True):
        short = len(row[2]) + len(row[3]) <= 11
        assert (key & 1 == 0) == short
        if short:
            assert seen.setdefault(key, row) == row
    places = [(CHROMOSOMES.index(chrom), pos) for chrom, pos, _, _ in rows]
    order = np.argsort(keys, kind="stable")
    assert [places[i] for i in order] == sorted(places)
    assert [CHROMOSOMES[code - 1] for code in chromosomes_of(keys).tolist()] == [row[0] for row in rows]
    assert are_long(keys).tolist() == [len(row[2]) + len(row[3]) > 11 for row in rows]


@given(VARIANTS)
def test_of_long_alleles_the_key_holds_the_crc_of_zlib(rows: list[tuple[str, int, str, str]]) -> None:
    for key, (_, _, ref, alt) in zip(variant_keys(table(*rows))[0].tolist(), rows, strict=True):
        if len(ref) + len(alt) > 11:
            assert (key >> 1) & (2**30 - 1) == crc32(f"{ref}>{alt}".encode()) & (2**30 - 1)


@pytest.mark.parametrize(
    "row",
    [
        ("GL000220.1", 5, "A", "C"), ("1", 0, "A", "C"), ("1", 2**28 + 1, "A", "C"), ("1", 5, "A", "*"),
        ("1", 5, "A", "<DEL>"), ("1", 5, "N", "C"), ("1", 5, "A", "G]17:198982]"), ("1", 5, "", "C"),
        ("1", 5, "a", "C"),
    ],
)  # fmt: skip
def test_what_has_no_key(row: tuple[str, int, str, str]) -> None:
    keys, keyed = variant_keys(table(row, ("1", 5, "A", "C")))
    assert keyed.tolist() == [False, True]
    assert keys[0] == 0


def test_nothing_in_nothing_out() -> None:
    keys, keyed = variant_keys(table())
    assert len(keys) == len(keyed) == 0


def test_missing_values_have_no_key() -> None:
    whole = table(("1", 5, "A", "C"))
    for name in whole.columns:
        broken = whole.with_columns(pl.lit(None, dtype=whole.schema[name]).alias(name))
        assert not variant_keys(broken)[1].any(), name
