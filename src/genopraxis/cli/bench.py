"""``genopraxis bench``: compare tools honestly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from genopraxis.bench.compare import compare as compare_runs
from genopraxis.bench.comparison_page import comparison_table, render_comparison
from genopraxis.bench.datasets import bench_of, open_dataset
from genopraxis.bench.page import headline_table
from genopraxis.bench.perturbations import SEED, chosen_perturbations, read_perturbations
from genopraxis.bench.report import PAGE, SCORECARD, read_run, write_run
from genopraxis.bench.run import BenchRun, chosen_regimes, run_bench, score_predictions
from genopraxis.cli.leakage import leakage
from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.contracts.scorecard import Scorecard
from genopraxis.formats.files import atomic_file, ensure_writable_folder
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.render.terminal import note, progress, show

app = typer.Typer(
    help="Compare tools on datasets: leak-free regimes, intervals, strata.", no_args_is_help=True
)


@app.command("run")
def run(
    task: Annotated[str, typer.Argument(help="The task, e.g. phenotype.")],
    *,
    cases: Annotated[
        str,
        typer.Option(
            help="Case-per-line JSONL (may be gzipped), a folder of phenopackets, or the name of a registered "
            "dataset, e.g. demo.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for scorecard, case ranks and page.")],
    tool: Annotated[
        list[str] | None, typer.Option(help="Tool to run; may be repeated. Default: the task's own.")
    ] = None,
    regime: Annotated[
        list[str] | None,
        typer.Option(
            help="What to take out of the knowledge, e.g. full, case-out or publication-out; may be repeated. "
            "Default: all that the task offers."
        ),
    ] = None,
    publications: Annotated[
        Path | None,
        typer.Option(help="Counts of whole publications (`bench publications`), where --cases is a subset."),
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Score this table of another program instead of running a tool.")
    ] = None,
    tool_card: Annotated[Path | None, typer.Option(help="Tool card of that program (YAML or JSON).")] = None,
    perturb: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LEVEL",
            help="Change what the tools see of each case first, e.g. keep=5, imprecise=0.5, noise=0.25 or "
            "hide_excluded; may be repeated.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help=f"Of what --perturb draws at random. Default: {SEED}.")
    ] = None,
    knowledge: Annotated[str, typer.Option(help="Knowledge release.")] = EMBEDDED,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Number of processes.")] = 1,
) -> None:
    """Run tools on a dataset, or score another program's predictions; writes scorecard.json and index.html."""
    found, port = bench_of(task)
    ensure_writable_folder(out)
    if (predictions is None) != (tool_card is None):
        raise InputError("--predictions and --tool-card go together", hint="give both, or neither")
    perturbations = read_perturbations(perturb or ())
    chosen_perturbations(port, perturbations)
    if seed is not None and not perturbations:
        raise InputError("--seed is of --perturb, which is not given", hint="give both, or neither")
    if predictions is not None and perturbations:
        raise InputError(
            "--perturb and --predictions exclude each other",
            hint="another program would have to be run on the changed cases",
        )
    dataset = open_dataset(cases, task=found)
    if predictions is not None and tool_card is not None:
        if tool:
            raise InputError(
                "--tool and --predictions exclude each other",
                hint="score one at a time, then `bench compare`",
            )
        if regime is not None and len(regime) > 1:
            raise InputError(
                "one table of predictions is of one regime",
                where="--regime",
                hint="name the one it was made in",
            )
        made = score_predictions(
            dataset,
            task=found,
            predictions=predictions,
            card=tool_card,
            regime=regime[0] if regime else None,
            knowledge=knowledge,
            counts=publications,
        )
    else:
        tools = list(dict.fromkeys(tool or ()))
        regimes = chosen_regimes(port, regime or ())
        with progress(len(dataset.cases) * max(len(tools), 1) * len(regimes), "bench") as advance:
            made = run_bench(
                dataset,
                task=found,
                tools=tools,
                regimes=regimes,
                knowledge=knowledge,
                counts=publications,
                perturbations=perturbations,
                seed=SEED if seed is None else seed,
                jobs=jobs,
                advance=advance,
            )
    _finish(made, out)


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
    regime: Annotated[
        str | None, typer.Option(help="Regime of the runs; default: the one with most taken out.")
    ] = None,
    against_regime: Annotated[
        str | None, typer.Option(help="Regime of the second run, where it differs.")
    ] = None,
    level: Annotated[
        str | None, typer.Option(help="What is ranked, e.g. disease or gene; default: the task's first.")
    ] = None,
) -> None:
    """Compare two tools case by case: difference with interval, wins and losses."""
    card_a, ranks_a = read_run(first)
    card_b, ranks_b = read_run(second or first)
    if card_a.task != card_b.task:
        raise InputError(
            f"the runs are of two tasks, {card_a.task} and {card_b.task}", where=f"{first} and {second}"
        )
    regime = regime or _cleanest(card_a, ranks_a)
    level = level or next(iter(ranks_a["level"]), "")
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
    found = compare_runs(
        a,
        b,
        level=level,
        dataset=card_a.dataset if same else None,
        regimes=card_a.regimes,
        perturbed=(card_a.perturbations, card_b.perturbations),
        seeds=(card_a.seed, card_b.seed),
    )
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
    cases: Annotated[str, typer.Option(help="The complete case file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Table to write (tab-separated).")],
    task: Annotated[str, typer.Option(help="The task.")] = "phenotype",
    knowledge: Annotated[str, typer.Option(help="Knowledge release.")] = EMBEDDED,
) -> None:
    """Write what each publication's patients contributed, for `bench run --publications` on a subset."""
    found, port = bench_of(task)
    prepared = port.prepare(open_dataset(cases, task=found), knowledge=knowledge, counts=None)
    table = port.contributions(prepared)
    with atomic_file(out) as temporary:
        table.write_csv(temporary, separator="\t")
    note(f"{table.height:,} rows in {out}")


app.command("leakage")(leakage)


def _finish(made: BenchRun, out: Path) -> None:
    write_run(out, made.card, made.ranks)
    show(headline_table(made.card))
    for notice in made.card.notices:
        if notice.n:
            note(f"{notice.message} [{notice.n}]")
    note(f"page: {out / PAGE}")
    if made.failures:
        tools = sorted({one.tool for one in made.failures})
        cases = len({(one.tool, one.case_id) for one in made.failures})
        raise GenopraxisError(
            f"{', '.join(tools)} raised an error in {cases} case(s), first {made.failures[0].case_id}: "
            f"{made.failures[0].message}",
            where=str(out / SCORECARD),
            hint="they count as misses in the scorecard, under the notice tool_failed",
        )


def _cleanest(card: Scorecard, ranks: pl.DataFrame) -> str:
    """Return the regime with most taken out of those that the task offers."""
    if card.regimes:
        return card.regimes[-1].name
    return str(ranks["regime"].unique(maintain_order=True)[-1]) if ranks.height else ""


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
