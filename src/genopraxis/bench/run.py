"""Run phenotype tools over a dataset in one or more regimes: rank of the truth and first candidates per case."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.bench.dataset import RankingDataset
from genopraxis.bench.notices import run_notices
from genopraxis.bench.prepare import PreparedCase, prepare_dataset, strata_of
from genopraxis.bench.publications import PublicationCounts
from genopraxis.bench.regimes import Regime, replaced_rows
from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import PluginError
from genopraxis.contracts.scorecard import Notice, Timing
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import load_release
from genopraxis.plugins import load_tool
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneIndex, GeneScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool

_CHUNK = 200


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """Everything a run leaves: ranks, strata, timing and notices."""

    ranks: pl.DataFrame
    strata: pl.DataFrame
    timing: tuple[Timing, ...]
    notices: tuple[Notice, ...]
    cards: tuple[ToolCard, ...]


@dataclass(frozen=True, kw_only=True)
class _Chunk:
    """Work for one call: whole publications, so that a ranker is patched once for each."""

    tool_id: str
    release: str
    regimes: tuple[Regime, ...]
    cases: tuple[PreparedCase, ...]
    counts: PublicationCounts


@dataclass(frozen=True, kw_only=True)
class _ChunkResult:
    rows: list[dict[str, Any]]
    seconds: dict[Regime, float]
    cases: int


def run_ranking(
    dataset: RankingDataset,
    *,
    tools: Sequence[str],
    regimes: Sequence[Regime],
    release: str,
    counts: Callable[[HpoKnowledge], PublicationCounts] | None = None,
    jobs: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> RunOutcome:
    """Run tools over a dataset.

    Parameters
    ----------
    tools
        Ids of installed tools.
    regimes
        What to take out of the knowledge before each case.
    release
        Name of the knowledge release.
    counts
        Publication counts from elsewhere, where the dataset holds only a part of each publication's patients.
    jobs
        Number of processes.
    advance
        Called with the number of cases done, for a progress bar.
    """
    knowledge = load_release(release).knowledge
    prepared, publication_counts = prepare_dataset(dataset, knowledge)
    if counts:
        publication_counts = counts(knowledge)
    chunks = [
        _Chunk(tool_id=tool, release=release, regimes=tuple(regimes), cases=part, counts=publication_counts)
        for tool in tools
        for part in _chunks(prepared)
    ]
    rows: list[dict[str, Any]] = []
    seconds: defaultdict[tuple[str, Regime], float] = defaultdict(float)
    for chunk, result in zip(chunks, map_ordered(_rank_chunk, chunks, jobs=jobs), strict=True):
        rows += result.rows
        for regime, spent in result.seconds.items():
            seconds[chunk.tool_id, regime] += spent
        advance(result.cases)
    timing = tuple(
        Timing(
            tool=tool,
            regime=regime,
            cases=len(prepared),
            seconds=spent,
            cases_per_second=len(prepared) / spent,
        )
        for (tool, regime), spent in seconds.items()
    )
    return RunOutcome(
        ranks=pl.DataFrame(rows, schema=CASE_RANKS.schema),
        strata=strata_of(prepared, knowledge, publication_counts),
        timing=timing,
        notices=run_notices(dataset, prepared, knowledge, publication_counts, regimes),
        cards=tuple(_tool(tool).card for tool in tools),
    )


def _chunks(prepared: list[PreparedCase]) -> list[tuple[PreparedCase, ...]]:
    chunks: list[tuple[PreparedCase, ...]] = []
    waiting: list[PreparedCase] = []
    for _, together in groupby(prepared, key=lambda p: p.case.publication):
        waiting += together
        if len(waiting) >= _CHUNK:
            chunks.append(tuple(waiting))
            waiting = []
    return [*chunks, tuple(waiting)] if waiting else chunks


def _tool(tool_id: str) -> PhenotypeTool:
    tool = load_tool(tool_id)
    if not isinstance(tool, PhenotypeTool):
        raise PluginError(f"{tool_id} is not a tool of the phenotype task")
    return tool


@lru_cache(maxsize=4)
def _ready(tool_id: str, release: str) -> tuple[PhenotypeRanker, GeneIndex]:
    """One ranker a process: preparing it again for each chunk would cost more than ranking."""
    knowledge = load_release(release).knowledge
    return _tool(tool_id).prepare(knowledge), GeneIndex(knowledge.diseases)


def _rank_chunk(chunk: _Chunk) -> _ChunkResult:
    ranker, genes = _ready(chunk.tool_id, chunk.release)
    rows: list[dict[str, Any]] = []
    seconds: dict[Regime, float] = {}
    for regime in chunk.regimes:
        spent = 0.0
        for _, together in groupby(chunk.cases, key=lambda p: p.case.publication):
            patched: PhenotypeRanker | None = None
            for prepared in together:
                started = time.perf_counter()
                if patched is None or regime == "case-out":
                    patched = _patch(ranker, regime, prepared, chunk.counts)
                scores = patched.rank(prepared.query) if prepared.query.observed else None
                gene_scores = genes.score(scores) if scores is not None else None
                spent += time.perf_counter() - started
                rows += _case_rows(prepared, regime, ranker, scores, gene_scores)
        seconds[regime] = spent
    return _ChunkResult(rows=rows, seconds=seconds, cases=len(chunk.cases) * len(chunk.regimes))


def _patch(
    ranker: PhenotypeRanker, regime: Regime, prepared: PreparedCase, counts: PublicationCounts
) -> PhenotypeRanker:
    replaced = replaced_rows(regime, prepared.in_knowledge, ranker.knowledge, counts)
    return ranker.on(ranker.knowledge.with_replaced(replaced)) if replaced else ranker


def _case_rows(
    prepared: PreparedCase,
    regime: Regime,
    ranker: PhenotypeRanker,
    scores: DiseaseScores | None,
    genes: GeneScores | None,
) -> list[dict[str, Any]]:
    card, truth, diseases = ranker.tool.card, prepared.case.truth, ranker.knowledge.diseases
    shared = {
        "tool": card.id,
        "version": card.version,
        "regime": regime,
        "case_id": prepared.case.patient.case_id,
        "publication": prepared.case.publication,
    }
    rows: list[dict[str, Any]] = []
    if truth.disease_ids:
        row: dict[str, Any] = {"level": "disease", "truth_ids": list(truth.disease_ids)}
        if scores is not None:
            best = scores.best(TOP)
            names = [diseases.ids[diseases.members[group][0]] for group in best.tolist()]
            ranks = [scores.rank_of(disease_id, diseases) for disease_id in truth.disease_ids]
            row |= _answer(ranks, scores.candidates, names, scores.score[best], _of(scores.probability, best))
        rows.append(shared | _NO_ANSWER | row)
    if truth.genes:
        row = {"level": "gene", "truth_ids": list(truth.genes)}
        if genes is not None:
            best = genes.best(TOP)
            names = [genes.symbols[gene] for gene in best.tolist()]
            ranks = [genes.rank_of(symbol) for symbol in truth.genes]
            row |= _answer(ranks, len(genes.symbols), names, genes.score[best], _of(genes.probability, best))
        rows.append(shared | _NO_ANSWER | row)
    return rows


_NO_ANSWER: dict[str, Any] = {"rank": None, "candidates": 0, "top": []}


def _of(values: NDArray[np.float64] | None, places: NDArray[np.intp]) -> list[float | None]:
    return [None] * len(places) if values is None else values[places].tolist()


def _answer(
    ranks: list[float | None],
    candidates: int,
    names: list[str],
    scores: NDArray[np.float64],
    probabilities: list[float | None],
) -> dict[str, Any]:
    top = [
        {"candidate_id": name, "score": score, "probability": probability}
        for name, score, probability in zip(names, scores.tolist(), probabilities, strict=True)
    ]
    return {
        "rank": min((r for r in ranks if r is not None), default=None),
        "candidates": candidates,
        "top": top,
    }
