"""Ranking held-out cases with the tool of their fold: whom it ranks, on what, and with which model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ranker_for_tests import POSTERIOR, examples

from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.formats.files import digest
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import add_release
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranker_model import POSTERIOR as POSTERIOR_FILE
from genopraxis.tasks.phenotype.ranker_model import Model
from genopraxis.tasks.phenotype.training import case_set as case_set_module
from genopraxis.tasks.phenotype.training import fit
from genopraxis.tasks.phenotype.training.case_set import CaseSet, Source, case_set, fold_of
from genopraxis.tasks.phenotype.training.held_out import rank_held_out
from genopraxis.tasks.phenotype.training.trained_folder import (
    PREDICTIONS,
    TRAINING,
    TrainedFolder,
    end_training,
    read_trained,
    save_fold,
    start_training,
)
from genopraxis.testing.knowledge import small_knowledge
from made_up import case_library, compiled, row

NAME, FOLDS, FOLD = "made-up-held-out", 2, 0
SIGNS = tuple(f"HP:{3000000 + i:07d}" for i in range(14))
_NAMES = [f"PMID:{n}" for n in range(500, 600)]
HELD, HELD_TOO, HELD_TWICE = [name for name in _NAMES if fold_of(name, FOLDS) == FOLD][:3]
TRAINED_ON = next(name for name in _NAMES if fold_of(name, FOLDS) != FOLD)
# a case without a publication is a group of its own, in a fold of its own
NOT_PUBLISHED = next(f"lone {n}" for n in range(9) if fold_of(f"case lone {n}", FOLDS) == FOLD)
ONLY_FROM_HELD, ONLY_IN_TRAINING, NEW = "OMIM:200001", "OMIM:200002", "OMIM:200003"


def _case(case_id: str, disease: str, observed: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {
        "case_id": case_id, "pmid": None, "title": "x", "gene": "GENE1", "disease_id": disease,
        "observed": list(observed), "excluded": [],
    } | more  # fmt: skip


CASES = (
    _case("own", ONLY_FROM_HELD, SIGNS[10:13], pmid=HELD),
    _case("other", ONLY_FROM_HELD, SIGNS[10:13], pmid=HELD_TOO),
    _case("sister", "OMIM:100001", SIGNS[1:3], pmid=HELD_TWICE),
    _case("brother", "OMIM:100002", SIGNS[2:5], pmid=HELD_TWICE),
    _case(NOT_PUBLISHED, "OMIM:100003", SIGNS[3:6]),
    _case("no signs", "OMIM:100004", ("HP:7777777",), pmid=HELD_TWICE),
    _case("trained on", ONLY_IN_TRAINING, SIGNS[11:14], pmid=TRAINED_ON),
)
RANKED = {"own", "other", "sister", "brother", NOT_PUBLISHED}


@pytest.fixture(scope="module")
def knowledge(session_folders: dict[str, Path]) -> HpoKnowledge:
    """Ten diseases that other publications describe, and one that ``HELD`` alone describes."""
    diseases = [(f"OMIM:{100000 + i}", f"PMID:{900 + i}", SIGNS[i : i + 4]) for i in range(10)]
    diseases.append((ONLY_FROM_HELD, HELD, SIGNS[10:13]))
    made = compiled(
        [(sign, f"sign {i}", ("HP:0000118",)) for i, sign in enumerate(SIGNS)],
        [row(disease, sign, pmid, counts=(3, 4)) for disease, pmid, signs in diseases for sign in signs],
        [(f"GENE{i}", disease) for i, (disease, _, _) in enumerate(diseases)],
    )
    add_release(made, name=NAME)
    return made


@pytest.fixture(scope="module")
def source(knowledge: HpoKnowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    path = tmp_path_factory.mktemp("held-out") / "cases.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in CASES), encoding="utf-8")
    yield Source(cases=str(path), knowledge=NAME, folds=FOLDS, held_out=FOLD)
    case_set_module._case_set.cache_clear()


@pytest.fixture(scope="module")
def found(source: Source) -> CaseSet:
    return case_set(source.cases, source.knowledge)


@pytest.fixture(scope="module")
def model() -> Model:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "ROUNDS", 12)
        return Model(fit.fit_ranker(examples(small_knowledge(), 60, seed=1), threads=1), POSTERIOR)


@pytest.fixture(scope="module")
def ranked(model: Model, source: Source, found: CaseSet) -> pl.DataFrame:
    return rank_held_out(model, source, found)


def of(predictions: pl.DataFrame, case_id: str) -> pl.DataFrame:
    return predictions.filter(pl.col("case_id") == case_id)


def diseases_of(predictions: pl.DataFrame, case_id: str) -> set[str]:
    rows = of(predictions, case_id).filter(pl.col("level") == "disease")
    return set(rows["candidate_id"])


def changed(found: CaseSet, case_id: str, **changes: Any) -> list[PreparedCase]:
    """The cases, with the query of one changed as a perturbation changes it."""

    def query(one: PreparedCase) -> Query:
        asked: Query = one.content.query
        return replace(asked, **changes) if one.case.case_id == case_id else asked

    return [replace(one, content=replace(one.content, query=query(one))) for one in found.cases]


def test_who_is_ranked(ranked: pl.DataFrame) -> None:
    """Those of the fold that have a sign, whether published or not; nobody else."""
    RANKING.check(ranked, raise_errors=True)
    assert set(ranked["case_id"]) == RANKED
    assert set(of(ranked, NOT_PUBLISHED)["level"]) == {"disease", "gene"}


def test_other_folds_rank_the_others(model: Model, source: Source, found: CaseSet) -> None:
    other = rank_held_out(model, replace(source, held_out=1), found)
    assert set(other["case_id"]) == {"trained on"}


def test_own_publication_is_out_and_back_for_the_next(ranked: pl.DataFrame) -> None:
    assert ONLY_FROM_HELD not in diseases_of(ranked, "own")
    for case_id in RANKED - {"own"}:
        assert ONLY_FROM_HELD in diseases_of(ranked, case_id)


def test_library_is_that_of_the_other_folds(model: Model, source: Source, found: CaseSet) -> None:
    """A disease that no annotation describes is known from the library, and only while it is not held out."""
    (case,) = (one for one in found.cases if one.case.case_id == "other")
    known = rank_held_out(model, source, found, cases=[case])
    assert ONLY_IN_TRAINING in diseases_of(known, "other")
    # as many folds as it takes to hold out both publications at once
    both = next(
        folds for folds in range(2, 50)
        if fold_of(TRAINED_ON, folds) == fold_of(HELD_TOO, folds)
    )  # fmt: skip
    together = replace(source, folds=both, held_out=fold_of(HELD_TOO, both))
    assert ONLY_IN_TRAINING not in diseases_of(rank_held_out(model, together, found, cases=[case]), "other")


def test_each_case_is_ranked_as_if_it_were_alone(
    model: Model, source: Source, found: CaseSet, ranked: pl.DataFrame
) -> None:
    for one in found.cases:
        alone = rank_held_out(model, source, found, cases=[one])
        assert alone.equals(of(ranked, one.case.case_id)), one.case.case_id


def test_cases_in_another_order_get_the_same_ranks(
    model: Model, source: Source, found: CaseSet, ranked: pl.DataFrame
) -> None:
    turned = rank_held_out(model, source, found, cases=found.cases[::-1])
    for case_id in RANKED:
        assert of(turned, case_id).equals(of(ranked, case_id)), case_id


def test_perturbed_cases_are_ranked_as_perturbed(
    model: Model, source: Source, found: CaseSet, knowledge: HpoKnowledge, ranked: pl.DataFrame
) -> None:
    number = knowledge.ontology.number
    perturbed = changed(found, "own", observed=tuple(number[sign] for sign in SIGNS[6:9]))
    other = rank_held_out(model, source, found, cases=perturbed)
    assert not of(other, "own").equals(of(ranked, "own"))
    assert diseases_of(other, "own").isdisjoint({ONLY_FROM_HELD}), "what was published is out all the same"
    for case_id in RANKED - {"own"}:
        assert of(other, case_id).equals(of(ranked, case_id)), case_id


def test_case_that_a_perturbation_leaves_without_a_sign_is_not_ranked(
    model: Model, source: Source, found: CaseSet
) -> None:
    nothing_left = changed(found, "sister", observed=())
    assert set(rank_held_out(model, source, found, cases=nothing_left)["case_id"]) == RANKED - {"sister"}


def test_no_case_at_all(model: Model, source: Source, found: CaseSet) -> None:
    empty = rank_held_out(model, source, found, cases=[])
    RANKING.check(empty, raise_errors=True)
    assert empty.is_empty()


def test_added_cases_make_their_disease_known(
    model: Model, source: Source, found: CaseSet, ranked: pl.DataFrame
) -> None:
    added = case_library([("PMID:1", NEW, sign, 2, 2) for sign in SIGNS[10:13]], {NEW: ["GENE99"]})
    more = rank_held_out(model, source, found, added=added)
    for case_id in RANKED:
        assert NEW not in diseases_of(ranked, case_id)
        assert NEW in diseases_of(more, case_id)
        # on top of the library of the fold, not in place of it
        assert ONLY_IN_TRAINING in diseases_of(more, case_id)
    assert "GENE99" in set(of(more, "own")["candidate_id"])


def test_added_cases_of_the_own_publication_are_out(model: Model, source: Source, found: CaseSet) -> None:
    """A clinic's library may hold the very publication of the case that is asked about."""
    added = case_library([(HELD, NEW, sign, 2, 2) for sign in SIGNS[10:13]], {NEW: []})
    more = rank_held_out(model, source, found, added=added)
    assert NEW not in diseases_of(more, "own")
    assert NEW in diseases_of(more, "other")


def trained(model: Model, folder: Path, source: Source) -> TrainedFolder:
    for fold in range(FOLDS):
        save_fold(model, folder, fold=fold)
    (folder / PREDICTIONS).write_bytes(b"what the folds answered")
    end_training(folder, knowledge=NAME, cases=digest(Path(source.cases)).sha256, folds=FOLDS)
    return read_trained(folder, cases=Path(source.cases))


def test_fold_is_read_as_it_was_written(
    model: Model, source: Source, found: CaseSet, ranked: pl.DataFrame, tmp_path: Path
) -> None:
    folder = trained(model, tmp_path, source)
    read = folder.model(FOLD)
    assert (read.text, read.posterior) == (model.text, model.posterior)
    assert folder.source(FOLD) == source
    assert list(folder.folds) == list(range(FOLDS))
    assert rank_held_out(read, folder.source(FOLD), found).equals(ranked)


def test_training_that_did_not_come_to_its_end(model: Model, source: Source, tmp_path: Path) -> None:
    """Folds of an earlier training, and of one that was killed, may lie there side by side."""
    cases = Path(source.cases)
    with pytest.raises(InputError, match="holds no trained ranker"):
        read_trained(tmp_path / "nowhere", cases=cases)
    trained(model, tmp_path, source)
    start_training(tmp_path)
    with pytest.raises(InputError, match="which training writes last") as refused:
        read_trained(tmp_path, cases=cases)
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"schema": "genopraxis.ranker-training/1", "folds": 1}']
)
def test_damaged_training_file(model: Model, source: Source, tmp_path: Path, text: str) -> None:
    trained(model, tmp_path, source)
    (tmp_path / TRAINING).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="holds no trained ranker"):
        read_trained(tmp_path, cases=Path(source.cases))


def test_other_cases_than_in_training(model: Model, source: Source, tmp_path: Path) -> None:
    """A case would go to a tool that was trained on it."""
    trained(model, tmp_path, source)
    other = tmp_path / "other.jsonl"
    other.write_bytes(Path(source.cases).read_bytes() + b"\n")
    with pytest.raises(InputError, match="not the file that the ranker was trained on"):
        read_trained(tmp_path, cases=other)
    with pytest.raises(InputError, match="gone"):
        read_trained(tmp_path, cases=tmp_path / "gone.jsonl")


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"slope": -1}'])
def test_fold_whose_posterior_is_missing_or_damaged(
    model: Model, source: Source, tmp_path: Path, text: str | None
) -> None:
    folder = trained(model, tmp_path, source)
    place = tmp_path / "folds" / "0" / POSTERIOR_FILE
    if text is None:
        place.unlink()
    else:
        place.write_text(text, encoding="utf-8")
    with pytest.raises(GenopraxisError, match=POSTERIOR_FILE):
        folder.model(0)


@pytest.mark.parametrize("name", ["folds/1/model.json", PREDICTIONS])
@pytest.mark.parametrize("gone", [True, False])
def test_what_was_changed_after_training(
    model: Model, source: Source, tmp_path: Path, name: str, gone: bool
) -> None:
    trained(model, tmp_path, source)
    if gone:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")
    with pytest.raises(InputError, match=name):
        read_trained(tmp_path, cases=Path(source.cases))
