"""What consequences of our own say of a batch, counted from their integers: the counts of their table, without it."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.consequences import IMPACTS, TERMS
from genopraxis.knowledge.transcripts import LIMITS
from genopraxis.variants.consequence import Consequences
from genopraxis.variants.consequence_pick import picked
from genopraxis.variants.pair_kernels import (
    ESCAPING,
    FLAGGED,
    INSIDE,
    MISMATCHED,
    ON_MANE,
    STOPS,
    TALLIES,
    tally,
)
from genopraxis.variants.quality_known import CODING_TERMS, ConsequenceCounts
from genopraxis.variants.quality_tallies import Names

__all__ = ["found_counts"]

_HIGH = sum(1 << place for place, impact in enumerate(TERMS.values()) if impact == "HIGH")
_CHANGING = sum(1 << place for place in CODING_TERMS)


def found_counts(found: Consequences, source: str | None) -> tuple[ConsequenceCounts, NDArray[np.bool_]]:
    """Return what :func:`~genopraxis.variants.quality_known.consequence_counts` does of the table of consequences.

    Returns
    -------
    tuple of ConsequenceCounts and numpy.ndarray
        The counts; of each allele, whether it changes coding sequence.
    """
    alleles = found.alleles.contig.size
    coding = np.zeros(alleles, np.bool_)
    if not alleles:
        return ConsequenceCounts(source=source), coding
    by_term = np.zeros(len(TERMS) + 1, np.int64)
    by_transcript = np.zeros(len(found.set), np.int64)
    tallies = np.zeros(TALLIES, np.int64)
    flags = np.asarray(found.set.flags)
    tally(
        found.rows,
        found.transcripts,
        found.terms,
        found.numbers,
        picked(found),
        flags,
        _HIGH,
        _CHANGING,
        by_term,
        by_transcript,
        tallies,
        coding,
    )
    met = np.zeros(alleles, np.bool_)
    met[found.rows] = True
    unjudged = int((~found.alleles.judged).sum())
    nowhere = int((found.alleles.judged & (found.alleles.contig < 0)).sum())
    terms = dict(zip(TERMS, by_term.tolist(), strict=False))
    terms["sequence_variant"] += unjudged
    terms["intergenic_variant"] += int((~met).sum()) - unjudged
    impacts = Counter({"MODIFIER": int(by_term[-1])})
    for term, n in terms.items():
        impacts[TERMS[term]] += n
    limits = Counter(
        {
            "reference_mismatch": int(tallies[MISMATCHED]),
            "contig_without_transcripts": nowhere,
            "no_sequence": unjudged,
        }
    )
    biotypes: Counter[str] = Counter()
    hit = np.flatnonzero(by_transcript)
    for biotype, own, n in zip(
        found.set.names["biotype"].gather(hit), flags[hit].tolist(), by_transcript[hit].tolist(), strict=True
    ):
        if biotype is not None:
            biotypes[biotype] += n
        for flag in LIMITS:
            if own & flag:
                limits[str(flag.name).lower()] += n
    return ConsequenceCounts(
        source=source,
        alleles=alleles,
        terms=Names.of((term, n) for term, n in terms.items() if n),
        impacts=Names.of((name, impacts[name]) for name in IMPACTS if impacts[name]),
        biotypes=_sorted(biotypes),
        flagged=int(tallies[FLAGGED]) + nowhere + unjudged,
        flags=_sorted(limits),
        inside=int(tallies[INSIDE]),
        mane=int(tallies[ON_MANE]),
        stops=int(tallies[STOPS]),
        escaping=int(tallies[ESCAPING]),
    ), coding


def _sorted(counts: Counter[str]) -> Names:
    return Names.of(sorted((name, n) for name, n in counts.items() if n))
