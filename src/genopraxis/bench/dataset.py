"""A ranking dataset: benchmark cases from a case-per-line file or a folder of phenopackets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.contracts.patient import Patient, Repair, Truth
from genopraxis.contracts.scorecard import DatasetDigest
from genopraxis.formats.case_lines import read_case_lines
from genopraxis.formats.files import digest
from genopraxis.formats.packet_folder import packet_files
from genopraxis.formats.phenopacket import read_packets, read_truths


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchCase:
    """One case: what a tool may see, and what only the bench may see."""

    patient: Patient
    truth: Truth
    publication: str | None = None
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class RankingDataset:
    """The cases of a dataset, its digest, and what was repaired or left out."""

    cases: tuple[BenchCase, ...]
    digest: DatasetDigest
    repairs: tuple[Repair, ...]


def read_dataset(path: Path) -> RankingDataset:
    """Read benchmark cases.

    Parameters
    ----------
    path
        A case-per-line JSONL file (plain or gzip), or a folder of phenopackets.

    Raises
    ------
    InputError
        When there is no case with a known answer, or the file is damaged.
    """
    if path.is_dir():
        cases, repairs, sha256 = _folder(path)
    else:
        lines, found = read_case_lines(path)
        repairs = list(found)
        cases = [
            BenchCase(
                patient=line.patient,
                truth=line.truth,
                publication=line.publication,
                year=line.year,
            )
            for line in lines
        ]
        sha256 = digest(path).sha256
    if not cases:
        raise InputError("holds no case with a known disease or gene", where=str(path))
    return RankingDataset(
        cases=tuple(cases),
        digest=DatasetDigest(name=path.name, sha256=sha256, n=len(cases)),
        repairs=tuple(repairs),
    )


def _folder(path: Path) -> tuple[list[BenchCase], list[Repair], str]:
    files = packet_files(path)
    if not files:
        raise InputError(
            "holds no phenopacket", where=str(path), hint="JSON, YAML or protobuf files are read"
        )
    cases: list[BenchCase] = []
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
        combined.update(f"{file.relative_to(path).as_posix()}\0{packets[0].source.sha256}\n".encode())
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
            cases.append(BenchCase(patient=packet.patient, truth=truth, publication=truth.publication))
    return cases, repairs, combined.hexdigest()
