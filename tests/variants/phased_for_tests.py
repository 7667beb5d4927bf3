"""Phased VCFs over the small genomes, and the batches that they become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from genopraxis.contracts.haplotype_consequences import HAPLOTYPE_CONSEQUENCES
from genopraxis.formats.vcf_genotypes import genotypes
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.normalise import normalise
from genopraxis.variants.phased_codons import PhasedCodons
from transcripts_for_tests import Small
from vcf_texts import META, vcf_text, write_vcf


def phased_vcf(
    small: Small,
    folder: Path,
    rows: Sequence[tuple[str, int, str, str, str]],
    *,
    samples: Sequence[str] = ("S",),
) -> Path:
    """Rows are chrom, 1-based pos, ref, alt, and the samples' columns (``GT``, or ``GT:PS`` with a colon in them)."""
    meta = [line for line in META if not line.startswith("##contig")]
    meta += [f"##contig=<ID={name},length={size}>" for name, size in small.genome.contigs.items()]
    lines = [
        f"{chrom} {pos} . {ref} {alt} . . . {'GT:PS' if ':' in told else 'GT'} {told}"
        for chrom, pos, ref, alt, told in rows
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path: Path = write_vcf(folder / "phased.vcf", vcf_text(lines, samples=samples, meta=meta))
    return path


def annotated(small: Small, path: Path, *, batch_bytes: int = 1 << 20) -> Iterator[AnnotatedBatch]:
    with VcfReader(path, batch_bytes=batch_bytes) as reader:
        for batch in reader:
            alleles, _ = normalise(batch, genome=small.genome)
            yield AnnotatedBatch(
                batch=batch,
                alleles=alleles,
                found=small.annotator.consequences(alleles),
                genotypes=genotypes(batch)[0] if batch.header.samples else None,
            )


def groups_of(small: Small, path: Path, *, batch_bytes: int = 1 << 20) -> pl.DataFrame:
    """Return the groups of a file, and check that nothing is kept after it."""
    phased = PhasedCodons(small.annotator)
    frames = [phased.add(one) for one in annotated(small, path, batch_bytes=batch_bytes)]
    frame = pl.concat([*frames, phased.finish()])
    assert phased.waiting == 0
    assert HAPLOTYPE_CONSEQUENCES.check(frame, raise_errors=True)
    return frame
