"""Stores of known variants beside ``vcfanno`` and ``bcftools annotate``: building, looking up, and whole programs.

    python benchmarks/store_speed.py [--variants 2000000] [--queries 1000000] [--rounds 3] [--keep FOLDER]

A made-up panel as gnomAD publishes them: counts of all and of four groups, one insertion in ten, short lines (gnomAD's
are up to ten times longer, which costs the programs that read them at every look-up, and none to a store). Half of the
queries are in the panel; of the others one in ten has another allele at a place that is in it. What the programs find
must be the same, or the script stops. CPU time counts all processes and threads.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from markdown_table import print_table
from numpy.typing import NDArray
from whole_programs import Spent, spent

MAIN = [sys.executable, "-c", "from genopraxis.cli.main import main; main()"]
ONE_THREAD = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
GROUPS = {"": 140_000, "_afr": 20_000, "_amr": 7_600, "_eas": 2_600, "_nfe": 34_000}
CHROMOSOMES = {"1": 249_250_621, "2": 243_199_373}
FIELDS = ("AC", "AN", "AF", "nhomalt")
BASES = np.array(list("ACGT"))
BATCH = 100_000
EXPECTED = "queries.arrow"


def panel(variants: int, *, seed: int) -> pl.DataFrame:
    """Return variants in order: chromosome, place, alleles."""
    rng, parts = np.random.default_rng(seed), []
    share = variants // len(CHROMOSOMES)
    for chrom in CHROMOSOMES:
        pos = np.sort(rng.choice(200_000_000, share, replace=False)) + 10_000
        base = rng.integers(0, 4, share)
        alt = BASES[(base + rng.integers(1, 4, share)) % 4].astype(object)
        ref = BASES[base]
        for row in np.flatnonzero(rng.random(share) < 0.1):
            alt[row] = ref[row] + "".join(BASES[rng.integers(0, 4, rng.integers(1, 14))])
        parts.append(
            pl.DataFrame({"chrom": [chrom] * share, "pos": pos, "ref": ref.tolist(), "alt": alt.tolist()})
        )
    return pl.concat(parts)


def with_counts(variants: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Add INFO: counts of each group, nine in ten of them small."""
    rng, n = np.random.default_rng(seed), variants.height
    parts = []
    for group, persons in GROUPS.items():
        number = 2 * persons - 2 * rng.integers(0, persons // 20, n)
        common = (rng.random(n) < 0.1) * rng.integers(0, persons, n)
        count = np.minimum(rng.geometric(0.4, n) - bool(group) + common, number)
        columns = (count, number, six_digits(count / number), count // 300)
        words = ";".join(f"{name}{group}={{}}" for name in FIELDS)
        parts.append(pl.format(words, *(pl.lit(pl.Series(values)) for values in columns)))
    return variants.with_columns(info=pl.concat_str(parts, separator=";"))


def six_digits(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round as gnomAD does."""
    scale = 10.0 ** (5 - np.floor(np.log10(np.maximum(shares, 1e-12))))
    return np.round(shares * scale) / scale


def write_vcf(path: Path, variants: pl.DataFrame) -> None:
    """Write a VCF; ``info`` if there is one."""
    lines = ["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="passed">']
    lines += [f"##contig=<ID={name},length={length}>" for name, length in CHROMOSOMES.items()]
    if "info" in variants.columns:
        kinds = {
            "AC": "A,Type=Integer",
            "AN": "1,Type=Integer",
            "AF": "A,Type=Float",
            "nhomalt": "A,Type=Integer",
        }
        lines += [
            f'##INFO=<ID={name}{group},Number={kinds[name]},Description="made up">'
            for group in GROUPS
            for name in FIELDS
        ]
    info = pl.col("info") if "info" in variants.columns else pl.lit(".")
    text = variants.select(
        pl.concat_str("chrom", "pos", pl.lit("."), "ref", "alt", pl.lit(".\tPASS"), info, separator="\t")
    ).to_series()
    with path.open("w") as stream:
        stream.write("\n".join([*lines, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"]))
        for start in range(0, len(text), BATCH):
            stream.write(text[start : start + BATCH].str.join("\n").item() + "\n")


def make(folder: Path, variants: int, queries: int) -> tuple[int, int]:
    """Write the panel, the queries, and the counts that are true of each; return how many, and how many are there."""
    half = queries // 2
    pool = with_counts(panel(variants + half, seed=5), seed=6)
    rng = np.random.default_rng(7)
    is_known = np.ones(pool.height, np.bool_)
    is_known[rng.choice(pool.height, pool.height - variants, replace=False)] = False
    known, absent = pool.filter(is_known), pool.filter(~is_known).drop("info")
    asked = np.sort(rng.choice(known.height, half, replace=False))
    beside = known[np.setdiff1d(np.arange(known.height), asked)[: len(absent) // 10]].drop("info")
    other = {
        ("A", "C"): "G",
        ("A", "G"): "T",
        ("A", "T"): "C",
        ("C", "A"): "G",
        ("C", "G"): "T",
        ("C", "T"): "A",
    }
    other |= {
        ("G", "A"): "C",
        ("G", "C"): "T",
        ("G", "T"): "A",
        ("T", "A"): "C",
        ("T", "C"): "G",
        ("T", "G"): "A",
    }
    alts = [other.get(pair, f"{pair[0]}TTTTT") for pair in beside.select("ref", "alt").iter_rows()]
    there = set(
        known.filter(pl.col("pos").is_in(beside["pos"].implode())).select("chrom", "pos", "alt").iter_rows()
    )
    beside = beside.with_columns(alt=pl.Series(alts))
    beside = beside.filter([row not in there for row in beside.select("chrom", "pos", "alt").iter_rows()])
    absent = pl.concat([absent[: len(absent) - len(beside)], beside])
    whole = pl.concat([known[asked], absent.with_columns(info=pl.lit(None, pl.String))])
    whole = whole.sort(pl.col("chrom").cast(pl.Int32), "pos", maintain_order=True)
    write_vcf(folder / "panel.vcf", known)
    write_vcf(folder / "queries.vcf", whole.drop("info"))
    expected = whole.with_columns(truth(pl.col("info"), "AC", "AF"))
    expected.write_ipc(folder / EXPECTED)
    return expected.height, int(expected["ac"].is_not_null().sum())


def truth(info: pl.Expr, count: str, share: str) -> list[pl.Expr]:
    """Return count and frequency that an INFO column states; null where it states none."""
    return [
        info.str.extract(rf"(?:^|;){count}=([0-9]+)").cast(pl.Int64).alias("ac"),
        info.str.extract(rf"(?:^|;){share}=([-+.0-9eE]+)").cast(pl.Float64).alias("af"),
    ]


def check(path: Path, folder: Path, label: str, count: str, share: str) -> None:
    """Stop when a program found something else."""
    expected = pl.read_ipc(folder / EXPECTED)
    found = pl.read_ipc(path) if path.suffix == ".arrow" else of_vcf(path, count, share)
    if found.height != expected.height or not found["ac"].equals(expected["ac"].alias("ac")):
        raise SystemExit(f"{label}: other counts than were written")
    # vcfanno writes five digits, and from 0.001 on four decimals; a store has 32 bits
    rounded = 1e-4 * expected["af"] + 5e-5 * (expected["af"] >= 1e-3).cast(pl.Float64) + 1e-9
    off = (found["af"] - expected["af"]).abs() > rounded
    if off.any() or not found["af"].is_null().equals(expected["af"].is_null()):
        raise SystemExit(f"{label}: other frequencies than were written")


def of_vcf(path: Path, count: str, share: str) -> pl.DataFrame:
    """Return count and frequency of each record of a VCF."""
    table = pl.read_csv(
        path, separator="\t", comment_prefix="#", has_header=False, quote_char=None, infer_schema=False
    ).select(info=pl.nth(7))
    return table.select(truth(pl.col("info"), count, share))


def look_up(store: Path, small: Path, queries: Path, out: Path) -> None:
    """Time :meth:`VariantStore.find` in this process, cold and warm; print JSON."""
    from genopraxis.knowledge.variant_store import open_store

    asked = pl.read_ipc(queries).select("chrom", "pos", "ref", "alt").rechunk()
    warm = open_store(small)
    for columns in (None, ["ac", "af"]):
        warm.find(asked[:BATCH], columns=columns)  # compiles, or loads what was compiled
    for path in store.iterdir():
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    its, figures = open_store(store), {}
    for label, columns in (("all columns shown", None), ("ac and af", ["ac", "af"])):
        for turn in range(4):
            began, clock = time.process_time(), time.perf_counter()
            answers = [its.find(asked[k : k + BATCH], columns=columns) for k in range(0, asked.height, BATCH)]
            one = (asked.height / (time.process_time() - began), asked.height / (time.perf_counter() - clock))
            if turn == 0 and columns is None:
                figures["all columns shown, files not in memory"] = one
            best = figures.get(label)
            if turn:
                figures[label] = one if best is None else (max(one[0], best[0]), max(one[1], best[1]))
        pl.concat(answers).select(pl.col("ac").cast(pl.Int64), pl.col("af").cast(pl.Float64)).write_ipc(out)
    print(json.dumps({"columns": len(answers[0].columns), **figures}))


def store_build(folder: Path, rows: list[list[str]], variants: int) -> Path:
    """Build both kinds of stores, and note what it takes."""
    vcf, store = folder / "panel.vcf.gz", folder / "panel"
    zipped = spent(["bgzip", "-c", str(folder / "panel.vcf")], out=vcf)
    indexed = spent(["tabix", "-f", "-p", "vcf", str(vcf)])
    size = vcf.stat().st_size + vcf.with_suffix(".gz.tbi").stat().st_size
    rows.append(_build_row("bgzip (of plain text)", zipped, variants, vcf.stat().st_size))
    rows.append(_build_row("tabix", indexed, variants, size))
    build = [*MAIN, "knowledge", "build", "frequencies", "--name", "panel", "--out"]
    small = folder / "small.vcf"
    with (folder / "panel.vcf").open() as whole, small.open("w") as few:
        few.writelines(line for _, line in zip(range(2000), whole, strict=False))
    spent([*build, str(folder / "small"), "--from", str(small)])  # compiles
    built = spent([*build, str(store), "--from", str(vcf)], environment=ONE_THREAD)
    size = sum(path.stat().st_size for path in store.iterdir())
    rows.append(_build_row("knowledge build frequencies (of the bgzipped file)", built, variants, size))
    return store


def _build_row(label: str, one: Spent, variants: int, size: int) -> list[str]:
    speed = f"{variants / one.cpu / 1000:.0f}k"
    return [label, f"{one.wall:.1f}", f"{one.cpu:.1f}", speed, memory(one.megabytes), f"{size / 1e6:.1f}"]


def memory(megabytes: float) -> str:
    """Return what a program held; less than this process holds cannot be told."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{megabytes:.0f}" if megabytes > 1.05 * own else f"< {own:.0f}"


def programs(folder: Path, store: Path) -> dict[str, tuple[list[str], dict[str, str], Path, str, str]]:
    """Return, by label: command, environment, file for its output, and what count and frequency are called."""
    vcf, queries = str(folder / "panel.vcf.gz"), str(folder / "queries.vcf.gz")
    names = [f"db_{name}" for name in FIELDS]
    (folder / "vcfanno.toml").write_text(
        f'[[annotation]]\nfile="{vcf}"\nfields={json.dumps(FIELDS)}\nnames={json.dumps(names)}\n'
        f"ops={json.dumps(['self'] * len(FIELDS))}\n"
    )
    columns = ",".join(f"INFO/db_{name}:=INFO/{name}" for name in FIELDS)
    found: dict[str, tuple[list[str], dict[str, str], Path, str, str]] = {}
    for n in (1, 2):
        out = folder / f"vcfanno.{n}.vcf"
        found[f"vcfanno -p {n}"] = (
            ["vcfanno", "-p", str(n), str(folder / "vcfanno.toml"), queries], {"GOMAXPROCS": str(n)}, out,
            "db_AC", "db_AF",
        )  # fmt: skip
    out = folder / "bcftools.vcf"
    found["bcftools annotate -a"] = (
        ["bcftools", "annotate", "-a", vcf, "-c", columns, "-Ov", queries], {}, out, "db_AC", "db_AF",
    )  # fmt: skip
    for n in (1, 2):
        out = folder / f"own.{n}.vcf"
        command = [
            *MAIN,
            "annotate",
            queries,
            "--frequencies",
            str(store),
            "--no-summary",
            "--threads",
            str(n),
        ]
        found[f"genopraxis annotate --threads {n}"] = (
            [*command, "--out", str(out)], ONE_THREAD | {"POLARS_MAX_THREADS": str(n)}, out, "panel_ac", "panel_af",
        )  # fmt: skip
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--variants", type=int, default=2_000_000)
    parser.add_argument("--queries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder for the files, which stay there")
    parser.add_argument("--look-up", type=Path, nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.look_up:
        look_up(*chosen.look_up)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        measure(folder, variants=chosen.variants, queries=chosen.queries, rounds=chosen.rounds)


def measure(folder: Path, *, variants: int, queries: int, rounds: int) -> None:
    """Make the files, run everything, and print the tables."""
    # big tables stay out of this process: what it holds would count as memory of the programs that it starts
    apart = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    queries, there = apart.submit(make, folder, variants, queries).result()
    spent(["bgzip", "-c", str(folder / "queries.vcf")], out=folder / "queries.vcf.gz")
    spent(["tabix", "-f", "-p", "vcf", str(folder / "queries.vcf.gz")])
    print(
        f"{platform.machine()}, {os.cpu_count()} cores; {variants:,} variants, {queries:,} queries, "
        f"{there:,} of them there"
    )
    rows: list[list[str]] = []
    store = store_build(folder, rows, variants)
    print_table(["building", "wall s", "CPU-s", "variants per CPU-s", "MB of memory", "MB on disk"], rows)
    answers = folder / "answers.arrow"
    looked = subprocess.run(
        [
            sys.executable, __file__, "--look-up", str(store), str(folder / "small"), str(folder / EXPECTED),
            str(answers),
        ],
        env={**os.environ, **ONE_THREAD}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    apart.submit(check, answers, folder, "VariantStore.find", "", "").result()
    figures = json.loads(looked.stdout)
    figures.pop("columns")
    print_table(
        ["VariantStore.find, one thread, keys included", "million variants per CPU-s", "per second"],
        [[label, f"{cpu / 1e6:.2f}", f"{wall / 1e6:.2f}"] for label, (cpu, wall) in figures.items()],
    )
    found: dict[str, list[Spent]] = {}
    for turn in range(rounds + 1):  # the first turn compiles, and warms the disk
        for label, (command, environment, out, count, share) in programs(folder, store).items():
            own = label.startswith("genopraxis")
            one = spent(command, out=None if own else out, environment=environment)
            if turn:
                found.setdefault(label, []).append(one)
            else:
                apart.submit(check, out, folder, label, count, share).result()
    lines = []
    for label, runs in found.items():
        cpu, wall = statistics.median(one.cpu for one in runs), statistics.median(one.wall for one in runs)
        most = max(one.megabytes for one in runs)
        lines.append(
            [
                label, f"{wall:.1f}", f"{cpu:.1f}", f"{queries / wall / 1000:.0f}k", f"{queries / cpu / 1000:.0f}k",
                memory(most),
            ]
        )  # fmt: skip
    print_table(
        ["whole program, VCF.gz to VCF", "wall s", "CPU-s", "variants per s", "variants per CPU-s", "MB"],
        lines,
    )
    apart.shutdown()
    print(f"\nall programs found the same {there:,} variants, with the same AC and AF")


if __name__ == "__main__":
    main()
