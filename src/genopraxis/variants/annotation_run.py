"""One VCF from file to annotated table, with its summary: what ``genopraxis annotate`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from genopraxis.contracts.annotated import ANNOTATED
from genopraxis.contracts.haplotype_consequences import HAPLOTYPE_CONSEQUENCES
from genopraxis.formats.bgzip import write_bgzip
from genopraxis.formats.fasta import Genome
from genopraxis.formats.file_names import printable_name
from genopraxis.formats.table_file import write_table
from genopraxis.formats.table_stream import tsv_pieces, write_parquet_stream
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.formats.writing import atomic_file, ensure_writable_folder
from genopraxis.knowledge.places import cache_folder
from genopraxis.render.svg import load_early
from genopraxis.variants.annotate import annotate_all
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.annotated_vcf import VcfOutput
from genopraxis.variants.annotation_plan import Plan, make_plan
from genopraxis.variants.annotation_request import HAPLOTYPES, SUMMARY, Request
from genopraxis.variants.csq_text import TranscriptWords
from genopraxis.variants.phased_codons import PhasedCodons
from genopraxis.variants.quality import QualityCounts
from genopraxis.variants.quality_document import QualitySummary
from genopraxis.variants.quality_page import render_quality

__all__ = ["Done", "run_annotation"]


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came out.

    Parameters
    ----------
    summary
        The figures.
    haplotypes
        What alleles on one chromosome copy do together, as
        :data:`~genopraxis.contracts.haplotype_consequences.HAPLOTYPE_CONSEQUENCES`.
    written
        The files, in the order in which a reader wants them.
    notes
        What the user should know.
    """

    summary: QualitySummary
    haplotypes: pl.DataFrame
    written: tuple[Path, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What a thread makes of a batch besides its annotations."""

    quality: QualityCounts
    rows: pl.DataFrame | memoryview


def run_annotation(request: Request, *, advance: Callable[[int], None] = lambda _: None) -> Done:
    """Annotate a VCF; every file appears whole or not at all.

    Parameters
    ----------
    advance
        Called with the number of further bytes of the VCF that have been read.

    Raises
    ------
    InputError
        When something cannot be used as it is, with what to do.
    OutputError
        When the result cannot be written.
    """
    ensure_writable_folder(request.out.parent)
    if request.summary:
        load_early()
    with ExitStack() as held:
        genome = None
        if request.fasta is not None:
            genome = held.enter_context(Genome(request.fasta, index_folder=cache_folder() / "fasta"))
        reader = held.enter_context(VcfReader(request.source, threads=request.threads))
        plan = make_plan(request, reader.header, genome)
        run = _Run(request=request, plan=plan, reader=reader, advance=advance)
        with atomic_file(request.out) as temporary:
            run.write(temporary)
        return run.finish()


class _Run:
    """The state of one run: what is counted while the batches pass."""

    def __init__(
        self, *, request: Request, plan: Plan, reader: VcfReader, advance: Callable[[int], None]
    ) -> None:
        self._request, self._plan, self._reader, self._advance = request, plan, reader, advance
        self._quality = QualityCounts()
        annotator = plan.sources.annotator
        self._phased = PhasedCodons(annotator) if annotator is not None and plan.sources.samples else None
        self._groups: list[pl.DataFrame] = []
        self._vcf = VcfOutput(
            header=reader.header,
            layout=plan.layout,
            words=None if annotator is None else TranscriptWords.of(annotator.set),
            provenance=(
                f"genopraxis_version={plan.provenance.version}",
                f"genopraxis_provenance={plan.provenance.model_dump_json()}",
            ),
        )

    def write(self, path: Path) -> None:
        """Write the annotated file."""
        schema = self._plan.layout.schema
        form = self._request.form
        if form == "parquet":
            write_parquet_stream(
                self._frames(),
                path,
                schema=schema,
                schema_id=ANNOTATED.schema_id,
                metadata={"provenance": self._plan.provenance.to_json()},
            )
            return
        pieces = (
            tsv_pieces(self._frames(), schema=schema, comments=self._vcf.provenance)
            if form == "tsv"
            else self._lines()
        )
        with path.open("wb") as file:
            if self._request.packed:
                write_bgzip(pieces, file, threads=self._request.threads)
            else:
                file.writelines(pieces)

    def _frames(self) -> Iterator[pl.DataFrame]:
        for rows in self._passing(self._plan.layout.table):
            if isinstance(rows, pl.DataFrame):
                yield rows

    def _lines(self) -> Iterator[bytes | memoryview]:
        yield self._vcf.head()
        for rows in self._passing(self._vcf.lines):
            if isinstance(rows, memoryview):
                yield rows
                self._vcf.buffers.give(rows)  # whoever asks for more has written them

    def _passing(
        self, make: Callable[[AnnotatedBatch], pl.DataFrame | memoryview]
    ) -> Iterator[pl.DataFrame | memoryview]:
        """Yield what is written of each batch, and count it on its way."""
        done = 0
        parts = annotate_all(
            iter(self._reader),
            self._plan.sources,
            then=partial(_part, make=make, plan=self._plan),
            threads=self._request.threads,
            mismatch_limit=self._request.mismatch_limit,
            where=str(self._request.source),
        )
        for annotated, part in parts:
            self._quality += part.quality
            if self._phased is not None:
                self._groups.append(self._phased.add(annotated))
            yield part.rows
            self._advance(self._reader.bytes_read - done)
            done = self._reader.bytes_read

    def finish(self) -> Done:
        """Write what belongs to the result, and return what came out."""
        if self._phased is not None:
            self._groups.append(self._phased.finish())
        haplotypes = pl.concat([HAPLOTYPE_CONSEQUENCES.empty(), *self._groups])
        reader, plan = self._reader, self._plan
        summary = self._quality.document(
            name=printable_name(self._request.source),
            header=reader.header,
            packing=reader.packing,
            provenance=plan.provenance,
            in_order=reader.in_order,
            reading=reader.repairs,
            assembly=plan.call,
            stated_sex=self._request.sex,
            notes=plan.notes,
        )
        written = [self._request.out, *self._write_beside(haplotypes, summary)]
        return Done(summary=summary, haplotypes=haplotypes, written=tuple(written), notes=self._plan.notes)

    def _write_beside(self, haplotypes: pl.DataFrame, summary: QualitySummary) -> Iterator[Path]:
        """Write what belongs to the result, as private as that is; what an earlier run left there goes."""
        private = self._request.out.stat().st_mode & 0o077 == 0
        path = self._request.beside(HAPLOTYPES)
        if haplotypes.height:
            write_table(HAPLOTYPE_CONSEQUENCES, haplotypes, path, private=private)
            yield path
        else:
            path.unlink(missing_ok=True)
        page, document = (self._request.beside(suffix) for suffix in SUMMARY)
        for path, text in ((page, render_quality), (document, QualitySummary.to_json)):
            if self._request.summary:
                with atomic_file(path, private=private) as temporary:
                    temporary.write_text(text(summary), encoding="utf-8")
                yield path
            else:
                path.unlink(missing_ok=True)


def _part(
    annotated: AnnotatedBatch, *, make: Callable[[AnnotatedBatch], pl.DataFrame | memoryview], plan: Plan
) -> _Part:
    assembly = None if plan.call is None else plan.call.assembly
    quality = QualityCounts.of_batch(annotated, assembly=assembly, samples=plan.sources.samples)
    return _Part(quality=quality, rows=make(annotated))
