"""Benchmark cases made ready: queries against a release, publication counts, strata."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from genopraxis.bench.dataset import BenchCase, RankingDataset
from genopraxis.bench.publications import Contribution, PublicationCounts
from genopraxis.bench.regimes import CaseInKnowledge, replaced_rows
from genopraxis.bench.strata import case_strata
from genopraxis.contracts.patient import Repair
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import group_rows
from genopraxis.tasks.phenotype.query import Query, prepare_query


@dataclass(frozen=True, kw_only=True)
class PreparedCase:
    """A benchmark case, its query, and what was repaired to make it."""

    case: BenchCase
    query: Query
    repairs: tuple[Repair, ...]

    @property
    def in_knowledge(self) -> CaseInKnowledge:
        """The case as it may have entered the knowledge."""
        return CaseInKnowledge(
            publication=self.case.publication,
            disease_ids=self.case.truth.disease_ids,
            observed=self.query.observed,
            excluded=self.query.excluded,
        )


def prepare_dataset(
    dataset: RankingDataset, knowledge: HpoKnowledge
) -> tuple[list[PreparedCase], PublicationCounts]:
    """Resolve the terms of every case, and count what each publication's patients contributed.

    Returns
    -------
    tuple
        The cases, those of one publication together, and the counts over all of them.
    """
    prepared = []
    for case in dataset.cases:
        # published cases are named after their publication, which annotations cite: no tool sees the name
        made = prepare_query(replace(case.patient, case_id="case"), knowledge.ontology, unknown="drop")
        prepared.append(PreparedCase(case=case, query=made.query, repairs=made.repairs))
    prepared.sort(key=lambda p: p.case.publication or "")
    counts = PublicationCounts.of(
        Contribution(
            publication=p.case.publication,
            disease_ids=p.case.truth.disease_ids,
            observed=p.query.observed,
            excluded=p.query.excluded,
        )
        for p in prepared
    )
    return prepared, counts


def strata_of(
    prepared: list[PreparedCase], knowledge: HpoKnowledge, counts: PublicationCounts
) -> pl.DataFrame:
    """Return the strata of each case; whether any knowledge is left without its publication is one of them."""
    left: dict[tuple[str | None, tuple[str, ...]], bool] = {}
    rows: list[tuple[BenchCase, int, bool | None]] = []
    for p in prepared:
        key = (p.case.publication, p.case.truth.disease_ids)
        if key not in left:
            rest = knowledge.with_replaced(
                replaced_rows("publication-out", p.in_knowledge, knowledge, counts)
            )
            numbers = [knowledge.diseases.number[d] for d in key[1] if d in knowledge.diseases.number]
            left[key] = any(len(group_rows(rest, int(knowledge.diseases.group[d]))) for d in numbers)
        rows.append((p.case, len(p.query.observed), left[key]))
    return case_strata(rows, knowledge)
