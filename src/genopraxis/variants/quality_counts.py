"""What the summary of a VCF counts: of one batch, in any thread, and added up in the order of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.variants import KINDS
from genopraxis.formats.contig_names import CHROMOSOMES, Assembly
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.normalise_counts import NormaliseCounts
from genopraxis.variants.quality_found import found_counts
from genopraxis.variants.quality_kernels import Place, Type
from genopraxis.variants.quality_known import ConsequenceCounts, StoreCounts, consequence_counts, store_counts
from genopraxis.variants.quality_samples import AlleleFacts, SampleCounts, sample_counts
from genopraxis.variants.quality_sex import outside_pseudo_autosomal
from genopraxis.variants.quality_tallies import Names, Spread

__all__ = ["LONGEST", "QUAL_EDGES", "SETS", "BatchCounts"]

LONGEST = 20
"""Length of an indel up to which lengths are counted one by one."""

QUAL_EDGES = (0.0, 10.0, 20.0, 30.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0)
"""Where the bins of QUAL begin; the last has no end."""

_AUTOSOMES = frozenset(CHROMOSOMES[:22])
_INDELS = ("insertion", "deletion")
_SNV = KINDS.index("snv")

# sets of SNVs whose transitions and transversions are counted: all or passing; in coding sequence or not
SETS = ("all", "pass", "all_coding", "pass_coding")


@dataclass(frozen=True, kw_only=True)
class BatchCounts:
    """Everything that is counted of some batches; ``+`` adds what comes later in the file.

    Parameters
    ----------
    records, passing, filtered
        Records; those that passed, and those that failed a filter. The rest: filters were not applied.
    kinds
        Alleles by kind, in the order of ``KINDS``.
    indels
        Insertions and deletions by length, from more than ``LONGEST`` bases less to more than that more.
    chromosomes
        Records on each of ``CHROMOSOMES``, and on all other contigs.
    contigs
        Records by other contig.
    filters
        How often each filter failed.
    qualities
        Records by QUAL, between ``QUAL_EDGES``; those without are not counted.
    changes
        ``SETS`` × transitions and transversions.
    samples
        ``None``: the file has none.
    """

    records: int = 0
    passing: int = 0
    filtered: int = 0
    kinds: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))
    indels: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2 * LONGEST + 3, np.int64))
    chromosomes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(CHROMOSOMES) + 1, np.int64))
    contigs: Names = field(default_factory=Names)
    filters: Names = field(default_factory=Names)
    qualities: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(QUAL_EDGES), np.int64))
    changes: NDArray[np.int64] = field(default_factory=lambda: np.zeros((len(SETS), 2), np.int64))
    normalised: NormaliseCounts = field(default_factory=NormaliseCounts)
    repairs: VcfRepairs = field(default_factory=VcfRepairs)
    samples: SampleCounts | None = None
    consequences: ConsequenceCounts | None = None
    stores: Mapping[str, StoreCounts] = field(default_factory=dict)
    scores: Mapping[str, Spread] = field(default_factory=dict)

    @classmethod
    def of_batch(
        cls,
        annotated: AnnotatedBatch,
        *,
        assembly: Assembly | None = None,
        samples: Sequence[str] | None = None,
    ) -> Self:
        """Count one batch; a pure function, for any thread.

        Parameters
        ----------
        assembly
            For the pseudo-autosomal regions; where it is not known, those of both assemblies are left out.
        samples
            Whose genotypes were read; ``None``: everybody's.
        """
        alleles = annotated.alleles
        names = annotated.batch.header.samples if samples is None else tuple(samples)
        facts = _facts(alleles, assembly)
        found = _consequences(annotated)
        first = facts.first
        of_records = alleles.filter(pl.Series(first)) if not first.all() else alleles
        records_by, contigs = _contigs(of_records["chrom"])
        kinds = alleles["kind"].to_physical().to_numpy()
        filters = of_records["filter"]
        counts, coding = found if found is not None else (None, np.zeros(alleles.height, np.bool_))
        return cls(
            records=of_records.height,
            passing=int((filters == "PASS").sum()),
            filtered=int((~facts.passing & first).sum()),
            kinds=np.bincount(kinds, minlength=len(KINDS)).astype(np.int64),
            indels=_lengths(alleles),
            chromosomes=records_by,
            contigs=contigs,
            filters=_filters(filters.filter(pl.Series(~facts.passing[first]))),
            qualities=_qualities(of_records["qual"]),
            changes=_changes(facts, coding),
            normalised=annotated.counts,
            repairs=annotated.repairs,
            samples=None
            if annotated.genotypes is None or not names
            else sample_counts(annotated.genotypes, facts, names),
            consequences=counts,
            stores={name: store_counts(table) for name, table in annotated.known.items()},
            scores={
                column.name: Spread.of(column.drop_nulls().cast(pl.Float64).to_numpy())
                for column in annotated.scores.get_columns()
                if column.dtype.is_numeric()
            },
        )

    def add(
        self,
        annotated: AnnotatedBatch,
        *,
        assembly: Assembly | None = None,
        samples: Sequence[str] | None = None,
    ) -> Self:
        """Return the counts with those of one more batch."""
        return self + type(self).of_batch(annotated, assembly=assembly, samples=samples)

    def __add__(self, other: Self) -> Self:
        return type(self)(
            records=self.records + other.records,
            passing=self.passing + other.passing,
            filtered=self.filtered + other.filtered,
            kinds=self.kinds + other.kinds,
            indels=self.indels + other.indels,
            chromosomes=self.chromosomes + other.chromosomes,
            contigs=self.contigs + other.contigs,
            filters=self.filters + other.filters,
            qualities=self.qualities + other.qualities,
            changes=self.changes + other.changes,
            normalised=self.normalised + other.normalised,
            repairs=self.repairs + other.repairs,
            samples=_sum(self.samples, other.samples),
            consequences=_sum(self.consequences, other.consequences),
            stores=_sums(self.stores, other.stores),
            scores=_sums(self.scores, other.scores),
        )


def _consequences(annotated: AnnotatedBatch) -> tuple[ConsequenceCounts, NDArray[np.bool_]] | None:
    if annotated.found is not None:  # their table is not needed, and perhaps never made
        return found_counts(annotated.found, annotated.source)
    if annotated.consequences is None:
        return None
    return consequence_counts(annotated.consequences, annotated.alleles.height, annotated.source)


_Whole = TypeVar("_Whole", SampleCounts, ConsequenceCounts)
_Part = TypeVar("_Part", StoreCounts, Spread)


def _sum(one: _Whole | None, other: _Whole | None) -> _Whole | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _sums(one: Mapping[str, _Part], other: Mapping[str, _Part]) -> Mapping[str, _Part]:
    both = dict(one)
    for name, counts in other.items():
        both[name] = both[name] + counts if name in both else counts
    return MappingProxyType(both)


def _facts(alleles: pl.DataFrame, assembly: Assembly | None) -> AlleleFacts:
    filters = alleles["filter"]
    return AlleleFacts(
        records=alleles["record"].to_numpy(),
        numbers=alleles["allele"].to_numpy(),
        passing=(filters.is_null() | (filters == "PASS").fill_null(value=False)).to_numpy(),
        biallelic=~alleles["was_split"].to_numpy(),
        types=_types(alleles),
        places=_places(alleles, assembly),
    )


def _types(alleles: pl.DataFrame) -> NDArray[np.uint8]:
    kinds = alleles["kind"].to_physical().to_numpy()
    indel = np.isin(kinds, [KINDS.index(name) for name in _INDELS])
    types = np.where(indel, Type.INDEL, Type.OTHER).astype(np.uint8)
    single = kinds == _SNV
    which = slice(None) if single.all() else pl.Series(np.flatnonzero(single))
    ref, alt = (_letters(alleles[name][which]) for name in ("ref", "alt"))
    # the codes of A and G, and those of C and T, are the only ones that differ by 6 and by 17
    step = np.abs(ref - alt)
    types[single] = np.where((step == 6) | (step == 17), Type.TRANSITION, Type.TRANSVERSION)
    with_n = (ref == _N) | (alt == _N)
    if with_n.any():
        types[np.flatnonzero(single)[with_n]] = Type.OTHER
    return types


_N = ord("N")


def _letters(bases: pl.Series) -> NDArray[np.int16]:
    """Return the codes of single letters."""
    text = bases.str.join("").item() if len(bases) else ""
    return np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int16)


def _places(alleles: pl.DataFrame, assembly: Assembly | None) -> NDArray[np.uint8]:
    places = np.full(alleles.height, Place.ELSEWHERE, np.uint8)
    runs = alleles["chrom"].rle().struct.unnest()
    start = 0
    for length, chrom in runs.iter_rows():
        part = slice(start, start + length)
        start += length
        if chrom in _AUTOSOMES:
            places[part] = Place.AUTOSOME
        elif chrom in ("X", "Y"):
            outside = outside_pseudo_autosomal(chrom, alleles["pos"][part].to_numpy(), assembly)
            places[part][outside] = Place[chrom]
    return places


def _contigs(chroms: pl.Series) -> tuple[NDArray[np.int64], Names]:
    counted: Counter[str] = Counter()
    for length, chrom in chroms.rle().struct.unnest().iter_rows():
        counted[chrom] += length
    others = [(name, n) for name, n in counted.items() if name not in CHROMOSOMES]
    own = [counted[name] for name in CHROMOSOMES]
    return np.array([*own, sum(n for _, n in others)], np.int64), Names.of(others)


def _filters(filters: pl.Series) -> Names:
    """Count each failed filter."""
    words = filters.value_counts().with_columns(pl.col("filter").str.split(";")).explode("filter")
    return Names.of(words.group_by("filter").agg(pl.col("count").sum()).sort("filter").iter_rows())


def _qualities(values: pl.Series) -> NDArray[np.int64]:
    given = values.drop_nulls().to_numpy()
    place = np.searchsorted(np.asarray(QUAL_EDGES, np.float32), given[given >= 0], side="right") - 1
    return np.bincount(place, minlength=len(QUAL_EDGES)).astype(np.int64)


def _lengths(alleles: pl.DataFrame) -> NDArray[np.int64]:
    indels = alleles.filter(pl.col("kind").is_in(pl.Series(_INDELS, dtype=pl.Enum(KINDS))))
    gained = indels["alt"].str.len_bytes().cast(pl.Int64) - indels["ref"].str.len_bytes().cast(pl.Int64)
    place = gained.clip(-LONGEST - 1, LONGEST + 1).to_numpy() + LONGEST + 1
    return np.bincount(place, minlength=2 * LONGEST + 3).astype(np.int64)


def _changes(facts: AlleleFacts, coding: NDArray[np.bool_]) -> NDArray[np.int64]:
    changes = np.zeros((len(SETS), 2), np.int64)
    for place, kind in enumerate((Type.TRANSITION, Type.TRANSVERSION)):
        those = facts.types == kind
        passing = those & facts.passing
        changes[:, place] = [int(one.sum()) for one in (those, passing, those & coding, passing & coding)]
    return changes
