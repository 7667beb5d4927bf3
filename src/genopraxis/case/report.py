"""The report of one case: a self-contained HTML page, and its short form for the terminal."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from rich.table import Table

from genopraxis.case.candidate_cards import REASONS, make_card, split, total_of, waterfall_axis
from genopraxis.case.result import CaseResult, Contribution, OrderChange
from genopraxis.render import numbers
from genopraxis.render.shell import environment, page
from genopraxis.render.terminal import TableColumn, plain, table

AT_A_GLANCE = 10
_MATRIX_COLUMNS = 6
_UNIT = {"likelihood_ratio": "log10 LR", "weight": "log10 weight"}


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
        make_card(number, candidate, axis, tied=ranks[candidate.rank] > 1)
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
        "unit": _UNIT[result.contributions_are],
        "outcomes": outcome_rows(result),
        "solve_rate_sentence": solve_rate_sentence(result),
        "order_groups": _order_groups(result),
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
    """Return the leading candidates as text: rank, disease, id, posterior, log10 LR or weight, genes, main signs."""
    rows: list[tuple[str, ...]] = []
    for candidate in result.candidates[:limit]:
        matching, _ = split(candidate)
        rows.append(
            (
                numbers.rank(candidate.rank),
                candidate.name,
                candidate.disease_id,
                numbers.percent(candidate.posterior),
                numbers.signed(total_of(candidate)),
                ", ".join(candidate.genes) or "none known",
                ", ".join(_spoken(item) for item in matching[:REASONS]) or "none",
            )
        )
    return rows


def outcome_rows(result: CaseResult) -> list[tuple[str, float, str]]:
    """Return what else may be true of the patient: label, probability, explanation; empty when the tool cannot say.

    With the candidates of the glance they make up the whole: the first row sums up the first ten.
    """
    if result.first_ten is None or result.not_listed is None or result.no_diagnosis is None:
        return []
    below = 1 - result.first_ten - result.not_listed - result.no_diagnosis
    return [
        ("one of the first ten", result.first_ten, "their sum"),
        ("another candidate", min(max(below, 0.0), 1.0), "further down the list"),
        ("none of the listed", result.not_listed, "the patient has a diagnosis, and it is no candidate"),
        ("no diagnosis to find", result.no_diagnosis, "nothing that could be named explains the signs"),
    ]


def solve_rate_sentence(result: CaseResult) -> str:
    """Say for which solve rate the probabilities hold; empty when the tool does not allow for *none of these*."""
    if not result.other_outcomes:
        return ""
    if result.solve_rate is None:
        return "The tool does not say which share of such patients has a diagnosis that could be named."
    rate = numbers.percent(result.solve_rate, digits=0)
    if result.solve_rate_local:
        return f"At a solve rate of {rate}, as stated for this run."
    return f"At an assumed solve rate of {rate}, which is not your clinic\N{RIGHT SINGLE QUOTATION MARK}s."


def candidate_table(result: CaseResult, *, limit: int = AT_A_GLANCE, reasons: bool = False) -> Table:
    """Return the leading candidates as a terminal table; below them, what else may be true.

    Probabilities that hold for a solve rate nobody stated are below the table only.

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
        TableColumn(name=_UNIT[result.contributions_are], justify="right", no_wrap=True),
        "genes",
        "speaks for it",
    )
    shown = [n for n in range(6 + reasons) if n != 3 or result.probabilities_lead]
    rows = summary_rows(result, limit=limit)
    outcomes = outcome_rows(result) if rows else []
    if result.probabilities_lead:
        rows += [("", label, "", numbers.percent(p), "", "", "") for label, p, _ in outcomes]
    built = table(
        f"Case {result.case_id}: {result.message}",
        [columns[n] for n in shown],
        [[row[n] for n in shown] for row in rows],
    )
    if outcomes:
        told = solve_rate_sentence(result)
        if not result.probabilities_lead:
            told += " Probabilities: " + ", ".join(
                f"{label} {numbers.percent(p)}" for label, p, _ in outcomes
            )
            told += (
                ". Read the ranks first, or give your own rate (--set solve_rate=\N{HORIZONTAL ELLIPSIS})."
            )
        built.caption, built.caption_justify = plain(told), "left"
    return built


def _spoken(item: Contribution) -> str:
    return f"{item.label} (absent)" if item.kind == "excluded" else item.label


def _matrix_columns(result: CaseResult) -> list[tuple[str, str | None]]:
    """Return (disease id, name) of the columns of the next-signs table, in the order of the ranks."""
    wanted = dict.fromkeys(disease for sign in result.next_signs for disease in sign.expected_in)
    names = {candidate.disease_id: candidate.name for candidate in result.candidates}
    ranked = [disease for disease in names if disease in wanted]
    rest = [disease for disease in wanted if disease not in names]
    return [(disease, names.get(disease)) for disease in (*ranked, *rest)][:_MATRIX_COLUMNS]


def _order_groups(result: CaseResult) -> list[tuple[str, list[OrderChange]]]:
    """Return the changes of the order by what would have to change, without the empty ones."""
    changes = result.order.changes if result.order else ()
    parts = (
        ("If this sign had not been given", "without"),
        ("If this sign were found", "present"),
        ("If this sign were looked for and absent", "absent"),
    )
    return [
        (title, found)
        for title, what in parts
        if (found := [change for change in changes if change.what == what])
    ]
