"""The folder that a store is built in: one builder at a time, and nothing left of those that were killed."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from genopraxis.contracts.errors import OutputError
from genopraxis.formats.files import atomic_folder

__all__ = ["remove_abandoned", "staging_folder", "unlock"]

_LOCK = ".building"
_ROOM = 32 * 1024**2  # what is free on a disk that counts as full


@contextmanager
def staging_folder(folder: Path) -> Iterator[tuple[Path, FileLock]]:
    """Yield a temporary folder that takes the place of ``folder`` when the block ends well, and the lock in it.

    The lock tells other builders of this folder that this one is alive. The block ends with :func:`unlock`.

    Raises
    ------
    OutputError
        The place cannot be written, the disk is full, or another process builds this folder now.
    """
    # inside, a full disk is still full: atomic_folder removes what was written
    with atomic_folder(folder) as staging, _full_disk_told(folder):
        lock = FileLock(staging / _LOCK)
        try:
            lock.acquire(timeout=0)
            _only_one(folder, staging)
            yield staging, lock
        finally:
            unlock(lock)


def unlock(lock: FileLock) -> None:
    """Give a lock back, and remove its file."""
    if lock.is_locked:
        lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)


def remove_abandoned(folder: Path) -> None:
    """Remove what killed builders of a folder left; only whoever holds a lock on ``folder`` may call it."""
    for other in _beside(folder):
        shutil.rmtree(other, ignore_errors=True)


def _only_one(folder: Path, own: Path) -> None:
    """Remove what killed builders left; give way to one that is at work and began before."""
    mine = (own / _LOCK).stat().st_mtime_ns, own.name
    for other in _beside(folder):
        if other == own or not (other / _LOCK).is_file():
            continue
        lock = FileLock(other / _LOCK)
        try:
            began = (other / _LOCK).stat().st_mtime_ns, other.name
            lock.acquire(timeout=0)
        except Timeout:
            if began < mine:
                raise OutputError(
                    "another process is building it now",
                    where=str(folder),
                    hint="wait until it is done, or give another name",
                ) from None
        except OSError:  # it has just ended
            continue
        else:
            lock.release()
            shutil.rmtree(other, ignore_errors=True)


def _beside(folder: Path) -> list[Path]:
    """Return the temporary folders of this one, as :func:`atomic_folder` names them."""
    prefix = f".{folder.name[:40]}."
    with suppress(OSError):
        return [
            one for one in folder.parent.iterdir() if one.name.startswith(prefix) and one.suffix == ".tmp"
        ]
    return []


@contextmanager
def _full_disk_told(folder: Path) -> Iterator[None]:
    """Tell a full disk as such: libraries that write do not always say why they could not."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        known = getattr(error, "errno", None)
        if known is None and (f"os error {errno.ENOSPC}" in str(error) or _is_full(folder)):
            raise OutputError(
                "cannot be written: the disk is full", where=str(folder), hint="give another place"
            ) from error
        raise


def _is_full(folder: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(folder.parent).free < _ROOM
    return False
