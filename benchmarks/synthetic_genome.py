"""A genome, its transcripts, one sample's VCF and a frequency file, made up but of real sizes.

    python benchmarks/synthetic_genome.py OUT_FOLDER [--records 4000000] [--scale 1.0] [--seed 1]

Contigs are named and sized as in GRCh38 (times ``--scale``); genes are spread over them in the number, length and exon
count that is typical of a human annotation, their coding sequences are open reading frames. The VCF has SNVs (85 %),
indels (14 %, a third of them in repeats) and multi-allelic records (1 %), with GT:AD:DP:GQ; the frequency file has
``--known`` variants, one in two of the sample's among them. Everything hangs on the seed alone.
"""

from __future__ import annotations

import argparse
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genopraxis.formats.bgzip import write_bgzip
from genopraxis.formats.contig_names import LENGTHS, Assembly

BASES = np.frombuffer(b"ACGT", np.uint8)
LINE = 60
GENES = 20_000
STOPS = (b"TAA", b"TAG", b"TGA")


@dataclass(frozen=True)
class Names:
    """The files."""

    fasta: str = "genome.fa"
    gff: str = "transcripts.gff3.gz"
    sample: str = "sample.vcf.gz"
    frequencies: str = "frequencies.vcf.gz"


def contigs(scale: float) -> dict[str, int]:
    """Return the length of each contig."""
    wanted = [*(str(n) for n in range(1, 23)), "X", "Y", "MT"]
    return {
        name: length if name == "MT" else max(int(length * scale), 200_000)
        for name, length in ((name, LENGTHS[Assembly.GRCH38][name]) for name in wanted)
    }


def genes(
    rng: np.random.Generator, name: str, sequence: NDArray[np.uint8], number: int, first: int
) -> list[str]:
    """Put genes on a contig, write their coding sequences into it, and return the lines of the annotation."""
    lines: list[str] = []
    starts = np.sort(rng.integers(10_000, len(sequence) - 120_000, number))
    complement = np.zeros(256, np.uint8)
    complement[BASES] = BASES[::-1]
    busy = 0
    for gene, start in enumerate(starts.tolist(), start=first):
        if start < busy:
            continue
        n_exons = int(rng.integers(1, 20))
        lengths = rng.integers(80, 220, n_exons)
        gaps = rng.geometric(1 / 3000, n_exons - 1) + 60
        begin = start + np.concatenate([[0], np.cumsum(lengths[:-1] + gaps)])
        end = begin + lengths
        if end[-1] + 1000 > len(sequence):
            continue
        busy = int(end[-1])
        strand = "+" if rng.integers(2) else "-"
        spliced = int(lengths.sum())
        utr5, utr3 = 30, 20
        coding = (spliced - utr5 - utr3) // 3 * 3
        if coding < 30:
            continue
        codons = rng.integers(0, 4, (coding // 3, 3))
        text = BASES[codons]
        for stop in STOPS:  # no stop within
            text[(text == np.frombuffer(stop, np.uint8)).all(axis=1), 0] = ord("C")
        text[0] = np.frombuffer(b"ATG", np.uint8)
        text[-1] = np.frombuffer(b"TAA", np.uint8)
        whole = BASES[rng.integers(0, 4, spliced)]
        whole[utr5 : utr5 + coding] = text.ravel()
        if strand == "-":
            whole = complement[whole[::-1]]
        at = 0
        for one, other in zip(begin.tolist(), end.tolist(), strict=True):
            sequence[one:other] = whole[at : at + other - one]
            at += other - one
        gene_id, transcript = f"GENE{gene:05d}", f"TX{gene:05d}.1"
        cds = (utr5, utr5 + coding) if strand == "+" else (spliced - utr5 - coding, spliced - utr5)
        head = f"{name}\tsynthetic\t"
        span = f"{begin[0] + 1}\t{end[-1]}\t.\t{strand}\t.\t"
        lines.append(
            f"{head}gene\t{span}ID=gene:{gene_id};Name=G{gene};biotype=protein_coding;gene_id={gene_id}"
        )
        for copy in range(int(rng.integers(1, 4))):
            own = transcript if copy == 0 else f"TX{gene:05d}.{copy + 1}"
            tag = ";tag=Ensembl_canonical,MANE_Select" if copy == 0 else ""
            lines.append(
                f"{head}mRNA\t{span}ID=transcript:{own};Parent=gene:{gene_id};biotype=protein_coding;"
                f"transcript_id={own}{tag}"
            )
            at, done = 0, 0
            pieces = []
            for one, other in zip(begin.tolist(), end.tolist(), strict=True):
                size = other - one
                lines.append(f"{head}exon\t{one + 1}\t{other}\t.\t{strand}\t.\tParent=transcript:{own}")
                low, high = max(cds[0], at), min(cds[1], at + size)
                if low < high:
                    pieces.append((one + low - at, one + high - at))
                at += size
            for low, high in pieces if strand == "+" else reversed(pieces):
                phase = (3 - done % 3) % 3
                lines.append(
                    f"{head}CDS\t{low + 1}\t{high}\t.\t{strand}\t{phase}\tID=CDS:{own}p;Parent=transcript:{own}"
                )
                done += high - low
    return lines


def records(rng: np.random.Generator, sequence: NDArray[np.uint8], number: int) -> list[tuple[int, str, str]]:
    """Return position (1-based), REF and ALT of a contig's records; ALT may name two alleles."""
    places = np.unique(rng.integers(1_000, len(sequence) - 1_000, number))
    kinds = rng.random(len(places))
    lengths = rng.geometric(0.35, len(places))
    shifts = rng.integers(1, 4, len(places))
    letters = BASES[rng.integers(0, 4, (len(places), 24))]
    rows = []
    number_of = np.zeros(256, np.int64)
    number_of[BASES] = np.arange(4)
    refs = number_of[sequence[places]]
    for i, place in enumerate(places.tolist()):
        ref = chr(sequence[place])
        kind = kinds[i]
        if kind < 0.85:
            rows.append((place + 1, ref, chr(BASES[(refs[i] + shifts[i]) % 4])))
        elif kind < 0.92:
            size = min(int(lengths[i]), 23)
            rows.append((place + 1, sequence[place : place + size + 1].tobytes().decode(), ref))
        elif kind < 0.99:
            size = min(int(lengths[i]), 23)
            copied = sequence[place + 1 : place + 1 + size] if kind < 0.945 else letters[i, :size]
            rows.append((place + 1, ref, ref + copied.tobytes().decode()))
        else:
            one, other = chr(BASES[(refs[i] + 1) % 4]), chr(BASES[(refs[i] + 2) % 4])
            rows.append((place + 1, ref, f"{one},{other}"))
    return rows


def sample_lines(rng: np.random.Generator, name: str, rows: list[tuple[int, str, str]]) -> bytes:
    """Return the lines of the sample's VCF."""
    depths = rng.poisson(30, len(rows)) + 1
    hom = rng.random(len(rows)) < 0.4
    shares = rng.binomial(depths, 0.5)
    quality = rng.integers(20, 99, len(rows))
    lines = []
    for i, (pos, ref, alt) in enumerate(rows):
        depth = int(depths[i])
        if "," in alt:
            call = f"1/2:0,{shares[i]},{depth - shares[i]}"
        elif hom[i]:
            call = f"1/1:0,{depth}"
        else:
            call = f"0/1:{depth - shares[i]},{shares[i]}"
        lines.append(
            f"{name}\t{pos}\t.\t{ref}\t{alt}\t{quality[i] * 10}\tPASS\tDP={depth};MQ=60.00;QD={quality[i] / 4:.2f}"
            f"\tGT:AD:DP:GQ\t{call}:{depth}:{quality[i]}\n"
        )
    return "".join(lines).encode()


def frequency_lines(
    rng: np.random.Generator, name: str, rows: list[tuple[int, str, str]], known: list[tuple[int, str, str]]
) -> bytes:
    """Return the lines of the frequency file: every second record of the sample, and others."""
    own = [row for row in rows[::2] if "," not in row[2]]
    merged = sorted({(pos, ref, alt) for pos, ref, alt in [*own, *known] if "," not in alt})
    an = 152_000
    counts = np.minimum(rng.zipf(1.3, len(merged)), an)
    groups = rng.multinomial(1, [0.1, 0.5, 0.2, 0.2], len(merged)).argmax(axis=1)
    words = ("afr", "nfe", "eas", "amr")
    return "".join(
        f"{name}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\tAC={count};AN={an};nhomalt={count // 100};"
        f"AC_{words[group]}={count};AN_{words[group]}={an // 4};nhomalt_{words[group]}={count // 100}\n"
        for (pos, ref, alt), count, group in zip(merged, counts.tolist(), groups.tolist(), strict=True)
    ).encode()


def main() -> None:
    """Write the four files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--records", type=int, default=4_000_000)
    parser.add_argument("--known", type=int, default=8_000_000)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    make(chosen.out, n_records=chosen.records, n_known=chosen.known, scale=chosen.scale, seed=chosen.seed)


def make(out: Path, *, n_records: int, n_known: int, scale: float, seed: int) -> Names:
    """Write the four files into a folder and return their names."""
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    names, lengths = Names(), contigs(scale)
    whole = sum(lengths.values())
    head = "".join(f"##contig=<ID={name},length={length}>\n" for name, length in lengths.items())
    sample_head = (
        "##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"All filters passed\">\n" + head
        + '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
        '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality">\n'
        '##INFO=<ID=QD,Number=1,Type=Float,Description="Quality by depth">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depth of alleles">\n'
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSYNTHETIC\n"
    )  # fmt: skip
    keys = [
        "AC",
        "AN",
        "nhomalt",
        *(f"{k}_{g}" for k in ("AC", "AN", "nhomalt") for g in ("afr", "nfe", "eas", "amr")),
    ]
    known_head = "##fileformat=VCFv4.2\n" + head + "".join(
        f'##INFO=<ID={key},Number={1 if key.startswith("AN") else "A"},Type=Integer,Description="{key}">\n'
        for key in keys
    ) + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"  # fmt: skip
    annotation = ["##gff-version 3"]
    samples, frequencies = [sample_head.encode()], [known_head.encode()]
    with (out / names.fasta).open("wb") as fasta:
        for name, length in lengths.items():
            sequence = BASES[rng.integers(0, 4, length, dtype=np.uint8)]
            share = length / whole
            if name != "MT":
                annotation += genes(rng, name, sequence, int(GENES * share), len(annotation))
            rows = records(rng, sequence, int(n_records * share)) if name != "MT" else []
            samples.append(sample_lines(rng, name, rows))
            others = records(rng, sequence, int(n_known * share)) if name != "MT" else []
            frequencies.append(frequency_lines(rng, name, rows, others))
            fasta.write(f">{name}\n".encode())
            full = length // LINE * LINE
            lines = np.empty((full // LINE, LINE + 1), np.uint8)
            lines[:, :LINE] = sequence[:full].reshape(-1, LINE)
            lines[:, LINE] = 10
            fasta.write(lines.tobytes())
            if full < length:
                fasta.write(sequence[full:].tobytes() + b"\n")
    with gzip.open(out / names.gff, "wt") as handle:
        handle.write("\n".join(annotation) + "\n")
    for name, pieces in ((names.sample, samples), (names.frequencies, frequencies)):
        with (out / name).open("wb") as file:
            write_bgzip(iter(pieces), file, threads=2)
    return names


if __name__ == "__main__":
    main()
