"""A compiled release on disk: whole and the same, or an error."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from same_knowledge import assert_same

from genopraxis.contracts.errors import KnowledgeError, OutputError
from genopraxis.knowledge import store
from genopraxis.knowledge.store import MANIFEST, load, read_manifest, save

FILES = (
    "ancestors.npz",
    "annotations.npz",
    "diseases.parquet",
    "gene_links.parquet",
    "references.parquet",
    "renamed.parquet",
    "synonyms.parquet",
    "terms.parquet",
)


@pytest.fixture
def saved(tiny, tmp_path) -> Path:
    folder = tmp_path / "releases" / "toy"
    save(tiny, folder)
    return folder


def test_what_is_loaded_is_what_was_saved(tiny, saved):
    assert_same(load(saved), tiny)


def test_notes_are_kept(tiny, tmp_path):
    noted = replace(tiny, notes=("3 rows dropped — «really»",))
    save(noted, tmp_path / "x")
    assert load(tmp_path / "x").notes == noted.notes


def test_the_embedded_release_survives(embedded, tmp_path):
    save(embedded, tmp_path / "x")
    assert_same(load(tmp_path / "x"), embedded)


def test_nothing_else_is_left_behind(saved):
    assert sorted(path.name for path in saved.iterdir()) == sorted([*FILES, MANIFEST])
    assert [path.name for path in saved.parent.iterdir()] == ["toy"]
    assert set(read_manifest(saved).files) == set(FILES)


def test_others_may_read_it(tiny, tmp_path):
    before = os.umask(0o022)
    try:
        save(tiny, tmp_path / "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "x" / MANIFEST).stat().st_mode) == 0o644


def test_saving_replaces_the_whole_folder(tiny, saved):
    (saved / "stray.txt").write_text("old")
    save(replace(tiny, notes=("new",)), saved)
    assert not (saved / "stray.txt").exists()
    assert load(saved).notes == ("new",)
    assert [path.name for path in saved.parent.iterdir()] == ["toy"]


def test_a_save_that_fails_leaves_the_old_release_and_no_rubbish(tiny, saved, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises((OSError, OutputError), match=r"full|space"):
        save(replace(tiny, notes=("new",)), saved)
    assert_same(load(saved), tiny)
    assert [path.name for path in saved.parent.iterdir()] == ["toy"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["byte", "cut", "empty", "gone", "folder"])
def test_damage_to_any_file_is_found(saved, name, how):
    path = saved / name
    data = bytearray(path.read_bytes())
    match how:
        case "byte":
            data[len(data) // 2] ^= 1
            path.write_bytes(data)
        case "cut":
            path.write_bytes(data[:-1])
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "folder":
            path.unlink()
            path.mkdir()
    with pytest.raises(KnowledgeError, match=name) as caught:
        load(saved)
    assert caught.value.where == str(saved)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda raw: None, id="gone"),
        pytest.param(lambda raw: "", id="empty"),
        pytest.param(lambda raw: json.dumps(raw)[:50], id="cut"),
        pytest.param(lambda raw: "[]", id="a list"),
        pytest.param(lambda raw: b"\xff\xfe", id="not text"),
        pytest.param(lambda raw: json.dumps(raw | {"schema": "genopraxis.knowledge-hpo/999"}), id="layout"),
        pytest.param(lambda raw: json.dumps(raw | {"other": 1}), id="field"),
        pytest.param(lambda raw: json.dumps(raw | {"files": {}}), id="no files"),
        pytest.param(
            lambda raw: json.dumps(raw | {"files": {k: v for k, v in raw["files"].items() if k != FILES[0]}}),
            id="a file less",
        ),
    ],
)
def test_a_manifest_that_is_not_whole_is_an_error(saved, change):
    path = saved / MANIFEST
    new = change(json.loads(path.read_text()))
    path.unlink()
    if new is not None:
        path.write_bytes(new if isinstance(new, bytes) else new.encode())
    with pytest.raises(KnowledgeError):
        load(saved)


def test_a_file_that_vanishes_while_it_is_read_is_an_error(saved, monkeypatch):
    # another run replaces the release between the check of the digests and the reading
    digest_of = store._sha256

    def vanish(path: Path) -> str:
        value = digest_of(path)
        path.unlink()
        return value

    monkeypatch.setattr(store, "_sha256", vanish)
    with pytest.raises(KnowledgeError, match="cannot be read"):
        load(saved)


def test_arrays_of_another_layout_are_refused(saved):
    np.savez(saved / "annotations.npz", rows=np.zeros(3), start=np.zeros(3))
    raw = json.loads((saved / MANIFEST).read_text())
    raw["files"]["annotations.npz"] = store._sha256(saved / "annotations.npz")
    (saved / MANIFEST).write_text(json.dumps(raw))
    with pytest.raises(KnowledgeError, match="another layout"):
        load(saved)


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(KnowledgeError, match="none"):
        load(tmp_path / "none")
