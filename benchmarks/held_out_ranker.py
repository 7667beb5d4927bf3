"""phenotype.ranker on held-out folds, in the place of a tool: each case is ranked by the tool of its fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import InputDigest
from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.formats.files import digest
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.tasks.phenotype.ranker_model import POSTERIOR, WEIGHTS
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.examples import Source, case_set, fold_of, group_of
from genopraxis.tasks.phenotype.training.held_out import FOLDS, check_folds, load_fold, rank_held_out

RANKER = RankerTool.card.id
HELD_OUT = f"{RANKER}, held-out folds"


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The tools of the folds that ``genopraxis tools train phenotype.ranker`` left.

    Parameters
    ----------
    folder
        Where they are.
    cases
        The file that they were trained on.
    folds
        How many: with another number a case would go to a tool that was trained on it.
    """

    folder: Path
    cases: Path
    folds: int

    def __post_init__(self) -> None:
        if not self.cases.is_file():
            raise InputError(
                "the ranker was trained on a file of cases",
                where=str(self.cases),
                hint="with --trained, give that file as --cases",
            )
        check_folds(self.folder, self.folds)

    def rank(self, cases: Sequence[PreparedCase], *, jobs: int) -> pl.DataFrame:
        """Rank every case with the tool of its fold, as a table of predictions."""
        parts: list[list[PreparedCase]] = [[] for _ in range(self.folds)]
        for one in cases:
            parts[fold_of(group_of(one), self.folds)].append(one)
        work = [(self, fold, tuple(part)) for fold, part in enumerate(parts) if part]
        return pl.concat(map_ordered(_rank_fold, work, jobs=jobs))

    def inputs(self) -> list[InputDigest]:
        """Return the digest of every file that the figures depend on."""
        found = []
        for fold in range(self.folds):
            for name in (WEIGHTS, POSTERIOR):
                path = Path(FOLDS, str(fold), name)
                found.append(digest(self.folder / path).model_copy(update={"name": path.as_posix()}))
        return found


def _rank_fold(work: tuple[Trained, int, tuple[PreparedCase, ...]]) -> pl.DataFrame:
    trained, fold, cases = work
    source = Source(cases=str(trained.cases), knowledge=EMBEDDED, folds=trained.folds, held_out=fold)
    found = case_set(source.cases, source.knowledge)
    model = load_fold(trained.folder, fold=fold, folds=trained.folds)
    return rank_held_out(model, source, found, cases=cases)


def held_out_note(trained: Trained) -> str:
    """Return what the label of the ranker's rows means."""
    return (
        f"{HELD_OUT}: publications are divided into {trained.folds} folds, and each case is ranked by a tool whose "
        "weights and case library hold nothing of its fold. The shipped weights, trained on all folds, are not "
        "measured here."
    )
