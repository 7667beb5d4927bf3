"""A hand-made HPO release, small enough to reason about by hand. Its figures are invented, not medical facts.

``tiny_files(folder)`` writes ``hp.obo``, ``hp.json`` (the same terms as an OBO graph), ``phenotype.hpoa``,
``genes_to_disease.txt`` and ``genes_to_phenotype.txt`` and returns their paths by the keys ``ontology``,
``ontology_json``, ``annotations``, ``genes``, ``genes_to_phenotype``. ``build_tiny(folder)`` compiles them. In a
test, use the fixtures ``tiny`` (:class:`HpoKnowledge`, shared by the session: it is immutable) and ``tiny_paths``.

Terms (``TERMS``: id, label, parents, extra OBO lines)
------------------------------------------------------
HP:0000001 All > HP:0000118 Phenotypic abnormality, HP:0000005 Mode of inheritance (HP:0000006 dominant,
HP:0000007 recessive, HP:0001417 X-linked > HP:0001419 X-linked recessive), HP:0012823 Clinical modifier >
HP:0031797 Clinical course > HP:0003674 Onset (HP:0003577 congenital, HP:0003581 adult, HP:0410280 pediatric >
HP:0003593 infantile).

Below HP:0000118: nervous system HP:0000707 > HP:0012638 > HP:0001250 Seizure > HP:0007359 Focal-onset,
HP:0020219 Motor; both > HP:0011153 Focal motor seizure (two parents); HP:0012638 > HP:0001249 Intellectual
disability; skeletal HP:0000924 > HP:0001166 Arachnodactyly, HP:0002650 Scoliosis; cardiovascular HP:0001626 >
HP:0002616 Aortic root aneurysm; eye HP:0000478 > HP:0001083 Ectopia lentis; genitourinary HP:0000119 >
HP:0000028 Cryptorchidism; muscle HP:0003011 > HP:0001324 Muscle weakness.

HP:0002279 is an alternative id of HP:0001250; obsolete: HP:9000001 -> HP:0001250, HP:9000002 -> HP:9000001 (a
chain), HP:9000003 (no successor), HP:9000004 -> HP:0002279 (an alternative id).

Diseases
--------
=================  ===================================  =========  ==========================================
id                 name                                 gene       what it is for
=================  ===================================  =========  ==========================================
OMIM:154700        Marfan syndrome                      FBN1       counts; a pooled row PMID:11;PMID:12
ORPHA:558          MARFAN SYNDROME                      FBN1       its twin; HPO frequency terms
OMIM:607208        Dravet syndrome                      SCN1A      NOT row, 0/5, percentage, adult onset row
OMIM:310200        Duchenne muscular dystrophy          DMD        X-linked recessive; male-limited row
ORPHA:98896        Duchenne muscular dystrophy          (none)     same name, no gene: not linked
OMIM:151660        Lipodystrophy, familial partial 2    LMNA       same gene, other name: not linked
ORPHA:98853        Emery-Dreifuss muscular dystrophy    LMNA       as above
OMIM:601665        Obesity                              MC4R       POLYGENIC link only; a female-limited row
DECIPHER:1         Wolf-Hirschhorn syndrome             (none)     no gene, unstated frequencies
=================  ===================================  =========  ==========================================
"""

from __future__ import annotations

import json
from pathlib import Path

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import build_hpo

ONTOLOGY_VERSION = "2025-01-16"
ANNOTATION_VERSION = "2025-01-17"

# id, label, parents, synonyms, alternative ids
TERMS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("HP:0000001", "All", (), (), ()),
    ("HP:0000005", "Mode of inheritance", ("HP:0000001",), (), ()),
    ("HP:0000006", "Autosomal dominant inheritance", ("HP:0000005",), ("Dominant",), ()),
    ("HP:0000007", "Autosomal recessive inheritance", ("HP:0000005",), (), ()),
    ("HP:0001417", "X-linked inheritance", ("HP:0000005",), (), ()),
    ("HP:0001419", "X-linked recessive inheritance", ("HP:0001417",), (), ()),
    ("HP:0012823", "Clinical modifier", ("HP:0000001",), (), ()),
    ("HP:0031797", "Clinical course", ("HP:0012823",), (), ()),
    ("HP:0003674", "Onset", ("HP:0031797",), (), ()),
    ("HP:0003577", "Congenital onset", ("HP:0003674",), (), ()),
    ("HP:0003581", "Adult onset", ("HP:0003674",), (), ()),
    ("HP:0410280", "Pediatric onset", ("HP:0003674",), (), ()),
    ("HP:0003593", "Infantile onset", ("HP:0410280",), (), ()),
    ("HP:0000118", "Phenotypic abnormality", ("HP:0000001",), (), ()),
    ("HP:0000707", "Abnormality of the nervous system", ("HP:0000118",), (), ()),
    ("HP:0012638", "Abnormal nervous system physiology", ("HP:0000707",), (), ()),
    ("HP:0001249", "Intellectual disability", ("HP:0012638",), ("Mental retardation",), ()),
    ("HP:0001250", "Seizure", ("HP:0012638",), ("Seizures", "Epileptic seizure"), ("HP:0002279",)),
    ("HP:0007359", "Focal-onset seizure", ("HP:0001250",), (), ()),
    ("HP:0020219", "Motor seizure", ("HP:0001250",), (), ()),
    ("HP:0011153", "Focal motor seizure", ("HP:0007359", "HP:0020219"), (), ()),
    ("HP:0000924", "Abnormality of the skeletal system", ("HP:0000118",), (), ()),
    ("HP:0001166", "Arachnodactyly", ("HP:0000924",), ("Spider fingers",), ()),
    ("HP:0002650", "Scoliosis", ("HP:0000924",), (), ()),
    ("HP:0001626", "Abnormality of the cardiovascular system", ("HP:0000118",), (), ()),
    ("HP:0002616", "Aortic root aneurysm", ("HP:0001626",), (), ()),
    ("HP:0000478", "Abnormality of the eye", ("HP:0000118",), (), ()),
    ("HP:0001083", "Ectopia lentis", ("HP:0000478",), (), ()),
    ("HP:0000119", "Abnormality of the genitourinary system", ("HP:0000118",), (), ()),
    ("HP:0000028", "Cryptorchidism", ("HP:0000119",), ("Undescended testes",), ()),
    ("HP:0003011", "Abnormality of the musculature", ("HP:0000118",), (), ()),
    ("HP:0001324", "Muscle weakness", ("HP:0003011",), (), ()),
)

# id, label, successor
OBSOLETE: tuple[tuple[str, str, str | None], ...] = (
    ("HP:9000001", "obsolete Fits", "HP:0001250"),
    ("HP:9000002", "obsolete Convulsions", "HP:9000001"),
    ("HP:9000003", "obsolete Bad humours", None),
    ("HP:9000004", "obsolete Falling sickness", "HP:0002279"),
)

COLUMNS = (
    "database_id", "disease_name", "qualifier", "hpo_id", "reference", "evidence", "onset", "frequency", "sex",
    "modifier", "aspect", "biocuration",
)  # fmt: skip

_MARFAN, _DRAVET = ("OMIM:154700", "Marfan syndrome"), ("OMIM:607208", "Dravet syndrome")
_MARFAN_ORPHA = ("ORPHA:558", "MARFAN SYNDROME")
_DMD, _DMD_ORPHA = (
    ("OMIM:310200", "Duchenne muscular dystrophy"),
    ("ORPHA:98896", "Duchenne muscular dystrophy"),
)
_FPLD, _EDMD = (
    ("OMIM:151660", "Lipodystrophy, familial partial 2"),
    ("ORPHA:98853", "Emery-Dreifuss muscular dystrophy"),
)
_OBESITY, _WHS = ("OMIM:601665", "Obesity"), ("DECIPHER:1", "Wolf-Hirschhorn syndrome")

# (id, name), qualifier, term, reference, evidence, frequency, sex, aspect
ROWS: tuple[tuple[tuple[str, str], str, str, str, str, str, str, str], ...] = (
    (_MARFAN, "", "HP:0001166", "PMID:11", "PCS", "9/10", "", "P"),
    (_MARFAN, "", "HP:0001083", "PMID:11;PMID:12", "PCS", "12/20", "", "P"),
    (_MARFAN, "", "HP:0002616", "PMID:12", "PCS", "8/10", "", "P"),
    (_MARFAN, "", "HP:0002650", "OMIM:154700", "TAS", "", "", "P"),
    (_MARFAN, "", "HP:0000006", "OMIM:154700", "IEA", "", "", "I"),
    (_MARFAN, "", "HP:0410280", "PMID:12", "PCS", "3/4", "", "C"),
    (_MARFAN_ORPHA, "", "HP:0001166", "ORPHA:558", "TAS", "HP:0040281", "", "P"),
    (_MARFAN_ORPHA, "", "HP:0001083", "ORPHA:558", "TAS", "HP:0040282", "", "P"),
    (_MARFAN_ORPHA, "NOT", "HP:0001249", "ORPHA:558", "TAS", "HP:0040285", "", "P"),
    (_DRAVET, "", "HP:0001250", "PMID:21", "PCS", "20/20", "", "P"),
    (_DRAVET, "", "HP:0011153", "PMID:22", "PCS", "45%", "", "P"),
    (_DRAVET, "", "HP:0001249", "PMID:21", "PCS", "7/8", "", "P"),
    (_DRAVET, "", "HP:0002650", "PMID:22", "PCS", "0/5", "", "P"),
    (_DRAVET, "NOT", "HP:0001083", "PMID:21", "TAS", "", "", "P"),
    (_DRAVET, "", "HP:0000006", "OMIM:607208", "IEA", "", "", "I"),
    (_DRAVET, "", "HP:0003593", "PMID:21", "PCS", "19/20", "", "C"),
    (_DRAVET, "", "HP:0003581", "PMID:22", "PCS", "1/20", "", "C"),
    (_DMD, "", "HP:0001324", "PMID:31", "PCS", "30/30", "", "P"),
    (_DMD, "", "HP:0002650", "PMID:31;PMID:32", "PCS", "5/10", "", "P"),
    (_DMD, "", "HP:0000028", "PMID:32", "PCS", "2/10", "MALE", "P"),
    (_DMD, "", "HP:0001249", "OMIM:310200", "TAS", "HP:0040283", "", "P"),
    (_DMD, "", "HP:0001419", "OMIM:310200", "IEA", "", "", "I"),
    (_DMD, "", "HP:0003593", "PMID:31", "PCS", "", "", "C"),
    (_DMD_ORPHA, "", "HP:0001324", "ORPHA:98896", "TAS", "HP:0040280", "", "P"),
    (_FPLD, "", "HP:0001324", "PMID:41", "PCS", "1/4", "", "P"),
    (_FPLD, "", "HP:0003581", "PMID:41", "PCS", "4/4", "", "C"),
    (_EDMD, "", "HP:0001324", "ORPHA:98853", "TAS", "HP:0040281", "", "P"),
    (_EDMD, "", "HP:0000007", "ORPHA:98853", "TAS", "", "", "I"),
    (_OBESITY, "", "HP:0001626", "PMID:51", "PCS", "10%", "", "P"),
    (_OBESITY, "", "HP:0000119", "PMID:51", "PCS", "1/3", "FEMALE", "P"),
    (_WHS, "", "HP:0001250", "DECIPHER:1", "IEA", "", "", "P"),
    (_WHS, "", "HP:0001249", "DECIPHER:1", "IEA", "", "", "P"),
    (_WHS, "", "HP:0003577", "DECIPHER:1", "IEA", "", "", "C"),
)

# NCBI gene number, symbol, association type, disease
GENES: tuple[tuple[str, str, str, str], ...] = (
    ("2200", "FBN1", "MENDELIAN", "OMIM:154700"),
    ("2200", "FBN1", "UNKNOWN", "ORPHA:558"),
    ("6323", "SCN1A", "MENDELIAN", "OMIM:607208"),
    ("1756", "DMD", "MENDELIAN", "OMIM:310200"),
    ("4000", "LMNA", "MENDELIAN", "OMIM:151660"),
    ("4000", "LMNA", "UNKNOWN", "ORPHA:98853"),
    ("4160", "MC4R", "POLYGENIC", "OMIM:601665"),
)


def tiny_files(folder: Path) -> dict[str, Path]:
    """Write the files of the tiny release into ``folder`` and return their paths by key."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "ontology": ("hp.obo", obo_text()),
        "ontology_json": ("hp.json", json_text()),
        "annotations": ("phenotype.hpoa", hpoa_text()),
        "genes": ("genes_to_disease.txt", genes_text()),
        "genes_to_phenotype": ("genes_to_phenotype.txt", genes_to_phenotype_text()),
    }
    paths = {}
    for key, (name, text) in contents.items():
        paths[key] = folder / name
        paths[key].write_text(text, encoding="utf-8")
    return paths


def build_tiny(folder: Path) -> HpoKnowledge:
    """Compile the tiny release from files written into ``folder``."""
    paths = tiny_files(folder)
    return build_hpo(
        ontology=paths["ontology"],
        annotations=paths["annotations"],
        genes=paths["genes"],
        source="tests/tiny.py",
    )


def obo_text() -> str:
    """Return ``hp.obo``."""
    lines = ["format-version: 1.2", f"data-version: hp/releases/{ONTOLOGY_VERSION}", "ontology: hp.obo", ""]
    for term_id, label, parents, synonyms, alternatives in TERMS:
        lines += ["[Term]", f"id: {term_id}", f"name: {label}"]
        lines += [f"alt_id: {other}" for other in alternatives]
        lines += [f'synonym: "{synonym}" EXACT []' for synonym in synonyms]
        lines += [f"is_a: {parent}" for parent in parents]
        lines.append("")
    for term_id, label, successor in OBSOLETE:
        lines += ["[Term]", f"id: {term_id}", f"name: {label}", "is_obsolete: true"]
        lines += [f"replaced_by: {successor}"] if successor else []
        lines.append("")
    return "\n".join(lines)


def json_text() -> str:
    """Return ``hp.json``, an OBO graph with the same terms."""
    alternative = [
        {
            "id": _iri(other),
            "type": "CLASS",
            "meta": {
                "basicPropertyValues": [
                    {
                        "pred": "http://purl.obolibrary.org/obo/IAO_0000231",
                        "val": "http://purl.obolibrary.org/obo/IAO_0000227",
                    },
                    {"pred": "http://purl.obolibrary.org/obo/IAO_0100001", "val": _iri(term_id)},
                ],
                "deprecated": True,
            },
        }
        for term_id, _, _, _, alternatives in TERMS
        for other in alternatives
    ]
    current = [
        {
            "id": _iri(term_id),
            "lbl": label,
            "type": "CLASS",
            "meta": {
                "synonyms": [{"pred": "hasExactSynonym", "val": synonym} for synonym in synonyms],
                "basicPropertyValues": [
                    {"pred": "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId", "val": other}
                    for other in alternatives
                ],
            },
        }
        for term_id, label, _, synonyms, alternatives in TERMS
    ]
    withdrawn = [
        {
            "id": _iri(term_id),
            "lbl": label,
            "type": "CLASS",
            "meta": {
                "basicPropertyValues": [
                    {"pred": "http://purl.obolibrary.org/obo/IAO_0100001", "val": _iri(successor)}
                ]
                if successor
                else [],
                "deprecated": True,
            },
        }
        for term_id, label, successor in OBSOLETE
    ]
    edges = [
        {"sub": _iri(term_id), "pred": "is_a", "obj": _iri(parent)}
        for term_id, _, parents, _, _ in TERMS
        for parent in parents
    ]
    graph = {
        "id": "http://purl.obolibrary.org/obo/hp.json",
        "meta": {"version": f"http://purl.obolibrary.org/obo/hp/releases/{ONTOLOGY_VERSION}/hp.json"},
        "nodes": current + withdrawn + alternative,
        "edges": edges,
        "equivalentNodesSets": [],
        "logicalDefinitionAxioms": [],
        "domainRangeAxioms": [],
        "propertyChainAxioms": [],
    }
    return json.dumps({"graphs": [graph]}, indent=1)


def hpoa_text() -> str:
    """Return ``phenotype.hpoa``."""
    return hpoa_of(
        (
            *disease,
            qualifier,
            term,
            reference,
            evidence,
            "",
            frequency,
            sex,
            "",
            aspect,
            "HPO:test[2025-01-17]",
        )
        for disease, qualifier, term, reference, evidence, frequency, sex, aspect in ROWS
    )


def hpoa_of(rows, *, version: str = ANNOTATION_VERSION) -> str:
    """Return an annotation file of rows given as cells in the order of ``COLUMNS``."""
    head = ['#description: "a release made by hand"', f"#version: {version}", "\t".join(COLUMNS)]
    return "\n".join([*head, *("\t".join(row) for row in rows)]) + "\n"


def genes_text() -> str:
    """Return ``genes_to_disease.txt``."""
    rows = [f"NCBIGene:{n}\t{symbol}\t{kind}\t{disease}\ttest" for n, symbol, kind, disease in GENES]
    return "\n".join(["ncbi_gene_id\tgene_symbol\tassociation_type\tdisease_id\tsource", *rows]) + "\n"


def genes_to_phenotype_text() -> str:
    """Return ``genes_to_phenotype.txt``: one row per gene, term and disease; no association type."""
    rows = [
        f"{n}\t{symbol}\t{term}\tlabel\t-\t{gene_disease}"
        for n, symbol, _, gene_disease in GENES
        for (disease, _), _, term, *_ in ROWS
        if disease == gene_disease
    ]
    return "\n".join(["ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id", *rows]) + "\n"


def _iri(term_id: str) -> str:
    return f"http://purl.obolibrary.org/obo/{term_id.replace(':', '_')}"
