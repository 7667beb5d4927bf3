"""CPU time of consequences per single-base change, beside ``bcftools csq``, on the GRCh37 chr20 kit.

    python benchmarks/consequences_speed.py --data FOLDER [--snvs 500000] [--rounds 3]

Ours: from an allele table in memory to the table of the contract (no reading, no writing), on one thread. csq: the
whole program, from VCF to BCF, ``-l``. Both at ``--snvs`` and at four times as many: the difference is the marginal
time. The median over rounds, in turn, is printed.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is imported

import polars as pl
from consequences_agreement import Kit, open_kit, random_snvs

from genopraxis.variants.consequence import Annotator, Pick
from genopraxis.variants.consequence_table import consequence_table


def ours(kit: Kit, single: list[tuple[int, str, str]], *, pick: Pick, hgvs: bool) -> tuple[float, int]:
    """Return CPU seconds and the number of rows."""
    columns: dict[str, list[str] | list[int]] = {
        "chrom": ["20"] * len(single),
        "pos": [row[0] for row in single],
        "ref": [row[1] for row in single],
        "alt": [row[2] for row in single],
    }
    frame = pl.DataFrame(columns)
    annotator = Annotator(kit.set, genome=kit.genome, pick=pick)
    consequence_table(annotator.consequences(frame.head(50)))
    started = time.process_time()
    rows = 0
    for batch in frame.iter_slices(100_000):
        rows += consequence_table(annotator.consequences(batch), hgvs=hgvs).height
    return time.process_time() - started, rows


def csq(kit: Kit, single: list[tuple[int, str, str]], folder: Path) -> float:
    """Return the CPU seconds of bcftools csq."""
    source = folder / "speed.vcf"
    head = "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    source.write_text(head + "".join(f"20\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\n" for pos, ref, alt in single))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["bcftools", "csq", "-l", "-f", str(kit.fasta), "-g", str(kit.gff), str(source), "-Ob", "-o"]
    subprocess.run([*command, str(folder / "speed.bcf")], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the development data")
    parser.add_argument("--snvs", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = open_kit(chosen.data, folder)
        sizes = (chosen.snvs, 4 * chosen.snvs)
        alleles = {size: random_snvs(kit, size, seed=3) for size in sizes}
        found: dict[tuple[str, int], list[float]] = {}
        rows: dict[tuple[str, int], int] = {}
        for _ in range(chosen.rounds):
            for size, single in alleles.items():
                found.setdefault(("bcftools csq, whole program", size), []).append(csq(kit, single, folder))
                for label, pick, hgvs in (
                    ("all transcripts", "all", True),
                    ("all transcripts, no HGVS c.", "all", False),
                    ("one transcript a gene", "preferred", True),
                ):
                    seconds, rows[label, size] = ours(kit, single, pick=pick, hgvs=hgvs)  # type: ignore[arg-type]
                    found.setdefault((label, size), []).append(seconds)
        labels = dict.fromkeys(label for label, _ in found)
        for label in labels:
            low, high = (statistics.median(found[label, size]) for size in sizes)
            marginal = (high - low) / (sizes[1] - sizes[0])
            count = f", {rows[label, sizes[1]]} rows" if (label, sizes[1]) in rows else ""
            print(f"{label}: {low:.2f} s and {high:.2f} s, {1e6 * marginal:.2f} µs per further SNV{count}")


if __name__ == "__main__":
    main()
