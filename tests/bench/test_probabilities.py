"""Are probabilities right? Sums and ties by hand, what is not measured and why, and the section of the page."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from bench_cases import CASES, write_lines
from test_page import well_formed

from genopraxis.bench.external import read_predictions
from genopraxis.bench.external_ranks import case_ranks
from genopraxis.bench.page import render_scorecard
from genopraxis.bench.probabilities import HISTOGRAM, check_probabilities
from genopraxis.bench.questions import CONSTANT, MARGIN, PROBABILITY, SCORE, Asked, ask
from genopraxis.bench.report import read_run, write_run
from genopraxis.bench.run import BenchRun, run_bench
from genopraxis.bench.tables import CANDIDATE, CASE_RANKS
from genopraxis.bench.truths import answers, join_truths
from genopraxis.contracts.probability import ProbabilityCheck
from genopraxis.contracts.ranking import CANDIDATE_COUNTS, RANKING
from genopraxis.contracts.ranking_bench import RankingCase

Listed = list[tuple[float | None, float | None]]  # score and probability, best first


def ranks(
    *cases: tuple[Listed, float | None], candidates: int | None = None, **columns: object
) -> pl.DataFrame:
    """Lists with middle ranks of their scores; where the truth stands is given."""
    rows = []
    for number, (listed, rank) in enumerate(cases):
        top = [{"candidate_id": f"x:{i}", "score": s, "probability": p} for i, (s, p) in enumerate(listed)]
        places = (
            pl.Series([s for s, _ in listed], dtype=pl.Float64).rank("average", descending=True).to_list()
        )
        n = len(listed) if candidates is None else candidates
        rows.append(
            ("t.one", "1", "full", "disease", f"c{number:03}", None, ["x:0"], rank, None, n, top, places)
        )
    return pl.DataFrame(rows, schema=CASE_RANKS.schema, orient="row")


def asked(table: pl.DataFrame, k: int) -> Asked:
    found = ask(table, k=k)
    assert isinstance(found, Asked), found
    return found


TEN: Listed = [(10.0 - i, 0.05) for i in range(10)]


def test_sums_are_over_ranks_up_to_k() -> None:
    twelve: Listed = [(12.0 - i, 0.4 if i == 0 else 0.02) for i in range(12)]
    table = ranks((twelve, 3.0), ([], None), (twelve[:4], 1.0))
    first, ten = asked(table, 1), asked(table, 10)
    assert first.predicted == pytest.approx([0.4, 0.0, 0.4])
    assert first.right.tolist() == [False, False, True]
    assert ten.predicted == pytest.approx([0.4 + 9 * 0.02, 0.0, 0.4 + 3 * 0.02])
    assert ten.right.tolist() == [True, False, True]
    assert list(ten.confidence) == [PROBABILITY, SCORE, MARGIN, CONSTANT]
    assert ten.confidence[SCORE].tolist() == [12.0, -float("inf"), 12.0]
    assert ten.confidence[MARGIN].tolist() == [1.0, -float("inf"), 1.0]


def test_ties_are_handled_as_ranks_are() -> None:
    # two share the first place: rank 1.5, so none is the first
    assert asked(ranks(([(2.0, 0.3), (2.0, 0.3), (1.0, 0.1)], 1.5)), 1).predicted.tolist() == [0.0]
    # places 9 to 11 have rank 10 and are all among the first ten; places 10 and 11 have 10.5 and are not
    three: Listed = [*TEN[:8], *[(1.0, 0.1)] * 3]
    two: Listed = [*TEN[:9], *[(0.5, 0.1)] * 2]
    assert asked(ranks((three, 10.0), (two, 10.5)), 10).predicted == pytest.approx([0.4 + 0.3, 0.45])


def test_an_only_candidate_has_nothing_near_it() -> None:
    found = asked(ranks(([(2.0, 0.3)], 1.0), (TEN, 1.0)), 1)
    assert found.confidence[MARGIN].tolist() == [float("inf"), 1.0]


@pytest.mark.parametrize(
    ("table", "first", "ten"),
    [
        (ranks(([(3.0, None), (2.0, None)], 1.0)), "no probability", "no probability"),
        (ranks(([], None)), "no probability", "no probability"),
        (ranks((TEN[:9], 1.0)), None, "never lists 10"),
        (ranks((TEN, 1.0), ([(3.0, 0.5), (2.0, None)], 1.0)), None, "in 1 case(s) a candidate has no probability"),
        (ranks((TEN, 1.0), (TEN[:6], 1.0), candidates=300), None, "in 1 case(s) candidates before place 10"),
        (ranks(([(s, 0.15) for s, _ in TEN], 1.0)), None, "more than 1"),
        (ranks((TEN, 1.0)).drop("top_ranks"), "run the bench again", "run the bench again"),
    ],
    ids=["none", "no candidate", "short", "some", "gap", "sum", "old table"],
)  # fmt: skip
def test_what_is_not_measured(table: pl.DataFrame, first: str | None, ten: str | None) -> None:
    checks = list(check_probabilities(table, resamples=20))
    assert [one.question for one in checks] == ["top1", "top10"]
    for one, reason in zip(checks, (first, ten), strict=True):
        assert one.n == table.height
        if reason is None:
            assert (one.outcome, one.reason) == ("measured", None)
        else:
            assert one.outcome == "not_measured"
            assert reason in str(one.reason)
            assert one.calibration is None
            assert not one.confidence


def test_rounded_sums_are_held_at_one() -> None:
    table = ranks(([(10.0 - i, 0.1004) for i in range(10)], 1.0))
    assert asked(table, 10).predicted.tolist() == [1.0]


def test_without_scores_only_the_probability_is_compared() -> None:
    table = ranks((TEN, 1.0)).with_columns(
        top=pl.col("top").list.eval(
            pl.struct(
                pl.element().struct.field("candidate_id"),
                score=pl.lit(None, dtype=pl.Float64),
                probability=pl.element().struct.field("probability"),
            )
        )
    )
    assert table.schema["top"] == pl.List(CANDIDATE)
    assert list(asked(table, 1).confidence) == [PROBABILITY, CONSTANT]


def test_ranks_of_the_list_do_not_know_the_truth() -> None:
    """A truth that a task ranks better than its place in the list adds nothing to what was predicted."""
    case = RankingCase(case_id="c", group=None, truths={"disease": ("x:11",)})
    rows = [
        ("c", "disease", f"x:{i}", 10.0 if i == 11 else float(i), 20.0 - i, 0.05, True) for i in range(1, 13)
    ]
    made = join_truths(
        answers([case]),
        pl.DataFrame(rows, schema=RANKING.schema, orient="row"),
        pl.DataFrame([("c", "disease", 12)], schema=CANDIDATE_COUNTS.schema, orient="row"),
        tool="t.one",
        version="1",
        regime="full",
    )
    CASE_RANKS.check(made, raise_errors=True)
    assert made["top_ranks"].to_list() == [[float(i) for i in range(1, 13)]]
    found = asked(made, 10)
    assert found.predicted == pytest.approx([0.5])
    assert found.right.tolist() == [True]


def external(tmp_path: Path, rows: list[tuple[str, str, float, float]]) -> pl.DataFrame:
    path = tmp_path / "p.tsv"
    lines = ["case_id\tcandidate_id\trank\tprobability", *("\t".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    cases = [RankingCase(case_id=f"c{i}", group=None, truths={"disease": ("x:1",)}) for i in range(3)]
    found, _ = case_ranks(
        read_predictions(path, level="disease"), cases, tool="phenotype.other", version="1", regime="full"
    )
    return found


def test_predictions_of_another_program(tmp_path: Path) -> None:
    # c0 lists ten, its truth first; c1 ties two for the first place; c2 is absent
    rows = [("c0", f"x:{i}", i, 0.4 if i == 1 else 0.05) for i in range(1, 11)]
    rows += [("c1", "x:1", 1, 0.3), ("c1", "x:2", 1, 0.3)]
    found = external(tmp_path, rows)
    assert asked(found, 1).predicted.tolist() == [0.4, 0.0, 0.0]
    assert asked(found, 1).right.tolist() == [True, False, False]
    assert asked(found, 10).predicted == pytest.approx([0.4 + 9 * 0.05, 0.6, 0.0])
    assert asked(found, 10).right.tolist() == [True, True, False]


def test_a_list_that_names_the_truth_far_below_says_nothing_of_ten(tmp_path: Path) -> None:
    rows = [("c0", f"x:{i}", i, 0.05) for i in range(1, 11)]
    # nine candidates, and the truth at 57 as the tenth row
    rows += [("c1", f"x:{i}", i - 1, 0.05) for i in range(2, 11)] + [("c1", "x:1", 57, 0.01)]
    found = external(tmp_path, rows)
    assert isinstance(ask(found, k=1), Asked)
    assert "candidates before place 10 are not listed" in str(ask(found, k=10))
    # nothing but the truth
    found = external(tmp_path, [("c0", "x:1", 5, 0.2)])
    assert "candidates before place 1 are not listed" in str(ask(found, k=1))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_release: str) -> BenchRun:
    path = write_lines(tmp_path_factory.mktemp("cases") / "cases.jsonl")
    tools = ["phenotype.likelihood", "phenotype.resnik"]
    return run_bench(path, task="phenotype", tools=tools, knowledge=tiny_release)


def checks(card: BenchRun, **wanted: str) -> list[ProbabilityCheck]:
    return [one for one in card.card.probabilities if all(getattr(one, k) == v for k, v in wanted.items())]


def test_every_run_has_its_outcome(made: BenchRun) -> None:
    assert len(made.card.probabilities) == 2 * 3 * 2 * 2
    assert {one.outcome for one in checks(made, tool="phenotype.resnik")} == {"not_measured"}
    for one in checks(made, tool="phenotype.likelihood", question="top1"):
        rows = made.ranks.filter(
            (pl.col("tool") == one.tool) & (pl.col("regime") == one.regime) & (pl.col("level") == one.level)
        )
        with_truth = [c for c in CASES if (c["disease_id"] if one.level == "disease" else c["gene"])]
        assert one.n == rows.height == len(with_truth)
        assert one.calibration is not None
        # what came true is the headline figure
        (score,) = [
            s for s in made.card.results
            if (s.tool, s.regime, s.level, s.stratum, s.metric) == (one.tool, one.regime, one.level, "all", "top1")
        ]  # fmt: skip
        assert one.calibration.observed.value == pytest.approx(score.value)
        assert sum(b.n for b in one.calibration.bins) == sum(one.calibration.histogram) == one.n
        assert len(one.calibration.histogram) == HISTOGRAM
        constant = next(c for c in one.confidence if c.confidence == CONSTANT)
        assert constant.area.value == pytest.approx(1 - score.value)
        assert "posterior" in str(one.holds_for)


def test_scorecard_and_page(made: BenchRun, tmp_path: Path) -> None:
    write_run(tmp_path / "run", made.card, made.ranks)
    card, table = read_run(tmp_path / "run")
    assert card.probabilities == made.card.probabilities
    html = (tmp_path / "run" / "index.html").read_text(encoding="utf-8")
    well_formed(html)
    assert html == render_scorecard(card, table)
    for text in (
        "Is the probability right?",
        "solve rate is 1",
        "The posterior holds if",
        "observed over predicted",
        "error rate over the share of cases answered",
        "margin, first two scores",
        "since it gives no probability",
        "0.000001",
    ):
        assert text in html
    # a regime that may hold the answers says so here too
    section = html[html.index("Is the probability right?") : html.index("For whom does it work?")]
    assert section.count("contaminated</span>") == 2


def test_a_scorecard_without_probabilities_is_read_and_shown(made: BenchRun) -> None:
    raw = json.loads(made.card.to_json())
    del raw["probabilities"]
    card = type(made.card).from_mapping(raw, where="old")
    html = render_scorecard(card, made.ranks.drop("top_ranks"))
    well_formed(html)
    assert "<p>Not measured.</p>" in html
