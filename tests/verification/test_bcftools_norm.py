"""Normalising agrees with ``bcftools norm -m -any -f GENOME -c w``, allele by allele, on every record.

Three things are different on purpose and not compared: the case of letters (bcftools leaves alleles that it does not
change as they are, we write upper case); records without an ALT (``.``), whose REF bcftools cuts to its first base,
while we keep it, since they say that all of its bases were seen; and breakends beside other ALTs, off which bcftools
1.16 cuts the base that they are joined to (``T]1:3]`` becomes ``]1:3]``), while we keep them whole.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from genopraxis.contracts.variants import ALLELES
from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_genotypes import sample_text
from genopraxis.formats.vcf_info import info_text
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.normalise import normalise_all
from genopraxis.variants.normalise_counts import NormaliseCounts
from vcf_texts import COLUMNS

pytestmark = [
    pytest.mark.verification,
    pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed"),
]

GRCH37_20 = Path("/usr/share/doc/vt/examples/ref/20.fa.gz")  # Debian package vt-examples

HG001 = "_".join(
    (
        "HG001_chr20_GRCh37_GIAB_highconf",
        "CG-IllFB-IllGATKHC-Ion-10X-SOLID",
        "CHROM1-X_v.3.3.2_highconf_PGandRTGphasetransfer",
    )
)

Row = tuple[str, int, str, str]
Forms = dict[int, list[tuple[str, int, str, str]]]


@pytest.fixture(scope="module")
def grch37_20(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not GRCH37_20.is_file():
        pytest.skip("chr20 of GRCh37 is not here (Debian package vt-examples)")
    link = tmp_path_factory.mktemp("grch37") / "20.fa.gz"  # bcftools makes its index beside it
    link.symlink_to(GRCH37_20)
    return link


def rows_of(path: Path, *, chroms: set[str], name: str, end: int) -> Iterator[Row]:
    """Records of one chromosome up to a position, with the contig called as in the FASTA."""
    with gzip.open(path, "rb") as lines:
        for line in lines:
            if line.startswith(b"#"):
                continue
            chrom, pos, _, ref, alt, _ = line.split(b"\t", 5)
            if chrom.decode() in chroms and int(pos) + len(ref) <= end:
                yield name, int(pos), ref.decode(), alt.decode()


def compare(folder: Path, rows: Iterable[Row], fasta: Path) -> tuple[int, list[object], NormaliseCounts]:
    """Number of alleles compared, those that differ (record, ours, theirs), and what was done."""
    rows = list(rows)
    contigs = dict.fromkeys(row[0] for row in rows)
    path = folder / "x.vcf"
    with path.open("w") as out:
        print("##fileformat=VCFv4.2", *(f"##contig=<ID={name}>" for name in contigs), sep="\n", file=out)
        print('##INFO=<ID=X,Number=1,Type=Integer,Description="record">', file=out)
        print(*COLUMNS, sep="\t", file=out)
        for number, (chrom, pos, ref, alt) in enumerate(rows):
            print(chrom, pos, ".", ref, alt, ".", ".", f"X={number}", sep="\t", file=out)
    theirs: Forms = defaultdict(list)
    run = subprocess.run(
        ["bcftools", "norm", "-m", "-any", "-f", str(fasta), "-c", "w", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for line in run.stdout.splitlines():
        if not line.startswith("#"):
            chrom, pos, _, ref, alt, _, _, info = line.split("\t")
            alt = alt if alt.startswith("<") else alt.upper()
            theirs[int(info.removeprefix("X="))].append((chrom, int(pos), ref.upper(), alt))
    ours: Forms = defaultdict(list)
    with Genome(fasta) as genome, VcfReader(path, batch_bytes=1 << 20) as reader:
        done = list(normalise_all(iter(reader), genome=genome, mismatch_limit=1.0))
        for _, frame, _ in done:
            ALLELES.check(frame, raise_errors=True)
            for record, chrom, pos, ref, alt in frame.select(
                "record", "chrom", "pos", "ref", "alt"
            ).iter_rows():
                ours[record].append((genome.names.get(chrom, chrom), pos, ref, alt))
    assert len(theirs) == len(rows)
    differ = [
        (rows[number], sorted(ours[number]), sorted(theirs[number]))
        for number in range(len(rows))
        if sorted(ours[number]) != sorted(theirs[number])
    ]
    return sum(map(len, theirs.values())), differ, done[-1][2]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "alleles", "moved"),
    [
        ("rare/HG03709_PEDIA124_annotated.GRCh37.vcf.gz", 313, 6),
        ("rare/Pfeiffer_exomiser.GRCh37.vcf.gz", 1_024, 0),
        ("rare/hu82436A_PGP_exome.GRCh37.vcf.gz", 3_006, 0),
        ("rare/scout643594_trio_clinical.GRCh37.vcf.gz", 19, 0),
        ("annot/clinvar_2016-12_chr20_b37.vcf.gz", 1_770, 1),
        ("calling/truth/hg002_b37_1p1.vcf.gz", 1_712, 15),
        ("calling/truth/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz", 222, 2),
        (f"calling/truth/{HG001}.vcf.gz", 78_877, 508),
    ],
)
def test_files_on_grch37(
    tmp_path: Path, rare_data: Path, grch37_20: Path, name: str, alleles: int, moved: int
) -> None:
    rows = rows_of(rare_data.parent / name, chroms={"20", "chr20"}, name="20", end=63_025_520)
    found, differ, counts = compare(tmp_path, rows, grch37_20)
    assert differ == []
    assert (found, counts.trimmed + counts.shifted) == (alleles, moved)
    assert counts.reference_differs == 0


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "alleles", "moved"),
    [
        ("calling/truth/HG002_GRCh38_1_22_v4.2.1_benchmark.chr20.vcf.gz", 16_385, 116),
        ("calling/truth/cohort-chr20_100k.vcf.gz", 1_473, 111),
        ("rare/hu82436A_PGP_exome.lifted_GRCh38.vcf.gz", 501, 0),
    ],
)
def test_files_on_grch38(tmp_path: Path, rare_data: Path, name: str, alleles: int, moved: int) -> None:
    fasta = rare_data.parent / "reference" / "grch38.chr20_and_21_10M.fa.gz"
    rows = [
        row
        for chrom in ("chr20", "chr21")
        for row in rows_of(rare_data.parent / name, chroms={chrom}, name=chrom, end=10_000_000)
    ]
    found, differ, counts = compare(tmp_path, rows, fasta)
    assert differ == []
    assert (found, counts.trimmed + counts.shifted) == (alleles, moved)


def repeats(rng: np.random.Generator, length: int) -> str:
    """A sequence of repeats of 1 to 6 bases between short unique pieces, with some N."""
    parts: list[str] = []
    size = 0
    while size < length:
        unit = "".join(rng.choice(list("ACGT"), rng.integers(1, 7)))
        unique = "".join(rng.choice(list("ACGT"), rng.integers(0, 12)))
        parts.append(unit * int(rng.integers(1, 60)) + unique + ("N" * 5 if rng.random() < 0.02 else ""))
        size += len(parts[-1])
    return "".join(parts)[:length]


def generated(rng: np.random.Generator, sequence: str, n: int) -> Iterator[Row]:
    """Multi-allelics and indels, some padded on both sides, some with a wrong REF, some that are no sequence."""
    for _ in range(n):
        start = int(rng.integers(0, len(sequence) - 80)) if rng.random() > 0.02 else 0
        ref = sequence[start : start + int(rng.choice([1, 1, 2, 3, 5, 8, 30, 60]))]
        alts: dict[str, None] = {}
        for _ in range(int(rng.choice([1, 1, 1, 2, 3, 5]))):
            cut, end = sorted(rng.integers(0, len(ref) + 1, 2))
            insert = sequence[start : start + int(rng.integers(0, 9))] * int(rng.integers(0, 3))
            kind = rng.random()
            if kind < 0.05:
                alts[str(rng.choice(["*", "<NON_REF>", "<DEL>", "<*>"]))] = None
            elif kind < 0.4:
                alts[ref[:cut] + ref[end:] or ref[0]] = None
            elif kind < 0.7:
                alts[ref[:cut] + insert + ref[cut:] or ref[0]] = None
            else:
                alts["".join(rng.choice(list("ACGT"), rng.integers(1, 6))) + ref[cut:]] = None
        if rng.random() < 0.01:
            alts = {f"{ref[0]}]1:200]": None}
        elif rng.random() < 0.02:
            ref = ref[:-1] + ("A" if ref[-1] != "A" else "C")
        if others := ",".join(alt for alt in alts if alt != ref):
            yield "1", start + 1, ref, others


def test_generated_multi_allelics_and_indels_in_repeats(tmp_path: Path) -> None:
    rng = np.random.default_rng(20)
    sequence = repeats(rng, 100_000)
    fasta = tmp_path / "g.fa"
    fasta.write_text(">1\n" + "\n".join(sequence[i : i + 60] for i in range(0, len(sequence), 60)) + "\n")
    found, differ, counts = compare(tmp_path, generated(rng, sequence, 30_000), fasta)
    assert differ == []
    assert found > 45_000
    assert counts.shifted > 10_000
    assert counts.trimmed > 10_000
    assert counts.split_records > 10_000
    assert counts.reference_differs > 400


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name",
    [
        "rare/HG03709_PEDIA124_annotated.GRCh37.vcf.gz",
        "rare/Pfeiffer_exomiser.GRCh37.vcf.gz",
        "rare/scout643594_trio_clinical.GRCh37.vcf.gz",
        "calling/truth/HG002_GRCh38_1_22_v4.2.1_benchmark.chr20.vcf.gz",
        "calling/bench/happy_strelka_grch38_admix_pass_indels.vcf.gz",
    ],
)
def test_reading_agrees_with_bcftools_query(rare_data: Path, name: str) -> None:
    path = rare_data.parent / name
    keys = ("DP", "AC")
    with VcfReader(path) as reader:
        sample = reader.header.samples[-1]
        fields = [key for key in ("GT", "DP", "AD") if key in reader.header.formats]
        defined = [key for key in keys if key in reader.header.info]
        ours: list[str] = []
        for batch in reader:
            frame = batch.frame().with_columns(
                *(info_text(batch, key).alias(f"info_{key}") for key in defined),
                *(sample_text(batch, sample, key).alias(f"sample_{key}") for key in fields),
            )
            names = np.array(batch.chrom_names)[batch.chrom_codes].tolist()
            rows = frame.drop("record", "chrom", "qual").rows()
            ours += [
                "\t".join([chrom, *("." if value is None else str(value) for value in row)])
                for chrom, row in zip(names, rows, strict=True)
            ]
    columns = ["%CHROM", "%POS", "%ID", "%REF", "%ALT", "%FILTER", *(f"%INFO/{key}" for key in defined)]
    text = "\\t".join([*columns, *(f"[%{key}]" for key in fields)]) + "\\n"
    run = subprocess.run(
        ["bcftools", "query", "-s", sample, "-f", text, str(path)], capture_output=True, text=True, check=True
    )
    theirs = run.stdout.splitlines()
    assert len(ours) == len(theirs)
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []
