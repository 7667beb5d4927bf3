"""Which alleles may share a codon, or shift a frame back: arrays over the pairs of allele and transcript of a batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.variants import consequence_kernels as kernels
from genopraxis.variants.consequence import Consequences, is_single
from genopraxis.variants.consequence_exact import span

__all__ = ["CodingPairs", "Runs", "coding_pairs", "neighbours"]


@dataclass(frozen=True, kw_only=True)
class CodingPairs:
    """Pairs of allele and transcript where the coding sequence is changed.

    Attributes
    ----------
    allele, transcript
        Number of the allele (a row of its table, or what the caller gives it); row of the transcript set.
    low, high
        Bases of the coding sequence that are replaced, 0-based and half-open; an insertion is empty.
    grown
        Bases by which the coding sequence grows, modulo 3.
    """

    allele: NDArray[np.int64]
    transcript: NDArray[np.int32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]
    grown: NDArray[np.int8]

    def __len__(self) -> int:
        return int(self.allele.size)

    @classmethod
    def nothing(cls) -> CodingPairs:
        """Return none."""
        none = np.zeros(0, np.int32)
        return cls(
            allele=np.zeros(0, np.int64), transcript=none, low=none, high=none, grown=np.zeros(0, np.int8)
        )

    @property
    def first(self) -> NDArray[np.int32]:
        """The first codon touched, 0-based."""
        first: NDArray[np.int32] = self.low // 3
        return first

    @property
    def last(self) -> NDArray[np.int32]:
        """The last codon touched; below ``first`` for whole codons that are inserted between two."""
        between = (self.low == self.high) & (self.low % 3 == 0) & (self.grown == 0)
        last: NDArray[np.int32] = np.where(self.low == self.high, self.first, (self.high - 1) // 3)
        last -= between
        return last

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> CodingPairs:
        """Return some of the pairs."""
        return CodingPairs(
            allele=self.allele[which],
            transcript=self.transcript[which],
            low=self.low[which],
            high=self.high[which],
            grown=self.grown[which],
        )

    def renumbered(self, allele: NDArray[np.int64]) -> CodingPairs:
        """Return the pairs with other numbers of their alleles."""
        return CodingPairs(
            allele=allele, transcript=self.transcript, low=self.low, high=self.high, grown=self.grown
        )

    def joined(self, more: CodingPairs) -> CodingPairs:
        """Return these pairs and more."""
        return CodingPairs(
            allele=np.concatenate([self.allele, more.allele]),
            transcript=np.concatenate([self.transcript, more.transcript]),
            low=np.concatenate([self.low, more.low]),
            high=np.concatenate([self.high, more.high]),
            grown=np.concatenate([self.grown, more.grown]),
        )


def coding_pairs(found: Consequences) -> CodingPairs:
    """Return the pairs of a batch that change a codon whose bases are known."""
    at = np.flatnonzero(found.numbers[kernels.CODON])
    if not at.size:
        return CodingPairs.nothing()
    offsets = found.views.tables.sequence_offset
    at = at[offsets[found.transcripts[at] + 1] > offsets[found.transcripts[at]]]
    rows = found.rows[at]
    encoded = found.alleles
    lost = encoded.end[rows] - encoded.start[rows]
    grown = np.zeros(at.size, np.int64)
    low = found.numbers[kernels.CDS, at] - 1
    kept = np.ones(at.size, np.bool_)
    for place in np.flatnonzero(~is_single(encoded)[rows]).tolist():
        row = int(rows[place])
        grown[place] = len(encoded.inserted[row]) - lost[place]
        # where it is written: the 3' rule may take it over a base that another allele changes
        own = found.views.view(int(found.transcripts[at[place]]))
        spanned = span(own, int(encoded.start[row]), int(encoded.end[row]))
        if spanned is None or spanned[0] < own.cds_start or spanned[1] > own.cds_end:
            kept[place] = False
        else:
            low[place] = spanned[0] - own.cds_start + own.pad
    return CodingPairs(
        allele=rows.astype(np.int64),
        transcript=found.transcripts[at],
        low=low,
        high=low + lost,
        grown=(grown % 3).astype(np.int8),
    ).take(kept)


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Neighbouring pairs of one transcript: run *i* is ``offset[i]:offset[i + 1]`` of ``pairs``, in its direction."""

    pairs: CodingPairs
    offset: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.offset.size) - 1


def neighbours(pairs: CodingPairs) -> Runs:
    """Return the runs of pairs that share a codon, or lie from the first to the last frame shift of a transcript.

    Whose copies of the chromosome they are on is not asked: each is a candidate.
    """
    order = np.lexsort((pairs.high, pairs.low, pairs.transcript))
    pairs = pairs.take(order)
    size = len(pairs)
    if size < 2:
        return Runs(pairs=pairs.take(np.zeros(0, np.int64)), offset=np.zeros(1, np.int64))
    transcript = pairs.transcript.astype(np.int64)
    # a codon of a later transcript is above any of an earlier one, so that one running maximum does for all
    reach = np.maximum.accumulate((transcript << 32) + np.maximum(pairs.last, pairs.first))
    linked = np.zeros(size, np.bool_)
    linked[1:] = (transcript[1:] << 32) + pairs.first[1:] <= reach[:-1]
    shifting = np.flatnonzero(pairs.grown)
    if shifting.size > 1:
        _, begins = np.unique(transcript[shifting], return_index=True)
        ends = np.append(begins[1:], shifting.size) - 1
        step = np.zeros(size + 1, np.int64)
        lead, tail = shifting[begins], shifting[ends]
        np.add.at(step, lead + 1, 1)
        np.add.at(step, tail + 1, -1)
        linked |= np.cumsum(step[:-1]) > 0
    begins = np.flatnonzero(~linked)
    lengths = np.diff(np.append(begins, size))
    kept = lengths > 1
    begins, lengths = begins[kept], lengths[kept]
    offset = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    which = np.repeat(begins - offset[:-1], lengths) + np.arange(int(offset[-1]))
    return Runs(pairs=pairs.take(which), offset=offset)
