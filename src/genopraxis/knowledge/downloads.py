"""How a file comes whole: resumed, checked while it streams, and named only when it is right.

No connection is opened here: :mod:`genopraxis.knowledge.pull`, the only module that opens one, hands it in.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from genopraxis.contracts.errors import KnowledgeError, OutputError
from genopraxis.formats.identifiers import printable_text
from genopraxis.knowledge.checksums import Checksum, Sums
from genopraxis.knowledge.download_assets import (
    Asset,
    Connect,
    NoAnswerError,
    StatusError,
    UnsafeAddressError,
    shown,
)
from genopraxis.knowledge.download_part import OtherThingError, Part, TooLongError

ATTEMPTS = 4

_BLOCK = 1 << 20
_PROGRESS = 64 << 20  # an attempt that brought so much is not counted: a large file has many interruptions
_FETCHED_ONCE = 1 << 30  # a larger file that came in one piece and is wrong is not fetched again
_PASSING = frozenset({408, 425, 429})
_HTML = "a proxy or a sign-in page may be on the way; open the address in a browser"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file that is here, with the digest of the bytes that were kept."""

    path: Path
    size: int
    sha256: str


def fetch(
    asset: Asset,
    folder: Path,
    *,
    connect: Connect,
    advance: Callable[[int], None] = lambda _: None,
    folder_hint: str = "set GENOPRAXIS_DATA to a writable folder",
) -> Fetched:
    """Download one file into ``folder``, going on from where an earlier attempt stopped.

    The file gets its name only when everything that is known of it is right; until then it is a ``.part`` whose name
    belongs to this address and checksum, so that the part of another mirror or release is never gone on with.

    Parameters
    ----------
    connect
        Asks the server.
    advance
        Called with the number of bytes received, for a progress bar; negative when bytes had to be thrown away.
    folder_hint
        What to do when the folder cannot be written to.

    Raises
    ------
    KnowledgeError
        The file cannot be had, or is not what the publisher states.
    OutputError
        The folder cannot be written to, or has too little space.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{asset.name}.lock"):
            return _fetch(asset, folder, connect, advance, folder_hint)
    except OSError as error:
        raise OutputError(
            f"the download cannot be kept: {error.strerror or error}", where=str(folder), hint=folder_hint
        ) from error


def _fetch(
    asset: Asset, folder: Path, connect: Connect, advance: Callable[[int], None], folder_hint: str
) -> Fetched:
    target, checksum = folder / asset.name, asset.checksum
    # without a checksum, nothing tells the file that is here from any other of its size
    if checksum is not None and target.is_file() and asset.size in {None, target.stat().st_size}:
        sums = _sums_of(target, checksum)
        if sums.agree(checksum):
            advance(sums.size)
            return Fetched(path=target, size=sums.size, sha256=sums.value("sha256"))
    if asset.size is not None and asset.size > asset.largest_bytes:
        raise KnowledgeError(
            f"{asset.name} is said to have {asset.size:,} bytes, which no {asset.family} file has",
            where=shown(asset.url),
        )
    what = f"{shown(asset.url)} {checksum and checksum.value} {asset.size} {asset.version}"
    key = hashlib.sha256(what.encode()).hexdigest()[:16]
    part = Part(folder / f"{asset.name}.{key}.part", asset)
    _need_space(asset, folder, have=part.size, hint=folder_hint)
    advance(part.size)
    _complete(asset, part, connect, advance)
    with part.path.open("rb") as handle:
        os.fsync(handle.fileno())
    part.path.replace(target)
    for other in folder.glob(f"{asset.name}.*.part"):  # of other addresses: nobody goes on with them
        other.unlink(missing_ok=True)
    return Fetched(path=target, size=part.size, sha256=part.sums.value("sha256"))


def _complete(asset: Asset, part: Part, connect: Connect, advance: Callable[[int], None]) -> None:
    """Ask for bytes until the part is the file."""
    problem: Exception | str = "no attempt was made"
    left, furthest, began = ATTEMPTS, part.size, part.size
    while left:
        left -= 1
        began = part.size
        try:
            if asset.size is None or part.size != asset.size:
                _receive(asset, part, connect, advance)
            if asset.size is not None and part.size < asset.size:  # where the server states no length
                problem = "the connection ended early"
                continue
            reason = part.wrong()
        except UnsafeAddressError as error:
            raise _failed(asset, error, hint=UnsafeAddressError.hint) from error
        except OtherThingError as error:
            part.restart()
            raise _failed(asset, error, hint=_HTML) from error
        except StatusError as error:
            problem = error
            if error.status == 416:  # the server has no byte there: it has another file than the part is of
                advance(-part.restart())
            elif 400 <= error.status < 500 and error.status not in _PASSING:
                raise _failed(
                    asset, error, hint="check release and assembly; run the command again later"
                ) from error
            continue
        except TooLongError:
            advance(-part.restart())
            problem = "more bytes came than the publisher states"
            continue
        except NoAnswerError as error:
            problem = error
            if part.size - furthest >= _PROGRESS:
                left, furthest = ATTEMPTS, part.size
            continue
        if reason is None:
            return
        size = part.restart()
        advance(-size)
        problem = reason
        if began == 0 and size > _FETCHED_ONCE:
            break
    raise _failed(asset, problem, hint="run the same command again to go on")


def _failed(asset: Asset, problem: Exception | str, *, hint: str) -> KnowledgeError:
    reason = printable_text(str(problem), limit=200)
    return KnowledgeError(f"{asset.name} cannot be fetched: {reason}", where=shown(asset.url), hint=hint)


def _receive(asset: Asset, part: Part, connect: Connect, advance: Callable[[int], None]) -> None:
    if not asset.resumable or (asset.size is not None and part.size > asset.size):
        advance(-part.restart())
    headers = {"Accept-Encoding": asset.accept_encoding}
    if have := part.size:
        headers["Range"] = f"bytes={have}-"
        if asset.checksum is None and asset.version is not None:
            headers["If-Range"] = asset.version  # the whole file comes if it has changed
    with connect("GET", asset.url, headers) as answer:
        if answer.status == 206:
            given, _, total = answer.headers.get("Content-Range", "").partition("/")
            if not given.startswith(f"bytes {have}-") or (
                asset.size is not None and total not in {"", "*", str(asset.size)}
            ):
                advance(-part.restart())
                raise NoAnswerError("another part of the file came than was asked for")
        elif answer.status == 200:
            # a server that ignores the range sends the whole file: begin again
            advance(-part.restart())
            stated = answer.headers.get("Content-Length", "")
            if (
                stated.isascii()
                and stated.isdigit()
                and int(stated) > max(asset.largest_bytes, asset.size or 0)
            ):
                raise TooLongError
        else:
            raise NoAnswerError(f"the server answered {answer.status}")
        part.write(answer.chunks(), advance)


def _sums_of(path: Path, checksum: Checksum) -> Sums:
    sums = Sums([checksum.algorithm])
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            sums.update(block)
    return sums


def _need_space(asset: Asset, folder: Path, *, have: int, hint: str) -> None:
    if asset.size is None:
        return
    free, needed = shutil.disk_usage(folder).free, asset.size - have
    if needed > free:
        raise OutputError(
            f"{asset.name} needs {needed:,} bytes more, and {free:,} are free", where=str(folder), hint=hint
        )
