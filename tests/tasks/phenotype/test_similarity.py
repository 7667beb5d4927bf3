"""Semantic similarities against their definitions in plain Python, on releases of random shape."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import (
    NEVER,
    FrequencyModel,
    direct_frequencies,
    group_rows,
    propagated,
)
from genopraxis.tasks.phenotype.sign_profile import SignProfile
from genopraxis.tasks.phenotype.similarity import Similarity
from made_up import PUBLICATIONS, compiled, group_of, publication_out, release, row, some_query

SEEDS = st.integers(min_value=0, max_value=100_000)
MODEL = FrequencyModel()


def similarity(knowledge: HpoKnowledge) -> tuple[SignProfile, Similarity]:
    profile = SignProfile(knowledge, model=MODEL, noise=0.02, generality=0.3)
    return profile, Similarity(profile)


def frequencies(knowledge: HpoKnowledge) -> list[tuple[dict[int, float], dict[int, float]]]:
    """Direct and propagated frequencies of every group."""
    found = []
    for group in range(len(knowledge.diseases.members)):
        terms, direct = direct_frequencies(group_rows(knowledge, group), MODEL)
        full = propagated(terms, direct, knowledge.ontology)
        found.append(
            (
                dict(zip(terms.tolist(), direct.tolist(), strict=True)),
                {t: float(full[t]) for t in np.flatnonzero(full).tolist()},
            )
        )
    return found


def contents(knowledge: HpoKnowledge) -> list[float]:
    """Information content of every term: how few of the annotated groups show it, or any kind of it."""
    known = frequencies(knowledge)
    annotated = sum(bool(direct) for direct, _ in known)
    number = [
        sum(full.get(term, 0.0) > 2 * NEVER for _, full in known)
        for term in range(len(knowledge.ontology.ids))
    ]
    return [max(-log(max(n, 1) / max(annotated, 1)), 0.0) for n in number]


def brute_force(knowledge: HpoKnowledge, observed: tuple[int, ...], content: list[float]):
    above = {t: set(knowledge.ontology.ancestors(t).tolist()) for t in range(len(content))}
    closure = set().union(*(above[t] for t in observed))
    explained, jaccard, shared = [], [], []
    for direct, full in frequencies(knowledge):
        signs = {t: f for t, f in direct.items() if f > 2 * NEVER}
        expected = sum(f * content[t] for t, f in signs.items())
        matched = sum(
            f * max((content[a] for a in above[t] & closure), default=0.0) for t, f in signs.items()
        )
        explained.append(matched / max(expected, 1e-6))
        shows = {t for t, f in full.items() if f > 2 * NEVER}
        whole = sum(content[t] for t in closure | shows)
        jaccard.append(sum(content[t] for t in closure & shows) / max(whole, 1e-6))
        shared.append(
            [
                max((content[a] for a in above[t] if full.get(a, 0.0) > 2 * NEVER), default=0.0)
                for t in observed
            ]
        )
    return np.array(explained), np.array(jaccard), np.array(shared).T


def assert_close(found, wanted, groups=slice(None)) -> None:
    explained, jaccard, shared = wanted
    assert np.allclose(found.explained[groups], explained[groups], rtol=1e-4, atol=1e-5)
    assert np.allclose(found.jaccard[groups], jaccard[groups], rtol=1e-4, atol=1e-5)
    assert np.allclose(found.shared[:, groups], shared[:, groups], rtol=1e-5, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_against_the_definitions(seed: int) -> None:
    knowledge = release(seed)
    _, ready = similarity(knowledge)
    content = contents(knowledge)
    assert np.allclose(ready.content, content, atol=1e-6)
    for other in range(3):
        observed = some_query(seed + other, knowledge).observed
        assert_close(ready.of(observed), brute_force(knowledge, observed, content))


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.sampled_from(PUBLICATIONS[:4]))
def test_patched_is_as_built_from_scratch_with_the_content_of_the_release(
    seed: int, publication: str
) -> None:
    knowledge = release(seed)
    profile, base = similarity(knowledge)
    variant = publication_out(knowledge, publication)
    patched = base.on(profile.on(variant))
    observed = some_query(seed, knowledge).observed
    before = base.of(observed)
    found = patched.of(observed)
    assert_close(found, brute_force(variant, observed, contents(knowledge)))
    same = np.setdiff1d(np.arange(len(knowledge.diseases.members)), variant.changed)
    assert found.shared[:, same].tobytes() == before.shared[:, same].tobytes()
    assert found.jaccard[same].tobytes() == before.jaccard[same].tobytes()
    # and the release as published is as it was
    again = base.of(observed)
    assert again.shared.tobytes() == before.shared.tobytes()
    assert again.explained.tobytes() == before.explained.tobytes()


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_bounds(seed: int) -> None:
    knowledge = release(seed)
    _, ready = similarity(knowledge)
    observed = some_query(seed, knowledge).observed
    found = ready.of(observed)
    assert (found.explained >= 0).all()
    assert (found.explained <= 1 + 1e-6).all()
    assert (found.jaccard >= 0).all()
    assert (found.jaccard <= 1 + 1e-6).all()
    assert (found.shared <= ready.content[list(observed)][:, None] + 1e-6).all()


def test_by_hand() -> None:
    # eye > cataract; heart; four diseases, two of them with an eye sign
    knowledge = compiled(
        (("HP:0000478", "Eye", ("HP:0000118",)), ("HP:0000518", "Cataract", ("HP:0000478",)),
         ("HP:0001626", "Heart", ("HP:0000118",))),
        (row("OMIM:1", "HP:0000518", "PMID:1", counts=(4, 4)), row("OMIM:1", "HP:0001626", "PMID:1", counts=(1, 4)),
         row("OMIM:2", "HP:0000478", "PMID:2", counts=(4, 4)),
         row("OMIM:3", "HP:0001626", "PMID:3", counts=(4, 4)),
         row("OMIM:4", "HP:0001626", "PMID:4", counts=(4, 4)), row("OMIM:4", "HP:0000518", "PMID:4", counts=(0, 9))),
    )  # fmt: skip
    _, ready = similarity(knowledge)
    number = knowledge.ontology.number
    eye, cataract, heart = (number[t] for t in ("HP:0000478", "HP:0000518", "HP:0001626"))
    # 0/9 of disease 4 is no cataract
    assert np.allclose(ready.content[[eye, cataract, heart]], [log(4 / 2), log(4 / 1), log(4 / 3)])
    found = ready.of((cataract,))
    one, two, three, four = (group_of(knowledge, f"OMIM:{n}") for n in (1, 2, 3, 4))
    assert np.allclose(found.shared[0, [one, two, three, four]], [log(4), log(2), 0, 0])
    often, seldom = (4 + 0.9) / 10, (1 + 0.9) / 10
    assert found.explained[one] == pytest.approx(often * log(4) / (often * log(4) + seldom * log(4 / 3)))
    assert found.explained[two] == pytest.approx(1.0)
    assert found.explained[three] == 0.0
    both = log(4) + log(2)
    assert found.jaccard[one] == pytest.approx(both / (both + log(4 / 3)))
    assert found.jaccard[two] == pytest.approx(log(2) / both)
    assert found.jaccard[three] == 0.0
