"""What the case libraries hold, for ``knowledge status`` and ``library status``."""

from __future__ import annotations

from rich.table import Table

from genopraxis.knowledge.local_library import LocalLibrary
from genopraxis.knowledge.shipped_library import shipped_library
from genopraxis.render.terminal import TableColumn, table


def libraries_table() -> Table:
    """Return patients, publications and diseases of the shipped and the local case library.

    Raises
    ------
    KnowledgeError
        When one of them is damaged.
    """
    rows: list[list[object]] = []
    shipped = shipped_library()
    if shipped is not None:
        release = shipped.releases[0]
        rows.append(
            [
                "shipped",
                shipped.patients,
                len(shipped.publications),
                shipped.diseases.height,
                f"{release.name} {release.version}, {release.licence}",
            ]
        )
    library = LocalLibrary()
    cases = library.cases()
    publications = {case.publication for case in cases} - {None}
    diseases = {disease_id for case in cases for disease_id in case.disease_ids}
    unpublished = sum(case.publication is None for case in cases)
    rows.append(
        ["local", len(cases), len(publications), len(diseases), f"{unpublished} without a publication"]
    )
    numbers = [TableColumn(name=name, justify="right") for name in ("patients", "publications", "diseases")]
    return table("Case libraries", ["library", *numbers, "what"], rows)
