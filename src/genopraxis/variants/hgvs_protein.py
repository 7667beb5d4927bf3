"""HGVS descriptions of proteins: from what a protein was and what it becomes.

Follows https://hgvs-nomenclature.org (version 21): 3' rule, ``Ter``, frame shifts with the place of the new stop,
extensions, duplications before insertions.
"""

from __future__ import annotations

from genopraxis.variants.codons import three_letters

__all__ = ["describe_protein", "predicted", "unchanged"]


def predicted(change: str) -> str:
    """Return ``p.Arg97Cys`` as ``p.(Arg97Cys)``."""
    return f"p.({change.removeprefix('p.')})"


def unchanged(ref: str, first: int, last: int) -> str:
    """Return the description of codons ``first`` to ``last`` (0-based) that code what they coded."""
    if first >= len(ref):
        return "p.="
    if last <= first:
        return f"p.{_residue(ref, first)}="
    return f"p.{_residue(ref, first)}_{_residue(ref, min(last, len(ref) - 1))}="


def describe_protein(
    ref: str, alt: str, *, shifted: bool, expected: int | None = None, window_end: int | None = None
) -> str | None:
    """Return the HGVS description of a changed protein, with ``p.`` and without parentheses.

    Parameters
    ----------
    ref
        Amino acids of one letter, ``*`` at the end when the stop codon is known.
    alt
        The new ones up to and with the first stop; without one when the transcript ends before.
    shifted
        Whether the reading frame changed.
    expected
        Length that an in-frame change gives to the protein, stop included; a shorter one has a new stop.
    window_end
        First codon (0-based) behind those that the allele touches, for an in-frame change with a new stop.

    Returns
    -------
    str or None
        ``None`` when it cannot be told or written: the transcript ends before the change shows, or residues come
        before the first one.
    """
    first = _shared_start(ref, alt)
    if first == len(ref) and first == len(alt):
        return "p.="
    if first >= len(ref) or first >= len(alt):
        return None if shifted or first >= len(ref) else _in_frame(ref, alt, first)
    as_long_as_told = not shifted and expected == len(alt) and alt.endswith("*")
    if ref[first] == "*" and not as_long_as_told:
        stop = alt.find("*", first)
        return f"p.Ter{first + 1}{three_letters(alt[first])}extTer{stop - first if stop >= 0 else '?'}"
    if shifted:
        if alt[first] == "*":
            return f"p.{_residue(ref, first)}Ter"
        stop = alt.find("*", first)
        count = stop - first + 1 if stop >= 0 else "?"
        return f"p.{_residue(ref, first)}{three_letters(alt[first])}fsTer{count}"
    if expected is not None and alt.endswith("*") and len(alt) < expected:
        if alt[first] == "*":
            return f"p.{_residue(ref, first)}Ter"
        last = max(window_end or 0, first)
        if last > first:
            return f"p.{_range(ref, first, last - 1)}delins{three_letters(alt[first:])}"
        if not first:
            return None
        return f"p.{_residue(ref, first - 1)}_{_residue(ref, first)}ins{three_letters(alt[first:])}"
    return _in_frame(ref, alt, first)


def _in_frame(ref: str, alt: str, first: int) -> str | None:
    tail = 0
    limit = min(len(ref), len(alt)) - first
    while tail < limit and ref[-1 - tail] == alt[-1 - tail]:
        tail += 1
    lost, gained = ref[first : len(ref) - tail], alt[first : len(alt) - tail]
    if len(lost) == len(gained) == 1:
        return f"p.{_residue(ref, first)}{three_letters(gained)}"
    if not gained:
        return f"p.{_range(ref, first, first + len(lost) - 1)}del"
    if not lost:
        if first >= len(gained) and ref[first - len(gained) : first] == gained:
            return f"p.{_range(ref, first - len(gained), first - 1)}dup"
        if not first:
            return None
        return f"p.{_residue(ref, first - 1)}_{_residue(ref, first)}ins{three_letters(gained)}"
    return f"p.{_range(ref, first, first + len(lost) - 1)}delins{three_letters(gained)}"


def _shared_start(ref: str, alt: str) -> int:
    limit = min(len(ref), len(alt))
    first = 0
    while first < limit and ref[first] == alt[first]:
        first += 1
    return first


def _residue(protein: str, at: int) -> str:
    return f"{three_letters(protein[at])}{at + 1}"


def _range(protein: str, first: int, last: int) -> str:
    if first == last:
        return _residue(protein, first)
    return f"{_residue(protein, first)}_{_residue(protein, last)}"
