"""From a name, a folder or a file, a store or a transcript set: a file is built once, into the cache."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from genopraxis.contracts.errors import InputError, KnowledgeError, OutputError
from genopraxis.formats.contig_names import Assembly
from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.places import cache_folder
from genopraxis.knowledge.transcripts import CARD as TRANSCRIPTS_CARD
from genopraxis.knowledge.transcripts import SCHEMA, TranscriptSet, load_transcripts
from genopraxis.knowledge.variant_store import LAYOUT, StoreKind, VariantStore, open_store
from genopraxis.knowledge.variant_store_card import CARD as STORE_CARD
from genopraxis.knowledge.variant_store_staging import remove_abandoned
from genopraxis.variants.assembly import assembly_of_genome
from genopraxis.variants.stores.build import StoreRequest, build_from_files
from genopraxis.variants.stores.card_notes import card_notes
from genopraxis.variants.stores.file_digests import file_digest
from genopraxis.variants.stores.names import (
    column_prefix,
    is_name,
    named_stores,
    named_transcripts,
    store_folder,
    transcripts_folder,
)
from genopraxis.variants.stores.transcript_sets import build_transcript_set

__all__ = ["ResolvedStore", "ResolvedTranscripts", "resolve_store", "resolve_transcripts"]

_WAIT_SECONDS = 6 * 3600
# how files become stores: raise it when that changes, so that what is in caches is not taken any more
_READING = 3


class ResolvedStore(NamedTuple):
    """A store, what its columns begin with, and what the user should be told."""

    name: str
    store: VariantStore
    notes: list[str]


class ResolvedTranscripts(NamedTuple):
    """A transcript set, and what the user should be told."""

    transcripts: TranscriptSet
    notes: list[str]


def resolve_store(
    kind: StoreKind,
    value: str | os.PathLike[str],
    *,
    assembly: Assembly | None,
    genome: Genome | None = None,
    threads: int = 1,
) -> ResolvedStore:
    """Open a store by name, by folder, or built from a file.

    Parameters
    ----------
    value
        A name as ``genopraxis knowledge build`` gave it, which comes first; a folder; or a file, which is built into
        the cache folder unless its content, with this genome, is there already.
    assembly
        Of the variants that it will be asked for.
    genome
        What the variants of a file are normalised with.

    Raises
    ------
    InputError
        There is no such store or file, or it is of another kind or assembly.
    KnowledgeError
        The store is damaged.
    """
    text = os.fspath(value)
    notes: list[str] = []
    if is_name(text) and (store_folder(text) / STORE_CARD).is_file():
        folder = store_folder(text)
    elif Path(text).is_dir():
        folder = Path(text)
        if not (folder / STORE_CARD).is_file():
            raise InputError(
                "holds no store of variants", where=text, hint="`genopraxis knowledge build` makes one"
            )
    elif Path(text).exists():
        folder, notes = _built_store(kind, Path(text), assembly=assembly, genome=genome, threads=threads)
    else:
        raise _nothing(text, "store", named_stores())
    store = open_store(folder)
    if store.card.kind != kind:
        raise InputError(f"is a store of {store.card.kind}, not of {kind}", where=text)
    if assembly is not None and store.card.assembly != assembly:
        raise InputError(
            f"is on {store.card.assembly}, the variants are on {assembly}",
            where=text,
            hint="give a store of their assembly, or lift the variants over",
        )
    name = column_prefix(store.name)
    notes += [f"{name}: {note}" for note in card_notes(store.card, has_genome=genome is not None)]
    return ResolvedStore(name, store, notes)


def resolve_transcripts(
    value: str | os.PathLike[str], *, genome: Genome | None = None
) -> ResolvedTranscripts:
    """Open a transcript set by name, by folder, or built from a GFF3 or GTF file.

    Parameters
    ----------
    value
        As in :func:`resolve_store`.
    genome
        The FASTA of the variants; what a file is built with.

    Raises
    ------
    InputError
        There is no such set or file, or it is of another assembly than the FASTA.
    KnowledgeError
        The set is damaged.
    """
    text = os.fspath(value)
    notes: list[str] = []
    if is_name(text) and (transcripts_folder(text) / TRANSCRIPTS_CARD).is_file():
        folder = transcripts_folder(text)
    elif Path(text).is_dir():
        folder = Path(text)
    elif Path(text).exists():
        folder, notes = _built_transcripts(Path(text), genome=genome)
    else:
        raise _nothing(text, "transcript set", named_transcripts())
    transcripts = load_transcripts(folder)
    its = transcripts.card.get("assembly")
    call = None if genome is None else assembly_of_genome(genome)
    if call is not None and its is not None and its != call.assembly:
        raise InputError(
            f"is of {its}, the FASTA of {call.assembly}", where=text, hint="give those of one assembly"
        )
    return ResolvedTranscripts(transcripts, notes)


def _built_store(
    kind: StoreKind, path: Path, *, assembly: Assembly | None, genome: Genome | None, threads: int
) -> tuple[Path, list[str]]:
    key = {
        "kind": kind,
        "layout": f"{LAYOUT}.{_READING}",
        "file": file_digest(path).sha256,
        "name": path.name,
        "genome": _identity(genome),
        "assembly": None if assembly is None else str(assembly),
    }

    def build(folder: Path) -> list[str]:
        request = StoreRequest(kind=kind, paths=[path], genome=genome, assembly=assembly, threads=threads)
        card = build_from_files(request, folder)
        return [f"{path.name}: {note}" for note in card.notes]

    return _once(key, "stores", STORE_CARD, lambda folder: open_store(folder), build, path)


def _built_transcripts(path: Path, *, genome: Genome | None) -> tuple[Path, list[str]]:
    key = {
        "layout": f"{SCHEMA} {_READING}",
        "file": file_digest(path).sha256,
        "genome": _identity(genome),
    }

    def build(folder: Path) -> list[str]:
        _, notes = build_transcript_set(path, folder, genome=genome)
        return [f"{path.name}: {note}" for note in notes]

    return _once(key, "transcripts", TRANSCRIPTS_CARD, lambda folder: load_transcripts(folder), build, path)


def _once(
    key: Mapping[str, object],
    room: str,
    card: str,
    look: Callable[[Path], object],
    build: Callable[[Path], list[str]],
    path: Path,
) -> tuple[Path, list[str]]:
    """Return the folder of this key in the cache; one process builds it, others wait."""
    name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]
    root = cache_folder() / room
    folder = root / name
    if _is_whole(folder, card, look):
        return folder, []
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f".{name}.lock", timeout=_WAIT_SECONDS):
            if _is_whole(folder, card, look):  # another process finished it while this one waited
                return folder, []
            remove_abandoned(folder)
            notes = build(folder)
    except (OSError, Timeout, OutputError) as error:
        raise OutputError(
            f"{path.name} cannot be built into the cache ({_reason(error)})",
            where=str(root),
            hint="set GENOPRAXIS_CACHE to a folder of your own, or build it with --out",
        ) from error
    return folder, [f"{path.name} was built into the cache; the next run takes it from there", *notes]


def _reason(error: Exception) -> str:
    if isinstance(error, OutputError):
        return error.what.removeprefix("cannot be written: ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "another process has been building it for hours"


def _is_whole(folder: Path, card: str, look: Callable[[Path], object]) -> bool:
    if not (folder / card).is_file():
        return False
    try:
        look(folder)
    except (KnowledgeError, InputError):
        return False
    return True


def _identity(genome: Genome | None) -> list[object] | None:
    """Return what tells one FASTA from another without reading all of it."""
    if genome is None:
        return None
    about = genome.path.stat()
    return [dict(genome.contigs), about.st_size, about.st_mtime_ns]


def _nothing(text: str, what: str, known: list[str]) -> InputError:
    there = f"known names: {', '.join(known)}" if known else f"no {what} has been built here yet"
    return InputError(
        f"there is no {what}, folder or file {text!r}",
        hint=f"{there}; `genopraxis knowledge build` makes one, `genopraxis knowledge status` lists them",
    )
