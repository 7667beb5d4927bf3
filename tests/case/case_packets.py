"""Phenopackets of invented patients, for tests of the case flow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SENTINEL = "ANSWER-THAT-NO-TOOL-MAY-SEE"
SENTINEL_IDS = ("OMIM:777777", "GENE777", "HGNC:777777", "VAR777")


def packet(case_id: str, *observed: str, excluded: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    features = [{"type": {"id": term, "label": f"label {term}"}} for term in observed]
    features += [{"type": {"id": term, "label": f"label {term}"}, "excluded": True} for term in excluded]
    return {
        "id": case_id,
        "subject": {"id": "s", "sex": "FEMALE"},
        "phenotypicFeatures": features,
        "metaData": {
            "created": "2025-02-03T09:30:00Z",
            "createdBy": "test",
            "phenopacketSchemaVersion": "2.0",
        },
        **more,
    }


def with_answer(made: dict[str, Any]) -> dict[str, Any]:
    """The same packet with its answer in every place where a packet may hold one."""
    disease = {"id": SENTINEL_IDS[0], "label": SENTINEL}
    gene = {"valueId": SENTINEL_IDS[2], "symbol": SENTINEL_IDS[1]}
    return made | {
        "diseases": [{"term": disease, "onset": {"age": {"iso8601duration": "P1Y"}}}],
        "interpretations": [
            {
                "id": "i",
                "progressStatus": "SOLVED",
                "summary": SENTINEL,
                "diagnosis": {
                    "disease": disease,
                    "genomicInterpretations": [
                        {
                            "subjectOrBiosampleId": "s",
                            "interpretationStatus": "CAUSATIVE",
                            "variantInterpretation": {
                                "acmgPathogenicityClassification": "PATHOGENIC",
                                "variationDescriptor": {"id": SENTINEL_IDS[3], "geneContext": gene},
                            },
                        }
                    ],
                },
            }
        ],
        "measurements": [{"assay": {"id": "LOINC:1", "label": SENTINEL}}],
        "medicalActions": [{"treatmentTarget": disease}],
        "metaData": made["metaData"]
        | {"externalReferences": [{"id": "PMID:777777777", "description": SENTINEL}]},
    }


def write(folder: Path, *packets: dict[str, Any]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, made in enumerate(packets):
        paths.append(folder / f"{number:02d}.json")
        paths[-1].write_text(json.dumps(made), encoding="utf-8")
    return paths
