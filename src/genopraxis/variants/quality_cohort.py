"""Which samples of a cohort are unlike the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genopraxis.variants.quality_document import SampleQuality

__all__ = ["COHORT", "ENOUGH_SNVS", "MADS", "METRICS", "outliers"]

COHORT = 10
"""Samples from which on it can be said what is usual."""

ENOUGH_SNVS = 500
"""SNVs that a ratio must rest on to be compared with anything."""

MADS = 4.0
"""Median absolute deviations, scaled to a standard deviation, beyond which a sample is unlike the others."""

METRICS: tuple[tuple[str, str, int], ...] = (
    ("missing_share", "missing genotypes", 3),
    ("het_hom_snvs", "het/hom, SNVs", 2),
    ("ti_tv", "Ti/Tv", 2),
    ("depth_median", "median depth", 1),
    ("quality_median", "median GQ", 0),
    ("singletons", "singletons", 0),
    ("balance_median", "allele balance", 3),
    ("ref_reads_at_hom", "reference reads at homozygous SNVs", 4),
)
"""Figures in which a sample may differ from the others of its cohort: field, words, decimals."""


def outliers(samples: Sequence[SampleQuality]) -> dict[str, list[str]]:
    """Return the figures in which samples differ from the others: more than 4 median absolute deviations.

    Returns
    -------
    dict of str to list of str
        Words of :data:`METRICS` by name of the sample; empty with fewer than ten samples.
    """
    found: dict[str, list[str]] = {}
    if len(samples) < COHORT:
        return found
    for field, words, _ in METRICS:
        values = np.array([_compared(one, field) for one in samples], np.float64)
        if np.isfinite(values).sum() < COHORT:
            continue
        distance = np.abs(values - np.nanmedian(values))
        # scaled to a standard deviation; the floor keeps figures that are nearly all the same from making outliers
        scale = max(1.4826 * float(np.nanmedian(distance)), 0.01 * abs(float(np.nanmedian(values))), 1e-3)
        for number in np.flatnonzero(distance > MADS * scale):
            found.setdefault(samples[int(number)].name, []).append(words)
    return found


def _compared(sample: SampleQuality, field: str) -> float:
    """Return a figure if it rests on enough; NaN otherwise."""
    value = getattr(sample, field)
    resting = {
        "ti_tv": sample.transitions + sample.transversions,
        "het_hom_snvs": sample.het_snvs + sample.hom_snvs,
        "balance_median": sample.het_snvs,
        "ref_reads_at_hom": sample.hom_snvs,
    }
    return float("nan") if value is None or resting.get(field, ENOUGH_SNVS) < ENOUGH_SNVS else float(value)
