"""Run phenotype tools over a dataset in one or more regimes: rank of the truth and first candidates per case."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import polars as pl

from genopraxis.bench.dataset import BenchCase, RankingDataset
from genopraxis.bench.publications import Contribution, PublicationCounts
from genopraxis.bench.regimes import CaseInKnowledge, Regime, incomplete, replaced_rows
from genopraxis.bench.strata import case_strata
from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import PluginError
from genopraxis.contracts.patient import Repair
from genopraxis.contracts.scorecard import Notice, Timing
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import load_release
from genopraxis.plugins import load_tool
from genopraxis.tasks.phenotype.query import Query, prepare_query
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneIndex, GeneScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool

_NAMED = 50  # a notice lists so many case ids at most
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
class _Prepared:
    case: BenchCase
    query: Query
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, kw_only=True)
class _Chunk:
    """Work for one call: whole publications, so that a ranker is patched once for each."""

    tool_id: str
    release: str
    regimes: tuple[Regime, ...]
    cases: tuple[_Prepared, ...]
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
    prepared = _prepare(dataset, knowledge)
    publication_counts = counts(knowledge) if counts else PublicationCounts.of(map(_contribution, prepared))
    chunks = [
        _Chunk(tool_id=tool, release=release, regimes=tuple(regimes), cases=part, counts=publication_counts)
        for tool in tools
        for part in _chunks(prepared)
    ]
    rows: list[dict[str, Any]] = []
    seconds: Counter[tuple[str, Regime]] = Counter()
    for chunk, result in zip(chunks, map_ordered(_rank_chunk, chunks, jobs=jobs), strict=True):
        rows += result.rows
        for regime, spent in result.seconds.items():
            seconds[chunk.tool_id, regime] += spent  # type: ignore[assignment]
        advance(result.cases)
    timing = tuple(
        Timing(tool=tool, regime=regime, cases=len(prepared), seconds=spent, cases_per_second=len(prepared) / spent)
        for (tool, regime), spent in seconds.items()
    )
    return RunOutcome(
        ranks=pl.DataFrame(rows, schema=CASE_RANKS.schema),
        strata=case_strata(_for_strata(prepared, knowledge, publication_counts), knowledge),
        timing=timing,
        notices=_notices(dataset, prepared, knowledge, publication_counts, regimes),
        cards=tuple(_tool(tool).card for tool in tools),
    )


def _prepare(dataset: RankingDataset, knowledge: HpoKnowledge) -> list[_Prepared]:
    prepared = []
    for case in dataset.cases:
        made = prepare_query(case.patient, knowledge.ontology, unknown="drop")
        prepared.append(_Prepared(case=case, query=made.query, repairs=made.repairs))
    # cases of one publication stand together; the order within is that of the file
    return sorted(prepared, key=lambda p: p.case.publication or "")


def _contribution(prepared: _Prepared) -> Contribution:
    return Contribution(
        publication=prepared.case.publication,
        disease_ids=prepared.case.truth.disease_ids,
        observed=prepared.query.observed,
        excluded=prepared.query.excluded,
    )


def _chunks(prepared: list[_Prepared]) -> list[tuple[_Prepared, ...]]:
    chunks: list[tuple[_Prepared, ...]] = []
    waiting: list[_Prepared] = []
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
    ranker: PhenotypeRanker, regime: Regime, prepared: _Prepared, counts: PublicationCounts
) -> PhenotypeRanker:
    replaced = replaced_rows(regime, _as_known(prepared), ranker.knowledge, counts)
    return ranker.on(ranker.knowledge.with_replaced(replaced)) if replaced else ranker


def _as_known(prepared: _Prepared) -> CaseInKnowledge:
    return CaseInKnowledge(
        publication=prepared.case.publication,
        disease_ids=prepared.case.truth.disease_ids,
        observed=prepared.query.observed,
        excluded=prepared.query.excluded,
    )


def _case_rows(
    prepared: _Prepared,
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
    rows = []
    if truth.disease_ids:
        ranks = [scores.rank_of(d, diseases) for d in truth.disease_ids] if scores else []
        top = []
        for group in scores.best(TOP).tolist() if scores else []:
            probability = float(scores.probability[group]) if scores and scores.probability is not None else None
            top.append(
                {
                    "candidate_id": diseases.ids[diseases.members[group][0]],
                    "score": float(scores.score[group]) if scores else None,
                    "probability": probability,
                }
            )
        rows.append(
            shared
            | {
                "level": "disease",
                "truth_ids": list(truth.disease_ids),
                "rank": min((r for r in ranks if r is not None), default=None),
                "candidates": scores.candidates if scores else 0,
                "top": top,
            }
        )
    if truth.genes:
        ranks = [genes.rank_of(g) for g in truth.genes] if genes else []
        top = []
        for gene in genes.best(TOP).tolist() if genes else []:
            probability = float(genes.probability[gene]) if genes and genes.probability is not None else None
            top.append(
                {
                    "candidate_id": genes.symbols[gene] if genes else "",
                    "score": float(genes.score[gene]) if genes else None,
                    "probability": probability,
                }
            )
        rows.append(
            shared
            | {
                "level": "gene",
                "truth_ids": list(truth.genes),
                "rank": min((r for r in ranks if r is not None), default=None),
                "candidates": len(genes.symbols) if genes else 0,
                "top": top,
            }
        )
    return rows


def _for_strata(
    prepared: list[_Prepared], knowledge: HpoKnowledge, counts: PublicationCounts
) -> list[tuple[BenchCase, int, bool | None]]:
    from genopraxis.tasks.phenotype.frequencies import group_rows

    result: list[tuple[BenchCase, int, bool | None]] = []
    left: dict[tuple[str | None, tuple[str, ...]], bool] = {}
    for p in prepared:
        key = (p.case.publication, p.case.truth.disease_ids)
        if key not in left:
            patched = knowledge.with_replaced(replaced_rows("publication-out", _as_known(p), knowledge, counts))
            numbers = [knowledge.diseases.number[d] for d in key[1] if d in knowledge.diseases.number]
            left[key] = any(len(group_rows(patched, int(knowledge.diseases.group[d]))) for d in numbers)
        result.append((p.case, len(p.query.observed), left[key]))
    return result


def _notices(
    dataset: RankingDataset,
    prepared: list[_Prepared],
    knowledge: HpoKnowledge,
    counts: PublicationCounts,
    regimes: Sequence[Regime],
) -> tuple[Notice, ...]:
    notices = [
        Notice(
            code="twins",
            message="A hit is the truth's own id, or an entry of another catalogue that the knowledge links to it "
            "by name and gene: linked entries share one place in the list.",
            n=0,
        )
    ]
    found: dict[str, list[str]] = {}
    for repair in dataset.repairs:
        found.setdefault(repair.code, []).append(repair.subject)
    for p in prepared:
        for repair in p.repairs:
            found.setdefault(repair.code, []).append(p.case.patient.case_id)
    for code, subjects in sorted(found.items()):
        named = tuple(dict.fromkeys(subjects))
        message = f"{len(subjects)} repair(s) of kind {code} in {len(named)} case(s)"
        notices.append(Notice(code=code, message=message, n=len(subjects), cases=named[:_NAMED]))
    silent = [p.case.patient.case_id for p in prepared if not p.query.observed]
    if silent:
        notices.append(
            Notice(
                code="no_phenotype",
                message="No observed term is left; these cases count as misses.",
                n=len(silent),
                cases=tuple(silent[:_NAMED]),
            )
        )
    absent = [
        p.case.patient.case_id
        for p in prepared
        if p.case.truth.disease_ids and not any(d in knowledge.diseases.number for d in p.case.truth.disease_ids)
    ]
    if absent:
        notices.append(
            Notice(
                code="disease_not_a_candidate",
                message="The disease has no annotation in this release; these cases count as misses.",
                n=len(absent),
                cases=tuple(absent[:_NAMED]),
            )
        )
    if set(regimes) - {"full"}:
        unstated = [p.case.patient.case_id for p in prepared if p.case.publication is None]
        if unstated:
            notices.append(
                Notice(
                    code="publication_not_stated",
                    message="No publication is stated: nothing could be taken out for these cases.",
                    n=len(unstated),
                    cases=tuple(unstated[:_NAMED]),
                )
            )
        pairs = sorted({(p.case.publication, d) for p in prepared if p.case.publication for d in p.case.truth.disease_ids})
        partial = [f"{pub} {d}" for pub, d in pairs if pub and incomplete(pub, d, knowledge, counts)]
        if partial:
            notices.append(
                Notice(
                    code="publication_incomplete",
                    message="The annotations hold more patients of these publications than the case file: pooled "
                    "rows may keep some of their counts (give the full counts with --publications).",
                    n=len(partial),
                    cases=tuple(partial),
                )
            )
    return tuple(notices)
