"""Signs of organs of one sex."""

from __future__ import annotations

from genopraxis.contracts.patient import KaryotypicSex, Sex
from genopraxis.knowledge.ontology import Ontology

# branches of HPO
_MALE = ("HP:0010461", "HP:0012041", "HP:0003251")  # male genitalia, male fertility
_FEMALE = ("HP:0010460", "HP:0000140", "HP:0030012")  # female genitalia, menstruation


def branches_of_the_other_sex(
    ontology: Ontology, *, sex: Sex, karyotypic_sex: KaryotypicSex
) -> frozenset[int]:
    """Return the terms at and below which are organs that a patient does not have; none when sex is left open."""
    usual = {"female": "XX", "male": "XY"}.get(sex)
    if usual is None or karyotypic_sex not in ("unknown", usual):
        return frozenset()
    branches = _MALE if sex == "female" else _FEMALE
    return frozenset(ontology.number[t] for t in branches if t in ontology.number)
