"""``genopraxis annotate``: a VCF in, one trusted variant table out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from genopraxis.cli.variant_options import THREADS, named_assembly, variants_extra
from genopraxis.contracts.errors import InputError
from genopraxis.render.terminal import note, progress, show

_KNOWN = "a name from `genopraxis knowledge status`, a folder, or a source file"


def annotate(
    source: Annotated[Path, typer.Argument(help="VCF or BCF, plain, gzip or bgzip.", metavar="IN.vcf.gz")],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Result: .parquet, .vcf.gz, .vcf, .tsv.gz or .tsv.")
    ],
    fasta: Annotated[Path | None, typer.Option(help="Genome of the same assembly, plain or bgzip.")] = None,
    transcripts: Annotated[str | None, typer.Option(help=f"Transcript set: {_KNOWN} (GFF3, GTF).")] = None,
    frequencies: Annotated[
        list[str] | None, typer.Option(help=f"Allele frequencies: {_KNOWN}; may be repeated.")
    ] = None,
    clinvar: Annotated[list[str] | None, typer.Option(help=f"ClinVar: {_KNOWN}.")] = None,
    scores: Annotated[
        list[str] | None, typer.Option(help=f"Scores of variants: {_KNOWN}; may be repeated.")
    ] = None,
    assembly: Annotated[
        str | None, typer.Option(help="GRCh37 or GRCh38, where nothing in the files tells it.")
    ] = None,
    all_transcripts: Annotated[
        bool,
        typer.Option(
            "--all-transcripts", help="Report all transcripts, not only MANE, or else canonical, ones."
        ),
    ] = False,
    consequences: Annotated[
        str | None,
        typer.Option(
            metavar="own|file",
            help="Make consequences, or take those that the VCF has; by default made when transcripts are given.",
        ),
    ] = None,
    samples: Annotated[
        str | None, typer.Option(help="Samples to report, separated by commas; 'none' for none.")
    ] = None,
    sex: Annotated[
        list[str] | None,
        typer.Option(metavar="SAMPLE=female|male", help="Sex as stated, to compare; may be repeated."),
    ] = None,
    info: Annotated[
        list[str] | None, typer.Option(help="A further INFO key to report; may be repeated.")
    ] = None,
    mismatch_limit: Annotated[
        float, typer.Option(min=0, max=1, help="Share of records whose REF may differ from the genome.")
    ] = 0.02,
    keep_missing_contigs: Annotated[
        bool,
        typer.Option("--keep-missing-contigs", help="Keep, unchecked, chromosomes that the genome lacks."),
    ] = False,
    summary: Annotated[bool, typer.Option(help="Write the summary page and its JSON beside OUT.")] = True,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads at work.")] = THREADS,
) -> None:
    """Normalise a VCF and join consequences, frequencies, ClinVar and scores to it."""
    with variants_extra():
        from genopraxis.variants.annotation_request import Request
        from genopraxis.variants.annotation_run import run_annotation
        from genopraxis.variants.haplotype_table import haplotype_table
        from genopraxis.variants.quality_terminal import quality_tables

    request = Request(
        source=source,
        out=out,
        fasta=fasta,
        transcripts=transcripts,
        frequencies=frequencies or (),
        clinvar=clinvar or (),
        scores=scores or (),
        assembly=named_assembly(assembly),
        all_transcripts=all_transcripts,
        consequences=_consequences(consequences),
        samples=_samples(samples),
        sex=_sexes(sex or []),
        info=info or (),
        mismatch_limit=mismatch_limit,
        keep_missing_contigs=keep_missing_contigs,
        summary=summary,
        threads=threads,
    )
    size = source.stat().st_size if source.is_file() else None
    with progress(size, "annotate") as advance:
        done = run_annotation(request, advance=advance)
    for one in quality_tables(done.summary):
        show(one)
    if done.haplotypes.height:
        show(haplotype_table(done.haplotypes))
    for message in done.notes:
        note(message)
    for path in done.written:
        note(f"written: {path}")


def _consequences(given: str | None) -> Literal["own", "file"] | None:
    if given not in (None, "own", "file"):
        raise InputError(f"{given!r} is neither own nor file", where="--consequences")
    return cast("Literal['own', 'file'] | None", given)


def _samples(given: str | None) -> list[str] | None:
    if given is None:
        return None
    return [] if given == "none" else [name.strip() for name in given.split(",") if name.strip()]


def _sexes(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        sample, equals, sex = text.rpartition("=")
        if not equals or not sample or sex.strip().lower() not in ("female", "male"):
            raise InputError(
                f"{text!r} states no sex", where="--sex", hint="write SAMPLE=female or SAMPLE=male"
            )
        found[sample.strip()] = sex.strip().lower()
    return found
