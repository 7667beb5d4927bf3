"""File names for identifiers of any form: no name leaves its folder, and no two are the same."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from genopraxis.formats.identifiers import printable_id

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}")
_HASHED_NAME = re.compile(r"-[0-9a-f]{16}$", re.IGNORECASE)
_WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def printable_name(path: str | os.PathLike[str]) -> str:
    r"""Return the name of a file as text that can be written anywhere.

    A file name is any bytes: those that are not UTF-8 become ``\\xe9``, control characters ``_``.
    """
    return printable_id(os.fsencode(Path(path).name).decode("utf-8", "backslashreplace")) or "_"


def safe_name(case_id: str) -> str:
    """Return a file name for any identifier; different identifiers have different names.

    An identifier of at most 80 plain characters (``A-Z a-z 0-9 . _ -``) that is safe on every file system is
    its own name. Any other becomes a readable part with the first 64 bits of its SHA-256.
    Two plain identifiers that differ in case only keep that difference: see :func:`safe_names`.
    """
    plain = (
        _PLAIN_NAME.fullmatch(case_id) is not None
        and not case_id.endswith(".")
        and _WINDOWS_DEVICE.fullmatch(case_id) is None
        # it could be the hashed name of another identifier
        and _HASHED_NAME.search(case_id) is None
    )
    return case_id if plain else _hashed_name(case_id)


def safe_names(case_ids: Iterable[str]) -> dict[str, str]:
    """Return a file name for each identifier, distinct on a file system that ignores case too."""
    names = {case_id: safe_name(case_id) for case_id in case_ids}
    taken = Counter(name.casefold() for name in names.values())
    return {
        case_id: name if taken[name.casefold()] == 1 else _hashed_name(case_id)
        for case_id, name in names.items()
    }


def _hashed_name(case_id: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", case_id).encode("ascii", "ignore").decode("ascii")
    readable = re.sub(r"[^A-Za-z0-9]+", "_", ascii_only)[:48].strip("_") or "case"
    if _WINDOWS_DEVICE.fullmatch(readable):
        readable += "_"
    return f"{readable}-{hashlib.sha256(case_id.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
