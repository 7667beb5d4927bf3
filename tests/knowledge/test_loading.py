"""A release with case libraries: the shipped one, the site's own patients, and no patient counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from local_cases_for_tests import ARACHNODACTYLY, CASES, LENS, MARFAN, NEW, SCOLIOSIS, solved

from genopraxis.contracts.errors import KnowledgeError
from genopraxis.knowledge import shipped_library as shipped_module
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.loading import knowledge_key, load_knowledge
from genopraxis.knowledge.local_cases import LOCAL
from genopraxis.knowledge.local_library import LocalLibrary, library_of
from genopraxis.knowledge.releases import add_release
from genopraxis.knowledge.shipped_library import CARD, COUNTS, DISEASES, shipped_library, write_shipped
from genopraxis.tasks.phenotype.bench.loaded import load_once

SHIPPED = (
    solved("s1", LENS, ARACHNODACTYLY, publication="PMID:11"),
    solved("s2", SCOLIOSIS, publication="PMID:12", excluded=(LENS,)),
    solved("s3", LENS, disease="OMIM:888888", publication="PMID:12", genes=("GENE8",)),
)
PACKAGE_LIBRARY = shipped_library()  # before the tests put another in its place
TEXTS = {
    "made_from": (),
    "name": "Published cases",
    "version": "1",
    "description": "d",
    "licence": "CC-BY-4.0",
    "source": "tests",
    "how_made": "by hand",
}


def test_what_this_version_ships_can_be_read() -> None:
    found = PACKAGE_LIBRARY
    assert found is None or found.patients


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, tiny: HpoKnowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(shipped_module, "package_folder", lambda: tmp_path / "package")
    add_release(tiny, name="tiny")


@pytest.fixture
def shipped(tmp_path: Path, tiny: HpoKnowledge) -> Path:
    folder = tmp_path / "package"
    write_shipped(library_of(SHIPPED, tiny.ontology), folder, **TEXTS)
    return folder


def counts(knowledge: HpoKnowledge) -> dict[tuple[str, str, str], tuple[int, int]]:
    """What a library holds, in words."""
    assert knowledge.library is not None
    found = {}
    for row in knowledge.library.rows:
        (publication,) = knowledge.library.references_by_row[int(row["row"])]
        key = (publication, knowledge.diseases.ids[row["disease"]], knowledge.ontology.ids[row["term"]])
        found[key] = (int(row["numerator"]), int(row["denominator"]))
    return found


def test_without_any_library_nothing_changes(tiny: HpoKnowledge) -> None:
    for choice in ("none", "shipped", "local"):
        loaded = load_knowledge("tiny", library=choice)
        assert loaded.knowledge.library is None
        assert loaded.knowledge.releases == tiny.releases
        assert (loaded.notes, dict(loaded.local)) == ((), {})
    assert shipped_library() is None


def test_the_shipped_library_comes_back(shipped: Path, tiny: HpoKnowledge) -> None:
    found = shipped_library()
    assert found is not None
    assert found.counts.equals(library_of(SHIPPED, tiny.ontology).counts)
    (release,) = found.releases
    assert (release.name, release.licence) == ("Published cases", "CC-BY-4.0")
    knowledge = load_knowledge("tiny", library="shipped").knowledge
    assert counts(knowledge)["PMID:11", MARFAN, LENS] == (1, 1)
    assert knowledge.releases == (*tiny.releases, release)
    assert "OMIM:888888" in knowledge.diseases.number
    assert load_knowledge("tiny", library="none").knowledge.library is None


@pytest.mark.parametrize("name", [COUNTS, DISEASES, CARD])
@pytest.mark.parametrize("damage", [b"{}", None])
def test_a_damaged_shipped_library_is_named(shipped: Path, name: str, damage: bytes | None) -> None:
    if damage is None and name == CARD:
        (shipped / CARD).write_text((shipped / CARD).read_text().replace(COUNTS, "x"))
    elif damage is None:
        (shipped / name).unlink()
    else:
        (shipped / name).write_bytes(damage)
    with pytest.raises(KnowledgeError, match="install Genopraxis again"):
        load_knowledge("tiny", library="shipped")


def test_local_patients_come_on_top(shipped: Path) -> None:
    LocalLibrary().add(CASES)
    loaded = load_knowledge("tiny", library="local")
    found = counts(loaded.knowledge)
    assert found["PMID:11", MARFAN, LENS] == (1, 1)
    assert found[LOCAL, MARFAN, LENS] == (1, 2)
    assert found["PMID:77", MARFAN, LENS] == (1, 1)
    assert {"OMIM:888888", NEW} < set(loaded.knowledge.diseases.ids)
    assert [r.name for r in loaded.knowledge.releases[-2:]] == ["Published cases", "Local case library"]
    assert set(loaded.local) == set("abcde")
    shipped_only = counts(load_knowledge("tiny", library="shipped").knowledge)
    assert not {key for key in shipped_only if key[0] in {LOCAL, "PMID:77"}}


def test_local_patients_without_a_shipped_library() -> None:
    LocalLibrary().add(CASES)
    assert counts(load_knowledge("tiny", library="local").knowledge)[LOCAL, MARFAN, LENS] == (1, 2)
    assert load_knowledge("tiny", library="shipped").knowledge.library is None


def test_a_patient_of_a_shipped_publication_is_not_counted_twice(shipped: Path) -> None:
    LocalLibrary().add([solved("a", LENS, disease_ids=(MARFAN, NEW), publication="PMID:11")])
    loaded = load_knowledge("tiny", library="local")
    found = counts(loaded.knowledge)
    assert found["PMID:11", MARFAN, LENS] == (1, 1)
    assert found["PMID:11", NEW, LENS] == (1, 1)
    assert loaded.local["a"].disease_ids == (NEW,)
    assert any("not counted twice" in note for note in loaded.notes)


def test_terms_of_another_release_are_told() -> None:
    LocalLibrary().add([solved("a", LENS, "HP:7777777")])
    loaded = load_knowledge("tiny", library="local")
    assert set(counts(loaded.knowledge)) == {(LOCAL, MARFAN, LENS)}
    assert "1 term(s)" in loaded.notes[0]
    assert "HP:7777777" in loaded.notes[0]


def test_a_damaged_local_library_is_an_error(tmp_path: Path) -> None:
    LocalLibrary().add(CASES)
    LocalLibrary().path.write_bytes(b"PAR1")
    with pytest.raises(KnowledgeError, match="move it away"):
        load_knowledge("tiny", library="local")
    assert load_knowledge("tiny", library="shipped").knowledge.library is None


def test_a_folder_of_somebody_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account without a home of its own still works."""
    LocalLibrary().add(CASES)
    folder, listed = LocalLibrary().folder, Path.iterdir

    def refused(self: Path) -> Iterator[Path]:
        if self == folder:
            raise PermissionError(13, "Permission denied")
        return listed(self)

    monkeypatch.setattr(Path, "iterdir", refused)
    loaded = load_knowledge("tiny", library="local")
    assert "may not be looked into" in loaded.notes[0]
    assert loaded.knowledge.library is None


def test_the_key_changes_with_what_is_used(shipped: Path) -> None:
    def keys() -> list[str]:
        return [knowledge_key("tiny", library=choice) for choice in ("none", "shipped", "local")]

    before = keys()
    LocalLibrary().add(CASES)
    after = keys()
    assert after[:2] == before[:2]
    assert after[2] != before[2]
    LocalLibrary().remove(["a"])
    assert len({*before, *after, *keys()}) == 5


def test_the_bench_never_sees_local_patients(shipped: Path) -> None:
    LocalLibrary().add(CASES)
    knowledge = load_once("tiny").knowledge
    assert {key[0] for key in counts(knowledge)} == {"PMID:11", "PMID:12"}
    assert np.all(knowledge.library.rows["denominator"] == 1)


def test_both_libraries_as_one_table(tiny: HpoKnowledge) -> None:
    one, other = library_of(SHIPPED, tiny.ontology), library_of(CASES, tiny.ontology)
    both = one.plus(other)
    assert both.patients == one.patients + other.patients == 8
    assert both.counts.height == one.counts.height + other.counts.height
    genes = dict(both.diseases.select("disease_id", "genes").iter_rows())
    assert (genes[MARFAN], genes["OMIM:888888"]) == (["FBN1"], ["GENE8"])
    assert both.diseases["disease_id"].is_sorted()
    assert both.diseases.schema["genes"] == pl.List(pl.String)
