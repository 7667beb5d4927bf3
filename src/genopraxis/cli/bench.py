"""``genopraxis bench``: compare tools honestly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from genopraxis.bench.compare import compare as compare_runs
from genopraxis.bench.comparison_page import comparison_table, render_comparison
from genopraxis.bench.dataset import RankingDataset, read_dataset
from genopraxis.bench.external import read_predictions, read_tool_card
from genopraxis.bench.external_ranks import case_ranks
from genopraxis.bench.page import headline_table
from genopraxis.bench.prepare import prepare_dataset
from genopraxis.bench.publications import PublicationCounts
from genopraxis.bench.regimes import REGIMES, Regime
from genopraxis.bench.report import PAGE, make_scorecard, read_run, write_run
from genopraxis.bench.run import run_ranking
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.scorecard import DatasetDigest, Notice, Timing
from genopraxis.formats.files import atomic_file, ensure_writable_folder
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import EMBEDDED, load_release
from genopraxis.plugins import TASKS, load_task, names
from genopraxis.render.terminal import note, progress, show

app = typer.Typer(
    help="Compare tools on datasets: leak-free regimes, intervals, strata.", no_args_is_help=True
)

_DEFAULT_TOOLS = ("phenotype.likelihood",)


@app.command("run")
def run(
    task: Annotated[str, typer.Argument(help="The task, e.g. phenotype.")],
    *,
    cases: Annotated[
        Path, typer.Option(help="Case-per-line JSONL (may be gzipped), or a folder of phenopackets.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for scorecard, case ranks and page.")],
    tool: Annotated[list[str] | None, typer.Option(help="Tool to run; may be repeated.")] = None,
    regime: Annotated[
        list[str] | None, typer.Option(help="full, case-out or publication-out; may be repeated.")
    ] = None,
    publications: Annotated[
        Path | None,
        typer.Option(help="Counts of whole publications (`bench publications`), where --cases is a subset."),
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Score this table of another program instead of running a tool.")
    ] = None,
    tool_card: Annotated[Path | None, typer.Option(help="Tool card of that program (YAML or JSON).")] = None,
    knowledge: Annotated[str, typer.Option(help="Knowledge release.")] = EMBEDDED,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Number of processes.")] = 1,
) -> None:
    """Run tools on a dataset, or score another program's predictions; writes scorecard.json and index.html."""
    _known_task(task)
    ensure_writable_folder(out)
    if (predictions is None) != (tool_card is None):
        raise InputError("--predictions and --tool-card go together", hint="give both, or neither")
    dataset = read_dataset(cases)
    regimes = _regimes(regime, default=("full",) if predictions else REGIMES)
    if predictions is not None and tool_card is not None:
        if tool:
            raise InputError(
                "--tool and --predictions exclude each other",
                hint="score one at a time, then `bench compare`",
            )
        _score_predictions(task, dataset, predictions, tool_card, regimes, knowledge, out)
        return
    tools = list(dict.fromkeys(tool or _DEFAULT_TOOLS))
    counts = None
    if publications is not None:
        table = publications

        def counts(release: HpoKnowledge) -> PublicationCounts:
            return PublicationCounts.read(table, release.ontology)

    with progress(len(dataset.cases) * len(tools) * len(regimes), "bench") as advance:
        outcome = run_ranking(
            dataset,
            tools=tools,
            regimes=regimes,
            release=knowledge,
            counts=counts,
            jobs=jobs,
            advance=advance,
        )
    parameters: dict[str, str | float | int | bool | None] = {
        "tools": " ".join(f"{c.id} {c.version}" for c in outcome.cards),
        "regimes": " ".join(regimes),
        "jobs": jobs,
    }
    _finish(
        task,
        dataset.digest,
        outcome.ranks,
        outcome.strata,
        outcome.timing,
        outcome.notices,
        knowledge,
        parameters,
        out,
    )


@app.command("compare")
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a bench run.")],
    second: Annotated[Path | None, typer.Argument(help="Folder of another one; the same by default.")] = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for comparison.json and index.html.")],
    tool: Annotated[
        list[str] | None,
        typer.Option(help="The two tools, first and second; needed where a run has several."),
    ] = None,
    regime: Annotated[str, typer.Option(help="Regime of the runs.")] = "publication-out",
    against_regime: Annotated[
        str | None, typer.Option(help="Regime of the second run, where it differs.")
    ] = None,
    level: Annotated[str, typer.Option(help="disease or gene.")] = "disease",
) -> None:
    """Compare two tools case by case: difference with interval, wins and losses."""
    card_a, ranks_a = read_run(first)
    card_b, ranks_b = read_run(second or first)
    chosen = tool or []
    if len(chosen) > 2:
        raise InputError("more than two tools were named", where="--tool", hint="a comparison is of two")
    a = _one_run(ranks_a, level, regime, chosen[0] if chosen else None, where=first)
    b = _one_run(
        ranks_b,
        level,
        against_regime or regime,
        chosen[1] if len(chosen) == 2 else None,
        where=second or first,
        other_than=a["tool"][0] if second is None else None,
    )
    same = card_a.dataset.sha256 == card_b.dataset.sha256
    if not same:
        note("the two runs are of different files; only cases with the same id are compared")
    found = compare_runs(a, b, level=level, dataset=card_a.dataset if same else None)
    ensure_writable_folder(out)
    with atomic_file(out / PAGE) as temporary:
        temporary.write_text(render_comparison(found), encoding="utf-8")
    with atomic_file(out / "comparison.json") as temporary:
        temporary.write_text(found.to_json(), encoding="utf-8")
    show(comparison_table(found))
    note(f"page: {out / PAGE}")


@app.command("publications")
def publications_table(
    *,
    cases: Annotated[Path, typer.Option(help="The complete case file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Table to write (tab-separated).")],
    knowledge: Annotated[str, typer.Option(help="Knowledge release.")] = EMBEDDED,
) -> None:
    """Write what each publication's patients contributed, for `bench run --publications` on a subset."""
    release = load_release(knowledge).knowledge
    _, counts = prepare_dataset(read_dataset(cases), release)
    table = counts.table(release.ontology)
    with atomic_file(out) as temporary:
        table.write_csv(temporary, separator="\t")
    note(f"{table.height:,} rows in {out}")


def _known_task(task: str) -> None:
    if task not in names(TASKS):
        raise InputError(f"there is no task {task!r}", hint=f"installed: {', '.join(names(TASKS))}")
    if load_task(task).kind != "ranking":
        raise InputError(f"task {task!r} is not a ranking task", hint="this version benches ranking tasks")


def _regimes(given: list[str] | None, *, default: tuple[Regime, ...]) -> list[Regime]:
    known: dict[str, Regime] = {name: name for name in REGIMES}
    wanted = dict.fromkeys(given or default)
    for name in wanted:
        if name not in known:
            raise InputError(
                f"there is no regime {name!r}", where="--regime", hint=f"one of {', '.join(REGIMES)}"
            )
    return [known[name] for name in wanted]


def _score_predictions(
    task: str,
    dataset: RankingDataset,
    predictions: Path,
    tool_card: Path,
    regimes: list[Regime],
    knowledge: str,
    out: Path,
) -> None:
    if len(regimes) != 1:
        raise InputError(
            "one table of predictions is of one regime", where="--regime", hint="name the one it was made in"
        )
    card = read_tool_card(tool_card)
    outcome = run_ranking(dataset, tools=(), regimes=(), release=knowledge)
    ranks, notices = case_ranks(
        read_predictions(predictions),
        [case.truth for case in dataset.cases],
        tool=card.id,
        version=card.version,
        regime=regimes[0],
    )
    publication = {case.patient.case_id: case.publication for case in dataset.cases}
    ranks = ranks.with_columns(
        publication=pl.col("case_id").replace_strict(publication, default=None, return_dtype=pl.String)
    )
    _finish(
        task,
        dataset.digest,
        ranks,
        outcome.strata,
        (),
        [*outcome.notices, *notices],
        knowledge,
        {"tools": f"{card.id} {card.version}", "regimes": regimes[0], "predictions": predictions.name},
        out,
    )


def _finish(
    task: str,
    dataset: DatasetDigest,
    ranks: pl.DataFrame,
    strata: pl.DataFrame,
    timing: tuple[Timing, ...],
    notices: list[Notice] | tuple[Notice, ...],
    knowledge: str,
    parameters: dict[str, str | float | int | bool | None],
    out: Path,
) -> None:
    card = make_scorecard(
        task=task,
        dataset=dataset,
        ranks=ranks,
        strata=strata,
        timing=timing,
        notices=notices,
        releases=load_release(knowledge).knowledge.releases,
        parameters=parameters | {"knowledge": knowledge},
    )
    write_run(out, card, ranks)
    show(headline_table(card))
    for notice in card.notices:
        if notice.n:
            note(f"{notice.message} [{notice.n}]")
    note(f"page: {out / PAGE}")


def _one_run(
    ranks: pl.DataFrame,
    level: str,
    regime: str,
    tool: str | None,
    *,
    where: Path,
    other_than: str | None = None,
) -> pl.DataFrame:
    here = ranks.filter((pl.col("level") == level) & (pl.col("regime") == regime))
    tools = [t for t in here["tool"].unique(maintain_order=True) if t != other_than or tool == t]
    if tool is None and len(tools) == 1:
        tool = tools[0]
    if tool is None or tool not in tools:
        raise InputError(
            f"which tool is meant is not clear (level {level}, regime {regime})",
            where=str(where),
            hint=f"name it with --tool; here: {', '.join(tools) or 'none'}; regimes: "
            f"{', '.join(ranks['regime'].unique(maintain_order=True))}",
        )
    return here.filter(pl.col("tool") == tool)
