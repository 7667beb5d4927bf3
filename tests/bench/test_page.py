"""Pages and terminal table: figures are there, contaminated ones say so, nothing is read as markup."""

from __future__ import annotations

from html.parser import HTMLParser
from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from genopraxis.bench.compare import compare
from genopraxis.bench.comparison_page import comparison_table, render_comparison
from genopraxis.bench.page import headline_table, render_scorecard
from genopraxis.bench.scoring import score
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.bench.wording import Regimes
from genopraxis.contracts.cards import Datasheet
from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.contracts.scorecard import DatasetDigest, Notice, Scorecard, Timing
from genopraxis.provenance import current_provenance
from genopraxis.tasks.phenotype.bench.regimes import REGIMES

EVIL = "<script>alert(1)</script>"
TOOLS = ("phenotype.likelihood", "phenotype.resnik")


def ranks(*regimes: str, tools: tuple[str, ...] = TOOLS) -> pl.DataFrame:
    rows = [
        (tool, "1", regime, level, f"c{i}", f"P{i % 9}", ["OMIM:1"], rank, None, 50, [], [])
        for tool in tools
        for regime in regimes
        for level in ("disease", "gene")
        for i, rank in enumerate([1.0, 2.0, 2.5, None, 9.0, 30.0, 1.0, 4.0, 12.0, 1.0] * 2)
    ]
    return pl.DataFrame(rows, schema=CASE_RANKS.schema, orient="row")


def scorecard(table: pl.DataFrame) -> Scorecard:
    marks = pl.DataFrame(
        [(f"c{i}", None, f"sex={'female' if i % 2 else EVIL}") for i in range(20)],
        schema=CASE_STRATA.schema,
        orient="row",
    )
    return Scorecard(
        task="phenotype",
        dataset=DatasetDigest(name="Cases & others", sha256="a" * 64, n=20),
        regimes=REGIMES,
        results=tuple(score(table, marks, resamples=100)),
        timing=(
            Timing(tool=TOOLS[0], regime="full", cases=20, seconds=2.0, cases_per_second=10.0),
            Timing(tool=TOOLS[1], regime="full", cases=20, seconds=6.0, cases_per_second=3.3),
        ),
        notices=(Notice(code="case.odd", message=f"odd {EVIL}", n=1, cases=("c1",)),),
        provenance=current_provenance(parameters={"resamples": 100}),
    )


def well_formed(html: str) -> None:
    """Every element that is opened is closed, in the right order."""
    void = {"meta", "br", "img", "hr", "input", "link", "col", "use", "path", "rect"}
    open_elements: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in void:
                open_elements.append(tag)

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            pass

        def handle_endtag(self, tag: str) -> None:
            if tag not in void:
                assert open_elements.pop() == tag

    Reader().feed(html)
    assert not open_elements


@pytest.fixture(scope="module")
def both_regimes() -> tuple[Scorecard, str]:
    table = ranks("publication-out", "full")
    card = scorecard(table)
    return card, render_scorecard(card, table)


def test_scorecard_holds_what_a_reader_needs(both_regimes: tuple[Scorecard, str]) -> None:
    _, html = both_regimes
    well_formed(html)
    for text in (
        "a" * 64,
        "Cases &amp; others",
        "publication out",
        "contaminated",
        "What a regime means",
        "odd",
    ):
        assert text in html
    assert EVIL not in html
    assert html.count("<svg") == 2 * (2 + 2)
    assert "no clean ones stand beside them" not in html
    # full comes first, so that it is never what a reader leaves with
    assert html.index("full <span") < html.index("publication out</td>")
    assert "http://" not in html.replace("http://www.w3.org", "")


def test_contaminated_alone_warns() -> None:
    table = ranks("full")
    assert "no clean ones stand beside them" in render_scorecard(scorecard(table), table)


def test_one_tool_and_no_case() -> None:
    table = ranks("case-out", tools=TOOLS[:1])
    html = render_scorecard(scorecard(table), table)
    well_formed(html)
    assert "one tool puts" in html
    empty = scorecard(ranks("full")).model_copy(update={"results": (), "timing": (), "notices": ()})
    html = render_scorecard(empty, CASE_RANKS.empty())
    well_formed(html)
    assert "Nothing was measured" in html


def test_terminal_table(both_regimes: tuple[Scorecard, str]) -> None:
    console = Console(file=StringIO(), width=120)
    console.print(headline_table(both_regimes[0]))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "full (contaminated)" in text
    assert "30.0 (" in text


@pytest.mark.parametrize("regime", ["full", "publication-out"])
def test_comparison_page(regime: str) -> None:
    table = ranks(regime)
    one, other = (table.filter(pl.col("tool") == tool) for tool in TOOLS)
    moved = other.with_columns(pl.col("rank") + 1, pl.col("case_id"))
    html = render_comparison(compare(one, moved, level="disease", resamples=100, regimes=REGIMES))
    well_formed(html)
    assert ("Contaminated:" in html) == (regime == "full")
    assert "not listed" not in html
    assert "Better with A" in html


def test_comparison_without_shared_cases() -> None:
    table = ranks("full").filter(pl.col("tool") == TOOLS[0])
    other = ranks("case-out").with_columns(pl.col("case_id") + "x").filter(pl.col("tool") == TOOLS[1])
    html = render_comparison(compare(table, other, level="gene"))
    well_formed(html)
    assert "Nothing to compare" in html
    assert "Two regimes:" in html


def test_terminal_comparison() -> None:
    table = ranks("full")
    one, other = (table.filter(pl.col("tool") == tool) for tool in TOOLS)
    console = Console(file=StringIO(), width=120)
    console.print(comparison_table(compare(one, other, level="gene", resamples=50, regimes=REGIMES)))
    text = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "B: phenotype.resnik 1, full (contaminated) (gene, 20 shared cases)" in text
    assert "1.00" in text


def test_strata_are_in_the_order_of_their_numbers() -> None:
    table = ranks("case-out", tools=TOOLS[:1])
    names = ("terms=none", "terms=12 or more", "terms=1-3", "terms=4-11")
    marks = pl.DataFrame(
        [(f"c{i}", None, names[i % 4]) for i in range(20)], schema=CASE_STRATA.schema, orient="row"
    )
    card = scorecard(table).model_copy(update={"results": tuple(score(table, marks, resamples=50))})
    html = render_scorecard(card, table)
    places = [html.index(f'<th scope="row">{text}</th>') for text in ("1-3", "4-11", "12 or more", "none")]
    assert places == sorted(places)


def test_order_of_regimes() -> None:
    regimes = Regimes(REGIMES)
    assert regimes.in_order(["as given", "publication-out", "full"]) == [
        "full",
        "publication-out",
        "as given",
    ]
    assert regimes.text("full").contaminated
    # what the task does not offer is named as it is, and never vouched for
    assert regimes.text("as given").label == "as given"
    assert "as given" not in regimes


def test_yes_comes_first_and_what_is_not_known_last() -> None:
    table = ranks("case-out", tools=TOOLS[:1])
    names = ("sex=unknown", "sex=male", "annotated=no", "annotated=yes", "sex=female")
    marks = pl.DataFrame(
        [(f"c{i}", None, names[i % 5]) for i in range(20)], schema=CASE_STRATA.schema, orient="row"
    )
    card = scorecard(table).model_copy(update={"results": tuple(score(table, marks, resamples=50))})
    html = render_scorecard(card, table)
    for order in (("female", "male", "unknown"), ("yes", "no")):
        places = [html.index(f'<th scope="row">{text}</th>') for text in order]
        assert places == sorted(places)


def test_datasheet_and_cut_lists_are_shown() -> None:
    table = ranks("case-out", tools=TOOLS[:1])
    sheet = Datasheet(
        name="d", version="3", task="phenotype", description=f"Cases {EVIL}", licence="CC-BY-4.0", source="us",
        use_codes=("DUO:0000004",), known_leakage=("Papers are cited.",), grouping_keys=("publication",),
    )  # fmt: skip
    notices = (
        Notice(code="a", message="m", n=900, cases=("c1", "c2"), cut=True),
        Notice(code="b", message="m", n=2, cases=("c7",), publications=("PMID:77",)),
    )
    card = scorecard(table).model_copy(update={"datasheet": sheet, "notices": notices})
    html = render_scorecard(card, table)
    well_formed(html)
    for text in ("CC-BY-4.0", "DUO:0000004", "Papers are cited.", "c1, c2 and others", "PMID:77; cases c7"):
        assert text in html
    assert EVIL not in html
