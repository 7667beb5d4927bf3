"""Benchmark cases for tests, over the terms and diseases of ``tests/tiny.py``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from genopraxis.contracts.ranking_bench import RankingDataset
from genopraxis.tasks.phenotype.bench.cases import read_cases

SEIZURE, FOCAL_MOTOR, DISABILITY = "HP:0001250", "HP:0011153", "HP:0001249"
ARACHNODACTYLY, SCOLIOSIS, ANEURYSM, LENS = "HP:0001166", "HP:0002650", "HP:0002616", "HP:0001083"
WEAKNESS, CRYPTORCHIDISM = "HP:0001324", "HP:0000028"
MARFAN, DRAVET, DUCHENNE = "OMIM:154700", "OMIM:607208", "OMIM:310200"


def line(case_id: str, disease: str | None, observed: Iterable[str], **more: Any) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "pmid": None,
        "title": f"title of {case_id}",
        "gene": None,
        "disease_id": disease,
        "observed": list(observed),
        "excluded": [],
    } | more


CASES: tuple[dict[str, Any], ...] = (
    line("marfan-1", MARFAN, [ARACHNODACTYLY, LENS], excluded=[DISABILITY], pmid="PMID:11", gene="FBN1", sex="FEMALE",
         age="P12Y", year_approx=1999),
    line("marfan-2", MARFAN, [ARACHNODACTYLY, SCOLIOSIS], excluded=[LENS], pmid="PMID:11", gene="FBN1", sex="MALE"),
    line("marfan-3", MARFAN, [ANEURYSM, LENS], pmid="PMID:12", gene="FBN1", age="P40Y", year_approx=2022),
    line("dravet-1", DRAVET, [SEIZURE, DISABILITY], excluded=[WEAKNESS], pmid="PMID:21", gene="SCN1A", age="P6M",
         observed_onset=["P3M", None]),
    line("dravet-2", DRAVET, [FOCAL_MOTOR], pmid="PMID:22", gene="SCN1A"),
    line("duchenne-1", DUCHENNE, [WEAKNESS, CRYPTORCHIDISM], pmid="PMID:32", gene="DMD", sex="MALE", age="P5Y"),
    line("unpublished", DUCHENNE, [WEAKNESS], gene="DMD"),
    line("not-a-candidate", "OMIM:999999", [WEAKNESS], pmid="PMID:99"),
    line("all-unknown", MARFAN, ["HP:7777777", "HP:7777778"], pmid="PMID:98", gene="NOGENE"),
    line("gene-only", None, [SEIZURE], pmid="PMID:97", gene="SCN1A"),
)  # fmt: skip


def write_lines(path: Path, cases: Iterable[dict[str, Any]] = CASES) -> Path:
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


def read(path: Path) -> RankingDataset:
    return read_cases([str(path)], name=path.name)


def packet_of(case: dict[str, Any]) -> dict[str, Any]:
    """The same case as a phenopacket with its answer."""
    features = [{"type": {"id": term, "label": term}} for term in case["observed"]]
    for feature, onset in zip(features, case.get("observed_onset", [None] * len(features)), strict=True):
        if onset:
            feature["onset"] = {"age": {"iso8601duration": onset}}
    features += [{"type": {"id": term, "label": term}, "excluded": True} for term in case["excluded"]]
    subject: dict[str, Any] = {"id": case["case_id"], "sex": case.get("sex", "UNKNOWN_SEX")}
    if case.get("age"):
        subject["timeAtLastEncounter"] = {"age": {"iso8601duration": case["age"]}}
    diagnosis: dict[str, Any] = {"disease": {"id": case["disease_id"] or "", "label": "x"}}
    if case["gene"]:
        diagnosis["genomicInterpretations"] = [
            {
                "subjectOrBiosampleId": case["case_id"],
                "interpretationStatus": "CAUSATIVE",
                "gene": {"valueId": case["gene"], "symbol": case["gene"]},
            }
        ]
    references = [{"id": case["pmid"], "description": case["title"]}] if case["pmid"] else []
    return {
        "id": case["case_id"],
        "subject": subject,
        "phenotypicFeatures": features,
        "interpretations": [{"id": "i", "progressStatus": "SOLVED", "diagnosis": diagnosis}],
        "metaData": {
            "created": "2025-02-03T09:30:00Z",
            "createdBy": "test",
            "phenopacketSchemaVersion": "2.0",
            "externalReferences": references,
        },
    }
