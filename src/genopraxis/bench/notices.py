"""What a reader of a scorecard must know: repairs, misses by construction, incomplete publications."""

from __future__ import annotations

from collections.abc import Sequence

from genopraxis.bench.dataset import RankingDataset
from genopraxis.bench.prepare import PreparedCase
from genopraxis.bench.publications import PublicationCounts
from genopraxis.bench.regimes import Regime, incomplete
from genopraxis.contracts.scorecard import Notice
from genopraxis.knowledge.hpo import HpoKnowledge

_NAMED = 50  # a notice lists so many case ids at most

_TWINS = Notice(
    code="twins",
    message="A hit is the truth's own id. Entries of other catalogues that the knowledge links to it, by name and "
    "gene, share one place in a built-in tool's list, so they neither push it down nor count in its stead.",
    n=0,
)


def run_notices(
    dataset: RankingDataset,
    prepared: list[PreparedCase],
    knowledge: HpoKnowledge,
    counts: PublicationCounts,
    regimes: Sequence[Regime],
) -> tuple[Notice, ...]:
    """Return everything worth telling about a run, repairs counted by kind."""
    return (
        _TWINS,
        *_repairs(dataset, prepared),
        *_misses(prepared, knowledge),
        *(_publications(prepared, knowledge, counts) if set(regimes) - {"full"} else ()),
    )


def _repairs(dataset: RankingDataset, prepared: list[PreparedCase]) -> list[Notice]:
    found: dict[str, list[str]] = {}
    for repair in dataset.repairs:
        found.setdefault(repair.code, []).append(repair.subject)
    for p in prepared:
        for repair in p.repairs:
            found.setdefault(repair.code, []).append(p.case.patient.case_id)
    notices = []
    for code, subjects in sorted(found.items()):
        cases = list(dict.fromkeys(subjects))
        notices.append(
            _notice(
                code, f"Repaired: {code.replace('_', ' ')} in {len(cases)} case(s).", cases, n=len(subjects)
            )
        )
    return notices


def _misses(prepared: list[PreparedCase], knowledge: HpoKnowledge) -> list[Notice]:
    silent = [p.case.patient.case_id for p in prepared if not p.query.observed]
    absent = [
        p.case.patient.case_id
        for p in prepared
        if p.case.truth.disease_ids
        and not any(d in knowledge.diseases.number for d in p.case.truth.disease_ids)
    ]
    notices = [
        _notice("no_phenotype", "No observed term is left; these cases count as misses.", silent),
        _notice(
            "disease_not_a_candidate",
            "The disease has no annotation in this release; these cases count as misses.",
            absent,
        ),
    ]
    return [notice for notice in notices if notice.n]


def _publications(
    prepared: list[PreparedCase], knowledge: HpoKnowledge, counts: PublicationCounts
) -> list[Notice]:
    unstated = [p.case.patient.case_id for p in prepared if p.case.publication is None]
    pairs = sorted(
        {(p.case.publication, d) for p in prepared if p.case.publication for d in p.case.truth.disease_ids}
    )
    partial = {pub: None for pub, disease_id in pairs if incomplete(pub, disease_id, knowledge, counts)}
    cases = [p.case.patient.case_id for p in prepared if p.case.publication in partial]
    notices = [
        _notice(
            "publication_not_stated",
            "No publication is stated: nothing could be taken out for these cases.",
            unstated,
        ),
        Notice(
            code="publication_incomplete",
            message="The annotations hold more patients of these publications than the case file does, so pooled rows "
            "may keep some of their counts. Where the file is a subset, give the full counts with --publications.",
            n=len(cases),
            cases=tuple(partial),
        ),
    ]
    return [notice for notice in notices if notice.n]


def _notice(code: str, message: str, cases: list[str], *, n: int | None = None) -> Notice:
    return Notice(code=code, message=message, n=len(cases) if n is None else n, cases=tuple(cases[:_NAMED]))
