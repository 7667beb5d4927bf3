"""Rank held-out cases with the tool of their fold, which has neither weights nor library from them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.knowledge.case_library import CaseLibrary, with_library
from genopraxis.tasks.phenotype.bench.answers import Answers
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, knowledge_in
from genopraxis.tasks.phenotype.ranker_model import Model
from genopraxis.tasks.phenotype.ranking import GeneIndex
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.case_set import CaseSet, Source, fold_of, group_of, library_of

_TOP = 100
_BENCHMARK_SOLVE_RATE = 0.999  # every case of a benchmark has a diagnosis


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
