"""Consequences that another program wrote into a VCF, as our table of consequences."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.consequences import CONSEQUENCES, TERMS
from genopraxis.formats.vcf_annotations import AnnotationField, read_entries
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.file_fields import NAMES, ChosenEntries
from genopraxis.variants.file_rows import RowsOfAlleles, place_entries
from genopraxis.variants.file_table import columns_of_entries
from genopraxis.variants.file_terms import terms

__all__ = ["file_consequences"]

# Feature_type of what is about a transcript, or about none
_KEPT = {"", "transcript", "intergenic_region", "gene_variant", "gene", "chromosome"}
_NO_SEQUENCE = ("spanning", "non_ref", "none")
_SEVERITY = {term: place for place, term in enumerate(TERMS)}


def file_consequences(
    batch: VcfBatch, alleles: pl.DataFrame, field: AnnotationField, *, preferred: bool = False
) -> tuple[pl.DataFrame, VcfRepairs]:
    """Return the consequences that a field of INFO holds.

    Terms are ours (:mod:`genopraxis.variants.file_terms`), the impact is that of the first; a row on a regulatory
    region, a motif or a domain is left out. HGVS has no accession, three-letter residues, ``Ter`` and ``=``.

    Parameters
    ----------
    batch
        Records of a VCF.
    alleles
        Their alleles, as :func:`~genopraxis.variants.normalise.normalise` returns them; some may be missing.
    field
        As :func:`~genopraxis.formats.vcf_annotations.annotation_fields` found it.
    preferred
        Keep of each allele and gene the MANE transcripts; without one the canonical, else the picked, else the row
        of the most severe term.

    Returns
    -------
    tuple of polars.DataFrame and VcfRepairs
        Rows as :data:`~genopraxis.contracts.consequences.CONSEQUENCES`, sorted by ``row``, at least one an allele:
        one that has none in the file gets ``sequence_variant`` and the flag ``not_annotated``. Further flags:
        ``allele_guessed``, the record was split or rewritten after it was annotated, or bcftools csq does not say
        which allele it means; ``haplotype``, several variants together do this; ``behind_stop``, another variant
        ends the protein before; ``distance_unknown``; ``other_warning``. And what had to be repaired.
    """
    entries = read_entries(batch, field, tuple(NAMES[field.style].values()))
    rows = RowsOfAlleles.of(batch, alleles)
    placed = place_entries(entries, rows)
    part = ChosenEntries(entries, placed.entries)
    codes, texts = part.words("consequence")
    told = [terms(text) for text in texts]
    kept = part.mask("feature_type", lambda text: text.lower() in _KEPT)
    kept &= ~np.array([one.regulatory for one in told], np.bool_)[codes]
    elsewhere = placed.rows[~kept]
    where, marks = placed.rows, placed.marks
    if len(elsewhere):
        part = ChosenEntries(entries, placed.entries[kept])
        codes, where, marks = codes[kept], where[kept], marks[kept]
    unknown = np.array([one.unknown for one in told], np.int64)[codes]
    table = pl.DataFrame(
        {"row": pl.Series(where, dtype=pl.UInt32), **columns_of_entries(part, told, codes, marks)}
    ).select(list(CONSEQUENCES.schema))
    if preferred:
        table = table.filter(_preferred(table, part.yes("pick")))
    missing = np.ones(len(alleles), np.bool_)
    missing[where] = False
    without = np.flatnonzero(missing)
    repairs = VcfRepairs(
        {
            "annotation_feature": len(elsewhere),
            "annotation_term": int(unknown.sum()),
        }
    )
    if len(without):
        others = elsewhere if field.style == "vep" else elsewhere[:0]
        more, n_missing = _without_entry(alleles, without, others)
        table = pl.concat([table, more]).sort("row", maintain_order=True)
        repairs += VcfRepairs({"annotation_missing": n_missing})
    return table, entries.repairs + placed.repairs + repairs


def _without_entry(
    alleles: pl.DataFrame, rows: NDArray[np.int64], elsewhere: NDArray[np.int64]
) -> tuple[pl.DataFrame, int]:
    """Return a row for each allele that no transcript is named for, and how many have no annotation at all.

    VEP names regulatory regions alone where it finds no transcript: that says intergenic.
    """
    intergenic = np.isin(rows, elsewhere)
    no_sequence = alleles["kind"].gather(pl.Series(rows)).cast(pl.String).is_in(_NO_SEQUENCE).to_numpy()
    kind = np.where(intergenic, 0, np.where(no_sequence, 1, 2))
    told = pl.Series([["intergenic_variant"], ["sequence_variant"], ["sequence_variant"]])
    flags = pl.Series([[], ["no_sequence"], ["not_annotated"]], dtype=pl.List(pl.String))
    known: dict[str, pl.Series | pl.Expr] = {
        "consequence": told.gather(pl.Series(kind)),
        "impact": pl.lit("MODIFIER"),
        "distance": pl.lit(0, pl.Int32),
        "mane_select": pl.lit(value=False),
        "mane_plus_clinical": pl.lit(value=False),
        "canonical": pl.lit(value=False),
        "flags": flags.gather(pl.Series(kind)),
    }
    empty = {
        name: pl.lit(None, dtype)
        for name, dtype in CONSEQUENCES.schema.items()
        if name not in {"row", *known}
    }
    frame = pl.DataFrame({"row": pl.Series(rows, dtype=pl.UInt32)}).with_columns(**(known | empty))
    return frame.select(list(CONSEQUENCES.schema)), int((kind == 2).sum())


def _preferred(table: pl.DataFrame, picked: NDArray[np.bool_]) -> pl.Series:
    """Tell which rows stand for their allele and gene."""
    tier = (
        pl.when(pl.col("mane_select") | pl.col("mane_plus_clinical"))
        .then(3)
        .when("canonical")
        .then(2)
        .when(pl.Series(picked))
        .then(1)
        .otherwise(0)
    )
    severity = pl.col("consequence").list.first().replace_strict(_SEVERITY, return_dtype=pl.Int32)
    gene = pl.coalesce("gene_id", "gene", "transcript_id", pl.lit(""))
    groups = ["row", "gene"]
    best = pl.col("tier") == pl.col("tier").max().over(groups)
    first = pl.col("place") == pl.col("place").min().over(groups)
    place = severity.cast(pl.Int64) * 2**32 + pl.int_range(pl.len())
    return (
        table.select("row", gene=gene, tier=tier, place=place)
        .select(best & ((pl.col("tier") > 0) | first))
        .to_series()
    )
