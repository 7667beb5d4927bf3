"""CPU and wall time of ``genopraxis annotate`` beside ``bcftools csq``: whole programs, from VCF to VCF.

    python benchmarks/annotation_speed.py --data FOLDER [--snvs 500000] [--rounds 3]

The GRCh37 chr20 kit, random single-base changes over its transcripts and their flanks, at ``--snvs`` and at four times
as many; the difference is the marginal time of a further SNV. ``csq`` runs with ``-l`` and one thread, as it has no
more. The transcript set is built beforehand (its time is printed too); csq reads its GFF in every run. Programs take
turns, the median over rounds is printed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from consequences_agreement import Kit, open_kit, random_snvs
from markdown_table import print_table
from whole_programs import Spent, spent

MAIN = "from genopraxis.cli.main import main; main()"
HEAD = (
    "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)


def commands(kit: Kit, transcripts: Path, source: Path, out: Path) -> dict[str, list[str]]:
    """Return the command of each program, whose last word is the file that it writes."""
    ours = [sys.executable, "-c", MAIN, "annotate", str(source), "--fasta", str(kit.fasta), "--transcripts"]
    ours += [str(transcripts), "--keep-missing-contigs"]
    csq = ["bcftools", "csq", "-l", "-f", str(kit.fasta), "-g", str(kit.gff), str(source)]
    found = {"bcftools csq, all transcripts, VCF": [*csq, "-Ov", "-o", f"{out}.csq.vcf"]}
    found["bcftools csq, all transcripts, vcf.gz"] = [*csq, "-Oz", "-o", f"{out}.csq.vcf.gz"]
    for threads in (1, 2):
        words = f"{threads} thread{'s' if threads > 1 else ''}"
        for suffix, label in ((".vcf", "VCF"), (".vcf.gz", "vcf.gz"), (".parquet", "Parquet")):
            more = ["--threads", str(threads), "--out", f"{out}{suffix}"]
            found[f"annotate, preferred transcripts, {label}, {words}"] = [*ours, *more]
            if suffix != ".parquet":
                found[f"annotate, all transcripts, {label}, {words}"] = [*ours, "--all-transcripts", *more]
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the development data")
    parser.add_argument("--snvs", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sizes = (chosen.snvs, 4 * chosen.snvs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = open_kit(chosen.data, folder)
        transcripts = folder / "transcripts"
        build = [sys.executable, "-c", MAIN, "knowledge", "build", "transcripts", "--from", str(kit.gff)]
        build += ["--fasta", str(kit.fasta), "--out", str(transcripts)]
        built = spent(build)
        print(f"transcript set built in {built.cpu:.1f} CPU-s, {built.megabytes:.0f} MB")
        found: dict[str, dict[int, list[Spent]]] = {}
        for size in sizes:
            source = folder / f"{size}.vcf"
            rows = random_snvs(kit, size, seed=3)
            source.write_text(HEAD + "".join(f"20\t{p}\t.\t{r}\t{a}\t.\t.\t.\n" for p, r, a in rows))
        for turn in range(chosen.rounds + 1):  # the first turn compiles, and warms the disk
            for size in sizes:
                for label, command in commands(
                    kit, transcripts, folder / f"{size}.vcf", folder / "out"
                ).items():
                    one = spent(command)
                    if turn:
                        found.setdefault(label, {}).setdefault(size, []).append(one)
    columns = [
        "program",
        *(f"CPU-s {n:,}" for n in sizes),
        "µs CPU per further SNV",
        *(f"wall s {n:,}" for n in sizes),
    ]
    lines = []
    for label, runs in found.items():
        cpu = [statistics.median(one.cpu for one in runs[size]) for size in sizes]
        wall = [statistics.median(one.wall for one in runs[size]) for size in sizes]
        most = max(one.megabytes for one in runs[sizes[1]])
        further = (cpu[1] - cpu[0]) / (sizes[1] - sizes[0]) * 1e6
        lines.append(
            [label, *(f"{v:.2f}" for v in cpu), f"{further:.2f}", *(f"{v:.2f}" for v in wall), f"{most:.0f}"]
        )
    print_table([*columns, "MB"], lines)


if __name__ == "__main__":
    main()
