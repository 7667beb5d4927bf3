"""Files in, store out: what frequencies, ClinVar and scores have in common when they are built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import DataRelease, InputDigest
from genopraxis.formats.contig_names import Assembly
from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.variant_store_build import StoreFacts, build_store
from genopraxis.knowledge.variant_store_card import StoreCard, StoreColumn, StoreKind
from genopraxis.knowledge.variant_store_parts import Combine, first_of_each
from genopraxis.variants.stores.clinvar import ClinvarTable
from genopraxis.variants.stores.covered import read_covered
from genopraxis.variants.stores.file_digests import file_digest
from genopraxis.variants.stores.frequencies import FrequencyTable
from genopraxis.variants.stores.frequency_sums import added_up
from genopraxis.variants.stores.names import column_prefix, stem_of
from genopraxis.variants.stores.rows import Opening, Rows, Source, unwatched
from genopraxis.variants.stores.score_fields import set_name
from genopraxis.variants.stores.scores import Keep, ScoreTable, kept
from genopraxis.variants.stores.sniff import open_source

__all__ = ["StoreRequest", "build_from_files", "default_name", "default_store_name"]

_PANELS = {"gnomad": "gnomad", "exac": "exac", "1000g": "thousand_genomes", "1kgp": "thousand_genomes"}
_UNKNOWN = "not stated"


class _Table(Protocol):
    @property
    def wanted(self) -> Sequence[str]: ...

    @property
    def columns(self) -> tuple[StoreColumn, ...]: ...

    def table(self, rows: Rows) -> pl.DataFrame: ...

    def notes(self) -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class StoreRequest:
    """What is built from which files.

    Parameters
    ----------
    paths
        Files of one release: its pieces by chromosome, or (frequencies only) sets whose counts are to be added up.
    genome
        The FASTA that variants are normalised with; ``None``: they are split and trimmed only.
    assembly
        As the user states it.
    covered
        A BED file of the regions that the source could see.
    name
        What the columns of its answers begin with.
    columns
        Of scores: the fields wanted.
    keep
        Of scores: which one of several counts.
    keys
        Of ClinVar: what codes of a compressed table stand for.
    release, licence
        As the user states them.
    advance
        Told how many rows were read since the last call.
    """

    kind: StoreKind
    paths: Sequence[Path]
    genome: Genome | None = None
    assembly: Assembly | None = None
    covered: Path | None = None
    name: str | None = None
    columns: Sequence[str] = ()
    keep: Keep = "max"
    keys: Mapping[str, Sequence[str]] | None = None
    release: str | None = None
    licence: str | None = None
    threads: int = 1
    advance: Callable[[int], None] = unwatched


def build_from_files(request: StoreRequest, folder: Path) -> StoreCard:
    """Build a store; ``folder`` appears whole or not at all.

    Raises
    ------
    InputError
        When a file cannot be used, the files are on different assemblies, or no variant is left.
    """
    opening = Opening(
        genome=request.genome, stated=request.assembly, threads=request.threads, advance=request.advance
    )
    sources = [open_source(path, opening) for path in request.paths]
    inputs = tuple(file_digest(path) for path in request.paths)
    _none_twice(request.paths, inputs)
    assembly = _one_assembly(sources)
    tables = [_table(source, request) for source in sources]
    columns = _all_columns(tables)
    covered = None if request.covered is None else read_covered(request.covered, assembly=assembly)
    left_out: Counter[str] = Counter()
    repeated: Counter[str] = Counter()
    unmoved: Counter[str] = Counter()
    facts = StoreFacts(
        kind=request.kind,
        name=column_prefix(request.name) if request.name else default_name(request.kind, sources[0]),
        assembly=str(assembly),
        columns=columns,
        has_genome=request.genome is not None,
        maxima=_maxima(tables),
        repeated_as="other_score_of_the_variant" if request.kind == "scores" else "repeated",
        releases=tuple(_release(request, table, one) for table, one in zip(tables, inputs, strict=True)),
        inputs=inputs if request.covered is None else (*inputs, file_digest(request.covered)),
    )

    def notes() -> list[str]:
        told = [note for table in tables for note in table.notes()]
        told += [note for source in sources for note in source.notes]
        if n := repeated["several"]:
            told.append(
                f"{n:,} variant(s) are in more than one file: their counts were added up, FILTER is the first"
            )
        return list(dict.fromkeys(told))

    combine: Combine = first_of_each
    if request.kind == "frequencies":
        combine = added_up(columns, repeated)
    elif request.kind == "scores":
        combine = kept(columns, request.keep)
    return build_store(
        _batches(sources, tables, columns, left_out, unmoved),
        folder,
        facts=facts,
        covered=covered,
        left_out=left_out,
        unmoved=unmoved,
        combine=combine,
        added_up=lambda: repeated["added"],
        notes=notes,
    )


def default_name(kind: StoreKind, source: Source) -> str:
    """Return what a store is called when nobody says it: a well-known set, or the name of the file."""
    if kind == "clinvar":
        return "clinvar"
    if kind == "scores":
        return set_name(source) or column_prefix(stem_of(source.path))
    said = " ".join((source.path.name, *source.meta)).lower()
    # the word in the file's own name comes before one in its header, where other sets may be mentioned
    for text in (source.path.name.lower(), said):
        for word, name in _PANELS.items():
            if word in text:
                return name
    return column_prefix(stem_of(source.path))


def _batches(
    sources: Sequence[Source],
    tables: Sequence[_Table],
    columns: Sequence[StoreColumn],
    left_out: Counter[str],
    unmoved: Counter[str],
) -> Iterator[pl.DataFrame]:
    for number, (source, table) in enumerate(zip(sources, tables, strict=True)):
        own = {column.name for column in table.columns}
        absent = [pl.lit(None).alias(column.name) for column in columns if column.name not in own]
        for rows in source.rows(table.wanted):
            if len(rows.alleles):
                yield table.table(rows).with_columns(pl.lit(number, pl.UInt16).alias("source"), *absent)
        left_out.update(source.left_out)
        unmoved.update(source.unmoved)


def _table(source: Source, request: StoreRequest) -> _Table:
    if request.kind == "frequencies":
        return FrequencyTable(source)
    if request.kind == "clinvar":
        return ClinvarTable(source, request.keys)
    return ScoreTable(source, request.columns, keep=request.keep)


def _all_columns(tables: Sequence[_Table]) -> tuple[StoreColumn, ...]:
    found: dict[str, StoreColumn] = {}
    for table in tables:
        for column in table.columns:
            found.setdefault(column.name, column)
    return tuple(found.values())


def _maxima(tables: Sequence[_Table]) -> tuple[str, ...] | None:
    """Return the groups that maxima are taken over: of one file is enough, since counts of several add up."""
    found = [group for table in tables if isinstance(table, FrequencyTable) for group in table.fields.maxima]
    of_frequencies = any(isinstance(table, FrequencyTable) for table in tables)
    return tuple(dict.fromkeys(found)) if of_frequencies else None


def _none_twice(paths: Sequence[Path], inputs: Sequence[InputDigest]) -> None:
    first: dict[str, Path] = {}
    for path, one in zip(paths, inputs, strict=True):
        if (other := first.setdefault(one.sha256, path)) is not path:
            raise InputError(
                "is given twice" if other == path else f"holds the same as {other.name}",
                where=str(path),
                hint="give each file once: counts of a variant in several files add up",
            )


def _one_assembly(sources: Sequence[Source]) -> Assembly:
    first = sources[0]
    for source in sources[1:]:
        if source.assembly is not first.assembly:
            raise InputError(
                f"is on {source.assembly}, {first.path.name} on {first.assembly}",
                where=str(source.path),
                hint="build a store of each",
            )
    return first.assembly


def _release(request: StoreRequest, table: _Table, of: InputDigest) -> DataRelease:
    version = request.release or (table.version if isinstance(table, ClinvarTable) else None)
    return DataRelease(
        name=request.name or of.name,
        version=version or _UNKNOWN,
        licence=request.licence or ("public domain" if request.kind == "clinvar" else _UNKNOWN),
        source=of.name,
        sha256=of.sha256,
    )


def default_store_name(request: StoreRequest) -> str:
    """Return what a store of a request is called when nobody says it.

    Raises
    ------
    InputError
        When its first file cannot be used.
    """
    if not request.paths:
        raise InputError("no file is given", hint="give one or more with --from")
    opening = Opening(genome=request.genome, stated=request.assembly)
    return default_name(request.kind, open_source(request.paths[0], opening))
