"""Checksums as publishers state them, and the sums of bytes that they are compared with.

One reader for each form: a list or a side file of MD5 sums (NCBI, GENCODE, UCSC, CADD), Ensembl's ``CHECKSUMS`` (BSD
``sum``), the ``x-goog-hash`` header of Google Cloud Storage, and the file list of a Zenodo record. A checksum is read
or it is missing; it is never guessed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.formats.plain_data import parse_json

Algorithm = Literal["sha256", "md5", "crc32c", "sum"]

_MD5_LINE = re.compile(r"\\?([0-9A-Fa-f]{32})(?:\s+\*?(\S.*?))?\s*")
_MD5_BSD_LINE = re.compile(r"MD5 ?\((.+)\) ?= ?([0-9A-Fa-f]{32})\s*")
_SUM_LINE = re.compile(r"([0-9]{1,5})\s+([0-9]{1,12})\s+(\S+)\s*")
_SUM_BLOCK = 1024


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """What a publisher states of a file's bytes.

    Parameters
    ----------
    algorithm
        ``sum`` is the 16-bit checksum of BSD with the number of 1,024-byte blocks; it finds accidents, nothing else.
    value
        Hexadecimal digits; for ``sum`` the checksum and the blocks, as ``02333 105838``.
    file
        Name that the publisher gives with it, without folders; it may tell the release.
    size
        Bytes, where stated with it.
    """

    algorithm: Algorithm
    value: str
    file: str | None = None
    size: int | None = None


class Sums:
    """The sums of a stream of bytes: always SHA-256, and what its publisher states."""

    def __init__(self, also: Iterable[Algorithm] = ()) -> None:
        self.size = 0
        self._hashes = {"sha256": hashlib.sha256()}
        self._rolling: dict[str, int] = {}
        for algorithm in also:
            if algorithm == "md5":
                self._hashes["md5"] = hashlib.md5(usedforsecurity=False)
            elif algorithm != "sha256":
                _kernels()
                self._rolling[algorithm] = 0

    def update(self, data: bytes) -> None:
        """Take more bytes."""
        self.size += len(data)
        for hashed in self._hashes.values():
            hashed.update(data)
        for algorithm, value in self._rolling.items():
            self._rolling[algorithm] = _rolled(algorithm, data, value)

    def value(self, algorithm: Algorithm) -> str:
        """Return a sum, as :class:`Checksum` writes it."""
        if algorithm in self._hashes:
            return self._hashes[algorithm].hexdigest()
        value = self._rolling[algorithm]
        if algorithm == "sum":
            return f"{value:05d} {-(-self.size // _SUM_BLOCK)}"
        return f"{value:08x}"

    def agree(self, stated: Checksum) -> bool:
        """Tell whether the bytes are those of which the publisher states a sum."""
        return self.value(stated.algorithm) == stated.value and stated.size in {None, self.size}


def _kernels() -> None:
    try:
        from genopraxis.knowledge import checksum_kernels  # noqa: F401 - compiled only where they are used
    except ImportError as error:
        raise KnowledgeError(
            "this publisher's checksum needs numba, which is not installed",
            hint="install the extra: pip install 'genopraxis[variants]'",
        ) from error


def _rolled(algorithm: str, data: bytes, value: int) -> int:
    from genopraxis.knowledge.checksum_kernels import CRC_TABLE, bsd_sum, crc32c

    array = np.frombuffer(data, np.uint8)
    return int(bsd_sum(array, value)) if algorithm == "sum" else int(crc32c(array, value, CRC_TABLE))


def md5_in_list(text: str, name: str) -> Checksum | None:
    """Return the MD5 of a file in a list such as ``md5checksums.txt``, ``MD5SUMS`` or ``md5sum.txt``.

    The file at the top of the list's folder is meant where others below have the same name. ``None`` when the list
    does not have the file, or has it twice with different sums.
    """
    stated = [(value, path) for value, path in _md5_lines(text) if path and _base(path) == name]
    exact = {value for value, path in stated if path.removeprefix("./") == name}
    found = exact or {value for value, _ in stated}
    return Checksum(algorithm="md5", value=found.pop(), file=name) if len(found) == 1 else None


def md5_in_side_file(text: str) -> Checksum | None:
    """Return the MD5 of a side file such as ``clinvar.vcf.gz.md5``: one sum, and a name of any kind or none.

    ClinVar writes the path that the file had where it was made, hence the date of the release.
    """
    lines = list(_md5_lines(text))
    if len({value for value, _ in lines}) != 1:
        return None
    value, path = lines[0]
    return Checksum(algorithm="md5", value=value, file=_base(path) if path else None)


def _md5_lines(text: str) -> Iterable[tuple[str, str | None]]:
    for line in text.splitlines():
        if match := _MD5_BSD_LINE.fullmatch(line.strip()):
            yield match[2].lower(), match[1]
        elif match := _MD5_LINE.fullmatch(line.strip()):
            yield match[1].lower(), match[2]


def sum_in_list(text: str, name: str) -> Checksum | None:
    """Return what Ensembl's ``CHECKSUMS`` states of a file: BSD ``sum``, blocks of 1,024 bytes, and the name."""
    matches = (_SUM_LINE.fullmatch(line.strip()) for line in text.splitlines())
    found = {
        f"{int(match[1]):05d} {int(match[2])}"
        for match in matches
        if match is not None and _base(match[3]) == name and int(match[1]) <= 0xFFFF
    }
    return Checksum(algorithm="sum", value=found.pop(), file=name) if len(found) == 1 else None


def google_checksum(header: str) -> Checksum | None:
    """Return the checksum of an ``x-goog-hash`` header: its MD5, or its CRC-32C where an object has no MD5."""
    stated: dict[str, str] = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        stated.setdefault(name.lower(), value)
    if md5 := _decoded(stated.get("md5", ""), size=16):
        return Checksum(algorithm="md5", value=md5)
    if crc := _decoded(stated.get("crc32c", ""), size=4):
        return Checksum(algorithm="crc32c", value=crc)
    return None


def _decoded(text: str, *, size: int) -> str | None:
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return value.hex() if len(value) == size else None


def zenodo_checksum(text: str, name: str) -> Checksum | None:
    """Return the MD5 and size of a file in a Zenodo record (JSON of ``/api/records/NUMBER``)."""
    try:
        record = parse_json(text, where="")
    except InputError:
        return None
    files = record.get("files") if isinstance(record, dict) else None
    for entry in files if isinstance(files, list) else ():
        if not isinstance(entry, dict) or entry.get("key") != name:
            continue
        stated, size = entry.get("checksum"), entry.get("size")
        if isinstance(stated, str) and re.fullmatch(r"md5:[0-9a-f]{32}", stated):
            sized = size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None
            return Checksum(algorithm="md5", value=stated.removeprefix("md5:"), file=name, size=sized)
    return None


def _base(path: str) -> str:
    return path.rpartition("/")[2]
