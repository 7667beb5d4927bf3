"""What ClinVar says of a variant: its VCF of any year, or a table with its words, becomes a store."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.formats.files import read_text
from genopraxis.knowledge.variant_store_card import StoreColumn
from genopraxis.variants.stores.clinvar_terms import (
    SIGNIFICANCE,
    counts_of,
    origin_of,
    significance_of,
    stars_of,
    summary_of,
    words,
)
from genopraxis.variants.stores.rows import Rows, Source
from genopraxis.variants.stores.table_columns import bare_name

__all__ = ["ClinvarTable", "read_keys"]

_FIELDS = {
    "clnsig": ("clnsig", "clinicalsignificance", "clinical_significance", "significance"),
    "review": ("clnrevstat", "review_status", "reviewstatus", "gold_stars", "stars"),
    "conflicting": ("clnsigconf",),
    "variation_id": ("variation_id", "variationid", "clinvar_id", "id"),
    "allele_id": ("alleleid", "allele_id"),
    "condition": ("clndn", "clndbn", "condition", "phenotypelist", "conditions"),
    "origin": ("origin", "clnorigin", "sao"),
    "allele": ("clnalle",),
}
_COLUMNS = (
    StoreColumn(name="significance", dtype="category", description="what it is said to be", categories=SIGNIFICANCE),
    StoreColumn(name="stars", dtype="int32", description="ClinVar's review stars, 0 to 4"),
    StoreColumn(name="clnsig", dtype="text", description="significance in the words of the source"),
    StoreColumn(name="review_status", dtype="text", description="review status in the words of the source"),
    StoreColumn(name="conflicting", dtype="text", description="submissions by significance, where they conflict"),
    StoreColumn(name="n_pathogenic", dtype="int32", description="of these, pathogenic or likely pathogenic"),
    StoreColumn(name="n_uncertain", dtype="int32", description="of these, uncertain"),
    StoreColumn(name="n_benign", dtype="int32", description="of these, benign or likely benign"),
    StoreColumn(name="variation_id", dtype="int32", description="ClinVar's number of the variant"),
    StoreColumn(name="allele_id", dtype="int32", description="ClinVar's number of the allele"),
    StoreColumn(name="condition", dtype="text", description="conditions, in the words of the source"),
    StoreColumn(name="origin", dtype="text", description="origins of the allele"),
)  # fmt: skip
_NEEDS = {
    "significance": "clnsig", "stars": "review", "clnsig": "clnsig", "review_status": "review",
    "conflicting": "conflicting", "n_pathogenic": "conflicting", "n_uncertain": "conflicting",
    "n_benign": "conflicting", "variation_id": "variation_id", "allele_id": "allele_id", "condition": "condition",
    "origin": "origin",
}  # fmt: skip
_DATE = re.compile(r"##file[Dd]ate=(\d{4})-?(\d{2})-?(\d{2})")
_NAMED_DATE = re.compile(r"(20[12]\d)-?([01]\d)-?([0-3]\d)?")
_COMPRESSED = "custom-compressed"
_KEYS = {"CLNSIG": "clinical_significances", "CLNREVSTAT": "clinical_review_statuses"}

Keys = Mapping[str, Sequence[str]]


def read_keys(path: Path) -> dict[str, list[str]]:
    """Read what the codes of a compressed ClinVar table stand for: comment lines with ``name = [...]``.

    Raises
    ------
    InputError
        When there are none.
    """
    found: dict[str, list[str]] = {}
    for line in read_text(path).split("\n"):
        name, equals, value = line.lstrip("# ").partition(" = ")
        if line.startswith("#") and equals and value.startswith("["):
            try:
                found[name] = [str(one) for one in json.loads(value)]
            except ValueError as error:
                raise InputError(f"the list of {name} cannot be read", where=str(path)) from error
    if not found:
        raise InputError("holds no keys (lines such as `# clinical_significances = [...]`)", where=str(path))
    return found


class ClinvarTable:
    """Turns the rows of a ClinVar file into those of a store.

    Parameters
    ----------
    keys
        What codes stand for, of a table that has codes of its own.

    Raises
    ------
    InputError
        When the file has no significance, or codes whose meaning is not known.
    """

    def __init__(self, source: Source, keys: Keys | None = None) -> None:
        self._source = source
        self._names = self._find(source)
        self._keys = keys or {}
        if "clnsig" not in self._names:
            some = ", ".join(list(source.fields)[:12]) or "none"
            raise InputError(
                f"has no clinical significance: CLNSIG is wanted (its fields: {some})",
                where=str(source.path),
                hint="give ClinVar's own VCF, or a table with a column clnsig",
            )
        if not self._keys and any(_COMPRESSED in line for line in source.meta):
            raise InputError(
                "has codes of its own for significance and review status",
                where=str(source.path),
                hint="give the file that lists what they stand for with --keys",
            )
        self._strange: Counter[str] = Counter()
        self._memory: dict[str, dict[tuple[str | None, ...], tuple[object, ...]]] = {"said": {}, "counts": {}}
        self._origins: dict[str, str] = {}
        self._codes: set[str] = set()

    @staticmethod
    def _find(source: Source) -> dict[str, str]:
        names = {bare_name(name): name for name in reversed(list(source.fields))}
        found: dict[str, str] = {}
        for role, known in _FIELDS.items():
            for name in known:
                if name in names and not (role == "variation_id" and name == "id" and source.is_vcf):
                    found[role] = names[name]
                    break
        return found

    @property
    def wanted(self) -> Sequence[str]:
        """Fields to be read."""
        return tuple(self._names.values())

    @property
    def columns(self) -> tuple[StoreColumn, ...]:
        """Columns of the store: those that the source tells."""
        has = set(self._names) | ({"variation_id"} if self._source.is_vcf else set())
        return tuple(column for column in _COLUMNS if _NEEDS[column.name] in has)

    @property
    def version(self) -> str | None:
        """Date of the release, by the header or the name of the file."""
        for line in self._source.meta:
            if found := _DATE.match(line):
                return "-".join(found.groups())
        texts = [self._source.path.name, *self._source.meta]
        for text in texts:
            if "clinvar" in text.lower() and (named := _NAMED_DATE.search(text)):
                return "-".join(part for part in named.groups() if part)
        return None

    def table(self, rows: Rows) -> pl.DataFrame:
        """Return the columns of the store for some rows; those without a statement are left out."""
        texts = {role: self._text(rows, role) for role in self._names if role != "allele"}
        own = self._own_parts(rows, texts)
        said = self._each(("clnsig", "review"), own, "said", self._said)
        made: dict[str, pl.Series] = {
            "significance": said[0].cast(pl.String),
            "stars": said[1].cast(pl.Int32),
            "clnsig": own["clnsig"],
            "review_status": own.get("review", said[0]),
        }
        if "conflicting" in own:
            pathogenic, uncertain, benign = self._each(("conflicting",), own, "counts", _counts)
            made |= {"n_pathogenic": pathogenic, "n_uncertain": uncertain, "n_benign": benign}
            made["conflicting"] = own["conflicting"].str.replace_all("%3B", "|", literal=True)
        if "condition" in own:
            made["condition"] = own["condition"].str.replace_all("_", " ", literal=True)
        if "origin" in own:
            made["origin"] = self._origin(own["origin"])
        if "allele_id" in self._names:
            made["allele_id"] = rows.number(self._names["allele_id"], dtype=pl.Int64)
        if "variation_id" in self._names:
            made["variation_id"] = rows.number(self._names["variation_id"], dtype=pl.Int64)
        elif self._source.is_vcf:
            # since 2017 the ID is the number of the variation; before, an rs number
            made["variation_id"] = rows.alleles["id"].cast(pl.Int64, strict=False)
        table = rows.alleles.select("chrom", "pos", "ref", "alt").with_columns(
            (
                made[column.name].cast(pl.Int32, strict=False)
                if column.dtype == "int32"
                else made[column.name]
            ).alias(column.name)
            for column in self.columns
        )
        stated = table["significance"].is_not_null()
        self._source.left_out["no_significance"] += int((~stated).sum())
        return table.filter(stated)

    def notes(self) -> list[str]:
        """Return what the reader of the store should know.

        Raises
        ------
        InputError
            When a table's numbers are more likely labels than ClinVar's codes.
        """
        told = []
        if self._codes:
            if not self._source.is_vcf and self._codes <= {"0", "1", "2"}:
                raise InputError(
                    f"its significances are the numbers {', '.join(sorted(self._codes))}: labels, or ClinVar's codes?",
                    where=str(self._source.path),
                    hint="write them as words, such as Pathogenic and Benign",
                )
            told.append(
                "numeric significances are read as ClinVar's codes of before 2017 (5 pathogenic, 2 benign …)"
            )
        if self._strange:
            some = ", ".join(f"{word} ({n:,})" for word, n in self._strange.most_common(5))
            told.append(f"words that are none of ClinVar's, taken as other or without stars: {some}")
        if "review" not in self._names:
            told.append("the source has no review status: there are no stars")
        return told

    def _text(self, rows: Rows, role: str) -> pl.Series:
        name = self._names[role]
        text = rows.text(name)
        if (names := self._keys.get(_KEYS.get(name.upper(), ""))) is not None:
            wrong = text.is_not_null() & ~text.is_in([str(code) for code in range(len(names))])
            if wrong.any():
                raise InputError(
                    f"{name} has the code {text.filter(wrong)[0]!r}, which --keys does not list",
                    where=str(self._source.path),
                )
            return text.replace_strict({str(code): word for code, word in enumerate(names)}, default=None)
        return text

    def _own_parts(self, rows: Rows, texts: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        """Before 2017 values were lists by allele, in the order of CLNALLE: return the part of each allele."""
        own = dict(texts)
        if "allele" not in self._names:
            return own
        order = rows.text(self._names["allele"]).to_list()
        numbers = [str(number) for number in rows.alleles["allele"].to_list()]
        several = [
            n for n, (of, number) in enumerate(zip(order, numbers, strict=True)) if of not in (None, number)
        ]
        if not several:
            return own
        changed = {role: own[role].to_list() for role in ("clnsig", "review", "condition") if role in own}
        for n in several:
            alleles = order[n].split(",")
            place = alleles.index(numbers[n]) if numbers[n] in alleles else None
            self._source.left_out["about_another_allele"] += place is None
            for values in changed.values():
                parts = (values[n] or "").split(",")
                values[n] = None if place is None or place >= len(parts) else parts[place]
        return own | {role: pl.Series(role, values, dtype=pl.String) for role, values in changed.items()}

    def _each(
        self,
        roles: Sequence[str],
        own: Mapping[str, pl.Series],
        memory: str,
        answer: Callable[..., tuple[object, ...]],
    ) -> list[pl.Series]:
        """Answer once for each distinct text: ClinVar has few."""
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(own["clnsig"]))
        given = [own.get(role, nothing) for role in roles]
        frame = pl.DataFrame([series.alias(role) for role, series in zip(roles, given, strict=True)])
        known = self._memory[memory]
        distinct = frame.unique(maintain_order=True)
        answers = []
        for row in distinct.iter_rows():
            if row not in known:
                known[row] = answer(*row)
            answers.append(known[row])
        width = len(next(iter(known.values()), (None,) * 3))
        table = distinct.with_columns(
            pl.Series(f"answer {place}", [one[place] for one in answers], strict=False)
            for place in range(width)
        )
        joined = frame.join(table, on=list(roles), how="left", nulls_equal=True, maintain_order="left")
        return [joined[f"answer {place}"] for place in range(width)]

    def _said(self, clnsig: str | None, review: str | None) -> tuple[str | None, int | None]:
        """Return significance and stars of one text of each."""
        statuses = [] if review is None else self._statuses(review)
        if clnsig is None:
            return None, None
        said = []
        for word in words(clnsig):
            found = significance_of(word)
            if word.isdecimal():
                self._codes.add(word)
            if found is None:
                self._strange[word] += 1
            said.append(found or "other")
        summary = summary_of(said, statuses)
        stars = [star for star in statuses if star is not None]
        if summary == "conflicting" and stars:
            return summary, max(stars) if max(stars) > 2 else min(max(stars), 1)
        return summary, max(stars) if stars else None

    def _statuses(self, review: str) -> list[int | None]:
        whole = stars_of(review)
        if whole is not None:
            return [whole]
        found = [stars_of(part) for part in re.split(r"[|,]", review)]
        if None in found:
            self._strange[review] += 1
        return found

    def _origin(self, text: pl.Series) -> pl.Series:
        for one in text.drop_nulls().unique():
            self._origins.setdefault(one, origin_of(one))
        return text.replace_strict(self._origins, default=None, return_dtype=pl.String)


def _counts(text: str | None) -> tuple[int | None, int | None, int | None]:
    return (None, None, None) if text is None else counts_of(text)
