"""Made-up releases of any size, by seed: small graphs, linked entries, every kind of row, a case library.

``release(seed)`` gives the knowledge, ``library(seed, knowledge)`` a case library for it: publications that the
annotations cite and others, diseases that the release has and others. ``publication_out`` takes one out of
both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.hpoa import ANNOTATIONS, GENE_LINKS, AnnotationFile
from genopraxis.formats.ontology_file import TERMS, OntologyFile
from genopraxis.knowledge.case_library import LIBRARY_DISEASES, CaseLibrary
from genopraxis.knowledge.hpo import HpoKnowledge, compile_hpo
from genopraxis.knowledge.publication_counts import PUBLICATION_COUNTS, PublicationCounts
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, CaseInKnowledge, knowledge_in
from genopraxis.tasks.phenotype.query import Query

WORDS = (
    "seizure", "ataxia", "cataract", "scoliosis", "neuropathy", "neuropathic", "muscle", "weakness", "aortic",
    "aneurysm", "retinal", "dystrophy", "renal", "hearing", "loss", "short", "stature", "skin", "heart", "syndrome",
)  # fmt: skip
_FIXED = (
    ("HP:0000001", "All", ()),
    ("HP:0000005", "Mode of inheritance", ("HP:0000001",)),
    ("HP:0000006", "Autosomal dominant inheritance", ("HP:0000005",)),
    ("HP:0001419", "X-linked recessive inheritance", ("HP:0000005",)),
    ("HP:0003674", "Onset", ("HP:0000001",)),
    ("HP:0003577", "Congenital onset", ("HP:0003674",)),
    ("HP:0003584", "Late onset", ("HP:0003674",)),
    ("HP:0000118", "Phenotypic abnormality", ("HP:0000001",)),
)
PUBLICATIONS = tuple(f"PMID:{n}" for n in range(1, 7))


def row(
    disease_id: str, term_id: str, *references: str, name: str | None = None, **more: Any
) -> dict[str, Any]:
    """One line of an annotation table; ``counts=(3, 4)`` is a frequency of 3/4."""
    counts = more.pop("counts", None)
    return {
        "disease_id": disease_id,
        "disease_name": name or f"{disease_id} disease",
        "negated": False,
        "term_id": term_id,
        "references": list(references) or [disease_id],
        "evidence": "PCS",
        "onset": None,
        "numerator": counts[0] if counts else None,
        "denominator": counts[1] if counts else None,
        "frequency": None,
        "sex": None,
        "aspect": "P",
    } | more


def compiled(
    signs: Iterable[tuple[str, str, tuple[str, ...]]],
    rows: Iterable[Mapping[str, Any]],
    genes: Iterable[tuple[str, str]] = (),
    *,
    synonyms: Mapping[str, list[str]] | None = None,
) -> HpoKnowledge:
    """Compile a release of signs (id, label, parents), annotation rows and (symbol, disease) pairs."""
    terms = pl.DataFrame(
        [
            {
                "term_id": term_id,
                "label": label,
                "obsolete": False,
                "replaced_by": None,
                "alternative_ids": [],
                "parents": list(parents),
                "synonyms": (synonyms or {}).get(term_id, []),
            }
            for term_id, label, parents in (*_FIXED, *signs)
        ],
        schema=TERMS.schema,
    ).sort("term_id")
    links = [("NCBIGene:1", symbol, disease_id, "MENDELIAN") for symbol, disease_id in genes]
    return compile_hpo(
        OntologyFile(terms=terms, version="2000-01-01"),
        AnnotationFile(
            rows=pl.DataFrame(list(rows), schema=ANNOTATIONS.schema), version="2000-01-01", repairs=()
        ),
        pl.DataFrame(links, schema=GENE_LINKS.schema, orient="row"),
        releases=tuple(
            DataRelease(
                name=name, version="2000-01-01", licence="Apache-2.0", source="invented", sha256="0" * 64
            )
            for name in ("ontology", "annotations", "genes")
        ),
    )


def release(seed: int, *, signs: int = 12, diseases: int = 9, rows: int = 5) -> HpoKnowledge:
    """A release of random shape: signs with one or two parents, every third disease with a linked ORPHA entry."""
    random = np.random.default_rng(seed)
    ids = [f"HP:{2000000 + i:07d}" for i in range(signs)]
    made, table, genes = [], [], []
    synonyms = {}
    for i, term_id in enumerate(ids):
        above = ["HP:0000118", *ids[:i]]
        parents = random.choice(above, size=min(len(above), int(random.integers(1, 3))), replace=False)
        made.append(
            (term_id, " ".join(random.choice(WORDS, size=2, replace=False)), tuple(map(str, parents)))
        )
        synonyms[term_id] = [str(word) for word in random.choice(WORDS, size=int(random.integers(0, 5)))]
    for i in range(diseases):
        omim, gene = f"OMIM:{100000 + i}", f"GENE{random.integers(max(diseases // 2, 1))}"
        word = str(random.choice(WORDS[:6]))
        name = (
            f"{word.capitalize()} {random.choice(WORDS)} {random.choice(['', str(i), f'type {i}'])}".strip()
        )
        entries = [omim, f"ORPHA:{100 + i}"] if i % 3 == 0 else [omim]
        for entry in entries:
            genes.append((gene, entry))
            chosen = random.choice(ids, size=min(int(random.integers(1, rows + 1)), signs), replace=False)
            table += [_random_row(random, entry, str(term), name) for term in chosen]
            if random.random() < 0.4:
                onset = str(random.choice(["HP:0003577", "HP:0003584"]))
                table.append(row(entry, onset, "PMID:1", name=name, aspect="C"))
            if random.random() < 0.3:
                mode = str(random.choice(["HP:0000006", "HP:0001419"]))
                table.append(row(entry, mode, entry, name=name, aspect="I"))
    return compiled(made, table, genes, synonyms=synonyms)


def _random_row(random: np.random.Generator, entry: str, term: str, name: str) -> dict[str, Any]:
    cited = [str(p) for p in random.choice(PUBLICATIONS[:4], size=int(random.integers(1, 3)), replace=False)]
    kind = random.random()
    if kind < 0.15:
        return row(entry, term, entry, name=name, evidence="IEA")
    if kind < 0.25:
        return row(entry, term, *cited, name=name, frequency=0.545)
    if kind < 0.32:
        return row(entry, term, *cited, name=name, negated=True)
    examined = int(random.integers(1, 12))
    return row(entry, term, *cited, name=name, counts=(int(random.integers(0, examined + 1)), examined))


def case_library(
    counts: Iterable[tuple[str, str, str, int, int]], genes: Mapping[str, list[str]]
) -> CaseLibrary:
    """A library of (publication, disease, term, observed, examined) and the genes of every disease."""
    table = pl.DataFrame(
        [(*one, one[4]) for one in counts], schema=PUBLICATION_COUNTS.schema, orient="row"
    ).sort("publication", "disease_id", "term_id")
    diseases = pl.DataFrame(
        {"disease_id": sorted(genes), "disease_name": None, "genes": [genes[d] for d in sorted(genes)]},
        schema=LIBRARY_DISEASES.schema,
    )
    return CaseLibrary(counts=table, diseases=diseases)


def library(seed: int, knowledge: HpoKnowledge) -> CaseLibrary:
    """Counts of six publications, four of which the annotations may cite; two diseases that the release lacks."""
    random = np.random.default_rng(seed + 1)
    signs = [
        i
        for i, phenotype in zip(knowledge.ontology.ids, knowledge.ontology.is_phenotype, strict=True)
        if phenotype
    ]
    diseases = [*(d for d in knowledge.diseases.ids if d.startswith("OMIM:")), "OMIM:900001", "OMIM:900002"]
    counts = []
    for disease in diseases:
        for publication in random.choice(PUBLICATIONS, size=int(random.integers(0, 4)), replace=False):
            examined = int(random.integers(1, 6))
            for term in random.choice(signs, size=min(3, len(signs)), replace=False):
                seen = int(random.integers(0, examined + 1))
                counts.append((str(publication), disease, str(term), seen, examined))
    genes = {disease: ["GENE0"] if i % 2 else ["GENEX"] for i, disease in enumerate(diseases)}
    return case_library(counts, {d: genes[d] for d in sorted({one[1] for one in counts})})


def publication_out(knowledge: HpoKnowledge, publication: str) -> HpoKnowledge:
    """The variant in which a publication never was."""
    case = CaseInKnowledge(publication=publication, disease_ids=(), observed=(), excluded=())
    return knowledge_in(PUBLICATION_OUT, case, knowledge, PublicationCounts())


def some_query(seed: int, knowledge: HpoKnowledge, **more: Any) -> Query:
    """One to four observed and none to three excluded signs."""
    random = np.random.default_rng(seed + 2)
    signs = random.permutation(np.flatnonzero(knowledge.ontology.is_phenotype)).tolist()
    observed = int(random.integers(1, 5))
    return Query(
        observed=tuple(signs[:observed]),
        excluded=tuple(signs[observed : observed + int(random.integers(0, 4))]),
        **more,
    )


def group_of(knowledge: HpoKnowledge, disease_id: str) -> int:
    return int(knowledge.diseases.group[knowledge.diseases.number[disease_id]])
