"""HGVS descriptions as other programs write them, in the one way of our tables."""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

from genopraxis.variants.codons import THREE_LETTERS
from genopraxis.variants.hgvs_protein import describe_protein

__all__ = ["amino_acids_of_csq", "coding_change", "predicted_change", "protein_change"]

_ONE_LETTER = re.compile(r"^p\.[A-Z*]\d")
# words of HGVS that hold capital letters or would be read as residues
_PARTS = re.compile(r"(del|ins|dup|fs|ext|con|inv)|([A-Z*])")
_CSQ = re.compile(r"(\d+)([A-Z*]+)(?:>(\d+)([A-Z*]+))?")


def coding_change(texts: pl.Series) -> pl.Series:
    """Return ``ENST1:c.4C>T`` as ``c.4C>T``; deleted and doubled bases are not named, as HGVS recommends."""
    return (
        texts.str.replace(r"^[^:]+:([cnmgr]\.)", "${1}")
        .str.replace(r"\([^()]*\)$", "")
        .str.replace(r"(del|dup)(?:[ACGTN]+|\d+)(ins|$)", "${1}${2}")
    )


def protein_change(texts: pl.Series) -> pl.Series:
    """Return protein descriptions with ``p.``, three-letter residues, ``Ter`` and ``=``, without parentheses.

    ``ENSP1:p.(Arg2Cys)``, ``p.R2C``, ``ENST1:c.6C>T(p.%3D)`` and ``p.Leu5Leu`` become ``p.Arg2Cys``, ``p.Arg2Cys``,
    ``p.=`` and ``p.Leu5=``. What is no description of a protein becomes null.
    """
    bare = texts.str.extract(r"(p\.\S+)$").str.replace_all(r"[()\[\]]", "")
    bare = bare.str.replace(r"(\d|fs|ext)X(\d*|\?)$", "${1}*${2}")
    short = bare.filter(bare.str.contains(_ONE_LETTER.pattern).fill_null(value=False)).unique()
    if len(short):
        bare = bare.replace(short, pl.Series([_three(one) for one in short], dtype=pl.String))
    bare = bare.str.replace_all("*", "Ter", literal=True)
    groups = bare.str.extract_groups(r"^p\.([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})$").struct.unnest()
    first, number, last = groups.get_columns()
    same = pl.concat_str(pl.lit("p."), first, number, pl.lit("="))
    return pl.select(pl.when(first == last).then(same).otherwise(bare)).to_series().alias(texts.name)


def predicted_change(changes: pl.Series) -> pl.Series:
    """Return ``p.Arg2Cys`` as ``p.(Arg2Cys)``; ``p.?`` says that nothing is known and stays."""
    predicted = pl.concat_str(pl.lit("p.("), changes.str.slice(2), pl.lit(")"))
    return pl.select(pl.when(changes == "p.?").then(changes).otherwise(predicted)).to_series()


@lru_cache(maxsize=65_536)
def amino_acids_of_csq(text: str, *, shifted: bool) -> tuple[int, str | None, str | None] | None:
    """Return what ``9Q>9H`` or ``9Q`` of bcftools csq says.

    Parameters
    ----------
    text
        The residues before and after; up to the stop codons where the reading frame is shifted.
    shifted
        Whether the reading frame is shifted.

    Returns
    -------
    tuple or None
        Number of the first residue; ``Q/H`` where it is one residue; HGVS p. where the text tells it: a change in
        frame of several residues is not told apart from a duplication without the sequence around it.
    """
    found = _CSQ.fullmatch(text)
    if found is None:
        start = re.match(r"\d+", text)
        return (int(start[0]), None, None) if start else None
    number, before, after = int(found[1]), found[2], found[4]
    if not set(before + (after or "")) <= set(THREE_LETTERS):
        return number, None, None
    if after is None:
        return (
            (number, before, f"p.{THREE_LETTERS[before]}{number}=")
            if len(before) == 1
            else (number, None, None)
        )
    if len(before) == len(after) == 1:
        return number, f"{before}/{after}", _substitution(before, number, after)
    if not shifted or found[3] != found[1] or not (before.endswith("*") and after.endswith("*")):
        return number, None, None
    padding = "X" * (number - 1)  # what comes before the first residue does not matter
    return number, None, describe_protein(padding + before, padding + after, shifted=True)


def _substitution(before: str, number: int, after: str) -> str:
    if number == 1 and before == "M":
        return "p.Met1?"
    if before == "*":
        return f"p.Ter{number}{THREE_LETTERS[after]}extTer?"
    return f"p.{THREE_LETTERS[before]}{number}{THREE_LETTERS[after]}"


def _three(change: str) -> str:
    """Return ``p.R2fs*5`` as ``p.Arg2fsTer5``."""
    return "p." + _PARTS.sub(
        lambda part: part[0] if part[1] else THREE_LETTERS.get(part[0], part[0]), change[2:]
    )
