"""Which alleles lie on one copy of a chromosome: genotypes as copies, and the groups that share a codon or a frame.

Phase is what the VCF specification (4.3, section 1.6.2) says: ``|`` within one phase set; phased genotypes without PS
belong to one set of their contig. A homozygous allele is on every copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import polars as pl

from genopraxis.contracts.haplotype_consequences import Phase

__all__ = ["Carried", "Member", "carriers", "groups", "read_pattern", "runs"]

_EVERY, _SET, _NO_SET, _UNPHASED = "h", "s", "p", "u"
_CHOICES = 16
Read = Callable[[Sequence["Member"]], bool]
CARRIERS = {"id": pl.Int64, "sample": pl.Int32, "label": pl.String}


@dataclass(frozen=True, slots=True)
class Carried:
    """An allele that a sample has.

    ``block`` is what its phase is told within, "" for one on every copy; ``copies`` are those that have it, of
    ``ploidy`` ones.
    """

    id: int
    block: str
    copies: tuple[int, ...] = ()
    ploidy: int = 2


@dataclass(frozen=True, slots=True)
class Member:
    """An allele on one transcript; numbers as in :class:`~genopraxis.variants.phased_candidates.CodingPairs`."""

    id: int
    record: int
    low: int
    high: int
    first: int
    last: int
    grown: int


def carriers(genotypes: pl.DataFrame, wanted: pl.DataFrame, numbers: dict[str, int]) -> pl.DataFrame:
    """Return who has which of the wanted alleles, and on which copies, as far as the genotypes say.

    Parameters
    ----------
    genotypes
        Rows as :data:`~genopraxis.contracts.variants.GENOTYPES`, in the order of the file.
    wanted
        ``record, allele, id``.
    numbers
        Number of each sample; new ones are added.

    Returns
    -------
    polars.DataFrame
        ``id``, ``sample``, and ``label``: a text that :func:`read_pattern` reads.
    """
    found = genotypes.select("record", "allele", "sample", "gt", "phased", "phase_set").join(
        wanted, on=["record", "allele"], how="inner", maintain_order="left"
    )
    if found.is_empty():
        return pl.DataFrame(schema=CARRIERS)
    copies = {text: _copies(text) for text in found["gt"].unique().to_list()}
    found = found.with_columns(
        copies=pl.col("gt").replace_strict(copies, return_dtype=pl.String, default=None)
    ).drop_nulls("copies")
    for name in found["sample"].unique(maintain_order=True).to_list():
        numbers.setdefault(name, len(numbers))
    block = (
        pl.when(pl.col("copies") == "")
        .then(pl.lit(_EVERY))
        .when(~pl.col("phased"))
        .then(pl.concat_str(pl.lit(_UNPHASED), "record"))
        .when(pl.col("phase_set").is_not_null())
        .then(pl.concat_str(pl.lit(_SET), "phase_set"))
        .otherwise(pl.lit(_NO_SET))
    )
    return found.select(
        "id",
        pl.col("sample").replace_strict(numbers, return_dtype=pl.Int32),
        label=pl.concat_str("id", pl.lit(":"), block, pl.lit(":"), "copies"),
    )


def _copies(genotype: str) -> str | None:
    """Return the copies that have the allele and how many there are, "" for all; ``None`` when none has it."""
    views = re.split("[|/]", genotype)
    at = [place for place, view in enumerate(views) if view == "1"]
    if not at:
        return None
    if len(at) == len(views):
        return ""
    # unphased copies have no order; that of the alleles of one record keeps 1/2 apart
    return ",".join(map(str, at if "/" not in genotype else at[:1])) + f"/{len(views)}"


def read_pattern(pattern: str) -> list[Carried]:
    """Return the alleles of one sample from their labels, joined by ``;``."""
    out = []
    for label in pattern.split(";"):
        number, block, told = label.split(":")
        if block == _EVERY:
            out.append(Carried(int(number), ""))
            continue
        copies, ploidy = told.split("/")
        out.append(Carried(int(number), block, tuple(map(int, copies.split(","))), int(ploidy)))
    return out


def groups(
    carried: Sequence[Carried], members: dict[int, Member], *, read: Read
) -> dict[tuple[Member, ...], Phase]:
    """Return each group of one sample on one transcript, and how its phase is known.

    A group is what :func:`runs` finds on a copy of the chromosome. Alleles of different phase blocks may or may not be
    on one copy: their groups are ``unknown``, and so is a group beside which such an allele lies.

    Parameters
    ----------
    carried
        Alleles of the sample, ``members`` among them.
    members
        The same on the transcript, by ``id``.
    read
        Tells whether a ribosome gets from the first to the last of some members.
    """
    everywhere = [members[one.id] for one in carried if not one.block]
    blocks: dict[str, dict[int, list[Member]]] = {}
    ploidies: dict[str, int] = {}
    block_of: dict[int, str] = {}
    for one in carried:
        if one.block:
            block_of[one.id] = one.block
            ploidies[one.block] = max(one.ploidy, ploidies.get(one.block, 0))
            for copy in one.copies:
                blocks.setdefault(one.block, {}).setdefault(copy, []).append(members[one.id])
    out: dict[tuple[Member, ...], Phase] = {}
    copies = [(name, on) for name, block in blocks.items() for on in block.values()]
    copies += [(name, []) for name, block in blocks.items() if len(block) < ploidies[name]]
    for name, on in copies or [("", [])]:
        for group in runs([*on, *everywhere], read=read):
            if any(other != name and _beside(members[one], group) for one, other in block_of.items()):
                out.setdefault(group, "unknown")
            else:
                out[group] = "phased" if sum(one.id in block_of for one in group) > 1 else "homozygous"
    for choice in _across(blocks, members, block_of):
        for group in runs([*choice, *everywhere], read=read):
            if len({block_of[one.id] for one in group if one.id in block_of}) > 1:
                out.setdefault(group, "unknown")
    return out


def _across(
    blocks: dict[str, dict[int, list[Member]]], members: dict[int, Member], block_of: dict[int, str]
) -> Iterator[list[Member]]:
    """Yield what may lie on one copy, of blocks whose phase against each other is not known."""
    near = {
        tuple(sorted((block_of[one], block_of[other])))
        for one, other in combinations(block_of, 2)
        if block_of[one] != block_of[other]
        and (_shared(members[one], members[other]) or (members[one].grown and members[other].grown))
    }
    for pair in sorted(near):
        for copies in product(*(blocks[name].values() for name in pair)):
            yield [one for copy in copies for one in copy]
    together = sorted({name for pair in near for name in pair})
    choices = 1
    for name in together:
        choices *= len(blocks[name])
    if len(together) > 2 and choices <= _CHOICES:
        for copies in product(*(blocks[name].values() for name in together)):
            yield [one for copy in copies for one in copy]


def _shared(one: Member, other: Member) -> bool:
    return one.first <= other.last and other.first <= one.last


def _beside(one: Member, group: Sequence[Member]) -> bool:
    low, high = min(member.first for member in group), max(member.last for member in group)
    return one.first <= high and low <= one.last


def runs(on: Sequence[Member], *, read: Read) -> list[tuple[Member, ...]]:
    """Return the runs of two and more alleles of one copy that are read together.

    Such are alleles that touch the same codon, and those from a frame shift to the one that restores the frame, when a
    ribosome gets there. Alleles that replace the same bases cannot be on one copy: the later one is left out.
    """
    kept: list[Member] = []
    for one in sorted(on, key=lambda member: (member.low, member.high, member.id)):
        before = kept[-1] if kept else None
        if before is None or (
            one.low >= before.high
            and one.record != before.record
            and not (one.low == one.high == before.low == before.high)
        ):
            kept.append(one)
    out, at, frames_from = [], 0, 0
    while at < len(kept):
        stop = at + 1
        while stop < len(kept):
            reach = max(member.last for member in kept[at:stop])
            if kept[stop].first <= min(reach, kept[stop].last):
                stop += 1
                continue
            if at < frames_from:
                break
            restored = _restored(kept, at, stop)
            if restored > stop and read(kept[at:restored]):
                stop = restored
                continue
            # a stop comes before, or nothing restores the frame: up to there no other shift is thought to restore it
            if restored != stop:
                frames_from = restored or len(kept)
            break
        if stop - at > 1:
            out.append(tuple(kept[at:stop]))
        at = stop
    return out


def _restored(members: Sequence[Member], at: int, stop: int) -> int:
    """Return behind which member the frame is that of before ``at`` again; ``stop`` when it is there, 0 for never."""
    shift = sum(one.grown for one in members[at:stop]) % 3
    if not shift:
        return stop
    for place in range(stop, len(members)):
        shift = (shift + members[place].grown) % 3
        if not shift:
            return place + 1
    return 0
