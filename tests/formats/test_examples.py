"""The example files: they read as their README says, and their HPO terms are real."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from genopraxis.contracts.errors import InputError
from genopraxis.formats.phenopacket import read_packets, read_truths

GOOD = {
    "demo-marfan.json": ("OMIM:154700", "FBN1"),
    "demo-noonan.yaml": ("OMIM:163950", "PTPN11"),
    "demo-hard.json": ("OMIM:612621", "SYNGAP1"),
    "demo-family.json": ("OMIM:219700", "CFTR"),
    "demo-repairs.json": ("OMIM:613254", "TSC2"),
}
REPAIRS = {
    "demo-family.json": ["relatives_not_used"],
    "demo-repairs.json": [
        "term_id_spelling",
        "term_id_spelling",
        "duplicate_feature",
        "non_hpo_term",
        "feature_without_term",
    ],
}


@pytest.mark.parametrize("name", GOOD)
def test_good_examples(examples: Path, name: str) -> None:
    (found,) = read_packets(examples / name)
    assert found.patient.case_id == name.rpartition(".")[0]
    assert found.patient.age_years is not None
    assert found.created is not None
    assert [repair.code for repair in found.repairs] == REPAIRS.get(name, [])
    (truth,) = read_truths(examples / name)
    assert (truth.disease_ids, truth.genes) == ((GOOD[name][0],), (GOOD[name][1],))


@pytest.mark.parametrize(
    ("name", "message"), [("truncated.json", "ends too early"), ("version1.json", "version 1")]
)
def test_bad_examples(examples: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_packets(examples / "bad" / name)


def test_every_example_is_described(examples: Path) -> None:
    described = (examples / "README.md").read_text(encoding="utf-8")
    files = [path for path in examples.rglob("*.*") if path.suffix in {".json", ".yaml"}]
    assert {path.name for path in files} == {*GOOD, "truncated.json", "version1.json"}
    assert all(f"`{path.relative_to(examples).as_posix()}`" in described for path in files)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", GOOD)
def test_terms_and_labels_are_those_of_hpo(examples: Path, rare_data: Path, name: str) -> None:
    with gzip.open(rare_data / "hp.2025-01-16.obo.gz", "rt", encoding="utf-8") as stream:
        stanzas = stream.read().split("\n[Term]\n")[1:]
    labels: dict[str, str] = {}
    for stanza in stanzas:
        label = re.search(r"^name: (.*)$", stanza, re.MULTILINE)
        assert label
        for term in re.findall(r"^(?:id|alt_id): (HP:\d{7})$", stanza, re.MULTILINE):
            labels.setdefault(term, label[1])
    (found,) = read_packets(examples / name)
    for feature in found.patient.features:
        assert feature.label == labels[feature.term_id]
