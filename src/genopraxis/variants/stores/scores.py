"""Scores of variants that another program computed become a store, whatever file they are in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Literal

import numpy as np
import polars as pl

from genopraxis.knowledge.variant_store_card import StoreColumn
from genopraxis.variants.stores.rows import Rows, Source
from genopraxis.variants.stores.score_fields import ScoreField, score_fields

__all__ = ["Keep", "ScoreTable", "kept"]

Keep = Literal["max", "min", "first"]

_SAMPLE_ROWS = 20_000
_BETWEEN = r"[;,|&]"
_VARIANT = ("key", "digest")
_LOWER_IS_WORSE = re.compile(r"^(?:sift|sift4g|fathmm|provean|lrt|esm1b)(?:[_-]|$)", re.IGNORECASE)


class ScoreTable:
    """Turns the rows of a source into those of a store.

    Parameters
    ----------
    wanted
        Fields, as the user names them.
    keep
        Which of several scores of one variant counts: of lists in a field, and of rows for its transcripts.
    """

    def __init__(self, source: Source, wanted: Sequence[str] = (), *, keep: Keep = "max") -> None:
        self._source = source
        self._keep = keep
        numeric = () if source.is_vcf or wanted else _numeric(source)
        self.fields: list[ScoreField] = score_fields(source, wanted, numeric=numeric)
        self._lists: Counter[str] = Counter()
        self._unread: Counter[str] = Counter()

    @property
    def wanted(self) -> Sequence[str]:
        """Fields to be read."""
        return [one.name for one in self.fields]

    @property
    def columns(self) -> tuple[StoreColumn, ...]:
        """Columns of the store."""
        return tuple(
            StoreColumn(name=one.column, dtype="float32", description=self._described(one))
            for one in self.fields
        )

    def table(self, rows: Rows) -> pl.DataFrame:
        """Return the columns of the store for some rows; those without any score are left out."""
        table = rows.alleles.select("chrom", "pos", "ref", "alt").with_columns(
            self._values(rows, one).cast(pl.Float32).alias(one.column) for one in self.fields
        )
        has = table.select(
            pl.any_horizontal(pl.col(one.column).is_not_null() for one in self.fields)
        ).to_series()
        self._source.left_out["no_score"] += int((~has).sum())
        return table if has.all() else table.filter(has)

    def notes(self) -> list[str]:
        """Return what the reader of the store should know."""
        which = {"max": "the largest", "min": "the smallest", "first": "the first"}[self._keep]
        told = [f"of several scores of one variant {which} counts"]
        low = [one.name for one in self.fields if _LOWER_IS_WORSE.search(one.name)]
        if low and self._keep != "min":
            told.append(f"of {', '.join(low)} a low score is the worse one: --keep min takes that")
        told += [f"{n:,} list(s) of scores in {name}: {which} was taken" for name, n in self._lists.items()]
        told += [
            f"{n:,} value(s) of {name} are no number: taken as missing" for name, n in self._unread.items()
        ]
        return told

    def _described(self, one: ScoreField) -> str:
        text = self._source.fields[one.name].description
        if one.reading == "spliceai":
            return f"largest delta score of all genes ({one.name})"
        return f"{one.name}: {text}" if text else one.name

    def _values(self, rows: Rows, one: ScoreField) -> pl.Series:
        if one.reading == "number":
            return rows.number(one.name, dtype=pl.Float64)
        if one.reading == "spliceai":
            return self._spliceai(rows, one.name)
        text = rows.text(one.name)
        values = text.cast(pl.Float64, strict=False)
        rest = values.is_null() & text.is_not_null()
        if rest.any():
            places = np.flatnonzero(rest.to_numpy())
            values = values.scatter(places, self._of_lists(text.filter(rest), one.name))
        return values.fill_nan(None)

    def _of_lists(self, texts: pl.Series, name: str) -> pl.Series:
        """Return the score of lists such as ``.;0.2;0.7;``, of which dbNSFP has one value a transcript."""
        parts = pl.element().str.strip_chars().cast(pl.Float64, strict=False).fill_nan(None).drop_nulls()
        lists = texts.str.replace_all(_BETWEEN, ";").str.split(";").list.eval(parts)
        chosen = {"max": lists.list.max(), "min": lists.list.min(), "first": lists.list.first()}[self._keep]
        self._lists[name] += int((lists.list.len() > 1).sum())
        nothing = texts.str.contains(r"^[.;,|&\s]*$")
        self._unread[name] += int((chosen.is_null() & ~nothing).sum())
        return chosen

    def _spliceai(self, rows: Rows, name: str) -> pl.Series:
        """Return the largest of the four delta scores over the genes that are listed for an allele."""
        alleles = rows.alleles["original_alt"].str.to_uppercase()
        entries = (
            pl.DataFrame(
                {"row": pl.int_range(len(alleles), eager=True), "alt": alleles, "entry": rows.text(name)}
            )
            .drop_nulls("entry")
            .with_columns(pl.col("entry").str.split(","))
            .explode("entry")
        )
        fields = entries["entry"].str.split("|")
        deltas = fields.list.slice(2, 4).list.eval(pl.element().cast(pl.Float64, strict=False))
        best = (
            entries.with_columns(
                of=fields.list.get(0, null_on_oob=True).str.to_uppercase(), best=deltas.list.max()
            )
            .filter(pl.col("of") == pl.col("alt"))
            .group_by("row")
            .agg(pl.col("best").max(), n=pl.len())
        )
        self._lists[name] += int((best["n"] > 1).sum())
        values = pl.Series(name, [None], dtype=pl.Float64).new_from_index(0, len(alleles))
        return values.scatter(best["row"], best["best"]) if best.height else values


def kept(columns: Sequence[StoreColumn], keep: Keep) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what makes one row of the rows of a variant."""

    def combine(rows: pl.DataFrame) -> pl.DataFrame:
        grouped = rows.group_by(_VARIANT, maintain_order=True)
        own = [pl.col(column.name) for column in columns]
        chosen = [
            one.max() if keep == "max" else one.min() if keep == "min" else one.drop_nulls().first()
            for one in own
        ]
        return grouped.agg(pl.col("source").first(), *chosen)

    return combine


def _numeric(source: Source) -> list[str]:
    """Return the columns of a table whose values are numbers, or lists of them, as far as its first rows tell."""
    names = list(source.fields)
    left_out, notes = source.left_out.copy(), list(source.notes)
    numbers: list[str] = []
    rows = next(islice(source.rows(names), 1), None)
    if rows is not None:
        for name in names:
            text = rows.text(name).drop_nulls().head(_SAMPLE_ROWS)
            plain = text.str.replace_all(_BETWEEN, ";").str.split(";").explode().str.strip_chars()
            plain = plain.filter(~plain.is_in(["", "."]))
            values = plain.cast(pl.Float64, strict=False)
            if len(values) and values.null_count() <= len(values) // 100:
                numbers.append(name)
    source.left_out.clear()
    source.left_out.update(left_out)
    source.notes[:] = notes
    return numbers
