"""CPU time of reading one VCF: our reader beside pysam, cyvcf2, oxbow and bcftools, those that are installed.

Every reader runs in a process of its own, start-up included, one thread unless said otherwise, and gives POS, REF and
ALT of every record to the program (bcftools: as text). The least of three runs counts.

    python benchmarks/vcf_reading.py FILE.vcf.gz
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OURS = """
import sys
from genopraxis.formats.vcf_reader import VcfReader
n = 0
with VcfReader(sys.argv[1], threads=int(sys.argv[2])) as reader:
    for batch in reader:
        n += len(batch.frame().select("pos", "ref", "alt"))
print(n)
"""
NORMALISED = """
import sys
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.normalise import normalise_all
n = 0
with VcfReader(sys.argv[1], threads=int(sys.argv[2])) as reader:
    for batch, frame, _ in normalise_all(iter(reader), genome=None, threads=int(sys.argv[2])):
        n += len(batch)
print(n)
"""
PYSAM = """
import sys, pysam
n = 0
with pysam.VariantFile(sys.argv[1]) as file:
    for record in file:
        record.pos, record.ref, record.alts
        n += 1
print(n)
"""
CYVCF2 = """
import sys, cyvcf2
n = 0
for record in cyvcf2.VCF(sys.argv[1]):
    record.POS, record.REF, record.ALT
    n += 1
print(n)
"""
OXBOW = """
import sys, oxbow
frame = oxbow.from_vcf(sys.argv[1], fields=["pos", "ref", "alt"]).to_polars()
print(len(frame))
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The least CPU and wall time of some runs in seconds, and the records that were read."""

    cpu: float
    wall: float
    records: int


def readers(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the command of each reader that is installed."""
    python = [sys.executable, "-c"]
    yield "genopraxis, 1 thread", [*python, OURS, str(path), "1"]
    yield "genopraxis, 2 threads", [*python, OURS, str(path), "2"]
    yield "genopraxis, 1 thread, alleles split and trimmed", [*python, NORMALISED, str(path), "1"]
    for module, code in (("pysam", PYSAM), ("cyvcf2", CYVCF2), ("oxbow", OXBOW)):
        if importlib.util.find_spec(module):
            yield module, [*python, code, str(path)]
    if bcftools := shutil.which("bcftools"):
        yield "bcftools query", [bcftools, "query", "-f", "%POS\\t%REF\\t%ALT\\n", str(path)]
        yield "bcftools view", [bcftools, "view", "-H", str(path)]


def measure(command: list[str], *, runs: int) -> Measured:
    """Run a reader some times."""
    best = Measured(cpu=float("inf"), wall=float("inf"), records=0)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        wall = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        lines = done.stdout.count(b"\n")
        records = int(done.stdout) if lines == 1 and done.stdout.strip().isdigit() else lines
        best = Measured(cpu=min(best.cpu, cpu), wall=min(best.wall, wall), records=records)
    return best


def main() -> None:
    """Measure the readers on a file and print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vcf", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    measure([sys.executable, "-c", NORMALISED, str(arguments.vcf), "1"], runs=1)  # compiled once, kept
    print("| reader | CPU s | wall s | records | µs CPU per record |")
    print("|---|---:|---:|---:|---:|")
    for name, command in readers(arguments.vcf):
        found = measure(command, runs=arguments.runs)
        each = found.cpu / max(found.records, 1) * 1e6
        print(f"| {name} | {found.cpu:.2f} | {found.wall:.2f} | {found.records:,} | {each:.2f} |")


if __name__ == "__main__":
    main()
