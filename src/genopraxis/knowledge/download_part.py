"""The part of a file that has come so far: on disk, in its sums, and judged by its first bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from genopraxis.knowledge.checksums import Sums
from genopraxis.knowledge.download_assets import Asset
from genopraxis.knowledge.file_forms import HEAD_BYTES, wrong_end, wrong_start

_BLOCK = 1 << 20


class Part:
    """What has come so far, on disk and in the sums."""

    def __init__(self, path: Path, asset: Asset) -> None:
        self.path, self._asset = path, asset
        self._new()
        if path.exists():
            if asset.resumable:
                with path.open("rb") as handle:
                    while block := handle.read(_BLOCK):
                        self._take(block)
            else:
                path.unlink()

    def _new(self) -> None:
        checksum = self._asset.checksum
        self.sums = Sums([checksum.algorithm] if checksum else [])
        self._head = b""

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self.sums.size

    def restart(self) -> int:
        """Throw away what has come; return how much it was."""
        lost = self.size
        self.path.unlink(missing_ok=True)
        self._new()
        return lost

    def write(self, chunks: Iterator[bytes], advance: Callable[[int], None]) -> None:
        """Keep what comes, until it is more or something else than it may be."""
        asset = self._asset
        limit = asset.largest_bytes if asset.size is None else asset.size
        with self.path.open("ab" if self.size else "wb") as handle:
            for chunk in chunks:
                if self.size + len(chunk) > limit:
                    raise TooLongError
                handle.write(chunk)
                self._take(chunk)
                advance(len(chunk))
                if self._reached_head:
                    self._check_start()

    def _take(self, chunk: bytes) -> None:
        known = len(self._head)
        self._head += chunk[: HEAD_BYTES - known]
        self._reached_head = known < HEAD_BYTES <= len(self._head)
        self.sums.update(chunk)

    def _check_start(self) -> None:
        if self._asset.form and (reason := wrong_start(self._head, self._asset.form)):
            raise OtherThingError(reason)

    def wrong(self) -> str | None:
        """Return why these bytes are not the file, or ``None``."""
        asset, checksum = self._asset, self._asset.checksum
        if self.size == 0:
            return "it is empty"
        self._check_start()
        if (asset.size is not None and self.size != asset.size) or (
            checksum is not None and not self.sums.agree(checksum)
        ):
            kind = checksum.algorithm if checksum else "checksum"
            return f"its size or {kind} is not what the publisher states"
        # what no checksum vouches for must at least end as a whole file does
        return None if checksum or asset.form is None else wrong_end(self.path, asset.form)


class TooLongError(Exception):
    """More bytes come than may come."""


class OtherThingError(Exception):
    """The bytes are those of something else, a sign-in page for example; another attempt brings the same."""
