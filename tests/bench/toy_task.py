"""A second ranking task, as a plug-in would bring it: which fruit is it, told by its colour?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from genopraxis.contracts.cards import Reference, ToolCard
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.leakage import CASE_LEAKS, COMPARED_COUNTS, LeakKind, LeakReport
from genopraxis.contracts.plugin import Task
from genopraxis.contracts.ranking import CANDIDATE_COUNTS, CASE_STRATA, RANKING
from genopraxis.contracts.ranking_bench import (
    PerturbationKind,
    PreparedCase,
    PreparedDataset,
    RankedCases,
    RankingCase,
    RankingDataset,
)
from genopraxis.contracts.scorecard import DatasetDigest, Notice, Regime

FRUIT = {"apple": "red", "cherry": "red", "lemon": "yellow", "banana": "yellow", "lime": "green"}


@dataclass(frozen=True)
class ColourTool:
    """Ranks by colour: a fruit of the right one comes before the others."""

    card = ToolCard(
        id="fruit.colour", version="1", task="fruit", name="Colour", summary="s", intended_use="u",
        limitations=("l",), licence="CC0-1.0", references=(Reference(citation="c", url="https://example.org"),),
        training_data=(), score="1 for the right colour",
    )  # fmt: skip

    def score(self, colour: str, known: dict[str, str]) -> dict[str, float]:
        return {name: float(own == colour) for name, own in known.items()}


class FruitBench:
    regimes = (
        Regime(name="all-known", label="all known", meaning="Nothing is hidden.", contaminated=True),
        Regime(
            name="own-hidden", label="own hidden", meaning="The colour of the case's own fruit is hidden."
        ),
    )

    perturbations = (
        PerturbationKind(name="dusk", meaning="Every fruit looks grey.", level=None),
        PerturbationKind(
            name="lamps", meaning="So many lamps are lit.", level="number of lamps", highest=3, whole=True
        ),
    )

    def read(self, paths, *, name):
        (path,) = paths
        rows = [json.loads(text) for text in Path(path).read_text(encoding="utf-8").splitlines()]
        return RankingDataset(
            cases=tuple(
                RankingCase(
                    case_id=r["id"], group=r["basket"], truths={"kind": (r["kind"],)}, content=r["colour"]
                )
                for r in rows
            ),
            digest=DatasetDigest(name=name, sha256=sha256(Path(path).read_bytes()).hexdigest(), n=len(rows)),
        )

    def prepare(self, dataset, *, knowledge, counts, perturbations=(), seed=0):
        if counts is not None:
            raise InputError("fruit are not counted")
        dark = [one.name for one in perturbations] == ["dusk"]
        return PreparedDataset(
            cases=tuple(
                PreparedCase(case=case, content="grey" if dark else case.content) for case in dataset.cases
            ),
            dataset=dataset,
            knowledge=knowledge,
            releases=(),
            perturbations=tuple(perturbations),
            seed=seed if perturbations else None,
        )

    def ready(self, tool, *, knowledge):
        return tool

    def rank(self, ready, cases, *, regime, top):
        rows, counts = [], []
        for one in cases:
            own = one.case.truths["kind"]
            known = {k: "?" if regime == "own-hidden" and k in own else v for k, v in FRUIT.items()}
            scored = pl.DataFrame(
                list(ready.score(one.content, known).items()), schema=["k", "s"], orient="row"
            )
            ranked = scored.with_columns(r=pl.col("s").rank("average", descending=True)).sort("r", "k")
            rows += [(one.case.case_id, "kind", k, r, s, None, True) for k, s, r in ranked.iter_rows()]
            counts.append((one.case.case_id, "kind", len(known)))
        return RankedCases(
            predictions=pl.DataFrame(rows, schema=RANKING.schema, orient="row"),
            candidates=pl.DataFrame(counts, schema=CANDIDATE_COUNTS.schema, orient="row"),
            seconds=0.0,
        )

    def strata(self, prepared):
        return pl.DataFrame(
            [(one.case.case_id, one.case.group, f"colour={one.content}") for one in prepared.cases],
            schema=CASE_STRATA.schema,
            orient="row",
        )

    def notices(self, prepared, *, regimes):
        return (Notice(code="ripe", message="Only ripe fruit.", n=1),)

    def contributions(self, prepared):
        raise InputError("no basket gives anything to what is known of fruit")

    def leaks(self, prepared, *, tools):
        """Whoever made the task has seen the first basket; of a fruit without one nobody knows."""
        kind = LeakKind(name="basket_seen", label="basket seen", meaning="Seen before.", source="knowledge")
        seen = {"1": "found", None: "cannot_tell"}
        rows = [
            (c.case_id, c.group, kind.name, "", seen.get(c.group, "not_found"), None, [], None, None)
            for c in prepared.dataset.cases
        ]
        return LeakReport(
            kinds=(kind,),
            cases=pl.DataFrame(rows, schema=CASE_LEAKS.schema, orient="row"),
            counts=COMPARED_COUNTS.empty(),
        )

    def excerpt(self, path, case_ids):
        lines = Path(path).read_bytes().splitlines(keepends=True)
        return (line for line in lines if json.loads(line)["id"] in case_ids)


TASK = Task(
    id="fruit",
    question="Which fruit is it?",
    kind="ranking",
    levels=("kind",),
    predictions=RANKING,
    metrics=("top1", "top2", "mrr"),
    strata=("colour",),
    tool_problems=lambda tool: [] if hasattr(tool, "score") else ["cannot score"],
    bench=FruitBench,
    default_tool="fruit.colour",
)
PORTLESS = Task(
    id="portless",
    question="What now?",
    kind="ranking",
    levels=("kind",),
    predictions=RANKING,
    metrics=("top1",),
    strata=(),
    tool_problems=lambda _: ["nothing will do"],
)
