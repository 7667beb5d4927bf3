"""The tables of every ranking task: predictions, how many candidates there were, and the strata of cases."""

from __future__ import annotations

import polars as pl

from genopraxis.contracts.table import Column, TableContract

_CASE = Column(name="case_id", dtype=pl.String, description="identifier of the case")
_LEVEL = Column(name="level", dtype=pl.String, description="what is ranked, e.g. disease or gene")

RANKING = TableContract(
    name="ranking",
    version=1,
    description="Candidates of each case in order. A truth that is not listed counts as a miss.",
    columns=(
        _CASE,
        _LEVEL,
        Column(name="candidate_id", dtype=pl.String, description="OMIM/ORPHA id, or approved gene symbol"),
        Column(
            name="rank", dtype=pl.Float64, description="1 is first; ties share their middle rank", minimum=1
        ),
        Column(name="score", dtype=pl.Float64, description="higher is better", required=False, nullable=True),
        Column(
            name="probability",
            dtype=pl.Float64,
            description="posterior probability",
            required=False,
            nullable=True,
            minimum=0,
            maximum=1,
        ),
        Column(
            name="listed",
            dtype=pl.Boolean,
            description="false: none of the first candidates, given for its rank alone; left out: all are listed",
            required=False,
        ),
    ),
    key=("case_id", "level", "candidate_id"),
)

CANDIDATE_COUNTS = TableContract(
    name="candidate-counts",
    version=1,
    description="How many candidates a tool considered for each case. No row: none.",
    columns=(
        _CASE,
        _LEVEL,
        Column(name="candidates", dtype=pl.Int64, description="number of candidates considered", minimum=0),
    ),
    key=("case_id", "level"),
)

CASE_STRATA = TableContract(
    name="case-strata",
    version=1,
    description="Strata of each case in long form; a case may be in many, and strata may overlap.",
    columns=(
        _CASE,
        Column(name="publication", dtype=pl.String, description="as in case-ranks", nullable=True),
        Column(name="stratum", dtype=pl.String, description="name=value, e.g. sex=female or terms=1-3"),
    ),
    key=("case_id", "stratum"),
)
