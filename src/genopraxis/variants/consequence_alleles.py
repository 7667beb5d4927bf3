"""Alleles as arrays: where each one changes the genome, and its base when it is a single one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import ContractError

__all__ = ["ANCHORED", "EncodedAlleles", "encode_alleles", "trimmed"]

ANCHORED = ("chrom", "pos", "ref", "alt")
NO_BASE = 255
_BASES = {"A": 0, "C": 1, "G": 2, "T": 3}
_NUMBER = np.full(128, NO_BASE, np.uint8)
for _letter, _number in (*_BASES.items(), ("N", 4)):
    _NUMBER[[ord(_letter), ord(_letter.lower())]] = _number
_SEQUENCE = r"^[ACGTNacgtn]+$"


@dataclass(frozen=True, kw_only=True)
class EncodedAlleles:
    """One entry per row of an allele table. Places are 0-based and half-open; an insertion is empty.

    Attributes
    ----------
    contig
        Place of the contig in the transcript set; -1: not in it, or no sequence to judge (symbolic, ``*``).
    start, end
        What of the genome is replaced, after trimming what both alleles share.
    ref, alt
        Numbers of the bases of single-base alleles (4: ambiguous), 255 for any other.
    removed, inserted
        What is replaced and what replaces it, for alleles that are no single base, by row.
    judged
        Whether the allele is a sequence at all.
    """

    chrom: pl.Series
    contig: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    ref: NDArray[np.uint8]
    alt: NDArray[np.uint8]
    removed: dict[int, str]
    inserted: dict[int, str]
    judged: NDArray[np.bool_]


def encode_alleles(alleles: pl.DataFrame, contig_number: dict[str, int]) -> EncodedAlleles:
    """Return the alleles of a table with ``chrom``, ``pos`` (1-based), ``ref`` and ``alt`` as arrays.

    Raises
    ------
    ContractError
        When a column is missing.
    """
    if missing := [name for name in ANCHORED if name not in alleles.columns]:
        raise ContractError(f"columns missing: {', '.join(missing)}", where="allele table")
    chrom = alleles["chrom"].cast(pl.String)
    names = chrom.unique().drop_nulls().to_list()
    numbers = {name: contig_number.get(name, -1) for name in names}
    columns = alleles.select(
        contig=pl.lit(chrom).replace_strict(numbers, default=-1, return_dtype=pl.Int32),
        start=(pl.col("pos") - 1).cast(pl.Int32),
        ref_length=pl.col("ref").str.len_bytes().cast(pl.Int32),
        alt_length=pl.col("alt").str.len_bytes().cast(pl.Int32),
    )
    contig = columns["contig"].to_numpy().copy()
    start = columns["start"].to_numpy().copy()
    ref_length, alt_length = columns["ref_length"].to_numpy(), columns["alt_length"].to_numpy()
    end = start + ref_length
    single = (ref_length == 1) & (alt_length == 1)
    ref, alt = (_numbers(alleles[name], single) for name in ("ref", "alt"))
    judged = single & (alt != NO_BASE)
    contig[start < 0] = -1  # a breakend at a telomere
    removed: dict[int, str] = {}
    inserted: dict[int, str] = {}
    other = np.flatnonzero(~judged)
    rows = (
        alleles.select("ref", "alt")[other.tolist()] if other.size else alleles.clear().select("ref", "alt")
    )
    sound = rows.select(
        (pl.col("ref").str.contains(_SEQUENCE) & pl.col("alt").str.contains(_SEQUENCE)).fill_null(value=False)
    ).to_series()
    for row, (ref_bases, alt_bases), fine in zip(
        other.tolist(), rows.iter_rows(), sound.to_list(), strict=True
    ):
        if not fine:
            contig[row] = -1
            continue
        lead, kept_ref, kept_alt = trimmed(ref_bases.upper(), alt_bases.upper())
        start[row] += lead
        end[row] = start[row] + len(kept_ref)
        judged[row] = True
        if len(kept_ref) == len(kept_alt) == 1:
            ref[row], alt[row] = _BASES.get(kept_ref, 4), _BASES.get(kept_alt, 4)
        else:
            ref[row] = alt[row] = NO_BASE
            removed[row], inserted[row] = kept_ref, kept_alt
            if not kept_ref and not kept_alt:
                contig[row], judged[row] = -1, False
    return EncodedAlleles(
        chrom=chrom,
        contig=contig,
        start=start,
        end=end,
        ref=ref,
        alt=alt,
        removed=removed,
        inserted=inserted,
        judged=judged,
    )


def _numbers(bases: pl.Series, single: NDArray[np.bool_]) -> NDArray[np.uint8]:
    numbers = np.full(len(bases), NO_BASE, np.uint8)
    if single.any():
        letters = bases if single.all() else bases.filter(pl.Series(single))
        numbers[single] = _NUMBER[np.frombuffer(letters.str.join("").item().encode("ascii"), np.uint8)]
    return numbers


def trimmed(ref: str, alt: str) -> tuple[int, str, str]:
    """Cut what two alleles share, first at the left, then at the right; return how much was cut at the left."""
    lead = 0
    limit = min(len(ref), len(alt))
    while lead < limit and ref[lead] == alt[lead]:
        lead += 1
    tail = 0
    limit -= lead
    while tail < limit and ref[-1 - tail] == alt[-1 - tail]:
        tail += 1
    return lead, ref[lead : len(ref) - tail], alt[lead : len(alt) - tail]
