"""Disease annotations as one sorted array of rows, with cheap replacement of the rows of a few diseases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.knowledge.ontology import Ontology


class Frequency(IntEnum):
    """How a row states its frequency."""

    UNSTATED = 0
    COUNTS = 1
    FRACTION = 2


class Source(IntEnum):
    """HPO evidence code of a row."""

    IEA = 0
    TAS = 1
    PCS = 2


class Aspect(IntEnum):
    """What a row speaks about."""

    PHENOTYPE = 0
    INHERITANCE = 1
    COURSE = 2
    OTHER = 3


class LimitedTo(IntEnum):
    """The sex to which a row is limited."""

    ANYONE = 0
    MALE = 1
    FEMALE = 2


ROW = np.dtype(
    [
        ("row", np.int32),  # position in the base table; references are looked up by it
        ("disease", np.int32),
        ("term", np.int32),
        ("kind", np.uint8),
        ("numerator", np.float32),
        ("denominator", np.float32),
        ("fraction", np.float32),
        ("source", np.uint8),
        ("aspect", np.uint8),
        ("negated", np.bool_),
        ("sex", np.uint8),
    ]
)
Rows = np.ndarray  # of dtype ROW; numpy's typing has no way to name a structured dtype


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """The annotation rows of every disease.

    Parameters
    ----------
    rows
        All rows of the release, sorted by disease (dtype :data:`ROW`).
    start
        The rows of disease *d* are ``rows[start[d]:start[d + 1]]``.
    references
        ``row``, ``reference``: who says so, one line per row and reference.
    replaced
        Rows that stand in for a disease's own: knowledge as it would be without a publication or case.
    """

    rows: Rows
    start: NDArray[np.int64]
    references: pl.DataFrame
    replaced: Mapping[int, Rows] = field(default_factory=dict)

    def of(self, disease: int) -> Rows:
        """Return the rows of one disease, replacements applied."""
        if disease in self.replaced:
            return self.replaced[disease]
        return self.rows[self.start[disease] : self.start[disease + 1]]

    def with_replaced(self, replaced: Mapping[int, Rows]) -> Annotations:
        """Return these annotations with other rows for the diseases in ``replaced``; nothing is copied."""
        changed = Annotations(rows=self.rows, start=self.start, references=self.references, replaced=replaced)
        # the lookups below depend on the base rows only and are costly to make again
        for name in ("references_by_row", "rows_by_reference"):
            if name in self.__dict__:
                changed.__dict__[name] = self.__dict__[name]
        return changed

    @cached_property
    def references_by_row(self) -> dict[int, tuple[str, ...]]:
        """References of each row."""
        grouped = self.references.group_by("row", maintain_order=True).agg("reference")
        return {row: tuple(refs) for row, refs in grouped.iter_rows()}

    @cached_property
    def rows_by_reference(self) -> dict[str, NDArray[np.int32]]:
        """Positions of the rows that cite a reference."""
        grouped = self.references.group_by("reference").agg("row")
        return {ref: np.asarray(rows, dtype=np.int32) for ref, rows in grouped.iter_rows()}


def build_annotations(
    table: pl.DataFrame, *, ontology: Ontology, disease_number: Mapping[str, int]
) -> tuple[Annotations, int]:
    """Turn an annotation table into sorted arrays.

    Parameters
    ----------
    table
        The :data:`genopraxis.formats.hpoa.ANNOTATIONS` table.
    ontology
        Terms are resolved against it; replaced ids are followed.
    disease_number
        Number of every disease.

    Returns
    -------
    tuple
        The annotations, and the number of rows dropped because the ontology does not know their term.
    """
    resolved = {
        given: ontology.number[found.term_id]
        for given in table["term_id"].unique()
        if (found := ontology.resolve(given)).term_id is not None
    }
    ready = (
        table.with_columns(
            term=pl.col("term_id").replace_strict(resolved, default=None, return_dtype=pl.Int32),
            disease=pl.col("disease_id").replace_strict(disease_number, return_dtype=pl.Int32),
        )
        .drop_nulls("term")
        .sort("disease", "term", maintain_order=True)
    )
    rows = np.zeros(ready.height, dtype=ROW)
    rows["row"] = np.arange(ready.height)
    rows["disease"] = ready["disease"].to_numpy()
    rows["term"] = ready["term"].to_numpy()
    for name, column in (
        ("numerator", "numerator"),
        ("denominator", "denominator"),
        ("fraction", "frequency"),
    ):
        rows[name] = ready[column].cast(pl.Float32).fill_null(float("nan")).to_numpy()
    rows["kind"] = np.where(
        ~np.isnan(rows["denominator"]),
        Frequency.COUNTS,
        np.where(~np.isnan(rows["fraction"]), Frequency.FRACTION, Frequency.UNSTATED),
    )
    rows["source"] = _codes(ready["evidence"], {s.name: int(s) for s in Source}, int(Source.TAS))
    rows["aspect"] = _codes(
        ready["aspect"],
        {"P": int(Aspect.PHENOTYPE), "I": int(Aspect.INHERITANCE), "C": int(Aspect.COURSE)},
        int(Aspect.OTHER),
    )
    rows["negated"] = ready["negated"].to_numpy()
    rows["sex"] = _codes(
        ready["sex"].fill_null(""), {"male": int(LimitedTo.MALE), "female": int(LimitedTo.FEMALE)}, 0
    )
    start = np.searchsorted(rows["disease"], np.arange(len(disease_number) + 1))
    references = (
        ready.select(row=pl.int_range(pl.len(), dtype=pl.Int32), reference="references")
        .explode("reference")
        .filter(pl.col("reference").is_not_null() & (pl.col("reference") != ""))
    )
    annotations = Annotations(rows=rows, start=start.astype(np.int64), references=references)
    return annotations, table.height - ready.height


def _codes(values: pl.Series, codes: dict[str, int], default: int) -> NDArray[np.uint8]:
    coded = values.replace_strict(codes, default=default, return_dtype=pl.UInt8)
    found: NDArray[np.uint8] = coded.to_numpy()
    return found
