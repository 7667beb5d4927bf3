"""What normalising did, in numbers, and when these say that the genome is a wrong one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from genopraxis.contracts.errors import InputError
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = ["EXAMPLES", "MISMATCH_LIMIT", "NormaliseCounts"]

MISMATCH_LIMIT = 0.02
"""Largest share of records whose REF differs from the genome, for data that are on its assembly."""

EXAMPLES = 5
"""Differences that a message shows at most."""


@dataclass(frozen=True, kw_only=True)
class NormaliseCounts:
    """What normalising did, in numbers that can be added up.

    Parameters
    ----------
    records, alleles
        Records read, alleles made of them.
    split_records
        Records with more than one ALT.
    trimmed, shifted
        Alleles that lost common bases, that moved to the left.
    reference_checked, reference_differs
        Records whose REF could be compared with the genome, and where it differs.
    reference_unknown
        Records that could not be compared: the genome or REF has N or an IUPAC code there.
    without_contig
        Records on contigs that the genome does not have, by contig.
    examples
        Some of the differences, for the message.
    repairs
        What had to be repaired.
    """

    records: int = 0
    alleles: int = 0
    split_records: int = 0
    trimmed: int = 0
    shifted: int = 0
    reference_checked: int = 0
    reference_differs: int = 0
    reference_unknown: int = 0
    without_contig: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    repairs: VcfRepairs = field(default_factory=VcfRepairs)

    def __add__(self, other: NormaliseCounts) -> NormaliseCounts:
        return NormaliseCounts(
            records=self.records + other.records,
            alleles=self.alleles + other.alleles,
            split_records=self.split_records + other.split_records,
            trimmed=self.trimmed + other.trimmed,
            shifted=self.shifted + other.shifted,
            reference_checked=self.reference_checked + other.reference_checked,
            reference_differs=self.reference_differs + other.reference_differs,
            reference_unknown=self.reference_unknown + other.reference_unknown,
            without_contig=Counter(self.without_contig) + Counter(other.without_contig),
            examples=(self.examples + other.examples)[:EXAMPLES],
            repairs=self.repairs + other.repairs,
        )

    def refuse_wrong_genome(self, *, limit: float = MISMATCH_LIMIT, where: str | None = None) -> None:
        """Raise when more than one REF, and more than this share of them, differ from the genome.

        Raises
        ------
        InputError
            With how many of how many, and some of them.
        """
        if self.reference_differs > 1 and self.reference_differs > limit * self.reference_checked:
            share = self.reference_differs / self.reference_checked
            raise InputError(
                f"REF differs from the genome in {self.reference_differs:,} of {self.reference_checked:,} records "
                f"({share:.1%}; the limit is {limit:.1%}), as {'; '.join(self.examples)}",
                where=where,
                hint="the variants may be on another assembly than the FASTA: give the FASTA of their assembly",
            )
