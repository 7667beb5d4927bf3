"""Variants as 64-bit numbers that sort by place: what the stores of known variants are searched by.

The layout is that of VariantKey (Asuni & Wilder 2019, doi:10.1101/473744): 5 bits of chromosome, 28 bits of 0-based
position, 31 bits of alleles. Alleles of eleven bases in all, or fewer, are in the key as they are; of longer ones the
key holds a checksum (another one than VariantKey's), and longer digests of the alleles must be compared.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.knowledge.variant_keys_kernels import allele_keys, crc_table, two_bits

Keys = NDArray[np.uint64]

CHROMOSOMES = (*(str(n) for n in range(1, 23)), "X", "Y", "MT")
"""The chromosomes that have a key, by code: the first one is 1."""

_NAMES = pl.Enum(list(CHROMOSOMES))


def variant_keys(variants: pl.DataFrame) -> tuple[Keys, NDArray[np.bool_]]:
    """Return the key of each variant, and which ones have a key.

    Parameters
    ----------
    variants
        ``chrom`` (canonical name), ``pos`` (1-based), ``ref`` and ``alt`` of normalised variants.

    Returns
    -------
    keys
        Shape (variants,); 0 where there is none.
    keyed
        ``False`` for other contigs than :data:`CHROMOSOMES`, positions beyond 2²⁸, and alleles that are not all of
        A, C, G and T: symbolic ones, ``*``, IUPAC codes.
    """
    chrom = pl.col("chrom")
    names = chrom.cast(pl.String) if variants.schema["chrom"] != pl.String else chrom
    found = variants.select(
        code=(names.cast(_NAMES, strict=False).to_physical() + 1).fill_null(0).cast(pl.UInt8),
        pos=pl.col("pos").cast(pl.Int64).fill_null(0),
        ref=pl.col("ref").str.len_bytes().fill_null(0).cast(pl.Int64).cum_sum(),
        alt=pl.col("alt").str.len_bytes().fill_null(0).cast(pl.Int64).cum_sum(),
    )
    letters, checksums = _tables()
    return allele_keys(
        found["code"].to_numpy(),
        found["pos"].to_numpy(),
        _joined(variants["ref"]),
        found["ref"].to_numpy(),
        _joined(variants["alt"]),
        found["alt"].to_numpy(),
        letters,
        checksums,
    )


def long_digests(variants: pl.DataFrame) -> Keys:
    """Return 64 bits (BLAKE2b) of the alleles of variants, which tell those with one key apart."""
    pairs = variants.select(pl.concat_str("ref", "alt", separator=">")).to_series().to_list()
    digests = b"".join(blake2b(pair.encode(), digest_size=8).digest() for pair in pairs)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def are_long(keys: Keys) -> NDArray[np.bool_]:
    """Tell which keys hold a checksum of the alleles, not the alleles."""
    return (keys & np.uint64(1)).astype(np.bool_)


def chromosomes_of(keys: Keys) -> NDArray[np.uint8]:
    """Return the code of the chromosome of each key."""
    return (keys >> np.uint64(59)).astype(np.uint8)


def _joined(texts: pl.Series) -> NDArray[np.uint8]:
    """Return the bytes of all texts, one after the other."""
    return np.frombuffer((texts.str.join("").item() or "").encode(), np.uint8)


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    return two_bits(), crc_table()
