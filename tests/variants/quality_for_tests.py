"""Annotated batches and summaries for tests, made from VCF texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from genopraxis.contracts.provenance import Provenance
from genopraxis.formats.contig_names import Assembly
from genopraxis.formats.vcf_genotypes import genotypes
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.assembly import assembly_of_header
from genopraxis.variants.normalise import normalise
from genopraxis.variants.quality import QualityCounts
from genopraxis.variants.quality_document import QualitySummary

PROVENANCE = Provenance(
    software="genopraxis", version="0", created=datetime(2025, 1, 1, tzinfo=UTC), python="3", platform="x"
)
Extend = Callable[[AnnotatedBatch], AnnotatedBatch]


def annotated_batches(
    path: Path,
    *,
    batch_bytes: int = 1 << 20,
    extend: Extend | None = None,
    samples: Sequence[str] | None = None,
) -> Iterator[tuple[VcfReader, AnnotatedBatch]]:
    with VcfReader(path, batch_bytes=batch_bytes) as reader:
        names = reader.header.samples if samples is None else tuple(samples)
        for batch in reader:
            alleles, counts = normalise(batch, genome=None)
            rows, repairs = genotypes(batch, samples=names)
            made = AnnotatedBatch(
                batch=batch,
                alleles=alleles,
                counts=counts,
                repairs=repairs,
                genotypes=rows if names else None,
            )
            yield reader, made if extend is None else extend(made)


def counts_of(path: Path, *, batch_bytes: int = 1 << 20, extend: Extend | None = None) -> QualityCounts:
    total = QualityCounts()
    for _, annotated in annotated_batches(path, batch_bytes=batch_bytes, extend=extend):
        total = total.add(annotated)
    return total


def summary_of(
    path: Path,
    *,
    extend: Extend | None = None,
    stated_sex: Mapping[str, str] | None = None,
    assembly: Assembly | None = None,
    samples: Sequence[str] | None = None,
) -> QualitySummary:
    total = QualityCounts()
    with VcfReader(path) as first:
        header, packing = first.header, first.packing
    reader = None
    for reader, annotated in annotated_batches(path, extend=extend, samples=samples):  # noqa: B007
        total = total.add(annotated, assembly=assembly, samples=samples)
    return total.document(
        name=path.name,
        header=header,
        packing=packing,
        in_order=None if reader is None else reader.in_order,
        reading=None if reader is None else reader.repairs,
        assembly=assembly_of_header(header),
        stated_sex=stated_sex or {},
        provenance=PROVENANCE,
    )


def simulated_person(
    rng: np.random.Generator,
    *,
    x_copies: int,
    y_copies: int,
    depth: float = 30,
    autosome_sites: int = 1500,
    x_sites: int = 150,
    y_sites: int = 15,
    error: float = 0.02,
) -> list[str]:
    """Variant records of one person on GRCh38: GT:DP by the copies of each chromosome; some genotypes are wrong."""
    rows = []
    for chrom, copies, sites, start in (
        ("chr1", 2, autosome_sites, 1_000_000),
        ("chrX", x_copies, x_sites, 5_000_000),
        ("chrY", y_copies, y_sites if y_copies else 0, 5_000_000),
    ):
        for number in range(sites):
            het = copies > 1 and rng.random() < 0.6
            if rng.random() < error:
                het = not het
            reads = rng.poisson(depth * copies / 2)
            gt = "0/1" if het else "1/1"
            pos = start + 5000 * number
            rows.append(f"{chrom} {pos} . A G 50 PASS . GT:DP {gt}:{reads}")
    return rows


CONTIGS = (
    "##fileformat=VCFv4.2",
    "##contig=<ID=chr1,length=248956422>",
    "##contig=<ID=chrX,length=156040895>",
    "##contig=<ID=chrY,length=57227415>",
)
