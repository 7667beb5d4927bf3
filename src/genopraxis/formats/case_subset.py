"""A part of a case-per-line file: the lines of some cases, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from genopraxis.contracts.errors import InputError
from genopraxis.formats.files import decode, iter_raw_lines
from genopraxis.formats.identifiers import printable_id
from genopraxis.formats.plain_data import parse_json


def lines_of_cases(path: str | os.PathLike[str], case_ids: Collection[str]) -> Iterator[bytes]:
    """Yield the lines of these cases in the order of the file, each as it is there, its line end included.

    A line that repeats an earlier case is left out, as :func:`genopraxis.formats.case_lines.read_case_lines` does.

    Parameters
    ----------
    path
        A JSON Lines file, plain or gzip; what is yielded is never compressed.
    case_ids
        As ``read_case_lines`` returns them.

    Raises
    ------
    InputError
        When a line cannot be read, or a case is not there (any more).
    """
    where = os.fspath(path)
    missing = set(case_ids)
    for number, raw in iter_raw_lines(path):
        if not missing:
            return
        text = decode(raw, where=f"{where}, line {number}")
        if not text.strip():
            continue
        case = parse_json(text, where=f"{where}, line {number}")
        case_id = case.get("case_id") if isinstance(case, dict) else None
        if isinstance(case_id, str) and (name := printable_id(case_id)) in missing:
            missing.remove(name)
            yield raw
    if missing:
        raise InputError(
            f"{len(missing):,} case(s) are not in it, first {min(missing)}",
            where=where,
            hint="was the file changed while it was read? Run it again",
        )
