"""How much phenotype tools lose when a patient is described with fewer, vaguer or wrong terms; publication out.

    python benchmarks/phenotype_robustness.py --cases FILE --out FOLDER [--trained FOLDER] [--tool ID …]
        [--sample PUBLICATIONS] [--jobs 2]

Writes ``index.html``, ``robustness.tsv`` and ``robustness.json``, and prints the table. Each perturbation of
``genopraxis bench run --perturb`` is run at several levels, each on its own. What a case loses at one level it loses
at the next too, and every change is paired with the same case unperturbed. With ``--sample`` so many publications
are drawn with all their cases; the counts to take out and the terms of the noise still come from the whole file.

A tool that was trained on any of the cases is left out, with a note. With ``--trained``, the folder of ``genopraxis
tools train phenotype.ranker`` on the same file, the ranker is measured all the same: each case is ranked by the tool
of its fold, whose weights and case library hold nothing of the case's publication.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from held_out_ranker import HELD_OUT, RANKER, fold_inputs, held_out_note
from robustness_report import print_table, write
from robustness_runs import AXES, PLAIN, REGIME, Bench, measure, publication_of

from genopraxis.bench.datasets import bench_of, open_dataset
from genopraxis.bench.perturbations import SEED
from genopraxis.bench.rank_tools import tool_of
from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.contracts.plugin import Task
from genopraxis.contracts.provenance import InputDigest, Provenance
from genopraxis.contracts.ranking_bench import PreparedDataset, RankingDataset
from genopraxis.formats.files import ensure_writable_folder
from genopraxis.plugins import TOOLS, names
from genopraxis.provenance import current_provenance
from genopraxis.stats.resampling import RESAMPLES
from genopraxis.stats.resampling import SEED as BOOTSTRAP_SEED
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.patient_digest import patient_digest
from genopraxis.tasks.phenotype.task import PhenotypeTool
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.trained_folder import read_trained

DEFAULT_TOOLS = ("phenotype.likelihood", "phenotype.resnik", RANKER)


def main() -> None:
    """Measure, write the three files, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", required=True, help="as for `genopraxis bench run phenotype`")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tool", action="append", help="may be repeated; by default the built-in tools")
    parser.add_argument("--trained", type=Path, help="folder of `genopraxis tools train phenotype.ranker`")
    parser.add_argument("--sample", type=int, help="number of publications to draw; by default all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.sample is not None and options.sample < 1:
        parser.error(f"--sample {options.sample}: at least one publication is wanted")
    try:
        robustness(options)
    except GenopraxisError as error:
        parser.error(str(error))


def robustness(options: argparse.Namespace) -> None:
    """Measure as the command line asks."""
    ensure_writable_folder(options.out)
    task, port = bench_of("phenotype")
    dataset = open_dataset(options.cases, task=task)
    trained = read_trained(options.trained, cases=Path(options.cases)) if options.trained else None
    wanted = dict.fromkeys(options.tool or [tool for tool in DEFAULT_TOOLS if tool in names(TOOLS)])
    if trained:
        wanted.pop(RANKER, None)  # its folds stand for it
    left_out = {tool: why for tool in wanted if (why := trained_on(tool, task, dataset))}
    tools = [tool for tool in wanted if tool not in left_out]
    if not tools and not trained:
        raise InputError("no tool is left to measure: " + " ".join(left_out.values()))
    bench = Bench(
        task=task,
        port=port,
        dataset=dataset,
        tools=tools,
        trained=trained,
        sample=options.sample,
        seed=options.seed,
        jobs=options.jobs,
    )
    prepared, plain = bench.run(PLAIN)
    rows = list(measure(bench, prepared, plain))
    notes = [*([held_out_note(trained)] if trained else []), *left_out.values()]
    facts = {
        "dataset": bench.dataset.digest.model_dump(mode="json"),
        "cases": len(prepared.cases),
        "publications": len({publication_of(one) for one in prepared.cases}),
        "sample": options.sample,
        "notes": notes,
    }
    write(
        options.out,
        rows,
        kinds=port.perturbations,
        axes=AXES,
        level=task.levels[0],
        facts=facts,
        provenance=_provenance(bench, prepared),
    )
    print_table([row for row in rows if row.level == task.levels[0]])
    for note in notes:
        print(f"\n{note}")
    print(
        f"\n{facts['cases']:,} cases of {facts['publications']:,} publications: {options.out / 'index.html'}"
    )


def trained_on(tool: str, task: Task, dataset: RankingDataset) -> str:
    """Return why a tool's figures would be contaminated: how many cases it was trained on; empty when none."""
    found = tool_of(tool, task)
    trace = found.trained_on() if isinstance(found, PhenotypeTool) else None
    if trace is None:
        return ""
    seen = sum(
        one.group in trace.publications
        or any(
            patient_digest(one.content.patient, disease_id=d) in trace.patients
            for d in one.truths.get(DISEASE, ())
        )
        for one in dataset.cases
    )
    if not seen:
        return ""
    cure = "; give --trained for held-out folds" if tool == RANKER else ""
    return f"{tool} was left out: it was trained on {seen:,} of these {len(dataset.cases):,} cases{cure}."


def _provenance(bench: Bench, prepared: PreparedDataset) -> Provenance:
    dataset = bench.dataset.digest
    cards = [tool_of(tool, bench.task).card for tool in bench.tools]
    tools = [f"{card.id} {card.version}" for card in cards]
    inputs = [InputDigest(name=dataset.name, sha256=dataset.sha256)]
    if bench.trained:
        tools.append(f"{HELD_OUT} {RankerTool.card.version}")
        inputs += fold_inputs(bench.trained)
    return current_provenance(
        libraries=("numpy", "polars"),
        parameters={
            "tools": "; ".join(tools),
            "folds": bench.trained.run.folds if bench.trained else None,
            "regime": REGIME,
            "sample": bench.sample,
            "seed": bench.seed,
            "bootstrap.resamples": RESAMPLES,
            "bootstrap.seed": BOOTSTRAP_SEED,
        },
        inputs=tuple(inputs),
        releases=prepared.releases,
    )


if __name__ == "__main__":
    main()
