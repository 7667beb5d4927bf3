"""How much each parameter of ``phenotype.likelihood`` matters, publication out, on two halves of the publications.

    python benchmarks/phenotype_sensitivity.py --data FOLDER

A parameter was chosen where both halves agreed on its direction; the table shows what another value would give.
"Log loss" is the mean of −ln(posterior of the right disease) over cases whose disease keeps an annotation.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np

from genopraxis.bench.dataset import read_dataset
from genopraxis.bench.prepare import PreparedCase, prepare_dataset
from genopraxis.bench.publications import PublicationCounts
from genopraxis.bench.regimes import Regime, replaced_rows
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import load_release
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodParameters, LikelihoodTool

BASE = LikelihoodParameters()


def variants() -> Iterator[tuple[str, LikelihoodParameters]]:
    """Yield the parameter sets of the table."""
    yield "as shipped", BASE
    yield "excluded signs hidden", replace(BASE, use_excluded=False)
    yield "excluded signs as contradiction only (mentioned 0)", replace(BASE, mentioned=0.0)
    yield "sex and age hidden", replace(BASE, use_sex_and_age=False)
    for name, values in {
        "mentioned": (0.8, 2.0),
        "absent": (0.2, 1.0),
        "generality": (0.0, 0.6),
        "noise": (0.005, 0.1),
        "breadth": (0.0, 0.15, 0.45),
        "orpha_only": (1.0, 1e-6),
        "tempering": (0.2, 0.4, 1.0),
    }.items():
        for value in values:
            yield f"{name} {value:g}", replace(BASE, **{name: value})  # type: ignore[arg-type]
    for name, values in {
        "prior_size": (3.0, 12.0),
        "prior_mean": (0.08, 0.3),
        "fraction_size": (2.0, 10.0),
        "unstated_size": (1.0, 6.0),
        "unstated_iea": (0.15, 0.5),
        "zero_factor": (0.1, 1.0),
    }.items():
        for value in values:
            frequencies = replace(BASE.frequencies, **{name: value})
            yield f"frequencies.{name} {value:g}", replace(BASE, frequencies=frequencies)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--regime", default="publication-out", choices=("full", "publication-out"))
    options = parser.parse_args()
    knowledge = load_release().knowledge
    cases, counts = prepare_dataset(read_dataset(options.data / "phenopacket_store_dev.jsonl.gz"), knowledge)
    half = np.array(
        [int(hashlib.sha256((c.case.publication or "").encode()).hexdigest(), 16) % 2 for c in cases]
    )
    print("| parameters | half A top-1 / top-10 | half B top-1 / top-10 | all top-1 / top-10 | log loss |")
    print("|---|---|---|---|---|")
    for name, parameters in variants():
        ranks, loss = evaluate(parameters, cases, counts, knowledge, options.regime)
        cells = [
            f"{100 * np.mean(ranks[chosen] <= 1):.1f} / {100 * np.mean(ranks[chosen] <= 10):.1f}"
            for chosen in (half == 0, half == 1, half >= 0)
        ]
        print(f"| {name} | {' | '.join(cells)} | {loss:.2f} |", flush=True)


def evaluate(
    parameters: LikelihoodParameters,
    cases: list[PreparedCase],
    counts: PublicationCounts,
    knowledge: HpoKnowledge,
    regime: Regime,
) -> tuple[np.ndarray, float]:
    """Return the rank of each truth (infinite: a miss) and the log loss."""
    ranker = LikelihoodTool(parameters).prepare(knowledge)
    ranks, losses = [], []
    for _, together in groupby(cases, key=lambda c: c.case.publication):
        patched = None
        for case in together:
            if patched is None:
                replaced = replaced_rows(regime, case.in_knowledge, knowledge, counts)
                patched = ranker.on(knowledge.with_replaced(replaced)) if replaced else ranker
            truth = case.case.truth.disease_ids[0]
            scores = patched.rank(case.query) if case.query.observed else None
            rank = scores.rank_of(truth, knowledge.diseases) if scores else None
            ranks.append(np.inf if rank is None else rank)
            if scores is not None and rank is not None and scores.probability is not None:
                group = knowledge.diseases.group[knowledge.diseases.number[truth]]
                losses.append(-np.log(max(float(scores.probability[group]), 1e-300)))
    return np.array(ranks), float(np.mean(losses))


if __name__ == "__main__":
    main()
