"""Variants as 64-bit numbers that sort by place: what the stores of known variants are searched by.

The layout is that of VariantKey (Asuni & Wilder 2019, doi:10.1101/473744): 5 bits of chromosome, 28 bits of 0-based
position, 31 bits of alleles. Alleles of eleven bases in all, or fewer, are in the key as they are; of longer ones the
key holds a checksum (another one than VariantKey's), and longer digests of the alleles must be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

CHROMOSOMES = (*(str(n) for n in range(1, 23)), "X", "Y", "MT")
"""The chromosomes that have a key, by code: the first one is 1."""

_CODE = {name: code for code, name in enumerate(CHROMOSOMES, start=1)}
_BASES = 11
_POSITIONS = 1 << 28
_ACGT = "^[ACGT]+$"


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
    ref, alt = pl.col("ref"), pl.col("alt")
    letters = pl.concat_str(ref, alt, pl.lit("A" * 16)).fill_null("A" * 16).cast(pl.Binary)
    found = variants.select(
        code=pl.col("chrom").cast(pl.String).replace_strict(_CODE, default=0, return_dtype=pl.UInt64),
        pos=pl.col("pos").cast(pl.Int64).fill_null(0),
        ref_length=ref.str.len_bytes().fill_null(0).cast(pl.UInt64),
        alt_length=alt.str.len_bytes().fill_null(0).cast(pl.UInt64),
        plain=(ref.str.contains(_ACGT) & alt.str.contains(_ACGT)).fill_null(value=False),
        first=letters.bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big"),
        rest=letters.bin.slice(8, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big"),
    )
    position = found["pos"].to_numpy()
    chromosome = found["code"].fill_null(0).to_numpy()
    keyed = found["plain"].to_numpy() & (chromosome > 0)
    keyed &= (position > 0) & (position <= _POSITIONS)
    ref_length, alt_length = found["ref_length"].to_numpy(), found["alt_length"].to_numpy()
    alleles = (ref_length << np.uint64(27)) | (alt_length << np.uint64(23))
    bases = _two_bits(found["first"].to_numpy()) << np.uint64(6)
    bases |= _two_bits(found["rest"].to_numpy()) >> np.uint64(10)
    alleles |= bases << np.uint64(1)
    long = np.flatnonzero(keyed & (ref_length + alt_length > _BASES))
    if len(long):
        alleles[long] = [(crc32(pair) & 0x3FFFFFFF) << 1 | 1 for pair in _pairs(variants[long])]
    place = (position - 1).astype(np.uint64) & np.uint64(_POSITIONS - 1)
    keys = (chromosome << np.uint64(59)) | (place << np.uint64(31)) | alleles
    return np.where(keyed, keys, np.uint64(0)), keyed


def long_digests(variants: pl.DataFrame) -> Keys:
    """Return 64 bits (BLAKE2b) of the alleles of variants, which tell those with one key apart."""
    digests = b"".join(blake2b(pair, digest_size=8).digest() for pair in _pairs(variants))
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def are_long(keys: Keys) -> NDArray[np.bool_]:
    """Tell which keys hold a checksum of the alleles, not the alleles."""
    return (keys & np.uint64(1)).astype(np.bool_)


def chromosomes_of(keys: Keys) -> NDArray[np.uint8]:
    """Return the code of the chromosome of each key."""
    return (keys >> np.uint64(59)).astype(np.uint8)


def _pairs(variants: pl.DataFrame) -> Iterator[bytes]:
    return (f"{ref}>{alt}".encode() for ref, alt in variants.select("ref", "alt").iter_rows())


def _two_bits(letters: Keys) -> Keys:
    """Return eight bases as two bits each, the first one highest: A 0, C 1, G 2, T 3."""
    two = (letters >> np.uint64(1)) & np.uint64(0x0303030303030303)  # of the ASCII codes: A 0, C 1, T 2, G 3
    two ^= (two >> np.uint64(1)) & np.uint64(0x0101010101010101)
    # neighbours join: pairs of bases, then four, then eight
    two = (two | (two >> np.uint64(6))) & np.uint64(0x000F000F000F000F)
    two = (two | (two >> np.uint64(12))) & np.uint64(0x000000FF000000FF)
    return (two | (two >> np.uint64(24))) & np.uint64(0xFFFF)
