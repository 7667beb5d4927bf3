"""The phenotype task: its contract, and what a tool of this task must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.plugin import Task
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.ranking_bench import RankingBench
from genopraxis.contracts.training import TrainingTrace
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores

Relation = Literal["exact", "more_specific_than_annotated", "more_general_than_annotated", "related", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignContribution:
    """What one piece of the query says about one group of diseases.

    Parameters
    ----------
    kind
        ``observed`` or ``excluded`` sign, ``breadth`` of the disease's annotation, ``age``, ``sex``, or the
        ``disease`` itself.
    term
        Term number of a sign.
    log10_likelihood_ratio
        Its part of the group's score; the parts add up.
    relation
        How the patient's term stands to the annotated term that explains it.
    annotated
        Number of that annotated term.
    frequency
        The annotated frequency in words (``3/7 patients``, ``very frequent``).
    rows
        Positions of the annotation rows used, for their references.
    references
        Who else says so, e.g. publications of the case library.
    """

    kind: Literal["observed", "excluded", "breadth", "age", "sex", "disease"]
    term: int | None
    log10_likelihood_ratio: float
    sentence: str
    relation: Relation = "none"
    annotated: int | None = None
    frequency: str | None = None
    rows: tuple[int, ...] = ()
    references: tuple[str, ...] = ()


class PhenotypeRanker(ABC):
    """A tool made ready for one release of knowledge."""

    def __init__(self, tool: PhenotypeTool, knowledge: HpoKnowledge) -> None:
        self.tool = tool
        self.knowledge = knowledge

    @abstractmethod
    def rank(self, query: Query) -> DiseaseScores:
        """Score every group of linked diseases for one query."""

    def on(self, knowledge: HpoKnowledge) -> PhenotypeRanker:
        """Return this ranker on knowledge in which a few diseases have other annotation rows.

        The bench uses it to take a case's own publication out of the knowledge. The default prepares the tool
        again, which is right for any tool and slow; override it where less will do.
        """
        return self.tool.prepare(knowledge)

    def explain(self, query: Query, group: int) -> list[SignContribution]:  # noqa: ARG002 - the default has none
        """Return what each sign contributed to a group's score; empty when the tool cannot say."""
        return []


class PhenotypeTool(ABC):
    """A tool of the phenotype task.

    A tool whose parameters a user may change also has ``configure(settings)``: it returns the tool with the
    parameters given as text, and :meth:`genopraxis.contracts.cards.ToolCard.read_settings` reads them.
    """

    card: ToolCard  # of the class, or of an instance whose parameters differ from the usual ones

    @abstractmethod
    def prepare(self, knowledge: HpoKnowledge) -> PhenotypeRanker:
        """Make the tool ready for a release of knowledge."""

    def trained_on(self) -> TrainingTrace | None:
        """Return the cases that the tool was trained on, for the leak detector of the bench.

        ``None``, the default: it declares none, be it that nothing was fitted or that nobody wrote them down.
        """
        return None


def _tool_problems(tool: object) -> list[str]:
    if not isinstance(tool, PhenotypeTool):
        return ["is not a genopraxis.tasks.phenotype.task.PhenotypeTool"]
    card = getattr(tool, "card", None)
    if not isinstance(card, ToolCard):
        return ["has no tool card"]
    return [] if card.task == TASK.id else [f"its card says task {card.task!r}, wanted {TASK.id!r}"]


def _bench() -> RankingBench:
    # loaded when a benchmark is run: the port needs this module, and a patient does not need the port
    from genopraxis.tasks.phenotype.bench.port import PhenotypeBench

    return PhenotypeBench()


TASK = Task(
    id="phenotype",
    question="Which disease or gene explains these signs?",
    kind="ranking",
    levels=("disease", "gene"),
    predictions=RANKING,
    metrics=("top1", "top3", "top5", "top10", "mrr"),
    strata=(
        "leak",
        "annotated",
        "knowledge_left",
        "library",
        "question",
        "terms",
        "sex",
        "age",
        "year",
        "time",
    ),
    tool_problems=_tool_problems,
    bench=_bench,
    default_tool="phenotype.ranker",
)
