"""Fetch the official files of an HPO release: resumable, checked, the only code that opens a connection.

Knowledge decides diagnoses. So it comes over TLS, redirects included, and with the digest that its publisher
states; whoever wants less has to say so.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from filelock import FileLock

from genopraxis.contracts.errors import InputError, KnowledgeError, OutputError
from genopraxis.formats.files import decode
from genopraxis.formats.identifiers import printable_text
from genopraxis.formats.plain_data import parse_json
from genopraxis.knowledge.places import OFFICIAL

WANTED = ("hp.obo", "phenotype.hpoa", "genes_to_disease.txt")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMEOUT = httpx.Timeout(30.0, read=60.0)
_ATTEMPTS = 4
_CHUNK = 1 << 18
_LARGEST_BYTES = 1 << 30
_LARGEST_LISTING = 4 << 20
_PLAIN = {"Accept-Encoding": "identity"}  # what is compressed on the way has no size that could be checked
_BY_HAND = "bring the files by hand with `genopraxis knowledge build hpo`"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file of a release: its address, size in bytes and sha256, where the publisher states it."""

    name: str
    url: str
    size: int
    sha256: str | None


def list_release(
    version: str | None, *, base: str = OFFICIAL, insecure: bool = False
) -> tuple[str, tuple[Asset, ...]]:
    """Return the version and the wanted files of a release.

    Parameters
    ----------
    version
        ``2025-05-06``; ``None`` takes the latest.
    base
        Address of the release listing; a mirror may be named. Only https is used; http too when ``base`` is on
        this machine.
    insecure
        Allow http everywhere.

    Raises
    ------
    InputError
        When the version is not a date or the release lacks a file.
    KnowledgeError
        When the listing cannot be had, or leads to an address that is not allowed.
    """
    if version is not None and not _DATE.fullmatch(version):
        raise InputError(
            f"{version!r} is no HPO release", hint="HPO releases are named by date, e.g. 2025-05-06"
        )
    address = f"{base}/latest" if version is None else f"{base}/tags/v{version}"
    try:
        listing = _listing(address, insecure=insecure)
        found = {str(a["name"]): a for a in listing["assets"]}
        assets = tuple(
            Asset(
                name=name,
                url=str(found[name]["browser_download_url"]),
                size=_size(found[name]["size"]),
                sha256=_digest(found[name].get("digest")),
            )
            for name in WANTED
            if name in found
        )
        tag = str(listing["tag_name"]).removeprefix("v")
        # the tag becomes part of a path, so a mirror may not choose it freely
        if not _DATE.fullmatch(tag) or tag != (version or tag):
            raise ValueError(f"it describes release {tag!r}")
        if empty := [asset.name for asset in assets if asset.size <= 0]:
            raise ValueError(f"it states no size for {', '.join(empty)}")
        for asset in assets:
            _need_safe(asset.url, first=address, insecure=insecure)
    except httpx.HTTPStatusError as error:
        raise KnowledgeError(
            f"the release listing answered {error.response.status_code}",
            where=_shown(address),
            hint=f"check the release date; or {_BY_HAND}",
        ) from error
    except _Unsafe as error:
        raise KnowledgeError(
            f"the release listing cannot be read: {error}", where=_shown(address), hint=_Unsafe.hint
        ) from error
    except (*_NO_ANSWER, InputError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = error.what if isinstance(error, InputError) else str(error)
        raise KnowledgeError(
            f"the release listing cannot be read: {printable_text(reason, limit=200)}",
            where=_shown(address),
            hint=f"is there a connection? Or {_BY_HAND}",
        ) from error
    if len(assets) < len(WANTED):
        missing = sorted(set(WANTED) - {a.name for a in assets})
        raise InputError(
            f"release {tag} has no {', '.join(missing)}", where=_shown(address), hint="take another release"
        )
    return tag, assets


def source_text(base: str, version: str, assets: Iterable[Asset]) -> str:
    """Return where a release came from, as it is kept with it: no password, and what was not checked."""
    unverified = [asset.name for asset in assets if asset.sha256 is None]
    note = f" (unverified, no sha256 stated: {', '.join(unverified)})" if unverified else ""
    return f"{_shown(base)} {version}{note}"


def fetch(
    asset: Asset,
    folder: Path,
    *,
    advance: Callable[[int], None] = lambda _: None,
    allow_unverified: bool = False,
    insecure: bool = False,
) -> Path:
    """Download one file into ``folder``, going on from where an earlier attempt stopped.

    The file gets its name only when size and sha256 are right; until then it is a ``.part`` whose name belongs
    to this address and digest, so that the part of another mirror or file is never gone on with.

    Parameters
    ----------
    asset
        The file, as :func:`list_release` gives it.
    folder
        Where it is kept.
    advance
        Called with the number of bytes received, for a progress bar.
    allow_unverified
        Take a file for which the publisher states no sha256; its size alone is checked then.
    insecure
        Allow http, not only https; on this machine http is always allowed.

    Raises
    ------
    KnowledgeError
        When the file cannot be had, or is not what the publisher states, or states no digest.
    OutputError
        When the folder cannot be written to.
    """
    if asset.sha256 is None and not allow_unverified:
        raise KnowledgeError(
            f"the publisher states no sha256 for {asset.name}, so it cannot be checked",
            where=_shown(asset.url),
            hint=f"take a newer release, or {_BY_HAND}; --allow-unverified takes it as it is",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{asset.name}.lock"):
            return _fetch(asset, folder, advance, insecure=insecure)
    except OSError as error:
        raise OutputError(
            f"the download cannot be kept: {error.strerror or error}",
            where=str(folder),
            hint="set GENOPRAXIS_DATA to a writable folder",
        ) from error


def _fetch(asset: Asset, folder: Path, advance: Callable[[int], None], *, insecure: bool) -> Path:
    key = hashlib.sha256(f"{_shown(asset.url)} {asset.sha256} {asset.size}".encode()).hexdigest()[:16]
    target, part = folder / asset.name, folder / f"{asset.name}.{key}.part"
    # without a digest, nothing tells the file that is here from any other of its size
    if asset.sha256 is not None and target.is_file() and _right(target, asset):
        advance(asset.size)
        return target
    if asset.size > _LARGEST_BYTES:
        raise KnowledgeError(
            f"{asset.name} is said to have {asset.size:,} bytes, which no HPO file has",
            where=_shown(asset.url),
        )
    problem: Exception | None = None
    for _ in range(_ATTEMPTS):
        try:
            _receive(asset, part, advance, insecure=insecure)
        except _Unsafe as error:
            raise KnowledgeError(
                f"{asset.name} cannot be fetched: {error}", where=_shown(asset.url), hint=_Unsafe.hint
            ) from error
        except _NO_ANSWER as error:
            problem = error  # what has come so far is kept; the next attempt asks for the rest
            continue
        if part.stat().st_size < asset.size:  # an end without an error, where the server states no length
            problem = KnowledgeError("the connection ended early")
            continue
        if _right(part, asset):
            part.replace(target)
            for other in folder.glob(f"{asset.name}.*.part"):  # of other addresses: nobody goes on with them
                other.unlink(missing_ok=True)
            return target
        part.unlink()
        problem = KnowledgeError("its size or sha256 is not what the publisher states")
    raise KnowledgeError(
        f"{asset.name} cannot be fetched: {_reason(problem)}",
        where=_shown(asset.url),
        hint="run the same command again to go on",
    ) from problem


def _receive(asset: Asset, part: Path, advance: Callable[[int], None], *, insecure: bool) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > asset.size:
        part.unlink()
        have = 0
    if have == asset.size:
        return
    headers = _PLAIN | {"Range": f"bytes={have}-"} if have else _PLAIN
    with (
        _client(asset.url, insecure=insecure) as client,
        client.stream("GET", asset.url, headers=headers) as answer,
    ):
        answer.raise_for_status()
        if answer.status_code == httpx.codes.PARTIAL_CONTENT and not answer.headers.get(
            "Content-Range", ""
        ).startswith(f"bytes {have}-"):
            part.unlink(missing_ok=True)
            raise httpx.RemoteProtocolError("another part of the file came than was asked for")
        # a server that ignores the range sends the whole file: begin again
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        size = have if resumed else 0
        if resumed:
            advance(have)
        with part.open("ab" if resumed else "wb") as handle:
            for chunk in answer.iter_raw(_CHUNK):
                size += len(chunk)
                if size > asset.size:
                    break
                handle.write(chunk)
                advance(len(chunk))
    if size > asset.size:
        part.unlink()
        raise httpx.DecodingError("more bytes came than the publisher states")


class _Unsafe(Exception):  # noqa: N818 - it is caught, never shown
    """An address that may not be asked; the text says why."""

    hint = "--insecure allows http; whoever is on the way can change such an answer"


_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError)


def _client(address: str, *, insecure: bool) -> httpx.Client:
    def check(request: httpx.Request) -> None:  # called for every redirect too
        _need_safe(str(request.url), first=address, insecure=insecure)

    return httpx.Client(timeout=_TIMEOUT, follow_redirects=True, event_hooks={"request": [check]})


def _listing(address: str, *, insecure: bool) -> Any:
    content = bytearray()
    with (
        _client(address, insecure=insecure) as client,
        client.stream("GET", address, headers=_PLAIN) as answer,
    ):
        answer.raise_for_status()
        for chunk in answer.iter_raw(_CHUNK):
            content += chunk
            if len(content) > _LARGEST_LISTING:
                raise ValueError(f"it has more than {_LARGEST_LISTING >> 20} MiB")
    return parse_json(decode(bytes(content), where=""), where="")


def _need_safe(address: str, *, first: str, insecure: bool) -> None:
    """Check an address: https, or http on this machine when the way began on this machine."""
    url = httpx.URL(address)
    allowed = url.scheme == "https" or (
        url.scheme == "http" and (insecure or (_is_here(url.host) and _is_here(httpx.URL(first).host)))
    )
    if not allowed or not url.host:
        raise _Unsafe(
            f"{printable_text(_shown(address), limit=200) or 'an empty address'} is no https address"
        )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found in ipaddress.ip_network("127.0.0.0/8") or found == ipaddress.ip_address("::1")


def _shown(address: str) -> str:
    """Return an address without what may be secret: user, password, query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "an address that cannot be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _reason(problem: Exception | None) -> str:
    if isinstance(problem, httpx.HTTPStatusError):  # its text has the whole address
        return f"the server answered {problem.response.status_code}"
    return printable_text(str(problem), limit=200)


def _size(stated: object) -> int:
    if not isinstance(stated, int) or isinstance(stated, bool):
        raise TypeError("a size is no whole number")
    return stated


def _right(path: Path, asset: Asset) -> bool:
    if path.stat().st_size != asset.size:
        return False
    if asset.sha256 is None:
        return True
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == asset.sha256


def _digest(stated: object) -> str | None:
    if isinstance(stated, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", stated):
        return stated.removeprefix("sha256:")
    return None
