"""Variants from one assembly to another by a chain file, each failure with its reason.

The position of the first and of the last base of REF are lifted (UCSC chains, read by the ``liftover`` package). On a
reversed stretch the alleles are complemented, and what comes out must be normalised anew: the base that an indel is
anchored to is then behind it.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from liftover import ChainFile

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import canonical_name
from genopraxis.formats.fasta import Genome

LIFTED = pl.Enum(
    [
        "lifted",
        "no_mapping",
        "several_mappings",
        "broken",
        "ref_alt_swapped",
        "ref_mismatch",
        "contig_not_in_target",
        "not_literal",
    ]
)
"""What became of a variant.

``broken``: the bases of REF do not stay side by side. ``ref_alt_swapped``: the target has the ALT base where the
source has REF, so that genotypes and frequencies would have to be turned round. ``not_literal``: a symbolic allele,
breakend or ``*``, which a position alone does not carry over.
"""

_MANY = 10_000
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
_Row = tuple[str, str | None, int | None, str | None, str | None, bool | None]
_SCHEMA = {
    "status": pl.String, "chrom": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String,
    "reverse": pl.Boolean,
}  # fmt: skip


class Lifter:
    """Lifts variants by one chain file.

    Parameters
    ----------
    chain
        UCSC chain file from the source assembly to the target, plain or gzip.
    target
        The genome of the target assembly: REF must be what it has there.

    Raises
    ------
    InputError
        When the chain file cannot be read.
    """

    def __init__(self, chain: Path, target: Genome) -> None:
        try:
            with chain.open("rb") as stream:
                stream.read(1)
            self._chain = ChainFile(str(chain), one_based=True)
            names = [str(name) for name in self._chain.keys()]  # noqa: SIM118
        except Exception as error:  # the library states no errors of its own, and raises several kinds
            raise InputError("is no chain file that can be read", where=str(chain)) from error
        if not names:
            raise InputError("holds no chain", where=str(chain))
        self._names = {canonical_name(name): name for name in names}
        self._target = target
        self._whole = False

    def lift(self, variants: pl.DataFrame) -> pl.DataFrame:
        """Return where each variant is on the target.

        Parameters
        ----------
        variants
            ``chrom`` (canonical), ``pos`` (1-based), ``ref``, ``alt``; normalised on the source.

        Returns
        -------
        polars.DataFrame
            In the order of ``variants``: ``status`` (:data:`LIFTED`), and, where lifted, ``chrom``, ``pos``, ``ref``,
            ``alt`` on the forward strand of the target, to be normalised, and ``reverse``: whether the strand changed.
        """
        self._whole = variants.height > _MANY
        rows = [
            self._one(chrom, pos, ref, alt)
            for chrom, pos, ref, alt in variants.select("chrom", "pos", "ref", "alt").iter_rows()
        ]
        return pl.DataFrame(rows, schema=_SCHEMA, orient="row").with_columns(pl.col("status").cast(LIFTED))

    def _one(self, chrom: str, pos: int, ref: str, alt: str) -> _Row:
        if not (_literal(ref) and _literal(alt)):
            return _failed("not_literal")
        name = self._names.get(chrom, "")
        first = self._chain.convert_coordinate(name, pos) if name else []
        if not first:
            return _failed("no_mapping")
        last = first if len(ref) == 1 else self._chain.convert_coordinate(name, pos + len(ref) - 1)
        if not last:
            return _failed("broken")
        if len(first) > 1 or len(last) > 1:
            return _failed("several_mappings")
        (contig, start, strand), (end_contig, end, end_strand) = first[0], last[0]
        reverse = strand == "-"
        if (contig, strand) != (end_contig, end_strand) or end - start != (len(ref) - 1) * (
            -1 if reverse else 1
        ):
            return _failed("broken")
        if reverse:
            start, ref, alt = end, _reversed(ref), _reversed(alt)
        there = canonical_name(contig)
        length = self._target.contigs.get(there)
        if length is None or start < 1 or start + len(ref) - 1 > length:
            return _failed("contig_not_in_target")
        if self._whole:
            self._target.sequence(there)  # stays in memory: fetching is then a slice
        found = self._target.fetch(there, start - 1, start - 1 + len(ref)).decode("ascii")
        if found != ref:
            return _failed("ref_alt_swapped" if found == alt else "ref_mismatch")
        return "lifted", there, start, ref, alt, reverse


def _literal(allele: str) -> bool:
    return bool(allele) and not allele.strip("ACGTN")


def _reversed(allele: str) -> str:
    return allele.translate(_COMPLEMENT)[::-1]


def _failed(status: str) -> _Row:
    return status, None, None, None, None, None
