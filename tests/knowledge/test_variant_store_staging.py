"""One builder at a time, nothing left of those that were killed, and a full disk told as such."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

pytest.importorskip("numba")

from genopraxis.contracts.errors import OutputError
from genopraxis.knowledge.variant_store_staging import remove_abandoned, staging_folder, unlock

FORKED = multiprocessing.get_context("spawn")


def killed(folder: Path) -> None:
    """Begin to build, and die of it."""
    with staging_folder(folder) as (staging, _):
        (staging / "keys").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_is_built_takes_its_place(tmp_path: Path) -> None:
    with staging_folder(tmp_path / "s") as (staging, lock):
        (staging / "keys").write_bytes(b"whole")
        unlock(lock)
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["keys"]
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a signal of POSIX")
def test_what_a_killed_builder_left_is_removed(tmp_path: Path) -> None:
    child = FORKED.Process(target=killed, args=(tmp_path / "s",))
    child.start()
    child.join()
    (left,) = tmp_path.iterdir()
    assert (left / "keys").exists()
    stranger = tmp_path / ".s.other.tmp"  # no builder's: without a lock
    stranger.mkdir()
    with staging_folder(tmp_path / "s") as (staging, lock):
        (staging / "keys").write_bytes(b"whole")
        assert not left.exists()
        unlock(lock)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".s.other.tmp", "s"]
    remove_abandoned(tmp_path / "s")  # by who knows that nobody builds it
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_second_builder_gives_way(tmp_path: Path) -> None:
    with staging_folder(tmp_path / "s") as (staging, lock):
        with (
            pytest.raises(OutputError, match="another process is building it now"),
            staging_folder(tmp_path / "s"),
        ):
            pass
        with staging_folder(tmp_path / "other") as (_, others):  # of another name
            unlock(others)
        (staging / "keys").write_bytes(b"whole")
        unlock(lock)
    assert (tmp_path / "s" / "keys").read_bytes() == b"whole"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "s"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """As polars tells it: without a number of the error."""
    with (
        pytest.raises(OutputError, match="the disk is full"),
        staging_folder(tmp_path / "s"),
    ):
        raise OSError("No space left on device (os error 28)")
    with pytest.raises(ValueError, match="other"), staging_folder(tmp_path / "s"):
        raise ValueError("other")
    assert not list(tmp_path.iterdir())
