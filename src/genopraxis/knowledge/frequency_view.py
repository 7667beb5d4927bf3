"""What follows from the allele counts of a store, made when it is asked: frequencies, and which group has the largest.

The filtering allele frequency is that of Whiffin 2017 (doi:10.1038/gim.2017.26): the frequency at which a count as
large as the one seen has a probability of 5 % under a Poisson distribution, that is AC successes' one-sided 95 % lower
bound over AN; of the group where it is largest. As gnomAD does, it is 0 for variants seen once, and groups that came of
few founders, or of unlike parts, are left aside: rare there and rare in the population are not the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import gammaincinv

from genopraxis.knowledge.variant_store_card import StoreColumn

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
"""Groups that no maximum is taken over: Ashkenazi Jewish, Finnish, Amish, Middle Eastern, and what remains."""

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
        bound[large] = gammaincinv(counted[large], 1 - CONFIDENCE)
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
    """

    columns: tuple[StoreColumn, ...]

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

    def derive(self, known: pl.DataFrame, names: Sequence[str]) -> list[pl.Series]:
        """Return derived columns of some rows, given the columns that they need."""
        made: dict[str, pl.Series] = {}
        count, number = _floats(known, "ac"), _floats(known, "an")
        overall = _quotient(count, number)
        overall = np.where(np.isnan(overall), _floats(known, FILE_AF), overall)
        made["af"] = _series("af", overall)
        if {"max_af", "max_af_group"} & set(names):
            frequencies = [
                np.where(np.isnan(own), _floats(known, f"af_{group}"), own)
                for group in self.eligible
                for own in (_quotient(_floats(known, f"ac_{group}"), _floats(known, f"an_{group}")),)
            ]
            made["max_af"], made["max_af_group"] = self._largest(frequencies, overall, "max_af")
        if {"faf95", "faf95_group"} & set(names):
            bounds = [
                filtering_af(_floats(known, f"ac_{group}"), _floats(known, f"an_{group}"))
                for group in self.eligible
                if f"ac_{group}" in known.columns
            ]
            groups = [group for group in self.eligible if f"ac_{group}" in known.columns]
            value, group = self._largest(bounds, filtering_af(count, number), "faf95", groups=groups)
            made["faf95"], made["faf95_group"] = self._stated(known, value, group)
        return [made[name] for name in names]

    def _largest(
        self,
        frequencies: Sequence[Floats],
        overall: Floats,
        name: str,
        *,
        groups: Sequence[str] | None = None,
    ) -> tuple[pl.Series, pl.Series]:
        """Return the largest frequency and its group; without groups the overall one."""
        kind = pl.Enum(list(self.groups))
        rows = len(overall)
        if not frequencies:
            return _series(name, overall), pl.Series(f"{name}_group", [None] * rows, dtype=kind)
        best = np.full(rows, np.nan)
        code = np.zeros(rows, np.uint32)
        for group, values in zip(self.eligible if groups is None else groups, frequencies, strict=True):
            more = np.isnan(best) | (values > best)
            more &= ~np.isnan(values)
            best[more] = values[more]
            code[more] = self.groups.index(group)
        # where no group has a frequency, of none it is the largest
        codes = pl.Series(f"{name}_group", code).set(pl.Series(~(best > 0)), None)
        return _series(name, np.where(np.isnan(best), overall, best)), codes.cat.to(kind)

    def _stated(self, known: pl.DataFrame, value: pl.Series, group: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Let what the source file states come before what was computed."""
        if FILE_FAF95 not in known.columns:
            return value, group
        own = known[FILE_FAF95]
        stated = own.is_not_null()
        its = (
            known[FILE_FAF95_GROUP].cast(pl.String).cast(group.dtype, strict=False)
            if FILE_FAF95_GROUP in known.columns
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
    table[2:] = gammaincinv(np.arange(2, _TABULATED), 1 - CONFIDENCE)
    return table


def _floats(known: pl.DataFrame, name: str) -> Floats:
    if name not in known.columns:
        return np.full(known.height, np.nan)
    values: Floats = known[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values


def _quotient(count: Floats, number: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Floats = np.where(number > 0, count / number, np.nan)
    return share


def _series(name: str, values: Floats) -> pl.Series:
    return pl.Series(name, values.astype(np.float32)).fill_nan(None)
