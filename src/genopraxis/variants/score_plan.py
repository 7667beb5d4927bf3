"""Which scores and frequencies a VCF has, found once by its header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from genopraxis.formats.vcf_annotations import AnnotationField, annotation_fields
from genopraxis.formats.vcf_header import FieldDefinition, VcfHeader
from genopraxis.variants.score_names import ScoreName, known_name

__all__ = ["ScoreColumn", "ScorePlan", "plan_scores"]

_THOUSAND_GENOMES = ("AFR_AF", "AMR_AF", "EAS_AF", "EUR_AF", "SAS_AF")
_DELTAS = ("AG", "AL", "DG", "DL")


@dataclass(frozen=True, kw_only=True)
class ScoreColumn:
    """A column that is read from INFO.

    Parameters
    ----------
    name, dtype, description
        Of the column.
    fields
        Where it is from: INFO keys, or ``CSQ|REVEL`` for a part of a consequence string. Of several the first that
        has a value.
    score
        What it is; ``None`` for a key that was asked for.
    companion
        INFO key that says which way a value points.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str
    fields: tuple[str, ...]
    score: ScoreName | None = None
    companion: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScorePlan:
    """What of INFO is read as scores.

    Parameters
    ----------
    columns
        In the order of the table.
    notes
        Sentences on several fields with one score, and on fields that are not taken.
    consequences, spliceai
        Fields of which parts are read.
    """

    columns: tuple[ScoreColumn, ...] = ()
    notes: tuple[str, ...] = ()
    consequences: tuple[AnnotationField, ...] = ()
    spliceai: tuple[AnnotationField, ...] = ()

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Name and type of each column."""
        return {column.name: column.dtype for column in self.columns}


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A field that holds a score."""

    field: str
    score: ScoreName
    rank: tuple[int, int, int]


@dataclass(kw_only=True)
class _Columns:
    """Columns as they are collected."""

    columns: dict[str, ScoreColumn] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def choose(self, name: str, found: Sequence[_Found], companion: str | None) -> None:
        first, *others = sorted(found, key=lambda one: one.rank)
        # another way to read it is no stand-in
        others = [one for one in others if one.score.kind == first.score.kind]
        self.columns[name] = ScoreColumn(
            name=name,
            dtype=first.score.dtype,
            description=_described(first.score),
            fields=(first.field, *(one.field for one in others)),
            score=first.score,
            companion=companion,
        )
        if rest := [
            one for one in others if not first.score.family or one.score.family != first.score.family
        ]:
            fields = ", ".join(one.field for one in rest)
            self.notes.append(f"{name} is taken from {first.field}, where that has no value from {fields}")


def plan_scores(header: VcfHeader, *, extra: Sequence[str] = ()) -> ScorePlan:
    """Find the scores and frequencies of a file by the names and descriptions of its fields.

    Of several fields with one score, those of INFO go before those in a consequence string, and usual names before
    others; an allele has the first value, and ``notes`` tell it.

    Parameters
    ----------
    header
        Of the file.
    extra
        Further INFO keys, which become columns ``info_<KEY>``: one value an allele where the header says ``A`` or
        ``R``, else the value of the record; with the type of the header where that is one value, else text.
    """
    descriptions = {key: one.description for key, one in header.info.items()}
    consequences = tuple(one for one in annotation_fields(descriptions) if one.style == "vep")
    spliceai = annotation_fields(descriptions, styles=("spliceai",))
    taken = {one.key for one in (*annotation_fields(descriptions), *spliceai)}
    found: dict[str, list[_Found]] = {}
    for one in _found(header, consequences, taken):
        found.setdefault(one.score.name, []).append(one)
    columns = _Columns()
    for source in spliceai[:1]:
        _plan_spliceai(source, columns, found)
    for name, fields in found.items():
        first = min(fields, key=lambda one: one.rank)
        companion = None
        if first.score.companion:
            companion = _companion(header, first.score.companion) if "|" not in first.field else None
            if companion is None:
                columns.notes.append(f"{first.field} is not taken: nothing says which way its values point")
                continue
        columns.choose(name, fields, companion)
    if "spliceai_max" not in columns.columns and all(
        f"spliceai_{delta.lower()}" in columns.columns for delta in _DELTAS
    ):
        of = columns.columns["spliceai_ag"]
        columns.columns["spliceai_max"] = ScoreColumn(
            name="spliceai_max",
            dtype=pl.Float32,
            description="SpliceAI: highest of the four delta scores",
            fields=tuple(
                field for delta in _DELTAS for field in columns.columns[f"spliceai_{delta.lower()}"].fields
            ),
            score=of.score,
        )
    for key in dict.fromkeys(extra):
        columns.columns[f"info_{key}"] = _extra(key, header.info.get(key))
    return ScorePlan(
        columns=tuple(columns.columns.values()),
        notes=tuple(columns.notes),
        consequences=consequences[:1],
        spliceai=spliceai[:1],
    )


def _found(header: VcfHeader, consequences: Sequence[AnnotationField], taken: set[str]) -> Iterator[_Found]:
    order = 0
    thousand = all(key in header.info for key in _THOUSAND_GENOMES)
    for key, definition in header.info.items():
        if key in taken or definition.type == "Flag":
            continue
        bare = thousand and key in _THOUSAND_GENOMES
        score = known_name(key, description=definition.description, in_consequences=bare)
        if score is not None:
            yield _Found(field=key, score=score, rank=(0, score.priority, order := order + 1))
    for field_ in consequences[:1]:
        for part in field_.fields:
            score = known_name(part, in_consequences=True)
            if score is not None:
                yield _Found(
                    field=f"{field_.key}|{part}", score=score, rank=(1, score.priority, order := order + 1)
                )


def _plan_spliceai(source: AnnotationField, columns: _Columns, found: dict[str, list[_Found]]) -> None:
    for delta in (*_DELTAS, "max"):
        name = f"spliceai_{delta.lower()}"
        fields = tuple(
            f"{source.key}|DS_{one}"
            for one in _DELTAS
            if delta in (one, "max") and f"DS_{one}" in source.fields
        )
        score = known_name("spliceai_max" if delta == "max" else f"spliceai_ds_{delta}")
        if not fields or score is None:
            continue
        columns.columns[name] = ScoreColumn(
            name=name, dtype=pl.Float32, description=_described(score), fields=fields, score=score
        )
        if others := found.pop(name, []):
            rest = ", ".join(one.field for one in others)
            columns.notes.append(f"{name} is taken from {source.key}, not from {rest}")


def _companion(header: VcfHeader, plain: str) -> str | None:
    for key in header.info:
        if "".join(filter(str.isalnum, key.lower())).removeprefix("dbnsfp") == plain:
            return key
    return None


def _described(score: ScoreName) -> str:
    if score.kind != "score" or score.shared:
        return score.description
    return f"{score.description}; the {'lowest' if score.low_is_worse else 'highest'} of several transcripts"


def _extra(key: str, definition: FieldDefinition | None) -> ScoreColumn:
    dtype: type[pl.DataType] = pl.String
    if definition is not None:
        if definition.type == "Flag":
            dtype = pl.Boolean
        elif definition.number in ("1", "A", "R"):
            dtype = {"Integer": pl.Int64, "Float": pl.Float64}.get(definition.type, pl.String)
    return ScoreColumn(
        name=f"info_{key}",
        dtype=dtype,
        description=definition.description if definition is not None else "not in the header",
        fields=(key,),
    )
