"""What would change the order: checked against ranking again by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.order_changes import order_changes
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.task import PhenotypeRanker, PhenotypeTool
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool

SEIZURE, FOCAL, WEAKNESS, LENS, SCOLIOSIS = (
    "HP:0001250",
    "HP:0007359",
    "HP:0001324",
    "HP:0001083",
    "HP:0002650",
)
ARACHNODACTYLY, DISABILITY, NERVES = "HP:0001166", "HP:0001249", "HP:0012638"


def query(knowledge: HpoKnowledge, *observed: str, excluded: tuple[str, ...] = ()) -> Query:
    number = knowledge.ontology.number
    return Query(
        observed=tuple(number[t] for t in observed),
        excluded=tuple(number[t] for t in excluded),
    )


def first_of(ranker: PhenotypeRanker, asked: Query) -> int:
    return int(ranker.rank(asked).best_of_places(ranker.knowledge.diseases, 1)[0])


@pytest.mark.parametrize("tool", [LikelihoodTool(), ResnikTool()])
def test_each_change_is_that_of_ranking_again(tiny: HpoKnowledge, tool: PhenotypeTool) -> None:
    ranker = tool.prepare(tiny)
    asked = query(tiny, LENS, WEAKNESS, SEIZURE, excluded=(SCOLIOSIS,))
    findings = [tiny.ontology.number[t] for t in (ARACHNODACTYLY, DISABILITY)]
    found = order_changes(ranker, asked, ranker.rank(asked), findings=findings)
    assert found is not None
    assert (found.signs, found.findings) == (4, 2)
    assert found.first == first_of(ranker, asked)
    wanted = {}
    for term in (*asked.observed, *asked.excluded):
        less = replace(
            asked,
            observed=tuple(t for t in asked.observed if t != term),
            excluded=tuple(t for t in asked.excluded if t != term),
        )
        wanted["without", term] = first_of(ranker, less)
    for term in findings:
        wanted["present", term] = first_of(ranker, replace(asked, observed=(*asked.observed, term)))
        wanted["absent", term] = first_of(ranker, replace(asked, excluded=(*asked.excluded, term)))
    told = {(change.what, change.term): change.first for change in found.changes}
    assert told == {key: group for key, group in wanted.items() if group != found.first}
    assert told, "the patient was made so that the order hangs on single signs"


def test_what_a_finding_implies_counts_once(tiny: HpoKnowledge) -> None:
    """A special kind replaces the general sign; a general absence replaces the special one."""
    asked_of: list[Query] = []
    ranker = LikelihoodTool().prepare(tiny)
    asked = query(tiny, SEIZURE, LENS, excluded=(DISABILITY,))
    scores, rank = ranker.rank(asked), ranker.rank
    ranker.rank = lambda q: asked_of.append(q) or rank(q)  # type: ignore[method-assign, func-returns-value]
    number = tiny.ontology.number
    order_changes(ranker, asked, scores, findings=[number[FOCAL]])
    present = next(q for q in asked_of if number[FOCAL] in q.observed)
    assert set(present.observed) == {number[FOCAL], number[LENS]}
    asked_of.clear()
    order_changes(ranker, asked, scores, findings=[number[NERVES]], absences=False)
    assert not [q for q in asked_of if number[NERVES] in q.excluded]
    order_changes(ranker, asked, scores, findings=[number[NERVES]])
    absent = next(q for q in asked_of if number[NERVES] in q.excluded)
    assert absent.excluded == (number[NERVES],)


def test_an_only_sign_stays(tiny: HpoKnowledge) -> None:
    ranker = LikelihoodTool().prepare(tiny)
    asked = query(tiny, LENS)
    found = order_changes(ranker, asked, ranker.rank(asked))
    assert found is not None
    assert (found.signs, found.changes) == (0, ())


def test_level_candidates_have_no_order(tiny: HpoKnowledge) -> None:
    ranker = ResnikTool().prepare(tiny)
    asked = query(tiny, WEAKNESS)  # four diseases show it, and nothing else counts
    assert order_changes(ranker, asked, ranker.rank(asked)) is None


def test_at_most_twenty_signs_are_tried_and_the_most_telling_first(tiny: HpoKnowledge) -> None:
    ranker = LikelihoodTool().prepare(tiny)
    signs = [t for t in range(len(tiny.ontology.ids)) if tiny.ontology.is_phenotype[t]]
    asked = Query(observed=tuple(signs[:14]), excluded=tuple(signs[14:]))
    assert len(signs) < 20 or order_changes(ranker, asked, ranker.rank(asked)).signs == 20  # type: ignore[union-attr]
    asked = query(tiny, DISABILITY, LENS, ARACHNODACTYLY)
    asked_of: list[Query] = []
    scores, rank = ranker.rank(asked), ranker.rank
    ranker.rank = lambda q: asked_of.append(q) or rank(q)  # type: ignore[method-assign, func-returns-value]
    order_changes(ranker, asked, scores)
    # taking away what speaks for the first candidate comes before taking away what speaks against it
    assert tiny.ontology.number[DISABILITY] not in asked_of[-1].observed
