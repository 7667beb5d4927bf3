"""The nearest other diseases of a disease, by what annotations and case library say of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.pooled import Pooled
from genopraxis.tasks.phenotype.frequencies import NEVER, FrequencyModel
from genopraxis.tasks.phenotype.sign_profile import SignProfile
from genopraxis.tasks.phenotype.similarity import Similarity

_SHOWN = 2 * NEVER  # a sign that was looked for and never seen is no sign of the disease


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """Another disease that shows much the same.

    Parameters
    ----------
    group
        Its group number.
    similarity
        Information content of the shared terms over that of all terms of both diseases, ancestors included: between
        0 and 1 (simGIC, doi:10.1186/1471-2105-9-S5-S4).
    shared
        Signs of the first disease that the other shows too, the rarest first.
    """

    group: int
    similarity: float
    shared: tuple[int, ...]


class DiseaseSimilarity:
    """Compares the diseases of a release, or of a variant of it, with each other.

    Parameters
    ----------
    knowledge
        A release with or without a case library; below a second. With ``base``, a variant of its release.
    """

    _pool: Pooled
    _profile: SignProfile
    _similarity: Similarity

    def __init__(self, knowledge: HpoKnowledge, *, base: DiseaseSimilarity | None = None) -> None:
        self._diseases = knowledge.diseases
        self._known: dict[tuple[int, int, int], list[Neighbour]] = {}
        if base:
            self._pool = base._pool
            self._profile = base._profile.on(self._pool.on(knowledge))
            self._similarity = base._similarity.on(self._profile)
            return
        self._pool = Pooled(knowledge)
        # what an observed sign says is not asked here
        self._profile = SignProfile(self._pool.knowledge, model=FrequencyModel(), noise=0.0, generality=0.0)
        self._similarity = Similarity(self._profile)

    def on(self, knowledge: HpoKnowledge) -> DiseaseSimilarity:
        """Return this on a variant of its knowledge; only the changed diseases are computed anew."""
        return DiseaseSimilarity(knowledge, base=self)

    def share_showing(self, term: int) -> float:
        """Return the share of the described diseases that show a sign or a kind of it."""
        return float(np.exp(-self._similarity.content[term]))

    def nearest(self, group: int, *, n: int = 4, shared: int = 4) -> list[Neighbour]:
        """Return the most similar other diseases, the most similar first.

        Entries of other catalogues that carry the name of the disease are not *other*, and of entries that carry one
        name the most similar stands for all.

        Parameters
        ----------
        n
            How many diseases.
        shared
            How many shared signs to name of each.
        """
        key = (group, n, shared)
        if key not in self._known:
            self._known[key] = self._nearest(group, n=n, shared=shared)
        return self._known[key]

    def _nearest(self, group: int, *, n: int, shared: int) -> list[Neighbour]:
        own = self._profile.own(group)
        signs = own.terms[own.direct > _SHOWN]
        if not len(signs):
            return []
        place = self._diseases.place
        similarity = self._similarity.of(signs.tolist()).jaccard.copy()
        similarity[(place == place[group]) | (self._profile.annotated == 0)] = 0.0
        rarest_first = signs[np.argsort(-self._similarity.content[signs], kind="stable")]
        found: list[Neighbour] = []
        places: set[int] = set()
        for other in np.argsort(-similarity, kind="stable").tolist():
            if len(found) == n or similarity[other] <= 0:
                break
            if int(place[other]) in places:
                continue
            places.add(int(place[other]))
            found.append(
                Neighbour(
                    group=other,
                    similarity=min(float(similarity[other]), 1.0),
                    shared=self._shared(rarest_first, other)[:shared],
                )
            )
        return found

    def _shared(self, signs: NDArray[np.int32], other: int) -> tuple[int, ...]:
        full = self._profile.own(other).full
        return tuple(int(t) for t in signs if full[t] > _SHOWN and self._similarity.content[t] > 0)
