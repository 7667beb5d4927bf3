"""A reference genome in a FASTA file, read contig by contig as arrays of upper-case bases."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import numpy as np
import pysam
from numpy.typing import NDArray
from pysam.utils import SamtoolsError

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import canonical_name
from genopraxis.formats.fasta_kernels import AMBIGUOUS, BASES, INVALID, KINDS, LOWER, clean_bases, count_kind

__all__ = ["ContigCounts", "Genome"]

_SLICE = 1 << 24
_GZIP_MAGIC = b"\x1f\x8b"
# pysam's samtools shares C state, and htslib's verbosity is global
_HTSLIB = threading.Lock()


@dataclass(frozen=True, kw_only=True, slots=True)
class ContigCounts:
    """What was changed in one contig: bases in lower case, and IUPAC codes other than N, which became N."""

    lower_case: int
    ambiguous: int


class Genome:
    """A FASTA file, plain or bgzip, with or without an index.

    An index that is missing is built in ``index_folder``, or else in a private temporary folder that goes with
    this object; nothing is ever written beside the file. The object may be shared by threads.

    Parameters
    ----------
    path
        The FASTA file.
    index_folder
        Where indexes are kept from run to run, by path, size and time of the FASTA; made when missing.
    keep
        Number of contigs that stay in memory, one byte a base.

    Raises
    ------
    InputError
        Missing, unreadable, not a FASTA, gzip instead of bgzip, or two contigs with one canonical name.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, index_folder: Path | None = None, keep: int = 2
    ) -> None:
        self.path = Path(path)
        self._keep = max(1, keep)
        self._lock = threading.RLock()
        self._sequences: OrderedDict[str, NDArray[np.uint8]] = OrderedDict()
        self._counts: dict[str, ContigCounts] = {}
        self._file = _open_indexed(self, self.path, index_folder)
        names: dict[str, str] = {}
        for name, length in zip(self._file.references, self._file.lengths, strict=True):
            chrom = canonical_name(name, length=length)
            if chrom in names:
                raise InputError(
                    f"the contigs {names[chrom]!r} and {name!r} are both {chrom}",
                    where=str(self.path),
                    hint="keep one of them",
                )
            names[chrom] = name
        self.names: Mapping[str, str] = MappingProxyType(names)
        """Name in the file of each contig, by canonical name, in the order of the file."""
        self.contigs: Mapping[str, int] = MappingProxyType(dict(zip(names, self._file.lengths, strict=True)))
        """Length in bases of each contig, by canonical name."""

    @property
    def counts(self) -> Mapping[str, ContigCounts]:
        """What was changed in each contig that has been read as a whole, by canonical name."""
        return MappingProxyType(dict(self._counts))

    def sequence(self, chrom: str) -> NDArray[np.uint8]:
        """Return a whole contig as upper-case ASCII codes of ``ACGTN``, read-only; index 0 is position 1.

        Raises
        ------
        InputError
            When the contig is not there, or the file does not fit its index.
        """
        with self._lock:
            if (known := self._sequences.get(chrom)) is not None:
                self._sequences.move_to_end(chrom)
                return known
            length = self._length(chrom)
            while len(self._sequences) >= self._keep:
                self._sequences.popitem(last=False)
            bases = np.empty(length, np.uint8)
            lower = ambiguous = 0
            for start in range(0, length, _SLICE):
                stop = min(length, start + _SLICE)
                found = self._clean(chrom, start, stop, bases[start:stop])
                lower += found.lower_case
                ambiguous += found.ambiguous
            bases.flags.writeable = False
            self._sequences[chrom] = bases
            self._counts[chrom] = ContigCounts(lower_case=lower, ambiguous=ambiguous)
            return bases

    def fetch(self, chrom: str, start: int, end: int) -> bytes:
        """Return the upper-case bases of ``[start, end)``, 0-based and half-open.

        Raises
        ------
        InputError
            When the contig is not there or the interval is not within it.
        """
        length = self._length(chrom)
        if not 0 <= start <= end <= length:
            raise InputError(
                f"the interval {start}–{end} (0-based) is not within contig {chrom}, which has {length} bases",
                where=str(self.path),
                hint="is it the right assembly?",
            )
        with self._lock:
            if (known := self._sequences.get(chrom)) is not None:
                return known[start:end].tobytes()
            part = np.empty(end - start, np.uint8)
            self._clean(chrom, start, end, part)
            return part.tobytes()

    def close(self) -> None:
        """Close the file and forget its sequences."""
        with self._lock:
            self._sequences.clear()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _length(self, chrom: str) -> int:
        length = self.contigs.get(chrom)
        if length is None:
            some = ", ".join(list(self.contigs)[:5]) or "none"
            raise InputError(
                f"has no contig {chrom!r} (it has {len(self.contigs)}: {some}{', …' if len(self.contigs) > 5 else ''})",
                where=str(self.path),
                hint="give the FASTA of the assembly that the variants are on",
            )
        return length

    def _raw(self, chrom: str, start: int, end: int) -> NDArray[np.uint8]:
        try:
            text = self._file.fetch(self.names[chrom], start, end).encode("latin-1")
        except (OSError, ValueError, UnicodeError) as error:
            raise self._unfit(chrom) from error
        if len(text) != end - start:
            raise self._unfit(chrom)
        return np.frombuffer(text, np.uint8)

    def _clean(self, chrom: str, start: int, end: int, into: NDArray[np.uint8]) -> ContigCounts:
        raw = self._raw(chrom, start, end)
        seen = clean_bases(raw, BASES, KINDS, into)
        if seen & INVALID:
            raise self._unfit(chrom)
        return ContigCounts(
            lower_case=count_kind(raw, KINDS, LOWER) if seen & LOWER else 0,
            ambiguous=count_kind(raw, KINDS, AMBIGUOUS) if seen & AMBIGUOUS else 0,
        )

    def _unfit(self, chrom: str) -> InputError:
        return InputError(
            f"contig {chrom} cannot be read: it is damaged or truncated, holds what is no base, or the index is of "
            "another file",
            where=str(self.path),
            hint="make the index again with `samtools faidx`, or fetch the FASTA again",
        )


def _open_indexed(owner: Genome, path: Path, index_folder: Path | None) -> pysam.FastaFile:
    try:
        with path.open("rb") as stream:
            start = stream.read(18)
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", where=str(path), hint="check the path and its permissions"
        ) from error
    if not start:
        raise InputError("the file is empty", where=str(path), hint="check how it was made or copied")
    compressed = start.startswith(_GZIP_MAGIC)
    if compressed and start[12:14] != b"BC":
        raise InputError(
            "is compressed with gzip, which does not let a part be read",
            where=str(path),
            hint="`gzip -dc FILE | bgzip > NEW.fa.gz` makes one that does",
        )
    if not compressed and not start.startswith((b">", b";")):
        raise InputError("is not a FASTA file: it does not begin with '>'", where=str(path))
    fai, gzi = Path(f"{path}.fai"), Path(f"{path}.gzi")
    if not fai.is_file() or (compressed and not gzi.is_file()):
        fai, gzi = _built_index(owner, path, index_folder, compressed=compressed)
    try:
        return pysam.FastaFile(
            str(path), filepath_index=str(fai), filepath_index_compressed=str(gzi) if compressed else None
        )
    except (OSError, ValueError) as error:
        raise InputError(
            "cannot be opened with its index",
            where=str(path),
            hint="make the index again with `samtools faidx`",
        ) from error


def _built_index(
    owner: Genome, path: Path, index_folder: Path | None, *, compressed: bool
) -> tuple[Path, Path]:
    if index_folder is None:
        folder = Path(tempfile.mkdtemp(prefix="genopraxis-"))
        weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    else:
        folder = index_folder
        folder.mkdir(parents=True, exist_ok=True)
    about = path.stat()
    identity = f"{path.resolve()}\n{about.st_size}\n{about.st_mtime_ns}"
    stem = hashlib.sha256(os.fsencode(identity)).hexdigest()[:24]
    fai, gzi = folder / f"{stem}.fai", folder / f"{stem}.gzi"
    if fai.is_file() and (not compressed or gzi.is_file()):
        return fai, gzi
    draft = folder / f".{stem}.{secrets.token_hex(6)}"
    drafts = (draft.with_suffix(".fai"), draft.with_suffix(".gzi"))
    options = ["--fai-idx", str(drafts[0])]
    if compressed:
        options += ["--gzi-idx", str(drafts[1])]
    try:
        with _HTSLIB:
            verbosity = pysam.set_verbosity(0)
            try:
                pysam.faidx(*options, str(path), catch_stdout=False)
            finally:
                pysam.set_verbosity(verbosity)
        if compressed:
            drafts[1].replace(gzi)
        drafts[0].replace(fai)
    except (SamtoolsError, OSError) as error:
        raise InputError(
            "cannot be indexed: it is truncated, or its lines have different lengths",
            where=str(path),
            hint="fetch it again; `samtools faidx FILE` names the line",
        ) from error
    finally:
        for left in drafts:
            left.unlink(missing_ok=True)
    return fai, gzi
