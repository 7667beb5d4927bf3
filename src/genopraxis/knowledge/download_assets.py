"""What is asked for, and who answers: the words that downloads and connections share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from genopraxis.knowledge.checksums import Checksum
from genopraxis.knowledge.file_forms import Form


class Answer(Protocol):
    """The begin of what a server sends."""

    @property
    def status(self) -> int:
        """200 or 206; other answers are errors, or were followed."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers; any case of their names finds them."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes as they were sent."""


class Connect(Protocol):
    """Asks a server, redirects included, and never an address that is not allowed."""

    def __call__(
        self, method: str, address: str, headers: Mapping[str, str]
    ) -> AbstractContextManager[Answer]:
        """Raise :class:`UnsafeAddressError`, :class:`StatusError` or :class:`NoAnswerError`."""


class UnsafeAddressError(Exception):
    """An address that may not be asked; the text says why."""

    hint = "--insecure allows http; whoever is on the way can change such an answer"


class StatusError(Exception):
    """The server refused."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the server answered {status}")


class NoAnswerError(Exception):
    """No answer, or one that ended early: what has come is kept, and the rest is asked for."""


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file: its address, and what is known of it before it comes.

    Parameters
    ----------
    size
        Bytes; ``None`` where nobody states them.
    sha256
        As the publisher states it; or ``stated``, a checksum of another kind.
    version
        ``ETag`` or ``Last-Modified``: what tells this file from its next release where no checksum does.
    fixed
        Without checksum and version: the address always gives the same bytes, so that a part may be gone on with.
    form
        What its bytes must look like.
    largest_bytes
        More is not taken, whoever states it.
    family
        What the file is one of, for messages.
    """

    name: str
    url: str
    size: int | None
    sha256: str | None = None
    stated: Checksum | None = None
    version: str | None = None
    fixed: bool = True
    form: Form | None = None
    largest_bytes: int = 1 << 30
    family: str = "HPO"
    accept_encoding: str = "identity"  # what is compressed on the way has no size that could be checked

    @property
    def checksum(self) -> Checksum | None:
        """What its bytes are compared with."""
        return Checksum(algorithm="sha256", value=self.sha256) if self.sha256 else self.stated

    @property
    def resumable(self) -> bool:
        """Whether a part of it can be told from a part of another file."""
        return self.fixed or self.checksum is not None or self.version is not None


def shown(address: str) -> str:
    """Return an address without what may be secret: user, password, query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "an address that cannot be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
