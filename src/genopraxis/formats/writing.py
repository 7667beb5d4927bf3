"""Files out, safely: nothing is ever half-written."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from genopraxis.contracts.errors import OutputError

_DISK_ERRORS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is larger than the file system allows",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk reports an error",
}
_NAME_BYTES = 255


@contextmanager
def atomic_file(path: str | os.PathLike[str], *, private: bool = False) -> Iterator[Path]:
    """Yield a temporary file in the folder of ``path``; it takes that name when the block ends well.

    Missing parent folders are made. An existing file is replaced in one step and keeps its permissions;
    when the block fails, it stays as it was.

    Parameters
    ----------
    private
        Only its owner may read the file, from its first byte on, whatever was there before.

    Raises
    ------
    OutputError
        The place cannot be written, is a folder, or the disk refuses.
    """
    target = _named(path)
    folder = ensure_writable_folder(target.parent)
    if target.exists() and not target.is_file():
        raise OutputError(
            "is not a file, so it cannot be replaced by one", where=str(target), hint="give another name"
        )
    temporary = folder / _temporary_name(target)
    done = False
    try:
        with _disk_errors(target):
            temporary.touch(mode=0o600 if private else 0o666, exist_ok=False)
            yield temporary
            _publish(temporary, target, keep_mode=not private)
            done = True
            _sync(folder)
    finally:
        if not done:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder beside ``path``; at the end it takes the place of what was there.

    When the block fails, what was at ``path`` stays as it was.

    Raises
    ------
    OutputError
        The place cannot be written, is a file, or is a folder that nobody can mean to replace
        (the working folder, the home folder or anything that contains one of them).
    """
    target = _named(path)
    _refuse_precious(target)
    folder = ensure_writable_folder(target.parent)
    if target.exists() and not target.is_dir():
        raise OutputError(
            "is a file, so it cannot become a folder", where=str(target), hint="give another name"
        )
    temporary = folder / _temporary_name(target)
    aside = folder / _temporary_name(target)
    try:
        with _disk_errors(target):
            temporary.mkdir()
            yield temporary
            for name in sorted(temporary.rglob("*")):
                if name.is_file() and not name.is_symlink():
                    _sync(name)
            _swap(temporary, target, aside)
            _sync(folder)
    finally:
        _remove(temporary)
        _remove(aside)


def ensure_writable_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder when it is missing, prove that a file can be made in it, and return it.

    Call it before long work, so that hours are not lost to a wrong output path.

    Raises
    ------
    OutputError
        When no file can be made there.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(
            "a part of this path is a file, so it cannot be a folder",
            where=str(folder),
            hint="give another place",
        ) from error
    except PermissionError as error:
        raise OutputError(
            "no permission to write here", where=str(folder), hint="give a folder of your own"
        ) from error
    except ValueError as error:
        raise OutputError(
            "the path holds a NUL character", where=repr(str(folder)), hint="check the path"
        ) from error
    except OSError as error:
        reason = _DISK_ERRORS.get(error.errno or 0, error.strerror or "unknown reason")
        raise OutputError(
            f"cannot be written: {reason}", where=str(folder), hint="give another place"
        ) from error
    return folder


def _named(path: str | os.PathLike[str]) -> Path:
    target = Path(path)
    if len(os.fsencode(target.name)) > _NAME_BYTES:
        raise OutputError(
            f"the name is longer than {_NAME_BYTES} bytes",
            where=str(target.parent),
            hint="give a shorter name",
        )
    return target


def _temporary_name(target: Path) -> str:
    # a file name may have 255 bytes, of which a character may take four
    return f".{target.name[:40]}.{secrets.token_hex(8)}.tmp"


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    # only errors of the disk are translated: any other comes from what the caller does inside the block
    try:
        yield
    except OSError as error:
        reason = _DISK_ERRORS.get(error.errno or 0)
        if reason is None:
            raise
        raise OutputError(
            f"cannot be written: {reason}", where=str(target), hint="give another place"
        ) from error


def _publish(temporary: Path, target: Path, *, keep_mode: bool) -> None:
    try:
        if keep_mode and target.exists():
            shutil.copymode(target, temporary)
        _sync(temporary)
        temporary.replace(target)
    except FileNotFoundError as error:
        raise OutputError(
            "the finished file has disappeared", where=str(target), hint="run it again"
        ) from error
    except PermissionError as error:
        raise OutputError(
            "no permission to replace this file", where=str(target), hint="close programs that use it"
        ) from error


def _swap(temporary: Path, target: Path, aside: Path) -> None:
    replaced = target.exists() or target.is_symlink()
    try:
        if replaced:
            target.rename(aside)
        temporary.rename(target)
    except OSError as error:
        if replaced and not target.exists() and aside.exists():
            aside.rename(target)
        raise OutputError(
            f"cannot be replaced ({error.strerror})", where=str(target), hint="close programs that use it"
        ) from error


def _refuse_precious(target: Path) -> None:
    resolved = target.resolve()
    precious_folders = [Path.cwd()]
    with suppress(RuntimeError):  # an account without a home, as in some containers
        precious_folders.append(Path.home())
    for precious in precious_folders:
        if precious.resolve().is_relative_to(resolved):
            raise OutputError(
                "this folder would be replaced as a whole, and it holds more than results",
                where=str(target),
                hint="give the name of a new folder in it",
            )


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    if os.name != "posix" and path.is_dir():
        return  # only POSIX systems let a folder be opened
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
