"""From files of solved patients to cases for the local library: each one checked against a release, none guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from genopraxis.case.load import find_files
from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.contracts.patient import Patient, Repair, Truth
from genopraxis.formats.case_lines import read_case_lines
from genopraxis.formats.identifiers import pubmed_id
from genopraxis.formats.phenopacket import read_solved
from genopraxis.knowledge.local_cases import SolvedCase, checked
from genopraxis.knowledge.ontology import Ontology
from genopraxis.tasks.phenotype.query import prepare_query

_LINES = (".jsonl", ".ndjson")
_NO_TRUTH = "no_truth"
# the library counts every sign that a record states, and says itself which publications it can use
_NOT_TOLD = {"implied_term", "publication_spelling", _NO_TRUTH}


@dataclass(kw_only=True)
class SolvedCases:
    """What was found in files of solved patients.

    Parameters
    ----------
    cases
        Those that can be added.
    undiagnosed
        Ids of cases without a known disease.
    problems
        Why a file or a case cannot be used.
    repairs
        What was changed on the way; the subject is the case.
    """

    cases: list[SolvedCase] = field(default_factory=list)
    undiagnosed: list[str] = field(default_factory=list)
    problems: list[GenopraxisError] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


def read_solved_cases(paths: Sequence[Path], ontology: Ontology) -> SolvedCases:
    """Read solved patients, and resolve their terms.

    Parameters
    ----------
    paths
        Phenopacket files with a diagnosis, folders of them, and case-per-line files (``.jsonl``, ``.ndjson``),
        plain or gzip.
    ontology
        A term that it does not know is a problem of the case, which names the nearest terms. Terms are kept as
        they were given; that one is obsolete is reported.

    Raises
    ------
    InputError
        When a path does not exist, or a folder holds no phenopacket.
    """
    found = SolvedCases()
    seen: dict[str, str] = {}
    for file in find_files(paths):
        try:
            for patient, truth, repairs in _patients(file, found):
                _take(patient, truth, repairs, ontology, found, seen=seen, file=file)
        except GenopraxisError as error:
            found.problems.append(_without_path(error, file))
    return found


def _patients(file: Path, found: SolvedCases) -> Iterator[tuple[Patient, Truth, Sequence[Repair]]]:
    if not file.name.lower().removesuffix(".gz").endswith(_LINES):
        for packet, truth in read_solved(file):
            yield packet.patient, truth, packet.repairs
        return
    lines, repairs = read_case_lines(file)
    found.undiagnosed += [repair.subject for repair in repairs if repair.code == _NO_TRUTH]
    found.repairs += [repair for repair in repairs if repair.code not in _NOT_TOLD]
    for line in lines:
        yield line.patient, line.truth, ()


def _take(
    patient: Patient,
    truth: Truth,
    repairs: Iterable[Repair],
    ontology: Ontology,
    found: SolvedCases,
    *,
    seen: dict[str, str],
    file: Path,
) -> None:
    case_id = patient.case_id
    if not truth.disease_ids:
        found.undiagnosed.append(case_id)
        return
    try:
        case = checked(
            SolvedCase(
                case_id=case_id,
                disease_ids=truth.disease_ids,
                observed=tuple(feature.term_id for feature in patient.observed),
                excluded=tuple(feature.term_id for feature in patient.excluded),
                genes=truth.genes,
                publication=truth.publication,
                sex=patient.sex,
            )
        )
        prepared = prepare_query(patient, ontology, unknown="error")
        if not any(used.term is not None and ontology.is_phenotype[used.term] for used in prepared.features):
            raise InputError(
                "none of its terms is a sign", hint="terms below Phenotypic abnormality are counted"
            )
        if case.case_id in seen:
            raise InputError(
                f"the case id was already used in {seen[case.case_id]}",
                hint="give each case an id of its own",
            )
    except GenopraxisError as error:
        found.problems.append(type(error)(error.what, where=f"{file.name}, {case_id}", hint=error.hint))
        return
    seen[case.case_id] = file.name
    found.cases.append(case)
    told = [one for one in (*repairs, *prepared.repairs) if one.code not in _NOT_TOLD]
    found.repairs += [Repair(code=one.code, message=one.message, subject=case_id) for one in told]
    if truth.publication and pubmed_id(truth.publication) is None:
        message = "its publication has no PubMed id; it is kept as not published"
        found.repairs.append(Repair(code="publication_not_usable", message=message, subject=case_id))
    if dropped := len(set(truth.genes)) - len(case.genes):
        message = f"{dropped} gene(s) are no gene symbol and are left out"
        found.repairs.append(Repair(code="gene_not_usable", message=message, subject=case_id))


def _without_path(error: GenopraxisError, file: Path) -> GenopraxisError:
    """Return the error with the file's name alone: folders are named after patients."""
    where = (error.where or file.name).replace(str(file), file.name)
    return type(error)(error.what.replace(str(file), file.name), where=where, hint=error.hint)
