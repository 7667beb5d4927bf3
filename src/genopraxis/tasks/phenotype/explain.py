"""Words for the contribution of each sign: which annotation explains it, how often, who says so."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from genopraxis.formats.hpoa import FREQUENCY_TERMS
from genopraxis.knowledge.annotations import Frequency, Rows
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import group_rows
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


def explain_group(
    knowledge: HpoKnowledge,
    group: int,
    *,
    observed: Mapping[int, float],
    excluded: Mapping[int, float],
    background: NDArray[np.float64],
) -> list[SignContribution]:
    """Describe what each sign contributed to one group of linked diseases.

    Parameters
    ----------
    observed, excluded
        Term number → log10 likelihood ratio.
    background
        Mean frequency of each term over all diseases: the rarer the shared term, the better it explains.
    """
    rows = group_rows(knowledge, group)
    parts = []
    for term, value in observed.items():
        relation, annotated = _closest(knowledge, rows, term, background)
        parts.append(_observed(knowledge, rows, term, value, relation, annotated))
    for term, value in excluded.items():
        parts.append(_excluded(knowledge, rows, term, value))
    return parts


def frequency_words(rows: Rows) -> str:
    """Put the annotated frequency of one term into words: pooled counts, or the HPO frequency term."""
    rows = rows[~rows["negated"]]
    if not len(rows):
        return "never"
    counts = rows[rows["kind"] == Frequency.COUNTS]
    if len(counts):
        return f"{int(counts['numerator'].sum())}/{int(counts['denominator'].sum())} patients"
    stated = rows[rows["kind"] == Frequency.FRACTION]
    if len(stated):
        fraction = float(stated["fraction"].max())
        return _BY_FRACTION.get(round(fraction, 4), f"{100 * fraction:.0f} %")
    return "frequency not stated"


def _closest(
    knowledge: HpoKnowledge, rows: Rows, term: int, background: NDArray[np.float64]
) -> tuple[Relation, int | None]:
    ontology = knowledge.ontology
    annotated = np.unique(rows["term"][~rows["negated"]])
    if term in annotated:
        return "exact", term
    above = set(ontology.ancestors(term).tolist())
    if more_general := [t for t in annotated.tolist() if t in above]:
        return "more_specific_than_annotated", min(more_general, key=lambda t: background[t])
    if below := [t for t in annotated.tolist() if term in ontology.ancestors(t)]:
        return "more_general_than_annotated", max(below, key=lambda t: background[t])
    best, shared = None, np.inf
    for t in annotated.tolist():
        common = [a for a in ontology.ancestors(t).tolist() if a in above]
        nearest = min((background[a] for a in common), default=np.inf)
        if nearest < shared:
            best, shared = t, nearest
    # sharing nothing rarer than a whole organ system explains nothing
    return ("related", best) if shared < 0.2 else ("none", None)


def _observed(
    knowledge: HpoKnowledge, rows: Rows, term: int, value: float, relation: Relation, annotated: int | None
) -> SignContribution:
    labels = knowledge.ontology.labels
    label = labels[term]
    if annotated is None:
        sentence = f"{label} is not a known sign of this disease."
        return SignContribution(kind="observed", term=term, log10_likelihood_ratio=value, sentence=sentence)
    own = rows[rows["term"] == annotated]
    words = frequency_words(own)
    sentence = {
        "exact": f"{label} is a known sign: {words}.",
        "more_specific_than_annotated": f"{label} is a kind of {labels[annotated]}, a known sign: {words}.",
        "more_general_than_annotated": f"{label} includes {labels[annotated]}, a known sign: {words}.",
        "related": f"{label} itself is not described; the nearest known sign is {labels[annotated]}: {words}.",
        "none": "",
    }[relation]
    return SignContribution(
        kind="observed",
        term=term,
        log10_likelihood_ratio=value,
        sentence=sentence,
        relation=relation,
        annotated=annotated,
        frequency=words,
        rows=tuple(own["row"].tolist()),
    )


def _excluded(knowledge: HpoKnowledge, rows: Rows, term: int, value: float) -> SignContribution:
    labels, ontology = knowledge.ontology.labels, knowledge.ontology
    label = labels[term]
    below = np.array([term in ontology.ancestors(t) for t in rows["term"].tolist()], dtype=np.bool_)
    own = rows[below] if len(rows) else rows
    if not len(own):
        sentence = f"{label} was looked for and is absent; the disease is not known to show it."
        return SignContribution(kind="excluded", term=term, log10_likelihood_ratio=value, sentence=sentence)
    exact = own[own["term"] == term]
    shown = exact if len(exact) else own[own["term"] == own["term"][0]]
    words = frequency_words(shown)
    named = label if len(exact) else f"{label} (as {labels[int(shown['term'][0])]})"
    sentence = (
        f"{named} is described in this disease ({words}), so it is a sign one looks for; here it is absent."
        if value >= 0
        else f"{named} is described in this disease ({words}) and is absent here."
    )
    return SignContribution(
        kind="excluded",
        term=term,
        log10_likelihood_ratio=value,
        sentence=sentence,
        relation="exact" if len(exact) else "more_general_than_annotated",
        annotated=int(shown["term"][0]),
        frequency=words,
        rows=tuple(shown["row"].tolist()),
    )
