"""Compiled loop over genotypes: what each sample has, in one pass."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "BALANCE_BINS",
    "BALANCE_DEPTH",
    "DEPTH_EDGES",
    "GQ_BINS",
    "REGIONS",
    "Place",
    "Seen",
    "Type",
    "count_genotypes",
]

BALANCE_DEPTH = 10
"""Reads from which on the share of the alternative allele is looked at."""

BALANCE_BINS = 40
GQ_BINS = 100

REGIONS = 3
"""Regions whose depth is kept apart: those of :class:`Place` up to ``Y``."""

# one by one up to 100, then in steps of 5 % up to 1,000 and of 20 % up to 100,000: a median is exact where it matters
DEPTH_EDGES: NDArray[np.int64] = np.unique(
    np.concatenate(
        [np.arange(101), np.rint(100 * 1.05 ** np.arange(48)), np.rint(1000 * 1.2 ** np.arange(1, 27))]
    ).astype(np.int64)
)
_TOP = len(DEPTH_EDGES) - 1


class Place(IntEnum):
    """Where an allele is; X and Y without their pseudo-autosomal regions."""

    AUTOSOME = 0
    X = 1
    Y = 2
    ELSEWHERE = 3


class Type(IntEnum):
    """What an allele is, as far as genotypes are told apart."""

    TRANSITION = 0
    TRANSVERSION = 1
    INDEL = 2
    OTHER = 3


class Seen(IntEnum):
    """What is counted of each sample. Genotypes are counted at records that passed their filters or have none."""

    CALLED = 0  # genotypes, one a record
    PARTLY = 1  # of these, with a part that is not called
    HET_SNV = 2  # diploid genotypes of biallelic records on autosomes
    HOM_SNV = 3
    HET_INDEL = 4
    HOM_INDEL = 5
    TRANSITIONS = 6  # SNVs carried
    TRANSVERSIONS = 7
    CARRIED = 8  # alleles carried
    SINGLETONS = 9  # of these, that no other sample carries, once
    HET = 10  # diploid heterozygous genotypes seen from an allele that is carried once
    PHASED = 11  # of these, with |
    PHASE_SETS = 12  # of these, with PS
    WITH_DEPTH = 13  # of CALLED
    X_HET = 14  # biallelic SNVs
    X_HOM = 15
    X_HAPLOID = 16  # carried, in a genotype of one allele
    X_CALLED = 17
    Y_CALLED = 18
    Y_HET = 19
    Y_HOM = 20  # one allele only, in one or two copies
    HOM_ALT_REF_READS = 21  # reads of the reference at homozygous SNVs on autosomes
    HOM_ALT_READS = 22  # reads there


N_SEEN = len(Seen)

_TRANSITION, _TRANSVERSION, _INDEL = int(Type.TRANSITION), int(Type.TRANSVERSION), int(Type.INDEL)
_AUTOSOME, _X, _Y = int(Place.AUTOSOME), int(Place.X), int(Place.Y)
(
    _CALLED, _PARTLY, _HET_SNV, _HOM_SNV, _HET_INDEL, _HOM_INDEL, _TRANSITIONS, _TRANSVERSIONS, _CARRIED, _SINGLETONS,
    _HET, _PHASED, _PHASE_SETS, _WITH_DEPTH, _X_HET, _X_HOM, _X_HAPLOID, _X_CALLED, _Y_CALLED, _Y_HET, _Y_HOM,
    _REF_READS, _READS,
) = (int(one) for one in Seen)  # fmt: skip


@njit(cache=True, nogil=True)
def _depth_bin(edges: NDArray[np.int64], depth: int) -> int:
    if depth < 100:
        return depth
    low, high = 100, edges.size
    while high - low > 1:
        middle = (low + high) // 2
        if edges[middle] <= depth:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def count_genotypes(
    edges: NDArray[np.int64],
    samples: NDArray[np.uint32],
    rows: NDArray[np.int64],
    dosages: NDArray[np.int8],
    sizes: NDArray[np.uint32],
    phased: NDArray[np.bool_],
    in_set: NDArray[np.bool_],
    depths: NDArray[np.int32],
    ref_depths: NDArray[np.int32],
    alt_depths: NDArray[np.int32],
    qualities: NDArray[np.float32],
    shares: NDArray[np.float32],
    first: NDArray[np.bool_],
    biallelic: NDArray[np.bool_],
    passing: NDArray[np.bool_],
    types: NDArray[np.uint8],
    places: NDArray[np.uint8],
    seen: NDArray[np.int64],
    depth_counts: NDArray[np.int64],
    quality_counts: NDArray[np.int64],
    balance_counts: NDArray[np.int64],
) -> None:
    """Add up what genotypes say.

    Parameters
    ----------
    samples, rows
        Of each genotype: number of its sample, row of its allele.
    dosages
        Copies; -1: a part is not called.
    sizes
        Characters of GT: 1 is haploid, 3 diploid.
    depths, ref_depths, alt_depths
        Reads; -1: not stated.
    qualities, shares
        GQ and share of the allele's reads; NaN: not stated.
    first, biallelic, passing, types, places
        Of each allele.
    seen, depth_counts, quality_counts, balance_counts
        Samples × ``Seen``; samples × ``REGIONS`` × depths; samples × GQ; samples × shares. Added to.
    """
    many = seen.shape[0] > 1
    copies = np.zeros(first.size, np.int64)
    if many:
        for i in range(rows.size):
            if dosages[i] > 0:
                copies[rows[i]] += dosages[i]
    for i in range(rows.size):
        row = rows[i]
        if not passing[row]:
            continue
        sample = samples[i]
        dosage, size, place, kind = dosages[i], sizes[i], places[row], types[row]
        depth = depths[i]
        if depth < 0 and ref_depths[i] >= 0 and alt_depths[i] >= 0 and biallelic[row]:
            depth = ref_depths[i] + alt_depths[i]
        snv = kind <= _TRANSVERSION
        if first[row]:
            seen[sample, _CALLED] += 1
            if dosage < 0:
                seen[sample, _PARTLY] += 1
            if depth >= 0:
                seen[sample, _WITH_DEPTH] += 1
                if place <= _Y:
                    depth_counts[sample, place, _depth_bin(edges, depth)] += 1
            quality = qualities[i]
            if quality >= 0:
                quality_counts[sample, min(int(quality), quality_counts.shape[1] - 1)] += 1
        if dosage < 0:
            continue
        het = dosage == 1 and size == 3
        hom = dosage == 2 and size == 3
        if dosage > 0:
            seen[sample, _CARRIED] += 1
            if many and copies[row] == 1:
                seen[sample, _SINGLETONS] += 1
            if kind == _TRANSITION:
                seen[sample, _TRANSITIONS] += 1
            elif kind == _TRANSVERSION:
                seen[sample, _TRANSVERSIONS] += 1
        if het:
            seen[sample, _HET] += 1
            seen[sample, _PHASED] += phased[i]
            seen[sample, _PHASE_SETS] += in_set[i]
        if not biallelic[row]:
            continue
        if place == _AUTOSOME:
            if snv and het:
                seen[sample, _HET_SNV] += 1
                if depth >= 10 and shares[i] >= 0:
                    bins = balance_counts.shape[1]
                    balance_counts[sample, min(int(shares[i] * bins), bins - 1)] += 1
            elif snv and hom:
                seen[sample, _HOM_SNV] += 1
                if ref_depths[i] >= 0 and alt_depths[i] >= 0:
                    reads = ref_depths[i] + alt_depths[i]
                    if reads >= 10:
                        seen[sample, _REF_READS] += ref_depths[i]
                        seen[sample, _READS] += reads
            elif kind == _INDEL and het:
                seen[sample, _HET_INDEL] += 1
            elif kind == _INDEL and hom:
                seen[sample, _HOM_INDEL] += 1
        elif place == _X and snv:
            seen[sample, _X_CALLED] += 1
            seen[sample, _X_HET] += het
            seen[sample, _X_HOM] += hom
            if size == 1 and dosage == 1:
                seen[sample, _X_HAPLOID] += 1
        elif place == _Y and snv:
            seen[sample, _Y_CALLED] += 1
            seen[sample, _Y_HET] += het
            if hom or (size == 1 and dosage == 1):
                seen[sample, _Y_HOM] += 1


def empty_counts(samples: int) -> tuple[NDArray[Any], ...]:
    """Return ``seen``, ``depth_counts``, ``quality_counts`` and ``balance_counts`` of so many samples, all zero."""
    return (
        np.zeros((samples, N_SEEN), np.int64),
        np.zeros((samples, REGIONS, len(DEPTH_EDGES)), np.int64),
        np.zeros((samples, GQ_BINS), np.int64),
        np.zeros((samples, BALANCE_BINS), np.int64),
    )
