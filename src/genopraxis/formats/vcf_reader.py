"""A VCF or BCF as a stream of batches: unpacked and parsed in threads, memory bounded by the batch."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from genopraxis.contracts.errors import InputError
from genopraxis.formats.vcf_batches import TOO_LONG, StoppedError, VcfBatch, parse_batch
from genopraxis.formats.vcf_blocks import DamagedError, Packing, map_threads, packing_of, text_pieces
from genopraxis.formats.vcf_header import parse_header
from genopraxis.formats.vcf_kernels import BAD_POSITION, HEADER_LINE, NUL, TOO_FEW, TOO_MANY
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = ["LINE_LIMIT", "VcfReader", "read_batches"]

LINE_LIMIT = 64 * 1024**2
BATCH_BYTES = 2 * 1024**2

_START = 1 << 16
_STOPS = {
    TOO_FEW: "has fewer columns than the header names",
    TOO_MANY: "has more columns than the header names",
    BAD_POSITION: "has a POS that is no position",
    NUL: "holds NUL bytes: this is not text",
    HEADER_LINE: "is a header line among the records",
}
_HINTS = {
    TOO_FEW: "columns are separated by tabs; is the file cut off?",
    TOO_MANY: "does the #CHROM line name every sample?",
    BAD_POSITION: "POS is a whole number, 1-based; is the file sorted by column, or damaged?",
    NUL: "copy or download the file again",
    HEADER_LINE: "were files joined? `bcftools concat` joins them soundly",
}


class VcfReader:
    """A VCF or BCF, open for one pass.

    Parameters
    ----------
    path
        A regular file: plain, gzip, bgzip or BCF, told by its bytes.
    threads
        Threads that unpack and parse; 1 does all of it in the caller's.
    batch_bytes
        Text of one batch, about; a batch holds at least one line. Memory is some ``threads + 3`` batches.
    line_limit
        Longest line in bytes.

    Attributes
    ----------
    header : VcfHeader
    packing : str
        ``plain``, ``gzip``, ``bgzip`` or ``bcf``.
    n_records : int
        Records given out so far.
    in_order : bool
        Whether all records so far were sorted by position, each contig in one piece.
    repairs : VcfRepairs
        Repairs so far, those of the header included.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        threads: int = 1,
        batch_bytes: int = BATCH_BYTES,
        line_limit: int = LINE_LIMIT,
    ) -> None:
        self.path = os.fspath(path)
        self._threads = max(1, threads)
        self._batch_bytes = max(1, batch_bytes)
        self._line_limit = line_limit
        self._stream = _opened(self.path)
        try:
            start = self._stream.read(_START)
            self._stream.seek(0)
            self.packing: Packing = packing_of(start)
            self._pieces = text_pieces(
                self._stream, path=self.path, packing=self.packing, threads=self._threads
            )
            with _located(self.path, "within the header"):
                header_text, self._rest = _split_header(self._pieces, limit=self._line_limit, where=self.path)
            lines = (line + b"\n" for line in header_text.removesuffix(b"\n").split(b"\n") if header_text)
            self.header = parse_header(lines, where=self.path)
        except BaseException:
            self.close()
            raise
        self.n_records = 0
        self.in_order = True
        self.repairs = self.header.repairs
        self._lines = self.header.n_lines
        self._seen: set[str] = set()
        self._last: tuple[str, int, bytes] = ("", 0, b"")

    def __iter__(self) -> Iterator[VcfBatch]:
        with closing(map_threads(self._parse, self._texts(), threads=self._threads)) as parsed:
            while True:
                try:
                    batch, lines = next(parsed)
                except StopIteration:
                    return
                except StoppedError as stop:
                    raise self._stopped(stop) from None
                except DamagedError as error:
                    raise InputError(
                        error.what, where=f"{self.path}, line {self._lines + 1}", hint=error.hint
                    ) from error
                batch = replace(
                    batch, first_record=self.n_records, lines=batch.lines + np.int64(self._lines + 1)
                )
                self._lines += lines
                self.n_records += len(batch)
                self.repairs += batch.repairs
                self._follow(batch)
                if len(batch):
                    yield batch

    @property
    def bytes_read(self) -> int:
        """Bytes of the file, as it is packed, that have been read so far."""
        return self._stream.tell() if not self._stream.closed else Path(self.path).stat().st_size

    def close(self) -> None:
        """Close the file and end its threads."""
        if (pieces := getattr(self, "_pieces", None)) is not None and hasattr(pieces, "close"):
            pieces.close()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _texts(self) -> Iterator[bytes]:
        """Yield whole lines, about ``batch_bytes`` at a time."""
        waiting: list[bytes] = []
        size = begun = 0  # bytes that wait, and bytes since the last line end
        try:
            for piece in self._small_pieces():
                waiting.append(piece)
                size += len(piece)
                last = piece.rfind(b"\n")
                begun = begun + len(piece) if last < 0 else len(piece) - last - 1
                too_long = begun > self._line_limit
                if not too_long and (size < self._batch_bytes or last < 0):
                    continue
                text = b"".join(waiting)
                cut = text.rfind(b"\n") + 1
                if cut:
                    yield text[:cut]
                if too_long:
                    raise StoppedError(TOO_LONG, 0)
                waiting, size = [text[cut:]], len(text) - cut
        except DamagedError:
            # what the file was cut off within is no line
            text = b"".join(waiting)
            if cut := text.rfind(b"\n") + 1:
                yield text[:cut]
            raise
        if text := b"".join(waiting):
            yield text if text.endswith(b"\n") else text + b"\n"

    def _small_pieces(self) -> Iterator[bytes]:
        rest, self._rest = self._rest, b""
        for piece in chain((rest,), self._pieces):
            for start in range(0, len(piece), self._batch_bytes):
                yield piece[start : start + self._batch_bytes]

    def _parse(self, text: bytes) -> tuple[VcfBatch, int]:
        return parse_batch(text, header=self.header, source=self.path, line_limit=self._line_limit)

    def _stopped(self, stop: StoppedError) -> InputError:
        line = self._lines + stop.line + 1
        if stop.reason == TOO_LONG:
            return InputError(
                f"line {line} is longer than {self._line_limit / 1024**2:g} MiB",
                where=self.path,
                hint="one record a line is expected; is this the right file?",
            )
        return InputError(f"line {line} {_STOPS[stop.reason]}", where=self.path, hint=_HINTS[stop.reason])

    def _follow(self, batch: VcfBatch) -> None:
        """Look at a batch beside those before it: whether the order is kept and the last record repeated."""
        if not len(batch):
            return
        names = batch.chrom_names  # in the order of their first use
        last, position, _ = before = self._last
        if batch.place(0) == before:
            self.repairs += VcfRepairs({"repeated_record": 1})
        self.in_order = (
            self.in_order
            and batch.in_order
            and not any(name in self._seen and name != last for name in names)
            and (last not in names or (names[0] == last and int(batch.positions[0]) >= position))
        )
        self._seen.update(names)
        self._last = batch.place(len(batch) - 1)


def read_batches(path: str | os.PathLike[str], *, threads: int = 1) -> Generator[VcfBatch]:
    """Yield the batches of a file and close it; :class:`VcfReader` gives header and counts beside them."""
    with VcfReader(path, threads=threads) as reader:
        yield from reader


def _split_header(pieces: Iterator[bytes], *, limit: int, where: str) -> tuple[bytes, bytes]:
    """Return the lines up to the first that does not begin with ``#``, and what was read beyond."""
    text = bytearray()
    line = 0  # where the line that is looked at begins
    for piece in pieces:
        text += piece
        while (end := text.find(b"\n", line)) >= 0:
            first = bytes(text[line : line + 2])
            line = end + 1
            if first[:1] == b"#" and first != b"##":
                return bytes(text[:line]), bytes(text[line:])
            if first[:1] not in (b"#", b"\r", b"\n", b"\xef"):
                return bytes(text[:line]), b""  # the parser says what is wrong
        if len(text) > limit:
            raise InputError(
                f"the header is longer than {limit / 1024**2:g} MiB", where=where, hint="is this a VCF?"
            )
    return bytes(text), b""


@contextmanager
def _located(path: str, place: str) -> Iterator[None]:
    try:
        yield
    except DamagedError as error:
        raise InputError(f"{error.what} ({place})", where=path, hint=error.hint) from error


def _opened(path: str) -> IO[bytes]:
    file = Path(path)
    try:
        if file.exists() and not file.is_file():
            kind = "a folder" if file.is_dir() else "not a regular file"
            raise InputError(f"is {kind}", where=path, hint="give the path of one file")
        return file.open("rb")
    except FileNotFoundError as error:
        raise InputError("no such file", where=path, hint="check the path and its spelling") from error
    except (OSError, ValueError) as error:
        raise InputError("cannot be opened", where=path, hint="check the path and its permissions") from error
