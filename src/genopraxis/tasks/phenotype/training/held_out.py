"""Rank held-out cases with the tool of their fold, which has neither weights nor library from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.knowledge.case_library import CaseLibrary, with_library
from genopraxis.tasks.phenotype.bench.answers import Answers
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, knowledge_in
from genopraxis.tasks.phenotype.ranker_model import WEIGHTS, Model, read_model, write_model
from genopraxis.tasks.phenotype.ranking import GeneIndex
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.examples import (
    CaseSet,
    Source,
    fold_of,
    group_of,
    library_of,
)

FOLDS = "folds"
_TOP = 100
_BENCHMARK_SOLVE_RATE = 0.999  # every case of a benchmark has a diagnosis


def save_fold(model: Model, folder: Path, *, fold: int) -> None:
    """Write the model of a fold below ``folder``."""
    own = folder / FOLDS / str(fold)
    own.mkdir(parents=True, exist_ok=True)
    write_model(model, own, version=RankerTool.card.version)


def check_folds(folder: Path, folds: int) -> None:
    """Refuse another number of folds than in training: cases would go to tools that were trained on them.

    Raises
    ------
    InputError
        When the folder holds the models of more or fewer folds.
    """
    found = sorted(one.parent.name for one in (folder / FOLDS).glob(f"*/{WEIGHTS}"))
    if found != sorted(str(fold) for fold in range(folds)):
        raise InputError(
            f"holds the models of {len(found)} folds, not of {folds}",
            where=str(folder / FOLDS),
            hint="give --folds as in training",
        )


def load_fold(folder: Path, *, fold: int, folds: int) -> Model:
    """Read the model of a fold, as :func:`save_fold` wrote it.

    Parameters
    ----------
    folds
        How many folds there were in training.

    Raises
    ------
    InputError
        When the models are not those of so many folds, or one is damaged.
    """
    check_folds(folder, folds)
    return read_model(folder / FOLDS / str(fold))


def rank_held_out(
    model: Model,
    source: Source,
    found: CaseSet,
    *,
    cases: Sequence[PreparedCase] | None = None,
    added: CaseLibrary | None = None,
) -> pl.DataFrame:
    """Rank the held-out cases of a fold, each with its own publication taken out, as a ranking table.

    Parameters
    ----------
    cases
        The cases of ``found``, perhaps perturbed; by default as they are.
    added
        Cases of a clinic's own, on top of the fold's library.
    """
    library = library_of(source)
    knowledge = with_library(found.knowledge, library if added is None else library.plus(added))
    ranker = RankerTool(model, solve_rate=_BENCHMARK_SOLVE_RATE).prepare(knowledge)
    genes, answers = GeneIndex(knowledge.diseases), Answers(knowledge.diseases, top=_TOP)
    last, patched = None, ranker
    for one, patient in patients(found.cases if cases is None else cases):
        group = group_of(one)
        if fold_of(group, source.folds) != source.held_out or not patient.query.observed:
            continue
        if group != last:
            known = knowledge_in(PUBLICATION_OUT, patient.in_knowledge, knowledge, patient.counts)
            last, patched = group, ranker if known is knowledge else ranker.on(known)
        scores = patched.rank(patient.query)
        answers.add(one.case, scores, genes.score(scores))
    return answers.predictions()
