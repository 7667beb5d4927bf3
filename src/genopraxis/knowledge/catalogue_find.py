"""Ask where a file of the catalogue is, how large it is, and what its publisher states of its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.knowledge.catalogue import Candidate, Edition, Source, Wanted, wanted_file
from genopraxis.knowledge.checksums import (
    Checksum,
    google_checksum,
    md5_in_list,
    md5_in_side_file,
    sum_in_list,
    zenodo_checksum,
)
from genopraxis.knowledge.download_assets import (
    Asset,
    Connect,
    NoAnswerError,
    StatusError,
    UnsafeAddressError,
    shown,
)
from genopraxis.knowledge.downloads import ATTEMPTS

_NOT_THERE = frozenset({401, 403, 404, 410})
_NO_HEAD = frozenset({400, 403, 405, 501})

ReadText = Callable[[Connect, str], str]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file that is there to be fetched.

    Parameters
    ----------
    unchecked
        Why nothing can be compared with it; ``None`` where its publisher states a checksum.
    """

    wanted: Wanted
    candidate: Candidate
    asset: Asset
    last_modified: datetime | None
    unchecked: str | None


@dataclass(frozen=True, kw_only=True)
class _Stated:
    size: int | None
    etag: str | None
    modified_text: str | None
    modified: datetime | None
    google: str


def find_files(
    source: Source,
    edition: Edition,
    release: str,
    chromosomes: Sequence[str | None],
    *,
    connect: Connect,
    read: ReadText,
    mirror: str | None = None,
) -> tuple[Found, ...]:
    """Ask where the files are, how large, and with which checksums.

    Parameters
    ----------
    release
        As :func:`genopraxis.knowledge.catalogue.check_release` gives it.
    connect, read
        Asks servers; reads a small text from one.
    mirror
        Replaces the publisher's root.

    Raises
    ------
    KnowledgeError
        A file is nowhere, or no server answers.
    """
    return tuple(
        _find(source, edition, wanted_file(edition, release, chromosome, mirror=mirror), connect, read)
        for chromosome in chromosomes
    )


def _find(source: Source, edition: Edition, wanted: Wanted, connect: Connect, read: ReadText) -> Found:
    for number, candidate in enumerate(wanted.candidates, start=1):
        encoding = "gzip" if candidate.published == "google-header" else "identity"
        try:
            stated = _ask(connect, candidate.url, encoding)
        except StatusError as error:
            if error.status in _NOT_THERE and number < len(wanted.candidates):
                continue
            raise KnowledgeError(
                f"{source.name} cannot be fetched: the server answered {error.status}",
                where=shown(candidate.url),
                hint=f"check release and assembly (releases look like {edition.example}); "
                "addresses change: --mirror takes another root",
            ) from error
        except (UnsafeAddressError, NoAnswerError) as error:
            raise _unreachable(source, candidate.url, error) from error
        checksum, unchecked = _checksum(source, candidate, stated, connect, read)
        if checksum and checksum.size is not None and stated.size not in {None, checksum.size}:
            raise KnowledgeError(
                f"{wanted.name} has {stated.size:,} bytes on the server, and its publisher states {checksum.size:,}",
                where=shown(candidate.url),
                hint="try again later, or leave --mirror out",
            )
        version = None if checksum else stated.etag or stated.modified_text
        asset = Asset(
            name=wanted.name,
            url=candidate.url,
            size=stated.size or (checksum.size if checksum else None),
            stated=checksum,
            version=version,
            fixed=False,
            form=edition.form,
            largest_bytes=edition.largest_bytes,
            family=source.name,
            accept_encoding=encoding,
        )
        return Found(
            wanted=wanted,
            candidate=candidate,
            asset=asset,
            last_modified=stated.modified,
            unchecked=unchecked,
        )
    raise AssertionError("every wanted file has an address")


def _ask(connect: Connect, url: str, encoding: str) -> _Stated:
    """Return what the server says of a file, without the file."""
    method = "HEAD"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with connect(method, url, {"Accept-Encoding": encoding}) as answer:
                return _stated(answer.headers)
        except StatusError as error:
            if method == "GET" or error.status not in _NO_HEAD:
                raise
            method = "GET"  # a server that does not know HEAD; the body is not read
        except NoAnswerError:
            if attempt == ATTEMPTS:
                raise
    raise NoAnswerError("no answer came")


def _stated(headers: Mapping[str, str]) -> _Stated:
    length, modified = headers.get("Content-Length", ""), headers.get("Last-Modified")
    etag = headers.get("ETag")
    try:
        date = parsedate_to_datetime(modified) if modified else None
    except ValueError:
        date = None
    return _Stated(
        size=int(length) or None if length.isascii() and length.isdigit() and len(length) < 20 else None,
        etag=etag if etag and not etag.startswith("W/") else None,  # a weak one is not of bytes
        modified_text=modified if date else None,
        modified=date.replace(tzinfo=date.tzinfo or UTC) if date else None,
        google=headers.get("x-goog-hash", ""),
    )


def _checksum(
    source: Source, candidate: Candidate, stated: _Stated, connect: Connect, read: ReadText
) -> tuple[Checksum | None, str | None]:
    """Return what the publisher states of the bytes, or why nothing is known."""
    if candidate.published == "none":
        return None, "its publisher states no checksum"
    if candidate.published == "google-header":
        found = google_checksum(stated.google)
        return found, None if found else "the server states no checksum (x-goog-hash)"
    address = candidate.checksum_url or ""
    try:
        text = read(connect, address)
    except StatusError as error:
        if error.status in _NOT_THERE:
            return None, f"the file with its checksum is not there ({shown(address)} answered {error.status})"
        raise _unreachable(source, address, error) from error
    except (UnsafeAddressError, NoAnswerError) as error:
        raise _unreachable(source, address, error) from error
    except (InputError, ValueError):
        return None, f"the file with its checksum cannot be read ({shown(address)})"
    if candidate.published == "md5-file":
        found = md5_in_side_file(text)
    elif candidate.published == "md5-list":
        found = md5_in_list(text, candidate.url.rpartition("/")[2])
    elif candidate.published == "sum-list":
        found = sum_in_list(text, candidate.url.rpartition("/")[2])
    else:
        found = zenodo_checksum(text, candidate.url.rpartition("/")[2])
    return found, None if found else f"{shown(address)} does not state its checksum"


def _unreachable(source: Source, url: str, error: Exception) -> KnowledgeError:
    hint = (
        UnsafeAddressError.hint
        if isinstance(error, UnsafeAddressError)
        else "is there a connection? The files can be brought by hand; --mirror takes another root"
    )
    return KnowledgeError(f"{source.name} cannot be fetched: {error}", where=shown(url), hint=hint)
