"""Gene annotation in: GFF3 and GTF of Ensembl, GENCODE and RefSeq as one set of tables.

The formats: GFF3 1.26 of the Sequence Ontology, and GTF 2.2. Coordinates stay 1-based and closed, as in the file.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Repair
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.file_names import printable_name
from genopraxis.formats.gff_lines import Dialect, read_lines
from genopraxis.formats.gff_transcripts import build_tables

__all__ = ["GeneAnnotation", "read_gff"]

_REPAIRS = {
    "malformed_line": "{n} line(s) without nine columns or sound coordinates dropped",
    "not_utf8": "{n} line(s) that are not UTF-8 were read as Latin-1",
    "crlf": "{n} line(s) with Windows line ends",
    "part_without_transcript_or_strand": "{n} exon or CDS line(s) that name no transcript or no strand dropped",
    "duplicate_line": "{n} line(s) that repeat another dropped",
    "repeated_id": "{n} gene or transcript line(s) that repeat an id; the first counts",
    "transcript_line_missing": "{n} transcript(s) without a line of their own, made from their exons",
    "gene_line_missing": "{n} transcript(s) whose gene has no line; it keeps its id alone",
    "transcript_on_several_contigs_or_strands": "{n} part(s) of transcripts on another contig or strand: "
    "each part became a transcript",
    "exons_made_from_cds": "{n} transcript(s) without exons; their coding segments were taken",
    "overlapping_exons": "{n} exon(s) that overlap another of their transcript were joined with it",
    "phase_missing": "{n} transcript(s) without phases; the coding sequence was taken to begin with a whole codon",
    "phase_impossible": "{n} phase(s) other than 0, 1 and 2 ignored",
    "phase_inconsistent": "{n} transcript(s) whose phases contradict their lengths; the first phase counts",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneAnnotation:
    """Transcripts of one GFF3 or GTF file.

    Attributes
    ----------
    transcripts
        One row per transcript: ``transcript`` (row number), ``transcript_id`` (with version where the file has
        one), ``protein_id``, ``gene_id``, ``gene`` (symbol), ``biotype``, ``chrom`` (canonical), ``start``, ``end``,
        ``strand`` (1 or -1), ``cds_start`` and ``cds_end`` (lowest and highest coding base, stop codon included;
        missing: not coding), ``cds_length``, ``start_phase`` (bases before the first whole codon), and what tags
        and notes say: ``mane_select``, ``mane_plus_clinical``, ``canonical``, ``cds_start_nf``, ``cds_end_nf``,
        ``mrna_start_nf``, ``mrna_end_nf``, ``seleno``, ``slippage``, ``stop_completed``, ``differs``.
    exons, cds
        ``transcript``, ``start``, ``end`` (and ``phase``) by rising start.
    recoded
        Codons read as selenocysteine.
    gaps
        Alignments of a transcript's own sequence to the genome that have gaps (``Gap`` of GFF3).
    """

    transcripts: pl.DataFrame
    exons: pl.DataFrame
    cds: pl.DataFrame
    recoded: pl.DataFrame
    gaps: pl.DataFrame
    dialect: Dialect
    pragmas: tuple[str, ...]
    repairs: tuple[Repair, ...]
    source: InputDigest


def read_gff(path: str | os.PathLike[str]) -> GeneAnnotation:
    """Read a GFF3 or GTF file of Ensembl, GENCODE or RefSeq, plain or gzip; which of them is told by its lines.

    Stop codons that a GTF keeps apart from its coding segments are joined to them. Whatever had to be repaired is
    counted by reason in ``repairs``.

    Raises
    ------
    InputError
        When it cannot be read, is no such file, or describes no transcript.

    References
    ----------
    https://github.com/The-Sequence-Ontology/Specifications/blob/master/gff3.md
    """
    sha256 = hashlib.sha256()
    lines = read_lines(path, sha256=sha256)
    counts = lines.counts
    tables = build_tables(lines, counts)
    if tables.transcripts.is_empty():
        raise InputError(
            "describes no transcript",
            where=os.fspath(path),
            hint="exon or CDS lines that name their transcript (Parent= or transcript_id) are wanted",
        )
    repairs = tuple(
        Repair(code=code, message=text.format(n=counts[code]))
        for code, text in _REPAIRS.items()
        if counts[code] > 0
    )
    return GeneAnnotation(
        transcripts=tables.transcripts,
        exons=tables.exons,
        cds=tables.cds,
        recoded=tables.recoded,
        gaps=tables.gaps,
        dialect=lines.dialect,
        pragmas=lines.pragmas,
        repairs=repairs,
        source=InputDigest(name=printable_name(path), sha256=sha256.hexdigest()),
    )
