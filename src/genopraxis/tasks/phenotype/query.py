"""From a patient's features to term numbers of a knowledge release, with every repair counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Feature, KaryotypicSex, Patient, Repair, Sex
from genopraxis.knowledge.ontology import Ontology
from genopraxis.tasks.phenotype.sexed_organs import branches_of_the_other_sex

Unknown = Literal["error", "drop"]
Exclusions = Literal["selected", "systematic", "ignore"]
"""How absences were recorded: those somebody thought of, a whole checklist, or not to be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsedFeature:
    """A feature with the term it was taken for; ``term`` is ``None`` when the release does not know it."""

    feature: Feature
    term: int | None
    counted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What a phenotype tool sees.

    Parameters
    ----------
    observed, excluded
        Term numbers of the knowledge release, each once, phenotypic abnormalities only.
    onset_years
        The earliest age at which a sign is known to have begun.
    age_years
        Age at examination.
    exclusions
        How absences were recorded: only those that somebody thought of (``selected``), which says something
        in itself, or all of a checklist (``systematic``), which does not.
    """

    observed: tuple[int, ...]
    excluded: tuple[int, ...]
    sex: Sex = "unknown"
    karyotypic_sex: KaryotypicSex = "unknown"
    onset_years: float | None = None
    age_years: float | None = None
    exclusions: Literal["selected", "systematic"] = "selected"


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedQuery:
    """A query, the features it was made from, and what was repaired."""

    query: Query
    features: tuple[UsedFeature, ...]
    repairs: tuple[Repair, ...]


# HPO's onset classes in years (definitions of HP:0003674's children).
ONSET_YEARS: dict[str, tuple[float, float]] = {
    "HP:0030674": (0.0, 0.0),  # antenatal
    "HP:0011460": (0.0, 0.0),  # embryonal
    "HP:0011461": (0.0, 0.0),  # fetal
    "HP:0034199": (0.0, 0.0),  # late first trimester
    "HP:0034198": (0.0, 0.0),  # second trimester
    "HP:0034197": (0.0, 0.0),  # third trimester
    "HP:0003577": (0.0, 0.0),  # congenital
    "HP:0003623": (0.0, 0.077),  # neonatal, first 28 days
    "HP:0003593": (0.077, 1.0),  # infantile
    "HP:0011463": (1.0, 5.0),  # childhood
    "HP:0003621": (5.0, 15.0),  # juvenile
    "HP:0003581": (16.0, 80.0),  # adult
    "HP:0011462": (16.0, 40.0),  # young adult
    "HP:0025708": (16.0, 19.0),  # early young adult
    "HP:0025709": (19.0, 25.0),  # intermediate young adult
    "HP:0025710": (25.0, 40.0),  # late young adult
    "HP:0003596": (40.0, 60.0),  # middle age
    "HP:0003584": (60.0, 90.0),  # late
    "HP:0410280": (0.0, 15.0),  # pediatric
    "HP:4000040": (5.0, 15.0),  # puberty
}


# Classes that others divide say too little of the age at which a sign began.
_UMBRELLA_ONSETS = frozenset({"HP:0410280", "HP:0003581", "HP:0011462"})  # pediatric, adult, young adult


def prepare_query(
    patient: Patient, ontology: Ontology, *, unknown: Unknown, exclusions: Exclusions = "selected"
) -> PreparedQuery:
    """Resolve a patient's features against an ontology release.

    Alternative and obsolete ids are replaced. A term that is both observed and excluded counts as observed,
    and so does an observed term whose ancestor is excluded: a positive finding is the firmer statement. Terms
    outside *Phenotypic abnormality* are shown but not counted. A sign that another one implies counts once: a
    general sign beside a special kind of it, an excluded kind beside the excluded general sign. All of it is
    reported.

    Parameters
    ----------
    unknown
        ``"error"``: a term the release does not know is an error that names the nearest terms;
        ``"drop"``: it is left out and counted (benchmark cases may use newer terms).
    exclusions
        How absences were recorded, see :class:`Query`; ``"ignore"`` leaves them out.

    Raises
    ------
    InputError
        For unknown terms, when ``unknown`` is ``"error"``.
    """
    repairs: list[Repair] = []
    used = [_use(feature, ontology, unknown=unknown, repairs=repairs) for feature in patient.features]
    observed = dict.fromkeys(
        u.term for u in used if u.counted and u.term is not None and not u.feature.excluded
    )
    excluded = dict.fromkeys(u.term for u in used if u.counted and u.term is not None and u.feature.excluded)
    implied = {int(a) for term in observed for a in ontology.ancestors(term)}
    for term in [t for t in excluded if t in implied]:
        del excluded[term]
        label, term_id = ontology.labels[term], ontology.ids[term]
        if term in observed:
            message = f"{label} is given as observed and as excluded; it counts as observed"
        else:
            below = next(t for t in observed if term in ontology.ancestors(t))
            message = f"{label} is excluded although {ontology.labels[below]}, a kind of it, is observed; not counted"
        repairs.append(Repair(code="contradiction", message=message, subject=term_id))
    # only now: an exclusion that contradicts nothing must not go with a general one that does
    _count_once(observed, excluded, ontology, repairs)
    other_sex = branches_of_the_other_sex(ontology, sex=patient.sex, karyotypic_sex=patient.karyotypic_sex)
    for term in [t for t in observed if not other_sex.isdisjoint(ontology.ancestors(t).tolist())]:
        message = f"{ontology.labels[term]} is observed although the sex is stated as {patient.sex}; it counts as it is"
        repairs.append(Repair(code="sex_contradiction", message=message, subject=ontology.ids[term]))
    if exclusions == "ignore" and excluded:
        message = f"{len(excluded)} excluded sign(s) are shown and not counted, as asked for"
        repairs.append(Repair(code="exclusions_ignored", message=message))
        excluded.clear()
    query = Query(
        observed=tuple(observed),
        excluded=tuple(excluded),
        sex=patient.sex,
        karyotypic_sex=patient.karyotypic_sex,
        onset_years=_earliest(patient),
        age_years=patient.age_years,
        exclusions="systematic" if exclusions == "systematic" else "selected",
    )
    kept = set(observed) | set(excluded)
    features = tuple(
        UsedFeature(
            feature=u.feature,
            term=u.term,
            counted=u.counted and u.term in kept and not (u.feature.excluded and u.term not in excluded),
        )
        for u in used
    )
    return PreparedQuery(query=query, features=features, repairs=tuple(repairs))


def _count_once(
    observed: dict[int, None], excluded: dict[int, None], ontology: Ontology, repairs: list[Repair]
) -> None:
    """Take out what others imply: observed ancestors of an observed sign, excluded kinds of an excluded one."""
    # sets once, since every pair of signs is looked at
    above = {term: set(ontology.ancestors(term).tolist()) for term in (*observed, *excluded)}
    for term in list(observed):
        special = next((t for t in observed if t != term and term in above[t]), None)
        if special is not None:
            del observed[term]
            repairs.append(_counts_once(ontology, term, special, "a kind of it, is observed too"))
    for term in list(excluded):
        general = next((t for t in excluded if t != term and t in above[term]), None)
        if general is not None:
            del excluded[term]
            repairs.append(_counts_once(ontology, term, general, "which includes it, is excluded too"))


def _counts_once(ontology: Ontology, term: int, other: int, why: str) -> Repair:
    message = f"{ontology.labels[term]} is not counted twice: {ontology.labels[other]}, {why}"
    return Repair(code="implied_term", message=message, subject=ontology.ids[term])


def _use(feature: Feature, ontology: Ontology, *, unknown: Unknown, repairs: list[Repair]) -> UsedFeature:
    found = ontology.resolve(feature.term_id)
    if found.term_id is None:
        _refuse(feature, ontology, status=found.status, unknown=unknown, repairs=repairs)
        return UsedFeature(feature=feature, term=None, counted=False)
    term = ontology.number[found.term_id]
    if found.status != "current":
        kind = "an alternative id" if found.status == "alternative" else "obsolete"
        repairs.append(
            Repair(
                code=f"{found.status}_term",
                message=f"{feature.term_id} is {kind}; {found.term_id} ({ontology.labels[term]}) is used",
                subject=feature.term_id,
            )
        )
    counted = bool(ontology.is_phenotype[term])
    if not counted:
        repairs.append(
            Repair(
                code="not_a_sign",
                message=f"{found.term_id} ({ontology.labels[term]}) is no phenotypic abnormality; shown, not counted",
                subject=feature.term_id,
            )
        )
    return UsedFeature(feature=feature, term=term, counted=counted)


def _refuse(
    feature: Feature, ontology: Ontology, *, status: str, unknown: Unknown, repairs: list[Repair]
) -> None:
    named = f"{feature.term_id} ({feature.label})" if feature.label else feature.term_id
    what = f"HPO term {named} is {'obsolete and has no successor' if status == 'obsolete' else 'unknown'}"
    if unknown == "drop":
        repairs.append(Repair(code="unknown_term", message=f"{what}; left out", subject=feature.term_id))
        return
    near = ontology.nearest(feature.label or feature.term_id) or ontology.nearest(feature.term_id)
    suggestion = "; ".join(f"{term_id} ({label})" for term_id, label in near)
    raise InputError(what, hint=f"nearest terms: {suggestion}" if suggestion else "look the term up in HPO")


def _earliest(patient: Patient) -> float | None:
    years = []
    for feature in patient.observed:
        if feature.onset is None:
            continue
        if feature.onset.years is not None:
            years.append(feature.onset.years)
        elif feature.onset.term_id in ONSET_YEARS and feature.onset.term_id not in _UMBRELLA_ONSETS:
            low, high = ONSET_YEARS[feature.onset.term_id]
            years.append((low + high) / 2)
    return min(years, default=None)
