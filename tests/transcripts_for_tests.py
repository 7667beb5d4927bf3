"""Small genomes with transcripts: contig 1 as it is written, contig 2 its mirror image with the other strand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.transcripts import TranscriptSet
from genopraxis.knowledge.transcripts_build import build_transcripts
from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_table import consequence_table

CODING = "ATGGCTAAATGCCTGCTGGGATGGCGTAGTACTGATGAATTTCATATTAAGAATCCCCAGGTTTATTAA"
PROTEIN = "MAKCLLGWRSTDEFHIKNPQVY*"
UTR5, UTR3 = "GCGGCTCACC", "GCAGCCTAGCTTAAACTGAC"
INTRON1 = "GTAAGTCCATTGACATTCGTACTGACATTATGCTTTTCAG"
INTRON2 = "GTGAGTACGGTTACAGGATCCATGTTCACAGGCTTAACTACTGACATTTCTTTTGTTTAG"


@dataclass(frozen=True)
class Small:
    """A genome on disk, its annotation and what annotates with it."""

    genome: Genome
    set: TranscriptSet
    annotator: Annotator
    bases: str

    def annotate(self, rows: Sequence[tuple[str, int, str, str]], *, hgvs: bool = True) -> pl.DataFrame:
        """Rows are chrom, 1-based pos, ref, alt."""
        frame = pl.DataFrame(
            rows,
            schema={"chrom": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String},
            orient="row",
        )
        return consequence_table(self.annotator.consequences(frame), hgvs=hgvs)


def contig(seed: int, size: int) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=size))  # noqa: S311


def gff_rows(
    name: str,
    exons: Sequence[tuple[int, int]],
    cds: tuple[int, int] | None,
    *,
    strand: str,
    chrom: str,
    biotype: str = "protein_coding",
    phase: int = 0,
    extra: str = "",
) -> list[str]:
    """Rows of one gene and transcript; coordinates 0-based and half-open."""
    low, high = exons[0][0], exons[-1][1]
    head = f"{chrom}\tt\t{{}}\t{low + 1}\t{high}\t.\t{strand}\t.\t"
    rows = [
        head.format("gene") + f"ID=gene:G{name};Name={name};gene_id=G{name}",
        head.format("mRNA")
        + f"ID=transcript:{name};Parent=gene:G{name};transcript_id={name};biotype={biotype}{extra}",
    ]
    coding = [(max(a, cds[0]), min(b, cds[1])) for a, b in exons if a < cds[1] and b > cds[0]] if cds else []
    done = 0
    phases = {}
    for a, b in coding if strand == "+" else coding[::-1]:
        phases[a, b] = (phase - done) % 3
        done += b - a
    rows += [f"{chrom}\tt\texon\t{a + 1}\t{b}\t.\t{strand}\t.\tParent=transcript:{name}" for a, b in exons]
    rows += [
        f"{chrom}\tt\tCDS\t{a + 1}\t{b}\t.\t{strand}\t{phases[a, b]}\tParent=transcript:{name}"
        for a, b in coding
    ]
    return rows


def mirrored(size: int, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(size - b, size - a) for a, b in spans][::-1]


def write_small(folder: Path, bases: str, rows: Sequence[str], *, flank: int = 5000) -> Small:
    """Write contigs 1 and 2 and the rows, build the set and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    fasta, gff = folder / "small.fa", folder / "small.gff3"
    fasta.write_text(f">1\n{bases}\n>2\n{reverse_complement(bases)}\n")
    gff.write_text("\n".join(["##gff-version 3", *rows]) + "\n")
    genome = Genome(fasta)
    transcripts = build_transcripts(gff, folder / "set", genome=genome)
    annotator = Annotator(transcripts, genome=genome, flank=flank)
    return Small(genome=genome, set=transcripts, annotator=annotator, bases=bases)


def hand_made(folder: Path) -> Small:
    """Return the gene of this file, three exons, on contig 1 forward (P) and on contig 2 reverse (M)."""
    exon1, exon2, exon3 = UTR5 + CODING[:25], CODING[25:50], CODING[50:] + UTR3
    left, right = contig(1, 100), contig(2, 100)
    bases = left + exon1 + INTRON1 + exon2 + INTRON2 + exon3 + right
    starts = [100, 100 + 35 + 40, 100 + 35 + 40 + 25 + 60]
    exons = [(starts[0], starts[0] + 35), (starts[1], starts[1] + 25), (starts[2], starts[2] + len(exon3))]
    cds = (110, starts[2] + 19)
    size = len(bases)
    rows = gff_rows("P", exons, cds, strand="+", chrom="1")
    rows += gff_rows("M", mirrored(size, exons), (size - cds[1], size - cds[0]), strand="-", chrom="2")
    return write_small(folder, bases, rows)


def random_gene(folder: Path, seed: int, *, codons: int = 120) -> Small:
    """Return a random open reading frame of 2–6 exons with UTRs, forward on contig 1, reverse on contig 2."""
    dice = random.Random(seed)  # noqa: S311
    stops = {"TAA", "TAG", "TGA"}
    sense = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT" if a + b + c not in stops]
    # few bases in some stretches, so that there are repeats to move along
    coding = "ATG" + "".join(
        dice.choice(sense if dice.random() < 0.7 else ["AAA", "CAG", "CTG", "GGC"]) for _ in range(codons)
    )
    message = contig(seed + 1, 40) + coding + dice.choice(sorted(stops)) + contig(seed + 2, 90)
    cuts = sorted(dice.sample(range(20, len(message) - 20, 5), dice.randint(1, 5)))
    pieces = [message[a:b] for a, b in zip([0, *cuts], [*cuts, len(message)], strict=True)]
    bases, exons, at, cds_low, cds_high = contig(seed + 3, 60), [], 0, -1, -1
    first, last = 40, 40 + len(coding) + 3
    for number, piece in enumerate(pieces):
        start = len(bases)
        exons.append((start, start + len(piece)))
        if at <= first < at + len(piece):
            cds_low = start + first - at
        if at < last <= at + len(piece):
            cds_high = start + last - at
        bases += piece
        at += len(piece)
        if number + 1 < len(pieces):
            bases += "GT" + contig(seed + 10 + number, dice.randint(30, 80)) + "AG"
    bases += contig(seed + 4, 60)
    size = len(bases)
    rows = gff_rows("P", exons, (cds_low, cds_high), strand="+", chrom="1")
    rows += gff_rows("M", mirrored(size, exons), (size - cds_high, size - cds_low), strand="-", chrom="2")
    return write_small(folder, bases, rows)


def mirror(bases: str, pos: int, ref: str, alt: str) -> tuple[str, int, str, str]:
    """Return the allele of contig 1 at a 1-based pos as it is on contig 2, at the very same bases."""
    lead, old, new = trimmed(ref, alt)
    start = len(bases) - (pos - 1 + lead + len(old))
    other = reverse_complement(bases)
    anchor = other[start - 1]
    if len(old) == len(new):
        return "2", start + 1, reverse_complement(old), reverse_complement(new)
    return "2", start, anchor + reverse_complement(old), anchor + reverse_complement(new)


def spellings(bases: str, start: int, old: str, new: str) -> list[tuple[int, str, str]]:
    """Return every trimmed (0-based start, old, new) that makes the same contig of ``bases``, from left to right."""
    wanted = bases[:start] + new + bases[start + len(old) :]
    if old and new:
        return [(start, old, new)]
    size = len(old) or len(new)
    found = []
    for at in range(max(1, start - 60), min(len(bases) - size, start + 60)):
        own_old = bases[at : at + len(old)]
        own_new = wanted[at : at + len(new)]
        if bases[:at] + own_new + bases[at + len(own_old) :] == wanted:
            found.append((at, own_old, own_new))
    return found


def in_exon(exons: Sequence[tuple[int, ...]], start: int, end: int) -> bool:
    """Tell whether bases lie within an exon; an insertion (empty) may be at the exon's very end."""
    return any(low <= start and end <= high for low, high, *_ in exons)
