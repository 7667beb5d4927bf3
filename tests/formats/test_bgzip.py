"""bgzip that is written: any reader gets the text back, and tabix finds its way."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pysam = pytest.importorskip("pysam")
pytest.importorskip("isal")

from genopraxis.formats.bgzip import write_bgzip  # noqa: E402
from genopraxis.formats.vcf_blocks import EMPTY_BLOCK, packing_of, text_pieces  # noqa: E402


def packed(pieces: list[bytes], *, threads: int = 1) -> bytes:
    file = io.BytesIO()
    write_bgzip(iter(pieces), file, threads=threads)
    return file.getvalue()


@given(pieces=st.lists(st.binary(max_size=300), max_size=20), threads=st.sampled_from([1, 2]))
@settings(max_examples=60)
def test_what_is_read_is_what_was_written(pieces: list[bytes], threads: int) -> None:
    data = packed(pieces, threads=threads)
    assert gzip.decompress(data) == b"".join(pieces)
    assert data.endswith(EMPTY_BLOCK)


@pytest.mark.parametrize("noise", [True, False])
def test_large_text_and_noise(noise: bool) -> None:
    text = random.Random(1).randbytes(5_000_000) if noise else b"chr1\t1\tA\tC\n" * 600_000  # noqa: S311
    pieces = [text[:70_001], text[70_001:]]
    data = packed(pieces, threads=2)
    assert gzip.decompress(data) == text
    assert data == packed([text], threads=1), "threads and pieces change nothing"
    assert packing_of(data[:65536]) == "bgzip"
    with io.BytesIO(data) as stream:
        assert b"".join(text_pieces(stream, path="x", packing="bgzip", threads=2)) == text


def test_tabix_finds_a_place(tmp_path: Path) -> None:
    rows = b"".join(b"chr%d\t%d\t.\tA\tC\t.\t.\t.\n" % (c, p) for c in (1, 2) for p in range(1, 60_000, 3))
    head = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path = tmp_path / "x.vcf.gz"
    path.write_bytes(packed([head, rows]))
    pysam.tabix_index(str(path), preset="vcf")
    with pysam.TabixFile(str(path)) as file:
        assert [row.split("\t")[1] for row in file.fetch("chr2", 30_000, 30_010)] == [
            "30001",
            "30004",
            "30007",
            "30010",
        ]


def test_an_error_of_the_source_comes_through() -> None:
    def pieces():
        yield b"x"
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        write_bgzip(pieces(), io.BytesIO(), threads=2)
