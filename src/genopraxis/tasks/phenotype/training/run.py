"""Train the ranker from a file of solved cases: grouped folds for the figures, then everything for the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import DataRelease
from genopraxis.contracts.training import TRAINING_TRACE, TrainingTrace
from genopraxis.formats.files import atomic_file, digest
from genopraxis.formats.identifiers import pubmed_id
from genopraxis.formats.table_file import write_table
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.knowledge.shipped_library import write_shipped
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.patient_digest import patient_digest
from genopraxis.tasks.phenotype.posterior import SUMMARY, Posterior, summary_of
from genopraxis.tasks.phenotype.ranker_model import TRACE, Model, write_model
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.calibrate import Scored, fit_posterior
from genopraxis.tasks.phenotype.training.case_set import CaseSet, Source, case_set, library_of
from genopraxis.tasks.phenotype.training.examples import Example, held_out_examples, training_examples
from genopraxis.tasks.phenotype.training.fit import fit_ranker
from genopraxis.tasks.phenotype.training.held_out import rank_held_out
from genopraxis.tasks.phenotype.training.trained_folder import (
    PREDICTIONS,
    end_training,
    save_fold,
    start_training,
)

_FLAT = Posterior(slope=1.0, not_listed=(0.0,) * len(SUMMARY), no_diagnosis=(0.0,) * len(SUMMARY))

LIBRARY_GATE = 0.5
"""What a disease of the case library is held back by, in units of the score.

Three in four of the cases that can be learned from have such a disease, and a patient need not. Set once, on the curve
of the held-out folds: up to here next to nothing is lost among the first ten.
"""

Note = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class LibraryFacts:
    """What the card of the case library says of its source."""

    name: str
    version: str
    licence: str
    source: str


def train(
    cases: Path,
    out: Path,
    *,
    library: LibraryFacts,
    knowledge: str = EMBEDDED,
    folds: int = 5,
    jobs: int = 1,
    say: Note = lambda _: None,
) -> None:
    """Write weights, posterior, training trace, case library and cross-validated predictions.

    Parameters
    ----------
    cases
        Case-per-line file of solved cases.
    out
        Folder for ``weights.txt``, ``posterior.json``, ``training.parquet``, ``cross-validated.parquet`` and, in
        ``library``, the case library; in ``folds`` the model of each fold. ``training.json``, which says what they
        were trained on, comes last.
    folds
        Publications are divided into this many; those of a fold are in neither weights nor library of its tool.

    Raises
    ------
    InputError
        When there are fewer than two folds, or a fold has no usable case.
    """
    if folds < 2:
        raise InputError("training needs two folds or more", where="--folds")
    of_cases = digest(cases).sha256
    found = case_set(str(cases), knowledge)
    start_training(out)
    models, scored = [], []
    for held_out in range(folds):
        source = Source(cases=str(cases), knowledge=knowledge, folds=folds, held_out=held_out)
        model = Model(_fit(source, jobs=jobs, say=say), _FLAT, library_gate=LIBRARY_GATE)
        models.append(model)
        scored.append(list(_scored(held_out_examples(source, jobs=jobs), model, found)))
        say(f"fold {held_out + 1} of {folds}: {len(scored[-1]):,} held-out examples")
    predictions = []
    for held_out, model in enumerate(models):
        others = [one for fold, own in enumerate(scored) if fold != held_out for one in own]
        honest = Model(model.text, fit_posterior(others), library_gate=LIBRARY_GATE)
        source = Source(cases=str(cases), knowledge=knowledge, folds=folds, held_out=held_out)
        save_fold(honest, out, fold=held_out)
        predictions.append(rank_held_out(honest, source, found))
    (out / "library").mkdir(parents=True, exist_ok=True)
    with atomic_file(out / PREDICTIONS) as temporary:
        pl.concat(predictions).write_parquet(temporary)
    everything = Source(cases=str(cases), knowledge=knowledge, folds=folds)
    weights = _fit(everything, jobs=jobs, say=say)
    posterior = fit_posterior([one for own in scored for one in own])
    final = Model(weights, posterior, library_gate=LIBRARY_GATE)
    write_table(TRAINING_TRACE, _trace(found).table(), out / TRACE)
    version = RankerTool.card.version
    write_model(final, out, version=version, others={TRACE: out / TRACE})
    # what is no PubMed id may name a family: it can be learned from, and is not written down
    whole = library_of(everything)
    write_shipped(
        whole.only({publication for publication in whole.publications if pubmed_id(publication)}),
        out / "library",
        name=library.name,
        version=library.version,
        description="Counts of terms in patients with a molecular diagnosis, by disease and publication.",
        licence=library.licence,
        source=library.source,
        how_made=f"genopraxis tools train phenotype.ranker --cases FILE --folds {folds}, with the file named below",
        made_from=(
            DataRelease(
                name="solved cases",
                version=library.version,
                licence=library.licence,
                source=library.source,
                sha256=of_cases,
            ),
            *found.knowledge.releases,
        ),
    )
    end_training(out, knowledge=knowledge, cases=of_cases, folds=folds)


def _fit(source: Source, *, jobs: int, say: Note) -> str:
    examples = list(training_examples(source, jobs=jobs))
    if not examples:
        raise InputError("no case can be learned from", where=source.cases)
    say(f"learning from {len(examples):,} examples")
    return fit_ranker(examples, threads=jobs)


def _scored(examples: Iterator[Example], model: Model, found: CaseSet) -> Iterator[Scored]:
    """Yield each record of a case twice: as it is, and with its diagnosis and all diseases of its gene withheld."""
    groups = found.groups
    for one in examples:
        group = groups[one.case]
        for candidates, solved in ((one.candidates, True), (one.unsolved, False)):
            if candidates is not None and len(candidates.groups):
                right = one.right if solved else np.zeros(len(candidates.groups), dtype=np.bool_)
                scores = model.score(candidates)
                yield Scored(
                    scores=scores,
                    summary=summary_of(scores, candidates.features),
                    right=right,
                    solved=solved,
                    group=group,
                )


def _trace(found: CaseSet) -> TrainingTrace:
    digests: set[str] = set()
    publications: set[str] = set()
    for one in found.cases:
        patient = one.case.content.patient
        digests.update(patient_digest(patient, disease_id=d) for d in one.case.truths.get(DISEASE, ()))
        if one.case.group is not None and pubmed_id(one.case.group):
            publications.add(one.case.group)
    return TrainingTrace(publications=frozenset(publications), patients=frozenset(digests))
