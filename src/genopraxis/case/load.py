"""From what was given on the command line to patients: files, folders, or HPO terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.contracts.patient import Feature, Patient, Repair, Sex, years_from_iso8601
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.identifiers import hpo_id
from genopraxis.formats.packet_folder import packet_files
from genopraxis.formats.phenopacket import read_packets

_SEXES: tuple[Sex, ...] = ("female", "male", "other", "unknown")


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedCase:
    """A patient ready for the case flow, or the reason why there is none."""

    name: str
    patient: Patient | None = None
    source: InputDigest | None = None
    repairs: tuple[Repair, ...] = ()
    problem: GenopraxisError | None = None


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the packet files that were named, folders replaced by the packets in them.

    Raises
    ------
    InputError
        When a path does not exist or a folder holds no phenopacket.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = packet_files(path)
            if not found:
                raise InputError(
                    "this folder holds no phenopacket",
                    where=str(path),
                    hint="phenopackets end in .json, .yaml, .yml, .pb, .bin or .protobuf, and may be gzipped",
                )
            files += found
        elif not path.exists():
            raise InputError("there is no such file or folder", where=str(path), hint="check the path")
        else:
            files.append(path)
    return list(dict.fromkeys(files))


def load_cases(files: Sequence[Path]) -> Iterator[LoadedCase]:
    """Read each file; a bad one becomes a case with a problem, so that the others go on.

    A case id that occurs a second time is a problem of the second one.
    """
    seen: dict[str, Path] = {}
    for file in files:
        try:
            packets = read_packets(file)
        except GenopraxisError as error:
            # folders are named after patients: the case carries the file's name, and no path goes further
            problem = type(error)(error.what, where=file.name, hint=error.hint)
            yield LoadedCase(name=file.name, problem=problem)
            continue
        for packet in packets:
            case_id = packet.patient.case_id
            if case_id in seen:
                problem = InputError(
                    f"case id {case_id!r} was already used in {seen[case_id].name}",
                    where=file.name,
                    hint="give each case an id of its own",
                )
                yield LoadedCase(name=case_id, problem=problem)
                continue
            seen[case_id] = file
            yield LoadedCase(
                name=case_id, patient=packet.patient, source=packet.source, repairs=packet.repairs
            )


def case_from_terms(
    *,
    case_id: str,
    observed: Sequence[str],
    excluded: Sequence[str],
    sex: str | None = None,
    age: str | None = None,
) -> LoadedCase:
    """Make a case from HPO terms.

    Parameters
    ----------
    observed, excluded
        HPO ids; each item may hold several, separated by commas.
    sex
        ``female``, ``male``, ``other`` or ``unknown``.
    age
        ISO 8601 duration, e.g. ``P3Y6M``.

    Raises
    ------
    InputError
        When an id is no HPO id, or sex or age is not understood.
    """
    repairs: list[Repair] = []
    features = [Feature(term_id=t, excluded=False) for t in _terms(observed, repairs)]
    features += [Feature(term_id=t, excluded=True) for t in _terms(excluded, repairs)]
    known = (sex or "unknown").strip().lower()
    if known not in _SEXES:
        raise InputError(f"sex {sex!r} is not understood", where="--sex", hint=f"one of {', '.join(_SEXES)}")
    years = None
    if age is not None:
        years = years_from_iso8601(age)
        if years is None or years > 130:
            raise InputError(
                f"age {age!r} is not understood", where="--age", hint="an ISO 8601 duration: P3Y6M, P10D"
            )
    patient = Patient(
        case_id=case_id, features=tuple(features), sex=next(s for s in _SEXES if s == known), age_years=years
    )
    return LoadedCase(name=case_id, patient=patient, repairs=tuple(repairs))


def _terms(items: Sequence[str], repairs: list[Repair]) -> list[str]:
    terms: dict[str, None] = {}
    for given in (part.strip() for item in items for part in item.split(",")):
        if not given:
            continue
        term = hpo_id(given)
        if term is None:
            raise InputError(
                f"{given!r} is no HPO id", where="--hpo/--not", hint="HPO ids look like HP:0001250"
            )
        if term != given:
            repairs.append(
                Repair(code="term_id_spelling", message=f"{given} was read as {term}", subject=given)
            )
        if term in terms:
            repairs.append(Repair(code="duplicate_feature", message=f"{term} is given twice", subject=term))
        terms[term] = None
    return list(terms)
