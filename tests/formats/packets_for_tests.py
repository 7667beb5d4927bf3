"""Phenopackets for tests: as plain mappings, written in every encoding."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.json_format import ParseDict
from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2

META = {"created": "2025-02-03T09:30:00Z", "createdBy": "test", "phenopacketSchemaVersion": "2.0"}


def feature(term: str, **more: Any) -> dict[str, Any]:
    return {"type": {"id": term, "label": f"label of {term}"}, **more}


def packet(*features: dict[str, Any], case_id: str | None = "case-1", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"phenotypicFeatures": list(features), "metaData": META, **more}
    return found if case_id is None else {"id": case_id, **found}


def write(folder: Path, document: Any, name: str = "packet.json") -> Path:
    """Write a document in the encoding that the name says."""
    path = folder / name
    stem = name.removesuffix(".gz")
    if stem.endswith((".yaml", ".yml")):
        data = yaml.safe_dump(document, allow_unicode=True).encode()
    elif stem.endswith(".pb"):
        kind = schema_v2.Phenopacket
        if "proband" in document:
            kind = schema_v2.Family
        elif "members" in document:
            kind = schema_v2.Cohort
        data = ParseDict(document, kind()).SerializeToString()
    else:
        data = json.dumps(document).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path
