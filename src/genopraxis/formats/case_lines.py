"""Benchmark cases, one JSON object a line: the patient, the truth, and what else a comparison needs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Feature, Onset, Patient, Repair, Sex, Truth
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.file_names import printable_name
from genopraxis.formats.files import iter_lines
from genopraxis.formats.identifiers import (
    LONGEST_CASE_ID,
    is_hpo_id,
    onset_from_text,
    printable_id,
    printable_text,
    pubmed_id,
    pubmed_id_of_case,
)
from genopraxis.formats.plain_data import parse_json

_FILE_LIMIT = 4 * 1024**3
_SEX: dict[str, Sex] = {
    "FEMALE": "female",
    "MALE": "male",
    "OTHER_SEX": "other",
    "UNKNOWN_SEX": "unknown",
}
_LARGEST_RANK = 1e9
_LIST_LIMIT = 10_000
_RANK_FIELDS = ("rank", "llm_rank")
_HINT = "each line is one JSON object with case_id, observed, excluded, and disease_id or gene"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """One benchmark case.

    Parameters
    ----------
    patient
        What a tool may know: terms, their onset, sex and age. Nothing else of the line reaches it.
    truth
        The known answer.
    publication
        Where the case was published: the group that no split may cut. ``PMID:123`` where possible.
    year
        Year of publication, approximate.
    created
        When the case entered its source.
    line
        1-based number of the line.
    external_ranks
        Ranks of the truth by other programs; ``None``: not ranked by them.
    """

    patient: Patient
    truth: Truth
    publication: str | None
    year: int | None
    created: date | None
    line: int
    external_ranks: dict[str, float | None]


def read_case_lines(path: str | os.PathLike[str]) -> tuple[list[CaseLine], list[Repair]]:
    """Return the cases of a JSON Lines file, plain or gzip, and every change made on the way.

    Cases without a known answer are left out; so is a line that repeats an earlier one exactly.

    Returns
    -------
    tuple of list of CaseLine and list of Repair
        Cases in the order of the file. A repair has the case as its subject and stands for one change.

    Raises
    ------
    InputError
        A line is not a case, or one case identifier stands for two different cases.
    """
    cases, repairs, _ = read_case_lines_with_digest(path)
    return cases, repairs


def read_case_lines_with_digest(
    path: str | os.PathLike[str],
) -> tuple[list[CaseLine], list[Repair], InputDigest]:
    """Return what :func:`read_case_lines` returns, and the digest of the very bytes that were read.

    Raises
    ------
    InputError
        As :func:`read_case_lines`.
    """
    sha256 = hashlib.sha256()
    cases: list[CaseLine] = []
    repairs: list[Repair] = []
    seen: dict[str, tuple[int, int]] = {}
    for number, text in iter_lines(path, limit_bytes=_FILE_LIMIT, sha256=sha256):
        if not text.strip():
            continue
        where = f"{os.fspath(path)}, line {number}"
        raw = parse_json(text, where=where)
        if not isinstance(raw, dict):
            raise InputError("is not a JSON object", where=where, hint=_HINT)
        case = _Line(raw, number=number, where=where)
        content = hash(json.dumps(raw, sort_keys=True))
        first, same = seen.setdefault(case.case_id, (number, content))
        if first != number and same != content:
            raise InputError(
                f"lines {first} and {number} have the same case_id and differ",
                where=os.fspath(path),
                hint="give each case an id of its own",
            )
        if first != number:
            case.note("duplicate_case", f"line {number} repeats line {first}; left out")
        else:
            found = case.read()
            if found is not None:
                cases.append(found)
        repairs.extend(case.repairs)
    return cases, repairs, InputDigest(name=printable_name(path), sha256=sha256.hexdigest())


class _Line:
    """One line while it is read, with the repairs found so far."""

    def __init__(self, raw: Mapping[str, Any], *, number: int, where: str) -> None:
        self._raw = raw
        self._number = number
        self._where = where
        self.repairs: list[Repair] = []
        case_id = raw.get("case_id")
        if isinstance(case_id, str) and len(case_id) > LONGEST_CASE_ID:
            raise InputError(
                f"its case_id is longer than {LONGEST_CASE_ID:,} characters",
                where=where,
                hint="give the case a short id",
            )
        self.case_id = printable_id(case_id) if isinstance(case_id, str) else ""
        if not self.case_id or not (raw.keys() & {"observed", "excluded"}):
            missing = "observed or excluded terms" if self.case_id else "case_id"
            raise InputError(f"has no {missing}", where=where, hint=_HINT)

    def note(self, code: str, message: str) -> None:
        self.repairs.append(Repair(code=code, message=message, subject=self.case_id))

    def read(self) -> CaseLine | None:
        diseases = self._texts("disease_id", "disease")
        genes = self._texts("gene")
        if not diseases and not genes:
            self.note("no_truth", "has neither a disease nor a gene; left out")
            return None
        publication = self._publication()
        return CaseLine(
            patient=Patient(
                case_id=self.case_id, features=self._features(), sex=self._sex(), age_years=self._age()
            ),
            truth=Truth(case_id=self.case_id, disease_ids=diseases, genes=genes, publication=publication),
            publication=publication,
            year=self._year(),
            created=self._created(),
            line=self._number,
            external_ranks=self._ranks(),
        )

    def _features(self) -> tuple[Feature, ...]:
        observed = self._list("observed")
        onsets = self._onsets(len(observed))
        features: dict[tuple[str, bool], Feature] = {}
        mentions = [(term, False, onset) for term, onset in zip(observed, onsets, strict=True)]
        mentions += [(term, True, None) for term in self._list("excluded")]
        for term, excluded, onset in mentions:
            if not isinstance(term, str) or not is_hpo_id(term):
                self.note(
                    "malformed_term", f"{str(term)[:60]!r} is not an HPO id (HP: and 7 digits); left out"
                )
            elif (known := features.get((term, excluded))) is not None:
                self.note("duplicate_feature", f"{term} is given more than once; merged")
                features[term, excluded] = Feature(
                    term_id=term, excluded=excluded, onset=known.onset or onset
                )
            else:
                features[term, excluded] = Feature(term_id=term, excluded=excluded, onset=onset)
        return tuple(features.values())

    def _onsets(self, n: int) -> list[Onset | None]:
        written = self._list("observed_onset")
        if not written:
            return [None] * n
        if len(written) != n:
            self.note("onset_not_usable", f"{len(written)} onsets for {n} observed terms; all ignored")
            return [None] * n
        return [self._onset(item) for item in written]

    def _onset(self, written: object) -> Onset | None:
        if written is None:
            return None
        onset = onset_from_text(written) if isinstance(written, str) else None
        if onset is None:
            self.note("onset_not_usable", f"onset {str(written)[:60]!r} cannot be read; ignored")
        return onset

    def _age(self) -> float | None:
        written = self._raw.get("age")
        if written is None:
            return None
        onset = onset_from_text(written) if isinstance(written, str) else None
        if onset is None or onset.years is None:
            self.note("age_not_usable", f"age {str(written)[:60]!r} is no age in years; ignored")
            return None
        return onset.years

    def _sex(self) -> Sex:
        written = self._raw.get("sex")
        if written is None:
            return "unknown"
        sex = _SEX.get(str(written).strip().upper())
        if sex is None:
            self.note("unknown_value", f"sex {str(written)[:60]!r} is not known; read as unknown")
        return sex or "unknown"

    def _publication(self) -> str | None:
        written = self._raw.get("pmid")
        if not isinstance(written, str) or not written.strip():
            return pubmed_id_of_case(self.case_id)
        found = pubmed_id(written)
        if found is None:
            # kept: cases that share it still belong together
            self.note(
                "publication_spelling", f"publication {written[:60]!r} is not a PubMed id; kept as it is"
            )
            return printable_id(written)
        if found != written:
            self.note("publication_spelling", f"publication {written[:60]!r} is read as {found}")
        return found

    def _year(self) -> int | None:
        year = self._raw.get("year_approx")
        return year if isinstance(year, int) and not isinstance(year, bool) else None

    def _created(self) -> date | None:
        written = self._raw.get("created")
        if written is None:
            return None
        try:
            return date.fromisoformat(str(written)[:10])
        except ValueError:
            self.note("unknown_value", f"created {str(written)[:60]!r} is not a date; ignored")
            return None

    def _ranks(self) -> dict[str, float | None]:
        ranks: dict[str, float | None] = {}
        for field in _RANK_FIELDS:
            found = self._raw.get(field)
            for program, rank in (found if isinstance(found, dict) else {}).items():
                sound = isinstance(rank, (int, float)) and not isinstance(rank, bool)
                if rank is None or (sound and 1 <= rank <= _LARGEST_RANK):
                    ranks[program] = None if rank is None else float(rank)
                else:
                    named = printable_text(program, limit=40)
                    self.note("rank_not_usable", f"rank {str(rank)[:60]!r} of {named} is not a rank; ignored")
        return ranks

    def _texts(self, *fields: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for field in fields:
            value = self._raw.get(field)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str) and item.strip():
                    found[item.strip()] = None
                elif item is not None and not isinstance(item, str):
                    raise InputError(
                        f"{field} is neither text nor a list of texts", where=self._where, hint=_HINT
                    )
        return tuple(found)

    def _list(self, field: str) -> list[Any]:
        value = self._raw.get(field)
        if value is not None and not isinstance(value, list):
            raise InputError(f"{field} is not a list", where=self._where, hint=_HINT)
        if value is not None and len(value) > _LIST_LIMIT:
            raise InputError(
                f"{field} has {len(value):,} entries, {_LIST_LIMIT:,} at most are read",
                where=self._where,
                hint="one case a line is expected",
            )
        return value or []
