"""Which fields of a source are scores, and what our name for them is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from genopraxis.contracts.errors import InputError
from genopraxis.variants.stores.rows import FileField, Source
from genopraxis.variants.stores.table_columns import bare_name

__all__ = ["ScoreField", "column_name", "score_fields", "set_name"]

Reading = Literal["number", "list", "spliceai"]

LIMIT = 40
"""Columns that are taken without being named."""

# names in the file → name of the set, and of its columns: a store `cadd` answers with cadd_phred
_KNOWN: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {
    ("rawscore", "phred"): ("cadd", ("raw", "phred")),
    ("am_pathogenicity",): ("alphamissense", ("score",)),
    ("revel",): ("revel", ("score",)),
    ("spliceai",): ("spliceai", ("max_delta",)),
}

# fields of VCF's own, and columns of tables, that are numbers and no scores
_NO_SCORES = {
    "ac", "an", "af", "ad", "adf", "adr", "dp", "end", "svlen", "ns", "mq", "mq0", "bq", "sb", "svtype", "rs",
    "dbsnpbuildid", "alleleid", "variation_id", "id", "qual", "gold_stars", "strand", "exon", "intron", "aapos",
    "grch38_pos", "hg19_pos", "hg38_pos", "grch37_pos", "start", "stop", "ncalled", "nhomalt", "gene_id",
    "label", "maf",
}  # fmt: skip
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreField:
    """A field of a source, the column that it becomes, and how its values are read."""

    name: str
    column: str
    reading: Reading


def column_name(name: str) -> str:
    """Return a name that a column may have: lower case, with ``_`` for what is neither letter nor digit."""
    bare = _NOT_WORD.sub("_", name).strip("_").lower()
    return bare if bare[:1].isalpha() else f"score_{bare}".rstrip("_")


def set_name(source: Source) -> str | None:
    """Return the name of a set of scores that is known by its fields."""
    found = _known(source)
    return found[0] if found else None


def score_fields(
    source: Source, wanted: Sequence[str] = (), *, numeric: Sequence[str] = ()
) -> list[ScoreField]:
    """Tell which fields become columns.

    Parameters
    ----------
    wanted
        As the user names them; by default those of a known set, else all with numbers.
    numeric
        Columns of a table whose values are numbers; a VCF says it in its header.

    Raises
    ------
    InputError
        When a wanted one is not there, none is left, or there are too many to take all.
    """
    known = _known(source)
    names = {name.lower(): one for name, one in source.fields.items()}
    if wanted:
        if lost := [name for name in wanted if name.lower() not in names]:
            raise InputError(
                f"has no {', '.join(lost)} (it has {_some(list(source.fields))})", where=str(source.path)
            )
        chosen = [names[name.lower()] for name in wanted]
    elif known:
        chosen = [names[name] for name in known[1]]
    else:
        chosen = [one for one in source.fields.values() if _is_score(one, numeric)]
    if not chosen:
        raise InputError(
            f"has no field with numbers that could be scores (it has {_some(list(source.fields))})",
            where=str(source.path),
            hint="name it with --column",
        )
    if len(chosen) > LIMIT and not wanted:
        raise InputError(
            f"has {len(chosen)} fields with numbers ({_some([one.name for one in chosen])})",
            where=str(source.path),
            hint="say with --column, once or more, which are wanted",
        )
    ours = dict(zip(known[1], known[2], strict=True)) if known else {}
    found = [
        ScoreField(
            name=one.name,
            column=ours.get(one.name.lower(), column_name(one.name)),
            reading=_reading(one, source),
        )
        for one in chosen
    ]
    columns = [one.column for one in found]
    if twice := {column for column in columns if columns.count(column) > 1}:
        raise InputError(f"two fields become the column {', '.join(sorted(twice))}", where=str(source.path))
    return found


def _known(source: Source) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    names = {name.lower() for name in source.fields}
    for fields, (name, columns) in _KNOWN.items():
        if set(fields) <= names:
            return name, fields, columns
    return None


def _is_score(one: FileField, numeric: Sequence[str]) -> bool:
    if bare_name(one.name) in _NO_SCORES:
        return False
    return one.is_numeric if one.is_numeric is not None else one.name in numeric


def _reading(one: FileField, source: Source) -> Reading:
    if one.name.lower() == "spliceai" and not one.is_numeric:
        return "spliceai"
    if source.is_vcf and one.is_numeric:
        return "number"
    return "list"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "") or "none"
