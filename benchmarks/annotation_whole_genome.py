"""``genopraxis annotate`` on a whole genome of one sample: normalising, consequences and frequencies.

    python benchmarks/annotation_whole_genome.py FOLDER [--rounds 3] [--threads 2]

``FOLDER`` is what ``synthetic_genome.py`` wrote. Transcript set and frequency store are built first, with their own
times; then the sample is annotated into Parquet and into VCF. Wall and CPU time, and the most memory.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from markdown_table import print_table
from synthetic_genome import Names
from whole_programs import Spent, spent

MAIN = "from genopraxis.cli.main import main; main()"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    names, program = Names(), [sys.executable, "-c", MAIN]
    fasta = str(chosen.folder / names.fasta)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        transcripts, store = folder / "transcripts", folder / "panel"
        build = [*program, "knowledge", "build"]
        made = {}
        for kind, source, out in (
            ("transcripts", names.gff, transcripts),
            ("frequencies", names.frequencies, store),
        ):
            command = [
                *build,
                kind,
                "--from",
                str(chosen.folder / source),
                "--fasta",
                fasta,
                "--out",
                str(out),
            ]
            made[f"knowledge build {kind}"] = spent(command)
        rows = [
            [label, f"{one.wall:.1f}", f"{one.cpu:.1f}", f"{one.megabytes:.0f}", ""]
            for label, one in made.items()
        ]
        size = sum(path.stat().st_size for path in store.iterdir()) / 1e6
        rows[1][-1] = f"store of {size:.0f} MB"
        annotate = [
            *program,
            "annotate",
            str(chosen.folder / names.sample),
            "--fasta",
            fasta,
            "--transcripts",
        ]
        annotate += [str(transcripts), "--frequencies", str(store), "--threads", str(chosen.threads)]
        for suffix in (".parquet", ".vcf.gz"):
            out = folder / f"out{suffix}"
            runs: list[Spent] = []
            for turn in range(chosen.rounds + 1):
                one = spent([*annotate, "--out", str(out)])
                if turn or chosen.rounds == 0:  # the first turn compiles, and indexes the genome
                    runs.append(one)
                else:
                    rows.append(
                        [
                            f"annotate to {suffix}, first time",
                            *_figures([one]),
                            "compiles, indexes the genome",
                        ]
                    )
            if runs:
                rows.append(
                    [f"annotate to {suffix}", *_figures(runs), f"{out.stat().st_size / 1e6:.0f} MB written"]
                )
    print_table(["step", "wall s", "CPU-s", "MB", ""], rows)


def _figures(runs: list[Spent]) -> list[str]:
    return [
        f"{statistics.median(one.wall for one in runs):.1f}",
        f"{statistics.median(one.cpu for one in runs):.1f}",
        f"{max(one.megabytes for one in runs):.0f}",
    ]


if __name__ == "__main__":
    main()
