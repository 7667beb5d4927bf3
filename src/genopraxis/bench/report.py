"""From a run to the three files it leaves: scorecard, case ranks, page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import polars as pl

from genopraxis.bench.page import render_scorecard
from genopraxis.bench.scoring import INTERVAL, score
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import InputDigest, Provenance, Release
from genopraxis.contracts.scorecard import DatasetDigest, Notice, Scorecard, Timing
from genopraxis.formats.files import atomic_file, read_text
from genopraxis.stats.bootstrap import RESAMPLES, SEED

SCORECARD, RANKS, PAGE = "scorecard.json", "predictions.parquet", "index.html"
_LIBRARIES = ("numpy", "polars", "pydantic")


def make_scorecard(
    *,
    task: str,
    dataset: DatasetDigest,
    ranks: pl.DataFrame,
    strata: pl.DataFrame,
    timing: Sequence[Timing],
    notices: Sequence[Notice],
    releases: Sequence[Release],
    parameters: dict[str, str | float | int | bool | None],
) -> Scorecard:
    """Score case ranks and gather what is needed to judge the figures."""
    return Scorecard(
        task=task,
        dataset=dataset,
        results=tuple(score(ranks, strata)),
        timing=tuple(timing),
        notices=tuple(notices),
        interval=INTERVAL,
        provenance=Provenance(
            libraries={name: version(name) for name in _LIBRARIES},
            parameters=parameters | {"bootstrap.resamples": RESAMPLES, "bootstrap.seed": SEED},
            inputs=(InputDigest(name=dataset.name, sha256=dataset.sha256),),
            releases=tuple(releases),
        ),
    )


def write_run(out: Path, card: Scorecard, ranks: pl.DataFrame) -> None:
    """Write ranks and page, and the scorecard last: where it stands, the run is complete.

    Raises
    ------
    OutputError
        When ``out`` cannot be written to.
    """
    CASE_RANKS.check(ranks, raise_errors=True, where=RANKS)
    (out / SCORECARD).unlink(missing_ok=True)
    with atomic_file(out / RANKS) as temporary:
        ranks.write_parquet(temporary)
    with atomic_file(out / PAGE) as temporary:
        temporary.write_text(render_scorecard(card, ranks), encoding="utf-8")
    with atomic_file(out / SCORECARD) as temporary:
        temporary.write_text(card.to_json(), encoding="utf-8")


def read_run(folder: Path) -> tuple[Scorecard, pl.DataFrame]:
    """Read a finished run.

    Raises
    ------
    InputError
        When the folder holds none, or one that is not complete.
    """
    path = folder / SCORECARD
    if not path.is_file():
        raise InputError(
            "holds no finished bench run", where=str(folder), hint="name the --out folder of a bench run"
        )
    try:
        raw = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error}", where=str(path), hint="run the bench again") from error
    card = Scorecard.from_mapping(raw, where=str(path))
    try:
        ranks = pl.read_parquet(folder / RANKS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"cannot be read: {error}", where=str(folder / RANKS), hint="run the bench again"
        ) from error
    CASE_RANKS.check(ranks, raise_errors=True, where=str(folder / RANKS))
    return card, ranks
