"""What consequences, stores and scores say of a batch, as counts that can be added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.consequences import IMPACTS, TERMS
from genopraxis.knowledge.variant_store import STATUS
from genopraxis.variants.quality_tallies import Names, Spread

__all__ = [
    "AF_EDGES",
    "CODING_TERMS",
    "RARE",
    "ConsequenceCounts",
    "StoreCounts",
    "consequence_counts",
    "store_counts",
]

AF_EDGES = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 5e-2, 0.5)
"""Where the bins of allele frequencies begin; the first is for a frequency of zero, the last ends at 1."""

RARE = (1e-2, 1e-3)
"""Frequencies below which an allele is called rare; edges of :data:`AF_EDGES`."""

_STATUSES = tuple(STATUS.categories)
_FREQUENCY, _SIGNIFICANCE, _STARS = "af", "significance", "stars"
_LOOKED_AT = ("row", "consequence", "impact", "biotype", "flags", "nmd_escape")
_TERM = pl.Enum(list(TERMS))
_AFTER = {
    impact: 2 * max(i for i, own in enumerate(TERMS.values()) if own == impact) + 1 for impact in IMPACTS
}
CODING_TERMS = [
    place
    for place, name in enumerate(TERMS)
    if name.startswith(("stop_", "start_", "frameshift", "inframe_", "missense", "protein_altering"))
    or name in ("coding_sequence_variant", "incomplete_terminal_codon_variant", "synonymous_variant")
]
"""Places of the terms that change coding sequence."""

_ENDS = np.array([_AFTER[impact] for impact in IMPACTS])


@dataclass(frozen=True, kw_only=True)
class ConsequenceCounts:
    """What the alleles do, each counted once, by its most severe consequence.

    Parameters
    ----------
    source
        Who says so.
    alleles
        Alleles with a consequence.
    terms, impacts, biotypes
        Of the most severe consequence; of equally severe ones that on a MANE or canonical transcript.
    flagged, flags
        Alleles whose consequence has a flag that limits trust, and how often each flag.
    inside
        Alleles inside a transcript.
    mane
        Of these, those inside a MANE Select or MANE Plus Clinical one.
    stops, escaping
        Alleles of high impact of which it is known whether a premature stop escapes decay, and those that do.
    """

    source: str | None = None
    alleles: int = 0
    terms: Names = field(default_factory=Names)
    impacts: Names = field(default_factory=Names)
    biotypes: Names = field(default_factory=Names)
    flagged: int = 0
    flags: Names = field(default_factory=Names)
    inside: int = 0
    mane: int = 0
    stops: int = 0
    escaping: int = 0

    def __add__(self, other: ConsequenceCounts) -> ConsequenceCounts:
        return ConsequenceCounts(
            source=self.source or other.source,
            alleles=self.alleles + other.alleles,
            terms=self.terms + other.terms,
            impacts=self.impacts + other.impacts,
            biotypes=self.biotypes + other.biotypes,
            flagged=self.flagged + other.flagged,
            flags=self.flags + other.flags,
            inside=self.inside + other.inside,
            mane=self.mane + other.mane,
            stops=self.stops + other.stops,
            escaping=self.escaping + other.escaping,
        )


def consequence_counts(
    table: pl.DataFrame, alleles: int, source: str | None
) -> tuple[ConsequenceCounts, NDArray[np.bool_]]:
    """Count the consequences of a batch.

    Parameters
    ----------
    table
        Rows as :data:`~genopraxis.contracts.consequences.CONSEQUENCES`, sorted by ``row``; ``pick`` says which row of
        an allele counts.
    alleles
        Number of alleles of the batch.

    Returns
    -------
    tuple of ConsequenceCounts and numpy.ndarray
        The counts; of each allele, whether it changes coding sequence.
    """
    coding = np.zeros(alleles, np.bool_)
    if not table.height:
        return ConsequenceCounts(source=source), coding
    rows = table["row"].to_numpy()
    coding[rows[table["cds_pos"].is_not_null().to_numpy()]] = True
    within = (table["transcript_id"].is_not_null() & (table["distance"] == 0)).to_numpy()
    on_mane = (table["mane_select"] | table["mane_plus_clinical"]).to_numpy()
    inside, on = np.zeros(alleles, np.bool_), np.zeros(alleles, np.bool_)
    inside[rows[within]] = True
    on[rows[within & on_mane]] = True
    picked = _picked(table, on_mane)
    severity = _severity(picked["consequence"].list.first(), picked["impact"])
    coding[picked["row"].to_numpy()[np.isin(severity // 2, CODING_TERMS) & (severity % 2 == 0)]] = True
    flags = picked["flags"]
    flagged = flags.list.len() > 0
    impacts = np.bincount(np.searchsorted(_ENDS, severity), minlength=len(IMPACTS)).tolist()
    stops = picked["nmd_escape"].filter(pl.Series(severity <= _AFTER["HIGH"])).drop_nulls()
    return ConsequenceCounts(
        source=source,
        alleles=picked.height,
        terms=_term_names(picked["consequence"], severity),
        impacts=Names.of((name, n) for name, n in zip(IMPACTS, impacts, strict=True) if n),
        biotypes=_names(picked["biotype"]),
        flagged=int(flagged.sum()),
        flags=_names(flags.filter(flagged).explode(empty_as_null=True)),
        inside=int(inside.sum()),
        mane=int(on.sum()),
        stops=len(stops),
        escaping=int(stops.sum()),
    ), coding


def _picked(table: pl.DataFrame, on_mane: NDArray[np.bool_]) -> pl.DataFrame:
    """Return one row of each allele: that of ``pick``, or the most severe one.

    Of equally severe ones it is one on a MANE or canonical transcript.
    """
    looked_at = table.select(_LOOKED_AT)
    if "pick" in table.columns:
        return looked_at.filter(table["pick"])
    rows = table["row"].to_numpy()
    begins = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    if begins.size == rows.size:
        return looked_at
    others = ~(on_mane | table["canonical"].to_numpy())
    severity = _severity(table["consequence"].list.first(), table["impact"])
    key = (2 * severity + others) << 40 | np.arange(rows.size)
    return looked_at[pl.Series(np.minimum.reduceat(key, begins) & ((1 << 40) - 1))]


def _severity(terms: pl.Series, impacts: pl.Series) -> NDArray[np.int64]:
    """Return the order of terms: twice the place in the contract; between two, terms that it does not name."""
    places = terms.cast(_TERM, strict=False).to_physical()
    if not places.null_count():
        return places.to_numpy().astype(np.int64) * 2
    strange = impacts.replace_strict(_AFTER, default=2 * len(TERMS) + 1, return_dtype=pl.Int64)
    return np.asarray((places.cast(pl.Int64) * 2).fill_null(strange).to_numpy())


def _term_names(terms: pl.Series, severity: NDArray[np.int64]) -> Names:
    named = severity % 2 == 0
    counted = np.bincount(severity[named] // 2, minlength=len(TERMS)).tolist()
    found = Names.of((name, n) for name, n in zip(TERMS, counted, strict=True) if n)
    return found if named.all() else found + _names(terms.filter(pl.Series(~named)).list.first())


@dataclass(frozen=True, kw_only=True)
class StoreCounts:
    """What a store knows of the alleles.

    Parameters
    ----------
    status
        Alleles by status: found, not found, not covered, without key.
    frequencies
        Found alleles between ``AF_EDGES``; ``None``: the store has no frequencies.
    without_frequency
        Found alleles without one.
    significance
        ClinVar's word and stars (-1: none given) of found alleles; ``None``: the store has none.
    numbers
        Other numeric columns of a store that has neither, such as scores.
    """

    status: NDArray[np.int64]
    frequencies: NDArray[np.int64] | None = None
    without_frequency: int = 0
    significance: Mapping[tuple[str, int], int] | None = None
    numbers: Mapping[str, Spread] = field(default_factory=dict)

    def __add__(self, other: StoreCounts) -> StoreCounts:
        return StoreCounts(
            status=self.status + other.status,
            frequencies=None
            if self.frequencies is None or other.frequencies is None
            else self.frequencies + other.frequencies,
            without_frequency=self.without_frequency + other.without_frequency,
            significance=None
            if self.significance is None or other.significance is None
            else _added(self.significance, other.significance),
            numbers={
                name: self.numbers.get(name, Spread()) + other.numbers.get(name, Spread())
                for name in dict.fromkeys((*self.numbers, *other.numbers))
            },
        )

    def of(self, status: str) -> int:
        """Return how many alleles have a status."""
        return int(self.status[_STATUSES.index(status)])


def store_counts(table: pl.DataFrame) -> StoreCounts:
    """Count what a store said of a batch.

    Parameters
    ----------
    table
        ``status`` and the columns of the store; ``af`` holds frequencies, ``significance`` and ``stars`` what ClinVar
        says.
    """
    status = table["status"].cast(STATUS)
    counted = np.bincount(status.to_physical().to_numpy(), minlength=len(_STATUSES)).astype(np.int64)
    found = table.filter(status == "found")
    if _FREQUENCY in table.columns:
        given = found[_FREQUENCY].drop_nulls().cast(pl.Float64).to_numpy()
        # a frequency is kept as a 32-bit number: 0.01 must not fall below 0.01
        place = np.searchsorted(np.asarray(AF_EDGES, np.float32), given.astype(np.float32), side="right") - 1
        return StoreCounts(
            status=counted,
            frequencies=np.bincount(np.maximum(place, 0), minlength=len(AF_EDGES)).astype(np.int64),
            without_frequency=found.height - given.size,
        )
    if _SIGNIFICANCE in table.columns:
        return StoreCounts(status=counted, significance=dict(_significance(found)))
    return StoreCounts(
        status=counted,
        numbers={
            column.name: Spread.of(column.drop_nulls().cast(pl.Float64).to_numpy())
            for column in found.get_columns()
            if column.dtype.is_numeric()
        },
    )


def _significance(found: pl.DataFrame) -> Iterator[tuple[tuple[str, int], int]]:
    words = found[_SIGNIFICANCE].cast(pl.String).fill_null("not stated")
    stars = (
        found[_STARS].cast(pl.Int64).fill_null(-1)
        if _STARS in found.columns
        else pl.repeat(-1, found.height, dtype=pl.Int64, eager=True)
    )
    counted = (
        pl.DataFrame({"word": words, "stars": stars}).group_by("word", "stars").len().sort("word", "stars")
    )
    for word, star, n in counted.iter_rows():
        yield (word, star), n


def _added(
    one: Mapping[tuple[str, int], int], other: Mapping[tuple[str, int], int]
) -> dict[tuple[str, int], int]:
    both = dict(one)
    for key, n in other.items():
        both[key] = both.get(key, 0) + n
    return both


def _names(words: pl.Series) -> Names:
    counted = words.drop_nulls().value_counts(sort=True, name="n")
    return Names.of(sorted(counted.iter_rows()))
