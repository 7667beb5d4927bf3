"""Benchmark cases of the phenotype task: a case-per-line file, a folder of phenopackets, or some packet files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.contracts.patient import Patient, Repair, Truth
from genopraxis.contracts.ranking_bench import RankingCase, RankingDataset
from genopraxis.contracts.scorecard import DatasetDigest
from genopraxis.formats.case_lines import read_case_lines
from genopraxis.formats.files import digest
from genopraxis.formats.packet_folder import packet_files
from genopraxis.formats.phenopacket import read_packets, read_truths

DISEASE, GENE = "disease", "gene"
"""The levels of the task."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedPatient:
    """A patient, and the year of the publication."""

    patient: Patient
    year: int | None = None


def read_cases(paths: Sequence[str], *, name: str) -> RankingDataset:
    """Read benchmark cases.

    Parameters
    ----------
    paths
        One case-per-line JSONL file (plain or gzip), one folder of phenopackets, or several phenopacket files.
    name
        What to call the dataset.

    Raises
    ------
    InputError
        When there is no case with a known answer, or the file is damaged.
    """
    found = [Path(path) for path in paths]
    (first, *others) = found
    if first.is_dir() or others:
        files = packet_files(first) if not others else found
        cases, repairs, sha256 = _packets(files, where=first if not others else first.parent)
    else:
        lines, changed = read_case_lines(first)
        repairs = list(changed)
        cases = [_case(line.patient, line.truth, group=line.publication, year=line.year) for line in lines]
        sha256 = digest(first).sha256
    if not cases:
        raise InputError("holds no case with a known disease or gene", where=str(first))
    return RankingDataset(
        cases=tuple(cases),
        digest=DatasetDigest(name=name, sha256=sha256, n=len(cases)),
        repairs=tuple(repairs),
    )


def _case(patient: Patient, truth: Truth, *, group: str | None, year: int | None = None) -> RankingCase:
    truths = {DISEASE: truth.disease_ids, GENE: truth.genes}
    return RankingCase(
        case_id=patient.case_id,
        group=group,
        truths={level: ids for level, ids in truths.items() if ids},
        content=PublishedPatient(patient=patient, year=year),
    )


def _packets(files: Sequence[Path], *, where: Path) -> tuple[list[RankingCase], list[Repair], str]:
    if not files:
        raise InputError(
            "holds no phenopacket", where=str(where), hint="JSON, YAML or protobuf files are read"
        )
    cases: list[RankingCase] = []
    repairs: list[Repair] = []
    seen: dict[str, Path] = {}
    combined = hashlib.sha256()
    for file in files:
        try:
            packets, truths = read_packets(file), {t.case_id: t for t in read_truths(file)}
        except GenopraxisError as error:
            repairs.append(
                Repair(code="unreadable_file", message=f"{file.name}: {error.what}", subject=file.name)
            )
            continue
        combined.update(f"{_below(file, where)}\0{packets[0].source.sha256}\n".encode())
        for packet in packets:
            case_id = packet.patient.case_id
            if case_id in seen:
                raise InputError(
                    f"case id {case_id!r} occurs in two files",
                    where=f"{seen[case_id]} and {file}",
                    hint="give each case an id of its own",
                )
            seen[case_id] = file
            repairs += packet.repairs
            truth = truths.get(case_id)
            if truth is None or not (truth.disease_ids or truth.genes):
                repairs.append(
                    Repair(
                        code="no_truth", message=f"{case_id}: no disease or gene is stated", subject=case_id
                    )
                )
                continue
            cases.append(_case(packet.patient, truth, group=truth.publication))
    return cases, repairs, combined.hexdigest()


def _below(file: Path, folder: Path) -> str:
    return (file.relative_to(folder) if file.is_relative_to(folder) else Path(file.name)).as_posix()
