"""From a run to the three files it leaves: scorecard, case ranks, page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from genopraxis.bench.page import render_scorecard
from genopraxis.bench.probabilities import check_probabilities
from genopraxis.bench.scoring import INTERVAL, score
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.cards import Datasheet
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.plugin import Task
from genopraxis.contracts.provenance import DataRelease, InputDigest
from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.contracts.scorecard import DatasetDigest, Notice, Perturbation, Regime, Scorecard, Timing
from genopraxis.formats.files import atomic_file
from genopraxis.formats.plain_data import read_document
from genopraxis.formats.table_file import read_table, write_table
from genopraxis.provenance import current_provenance
from genopraxis.stats.resampling import RESAMPLES, SEED

SCORECARD, RANKS, PAGE = "scorecard.json", "predictions.parquet", "index.html"
_SCORECARD_BYTES = 64 * 1024**2  # ~500 bytes a figure
_LIBRARIES = ("numpy", "polars", "pydantic")


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What a scorecard says besides its figures.

    Parameters
    ----------
    holds_for
        By tool and version, what its card says that its probability holds for.
    """

    dataset: DatasetDigest
    regimes: Sequence[Regime]
    datasheet: Datasheet | None = None
    perturbations: Sequence[Perturbation] = ()
    seed: int | None = None
    timing: Sequence[Timing] = ()
    notices: Sequence[Notice] = ()
    holds_for: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    releases: Sequence[DataRelease] = ()
    inputs: Sequence[InputDigest] = ()
    parameters: Mapping[str, str | float | int | bool | None] = field(default_factory=dict)


def make_scorecard(ranks: pl.DataFrame, strata: pl.DataFrame, *, task: Task, facts: RunFacts) -> Scorecard:
    """Score case ranks by the task's metrics and strata, and gather what is needed to judge the figures.

    Raises
    ------
    ContractError
        When a table does not fulfil its contract, or holds a level or stratum that the task does not declare.
    """
    CASE_STRATA.check(strata, raise_errors=True, where=f"strata of task {task.id}")
    named = strata.with_columns(variable=pl.col("stratum").str.split("=").list.first())
    _declared(named["variable"], task.strata, what="stratum", task=task)
    _declared(ranks["level"], task.levels, what="level", task=task)
    order = {name: place for place, name in enumerate(task.strata)}
    ordered = named.sort(
        pl.col("variable").replace_strict(order, return_dtype=pl.Int32), maintain_order=True
    ).drop("variable")
    return Scorecard(
        task=task.id,
        dataset=facts.dataset,
        datasheet=facts.datasheet,
        regimes=tuple(facts.regimes),
        perturbations=tuple(facts.perturbations),
        seed=facts.seed,
        results=tuple(score(ranks, ordered, metrics=task.metrics)),
        probabilities=tuple(check_probabilities(ranks, holds_for=facts.holds_for)),
        timing=tuple(facts.timing),
        notices=tuple(facts.notices),
        interval=INTERVAL,
        provenance=current_provenance(
            libraries=_LIBRARIES,
            parameters={**facts.parameters, "bootstrap.resamples": RESAMPLES, "bootstrap.seed": SEED},
            inputs=(InputDigest(name=facts.dataset.name, sha256=facts.dataset.sha256), *facts.inputs),
            releases=facts.releases,
        ),
    )


def _declared(found: pl.Series, known: Sequence[str], *, what: str, task: Task) -> None:
    strange = sorted(set(found.unique()) - set(known))
    if strange:
        raise ContractError(
            f"{what} {', '.join(map(repr, strange))} is not declared by task {task.id!r}",
            hint=f"declared: {', '.join(known)}",
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
    write_table(CASE_RANKS, ranks, out / RANKS, metadata={"provenance": card.provenance.to_json()})
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
    card = Scorecard.from_mapping(read_document(path, limit_bytes=_SCORECARD_BYTES), where=str(path))
    return card, read_table(CASE_RANKS, folder / RANKS)
