"""The report of one case: a self-contained HTML page, and its short form for the terminal."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from rich.table import Table

from genopraxis.case.result import Candidate, CaseResult, Contribution
from genopraxis.render import numbers
from genopraxis.render.shell import environment, page
from genopraxis.render.terminal import TableColumn, table

AT_A_GLANCE = 10
OPEN_CARDS = 3
MATTERS = 0.05  # |log10 LR| up to which a sign speaks neither for nor against (a factor of 1.12)
_REASONS = 3  # signs named for and against in the overview
_MATRIX_COLUMNS = 6
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
    """One candidate, prepared for reading."""

    candidate: Candidate
    anchor: str
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
        return self.matching[:_REASONS]

    @property
    def objections(self) -> tuple[Contribution, ...]:
        """The signs that speak most against this candidate."""
        return self.contradicting[:_REASONS]


def render_report(result: CaseResult) -> str:
    """Return the report of one case as a single HTML page without script or external resource.

    Parameters
    ----------
    result
        The result document. Every text in it is treated as untrusted.

    Returns
    -------
    str
        HTML. When nothing was ranked, the page says so and why, without empty tables.
    """
    axis = waterfall_axis(result.candidates)
    ranks = Counter(candidate.rank for candidate in result.candidates)
    cards = [
        _card(number, candidate, axis, tied=ranks[candidate.rank] > 1)
        for number, candidate in enumerate(result.candidates, start=1)
    ]
    anchors = {
        disease: card
        for card in reversed(cards)
        for disease in (card.candidate.disease_id, *card.candidate.linked_ids)
    }
    context: dict[str, object] = {
        "result": result,
        "axis": axis,
        "cards": cards,
        "glance": cards[:AT_A_GLANCE],
        "cards_by_disease": anchors,
        "matrix": _matrix_columns(result),
        "evidence_groups": [
            (source, list(group))
            for source, group in groupby(
                result.evidence, key=lambda line: (f"{line.tool_id} {line.tool_version}", line.releases)
            )
        ],
    }
    return page(
        templates=environment(("genopraxis.case",)),
        body_template="case_report.html",
        title=f"Case {result.case_id} \N{MIDDLE DOT} Genopraxis",
        banner=result.banner,
        provenance=result.provenance,
        context=context,
    )


def summary_rows(result: CaseResult, *, limit: int = AT_A_GLANCE) -> list[tuple[str, ...]]:
    """Return the leading candidates as text: rank, disease, id, posterior, log10 LR, genes, main signs."""
    rows: list[tuple[str, ...]] = []
    for candidate in result.candidates[:limit]:
        matching, _ = _split(candidate)
        rows.append(
            (
                numbers.rank(candidate.rank),
                candidate.name,
                candidate.disease_id,
                numbers.percent(candidate.posterior),
                numbers.signed(candidate.log10_likelihood_ratio),
                ", ".join(candidate.genes) or "none known",
                ", ".join(_spoken(item) for item in matching[:_REASONS]) or "none",
            )
        )
    return rows


def candidate_table(result: CaseResult, *, limit: int = AT_A_GLANCE, reasons: bool = False) -> Table:
    """Return the leading candidates as a terminal table.

    Parameters
    ----------
    result
        The result document.
    limit
        Number of candidates shown.
    reasons
        Add the main signs for each candidate; readable from about 120 characters of width.
    """
    columns = (
        TableColumn(name="rank", justify="right", no_wrap=True),
        "disease",
        TableColumn(name="id", no_wrap=True),
        TableColumn(name="posterior", justify="right", no_wrap=True),
        TableColumn(name="log10 LR", justify="right", no_wrap=True),
        "genes",
        *(("speaks for it",) if reasons else ()),
    )
    rows = (row[: len(columns)] for row in summary_rows(result, limit=limit))
    return table(f"Case {result.case_id}: {result.message}", columns, rows)


def waterfall_axis(candidates: tuple[Candidate, ...]) -> Axis:
    """Return the axis that holds every running sum of every candidate, with zero on a tick."""
    sums = [0.0]
    for candidate in candidates:
        running = 0.0
        for item in _by_size(candidate):
            running += item.log10_likelihood_ratio
            sums.append(running)
        sums.append(candidate.log10_likelihood_ratio or 0.0)
    low, high = min(sums), max(sums)
    # at most about six ticks: more labels would collide in the column of a printed page
    step = next((size for size in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if (high - low) / size <= 6), 100.0)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Axis(low=low, high=high if high > low else low + step, step=step)


def _card(number: int, candidate: Candidate, axis: Axis, *, tied: bool) -> Card:
    steps = []
    running = 0.0
    for item in _by_size(candidate):
        before, running = running, running + item.log10_likelihood_ratio
        if item.kind not in ("observed", "excluded") and abs(item.log10_likelihood_ratio) < _UNITEMISED:
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
    total = candidate.log10_likelihood_ratio or 0.0
    matching, contradicting = _split(candidate)
    return Card(
        candidate=candidate,
        anchor=f"candidate-{number}",
        steps=tuple(steps),
        # the contributions should add up; where they do not, the reader is told rather than left to find out
        unitemised=total - running if abs(total - running) > _UNITEMISED else None,
        total_left=axis.place(min(0.0, total)),
        total_width=axis.place(max(0.0, total)) - axis.place(min(0.0, total)),
        matching=matching,
        contradicting=contradicting,
        absent=tuple(item for item in _by_size(candidate) if item.kind == "excluded"),
        tied=tied,
        is_open=number <= OPEN_CARDS,
    )


def _by_size(candidate: Candidate) -> list[Contribution]:
    return sorted(candidate.contributions, key=lambda item: -abs(item.log10_likelihood_ratio))


def _split(candidate: Candidate) -> tuple[tuple[Contribution, ...], tuple[Contribution, ...]]:
    """Return the signs that match and those that contradict.

    An absence may contradict; it never matches: that somebody looked for a sign is no finding.
    """
    signs = [item for item in _by_size(candidate) if item.kind in ("observed", "excluded")]
    return (
        tuple(s for s in signs if s.kind == "observed" and s.log10_likelihood_ratio > MATTERS),
        tuple(s for s in signs if s.log10_likelihood_ratio < -MATTERS),
    )


def _direction(log10_ratio: float) -> str:
    if abs(log10_ratio) <= MATTERS:
        return "level"
    return "up" if log10_ratio > 0 else "down"


def _spoken(item: Contribution) -> str:
    return f"{item.label} (absent)" if item.kind == "excluded" else item.label


def _matrix_columns(result: CaseResult) -> list[tuple[str, str | None]]:
    """Return (disease id, name) of the columns of the next-signs table, in the order of the ranks."""
    wanted = dict.fromkeys(disease for sign in result.next_signs for disease in sign.expected_in)
    names = {candidate.disease_id: candidate.name for candidate in result.candidates}
    ranked = [disease for disease in names if disease in wanted]
    rest = [disease for disease in wanted if disease not in names]
    return [(disease, names.get(disease)) for disease in (*ranked, *rest)][:_MATRIX_COLUMNS]
