"""Which columns of a table are chromosome, position and alleles, and on which assembly they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import Assembly

__all__ = ["VariantColumns", "bare_name", "variant_columns"]

_CHROM = ("chrom", "chr", "chromosome", "contig")
_POS = ("pos", "position", "pos_1_based", "position_1_based", "start_1_based", "vcf_pos")
_REF = ("ref", "reference", "ref_allele", "reference_allele", "vcf_ref")
_ALT = ("alt", "alternate", "alternative", "alt_allele", "alternate_allele", "vcf_alt")
_BUILD = re.compile(r"(?:^|_)(hg19|grch37|b37|hg38|grch38|b38)(?:_|$)")
_ASSEMBLY = {"hg19": Assembly.GRCH37, "grch37": Assembly.GRCH37, "b37": Assembly.GRCH37}


@dataclass(frozen=True, kw_only=True)
class VariantColumns:
    """The columns with the variant, by their names in the file, and the assembly that these names tell."""

    chrom: str
    pos: str
    ref: str
    alt: str
    assembly: Assembly | None


def bare_name(name: str) -> str:
    """Return a column's name in lower case, with ``_`` for whatever is neither letter nor digit."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def variant_columns(names: Sequence[str], *, wanted: Assembly | None, where: str) -> VariantColumns:
    """Find chromosome, position, REF and ALT.

    Parameters
    ----------
    names
        The columns, as in the file.
    wanted
        The assembly whose positions to take, for tables that have those of both.

    Raises
    ------
    InputError
        When one of them is not there, or there are positions of two assemblies and none is wanted.
    """
    places: dict[Assembly | None, dict[str, str]] = {None: {}}
    for name in names:
        bare = bare_name(name)
        build = _BUILD.search(bare)
        assembly = None if build is None else _ASSEMBLY.get(build.group(1), Assembly.GRCH38)
        if build is not None:
            bare = _BUILD.sub("_", bare).strip("_")
        for role, known in (("chrom", _CHROM), ("pos", _POS), ("ref", _REF), ("alt", _ALT)):
            if bare in known:
                places.setdefault(assembly, {}).setdefault(role, name)
    positions = [assembly for assembly, found in places.items() if "pos" in found]
    chosen, told = _choose(positions, wanted, where)
    found = places[None] | places.get(chosen, {})
    if lost := [role for role in ("chrom", "pos", "ref", "alt") if role not in found]:
        some = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        raise InputError(
            f"has no column for {', '.join(lost)} (its columns: {some})",
            where=where,
            hint="columns such as chrom, pos, ref and alt are wanted; or give a VCF",
        )
    return VariantColumns(**found, assembly=told)


def _choose(
    positions: Sequence[Assembly | None], wanted: Assembly | None, where: str
) -> tuple[Assembly | None, Assembly | None]:
    """Return whose positions to take, and which assembly that is."""
    named = [assembly for assembly in positions if assembly is not None]
    if len(positions) < 2:
        only = positions[0] if positions else None
        return only, only
    if None not in positions and wanted is None:
        raise InputError(
            f"has positions of {' and '.join(named)}", where=where, hint="say with --assembly which to take"
        )
    if wanted in named:
        return wanted, wanted
    if None in positions and len(named) == 1:
        # beside those of one assembly, positions without a name are of the other one
        (other,) = named
        told = Assembly.GRCH38 if other is Assembly.GRCH37 else Assembly.GRCH37
        return None, told
    return None, None
