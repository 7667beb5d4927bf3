"""Does the ranker learn which disease has lost a publication, instead of which disease it is?

Signs are drawn at random here, so that nothing is left to learn once a case's own publication is taken out, except
the mark that taking it out leaves on the right disease.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts
from genopraxis.tasks.phenotype.feature_names import FEATURES
from genopraxis.tasks.phenotype.features import FeatureMaker
from genopraxis.tasks.phenotype.posterior import Posterior
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranker_model import Model
from genopraxis.tasks.phenotype.training import fit
from genopraxis.tasks.phenotype.training.decoys import decoyed, spared_in
from genopraxis.tasks.phenotype.training.examples import Example
from made_up import case_library, compiled, publication_out, row

DISEASES, ORGANS, PER_ORGAN, SIGNS = 130, 6, 8, 4
CITING, SILENT = (
    120,
    60,
)  # no more in all than the score nominates, so that the right one is always a candidate
SEED = 1
_FLAT = Posterior(slope=1.0, not_listed=(0.0,) * 8, no_diagnosis=(0.0,) * 8)


@cache
def world(*, silent: bool = False) -> tuple[HpoKnowledge, list[tuple[str, Query, int]]]:
    """Diseases that three publications describe, and a case of two of them and of a third that nobody cites.

    With ``silent`` a third of the diseases are described as fully, cite no publication, and are nobody's diagnosis.
    """
    random = np.random.default_rng(SEED)
    organs = [(f"HP:30000{o:02d}", f"Organ {o}", ("HP:0000118",)) for o in range(ORGANS)]
    signs = [
        (f"HP:40{o:02d}0{s:02d}", f"Sign {o} {s}", (organ[0],))
        for o, organ in enumerate(organs)
        for s in range(PER_ORGAN)
    ]
    rows, cases = [], []
    described = CITING if silent else DISEASES
    for d in range(described):
        disease = f"OMIM:{200000 + d}"
        for p in range(4):
            publication, cited, reported = f"PMID:{4 * d + p + 1}", p < 3, p > 0
            shown = [signs[i][0] for i in random.choice(len(signs), size=SIGNS, replace=False)]
            if cited:
                rows += [row(disease, sign, publication, counts=(1, 1)) for sign in shown]
            if reported:
                cases.append((publication, disease, shown))
    for d in range(described, described + SILENT if silent else described):
        for _ in range(3):
            shown = [signs[i][0] for i in random.choice(len(signs), size=SIGNS, replace=False)]
            rows += [row(f"OMIM:{200000 + d}", sign, counts=(1, 1)) for sign in shown]
    knowledge = compiled([*organs, *signs], rows)
    number = knowledge.ontology.number
    return knowledge, [
        (
            publication,
            Query(observed=tuple(number[t] for t in shown), excluded=()),
            knowledge.diseases.number[disease],
        )
        for publication, disease, shown in cases
    ]


@cache
def with_cases(*, silent: bool = False) -> HpoKnowledge:
    """The same with a case library of the cases that are learned from."""
    knowledge, cases = world(silent=silent)
    ids, signs = knowledge.diseases.ids, knowledge.ontology.ids
    inside = [
        (p, ids[disease], signs[t], 1, 1)
        for p, query, disease in cases
        if of_training(p)
        for t in query.observed
    ]
    return with_library(knowledge, case_library(inside, {one[1]: [] for one in inside}))


def of_training(publication: str) -> bool:
    return int(publication.split(":")[1]) % 7 < 4


@cache
def makers(*, decoys: bool, variant: int | None, silent: bool = False) -> FeatureMaker:
    knowledge = with_cases(silent=silent)
    return FeatureMaker(decoyed(knowledge, PublicationCounts(), variant=variant) if decoys else knowledge)


def made(*, training: bool, decoys: bool, silent: bool = False) -> list[tuple[Example, HpoKnowledge]]:
    """The cases of one half of the publications, and the knowledge each one was ranked on."""
    _, cases = world(silent=silent)
    found = []
    for i, (publication, query, disease) in enumerate(cases):
        if of_training(publication) != training:
            continue
        variant = spared_in(f"OMIM:{200000 + disease}") if decoys else None
        base = makers(decoys=decoys, variant=variant, silent=silent)
        left = publication_out(base.knowledge, publication)
        maker = base if left is base.knowledge else base.on(left)
        candidates = maker.make(query)
        right = candidates.groups == disease  # every disease is a group of its own here
        found.append((Example(case=i, candidates=candidates, right=right), left))
    return found


def counted(found: list[tuple[Example, HpoKnowledge]]) -> list[Example]:
    """The same examples, with nothing to see but how many annotation rows a disease has."""
    examples = []
    for one, knowledge in found:
        features = np.zeros((len(one.right), len(FEATURES)), dtype=np.float32)
        features[:, 0] = [len(knowledge.annotations.of(group)) for group in one.candidates.groups.tolist()]
        examples.append(replace(one, candidates=replace(one.candidates, features=features)))
    return examples


def seen(found: list[tuple[Example, HpoKnowledge]]) -> list[Example]:
    return [one for one, _ in found]


def place(model: Model, examples: list[Example], *, below: int = DISEASES) -> float:
    """Mean place of the right disease among those numbered below: 0 is always first, 0.5 is chance."""
    places = []
    for one in examples:
        score = model.score(one.candidates)
        own = score[one.right][0]
        score = score[one.candidates.groups < below]
        places.append(((score > own).sum() + 0.5 * ((score == own).sum() - 1)) / (len(score) - 1))
    return float(np.mean(places))


def margin(examples: list[Example]) -> float:
    """Three standard errors of the mean place by chance."""
    return 3 * float(np.sqrt(1 / 12 / len(examples)))


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "ROUNDS", 80)


def learned(examples: list[Example]) -> Model:
    return Model(fit.fit_ranker(examples, threads=1), _FLAT)


def test_the_mark_is_there_to_be_learned() -> None:
    # the number of rows is enough to find the disease that has just lost some
    held_out = counted(made(training=False, decoys=False))
    model = learned(counted(made(training=True, decoys=False)))
    assert place(model, held_out) < 0.5 - 2 * margin(held_out)


def test_without_decoys_the_features_betray_it() -> None:
    held_out = seen(made(training=False, decoys=False))
    model = learned(seen(made(training=True, decoys=False)))
    assert place(model, held_out) < 0.5 - 2 * margin(held_out)


def test_the_own_publication_would_give_the_answer() -> None:
    # signs are not random when nothing is taken out: likelihood alone finds most diseases
    _, cases = world()
    maker = makers(decoys=False, variant=None)
    firsts = []
    for publication, query, disease in cases:
        if (int(publication.split(":")[1]) - 1) % 4 < 3:  # cited
            found = maker.make(query)
            firsts.append(found.groups[found.features[:, FEATURES.index("likelihood")].argmax()] == disease)
    assert np.mean(firsts) > 0.8


def test_with_decoys_the_features_do_not() -> None:
    held_out = seen(made(training=False, decoys=False))
    model = learned(seen(made(training=True, decoys=True)))
    assert place(model, held_out) > 0.5 - margin(held_out)


def test_without_decoys_the_features_betray_it_among_silent_diseases() -> None:
    held_out = seen(made(training=False, decoys=False, silent=True))
    model = learned(seen(made(training=True, decoys=False, silent=True)))
    assert place(model, held_out, below=CITING) < 0.5 - 2 * margin(held_out)


@pytest.mark.xfail(
    strict=True,
    reason="a disease that cites nothing cannot lose a publication: unmarked and never right, it teaches that the "
    "mark speaks for a disease. Mean place among the citing diseases: 0.395 here, 0.431 over 15 seeds; 0.18 without "
    "decoys; 0.5 is chance",
)
def test_with_decoys_the_features_do_not_among_silent_diseases() -> None:
    # among the citing ones only: that a silent one is nobody's diagnosis may be learned
    held_out = seen(made(training=False, decoys=False, silent=True))
    model = learned(seen(made(training=True, decoys=True, silent=True)))
    assert place(model, held_out, below=CITING) > 0.5 - margin(held_out)
