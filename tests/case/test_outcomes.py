"""Tools that allow for *none of these*: what the result holds, what the reports show, and where."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from outcome_tool import BASE, OutcomeTool
from rich.console import Console

from genopraxis.case.candidate_cards import split
from genopraxis.case.cases_table import CASES, CasesTable, rows_of
from genopraxis.case.flow import CaseFlow
from genopraxis.case.information import COMMON_SIGN, FIRST_TEN_LIMIT, judge
from genopraxis.case.report import candidate_table, outcome_rows, render_report
from genopraxis.case.result import CaseResult, Contribution
from genopraxis.contracts.patient import Feature, Patient
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.ranking import DiseaseScores
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool

# in a release of nine diseases every sign is common, so these tests name one that few show
ARACHNODACTYLY, LENS, SEIZURE = "HP:0001166", "HP:0001083", "HP:0001250"
FIRST_TEN = 0.36 * 0.9


def patient(*observed: str) -> Patient:
    return Patient(case_id="c", features=tuple(Feature(term_id=t) for t in observed))


@pytest.fixture(autouse=True)
def every_sign_may_inform(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ninth of nine diseases is already more than a tenth."""
    monkeypatch.setattr("genopraxis.case.information.COMMON_SIGN", 0.3)


def run(tiny: HpoKnowledge, tool: OutcomeTool | None = None, *, local: bool = False) -> CaseResult:
    ranker = (tool or OutcomeTool()).prepare(tiny)
    return CaseFlow(ranker, solve_rate_local=local).run(patient(ARACHNODACTYLY, LENS))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def terminal(result: CaseResult) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(candidate_table(result))
    return " ".join(capture.get().split())


def test_result_holds_the_outcomes(tiny: HpoKnowledge) -> None:
    result = run(tiny)
    assert (result.not_listed, result.solve_rate, result.solve_rate_local) == (0.1, 0.36, False)
    assert result.first_ten == pytest.approx(FIRST_TEN, abs=0.01)
    assert result.no_diagnosis == pytest.approx(1 - 0.1 - FIRST_TEN)
    assert (result.information, result.contributions_are) == ("enough", "weight")
    assert sum(p for _, p, _ in outcome_rows(result)) == pytest.approx(1)
    assert CaseResult.from_mapping(json.loads(result.to_json()), where="test") == result


def test_other_tools_have_none(tiny: HpoKnowledge) -> None:
    for tool in (LikelihoodTool(), ResnikTool()):
        result = CaseFlow(tool.prepare(tiny), solve_rate_local=True).run(patient(LENS))
        assert result.not_listed is result.no_diagnosis is result.solve_rate is result.information is None
        assert not result.solve_rate_local
        assert result.probabilities_lead
        assert outcome_rows(result) == []
        assert "diagnosis to find" not in render_report(result)


def test_without_a_local_rate_ranks_come_first(tiny: HpoKnowledge) -> None:
    result = run(tiny)
    assert not result.probabilities_lead
    before, _, after = render_report(result).partition('aria-labelledby="probabilities"')
    assert "Probabilities at an assumed solve rate" in after
    assert "which is not your clinic" in after
    shown = words(before.split("<main", 1)[1].split('id="next"')[0])
    assert "Posterior" not in shown
    assert (
        "%"
        not in re.sub(r"Expected, not mentioned.*?Sign of the patient|Why.*?together", "", shown).split(
            "Most similar"
        )[0]
    )
    for label in ("None of the listed", "No diagnosis to find", "One of the first ten"):
        assert label in words(after)
        assert label not in words(before)
    assert "Holds at 36 %." in words(after)
    text = terminal(result)
    assert "posterior" not in text
    assert "At an assumed solve rate of 36" in text
    assert "no diagnosis to find 57.6" in text


def test_with_a_local_rate_probabilities_stand_beside_the_ranks(tiny: HpoKnowledge) -> None:
    result = run(tiny, OutcomeTool(solve_rate=0.6), local=True)
    assert result.probabilities_lead
    html = render_report(result)
    glance = words(html.split('id="glance"')[1].split("</section>")[0])
    assert "Posterior" in glance
    assert "None of the listed the patient has a diagnosis, and it is no candidate 10.0" in glance
    assert "No diagnosis to find" in glance
    assert "of whom 60\N{NO-BREAK SPACE}% have a diagnosis" in html
    assert "Holds at 36" not in result.prior_statement
    assert 'aria-labelledby="probabilities"' not in html
    text = terminal(result)
    assert "posterior" in text
    assert "none of the listed 10.0" in text
    assert "At a solve rate of 60" in text


def test_weights_are_not_called_likelihood_ratios(tiny: HpoKnowledge) -> None:
    result = run(tiny)
    html = render_report(result)
    assert "log10 weight" in html
    assert "log10 LR" not in html
    assert "Disease and all signs together" in html
    assert "Likelihood ratio" not in words(html.split('id="meaning"')[1].split("</section>")[0])
    first = result.candidates[0]
    total = sum(part.log10_likelihood_ratio for part in first.contributions)
    waterfall = html.split('<table class="waterfall">')[1].split("</table>")[0]
    rows = [
        float(x.replace("\N{MINUS SIGN}", "-"))
        for x in re.findall(r'<td class="number">(.*?)</td>', waterfall)
    ]
    assert rows[0] == BASE, "what the disease weighs by itself comes first"
    assert sum(rows[:-1]) == pytest.approx(rows[-1], abs=0.02)
    assert rows[-1] == pytest.approx(total, abs=0.01)
    assert "Not itemised" not in waterfall
    assert result.evidence
    for line in result.evidence:
        assert line.log10_likelihood_ratio is None
        assert line.code != "phenotype.disease"
    assert {line.direction for line in result.evidence} > {"supports"}


def test_the_absence_of_what_a_disease_does_not_show_is_no_contradiction(tiny: HpoKnowledge) -> None:
    """A learned weight may be below 0 for it, since other candidates are known for the sign."""
    first = run(tiny).candidates[0]
    part = Contribution(
        kind="excluded", term_id=SEIZURE, label="Seizure", log10_likelihood_ratio=-0.6, sentence="Absent."
    )
    known = part.model_copy(update={"relation": "exact"})
    for absence, wanted in ((part, ()), (known, (known,))):
        _, against = split(first.model_copy(update={"contributions": (absence,)}))
        assert against == wanted


def test_too_little_is_said(tiny: HpoKnowledge) -> None:
    result = run(tiny, OutcomeTool(sure=0.2))
    assert result.first_ten is not None
    assert result.first_ten < FIRST_TEN_LIMIT
    assert result.information == "too_little"
    assert result.message.startswith(
        "Too little is known of this patient to name a disease: the chance that one of"
    )
    assert "at a solve rate of 36" in result.message
    assert result.candidates, "the list is shown nevertheless"
    assert "it is no answer" in render_report(result)
    # the same list at a rate at which it is worth reading
    assert run(tiny, OutcomeTool(sure=0.2, solve_rate=0.9), local=True).information == "enough"


@pytest.mark.parametrize(
    ("chance", "shares", "wanted"),
    [
        (FIRST_TEN_LIMIT, [0.01], "enough"),
        (FIRST_TEN_LIMIT - 1e-9, [0.01], "too_little"),
        (0.9, [COMMON_SIGN], "enough"),  # below the limit that these tests set
        (0.9, [0.3, 0.4], "too_little"),
        (0.9, [0.4, 0.01], "enough"),
    ],
)
def test_the_rule(chance: float, shares: list[float], wanted: str) -> None:
    scores = DiseaseScores(score=np.zeros(1), probability=np.ones(1), not_listed=0.0, no_diagnosis=0.0)
    found, why = judge(scores, among_first_ten=chance, shares=shares, solve_rate=None)
    assert found == wanted
    assert bool(why) == (wanted == "too_little")
    assert "solve rate" not in why


def test_no_sign_no_outcome(tiny: HpoKnowledge) -> None:
    result = CaseFlow(OutcomeTool().prepare(tiny)).run(patient())
    assert result.outcome == "no_phenotype_given"
    assert result.not_listed is result.no_diagnosis is result.first_ten is result.information is None
    assert result.order is None
    assert "no diagnosis to find" not in terminal(result)
    render_report(result)


def test_what_stands_out_does_not_hang_on_the_solve_rate(tiny: HpoKnowledge) -> None:
    sure, doubtful = (run(tiny, OutcomeTool(solve_rate=rate, not_listed=0.0)) for rate in (0.9, 0.11))
    assert sure.message == doubtful.message
    assert sure.message.startswith("First of the ranked diseases is Marfan syndrome")


def test_table_of_cases_has_the_outcomes(tiny: HpoKnowledge) -> None:
    table = CasesTable()
    table.add(rows_of(run(tiny), folder="c"))
    table.add(rows_of(CaseFlow(LikelihoodTool().prepare(tiny)).run(patient(LENS)), folder="d"))
    whole = table.whole()
    CASES.check(whole, raise_errors=True)
    first, last = whole.row(0, named=True), whole.row(-1, named=True)
    assert (first["not_listed"], first["solve_rate"], first["information"]) == (0.1, 0.36, "enough")
    assert last["not_listed"] is last["information"] is None
    CASES.check(
        whole.drop("first_ten", "not_listed", "no_diagnosis", "solve_rate", "information"), raise_errors=True
    )
