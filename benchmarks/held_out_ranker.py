"""phenotype.ranker on held-out folds, in the place of a tool: each case is ranked by the tool of its fold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.provenance import InputDigest
from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.formats.files import digest
from genopraxis.tasks.phenotype.ranker_model import POSTERIOR, WEIGHTS
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.case_set import case_set, fold_of, group_of
from genopraxis.tasks.phenotype.training.held_out import rank_held_out
from genopraxis.tasks.phenotype.training.trained_folder import FOLDS, TrainedFolder

RANKER = RankerTool.card.id
HELD_OUT = f"{RANKER}, held-out folds"


def rank_by_fold(trained: TrainedFolder, cases: Sequence[PreparedCase], *, jobs: int) -> pl.DataFrame:
    """Rank every case with the tool of its fold, as a table of predictions."""
    parts: list[list[PreparedCase]] = [[] for _ in trained.folds]
    for one in cases:
        parts[fold_of(group_of(one), len(parts))].append(one)
    work = [(trained, fold, tuple(part)) for fold, part in enumerate(parts) if part]
    return pl.concat(map_ordered(_rank_fold, work, jobs=jobs))


def _rank_fold(work: tuple[TrainedFolder, int, tuple[PreparedCase, ...]]) -> pl.DataFrame:
    trained, fold, cases = work
    source = trained.source(fold)
    return rank_held_out(trained.model(fold), source, case_set(source.cases, source.knowledge), cases=cases)


def fold_inputs(trained: TrainedFolder) -> list[InputDigest]:
    """Return the digest of every file that the figures depend on."""
    files = [Path(FOLDS, str(fold), name) for fold in trained.folds for name in (WEIGHTS, POSTERIOR)]
    return [digest(trained.folder / path).model_copy(update={"name": path.as_posix()}) for path in files]


def held_out_note(trained: TrainedFolder) -> str:
    """Return what the label of the ranker's rows means."""
    return (
        f"{HELD_OUT}: publications are divided into {trained.run.folds} folds, and each case is ranked by a tool whose "
        "weights and case library hold nothing of its fold. The shipped weights, trained on all folds, are not "
        "measured here."
    )
