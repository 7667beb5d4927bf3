"""Counts over a site's solved patients that may leave the site: no patient, no publication, no small number."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import Provenance
from genopraxis.contracts.table import Column, TableContract
from genopraxis.formats.files import atomic_file
from genopraxis.formats.table_file import write_table
from genopraxis.knowledge.diseases import CATALOGUES
from genopraxis.knowledge.local_cases import SolvedCase, contribution_of
from genopraxis.knowledge.ontology import Ontology

POOLED_COUNTS = TableContract(
    name="pooled-counts",
    version=1,
    description="Patients of a site with a disease who show a term, and who were examined for it. No small number.",
    columns=(
        Column(name="disease_id", dtype=pl.String, description="catalogue id"),
        Column(
            name="term_id", dtype=pl.String, description="HPO term of the release named in the provenance"
        ),
        Column(name="observed", dtype=pl.Int64, description="patients with the sign", minimum=0),
        Column(name="examined", dtype=pl.Int64, description="patients with or without it", minimum=2),
    ),
    key=("disease_id", "term_id"),
)

DEFAULT_MIN_PATIENTS, LEAST_MIN_PATIENTS = 5, 2

_CATALOGUES = (*CATALOGUES, "MONDO")
# an id that a site made up may name a family
_PUBLIC = re.compile(rf"(?:{'|'.join(_CATALOGUES)}):[0-9]+")


@dataclass(frozen=True, kw_only=True)
class Export:
    """Counts that may leave the site.

    Parameters
    ----------
    table
        The :data:`POOLED_COUNTS` table.
    min_patients
        The smallest number of patients that it shows.
    suppressed
        Cells left out because a number in them is too small.
    diseases_left_out
        Diseases left out because they have too few patients, or an id of no public catalogue.
    """

    table: pl.DataFrame
    min_patients: int
    suppressed: int
    diseases_left_out: int


def pooled(
    cases: Sequence[SolvedCase], ontology: Ontology, *, min_patients: int = DEFAULT_MIN_PATIENTS
) -> Export:
    """Pool the patients of each disease, whatever their publication, and leave out every small number.

    A disease with fewer than ``min_patients`` patients is left out. So is a cell (a disease and a term) when fewer
    than ``min_patients`` patients were examined, when 1 to ``min_patients`` − 1 of them show the sign, or when 1 to
    ``min_patients`` − 1 do *not* show it, since that number is the difference of the two that would be printed.
    Zero stays: nobody is counted in it. The number of patients of a disease is not given, since its difference to
    the number examined could be small too. A patient with several diagnoses counts for the first of them (OMIM before
    ORPHA before others, then by id): two diseases that share patients could be subtracted from each other. No sums
    over terms or diseases are given. So nothing that is left out can be computed from what is there.

    This follows the cell size suppression policy of the US Centers for Medicare
    & Medicaid Services (https://resdac.org/articles/cms-cell-size-suppression-policy), under which no cell of 1 to
    10 may be shown or be derivable and zero may be shown; with ``min_patients=11`` the limit is theirs.

    Two exports, one before and one after a patient came in, may differ by just this patient: no rule that looks at
    one table can prevent that.

    Raises
    ------
    InputError
        When ``min_patients`` is below 2.
    """
    if min_patients < LEAST_MIN_PATIENTS:
        raise InputError(
            f"min_patients is {min_patients}, and {LEAST_MIN_PATIENTS} is the least",
            hint=f"a number below {LEAST_MIN_PATIENTS} would show single patients",
        )
    patients: Counter[str] = Counter()
    observed: Counter[tuple[str, int]] = Counter()
    examined: Counter[tuple[str, int]] = Counter()
    for case in cases:
        found = contribution_of(case, ontology)
        disease_id = min(case.disease_ids, key=_order)
        patients[disease_id] += 1
        observed.update((disease_id, term) for term in found.observed)
        examined.update((disease_id, term) for term in (*found.observed, *found.excluded))
    shown = {d for d, n in patients.items() if n >= min_patients and _PUBLIC.fullmatch(d)}
    cells = [(d, ontology.ids[t], observed[d, t], n) for (d, t), n in sorted(examined.items()) if d in shown]
    kept = [cell for cell in cells if _large_enough(cell[2], cell[3], min_patients)]
    return Export(
        table=pl.DataFrame(kept, schema=POOLED_COUNTS.schema, orient="row"),
        min_patients=min_patients,
        suppressed=len(cells) - len(kept),
        diseases_left_out=len(patients) - len(shown),
    )


def write_export(export: Export, path: str | os.PathLike[str], *, provenance: Provenance) -> None:
    """Write an export as Parquet, or tab-separated where the name ends in ``.tsv``.

    A tab-separated file begins with lines that start with ``#``: schema and provenance.

    Raises
    ------
    InputError
        When the name ends otherwise.
    OutputError
        When the place cannot be written to.
    """
    target = Path(path)
    stated = {"provenance": " ".join(provenance.to_json().split())}
    if target.suffix.lower() == ".parquet":
        write_table(POOLED_COUNTS, export.table, target, metadata=stated)
    elif target.suffix.lower() == ".tsv":
        POOLED_COUNTS.check(export.table, raise_errors=True, where=target.name)
        head = f"# schema: {POOLED_COUNTS.schema_id}\n# provenance: {stated['provenance']}\n"
        with atomic_file(target) as temporary:
            temporary.write_text(head + export.table.write_csv(separator="\t"), encoding="utf-8")
    else:
        raise InputError(
            "the name says no format that is known", where=str(target), hint="end it in .parquet or .tsv"
        )


def _order(disease_id: str) -> tuple[int, str]:
    catalogue = disease_id.partition(":")[0]
    known = catalogue in _CATALOGUES and _PUBLIC.fullmatch(disease_id)
    return _CATALOGUES.index(catalogue) if known else len(_CATALOGUES), disease_id


def _large_enough(observed: int, examined: int, least: int) -> bool:
    return examined >= least and all(n == 0 or n >= least for n in (observed, examined - observed))
