"""A compiled release on disk: written whole or not at all, checked by digest when read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from zipfile import BadZipFile

import numpy as np

from genopraxis.contracts.cards import Sha256
from genopraxis.contracts.document import Document
from genopraxis.contracts.errors import ContractError, InputError, KnowledgeError
from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.files import atomic_folder
from genopraxis.formats.table_file import read_parquet
from genopraxis.knowledge.annotations import ROW, Annotations
from genopraxis.knowledge.diseases import Diseases
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.ontology import Ontology

MANIFEST = "manifest.json"
LAYOUT = 2

_KIND = "genopraxis.knowledge-hpo/"
_SCHEMA = f"{_KIND}{LAYOUT}"


class Manifest(Document):
    """What a compiled release consists of."""

    schema_id: ClassVar[str] = _SCHEMA

    releases: tuple[DataRelease, ...]
    notes: tuple[str, ...]
    files: dict[str, Sha256]


def save(knowledge: HpoKnowledge, folder: Path, *, besides: Callable[[Path], None] | None = None) -> None:
    """Write a compiled release; ``folder`` appears complete or not at all.

    Parameters
    ----------
    besides
        Called with the folder before it is complete, to put further files into it.

    Raises
    ------
    OSError, OutputError
        When the place cannot be written to; the caller knows whether that matters.
    """
    with atomic_folder(folder) as staging:
        ontology, annotations, diseases = knowledge.ontology, knowledge.annotations, knowledge.diseases
        for name, table in (
            ("terms", ontology.terms),
            ("renamed", ontology.renamed),
            ("synonyms", ontology.synonyms),
            ("references", annotations.references),
            ("diseases", diseases.entries),
            ("gene_links", diseases.gene_links),
        ):
            table.write_parquet(staging / f"{name}.parquet")
        np.savez(staging / "ancestors.npz", start=ontology.ancestor_start, terms=ontology.ancestor_terms)
        np.savez(staging / "annotations.npz", rows=annotations.rows, start=annotations.start)
        manifest = Manifest(
            releases=knowledge.releases,
            notes=knowledge.notes,
            files={path.name: _sha256(path) for path in sorted(staging.iterdir())},
        )
        if besides:
            besides(staging)
        (staging / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a compiled release.

    Raises
    ------
    KnowledgeError
        When it is missing, damaged or of another layout.
    """
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(raw, dict) and str(raw.get("schema")).startswith(_KIND) and raw["schema"] != _SCHEMA:
            raise KnowledgeError("it was compiled by another version of Genopraxis", where=str(folder))
        return Manifest.from_mapping(raw, where=str(path))
    except (OSError, ValueError, ContractError) as error:
        raise KnowledgeError("the compiled release is damaged", where=str(folder)) from error


def manifest_digest(folder: Path) -> str:
    """Return the sha256 of the manifest, which names every file by digest; empty when there is none."""
    try:
        return _sha256(folder / MANIFEST)
    except OSError:
        return ""


def load(folder: Path) -> HpoKnowledge:
    """Read a compiled release.

    Raises
    ------
    KnowledgeError
        When a file is missing or its bytes are not those that were written.
    """
    manifest = read_manifest(folder)
    if missing := _FILES - set(manifest.files):
        raise KnowledgeError(f"the manifest lacks {', '.join(sorted(missing))}", where=str(folder))
    for name, digest in manifest.files.items():
        try:
            found = _sha256(folder / name)
        except OSError as error:
            raise KnowledgeError(f"{name} cannot be read", where=str(folder)) from error
        if found != digest:
            raise KnowledgeError(f"{name} is damaged (sha256 differs)", where=str(folder))
    try:
        with np.load(folder / "ancestors.npz", allow_pickle=False) as arrays:
            start, terms = arrays["start"], arrays["terms"]
        with np.load(folder / "annotations.npz", allow_pickle=False) as arrays:
            rows, row_start = arrays["rows"], arrays["start"]
        table = {name: read_parquet(folder / f"{name}.parquet") for name in _TABLES}
    except (OSError, ValueError, BadZipFile, InputError) as error:
        # another run may be replacing it at this moment, or the bytes are not those of an array
        raise KnowledgeError("the compiled release cannot be read", where=str(folder)) from error
    if rows.dtype != ROW:
        raise KnowledgeError("the compiled release is of another layout", where=str(folder))
    return HpoKnowledge(
        ontology=Ontology(
            terms=table["terms"],
            renamed=table["renamed"],
            synonyms=table["synonyms"],
            ancestor_start=start,
            ancestor_terms=terms,
        ),
        annotations=Annotations(rows=rows, start=row_start, references=table["references"]),
        diseases=Diseases(entries=table["diseases"], gene_links=table["gene_links"]),
        releases=manifest.releases,
        notes=manifest.notes,
    )


_TABLES = ("terms", "renamed", "synonyms", "references", "diseases", "gene_links")
_FILES = {"ancestors.npz", "annotations.npz", *(f"{name}.parquet" for name in _TABLES)}


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
