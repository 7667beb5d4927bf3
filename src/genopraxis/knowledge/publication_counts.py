"""What each publication's patients contributed: how many showed a term, how many were examined for it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.table import Column, TableContract
from genopraxis.formats.files import read_bytes
from genopraxis.knowledge.ontology import Ontology

PUBLICATION_COUNTS = TableContract(
    name="publication-counts",
    version=1,
    description="Patients of a publication with a disease who show a term, and who were examined for it.",
    columns=(
        Column(name="publication", dtype=pl.String, description="PMID:…"),
        Column(name="disease_id", dtype=pl.String, description="OMIM id"),
        Column(name="term_id", dtype=pl.String, description="HPO term"),
        Column(name="observed", dtype=pl.Int64, description="patients with the sign", minimum=0),
        Column(name="examined", dtype=pl.Int64, description="patients with or without it", minimum=1),
        Column(
            name="patients",
            dtype=pl.Int64,
            description="patients of the publication with the disease",
            minimum=1,
        ),
    ),
    key=("publication", "disease_id", "term_id"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """One case as a contributor of counts: terms by number, as :func:`counted_signs` returns them."""

    publication: str | None
    disease_ids: tuple[str, ...]
    observed: tuple[int, ...]
    excluded: tuple[int, ...]


def counted_signs(
    stated: Iterable[tuple[int, bool]], ontology: Ontology
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the signs that a record states as they are counted: observed ones, then excluded ones, each once.

    Terms outside *Phenotypic abnormality* are left out. A sign that is observed, itself or a kind of it, is not
    excluded. A sign that another one implies stays: a curator who read the record would have counted it.

    Parameters
    ----------
    stated
        Term number, and whether the sign was looked for and absent.
    """
    signs = [(term, absent) for term, absent in stated if ontology.is_phenotype[term]]
    observed = tuple(dict.fromkeys(term for term, absent in signs if not absent))
    shown = {int(above) for term in observed for above in ontology.ancestors(term)}
    excluded = dict.fromkeys(term for term, absent in signs if absent)
    return observed, tuple(term for term in excluded if term not in shown)


class PublicationCounts:
    """Counts by publication and disease, terms as numbers of one ontology release."""

    def __init__(self) -> None:
        self._observed: dict[tuple[str, str], Counter[int]] = {}
        self._examined: dict[tuple[str, str], Counter[int]] = {}
        self._patients: Counter[tuple[str, str]] = Counter()

    @classmethod
    def of(cls, cases: Iterable[Contribution]) -> PublicationCounts:
        """Count the cases of a benchmark file."""
        counts = cls()
        for case in cases:
            if case.publication is None:
                continue
            for disease_id in case.disease_ids:
                key = (case.publication, disease_id)
                counts._patients[key] += 1
                counts._observed.setdefault(key, Counter()).update(set(case.observed))
                counts._examined.setdefault(key, Counter()).update(set(case.observed) | set(case.excluded))
        return counts

    @classmethod
    def read(cls, path: str | os.PathLike[str], ontology: Ontology) -> PublicationCounts:
        """Read a table written by :meth:`table` (tab-separated or Parquet).

        Raises
        ------
        InputError
            When it is not such a table.
        """
        content = read_bytes(path)
        try:
            frame = (
                pl.read_parquet(content)
                if content[:4] == b"PAR1"
                else pl.read_csv(content, separator="\t", schema_overrides=PUBLICATION_COUNTS.schema)
            )
        except pl.exceptions.PolarsError as error:
            raise InputError(
                f"is not a table: {str(error).splitlines()[0]}", where=os.fspath(path)
            ) from error
        PUBLICATION_COUNTS.check(frame, raise_errors=True, where=os.fspath(path))
        counts = cls()
        for row in frame.iter_rows(named=True):
            found = ontology.resolve(row["term_id"])
            if found.term_id is None:
                continue
            key, term = (row["publication"], row["disease_id"]), ontology.number[found.term_id]
            counts._patients[key] = max(counts._patients[key], row["patients"])
            counts._observed.setdefault(key, Counter())[term] += row["observed"]
            counts._examined.setdefault(key, Counter())[term] += row["examined"]
        return counts

    def by_publication(self, publications: Collection[str]) -> dict[str, PublicationCounts]:
        """Return the counts of each of these publications by itself; one that is not counted is left out."""
        found: dict[str, PublicationCounts] = {}
        for key, n in self._patients.items():
            if key[0] in publications:
                own = found.setdefault(key[0], PublicationCounts())
                own._patients[key] = n
                own._observed[key] = self._observed[key]
                own._examined[key] = self._examined[key]
        return found

    def table(self, ontology: Ontology) -> pl.DataFrame:
        """Return the counts as a :data:`PUBLICATION_COUNTS` table."""
        rows = [
            (
                publication,
                disease_id,
                ontology.ids[term],
                self._observed[key][term],
                examined,
                self._patients[key],
            )
            for key, terms in sorted(self._examined.items())
            for (publication, disease_id) in [key]
            for term, examined in sorted(terms.items())
        ]
        return pl.DataFrame(rows, schema=PUBLICATION_COUNTS.schema, orient="row")

    def get(self, publication: str, disease_id: str, term: int) -> tuple[int, int]:
        """Return (patients with the sign, patients examined)."""
        key = (publication, disease_id)
        if key not in self._examined:
            return 0, 0
        return self._observed[key][term], self._examined[key][term]

    def patients(self, publication: str, disease_id: str) -> int:
        """Return how many patients of a publication have the disease."""
        return self._patients[publication, disease_id]
