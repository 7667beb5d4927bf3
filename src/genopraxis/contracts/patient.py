"""What a tool may know of a patient. The answer (diseases, interpretations) has no place in these types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Sex = Literal["female", "male", "other", "unknown"]
KaryotypicSex = Literal["unknown", "XX", "XY", "XO", "XXY", "XXX", "XXYY", "XXXY", "XXXX", "XYY", "other"]

_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_DURATION = re.compile(
    rf"P(?=[0-9T])(?:(?P<years>{_NUMBER})Y)?(?:(?P<months>{_NUMBER})M)?(?:(?P<weeks>{_NUMBER})W)?"
    rf"(?:(?P<days>{_NUMBER})D)?(?:T(?=[0-9])(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?"
    rf"(?:(?P<seconds>{_NUMBER})S)?)?",
    re.ASCII,
)
_DAYS = {"years": 365.25, "months": 30.4375, "weeks": 7.0, "days": 1.0, "hours": 1 / 24, "minutes": 1 / 1440}


def years_from_iso8601(duration: str) -> float | None:
    """Return an ISO 8601 duration (``P3Y6M``, ``P0,5Y``) in years, or ``None`` when it is not one."""
    match = _DURATION.fullmatch(duration.strip())
    if match is None:
        return None
    given = {unit: value.replace(",", ".") for unit, value in match.groupdict().items() if value}
    days = sum(float(value) * _DAYS.get(unit, 0.0) for unit, value in given.items())
    return days / 365.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Onset:
    """When a sign began: an age in years, an HPO onset term, or both."""

    years: float | None = None
    term_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """One phenotypic feature: an HPO term that was observed, or looked for and excluded."""

    term_id: str
    label: str | None = None
    excluded: bool = False
    onset: Onset | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """The phenotype of one patient, as any tool sees it.

    Parameters
    ----------
    case_id
        The identifier of the case; the only identifier that ever reaches a log.
    features
        Observed and excluded HPO terms.
    sex, karyotypic_sex
        As recorded; ``"unknown"`` when not.
    age_years
        Age at examination in years.
    """

    case_id: str
    features: tuple[Feature, ...]
    sex: Sex = "unknown"
    karyotypic_sex: KaryotypicSex = "unknown"
    age_years: float | None = None

    @property
    def observed(self) -> tuple[Feature, ...]:
        """The features that are present."""
        return tuple(feature for feature in self.features if not feature.excluded)

    @property
    def excluded(self) -> tuple[Feature, ...]:
        """The features that were looked for and are absent."""
        return tuple(feature for feature in self.features if feature.excluded)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """A change made to the input, reported and counted, never silent."""

    code: str
    message: str
    subject: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """The known answer of a benchmark case. Only the bench may hold one."""

    case_id: str
    disease_ids: tuple[str, ...]
    genes: tuple[str, ...] = ()
    publication: str | None = None
