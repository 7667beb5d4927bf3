"""What stores and transcript sets are called, and where those with a name are."""

from __future__ import annotations

import re
from pathlib import Path

from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.places import data_folder
from genopraxis.knowledge.transcripts import CARD as TRANSCRIPTS_CARD
from genopraxis.knowledge.variant_store_card import CARD as STORE_CARD

__all__ = [
    "checked_name",
    "column_prefix",
    "is_name",
    "named_stores",
    "named_transcripts",
    "stem_of",
    "store_folder",
    "transcripts_folder",
]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOT_IN_COLUMNS = re.compile(r"[^A-Za-z0-9_]+")
_SUFFIXES = re.compile(
    r"(?:\.(?:vcf|bcf|tsv|txt|csv|tab|parquet|gff3?|gtf|sites|gz|bgz|bgzip))+$", re.IGNORECASE
)


def is_name(text: str) -> bool:
    """Tell whether a text may name a store or a set: no path can be written so."""
    return _NAME.fullmatch(text) is not None and ".." not in text


def checked_name(text: str) -> str:
    """Return a name that may be used.

    Raises
    ------
    InputError
        When it may not.
    """
    if not is_name(text):
        raise InputError(
            f"{text!r} cannot be a name", hint="use letters, digits, dot, dash and underscore, at most 64"
        )
    return text


def column_prefix(name: str) -> str:
    """Return what columns begin with, for a store of this name: VCF and tables take no dash, no leading digit."""
    bare = _NOT_IN_COLUMNS.sub("_", name).strip("_")
    return bare if bare[:1].isalpha() else f"store_{bare}".rstrip("_")


def stem_of(path: Path) -> str:
    """Return a name made of that of a file, without its suffixes."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", _SUFFIXES.sub("", path.name)).strip("._-")[:64]
    return stem if is_name(stem) else "store"


def store_folder(name: str) -> Path:
    """Return where a store of this name is, or would be."""
    return data_folder() / "stores" / checked_name(name)


def transcripts_folder(name: str) -> Path:
    """Return where a transcript set of this name is, or would be."""
    return data_folder() / "transcripts" / checked_name(name)


def named_stores() -> list[str]:
    """Return the names of the stores that are here."""
    return _names(data_folder() / "stores", STORE_CARD)


def named_transcripts() -> list[str]:
    """Return the names of the transcript sets that are here."""
    return _names(data_folder() / "transcripts", TRANSCRIPTS_CARD)


def _names(folder: Path, card: str) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if is_name(path.name) and (path / card).is_file())
