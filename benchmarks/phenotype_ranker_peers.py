"""phenotype.ranker beside the published ranks of other programs, case by case.

Every case is ranked by the model of the fold that its publication belongs to, whose weights and case library have
seen nothing of that publication. Regimes: ``full`` takes nothing out of the annotations, as the other programs ran;
``publication-out`` takes out what the case's publication gave to them.

Where a file does not name the publications (lirical385), every publication that may be a case's own counts as its
own: it is taken out of the library in both regimes, and out of the annotations in ``publication-out``. May be: it
describes the disease or the gene, and its year is within two of that in the case's name, or one of its patients
has much the same signs. The model is that of the fold of the likeliest one.

    python benchmarks/phenotype_ranker_peers.py DATA TRAINED OUT [--set pps200 …]

DATA holds the case files, TRAINED is the folder of `genopraxis tools train phenotype.ranker`. Writes prediction tables
and what was held out to OUT/<set>, and prints Markdown tables.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import polars as pl
from own_publications import Publications
from peer_report import LIKELIHOOD, RANKER, report
from peer_sets import SETS, PeerCase, held_out_facts, peer_cases, write_held_out
from published_ranks import rank_table

from genopraxis.contracts.errors import GenopraxisError
from genopraxis.formats.case_lines import read_case_lines
from genopraxis.formats.files import atomic_file, ensure_writable_folder
from genopraxis.knowledge.annotations import Rows
from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import Contribution, PublicationCounts
from genopraxis.tasks.phenotype.bench.answers import Answers
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE
from genopraxis.tasks.phenotype.bench.prepare import PreparedPatient, patients
from genopraxis.tasks.phenotype.bench.regimes import FULL, PUBLICATION_OUT, replaced_library, replaced_rows
from genopraxis.tasks.phenotype.ranking import GeneIndex
from genopraxis.tasks.phenotype.task import PhenotypeRanker
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.case_set import CaseSet, case_set, library_of
from genopraxis.tasks.phenotype.training.trained_folder import TrainedFolder, read_trained

STORE = "phenopacket_store_dev.jsonl.gz"
_TOP = 100


def main() -> None:
    """Rank every set in both regimes, write the tables, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--set", dest="sets", action="append", choices=SETS, help="default: all")
    given = parser.parse_args()
    try:
        compare(given)
    except GenopraxisError as error:
        parser.error(str(error))


def compare(given: argparse.Namespace) -> None:
    """Rank and report as the command line asks."""
    trained = read_trained(given.trained, cases=given.data / STORE)
    found = case_set(str(trained.cases), trained.run.knowledge)
    known = Publications.in_training(found)
    for name in given.sets or SETS:
        peers = SETS[name]
        cases = peer_cases(given.data / peers.file, known, folds=trained.run.folds)
        counts = merged_counts(found, cases)
        out = given.out / name
        ensure_writable_folder(out)
        write_held_out(cases, out / "held-out.tsv")
        tables = {}
        for tool, regime, table in ranked(cases, counts, trained, found):
            tables[f"{tool} ({regime})"] = table
            with atomic_file(out / f"{tool}-{regime}.parquet") as temporary:
                table.write_parquet(temporary)
        lines, _ = read_case_lines(given.data / peers.file)
        for program in peers.programs:
            tables[program.name] = rank_table(lines, rank=program.disease, gene_rank=program.gene)
        print(f"\n## {name}\n\n{held_out_facts(cases, found, folds=trained.run.folds)}")
        report(cases, tables, DISEASE, peers)
        if any(program.gene for program in peers.programs):
            report(cases, tables, GENE, peers)


def merged_counts(found: CaseSet, cases: Sequence[PeerCase]) -> PublicationCounts:
    """Return what each publication's patients contributed: by the training file, else by the peer set."""
    trained = set(found.groups)
    others = [one.patient for one in cases if one.one.case.group not in trained]
    inside = [patient.in_knowledge for patient in (*(p for _, p in patients(found.cases)), *others)]
    return PublicationCounts.of(
        Contribution(
            publication=one.publication,
            disease_ids=one.disease_ids,
            observed=one.observed,
            excluded=one.excluded,
        )
        for one in inside
    )


def ranked(
    cases: Sequence[PeerCase],
    counts: PublicationCounts,
    trained: TrainedFolder,
    found: CaseSet,
) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Yield tool, regime and ranking table: both tools in both regimes."""
    made: dict[tuple[str, str], list[pl.DataFrame]] = defaultdict(list)
    for fold, together in groupby(cases, key=lambda one: one.fold):
        own = list(together)
        knowledge = with_library(found.knowledge, library_of(trained.source(fold)))
        learned = RankerTool(trained.model(fold)).prepare(knowledge)
        for regime in (FULL, PUBLICATION_OUT):
            made[RANKER, regime].append(_rank(learned, own, regime, counts))
    likelihood = LikelihoodTool().prepare(found.knowledge)
    for regime in (FULL, PUBLICATION_OUT):
        made[LIKELIHOOD, regime].append(_rank(likelihood, cases, regime, counts))
    for (tool, regime), tables in made.items():
        yield tool, regime, pl.concat(tables)


def _rank(
    ranker: PhenotypeRanker, cases: Iterable[PeerCase], regime: str, counts: PublicationCounts
) -> pl.DataFrame:
    genes, found = GeneIndex(ranker.knowledge.diseases), Answers(ranker.knowledge.diseases, top=_TOP)
    for publications, together in groupby(cases, key=lambda one: one.publications):
        patched: PhenotypeRanker | None = None
        for one in together:
            if not one.patient.query.observed:
                continue
            if patched is None:
                known = without(ranker.knowledge, publications, one.patient, regime=regime, counts=counts)
                patched = ranker if known is ranker.knowledge else ranker.on(known)
            scores = patched.rank(one.patient.query)
            found.add(one.one.case, scores, genes.score(scores))
    return found.predictions()


def without(
    knowledge: HpoKnowledge,
    publications: Collection[str],
    patient: PreparedPatient,
    *,
    regime: str,
    counts: PublicationCounts,
) -> HpoKnowledge:
    """Return the knowledge less what publications gave to its library and, in ``publication-out``, its annotations."""
    rows: dict[int, Rows] = {}
    library: dict[int, Rows] = {}
    known = knowledge
    for publication in publications:
        case = replace(patient.in_knowledge, publication=publication)
        annotated = replaced_rows(regime, case, known, counts)
        solved = replaced_library(PUBLICATION_OUT, case, known)
        if annotated or solved:
            rows |= {
                disease: _not_only_from(publications, left, known) for disease, left in annotated.items()
            }
            library |= solved
            known = knowledge.with_replaced(dict(rows), library=dict(library))
    return known


def _not_only_from(publications: Collection[str], rows: Rows, knowledge: HpoKnowledge) -> Rows:
    """Return the annotation rows that something else stands behind than these publications."""
    references = knowledge.annotations.references_by_row
    cited = [set(references.get(int(row), ())) for row in rows["row"]]
    return rows[np.array([not names or not names.issubset(publications) for names in cited], dtype=np.bool_)]


if __name__ == "__main__":
    main()
