"""A small model for ``phenotype.ranker``, learned in seconds from made-up patients."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.features import FeatureMaker
from genopraxis.tasks.phenotype.posterior import Posterior
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranker_model import Model
from genopraxis.tasks.phenotype.training.examples import Example
from genopraxis.tasks.phenotype.training.fit import fit_ranker
from genopraxis.testing.knowledge import small_knowledge
from made_up import release

POSTERIOR = Posterior(
    slope=0.8,
    not_listed=(-1.0, -0.2, 0.0, 0.1, 0.0, 0.0, 0.0, 0.1),
    no_diagnosis=(0.5, -0.3, -0.2, 0.0, 0.1, -0.4, 0.1, 0.0),
)


def patients(knowledge: HpoKnowledge, n: int, *, seed: int) -> list[tuple[Query, int]]:
    """Patients with a disease: most of their signs are annotated to it, some are not; and the group of it."""
    random = np.random.default_rng(seed)
    signs = np.flatnonzero(knowledge.ontology.is_phenotype)
    known = np.unique(knowledge.annotations.rows["disease"])
    found = []
    for i in range(n):
        disease = int(random.choice(known))
        own = knowledge.annotations.of(disease)["term"]
        own = own[knowledge.ontology.is_phenotype[own]]
        picked = [*random.permutation(own)[:3].tolist(), int(random.choice(signs))]
        observed = tuple(dict.fromkeys(picked))
        others = random.permutation(signs).tolist()[: int(random.integers(0, 4))]
        excluded = tuple(t for t in others if t not in observed)
        query = Query(observed=observed, excluded=excluded, sex="male", age_years=float(i % 20))
        found.append((query, int(knowledge.diseases.group[disease])))
    return found


def examples(knowledge: HpoKnowledge, n: int, *, seed: int) -> list[Example]:
    maker, made = FeatureMaker(knowledge), []
    for i, (query, group) in enumerate(patients(knowledge, n, seed=seed)):
        candidates = maker.make(query)
        right = candidates.groups == group
        if right.any():
            made.append(Example(case=i, candidates=candidates, right=right))
    return made


@lru_cache(maxsize=1)
def weights() -> str:
    return fit_ranker(
        [*examples(small_knowledge(), 80, seed=1), *examples(release(5, signs=40, diseases=60), 60, seed=2)],
        threads=1,
    )


@lru_cache(maxsize=1)
def model() -> Model:
    return Model(weights(), POSTERIOR)
