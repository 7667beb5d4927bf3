"""The site's own patients on disk: exactly removable, never half-written, nobody else's to read."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_cases_for_tests import (
    ARACHNODACTYLY,
    CASES,
    DISABILITY,
    DRAVET,
    FOCAL_MOTOR,
    LENS,
    MARFAN,
    NEW,
    SEIZURE,
    WEAKNESS,
    solved,
)

from genopraxis.contracts.errors import InputError, KnowledgeError, OutputError
from genopraxis.knowledge import local_library
from genopraxis.knowledge.case_library import CaseLibrary
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.local_cases import LOCAL, LOCAL_CASES, SolvedCase, checked, table_of
from genopraxis.knowledge.local_library import LocalLibrary
from genopraxis.knowledge.publication_counts import PUBLICATION_COUNTS
from genopraxis.testing import TableContractChecks
from tiny import TERMS

POSIX = os.name == "posix"
READY = "ready"


class TestContract(TableContractChecks):
    contract = LOCAL_CASES
    example = table_of([CASES[0]])


@pytest.fixture
def library(tmp_path: Path) -> LocalLibrary:
    return LocalLibrary(tmp_path / "library")


def content(library: CaseLibrary) -> tuple[bytes, bytes, object]:
    return library.counts.write_csv().encode(), library.diseases.write_json().encode(), library.releases


def ids(library: LocalLibrary) -> list[str]:
    return [case.case_id for case in library.cases()]


def test_nothing_was_ever_added(library: LocalLibrary, tiny: HpoKnowledge) -> None:
    assert library.cases() == []
    assert library.library(tiny.ontology).counts.is_empty()
    assert library.remove([]) == 0
    assert not library.folder.exists(), "looking made a folder"


def test_what_is_added_comes_back(library: LocalLibrary) -> None:
    added = library.add(CASES)
    assert (added.new, added.replaced) == (("a", "b", "c", "d", "e"), ())
    assert library.cases() == [checked(case) for case in CASES]


def test_counts_are_by_publication_and_disease(library: LocalLibrary, tiny: HpoKnowledge) -> None:
    library.add(CASES)
    made = library.library(tiny.ontology)
    PUBLICATION_COUNTS.check(made.counts, raise_errors=True)
    rows = {row[:3]: row[3:] for row in made.counts.iter_rows()}
    assert rows[LOCAL, MARFAN, LENS] == (1, 2, 2)
    assert rows[LOCAL, MARFAN, ARACHNODACTYLY] == (2, 2, 2)
    assert rows[LOCAL, MARFAN, DISABILITY] == (0, 1, 2)
    assert rows["PMID:77", MARFAN, LENS] == (1, 1, 1)
    # an excluded sign of which a kind is observed is not excluded; the sign that is implied was not stated
    assert (LOCAL, DRAVET, SEIZURE) not in rows
    assert rows[LOCAL, DRAVET, FOCAL_MOTOR] == (1, 1, 1)
    assert made.publications == {LOCAL, "PMID:77"}
    assert made.patients == 5
    assert dict(made.diseases.select("disease_id", "genes").iter_rows())[NEW] == ["GENE9"]
    (release,) = made.releases
    assert release.version == "5 patient(s)"


def test_cases_can_be_left_out(library: LocalLibrary, tiny: HpoKnowledge, tmp_path: Path) -> None:
    library.add(CASES)
    other = LocalLibrary(tmp_path / "other")
    other.add([case for case in CASES if case.case_id not in {"b", "e"}])
    assert content(library.library(tiny.ontology, without=["b", "e"])) == content(
        other.library(tiny.ontology)
    )


def test_obsolete_ids_are_kept_as_given_and_counted_as_their_successor(
    library: LocalLibrary, tiny: HpoKnowledge
) -> None:
    library.add([solved("a", "HP:9000002", SEIZURE), solved("b", "HP:0002279")])
    assert library.cases()[0].observed == (SEIZURE, "HP:9000002")
    assert library.library(tiny.ontology).counts.rows() == [(LOCAL, MARFAN, SEIZURE, 2, 2, 2)]


def test_several_diseases_name_no_gene(library: LocalLibrary, tiny: HpoKnowledge) -> None:
    library.add([solved("a", LENS, disease_ids=(MARFAN, NEW), genes=("FBN1", "GENE9"))])
    assert library.library(tiny.ontology).diseases["genes"].to_list() == [[], []]


def test_a_case_added_again_is_replaced(library: LocalLibrary) -> None:
    library.add(CASES)
    added = library.add([solved("a", WEAKNESS), solved("f", WEAKNESS)])
    assert (added.new, added.replaced) == (("f",), ("a",))
    assert ids(library) == ["a", "b", "c", "d", "e", "f"]
    assert library.cases()[0] == checked(solved("a", WEAKNESS))


def test_nothing_is_removed_when_one_id_is_not_there(library: LocalLibrary) -> None:
    library.add(CASES)
    with pytest.raises(InputError, match="no case 'zz'"):
        library.remove(["a", "zz"])
    assert len(ids(library)) == 5


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (solved("a"), "has no terms"),
        (solved("  ", LENS), "no usable id"),
        (solved("x" * 1001, LENS), "no usable id"),
        (solved("a", LENS, disease_ids=()), "no disease"),
        (solved("a", LENS, disease="Marfan syndrome of Mr X"), "no catalogue id"),
        (solved("a", "seizures"), "no HPO id"),
    ],
)
def test_what_cannot_be_added(library: LocalLibrary, case: SolvedCase, words: str) -> None:
    with pytest.raises(InputError, match=words):
        library.add([CASES[1], case])
    assert ids(library) == []


def test_two_cases_of_one_id_are_refused(library: LocalLibrary) -> None:
    with pytest.raises(InputError, match="'a' occurs more than once"):
        library.add([solved("a", LENS), solved("a", WEAKNESS)])
    with pytest.raises(InputError, match="more than once"):
        library.add([solved("\u00e9", LENS), solved("e\u0301", WEAKNESS)])


def test_an_id_is_the_same_however_it_was_typed(library: LocalLibrary, tiny: HpoKnowledge) -> None:
    library.add([solved("Ze\u0301 患者/7", LENS)])
    assert ids(library) == ["Z\u00e9 患者/7"]
    assert library.library(tiny.ontology, without=["Ze\u0301 患者/7"]).counts.is_empty()
    assert library.remove(["Z\u00e9 患者/7"]) == 1
    assert ids(library) == []


def test_no_free_text_is_kept(library: LocalLibrary) -> None:
    library.add([solved("a", LENS, publication="letter of Dr X", genes=("FBN1", "see note of Dr X"))])
    (case,) = library.cases()
    assert (case.publication, case.genes) == (None, ("FBN1",))


STATED = st.lists(st.sampled_from([term[0] for term in TERMS] + ["HP:9000001", "HP:0002279"]), max_size=5)


@st.composite
def some_cases(draw: st.DrawFn) -> list[SolvedCase]:
    made = []
    for number in range(draw(st.integers(1, 6))):
        observed, excluded = draw(STATED), draw(STATED)
        made.append(
            SolvedCase(
                case_id=draw(st.sampled_from(["", "é", "名"])) + str(number),
                disease_ids=tuple(draw(st.sets(st.sampled_from([MARFAN, DRAVET, NEW]), min_size=1))),
                observed=tuple(observed or [LENS]),
                excluded=tuple(excluded),
                genes=tuple(draw(st.sets(st.sampled_from(["FBN1", "GENE9"])))),
                publication=draw(st.sampled_from([None, "PMID:1", "PMID:2"])),
            )
        )
    return made


@settings(max_examples=40, deadline=None)
@given(there=some_cases(), more=some_cases())
def test_add_then_remove_leaves_what_was_there(
    tiny: HpoKnowledge, there: list[SolvedCase], more: list[SolvedCase]
) -> None:
    """Bit for bit: the library and the file."""
    more = [replace(case, case_id=f"more {case.case_id}") for case in more]
    with tempfile.TemporaryDirectory() as folder:
        library = LocalLibrary(Path(folder) / "library")
        library.add(there)
        before, file = content(library.library(tiny.ontology)), library.path.read_bytes()
        library.add(more)
        assert content(library.library(tiny.ontology, without=[c.case_id for c in more])) == before
        library.remove([case.case_id for case in more])
        assert content(library.library(tiny.ontology)) == before
        assert library.path.read_bytes() == file


@pytest.mark.skipif(not POSIX, reason="permissions of POSIX")
def test_only_its_owner_may_read_it(library: LocalLibrary) -> None:
    library.folder.mkdir(mode=0o755, parents=True)
    before = os.umask(0)
    try:
        library.add(CASES)
        library.remove(["a"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(library.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in library.folder.iterdir()} == {0o600}


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"\x1f\x8b broken"])
def test_a_damaged_file_is_neither_used_nor_overwritten(
    library: LocalLibrary, tiny: HpoKnowledge, damage: bytes
) -> None:
    library.add(CASES)
    library.path.write_bytes(damage)
    for use in (library.cases, lambda: library.add(CASES), lambda: library.remove(["a"])):
        with pytest.raises(KnowledgeError, match="restore it from a backup"):
            use()
    assert library.path.read_bytes() == damage


def test_another_table_in_its_place(library: LocalLibrary) -> None:
    library.folder.mkdir(parents=True)
    pl.DataFrame({"x": [1]}).write_parquet(library.path)
    with pytest.raises(KnowledgeError, match="does not say which table"):
        library.cases()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="GENOPRAXIS_DATA"):
        LocalLibrary(tmp_path / "file" / "library").add(CASES)


def test_a_run_that_never_ends_is_named(library: LocalLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_library, "_LOCK_SECONDS", 0.1)
    library.add(CASES)
    with local_library.FileLock(library.folder / local_library._LOCK):
        other = LocalLibrary(library.folder)
        with pytest.raises(OutputError, match="another run"):
            other.add([solved("f", LENS)])
        assert len(ids(other)) == 5, "a reader need not wait"


_WRITER = """
import sys
sys.path[:0] = {path!r}
from pathlib import Path
from local_cases_for_tests import LENS, solved
from genopraxis.formats import writing
from genopraxis.knowledge.local_library import LocalLibrary
library, name = LocalLibrary(Path({folder!r})), {name!r}
if name == "stopped":
    def wait(path):
        import time
        print("{ready}", flush=True)
        time.sleep(60)
    writing._sync = wait
print("{ready}" if name != "stopped" else "", flush=True)
for number in range({n}):
    library.add([solved(name + str(number), LENS)])
"""


def writer(library: LocalLibrary, name: str, *, n: int) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    code = _WRITER.format(
        path=[str(here), str(here.parent)], folder=str(library.folder), name=name, n=n, ready=READY
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    while process.stdout.readline().strip() != READY:
        assert process.poll() is None, "the writer ended early"


def test_two_runs_at_once_lose_nothing(library: LocalLibrary) -> None:
    processes = [writer(library, name, n=12) for name in ("x", "y")]
    for process in processes:
        with process:
            process.communicate(timeout=120)
        assert process.returncode == 0
    assert set(ids(library)) == {f"{name}{n}" for name in "xy" for n in range(12)}


@pytest.mark.skipif(not POSIX, reason="SIGKILL")
def test_a_run_killed_before_it_took_effect(library: LocalLibrary) -> None:
    """Its copy of the patients goes with the next change."""
    library.add(CASES)
    file = library.path.read_bytes()
    with writer(library, "stopped", n=1) as process:
        wait_until_ready(process)
        process.send_signal(signal.SIGKILL)
    assert library.path.read_bytes() == file
    assert list(library.folder.glob("*.tmp")), "the test killed it too early"
    library.remove(["a"])
    assert ids(library) == ["b", "c", "d", "e"]
    assert sorted(path.name for path in library.folder.iterdir()) == [".lock", "cases.parquet"]


@pytest.mark.skipif(not POSIX, reason="SIGKILL")
@pytest.mark.parametrize("after", [0.0, 0.05, 0.11])
def test_a_run_killed_at_any_time(library: LocalLibrary, after: float) -> None:
    library.add(CASES)
    with writer(library, "k", n=500) as process:
        wait_until_ready(process)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    found = ids(library)
    n = len(found) - len(CASES)
    assert set(found) == {*"abcde", *(f"k{number}" for number in range(n))}
    library.add([solved("f", LENS)])
    assert len(ids(library)) == len(found) + 1
