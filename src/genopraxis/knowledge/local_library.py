"""The library of a site's own solved patients: on its own disk, and every patient exactly removable.

What is kept is the patients, not their sums: the counts are made anew from those who are there, so that adding a
patient and removing it again leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from genopraxis.contracts.errors import GenopraxisError, InputError, KnowledgeError, OutputError
from genopraxis.contracts.provenance import DataRelease
from genopraxis.formats.table_file import read_table, write_table
from genopraxis.knowledge.case_library import LIBRARY_DISEASES, CaseLibrary
from genopraxis.knowledge.library_export import Export, pooled
from genopraxis.knowledge.local_cases import (
    LOCAL_CASES,
    SolvedCase,
    case_key,
    cases_of,
    checked,
    contribution_of,
    table_of,
)
from genopraxis.knowledge.ontology import Ontology
from genopraxis.knowledge.places import data_folder
from genopraxis.knowledge.publication_counts import PublicationCounts

_FILE, _LOCK = "cases.parquet", ".lock"
_LOCK_SECONDS = 60
_NAMED = 5  # so many ids are named in a message


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """The ids of the cases that came in: new ones, and those that took the place of one with the same id."""

    new: tuple[str, ...]
    replaced: tuple[str, ...]


class LocalLibrary:
    """Solved patients on disk.

    Parameters
    ----------
    folder
        Where they are kept, readable by their owner only; ``library`` in the data folder by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = data_folder() / "library" if folder is None else folder
        self.path = self.folder / _FILE

    def add(self, cases: Sequence[SolvedCase]) -> Added:
        """Add cases, all or none; a case whose id is there already replaces it.

        The terms are kept as they were given. Whether a release knows them is for the caller to check.

        Raises
        ------
        InputError
            When a case has no disease or no term, or two have the same id.
        KnowledgeError
            When the file that is there cannot be read.
        OutputError
            When it cannot be written.
        """
        ready = [checked(case) for case in cases]
        ids = [case.case_id for case in ready]
        (commonest, times), *_ = Counter(ids).most_common(1) or [("", 0)]
        if times > 1:
            raise InputError(
                f"case id {commonest!r} occurs more than once", hint="give each case an id of its own"
            )
        present: set[str] = set()

        def with_them(table: pl.DataFrame) -> pl.DataFrame:
            present.update(table["case_id"].unique().to_list())
            return pl.concat([table.filter(~pl.col("case_id").is_in(ids)), table_of(ready)])

        if ready:
            self._change(with_them)
        return Added(
            new=tuple(one for one in ids if one not in present),
            replaced=tuple(one for one in ids if one in present),
        )

    def remove(self, case_ids: Collection[str]) -> int:
        """Remove cases, all or none, and return how many.

        Raises
        ------
        InputError
            When one of them is not there.
        """
        keys = sorted({case_key(case_id) for case_id in case_ids})

        def without_them(table: pl.DataFrame) -> pl.DataFrame:
            present = set(table["case_id"].unique())
            if missing := [one for one in keys if one not in present]:
                more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
                raise InputError(
                    f"the local library has no case {', '.join(map(repr, missing[:_NAMED]))}{more}",
                    hint="nothing was removed; `genopraxis library list` shows the ids",
                )
            return table.filter(~pl.col("case_id").is_in(keys))

        if keys:
            self._change(without_them)
        return len(keys)

    def cases(self) -> list[SolvedCase]:
        """Return the cases, sorted by id; none when nothing was ever added."""
        return cases_of(self._read())

    def library(self, ontology: Ontology, *, without: Collection[str] = ()) -> CaseLibrary:
        """Return the counts over all cases, by publication.

        Parameters
        ----------
        ontology
            The release against which terms are resolved. Those that it does not know are not counted.
        without
            Ids of cases to leave out.
        """
        left_out = {case_key(case_id) for case_id in without}
        return library_of([case for case in self.cases() if case.case_id not in left_out], ontology)

    def export(self, ontology: Ontology, *, min_patients: int = 5) -> Export:
        """Return counts that may leave the site, see :func:`genopraxis.knowledge.library_export.pooled`."""
        return pooled(self.cases(), ontology, min_patients=min_patients)

    @property
    def visible(self) -> bool:
        """Whether this user may look into the folder, be it there or not."""
        try:
            self._is_there()
        except OSError:
            return False
        return True

    def digest(self) -> str:
        """Return the sha256 of the file; empty when there is none."""
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError:
            return ""

    def _read(self) -> pl.DataFrame:
        try:
            return read_table(LOCAL_CASES, self.path) if self._is_there() else LOCAL_CASES.empty()
        except (OSError, InputError) as error:
            what = error.what if isinstance(error, GenopraxisError) else error.strerror
            raise KnowledgeError(
                f"the local case library cannot be read: {what}",
                where=str(self.path),
                hint="restore it from a backup, or move it away to work without it",
            ) from error

    def _is_there(self) -> bool:
        # listed, since exists() may say no of what it may not look at
        try:
            return any(one.name == _FILE for one in self.folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _change(self, changed: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        """Replace the table by what ``changed`` makes of it; one run at a time, whole or not at all."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            with FileLock(self.folder / _LOCK, timeout=_LOCK_SECONDS, mode=0o600):
                # nobody else writes now: what a killed run left behind is a copy of patients
                for left in self.folder.glob(f".{_FILE}.*.tmp"):
                    with suppress(FileNotFoundError):
                        left.unlink()
                table = changed(self._read()).sort(LOCAL_CASES.key)
                write_table(LOCAL_CASES, table, self.path, private=True)
        except Timeout as error:
            raise OutputError(
                f"another run has been changing the local case library for {_LOCK_SECONDS} seconds",
                where=str(self.folder),
                hint="nothing was changed; try again when it is done",
            ) from error
        except OSError as error:
            raise OutputError(
                f"the local case library cannot be written: {error.strerror or error}",
                where=str(self.folder),
                hint="nothing was changed; set GENOPRAXIS_DATA to a folder of your own",
            ) from error


def library_of(cases: Sequence[SolvedCase], ontology: Ontology) -> CaseLibrary:
    """Return the counts over cases, and their diseases.

    A case with several diseases does not say which gene stands behind which, so it names none.
    """
    counts = PublicationCounts.of(contribution_of(case, ontology) for case in cases).table(ontology)
    genes: dict[str, set[str]] = {disease_id: set() for disease_id in counts["disease_id"].unique().sort()}
    for case in cases:
        if len(case.disease_ids) == 1 and case.disease_ids[0] in genes:
            genes[case.disease_ids[0]].update(case.genes)
    diseases = pl.DataFrame(
        [(disease_id, None, sorted(symbols)) for disease_id, symbols in genes.items()],
        schema=LIBRARY_DISEASES.schema,
        orient="row",
    )
    content = counts.write_csv() + diseases.select("disease_id", pl.col("genes").list.join(" ")).write_csv()
    release = DataRelease(
        name="Local case library",
        version=f"{len(cases)} patient(s)",
        licence="the site's own, not for others",
        source="solved patients of this site",
        sha256=hashlib.sha256(content.encode()).hexdigest(),
    )
    return CaseLibrary(counts=counts, diseases=diseases, releases=(release,))
