"""Alleles of one haplotype that are read together, against ``bcftools csq``, on the GRCh37 chr20 kit.

    python benchmarks/phased_agreement.py --data FOLDER [--sites 2000] [--seed 1]

Made-up phased genotypes of one sample: two or three single bases in a codon, on one copy or on two, homozygous or
heterozygous; single bases beside in-frame insertions and deletions; frame shifts that make up for each other. csq is
run with its modes ``-p a`` (genotypes as they are) and ``-p m`` (all alleles on one copy); compared is the protein
that each group makes. Every disagreement is printed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from consequences_agreement import Kit, open_kit

from genopraxis.formats.vcf_genotypes import genotypes
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.codons import THREE_LETTERS, reverse_complement
from genopraxis.variants.consequence_alleles import trimmed
from genopraxis.variants.consequence_view import TranscriptView, view
from genopraxis.variants.normalise import normalise
from genopraxis.variants.phased_codons import PhasedCodons

ONE = {three: one for one, three in THREE_LETTERS.items()}
_HEAD = (
    "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
)
_APART = 400

Allele = tuple[int, str, str, str]


def made_up(kit: Kit, sites: int, *, seed: int) -> list[Allele]:
    """Return alleles with genotypes, in groups at least 400 bases apart, sorted by position (1-based)."""
    dice = np.random.default_rng(seed)
    bases = kit.genome.sequence("20")
    coding = np.zeros(bases.size, np.bool_)
    for row in range(len(kit.set)):
        own = view(kit.set, row)
        for low, high, cdna in own.exons if own.coding else ():
            before, after = own.cds_start - cdna, own.cds_end - cdna
            first = low + max(0, before) if own.forward else high - min(high - low, after)
            last = low + min(high - low, after) if own.forward else high - max(0, before)
            coding[first:last] |= first < last
    places = np.flatnonzero(coding & (bases != ord("N")))
    out: list[Allele] = []
    reached = 0
    for place in np.sort(dice.choice(places, min(6 * sites, places.size), replace=False)).tolist():
        if place < reached + _APART or not coding[place - 1 : place + 40].all():
            continue
        group = list(_group(bases[place : place + 40].tobytes().decode(), place, dice))
        if len({one[0] for one in group}) > 1:
            out += sorted(group)
            reached = place
    return out


def _group(bases: str, place: int, dice: np.random.Generator) -> Iterator[Allele]:
    """Yield the alleles of one site, whose bases begin at 0-based ``place``."""

    def other(at: int) -> str:
        return str(dice.choice(list("ACGT".replace(bases[at], ""))))

    def new(size: int) -> str:
        return "".join(dice.choice(list("ACGT"), size))

    kind = int(dice.integers(0, 6))
    copy, twin = ("0|1", "1|0") if dice.random() < 0.5 else ("1|0", "0|1")
    if kind <= 2:  # single bases, side by side or with one or two between them
        step = int(dice.integers(1, 3))
        for at in range(0, step * int(dice.integers(2, 4)), step):
            told = twin if kind == 1 and at else "1|1" if kind == 2 and at else copy
            yield place + at + 1, bases[at], other(at), told
    elif kind == 3:  # beside whole codons lost or gained
        yield place + 1, bases[0], other(0), copy
        size = 3 * int(dice.integers(1, 3))
        if dice.random() < 0.5:
            yield place + 3, bases[2 : 3 + size], bases[2], copy
        else:
            yield place + 3, bases[2], bases[2] + new(size), copy
    else:  # one frame shift and back
        size, gap = int(dice.integers(1, 3)), int(dice.integers(3, 25))
        back = bases[gap], bases[gap] + new(size)
        if dice.random() < 0.3:  # two of a kind, or three
            size, back = 1, (bases[gap : gap + 3], bases[gap])
        if kind == 4 or len(back[0]) > 1:
            yield place + 1, bases[: size + 1], bases[0], copy
            if gap > 8 and dice.random() < 0.5:
                yield place + 5, bases[4], other(4), "1|1" if dice.random() < 0.5 else copy
            yield place + gap + 1, *back, copy
        else:
            yield place + 1, bases[0], bases[0] + new(size), copy
            yield place + gap + 1, bases[gap : gap + size + 1], bases[gap], copy


def written(kit: Kit, alleles: Sequence[Allele], path: Path) -> Path:
    """Write alleles as bcftools norm has them."""
    plain = path.with_suffix(".plain.vcf")
    lines = (f"20\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t{told}\n" for pos, ref, alt, told in alleles)
    plain.write_text(_HEAD + "".join(lines))
    command = ["bcftools", "norm", "-f", str(kit.fasta), str(plain), "-Ov", "-o", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@dataclass(frozen=True)
class Group:
    """A group on a transcript: the protein it makes up to where both sides tell it, and what was said."""

    protein: str | None
    text: str


Key = tuple[str, frozenset[str]]


def our_groups(kit: Kit, path: Path) -> dict[Key, Group]:
    """Return our groups of known phase, by transcript and alleles."""
    phased = PhasedCodons(kit.annotator)
    frames: list[pl.DataFrame] = []
    with VcfReader(path) as reader:
        for batch in reader:
            alleles, _ = normalise(batch, genome=kit.genome)
            frames.append(
                phased.add(
                    AnnotatedBatch(
                        batch=batch,
                        alleles=alleles,
                        found=kit.annotator.consequences(alleles),
                        genotypes=genotypes(batch)[0],
                    )
                )
            )
    frame = pl.concat([*frames, phased.finish()]).filter("phased")
    proteins = _proteins(kit)
    out: dict[Key, Group] = {}
    for transcript, variants, change in frame.select(
        "transcript_id", "variants", "protein_change"
    ).iter_rows():
        members = frozenset("{1}{2}>{3}".format(*variant.split(":")) for variant in variants)
        protein = None if change is None else applied(proteins[transcript], change)
        out[transcript, members] = Group(protein, change or "-")
    return out


def csq_groups(kit: Kit, path: Path, mode: str) -> dict[Key, Group]:
    """Return csq's compound entries, by transcript and alleles."""
    target = path.with_suffix(f".csq-{mode}.vcf")
    command = [
        "bcftools", "csq", "-p", mode, "-f", str(kit.fasta), "-g", str(kit.gff), str(path), "-Ov", "-o", str(target),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    proteins = _proteins(kit)
    out: dict[Key, Group] = {}
    with target.open() as lines:
        for line in lines:
            found = None if line.startswith("#") else re.search(r"BCSQ=([^;\t]+)", line)
            for entry in found[1].split(",") if found else ():
                fields = entry.split("|")
                if len(fields) < 7 or "+" not in fields[6]:
                    continue
                key = fields[2], frozenset(fields[6].split("+"))
                out[key] = Group(_csq_protein(proteins[fields[2]], fields[5]), f"{fields[0]} {fields[5]}")
    return out


def _proteins(kit: Kit) -> dict[str, str]:
    names = kit.set.names["transcript_id"].to_list()
    return {name: view(kit.set, row).protein for row, name in enumerate(names) if view(kit.set, row).coding}


def _csq_protein(protein: str, change: str) -> str | None:
    """Return what csq's ``12KL>12R`` makes of a protein, up to the first stop."""
    found = re.fullmatch(r"(\d+)([A-Z*]+)(?:>(\d+)([A-Z*]+))?", change)
    if found is None:
        return None
    at = int(found[1]) - 1
    new = found[4] or found[2]
    return _stopped(protein[:at] + new + protein[at + len(found[2]) :])


def applied(protein: str, change: str) -> str | None:
    """Return what HGVS p. makes of a protein, up to the first stop; ``None`` when it does not say all of it."""
    body = change.removeprefix("p.")
    if body.endswith("="):
        return _stopped(protein)
    residue = r"([A-Z][a-z]{2})(\d+)"
    if single := re.fullmatch(rf"{residue}([A-Z][a-z]{{2}})", body):
        at = int(single[2]) - 1
        return _stopped(protein[:at] + ONE[single[3]] + protein[at + 1 :])
    found = re.fullmatch(rf"{residue}(?:_{residue})?(del|dup|ins|delins)((?:[A-Z][a-z]{{2}})*)", body)
    if found is None:
        return None
    low, high = int(found[2]) - 1, int(found[4] or found[2])
    extra = "".join(ONE[found[6][at : at + 3]] for at in range(0, len(found[6]), 3))
    made = {
        "del": protein[:low] + protein[high:],
        "dup": protein[:high] + protein[low:high] + protein[high:],
        "ins": protein[: low + 1] + extra + protein[high - 1 :],
        "delins": protein[:low] + extra + protein[high:],
    }[found[5]]
    return _stopped(made)


def _stopped(protein: str) -> str:
    stop = protein.find("*")
    return protein if stop < 0 else protein[: stop + 1]


SAME = "same"
PREFIX = "same up to the stop codon that is lost, where csq ends"
START = "csq gives no protein where a start is lost, and no compound"
OVERLAP = "csq takes one of records that overlap, be it by their first base"
ANCHOR = "csq joins whole codons put in or taken out with the codon beside them; none is touched by both"
BEFORE = "csq also lists what a frame shift is followed by when its stop codon comes before that is read"
OPEN = "csq goes on from a frame shift that nothing restores in time"
BESIDE = (
    "csq, on the reverse strand, does not join an in-frame indel that cuts a codon and a base of that codon"
)
UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Comparison:
    """Groups of both; ``verdicts`` counts them, ``lines`` tell each that differs."""

    verdicts: Counter[str]
    lines: list[str]

    @property
    def wrong(self) -> int:
        """Groups of ours whose protein is not what their alleles make of the transcript."""
        return self.verdicts[WRONG]


WRONG = "ours is not what the alleles make of the transcript"


def compared(kit: Kit, ours: dict[Key, Group], theirs: dict[Key, Group]) -> Comparison:
    """Compare group by group; ours also with the transcript, changed allele by allele."""
    verdicts: Counter[str] = Counter()
    lines = []
    names = kit.set.names["transcript_id"].to_list()
    row_of = {name: row for row, name in enumerate(names)}
    chained = [(key[0], key[1]) for key in theirs if len(key[1]) > 1]
    longer: dict[str, list[frozenset[str]]] = {}
    for transcript, alleles in chained:
        longer.setdefault(transcript, []).append(alleles)
    for key in sorted(ours.keys() | theirs.keys(), key=lambda key: (key[0], sorted(key[1]))):
        mine, other = ours.get(key), theirs.get(key)
        own = view(kit.set, row_of[key[0]])
        changes = [_change(allele) for allele in key[1]]
        if mine is not None and mine.protein is not None and mine.protein != made(own, changes):
            verdict = WRONG
        elif mine is not None and other is not None:
            verdict = _both(mine, other)
        elif mine is not None:
            verdict = _ours_alone(own, key, mine, changes, longer.get(key[0], []))
        else:
            verdict = _csq_alone(own, changes, theirs[key])
        verdicts[verdict] += 1
        if verdict != SAME:
            told = (one.text if one else "-" for one in (mine, other))
            lines.append(f"{verdict}: {key[0]} {' '.join(sorted(key[1]))}: ours {', csq '.join(told)}")
    return Comparison(verdicts, lines)


Change = tuple[int, str, str]


def _change(allele: str) -> Change:
    pos, ref, alt = re.split(r"(?<=\d)(?=[A-Z])|>", allele)
    return int(pos), ref, alt


def _both(mine: Group, other: Group) -> str:
    if mine.protein is None or other.protein is None:
        return START if mine.text == "p.Met1?" else "no full protein to compare"
    if mine.protein == other.protein:
        return SAME
    lost = "stop_lost" in other.text and mine.protein.startswith(other.protein)
    return PREFIX if lost else UNEXPLAINED


def _ours_alone(
    own: TranscriptView, key: Key, mine: Group, changes: Sequence[Change], longer: Sequence[frozenset[str]]
) -> str:
    if mine.text == "p.Met1?":
        return START
    if any(other[0] < one[0] + len(one[1]) for one, other in pairwise(sorted(changes))):
        return OVERLAP
    if any(key[1] & alleles and not alleles <= key[1] for alleles in longer):
        return OPEN
    cut = any(len(ref) != len(alt) for _, ref, alt in changes)
    return BESIDE if cut and _in_frame(changes) and not own.forward else UNEXPLAINED


def _in_frame(changes: Sequence[Change]) -> bool:
    return all((len(alt) - len(ref)) % 3 == 0 for _, ref, alt in changes)


def _csq_alone(own: TranscriptView, changes: Sequence[Change], other: Group) -> str:
    if sum(len(alt) - len(ref) for _, ref, alt in changes) % 3:
        return OPEN
    placed = sorted(_edit(own, *change) for change in changes)
    if not _in_frame(changes):
        if made(own, changes) == _protein(own, placed[:-1]):
            return BEFORE
        return OPEN if other.text.startswith("*") else UNEXPLAINED
    codons = [
        set(range((a - own.cds_start) // 3, (max(a, b - 1) - own.cds_start) // 3 + 1))
        if b > a or (a - own.cds_start) % 3
        else set()
        for a, b, _ in placed
    ]
    apart = all(not one & other for one, other in pairwise(codons))
    return ANCHOR if apart else UNEXPLAINED


def made(own: TranscriptView, changes: Sequence[Change]) -> str | None:
    """Return the protein, up to its first stop, of a transcript that is changed allele by allele from its end."""
    return _protein(own, [_edit(own, *change) for change in changes])


def _edit(own: TranscriptView, pos: int, ref: str, alt: str) -> tuple[int, int, str]:
    lead, old, new = trimmed(ref, alt)
    start = pos - 1 + lead
    # the bases beside an insertion, or the bases that are replaced
    ends = (start, start + len(old) - 1) if old else (start - 1, start)
    low, high = sorted(place[0] for end in ends if (place := own.place(end)))
    text = new if own.forward else reverse_complement(new)
    return (low, high + 1, text) if old else (high, high, text)


def _protein(own: TranscriptView, edits: Sequence[tuple[int, int, str]]) -> str:
    message = own.bases
    for a, b, text in sorted(edits, reverse=True):
        message = message[:a] + text + message[b:]
    return _stopped(own.read("N" * own.pad + message[own.cds_start :]))


def compare(kit: Kit, alleles: Sequence[Allele], folder: Path, mode: str) -> Comparison:
    """Compare with one of csq's modes: ``a`` takes the genotypes, ``m`` puts every allele on one copy."""
    told = {"a": None, "m": "0/1"}[mode]
    asked = written(kit, [(*one[:3], told or one[3]) for one in alleles], folder / f"csq-{mode}.vcf")
    theirs = csq_groups(kit, asked, mode)
    told = {"a": None, "m": "1|1"}[mode]
    path = written(kit, [(*one[:3], told or one[3]) for one in alleles], folder / f"ours-{mode}.vcf")
    return compared(kit, our_groups(kit, path), theirs)


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the development data")
    parser.add_argument("--sites", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="print each group that differs")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = open_kit(chosen.data, folder)
        alleles = made_up(kit, chosen.sites, seed=chosen.seed)
        for mode in ("a", "m"):
            result = compare(kit, alleles, folder, mode)
            print(f"csq -p {mode}: {len(alleles)} alleles, {result.verdicts.total()} groups of either")
            for verdict, count in result.verdicts.most_common():
                print(f"  {count}: {verdict}")
            for line in result.lines if chosen.list else ():
                print(f"  {line}")


if __name__ == "__main__":
    main()
