"""What the ranker of each fold states of its held-out cases, solved and unsolved, told different solve rates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genopraxis.case.candidates import LEADING
from genopraxis.case.information import COMMON_SIGN, first_ten, judge
from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.diseases import Diseases
from genopraxis.tasks.phenotype.feature_names import FEATURES
from genopraxis.tasks.phenotype.features import Candidates
from genopraxis.tasks.phenotype.posterior import summary_of
from genopraxis.tasks.phenotype.ranker_model import Model
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.similar_diseases import DiseaseSimilarity
from genopraxis.tasks.phenotype.training.case_set import Source, case_set, library_of
from genopraxis.tasks.phenotype.training.examples import held_out_examples
from genopraxis.tasks.phenotype.training.records import Record, as_vague

_CONTENT = FEATURES.index("content_given")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is stated of one version of a case, and what is true.

    Parameters
    ----------
    told
        The solve rate that the posterior was told.
    share
        Share of the described diseases that show a sign of the case, as the geometric mean over its observed signs.
    informative
        Whether any observed sign is informative.
    enough
        Whether the report would not say that too little is known.
    said_first, said_first_ten, said_no_diagnosis
        Stated probabilities.
    is_first, is_first_ten, is_no_diagnosis
        What is true.
    """

    case: int
    record: Record
    group: str
    solved: bool
    told: float
    terms: int
    share: float
    informative: bool
    enough: bool
    said_first: float
    said_first_ten: float
    said_no_diagnosis: float
    is_first: bool
    is_first_ten: bool
    is_no_diagnosis: bool


def answers_of_fold(source: Source, model: Model, *, rates: Sequence[float], jobs: int) -> Iterator[Answer]:
    """Yield what the tool of a fold states of its held-out cases, both versions of each record, at every rate.

    A case without absences is published without them: it is in both of those records.
    """
    found = case_set(source.cases, source.knowledge)
    knowledge = with_library(found.knowledge, library_of(source))
    similarity, groups = DiseaseSimilarity(knowledge), found.groups
    for one in held_out_examples(source, jobs=jobs):
        case, ontology = found.cases[one.case], knowledge.ontology
        query = case.content.query
        both = one.record == "published" and not query.excluded
        records: tuple[Record, ...] = ("published", "without absences") if both else (one.record,)
        if one.record == "vague":
            query = as_vague(query, case_id=case.case.case_id, ontology=ontology)
        shares = [similarity.share_showing(term) for term in query.observed]
        right = one.candidates.groups[one.right]
        for version, is_solved in ((one.candidates, True), (one.unsolved, False)):
            if version is not None:
                for rate, stated in _posteriors(version, model, knowledge.diseases, rates=rates):
                    answer = _answer(
                        stated,
                        knowledge.diseases,
                        right=right[:0] if not is_solved else right,
                        shares=shares,
                        content=_content(version, shares),
                        case=one.case,
                        group=groups[one.case],
                        solved=is_solved,
                        rate=rate,
                        record=one.record,
                    )
                    yield from (replace(answer, record=record) for record in records)


def _posteriors(
    version: Candidates, model: Model, diseases: Diseases, *, rates: Iterable[float]
) -> Iterator[tuple[float, DiseaseScores]]:
    """Yield each rate with what ``phenotype.ranker`` answers when it is told so."""
    n = len(diseases.members)
    nothing = DiseaseScores(
        score=np.full(n, -np.inf), probability=np.zeros(n), not_listed=0.0, no_diagnosis=1.0
    )
    if not len(version.groups):
        yield from ((rate, nothing) for rate in rates)
        return
    learned = model.score(version)
    summary = summary_of(learned, version.features)
    score = np.full(n, -np.inf)
    score[version.groups] = learned
    for rate in rates:
        own, not_listed, no_diagnosis = model.posterior.probabilities(learned, summary, solve_rate=rate)
        probability = np.zeros(n)
        probability[version.groups] = own
        yield (
            rate,
            DiseaseScores(
                score=score, probability=probability, not_listed=not_listed, no_diagnosis=no_diagnosis
            ),
        )


def _content(version: Candidates, shares: Sequence[float]) -> float:
    """Return the mean information content of the observed signs, as the ranker sees it."""
    if len(version.groups):
        return float(version.features[0, _CONTENT])
    return float(np.mean(-np.log(shares)))


def _answer(
    stated: DiseaseScores,
    diseases: Diseases,
    *,
    right: NDArray[np.intp],
    shares: Sequence[float],
    content: float,
    case: int,
    group: str,
    solved: bool,
    rate: float,
    record: Record,
) -> Answer:
    leading = stated.best_of_places(diseases, LEADING)
    # one name, one place: a twin from another catalogue that is listed in its stead is the right answer too
    hits = np.isin(diseases.place[leading], diseases.place[right])
    among = first_ten(stated, leading.tolist())
    information, _ = judge(stated, among_first_ten=among, shares=shares, solve_rate=rate)
    return Answer(
        case=case,
        record=record,
        group=group,
        solved=solved,
        told=rate,
        terms=len(shares),
        share=math.exp(-content),
        informative=any(share < COMMON_SIGN for share in shares),
        enough=information == "enough",
        said_first=first_ten(stated, leading[:1].tolist()) or 0.0,
        said_first_ten=among or 0.0,
        said_no_diagnosis=min(stated.no_diagnosis or 0.0, 1.0),
        is_first=bool(hits[:1].any()),
        is_first_ten=bool(hits.any()),
        is_no_diagnosis=not solved,
    )
