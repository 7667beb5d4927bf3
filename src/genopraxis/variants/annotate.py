"""From the batches of a VCF to annotated batches: normalised, with consequences, known variants, scores, genotypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_annotations import AnnotationField
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_blocks import map_threads
from genopraxis.formats.vcf_genotypes import genotypes
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.knowledge.variant_keys import variant_keys
from genopraxis.knowledge.variant_store import VariantStore
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.consequence import Annotator
from genopraxis.variants.consequence_pick import with_pick
from genopraxis.variants.file_consequences import file_consequences
from genopraxis.variants.file_scores import file_scores
from genopraxis.variants.normalise import Missing, normalise
from genopraxis.variants.normalise_counts import MISMATCH_LIMIT, NormaliseCounts
from genopraxis.variants.score_plan import ScorePlan

__all__ = ["Sources", "annotate", "annotate_all", "with_pick"]

Result = TypeVar("Result")

_EARLY = 20_000


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What is joined to the alleles of a file; shared by all threads.

    Parameters
    ----------
    genome
        The assembly; without it alleles are split and trimmed only.
    missing_contigs
        As for :func:`~genopraxis.variants.normalise.normalise`.
    annotator
        Makes consequences; ``None``: those of ``file_field`` are taken.
    file_field
        The INFO field with the consequences of another program.
    stores
        Known variants by the name that their columns shall have.
    scores
        What of INFO is read as scores.
    samples
        Whose genotypes are read; none: no genotypes.
    """

    genome: Genome | None = None
    missing_contigs: Missing = "error"
    annotator: Annotator | None = None
    file_field: AnnotationField | None = None
    stores: Mapping[str, VariantStore] = field(default_factory=dict)
    scores: ScorePlan = field(default_factory=ScorePlan)
    samples: Sequence[str] = ()

    @property
    def source(self) -> str | None:
        """Who tells the consequences."""
        if self.annotator is not None:
            return "genopraxis"
        return None if self.file_field is None else self.file_field.key


def annotate(batch: VcfBatch, sources: Sources) -> AnnotatedBatch:
    """Return a batch with everything that is found out of it.

    Raises
    ------
    InputError
        As :func:`~genopraxis.variants.normalise.normalise`.
    """
    alleles, counts = normalise(batch, genome=sources.genome, missing_contigs=sources.missing_contigs)
    repairs = VcfRepairs()
    found = consequences = None
    if sources.annotator is not None:
        found = sources.annotator.consequences(alleles)
    elif sources.file_field is not None:
        consequences, more = file_consequences(batch, alleles, sources.file_field)
        consequences = with_pick(consequences, len(alleles))
        repairs += more
    scores, more = file_scores(batch, alleles, sources.scores)
    repairs += more
    samples = None
    if sources.samples:
        samples, more = genotypes(batch, samples=sources.samples)
        repairs += more
    known: dict[str, pl.DataFrame] = {}
    if sources.stores:
        keys = variant_keys(alleles)
        known = {name: store.find(alleles, keys=keys) for name, store in sources.stores.items()}
    return AnnotatedBatch(
        batch=batch,
        alleles=alleles,
        consequences=consequences,
        source=sources.source,
        found=found,
        known=known,
        scores=scores,
        genotypes=samples,
        counts=counts,
        repairs=repairs,
    )


def annotate_all(
    batches: Iterator[VcfBatch],
    sources: Sources,
    *,
    then: Callable[[AnnotatedBatch], Result],
    threads: int = 1,
    mismatch_limit: float = MISMATCH_LIMIT,
    where: str | None = None,
) -> Iterator[tuple[AnnotatedBatch, Result]]:
    """Yield each batch annotated, and what ``then`` makes of it, in order, computed by threads.

    Raises
    ------
    InputError
        As :func:`annotate`; and when too many REF differ from the genome: after the last batch, or after 20,000
        records, if it is plain by then.
    """

    def work(batch: VcfBatch) -> tuple[AnnotatedBatch, Result]:
        annotated = annotate(batch, sources)
        return annotated, then(annotated)

    total = NormaliseCounts()
    for annotated, made in map_threads(work, batches, threads=threads):
        total += annotated.counts
        if total.reference_checked >= _EARLY:
            total.refuse_wrong_genome(limit=max(mismatch_limit, 0.2), where=where)
        yield annotated, made
    total.refuse_wrong_genome(limit=mismatch_limit, where=where)
