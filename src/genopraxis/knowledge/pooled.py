"""Annotations and case library as one body of rows: what a curator read, and what no curator has read yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.knowledge.annotations import Annotations, Aspect, Rows
from genopraxis.knowledge.hpo import HpoKnowledge


class Pooled:
    """The annotations of a release, and the library's rows of publications that they do not cite.

    A publication that a disease's annotations cite is in their counts already; its rows of the library are left
    out for that disease, so that no patient counts twice.

    Parameters
    ----------
    published
        A release with or without a library, as published: without it, the pool is the annotations.
    """

    def __init__(self, published: HpoKnowledge) -> None:
        annotations, library = published.annotations, published.library
        self._uncited = _uncited(published)
        added = library.rows[self._uncited] if library is not None else annotations.rows[:0]
        both = np.concatenate([annotations.rows, added])
        source = np.repeat(np.array([False, True]), [len(annotations.rows), len(added)])
        order = np.lexsort((source, both["term"], both["disease"]))
        place = np.empty(len(both), dtype=np.int32)
        place[order] = np.arange(len(both))
        # where a row of each source stands in the pool
        self._annotated_at: NDArray[np.int32] = place[: len(annotations.rows)]
        self._library_at: NDArray[np.int32] = np.full(len(self._uncited), -1, dtype=np.int32)
        self._library_at[self._uncited] = place[len(annotations.rows) :]
        rows = both[order]
        rows["row"] = np.arange(len(rows))
        references = [_moved(annotations.references, self._annotated_at)]
        if library is not None:
            references.append(_moved(library.references, self._library_at))
        start = np.searchsorted(rows["disease"], np.arange(len(annotations.start))).astype(np.int64)
        self.knowledge = replace(
            published,
            annotations=Annotations(rows=rows, start=start, references=pl.concat(references)),
            library=None,
        )

    def on(self, knowledge: HpoKnowledge) -> HpoKnowledge:
        """Return the pool of a variant of the release, in which a few diseases have other rows."""
        diseases = set(knowledge.annotations.replaced)
        if knowledge.library is not None:
            diseases |= set(knowledge.library.replaced)
        return self.knowledge.with_replaced({disease: self._rows(knowledge, disease) for disease in diseases})

    def _rows(self, knowledge: HpoKnowledge, disease: int) -> Rows:
        parts = [_placed(knowledge.annotations.of(disease), self._annotated_at)]
        if knowledge.library is not None:
            own = knowledge.library.of(disease)
            parts.append(_placed(own[self._uncited[own["row"]]], self._library_at))
        rows = np.concatenate(parts)
        return rows[np.argsort(rows["row"], kind="stable")]


def _placed(rows: Rows, at: NDArray[np.int32]) -> Rows:
    moved = rows.copy()
    moved["row"] = at[rows["row"]]
    return moved


def _moved(references: pl.DataFrame, at: NDArray[np.int32]) -> pl.DataFrame:
    rows = at[references["row"].to_numpy()]
    moved = pl.DataFrame({"row": rows, "reference": references["reference"]}, schema=references.schema)
    return moved.filter(pl.col("row") >= 0)


def _uncited(knowledge: HpoKnowledge) -> NDArray[np.bool_]:
    """Tell of each library row whether the annotations of its disease do not cite its publication."""
    if knowledge.library is None:
        return np.zeros(0, dtype=np.bool_)

    def cited(source: Annotations) -> pl.LazyFrame:
        rows = source.rows[source.references["row"].to_numpy()]
        signs = pl.Series(rows["aspect"] == Aspect.PHENOTYPE)
        return source.references.lazy().with_columns(disease=pl.Series(rows["disease"])).filter(signs)

    known = cited(knowledge.annotations).select("disease", "reference").unique()
    new = cited(knowledge.library).join(known, on=["disease", "reference"], how="anti").collect()
    mask = np.zeros(len(knowledge.library.rows), dtype=np.bool_)
    mask[new["row"].to_numpy()] = True
    return mask
