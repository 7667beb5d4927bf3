"""Consequences of alleles on transcripts: compiled loops for single bases, the exact way for the rest.

Terms and their order are those of Ensembl's VEP, release 110 (doi 10.1186/s13059-016-0974-4). The result is columns of
integers; :func:`genopraxis.variants.consequence_table.consequence_table` writes them out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.transcripts import FLANK, TranscriptIndex, TranscriptSet
from genopraxis.variants import consequence_kernels as kernels
from genopraxis.variants.codons import CODES
from genopraxis.variants.consequence_alleles import NO_BASE, EncodedAlleles, encode_alleles
from genopraxis.variants.consequence_exact import Answer, answer
from genopraxis.variants.consequence_placement import placed
from genopraxis.variants.consequence_view import TranscriptView, view

__all__ = ["Annotator", "Consequences", "Pick"]

Pick = Literal["all", "preferred"]
_LETTERS = "ACGTN"
_MOVES = 300  # bases from an exon within which an allele of an intron is looked for in a repeat


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """One entry per pair of allele and transcript, in the order of the alleles, then of the transcripts.

    Attributes
    ----------
    rows, transcripts
        Row of the allele table; row of the transcript set.
    terms
        Bits in the order of :data:`genopraxis.contracts.consequences.TERMS`.
    numbers
        Shape (``kernels.COLUMNS``, pairs): see :mod:`genopraxis.variants.consequence_kernels`.
    answers
        Of the pairs that took the exact way.
    """

    alleles: EncodedAlleles
    set: TranscriptSet
    genome: Genome | None
    rows: NDArray[np.int32]
    transcripts: NDArray[np.int32]
    terms: NDArray[np.int64]
    numbers: NDArray[np.int32]
    answers: dict[int, Answer]
    views: Annotator

    def __len__(self) -> int:
        return int(self.rows.size)


class Annotator:
    """What is needed to annotate batch after batch; it may be shared by threads.

    Parameters
    ----------
    transcripts
        The transcript set.
    genome
        The assembly, for the 3' rule of HGVS. Without it alleles move within their exon only.
    flank
        Bases up to which an allele is upstream or downstream of a transcript.
    pick
        All transcripts, or those that stand for their gene.
    """

    def __init__(
        self,
        transcripts: TranscriptSet,
        *,
        genome: Genome | None = None,
        flank: int = FLANK,
        pick: Pick = "all",
    ) -> None:
        self.set = transcripts
        self.genome = genome
        self.flank = flank
        self._index: TranscriptIndex = (
            transcripts.index if flank == FLANK else transcripts.build_index(flank=flank)
        )
        self._wanted = np.ones(len(transcripts), np.bool_) if pick == "all" else transcripts.preferred
        self.tables = kernels.Tables(
            start=np.asarray(transcripts.start),
            end=np.asarray(transcripts.end),
            strand=np.asarray(transcripts.strand),
            flags=np.asarray(transcripts.flags),
            exon_offset=np.asarray(transcripts.exon_offset),
            exon_start=np.asarray(transcripts.exon_start),
            exon_end=np.asarray(transcripts.exon_end),
            exon_cdna=np.asarray(transcripts.exon_cdna),
            cds_start=np.asarray(transcripts.cds_start),
            cds_end=np.asarray(transcripts.cds_end),
            phase=np.asarray(transcripts.phase),
            sequence_offset=np.asarray(transcripts.sequence_offset),
            sequence=np.asarray(transcripts.sequence),
            recoded_transcript=np.asarray(transcripts.recoded_transcript),
            recoded_codon=np.asarray(transcripts.recoded_codon),
            codes=CODES,
        )
        # neighbouring variants hit the same transcripts
        self.view = lru_cache(maxsize=512)(self._view)

    def _view(self, row: int) -> TranscriptView:
        return view(self.set, row)

    def consequences(self, alleles: pl.DataFrame) -> Consequences:
        """Return the consequences of a table with ``chrom``, ``pos`` (1-based), ``ref`` and ``alt``.

        Raises
        ------
        ContractError
            When a column is missing.
        """
        encoded = encode_alleles(alleles, self.set.contig_number)
        rows, transcripts = self._pairs(encoded)
        terms = np.zeros(rows.size, np.int64)
        numbers = np.zeros((kernels.COLUMNS, rows.size), np.int32)
        kernels.single_bases(
            self.tables,
            encoded.start,
            encoded.end,
            encoded.ref,
            encoded.alt,
            rows,
            transcripts,
            terms,
            numbers,
        )
        self._mark_moving(encoded, rows, transcripts, numbers)
        answers: dict[int, Answer] = {}
        for pair in np.flatnonzero(numbers[kernels.EXACT]).tolist():
            answers[pair] = self._answer(encoded, int(rows[pair]), int(transcripts[pair]))
            self._enter(answers[pair], pair, int(transcripts[pair]), terms, numbers)
        return Consequences(
            alleles=encoded,
            set=self.set,
            genome=self.genome,
            rows=rows,
            transcripts=transcripts,
            terms=terms,
            numbers=numbers,
            answers=answers,
            views=self,
        )

    def _pairs(self, encoded: EncodedAlleles) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        counts = np.zeros(encoded.contig.size, np.int64)
        nothing = np.zeros(0, np.int32)
        arguments = (
            encoded.contig, encoded.start, encoded.end, self.tables.start, self.tables.end, self._wanted,
            self._index.contig_bins, self._index.offset, self._index.members, self.flank, counts,
        )  # fmt: skip
        total = kernels.join(*arguments, nothing, nothing, 0)
        rows, transcripts = np.empty(total, np.int32), np.empty(total, np.int32)
        kernels.join(*arguments, rows, transcripts, 1)
        return rows, transcripts

    def _mark_moving(
        self,
        encoded: EncodedAlleles,
        rows: NDArray[np.int32],
        transcripts: NDArray[np.int32],
        numbers: NDArray[np.int32],
    ) -> None:
        """Leave to the exact way what lies deep in an intron as it is written, but might be told nearer to an exon."""
        near = (encoded.alt[rows] == NO_BASE) & (numbers[kernels.EXACT] == 0)
        near &= (numbers[kernels.DISTANCE] == 0) & (np.abs(numbers[kernels.SPLICE_DISTANCE]) < _MOVES)
        for pair in np.flatnonzero(near).tolist():
            row, own = int(rows[pair]), self.view(int(transcripts[pair]))
            start, end = int(encoded.start[row]), int(encoded.end[row])
            bases = self._moving_room(own.chrom)
            found = placed(own, start=start, end=end, inserted=encoded.inserted.get(row, ""), bases=bases)
            numbers[kernels.EXACT, pair] = found.start != start

    def _answer(self, encoded: EncodedAlleles, row: int, transcript: int) -> Answer:
        inserted, reference = encoded.inserted.get(row), encoded.removed.get(row, "")
        if inserted is None:
            inserted, reference = _LETTERS[encoded.alt[row]], _LETTERS[encoded.ref[row]]
        own = self.view(transcript)
        return answer(
            own,
            start=int(encoded.start[row]),
            end=int(encoded.end[row]),
            inserted=inserted,
            reference=reference,
            bases=self._moving_room(own.chrom) if len(inserted) != len(reference) else None,
        )

    def _moving_room(self, chrom: str) -> NDArray[np.uint8] | None:
        """Return the bases along which insertions and deletions may move."""
        if self.genome is None or chrom not in self.genome.contigs:
            return None
        return self.genome.sequence(chrom)

    def _enter(
        self, found: Answer, pair: int, transcript: int, terms: NDArray[np.int64], numbers: NDArray[np.int32]
    ) -> None:
        terms[pair] = found.mask
        numbers[kernels.EXON, pair] = found.exon
        numbers[kernels.INTRON_NUMBER, pair] = found.intron
        numbers[kernels.ANCHOR, pair] = found.cdna - 1
        numbers[kernels.CDS, pair] = found.cds
        numbers[kernels.CODON, pair] = found.codon
        numbers[kernels.SPLICE_DISTANCE, pair] = found.splice_distance
        numbers[kernels.REF_MISMATCH, pair] = found.reference_mismatch
        if found.last_exon is not None:
            numbers[kernels.LAST_EXON, pair] = 1 + found.last_exon
        if found.stop is not None:
            numbers[kernels.NMD_RULE, pair] = 1 + kernels.nmd_rule(self.tables, transcript, found.stop)

    def exact(self, consequences: Consequences) -> Consequences:
        """Return the same pairs, every one inside its transcript answered the exact way; for checks."""
        terms, numbers = consequences.terms.copy(), consequences.numbers.copy()
        answers: dict[int, Answer] = {}
        for pair in range(len(consequences)):
            if numbers[kernels.DISTANCE, pair]:
                continue
            row, transcript = int(consequences.rows[pair]), int(consequences.transcripts[pair])
            answers[pair] = self._answer(consequences.alleles, row, transcript)
            numbers[:, pair] = 0
            numbers[kernels.EXACT, pair] = 1
            self._enter(answers[pair], pair, transcript, terms, numbers)
        return replace(consequences, terms=terms, numbers=numbers, answers=answers)


def is_single(encoded: EncodedAlleles) -> NDArray[np.bool_]:
    """Tell which alleles replace one base by one base."""
    single: NDArray[np.bool_] = encoded.alt != NO_BASE
    return single
