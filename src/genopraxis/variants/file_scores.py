"""Scores and frequencies that other programs wrote into INFO, one value per allele, under our names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.vcf_annotation_kernels import first_of_rows, list_elements, values_of_alleles
from genopraxis.formats.vcf_annotations import AnnotationEntries, decoded, info_key_spans, read_entries
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_columns import number_column, text_column
from genopraxis.formats.vcf_kernels import Offsets
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.file_rows import Placed, RowsOfAlleles, place_entries
from genopraxis.variants.score_names import ScoreName
from genopraxis.variants.score_plan import ScoreColumn, ScorePlan, plan_scores

__all__ = ["ScorePlan", "file_scores", "plan_scores"]

_LOFTEE = ("HC", "LC", "OS")
# a total lies between the lowest and the highest of its groups, where all groups are there
_GROUPS = (
    "aa",
    "ea",
    "eur",
    "afr",
    "ami",
    "amr",
    "asj",
    "eas",
    "fin",
    "mid",
    "nfe",
    "oth",
    "remaining",
    "sas",
)
_WHOLE = {
    "exac": ({"afr", "amr", "eas", "fin", "nfe", "oth", "sas"},),
    "kg": ({"afr", "amr", "eas", "eur", "sas"},),
    "esp": ({"aa", "ea"},),
    "gnomad": (
        {"afr", "amr", "asj", "eas", "fin", "nfe", "oth", "sas"},
        {"afr", "amr", "asj", "eas", "fin", "mid", "nfe", "remaining", "sas"},
    ),
}
_ROUNDING = 1e-3  # frequencies of some programs have three decimals
_UNREADABLE, _ALLELE, _FREQUENCY = "score_unreadable", "score_allele", "score_frequency"


def file_scores(
    batch: VcfBatch, alleles: pl.DataFrame, plan: ScorePlan | None = None
) -> tuple[pl.DataFrame, VcfRepairs]:
    """Return the scores and frequencies of alleles that INFO holds.

    A score of several transcripts is the most damaging; a frequency that is below or above those of all groups
    which it is made of is missing.

    Parameters
    ----------
    batch
        Records of a VCF.
    alleles
        Their alleles, as :func:`~genopraxis.variants.normalise.normalise` returns them.
    plan
        What :func:`plan_scores` found in the header; made here when there is none.

    Returns
    -------
    tuple of polars.DataFrame and VcfRepairs
        The columns of the plan, one row per row of ``alleles``; and what was no number, or not one per allele.
    """
    plan = plan_scores(batch.header) if plan is None else plan
    if not plan.columns:
        return pl.DataFrame(height=len(alleles)), VcfRepairs()
    reader = _Reader(batch, alleles, plan)
    columns = {column.name: reader.read(column) for column in plan.columns}
    for name, values in columns.items():
        if (checked := _checked(name, values, columns)) is not None:
            columns[name], wrong = checked
            reader.tally[_FREQUENCY] += wrong
    return pl.DataFrame(columns), reader.repairs + VcfRepairs(reader.tally)


class _Reader:
    """Reads columns of one batch."""

    def __init__(self, batch: VcfBatch, alleles: pl.DataFrame, plan: ScorePlan) -> None:
        self._batch = batch
        self._rows = RowsOfAlleles.of(batch, alleles)
        self._n = len(alleles)
        self.tally: Counter[str] = Counter()
        keys = dict.fromkeys(
            key
            for column in plan.columns
            for key in (*column.fields, *([column.companion] if column.companion else []))
            if "|" not in key
        )
        self._spans, self.repairs = info_key_spans(batch, list(keys))
        self._entries: dict[str, tuple[AnnotationEntries, Placed]] = {}
        for field in (*plan.consequences, *plan.spliceai):
            parts = [
                part
                for column in plan.columns
                for source in column.fields
                for key, _, part in [source.partition("|")]
                if part and key == field.key
            ]
            if parts:
                entries = read_entries(batch, field, parts)
                # what could not be placed is counted with the consequences
                self._entries[field.key] = entries, place_entries(entries, self._rows)

    def read(self, column: ScoreColumn) -> pl.Series:
        """Return a column."""
        if column.score is None:
            return self._extra(column)
        parts = [self._part(field, column.score, column.companion) for field in column.fields]
        if column.name == "spliceai_max" and len(parts) > 1:
            return pl.select(pl.max_horizontal(*parts)).to_series().alias(column.name)
        values = parts[0] if len(parts) == 1 else pl.select(pl.coalesce(*parts)).to_series()
        return values.alias(column.name)

    def _part(self, field: str, score: ScoreName, companion: str | None) -> pl.Series:
        key, _, part = field.partition("|")
        if part:
            return self._of_entries(key, part, score)
        spans = self._of_alleles(key, shared=score.shared)
        if score.kind == "text":
            return decoded(text_column(score.name, self._batch.data, *spans, dot_is_null=True))
        owners, numbers = self._numbers(spans, score)
        if companion is not None:
            numbers = self._pointed(numbers, companion, owners)
        return _worst(numbers, owners, self._n, score)

    def _of_alleles(self, key: str, *, shared: bool) -> tuple[Offsets, Offsets]:
        definition = self._batch.header.info.get(key)
        begins, stops, misfits = values_of_alleles(
            self._batch.data,
            *self._spans[key],
            self._rows.records,
            self._rows.alleles,
            self._rows.n_alts,
            definition is not None and definition.number == "R",
            shared,
        )
        self.tally[_ALLELE] += misfits
        return begins, stops

    def _of_entries(self, key: str, part: str, score: ScoreName) -> pl.Series:
        entries, placed = self._entries[key]
        if part not in entries.spans:
            return pl.repeat(None, self._n, dtype=score.dtype, eager=True)
        starts, ends = entries.spans[part]
        spans = starts[placed.entries], ends[placed.entries]
        if score.name == "loftee":
            return self._best_word(entries, part, placed)
        if score.kind != "score":
            spans = first_of_rows(placed.rows, *spans, self._n)
            if score.kind == "text":
                return decoded(text_column(score.name, self._batch.data, *spans))
            owners, numbers = self._numbers(spans, score)
            return _worst(numbers, owners, self._n, score)
        owners, numbers = self._numbers(spans, score)
        return _worst(numbers, placed.rows[owners], self._n, score)

    def _best_word(self, entries: AnnotationEntries, part: str, placed: Placed) -> pl.Series:
        codes, texts = entries.words(part, placed.entries)
        rank = np.array([_LOFTEE.index(text) if text in _LOFTEE else len(_LOFTEE) for text in texts])[codes]
        best = np.full(self._n, len(_LOFTEE))
        np.minimum.at(best, placed.rows, rank)
        return pl.Series([*_LOFTEE, None], dtype=pl.String).gather(pl.Series(best))

    def _numbers(
        self, spans: tuple[Offsets, Offsets], score: ScoreName
    ) -> tuple[NDArray[np.int64], pl.Series]:
        """Return the numbers in spans, and the span that each is of; what is none is null and counted."""
        owners, begins, stops = list_elements(self._batch.data, *spans, score.words)
        numbers, unread = number_column("number", self._batch.data, begins, stops, dtype=pl.Float64)
        if score.maximum is not None:
            wrong = ((numbers < 0) | (numbers > score.maximum)).fill_null(value=False)
            if wrong.any():
                unread += int(wrong.sum())
                numbers = pl.select(pl.when(~wrong).then(numbers)).to_series()
        self.tally[_UNREADABLE] += unread
        return owners, numbers

    def _pointed(self, numbers: pl.Series, companion: str, owners: NDArray[np.int64]) -> pl.Series:
        """Turn values round where the prediction is harmless (N, P); without a prediction they say nothing."""
        spans = self._of_alleles(companion, shared=False)
        beside, begins, stops = list_elements(self._batch.data, *spans, False)  # noqa: FBT003 - compiled code takes no keywords
        values, words = (np.bincount(one, minlength=self._n) for one in (owners, beside))
        # the n-th word belongs to the n-th value, where there are as many
        place = np.arange(len(owners)) + (np.cumsum(words) - words - np.cumsum(values) + values)[owners]
        fits = (values == words)[owners]
        begins, stops = (np.append(one, np.int32(-1))[np.where(fits, place, -1)] for one in (begins, stops))
        said = text_column("said", self._batch.data, begins, stops)
        return pl.select(
            pl.when(said.is_in(["A", "D"])).then(numbers).when(said.is_in(["N", "P"])).then(1 - numbers)
        ).to_series()

    def _extra(self, column: ScoreColumn) -> pl.Series:
        (key,) = column.fields
        definition = self._batch.header.info.get(key)
        starts, ends = self._spans[key]
        if column.dtype == pl.Boolean:
            return pl.Series(column.name, (starts >= 0)[self._rows.records])
        if definition is not None and definition.number in ("A", "R"):
            spans = self._of_alleles(key, shared=False)
        else:
            spans = starts[self._rows.records], ends[self._rows.records]
        if column.dtype == pl.String:
            return decoded(text_column(column.name, self._batch.data, *spans, dot_is_null=True))
        dtype = pl.Int64 if column.dtype == pl.Int64 else pl.Float64
        values, unread = number_column(column.name, self._batch.data, *spans, dtype=dtype)
        self.tally[_UNREADABLE] += unread
        return values


def _worst(numbers: pl.Series, rows: NDArray[np.int64], n: int, score: ScoreName) -> pl.Series:
    """Return the most damaging number of each row."""
    values = numbers.to_numpy()
    if len(rows) != n or not np.array_equal(rows, np.arange(n)):
        known = ~np.isnan(values)
        worst = np.full(n, np.nan)
        (np.fmin if score.low_is_worse else np.fmax).at(worst, rows[known], values[known])
        values = worst
    series = pl.Series(score.name, values, nan_to_null=True)
    return series.cast(score.dtype)


def _checked(name: str, total: pl.Series, columns: Mapping[str, pl.Series]) -> tuple[pl.Series, int] | None:
    """Return a total frequency without those that are impossible, and how many these are."""
    source, _, measure = name.rpartition("_")
    if measure != "af":
        return None
    groups = {group: columns[f"{name}_{group}"] for group in _GROUPS if f"{name}_{group}" in columns}
    if not any(whole <= groups.keys() for whole in _WHOLE.get(source.split("_")[0], ())):
        return None
    known = list(groups.values())
    complete = pl.all_horizontal(*(group.is_not_null() for group in known))
    low, high = pl.min_horizontal(*known) - _ROUNDING, pl.max_horizontal(*known) + _ROUNDING
    wrong = pl.select((complete & ((total < low) | (total > high))).fill_null(value=False)).to_series()
    if not wrong.any():
        return None
    return pl.select(pl.when(~wrong).then(total)).to_series().alias(name), int(wrong.sum())
