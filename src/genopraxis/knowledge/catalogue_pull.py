"""Bring a file of the catalogue, and keep a record beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.formats.files import atomic_file, read_text
from genopraxis.formats.plain_data import parse_json
from genopraxis.knowledge.catalogue import CATALOGUE_VERSION, LATEST, Edition, Source
from genopraxis.knowledge.catalogue_find import Found
from genopraxis.knowledge.download_assets import Connect, shown
from genopraxis.knowledge.download_record import DownloadRecord, PublishedChecksum
from genopraxis.knowledge.downloads import fetch

RECORD_SUFFIX = ".source.json"

_DATE = re.compile(r"(?<![0-9])20[0-9]{6}(?![0-9])")


def release_label(found: Sequence[Found], release: str) -> str:
    """Return the release, or for the latest one its date: in the publisher's checksum, of the file, or today's."""
    if release != LATEST:
        return release
    for file in found:
        stated = file.asset.stated
        if stated is not None and stated.file and (date := _DATE.search(stated.file)):
            return date[0]
    dates = [file.last_modified for file in found if file.last_modified is not None]
    return (max(dates) if dates else datetime.now(UTC)).strftime("%Y%m%d")


def bring(
    found: Found,
    source: Source,
    edition: Edition,
    release: str,
    folder: Path,
    *,
    connect: Connect,
    mirror: str | None = None,
    advance: Callable[[int], None] = lambda _: None,
    folder_hint: str = "set GENOPRAXIS_DATA to a writable folder",
) -> DownloadRecord:
    """Fetch one file into ``folder`` and keep a record beside it, ``NAME.source.json``.

    Raises
    ------
    KnowledgeError
        As :func:`genopraxis.knowledge.downloads.fetch`.
    OutputError
        The folder cannot be written to.
    """
    fetched = fetch(found.asset, folder, connect=connect, advance=advance, folder_hint=folder_hint)
    path = folder / f"{found.asset.name}{RECORD_SUFFIX}"
    checksum = found.asset.checksum
    record = DownloadRecord(
        source=source.name,
        what=source.what,
        catalogue=CATALOGUE_VERSION,
        assembly=edition.assembly,
        release=release,
        chromosome=found.wanted.chromosome,
        file=found.asset.name,
        url=shown(found.asset.url),
        mirror=mirror is not None,
        retrieved=datetime.now(UTC).replace(microsecond=0),
        last_modified=found.last_modified,
        size=fetched.size,
        sha256=fetched.sha256,
        published=None
        if checksum is None
        else PublishedChecksum(
            algorithm=checksum.algorithm,
            value=checksum.value,
            stated_in=shown(found.candidate.checksum_url or found.asset.url),
        ),
        licence=source.licence,
        licence_kind=source.licence_kind,
        licence_url=source.licence_url,
        doi=source.doi,
    )
    if (known := read_record(fetched.path)) and known.model_copy(
        update={"retrieved": record.retrieved}
    ) == record:
        return known  # the file was here: its record keeps the day on which it came
    with atomic_file(path) as temporary:
        temporary.write_text(record.to_json(), encoding="utf-8")
    return record


def read_record(path: Path) -> DownloadRecord | None:
    """Return the record beside a file that was pulled; ``None`` where there is none that can be read."""
    beside = path.with_name(f"{path.name}{RECORD_SUFFIX}")
    if not beside.is_file():
        return None
    try:
        raw = parse_json(read_text(beside), where=str(beside))
        return DownloadRecord.from_mapping(raw, where=str(beside))
    except (InputError, ContractError):
        return None
