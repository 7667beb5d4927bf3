"""Tables written while they are made."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from genopraxis.formats.table_file import table_metadata
from genopraxis.formats.table_stream import tsv_pieces, write_parquet_stream

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "n": pl.Int64,
    "text": pl.String,
    "terms": pl.List(pl.String),
}


def frames(n: int) -> Iterator[pl.DataFrame]:
    for i in range(n):
        yield pl.DataFrame({"n": [i, None], "text": ["a\tb", None], "terms": [["x", "y"], []]}, schema=SCHEMA)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_parquet_is_the_frames_one_after_the_other(tmp_path: Path, n: int) -> None:
    path = tmp_path / "x.parquet"
    write_parquet_stream(
        frames(n), path, schema=SCHEMA, schema_id="genopraxis.x/1", metadata={"provenance": "{}"}
    )
    wanted = pl.concat([pl.DataFrame(schema=SCHEMA), *frames(n)])
    assert pl.read_parquet(path).equals(wanted)
    found = table_metadata(path)
    assert found["schema"] == "genopraxis.x/1"
    assert found["provenance"] == "{}"


def test_what_the_frames_raise_is_raised(tmp_path: Path) -> None:
    def broken() -> Iterator[pl.DataFrame]:
        yield from frames(2)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        write_parquet_stream(broken(), tmp_path / "x.parquet", schema=SCHEMA, schema_id="x", metadata={})


def test_tsv_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes(b"".join(tsv_pieces(frames(2), schema=SCHEMA, comments=("made=by hand",))))
    text = path.read_text()
    assert text.startswith("##made=by hand\n#n\ttext\tterms\n0\t")
    found = pl.read_csv(path, separator="\t", comment_prefix="##")
    assert found.columns == ["#n", "text", "terms"]
    assert found["text"].to_list() == ["a\tb", None, "a\tb", None]
    assert found["terms"].to_list() == ["x&y", None, "x&y", None]


def test_a_full_disk_is_an_error_of_the_disk(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        write_parquet_stream(frames(3), full, schema=SCHEMA, schema_id="x", metadata={})
    assert caught.value.errno == errno.ENOSPC
