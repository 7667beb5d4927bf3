"""Whether two compiled releases are the same to the last bit."""

from __future__ import annotations

from genopraxis.knowledge.hpo import HpoKnowledge


def assert_same(left: HpoKnowledge, right: HpoKnowledge) -> None:
    for a, b in (
        (left.ontology.terms, right.ontology.terms),
        (left.ontology.renamed, right.ontology.renamed),
        (left.ontology.synonyms, right.ontology.synonyms),
        (left.annotations.references, right.annotations.references),
        (left.diseases.entries, right.diseases.entries),
        (left.diseases.gene_links, right.diseases.gene_links),
    ):
        assert a.schema == b.schema
        assert a.equals(b)
    for x, y in (
        (left.ontology.ancestor_start, right.ontology.ancestor_start),
        (left.ontology.ancestor_terms, right.ontology.ancestor_terms),
        (left.annotations.rows, right.annotations.rows),
        (left.annotations.start, right.annotations.start),
    ):
        assert x.dtype == y.dtype
        assert x.tobytes() == y.tobytes()
    assert left.releases == right.releases
    assert left.notes == right.notes
