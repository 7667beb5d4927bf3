"""The prediction table of every ranking task."""

from __future__ import annotations

import polars as pl

from genopraxis.contracts.table import Column, TableContract

RANKING = TableContract(
    name="ranking",
    version=1,
    description="Candidates of each case in order. A truth that is not listed counts as a miss.",
    columns=(
        Column(name="case_id", dtype=pl.String, description="identifier of the case"),
        Column(name="level", dtype=pl.String, description="what is ranked, e.g. disease or gene"),
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
    ),
    key=("case_id", "level", "candidate_id"),
)
