"""A folder that is damaged, or made to mislead, is one clear error: never a defect, never an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("numba")

from genopraxis.contracts.errors import KnowledgeError
from genopraxis.knowledge.variant_store import open_store
from genopraxis.knowledge.variant_store_build import StoreFacts, build_store
from genopraxis.knowledge.variant_store_card import CARD, KEYS, LONG, StoreColumn

COLUMNS = (
    StoreColumn(name="ac", dtype="int32", description="x"),
    StoreColumn(name="af", dtype="float32", description="x"),
    StoreColumn(name="group", dtype="category", description="x", categories=("afr", "nfe")),
    StoreColumn(name="filter", dtype="text", description="x"),
)
LONG_ALLELE = "ACGTACGTACGT"
N = 300


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = pl.DataFrame({
        "chrom": ["1"] * N, "pos": [100 * n + 1 for n in range(N)], "ref": ["A"] * N,
        "alt": ["C"] * (N - 2) + [LONG_ALLELE] * 2, "ac": [*range(N - 1), 2_000_000], "af": [0.5] * N,
        "group": ["afr", "nfe", None] * (N // 3), "filter": ["PASS", "q10", None] * (N // 3),
    })  # fmt: skip
    build_store([rows], tmp_path / "s", facts=StoreFacts(kind="scores", assembly="GRCh38", columns=COLUMNS))
    return tmp_path / "s"


def rewrite(name: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        np.save(folder / name, change(np.load(folder / name)))

    return damage


def in_card(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        body = json.loads((folder / CARD).read_text(encoding="utf-8"))
        change(body)
        (folder / CARD).write_text(json.dumps(body), encoding="utf-8")

    return damage


def garbage(name: str, data: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(data + whole[len(data) :])

    return damage


def lost(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        in_card(lambda body: body["sizes"].clear())(folder)

    return damage


def sizes_as_found(folder: Path) -> None:
    """Whoever damages a folder on purpose writes its sizes anew."""

    def change(body: dict[str, Any]) -> None:
        body["sizes"] = {
            name: (folder / name).stat().st_size for name in body["sizes"] if (folder / name).is_file()
        }

    in_card(change)(folder)


def swapped(keys: Any) -> Any:
    keys[[7, 8]] = keys[[8, 7]]
    return keys


def twice(keys: Any) -> Any:
    keys[8] = keys[7]
    return keys


DAMAGE: dict[str, Callable[[Path], object]] = {
    "objects": lambda folder: np.save(folder / KEYS, np.array([{"a": 1}] * N, dtype=object)),
    "keys as floats": rewrite(KEYS, lambda keys: keys.astype(np.float64)),
    "keys with a sign": rewrite(KEYS, lambda keys: keys.astype(np.int64)),
    "keys of other bytes": rewrite(KEYS, lambda keys: keys.astype(">u8")),
    "keys in two dimensions": rewrite(KEYS, lambda keys: np.stack([keys, keys])),
    "fewer keys": rewrite(KEYS, lambda keys: keys[:-1]),
    "keys reversed": rewrite(KEYS, lambda keys: keys[::-1].copy()),
    "two keys swapped": rewrite(KEYS, swapped),
    "a key twice": rewrite(KEYS, twice),
    "no header": garbage(KEYS, b"xxxxxx"),
    "a header that is none": garbage(KEYS, b"\x93NUMPY\x01\x00v\x00{'descr': [('a',"),
    "a zip file": lambda folder: (folder / KEYS).write_bytes(b"PK\x03\x04" + b"\x00" * 40),
    "an empty file": lambda folder: (folder / KEYS).write_bytes(b""),
    "digests of none": rewrite(LONG, lambda long: long[:, :0]),
    "digests of other rows": rewrite(LONG, lambda long: long - np.uint64(1)),
    "a short column": rewrite("column.ac.npy", lambda values: values[:1]),
    "a column of another type": rewrite("column.ac.npy", lambda values: values.astype(np.float32)),
    "digests in columns": rewrite(LONG, np.asfortranarray),
    "far values of other rows": rewrite("far.ac.npy", lambda far: far + N),
    "a missing column, no sizes": lost("column.ac.npy"),
    "texts that are none": garbage("texts.filter.parquet", b"PAR1" + b"x" * 4000),
    "texts of numbers": lambda folder: pl.DataFrame({"filter": [1]}).write_parquet(
        folder / "texts.filter.parquet"
    ),
    "regions backwards": lambda folder: pl.DataFrame(
        {"first": [9, 3], "last": [9, 3]}, schema={"first": pl.UInt64, "last": pl.UInt64}
    ).write_parquet(folder / "covered.parquet"),
    "a list as card": lambda folder: (folder / CARD).write_text("[]"),
    "no text as card": lambda folder: (folder / CARD).write_bytes(b"\xff\xfe\x00"),
    "a deep card": lambda folder: (folder / CARD).write_text("[" * 100_000),
    "a column outside": in_card(lambda body: body["columns"][0].update(name="../../x")),
    "a column called a text": in_card(lambda body: body["columns"][1].update(dtype="text")),
    "no far values": in_card(lambda body: body["columns"][0].update(far=0)),
    "another number of variants": in_card(lambda body: body.update(variants=2)),
    "stated regions, no file": in_card(lambda body: body.update(covered="assumed")),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_one_clear_error(folder: Path, what: str) -> None:
    DAMAGE[what](folder)
    if (folder / CARD).read_bytes().startswith(b"{") and what != "a missing column, no sizes":
        sizes_as_found(folder)
    with pytest.raises(KnowledgeError) as refused:
        open_store(folder)
    assert "build the store again" in str(refused.value.hint)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(rewrite("far.ac.npy", lambda far: far - [[1], [0]]), id="far values of other rows"),
        pytest.param(rewrite("column.group.npy", lambda codes: codes * 0 + 77), id="codes of no category"),
        pytest.param(rewrite("column.filter.npy", lambda codes: codes * 0 + 77), id="codes of no text"),
    ],
)
def test_codes_that_stand_for_nothing_are_told_when_they_are_met(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(folder)
    asked = pl.DataFrame({"chrom": ["1"], "pos": [100 * (N - 1) + 1], "ref": ["A"], "alt": [LONG_ALLELE]})
    with pytest.raises(KnowledgeError, match="stand for nothing"):
        open_store(folder).find(asked)
    with pytest.raises(KnowledgeError, match="SHA-256"):
        open_store(folder, verify=True)


def test_checksums_find_one_changed_bit(folder: Path) -> None:
    assert open_store(folder, verify=True).card.sha256.keys() == open_store(folder).card.sizes.keys()
    path = folder / "column.af.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert open_store(folder).card.variants == N
    with pytest.raises(KnowledgeError, match=r"column\.af\.npy: not of the SHA-256"):
        open_store(folder, verify=True)


def test_a_store_without_checksums_opens_and_says_so_when_asked(folder: Path) -> None:
    """As stores of older versions are."""
    in_card(lambda body: body.pop("sha256"))(folder)
    assert open_store(folder).card.sha256 == {}
    with pytest.raises(KnowledgeError, match="no checksums"):
        open_store(folder, verify=True)


def test_large_stores_are_sampled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genopraxis.knowledge import variant_store_check as check

    monkeypatch.setattr(check, "_WHOLE", 100)
    monkeypatch.setattr(check, "_BLOCKS", 20)
    monkeypatch.setattr(check, "_BLOCK", 10)
    assert open_store(folder).card.variants == N
    rewrite(KEYS, lambda keys: keys[::-1].copy())(folder)
    with pytest.raises(KnowledgeError, match="not in order"):
        open_store(folder)
