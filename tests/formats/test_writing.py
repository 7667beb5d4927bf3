"""Writing files: nothing half-written, nothing lost, and names that stay apart."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import OutputError
from genopraxis.formats.files import (
    atomic_file,
    atomic_folder,
    ensure_writable_folder,
    safe_name,
    safe_names,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def break_off(path: Path) -> None:
    path.write_text("half")
    raise ZeroDivisionError


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "new" / "result.tsv"
    with atomic_file(target) as temporary:
        temporary.write_text("done")
        assert temporary.parent == target.parent
        assert temporary.name.startswith(".")
        assert not target.exists()
    assert target.read_text() == "done"
    assert names(target.parent) == ["result.tsv"]


def test_a_failed_file_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "result.tsv"
    target.write_text("old")
    target.chmod(0o640)
    with pytest.raises(ZeroDivisionError), atomic_file(target) as temporary:
        break_off(temporary)
    assert target.read_text() == "old"
    with atomic_file(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["result.tsv"]


def test_a_file_cannot_take_every_place(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is not a file"), atomic_file(tmp_path / "folder"):
        pass
    with pytest.raises(OutputError, match="is a file"), atomic_file(tmp_path / "file" / "inner"):
        pass
    with pytest.raises(OutputError, match="longer than 255 bytes"), atomic_file(tmp_path / ("é" * 200)):
        pass
    with pytest.raises(OutputError, match="disappeared"), atomic_file(tmp_path / "gone") as temporary:
        temporary.unlink()
    assert names(tmp_path) == ["file", "folder"]


def test_disk_errors_are_told_from_others(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="disk is full"), atomic_file(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(FileNotFoundError), atomic_file(tmp_path / "a"):
        (tmp_path / "an input that is missing").read_text()
    with pytest.raises(OutputError, match="disk is full"), atomic_folder(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "report"
    for content in ("first", "second"):
        with atomic_folder(target) as temporary:
            (temporary / "sub").mkdir()
            (temporary / "sub" / content).write_text(content)
        assert names(target / "sub") == [content]
        assert names(tmp_path) == ["report"]
    with pytest.raises(ZeroDivisionError), atomic_folder(target) as temporary:
        break_off(temporary / "half")
    assert names(target / "sub") == ["second"]
    assert names(tmp_path) == ["report"]


def test_the_old_folder_comes_back_when_the_swap_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report"
    target.mkdir()
    (target / "old").write_text("x")
    rename = Path.rename

    def fail(self: Path, other: Path) -> Path:
        if other == target and (self / "new").exists():
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OutputError, match="cannot be replaced"), atomic_folder(target) as temporary:
        (temporary / "new").write_text("x")
    assert names(target) == ["old"]
    assert names(tmp_path) == ["report"]


def test_a_folder_that_nobody_means_to_replace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "work" / "here"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    for target in (Path(), Path(".."), tmp_path / "work", Path.home(), Path("/")):
        with pytest.raises(OutputError, match="replaced as a whole"), atomic_folder(target):
            pass
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is a file"), atomic_folder(tmp_path / "file"):
        pass


def test_writable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ensure_writable_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert names(tmp_path / "a" / "b") == []
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "inner"):
        with pytest.raises(OutputError, match="is a file"):
            ensure_writable_folder(place)
    with pytest.raises(OutputError, match="NUL"):
        ensure_writable_folder("a\0b")
    for number, message in ((errno.EACCES, "no permission"), (errno.EROFS, "read-only")):

        def refuse(self: Path, *args: object, code: int = number, **kwargs: object) -> None:
            raise OSError(code, "refused")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "mkdir", refuse)
            with pytest.raises(OutputError, match=message):
                ensure_writable_folder(tmp_path / "c")


@pytest.mark.parametrize("case_id", ["demo-marfan", "PMID_15266616_100", "a.b", "7", "_x", "x" * 80])
def test_a_plain_identifier_is_its_own_name(case_id: str) -> None:
    assert safe_name(case_id) == case_id


@pytest.mark.parametrize(
    "case_id",
    ["", ".", "..", "../../etc/passwd", "a/b", "a\\b", "C:", "con", "NUL.txt", "x.", "-rf", ".hidden", "é",
     "病例", "a b", "x" * 81, "x\n", "a\0b", "x-0123456789abcdef", "com1", "\ud800"],
)  # fmt: skip
def test_any_other_identifier_gets_a_safe_name(case_id: str) -> None:
    name = safe_name(case_id)
    assert name != case_id
    assert name.isascii()
    assert len(name) <= 80
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    assert not name.startswith((".", "-"))
    # the name of a name is another one: nobody can pick an identifier that collides
    assert safe_name(name) != name


def test_names_that_differ_in_case_only() -> None:
    found = safe_names(["Case", "case", "other"])
    assert found["other"] == "other"
    assert found["Case"].casefold() != found["case"].casefold()


odd_ids = st.one_of(st.text(max_size=12), st.from_regex(r"[a-cA-C./ -]{0,4}", fullmatch=True))


@settings(max_examples=200, deadline=None)
@given(ids=st.sets(odd_ids, min_size=2, max_size=12))
def test_different_identifiers_never_share_a_name(ids: set[str]) -> None:
    assert len({safe_name(case_id) for case_id in ids}) == len(ids)
    assert len({name.casefold() for name in safe_names(ids).values()}) == len(ids)
