"""The only code that opens a connection, and what an HPO release consists of.

Knowledge decides diagnoses. So it comes over TLS, redirects included, and with the digest that its publisher
states; whoever wants less has to say so.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.formats.files import decode
from genopraxis.formats.identifiers import printable_text
from genopraxis.formats.plain_data import parse_json
from genopraxis.knowledge import downloads
from genopraxis.knowledge.download_assets import (
    Asset,
    Connect,
    NoAnswerError,
    StatusError,
    UnsafeAddressError,
    shown,
)
from genopraxis.knowledge.places import OFFICIAL

WANTED = ("hp.obo", "phenotype.hpoa", "genes_to_disease.txt")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMEOUT = httpx.Timeout(30.0, read=60.0)
_ATTEMPTS = downloads.ATTEMPTS
_CHUNK = 1 << 18
_LARGEST_LISTING = 4 << 20
_PLAIN = {"Accept-Encoding": "identity"}  # what is compressed on the way has no size that could be checked
_BY_HAND = "bring the files by hand with `genopraxis knowledge build hpo`"


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
        listing = parse_json(read_text(connection(insecure=insecure), address), where="")
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
        if empty := [asset.name for asset in assets if not asset.size or asset.size < 0]:
            raise ValueError(f"it states no size for {', '.join(empty)}")
        for asset in assets:
            _need_safe(asset.url, first=address, insecure=insecure)
    except StatusError as error:
        raise KnowledgeError(
            f"the release listing answered {error.status}",
            where=shown(address),
            hint=f"check the release date; or {_BY_HAND}",
        ) from error
    except _Unsafe as error:
        raise KnowledgeError(
            f"the release listing cannot be read: {error}", where=shown(address), hint=_Unsafe.hint
        ) from error
    except (NoAnswerError, *_NO_ANSWER, InputError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = error.what if isinstance(error, InputError) else str(error)
        raise KnowledgeError(
            f"the release listing cannot be read: {printable_text(reason, limit=200)}",
            where=shown(address),
            hint=f"is there a connection? Or {_BY_HAND}",
        ) from error
    if len(assets) < len(WANTED):
        missing = sorted(set(WANTED) - {a.name for a in assets})
        raise InputError(
            f"release {tag} has no {', '.join(missing)}", where=shown(address), hint="take another release"
        )
    return tag, assets


def source_text(base: str, version: str, assets: Iterable[Asset]) -> str:
    """Return where a release came from, as it is kept with it: no password, and what was not checked."""
    unverified = [asset.name for asset in assets if asset.sha256 is None]
    note = f" (unverified, no sha256 stated: {', '.join(unverified)})" if unverified else ""
    return f"{shown(base)} {version}{note}"


def fetch(
    asset: Asset,
    folder: Path,
    *,
    advance: Callable[[int], None] = lambda _: None,
    allow_unverified: bool = False,
    insecure: bool = False,
) -> Path:
    """Download one file of a release into ``folder``; see :func:`genopraxis.knowledge.downloads.fetch`.

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
            where=shown(asset.url),
            hint=f"take a newer release, or {_BY_HAND}; --allow-unverified takes it as it is",
        )
    return downloads.fetch(asset, folder, connect=connection(insecure=insecure), advance=advance).path


def connection(*, insecure: bool = False) -> Connect:
    """Return what asks servers: https only, redirects included; http too when the first address is on this machine.

    Parameters
    ----------
    insecure
        Allow http everywhere.
    """

    @contextmanager
    def connect(method: str, address: str, headers: Mapping[str, str]) -> Iterator[_Answer]:
        try:
            with (
                _client(address, insecure=insecure) as client,
                client.stream(method, address, headers=dict(headers)) as answer,
            ):
                if answer.is_error:
                    raise StatusError(answer.status_code)
                yield _Answer(answer)
        except _NO_ANSWER as error:
            raise NoAnswerError(printable_text(str(error), limit=200) or "no answer came") from error

    return connect


class _Answer:
    """An answer that has begun, for :mod:`genopraxis.knowledge.downloads`."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.headers: Mapping[str, str] = answer.headers
        self._answer = answer

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes as they were sent: what is compressed stays so."""
        return self._answer.iter_raw(_CHUNK)


_Unsafe = UnsafeAddressError
_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError)


def _client(address: str, *, insecure: bool) -> httpx.Client:
    def check(request: httpx.Request) -> None:  # called for every redirect too
        _need_safe(str(request.url), first=address, insecure=insecure)

    return httpx.Client(timeout=_TIMEOUT, follow_redirects=True, event_hooks={"request": [check]})


def read_text(connect: Connect, address: str) -> str:
    """Return a small text: a listing, or a publisher's checksums.

    Raises
    ------
    ValueError
        When it is longer than a listing can be.
    InputError
        When it is not UTF-8.
    """
    content = bytearray()
    with connect("GET", address, _PLAIN) as answer:
        for chunk in answer.chunks():
            content += chunk
            if len(content) > _LARGEST_LISTING:
                raise ValueError(f"it has more than {_LARGEST_LISTING >> 20} MiB")
    return decode(bytes(content), where="")


def _need_safe(address: str, *, first: str, insecure: bool) -> None:
    """Check an address: https, or http on this machine when the way began on this machine."""
    url = httpx.URL(address)
    allowed = url.scheme == "https" or (
        url.scheme == "http" and (insecure or (_is_here(url.host) and _is_here(httpx.URL(first).host)))
    )
    if not allowed or not url.host:
        raise _Unsafe(
            f"{printable_text(shown(address), limit=200) or 'an empty address'} is no https address"
        )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found in ipaddress.ip_network("127.0.0.0/8") or found == ipaddress.ip_address("::1")


def _size(stated: object) -> int:
    if not isinstance(stated, int) or isinstance(stated, bool):
        raise TypeError("a size is no whole number")
    return stated


def _digest(stated: object) -> str | None:
    if isinstance(stated, str) and re.fullmatch(r"sha256:[0-9a-f]{64}", stated):
        return stated.removeprefix("sha256:")
    return None
