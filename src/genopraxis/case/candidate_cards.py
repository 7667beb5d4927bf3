"""The candidates of a report, one by one: a waterfall of what each sign weighs, and the signs for and against."""

from __future__ import annotations

import math
from dataclasses import dataclass

from genopraxis.case.result import Candidate, Contribution

OPEN_CARDS = 3
MATTERS = 0.05  # |log10 LR| up to which a sign speaks neither for nor against (a factor of 1.12)
REASONS = 3  # signs named for and against in the overview
_UNITEMISED = 0.005  # largest difference between contributions and total that rounding explains

RELATION_WORDS = {
    "exact": "exact match",
    "more_specific_than_annotated": "more specific than annotated",
    "more_general_than_annotated": "more general than annotated",
    "related": "related sign",
    "none": "not annotated",
}
_KIND_WORDS = {
    "observed": "present",
    "excluded": "absent",
    "breadth": "annotation",
    "age": "age",
    "sex": "sex",
    "disease": "disease",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """The common log10 axis of all waterfalls in one report, so that bars compare between cards."""

    low: float
    high: float
    step: float

    def place(self, value: float) -> float:
        """Return the position of a value from the left edge, in percent of the width."""
        return (value - self.low) / (self.high - self.low) * 100

    @property
    def ticks(self) -> tuple[float, ...]:
        """Tick values from left to right; zero is always one of them."""
        count = round((self.high - self.low) / self.step)
        return tuple(self.low + self.step * number for number in range(count + 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One row of a waterfall: what was added, and where its bar lies (percent of the width)."""

    contribution: Contribution
    kind: str
    relation: str | None
    left: float
    width: float
    direction: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One candidate, prepared for reading.

    Parameters
    ----------
    total
        What all signs together weigh, as log10; ``None`` when the tool cannot say.
    base
        What the disease weighs before any sign, where the tool has such a part.
    """

    candidate: Candidate
    anchor: str
    total: float | None
    base: Step | None
    steps: tuple[Step, ...]
    unitemised: float | None
    total_left: float
    total_width: float
    matching: tuple[Contribution, ...]
    contradicting: tuple[Contribution, ...]
    absent: tuple[Contribution, ...]
    tied: bool
    is_open: bool

    @property
    def reasons(self) -> tuple[Contribution, ...]:
        """The signs that speak most for this candidate."""
        return self.matching[:REASONS]

    @property
    def objections(self) -> tuple[Contribution, ...]:
        """The signs that speak most against this candidate."""
        return self.contradicting[:REASONS]


def waterfall_axis(candidates: tuple[Candidate, ...]) -> Axis:
    """Return the axis that holds every running sum of every candidate, with zero on a tick."""
    sums = [0.0]
    for candidate in candidates:
        running = 0.0
        for item in _in_order(candidate):
            running += item.log10_likelihood_ratio
            sums.append(running)
        sums.append(total_of(candidate) or 0.0)
    low, high = min(sums), max(sums)
    # at most about six ticks: more labels would collide in the column of a printed page
    step = next((size for size in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if (high - low) / size <= 6), 100.0)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Axis(low=low, high=high if high > low else low + step, step=step)


def total_of(candidate: Candidate) -> float | None:
    """Return what all signs together weigh: the log10 likelihood ratio, or the log10 weight of a tool without one."""
    if candidate.log10_likelihood_ratio is not None:
        return candidate.log10_likelihood_ratio
    if not candidate.contributions:
        return None
    return sum(item.log10_likelihood_ratio for item in candidate.contributions)


def make_card(number: int, candidate: Candidate, axis: Axis, *, tied: bool) -> Card:
    """Prepare the candidate that is listed at a place, 1 being first."""
    steps = []
    running = 0.0
    for item in _in_order(candidate):
        before, running = running, running + item.log10_likelihood_ratio
        small = abs(item.log10_likelihood_ratio) < _UNITEMISED
        if small and item.kind not in ("observed", "excluded", "disease"):
            continue
        steps.append(
            Step(
                contribution=item,
                kind=_KIND_WORDS[item.kind],
                relation=RELATION_WORDS[item.relation] if item.kind in {"observed", "excluded"} else None,
                left=axis.place(min(before, running)),
                width=axis.place(max(before, running)) - axis.place(min(before, running)),
                direction=_direction(item.log10_likelihood_ratio),
            )
        )
    stated = total_of(candidate)
    total = stated or 0.0
    base = next((step for step in steps if step.contribution.kind == "disease"), None)
    matching, contradicting = split(candidate)
    return Card(
        candidate=candidate,
        anchor=f"candidate-{number}",
        total=stated,
        base=base,
        steps=tuple(step for step in steps if step is not base),
        # the contributions should add up; where they do not, the reader is told rather than left to find out
        unitemised=total - running if abs(total - running) > _UNITEMISED else None,
        total_left=axis.place(min(0.0, total)),
        total_width=axis.place(max(0.0, total)) - axis.place(min(0.0, total)),
        matching=matching,
        contradicting=contradicting,
        absent=tuple(item for item in _in_order(candidate) if item.kind == "excluded"),
        tied=tied,
        is_open=number <= OPEN_CARDS,
    )


def _in_order(candidate: Candidate) -> list[Contribution]:
    """Return what the disease weighs before any sign, then the signs, the largest first."""
    return sorted(
        candidate.contributions,
        key=lambda item: (item.kind != "disease", -abs(item.log10_likelihood_ratio)),
    )


def split(candidate: Candidate) -> tuple[tuple[Contribution, ...], tuple[Contribution, ...]]:
    """Return the signs that match and those that contradict.

    An absence may contradict, where the disease is known to show the sign; it never matches: that somebody looked for
    a sign is no finding.
    """
    signs = [item for item in _in_order(candidate) if item.kind in ("observed", "excluded")]
    return (
        tuple(s for s in signs if s.kind == "observed" and s.log10_likelihood_ratio > MATTERS),
        tuple(
            s
            for s in signs
            if s.log10_likelihood_ratio < -MATTERS and (s.kind == "observed" or s.relation != "none")
        ),
    )


def _direction(log10_ratio: float) -> str:
    if abs(log10_ratio) <= MATTERS:
        return "level"
    return "up" if log10_ratio > 0 else "down"
