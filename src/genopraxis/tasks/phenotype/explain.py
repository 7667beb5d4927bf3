"""Words for the contribution of each sign: which annotation explains it, how often, who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from genopraxis.formats.hpoa import FREQUENCY_TERMS
from genopraxis.knowledge.annotations import Frequency, Rows
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import group_rows, present_rows
from genopraxis.tasks.phenotype.task import Relation, SignContribution

_WORDS = {
    "HP:0040280": "always (100 %)",
    "HP:0040281": "very frequent (80–99 %)",
    "HP:0040282": "frequent (30–79 %)",
    "HP:0040283": "occasional (5–29 %)",
    "HP:0040284": "very rare (1–4 %)",
    "HP:0040285": "excluded (0 %)",
}
_BY_FRACTION = {round(FREQUENCY_TERMS[term_id], 4): words for term_id, words in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class Match:
    """What a tool made of one sign for one disease.

    Parameters
    ----------
    value
        log10 likelihood ratio, as it counts.
    annotated
        The annotated term that it was matched with, ``None`` when there is none.
    via
        The common ancestor through which the match went.
    """

    value: float
    annotated: int | None
    via: int | None


def explain_group(
    knowledge: HpoKnowledge,
    group: int,
    *,
    observed: Mapping[int, Match],
    excluded: Mapping[int, Match],
    habit: bool = True,
) -> list[SignContribution]:
    """Describe what each sign contributed to one group of linked diseases.

    Parameters
    ----------
    observed, excluded
        Term number → what the tool made of it.
    habit
        Whether an absence can speak for a disease because somebody looked for the sign.
    """
    rows = group_rows(knowledge, group)
    return [
        *(_observed(knowledge, rows, term, match) for term, match in observed.items()),
        *(_excluded(knowledge, rows, term, match, habit=habit) for term, match in excluded.items()),
    ]


def frequency_words(rows: Rows) -> str:
    """Put the annotated frequency of one term into words: pooled counts, stated frequencies, or both."""
    rows = rows[~rows["negated"]]
    if not len(rows):
        return "stated not to occur"
    said = []
    counts = rows[rows["kind"] == Frequency.COUNTS]
    if len(counts):
        said.append(f"{int(counts['numerator'].sum())}/{int(counts['denominator'].sum())} patients")
    stated = rows[rows["kind"] == Frequency.FRACTION]
    if len(stated):
        fraction = float(stated["fraction"].max())
        said.append(_BY_FRACTION.get(round(fraction, 4), f"{100 * fraction:.0f} %"))
    return "; ".join(said) or "frequency not stated"


def _observed(knowledge: HpoKnowledge, rows: Rows, term: int, match: Match) -> SignContribution:
    ontology, labels = knowledge.ontology, knowledge.ontology.labels
    label, own = labels[term], rows[rows["term"] == term]
    said = frequency_words(own)
    if match.annotated is None and len(own):
        sentence = f"{label} was looked for and not seen: {said}."
        return _part("observed", term, match, own, "exact", term, said, sentence)
    if match.annotated is None:
        return _part(
            "observed", term, match, own, "none", None, None, f"{label} is not a known sign of this disease."
        )
    shown = rows[rows["term"] == match.annotated]
    words, known = frequency_words(shown), labels[match.annotated]
    relation: Relation
    if match.annotated == term:
        relation, sentence = "exact", f"{label} is a known sign: {words}."
    elif term in ontology.ancestors(match.annotated):
        relation, sentence = (
            "more_general_than_annotated",
            f"{label} includes {known}, a known sign: {words}.",
        )
    elif match.annotated in ontology.ancestors(term):
        relation, sentence = (
            "more_specific_than_annotated",
            f"{label} is a kind of {known}, a known sign: {words}.",
        )
        if len(present_rows(own)):
            sentence = f"{label} is a known sign ({said}); {known}, which includes it ({words}), weighs more."
    else:
        shared = f", both kinds of {labels[match.via]}" if match.via is not None else ""
        relation = "related"
        itself = f"was looked for and not seen ({said})" if len(own) else "is not described"
        sentence = f"{label} itself {itself}; the nearest known sign is {known} ({words}){shared}."
        if len(present_rows(own)):
            sentence = f"{label} is a known sign ({said}); {known} ({words}){shared}, weighs more."
    return _part("observed", term, match, shown, relation, match.annotated, words, sentence)


def _excluded(
    knowledge: HpoKnowledge, rows: Rows, term: int, match: Match, *, habit: bool
) -> SignContribution:
    label = knowledge.ontology.labels[term]
    if match.annotated is None:
        sentence = f"{label} was looked for and is absent; the disease is not known to show it."
        return _part("excluded", term, match, rows[:0], "none", None, None, sentence)
    shown = rows[rows["term"] == match.annotated]
    words = frequency_words(shown)
    exact = match.annotated == term
    named = label if exact else f"{label} (as {knowledge.ontology.labels[match.annotated]})"
    if not len(present_rows(shown)):
        sentence = f"{named} was looked for in this disease and not seen ({words}); absent here too."
    elif match.value < 0 or not habit:
        sentence = f"{named} is described in this disease ({words}) and is absent here."
    else:
        sentence = (
            f"{named} is described in this disease ({words}); absent here, which does not speak against it."
        )
    if match.value > 0 and not habit:
        sentence += " Other leading candidates show the sign more often."
    elif match.value > 0:
        sentence += " It counts because somebody looked for it: a habit of recording, not a finding."
    relation: Relation = "exact" if exact else "more_general_than_annotated"
    return _part("excluded", term, match, shown, relation, match.annotated, words, sentence)


def _part(
    kind: str,
    term: int,
    match: Match,
    rows: Rows,
    relation: Relation,
    annotated: int | None,
    frequency: str | None,
    sentence: str,
) -> SignContribution:
    return SignContribution(
        kind="observed" if kind == "observed" else "excluded",
        term=term,
        log10_likelihood_ratio=match.value,
        sentence=sentence,
        relation=relation,
        annotated=annotated,
        frequency=frequency,
        rows=tuple(np.unique(rows["row"]).tolist()),
    )
