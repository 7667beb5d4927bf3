"""Fetch the official files of an HPO release: resumable, checked, the only code that opens a connection."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock

from genopraxis.contracts.errors import InputError, KnowledgeError, OutputError

# HPO publishes its files as assets of releases of this repository; the listing carries size and sha256.
OFFICIAL = "https://api.github.com/repos/obophenotype/human-phenotype-ontology/releases"
WANTED = ("hp.obo", "phenotype.hpoa", "genes_to_disease.txt")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMEOUT = httpx.Timeout(30.0, read=60.0)
_ATTEMPTS = 4
_CHUNK = 1 << 18
_LARGEST_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file of a release: its address, size in bytes and sha256, where the publisher states it."""

    name: str
    url: str
    size: int
    sha256: str | None


def list_release(version: str | None, *, base: str = OFFICIAL) -> tuple[str, tuple[Asset, ...]]:
    """Return the version and the wanted files of a release.

    Parameters
    ----------
    version
        ``2025-05-06``; ``None`` takes the latest.
    base
        Address of the release listing; a mirror may be named.

    Raises
    ------
    InputError
        When the version is not a date or the release lacks a file.
    KnowledgeError
        When the listing cannot be had.
    """
    if version is not None and not _DATE.fullmatch(version):
        raise InputError(
            f"{version!r} is no HPO release", hint="HPO releases are named by date, e.g. 2025-05-06"
        )
    address = f"{base}/latest" if version is None else f"{base}/tags/v{version}"
    try:
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
            answer = client.get(address)
            answer.raise_for_status()
            listing: dict[str, Any] = answer.json()
        found = {str(a["name"]): a for a in listing["assets"]}
        assets = tuple(
            Asset(
                name=name,
                url=str(found[name]["browser_download_url"]),
                size=int(found[name]["size"]),
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
    except httpx.HTTPStatusError as error:
        raise KnowledgeError(
            f"the release listing answered {error.response.status_code}",
            where=address,
            hint="check the release date; or bring the files by hand with `genopraxis knowledge build hpo`",
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KnowledgeError(
            f"the release listing cannot be read: {error}",
            where=address,
            hint="is there a connection? Or bring the files by hand with `genopraxis knowledge build hpo`",
        ) from error
    if len(assets) < len(WANTED):
        missing = sorted(set(WANTED) - {a.name for a in assets})
        raise InputError(
            f"release {tag} has no {', '.join(missing)}", where=address, hint="take another release"
        )
    return tag, assets


def fetch(asset: Asset, folder: Path, *, advance: Callable[[int], None] = lambda _: None) -> Path:
    """Download one file into ``folder``, going on from where an earlier attempt stopped.

    The file gets its name only when size and sha256 are right; until then it is ``<name>.part``.

    Parameters
    ----------
    advance
        Called with the number of bytes received, for a progress bar.

    Raises
    ------
    KnowledgeError
        When the file cannot be had, or is not what the publisher states.
    OutputError
        When the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{asset.name}.lock"):
            return _fetch(asset, folder, advance)
    except OSError as error:
        raise OutputError(
            f"the download cannot be kept: {error.strerror or error}",
            where=str(folder),
            hint="set GENOPRAXIS_DATA to a writable folder",
        ) from error


def _fetch(asset: Asset, folder: Path, advance: Callable[[int], None]) -> Path:
    target, part = folder / asset.name, folder / f"{asset.name}.part"
    if target.is_file() and _right(target, asset):
        advance(asset.size)
        return target
    if asset.size > _LARGEST_BYTES:
        raise KnowledgeError(
            f"{asset.name} is said to have {asset.size:,} bytes, which no HPO file has", where=asset.url
        )
    problem: Exception | None = None
    for _ in range(_ATTEMPTS):
        try:
            _receive(asset, part, advance)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = error  # what has come so far is kept; the next attempt asks for the rest
            continue
        if part.stat().st_size < asset.size:  # an end without an error, where the server states no length
            problem = KnowledgeError("the connection ended early")
            continue
        if _right(part, asset):
            part.replace(target)
            return target
        part.unlink()
        problem = KnowledgeError("its size or sha256 is not what the publisher states")
    raise KnowledgeError(
        f"{asset.name} cannot be fetched: {problem}",
        where=asset.url,
        hint="run the same command again to go on",
    ) from problem


def _receive(asset: Asset, part: Path, advance: Callable[[int], None]) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > asset.size:
        part.unlink()
        have = 0
    if have == asset.size:
        return
    headers = (
        {"Range": f"bytes={have}-", "Accept-Encoding": "identity"}
        if have
        else {"Accept-Encoding": "identity"}
    )
    with (
        httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client,
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
            for chunk in answer.iter_bytes(_CHUNK):
                size += len(chunk)
                if size > asset.size:
                    break
                handle.write(chunk)
                advance(len(chunk))
    if size > asset.size:
        part.unlink()
        raise httpx.DecodingError("more bytes came than the publisher states")


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
