"""Which sex chromosomes the genotypes of a sample speak for: figures, limits, a call with its reason.

Three lines of evidence: heterozygous sites on X, depth on X beside that of the autosomes, and homozygous or haploid
calls on Y, always outside the pseudo-autosomal regions. That a file has no record on Y is no evidence: a VCF of
variants does not say what was looked at. The idea to compare what was called on X with the stated sex is that of
peddy (Pedersen & Quinlan 2017, doi:10.1016/j.ajhg.2017.01.017); the limits are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genopraxis.formats.contig_names import PSEUDO_AUTOSOMAL, Assembly
from genopraxis.render.numbers import percent
from genopraxis.stats.intervals import wilson

__all__ = [
    "LIMITS",
    "Agreement",
    "SexCall",
    "SexFigures",
    "agreement",
    "call_sex",
    "outside_pseudo_autosomal",
]

Call = Literal["XX", "XY", "unclear"]
Agreement = Literal["agrees", "conflicts", "unclear", "not stated"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What is needed to say something, and where the lines are.

    Parameters
    ----------
    one_x, two_x
        Share of heterozygous among variant sites on X: its 95 % interval must lie below, or above. Haploid sites
        count as not heterozygous.
    autosomes
        The same share on autosomes of a file from which neither kind of genotype was taken out.
    autosome_sites
        Sites that this share is to rest on.
    x_depth_one, x_depth_two
        Median depth on X over that of the autosomes, at most for one X, at least for two.
    depth_sites
        Genotypes with depth on X from which on it is looked at.
    y_calls, y_depth
        Homozygous or haploid calls on Y that show one, and their share of the depth of the autosomes.
    y_sites, y_called
        Sites on Y from which on it counts that a sample is called at few of them: at most this share.
    """

    one_x: float = 0.20
    two_x: float = 0.35
    autosomes: tuple[float, float] = (0.35, 0.85)
    autosome_sites: int = 200
    x_depth_one: float = 0.75
    x_depth_two: float = 0.85
    depth_sites: int = 20
    y_calls: int = 5
    y_depth: float = 0.2
    y_sites: int = 20
    y_called: float = 0.1


LIMITS = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class SexFigures:
    """What a sample's call rests on; all outside the pseudo-autosomal regions, biallelic SNVs that passed.

    Parameters
    ----------
    autosome_het, autosome_hom
        Heterozygous and homozygous alternative genotypes on autosomes.
    x_het, x_hom, x_haploid
        On X; haploid ones carry the allele.
    x_with_depth
        Genotypes on X with a depth.
    autosome_depth, x_depth, y_depth
        Median depth of called genotypes.
    y_called, y_hom, y_het
        Genotypes on Y; homozygous or haploid, and heterozygous, which two Y-like copies elsewhere make.
    y_sites
        SNVs on Y that the file has; with one sample, no more than what it was called at is known of it.
    samples
        In the file.
    """

    autosome_het: int
    autosome_hom: int
    x_het: int
    x_hom: int
    x_haploid: int
    x_with_depth: int
    autosome_depth: float | None
    x_depth: float | None
    y_depth: float | None
    y_called: int
    y_hom: int
    y_het: int
    y_sites: int
    samples: int

    @property
    def x_het_share(self) -> float | None:
        """Heterozygous among the diploid variant genotypes on X."""
        return _share(self.x_het, self.x_hom)

    @property
    def autosome_het_share(self) -> float | None:
        """The same on autosomes."""
        return _share(self.autosome_het, self.autosome_hom)

    @property
    def x_depth_ratio(self) -> float | None:
        """Median depth on X over that on autosomes."""
        return _ratio(self.x_depth, self.autosome_depth)

    @property
    def y_depth_ratio(self) -> float | None:
        """Median depth on Y over that on autosomes."""
        return _ratio(self.y_depth, self.autosome_depth)


@dataclass(frozen=True, kw_only=True, slots=True)
class SexCall:
    """Which sex chromosomes the figures are consistent with, and why."""

    call: Call
    reason: str


def outside_pseudo_autosomal(
    chrom: Literal["X", "Y"], positions: NDArray[np.int64], assembly: Assembly | None
) -> NDArray[np.bool_]:
    """Tell which positions (1-based) are outside; where the assembly is not known, outside those of both."""
    outside = np.ones(positions.size, np.bool_)
    for one in Assembly if assembly is None else (assembly,):
        for start, end in PSEUDO_AUTOSOMAL[one][chrom]:
            outside &= (positions < start) | (positions > end)
    return outside


def call_sex(figures: SexFigures, *, limits: Limits = LIMITS) -> SexCall:
    """Say which sex chromosomes a sample's figures are consistent with."""
    if not figures.x_het + figures.x_hom + figures.x_haploid:
        return _unclear("no variant genotype on X outside the pseudo-autosomal regions")
    if figures.x_haploid > figures.x_het + figures.x_hom:
        return _of_haploid(figures, limits)
    told = _copies_by_genotypes(figures, limits)
    if isinstance(told, str):
        return _unclear(told)
    by_depth = _copies_by_depth(figures, limits)
    y_there = _has_y(figures, limits)
    n, share = figures.x_het + figures.x_hom, figures.x_het_share
    told_text = f"{figures.x_het:,} of {n:,} variant sites on X ({percent(share, digits=0)}) are heterozygous"
    if by_depth is not None and by_depth != told:
        copies = "one X" if by_depth == 1 else "two X"
        return _unclear(
            f"conflicting: {told_text}, yet the depth on X is that of {copies} (ratio {figures.x_depth_ratio:.2f}); "
            "a mixture of samples, a change in the number of X, or related parents"
        )
    if told == 2:
        if y_there:
            return _unclear(
                f"conflicting: {told_text}, and {figures.y_hom:,} calls on Y; XXY, or a mixture of samples"
            )
        return SexCall(call="XX", reason=told_text)
    if y_there:
        return SexCall(call="XY", reason=f"{told_text}; {figures.y_hom:,} homozygous or haploid calls on Y")
    if _lacks_y(figures, limits):
        return _unclear(
            f"{told_text}, but the sample is called at only {figures.y_called:,} of {figures.y_sites:,} sites on Y "
            "where others are: a single X, loss of Y, or related parents"
        )
    return SexCall(
        call="XY", reason=f"{told_text}; what is on Y does not tell, so that a single X is possible"
    )


def agreement(call: SexCall, stated: str | None) -> Agreement:
    """Compare a call with the sex that was stated: ``female``, ``male`` or anything else, which is not compared."""
    wanted = {"female": "XX", "male": "XY"}.get((stated or "").strip().lower())
    if wanted is None:
        return "not stated"
    if call.call == "unclear":
        return "unclear"
    return "agrees" if call.call == wanted else "conflicts"


def _of_haploid(figures: SexFigures, limits: Limits) -> SexCall:
    if (why := _autosomes(figures, limits)) is not None:
        return _unclear(why)
    n = figures.x_het + figures.x_hom + figures.x_haploid
    least, most = wilson(figures.x_het, n)
    if most >= limits.one_x:
        why = "conflicting" if least > limits.one_x else "too few sites on X"
        return _unclear(
            f"{why}: {figures.x_haploid:,} haploid genotype(s), and {figures.x_het:,} of {n:,} sites are heterozygous "
            f"(95 % interval {_percents(least, most)})"
        )
    said = f"{figures.x_haploid:,} genotypes on X are haploid: whoever called them took the sample for XY"
    if _copies_by_depth(figures, limits) == 2:
        return _unclear(
            f"conflicting: {said}, yet the depth is that of two X (ratio {figures.x_depth_ratio:.2f})"
        )
    y = f"; {figures.y_hom:,} homozygous or haploid calls on Y" if _has_y(figures, limits) else ""
    return SexCall(call="XY", reason=said + y)


def _autosomes(figures: SexFigures, limits: Limits) -> str | None:
    """Return why the autosomes say that nothing can be told of this file; ``None`` when it can."""
    autosomes = figures.autosome_het + figures.autosome_hom
    share = figures.autosome_het_share
    if share is None or autosomes < limits.autosome_sites:
        return (
            f"only {autosomes:,} variant SNVs on autosomes to compare with (at least {limits.autosome_sites})"
        )
    low, high = limits.autosomes
    if not low <= share <= high:
        return (
            f"{percent(share, digits=0)} of the variant sites on autosomes are heterozygous, outside "
            f"{_percents(low, high)}: genotypes were taken out of this file, or these are no germline genotypes of "
            "one person"
        )
    return None


def _copies_by_genotypes(figures: SexFigures, limits: Limits) -> Literal[1, 2] | str:
    """Return how many X the genotypes show, or why they do not."""
    if (why := _autosomes(figures, limits)) is not None:
        return why
    n = figures.x_het + figures.x_hom
    if not n:
        return "no diploid variant genotype on X"
    least, most = wilson(figures.x_het, n)
    if most < limits.one_x:
        return 1
    if least > limits.two_x:
        return 2
    said = f"{figures.x_het:,} of {n:,} variant sites on X are heterozygous (95 % interval {_percents(least, most)})"
    if least < limits.one_x and most > limits.two_x:
        return f"too few sites on X: {said}"
    lines = f"one X is below {percent(limits.one_x, digits=0)}, two above {percent(limits.two_x, digits=0)}"
    return f"between one X and two: {said}; {lines}"


def _copies_by_depth(figures: SexFigures, limits: Limits) -> Literal[1, 2] | None:
    ratio = figures.x_depth_ratio
    if ratio is None or figures.x_with_depth < limits.depth_sites:
        return None
    return 1 if ratio <= limits.x_depth_one else 2 if ratio >= limits.x_depth_two else None


def _has_y(figures: SexFigures, limits: Limits) -> bool:
    ratio = figures.y_depth_ratio
    return figures.y_hom >= limits.y_calls and (ratio is None or ratio >= limits.y_depth)


def _lacks_y(figures: SexFigures, limits: Limits) -> bool:
    return (
        figures.samples > 1
        and figures.y_sites >= limits.y_sites
        and figures.y_called <= limits.y_called * figures.y_sites
    )


def _percents(low: float, high: float) -> str:
    return f"{percent(low, digits=0)} to {percent(high, digits=0)}"


def _unclear(reason: str) -> SexCall:
    return SexCall(call="unclear", reason=reason)


def _share(part: int, rest: int) -> float | None:
    return part / (part + rest) if part + rest else None


def _ratio(value: float | None, whole: float | None) -> float | None:
    return None if value is None or not whole else value / whole
