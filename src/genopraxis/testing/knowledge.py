"""A small knowledge release made in code, so that a plug-in author needs no data."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

import polars as pl

from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.hpoa import ANNOTATIONS, GENE_LINKS, AnnotationFile
from genopraxis.formats.ontology_file import TERMS, OntologyFile
from genopraxis.knowledge.hpo import HpoKnowledge, compile_hpo
from genopraxis.tasks.phenotype.training.decoys import rewritten

VERSION = "2000-01-01"

# term, label, parents; ids and labels as in HPO, a few of its 19,000 terms
_TERMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("HP:0000001", "All", ()),
    ("HP:0000005", "Mode of inheritance", ("HP:0000001",)),
    ("HP:0000006", "Autosomal dominant inheritance", ("HP:0000005",)),
    ("HP:0001419", "X-linked recessive inheritance", ("HP:0000005",)),
    ("HP:0003674", "Onset", ("HP:0000001",)),
    ("HP:0003577", "Congenital onset", ("HP:0003674",)),
    ("HP:0003584", "Late onset", ("HP:0003674",)),
    ("HP:0000118", "Phenotypic abnormality", ("HP:0000001",)),
    ("HP:0000707", "Abnormality of the nervous system", ("HP:0000118",)),
    ("HP:0001250", "Seizure", ("HP:0000707",)),
    ("HP:0020219", "Motor seizure", ("HP:0001250",)),
    ("HP:0001263", "Global developmental delay", ("HP:0000707",)),
    ("HP:0001251", "Ataxia", ("HP:0000707",)),
    ("HP:0000478", "Abnormality of the eye", ("HP:0000118",)),
    ("HP:0000505", "Visual impairment", ("HP:0000478",)),
    ("HP:0000618", "Blindness", ("HP:0000505",)),
    ("HP:0000518", "Cataract", ("HP:0000478",)),
    ("HP:0001626", "Abnormality of the cardiovascular system", ("HP:0000118",)),
    ("HP:0002616", "Aortic root aneurysm", ("HP:0001626",)),
    ("HP:0001643", "Patent ductus arteriosus", ("HP:0001626",)),
    ("HP:0000924", "Abnormality of the skeletal system", ("HP:0000118",)),
    ("HP:0002650", "Scoliosis", ("HP:0000924",)),
    ("HP:0001166", "Arachnodactyly", ("HP:0000924",)),
    ("HP:0000252", "Microcephaly", ("HP:0000924", "HP:0000707")),
)
_OBSERVABLE = (
    "HP:0001250", "HP:0020219", "HP:0001263", "HP:0001251", "HP:0000505", "HP:0000618", "HP:0000518",
    "HP:0002616", "HP:0001643", "HP:0002650", "HP:0001166", "HP:0000252",
)  # fmt: skip
_FILLERS = 60


@lru_cache(maxsize=1)
def small_knowledge() -> HpoKnowledge:
    """Return a made-up release: two dozen real HPO terms, invented diseases, every kind of frequency.

    ``OMIM:900001`` and ``ORPHA:990001`` are linked entries of one disease. ``OMIM:900003`` is X-linked and of
    late onset. Sixty further diseases are a background. Do not change it: it is shared between tests.
    """
    terms = pl.DataFrame(
        [
            {
                "term_id": term_id,
                "label": label,
                "obsolete": False,
                "replaced_by": None,
                "alternative_ids": ["HP:9000001"] if term_id == "HP:0001250" else [],
                "parents": list(parents),
                "synonyms": ["Epileptic seizure"] if term_id == "HP:0001250" else [],
            }
            for term_id, label, parents in _TERMS
        ],
        schema=TERMS.schema,
    ).sort("term_id")
    rows = pl.DataFrame(
        [
            _row("OMIM:900001", "Seizure-aneurysm syndrome", "HP:0001250", "PMID:1", counts=(7, 8)),
            _row("OMIM:900001", "Seizure-aneurysm syndrome", "HP:0002616", "PMID:1;PMID:2", counts=(5, 9)),
            _row("OMIM:900001", "Seizure-aneurysm syndrome", "HP:0000518", "PMID:1", counts=(0, 6)),
            _row("OMIM:900001", "Seizure-aneurysm syndrome", "HP:0000006", "PMID:1", aspect="I"),
            _row("ORPHA:990001", "Seizure-aneurysm syndrome", "HP:0001250", "ORPHA:990001", fraction=0.895),
            _row("OMIM:900002", "Marfanoid disease", "HP:0001166", "PMID:3", counts=(9, 10)),
            _row("OMIM:900002", "Marfanoid disease", "HP:0002616", "OMIM:900002", evidence="IEA"),
            _row("OMIM:900002", "Marfanoid disease", "HP:0002650", "PMID:3", fraction=0.545),
            _row("OMIM:900002", "Marfanoid disease", "HP:0001263", "PMID:3", negated=True),
            _row("OMIM:900003", "Blindness, late", "HP:0000618", "PMID:4", counts=(6, 6)),
            _row("OMIM:900003", "Blindness, late", "HP:0001251", "PMID:4", counts=(2, 6)),
            _row("OMIM:900003", "Blindness, late", "HP:0001419", "PMID:4", aspect="I"),
            _row("OMIM:900003", "Blindness, late", "HP:0003584", "PMID:4", aspect="C", counts=(6, 6)),
            _row("OMIM:900004", "Blindness, early", "HP:0000618", "PMID:5", counts=(6, 6)),
            _row("OMIM:900004", "Blindness, early", "HP:0003577", "PMID:5", aspect="C", counts=(6, 6)),
            *_fillers(),
        ],
        schema=ANNOTATIONS.schema,
    )
    genes = pl.DataFrame(
        [
            ("NCBIGene:1", "GENEA", "OMIM:900001", "MENDELIAN"),
            ("NCBIGene:1", "GENEA", "ORPHA:990001", None),
            ("NCBIGene:2", "GENEB", "OMIM:900002", "MENDELIAN"),
            ("NCBIGene:1", "GENEA", "OMIM:900003", "MENDELIAN"),
        ],
        schema=GENE_LINKS.schema,
        orient="row",
    )
    for contract, table in ((TERMS, terms), (ANNOTATIONS, rows), (GENE_LINKS, genes)):
        contract.check(table, raise_errors=True, where="genopraxis.testing")
    return compile_hpo(
        OntologyFile(terms=terms, version=VERSION),
        AnnotationFile(rows=rows, version=VERSION, repairs=()),
        genes,
        releases=tuple(
            DataRelease(
                name=name,
                version=VERSION,
                licence="Apache-2.0",
                source="genopraxis.testing (invented)",
                sha256=sha256(name.encode()).hexdigest(),
            )
            for name in ("Small ontology", "Small disease annotations", "Small gene–disease links")
        ),
    )


def materialised(knowledge: HpoKnowledge) -> HpoKnowledge:
    """Return knowledge whose own rows are what ``annotations.of`` gives: replaced rows made permanent, numbered anew.

    What a tool computes on ``knowledge`` and on this must agree; a tool that reads the base rows, and so does
    not notice that rows were taken out, gives itself away.
    """
    annotations, library = knowledge.annotations, knowledge.library
    return replace(
        knowledge,
        annotations=rewritten(annotations, annotations.replaced),
        library=None if library is None else rewritten(library, library.replaced),
    )


def _fillers() -> list[dict[str, object]]:
    """Diseases that make a background: two or three signs each, chosen by a fixed rule."""
    rows = []
    for i in range(_FILLERS):
        disease = f"OMIM:91{i:04d}"
        signs = {_OBSERVABLE[(i * step + i // 12) % len(_OBSERVABLE)] for step in (1, 5, 7)}
        rows += [
            _row(disease, f"Filler disease {i}", term, f"PMID:{1000 + i}", counts=(1 + (i + n) % 4, 5))
            for n, term in enumerate(sorted(signs))
        ]
        if i % 2:
            onset = "HP:0003577" if i % 4 == 1 else "HP:0003584"
            rows.append(_row(disease, f"Filler disease {i}", onset, f"PMID:{1000 + i}", aspect="C"))
    return rows


def _row(
    disease_id: str,
    name: str,
    term_id: str,
    references: str,
    *,
    counts: tuple[int, int] | None = None,
    fraction: float | None = None,
    evidence: str = "PCS",
    aspect: str = "P",
    negated: bool = False,
) -> dict[str, object]:
    return {
        "disease_id": disease_id,
        "disease_name": name,
        "negated": negated,
        "term_id": term_id,
        "references": references.split(";"),
        "evidence": evidence,
        "onset": None,
        "numerator": counts[0] if counts else None,
        "denominator": counts[1] if counts else None,
        "frequency": fraction,
        "sex": None,
        "aspect": aspect,
    }
