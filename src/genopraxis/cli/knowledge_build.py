"""``genopraxis knowledge build``: stores of variants and transcript sets from files brought by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genopraxis.cli.variant_options import THREADS, named_assembly, variants_extra
from genopraxis.contracts.errors import InputError
from genopraxis.render.terminal import note, progress

if TYPE_CHECKING:
    from genopraxis.formats.fasta import Genome

From = Annotated[list[Path], typer.Option("--from", help="File to build from; more may follow.")]
More = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILES]...", help="More files: `--from chr*.vcf.gz` gives them all.", show_default=False
    ),
]
Fasta = Annotated[
    Path | None,
    typer.Option(help="FASTA of the assembly; without it indels are trimmed, not moved to the left."),
]
AssemblyName = Annotated[
    str | None, typer.Option("--assembly", help="GRCh37 or GRCh38, where no file tells it.")
]
Name = Annotated[str | None, typer.Option(help="Name to use it by, and what its columns begin with.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write it to, instead of the data folder.")]
Covered = Annotated[
    Path | None,
    typer.Option(help="BED of what the source could see; by default told from where its variants lie."),
]
Release = Annotated[str | None, typer.Option(help="Version of the source, for provenance.")]
Licence = Annotated[str | None, typer.Option(help="Licence of the source, for provenance.")]


def build_frequencies(
    more: More = None,
    *,
    files: From,
    fasta: Fasta = None,
    assembly: AssemblyName = None,
    covered: Covered = None,
    name: Name = None,
    out: Out = None,
    release: Release = None,
    licence: Licence = None,
) -> None:
    """Build a store of allele frequencies: gnomAD, ExAC, 1000 Genomes or any VCF or table with AC and AN.

    Groups and filtering allele frequency are found by the header. Counts of a variant in several files add up.
    """
    _store(
        "frequencies", [*files, *(more or ())], fasta=fasta, assembly=assembly, name=name, out=out,
        covered=covered, release=release, licence=licence,
    )  # fmt: skip


def build_clinvar(
    more: More = None,
    *,
    files: From,
    fasta: Fasta = None,
    assembly: AssemblyName = None,
    name: Name = None,
    out: Out = None,
    keys: Annotated[Path | None, typer.Option(help="What the codes of a compressed table stand for.")] = None,
    release: Release = None,
) -> None:
    """Build a store of ClinVar: its VCF of any year, or a table with significance and review status."""
    with variants_extra():
        from genopraxis.variants.stores.clinvar import read_keys

    _store(
        "clinvar", [*files, *(more or ())], fasta=fasta, assembly=assembly, name=name, out=out, release=release,
        keys=None if keys is None else read_keys(keys),
    )  # fmt: skip


def build_scores(
    more: More = None,
    *,
    files: From,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="Field to take; again for more. By default all scores."),
    ] = None,
    keep: Annotated[
        str, typer.Option(help="Which of several scores of one variant counts: max, min or first.")
    ] = "max",
    fasta: Fasta = None,
    assembly: AssemblyName = None,
    covered: Covered = None,
    name: Name = None,
    out: Out = None,
    release: Release = None,
    licence: Licence = None,
) -> None:
    """Build a store of scores: CADD, REVEL, AlphaMissense, SpliceAI, dbNSFP, or any VCF or table with numbers."""
    if keep not in ("max", "min", "first"):
        raise InputError(f"--keep {keep} is none of max, min and first")
    _store(
        "scores", [*files, *(more or ())], fasta=fasta, assembly=assembly, name=name, out=out, covered=covered,
        columns=column or (), keep=keep, release=release, licence=licence,
    )  # fmt: skip


def build_transcripts(
    *,
    source: Annotated[
        Path,
        typer.Option("--from", help="GFF3 or GTF of Ensembl, GENCODE or RefSeq; or a table of structures."),
    ],
    fasta: Annotated[
        Path | None, typer.Option(help="FASTA of its assembly; without it the set holds structures only.")
    ] = None,
    genes: Annotated[
        Path | None, typer.Option(help="With a table of structures: the table of genes that anchors it.")
    ] = None,
    mane: Annotated[
        Path | None, typer.Option(help="MANE summary, for an annotation without its tags.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name to use it by.")] = None,
    out: Out = None,
) -> None:
    """Build a transcript set, from which consequences are made."""
    with variants_extra():
        from genopraxis.variants.stores.names import checked_name, stem_of, transcripts_folder
        from genopraxis.variants.stores.transcript_sets import build_transcript_set
    chosen = checked_name(name) if name is not None else stem_of(source)
    folder = out if out is not None else transcripts_folder(chosen)
    _not_over(folder, "card.json")
    genome = _genome(fasta)
    built, notes = build_transcript_set(source, folder, genome=genome, genes=genes, mane=mane)
    for message in notes:
        note(message)
    use = out if out is not None else chosen
    assembly = built.card.get("assembly") or "an assembly that nothing names"
    note(f"{len(built):,} transcripts on {assembly}; use them with --transcripts {use}")


def register(app: typer.Typer) -> None:
    """Add the commands to ``genopraxis knowledge build``."""
    app.command("transcripts")(build_transcripts)
    app.command("frequencies")(build_frequencies)
    app.command("clinvar")(build_clinvar)
    app.command("scores")(build_scores)


def _store(
    kind: Any,
    files: list[Path],
    *,
    fasta: Path | None,
    assembly: str | None,
    name: str | None,
    out: Path | None,
    **options: Any,
) -> None:
    with variants_extra():
        from genopraxis.variants.stores.build import StoreRequest, build_from_files, default_store_name
        from genopraxis.variants.stores.card_notes import card_notes
        from genopraxis.variants.stores.names import checked_name, store_folder
    stated = named_assembly(assembly)
    chosen = None if name is None else checked_name(name)
    genome = _genome(fasta)
    with progress(None, f"{kind}: rows") as advance:
        request = StoreRequest(
            kind=kind, paths=files, genome=genome, assembly=stated, name=chosen, advance=advance,
            threads=THREADS, **options,
        )  # fmt: skip
        chosen = chosen or default_store_name(request)
        folder = out if out is not None else store_folder(chosen)
        _not_over(folder, "store.json")
        card = build_from_files(request, folder)
    for message in card.notes:
        note(message)
    for message in card_notes(card, has_genome=genome is not None):
        note(message)
    size = sum(card.sizes.values())
    note(
        f"{card.variants:,} variants on {card.assembly}, {size / 1e6:,.1f} MB; "
        f"use them with --{kind} {out if out is not None else chosen}"
    )


def _genome(fasta: Path | None) -> Genome | None:
    if fasta is None:
        return None
    with variants_extra():
        from genopraxis.formats.fasta import Genome
    from genopraxis.knowledge.places import cache_folder

    return Genome(fasta, index_folder=cache_folder() / "fasta")


def _not_over(folder: Path, card: str) -> None:
    """Refuse to replace a folder that is nothing of ours."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / card).is_file():
        raise InputError(
            "this folder holds other things, and would be replaced as a whole",
            where=str(folder),
            hint="give the name of a new folder",
        )
