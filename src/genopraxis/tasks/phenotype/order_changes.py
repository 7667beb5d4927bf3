"""What would change the order: which sign, taken away or found, puts another disease first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from genopraxis.knowledge.ontology import Ontology
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.task import PhenotypeRanker

What = Literal["without", "present", "absent"]
"""A sign of the patient is not there; a sign not yet mentioned is found; it is looked for and not found."""

_SIGNS = 20  # each costs one ranking


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of the query after which another disease is first.

    Parameters
    ----------
    term
        The sign.
    first
        Group number of the disease that is first then.
    """

    what: What
    term: int
    first: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderChanges:
    """What would take the first place away from the first candidate.

    Parameters
    ----------
    first, runner_up
        Group numbers of the first two candidates.
    signs, findings
        How many signs of the patient, and how many signs not yet mentioned, were tried.
    """

    first: int
    runner_up: int
    signs: int
    findings: int
    changes: tuple[Change, ...]


def order_changes(
    ranker: PhenotypeRanker,
    query: Query,
    scores: DiseaseScores,
    *,
    findings: Sequence[int] = (),
    absences: bool = True,
) -> OrderChanges | None:
    """Rank again without each sign, and with each of some findings.

    Parameters
    ----------
    scores
        What the ranker said to the query.
    findings
        Signs of which the query says nothing; each is tried as present and as absent.
    absences
        Whether absences count; else no finding is tried as absent.

    Returns
    -------
    OrderChanges or None
        ``None`` when there is no second candidate, or the first two are level. Of more than twenty signs, those that
        speak most for the first candidate against the second are tried.
    """
    diseases = ranker.knowledge.diseases
    leading = scores.best_of_places(diseases, 2).tolist()
    places = scores.by_place(diseases)
    if len(leading) < 2 or places[diseases.place[leading[0]]] <= places[diseases.place[leading[1]]]:
        return None
    first, runner_up = leading
    own = _by_advantage(ranker, query, first, runner_up)
    # without an observed sign there is nothing to rank
    own = [t for t in own if len(query.observed) > 1 or t not in query.observed][:_SIGNS]
    ontology = ranker.knowledge.ontology
    tried: list[tuple[What, int, Query]] = [("without", term, _without(query, term)) for term in own]
    for term in findings:
        tried.append(("present", term, _present(query, term, ontology)))
        if absences:
            tried.append(("absent", term, _absent(query, term, ontology)))
    changes = []
    for what, term, changed in tried:
        again = ranker.rank(changed)
        values = again.by_place(diseases)
        if values.max() > values[diseases.place[first]]:
            now = int(again.best_of_places(diseases, 1)[0])
            changes.append(Change(what=what, term=term, first=now))
    return OrderChanges(
        first=first, runner_up=runner_up, signs=len(own), findings=len(findings), changes=tuple(changes)
    )


def first_without_absences(ranker: PhenotypeRanker, query: Query) -> tuple[int, int] | None:
    """Tell which disease is first without the absences of a patient, and when they are read as a checklist.

    Returns
    -------
    tuple or None
        Group numbers; ``None`` where absences say nothing by being mentioned.
    """
    if not query.excluded or query.exclusions != "selected":
        return None
    diseases = ranker.knowledge.diseases
    without = ranker.rank(replace(query, excluded=())).best_of_places(diseases, 1)
    checklist = ranker.rank(replace(query, exclusions="systematic")).best_of_places(diseases, 1)
    return (int(without[0]), int(checklist[0])) if len(without) and len(checklist) else None


def _by_advantage(ranker: PhenotypeRanker, query: Query, first: int, runner_up: int) -> list[int]:
    """Return the signs, first those that speak most for one disease against another; as given if nobody can say."""
    advantage = dict.fromkeys((*query.observed, *query.excluded), 0.0)
    for group, side in ((first, 1), (runner_up, -1)):
        for part in ranker.explain(query, group):
            if part.term in advantage:
                advantage[part.term] += side * part.log10_likelihood_ratio
    return sorted(advantage, key=lambda term: -advantage[term])


def _without(query: Query, term: int) -> Query:
    return replace(
        query,
        observed=tuple(t for t in query.observed if t != term),
        excluded=tuple(t for t in query.excluded if t != term),
    )


def _present(query: Query, term: int, ontology: Ontology) -> Query:
    """Add a finding; a general sign that it implies counts no longer, as for any patient."""
    above = set(ontology.ancestors(term).tolist())
    return replace(query, observed=(*(t for t in query.observed if t not in above), term))


def _absent(query: Query, term: int, ontology: Ontology) -> Query:
    below = {t for t in query.excluded if term in ontology.ancestors(t)}
    return replace(query, excluded=(*(t for t in query.excluded if t not in below), term))
