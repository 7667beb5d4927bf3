"""Print scorecards and comparisons as Markdown tables, for the pages in ``docs/benchmarks/``.

python benchmarks/scorecard_table.py RUN_FOLDER … [--strata REGIME] [--level disease]
python benchmarks/scorecard_table.py --compare COMPARISON_FOLDER …
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

METRICS = ("top1", "top3", "top5", "top10")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--strata", help="print the strata of this regime instead of all cases")
    parser.add_argument("--tool", help="only this tool")
    parser.add_argument("--level", default="disease")
    parser.add_argument("--compare", action="store_true", help="the folders hold comparisons")
    options = parser.parse_args()
    if options.compare:
        comparisons(options.folders)
    elif options.strata:
        strata(options.folders[0], options.strata, options.level, options.tool)
    else:
        headline(options.folders, options.level)


def headline(folders: list[Path], level: str) -> None:
    """Print all cases: a row for each tool and regime."""
    print(f"| tool | regime | n | {' | '.join(METRICS)} | MRR |\n|{'---|' * (len(METRICS) + 4)}")
    for folder in folders:
        results = json.loads((folder / "scorecard.json").read_text())["results"]
        chosen = [r for r in results if r["level"] == level and r["stratum"] == "all"]
        for tool, regime in dict.fromkeys((r["tool"], r["regime"]) for r in chosen):
            row = {r["metric"]: r for r in chosen if (r["tool"], r["regime"]) == (tool, regime)}
            cells = [percent(row[m]) for m in METRICS]
            print(
                f"| {tool} | {regime} | {row['top1']['n']:,} | {' | '.join(cells)} | {row['mrr']['value']:.3f} |"
            )


def strata(folder: Path, regime: str, level: str, tool: str | None) -> None:
    """Print the strata of one regime."""
    results = json.loads((folder / "scorecard.json").read_text())["results"]
    chosen = [r for r in results if r["level"] == level and r["regime"] == regime and r["n"]]
    tools = [t for t in dict.fromkeys(r["tool"] for r in chosen) if tool in (None, t)]
    print(f"| stratum | n | {' | '.join(f'{t} {m}' for t in tools for m in ('top1', 'top10'))} |")
    print(f"|{'---|' * (2 + 2 * len(tools))}")
    for stratum in dict.fromkeys(r["stratum"] for r in chosen):
        found = {(r["tool"], r["metric"]): r for r in chosen if r["stratum"] == stratum}
        cells = [percent(found[t, m]) for t in tools for m in ("top1", "top10")]
        print(f"| {stratum} | {found[tools[0], 'top1']['n']:,} | {' | '.join(cells)} |")


def comparisons(folders: list[Path]) -> None:
    """Print the paired differences of comparisons."""
    print("| A | B | n | metric | A | B | A − B (95 % interval) | p |\n|---|---|---|---|---|---|---|---|")
    for folder in folders:
        raw = json.loads((folder / "comparison.json").read_text())
        a, b = (f"{raw[s]['tool']} ({raw[s]['regime']})" for s in ("a", "b"))
        for item in raw["metrics"]:
            if item["metric"] in ("top1", "top10"):
                span = " to ".join(f"{100 * item[k]:+.1f}" for k in ("low", "high"))
                print(
                    f"| {a} | {b} | {raw['n']:,} | {item['metric']} | {100 * item['a']:.1f} | {100 * item['b']:.1f} "
                    f"| {100 * item['difference']:+.1f} ({span}) | {item['p_value']:.4f} |"
                )


def percent(score: dict[str, Any]) -> str:
    """Return a score in percent with its interval."""
    if score["value"] is None:
        return "not measured"
    if score["low"] is None:
        return f"{100 * score['value']:.1f}"
    return f"{100 * score['value']:.1f} ({100 * score['low']:.1f}–{100 * score['high']:.1f})"


if __name__ == "__main__":
    main()
