"""The case library: what solved patients of each disease showed, as counts by publication.

Annotations say what a curator read; the library says what the patients themselves had, for diseases that the
annotations do not list yet, and for publications that they do not cite. It holds aggregate counts only. Each count
belongs to a publication, so that a publication can be taken out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from genopraxis.contracts.provenance import DataRelease
from genopraxis.contracts.table import Column, TableContract
from genopraxis.knowledge.annotations import ROW, Annotations, Aspect, Frequency, Source
from genopraxis.knowledge.diseases import Diseases
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.ontology import Ontology
from genopraxis.knowledge.publication_counts import PUBLICATION_COUNTS

LIBRARY_DISEASES = TableContract(
    name="library-diseases",
    version=1,
    description="The diseases of a case library, with the genes of their solved patients.",
    columns=(
        Column(name="disease_id", dtype=pl.String, description="catalogue id, e.g. OMIM:154700"),
        Column(name="disease_name", dtype=pl.String, description="name, where it is known", nullable=True),
        Column(name="genes", dtype=pl.List(pl.String), description="gene symbols (HGNC), may be empty"),
    ),
    key=("disease_id",),
)


@dataclass(frozen=True, kw_only=True)
class CaseLibrary:
    """Counts of terms in solved patients, by disease and publication.

    Parameters
    ----------
    counts
        The :data:`genopraxis.knowledge.publication_counts.PUBLICATION_COUNTS` table.
    diseases
        The :data:`LIBRARY_DISEASES` table; every disease of ``counts`` is in it.
    releases
        Where the counts come from.
    """

    counts: pl.DataFrame
    diseases: pl.DataFrame
    releases: tuple[DataRelease, ...] = ()

    @property
    def publications(self) -> frozenset[str]:
        """The publications that contributed."""
        return frozenset(self.counts["publication"].unique())

    @property
    def patients(self) -> int:
        """How many patients are counted; one with two diagnoses counts twice."""
        each = self.counts.group_by("publication", "disease_id").agg(pl.col("patients").max())
        return int(each["patients"].sum())

    def only(self, publications: Collection[str]) -> CaseLibrary:
        """Return the library of some publications, and of the diseases they describe."""
        counts = self.counts.filter(pl.col("publication").is_in(list(publications)))
        kept = self.diseases.filter(pl.col("disease_id").is_in(counts["disease_id"].unique().to_list()))
        return replace(self, counts=counts, diseases=kept)

    def plus(self, other: CaseLibrary) -> CaseLibrary:
        """Return both libraries as one; a disease that both describe has the genes of both."""
        diseases = (
            pl.concat([self.diseases, other.diseases])
            .group_by("disease_id", maintain_order=True)
            .agg(
                pl.col("disease_name").drop_nulls().first(),
                pl.col("genes").explode().drop_nulls().unique().sort(),
            )
            .sort("disease_id")
        )
        keys = ["publication", "disease_id", "term_id"]
        counts = (
            pl.concat([self.counts, other.counts])
            .group_by(keys)
            .agg(pl.col("observed", "examined", "patients").sum())
            .select(PUBLICATION_COUNTS.schema.keys())
            .sort(keys)
        )
        return CaseLibrary(counts=counts, diseases=diseases, releases=self.releases + other.releases)


def with_library(knowledge: HpoKnowledge, library: CaseLibrary) -> HpoKnowledge:
    """Return a release of knowledge together with a case library.

    Diseases that only the library describes are added behind those of the release; they have no annotations, so
    a tool that knows nothing of the library never ranks them.

    Parameters
    ----------
    knowledge
        A release without a library.
    """
    diseases = _with_entries(knowledge.diseases, library.diseases)
    annotations = knowledge.annotations
    missing = len(diseases.ids) - (len(annotations.start) - 1)
    extended = np.concatenate([annotations.start, np.full(missing, len(annotations.rows), dtype=np.int64)])
    return replace(
        knowledge,
        diseases=diseases,
        annotations=replace(annotations, start=extended),
        library=library_rows(library.counts, ontology=knowledge.ontology, disease_number=diseases.number),
        releases=knowledge.releases + library.releases,
    )


def library_rows(
    counts: pl.DataFrame, *, ontology: Ontology, disease_number: Mapping[str, int]
) -> Annotations:
    """Turn counts into annotation rows that cite the publications they come from.

    Terms that the ontology does not know are left out.
    """
    resolved = {
        given: ontology.number[found.term_id]
        for given in counts["term_id"].unique()
        if (found := ontology.resolve(given)).term_id is not None
    }
    ready = (
        counts.with_columns(
            term=pl.col("term_id").replace_strict(resolved, default=None, return_dtype=pl.Int32),
            disease=pl.col("disease_id").replace_strict(disease_number, return_dtype=pl.Int32),
        )
        .drop_nulls("term")
        .sort("disease", "term", "publication", maintain_order=True)
    )
    rows = np.zeros(ready.height, dtype=ROW)
    rows["row"] = np.arange(ready.height)
    for name, column in (
        ("disease", "disease"),
        ("term", "term"),
        ("numerator", "observed"),
        ("denominator", "examined"),
    ):
        rows[name] = ready[column].to_numpy()
    rows["fraction"] = np.nan
    rows["kind"], rows["source"], rows["aspect"] = Frequency.COUNTS, Source.PCS, Aspect.PHENOTYPE
    start = np.searchsorted(rows["disease"], np.arange(len(disease_number) + 1)).astype(np.int64)
    references = ready.select(row=pl.int_range(pl.len(), dtype=pl.Int32), reference="publication")
    return Annotations(rows=rows, start=start, references=references)


def _with_entries(diseases: Diseases, added: pl.DataFrame) -> Diseases:
    """Add catalogue entries that a release does not have, each a group and a place of its own."""
    new = added.filter(~pl.col("disease_id").is_in(diseases.ids)).sort("disease_id")
    if new.is_empty():
        return diseases
    groups, places = len(diseases.members), int(diseases.place.max(initial=-1)) + 1
    number = pl.int_range(pl.len(), dtype=pl.Int32)
    by_gene = pl.concat_str(pl.col("genes").list.join("/"), pl.lit("-related disorder"))
    entries = new.select(
        "disease_id",
        name=pl.coalesce(
            "disease_name",
            pl.when(pl.col("genes").list.len() > 0).then(by_gene),
            pl.lit("disease without a name in this release"),
        ),
        group=(number + groups).cast(pl.Int32),
        place=(number + places).cast(pl.Int32),
    )
    links = (
        new.explode("genes")
        .drop_nulls("genes")
        .select(
            gene_id=pl.lit(""),  # cases name genes by symbol
            symbol="genes",
            disease_id="disease_id",
            association_type=pl.lit("MENDELIAN"),
        )
    )
    return Diseases(
        entries=pl.concat([diseases.entries, entries]),
        gene_links=pl.concat([diseases.gene_links, links.select(diseases.gene_links.columns)]),
    )
