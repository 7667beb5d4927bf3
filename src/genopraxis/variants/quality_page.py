"""The summary of an annotated VCF as one self-contained HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from genopraxis.contracts.consequences import TERMS
from genopraxis.render.numbers import MINUS, NOT_MEASURED, percent
from genopraxis.render.shell import environment, page
from genopraxis.variants import quality_pictures as pictures
from genopraxis.variants.quality_cohort import METRICS, outliers
from genopraxis.variants.quality_document import ClinVarCount, QualitySummary, SampleQuality, SexCheck
from genopraxis.variants.quality_kernels import BALANCE_DEPTH
from genopraxis.variants.quality_sex import LIMITS

__all__ = ["render_quality"]

BANNER = (
    "Research use only. These figures help to judge a file; they do not replace a laboratory's own controls."
)

SAMPLES_SHOWN = 20
"""Samples that a table has room for; of a larger cohort the page shows distributions and who differs."""

_KINDS = {
    "mnv": "several bases changed",
    "delins": "bases replaced by another number of bases",
    "symbolic": "such as <DEL>",
    "spanning": "a deletion that begins before (*)",
    "non_ref": "stands for any other allele",
    "none": "no change",
}
_SETS = {
    "all": "all SNVs",
    "pass": "passed, or no filter applied",
    "all_coding": "in coding sequence",
    "pass_coding": "in coding sequence, passed or no filter applied",
}
_NORMALISED = {
    "split_records": "records with several alternative alleles, split into alleles",
    "trimmed": "alleles that lost bases common to REF and ALT",
    "shifted": "alleles moved to the left",
    "reference_checked": "records whose REF was compared with the genome",
    "reference_differs": "of these, REF differs",
    "reference_unknown": "records that could not be compared: N or an IUPAC code",
}
_EXAMPLES = 3
_PACKINGS = {"plain": "not packed", "gzip": "gzip", "bgzip": "bgzip", "bcf": "BCF"}


def render_quality(summary: QualitySummary) -> str:
    """Return the summary as a single HTML page without script or external resource.

    Parameters
    ----------
    summary
        The document. Every text in it is treated as untrusted.

    Returns
    -------
    str
        HTML. A file without records, or without genotypes, is said to be so, without empty tables or figures.
    """
    many = len(summary.samples) > SAMPLES_SHOWN
    unlike = outliers(summary.samples)
    checked = summary.normalised["reference_checked"] + summary.normalised["reference_unknown"]
    did = tuple(code for code in _NORMALISED if checked and code.startswith("ref"))
    context: dict[str, object] = {
        "summary": summary,
        "file": summary.file,
        "facts": _facts(summary),
        "pictures": pictures,
        "many": many,
        "samples": _shown(summary.samples, unlike) if many else summary.samples,
        "unlike": unlike,
        "sexes": Counter(one.sex.call for one in summary.samples),
        "sex_samples": _worth_a_look(summary.samples) if many else summary.samples,
        "cohort": pictures.cohort_figures(summary.samples, METRICS) if many else (),
        "kinds": _KINDS,
        "sets": _SETS,
        "normalised": {
            code: text for code, text in _NORMALISED.items() if code in did or not code.startswith("ref")
        },
        "compared": did,
        "terms": TERMS,
        "limits": LIMITS,
        "balance_depth": BALANCE_DEPTH,
        "clinvar": {one.name: _clinvar(one.clinvar) for one in summary.stores if one.clinvar is not None},
        "drawn": pictures.drawn_scores(summary.scores),
        "plain": _plain,
        "number": _number,
        "ratio": _ratio,
        "sex_figures": _sex_figures,
        "width": _width,
    }
    return page(
        templates=environment(("genopraxis.variants",)),
        body_template="quality.html",
        title=f"{summary.file.name} \N{MIDDLE DOT} VCF summary",
        banner=BANNER,
        provenance=summary.provenance,
        context=context,
    )


def _facts(summary: QualitySummary) -> list[tuple[str, str]]:
    file = summary.file
    assembly = "not told by anything"
    if file.assembly is not None:
        support = f" ({file.assembly_support:,})" if file.assembly_support else ""
        assembly = f"{file.assembly}, {_basis(file.assembly_basis)}{support}"
    order = {True: "sorted", False: "not sorted", None: "order not looked at"}[file.sorted]
    return [
        ("Records", f"{summary.records:,}"),
        ("Alleles", f"{summary.alleles:,}"),
        ("Samples", f"{file.samples:,}"),
        ("Assembly", assembly),
        ("File", f"VCF {file.version}, {_PACKINGS.get(file.packing, file.packing)}, {order}"),
        ("Header defines", ", ".join(f"{n:,} {name}" for name, n in file.definitions.items())),
    ]


def _basis(basis: str | None) -> str:
    return "as stated" if basis == "stated" else f"by {basis}"


def _shown(samples: Sequence[SampleQuality], unlike: dict[str, list[str]]) -> tuple[SampleQuality, ...]:
    """Return the samples that differ in most figures."""
    found = [one for one in samples if one.name in unlike]
    return tuple(sorted(found, key=lambda one: -len(unlike[one.name]))[:SAMPLES_SHOWN])


def _worth_a_look(samples: Sequence[SampleQuality]) -> tuple[SampleQuality, ...]:
    """Return samples whose sex conflicts with what was stated, or in itself, and some others that are unclear."""
    against = [one for one in samples if one.sex.agreement == "conflicts"]
    conflicting = [one for one in samples if one not in against and one.sex.reason.startswith("conflicting")]
    unclear = [one for one in samples if one.sex.call == "unclear" and one not in conflicting]
    return tuple([*against, *conflicting][: SAMPLES_SHOWN - _EXAMPLES] + unclear[:_EXAMPLES])


def _clinvar(counts: Sequence[ClinVarCount]) -> dict[str, object]:
    """Return the counts as a table of significance by stars."""
    cells: dict[str, Counter[int | None]] = {}
    for one in counts:
        cells.setdefault(one.significance, Counter())[one.stars] += one.n
    stars = sorted(
        {star for row in cells.values() for star in row}, key=lambda star: -1 if star is None else star
    )
    rows = sorted(cells.items(), key=lambda item: -item[1].total())
    return {
        "stars": stars,
        "rows": [(name, [row[star] for star in stars], row.total()) for name, row in rows],
    }


def _sex_figures(sex: SexCheck) -> str:
    parts = []
    if sex.x_het_share is not None and "variant sites on X" not in sex.reason:
        parts.append(
            f"X {sex.x_het:,} heterozygous of {sex.x_het + sex.x_hom:,} ({percent(sex.x_het_share)})"
        )
    if sex.x_haploid:
        parts.append(f"X {sex.x_haploid:,} haploid")
    if sex.x_depth_ratio is not None:
        parts.append(f"depth of X to autosomes {sex.x_depth_ratio:.2f}")
    if sex.y_called:
        depth = "" if sex.y_depth_ratio is None else f", depth to autosomes {sex.y_depth_ratio:.2f}"
        parts.append(
            f"Y {sex.y_called:,} called, {sex.y_hom:,} homozygous or haploid, {sex.y_het:,} heterozygous{depth}"
        )
    else:
        parts.append("Y no called SNV, which in a file of variants says nothing")
    return "; ".join(parts)


def _number(value: float | None, digits: int = 2) -> str:
    return NOT_MEASURED if value is None else f"{value:,.{digits}f}"


def _plain(value: float) -> str:
    text = f"{abs(value):,.0f}" if value.is_integer() else f"{abs(value):.4g}"
    return MINUS + text if value < 0 else text


def _ratio(part: int, rest: int) -> str:
    if not part + rest:
        return "none"
    return f"{part / rest:.2f}" if rest else "no homozygous"


def _width(n: int, most: int) -> float:
    return round(100 * n / most, 1) if most else 0.0
