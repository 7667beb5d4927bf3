"""What ``bcftools csq`` writes, read back: the terms and proteins of our own annotator, and of every phased record."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from consequences_agreement import CSQ_TERMS, Kit, open_kit, random_snvs

from genopraxis.contracts.consequences import CONSEQUENCES
from genopraxis.formats.vcf_annotations import annotation_fields
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.file_consequences import file_consequences
from genopraxis.variants.file_terms import terms
from genopraxis.variants.normalise import normalise

pytestmark = [
    pytest.mark.verification,
    pytest.mark.shared_data,
    pytest.mark.skipif(
        not shutil.which("bcftools") or not shutil.which("bgzip"), reason="bcftools is not installed"
    ),
]
HEAD = (
    '##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
)


@pytest.fixture(scope="module")
def kit(rare_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return open_kit(rare_data.parent, tmp_path_factory.mktemp("kit"))


def annotated(
    kit: Kit, rows: list[tuple[int, str, str, str]], folder: Path, *options: str
) -> tuple[pl.DataFrame, pl.DataFrame, VcfRepairs, list[str]]:
    """Return alleles, what csq says of them, repairs, and the texts of BCSQ."""
    source, target = folder / "in.vcf", folder / "out.vcf"
    body = "".join(f"20\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t{gt}\n" for pos, ref, alt, gt in rows)
    source.write_text(HEAD + body)
    command = ["bcftools", "csq", *options, "-n", "200", "-f", str(kit.fasta), "-g", str(kit.gff)]
    subprocess.run([*command, str(source), "-Ov", "-o", str(target)], check=True, capture_output=True)
    tables, told, repairs, first = [], [], VcfRepairs(), 0
    with VcfReader(target) as reader:
        (field,) = annotation_fields({k: v.description for k, v in reader.header.info.items()})
        for batch in reader:
            table = normalise(batch, genome=None)[0]
            made, more = file_consequences(batch, table, field)
            tables.append(table)
            told.append(made.with_columns(pl.col("row") + first))
            first += table.height
            repairs += more
    texts = [
        part[5:] for line in target.read_text().splitlines() for part in re.findall(r"BCSQ=[^;\t]+", line)
    ]
    return pl.concat(tables), pl.concat(told), repairs, texts


def in_words(names: list[str]) -> tuple[str, ...]:
    """Our terms as far as csq has words for them; it never writes ``intron`` beside another."""
    words = {word for name in names if (word := CSQ_TERMS[name]) is not None}
    return terms("&".join(words - {"intron"} if len(words) > 1 else words)).terms


def test_single_bases(kit: Kit, tmp_path: Path) -> None:
    single = random_snvs(kit, 20_000, seed=7)
    alleles, told, repairs, _ = annotated(kit, [(*one, "0/1") for one in single], tmp_path, "-l")
    CONSEQUENCES.check(told, raise_errors=True)
    assert set(repairs.counts) <= {"annotation_missing"}
    found = consequence_table(kit.annotator.consequences(alleles), intergenic=False)
    ours = {
        (row, transcript): (in_words(names), protein)
        for row, transcript, names, protein in found.select(
            "row", "transcript_id", "consequence", "protein_change"
        ).iter_rows()
    }
    joined: dict[tuple[int, str], tuple[set[str], str | None]] = {}
    for row, transcript, names, protein in (
        told.filter(pl.col("transcript_id").is_not_null())
        .select("row", "transcript_id", "consequence", "protein_change")
        .iter_rows()
    ):  # csq may say splice_region apart
        known, before = joined.get((row, transcript), (set(), None))
        joined[row, transcript] = known | set(names), protein or before
    assert len(joined) > 30_000
    other = [key for key, (names, _) in joined.items() if set(ours[key][0]) != names]
    assert len(other) / len(joined) < 0.001  # near introns of up to 13 bases, see test_bcftools_csq
    assert all({"splice_region_variant"} == set(ours[key][0]) ^ joined[key][0] for key in other), [
        (ours[key], joined[key]) for key in other[:5]
    ]
    # csq does not follow a lost stop, and names no position but that of the residue
    both = {key: (ours[key][1], protein) for key, (_, protein) in joined.items() if protein}
    assert len(both) > 10_000
    differ = {key: pair for key, pair in both.items() if pair[0] != pair[1]}
    assert all(pair[1].endswith("extTer?") for pair in differ.values() if pair[1]), list(differ.items())[:5]


def test_phased_and_multiallelic_records(kit: Kit, tmp_path: Path) -> None:
    bases = kit.genome.sequence("20")
    rows: list[tuple[int, str, str, str]] = []
    last = 0
    for pos, ref, alt in random_snvs(kit, 3000, seed=3):
        after = chr(bases[pos])
        if pos - last < 12 or after == "N":
            continue
        last, other = pos, next(base for base in "ACGT" if base not in (ref, alt))
        rows += (
            [(pos, ref, f"{alt},{other}", "1|2")],
            [(pos, ref, alt, "1|0"), (pos + 1, after, next(base for base in "ACGT" if base != after), "1|0")],
            [(pos, ref + after, f"{ref},{ref}{after}A", "1|2")],
            [(pos, ref, f"{ref}TG,{alt}", "1|2")],
        )[len(rows) % 4]
    alleles, told, repairs, texts = annotated(kit, rows, tmp_path, "-p", "a")
    CONSEQUENCES.check(told, raise_errors=True)
    pointers = sum(text.count("@") for text in texts)
    assert pointers > 200
    # every pointer finds the record that tells it, every entry its allele
    assert set(repairs.counts) <= {"annotation_missing"}
    haplotype = told.filter(pl.col("flags").list.contains("haplotype"))
    assert haplotype["row"].n_unique() > pointers
    plain = told.filter(
        pl.col("flags").list.len() == 0, pl.col("consequence").list.first() == "missense_variant"
    )
    # alone on their haplotype: what our annotator says of that allele
    ours = consequence_table(kit.annotator.consequences(alleles), intergenic=False)
    both = plain.join(ours, on=["row", "transcript_id"])
    assert both.height > 300
    assert (both["protein_change"] == both["protein_change_right"]).all()
