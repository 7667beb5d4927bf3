"""Large files are read whole once, and again when anything of them has changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

pytest.importorskip("numba")

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.files import digest
from genopraxis.variants.stores import file_digests

LONG_AGO = 1_600_000_000 * 10**9


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which files were read whole; those of three megabytes and more count as large."""
    seen: list[Path] = []
    whole = digest

    def watched(path: Path) -> InputDigest:
        seen.append(path)
        return whole(path)

    monkeypatch.setenv("GENOPRAXIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(file_digests, "LARGE", 3 * 1024**2)
    monkeypatch.setattr(file_digests, "digest", watched)
    return seen


def made(path: Path, data: bytes, *, mtime_ns: int = LONG_AGO) -> Path:
    path.write_bytes(data)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


def test_a_large_file_is_read_once(tmp_path: Path, reads: list[Path]) -> None:
    data = os.urandom(4 * 1024**2)
    path = made(tmp_path / "a.vcf", data)
    found = [file_digests.file_digest(path) for _ in range(3)]
    assert {one.sha256 for one in found} == {hashlib.sha256(data).hexdigest()}
    assert reads == [path]
    (record,) = (tmp_path / "cache" / "digests").iterdir()
    record.write_text("{")  # damaged: it is read again
    assert file_digests.file_digest(path) == found[0]
    assert len(reads) == 2


def test_a_changed_file_is_read_again(tmp_path: Path, reads: list[Path]) -> None:
    data = bytearray(os.urandom(4 * 1024**2))
    path = made(tmp_path / "a.vcf", bytes(data))
    file_digests.file_digest(path)
    made(path, bytes(data), mtime_ns=LONG_AGO + 1)  # the time alone
    file_digests.file_digest(path)
    data[-1] ^= 1  # the last byte alone: size and time as they were
    made(path, bytes(data), mtime_ns=LONG_AGO + 1)
    assert file_digests.file_digest(path).sha256 == hashlib.sha256(data).hexdigest()
    other = made(tmp_path / "b.vcf", bytes(data), mtime_ns=LONG_AGO + 1)
    other.replace(path)  # another file with the same bytes
    file_digests.file_digest(path)
    assert len(reads) == 4


def test_what_may_still_change_is_not_remembered(tmp_path: Path, reads: list[Path]) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes(bytes(4 * 1024**2))
    file_digests.file_digest(path)
    file_digests.file_digest(path)
    assert len(reads) == 2


def test_small_and_missing_files(tmp_path: Path, reads: list[Path]) -> None:
    small = made(tmp_path / "a.vcf", b"x")
    file_digests.file_digest(small)
    file_digests.file_digest(small)
    assert len(reads) == 2
    with pytest.raises(InputError, match="no such file"):
        file_digests.file_digest(tmp_path / "none.vcf")
    with pytest.raises(InputError, match="is a folder"):
        file_digests.file_digest(tmp_path)


def test_a_cache_that_cannot_be_written_costs_time_only(
    tmp_path: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GENOPRAXIS_CACHE", str(tmp_path / "file"))
    path = made(tmp_path / "a.vcf", bytes(4 * 1024**2))
    assert file_digests.file_digest(path) == file_digests.file_digest(path)
    assert len(reads) == 2
