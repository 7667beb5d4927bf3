"""The bench port of the phenotype task."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from genopraxis.contracts.errors import PluginError
from genopraxis.contracts.leakage import LeakReport
from genopraxis.contracts.ranking_bench import (
    PerturbationKind,
    PreparedCase,
    PreparedDataset,
    RankedCases,
    RankingDataset,
)
from genopraxis.contracts.scorecard import Notice, Perturbation, Regime
from genopraxis.contracts.tool import Tool
from genopraxis.formats.case_subset import lines_of_cases
from genopraxis.knowledge.publication_counts import PublicationCounts
from genopraxis.tasks.phenotype.bench.answers import Answers
from genopraxis.tasks.phenotype.bench.cases import read_cases
from genopraxis.tasks.phenotype.bench.leaks import find_leaks
from genopraxis.tasks.phenotype.bench.loaded import LoadedKnowledge, load_once
from genopraxis.tasks.phenotype.bench.notices import leak_notices, run_notices
from genopraxis.tasks.phenotype.bench.perturb import PERTURBATIONS
from genopraxis.tasks.phenotype.bench.prepare import PreparedPatient, patients, prepare_cases
from genopraxis.tasks.phenotype.bench.regimes import CASE_OUT, REGIMES, knowledge_in
from genopraxis.tasks.phenotype.bench.strata import case_strata
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool


@dataclass(frozen=True, kw_only=True)
class _ReadyTool:
    ranker: PhenotypeRanker
    loaded: LoadedKnowledge


class PhenotypeBench:
    """Runs phenotype tools for :mod:`genopraxis.bench`; has no state of its own."""

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """``full``, ``case-out`` and ``publication-out``."""
        return REGIMES

    @property
    def perturbations(self) -> tuple[PerturbationKind, ...]:
        """``keep``, ``imprecise``, ``noise`` and ``hide_excluded``, applied in this order."""
        return PERTURBATIONS

    def read(self, paths: Sequence[str], *, name: str) -> RankingDataset:
        """Read a case-per-line file, a folder of phenopackets, or several phenopackets."""
        return read_cases(paths, name=name)

    def prepare(
        self,
        dataset: RankingDataset,
        *,
        knowledge: str,
        counts: str | None,
        perturbations: Sequence[Perturbation] = (),
        seed: int = 0,
    ) -> PreparedDataset:
        """Resolve the terms of every case; ``counts`` is a table of what whole publications contributed."""
        loaded = load_once(knowledge).knowledge
        given = None if counts is None else PublicationCounts.read(counts, loaded.ontology)
        cases, found = prepare_cases(dataset, loaded, counts=given, perturbations=perturbations, seed=seed)
        return PreparedDataset(
            cases=cases,
            dataset=dataset,
            knowledge=knowledge,
            releases=loaded.releases,
            content=found,
            perturbations=tuple(perturbations),
            seed=seed if perturbations else None,
        )

    def ready(self, tool: Tool, *, knowledge: str) -> _ReadyTool:
        """Prepare a tool on the release, which is loaded once a process for all tools."""
        if not isinstance(tool, PhenotypeTool):
            raise PluginError(f"{tool.card.id} is not a tool of the phenotype task")
        loaded = load_once(knowledge)
        return _ReadyTool(ranker=tool.prepare(loaded.knowledge), loaded=loaded)

    def rank(self, ready: Any, cases: Sequence[PreparedCase], *, regime: str, top: int) -> RankedCases:
        """Rank cases; a ranker is patched once for each publication, in ``case-out`` for each case."""
        made: _ReadyTool = ready
        answers = Answers(made.loaded.knowledge.diseases, top=top)
        spent = 0.0
        for _, together in groupby(patients(cases), key=lambda pair: pair[0].case.group):
            patched: PhenotypeRanker | None = None
            for one, patient in together:
                if not patient.query.observed:
                    continue
                started = time.perf_counter()
                if patched is None or regime == CASE_OUT:
                    patched = _patch(made.ranker, regime, patient)
                scores = patched.rank(patient.query)
                genes = made.loaded.genes.score(scores)
                spent += time.perf_counter() - started
                answers.add(one.case, scores, genes)
        return RankedCases(predictions=answers.predictions(), candidates=answers.candidates(), seconds=spent)

    def strata(self, prepared: PreparedDataset) -> pl.DataFrame:
        """Return leak, annotation, number of terms, sex, age and time of each case."""
        return case_strata(prepared, load_once(prepared.knowledge).knowledge)

    def notices(self, prepared: PreparedDataset, *, regimes: Sequence[str]) -> tuple[Notice, ...]:
        """Return repairs, misses by construction and incomplete publications."""
        loaded = load_once(prepared.knowledge).knowledge
        return run_notices(prepared, loaded, prepared.content, regimes=regimes)

    def contributions(self, prepared: PreparedDataset) -> pl.DataFrame:
        """Return what each publication's patients contributed."""
        counts: PublicationCounts = prepared.content
        return counts.table(load_once(prepared.knowledge).knowledge.ontology)

    def leaks(self, prepared: PreparedDataset, *, tools: Sequence[Tool]) -> LeakReport:
        """Look for cases that the annotations, the dataset itself or the training of a tool knows already."""
        loaded = load_once(prepared.knowledge).knowledge
        counts: PublicationCounts = prepared.content
        return find_leaks(
            prepared, loaded, counts, tools=tools, notices=leak_notices(prepared, loaded, counts)
        )

    def excerpt(self, path: str, case_ids: Collection[str]) -> Iterator[bytes] | None:
        """Yield the lines of these cases; ``None`` for a folder of phenopackets."""
        return lines_of_cases(path, case_ids) if Path(path).is_file() else None


def _patch(ranker: PhenotypeRanker, regime: str, patient: PreparedPatient) -> PhenotypeRanker:
    found = knowledge_in(regime, patient.in_knowledge, ranker.knowledge, patient.counts)
    return ranker if found is ranker.knowledge else ranker.on(found)
