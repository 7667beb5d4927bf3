"""The ontology graph: terms as integers, ancestors as one sparse array."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import KnowledgeError

PHENOTYPIC_ABNORMALITY = "HP:0000118"

_ALIKE = 0.7  # similarity below which a name without a common stem is no suggestion

Status = Literal["current", "alternative", "obsolete", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """What became of a term id: the current id, or ``None``, and why."""

    given: str
    term_id: str | None
    status: Status


@dataclass(frozen=True, kw_only=True)
class Ontology:
    """Current terms of a release, numbered 0 … n − 1 in the order of their ids.

    Parameters
    ----------
    terms
        ``term_id``, ``label``, one row per current term, sorted by id.
    renamed
        ``given``, ``term_id`` (null when it has no successor), ``status`` for alternative and obsolete ids.
    synonyms
        ``term`` (number), ``synonym``.
    ancestor_start, ancestor_terms
        The ancestors of term *i*, itself included, sorted, are
        ``ancestor_terms[ancestor_start[i]:ancestor_start[i + 1]]``.
    """

    terms: pl.DataFrame
    renamed: pl.DataFrame
    synonyms: pl.DataFrame
    ancestor_start: NDArray[np.int32]
    ancestor_terms: NDArray[np.int32]

    @cached_property
    def ids(self) -> list[str]:
        """Term ids by number."""
        return self.terms["term_id"].to_list()

    @cached_property
    def labels(self) -> list[str]:
        """Labels by number."""
        return self.terms["label"].to_list()

    @cached_property
    def number(self) -> dict[str, int]:
        """Term number by current id."""
        return {term_id: i for i, term_id in enumerate(self.ids)}

    @cached_property
    def _renamed(self) -> dict[str, tuple[str | None, Status]]:
        return {given: (term_id, status) for given, term_id, status in self.renamed.iter_rows()}

    @cached_property
    def is_phenotype(self) -> NDArray[np.bool_]:
        """Whether term *i* is a phenotypic abnormality (HP:0000118 or below)."""
        root = self.number.get(PHENOTYPIC_ABNORMALITY)
        if root is None:
            raise KnowledgeError(
                f"the ontology has no {PHENOTYPIC_ABNORMALITY}", hint="take an official HPO release"
            )
        mask = np.zeros(len(self.ids), dtype=np.bool_)
        owner = np.repeat(np.arange(len(self.ids)), np.diff(self.ancestor_start))
        mask[owner[self.ancestor_terms == root]] = True
        return mask

    def ancestors(self, term: int) -> NDArray[np.int32]:
        """Numbers of the ancestors of a term, itself included."""
        return self.ancestor_terms[self.ancestor_start[term] : self.ancestor_start[term + 1]]

    def parents(self, term: int) -> NDArray[np.int32]:
        """Numbers of the direct parents of a term, sorted: its ancestors that are above none of the others.

        An ``is_a`` that others imply, such as one to a parent's own parent, does not make a direct parent.
        """
        above = self.ancestors(term)
        higher = {
            over
            for one in above.tolist()
            if one != term
            for over in self.ancestors(one).tolist()
            if over != one
        }
        direct = [one for one in above.tolist() if one != term and one not in higher]
        return np.array(direct, dtype=np.int32)

    def descendants(self, term: int) -> NDArray[np.int32]:
        """Numbers of the terms below a term, itself included."""
        places = np.flatnonzero(self.ancestor_terms == term)
        owners: NDArray[np.int32] = (np.searchsorted(self.ancestor_start, places, "right") - 1).astype(
            np.int32
        )
        return owners

    def resolve(self, given: str) -> Resolution:
        """Find the current id of a term that may be an alternative or obsolete one."""
        if given in self.number:
            return Resolution(given=given, term_id=given, status="current")
        if given in self._renamed:
            term_id, status = self._renamed[given]
            return Resolution(given=given, term_id=term_id, status=status)
        return Resolution(given=given, term_id=None, status="unknown")

    def nearest(self, text: str, *, n: int = 3) -> list[tuple[str, str]]:
        """Return ids and labels of the terms whose id, label or synonym is most like ``text``."""
        if not text.strip():
            return []
        if text.upper().startswith("HP:"):
            near = get_close_matches(text.upper(), self.ids, n=n, cutoff=0.5)
            return [(term_id, self.labels[self.number[term_id]]) for term_id in near]
        wanted = text.casefold()
        words = [w for w in wanted.split() if len(w) > 3] or [wanted]
        names = pl.concat(
            [
                self.terms.select(term=pl.int_range(pl.len(), dtype=pl.Int32), name="label"),
                self.synonyms.select("term", name="synonym"),
            ]
        ).with_columns(pl.col("name").str.to_lowercase())
        # a shared word stem keeps the list short enough for an exact comparison
        shared = pl.any_horizontal(pl.col("name").str.contains(word[:5], literal=True) for word in words)
        candidates, cutoff = names.filter(shared), 0.0
        if candidates.is_empty():  # the stem itself may be misspelt
            candidates, cutoff = names, _ALIKE
        alike = (
            (SequenceMatcher(a=wanted, b=name, autojunk=False).ratio(), term)
            for term, name in candidates.iter_rows()
        )
        scored = sorted((pair for pair in alike if pair[0] >= cutoff), reverse=True)
        found = list(dict.fromkeys(term for _, term in scored))[:n]
        return [(self.ids[term], self.labels[term]) for term in found]


def build_ontology(terms: pl.DataFrame) -> Ontology:
    """Number the current terms and close the graph.

    Parameters
    ----------
    terms
        The :data:`genopraxis.formats.ontology_file.TERMS` table.

    Raises
    ------
    KnowledgeError
        When the is_a relation has a cycle.
    """
    current = terms.filter(~pl.col("obsolete")).sort("term_id")
    number = {term_id: i for i, term_id in enumerate(current["term_id"])}
    parents = [[number[p] for p in row if p in number] for row in current["parents"].to_list()]
    closed = _close(parents, current["term_id"].to_list())
    alternative = (
        terms.select(given="alternative_ids", term_id="term_id").explode("given").drop_nulls("given")
    )
    obsolete = terms.filter("obsolete").select(given="term_id", term_id="replaced_by")
    renamed = pl.concat(
        [
            alternative.with_columns(status=pl.lit("alternative")),
            obsolete.with_columns(status=pl.lit("obsolete")),
        ]
    ).unique("given", keep="first", maintain_order=True)
    renamed = renamed.filter(~pl.col("given").is_in(list(number)))
    successor = dict(renamed.select("given", "term_id").iter_rows())
    renamed = renamed.with_columns(
        term_id=pl.Series([_follow(given, successor, number) for given in successor], dtype=pl.String)
    )
    return Ontology(
        terms=current.select("term_id", "label"),
        renamed=renamed,
        synonyms=current.select(term=pl.int_range(pl.len(), dtype=pl.Int32), synonym="synonyms")
        .explode("synonym")
        .drop_nulls(),
        ancestor_start=np.cumsum([0, *(len(c) for c in closed)], dtype=np.int32),
        ancestor_terms=np.fromiter((a for c in closed for a in c), dtype=np.int32),
    )


def _follow(given: str, successor: dict[str, str | None], current: dict[str, int]) -> str | None:
    """Return the current term at the end of a chain of successors; ``None`` when it ends nowhere or in a ring."""
    seen: set[str] = set()
    term: str | None = given
    while term is not None and term not in current and term not in seen:
        seen.add(term)
        term = successor.get(term)
    return term if term in current else None


def _close(parents: list[list[int]], ids: list[str]) -> list[list[int]]:
    closed: list[list[int] | None] = [None] * len(parents)
    for start in range(len(parents)):
        stack, open_path = [start], set[int]()
        while stack:
            term = stack[-1]
            if closed[term] is not None:
                stack.pop()
                continue
            waiting = [p for p in parents[term] if closed[p] is None]
            if waiting:
                if term in open_path:
                    raise KnowledgeError(f"the is_a relation has a cycle through {ids[term]}")
                open_path.add(term)
                stack.extend(waiting)
                continue
            reached = {term}
            for parent in parents[term]:
                reached.update(closed[parent] or ())
            closed[term] = sorted(reached)
            open_path.discard(term)
            stack.pop()
    return [c if c is not None else [] for c in closed]
