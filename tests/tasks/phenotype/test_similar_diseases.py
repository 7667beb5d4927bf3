"""The nearest other diseases: on a release small enough to say by hand."""

from __future__ import annotations

import numpy as np
import pytest

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.similar_diseases import DiseaseSimilarity


def group(knowledge: HpoKnowledge, disease_id: str) -> int:
    return int(knowledge.diseases.group[knowledge.diseases.number[disease_id]])


def names(knowledge: HpoKnowledge, found) -> list[str]:
    return [knowledge.diseases.ids[knowledge.diseases.members[n.group][0]] for n in found]


def test_by_hand(tiny: HpoKnowledge) -> None:
    similarity = DiseaseSimilarity(tiny)
    found = similarity.nearest(group(tiny, "OMIM:607208"), n=9)
    assert names(tiny, found)[0] == "DECIPHER:1", "seizures and intellectual disability"
    labels = {tiny.ontology.labels[t] for t in found[0].shared}
    assert labels == {"Seizure", "Intellectual disability"}
    values = [n.similarity for n in found]
    assert values == sorted(values, reverse=True)
    assert all(0 < v < 1 for v in values)
    # Dravet's scoliosis was looked for and never seen: no shared sign
    assert not [n for n in found if tiny.ontology.number["HP:0002650"] in n.shared]


def test_the_same_name_is_no_other_disease(tiny: HpoKnowledge) -> None:
    similarity = DiseaseSimilarity(tiny)
    own = group(tiny, "OMIM:310200")
    assert "ORPHA:98896" not in names(tiny, similarity.nearest(own, n=9))
    # and for others the two stand once
    among = names(tiny, similarity.nearest(group(tiny, "ORPHA:98853"), n=9))
    assert len({"OMIM:310200", "ORPHA:98896"} & set(among)) == 1


def test_share_showing(tiny: HpoKnowledge) -> None:
    similarity = DiseaseSimilarity(tiny)
    number = tiny.ontology.number
    described = len(tiny.diseases.members)
    # seizures: Dravet and Wolf-Hirschhorn
    assert similarity.share_showing(number["HP:0001250"]) == pytest.approx(2 / described)
    assert similarity.share_showing(number["HP:0000118"]) == pytest.approx(1)


def test_a_variant_has_other_rows(tiny: HpoKnowledge) -> None:
    """What was taken out of a disease makes it like nothing any more; other pairs stay as they were."""
    dravet, other = tiny.diseases.number["OMIM:607208"], group(tiny, "DECIPHER:1")
    whole = DiseaseSimilarity(tiny)
    without = whole.on(tiny.with_replaced({dravet: tiny.annotations.of(dravet)[:0]}))
    assert "OMIM:607208" in names(tiny, whole.nearest(other, n=9))
    assert "OMIM:607208" not in names(tiny, without.nearest(other, n=9))
    assert without.nearest(group(tiny, "OMIM:607208")) == []
    weakness = group(tiny, "OMIM:151660")
    assert without.nearest(weakness, n=9) == whole.nearest(weakness, n=9)


def test_nothing_known_nothing_near(tiny: HpoKnowledge) -> None:
    similarity = DiseaseSimilarity(tiny)
    for number in range(len(tiny.diseases.members)):
        for neighbour in similarity.nearest(number):
            assert neighbour.group != number
            assert np.isfinite(neighbour.similarity)
