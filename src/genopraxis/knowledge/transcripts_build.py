"""A transcript set from a gene annotation and a genome: spliced sequences, and what is wrong with each transcript."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import CHROMOSOMES
from genopraxis.formats.fasta import Genome
from genopraxis.formats.gff import GeneAnnotation, read_gff
from genopraxis.knowledge.transcripts import ARRAYS, Flag, TranscriptSet, write_transcripts
from genopraxis.knowledge.transcripts_codons import BASE_CODES, CODES, MITOCHONDRIAL, STOP, codon_number
from genopraxis.knowledge.transcripts_gaps import Blocks, gapped_blocks
from genopraxis.knowledge.transcripts_kernels import check_frames, splice

__all__ = ["assemble", "build_transcripts"]

# genes of human selenoproteins beside SELENO*; an annotation without notes still shows the TGA codons
_SELENOPROTEINS = frozenset({
    "DIO1", "DIO2", "DIO3", "EEFSEC", "GPX1", "GPX2", "GPX3", "GPX4", "GPX6", "MSRB1", "SEPHS2", "TXNRD1", "TXNRD2",
    "TXNRD3", "SEPP1", "SEP15", "SEPN1", "SEPW1", "SEPX1", "TXNRD3NB",
})  # fmt: skip
_START = codon_number("ATG")
_ENOUGH = 20


def build_transcripts(
    gff: str | os.PathLike[str], out: str | os.PathLike[str], *, genome: Genome | None = None
) -> TranscriptSet:
    """Read a GFF3 or GTF file, build its transcript set, write it to the folder ``out`` and return it.

    Parameters
    ----------
    genome
        The assembly of the annotation. Without it the set holds structures only, and consequences inside coding
        sequences are "needs a FASTA".

    Raises
    ------
    InputError
        Not an annotation, or the genome is not the one that it describes.
    """
    transcripts = assemble(read_gff(gff), genome=genome)
    write_transcripts(transcripts, out)
    return transcripts


def assemble(annotation: GeneAnnotation, *, genome: Genome | None = None) -> TranscriptSet:
    """Return the transcript set of an annotation; see :func:`build_transcripts`."""
    table, contigs = _ordered(annotation.transcripts)
    place = np.empty(table.height, np.int64)
    place[table["transcript"].to_numpy()] = np.arange(table.height)
    exons = annotation.exons.with_columns(
        transcript=pl.Series(place[annotation.exons["transcript"].to_numpy()])
    )
    exons = exons.sort("transcript", "start")
    counts = np.bincount(exons["transcript"].to_numpy(), minlength=table.height)
    offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    start = exons["start"].to_numpy().astype(np.int32) - np.int32(1)
    end = exons["end"].to_numpy().astype(np.int32)
    strand = table["strand"].to_numpy().astype(np.int8)
    blocks = gapped_blocks(annotation.gaps, place=place, offset=offset, start=start, end=end, strand=strand)
    size = (end - start).astype(np.int64) + blocks.extra
    cdna, length = _transcript_places(size, offset, strand)
    blocks = blocks.placed(cdna)
    parts: dict[str, Any] = {
        "contig": table["contig"].to_numpy(),
        "start": table["start"].to_numpy() - 1,
        "end": table["end"].to_numpy(),
        "strand": strand,
        "exon_offset": offset,
        "exon_start": start,
        "exon_end": end,
        "exon_cdna": cdna,
        "block_transcript": blocks.transcript,
        "block_start": blocks.start,
        "block_end": blocks.end,
        "block_cdna": blocks.cdna,
    }
    parts |= _coding(table, parts, blocks)
    flags = _tag_flags(table)
    flags[blocks.transcript] |= Flag.ALIGNMENT_GAP
    coding = parts["cds_start"] >= 0
    broken = coding & (table["cds_length"].fill_null(0).to_numpy() != parts.pop("cds_exonic"))
    outside = broken & parts.pop("cds_unplaced")
    flags[broken & ~outside] |= Flag.FRAME_SLIPPAGE
    flags[outside] |= Flag.CDS_OUTSIDE_EXONS
    parts["cds_start"][outside] = parts["cds_end"][outside] = -1
    sequence, sequence_offset, missing = _sequences(genome, contigs, parts, length, blocks)
    flags[missing] |= Flag.NEEDS_FASTA
    parts |= {"sequence": sequence, "sequence_offset": sequence_offset, "flags": flags}
    parts |= _recoded(annotation.recoded, place, parts)
    _check(table, parts, genome)
    names = table.select("transcript_id", "protein_id", "gene_id", "gene", "biotype")
    card = {
        "sources": [{"name": annotation.source.name, "sha256": annotation.source.sha256}],
        "genome": genome.path.name if genome is not None else None,
        "pragmas": list(annotation.pragmas),
        "repairs": {repair.code: repair.message for repair in annotation.repairs},
        "flags": {
            flag.name: int(np.count_nonzero(parts["flags"] & flag)) for flag in Flag if np.any(parts["flags"] & flag)
        },
    }  # fmt: skip
    return from_parts(contigs, names, parts, card)


def from_parts(
    contigs: Sequence[str], names: pl.DataFrame, parts: Mapping[str, Any], card: Mapping[str, Any]
) -> TranscriptSet:
    """Return a set from arrays of any integer type; they become read-only, as they are when read from disk."""
    arrays: dict[str, Any] = {}
    for name, dtype in ARRAYS.items():
        array = np.ascontiguousarray(parts[name], dtype=dtype)
        array.flags.writeable = False
        arrays[name] = array
    return TranscriptSet(contigs=tuple(contigs), names=names, card=card, **arrays)


def _ordered(table: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    found = table["chrom"].unique(maintain_order=True).to_list()
    contigs = [name for name in CHROMOSOMES if name in found] + [
        name for name in found if name not in CHROMOSOMES
    ]
    numbers = {name: number for number, name in enumerate(contigs)}
    numbered = table.with_columns(contig=pl.col("chrom").replace_strict(numbers, return_dtype=pl.Int32))
    return numbered.sort("contig", "start", "end", "transcript_id", "transcript"), contigs


def _transcript_places(
    size: NDArray[np.int64], offset: NDArray[np.int64], strand: NDArray[np.int8]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return where each exon begins in its transcript, and the length of each transcript."""
    total = np.concatenate([[0], np.cumsum(size)])
    owner = np.repeat(np.arange(strand.size), np.diff(offset))
    length = total[offset[1:]] - total[offset[:-1]]
    before = total[:-1] - total[offset[owner]]
    after = length[owner] - before - size
    return np.where(strand[owner] > 0, before, after).astype(np.int32), length


def _coding(table: pl.DataFrame, parts: Mapping[str, Any], blocks: Blocks) -> dict[str, Any]:
    """Place the coding sequence in the transcript, and count the coding bases that its exons hold."""
    n = table.height
    low = table["cds_start"].fill_null(0).to_numpy().astype(np.int64) - 1
    high = table["cds_end"].fill_null(0).to_numpy().astype(np.int64)
    coding = table["cds_start"].is_not_null().to_numpy()
    owner = np.repeat(np.arange(n), np.diff(parts["exon_offset"]))
    start, end, cdna = (parts[name].astype(np.int64) for name in ("exon_start", "exon_end", "exon_cdna"))
    forward = parts["strand"][owner] > 0
    shared = np.clip(np.minimum(end, high[owner]) - np.maximum(start, low[owner]), 0, None)
    exonic = np.bincount(owner, weights=shared, minlength=n).astype(np.int64)

    def placed(position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the transcript place of one genome base per transcript; -1 outside its exons."""
        inside = (start <= position[owner]) & (position[owner] < end)
        at = np.where(forward, cdna + position[owner] - start, cdna + end - 1 - position[owner])
        out = np.full(n, -1, np.int64)
        out[owner[inside]] = at[inside]
        for row in np.unique(blocks.transcript):
            out[row] = blocks.place_of(int(row), int(position[row]), int(parts["strand"][row]))
        return out

    first, last = placed(low), placed(high - 1)
    reverse = parts["strand"] < 0
    cds_start, cds_end = np.where(reverse, last, first), np.where(reverse, first, last) + 1
    unplaced = coding & ((first < 0) | (last < 0))
    cds_start[~coding], cds_end[~coding] = -1, -1
    return {
        "cds_start": cds_start,
        "cds_end": cds_end,
        "cds_exonic": exonic,
        "cds_unplaced": unplaced,
        "phase": np.where(coding, table["start_phase"].fill_null(0).to_numpy(), 0).astype(np.int8),
    }


def _tag_flags(table: pl.DataFrame) -> NDArray[np.int64]:
    flags = np.zeros(table.height, np.int64)
    for name, flag in {
        "cds_start_nf": Flag.INCOMPLETE_CDS_5,
        "cds_end_nf": Flag.INCOMPLETE_CDS_3,
        "mrna_start_nf": Flag.INCOMPLETE_MRNA_5,
        "mrna_end_nf": Flag.INCOMPLETE_MRNA_3,
        "differs": Flag.GENOME_MISMATCH,
        "slippage": Flag.FRAME_SLIPPAGE,
        "mane_select": Flag.MANE_SELECT,
        "mane_plus_clinical": Flag.MANE_PLUS_CLINICAL,
        "canonical": Flag.CANONICAL,
        "stop_completed": Flag.STOP_BY_POLYADENYLATION,
    }.items():
        flags[table[name].to_numpy()] |= flag
    flags[(table["start_phase"].fill_null(0) > 0).to_numpy()] |= Flag.INCOMPLETE_CDS_5
    flags[(table["biotype"] == "nonsense_mediated_decay").to_numpy()] |= Flag.NMD
    flags[(table["chrom"] == "MT").to_numpy()] |= Flag.MITOCHONDRIAL_CODE
    return flags


def _sequences(
    genome: Genome | None,
    contigs: Sequence[str],
    parts: Mapping[str, Any],
    length: NDArray[np.int64],
    blocks: Blocks,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """Splice each transcript from the genome; the last array says which could not be."""
    sizes = {} if genome is None else genome.contigs
    limit = np.array([sizes.get(name, 0) for name in contigs], np.int64)[parts["contig"]]
    missing = parts["end"] > limit
    if genome is not None:
        beyond = missing & (limit > 0)
        if np.any(beyond):
            row = int(np.flatnonzero(beyond)[0])
            raise InputError(
                f"{np.count_nonzero(beyond)} transcript(s) lie beyond the end of their contig "
                f"(first: {contigs[parts['contig'][row]]}:{parts['end'][row]})",
                where=genome.path.name,
                hint="the FASTA and the annotation are of two assemblies",
            )
    length = np.where(missing, 0, length)
    offset = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    sequence = np.full(int(offset[-1]), 4, np.uint8)
    gapped = set(np.unique(blocks.transcript).tolist())
    for row in np.flatnonzero(~missing).tolist():
        assert genome is not None  # noqa: S101 - without one every transcript is missing
        if row in gapped:
            mine = blocks.of(row)
            pieces = (blocks.start[mine], blocks.end[mine], blocks.cdna[mine])
        else:
            mine = slice(int(parts["exon_offset"][row]), int(parts["exon_offset"][row + 1]))
            pieces = (parts["exon_start"][mine], parts["exon_end"][mine], parts["exon_cdna"][mine])
        contig = genome.sequence(contigs[parts["contig"][row]])
        splice(
            contig, BASE_CODES, *pieces, int(parts["strand"][row]), sequence[offset[row] : offset[row + 1]]
        )
    return sequence, offset, missing


def _recoded(recoded: pl.DataFrame, place: NDArray[np.int64], parts: Mapping[str, Any]) -> dict[str, Any]:
    """Find the codons of noted selenocysteines."""
    rows, codons = [], []
    for number, low, high in recoded.iter_rows():
        row = int(place[number])
        if parts["cds_start"][row] < 0:
            continue
        position = (low if parts["strand"][row] > 0 else high) - 1
        for exon in range(parts["exon_offset"][row], parts["exon_offset"][row + 1]):
            if parts["exon_start"][exon] <= position < parts["exon_end"][exon]:
                inside = position - parts["exon_start"][exon]
                if parts["strand"][row] < 0:
                    inside = parts["exon_end"][exon] - 1 - position
                at = parts["exon_cdna"][exon] + inside - parts["cds_start"][row]
                rows.append(row)
                codons.append((at + (-int(parts["phase"][row])) % 3) // 3)
    parts["flags"][np.array(rows, np.int64)] |= Flag.SELENOCYSTEINE
    return {"recoded_transcript": np.array(rows, np.int32), "recoded_codon": np.array(codons, np.int32)}


def _check(table: pl.DataFrame, parts: dict[str, Any], genome: Genome | None) -> None:
    """Read every coding sequence and flag what is wrong with it."""
    n = table.height
    flags: NDArray[np.int64] = parts["flags"]
    mitochondrial = (flags & Flag.MITOCHONDRIAL_CODE) > 0
    coding = parts["cds_start"] >= 0
    size = parts["cds_end"] - parts["cds_start"] - parts["phase"]
    uneven = coding & (size % 3 != 0)
    flags[uneven & mitochondrial] |= Flag.STOP_BY_POLYADENYLATION
    completed = (flags & Flag.STOP_BY_POLYADENYLATION) > 0
    flags[uneven & ~completed] |= Flag.NOT_MULTIPLE_OF_3
    read = coding & (np.diff(parts["sequence_offset"]) > 0)
    first, last = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    stops, opals, unknown = (np.zeros(n, np.int32) for _ in range(3))
    cds_start, cds_end = (parts[name].astype(np.int32) for name in ("cds_start", "cds_end"))
    code_of = np.where(mitochondrial, MITOCHONDRIAL, 0).astype(np.int8)
    check_frames(
        parts["sequence"], parts["sequence_offset"], cds_start, cds_end, parts["phase"], code_of, CODES,
        first, last, stops, opals, unknown,
    )  # fmt: skip
    noted = np.bincount(parts["recoded_transcript"], minlength=n)
    symbols = table["gene"].fill_null("").str.to_uppercase()
    seleno = table["seleno"] | symbols.is_in(list(_SELENOPROTEINS)) | symbols.str.starts_with("SELENO")
    inferred = read & (noted == 0) & (stops > 0) & (stops == opals) & seleno.to_numpy() & ~mitochondrial
    if np.any(inferred):
        _infer(np.flatnonzero(inferred), parts)
        noted = np.bincount(parts["recoded_transcript"], minlength=n)
        flags[inferred] |= Flag.SELENOCYSTEINE | Flag.SELENOCYSTEINE_INFERRED
    whole5 = (flags & Flag.INCOMPLETE_CDS_5) == 0
    start_codes = (CODES[MITOCHONDRIAL][first] == ord("M")) | (first == codon_number("ATT"))
    begins = np.where(mitochondrial, start_codes, first == _START)
    flags[read & whole5 & ~begins] |= Flag.NO_START_CODON
    ends = (last == STOP) | completed | ((flags & Flag.INCOMPLETE_CDS_3) > 0)
    flags[read & ~ends] |= Flag.NO_STOP_CODON
    premature = read & (stops > noted)
    flags[premature] |= Flag.PREMATURE_STOP
    flags[read & (unknown > 0)] |= Flag.UNKNOWN_BASES
    sound_frame = read & ((flags & (Flag.ALIGNMENT_GAP | Flag.GENOME_MISMATCH | Flag.FRAME_SLIPPAGE)) == 0)
    if genome is not None and np.count_nonzero(sound_frame) >= _ENOUGH:
        bad = np.count_nonzero(sound_frame & premature)
        if bad * 2 > np.count_nonzero(sound_frame):
            raise InputError(
                f"{bad} of {np.count_nonzero(sound_frame)} coding sequences are broken by stop codons",
                where=genome.path.name,
                hint="the FASTA and the annotation are of two assemblies",
            )


def _infer(rows: NDArray[np.int64], parts: dict[str, Any]) -> None:
    found_rows, found_codons = [parts["recoded_transcript"]], [parts["recoded_codon"]]
    for row in rows.tolist():
        begin = int(parts["sequence_offset"][row] + parts["cds_start"][row] + parts["phase"][row])
        size = int(parts["cds_end"][row] - parts["cds_start"][row] - parts["phase"][row]) // 3
        bases = parts["sequence"][begin : begin + 3 * size].reshape(-1, 3).astype(np.int64)
        opal = np.flatnonzero((bases == (3, 2, 0)).all(axis=1))
        opal = opal[opal < size - 1] + (1 if parts["phase"][row] else 0)
        found_rows.append(np.full(opal.size, row, np.int32))
        found_codons.append(opal.astype(np.int32))
    parts["recoded_transcript"] = np.concatenate(found_rows)
    parts["recoded_codon"] = np.concatenate(found_codons)
