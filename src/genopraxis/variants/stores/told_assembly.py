"""Which assembly a source is on, when neither contig lengths nor a FASTA tell: what it says in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import Assembly
from genopraxis.variants.assembly import assembly_of_genome
from genopraxis.variants.stores.rows import Opening

__all__ = ["named_assemblies", "settled"]

_NAMES = {
    Assembly.GRCH37: re.compile(
        r"(?<![A-Za-z0-9])(?:GRCh37|hg19|b37|hs37d5|human g1k v37)(?![0-9])", re.IGNORECASE
    ),
    Assembly.GRCH38: re.compile(r"(?<![A-Za-z0-9])(?:GRCh38|hg38|b38|hs38d?h?)(?![0-9])", re.IGNORECASE),
}
_SEPARATORS = str.maketrans("_", " ")
_ADVICE = "give --assembly GRCh37 or GRCh38: what is known of a variant holds on its assembly only"


def named_assemblies(texts: Iterable[str]) -> set[Assembly]:
    """Return the assemblies that some texts name: ``GRCh38``, ``hg19``, ``b37``."""
    joined = "\n".join(texts).translate(_SEPARATORS)
    return {assembly for assembly, name in _NAMES.items() if name.search(joined)}


def settled(
    found: Assembly | None, *, path: Path, meta: Iterable[str], opening: Opening, notes: list[str]
) -> Assembly:
    """Return the assembly of a source.

    Parameters
    ----------
    found
        What its contigs, columns or REF alleles tell; that counts.
    meta
        Its comment lines, of which those that name one assembly are believed.
    notes
        Told when nothing but the name of the file says it.

    Raises
    ------
    InputError
        When nothing tells it, or what was stated is contradicted.
    """
    told = found
    its = "its records"
    if told is None:
        named = named_assemblies(
            line for line in meta if not line.startswith(("##INFO", "##FORMAT", "##FILTER"))
        )
        if len(named) == 1:
            (told,) = named
            its = "its header"
    if told is not None and opening.stated is not None and told is not opening.stated:
        raise InputError(
            f"is on {told} by {its}, and {opening.stated} was stated",
            where=str(path),
            hint="leave --assembly out",
        )
    if told is None and opening.genome is not None:
        of_genome = assembly_of_genome(opening.genome)  # that REF is what it has is checked of every record
        told = None if of_genome is None else of_genome.assembly
    told = told or opening.stated
    if told is None:
        named = named_assemblies([path.name])
        if len(named) != 1:
            raise InputError("nothing tells which assembly it is on", where=str(path), hint=_ADVICE)
        (told,) = named
        notes.append(f"the assembly is taken from the name of {path.name}: {told}")
    return told
