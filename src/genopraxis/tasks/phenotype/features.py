"""What the learned ranker sees of a query and its candidate diseases: one row of features for each candidate.

No feature is an amount of what is known of a disease: taking a publication out of the knowledge leaves a mark on such
amounts, which a learner would find. The breadth of annotation enters through the score alone. Nor does any feature say
whether a disease is in the case library; its counts enter as frequencies, pooled with the annotations. Both can be
guessed in part: from the score less the likelihood, and from a likelihood without the library that knows no sign.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.pooled import Pooled
from genopraxis.tasks.phenotype.disease_names import DiseaseNames
from genopraxis.tasks.phenotype.feature_names import (
    BEHIND,
    CANDIDATES,
    EXCLUDED,
    FEATURES,
    NAMED,
    OBSERVED,
    OF_DISEASE,
    PLACES,
    QUERY,
    SIMILAR,
)
from genopraxis.tasks.phenotype.frequencies import NEVER, FrequencyModel
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.relatives import NOTHING, Relatives, of_one_gene, of_one_series
from genopraxis.tasks.phenotype.sex_and_age import SexAndAge, read_sex_and_age
from genopraxis.tasks.phenotype.sign_profile import SignProfile
from genopraxis.tasks.phenotype.similarity import Similarity

Values = dict[str, NDArray[np.float64]]

# the model of a sign is that of phenotype.likelihood, as it was tuned there
_NOISE, _GENERALITY, _BREADTH, _FEW_SIGNS = 0.02, 0.3, 0.3, 5.0
_MENTIONED, _TURNING, _ABSENT, _COMMON, _CERTAINTY = 1.5, 0.5, 0.7, 0.3, 0.97
_CHECKLIST = 0.21  # as in phenotype.likelihood after tempering: absences depend on each other too
_SPEAKS_FOR = 0.7  # natural log likelihood ratio: the sign is twice as frequent as in the average disease
_SHOWN = 2 * NEVER


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """The candidates of one query.

    Parameters
    ----------
    groups
        Group numbers, ascending, shape (candidates,).
    fit
        How well every group fits by the plain likelihood model, shape (groups,); ``-inf`` where nothing is known.
    features
        Shape (candidates, features), columns as in :data:`FEATURES`.
    against
        What the absences of a checklist count against each candidate, in natural log odds and never above 0, shape
        (candidates,). The features know nothing of such absences: in the published cases that are learned from,
        every absence was selected, whatever it is called.
    in_library
        Whether the case library has a published patient with each candidate, shape (candidates,). The features do not
        say it: a learner would prefer such diseases, which are most of those it learns from. A clinic's own patients
        do not count: the learner knows nothing of them.
    """

    groups: NDArray[np.intp]
    fit: NDArray[np.float64]
    features: NDArray[np.float32]
    against: NDArray[np.float64]
    in_library: NDArray[np.bool_]


class FeatureMaker:
    """Makes features on one release of knowledge, or on a variant of it."""

    profile: SignProfile
    _pool: Pooled
    _annotated: SignProfile
    _similarity: Similarity
    _names: DiseaseNames
    _genes: Relatives
    _series: Relatives
    _sex_and_age: SexAndAge
    _orpha_only: NDArray[np.float64]
    _usual_breadth: float
    _in_library: NDArray[np.bool_]

    def __init__(self, knowledge: HpoKnowledge, *, base: FeatureMaker | None = None) -> None:
        self.knowledge = knowledge
        if base:
            self._pool = base._pool
            pooled = self._pool.on(knowledge)
            self.profile = base.profile.on(pooled)
            self._annotated = base._annotated.on(knowledge)
            self._similarity = base._similarity.on(self.profile)
            self._sex_and_age = base._sex_and_age.on(pooled, self.profile.changed)
            self._names, self._genes, self._series = base._names, base._genes, base._series
            self._orpha_only, self._usual_breadth = base._orpha_only, base._usual_breadth
            self._in_library = _in_library(knowledge, base=base._in_library)
            return
        self._pool = Pooled(knowledge)
        pooled = self._pool.knowledge
        model = FrequencyModel()
        self.profile = SignProfile(pooled, model=model, noise=_NOISE, generality=_GENERALITY)
        self._annotated = SignProfile(
            knowledge,
            model=model,
            noise=_NOISE,
            generality=_GENERALITY,
            background=self.profile.background,
        )
        self._similarity = Similarity(self.profile)
        self._sex_and_age = read_sex_and_age(pooled, pooled.annotations.rows)
        self._names = DiseaseNames(knowledge.diseases, knowledge.ontology)
        self._genes = of_one_gene(knowledge.diseases)
        self._series = of_one_series(knowledge.diseases)
        ids, members = knowledge.diseases.ids, knowledge.diseases.members
        self._orpha_only = np.array([ids[m[0]].startswith("ORPHA:") for m in members], dtype=np.float64)
        self._in_library = _in_library(knowledge)
        known = self.profile.breadth[self.profile.annotated > 0]
        self._usual_breadth = float(known.mean()) if len(known) else 1.0

    @property
    def pooled(self) -> HpoKnowledge:
        """Annotations and library as one body of rows."""
        return self.profile.knowledge

    def on(self, knowledge: HpoKnowledge) -> FeatureMaker:
        """Return this on a variant of its knowledge; only the changed diseases are computed anew."""
        return FeatureMaker(knowledge, base=self)

    def make(
        self,
        query: Query,
        *,
        groups: NDArray[np.intp] | None = None,
        withheld: NDArray[np.intp] | None = None,
    ) -> Candidates:
        """Choose the candidates of a query, and make their features.

        Parameters
        ----------
        groups
            The candidates, where they are chosen already.
        withheld
            Groups to treat as if nothing were known of them.
        """
        # sums of single precision depend on the order, and a tree makes the last bit visible
        query = replace(query, observed=tuple(sorted(query.observed)), excluded=tuple(sorted(query.excluded)))
        against = self._against(query)
        if query.exclusions == "systematic":
            query = replace(query, excluded=())
        values = self._observed(query) | self._excluded(query)
        values |= self._similar(query) | self._named(query)
        known = self.profile.annotated > 0
        if withheld is not None:
            known[withheld] = False
        few = np.log((self.profile.breadth + _FEW_SIGNS) / (self._usual_breadth + _FEW_SIGNS))
        fit = values["likelihood"] - _BREADTH * len(query.observed) * few
        values["score_without_absences"] = fit
        values["score"] = fit + _MENTIONED * values["absences_mentioned"] + _ABSENT * values["contradiction"]
        related = np.where(known, fit, NOTHING)
        values["same_gene"] = self._genes.best_other(related)
        values["same_series"] = self._series.best_other(related)
        values["same_series_mean"] = self._series.mean_other(values["likelihood"], known)
        values["sex"], values["age"] = self._sex_and_age.sex(query), self._sex_and_age.age(query)
        values["orpha_only"] = self._orpha_only
        if groups is None:
            groups = _choose(values, known)
        columns = [values[name][groups] for name in OF_DISEASE]
        content = float(self._similarity.content[list(query.observed)].mean()) if query.observed else 0.0
        columns += [np.full(len(groups), x) for x in (len(query.observed), len(query.excluded), content)]
        own = np.stack(columns, axis=1).astype(np.float32)
        fitting = np.where(known, values["score"] + against, -np.inf)
        return Candidates(
            groups=groups,
            fit=fitting,
            features=_with_relative(own),
            against=against[groups],
            in_library=self._in_library[groups],
        )

    def _against(self, query: Query) -> NDArray[np.float64]:
        """Return the natural log odds of the absences of a checklist, shape (groups,)."""
        total = np.zeros(len(self.profile.annotated))
        if query.exclusions == "systematic":
            for term in query.excluded:
                frequency = np.minimum(self.profile.frequency(term), np.float32(_CERTAINTY))
                total += _CHECKLIST * np.log1p(-frequency)
        return total

    def _observed(self, query: Query) -> Values:
        observed = list(query.observed)
        if not observed:
            return {name: np.zeros(len(self.profile.annotated)) for name in OBSERVED}
        ratio = np.stack([self.profile.observed(term) for term in observed])
        frequency = np.stack([self.profile.frequency(term) for term in observed])
        curated_ratio = np.stack([self._annotated.observed(term) for term in observed])
        curated = np.stack([self._annotated.frequency(term) for term in observed])
        content = self._similarity.content[observed]
        weight = (content / max(float(content.sum()), 1e-9))[:, None]
        best = np.sort(ratio, axis=0)[-3:]
        speaks_for = ratio > _SPEAKS_FOR
        return _floats(
            likelihood=ratio.sum(axis=0, dtype=np.float64),
            likelihood_annotated=curated_ratio.sum(axis=0, dtype=np.float64),
            worst_sign=ratio.min(axis=0),
            best_sign=best[-1],
            best_three_signs=best.sum(axis=0),
            signs_for=speaks_for.mean(axis=0),
            content_for=(speaks_for * weight).sum(axis=0),
            signs_annotated=((frequency > _SHOWN) * weight).sum(axis=0),
            signs_annotated_by_curators=((curated > _SHOWN) * weight).sum(axis=0),
            mean_frequency=frequency.mean(axis=0),
            never_seen=((frequency > 0) & (frequency <= _SHOWN)).sum(axis=0),
        )

    def _excluded(self, query: Query) -> Values:
        if not query.excluded:
            return {name: np.zeros(len(self.profile.annotated)) for name in EXCLUDED}
        frequency = np.stack([self.profile.frequency(term) for term in query.excluded])
        special = (self.profile.background[list(query.excluded)] <= _COMMON)[:, None]
        mentioned = (frequency > 0) & special
        missing = np.log1p(-np.minimum(frequency, np.float32(_CERTAINTY)))
        return _floats(
            absences_mentioned=(mentioned * (1 - np.minimum(frequency / _TURNING, 1) ** 4)).sum(axis=0),
            share_of_absences_mentioned=mentioned.mean(axis=0),
            contradiction=(missing * (frequency > _TURNING)).sum(axis=0),
            absences=missing.sum(axis=0),
        )

    def _similar(self, query: Query) -> Values:
        if not query.observed:
            return {name: np.zeros(len(self.profile.annotated)) for name in SIMILAR}
        found = self._similarity.of(query.observed)
        content = np.maximum(self._similarity.content[list(query.observed)], 0.1)[:, None]
        share = found.shared / content
        return _floats(
            explained=found.explained,
            jaccard=found.jaccard,
            resnik=found.shared.mean(axis=0),
            resnik_share=share.mean(axis=0),
            resnik_worst=share.min(axis=0),
        )

    def _named(self, query: Query) -> Values:
        if not query.observed:
            return {name: np.zeros(len(self.profile.annotated)) for name in NAMED}
        said = np.stack([self._names.row(term) for term in query.observed])
        return _floats(name=said.sum(axis=0), name_best=said.max(axis=0))


def _in_library(knowledge: HpoKnowledge, *, base: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """Tell of each group whether the library has a published patient with it; anew only where it changed."""
    library, diseases = knowledge.library, knowledge.diseases
    found = np.zeros(len(diseases.members), dtype=np.bool_) if base is None else base.copy()
    if library is None:
        return found
    published = np.zeros(len(library.rows), dtype=np.bool_)
    cites = library.references.filter(pl.col("reference").str.starts_with("PMID:"))
    published[cites["row"].to_numpy()] = True
    if base is None:
        found[diseases.group[library.rows["disease"][published & (library.rows["numerator"] > 0)]]] = True
    for group in {int(diseases.group[disease]) for disease in library.replaced}:
        rows = [library.of(disease) for disease in diseases.members[group]]
        found[group] = any((published[own["row"]] & (own["numerator"] > 0)).any() for own in rows)
    return found


def _floats(**values: NDArray[np.floating] | NDArray[np.integer]) -> Values:
    return {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}


def _choose(values: Values, known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the groups that stand high by any of some measures; groups of which nothing is known never do."""
    chosen = np.zeros(len(known), dtype=np.bool_)
    for name, n in CANDIDATES:
        value = np.where(known, values[name], -np.inf)
        n = min(n, len(value))
        last = np.partition(value, len(value) - n)[len(value) - n]
        reached = value >= last
        # where many tie with the last place, the measure cannot tell them apart
        chosen |= reached if np.count_nonzero(reached) <= 2 * n else value > last
    return np.flatnonzero(chosen & known)


def _with_relative(own: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add what depends on the other candidates: places in the list, and how far behind the best one is."""
    column = {name: i for i, name in enumerate((*OF_DISEASE, *QUERY))}
    if not len(own):
        return np.empty((0, len(FEATURES)), dtype=np.float32)
    placed = own[:, [column[name] for name in PLACES]]
    # the number of better candidates: equal values have equal places
    ordered = np.sort(placed, axis=0)
    places = np.empty_like(placed)
    for i in range(placed.shape[1]):
        places[:, i] = len(placed) - np.searchsorted(ordered[:, i], placed[:, i], side="right")
    compared = own[:, [column[name] for name in BEHIND]]
    behind = compared - compared.max(axis=0)
    return np.concatenate([own, places, behind], axis=1).astype(np.float32)
