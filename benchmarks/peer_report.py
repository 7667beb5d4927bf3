"""The tables of ``phenotype_ranker_peers.py``: every program's figures, and what lies between ours and the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from markdown_table import percent, points, print_table
from numpy.typing import NDArray
from peer_sets import PeerCase, PeerSet

from genopraxis.bench.truths import CASE, answers
from genopraxis.stats.bootstrap import grouped_bootstrap, paired_difference
from genopraxis.stats.ranking import hits_at
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.regimes import FULL, PUBLICATION_OUT

RANKER, LIKELIHOOD = "phenotype.ranker", "phenotype.likelihood"
KS = (1, 3, 10)

_FEWEST = 5  # papers of a part of a set that has lines of its own
_LARGE = 0.2  # share of a part that one paper holds, above which the part is shown without it too


def report(cases: Sequence[PeerCase], tables: Mapping[str, pl.DataFrame], level: str, peers: PeerSet) -> None:
    """Print the figures of every program, and what lies between ours and each of the others."""
    stated = [one for one in cases if level in one.one.case.truths]
    ranks = {
        name: _ranks(table, stated, level) for name, table in tables.items() if level in set(table["level"])
    }
    papers = np.array([one.paper for one in stated])
    strata = _strata(stated, papers)
    figures = [f"top-{k}" for k in KS]
    lines = []
    for stratum, inside in strata.items():
        size = [stratum, f"{int(inside.sum()):,}", f"{len(set(papers[inside])):,}"]
        for name, found in ranks.items():
            values = np.column_stack([hits_at(found[inside], k) for k in KS]).astype(float)
            lines.append([*size, name, *map(percent, grouped_bootstrap(values, papers[inside]))])
    for label, published in peers.elsewhere if level == DISEASE else ():
        lines.append(["not these cases", "", "", label, *(f"{share:.1f}" for share in published)])
    print(f"\n### {level}")
    print_table(["cases", "n", "papers", "program", *figures], lines)
    lines = []
    for stratum, inside in strata.items():
        for a, b in _pairs(ranks):
            cells = []
            for k in KS:
                first, second = (hits_at(ranks[name][inside], k).astype(float) for name in (a, b))
                cells.append(points(paired_difference(first, second, papers[inside])))
            lines.append([stratum, f"{int(inside.sum()):,}", f"{a} − {b}", *cells])
    print_table(["cases", "n", "A − B", *figures], lines)


def _strata(cases: Sequence[PeerCase], papers: NDArray[np.str_]) -> dict[str, NDArray[np.bool_]]:
    """Return which cases are in each part of the set; one with few papers has none, see ``_FEWEST``."""
    strata = {}
    for name in ("all", *sorted({name for one in cases for name in one.strata})):
        inside = np.array([name in ("all", *one.strata) for one in cases])
        names, sizes = np.unique(papers[inside], return_counts=True)
        if len(names) < _FEWEST:
            continue
        strata[name] = inside
        if sizes.max() > _LARGE * inside.sum():
            largest = names[sizes.argmax()]
            strata[f"{name}, without {largest}"] = inside & (papers != largest)
    return strata


def _pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return ours in each regime beside every other program, and beside phenotype.likelihood in the same one."""
    others = [name for name in names if not name.startswith((RANKER, LIKELIHOOD))]
    return [
        (f"{RANKER} ({regime})", other)
        for regime in (FULL, PUBLICATION_OUT)
        for other in (*others, f"{LIKELIHOOD} ({regime})")
    ]


def _ranks(table: pl.DataFrame, cases: Sequence[PeerCase], level: str) -> NDArray[np.float64]:
    """Return the rank of the truth of each case; NaN where it is not listed."""
    truths = answers((one.one.case for one in cases), levels=[level])
    right = table.join(truths, on=CASE).filter(pl.col("candidate_id").is_in(pl.col("truth_ids")))
    best = dict(right.group_by("case_id").agg(pl.col("rank").min()).iter_rows())
    return np.array([best.get(one.one.case.case_id, np.nan) for one in cases])
