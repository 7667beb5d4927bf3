"""Training from a file of solved cases: folds, libraries, what is held out, and the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.training import TRAINING_TRACE, TrainingTrace
from genopraxis.formats.table_file import read_table
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import add_release
from genopraxis.knowledge.shipped_library import CARD, COUNTS, DISEASES
from genopraxis.tasks.phenotype.feature_names import FEATURES
from genopraxis.tasks.phenotype.posterior import Posterior
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranker_model import MANIFEST, POSTERIOR, TRACE, WEIGHTS, Model
from genopraxis.tasks.phenotype.training import case_set as case_set_module
from genopraxis.tasks.phenotype.training import examples as examples_module
from genopraxis.tasks.phenotype.training import fit
from genopraxis.tasks.phenotype.training.case_set import Source, case_set, fold_of, library_of
from genopraxis.tasks.phenotype.training.examples import held_out_examples, training_examples
from genopraxis.tasks.phenotype.training.records import as_elsewhere, as_vague
from genopraxis.tasks.phenotype.training.run import LIBRARY_GATE, LibraryFacts, train
from genopraxis.tasks.phenotype.training.trained_folder import PREDICTIONS, TRAINING, read_trained
from made_up import group_of, release
from running import Cli

FACTS = LibraryFacts(name="made-up cases", version="1", licence="CC0-1.0", source="tests")
NAME, FOLDS = "made-up-training", 2
LETTER = "Müller family letter"  # what a clinic may write where a publication is asked
ALONE, TWICE = "OMIM:900001", "OMIM:900002"  # the release has neither; one publication, and two in one fold


@pytest.fixture(scope="module")
def knowledge(session_folders: dict[str, Path]) -> HpoKnowledge:
    made = release(3, signs=30, diseases=40)
    add_release(made, name=NAME)
    return made


def line(case_id: str, disease: str, observed: list[str], **more: Any) -> dict[str, Any]:
    return {
        "case_id": case_id, "pmid": None, "title": "x", "gene": "GENE1", "disease_id": disease, "observed": observed,
        "excluded": [],
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def cases(knowledge: HpoKnowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(1)
    signs = [i for i, p in zip(knowledge.ontology.ids, knowledge.ontology.is_phenotype, strict=True) if p][1:]
    diseases = [d for d in knowledge.diseases.ids if d.startswith("OMIM:")]
    lines = []
    for n in range(1, 61):
        disease = str(random.choice(diseases))
        rows = knowledge.annotations.of(knowledge.diseases.number[disease])
        own = [i for i in {knowledge.ontology.ids[t] for t in rows["term"]} if i in signs]
        for k in range(1 + n % 2):
            observed = sorted({*random.permutation(sorted(own))[:3].tolist(), str(random.choice(signs))})
            excluded = [t for t in random.permutation(signs)[:2].tolist() if t not in observed]
            lines.append(line(f"{n}-{k}", disease, observed, excluded=excluded, pmid=f"PMID:{n}"))
    same_fold = [f"PMID:{n}" for n in range(100, 200) if fold_of(f"PMID:{n}", FOLDS) == 0]
    lines += [
        line("alone", ALONE, signs[:3], pmid=same_fold[0], gene="GENE8"),
        line("twice-1", TWICE, signs[3:6], pmid=same_fold[1], gene="GENE9"),
        line("twice-2", TWICE, signs[4:7], pmid=same_fold[2], gene="GENE9"),
        line("unpublished", diseases[0], signs[:2]),
        line("family", diseases[1], signs[:3], pmid=LETTER),
        line("no signs", diseases[0], ["HP:7777777"], pmid="PMID:1"),
    ]
    path = tmp_path_factory.mktemp("training") / "cases.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fit, "ROUNDS", 12)
    yield
    forget()


def forget() -> None:
    case_set_module._case_set.cache_clear()
    examples_module._makers.cache_clear()


def source(cases: Path, held_out: int | None) -> Source:
    return Source(cases=str(cases), knowledge=NAME, folds=FOLDS, held_out=held_out)


def test_folds_are_stable_and_even() -> None:
    assert fold_of("PMID:1", 5) == fold_of("PMID:1", 5)
    folds = [fold_of(f"PMID:{n}", 5) for n in range(3000)]
    for fold in range(5):
        assert folds.count(fold) / 3000 == pytest.approx(0.2, abs=0.03)


def test_folds_share_no_publication(cases: Path, knowledge: HpoKnowledge) -> None:
    groups = case_set(str(cases), NAME).groups
    held = []
    for fold in range(FOLDS):
        asked = source(cases, fold)
        inside = {groups[one.case] for one in held_out_examples(asked, jobs=1)}
        outside = {groups[one.case] for one in training_examples(asked, jobs=1)}
        assert inside
        assert outside
        assert not inside & outside
        assert {fold_of(group, FOLDS) for group in inside} == {fold}
        held.append(inside)
    assert not held[0] & held[1]
    # every publication with a usable case is held out once; a case without one is a group of its own
    assert held[0] | held[1] == set(groups)
    assert "case unpublished" in held[0] | held[1]


def test_library_of_a_fold_has_nothing_of_what_is_held_out(cases: Path, knowledge: HpoKnowledge) -> None:
    groups = case_set(str(cases), NAME).groups
    whole = library_of(source(cases, None)).publications
    assert whole == {group for group in groups if not group.startswith("case ")}
    for fold in range(FOLDS):
        held = {group for group in groups if fold_of(group, FOLDS) == fold}
        asked = source(cases, fold)
        assert library_of(asked).publications == whole - held
        made = examples_module._makers(asked, case_set_module.stamp(asked.cases)).knowledge
        assert made.library is not None
        assert not held & set(made.library.references["reference"])
        known = {TWICE, ALONE} & set(made.diseases.ids)
        assert known == (set() if fold == 0 else {TWICE, ALONE})


def test_case_is_never_ranked_with_its_own_publication(cases: Path, knowledge: HpoKnowledge) -> None:
    found, asked = case_set(str(cases), NAME), source(cases, None)
    ids = {one.case.case_id: i for i, one in enumerate(found.cases)}
    made = {one.case: one for one in training_examples(asked, jobs=1)}
    # the publication is all that is known of the disease: without it, it is no candidate
    assert ids["alone"] not in made
    # the other publication of the disease is left
    assert made[ids["twice-1"]].right.sum() == 1
    knowledge_with = examples_module._makers(asked, case_set_module.stamp(asked.cases)).knowledge
    place = np.flatnonzero(made[ids["twice-1"]].candidates.groups == group_of(knowledge_with, TWICE))
    features = dict(zip(FEATURES, made[ids["twice-1"]].candidates.features[place[0]].tolist(), strict=True))
    # two of its three signs are in the other publication, in one patient of one: (1 + 0.9) / 7
    assert features["mean_frequency"] == pytest.approx(1.9 / 7 * 2 / 3, abs=0.12)
    assert features["mean_frequency"] < 2.9 / 8


def test_examples_say_what_is_right(cases: Path, knowledge: HpoKnowledge) -> None:
    found = case_set(str(cases), NAME)
    for one in training_examples(source(cases, None), jobs=1):
        assert one.right.any()
        assert one.unsolved is None
        assert one.candidates.features.shape == (len(one.right), len(FEATURES))
        (disease,) = found.cases[one.case].case.truths["disease"]
        if disease in knowledge.diseases.number:
            right = one.candidates.groups[one.right]
            assert right.tolist() == [group_of(knowledge, disease)]


def test_as_elsewhere() -> None:
    asked = Query(observed=tuple(range(10, 22)), excluded=tuple(range(30, 42)))
    made = [as_elsewhere(asked, case_id=f"case {n}") for n in range(600)]
    assert made[0] == as_elsewhere(asked, case_id="case 0")
    assert {one.exclusions for one in made} == {"selected"}
    assert {len(one.excluded) for one in made} == {0, 1, 2, 3}
    assert sum(not one.excluded for one in made) / 600 == pytest.approx(0.5, abs=0.07)
    assert {len(one.observed) for one in made} == set(range(3, 13))
    for one in made:
        assert list(one.observed) == sorted(set(one.observed) & set(asked.observed))
        assert list(one.excluded) == sorted(set(one.excluded) & set(asked.excluded))
    single = replace(asked, observed=(5,), excluded=())
    assert as_elsewhere(single, case_id="c").observed == (5,)


def test_as_vague(knowledge: HpoKnowledge) -> None:
    ontology = knowledge.ontology
    signs = [t for t in range(len(ontology.ids)) if ontology.is_phenotype[t]]
    root = ontology.number["HP:0000118"]
    asked = Query(observed=tuple(t for t in signs if t != root)[5:15], excluded=(signs[3],))
    made = [as_vague(asked, case_id=f"case {n}", ontology=ontology) for n in range(300)]
    assert made[0] == as_vague(asked, case_id="case 0", ontology=ontology)
    assert {len(one.observed) for one in made} == {1, 2}
    assert not any(one.excluded or root in one.observed for one in made)
    for one in made:
        assert not any(a != b and a in ontology.ancestors(b) for a in one.observed for b in one.observed)
    above = {t for sign in asked.observed for t in ontology.ancestors(sign).tolist()}
    seen = {t for one in made for t in one.observed}
    assert seen <= above
    assert seen & set(asked.observed)
    assert seen - set(asked.observed)


def test_records_of_held_out_cases(cases: Path, knowledge: HpoKnowledge) -> None:
    found = case_set(str(cases), NAME)
    records: dict[int, list[str]] = {}
    for one in held_out_examples(source(cases, 0), jobs=1):
        records.setdefault(one.case, []).append(one.record)
    assert {len(made) for made in records.values()} == {2, 3}
    for case, made in records.items():
        absences = found.cases[case].content.query.excluded
        assert made == ["published", *(["without absences"] if absences else []), "vague"]


def test_unsolved_is_without_any_disease_of_the_gene(cases: Path, knowledge: HpoKnowledge) -> None:
    found = case_set(str(cases), NAME)
    for one in held_out_examples(source(cases, 0), jobs=1):
        (disease,) = found.cases[one.case].case.truths["disease"]
        assert one.unsolved is not None
        kept = [g for g in one.unsolved.groups.tolist() if g < len(knowledge.diseases.members)]
        genes = set(found.cases[one.case].case.truths.get("gene", ()))
        if disease in knowledge.diseases.number:
            right = group_of(knowledge, disease)
            assert right not in kept
            genes |= set(knowledge.diseases.genes_of_group(right))
        assert kept
        assert not any(genes & set(knowledge.diseases.genes_of_group(g)) for g in kept)


def test_held_out_case_without_a_listed_diagnosis_is_kept(cases: Path, knowledge: HpoKnowledge) -> None:
    found = case_set(str(cases), NAME)
    ids = {one.case.case_id: i for i, one in enumerate(found.cases)}
    made = {one.case: one for one in held_out_examples(source(cases, 0), jobs=1) if one.record == "published"}
    assert not made[ids["alone"]].right.any()
    assert ids["no signs"] not in made


FILES = (
    WEIGHTS, POSTERIOR, MANIFEST, TRACE, PREDICTIONS, TRAINING,
    f"library/{COUNTS}", f"library/{DISEASES}", f"library/{CARD}",
    *(f"folds/{fold}/{name}" for fold in range(FOLDS) for name in (WEIGHTS, POSTERIOR, MANIFEST)),
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "ROUNDS", 12)
        train(cases, out, library=FACTS, knowledge=NAME, folds=FOLDS, jobs=1)
    forget()
    return out


def test_what_training_writes(trained: Path, cases: Path) -> None:
    found = case_set(str(cases), NAME)
    posterior = Posterior.from_mapping(
        json.loads((trained / POSTERIOR).read_text(encoding="utf-8")), where=POSTERIOR
    )
    model = Model((trained / WEIGHTS).read_text(encoding="utf-8"), posterior)
    one = next(iter(held_out_examples(source(cases, 0), jobs=1)))
    assert np.isfinite(model.score(one.candidates)).all()
    trace = TrainingTrace.from_table(read_table(TRAINING_TRACE, trained / TRACE), where=TRACE)
    assert trace.publications == {group for group in found.groups if group.startswith("PMID:")}
    assert len(trace.patients) >= 60
    # it was learned from, and its name is written nowhere
    assert LETTER in found.groups
    for path in (item for item in trained.rglob("*") if item.is_file()):
        if path.suffix == ".parquet":
            assert LETTER not in str(pl.read_parquet(path).to_dicts())
        else:
            assert "Müller" not in path.read_text(encoding="utf-8")
    counts = pl.read_parquet(trained / "library" / COUNTS)
    assert set(counts["publication"]) == trace.publications
    card = json.loads((trained / "library" / CARD).read_text(encoding="utf-8"))
    assert (card["name"], card["licence"]) == (FACTS.name, FACTS.licence)
    run = read_trained(trained, cases=cases).run
    assert read_trained(trained, cases=cases).model(0).library_gate == LIBRARY_GATE > 0
    assert (run.folds, run.knowledge) == (FOLDS, NAME)
    assert card["made_from"][0]["sha256"] == run.cases


def test_predictions_are_of_every_case_once(trained: Path, cases: Path) -> None:
    found = case_set(str(cases), NAME)
    predictions = pl.read_parquet(trained / PREDICTIONS)
    RANKING.check(predictions, raise_errors=True, where=PREDICTIONS)
    usable = {one.case.case_id for one in found.cases} - {"no signs"}
    assert set(predictions["case_id"]) == usable
    listed = predictions.filter(pl.col("listed") & (pl.col("level") == "disease"))
    assert (listed.group_by("case_id").len()["len"] > 1).all()
    assert not listed.select("case_id", "candidate_id").is_duplicated().any()
    sums = listed.group_by("case_id").agg(pl.col("probability").sum())["probability"]
    assert (sums <= 1 + 1e-9).all()
    # nothing of the fold is in the library: the disease of one publication cannot be found
    assert predictions.filter((pl.col("case_id") == "alone") & (pl.col("candidate_id") == ALONE)).is_empty()
    assert predictions.filter((pl.col("case_id") == "twice-1") & (pl.col("candidate_id") == TWICE)).is_empty()


@pytest.mark.parametrize("jobs", [1, 2])
def test_same_bytes_again_and_with_more_processes(
    trained: Path, cases: Path, tmp_path: Path, jobs: int
) -> None:
    said: list[str] = []
    train(cases, tmp_path, library=FACTS, knowledge=NAME, folds=FOLDS, jobs=jobs, say=said.append)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes(), name
    assert len(said) == 2 * FOLDS + 1
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == set(FILES)


def test_too_few_folds_and_useless_cases_are_refused(
    cases: Path, tmp_path: Path, knowledge: HpoKnowledge
) -> None:
    with pytest.raises(InputError, match="two folds"):
        train(cases, tmp_path, library=FACTS, knowledge=NAME, folds=1)
    useless = tmp_path / "useless.jsonl"
    useless.write_text(
        json.dumps(line("a", "OMIM:999999", ["HP:7777777"], pmid="PMID:1")) + "\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match="no case can be learned from"):
        train(useless, tmp_path / "out", library=FACTS, knowledge=NAME, folds=2)
    assert not (tmp_path / "out").exists()


def test_command_line(cli: Cli, cases: Path, tmp_path: Path, trained: Path) -> None:
    out = tmp_path / "weights"
    arguments = ("--cases", cases, "--knowledge", NAME, "--folds", FOLDS, "--licence", FACTS.licence)
    cli("tools", "train", "phenotype.ranker", *arguments, "--out", out).done()
    for name in (WEIGHTS, POSTERIOR, TRACE, PREDICTIONS, f"library/{COUNTS}"):
        assert (out / name).read_bytes() == (trained / name).read_bytes(), name
    card = json.loads((out / "library" / CARD).read_text(encoding="utf-8"))
    assert (card["version"], card["source"]) == ("own", cases.name)
    cli("tools", "train", "phenotype.likelihood", *arguments, "--out", out).refused("phenotype.likelihood")
    cli(
        "tools", "train", "phenotype.ranker", *arguments[2:], "--cases", tmp_path / "none", "--out", out
    ).refused("none")
