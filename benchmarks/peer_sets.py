"""Case files with the ranks that other programs gave, and what must be held out before ours ranks a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from own_publications import NAMED, Publications

from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.formats.files import atomic_file
from genopraxis.tasks.phenotype.bench.cases import DISEASE, read_cases
from genopraxis.tasks.phenotype.bench.prepare import PreparedPatient, patients, prepare_cases
from genopraxis.tasks.phenotype.training.case_set import CaseSet, fold_of, group_of


@dataclass(frozen=True, kw_only=True)
class Program:
    """Another program: what to call it, and the columns that hold the ranks it gave to the right answer."""

    name: str
    disease: str
    gene: str | None = None


@dataclass(frozen=True, kw_only=True)
class PeerSet:
    """A case file with published ranks.

    Parameters
    ----------
    elsewhere
        Figures of programs whose ranks were not published case by case: label, and percent among the first 1, 3, 10.
    """

    file: str
    programs: tuple[Program, ...]
    elsewhere: tuple[tuple[str, tuple[float, float, float]], ...] = ()


SETS = {
    "pps200": PeerSet(
        file="pps200_exomiser_llm_ranks.dev.jsonl.gz",
        programs=(Program(name="Exomiser", disease="Exomiser_files"),),
    ),
    "lirical385": PeerSet(
        file="lirical385_exomiser1330_gpt_ranks.jsonl.gz",
        programs=(
            Program(
                name="Exomiser 13.3.0 (2109)",
                disease="exomiser-13.3.0-2109|disease",
                gene="exomiser-13.3.0-2109|gene",
            ),
        ),
    ),
    "reese": PeerSet(
        file="reese5211_cases_llm_ranks.dev.jsonl.gz",
        programs=(
            Program(name="GPT-4o", disease="gpt_4o"),
            Program(name="o1", disease="gpt_o1"),
            Program(name="o1-preview", disease="gpt_o1_preview"),
        ),
        elsewhere=(
            ("Exomiser, published for the whole set", (35.5, 46.3, 58.5)),
            ("o1-preview, published for the whole set", (23.6, 31.2, 36.8)),
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class PeerCase:
    """A case of a peer set.

    Parameters
    ----------
    publications
        Its publication, or all that may be it.
    fold
        Whose model ranks it.
    strata
        Parts of the set that it belongs to.
    paper
        Cases of one paper are not independent.
    """

    one: PreparedCase
    publications: tuple[str, ...]
    fold: int
    strata: tuple[str, ...]
    paper: str

    @property
    def patient(self) -> PreparedPatient:
        """What the task prepared for the case."""
        ((_, patient),) = patients([self.one])
        return patient


def peer_cases(path: Path, known: Publications, *, folds: int) -> list[PeerCase]:
    """Read the cases of a set, and find for each what must be held out; those of one fold and paper together."""
    prepared, _ = prepare_cases(read_cases([str(path)], name=path.stem), known.found.knowledge, counts=None)
    trained = set(known.found.groups)
    cases = []
    for one, patient in patients(prepared):
        diseases = one.case.truths.get(DISEASE, ())
        stated = one.case.group
        publications = (stated,) if stated is not None else known.possible(one, patient)
        inside = [p for p in publications if p in trained]
        fold = fold_of(inside[0] if inside else (stated or group_of(one)), folds)
        named = NAMED.match(one.case.case_id)
        cited = not known.cited(diseases).isdisjoint(publications)
        if not any(known.found.knowledge.annotates(d) for d in diseases):
            strata = ["disease not annotated"]
        elif stated is not None:
            strata = ["own publication cited" if cited else "never leaked"]
        else:
            strata = ["a possible own publication cited" if cited else "none cited"]
        if stated is None and all(fold_of(p, folds) == fold for p in inside):
            strata.append("weights have seen none")
        cases.append(
            PeerCase(
                one=one,
                publications=publications,
                fold=fold,
                strata=tuple(strata),
                paper=stated or (named["paper"] if named else group_of(one)),
            )
        )
    return sorted(cases, key=lambda c: (c.fold, c.publications, c.one.case.case_id))


def write_held_out(cases: Sequence[PeerCase], path: Path) -> None:
    """Write what was held out of each case's tool."""
    table = pl.DataFrame(
        {
            "case_id": [one.one.case.case_id for one in cases],
            "fold": [one.fold for one in cases],
            "paper": [one.paper for one in cases],
            "publications": [" ".join(one.publications) for one in cases],
            "strata": ["; ".join(one.strata) for one in cases],
        }
    )
    with atomic_file(path) as temporary:
        table.write_csv(temporary, separator="\t")


def held_out_facts(cases: Sequence[PeerCase], found: CaseSet, *, folds: int) -> str:
    """Return a sentence on how many cases have a publication in the training file."""
    trained = set(found.groups)
    inside = [[p for p in one.publications if p in trained] for one in cases]
    unstated = [i for i, one in enumerate(cases) if one.one.case.group is None]
    facts = [
        f"{len(cases):,} cases of {len({one.paper for one in cases}):,} papers",
        f"{sum(bool(own) for own in inside):,} with a publication, or a possible one, of the training file",
    ]
    if unstated:
        several = sum(len({fold_of(p, folds) for p in inside[i]}) > 1 for i in unstated)
        most = np.median([len(cases[i].publications) for i in unstated])
        facts += [
            f"publication not stated: {len(unstated):,} (median {most:.0f} possible ones)",
            f"possible ones in more than one fold, so that the weights may have seen one: {several:,}",
        ]
    return "; ".join(facts) + "."
