"""The header of a VCF: what it defines, who its samples are, and what had to be repaired to read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import canonical_name
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = ["FieldDefinition", "VcfHeader", "parse_header"]

FieldType = Literal["Integer", "Float", "Flag", "Character", "String"]

COLUMNS = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_FIXED = 8  # columns of a file without samples
_TYPES: dict[str, FieldType] = {
    "integer": "Integer",
    "float": "Float",
    "flag": "Flag",
    "character": "Character",
    "string": "String",
}
_STRUCTURED = re.compile(r"##(\w+)=<(.*)>?\s*$", re.DOTALL)
_PAIR = re.compile(r'([A-Za-z0-9_.-]+)=("(?:[^"\\]|\\.)*"?|[^,>]*)')
_VERSION = re.compile(r"##fileformat=VCFv(\d+)\.(\d+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldDefinition:
    """An INFO or FORMAT field as the header defines it.

    Parameters
    ----------
    id
        Its key, ``AC``.
    number
        As written: a count, ``A`` (one per ALT), ``R`` (one per allele), ``G`` (one per genotype) or ``.``.
    type
        Type of its values.
    description
        Free text, without its quotes.
    """

    id: str
    number: str
    type: FieldType
    description: str


@dataclass(frozen=True, kw_only=True)
class VcfHeader:
    """What the header of a VCF says.

    Parameters
    ----------
    version
        Major and minor number of the format, ``(4, 2)``.
    contigs
        Length in bases by name in the file; ``None`` where the header states none.
    info, formats
        Definitions by key. A field that occurs in the records may be missing here.
    filters
        Description by filter name.
    samples
        In the order of the columns.
    has_format
        Whether there is a FORMAT column, with or without samples.
    meta
        The ``##`` lines, without line ends.
    n_lines
        Lines of the header, the column line included: the first record is on line ``n_lines + 1``.
    repairs
        What had to be repaired.

    References
    ----------
    https://samtools.github.io/hts-specs/VCFv4.5.pdf
    """

    version: tuple[int, int]
    contigs: Mapping[str, int | None]
    info: Mapping[str, FieldDefinition]
    formats: Mapping[str, FieldDefinition]
    filters: Mapping[str, str]
    samples: tuple[str, ...]
    has_format: bool
    meta: tuple[str, ...]
    n_lines: int
    repairs: VcfRepairs

    @property
    def n_columns(self) -> int:
        """Number of columns that every record has."""
        return _FIXED + self.has_format + len(self.samples)

    def canonical(self, name: str) -> str:
        """Return the canonical name of a contig of this file, with the help of its length in the header."""
        return canonical_name(name, length=self.contigs.get(name))

    def lengths(self) -> dict[str, int]:
        """Return the stated lengths in bases by canonical contig name; the first one where two have one name."""
        found: dict[str, int] = {}
        for name, length in self.contigs.items():
            if length is not None:
                found.setdefault(canonical_name(name, length=length), length)
        return found

    def sample_index(self, sample: str) -> int:
        """Return the number of a sample, 0-based.

        Raises
        ------
        InputError
            When there is no such sample.
        """
        try:
            return self.samples.index(sample)
        except ValueError:
            some = ", ".join(self.samples[:5]) or "none"
            raise InputError(
                f"there is no sample {sample!r} (there are {len(self.samples)}: {some}"
                f"{', …' if len(self.samples) > 5 else ''})",
                hint="sample names are on the #CHROM line",
            ) from None


def parse_header(lines: Iterable[bytes], *, where: str) -> VcfHeader:
    """Read the header of a VCF, up to and including its ``#CHROM`` line.

    Parameters
    ----------
    lines
        Lines with their line ends; those after the ``#CHROM`` line are not asked for.
    where
        The file, for messages.

    Raises
    ------
    InputError
        No ``#CHROM`` line, fewer than eight columns, columns that are not VCF's, a sample without a name or with
        the name of another.
    """
    repairs: Counter[str] = Counter()
    meta: list[str] = []
    for number, raw in enumerate(lines, start=1):
        line = _text(raw, number=number, repairs=repairs, where=where)
        if line.startswith("##"):
            meta.append(line)
        elif line.startswith("#"):
            return _header(meta, line, n_lines=number, repairs=repairs, where=where)
        elif line:
            what = (
                "is not a VCF: it does not begin with '#'"
                if number == 1
                else f"has no #CHROM line before the first record (line {number})"
            )
            raise InputError(
                what, where=where, hint="every VCF has a line that names its columns and samples"
            )
        else:
            repairs["blank_line"] += 1
    what = "has no #CHROM line: it ends within its header" if meta else "the file is empty"
    raise InputError(what, where=where, hint="copy or download the file again")


def _text(raw: bytes, *, number: int, repairs: Counter[str], where: str) -> str:
    if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
        repairs["byte_order_mark"] += 1
    if b"\0" in raw:
        raise InputError(
            f"line {number} holds NUL bytes: this is not a text VCF", where=where, hint="is the file damaged?"
        )
    line = raw.removesuffix(b"\n")
    if line.endswith(b"\r"):
        line = line[:-1]
        repairs["crlf"] += 1
    if line.endswith(b"\t"):
        line = line.rstrip(b"\t")
        repairs["trailing_tabs"] += 1
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        repairs["not_utf8"] += 1
        return line.decode("utf-8", "replace")


def _header(meta: list[str], columns: str, *, n_lines: int, repairs: Counter[str], where: str) -> VcfHeader:
    names = columns[1:].split("\t")
    where_line = f"{where}, line {n_lines}"
    if len(names) < _FIXED:
        hint = "columns are separated by tabs" if " " in columns else "the eight fixed columns are needed"
        raise InputError(f"the #CHROM line has {len(names)} columns, not 8", where=where_line, hint=hint)
    # what tells a VCF from another table; the rest is read by position, whatever its name
    if [name.strip().upper() for name in names[:5]] != list(COLUMNS[:5]):
        raise InputError(
            f"the columns are {', '.join(names[:5])}, not CHROM, POS, ID, REF, ALT",
            where=where_line,
            hint="is this a VCF?",
        )
    repairs["column_name"] += sum(
        found != wanted for found, wanted in zip(names, COLUMNS[: len(names)], strict=False)
    )
    samples = tuple(names[9:])
    if "" in samples:
        raise InputError(
            f"sample {samples.index('') + 1} has no name", where=where_line, hint="name every sample column"
        )
    if repeated := [name for name, count in Counter(samples).items() if count > 1]:
        raise InputError(
            f"sample name(s) used twice: {', '.join(repeated[:5])}",
            where=where_line,
            hint="give every sample its own name, for example with `bcftools reheader --samples`",
        )
    version = _VERSION.match(meta[0]) if meta else None
    if version is None:
        repairs["fileformat_missing"] += 1
    contigs: dict[str, int | None] = {}
    fields: dict[str, dict[str, FieldDefinition]] = {"INFO": {}, "FORMAT": {}}
    filters: dict[str, str] = {}
    for line in meta:
        _define(line, contigs=contigs, fields=fields, filters=filters, repairs=repairs)
    return VcfHeader(
        version=(int(version.group(1)), int(version.group(2))) if version else (4, 2),
        contigs=MappingProxyType(contigs),
        info=MappingProxyType(fields["INFO"]),
        formats=MappingProxyType(fields["FORMAT"]),
        filters=MappingProxyType(filters),
        samples=samples,
        has_format=len(names) > _FIXED,
        meta=tuple(meta),
        n_lines=n_lines,
        repairs=VcfRepairs(repairs),
    )


def _define(
    line: str,
    *,
    contigs: dict[str, int | None],
    fields: dict[str, dict[str, FieldDefinition]],
    filters: dict[str, str],
    repairs: Counter[str],
) -> None:
    structured = _STRUCTURED.match(line)
    kind = structured.group(1) if structured else ""
    if structured is None or kind not in {"contig", "INFO", "FORMAT", "FILTER"}:
        return
    values: dict[str, str] = {}
    for key, value in _PAIR.findall(structured.group(2)):
        values.setdefault(key, _unquoted(value))
    name = values.get("ID", "")
    if not name:
        repairs["definition_unreadable"] += 1
        return
    known: Mapping[str, object] = (
        contigs if kind == "contig" else filters if kind == "FILTER" else fields[kind]
    )
    if name in known:
        repairs["definition_repeated"] += 1
        return
    if kind == "contig":
        contigs[name] = _length(values.get("length"), repairs)
    elif kind == "FILTER":
        filters[name] = values.get("Description", "")
    else:
        kind_of_value = _TYPES.get(values.get("Type", "").lower())
        if kind_of_value is None:
            repairs["definition_type"] += 1
        fields[kind][name] = FieldDefinition(
            id=name,
            number=values.get("Number", "."),
            type=kind_of_value or "String",
            description=values.get("Description", ""),
        )


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'))


def _length(stated: str | None, repairs: Counter[str]) -> int | None:
    if stated is None:
        return None
    if re.fullmatch(r"[0-9]{1,12}", stated):
        return int(stated)
    repairs["contig_length"] += 1
    return None
