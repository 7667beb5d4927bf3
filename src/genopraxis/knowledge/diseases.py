"""Diseases of the catalogues, their genes, and which entries of two catalogues are the same disease."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

# An entry of an earlier catalogue names a group of linked entries.
CATALOGUES = ("OMIM", "ORPHA", "DECIPHER")


@dataclass(frozen=True, kw_only=True)
class Diseases:
    """Catalogue entries, numbered in the order of their ids.

    Parameters
    ----------
    entries
        ``disease_id``, ``name``, ``group`` (number of the group of linked entries), ``place`` (number of the
        place in a list that groups of one name share, linked or not), sorted by id.
    gene_links
        The :data:`genopraxis.formats.hpoa.GENE_LINKS` table.
    """

    entries: pl.DataFrame
    gene_links: pl.DataFrame

    @cached_property
    def ids(self) -> list[str]:
        """Catalogue ids by number."""
        return self.entries["disease_id"].to_list()

    @cached_property
    def names(self) -> list[str]:
        """Names by number."""
        return self.entries["name"].to_list()

    @cached_property
    def number(self) -> dict[str, int]:
        """Disease number by catalogue id."""
        return {disease_id: i for i, disease_id in enumerate(self.ids)}

    @cached_property
    def group(self) -> NDArray[np.int32]:
        """Group number by disease number."""
        groups: NDArray[np.int32] = self.entries["group"].to_numpy()
        return groups

    @cached_property
    def place(self) -> NDArray[np.int32]:
        """Place by group number: groups that carry one name and contradict in no gene share a place."""
        places = np.zeros(len(self.members), dtype=np.int32)
        places[self.group] = self.entries["place"].to_numpy()
        return places

    @cached_property
    def neighbours(self) -> dict[int, tuple[int, ...]]:
        """The other groups of a group's place, by group number; most groups have none."""
        shared: dict[int, list[int]] = {}
        for group, place in enumerate(self.place.tolist()):
            shared.setdefault(place, []).append(group)
        return {g: tuple(o for o in s if o != g) for s in shared.values() if len(s) > 1 for g in s}

    @cached_property
    def members(self) -> list[tuple[int, ...]]:
        """Disease numbers by group, the naming entry first."""
        rank = {name: i for i, name in enumerate(CATALOGUES)}
        members: list[list[int]] = [[] for _ in range(int(self.group.max(initial=-1)) + 1)]
        for disease, group in enumerate(self.group.tolist()):
            members[group].append(disease)
        return [
            tuple(sorted(m, key=lambda d: (rank.get(self.ids[d].split(":")[0], len(rank)), self.ids[d])))
            for m in members
        ]

    @cached_property
    def genes(self) -> dict[str, tuple[str, ...]]:
        """Gene symbols by catalogue id: the Mendelian links where some are marked so, never polygenic ones."""
        kept = self.gene_links.filter(pl.col("association_type").fill_null("") != "POLYGENIC")
        mendelian = pl.col("association_type").fill_null("") == "MENDELIAN"
        best = kept.filter(mendelian | ~mendelian.any().over("disease_id"))
        grouped = best.sort("symbol").group_by("disease_id").agg("symbol")
        return {disease_id: tuple(symbols) for disease_id, symbols in grouped.iter_rows()}

    def genes_of_group(self, group: int) -> tuple[str, ...]:
        """Gene symbols of a group of linked entries.

        Those of the naming entry; of a linked entry only where it has none, since other catalogues also list
        genes that modify a disease or predispose to it.
        """
        for disease in self.members[group]:
            if genes := self.genes.get(self.ids[disease]):
                return genes
        return ()


def build_diseases(names: pl.DataFrame, gene_links: pl.DataFrame) -> Diseases:
    """Number the diseases and link entries of the same disease.

    Two entries of different catalogues are linked when their names agree, word order, case and punctuation
    aside, **and** they share a gene. A gene alone never links: LMNA stands behind a dozen diseases. A name
    that two entries of one catalogue carry links nothing.

    Where the names agree and one of the two has no gene, nothing is linked and no annotation is pooled, but the
    two share a place in a list, so that neither pushes the other down.

    Parameters
    ----------
    names
        ``disease_id``, ``disease_name``, one row per disease.
    gene_links
        The :data:`genopraxis.formats.hpoa.GENE_LINKS` table.
    """
    entries = (
        names.unique("disease_id", keep="first", maintain_order=True)
        .select("disease_id", name="disease_name")
        .sort("disease_id")
    )
    ids, labels = entries["disease_id"].to_list(), entries["name"].to_list()
    genes: dict[str, set[str]] = {}
    for symbol, disease_id in gene_links.select("symbol", "disease_id").iter_rows():
        genes.setdefault(disease_id, set()).add(symbol)
    alike: dict[str, dict[str, list[int]]] = {}
    for i, (disease_id, label) in enumerate(zip(ids, labels, strict=True)):
        if key := _name_key(label):
            alike.setdefault(key, {}).setdefault(disease_id.split(":")[0], []).append(i)
    group = np.arange(len(ids), dtype=np.int32)
    place = np.arange(len(ids), dtype=np.int32)
    for by_catalogue in alike.values():
        if any(len(entries_alike) > 1 for entries_alike in by_catalogue.values()):
            continue
        single = [by_catalogue[name][0] for name in CATALOGUES if name in by_catalogue]
        for earlier, other in combinations(single, 2):
            if genes.get(ids[earlier], set()) & genes.get(ids[other], set()):
                group[[i for i in single if group[i] == group[other]]] = group[earlier]
        place[single] = group[single]
        for earlier, other in combinations(single, 2):
            # an entry without a gene must not bring two together whose genes contradict
            known = [any(ids[i] in genes for i in single if place[i] == place[e]) for e in (earlier, other)]
            if not all(known):
                place[[i for i in single if place[i] == place[other]]] = place[earlier]
    numbered = {
        name: pl.Series(np.unique(values, return_inverse=True)[1], dtype=pl.Int32)
        for name, values in (("group", group), ("place", place))
    }
    return Diseases(entries=entries.with_columns(**numbered), gene_links=gene_links)


def _name_key(name: str) -> str:
    # accents go, other letters stay: α- and β-thalassemia are two diseases
    decomposed = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    words = re.findall(r"[^\W_]+", re.sub(r"['’]", "", plain))
    return " ".join(sorted(word for word in words if word != "type"))
