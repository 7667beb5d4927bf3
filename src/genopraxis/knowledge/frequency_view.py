"""What follows from the allele counts of a store, made when it is asked: frequencies, and which group has the largest.

The filtering allele frequency is that of Whiffin 2017 (doi:10.1038/gim.2017.26): the frequency at which a count as
large as the one seen has a probability of 5 % under a Poisson distribution, that is AC successes' one-sided 95 % lower
bound over AN; of the group where it is largest. As gnomAD does, it is 0 for variants seen once, and groups that came of
few founders, or of unlike parts, are left aside: rare there and rare in the population are not the same. The group
``mid`` (Middle East) is left aside where it is small, in gnomAD's genomes of releases 3 and 4, but not in the exomes
and joint counts of 4.1 (gnomad_methods, ``FAF_POPS``, and pull request 658; gnomad-browser, help on FAF). A store says
which groups maxima are taken over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.knowledge.frequency_kernels import NONE, largest_bound, largest_share, shares
from genopraxis.knowledge.variant_store_card import StoreColumn
from genopraxis.knowledge.variant_store_kernels import MISSING

__all__ = [
    "CONFIDENCE",
    "FILE_AF",
    "FILE_FAF95",
    "FILE_FAF95_GROUP",
    "FOUNDER_GROUPS",
    "FrequencyView",
    "filtering_af",
]

FOUNDER_GROUPS = frozenset({"asj", "fin", "ami", "mid", "oth", "other", "remaining", "rmi", "unknown"})
"""Groups that no maximum is taken over unless a store says so: Ashkenazi Jewish, Finnish, Amish, Middle Eastern, and
what remains."""

CONFIDENCE = 0.95
FILE_AF, FILE_FAF95, FILE_FAF95_GROUP = "file_af", "file_faf95", "file_faf95_group"
"""Columns of a store with what its source file states itself."""

_DERIVED = ("af", "max_af", "max_af_group", "faf95", "faf95_group")
_MEASURES = ("ac", "an", "hom", "hemi", "af")
_TABULATED = 1 << 16

Floats = NDArray[np.float64]


def filtering_af(count: NDArray[Any], number: NDArray[Any]) -> Floats:
    """Return the filtering allele frequency at 95 %; NaN where count or number is missing (NaN) or number is 0.

    Parameters
    ----------
    count, number
        Allele count and allele number, of one shape.

    References
    ----------
    Whiffin et al. 2017, doi:10.1038/gim.2017.26
    """
    counted = np.nan_to_num(count, nan=0.0).astype(np.int64)
    table = _bounds()
    bound = table[np.clip(counted, 0, _TABULATED - 1)]
    large = counted >= _TABULATED
    if large.any():
        bound[large] = _lower_bound(counted[large])
    with np.errstate(invalid="ignore", divide="ignore"):
        frequency: Floats = np.where((number > 0) & ~np.isnan(count), bound / number, np.nan)
    return frequency


@dataclass(frozen=True)
class FrequencyView:
    """What can be derived from the columns of a store of frequencies.

    Parameters
    ----------
    columns
        Its columns: ``ac``, ``an``, ``hom``, ``hemi`` and, with ``_group`` after them, those of groups.
    maxima
        Groups that a maximum is taken over; ``None``: all but :data:`FOUNDER_GROUPS`.
    """

    columns: tuple[StoreColumn, ...]
    maxima: tuple[str, ...] | None = None

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Groups whose frequency can be told."""
        return tuple(
            name.removeprefix(prefix)
            for prefix in ("ac_", "af_")
            for name in (column.name for column in self.columns)
            if name.startswith(prefix)
            and (prefix == "af_" or f"an_{name.removeprefix('ac_')}" in self._names)
        )

    @cached_property
    def eligible(self) -> tuple[str, ...]:
        """Those of them that a maximum is taken over."""
        if self.maxima is not None:
            return tuple(group for group in self.groups if group in self.maxima)
        return tuple(group for group in self.groups if group not in FOUNDER_GROUPS)

    @cached_property
    def derived(self) -> dict[str, pl.DataType]:
        """Columns that can be made, and their types."""
        if not ({"ac", "an"} <= self._names or FILE_AF in self._names or self.groups):
            return {}
        group = pl.Enum(list(self.groups))
        types = (pl.Float32(), pl.Float32(), group, pl.Float32(), group)
        return dict(zip(_DERIVED, types, strict=True))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Columns that are shown unless others are asked for: not those of groups."""
        hidden = {f"{measure}_{group}" for measure in _MEASURES for group in self.groups}
        hidden |= {FILE_AF, FILE_FAF95, FILE_FAF95_GROUP} if self.derived else set()
        stored = tuple(column.name for column in self.columns if column.name not in hidden)
        return (*stored, *self.derived)

    def needed(self, derived: Sequence[str]) -> list[str]:
        """Return the columns that some derived ones are made of."""
        if not derived:
            return []
        wanted = {"ac", "an", FILE_AF}
        if set(derived) - {"af"}:
            wanted |= {f"{measure}_{group}" for measure in ("ac", "an", "af") for group in self.eligible}
        if {"faf95", "faf95_group"} & set(derived):
            wanted |= {FILE_FAF95, FILE_FAF95_GROUP}
        return [column.name for column in self.columns if column.name in wanted]

    def derive(self, known: Mapping[str, NDArray[Any]], names: Sequence[str]) -> dict[str, Any]:
        """Return derived columns of some rows, given the columns that they need.

        Parameters
        ----------
        known
            Counts as 32-bit integers, the smallest one where there is none; frequencies as 32-bit floats, NaN where
            there is none; of groups with names of their own (:data:`FILE_FAF95_GROUP`) a series of texts.

        Returns
        -------
        dict of str to polars.Series
        """
        made: dict[str, pl.Series] = {}
        rows = len(next(iter(known.values()))) if known else 0
        count, number = _counts(known, "ac", rows), _counts(known, "an", rows)
        overall = shares(count, number, _stated(known, FILE_AF, rows))
        made["af"] = _series("af", overall)
        if {"max_af", "max_af_group"} & set(names):
            best, which = overall, np.full(rows, NONE, np.uint8)
            if self.eligible:
                best, which = largest_share(
                    np.stack([_counts(known, f"ac_{group}", rows) for group in self.eligible]),
                    np.stack([_counts(known, f"an_{group}", rows) for group in self.eligible]),
                    np.stack([_stated(known, f"af_{group}", rows) for group in self.eligible])
                    if any(f"af_{group}" in known for group in self.eligible)
                    else np.empty((0, 0), np.float32),
                    overall,
                )
            made["max_af"] = _series("max_af", best)
            made["max_af_group"] = self._group("max_af_group", which, self.eligible)
        if {"faf95", "faf95_group"} & set(names):
            groups = [group for group in self.eligible if f"ac_{group}" in known]
            counts = np.stack([count, *(_counts(known, f"ac_{group}", rows) for group in groups)])
            numbers = np.stack([number, *(_counts(known, f"an_{group}", rows) for group in groups)])
            far = np.unique(counts[counts >= _TABULATED])
            best, which = largest_bound(counts, numbers, _bounds(), far, _lower_bound(far))
            group = self._group("faf95_group", which, groups)
            made["faf95"], made["faf95_group"] = self._stated(known, _series("faf95", best), group)
        return {name: made[name] for name in names}

    def _group(self, name: str, which: NDArray[np.uint8], groups: Sequence[str]) -> pl.Series:
        """Return the names of groups, given their numbers among ``groups``."""
        codes = np.zeros(NONE + 1, np.uint32)
        codes[: len(groups)] = [self.groups.index(group) for group in groups]
        series = pl.Series(name, codes[which]).set(pl.Series(which == NONE), None)
        return series.cat.to(pl.Enum(list(self.groups)))

    def _stated(
        self, known: Mapping[str, Any], value: pl.Series, group: pl.Series
    ) -> tuple[pl.Series, pl.Series]:
        """Let what the source file states come before what was computed."""
        if FILE_FAF95 not in known:
            return value, group
        own = pl.Series(known[FILE_FAF95]).fill_nan(None)
        stated = own.is_not_null()
        its = (
            known[FILE_FAF95_GROUP].cast(group.dtype, strict=False)
            if FILE_FAF95_GROUP in known
            else pl.Series([None], dtype=group.dtype).new_from_index(0, len(group))
        )
        both = pl.select(
            pl.when(stated).then(own).otherwise(value).alias("faf95"),
            pl.when(stated).then(its).otherwise(group).alias("faf95_group"),
        )
        return both["faf95"], both["faf95_group"]


@cache
def _bounds() -> Floats:
    table = np.zeros(_TABULATED)
    table[2:] = _lower_bound(np.arange(2, _TABULATED))
    return table


def _lower_bound(counts: NDArray[np.integer]) -> Floats:
    """Return the one-sided lower bound of the expectation behind counts of a Poisson distribution."""
    from scipy.special import gammaincinv  # a fifth of a second, which only stores of frequencies pay

    bound: Floats = gammaincinv(counts, 1 - CONFIDENCE)
    return bound


def _counts(known: Mapping[str, NDArray[Any]], name: str, rows: int) -> NDArray[np.int32]:
    return known[name] if name in known else np.full(rows, MISSING, np.int32)


def _stated(known: Mapping[str, NDArray[Any]], name: str, rows: int) -> NDArray[np.float32]:
    return known[name] if name in known else np.full(rows, np.nan, np.float32)


def _series(name: str, values: Floats) -> pl.Series:
    return pl.Series(name, values.astype(np.float32)).fill_nan(None)
