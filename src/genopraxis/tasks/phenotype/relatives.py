"""Groups of diseases that belong together: those of one gene, and those of one numbered series of names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from genopraxis.knowledge.diseases import Diseases

NOTHING = -50.0
"""Value of a group without relatives: below any sum of log likelihood ratios that could matter."""

_SERIES = 3  # two names that differ by a number are no series
_NUMBER = re.compile(r"[\s,]+(?:type\s+)?(?:\d+[a-z]*|[ivx]+[a-z]?|[a-z])$", re.IGNORECASE)


class Relatives:
    """Overlapping sets of groups, and statistics over the other members of each group's sets.

    Parameters
    ----------
    sets
        Members by number; sets of one member are left out.
    groups
        How many groups there are.
    """

    def __init__(self, sets: Iterable[Iterable[int]], *, groups: int) -> None:
        kept = [members for members in (sorted(set(s)) for s in sets) if len(members) > 1]
        self._size = np.array([len(members) for members in kept], dtype=np.intp)
        self._start = np.cumsum(self._size) - self._size
        self._member = np.array([group for members in kept for group in members], dtype=np.intp)
        self._set = np.repeat(np.arange(len(kept)), self._size)
        self._groups = groups

    def best_other(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the largest value among the other members of a group's sets, shape (groups,)."""
        result = np.full(self._groups, NOTHING)
        if not len(self._member):
            return result
        own = value[self._member]
        largest = np.maximum.reduceat(own, self._start)
        is_largest = own == largest[self._set]
        several = np.add.reduceat(is_largest.astype(np.intp), self._start) > 1
        second = np.maximum.reduceat(np.where(is_largest, NOTHING, own), self._start)
        other = np.where(is_largest & ~several[self._set], second[self._set], largest[self._set])
        np.maximum.at(result, self._member, other)
        return result

    def mean_other(self, value: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the mean over the other members that count; a group of several sets has that of the last."""
        result = np.full(self._groups, NOTHING)
        if not len(self._member):
            return result
        weight = counted[self._member].astype(np.float64)
        own = np.where(counted, value, 0.0)[self._member]
        total, number = np.add.reduceat(own, self._start), np.add.reduceat(weight, self._start)
        result[self._member] = (total[self._set] - own) / np.maximum(number[self._set] - weight, 1)
        return result


def of_one_gene(diseases: Diseases) -> Relatives:
    """Return the groups of diseases that a gene stands behind, for every gene."""
    by_gene: dict[str, list[int]] = defaultdict(list)
    for group in range(len(diseases.members)):
        for gene in diseases.genes_of_group(group):
            by_gene[gene].append(group)
    return Relatives(by_gene.values(), groups=len(diseases.members))


def of_one_series(diseases: Diseases) -> Relatives:
    """Return the series of diseases whose names differ by a number, as epileptic encephalopathies do."""
    by_stem: dict[str, list[int]] = defaultdict(list)
    for group, members in enumerate(diseases.members):
        name = diseases.names[members[0]]
        stem = _NUMBER.sub("", name).strip().casefold()
        if stem and stem != name.casefold():
            by_stem[stem].append(group)
    series = [members for members in by_stem.values() if len(members) >= _SERIES]
    return Relatives(series, groups=len(diseases.members))
