"""Reading files: every way in which one can be wrong has one clear error."""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.formats.files import digest, iter_lines, read_bytes, read_text, read_with_digest


def written(tmp_path: Path, data: bytes, name: str = "file.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["plain.gz", "packed.txt"])
def test_gzip_is_told_by_content(tmp_path: Path, name: str) -> None:
    packed = name.startswith("packed")
    path = written(tmp_path, gzip.compress(b"sign\n") if packed else b"sign\n", name)
    assert read_bytes(path) == b"sign\n"
    assert read_text(path) == "sign\n"
    assert list(iter_lines(path)) == [(1, "sign")]


def test_members_of_a_gzip_file_are_joined(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"a\n") + gzip.compress(b"b"))
    assert list(iter_lines(path)) == [(1, "a"), (2, "b")]


def test_bom_and_windows_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbfa\r\n\r\nb")
    assert read_text(path) == "a\n\nb"
    assert list(iter_lines(path)) == [(1, "a"), (2, ""), (3, "b")]


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_bytes(tmp_path / "none")
    with pytest.raises(InputError, match="no such file"):
        list(iter_lines(tmp_path / "none"))
    with pytest.raises(InputError, match="no such file"):
        digest(tmp_path / "none")
    file = written(tmp_path, b"x")
    with pytest.raises(InputError, match="a part of the path is a file"):
        read_bytes(file / "inner")
    with pytest.raises(InputError, match="NUL"):
        read_bytes("a\0b")
    with pytest.raises(InputError, match="cannot be opened"):
        read_bytes(tmp_path / ("n" * 5000))


def test_folder_and_pipe(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_bytes(tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="not a regular file"):
        read_bytes(pipe)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, b"x")

    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="no permission"):
        read_bytes(path)


@pytest.mark.parametrize("data", [b"", gzip.compress(b"")])
def test_empty(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path, data)
    with pytest.raises(InputError, match="empty"):
        read_text(path)
    with pytest.raises(InputError, match="empty"):
        list(iter_lines(path))


def test_truncated_and_damaged_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(os.urandom(4000))
    for reader in (read_bytes, lambda path: list(iter_lines(path))):
        with pytest.raises(InputError, match="truncated"):
            reader(written(tmp_path, packed[:2000]))
        damaged = bytearray(packed)
        damaged[-6] ^= 0xFF
        with pytest.raises(InputError, match=r"damaged|UTF-8"):
            reader(written(tmp_path, bytes(damaged)))
        with pytest.raises(InputError, match=r"damaged|UTF-8"):
            reader(written(tmp_path, packed + b"rubbish"))


def test_wrong_encoding_names_the_offset(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="byte offset 3"):
        read_text(written(tmp_path, b"caf\xe9"))
    with pytest.raises(InputError, match="byte offset 6"):
        read_text(written(tmp_path, b"\xef\xbb\xbfcaf\xe9"))
    with pytest.raises(InputError, match="line 2, byte offset 4"):
        list(iter_lines(written(tmp_path, b"a\r\nb\xe9\n")))
    with pytest.raises(InputError, match="UTF-16"):
        read_text(written(tmp_path, "id".encode("utf-16")))


def test_decompression_stops_at_the_limit(tmp_path: Path) -> None:
    bomb = written(tmp_path, gzip.compress(b"\0" * 40_000_000))
    tracemalloc.start()
    with pytest.raises(InputError, match="more than 2 MiB"):
        read_bytes(bomb, limit_bytes=2 * 1024**2)
    with pytest.raises(InputError, match="line 1 is longer than 1 MiB"):
        list(iter_lines(bomb, limit_line_bytes=1024**2))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 1024**2
    with pytest.raises(InputError, match="more than 3 bytes"):
        list(iter_lines(written(tmp_path, b"a\nb\nc\n"), limit_bytes=3))


def test_longest_line_allowed(tmp_path: Path) -> None:
    for end in (b"", b"\n", b"\r\n"):
        assert list(iter_lines(written(tmp_path, b"abcd" + end), limit_line_bytes=4)) == [(1, "abcd")]
        with pytest.raises(InputError, match="longer than 3 bytes"):
            list(iter_lines(written(tmp_path, b"abcd" + end), limit_line_bytes=3))


def test_digest_holds_name_and_bytes_on_disk(tmp_path: Path) -> None:
    data = gzip.compress(b"x")
    found = digest(written(tmp_path, data, "case.json.gz"))
    assert found.name == "case.json.gz"
    assert found.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("packed", [False, True])
def test_bytes_and_digest_come_from_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    plain = os.urandom(3_000_000)
    data = gzip.compress(plain[:2_000_000]) + gzip.compress(plain[2_000_000:]) if packed else plain
    path = written(tmp_path, data)
    whole = digest(path)
    opened = Path.open
    times = []

    def counted(self: Path, *args: Any, **options: Any) -> Any:
        times.append(self)
        return opened(self, *args, **options)

    monkeypatch.setattr(Path, "open", counted)
    assert read_with_digest(path) == (plain, whole)
    assert times == [path]
    sha256 = hashlib.sha256()
    written(tmp_path, gzip.compress(b"a\nb\n") if packed else b"a\nb\n")
    assert list(iter_lines(path, sha256=sha256)) == [(1, "a"), (2, "b")]
    assert sha256.hexdigest() == digest(path).sha256


@pytest.mark.parametrize("magic", [b"", b"\x1f\x8b"])
def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, magic: bytes) -> None:
    path = written(tmp_path, magic)
    os.truncate(path, 1 << 33)
    begin = time.perf_counter()
    for read in (read_bytes, read_with_digest, read_text, lambda p, **k: next(iter_lines(p, **k))):
        with pytest.raises(InputError, match="more than 1 MiB"):
            read(path, limit_bytes=1024**2)
    assert time.perf_counter() - begin < 1


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode elsewhere")
def test_every_name_can_be_written(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\xe2\x80\xae.json"))
    path.write_bytes(b"x")
    for found in (digest(path), read_with_digest(path)[1]):
        assert found.name == r"\xff__.json"
        assert found.model_dump_json().encode("ascii")


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\ufeff"), max_size=20),
        min_size=1,
        max_size=8,
    ),
    windows=st.booleans(),
    packed=st.booleans(),
)
def test_lines_round_trip(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], windows: bool, packed: bool
) -> None:
    end = "\r\n" if windows else "\n"
    data = "".join(line + end for line in lines).encode()
    path = tmp_path_factory.mktemp("lines") / "file"
    path.write_bytes(gzip.compress(data) if packed else data)
    assert list(iter_lines(path)) == list(enumerate(lines, start=1))
    assert read_text(path) == "".join(line + "\n" for line in lines)
