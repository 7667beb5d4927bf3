"""Counts that can be added up: names, of which there may be too many, and numbers whose range is not known before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

__all__ = ["NAMES_LIMIT", "Names", "Spread"]

NAMES_LIMIT = 1000
"""Distinct names that are counted apart; a file with more is damaged or says something of each record."""

BINS = 64
"""Bins that a spread has at most."""

_FINEST = -40
TINY, HUGE = 2.0**_FINEST, 2.0**100
"""What is smaller counts as zero: beside large numbers a computer could not tell the two apart. What is as large, is no
value of anything."""


@dataclass(frozen=True, slots=True)
class Names:
    """How often each name came, in the order of their first use.

    Parameters
    ----------
    counts
        By name; :data:`NAMES_LIMIT` names at most.
    others
        How often any other name came.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    others: int = 0

    @classmethod
    def of(cls, items: Iterable[tuple[str, int]]) -> Names:
        """Count names given with their numbers; one may come twice."""
        counts: dict[str, int] = {}
        others = 0
        for name, n in items:
            if name in counts:
                counts[name] += n
            elif len(counts) < NAMES_LIMIT:
                counts[name] = n
            else:
                others += n
        return cls(counts, others)

    def __add__(self, other: Names) -> Names:
        if not other.counts:
            return self
        both = Names.of(chain(self.counts.items(), other.counts.items()))
        return Names(both.counts, self.others + other.others + both.others)

    def most(self) -> dict[str, int]:
        """Return the counts, the largest first."""
        return dict(sorted(self.counts.items(), key=lambda item: -item[1]))


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers are spread, in at most :data:`BINS` bins as wide as a power of two.

    The bins depend on the smallest and the largest number alone, so that it is the same in whatever order and in
    however many pieces the numbers come.

    Parameters
    ----------
    n
        Numbers that were counted; those that are infinite, as large as :data:`HUGE` or not a number are not.
    low, high
        The smallest and the largest.
    exponent, first
        Bin ``i`` begins at ``(first + i) * 2 ** exponent``.
    counts
        Of each bin.
    """

    n: int = 0
    low: float = 0.0
    high: float = 0.0
    exponent: int = _FINEST
    first: int = 0
    counts: tuple[int, ...] = ()

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> Spread:
        """Count numbers."""
        sound = values[np.abs(values) < HUGE].astype(np.float64)
        sound[np.abs(sound) < TINY] = 0.0
        if not sound.size:
            return cls()
        low, high = float(sound.min()), float(sound.max())
        exponent = _exponent(low, high)
        place = np.floor(np.ldexp(sound, -exponent)).astype(np.int64)
        first = int(place.min())
        return cls(sound.size, low, high, exponent, first, tuple(np.bincount(place - first).tolist()))

    def __add__(self, other: Spread) -> Spread:
        if not self.n or not other.n:
            return self if self.n else other
        low, high = min(self.low, other.low), max(self.high, other.high)
        exponent = _exponent(low, high)
        wide = self._widened(exponent), other._widened(exponent)
        first = min(start for start, _ in wide)
        counts = np.zeros(max(start + len(found) for start, found in wide) - first, np.int64)
        for start, found in wide:
            counts[start - first : start - first + len(found)] += found
        return Spread(self.n + other.n, low, high, exponent, first, tuple(counts.tolist()))

    def _widened(self, exponent: int) -> tuple[int, NDArray[np.int64]]:
        steps = exponent - self.exponent
        places = (self.first + np.arange(len(self.counts))) >> min(steps, 62)
        first = int(places[0])
        counts = np.zeros(int(places[-1]) - first + 1, np.int64)
        np.add.at(counts, places - first, np.asarray(self.counts, np.int64))
        return first, counts

    @property
    def edges(self) -> list[float]:
        """Edges of the bins, one more than there are bins."""
        return [float(np.ldexp(self.first + i, self.exponent)) for i in range(len(self.counts) + 1)]


def _exponent(low: float, high: float) -> int:
    """Return the smallest exponent for which the numbers fall into few enough bins."""
    # places must stay whole numbers: a bin is no finer than what a double tells apart near its largest number
    size = max(abs(low), abs(high))
    exponent = max(_FINEST, int(np.frexp(size)[1]) - 50 if size else _FINEST)
    if high > low:
        exponent = max(exponent, int(np.frexp(high - low)[1]) - 8)
    while np.floor(np.ldexp(high, -exponent)) - np.floor(np.ldexp(low, -exponent)) >= BINS:
        exponent += 1
    return exponent
