"""The source files of a release that a site brought itself, kept beside what was compiled from them."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.errors import GenopraxisError, KnowledgeError
from genopraxis.formats.files import digest

FOLDER = "sources"

_LIST = "sources.json"
_GZIP_MAGIC = b"\x1f\x8b"
_ROLES = ("ontology", "annotations", "genes")


@dataclass(frozen=True, kw_only=True)
class HpoSources:
    """The three files of an HPO release, and where they come from.

    Parameters
    ----------
    ontology
        ``hp.obo`` or ``hp.json``.
    annotations
        ``phenotype.hpoa``.
    genes
        ``genes_to_disease.txt`` or ``genes_to_phenotype.txt``.
    source
        Where the files come from, for provenance.
    """

    ontology: Path
    annotations: Path
    genes: Path
    source: str


class KeptFile(Part):
    """One source file as it was given, and as it is kept: compressed, if it was not."""

    role: str
    given: str
    given_sha256: Sha256
    kept: str
    kept_sha256: Sha256


class KeptSources(Document):
    """What is needed to compile a release again, whatever the layout of compiled releases will be."""

    schema_id: ClassVar[str] = "genopraxis.knowledge-sources/1"

    source: str
    files: tuple[KeptFile, ...]


def keep(sources: HpoSources, folder: Path) -> None:
    """Copy the source files into ``folder/sources``, gzip-compressed where they are not, with their digests.

    Raises
    ------
    OSError, InputError
        When a file cannot be read or the folder not be written to.
    """
    place = folder / FOLDER
    place.mkdir()
    files = []
    for role in _ROLES:
        path: Path = getattr(sources, role)
        kept = place / f"{role}.gz"
        with path.open("rb") as given:
            compressed = given.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
            given.seek(0)
            with kept.open("wb") as raw:
                if compressed:
                    shutil.copyfileobj(given, raw)
                else:
                    # neither name nor time in the header: equal files give equal bytes
                    with gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as stream:
                        shutil.copyfileobj(given, stream)
        files.append(
            KeptFile(
                role=role,
                given=path.name,
                given_sha256=digest(path).sha256,
                kept=kept.name,
                kept_sha256=digest(kept).sha256,
            )
        )
    text = KeptSources(source=sources.source, files=tuple(files)).to_json()
    (place / _LIST).write_text(text, encoding="utf-8")


def kept(folder: Path) -> tuple[HpoSources, tuple[Sha256, ...]]:
    """Return the source files of a release and the digests of the files as they were given.

    Raises
    ------
    KnowledgeError
        When they are not there, or their bytes are not those that were kept.
    """
    place = folder / FOLDER
    path = place / _LIST
    try:
        listed = KeptSources.from_mapping(json.loads(path.read_text(encoding="utf-8")), where=str(path))
        files = {file.role: file for file in listed.files}
        for file in listed.files:
            if digest(place / file.kept).sha256 != file.kept_sha256:
                raise KnowledgeError(f"{file.kept} is damaged (sha256 differs)", where=str(place))
        sources = HpoSources(**{role: place / files[role].kept for role in _ROLES}, source=listed.source)
    except KnowledgeError:
        raise
    except (OSError, ValueError, KeyError, GenopraxisError) as error:
        raise KnowledgeError("its source files are not beside it", where=str(folder)) from error
    return sources, tuple(files[role].given_sha256 for role in _ROLES)


def copy(old: Path, new: Path) -> None:
    """Take the kept source files along into the folder of the release compiled again."""
    shutil.copytree(old / FOLDER, new / FOLDER)
