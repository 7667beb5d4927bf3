"""Groups of one gene and of one series of names, and what is said of a group's relatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.relatives import NOTHING, Relatives, of_one_gene, of_one_series
from made_up import compiled, group_of, row

GROUPS = 7
SETS = st.lists(st.lists(st.integers(0, GROUPS - 1), max_size=5), max_size=5)
# few different values, so that ties are common
VALUES = st.lists(st.sampled_from([-60.0, -50.0, -3.0, 0.0, 2.5]), min_size=GROUPS, max_size=GROUPS)


@given(SETS, VALUES)
def test_best_other_is_the_best_of_all_others(sets: list[list[int]], values: list[float]) -> None:
    found = Relatives(sets, groups=GROUPS).best_other(np.array(values))
    for group in range(GROUPS):
        others = {other for members in sets if group in members for other in members} - {group}
        assert found[group] == max([NOTHING, *(values[other] for other in others)])


@given(SETS, VALUES, st.lists(st.booleans(), min_size=GROUPS, max_size=GROUPS))
def test_mean_other_is_that_of_the_others_that_count(sets, values, counted) -> None:
    found = Relatives(sets, groups=GROUPS).mean_other(np.array(values), np.array(counted))
    for group in range(GROUPS):
        mine = [set(members) for members in sets if group in members and len(set(members)) > 1]
        if not mine:
            assert found[group] == NOTHING
            continue
        others = [values[other] for other in mine[-1] - {group} if counted[other]]
        assert found[group] == pytest.approx(sum(others) / max(len(others), 1))


def test_by_hand() -> None:
    relatives = Relatives([[0, 1, 2], [2, 3], [4]], groups=6)
    value = np.array([5.0, 1.0, 3.0, 9.0, 8.0, 7.0])
    assert relatives.best_other(value).tolist() == [3.0, 5.0, 9.0, 3.0, NOTHING, NOTHING]
    counted = np.array([True, False, True, True, True, True])
    assert relatives.mean_other(value, counted).tolist() == [3.0, 4.0, 9.0, 3.0, NOTHING, NOTHING]


def test_no_relatives_at_all() -> None:
    nobody = Relatives([], groups=2)
    assert nobody.best_other(np.array([1.0, 2.0])).tolist() == [NOTHING, NOTHING]
    assert nobody.mean_other(np.array([1.0, 2.0]), np.array([True, True])).tolist() == [NOTHING, NOTHING]


def together(relatives: Relatives, knowledge: HpoKnowledge, disease_id: str) -> set[str]:
    """The other diseases of a disease's sets, found by giving each in turn the largest value."""
    group = group_of(knowledge, disease_id)
    found = set()
    for other, members in enumerate(knowledge.diseases.members):
        value = np.zeros(len(knowledge.diseases.members))
        value[other] = 1.0
        if other != group and relatives.best_other(value)[group] == 1.0:
            found.add(knowledge.diseases.ids[members[0]])
    return found


def test_genes(tiny: HpoKnowledge) -> None:
    relatives = of_one_gene(tiny.diseases)
    assert together(relatives, tiny, "OMIM:151660") == {"ORPHA:98853"}
    assert together(relatives, tiny, "ORPHA:98853") == {"OMIM:151660"}
    # its twin is in the same group, and a polygenic link is none
    assert together(relatives, tiny, "OMIM:154700") == set()
    assert together(relatives, tiny, "OMIM:601665") == set()


def test_series() -> None:
    names = {
        "OMIM:1": "Ataxia, spastic, 1", "OMIM:2": "Ataxia, spastic, 12", "OMIM:3": "ATAXIA, SPASTIC, 3B",
        "OMIM:4": "Glycogen storage disease type IIa", "OMIM:5": "Glycogen storage disease type IV",
        "OMIM:6": "Glycogen storage disease type III", "OMIM:7": "Deafness 1", "OMIM:8": "Deafness 2",
        "OMIM:9": "Ataxia, spastic", "OMIM:10": "Ataxia",
        # names that differ in their last letter only
        "OMIM:11": "Syndrome Ba", "OMIM:12": "Syndrome Bb", "OMIM:13": "Syndrome Bi",
    }  # fmt: skip
    knowledge = compiled((), [row(d, "HP:0000118", name=name) for d, name in names.items()])
    relatives = of_one_series(knowledge.diseases)
    assert together(relatives, knowledge, "OMIM:1") == {"OMIM:2", "OMIM:3"}
    assert together(relatives, knowledge, "OMIM:4") == {"OMIM:5", "OMIM:6"}
    # two are no series, and neither is a name without a number
    assert together(relatives, knowledge, "OMIM:7") == set()
    assert together(relatives, knowledge, "OMIM:9") == set()
    assert together(relatives, knowledge, "OMIM:11") == set()
