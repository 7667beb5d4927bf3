"""Alleles of one chromosome copy that are read together: found while a VCF goes by, and said beside each one's own.

Nothing of the records is changed or merged: a group is a row of its own table.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.haplotype_consequences import HAPLOTYPE_CONSEQUENCES
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.phased_candidates import CodingPairs, coding_pairs, neighbours
from genopraxis.variants.phased_haplotypes import CARRIERS, carriers
from genopraxis.variants.phased_judge import PhasedJudge

__all__ = ["PhasedCodons"]

# an allele that normalising moved to the left may come after one that lies behind it
_SLACK = 5_000
_ALLELES = {
    "id": pl.Int64, "record": pl.UInt32, "allele": pl.UInt16, "chrom": pl.String, "pos": pl.Int64,
    "ref": pl.String, "alt": pl.String,
}  # fmt: skip


class PhasedCodons:
    """Finds groups of alleles that change the same codon, or shift a frame and back, on one copy of a chromosome.

    Feed it the batches of one file, in order, from one thread. What it keeps between batches is the alleles that a
    sample carries in coding sequences of transcripts that the file has not passed yet, and who carries them.

    Parameters
    ----------
    annotator
        Whose transcripts are judged.
    """

    def __init__(self, annotator: Annotator) -> None:
        self._annotator = annotator
        self._numbers: dict[str, int] = {}
        self._next = 0
        self._pairs = CodingPairs.nothing()
        self._alleles = pl.DataFrame(schema=_ALLELES)
        self._carriers = pl.DataFrame(schema=CARRIERS)

    @property
    def waiting(self) -> int:
        """Alleles kept for batches to come."""
        return self._alleles.height

    def add(self, annotated: AnnotatedBatch) -> pl.DataFrame:
        """Take the next batch; return the groups that no later batch can add to.

        Sites without genotypes make no group.

        Returns
        -------
        polars.DataFrame
            Rows as :data:`~genopraxis.contracts.haplotype_consequences.HAPLOTYPE_CONSEQUENCES`.
        """
        alleles, genotypes = annotated.alleles, annotated.genotypes
        if genotypes is None or genotypes.is_empty() or alleles.is_empty():
            return HAPLOTYPE_CONSEQUENCES.empty()
        found = annotated.found
        if found is None:
            found = self._annotator.consequences(alleles)
        if not self._numbers:
            self._numbers.update((name, n) for n, name in enumerate(annotated.batch.header.samples))
        self._keep(coding_pairs(found), alleles, genotypes)
        if not len(self._pairs):
            return HAPLOTYPE_CONSEQUENCES.empty()
        return self._close(self._passed(alleles))

    def finish(self) -> pl.DataFrame:
        """Return the groups of what is left, after the last batch."""
        return self._close(np.ones(len(self._pairs), np.bool_))

    def _keep(self, pairs: CodingPairs, alleles: pl.DataFrame, genotypes: pl.DataFrame) -> None:
        """Keep the coding alleles of a batch that somebody carries."""
        if not len(pairs):
            return
        rows = np.unique(pairs.allele)
        coding = (
            alleles[rows.tolist()]
            .select("record", "allele", "chrom", "pos", "ref", "alt")
            .with_columns(id=pl.Series(rows) + self._next, chrom=pl.col("chrom").cast(pl.String))
            .select(list(_ALLELES))
        )
        records = genotypes["record"].to_numpy()
        if np.any(records[1:] < records[:-1]):
            genotypes = genotypes.sort("record", maintain_order=True)
            records = genotypes["record"].to_numpy()
        some = genotypes[_rows_of(records, np.unique(coding["record"].to_numpy()))]
        carried = carriers(some, coding.select("record", "allele", "id"), self._numbers)
        held = np.zeros(alleles.height, np.bool_)
        held[carried["id"].unique().to_numpy() - self._next] = True
        kept = pairs.take(held[pairs.allele])
        self._pairs = self._pairs.joined(kept.renumbered(kept.allele + self._next))
        self._alleles = self._alleles.vstack(coding.filter(pl.Series(held[rows])))
        self._carriers = self._carriers.vstack(carried)
        self._next += alleles.height

    def _passed(self, alleles: pl.DataFrame) -> NDArray[np.bool_]:
        """Tell which pairs are of transcripts that the file has passed."""
        transcripts = self._annotator.set
        place = alleles["original_pos"][-1]
        contig = transcripts.contig_number.get(alleles["chrom"][-1], -1)
        owner = self._pairs.transcript
        done: NDArray[np.bool_] = (transcripts.contig[owner] != contig) | (
            transcripts.end[owner] + _SLACK < place
        )
        return done

    def _close(self, done: NDArray[np.bool_]) -> pl.DataFrame:
        if not done.any():
            return HAPLOTYPE_CONSEQUENCES.empty()
        near = neighbours(self._pairs.take(done))
        rows = PhasedJudge(self._annotator, self._alleles, tuple(self._numbers)).rows(near, self._carriers)
        self._pairs = self._pairs.take(~done)
        left = pl.Series(np.unique(self._pairs.allele), dtype=pl.Int64).implode()
        self._alleles = self._alleles.filter(pl.col("id").is_in(left))
        self._carriers = self._carriers.filter(pl.col("id").is_in(left))
        return rows


def _rows_of(records: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the places of the wanted records, both sorted, the first with repeats."""
    low = np.searchsorted(records, wanted, side="left")
    count = np.searchsorted(records, wanted, side="right") - low
    begin = np.cumsum(count) - count
    return np.repeat(low - begin, count) + np.arange(int(count.sum()))
