"""Write one small file of each format, as this version of Genopraxis writes it, into a new folder.

``python tests/archive/make.py tests/archive/v2`` from the repository; see README.md beside this file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "plugin_example" / "src")]

MOST_BYTES = 30_000
CASES = [
    {
        "case_id": f"c{n}",
        "observed": observed,
        "excluded": ["HP:0001250"] if n else [],
        "disease_id": disease,
        "gene": gene,
        "pmid": f"PMID:{11 + n}",
        "sex": "FEMALE",
        "age": "P3Y",
    }
    for n, (observed, disease, gene) in enumerate(
        [(["HP:0001166", "HP:0001083"], "OMIM:154700", "FBN1"), (["HP:0001324"], "OMIM:310200", "DMD")]
    )
]


def main(target: Path) -> None:
    """Run the commands that write files on the tiny release, and keep what they write."""
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        os.environ["GENOPRAXIS_DATA"] = str(work / "data")
        from genopraxis_example.cases import DATASET

        from genopraxis.knowledge.releases import add_release
        from tiny import build_tiny

        add_release(build_tiny(work / "tiny"), name="tiny")
        cases = work / "cases.jsonl"
        cases.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
        release = ["--knowledge", "tiny"]
        out, bench = work / "out", work / "bench"
        terms = ["--hpo", "HP:0001166,HP:0001083", "--not", "HP:0001250", "--sex", "female", "--age", "P3Y"]
        terms += ["--excluded", "selected"]
        likelihood = ["--tool", "phenotype.likelihood"]
        _run("diagnose", *terms, *likelihood, "--top", "2", "--id", "c", *release, "--out", str(out))
        regimes = ["--regime", "full", "--regime", "publication-out"]
        _run(
            "bench",
            "run",
            "phenotype",
            *likelihood,
            "--cases",
            str(cases),
            *regimes,
            *release,
            "--out",
            str(bench),
        )
        sides = ["--regime", "full", "--against-regime", "publication-out", *likelihood, *likelihood]
        _run("bench", "compare", str(bench), str(bench), *sides, "--out", str(work / "comparison"))
        publications = work / "publications.tsv"
        _run("bench", "publications", "--cases", str(cases), *release, "--out", str(publications))
        leaks = work / "leaks"
        _run(
            "bench",
            "leakage",
            "--cases",
            str(cases),
            *release,
            "--tool",
            "phenotype.likelihood",
            "--out",
            str(leaks),
        )
        _run("library", "add", str(cases), *release)
        scorecard = json.loads((bench / "scorecard.json").read_text(encoding="utf-8"))
        scorecard["results"] = [row for row in scorecard["results"] if row["stratum"] == "all"]
        card = json.loads(_run("tools", "show", "phenotype.likelihood"))
        target.mkdir(parents=True)
        files = {
            "result.json": (out / "c" / "result.json").read_bytes(),
            "cases.parquet": (out / "cases.parquet").read_bytes(),
            "predictions.parquet": (bench / "predictions.parquet").read_bytes(),
            "comparison.json": (work / "comparison" / "comparison.json").read_bytes(),
            "publications.tsv": publications.read_bytes(),
            "scorecard.json": _text(scorecard),
            "leakage.json": (leaks / "leakage.json").read_bytes(),
            "leak-cases.parquet": (leaks / "cases.parquet").read_bytes(),
            "leak-counts.parquet": (leaks / "counts.parquet").read_bytes(),
            "local-cases.parquet": (work / "data" / "library" / "cases.parquet").read_bytes(),
            "datasheet.json": DATASET.datasheet.to_json().encode(),
            # a tool card is written by people: YAML, and the schema may be left out
            "tool-card.yaml": _yaml(card),
            **annotated(work),
        }
        for name, content in files.items():
            assert len(content) < MOST_BYTES, f"{name} has {len(content)} bytes"
            (target / name).write_bytes(content)


def annotated(work: Path) -> dict[str, bytes]:
    """Return what ``annotate`` writes of two changes in one codon, in phase."""
    from transcripts_for_tests import hand_made

    small = hand_made(work / "small")
    rows = ("1\t114\t.\tG\tA\t50\tPASS\t.\tGT\t0|1", "1\t115\t.\tC\tA\t50\tPASS\t.\tGT\t0|1")
    head = (
        "##fileformat=VCFv4.2",
        "##contig=<ID=1>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tAnna",
    )
    source, out = work / "in.vcf", work / "annotated.parquet"
    source.write_text("\n".join((*head, *rows)) + "\n", encoding="utf-8")
    _run(
        "annotate", str(source), "--out", str(out), "--fasta", str(small.genome.path), "--transcripts",
        str(work / "small" / "small.gff3"), "--assembly", "GRCh38",
    )  # fmt: skip
    names = ("annotated.parquet", "annotated.haplotypes.parquet", "annotated.summary.json")
    return {name: (work / name).read_bytes() for name in names}


def _run(*words: str) -> str:
    command = [sys.executable, "-c", "from genopraxis.cli.main import main; main()", *words]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def _text(document: dict[str, object]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _yaml(document: dict[str, object]) -> bytes:
    import yaml

    document.pop("schema")
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    return text.encode()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
