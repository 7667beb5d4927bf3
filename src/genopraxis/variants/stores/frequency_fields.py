"""Which fields of a source are counts of alleles, and of which group: gnomAD 2 to 4, ExAC, 1000 Genomes and their like.

Fields are told by their names, whatever the release: ``AC``, ``AN``, ``nhomalt``, ``Hom``, ``AC_Hemi`` … with a group
before or after them, or in words as in tables of the gnomAD browser (``Allele Count African``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from genopraxis.knowledge.frequency_view import FOUNDER_GROUPS
from genopraxis.variants.stores.rows import FileField
from genopraxis.variants.stores.table_columns import bare_name

__all__ = ["FrequencyFields", "frequency_fields"]

Measure = Literal["ac", "an", "af", "hom", "hemi", "faf95"]

_MEASURES: dict[str, Measure] = {
    "ac": "ac", "an": "an", "af": "af", "nhomalt": "hom", "hom": "hom", "homalt": "hom", "nhom": "hom",
    "hemi": "hemi", "nhemi": "hemi", "nhemialt": "hemi", "faf95": "faf95",
}  # fmt: skip
_PHRASES: tuple[tuple[str, Measure], ...] = (
    ("allele_count", "ac"), ("allele_number", "an"), ("allele_frequency", "af"), ("homozygote_count", "hom"),
    ("number_of_homozygotes", "hom"), ("hemizygote_count", "hemi"), ("number_of_hemizygotes", "hemi"),
)  # fmt: skip
_GROUPS = {
    "african": "afr", "african_african_american": "afr", "ashkenazi_jewish": "asj", "east_asian": "eas",
    "european_finnish": "fin", "finnish": "fin", "european_non_finnish": "nfe", "non_finnish_european": "nfe",
    "latino": "amr", "latino_admixed_american": "amr", "admixed_american": "amr", "other": "oth",
    "south_asian": "sas", "middle_eastern": "mid", "amish": "ami", "remaining": "remaining",
    "remaining_individuals": "remaining", "european": "eur",
}  # fmt: skip
_MALE, _FEMALE = {"male", "xy", "m"}, {"female", "xx", "f"}
_MAXIMA = {"popmax", "grpmax", "fafmax", "max"}
_SETS = {"exomes", "genomes"}
_NO_GROUP = {"raw", "het", "hist", "alt", "bin", "smaller", "larger", "freq", "all", "total", "tot", "orig"}
_FILE_FAF95 = (
    "fafmax_faf95_max", "faf95_popmax", "faf95_max", "faf95_grpmax", "groupmax_faf_frequency", "popmax_faf_frequency",
)  # fmt: skip
_FILE_FAF95_GROUP = (
    "fafmax_faf95_max_gen_anc", "faf95_popmax_population", "faf95_max_gen_anc", "groupmax_faf_group",
    "popmax_faf_population",
)  # fmt: skip
_FILTERS = re.compile(r"^(?:filters?(?:_(?:exomes|genomes))?|(?:exomes|genomes)_filters|as_filterstatus)$")
_DOUBLED = re.compile(r"allele counts? in (?:homozygous|hemizygous)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class FrequencyFields:
    """The fields of one source.

    Parameters
    ----------
    counts
        Field by measure and group (``""``: all).
    halved
        Fields with alleles in homozygotes (two a person), where persons are wanted.
    hemizygous
        Field with the allele count of males: hemizygous outside the pseudo-autosomal regions.
    nonpar
        Flag of these.
    file_faf95, file_faf95_group
        The largest filtering allele frequency, and its group, as the source states them.
    bounded
        Groups with a filtering allele frequency of their own in the source.
    filters
        Fields with filters, beside or instead of FILTER.
    left_out
        Fields that were recognised and are not in the store, by what they are about.
    """

    counts: Mapping[tuple[Measure, str], str]
    halved: frozenset[str] = frozenset()
    hemizygous: str | None = None
    nonpar: str | None = None
    file_faf95: str | None = None
    file_faf95_group: str | None = None
    bounded: frozenset[str] = frozenset()
    filters: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups with counts, or at least a frequency, in the order of the source."""
        found = dict.fromkeys(group for _, group in self.counts if group)
        return tuple(
            group
            for group in found
            if {("ac", group), ("an", group)} <= self.counts.keys() or ("af", group) in self.counts
        )

    @property
    def maxima(self) -> tuple[str, ...]:
        """Groups that maxima are taken over: a founder group only where the source does so itself."""
        taken = set(self.bounded)
        # the browser's tables say groupmax since release 4.1, whose joint counts have enough people of the Middle East
        if self.file_faf95 is not None and bare_name(self.file_faf95).startswith("groupmax"):
            taken.add("mid")
        return tuple(group for group in self.groups if group in taken or group not in FOUNDER_GROUPS)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every field that is read."""
        single = (self.hemizygous, self.nonpar, self.file_faf95, self.file_faf95_group)
        return (*self.counts.values(), *(name for name in single if name is not None), *self.filters)


@dataclass(frozen=True)
class _Meaning:
    measure: Measure
    group: str = ""
    sex: str = ""
    data: str = ""  # adj, joint, exomes, genomes
    why_not: str = ""


def frequency_fields(fields: Iterable[FileField]) -> FrequencyFields:
    """Tell which fields of a source are counts.

    Of fields for two data sets in one file (``AC`` and ``AC_joint``, ``AC`` and ``AC_Adj``), those are taken that
    have more groups; joint or adjusted counts where it is the same.
    """
    fields = list(fields)
    names = {bare_name(one.name): one.name for one in reversed(fields)}
    meanings = {one.name: meaning for one in fields if (meaning := _meaning(one)) is not None}
    data = _best_set(meanings)
    counts: dict[tuple[Measure, str], str] = {}
    aside: dict[str, str] = {}
    hemizygous = None
    for name, meaning in meanings.items():
        if meaning.why_not:
            aside[name] = meaning.why_not
        elif meaning.data not in (data, "") or (
            meaning.data == "" and data == "joint" and not _is_alone(meaning, meanings, data)
        ):
            aside[name] = "other data sets"
        elif meaning.sex:
            if meaning.sex == "male" and meaning.measure == "ac" and not meaning.group:
                hemizygous = name
            else:
                aside[name] = "sexes"
        elif meaning.data == data or (meaning.measure, meaning.group) not in counts:
            counts[meaning.measure, meaning.group] = name
    # a frequency is read where it does not follow from counts
    own: dict[tuple[Measure, str], str] = {
        (measure, group): name
        for (measure, group), name in counts.items()
        if measure != "faf95" and not (measure == "af" and {("ac", group), ("an", group)} <= counts.keys())
    }
    suffix = f"_{data}" if data in ("joint", *_SETS) else ""
    found = FrequencyFields(
        counts=own,
        halved=frozenset(
            one.name for one in fields if one.name in own.values() and _DOUBLED.search(one.description)
        ),
        hemizygous=None if ("hemi", "") in own else hemizygous,
        nonpar=names.get("nonpar", names.get("non_par")),
        file_faf95=_first(names, _FILE_FAF95, suffix),
        file_faf95_group=_first(names, _FILE_FAF95_GROUP, suffix),
        bounded=frozenset(group for measure, group in counts if measure == "faf95"),
        filters=tuple(one.name for one in fields if _FILTERS.match(bare_name(one.name))),
    )
    used = set(found.wanted)
    return replace(found, left_out=Counter(why for name, why in aside.items() if name not in used))


def _meaning(one: FileField) -> _Meaning | None:
    """Take a name apart; ``None`` when it is no count."""
    bare = bare_name(one.name)
    for phrase, measure in _PHRASES:
        if bare.startswith(phrase):
            rest = bare.removeprefix(phrase).strip("_")
            if not rest or rest in _GROUPS:
                return _Meaning(measure, _GROUPS.get(rest, ""))
            return _Meaning(measure, why_not="other groups")
    if one.is_numeric is False:
        return None
    tokens = bare.split("_")
    places = [place for place, token in enumerate(tokens) if token in _MEASURES]
    if not places or _HISTOGRAMS & set(tokens):
        return None
    # AC_Hom counts homozygotes, AC_Hemi hemizygotes
    place = places[-1] if tokens[places[0]] == "ac" and tokens[places[-1]] in ("hom", "hemi") else places[0]
    measure = _MEASURES[tokens[place]]
    rest_tokens = [token for at, token in enumerate(tokens) if at not in places]
    if measure == "ac" and "het" in rest_tokens:
        return _Meaning(measure, why_not="heterozygotes")
    if _MAXIMA & set(rest_tokens):
        return _Meaning(measure, why_not="maxima over groups")
    if "raw" in rest_tokens:
        return _Meaning(measure, why_not="raw counts")
    sex, data, group = "", "", []
    for token in rest_tokens:
        if token in _MALE | _FEMALE:
            sex = "male" if token in _MALE else "female"
        elif token in _SETS or token in ("adj", "joint"):
            data = token
        else:
            group.append(token)
    if not group:
        return _Meaning(measure, "", sex, data)
    if len(group) > 1 or not group[0].isalpha() or group[0] in _NO_GROUP or group[0] in _SUBSETS:
        why = "subsets" if group[0] in _SUBSETS else "groups within groups"
        return _Meaning(measure, why_not=why)
    return _Meaning(measure, _GROUPS.get(group[0], group[0]), sex, data)


_SUBSETS = {
    "controls", "non", "cancer", "neuro", "topmed", "tgp", "hgdp", "ukb", "biobank", "unrel", "consanguineous",
}  # fmt: skip
_HISTOGRAMS = {"hist", "bin", "age", "histogram"}


def _best_set(meanings: Mapping[str, _Meaning]) -> str:
    groups: dict[str, set[str]] = {}
    for meaning in meanings.values():
        if not meaning.why_not and meaning.measure in ("ac", "an", "af") and not meaning.sex:
            groups.setdefault(meaning.data, set()).add(meaning.group)
    order = ("joint", "adj", "", "genomes", "exomes")
    found = [data for data in order if data in groups]
    if "adj" in found and "" in found:
        return "adj"  # ExAC: groups have no suffix, and are adjusted too
    return max(found, key=lambda data: len(groups[data]), default="")


def _is_alone(meaning: _Meaning, meanings: Mapping[str, _Meaning], data: str) -> bool:
    """Tell whether a field without a data set is the only one of its measure and group."""
    return not any(
        other.data == data and (other.measure, other.group) == (meaning.measure, meaning.group)
        for other in meanings.values()
    )


def _first(names: Mapping[str, str], wanted: Iterable[str], suffix: str) -> str | None:
    return next((names[name + suffix] for name in wanted if name + suffix in names), None)
