"""Which version of the schema a raw Phenopacket follows, and the errors for what is not version 2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from genopraxis.contracts.errors import InputError

_V1_FEATURE_KEYS = frozenset(
    {
        "negated",
        "ageOfOnset",
        "age_of_onset",
        "ageRangeOfOnset",
        "age_range_of_onset",
        "classOfOnset",
        "class_of_onset",
    }
)
_V1_SUBJECT_KEYS = frozenset(
    {"ageAtCollection", "age_at_collection", "ageRangeAtCollection", "age_range_at_collection"}
)
_V1_PACKET_KEYS = frozenset({"genes", "variants", "htsFiles", "hts_files"})
_V1_HINT = (
    "convert it with the official tool: "
    "java -jar phenopacket-tools-cli.jar convert --convert-variants -i v1.json > v2.json"
)


def refuse_version_1(document: Mapping[str, Any], *, where: str) -> None:
    """Check that a raw message is not of version 1, whatever version it declares.

    Raises
    ------
    InputError
        It is; the hint says how to convert it.
    """
    meta = first_of(document, "metaData", "meta_data")
    declared = (
        first_of(meta, "phenopacketSchemaVersion", "phenopacket_schema_version")
        if isinstance(meta, Mapping)
        else None
    )
    version = "" if declared is None else str(declared).strip()
    subject = document.get("subject")
    features = first_of(document, "phenotypicFeatures", "phenotypic_features")
    if (
        is_version_1(version)
        # read as version 2, a negated sign would become an observed one: no declared version excuses that
        or (
            isinstance(features, list)
            and any(isinstance(item, Mapping) and _V1_FEATURE_KEYS & item.keys() for item in features)
        )
        or (isinstance(subject, Mapping) and _V1_SUBJECT_KEYS & subject.keys())
        or (not version and _V1_PACKET_KEYS & document.keys())
    ):
        raise version_1_error(where)


def is_version_1(declared: str) -> bool:
    """Tell whether a declared schema version is 1 (``1.0.0``, ``v1``)."""
    return re.match(r"v?1(\.|$)", declared) is not None


def version_1_error(where: str) -> InputError:
    """Return the error for a message of version 1."""
    return InputError("this is a Phenopacket of version 1; version 2 is needed", where=where, hint=_V1_HINT)


def not_a_packet(where: str, why: str) -> InputError:
    """Return the error for a document that is something else."""
    return InputError(
        f"not a Phenopacket, Family or Cohort message: {why}",
        where=where,
        hint="a GA4GH Phenopacket v2 as JSON, YAML or protobuf is needed, one message a file",
    )


def first_of(mapping: Mapping[str, Any], *names: str) -> Any:
    """Return the value of the first name that a mapping has, or ``None`` (JSON spells fields in two ways)."""
    return next((mapping[name] for name in names if name in mapping), None)
