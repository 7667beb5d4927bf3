"""The table that a bench run leaves behind: the rank of each truth."""

from __future__ import annotations

import polars as pl

from genopraxis.contracts.table import Column, TableContract

TOP = 20
"""How many of the first candidates of a case are kept."""

CANDIDATE = pl.Struct({"candidate_id": pl.String, "score": pl.Float64, "probability": pl.Float64})

CASE_RANKS = TableContract(
    name="case-ranks",
    version=1,
    description="Where each tool put the truth of each case. No truth stated at a level: no row.",
    columns=(
        Column(name="tool", dtype=pl.String, description="tool id"),
        Column(name="version", dtype=pl.String, description="tool version"),
        Column(name="regime", dtype=pl.String, description="what was kept from the tool's knowledge"),
        Column(name="level", dtype=pl.String, description="what is ranked, e.g. disease or gene"),
        Column(name="case_id", dtype=pl.String, description="identifier of the case"),
        Column(
            name="publication",
            dtype=pl.String,
            description="the group of cases that are not independent; null: a group of its own",
            nullable=True,
        ),
        Column(
            name="truth_ids", dtype=pl.List(pl.String), description="every identifier that counts as right"
        ),
        Column(
            name="rank",
            dtype=pl.Float64,
            description="middle rank of the best truth, 1 is first; null: no truth was listed, a miss",
            nullable=True,
            minimum=1,
        ),
        Column(
            name="probability",
            dtype=pl.Float64,
            description="of that truth; null: a miss, or the tool gives none",
            required=False,
            nullable=True,
            minimum=0,
            maximum=1,
        ),
        Column(name="candidates", dtype=pl.Int64, description="number of candidates considered", minimum=0),
        Column(
            name="top",
            dtype=pl.List(CANDIDATE),
            description=f"the first {TOP} candidates, best first; score and probability null where not given",
        ),
        Column(
            name="top_ranks",
            dtype=pl.List(pl.Float64),
            description="middle ranks of the candidates in top, made without regard to the truth",
            required=False,
        ),
    ),
    key=("tool", "version", "regime", "level", "case_id"),
)
