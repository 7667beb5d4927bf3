"""Solved patients over the terms and diseases of ``tests/tiny.py``."""

from __future__ import annotations

from typing import Any

from genopraxis.knowledge.local_cases import SolvedCase

SEIZURE, FOCAL_MOTOR, DISABILITY = "HP:0001250", "HP:0011153", "HP:0001249"
ARACHNODACTYLY, SCOLIOSIS, LENS, WEAKNESS = "HP:0001166", "HP:0002650", "HP:0001083", "HP:0001324"
MARFAN, MARFAN_ORPHA, DRAVET, NEW = "OMIM:154700", "ORPHA:558", "OMIM:607208", "OMIM:999999"


def solved(case_id: str, *observed: str, disease: str = MARFAN, **more: Any) -> SolvedCase:
    return SolvedCase(case_id=case_id, observed=observed, **{"disease_ids": (disease,), **more})


CASES = (
    solved("a", ARACHNODACTYLY, LENS, excluded=(DISABILITY,), genes=("FBN1",), sex="female"),
    solved("b", ARACHNODACTYLY, SCOLIOSIS, excluded=(LENS,)),
    solved("c", LENS, publication="PMID:77"),
    solved("d", FOCAL_MOTOR, disease=DRAVET, excluded=(SEIZURE, WEAKNESS)),
    solved("e", WEAKNESS, disease=NEW, genes=("GENE9",)),
)
