"""Turn published per-case ranks of other programs into a prediction table and a tool card.

The case files carry, for each case, the rank that a program gave to the right answer (null: not in its list).

    python benchmarks/published_ranks.py CASES.jsonl.gz --rank "Exomiser_files" --out DIR --card-name Exomiser …
    genopraxis bench run phenotype --cases CASES.jsonl.gz --predictions DIR/predictions.tsv \
        --tool-card DIR/card.yaml --out DIR/bench
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import yaml

from genopraxis.contracts.ranking import RANKING
from genopraxis.formats.case_lines import CaseLine, read_case_lines


def main() -> None:
    """Write ``predictions.tsv`` and ``card.yaml``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("--rank", required=True, help="name of the rank column in the case file")
    parser.add_argument("--gene-rank", help="name of the rank column of the gene")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tool", required=True, help="tool id, e.g. phenotype.exomiser")
    parser.add_argument("--version", required=True)
    parser.add_argument("--citation", required=True)
    parser.add_argument("--doi", default=None)
    options = parser.parse_args()
    lines, _ = read_case_lines(options.cases)
    table = rank_table(lines, rank=options.rank, gene_rank=options.gene_rank)
    options.out.mkdir(parents=True, exist_ok=True)
    table.write_csv(options.out / "predictions.tsv", separator="\t")
    card = {
        "schema": "genopraxis.tool-card/1",
        "id": options.tool,
        "version": options.version,
        "task": "phenotype",
        "name": options.tool,
        "summary": "Ranks published by others; only the place of the right answer is known.",
        "intended_use": "Comparison.",
        "limitations": ["Run by others, with their settings and their release of the annotations."],
        "licence": "LicenseRef-unknown",
        "references": [{"citation": options.citation, "doi": options.doi}],
        "training_data": [{"dataset": "unknown", "version": "unknown", "sha256": None, "use": "not stated"}],
        "score": "rank",
    }
    (options.out / "card.yaml").write_text(yaml.safe_dump(card, sort_keys=False), encoding="utf-8")
    print(f"{table.height} ranks of {len(lines)} cases in {options.out}")


def rank_table(lines: Iterable[CaseLine], *, rank: str, gene_rank: str | None = None) -> pl.DataFrame:
    """Return the published ranks of the right answers as a ``genopraxis.ranking/1`` table.

    Parameters
    ----------
    rank, gene_rank
        Names of the rank columns of disease and gene.
    """
    rows = []
    for line in lines:
        for level, column, truths in (
            ("disease", rank, line.truth.disease_ids),
            ("gene", gene_rank, line.truth.genes),
        ):
            found = line.external_ranks.get(column) if column else None
            if found is not None and truths:
                rows.append((line.patient.case_id, level, truths[0], float(found)))
    names = ["case_id", "level", "candidate_id", "rank"]
    return pl.DataFrame(rows, schema={name: RANKING.schema[name] for name in names}, orient="row")


if __name__ == "__main__":
    main()
