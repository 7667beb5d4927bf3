"""What a result says in words: its message, what the probabilities hold for, and its lines of evidence."""

from __future__ import annotations

from genopraxis.case.candidates import COMPARED
from genopraxis.case.result import Candidate, RepairNote
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.evidence import Direction, Evidence
from genopraxis.contracts.provenance import DataRelease
from genopraxis.render.numbers import percent
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores

_STANDS_OUT = (
    0.05  # a first candidate with a smaller share of what all have is no more than the first of many
)
_SPEAKS = 0.01  # log10 likelihood ratios nearer to zero say nothing


def message(
    candidates: tuple[Candidate, ...], query: Query, *, scores: DiseaseScores | None, too_little: str
) -> str:
    """Say in one sentence what came out.

    Parameters
    ----------
    scores
        What the tool said, ``None`` when nothing was ranked.
    too_little
        Why too little is known to name a disease; empty when enough is known or the tool cannot tell.
    """
    if not candidates:
        return "No phenotype given: there is no observed sign to rank diseases by."
    if too_little:
        return f"Too little is known of this patient to name a disease: {too_little}."
    first = candidates[0]
    given = f"{len(query.observed)} observed and {len(query.excluded)} excluded signs"
    # among the candidates, so that the sentence does not hang on the solve rate
    listed = 1 - (scores.not_listed or 0.0) - (scores.no_diagnosis or 0.0) if scores else 1.0
    level = first.posterior is not None and first.posterior < _STANDS_OUT * listed
    if level or (len(candidates) > 1 and candidates[1].rank == first.rank):
        return f"No disease stands out from {given}: the first candidates are nearly level."
    return f"First of the ranked diseases is {first.name} ({first.disease_id}), from {given}."


def absences_lead(
    candidates: tuple[Candidate, ...], without_absences: tuple[str, str] | None
) -> tuple[RepairNote, ...]:
    """Warn when the first candidate is first only for what was looked for and not found.

    Parameters
    ----------
    without_absences
        Names of what would be first without absences, and with them read as a checklist.
    """
    if not candidates or without_absences is None:
        return ()
    first, (without, checklist) = candidates[0], without_absences
    if without == first.name:
        return ()
    told = (
        f"{first.name} is first because of signs that were looked for and are absent; without them it would be "
        f"{without}. A sign that was looked for counts as a hint at a disease that is known for it. Where absences "
        f"come from a checklist, run again with --excluded systematic: then {checklist} is first."
    )
    return (RepairNote(code="absences_lead", message=told, subject=first.disease_id),)


def solve_rate_of(card: ToolCard) -> float | None:
    """Return the solve rate that a tool runs with, ``None`` where it has no such parameter."""
    found = card.parameters.get("solve_rate")
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def prior_statement(scores: DiseaseScores | None, card: ToolCard, *, solve_rate_local: bool) -> str:
    """Say what the probabilities hold for.

    Parameters
    ----------
    solve_rate_local
        Whether the user stated the solve rate; the card speaks of the default.
    """
    if scores is None or scores.probability is None:
        return "This tool gives no probability; read the ranks."
    rate = solve_rate_of(card)
    if rate is not None and solve_rate_local:
        holds = (
            f"The posterior holds for patients of whom {percent(rate, digits=0)} have a diagnosis that could be named: "
            "the solve rate that was stated for this run."
        )
    else:
        holds = card.probability or "The tool does not say what its probabilities hold for."
    return f"{holds} It was computed over {scores.candidates:,} diseases."


def evidence(
    candidates: tuple[Candidate, ...],
    card: ToolCard,
    *,
    releases: tuple[DataRelease, ...],
    likelihood_ratios: bool,
) -> tuple[Evidence, ...]:
    """Return one line for each sign and leading candidate.

    Parameters
    ----------
    likelihood_ratios
        Whether contributions are likelihood ratios. A weight of a learned model is none: its line has a direction
        and no value. What a disease weighs before any sign is no evidence about the patient, and has no line.
    """
    named = tuple(f"{r.name} {r.version}" for r in releases)
    return tuple(
        Evidence(
            subject_type="disease",
            subject_id=candidate.disease_id,
            code=f"phenotype.{part.kind}",
            direction=_direction(part.log10_likelihood_ratio),
            log10_likelihood_ratio=part.log10_likelihood_ratio if likelihood_ratios else None,
            tool_id=card.id,
            tool_version=card.version,
            releases=named,
            sentence=part.sentence,
        )
        for candidate in candidates[:COMPARED]
        for part in candidate.contributions
        if part.kind != "disease"
    )


def _direction(log10_ratio: float) -> Direction:
    if abs(log10_ratio) < _SPEAKS:
        return "neutral"
    return "supports" if log10_ratio > 0 else "disputes"
