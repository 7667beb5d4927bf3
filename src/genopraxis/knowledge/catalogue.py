"""Which official files a laboratory needs to annotate variants, and where, under which licence, they are published.

The table itself is in :mod:`genopraxis.knowledge.catalogue_sources`. It holds addresses and no checksums: those are
the publisher's, asked for at the time of the download.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from genopraxis.contracts.errors import InputError
from genopraxis.formats.identifiers import printable_text
from genopraxis.knowledge.file_forms import Form

CATALOGUE_VERSION = 1
"""Raised whenever an address, a licence or a default release changes; kept with every download."""

LATEST = "latest"

LicenceKind = Literal["open", "attribution", "non-commercial", "ask"]
Published = Literal["md5-file", "md5-list", "sum-list", "google-header", "zenodo", "none"]

MUST_BE_ACCEPTED: frozenset[LicenceKind] = frozenset({"non-commercial", "ask"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where one file is, as templates below the publisher's root.

    Templates know ``{release}``, ``{year}`` (its first four letters) and ``{chromosome}``.

    Parameters
    ----------
    path
        Of the file.
    published
        How its checksum is published.
    checksum_path
        Of the file with the checksum, for all but ``google-header`` and ``none``.
    keep_as
        Name of the file here, where the publisher's last part of the path says nothing.
    confirmed
        The address was found in public documentation; where not, the command warns.
    """

    path: str
    published: Published
    checksum_path: str | None = None
    keep_as: str | None = None
    confirmed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """The files of a source for one assembly.

    Parameters
    ----------
    assembly
        ``GRCh37``, ``GRCh38``, or ``None`` where it does not matter.
    root
        The publisher's address, which a mirror replaces.
    release
        Regular expression of the releases that exist; ``example`` is one of them.
    places
        Of a given release, tried in this order.
    latest
        Of whatever is newest; ``None`` where only numbered releases have an address.
    default
        Release that is taken when none is asked for: ``latest``, or the newest that this catalogue knows.
    chromosomes
        One file each; empty where there is one file.
    about_bytes
        Its size as the publisher or its readers state it, where known; of all chromosomes together.
    largest_bytes
        More is not taken: far above the size today, far below an endless answer.
    """

    assembly: str | None
    root: str
    release: str
    example: str
    default: str
    form: Form
    largest_bytes: int
    places: tuple[Place, ...] = ()
    latest: Place | None = None
    chromosomes: tuple[str, ...] = ()
    about_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One thing that can be pulled.

    Parameters
    ----------
    build
        Command that uses it, after ``genopraxis``; knows ``{from_files}`` (``--from`` before each file),
        ``{assembly}``, ``{release}``, ``{licence}`` and ``{companion}``, the file of another source that it needs too.
    companion
        That other source: the genome of the genes, and for a genome the genes.
    unpack
        Command that has to unpack the file before it can be used; knows ``{file}`` and ``{folder}``.
    unpacked
        Name of what it makes; ``{stem}`` is the name without its last part.
    """

    name: str
    what: str
    editions: tuple[Edition, ...]
    licence: str
    licence_kind: LicenceKind
    licence_url: str
    doi: str
    build: str | None = None
    companion: str | None = None
    unpack: str | None = None
    unpacked: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One address at which a wanted file may be, and its checksum."""

    url: str
    published: Published
    checksum_url: str | None
    confirmed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """One file to be fetched, and the addresses to be tried in order."""

    name: str
    chromosome: str | None
    candidates: tuple[Candidate, ...]


def find_source(name: str, sources: Iterable[Source]) -> Source:
    """Return the source of a name.

    Raises
    ------
    InputError
        There is none.
    """
    known = {source.name: source for source in sources}
    if name not in known:
        raise InputError(
            f"{printable_text(name, limit=60)!r} is not in the catalogue",
            hint="genopraxis knowledge pull list shows what is",
        )
    return known[name]


def find_edition(source: Source, assembly: str | None) -> Edition:
    """Return the files of an assembly: GRCh38 when none is given.

    Raises
    ------
    InputError
        The source has none for this assembly, or none that depends on one.
    """
    known = {edition.assembly: edition for edition in source.editions}
    if None in known and assembly is None:
        return known[None]
    chosen = _ASSEMBLIES.get((assembly or "GRCh38").lower())
    if chosen in known and chosen is not None:
        return known[chosen]
    if assembly is None:
        return source.editions[0]
    names = ", ".join(name for name in known if name) or "the same for every assembly"
    raise InputError(
        f"{source.name} is not there for assembly {printable_text(assembly, limit=60)!r}",
        hint=f"there is: {names}",
    )


_ASSEMBLIES = {"grch38": "GRCh38", "hg38": "GRCh38", "grch37": "GRCh37", "hg19": "GRCh37"}


def check_release(source: Source, edition: Edition, release: str | None) -> str:
    """Return the release to be fetched, as the publisher writes it.

    Raises
    ------
    InputError
        The publisher has no such release.
    """
    asked = edition.default if release is None else release
    if asked == LATEST and edition.latest is not None:
        return LATEST
    # 2024-01-07 for 20240107, v46 for 46
    spellings = (asked, asked.replace("-", ""), asked.removeprefix("v"))
    found = next((text for text in spellings if re.fullmatch(edition.release, text, re.ASCII)), None)
    if found is None or not edition.places:
        also = " or latest" if edition.latest is not None else ""
        raise InputError(
            f"{printable_text(asked, limit=60)!r} is no release of {source.name}",
            hint=f"releases look like {edition.example}{also}",
        )
    return found


def choose_chromosomes(source: Source, edition: Edition, asked: Sequence[str]) -> tuple[str | None, ...]:
    """Return the chromosomes to be fetched; one ``None`` for a source of one file.

    Parameters
    ----------
    asked
        ``21``, ``chrX``, ``1,2,3`` or ``all``.

    Raises
    ------
    InputError
        A chromosome that the source lacks, none where one must be said, or one where there are none.
    """
    words = [word.strip() for text in asked for word in text.split(",") if word.strip()]
    if not edition.chromosomes:
        if words:
            raise InputError(f"{source.name} is one file for all chromosomes", hint="leave --chromosome out")
        return (None,)
    if not words:
        size = f", {edition.about_bytes / 1e9:,.0f} GB together" if edition.about_bytes else ""
        raise InputError(
            f"{source.name} has one file for each chromosome{size}",
            hint="say which: --chromosome 21 --chromosome X, or --chromosome all",
        )
    if "all" in {word.lower() for word in words}:
        return edition.chromosomes
    chosen = [re.sub(r"(?i)^chr", "", word).upper() for word in words]
    if strange := [word for word in chosen if word not in edition.chromosomes]:
        raise InputError(
            f"{source.name} has no chromosome {', '.join(printable_text(word, limit=20) for word in strange)}",
            hint=f"there are {', '.join(edition.chromosomes)}",
        )
    return tuple(chromosome for chromosome in edition.chromosomes if chromosome in chosen)


def wanted_file(edition: Edition, release: str, chromosome: str | None, *, mirror: str | None) -> Wanted:
    """Return one file with the addresses to try.

    Parameters
    ----------
    release
        As :func:`check_release` gives it.
    mirror
        Replaces the publisher's root; the paths below it are the publisher's.
    """
    root = (mirror or edition.root).rstrip("/")
    places = edition.places if release != LATEST else (edition.latest,)
    words = {
        "release": release,
        "year": release[:4],
        "chromosome": chromosome or "",
    }
    candidates = [
        Candidate(
            url=root + place.path.format_map(words),
            published=place.published,
            checksum_url=root + place.checksum_path.format_map(words) if place.checksum_path else None,
            confirmed=place.confirmed,
        )
        for place in places
        if place is not None
    ]
    first = next(place for place in places if place is not None)
    name = (first.keep_as or first.path.rpartition("/")[2]).format_map(words)
    return Wanted(name=name, chromosome=chromosome, candidates=tuple(candidates))


def folder_name(source: Source, edition: Edition, release: str) -> str:
    """Return the name of the folder of a release; it tells the assemblies of one release apart."""
    return "-".join(part for part in (source.name, edition.assembly, release) if part)
