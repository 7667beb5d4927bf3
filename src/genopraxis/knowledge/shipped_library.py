"""The case library that comes with the package: two tables, and a card that says where they come from."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import ClassVar

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document
from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.files import digest
from genopraxis.formats.table_file import read_table, write_table
from genopraxis.formats.writing import atomic_file
from genopraxis.knowledge.case_library import LIBRARY_DISEASES, CaseLibrary
from genopraxis.knowledge.publication_counts import PUBLICATION_COUNTS

COUNTS, DISEASES, CARD = "case-library.parquet", "case-library-diseases.parquet", "case-library.json"

_BROKEN = "install Genopraxis again"


class LibraryCard(Document):
    """Where a shipped case library comes from, and how to make it again."""

    schema_id: ClassVar[str] = "genopraxis.library-card/1"

    name: str
    version: str
    description: str
    licence: str
    source: str
    how_made: str
    made_from: tuple[DataRelease, ...] = ()
    files: dict[str, Sha256]

    @property
    def release(self) -> DataRelease:
        """The library as a release that results name; its digest is that of the counts."""
        return DataRelease(
            name=self.name,
            version=self.version,
            licence=self.licence,
            source=self.source,
            sha256=self.files[COUNTS],
        )


def package_folder() -> Traversable:
    """Return where the package keeps the library that it ships."""
    return files("genopraxis.knowledge").joinpath("embedded")


def shipped_card() -> LibraryCard | None:
    """Return the card of the shipped library; ``None`` when this version ships none.

    Raises
    ------
    KnowledgeError
        When it is damaged.
    """
    place = package_folder().joinpath(CARD)
    if not place.is_file():
        return None
    try:
        card = LibraryCard.from_mapping(json.loads(place.read_text(encoding="utf-8")), where=CARD)
    except (OSError, ValueError, InputError) as error:
        raise KnowledgeError(
            "the card of the shipped case library is damaged", where=CARD, hint=_BROKEN
        ) from error
    if missing := {COUNTS, DISEASES} - set(card.files):
        raise KnowledgeError(f"the card lacks {', '.join(sorted(missing))}", where=CARD, hint=_BROKEN)
    return card


def shipped_library() -> CaseLibrary | None:
    """Return the case library that comes with the package; ``None`` when this version ships none.

    Raises
    ------
    KnowledgeError
        When a file is missing, or is not the one that its card names.
    """
    card = shipped_card()
    if card is None:
        return None
    tables = []
    for name, contract in ((COUNTS, PUBLICATION_COUNTS), (DISEASES, LIBRARY_DISEASES)):
        place = package_folder().joinpath(name)
        try:
            if hashlib.sha256(place.read_bytes()).hexdigest() != card.files[name]:
                raise InputError("its sha256 is not that of the card")
            with as_file(place) as path:
                tables.append(read_table(contract, path))
        except (OSError, InputError) as error:
            what = error.what if isinstance(error, InputError) else "it cannot be read"
            raise KnowledgeError(
                f"the shipped case library is damaged: {what}", where=name, hint=_BROKEN
            ) from error
    counts, diseases = tables
    return CaseLibrary(counts=counts, diseases=diseases, releases=(card.release,))


def write_shipped(
    library: CaseLibrary,
    folder: Path,
    *,
    name: str,
    version: str,
    description: str,
    licence: str,
    source: str,
    how_made: str,
    made_from: tuple[DataRelease, ...],
) -> LibraryCard:
    """Write a library and its card as :func:`shipped_library` reads them; the card comes last.

    Parameters
    ----------
    how_made
        The commands that make it again.
    made_from
        The files that those commands read.
    """
    write_table(PUBLICATION_COUNTS, library.counts, folder / COUNTS)
    write_table(LIBRARY_DISEASES, library.diseases, folder / DISEASES)
    card = LibraryCard(
        name=name,
        version=version,
        description=description,
        licence=licence,
        source=source,
        how_made=how_made,
        made_from=made_from,
        files={file: digest(folder / file).sha256 for file in (COUNTS, DISEASES)},
    )
    with atomic_file(folder / CARD) as temporary:
        temporary.write_text(card.to_json(), encoding="utf-8")
    return card
