"""Consequences against ClinVar's HGVS p. and against ``bcftools csq``, on the GRCh37 chr20 kit.

    python benchmarks/consequences_agreement.py --data FOLDER [--snvs 500000] [--seed 1]

``FOLDER`` is the development data (``reference/`` and ``annot/``); ``bcftools`` and ``bgzip`` are on the path. Every
disagreement is printed with the rule that explains it; what no rule explains is printed as ``unexplained``.
"""

from __future__ import annotations

import argparse
import gzip
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.transcripts import TranscriptSet
from genopraxis.knowledge.transcripts_build import build_transcripts
from genopraxis.variants.codons import THREE_LETTERS
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.hgvs_kernels import shift_right

FASTA, GFF = "hs37_chr20_exons_pm200_masked.fa.bgz", "chr20_ens110_lifted_b37.gff3.gz"

# VEP's term → what csq calls it; None: csq has no word for it
CSQ_TERMS: dict[str, str | None] = {
    "splice_acceptor_variant": "splice_acceptor",
    "splice_donor_variant": "splice_donor",
    "splice_donor_5th_base_variant": "splice_region",
    "splice_donor_region_variant": "splice_region",
    "splice_region_variant": "splice_region",
    "splice_polypyrimidine_tract_variant": None,
    "stop_gained": "stop_gained",
    "stop_lost": "stop_lost",
    "stop_retained_variant": "stop_retained",
    "start_lost": "start_lost",
    "missense_variant": "missense",
    "synonymous_variant": "synonymous",
    "coding_sequence_variant": "coding_sequence",
    "5_prime_UTR_variant": "5_prime_utr",
    "3_prime_UTR_variant": "3_prime_utr",
    "non_coding_transcript_exon_variant": "non_coding",
    "non_coding_transcript_variant": None,
    "NMD_transcript_variant": None,
    "intron_variant": "intron",
    "upstream_gene_variant": None,
    "downstream_gene_variant": None,
    "intergenic_variant": None,
}


@dataclass(frozen=True)
class Kit:
    """The chr20 kit, ready."""

    genome: Genome
    set: TranscriptSet
    annotator: Annotator
    fasta: Path
    gff: Path


def open_kit(data: Path, folder: Path) -> Kit:
    """Build the kit's transcript set in ``folder``."""
    genome = Genome(data / "reference" / FASTA)
    transcripts = build_transcripts(data / "reference" / GFF, folder / "set", genome=genome)
    bgzipped = folder / "kit.gff3.gz"  # csq reads bgzip alone
    plain = gzip.decompress((data / "reference" / GFF).read_bytes())
    bgzipped.write_bytes(subprocess.run(["bgzip", "-c"], input=plain, capture_output=True, check=True).stdout)
    return Kit(
        genome, transcripts, Annotator(transcripts, genome=genome), data / "reference" / FASTA, bgzipped
    )


# ClinVar


@dataclass(frozen=True)
class ClinvarRow:
    """One variant with a protein description: how ours compares and why."""

    pos: int
    ref: str
    alt: str
    gene: str
    clinvar: str
    ours: tuple[str, ...]
    verdict: str

    @property
    def single(self) -> bool:
        """Whether it is a single-base change."""
        return len(self.ref) == len(self.alt) == 1


SAME = "same"
NOTATION = {
    "start_loss": "HGVS has p.Met1? for a lost start; ClinVar writes the residue",
    "immediate_stop": "HGVS describes a frame shift that makes a stop at once as p.XaaNTer; ClinVar as XaaNTerfs",
    "stop_frameshift": "HGVS describes a shifted stop codon as an extension; ClinVar as TerNXaafs",
    "duplication": "HGVS describes a repeated residue as dup; ClinVar as ins",
    "nonsense_delins": "HGVS describes a delins that begins with a stop as p.XaaNTer; ClinVar as a delins",
}
NOT_IN_KIT = "no coding sequence of the kit holds the base"
ONE_OFF = "the VCF has this insertion one base off (before it was left-aligned): one on, ours is ClinVar's"
REFERENCE = "ClinVar describes the reference base"
OTHER_CHANGE = "ClinVar describes another change of bases"
OTHER_TRANSCRIPT = "the transcript (or its reading frame) is not in the kit"
UNEXPLAINED = "unexplained"


def clinvar_rows(kit: Kit, data: Path) -> list[ClinvarRow]:
    """Compare every chr20 variant of ClinVar (December 2016) that has an HGVS p."""
    table = (
        pl.read_parquet(data / "annot" / "clinvar_2016-12_b37.parquet")
        .filter((pl.col("chrom") == "20") & pl.col("hgvs_p").str.contains(r":p\."))
        .with_row_index("row")
    )
    ours = _by_row(kit, table)
    # ClinVar's plain insertions, one base further on than any place that the VCF's allele can be moved to
    bases = kit.genome.sequence("20")
    plain = table.filter(
        pl.col("hgvs_c").str.contains(r"\dins[ACGT]+$") & (pl.col("ref").str.len_bytes() == 1)
    )
    moved = [
        (row, *allele)
        for row, pos, alt in plain.select("row", "pos", "alt").iter_rows()
        for allele in _one_further(bases, pos, alt)
    ]
    candidates = pl.DataFrame(
        [("20", *allele[1:]) for allele in moved], schema=["chrom", "pos", "ref", "alt"], orient="row"
    )
    again: dict[int, list[tuple[str | None, str | None]]] = {}
    for number, found in _by_row(kit, candidates).items():
        again.setdefault(moved[number][0], []).extend(found)
    rows = []
    for row in table.iter_rows(named=True):
        wanted = re.sub(r"fs(?:Ter|\*).*$", "fs", row["hgvs_p"].split(":")[-1])
        found = ours.get(row["row"], [])
        proteins = tuple(dict.fromkeys(_bare(protein) for protein, _ in found if protein))
        verdict = _verdict(wanted, row["hgvs_c"] or "", found, again.get(row["row"], []))
        rows.append(
            ClinvarRow(row["pos"], row["ref"], row["alt"], row["gene"], row["hgvs_p"], proteins, verdict)
        )
    return rows


def _one_further(bases: NDArray[np.uint8], pos: int, alt: str) -> list[tuple[int, str, str]]:
    inserted = alt[1:]
    steps = shift_right(bases, pos, pos, np.frombuffer(inserted.encode(), np.uint8), bases.size, ord("N"))
    out = []
    for step in range(steps + 1):
        turn = step % len(inserted)
        anchor = chr(bases[pos + step])
        out.append((pos + step + 1, anchor, anchor + inserted[turn:] + inserted[:turn]))
    return out


def _by_row(kit: Kit, table: pl.DataFrame) -> dict[int, list[tuple[str | None, str | None]]]:
    found = consequence_table(kit.annotator.consequences(table), intergenic=False)
    out: dict[int, list[tuple[str | None, str | None]]] = {}
    for row, protein, coding in found.select("row", "protein_change", "hgvs_c").iter_rows():
        out.setdefault(row, []).append((protein, coding))
    return out


def _bare(protein: str) -> str:
    """Leave out where a frame shift ends: ClinVar's table of 2016 does not say."""
    return re.sub(r"fsTer(?:\d+|\?)$", "fs", protein)


def _verdict(
    wanted: str,
    coding: str,
    found: Sequence[tuple[str | None, str | None]],
    moved: Sequence[tuple[str | None, str | None]],
) -> str:
    proteins = {_bare(protein) for protein, _ in found if protein}
    if wanted in proteins:
        return SAME
    if not proteins:
        return NOT_IN_KIT
    if (rule := _notation(wanted, proteins)) is not None:
        return rule
    near = {_bare(protein) for protein, _ in moved if protein}
    if wanted in near or (near and _notation(wanted, near) is not None):
        return ONE_OFF
    bare = coding.split(":")[-1]
    if bare.endswith("="):
        return REFERENCE
    changes = {text[-3:] for _, text in found if text and ">" in text}
    if ">" in bare and bare[-3:] not in changes:
        return OTHER_CHANGE
    return (
        OTHER_TRANSCRIPT
        if not _numbers(bare) & {n for _, text in found for n in _numbers(text)}
        else UNEXPLAINED
    )


def _numbers(text: str | None) -> set[str]:
    """Return the first number of a c. description."""
    found = re.match(r"[cn]\.([-*]?\d+(?:[+-]\d+)?)", text or "")
    return {found.group(1)} if found else set()


def _notation(wanted: str, proteins: Iterable[str]) -> str | None:
    for protein in proteins:
        if protein == "p.Met1?" and wanted.startswith("p.Met1"):
            return "start_loss"
        if protein.endswith("Ter") and wanted == f"{protein}fs":
            return "immediate_stop"
        if (
            end := re.fullmatch(r"(p\.Ter\d+[A-Z][a-z]{2})extTer(?:\d+|\?)", protein)
        ) and wanted == f"{end[1]}fs":
            return "stop_frameshift"
        if (copy := re.fullmatch(r"p\.([A-Z][a-z]{2})(\d+)dup", protein)) and re.fullmatch(
            rf"p\.{copy[1]}{copy[2]}_[A-Z][a-z]{{2}}{int(copy[2]) + 1}ins{copy[1]}", wanted
        ):
            return "duplication"
        if (stop := re.fullmatch(r"p\.([A-Z][a-z]{2}\d+)Ter", protein)) and re.fullmatch(
            rf"p\.{stop[1]}_[A-Z][a-z]{{2}}\d+delinsTer", wanted
        ):
            return "nonsense_delins"
    return None


def csq_proteins(kit: Kit, rows: Sequence[ClinvarRow], folder: Path) -> dict[tuple[int, str, str], set[str]]:
    """Return csq's protein changes of single-base changes, in HGVS words."""
    single = sorted({(row.pos, row.ref, row.alt) for row in rows if row.single})
    out: dict[tuple[int, str, str], set[str]] = {}
    for number, entries in run_csq(kit, single, folder).items():
        for entry in entries:
            fields = entry.split("|")
            change = re.fullmatch(r"(\d+)([A-Z*])(?:>\d+([A-Z*]))?", fields[5]) if len(fields) > 5 else None
            if change:
                new = THREE_LETTERS[change[3]] if change[3] else "="
                out.setdefault(single[number], set()).add(f"p.{THREE_LETTERS[change[2]]}{change[1]}{new}")
    return out


# bcftools csq


def run_csq(kit: Kit, single: Sequence[tuple[int, str, str]], folder: Path) -> dict[int, list[str]]:
    """Return csq's entries for each single-base change of chr20, by its place in the list."""
    source, target = folder / "in.vcf", folder / "out.vcf"
    head = "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    body = "".join(f"20\t{pos}\t{n}\t{ref}\t{alt}\t.\t.\t.\n" for n, (pos, ref, alt) in enumerate(single))
    source.write_text(head + body)
    command = [
        "bcftools",
        "csq",
        "-l",
        "-f",
        str(kit.fasta),
        "-g",
        str(kit.gff),
        str(source),
        "-Ov",
        "-o",
        str(target),
    ]
    subprocess.run(command, check=True, capture_output=True)
    found: dict[int, list[str]] = {}
    with target.open() as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            entries = [part[5:].split(",") for part in fields[7].split(";") if part.startswith("BCSQ=")]
            if entries:
                found[int(fields[2])] = entries[0]
    return found


def random_snvs(kit: Kit, count: int, *, seed: int, flank: int = 60) -> list[tuple[int, str, str]]:
    """Return single-base changes in and around the exons of the kit, sorted."""
    bases = kit.genome.sequence("20")
    near = np.zeros(bases.size, np.bool_)
    for start, end in zip(kit.set.exon_start.tolist(), kit.set.exon_end.tolist(), strict=True):
        near[max(0, start - flank) : end + flank] = True
    places = np.flatnonzero(near & (bases != ord("N")))
    dice = np.random.default_rng(seed)
    chosen = np.sort(dice.choice(3 * places.size, min(count, 3 * places.size), replace=False))
    out = []
    for position, turn in zip(places[chosen // 3].tolist(), (chosen % 3).tolist(), strict=True):
        ref = chr(bases[position])
        out.append((position + 1, ref, "ACGT".replace(ref, "")[turn]))
    return out


@dataclass(frozen=True)
class CsqComparison:
    """Pairs of allele and transcript: how many agree, and each kind of difference with its explanation."""

    alleles: int
    alleles_alike: int
    pairs: int
    alike: int
    differences: Counter[tuple[str, str, str]]


def compare_csq(kit: Kit, single: Sequence[tuple[int, str, str]], folder: Path) -> CsqComparison:
    """Compare terms transcript by transcript, through :data:`CSQ_TERMS`.

    csq writes ``intron`` once an allele, for one gene, without a transcript, only when no transcript has anything else
    to say, and never beside another term; that is taken into the mapping. Anything else that differs is counted, by
    ours, csq's and the reason.
    """
    frame = pl.DataFrame(
        {"chrom": ["20"] * len(single)}
        | {name: [row[place] for row in single] for place, name in enumerate(("pos", "ref", "alt"))}
    )
    found = consequence_table(kit.annotator.consequences(frame), hgvs=False, intergenic=False)
    ours: dict[tuple[int, str], frozenset[str]] = {}
    for row, transcript, terms in found.select("row", "transcript_id", "consequence").iter_rows():
        words = frozenset(word for term in terms if (word := CSQ_TERMS[term]) is not None)
        if words:
            ours[row, transcript] = words - {"intron"} if len(words) > 1 else words
    theirs: dict[tuple[int, str], frozenset[str]] = {}
    answered: set[int] = set()
    for row, entries in run_csq(kit, single, folder).items():
        for entry in entries:
            fields = entry.split("|")
            if len(fields) > 2 and fields[2]:
                key = (row, fields[2])
                theirs[key] = theirs.get(key, frozenset()) | frozenset(fields[0].lstrip("*").split("&"))
            answered.add(row)
    short = _near_short_introns(kit)
    differences: Counter[tuple[str, str, str]] = Counter()
    bad: set[int] = set()
    keys = ours.keys() | theirs.keys()
    for key in keys:
        mine, other = ours.get(key, frozenset()), theirs.get(key, frozenset())
        if mine == other or (mine == {"intron"} and not other and key[0] in answered):
            continue
        bad.add(key[0])
        reason = UNEXPLAINED
        if (mine ^ other) == {"splice_region"} and any(
            low <= single[key[0]][0] <= high for low, high in short.get(key[1], [])
        ):
            reason = "introns of up to 13 bases have no splice sites for VEP and ours; for csq they have"
        differences[" ".join(sorted(mine)), " ".join(sorted(other)), reason] += 1
    total = sum(differences.values())
    return CsqComparison(
        alleles=len(single),
        alleles_alike=len(single) - len(bad),
        pairs=len(keys),
        alike=len(keys) - total,
        differences=differences,
    )


def _near_short_introns(kit: Kit) -> dict[str, list[tuple[int, int]]]:
    """Return, by transcript, the 1-based spans within eight bases of introns of up to 13 bases."""
    out: dict[str, list[tuple[int, int]]] = {}
    names = kit.set.names["transcript_id"].to_list()
    for row, name in enumerate(names):
        low, high = int(kit.set.exon_offset[row]), int(kit.set.exon_offset[row + 1])
        for exon in range(low, high - 1):
            start, end = int(kit.set.exon_end[exon]), int(kit.set.exon_start[exon + 1])
            if end - start <= 13:
                out.setdefault(name, []).append((start - 8, end + 9))
    return out


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the development data")
    parser.add_argument("--snvs", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = open_kit(chosen.data, folder)
        rows = clinvar_rows(kit, chosen.data)
        peer = csq_proteins(kit, rows, folder)
        for kind, single in (("SNV", True), ("indel", False)):
            report_clinvar(kind, [row for row in rows if row.single == single], peer)
        result = compare_csq(kit, random_snvs(kit, chosen.snvs, seed=chosen.seed), folder)
        print(f"csq: {result.alike} of {result.pairs} pairs alike; ", end="")
        print(
            f"{result.alleles_alike} of {result.alleles} alleles ({result.alleles_alike / result.alleles:.4%})"
        )
        for (mine, other, reason), count in result.differences.most_common():
            print(f"  {count}: ours {mine or '-'}, csq {other or '-'}: {reason}")


def report_clinvar(kind: str, rows: Sequence[ClinvarRow], peer: dict[tuple[int, str, str], set[str]]) -> None:
    """Print how many agree, and each disagreement with its reason."""
    judged = [row for row in rows if row.verdict != NOT_IN_KIT]
    verdicts = Counter(row.verdict for row in judged)
    same = verdicts[SAME]
    alike = same + sum(verdicts[rule] for rule in NOTATION)
    print(f"{kind}: {len(rows)} with HGVS p., {len(judged)} in a coding sequence of the kit")
    print(
        f"  letter by letter {same} ({same / len(judged):.2%}); notation mapped {alike} ({alike / len(judged):.2%})"
    )
    if kind == "SNV":
        theirs = sum(
            row.clinvar.split(":")[-1] in peer.get((row.pos, row.ref, row.alt), set()) for row in judged
        )
        print(f"  bcftools csq on the same, letter by letter: {theirs} ({theirs / len(judged):.2%})")
    for verdict, count in verdicts.most_common():
        if verdict != SAME:
            print(f"  {count}: {NOTATION.get(verdict, verdict)}")
    for row in judged:
        if row.verdict != SAME:
            allele = f"20:{row.pos} {row.ref}>{row.alt} {row.gene}"
            print(f"    {allele} {row.clinvar} ours {', '.join(row.ours)}: {row.verdict}")


if __name__ == "__main__":
    main()
