"""Degrade the phenotype of benchmark cases: fewer terms, vaguer terms, wrong terms, no excluded terms.

Only what a tool sees is changed. The draws of a case depend on the seed, the name of the case and the
perturbation, so neither on the order of the cases nor on the other perturbations. They do not depend on the level
either: what is done to a case at one level is done at every higher one too, and curves over levels compare like
with like. Nothing here reads a truth or a publication.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import floor

import numpy as np
from numpy.typing import NDArray

from genopraxis.contracts.patient import Feature, Patient
from genopraxis.contracts.ranking_bench import PerturbationKind
from genopraxis.contracts.scorecard import Perturbation
from genopraxis.knowledge.ontology import PHENOTYPIC_ABNORMALITY, Ontology

KEEP, IMPRECISE, NOISE, HIDE_EXCLUDED = "keep", "imprecise", "noise", "hide_excluded"

# in the order in which they are applied: what is recorded at all, how precisely, and what is recorded by mistake
PERTURBATIONS = (
    PerturbationKind(
        name=KEEP,
        level="how many observed terms to keep at most",
        lowest=1,
        highest=100_000,
        whole=True,
        meaning="At most this number of observed terms is kept, drawn at random; of the excluded terms of such a "
        "case, the same share.",
    ),
    PerturbationKind(
        name=IMPRECISE,
        level="share of the observed terms to replace",
        meaning="Each observed term is, with this probability, replaced by one of its direct parents, but never "
        "by Phenotypic abnormality (HP:0000118) itself. Excluded terms stay as they are.",
    ),
    PerturbationKind(
        name=NOISE,
        level="number of wrong terms as a share of the observed ones",
        highest=10,
        meaning="Observed terms that the case does not have are added, this share of the number it has. They are "
        "drawn as often as the cases of the dataset show them, and are neither above nor below any "
        "term of the case.",
    ),
    PerturbationKind(name=HIDE_EXCLUDED, level=None, meaning="The tools are shown no excluded term."),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PerturbedPatient:
    """A patient as a tool sees it, and by perturbation how many terms it changed, added or left out."""

    patient: Patient
    changed: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Sign:
    """A feature with its term; ``None``: unknown to the release or no phenotypic abnormality."""

    feature: Feature
    term: int | None

    @property
    def observed(self) -> bool:
        return self.term is not None and not self.feature.excluded

    @property
    def absent(self) -> bool:
        return self.term is not None and self.feature.excluded


# terms, level and draws to the terms that are left, and how many were changed, added or left out
_Step = Callable[[list[_Sign], float, np.random.Generator], tuple[list[_Sign], int]]


class Perturber:
    """Applies perturbations to the patients of one dataset.

    Parameters
    ----------
    perturbations
        Those to apply, each once, in any order.
    seed
        Of every draw.
    patients
        All patients of the dataset: where noise is drawn from.
    """

    def __init__(
        self,
        perturbations: Sequence[Perturbation],
        *,
        seed: int,
        ontology: Ontology,
        patients: Iterable[Patient],
    ) -> None:
        self._levels = {one.name: one.level for one in perturbations}
        self._seed = seed
        self._ontology = ontology
        self._above: dict[int, frozenset[int]] = {}
        shown: Counter[int] = Counter()
        if NOISE in self._levels:
            for patient in patients:
                shown.update(_terms(self._signs(patient), absent=False))
        shown.pop(ontology.number.get(PHENOTYPIC_ABNORMALITY, -1), None)
        self._pool = sorted(shown)
        self._frequency = np.array([shown[term] for term in self._pool], dtype=np.float64)

    def __call__(self, patient: Patient) -> PerturbedPatient:
        """Return the patient as the tools shall see it; the same patient where nothing is changed."""
        signs = stated = self._signs(patient)
        steps: dict[str, _Step] = {
            KEEP: self._keep,
            IMPRECISE: self._blur,
            NOISE: partial(self._add_noise, stated=stated),
            HIDE_EXCLUDED: self._hide_excluded,
        }
        changed = []
        for name, step in steps.items():
            if name in self._levels:
                draw = self._generator(patient.case_id, name)
                signs, n = step(signs, self._levels[name] or 0.0, draw)
                changed.append((name, n))
        if signs is stated:
            return PerturbedPatient(patient=patient, changed=tuple(changed))
        features = tuple(sign.feature for sign in signs)
        return PerturbedPatient(patient=replace(patient, features=features), changed=tuple(changed))

    def _keep(self, signs: list[_Sign], level: float, draw: np.random.Generator) -> tuple[list[_Sign], int]:
        observed, absent = _terms(signs, absent=False), _terms(signs, absent=True)
        if len(observed) <= level:
            return signs, 0
        order, places = draw.random(len(observed)), draw.random(len(absent))
        n_absent = floor(len(absent) * level / len(observed) + draw.random())
        kept = {observed[i] for i in np.argsort(order)[: int(level)].tolist()}
        kept_absent = {absent[i] for i in np.argsort(places)[:n_absent].tolist()}
        # what is no sign goes too: its onset belongs to what was not recorded
        left = [s for s in signs if (s.observed and s.term in kept) or (s.absent and s.term in kept_absent)]
        return left, len(observed) - len(kept) + len(absent) - len(kept_absent)

    def _blur(self, signs: list[_Sign], level: float, draw: np.random.Generator) -> tuple[list[_Sign], int]:
        observed = _terms(signs, absent=False)
        instead: dict[int, int] = {}
        for term, (chance, which) in zip(observed, draw.random((len(observed), 2)).tolist(), strict=True):
            parents = self._parents(term)
            if chance < level and parents:
                instead[term] = parents[int(which * len(parents))]
        if not instead:
            return signs, 0
        made = [
            self._sign(instead[s.term], like=s.feature)
            if s.observed and s.term is not None and s.term in instead
            else s
            for s in signs
        ]
        return made, len(instead)

    def _add_noise(
        self, signs: list[_Sign], level: float, draw: np.random.Generator, *, stated: list[_Sign]
    ) -> tuple[list[_Sign], int]:
        wanted = floor(level * len(_terms(signs, absent=False)) + draw.random())
        taken = {s.term for s in (*stated, *signs) if s.term is not None}
        above = {a for term in taken for a in self._ancestors(term)}
        added: list[int] = []
        for place in _weighted_order(self._frequency, draw).tolist() if wanted else ():
            if len(added) == wanted:
                break
            term = self._pool[place]
            if term in above or taken & self._ancestors(term):
                continue
            added.append(term)
            # two wrong terms of one kind would count as one
            taken.add(term)
            above |= self._ancestors(term)
        if not added:
            return signs, 0
        # the place in the list must not tell which ones are wrong
        mixed = sorted([*signs, *map(self._sign, added)], key=lambda sign: sign.feature.term_id)
        return mixed, len(added)

    def _hide_excluded(
        self, signs: list[_Sign], _level: float, _draw: np.random.Generator
    ) -> tuple[list[_Sign], int]:
        left = [s for s in signs if not s.feature.excluded]
        return (signs, 0) if len(left) == len(signs) else (left, len(_terms(signs, absent=True)))

    def _signs(self, patient: Patient) -> list[_Sign]:
        return [_Sign(feature, self._term(feature)) for feature in patient.features]

    def _term(self, feature: Feature) -> int | None:
        term_id = self._ontology.resolve(feature.term_id).term_id
        term = None if term_id is None else self._ontology.number[term_id]
        return term if term is not None and self._ontology.is_phenotype[term] else None

    def _sign(self, term: int, *, like: Feature | None = None) -> _Sign:
        onset = None if like is None else like.onset
        ontology = self._ontology
        return _Sign(Feature(term_id=ontology.ids[term], label=ontology.labels[term], onset=onset), term)

    def _parents(self, term: int) -> list[int]:
        ontology = self._ontology
        above = ontology.parents(term).tolist()
        return [p for p in above if ontology.is_phenotype[p] and ontology.ids[p] != PHENOTYPIC_ABNORMALITY]

    def _ancestors(self, term: int) -> frozenset[int]:
        if term not in self._above:
            self._above[term] = frozenset(self._ontology.ancestors(term).tolist())
        return self._above[term]

    def _generator(self, case_id: str, name: str) -> np.random.Generator:
        # Python's own hash() differs from process to process
        key = hashlib.sha256(f"{self._seed}\0{name}\0{case_id}".encode()).digest()
        return np.random.default_rng(int.from_bytes(key, "big"))


def _terms(signs: Iterable[_Sign], *, absent: bool) -> list[int]:
    """Return the terms that are observed, or excluded, each once and sorted: draws follow no order of a file."""
    return sorted({s.term for s in signs if s.term is not None and s.feature.excluded == absent})


def _weighted_order(weights: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.intp]:
    """Return places in the order in which a draw without replacement takes them (doi:10.1016/j.ipl.2005.11.003)."""
    order: NDArray[np.intp] = np.argsort(-np.log1p(-draw.random(len(weights))) / weights, kind="stable")
    return order
