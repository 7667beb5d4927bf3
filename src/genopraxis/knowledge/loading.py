"""A release of knowledge together with case libraries: the one that is shipped, and the site's own patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import polars as pl

from genopraxis.knowledge.case_library import CaseLibrary, with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.local_cases import contribution_of, unknown_terms
from genopraxis.knowledge.local_library import LocalLibrary, library_of
from genopraxis.knowledge.publication_counts import Contribution
from genopraxis.knowledge.releases import EMBEDDED, Loaded, load_release, release_key
from genopraxis.knowledge.shipped_library import COUNTS, shipped_card, shipped_library

Libraries = Literal["shipped", "local", "none"]
"""Which case libraries go with a release: the shipped one, that and the site's own patients, or none."""


def load_knowledge(name: str = EMBEDDED, *, library: Libraries) -> Loaded:
    """Load a release as :func:`genopraxis.knowledge.releases.load_release` does, with case libraries.

    A local patient of a publication that the shipped library holds already for the same disease is not counted a
    second time; this is reported in the notes.

    Raises
    ------
    KnowledgeError
        When there is no such release, or a library is damaged.
    """
    loaded = load_release(name)
    if library == "none":
        return loaded
    shipped = shipped_library()
    notes: list[str] = []
    own: CaseLibrary | None = None
    local: Mapping[str, Contribution] = {}
    if library == "local":
        own, local = _local(loaded.knowledge, shipped, notes)
    found = [one for one in (shipped, own) if one is not None and not one.counts.is_empty()]
    if not found:
        return replace(loaded, notes=(*loaded.notes, *notes))
    whole = found[0] if len(found) == 1 else found[0].plus(found[1])
    return Loaded(knowledge=with_library(loaded.knowledge, whole), notes=(*loaded.notes, *notes), local=local)


def knowledge_key(name: str = EMBEDDED, *, library: Libraries) -> str:
    """Return what identifies the bytes of a release and its libraries now, for caches."""
    parts = [release_key(name)]
    if library != "none":
        card = shipped_card()
        parts.append(card.files[COUNTS] if card else "")
    if library == "local":
        parts.append(LocalLibrary().digest())
    return " ".join(parts)


def _local(
    knowledge: HpoKnowledge, shipped: CaseLibrary | None, notes: list[str]
) -> tuple[CaseLibrary | None, dict[str, Contribution]]:
    """Return the library of the local patients, and what each of them gave to it."""
    place = LocalLibrary()
    if not place.visible:
        notes.append(
            "the folder of the local case library may not be looked into; local patients are not used"
        )
        return None, {}
    cases = place.cases()
    if not cases:
        return None, {}
    if unknown := unknown_terms(cases, knowledge.ontology):
        named = ", ".join(unknown[:5]) + (", …" if len(unknown) > 5 else "")
        notes.append(
            f"{len(unknown)} term(s) of the local case library are not in this release and are not counted: {named}"
        )
    own = library_of(cases, knowledge.ontology)
    given = {case.case_id: contribution_of(case, knowledge.ontology) for case in cases}
    if shipped is None:
        return own, given
    known = set(shipped.counts.select("publication", "disease_id").unique().iter_rows())
    twice = 0
    for case_id, one in given.items():
        kept = tuple(d for d in one.disease_ids if (one.publication, d) not in known)
        twice += kept != one.disease_ids
        given[case_id] = replace(one, disease_ids=kept)
    if twice:
        notes.append(
            f"{twice} local patient(s) are of publications that the shipped case library holds; they are not "
            "counted twice"
        )
    return _without_pairs(own, shipped), given


def _without_pairs(library: CaseLibrary, other: CaseLibrary) -> CaseLibrary:
    """Return a library without the publications that another one holds, disease by disease."""
    counts = library.counts.join(
        other.counts.select("publication", "disease_id").unique(),
        on=["publication", "disease_id"],
        how="anti",
        maintain_order="left",
    )
    left = counts["disease_id"].unique().to_list()
    return replace(library, counts=counts, diseases=library.diseases.filter(pl.col("disease_id").is_in(left)))
