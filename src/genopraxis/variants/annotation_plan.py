"""Before the first record: assembly, transcripts and stores are opened, and it is decided what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import InputDigest, Provenance
from genopraxis.formats.fasta import Genome
from genopraxis.formats.files import digest
from genopraxis.formats.vcf_annotations import AnnotationField, annotation_fields, unreadable_fields
from genopraxis.formats.vcf_header import VcfHeader
from genopraxis.formats.vcf_reader import read_batches
from genopraxis.knowledge.transcripts import TranscriptSet
from genopraxis.knowledge.variant_store import StoreKind, VariantStore
from genopraxis.provenance import current_provenance
from genopraxis.variants.annotate import Sources
from genopraxis.variants.annotated_table import TableLayout
from genopraxis.variants.annotation_request import Request
from genopraxis.variants.assembly import AssemblyCall, find_assembly
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.score_plan import plan_scores
from genopraxis.variants.stores.resolve import resolve_store, resolve_transcripts

__all__ = ["Plan", "make_plan"]

_LIBRARIES = ("polars", "numpy", "numba", "isal", "pysam")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that is the same for all batches.

    Parameters
    ----------
    call
        The assembly, where it is known.
    sources
        What is joined.
    layout
        Columns of the table.
    provenance
        What the result comes from.
    notes
        What the user should know before.
    """

    call: AssemblyCall | None
    sources: Sources
    layout: TableLayout
    provenance: Provenance
    notes: tuple[str, ...]


def make_plan(request: Request, header: VcfHeader, genome: Genome | None) -> Plan:
    """Open what is to be joined to a file.

    Raises
    ------
    InputError
        What was named is not there, or is of another assembly.
    """
    notes: list[str] = []
    where = str(request.source)
    with closing(read_batches(request.source)) as batches:
        call = find_assembly(header, genome=genome, batches=batches, stated=request.assembly, where=where)
    annotator, transcripts = None, None
    field = _file_field(request, header)
    if request.transcripts is not None and request.consequences != "file":
        transcripts, told = resolve_transcripts(request.transcripts, genome=genome)
        notes += told
        _same_assembly(transcripts, call, where=request.transcripts)
        annotator = Annotator(
            transcripts, genome=genome, pick="all" if request.all_transcripts else "preferred"
        )
    stores = _stores(request, call, genome, notes)
    scores = plan_scores(header, extra=request.info)
    notes += scores.notes
    notes += [
        f"the header does not define {key}: it is read as text, where records have it"
        for key in request.info
        if key not in header.info
    ]
    samples = header.samples if request.samples is None else tuple(dict.fromkeys(request.samples))
    for sample in (*samples, *request.sex):
        header.sample_index(sample)
    if call is not None and call.old_mitochondrion and stores:
        notes.append(
            "variants of hg19's old mitochondrion (16,571 bases) are in no store: they are not looked up"
        )
    if genome is None:
        notes.append(
            "without --fasta alleles are split and trimmed, but neither moved to the left nor checked"
        )
    sources = Sources(
        genome=genome,
        missing_contigs="keep" if request.keep_missing_contigs else "error",
        annotator=annotator,
        file_field=None if annotator is not None else field,
        stores=stores,
        scores=scores,
        samples=samples,
    )
    layout = TableLayout(
        samples=samples,
        known={name: dict(store.schema) for name, store in stores.items()},
        scores=scores.schema,
    )
    return Plan(
        call=call,
        sources=sources,
        layout=layout,
        provenance=_provenance(request, genome, transcripts, stores, call),
        notes=tuple(notes),
    )


def _same_assembly(transcripts: TranscriptSet, call: AssemblyCall | None, *, where: str) -> None:
    its = transcripts.card.get("assembly")
    if its is not None and call is not None and its != call.assembly:
        raise InputError(
            f"is of {its}, the variants are on {call.assembly}",
            where=where,
            hint="give transcripts of their assembly, or lift the variants over",
        )


def _file_field(request: Request, header: VcfHeader) -> AnnotationField | None:
    """Return the INFO field with consequences, if they are to be taken from the file."""
    descriptions = {key: one.description for key, one in header.info.items()}
    fields = annotation_fields(descriptions)
    if not fields and request.consequences == "file":
        unreadable = unreadable_fields(descriptions)
        raise InputError(
            f"the header does not say what {unreadable[0]} holds"
            if unreadable
            else "its header names no field with consequences (CSQ, ANN or BCSQ)",
            where=str(request.source),
            hint="give --transcripts to make them",
        )
    return fields[0] if fields else None


def _stores(
    request: Request, call: AssemblyCall | None, genome: Genome | None, notes: list[str]
) -> dict[str, VariantStore]:
    asked: Mapping[StoreKind, Sequence[str]] = {
        "frequencies": request.frequencies,
        "clinvar": request.clinvar,
        "scores": request.scores,
    }
    if call is None and any(asked.values()):
        raise InputError(
            "nothing tells which assembly the variants are on",
            where=str(request.source),
            hint="give --assembly GRCh37 or GRCh38: what is known of a variant holds on its assembly only",
        )
    stores: dict[str, VariantStore] = {}
    for kind, values in asked.items():
        for value in values:
            assert call is not None  # noqa: S101 - it was looked at above
            name, store, told = resolve_store(kind, value, assembly=call.assembly, genome=genome)
            notes += told
            if name in stores:
                raise InputError(
                    f"two stores are called {name!r}", where=value, hint="build one under another name"
                )
            stores[name] = store
    return stores


def _provenance(
    request: Request,
    genome: Genome | None,
    transcripts: TranscriptSet | None,
    stores: Mapping[str, VariantStore],
    call: AssemblyCall | None,
) -> Provenance:
    inputs = [digest(request.source)]
    if transcripts is not None:
        inputs += [InputDigest(name=one["name"], sha256=one["sha256"]) for one in transcripts.card["sources"]]
    return current_provenance(
        parameters={
            "assembly": None if call is None else call.assembly.value,
            "assembly_basis": None if call is None else call.basis,
            "fasta": None if genome is None else genome.path.name,
            "fasta_contigs_sha256": None if genome is None else _contigs(genome),
            "all_transcripts": request.all_transcripts,
            "consequences": request.consequences,
            "info": ",".join(request.info) or None,
            "samples_chosen": None if request.samples is None else len(request.samples),
            "mismatch_limit": request.mismatch_limit,
            "keep_missing_contigs": request.keep_missing_contigs,
        },
        libraries=_LIBRARIES,
        inputs=inputs,
        releases=[release for store in stores.values() for release in store.card.releases],
    )


def _contigs(genome: Genome) -> str:
    """Return a digest of names and lengths: which assembly it is, not every base of it."""
    text = "".join(f"{name}\t{length}\n" for name, length in genome.contigs.items())
    return hashlib.sha256(text.encode()).hexdigest()
