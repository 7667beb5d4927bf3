"""Transcripts as compact arrays that are read from disk by memory map: structure, sequence, and what limits trust."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis import __version__
from genopraxis.contracts.errors import InputError, KnowledgeError
from genopraxis.formats.file_names import printable_name
from genopraxis.formats.table_file import read_parquet
from genopraxis.formats.writing import atomic_folder
from genopraxis.knowledge.transcripts_fit import misfit
from genopraxis.knowledge.transcripts_kernels import BIN_BITS, count_bins, fill_bins
from genopraxis.knowledge.variant_store_check import UNREADABLE

__all__ = ["FLANK", "Flag", "TranscriptIndex", "TranscriptSet", "load_transcripts", "write_transcripts"]

SCHEMA = "genopraxis.transcripts/1"
FLANK = 5000
CARD = "card.json"
_NAMES = "names.parquet"
_AGAIN = "build it again with genopraxis knowledge build transcripts"


class Flag(IntFlag):
    """What is known of a transcript, one bit each; ``LIMITS`` are those that a reader of a consequence must see."""

    INCOMPLETE_CDS_5 = 1 << 0
    INCOMPLETE_CDS_3 = 1 << 1
    INCOMPLETE_MRNA_5 = 1 << 2
    INCOMPLETE_MRNA_3 = 1 << 3
    NO_START_CODON = 1 << 4
    NO_STOP_CODON = 1 << 5
    PREMATURE_STOP = 1 << 6
    NOT_MULTIPLE_OF_3 = 1 << 7
    GENOME_MISMATCH = 1 << 8
    ALIGNMENT_GAP = 1 << 9
    FRAME_SLIPPAGE = 1 << 10
    UNKNOWN_BASES = 1 << 11
    NEEDS_FASTA = 1 << 12
    CDS_OUTSIDE_EXONS = 1 << 13
    SELENOCYSTEINE = 1 << 14
    STOP_BY_POLYADENYLATION = 1 << 15
    MITOCHONDRIAL_CODE = 1 << 16
    MANE_SELECT = 1 << 20
    MANE_PLUS_CLINICAL = 1 << 21
    CANONICAL = 1 << 22
    NMD = 1 << 23
    SELENOCYSTEINE_INFERRED = 1 << 24


LIMITS: tuple[Flag, ...] = (
    *(flag for flag in Flag if flag < Flag.MITOCHONDRIAL_CODE),
    Flag.SELENOCYSTEINE_INFERRED,
)

ARRAYS: dict[str, type[np.generic]] = {
    "contig": np.int32,
    "start": np.int32,
    "end": np.int32,
    "strand": np.int8,
    "flags": np.uint32,
    "exon_offset": np.int64,
    "exon_start": np.int32,
    "exon_end": np.int32,
    "exon_cdna": np.int32,
    "cds_start": np.int32,
    "cds_end": np.int32,
    "phase": np.int8,
    "sequence_offset": np.int64,
    "sequence": np.uint8,
    "recoded_transcript": np.int32,
    "recoded_codon": np.int32,
    "block_transcript": np.int32,
    "block_start": np.int32,
    "block_end": np.int32,
    "block_cdna": np.int32,
}


@dataclass(frozen=True, kw_only=True)
class TranscriptIndex:
    """Which transcripts, with flanks, reach into each bin of 16,384 bases."""

    flank: int
    contig_bins: NDArray[np.int64]
    offset: NDArray[np.int64]
    members: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class TranscriptSet:
    """Transcripts sorted by contig and start. Coordinates are 0-based and half-open.

    Attributes
    ----------
    contigs
        Canonical names; ``contig`` is a place in it.
    names
        One row per transcript: ``transcript_id``, ``protein_id``, ``gene_id``, ``gene``, ``biotype``.
    start, end, strand, flags
        Extent in the genome, 1 or -1, bits of :class:`Flag`.
    exon_offset, exon_start, exon_end, exon_cdna
        Exons of transcript *i* are ``exon_offset[i]:exon_offset[i + 1]``, by rising place in the genome;
        ``exon_cdna`` is where the exon begins in the transcript (for the reverse strand at its highest base).
    cds_start, cds_end, phase
        Coding sequence in transcript coordinates, stop codon included; -1: not coding. Bases before its first
        whole codon.
    sequence, sequence_offset
        Bases (0 A, 1 C, 2 G, 3 T, 4 unknown) in the direction of the transcript; none without a FASTA.
    recoded_transcript, recoded_codon
        Codons (0-based) that are read as selenocysteine.
    block_transcript, block_start, block_end, block_cdna
        For transcripts with ``ALIGNMENT_GAP`` alone: the pieces that fit the genome without a gap.
    card
        Schema, sources with digests, repairs and counts.
    """

    contigs: tuple[str, ...]
    names: pl.DataFrame
    contig: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    strand: NDArray[np.int8]
    flags: NDArray[np.uint32]
    exon_offset: NDArray[np.int64]
    exon_start: NDArray[np.int32]
    exon_end: NDArray[np.int32]
    exon_cdna: NDArray[np.int32]
    cds_start: NDArray[np.int32]
    cds_end: NDArray[np.int32]
    phase: NDArray[np.int8]
    sequence_offset: NDArray[np.int64]
    sequence: NDArray[np.uint8]
    recoded_transcript: NDArray[np.int32]
    recoded_codon: NDArray[np.int32]
    block_transcript: NDArray[np.int32]
    block_start: NDArray[np.int32]
    block_end: NDArray[np.int32]
    block_cdna: NDArray[np.int32]
    card: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.start.size)

    @cached_property
    def contig_number(self) -> dict[str, int]:
        """Place of each contig by canonical name."""
        return {name: number for number, name in enumerate(self.contigs)}

    @cached_property
    def index(self) -> TranscriptIndex:
        """The index with VEP's flanks of 5,000 bases."""
        return self.build_index(flank=FLANK)

    def build_index(self, *, flank: int) -> TranscriptIndex:
        """Return the index of places for flanks of ``flank`` bases."""
        last = np.full(len(self.contigs), -1, np.int64)
        np.maximum.at(last, self.contig, self.end.astype(np.int64) + flank)
        bins = (last >> BIN_BITS) + 1
        contig_bins = np.concatenate([[0], np.cumsum(bins)]).astype(np.int64)
        counts = np.zeros(int(contig_bins[-1]), np.int64)
        # compiled code knows a memory map by another type than an array: one type, one compilation
        contig, start, end = (np.asarray(part) for part in (self.contig, self.start, self.end))
        count_bins(contig, start, end, contig_bins, flank, counts)
        offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        members = np.empty(int(offset[-1]), np.int32)
        fill_bins(contig, start, end, contig_bins, flank, offset[:-1].copy(), members)
        return TranscriptIndex(flank=flank, contig_bins=contig_bins, offset=offset, members=members)

    @cached_property
    def preferred(self) -> NDArray[np.bool_]:
        """Which transcripts stand for their gene: MANE Select and Plus Clinical, else canonical, else the longest CDS.

        Without a tag, a transcript of biotype ``protein_coding`` comes before one that decays.
        """
        flags = np.asarray(self.flags)
        mane = (flags & (Flag.MANE_SELECT | Flag.MANE_PLUS_CLINICAL)) > 0
        canonical = (flags & Flag.CANONICAL) > 0
        size = np.asarray(self.cds_end) - np.asarray(self.cds_start)
        exonic = np.add.reduceat(
            np.asarray(self.exon_end) - np.asarray(self.exon_start), np.asarray(self.exon_offset[:-1])
        ) if len(self) else np.zeros(0, np.int64)  # fmt: skip
        ranked = self.names.select(
            gene=pl.coalesce("gene_id", "transcript_id"),
            contig=pl.Series(np.asarray(self.contig)),
            tier=pl.Series(np.where(mane, 2, np.where(canonical, 1, 0))),
            sound=self.names["biotype"] == "protein_coding",
            cds=pl.Series(size),
            exonic=pl.Series(exonic),
        ).with_row_index("row")
        key = ("gene", "contig")
        best = (
            ranked.filter(pl.col("tier") == pl.col("tier").max().over(key))
            .sort("sound", "cds", "exonic", "row", descending=[True, True, True, False])
            .with_columns(place=pl.int_range(pl.len()).over(key))
            .filter((pl.col("tier") == 2) | (pl.col("place") == 0))
        )
        chosen = np.zeros(len(self), np.bool_)
        chosen[best["row"].to_numpy()] = True
        return chosen


def write_transcripts(transcripts: TranscriptSet, folder: str | os.PathLike[str]) -> None:
    """Write a set as a folder of ``.npy`` arrays, names in Parquet, and a card with the digest of each file."""
    with atomic_folder(folder) as staging:
        for name, dtype in ARRAYS.items():
            np.save(
                staging / f"{name}.npy",
                np.ascontiguousarray(getattr(transcripts, name), dtype),
                allow_pickle=False,
            )
        transcripts.names.write_parquet(staging / _NAMES)
        card = {
            **transcripts.card,
            "schema": SCHEMA,
            "software": f"genopraxis {__version__}",
            "contigs": list(transcripts.contigs),
            "transcripts": len(transcripts),
            "files": {path.name: _file_facts(path) for path in sorted(staging.iterdir())},
        }
        (staging / CARD).write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load_transcripts(folder: str | os.PathLike[str], *, verify: bool = False) -> TranscriptSet:
    """Open a set that :func:`write_transcripts` wrote; arrays are mapped, not read.

    Parameters
    ----------
    verify
        Compare the digest of each file too, not only its size.

    Raises
    ------
    InputError
        No such set.
    KnowledgeError
        Damaged, or written by a version with another layout.
    """
    root = Path(folder)
    where = printable_name(root)
    try:
        card = json.loads((root / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            "holds no transcript set", where=where, hint="`genopraxis knowledge build transcripts` makes one"
        ) from error
    except (OSError, ValueError) as error:
        raise KnowledgeError("the card of the transcript set is damaged", where=where) from error
    if not isinstance(card, dict) or card.get("schema") != SCHEMA:
        raise KnowledgeError("the transcript set has another layout", where=where, hint=_AGAIN)
    try:
        if missing := {_NAMES, *(f"{name}.npy" for name in ARRAYS)} - card["files"].keys():
            raise KnowledgeError(
                f"the card does not state the size of {', '.join(sorted(missing))}", where=where, hint=_AGAIN
            )
        for name, facts in card["files"].items():
            path = root / Path(name).name
            if path.stat().st_size != facts["bytes"] or (verify and _file_facts(path) != facts):
                raise KnowledgeError(f"{name} is damaged", where=where, hint=_AGAIN)
        arrays: dict[str, Any] = {}
        for name, dtype in ARRAYS.items():
            array = np.lib.format.open_memmap(root / f"{name}.npy", mode="r")
            if array.dtype != dtype or array.ndim != 1:
                raise KnowledgeError(f"{name}.npy is of another type", where=where, hint=_AGAIN)
            arrays[name] = array
        contigs, names = tuple(card["contigs"]), read_parquet(root / _NAMES)
        if (strange := misfit(arrays, contigs=len(contigs), names=names.height)) is not None:
            raise KnowledgeError(f"{strange} does not fit the other files", where=where, hint=_AGAIN)
    except (*UNREADABLE, AttributeError, InputError) as error:
        raise KnowledgeError("the transcript set is damaged", where=where, hint=_AGAIN) from error
    return TranscriptSet(contigs=contigs, names=names, card=card, **arrays)


def _file_facts(path: Path) -> dict[str, str | int]:
    with path.open("rb") as handle:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(handle, "sha256").hexdigest()}
