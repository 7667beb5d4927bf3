"""What a score is to us, and the names that frequencies have in INFO: a source, a measure, a group, in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

__all__ = ["ScoreName", "bare_frequency_name", "frequency_name"]

Kind = Literal["score", "frequency", "count", "text"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreName:
    """A score or frequency.

    Parameters
    ----------
    name
        Our column.
    description
        What it is.
    kind
        What is read, and how.
    low_is_worse
        Of several values, one a transcript, the lowest is taken instead of the highest.
    shared
        The place has it, not the allele: one value holds for every allele of a record.
    maximum
        What a value cannot exceed; these cannot be below 0 either.
    priority
        Of several fields with this score the one with the lowest number is taken.
    family
        Fields of one name and family complete each other: CADD's SNVs and indels.
    companion
        The field, by its compared name, that says which way a value points.
    words
        A value may have a word beside its number, ``deleterious(0.01)``.
    """

    name: str
    description: str
    kind: Kind = "score"
    low_is_worse: bool = False
    shared: bool = False
    maximum: float | None = None
    priority: int = 0
    family: str = ""
    companion: str = ""
    words: bool = False

    @property
    def dtype(self) -> type[pl.DataType]:
        """Type of the column."""
        return {"text": pl.String, "count": pl.Int32}.get(self.kind, pl.Float32)


_GROUPS = "afr|amr|asj|eas|fin|nfe|sas|oth|remaining|mid|ami|eur|aa|ea"
_SOURCES = {
    "gnomad_exomes": r"gnomad(?:v?\d+)?(?:e|exomes?)(?:r?\d+)?",
    "gnomad_genomes": r"gnomad(?:v?\d+)?(?:g|genomes?)(?:r?\d+)?",
    "gnomad_joint": r"gnomad(?:v?\d+)?(?:j|joint)(?:r?\d+)?",
    "gnomad": r"gnomad(?:v?\d+)?",
    "exac": r"exac(?:r\d+)?",
    "kg": r"(?:1000g(?:p[13]|phase[13]|\d{4}[a-z]{3})?|1000genomes?|[1t]?kgp?|tgp|thousandgenomes?)(?:p3|phase3)?",
    "uk10k": r"uk10k",
    "esp": r"(?:nhlbi)?esp(?:6500)?(?:siv2)?|evs",
    "topmed": r"topmed",
    "swegen": r"swegen",
    "swefreq": r"swe(?:ref|freq)",
    "alfa": r"alfa",
    "hrc": r"hrc",
}
_TITLES = {
    "gnomad_exomes": "gnomAD exomes", "gnomad_genomes": "gnomAD genomes", "gnomad_joint": "gnomAD, joint",
    "gnomad": "gnomAD", "exac": "ExAC", "kg": "1000 Genomes", "uk10k": "UK10K", "esp": "ESP 6500",
    "topmed": "TOPMed", "swegen": "SweGen", "swefreq": "SweFreq", "alfa": "ALFA", "hrc": "HRC",
}  # fmt: skip
_MEASURES = {
    "af": "af",
    "ac": "ac",
    "an": "an",
    "hom": "hom",
    "nhomalt": "hom",
    "nhom": "hom",
    "hemi": "hemi",
}
_WORDS = {"af": "allele frequency", "ac": "allele count", "an": "alleles called", "hom": "homozygotes",
          "hemi": "hemizygotes"}  # fmt: skip
_HIGHEST = "popmax|grpmax|maxpop|max|best"
_MEASURE = "|".join(sorted(_MEASURES, key=len, reverse=True))
_PATTERNS = tuple(
    (
        source,
        re.compile(
            rf"(?:{pattern})(?:(?P<m1>{_MEASURE})(?P<g1>all|adj|{_HIGHEST}|{_GROUPS})?"
            rf"|(?P<g2>all|adj|{_HIGHEST}|{_GROUPS})(?P<m2>{_MEASURE})|(?P<g3>all|{_GROUPS}))"
        ),
    )
    for source, pattern in _SOURCES.items()
)


def frequency_name(plain: str) -> ScoreName | None:
    """Return which frequency a name means: in lower case, letters and digits alone."""
    for source, pattern in _PATTERNS:
        if found := pattern.fullmatch(plain):
            group = found["g1"] or found["g2"] or found["g3"] or "all"
            return _frequency(source, found["m1"] or found["m2"] or "af", group)
    return None


def _frequency(source: str, measure: str, group: str) -> ScoreName | None:
    measure = _MEASURES[measure]
    name, text = f"{source}_{measure}", f"{_TITLES[source]}, {_WORDS[measure]}"
    if group not in ("all", "adj"):
        if measure != "af":
            return None  # the frequency says it; the counts can be asked for by their INFO key
        highest = group in _HIGHEST.split("|")
        name, text = (
            (f"{name}_popmax", f"{text}, the highest of the groups")
            if highest
            else (f"{name}_{group}", f"{text}, {group}")
        )
    if measure == "af":
        return ScoreName(
            name=name, description=text, kind="frequency", maximum=1.0, priority=int(group == "adj")
        )
    return ScoreName(
        name=name, description=text, kind="count", shared=measure == "an", maximum=float(2**31 - 1)
    )


def bare_frequency_name(plain: str) -> ScoreName | None:
    """Return what VEP's fields without a source are: 1000 Genomes, ESP, the highest of all."""
    if plain == "maxaf":
        return ScoreName(
            name="max_af",
            description="highest allele frequency in any group of 1000 Genomes, ESP and gnomAD, by VEP",
            kind="frequency",
            maximum=1.0,
        )
    if plain == "gnomadaf" or re.fullmatch(rf"gnomad(?:{_GROUPS})af", plain):
        return frequency_name(plain.replace("gnomad", "gnomade", 1))  # exomes alone, VEP 90 to 105
    if found := re.fullmatch(r"(afr|amr|eas|eur|sas|aa|ea)?af", plain):
        return _frequency("esp" if found[1] in ("aa", "ea") else "kg", "af", found[1] or "all")
    return None
