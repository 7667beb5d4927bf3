"""The HPO release that tools work with: ontology, annotations, diseases, genes, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import polars as pl

from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.hpoa import AnnotationFile
from genopraxis.formats.ontology_file import OntologyFile
from genopraxis.knowledge.annotations import Annotations, Rows, build_annotations
from genopraxis.knowledge.diseases import Diseases, build_diseases
from genopraxis.knowledge.ontology import Ontology, build_ontology


@dataclass(frozen=True, kw_only=True)
class HpoKnowledge:
    """One release of phenotype knowledge.

    Parameters
    ----------
    ontology, annotations, diseases
        Numbered consistently: annotation rows point to terms and diseases by number.
    library
        What solved patients showed, in rows of the same kind; ``None`` without a case library. See
        :func:`genopraxis.knowledge.case_library.with_library`.
    releases
        Name, version, licence, source and sha256 of each source file.
    notes
        What was repaired or dropped when the release was compiled.
    """

    ontology: Ontology
    annotations: Annotations
    diseases: Diseases
    releases: tuple[DataRelease, ...]
    notes: tuple[str, ...] = ()
    library: Annotations | None = None

    @property
    def version(self) -> str:
        """The version of the disease annotations."""
        return self.releases[1].version

    def with_replaced(
        self, rows: Mapping[int, Rows], *, library: Mapping[int, Rows] = MappingProxyType({})
    ) -> HpoKnowledge:
        """Return this knowledge with other annotation and library rows for a few diseases."""
        return replace(
            self,
            annotations=self.annotations.with_replaced(rows),
            library=self.library.with_replaced(library) if self.library is not None else None,
        )

    def annotates(self, disease_id: str) -> bool:
        """Tell whether the release annotates a disease; a case library may know others."""
        number = self.diseases.number.get(disease_id)
        return number is not None and len(self.annotations.of(number)) > 0

    @property
    def changed(self) -> list[int]:
        """The groups of diseases that have other rows than the release and the library as published."""
        replaced = set(self.annotations.replaced)
        if self.library is not None:
            replaced |= set(self.library.replaced)
        return sorted({int(self.diseases.group[disease]) for disease in replaced})


def compile_hpo(
    ontology_file: OntologyFile,
    annotation_file: AnnotationFile,
    gene_links: pl.DataFrame,
    *,
    releases: tuple[DataRelease, ...],
) -> HpoKnowledge:
    """Join the three source files of a release into numbered arrays."""
    ontology = build_ontology(ontology_file.terms)
    diseases = build_diseases(annotation_file.rows.select("disease_id", "disease_name"), gene_links)
    annotations, unknown = build_annotations(
        annotation_file.rows, ontology=ontology, disease_number=diseases.number
    )
    notes = [repair.message for repair in annotation_file.repairs]
    if unknown:
        notes.append(
            f"{unknown} annotation row(s) dropped: their term is not in ontology {ontology_file.version}"
        )
    return HpoKnowledge(
        ontology=ontology, annotations=annotations, diseases=diseases, releases=releases, notes=tuple(notes)
    )
