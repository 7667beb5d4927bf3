"""Transcript sets from the files that their makers publish: an annotation, or a table of structures; MANE beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genopraxis.contracts.errors import InputError
from genopraxis.formats.fasta import Genome
from genopraxis.formats.files import printable_name
from genopraxis.formats.gff import read_gff
from genopraxis.knowledge.transcripts import Flag, TranscriptSet, load_transcripts, write_transcripts
from genopraxis.knowledge.transcripts_build import assemble
from genopraxis.knowledge.transcripts_mane import mark_mane, read_mane
from genopraxis.knowledge.transcripts_structures import read_structures
from genopraxis.variants.assembly import assembly_of_genome
from genopraxis.variants.stores.told_assembly import named_assemblies

__all__ = ["build_transcript_set"]


def build_transcript_set(
    source: Path,
    out: Path,
    *,
    genome: Genome | None = None,
    genes: Path | None = None,
    mane: Path | None = None,
) -> tuple[TranscriptSet, list[str]]:
    """Build a set, write it to ``out``, and return it as it is there.

    Parameters
    ----------
    source
        GFF3 or GTF; or, with ``genes``, a table of gene structures.
    genome
        The FASTA of its assembly. Without it the set holds structures only.
    genes
        The table that anchors a table of structures.
    mane
        A MANE summary.

    Returns
    -------
    tuple of TranscriptSet and list of str
        And what a user should know.

    Raises
    ------
    InputError
        When a file cannot be used, or two of them are of different assemblies.
    """
    notes: list[str] = []
    if genes is None:
        transcripts = assemble(read_gff(source), genome=genome)
    else:
        if genome is not None:
            notes.append(
                "a table of structures takes no sequence from a FASTA: the set holds structures only"
            )
        transcripts = read_structures(source, genes)
    card: dict[str, Any] = dict(transcripts.card)
    card["assembly"] = _assembly(card, source, genome if genes is None else None)
    if mane is not None:
        sha256 = hashlib.sha256()
        transcripts, match = mark_mane(
            transcripts, read_mane(mane, sha256=sha256), where=printable_name(mane)
        )
        notes += match.sentences()
        card["sources"] = [*card["sources"], {"name": printable_name(mane), "sha256": sha256.hexdigest()}]
        card["flags"] = _flag_counts(transcripts)
        card["mane"] = {"marked": match.marked, "newly": match.newly, "other_version": match.other_version}
    if genes is None and genome is not None:
        without = int(np.count_nonzero(transcripts.flags & Flag.NEEDS_FASTA))
        if without:
            notes.append(f"{without:,} transcript(s) are on contigs that the FASTA lacks: structures only")
    notes += [sentence for sentence in _repairs(card) if not sentence.startswith("0 ")]
    write_transcripts(replace(transcripts, card=card), out)
    return load_transcripts(out), notes


def _assembly(card: Mapping[str, Any], source: Path, genome: Genome | None) -> str | None:
    """Return the assembly of a set: that of the FASTA, or the one that the annotation names.

    Raises
    ------
    InputError
        When they are different.
    """
    named = named_assemblies(card.get("pragmas", ())) or named_assemblies([source.name])
    call = None if genome is None else assembly_of_genome(genome)
    if call is not None and len(named) == 1 and call.assembly not in named:
        raise InputError(
            f"is of {next(iter(named))}, the FASTA of {call.assembly}",
            where=printable_name(source),
            hint="give the FASTA of the assembly of the annotation",
        )
    if call is not None:
        return str(call.assembly)
    return str(next(iter(named))) if len(named) == 1 else None


def _flag_counts(transcripts: TranscriptSet) -> dict[str, int]:
    flags = np.asarray(transcripts.flags)
    counts = {str(flag.name): int(np.count_nonzero(flags & flag)) for flag in Flag}
    return {name: n for name, n in counts.items() if n}


def _repairs(card: Mapping[str, Any]) -> list[str]:
    return [str(text) for text in card.get("repairs", {}).values()]
