"""Amino acids and codons: names of one and three letters, and translating with either genetic code.

The codes themselves are knowledge, in :mod:`genopraxis.knowledge.transcripts_codons`.
"""

from __future__ import annotations

from genopraxis.knowledge.transcripts_codons import (
    BASE_CODES,
    CODES,
    MITOCHONDRIAL,
    STANDARD,
    STOP,
    UNKNOWN,
    UNKNOWN_CODON,
    codon_number,
)

__all__ = [
    "BASE_CODES",
    "CODES",
    "MITOCHONDRIAL",
    "STANDARD",
    "STOP",
    "THREE_LETTERS",
    "UNKNOWN",
    "UNKNOWN_CODON",
    "codon_number",
    "reverse_complement",
    "three_letters",
    "translate",
]

THREE_LETTERS = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu", "G": "Gly", "H": "His",
    "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe", "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp",
    "Y": "Tyr", "V": "Val", "U": "Sec", "X": "Xaa", "*": "Ter",
}  # fmt: skip

_COMPLEMENT = str.maketrans("ACGTNacgtn", "TGCANtgcan")


def reverse_complement(bases: str) -> str:
    """Return the reverse complement of bases of ``ACGTN``, letter case kept."""
    return bases.translate(_COMPLEMENT)[::-1]


def three_letters(amino_acids: str) -> str:
    """Return amino acids of one letter in three letters, without separators; ``*`` is ``Ter``, ``U`` ``Sec``."""
    return "".join(THREE_LETTERS[letter] for letter in amino_acids)


def translate(bases: str, *, code: int = STANDARD) -> str:
    """Return the amino acids of whole codons; an unfinished codon at the end is left out, an unknown one is ``X``."""
    table = CODES[code]
    return "".join(chr(table[codon_number(bases[at : at + 3])]) for at in range(0, len(bases) - 2, 3))
