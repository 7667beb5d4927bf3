"""Cases per second on one core, side by side with hpo3's set similarity; and one ``diagnose`` from a new process.

hpo3 installs under the import name pyhpo, so it needs an environment of its own:

    python -m venv peer && peer/bin/pip install hpo3
    python benchmarks/phenotype_speed.py --data FOLDER --peer-python peer/bin/python

Each round runs every program once, in turn, in a new process pinned to one core; the median over rounds is shown.
Time counts from the moment when a program's knowledge is loaded; ours is the release with the shipped case library.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

OURS = """
import json, os, sys, time
os.sched_setaffinity(0, {0})
from genopraxis.contracts.patient import Feature, Patient
from genopraxis.knowledge.loading import load_knowledge
from genopraxis.plugins import load_tool
from genopraxis.tasks.phenotype.query import prepare_query
started = time.perf_counter()
knowledge = load_knowledge(library="shipped").knowledge
loaded = time.perf_counter() - started
started = time.perf_counter()
ranker = load_tool(sys.argv[1]).prepare(knowledge)
prepared = time.perf_counter() - started
cases = json.load(open(sys.argv[2]))
started = time.perf_counter()
for case in cases:
    features = [Feature(term_id=t) for t in case["observed"]]
    features += [Feature(term_id=t, excluded=True) for t in case["excluded"]]
    query = prepare_query(Patient(case_id="x", features=tuple(features)), knowledge.ontology, unknown="drop").query
    if query.observed:
        ranker.rank(query).best(20)
spent = time.perf_counter() - started
print(json.dumps({"load": loaded, "prepare": prepared, "cases_per_second": len(cases) / spent}))
"""

PEER = """
import json, os, sys, time
os.sched_setaffinity(0, {0})
os.environ["RAYON_NUM_THREADS"] = "1"
from pyhpo import HPOSet, Ontology, helper
started = time.perf_counter()
Ontology()
loaded = time.perf_counter() - started
started = time.perf_counter()
diseases = [(d, d.hpo_set()) for d in Ontology.omim_diseases]
prepared = time.perf_counter() - started
known = {term.id for term in Ontology}
cases = json.load(open(sys.argv[2]))
started = time.perf_counter()
for case in cases:
    terms = [t for t in case["observed"] if t in known]
    if not terms:
        continue
    query = HPOSet.from_queries(terms)
    scores = helper.batch_set_similarity([(query, s) for _, s in diseases], kind="omim", method="resnik")
    sorted(zip(scores, range(len(scores))), reverse=True)[:20]
spent = time.perf_counter() - started
print(json.dumps({"load": loaded, "prepare": prepared, "cases_per_second": len(cases) / spent}))
"""


def main() -> None:
    """Run the rounds and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peer-python", default=None)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--peer-cases", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path("bench-output"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    files = {n: _cases(options.data, n, options.work) for n in {options.cases, options.peer_cases}}
    programs: list[tuple[str, list[str]]] = [
        (tool, [sys.executable, "-c", OURS, tool, str(files[options.cases])])
        for tool in ("phenotype.likelihood", "phenotype.resnik", "phenotype.ranker")
    ]
    if options.peer_python:
        programs.append(
            ("hpo3 resnik funSimAvg", [options.peer_python, "-c", PEER, "-", str(files[options.peer_cases])])
        )
    found: dict[str, list[dict[str, float]]] = {name: [] for name, _ in programs}
    fresh: list[float] = []
    for _ in range(options.rounds):
        for name, command in programs:
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            found[name].append(json.loads(answer.stdout))
        fresh.append(_diagnose(options.work))
    print(f"| program | load, s | prepare, s | cases/s, median of {options.rounds} (range) |")
    print("|---|---|---|---|")
    for name, rounds in found.items():
        speeds = [r["cases_per_second"] for r in rounds]
        load, prepare = (statistics.median(r[key] for r in rounds) for key in ("load", "prepare"))
        spread = f"{statistics.median(speeds):,.1f} ({min(speeds):,.1f}–{max(speeds):,.1f})"
        print(f"| {name} | {load:.2f} | {prepare:.2f} | {spread} |")
    print(
        f"\n`diagnose` of one phenopacket, new process to report: {statistics.median(fresh):.2f} s "
        f"({min(fresh):.2f}–{max(fresh):.2f})"
    )


def _cases(data: Path, n: int, work: Path) -> Path:
    from genopraxis.formats.case_lines import read_case_lines

    lines, _ = read_case_lines(data / "phenopacket_store_dev.jsonl.gz")
    step = max(len(lines) // n, 1)
    chosen = [
        {
            "observed": [f.term_id for f in line.patient.observed],
            "excluded": [f.term_id for f in line.patient.excluded],
        }
        for line in lines[::step][:n]
    ]
    path = work / f"speed-cases-{n}.json"
    path.write_text(json.dumps(chosen), encoding="utf-8")
    return path


def _diagnose(work: Path) -> float:
    command = [
        str(Path(sys.executable).with_name("genopraxis")),
        "diagnose",
        "examples/demo-marfan.json",
        "-o",
        str(work / "d"),
    ]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
