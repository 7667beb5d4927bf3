"""One transcript in a form that plain code reads: for the alleles that the compiled loops leave over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.transcripts import Flag, TranscriptSet
from genopraxis.variants.codons import CODES, MITOCHONDRIAL, STANDARD, codon_number

__all__ = ["TranscriptView", "view"]

_LETTERS = np.frombuffer(b"ACGTN", np.uint8)
_TABLES = {
    code: {
        "".join(codon): chr(CODES[code][codon_number("".join(codon))]) for codon in product("ACGT", repeat=3)
    }
    for code in (STANDARD, MITOCHONDRIAL)
}


@dataclass(frozen=True, kw_only=True)
class TranscriptView:
    """A transcript. ``exons`` and ``pieces`` are ``(start, end, transcript place)`` by rising place in the genome."""

    chrom: str
    start: int
    end: int
    forward: bool
    flags: Flag
    exons: tuple[tuple[int, int, int], ...]
    pieces: tuple[tuple[int, int, int], ...]
    cds_start: int
    cds_end: int
    phase: int
    recoded: frozenset[int]
    codes: NDArray[np.uint8]

    @property
    def coding(self) -> bool:
        """Whether it has a coding sequence."""
        return self.cds_start >= 0

    @property
    def pad(self) -> int:
        """Bases of the first codon that are missing."""
        return -self.phase % 3

    @property
    def code(self) -> int:
        """Its genetic code."""
        return MITOCHONDRIAL if self.flags & Flag.MITOCHONDRIAL_CODE else STANDARD

    @cached_property
    def bases(self) -> str:
        """Its sequence; empty without a FASTA."""
        return _LETTERS[self.codes].tobytes().decode()

    @cached_property
    def coding_bases(self) -> str:
        """Coding sequence with ``N`` for what is missing of the first codon, and the tail that completes the last."""
        tail = (
            -(self.cds_end - self.cds_start + self.pad) % 3
            if self.flags & Flag.STOP_BY_POLYADENYLATION
            else 0
        )
        return "N" * self.pad + self.bases[self.cds_start : self.cds_end] + "A" * tail

    @cached_property
    def protein(self) -> str:
        """Amino acids of the whole codons, the stop included."""
        return self.read(self.coding_bases)

    def read(
        self, bases: str, *, first: int = 0, recoded: frozenset[int] | None = None, stop: bool = False
    ) -> str:
        """Translate codons.

        Parameters
        ----------
        first
            Number (0-based) of the first codon.
        recoded
            Codons read as selenocysteine when they are TGA; those of the transcript by default.
        stop
            End with the first stop.
        """
        table = _TABLES[self.code]
        recoded = self.recoded if recoded is None else recoded
        if stop and not recoded:  # most changed frames end soon
            for at in range(0, len(bases) - 2, 3):
                if table.get(bases[at : at + 3]) == "*":
                    bases = bases[: at + 3]
                    break
        letters = [table.get(bases[at : at + 3], "X") for at in range(0, len(bases) - 2, 3)]
        for at in recoded:
            place = at - first
            if (
                0 <= place < len(letters)
                and bases[3 * place : 3 * place + 3] == "TGA"
                and letters[place] == "*"
            ):
                letters[place] = "U"
        text = "".join(letters)
        return text[: text.find("*") + 1] if stop and "*" in text else text

    def place(self, position: int) -> tuple[int, int] | None:
        """Return the nearest transcript base of a genome position and the offset from it; ``None`` outside.

        A base that the transcript's own sequence lacks has no place either.
        """
        for low, high, cdna in self.pieces:
            if low <= position < high:
                return cdna + (position - low if self.forward else high - 1 - position), 0
        for before, after in zip(self.exons, self.exons[1:], strict=False):
            if before[1] <= position < after[0]:
                left, right = position - before[1] + 1, after[0] - position
                edges = self.place(before[1] - 1), self.place(after[0])
                if edges[0] is None or edges[1] is None:
                    return None
                if self.forward:
                    return (edges[0][0], left) if left <= right else (edges[1][0], -right)
                return (edges[1][0], right) if right <= left else (edges[0][0], -left)
        return None


def view(transcripts: TranscriptSet, row: int) -> TranscriptView:
    """Return one transcript of a set."""
    exons = slice(int(transcripts.exon_offset[row]), int(transcripts.exon_offset[row + 1]))
    whole = tuple(
        zip(
            transcripts.exon_start[exons].tolist(),
            transcripts.exon_end[exons].tolist(),
            transcripts.exon_cdna[exons].tolist(),
            strict=True,
        )
    )
    flags = Flag(int(transcripts.flags[row]))
    pieces = whole
    if flags & Flag.ALIGNMENT_GAP:
        low, high = np.searchsorted(transcripts.block_transcript, [row, row + 1]).tolist()
        pieces = tuple(
            zip(
                transcripts.block_start[low:high].tolist(),
                transcripts.block_end[low:high].tolist(),
                transcripts.block_cdna[low:high].tolist(),
                strict=True,
            )
        )
    bases = slice(int(transcripts.sequence_offset[row]), int(transcripts.sequence_offset[row + 1]))
    recoded = transcripts.recoded_codon[np.asarray(transcripts.recoded_transcript) == row]
    return TranscriptView(
        chrom=transcripts.contigs[int(transcripts.contig[row])],
        start=int(transcripts.start[row]),
        end=int(transcripts.end[row]),
        forward=int(transcripts.strand[row]) > 0,
        flags=flags,
        exons=whole,
        pieces=pieces,
        cds_start=int(transcripts.cds_start[row]),
        cds_end=int(transcripts.cds_end[row]),
        phase=int(transcripts.phase[row]),
        recoded=frozenset(recoded.tolist()),
        codes=np.asarray(transcripts.sequence[bases]),
    )
