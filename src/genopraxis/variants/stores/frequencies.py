"""How often an allele was seen, by group: a source with allele counts becomes a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError
from genopraxis.formats.contig_names import PSEUDO_AUTOSOMAL
from genopraxis.knowledge.frequency_view import FILE_AF, FILE_FAF95, FILE_FAF95_GROUP
from genopraxis.knowledge.variant_store_card import StoreColumn
from genopraxis.variants.stores.frequency_fields import FrequencyFields, Measure, frequency_fields
from genopraxis.variants.stores.info_kernels import NO_NUMBER
from genopraxis.variants.stores.rows import Rows, Source

__all__ = ["FrequencyTable"]

_WHAT = {"ac": "allele count", "an": "allele number", "hom": "homozygotes", "hemi": "hemizygotes"}
_COUNTS: tuple[Measure, ...] = ("ac", "an", "hom", "hemi")
_LIMIT = 2**31 - 1


class FrequencyTable:
    """Turns the rows of a source into those of a store.

    Raises
    ------
    InputError
        When the source has no allele counts.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.fields = frequency_fields(source.fields.values())
        counts = self.fields.counts
        self._overall = {("ac", ""), ("an", "")} <= counts.keys()
        if not (self._overall or ("af", "") in counts or self.fields.groups):
            some = ", ".join(list(source.fields)[:12]) or "none"
            raise InputError(
                f"has no allele counts: AC and AN are wanted (its fields: {some})",
                where=str(source.path),
                hint="`bcftools +fill-tags IN -- -t AC,AN` makes them from genotypes",
            )
        self._nulled: Counter[str] = Counter()

    @property
    def wanted(self) -> Sequence[str]:
        """Fields to be read."""
        return self.fields.wanted

    @property
    def columns(self) -> tuple[StoreColumn, ...]:
        """Columns of the store."""
        return tuple(
            StoreColumn(name=name, dtype="float32", description=text)
            if name.startswith(("af_", FILE_AF)) or name == FILE_FAF95
            else StoreColumn(name=name, dtype="text", description=text)
            if name in ("filter", FILE_FAF95_GROUP)
            else StoreColumn(name=name, dtype="int32", description=text)
            for name, text in self._described().items()
        )

    def _described(self) -> dict[str, str]:
        fields: FrequencyFields = self.fields
        described: dict[str, str] = {}
        for group in ("", *fields.groups):
            whose = f" in group {group}" if group else ""
            end = f"_{group}" if group else ""
            for measure in _COUNTS:
                key = (measure, group)
                if key in fields.counts:
                    described[measure + end] = f"{_WHAT[measure]}{whose} ({fields.counts[key]})"
            has_counts = {("ac", group), ("an", group)} <= fields.counts.keys()
            if not has_counts and ("af", group) in fields.counts:
                name = f"af_{group}" if group else FILE_AF
                described[name] = f"allele frequency{whose} ({fields.counts['af', group]})"
        if fields.hemizygous is not None:
            described["hemi"] = f"hemizygotes: {fields.hemizygous} outside the pseudo-autosomal regions"
        if fields.file_faf95 is not None:
            described[FILE_FAF95] = f"filtering allele frequency ({fields.file_faf95})"
        if fields.file_faf95_group is not None:
            described[FILE_FAF95_GROUP] = f"group with the largest one ({fields.file_faf95_group})"
        described["filter"] = "filters that the source applied: PASS, or those that its record failed"
        first = [name for name in ("ac", "an", "hom", "hemi", "filter", FILE_AF) if name in described]
        return {name: described[name] for name in (*first, *(n for n in described if n not in first))}

    def table(self, rows: Rows) -> pl.DataFrame:
        """Return the columns of the store for some rows; those whose counts are impossible are not ``usable``."""
        fields = self.fields
        made: dict[str, pl.Series] = {}
        counts: dict[str, NDArray[np.int64]] = {}
        for (measure, group), name in fields.counts.items():
            column = f"{measure}_{group}" if group else FILE_AF if measure == "af" else measure
            if measure == "af":
                share = rows.number(name, dtype=pl.Float64).cast(pl.Float32)
                made[column] = self._within(share, share.is_between(0, 1), name)
            else:
                counts[column] = self._count(rows.whole(name), name)
        if fields.hemizygous is not None:
            counts["hemi"] = self._hemizygotes(rows, fields.hemizygous)
        if fields.file_faf95 is not None:
            made[FILE_FAF95] = rows.number(fields.file_faf95, dtype=pl.Float64).cast(pl.Float32)
        if fields.file_faf95_group is not None:
            made[FILE_FAF95_GROUP] = rows.own_text(fields.file_faf95_group).str.to_lowercase()
        made["filter"] = self._filters(rows)
        sound = self._possible(counts, made, len(rows.alleles))
        for column, count in counts.items():
            missing = count == NO_NUMBER
            series = pl.Series(column, np.where(missing, 0, count).astype(np.int32))
            made[column] = series.set(pl.Series(missing), None) if missing.any() else series
        variants = rows.alleles.select("chrom", "pos", "ref", "alt")
        table = variants.with_columns(made[column.name].alias(column.name) for column in self.columns)
        return table if sound.all() else table.with_columns(usable=pl.Series(sound))

    def notes(self) -> list[str]:
        """Return what the reader of the store should know."""
        fields = self.fields
        told = [f"{n:,} impossible value(s) of {name} taken as missing" for name, n in self._nulled.items()]
        if fields.left_out:
            what = ", ".join(f"{name} ({n})" for name, n in sorted(fields.left_out.items()))
            told.append(f"fields of the source that are not in the store: {what}")
        counted = [group for group in fields.groups if {("ac", group), ("an", group)} <= fields.counts.keys()]
        aside = [group for group in counted if group not in fields.maxima]
        kept = [group for group in counted if group in fields.maxima]
        of = f"group(s) {', '.join(kept)}" if kept else "all samples (no counts by group)"
        besides = f"; {', '.join(aside)} left aside" if aside else ""
        if fields.file_faf95 is not None:
            told.append(
                f"faf95 is {fields.file_faf95} of the source; where that is missing it is computed of {of}{besides}"
            )
        elif self._overall or any(key[0] == "ac" for key in fields.counts):
            told.append(
                f"faf95 is not in the source: it is computed of {of}{besides} "
                "(one-sided 95 % Poisson bound, doi:10.1038/gim.2017.26; 0 for variants seen once)"
            )
        if ("hom", "") not in fields.counts:
            told.append("the source does not count homozygotes")
        return told

    def _within(self, values: pl.Series, possible: pl.Series, name: str) -> pl.Series:
        wrong = ~possible.fill_null(value=True)
        if wrong.any():
            self._nulled[name] += int(wrong.sum())
            return values.set(wrong, None)
        return values

    def _count(self, values: NDArray[np.int64], name: str) -> NDArray[np.int64]:
        """Return counts of persons, or of alleles, as they can be."""
        if name in self.fields.halved:
            values = np.where(values == NO_NUMBER, NO_NUMBER, values // 2)
        wrong = (values > _LIMIT) | ((values < 0) & (values != NO_NUMBER))
        if wrong.any():
            self._nulled[name] += int(wrong.sum())
            return np.where(wrong, NO_NUMBER, values)
        return values

    def _hemizygotes(self, rows: Rows, name: str) -> NDArray[np.int64]:
        males = self._count(rows.whole(name), name)
        sex = rows.alleles["chrom"].is_in(["X", "Y"])
        if self.fields.nonpar is not None:
            sex = sex & rows.flag(self.fields.nonpar)
        else:
            sex = sex & ~_pseudo_autosomal(rows.alleles, self._source)
        return np.where(sex.to_numpy(), males, 0)

    def _filters(self, rows: Rows) -> pl.Series:
        own = rows.alleles["filter"]
        stated = [rows.own_text(name) for name in self.fields.filters]
        if not stated:
            return own
        if len(stated) == 1:
            # an allele's own word comes before that of its record
            return pl.select(pl.coalesce(stated[0], own)).to_series()
        words = pl.DataFrame(
            [series.alias(str(number)) for number, series in enumerate(stated)]
        ).with_columns(own.alias("own"))
        labels = [
            "exomes" if "exome" in name.lower() else "genomes" if "genome" in name.lower() else name
            for name in self.fields.filters
        ]
        texts = [pl.col(str(number)) for number in range(len(stated))]
        told = pl.concat_list(texts).list.drop_nulls()
        each = pl.concat_str(
            [pl.format(f"{label}:{{}}", text) for label, text in zip(labels, texts, strict=True)],
            separator="|",
            ignore_nulls=True,
        )
        return words.select(
            pl.when(told.list.len() == 0)
            .then("own")
            .when(told.list.n_unique() == 1)
            .then(told.list.first())
            .otherwise(each)
        ).to_series()

    def _possible(
        self, counts: dict[str, NDArray[np.int64]], made: dict[str, pl.Series], rows: int
    ) -> NDArray[np.bool_]:
        """Tell which rows have a count, and no more alleles than were looked at; of a group, its counts only go."""
        for group in self.fields.groups:
            count, number = f"ac_{group}", f"an_{group}"
            if count not in counts:
                continue
            wrong = (counts[count] > counts[number]) & (counts[number] != NO_NUMBER)
            if wrong.any():
                self._nulled[f"AC above AN of {group}"] += int(wrong.sum())
                for name in (count, number):
                    counts[name] = np.where(wrong, NO_NUMBER, counts[name])
        has_any = np.zeros(rows, np.bool_)
        for name, values in counts.items():
            if name.startswith("ac") and not has_any.all():
                has_any |= values != NO_NUMBER
        for name, shares in made.items():
            if name.startswith(("af_", FILE_AF)) and not has_any.all():
                has_any |= shares.is_not_null().to_numpy()
        self._source.left_out["no_count"] += int((~has_any).sum())
        if not self._overall:
            return has_any
        above = (counts["ac"] > counts["an"]) & (counts["an"] != NO_NUMBER)
        self._source.left_out["ac_above_an"] += int((above & has_any).sum())
        sound: NDArray[np.bool_] = has_any & ~above
        return sound


def _pseudo_autosomal(alleles: pl.DataFrame, source: Source) -> pl.Series:
    place = pl.col("pos")
    inside = pl.lit(value=False)
    for chrom, regions in PSEUDO_AUTOSOMAL[source.assembly].items():
        for first, last in regions:
            inside = inside | ((pl.col("chrom") == chrom) & place.is_between(first, last))
    return alleles.select(inside.alias("par")).to_series()
