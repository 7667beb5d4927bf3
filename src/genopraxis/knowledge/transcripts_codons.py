"""Genetic codes as arrays: bases are 0 A, 1 C, 2 G, 3 T, 4 anything else; a codon is 16, 4 and 1 times its bases.

The codes are NCBI's tables 1 (standard) and 2 (vertebrate mitochondrial):
https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STANDARD, MITOCHONDRIAL = 0, 1
UNKNOWN_CODON = 64
STOP = ord("*")
UNKNOWN = ord("X")

_ORDER = "ACGT"
# amino acids of the codons AAA, AAC, AAG, AAT, ACA … TTT
_STANDARD = "KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLF"
_MITOCHONDRIAL_CHANGES = {"AGA": "*", "AGG": "*", "ATA": "M", "TGA": "W"}


def codon_number(codon: str) -> int:
    """Return the number of a codon, 0–63, or 64 when a base is not one of ``ACGT``."""
    places = [_ORDER.find(base) for base in codon]
    return UNKNOWN_CODON if -1 in places else 16 * places[0] + 4 * places[1] + places[2]


def _codes() -> NDArray[np.uint8]:
    codes = np.full((2, 65), UNKNOWN, np.uint8)
    codes[:, :64] = np.frombuffer(_STANDARD.encode(), np.uint8)
    for codon, amino_acid in _MITOCHONDRIAL_CHANGES.items():
        codes[MITOCHONDRIAL, codon_number(codon)] = ord(amino_acid)
    codes.flags.writeable = False
    return codes


def _base_codes() -> NDArray[np.uint8]:
    table = np.full(256, 4, np.uint8)
    for number, base in enumerate(_ORDER):
        table[ord(base)] = table[ord(base.lower())] = number
    table.flags.writeable = False
    return table


CODES = _codes()
"""ASCII codes of amino acids, shape (2, 65): genetic code by number of the codon."""

BASE_CODES = _base_codes()
"""Number of a base by its ASCII code, shape (256,)."""
