"""The SHA-256 of large files, which are read whole only when they have changed.

What was read is kept in the cache, one small file for each path: size, time, inode, and a digest of the first and the
last megabyte. When all of these are as they were, the file is taken to be the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

from genopraxis.contracts.errors import OutputError
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.files import atomic_file, digest, printable_name
from genopraxis.knowledge.places import cache_folder

__all__ = ["LARGE", "file_digest"]

LARGE = 64 * 1024**2
"""Smaller files are read each time."""

_END = 1024**2
# a file that is still being written may change again within one tick of its clock
_SETTLED_NS = 2 * 10**9


def file_digest(path: Path) -> InputDigest:
    """Return the name and SHA-256 of a file; a large one is read whole only if it is not known as it is now.

    Raises
    ------
    InputError
        Missing or unreadable.
    """
    try:
        about = path.stat()
        if about.st_size < LARGE or not path.is_file():
            return digest(path)
        record = _record_of(path)
        mark = _mark(path, about)
        known = _known(record)
    except OSError:
        return digest(path)  # which says what is wrong
    if known.get("mark") == mark and isinstance(sha256 := known.get("sha256"), str):
        return InputDigest(name=printable_name(path), sha256=sha256)
    found = digest(path)
    with suppress(OSError, OutputError):  # a cache that cannot be written costs time, no more
        settled = time.time_ns() - about.st_mtime_ns > _SETTLED_NS
        if settled and _mark(path, path.stat()) == mark:
            with atomic_file(record) as temporary:
                temporary.write_text(json.dumps({"mark": mark, "sha256": found.sha256}), encoding="utf-8")
    return found


def _record_of(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    return cache_folder() / "digests" / f"{name}.json"


def _mark(path: Path, about: os.stat_result) -> dict[str, object]:
    """Return what a file looks like without reading all of it."""
    ends = hashlib.sha256()
    with path.open("rb") as stream:
        ends.update(stream.read(_END))
        stream.seek(-_END, os.SEEK_END)
        ends.update(stream.read(_END))
    return {
        "path": os.fspath(path.resolve()),
        "size": about.st_size,
        "mtime_ns": about.st_mtime_ns,
        "inode": about.st_ino,
        "device": about.st_dev,
        "ends": ends.hexdigest(),
    }


def _known(record: Path) -> dict[str, object]:
    try:
        found = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
