"""The known answer of a phenopacket, which the bench alone reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packets_for_tests import META, packet, write

from genopraxis.contracts.patient import Truth
from genopraxis.formats.phenopacket import read_truths


def disease(number: int, **more: Any) -> dict[str, Any]:
    return {"term": {"id": f"OMIM:{number}", "label": "x"}, **more}


def solved(*found: dict[str, Any], progress: str = "SOLVED", number: int = 1) -> dict[str, Any]:
    return {
        "id": "i",
        "progressStatus": progress,
        "diagnosis": {"disease": {"id": f"OMIM:{number}"}, "genomicInterpretations": list(found)},
    }


def variant(symbol: str, **more: Any) -> dict[str, Any]:
    acmg = {"acmgPathogenicityClassification": more.pop("acmg")} if "acmg" in more else {}
    descriptor = {
        "geneContext": {"valueId": "HGNC:1", "symbol": symbol},
        "expressions": [{"syntax": "hgvs.c"}],
    }
    return {"variantInterpretation": {"variationDescriptor": descriptor, **acmg}, **more}


def truth(tmp_path: Path, name: str = "p.json", **more: Any) -> Truth:
    (found,) = read_truths(write(tmp_path, packet(**more), name))
    return found


@pytest.mark.parametrize("name", ["p.json", "p.yaml", "p.pb"])
def test_diseases_genes_and_publication(tmp_path: Path, name: str) -> None:
    found = truth(
        tmp_path,
        name,
        interpretations=[
            solved(
                variant("A", interpretationStatus="CAUSATIVE"),
                variant("A", interpretationStatus="CAUSATIVE"),
                variant("B", interpretationStatus="CONTRIBUTORY"),
                variant("C", interpretationStatus="CANDIDATE", acmg="LIKELY_PATHOGENIC"),
                variant("D", acmg="PATHOGENIC"),
                variant("no", interpretationStatus="REJECTED", acmg="PATHOGENIC"),
                variant("no", interpretationStatus="CANDIDATE"),
                variant("no", acmg="UNCERTAIN_SIGNIFICANCE"),
                {"gene": {"valueId": "HGNC:5", "symbol": "E"}},
                {"gene": {"valueId": "HGNC:6"}, "interpretationStatus": "CAUSATIVE"},
            ),
            solved(variant("no", interpretationStatus="CAUSATIVE"), progress="UNSOLVED", number=9),
        ],
        diseases=[disease(1), disease(2), disease(3, excluded=True)],
        metaData={**META, "externalReferences": [{"id": "DOI:10.1/x"}, {"id": "pmid: 0123"}]},
    )
    assert found == Truth(
        case_id="case-1",
        disease_ids=("OMIM:1", "OMIM:2"),
        genes=("A", "B", "C", "D", "E", "HGNC:6"),
        publication="PMID:123",
    )


@pytest.mark.parametrize(
    ("case_id", "publication"),
    [
        ("PMID_15266616_100", "PMID:15266616"),
        ("PMID_15266616", "PMID:15266616"),
        ("xPMID_1_2", None),
        ("a", None),
    ],
)
def test_publication_in_the_name(tmp_path: Path, case_id: str, publication: str | None) -> None:
    assert truth(tmp_path, case_id=case_id).publication == publication


def test_publication_of_the_envelope(tmp_path: Path) -> None:
    meta = {**META, "externalReferences": [{"id": "PMID:7"}]}
    path = write(tmp_path, {"id": "f", "proband": {"id": "c"}, "metaData": meta})
    assert read_truths(path) == [Truth(case_id="c", disease_ids=(), publication="PMID:7")]
