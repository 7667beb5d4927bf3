"""What a reader of a scorecard must know: repairs, misses by construction, incomplete publications."""

from __future__ import annotations

from collections.abc import Sequence

from genopraxis.contracts.ranking_bench import PreparedDataset
from genopraxis.contracts.scorecard import Notice
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.perturb import HIDE_EXCLUDED, IMPRECISE, KEEP, NOISE
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.bench.regimes import FULL, incomplete
from genopraxis.tasks.phenotype.bench.strata import annotated

_NAMED = 50  # a notice lists so many cases or publications at most

_DONE = {KEEP: "left out", IMPRECISE: "made less precise", NOISE: "added", HIDE_EXCLUDED: "hidden"}

_TWINS = Notice(
    code="twins",
    message="A hit is the truth's own id. Entries of other catalogues that the knowledge links to it, by name and "
    "gene, share one place in a built-in tool's list, so they neither push it down nor count in its stead.",
    n=0,
)

_PERTURBED = Notice(
    code="perturbed",
    message='The tools saw changed cases. The stratum "terms" counts the observed terms that they saw; every other '
    "stratum, repairs, and what is taken out of the knowledge are those of the cases as they were published.",
    n=0,
)


def run_notices(
    prepared: PreparedDataset, knowledge: HpoKnowledge, counts: PublicationCounts, *, regimes: Sequence[str]
) -> tuple[Notice, ...]:
    """Return everything worth telling about a run, repairs counted by kind."""
    return (
        _TWINS,
        *_changes(prepared),
        *_repairs(prepared),
        *_misses(prepared, knowledge),
        *(_publications(prepared, knowledge, counts) if set(regimes) - {FULL} else ()),
    )


def leak_notices(
    prepared: PreparedDataset, knowledge: HpoKnowledge, counts: PublicationCounts
) -> tuple[Notice, ...]:
    """Return what a reader of a leak report must know: repairs, and publications of which the file is a part."""
    pairs = sorted(
        {
            (one.case.group, d)
            for one in prepared.cases
            if one.case.group
            for d in one.case.truths.get(DISEASE, ())
        }
    )
    partial = list(dict.fromkeys(pub for pub, d in pairs if incomplete(pub, d, knowledge, counts)))
    named = set(partial)
    touched = [one.case.case_id for one in prepared.cases if one.case.group in named]
    message = (
        "The annotations hold more patients of these publications than the case file does, so their counts cannot be "
        "equal. Where the file is a subset, give the full counts with --publications."
    )
    found = _notice("publication_incomplete", message, touched, publications=partial)
    return (*_repairs(prepared), *([found] if found.n else ()))


def _changes(prepared: PreparedDataset) -> list[Notice]:
    """Return what each perturbation did, and how the figures of such a run are to be read."""
    notices = []
    for one in prepared.perturbations:
        terms = {case.case.case_id: dict(made.changed)[one.name] for case, made in patients(prepared.cases)}
        cases = [case_id for case_id, n in terms.items() if n]
        message = f"{one.text}: {sum(terms.values()):,} term(s) {_DONE[one.name]} in {len(cases):,} case(s)."
        notices.append(_notice(f"perturbed.{one.name}", message, cases))
    return [*([_PERTURBED] if prepared.perturbations else []), *(notice for notice in notices if notice.n)]


def _repairs(prepared: PreparedDataset) -> list[Notice]:
    found: dict[str, list[str]] = {}
    for repair in prepared.dataset.repairs:
        found.setdefault(repair.code, []).append(repair.subject)
    for one in prepared.cases:
        for repair in one.repairs:
            found.setdefault(repair.code, []).append(one.case.case_id)
    notices = []
    for code, subjects in sorted(found.items()):
        cases = list(dict.fromkeys(subjects))
        message = f"Repaired: {code.replace('_', ' ')} in {len(cases)} case(s)."
        notices.append(_notice(code, message, cases, n=len(subjects)))
    return notices


def _misses(prepared: PreparedDataset, knowledge: HpoKnowledge) -> list[Notice]:
    silent = [one.case.case_id for one, made in patients(prepared.cases) if not made.query.observed]
    absent = [
        one.case.case_id
        for one in prepared.cases
        if DISEASE in one.case.truths and not annotated(one.case, knowledge)
    ]
    notices = [
        _notice("no_phenotype", "No observed term is left; these cases count as misses.", silent),
        _notice(
            "disease_not_a_candidate",
            "The disease has no annotation in this release; a tool that knows the annotations alone misses them.",
            absent,
        ),
    ]
    return [notice for notice in notices if notice.n]


def _publications(
    prepared: PreparedDataset, knowledge: HpoKnowledge, counts: PublicationCounts
) -> list[Notice]:
    cases = [one.case for one in prepared.cases]
    unstated = [case.case_id for case in cases if case.group is None]
    pairs = sorted({(case.group, d) for case in cases if case.group for d in case.truths.get(DISEASE, ())})
    partial = list(dict.fromkeys(pub for pub, d in pairs if incomplete(pub, d, knowledge, counts)))
    named = set(partial)
    touched = [case.case_id for case in cases if case.group in named]
    notices = [
        _notice(
            "publication_not_stated",
            "No publication is stated: nothing could be taken out for these cases.",
            unstated,
        ),
        _notice(
            "publication_incomplete",
            "The annotations hold more patients of these publications than the case file does, so pooled rows "
            "may keep some of their counts. Where the file is a subset, give the full counts with --publications.",
            touched,
            publications=partial,
        ),
    ]
    return [notice for notice in notices if notice.n]


def _notice(
    code: str, message: str, cases: list[str], *, publications: Sequence[str] = (), n: int | None = None
) -> Notice:
    return Notice(
        code=code,
        message=message,
        n=len(cases) if n is None else n,
        cases=tuple(cases[:_NAMED]),
        publications=tuple(publications[:_NAMED]),
        cut=max(len(cases), len(publications)) > _NAMED,
    )
