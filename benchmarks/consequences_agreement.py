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
from liftover import ChainFile
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError
from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.transcripts import TranscriptSet
from genopraxis.knowledge.transcripts_build import build_transcripts
from genopraxis.variants.codons import THREE_LETTERS
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.hgvs import parse_coding, resolve
from genopraxis.variants.hgvs_kernels import shift_left

_NEWER = "clinvar_20241215_PLP_ge2star_b38.tsv.gz"
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
    described: tuple[str, ...] = ()
    off: int | None = None

    @property
    def single(self) -> bool:
        """Whether it is a single-base change."""
        return len(self.ref) == len(self.alt) == 1

    @property
    def kind(self) -> str:
        """SNV, MNV (as many bases as before) or indel."""
        if self.single:
            return "SNV"
        return "MNV" if len(self.ref) == len(self.alt) else "indel"

    @property
    def from_description(self) -> str:
        """How ours compares when the allele is what ClinVar's own c. description says: same, notation, or not."""
        wanted = _wanted(self.clinvar)
        if wanted in self.described:
            return SAME
        return _notation(wanted, self.described) or "not alike"


SAME = "same"
NOTATION = {
    "start_loss": "HGVS has p.Met1? for a lost start; ClinVar writes the residue",
    "immediate_stop": "HGVS describes a frame shift that makes a stop at once as p.XaaNTer; ClinVar as XaaNTerfs",
    "stop_frameshift": "HGVS describes a shifted stop codon as an extension; ClinVar as TerNXaafs",
    "duplication": "HGVS describes a repeated residue as dup; ClinVar as ins",
    "nonsense_delins": "HGVS describes a delins that begins with a stop as p.XaaNTer; ClinVar as a delins",
}
NOT_IN_KIT = "no coding sequence of the kit holds the base"
MISPLACED = "the VCF's allele is not the one of ClinVar's c.; of that one, ours is ClinVar's p."
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
    described = _by_description(kit, table)
    rows = []
    for row in table.iter_rows(named=True):
        found = ours.get(row["row"], [])
        proteins = tuple(dict.fromkeys(_bare(protein) for protein, _ in found if protein))
        own, off = described.get(row["row"], ((), None))
        verdict = _verdict(_wanted(row["hgvs_p"]), row["hgvs_c"] or "", found, own if off else ())
        rows.append(
            ClinvarRow(
                row["pos"], row["ref"], row["alt"], row["gene"], row["hgvs_p"], proteins, verdict, own, off
            )
        )
    return rows


def _wanted(clinvar: str) -> str:
    return re.sub(r"fs(?:Ter|\*).*$", "fs", clinvar.split(":")[-1])


_NEAR = 60


def _by_description(kit: Kit, table: pl.DataFrame) -> dict[int, tuple[tuple[str, ...], int]]:
    """Return the proteins of the allele that ClinVar's c. describes, and how far left-aligned it is from the VCF's.

    The description is read on every transcript of the kit that lies there. Where several lead to different alleles,
    those nearest to the VCF's are taken: other transcripts number their bases otherwise.
    """
    bases = kit.genome.sequence("20")
    candidates: list[tuple[int, int, int, str, str]] = []
    for number, pos, ref, alt, coding in table.select("row", "pos", "ref", "alt", "hgvs_c").iter_rows():
        if len(ref) == len(alt) == 1:
            continue
        lead, old, new = trimmed(ref.upper(), alt.upper())
        place = _leftmost(bases, pos - 1 + lead, pos - 1 + lead + len(old), new)[0]
        try:
            change = parse_coding(re.sub(r"del\d+$", "del", coding or ""))
        except InputError:
            continue
        for transcript in np.flatnonzero((kit.set.start < pos) & (kit.set.end >= pos)).tolist():
            try:
                start, end, inserted = resolve(change, kit.annotator.view(transcript), bases)
            except InputError:
                continue
            start, end, inserted = _leftmost(bases, start, end, inserted)
            if abs(start - place) <= _NEAR and start > 0:
                before = chr(bases[start - 1])
                old = bases[start:end].tobytes().decode()
                candidates.append((number, start - place, start, before + old, before + inserted))
    nearest: dict[int, int] = {}
    for number, off, *_ in candidates:
        nearest[number] = min(nearest.get(number, off), off, key=abs)
    kept = list(dict.fromkeys(one for one in candidates if one[1] == nearest[one[0]]))
    frame = pl.DataFrame(
        [("20", start, ref, alt) for _, _, start, ref, alt in kept],
        schema=["chrom", "pos", "ref", "alt"],
        orient="row",
    )
    out: dict[int, tuple[tuple[str, ...], int]] = {}
    for place, found in _by_row(kit, frame).items():
        number, off = kept[place][:2]
        proteins = tuple(dict.fromkeys(_bare(protein) for protein, _ in found if protein))
        out[number] = (*out.get(number, ((), 0))[0], *proteins), off
    return out


def _leftmost(bases: NDArray[np.uint8], start: int, end: int, inserted: str) -> tuple[int, int, str]:
    new = np.frombuffer(inserted.encode(), np.uint8)
    steps = shift_left(bases, start, end, new, 0, ord("N"))
    turn = steps % len(inserted) if inserted else 0
    return start - steps, end - steps, inserted[len(inserted) - turn :] + inserted[: len(inserted) - turn]


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
    elsewhere: Sequence[str],
) -> str:
    proteins = {_bare(protein) for protein, _ in found if protein}
    if wanted in proteins:
        return SAME
    if not proteins:
        return NOT_IN_KIT
    if (rule := _notation(wanted, proteins)) is not None:
        return rule
    if wanted in elsewhere or _notation(wanted, elsewhere) is not None:
        return MISPLACED
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
        for kind in ("SNV", "indel", "MNV"):
            report_clinvar(kind, [row for row in rows if row.kind == kind], peer)
        report_placements(chosen.data)
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
        told = sum((row.pos, row.ref, row.alt) in peer for row in judged)
        print(
            f"  bcftools csq, letter by letter: {theirs} ({theirs / len(judged):.2%}; "
            f"{theirs / told:.2%} of the {told} where it gives a protein)"
        )
    else:
        read = Counter(row.from_description for row in judged if row.described)
        total, exact = read.total(), read[SAME]
        mapped = exact + sum(read[rule] for rule in NOTATION)
        print(
            f"  of the alleles that ClinVar's own c. describes ({total} readable on the kit): letter by letter "
            f"{exact} ({exact / total:.2%}); notation mapped {mapped} ({mapped / total:.2%})"
        )
    for verdict, count in verdicts.most_common():
        if verdict != SAME:
            print(f"  {count}: {NOTATION.get(verdict, verdict)}")
    for row in judged:
        if row.verdict != SAME:
            allele = f"20:{row.pos} {row.ref}>{row.alt} {row.gene}"
            elsewhere = f" (c. lies {row.off:+d} of it)" if row.off else ""
            print(f"    {allele} {row.clinvar} ours {', '.join(row.ours)}: {row.verdict}{elsewhere}")


def report_placements(data: Path) -> None:
    """Print where ClinVar's VCF of December 2024 (GRCh38, lifted back) has the indels of the 2016 table, by its c.

    Both are left-aligned; the same variant is found by its ClinVar id, on any chromosome.
    """
    lines = gzip.decompress((data / "annot" / _NEWER).read_bytes()).decode().splitlines()
    newer = {
        int(fields[2]): (fields[0], int(fields[1]))
        for line in lines
        if not line.startswith("#") and (fields := line.split("\t", 3))
    }
    chain = ChainFile(str(data / "reference" / "hg38ToHg19.over.chain.gz"), "hg38", "hg19", one_based=True)
    shifts: dict[str, Counter[str]] = {}
    table = pl.read_parquet(data / "annot" / "clinvar_2016-12_b37.parquet").filter(
        pl.col("ref").str.len_bytes() != pl.col("alt").str.len_bytes()
    )
    for number, pos, coding in table.select("variation_id", "pos", "hgvs_c").iter_rows():
        found = re.search(r"\d(ins|dup|del)[ACGT]*$", coding or "")
        if number not in newer or found is None:
            continue
        chrom, place = newer[number]
        lifted = chain[f"chr{chrom}"][place]
        if len(lifted) == 1 and lifted[0][2] == "+":
            off = lifted[0][1] - pos
            shifts.setdefault(found[1], Counter())[
                "same" if off == 0 else "right" if off > 0 else "left"
            ] += 1
    print("ClinVar's own VCF of December 2024 against the alleles of the 2016 table, by the kind of its c.:")
    for kind, counts in shifts.items():
        print(f"  {kind}: {counts.total()}; {', '.join(f'{what} {n}' for what, n in counts.most_common())}")


if __name__ == "__main__":
    main()
