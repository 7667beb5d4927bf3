"""How a file comes whole: without a server, so that every answer is the test's own."""

from __future__ import annotations

import gzip
import hashlib
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.errors import KnowledgeError, OutputError
from genopraxis.knowledge import downloads
from genopraxis.knowledge.checksums import Checksum
from genopraxis.knowledge.download_assets import Asset, NoAnswerError, StatusError, UnsafeAddressError, shown
from genopraxis.knowledge.downloads import ATTEMPTS, fetch

BODY = bytes(i * 31 % 256 for i in range(5000))
MD5 = Checksum(algorithm="md5", value=hashlib.md5(BODY, usedforsecurity=False).hexdigest())
ASSET = Asset(name="x.gz", url="https://a.example/x.gz", size=len(BODY), stated=MD5, fixed=False, family="x")


@dataclass
class Said:
    """One answer: bytes that break off when ``then`` is an error."""

    data: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Exception | None = None

    def chunks(self) -> Iterator[bytes]:
        for begin in range(0, len(self.data), 512):
            yield self.data[begin : begin + 512]
        if self.then is not None:
            raise self.then


class Servant:
    """Gives the answers in their order, the last one again and again."""

    def __init__(self, *answers: Said | Exception | Callable[[int], Said]) -> None:
        self.answers = list(answers)
        self.asked: list[Mapping[str, str]] = []

    @contextmanager
    def __call__(self, method: str, address: str, headers: Mapping[str, str]) -> Iterator[Said]:
        assert method == "GET"
        self.asked.append(headers)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        yield answer if isinstance(answer, Said) else answer(begin_of(headers))


def begin_of(headers: Mapping[str, str]) -> int:
    return int(headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))


def rest(begin: int, body: bytes = BODY, **more: object) -> Said:
    """Answer as a server does that knows ranges."""
    if not begin:
        return Said(body, **more)  # type: ignore[arg-type]
    headers = {"Content-Range": f"bytes {begin}-{len(body) - 1}/{len(body)}"}
    return Said(body[begin:], status=206, headers=headers, **more)  # type: ignore[arg-type]


def broken(upto: int) -> Callable[[int], Said]:
    def answer(begin: int) -> Said:
        said = rest(begin)
        return replace(said, data=said.data[: max(0, upto - begin)], then=NoAnswerError("it broke off"))

    return answer


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def refused(asset: Asset, folder: Path, servant: Servant, words: str) -> KnowledgeError:
    with pytest.raises(KnowledgeError, match=words) as caught:
        fetch(asset, folder, connect=servant)
    assert not (folder / asset.name).exists(), "nothing may stand under the final name"
    return caught.value


def test_size_and_digest_are_of_the_bytes_that_were_kept(tmp_path):
    fetched = fetch(ASSET, tmp_path, connect=Servant(rest))
    assert fetched.path.read_bytes() == BODY
    assert (fetched.size, fetched.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert left(tmp_path) == ["x.gz"]


@pytest.mark.parametrize("algorithm", ["md5", "sum", "crc32c", "sha256"])
def test_each_kind_of_checksum_is_compared(tmp_path, algorithm):
    pytest.importorskip("numba")
    from genopraxis.knowledge.checksums import Sums

    sums = Sums([algorithm])
    sums.update(BODY)
    right = replace(ASSET, stated=Checksum(algorithm=algorithm, value=sums.value(algorithm)))
    assert fetch(right, tmp_path / "right", connect=Servant(broken(3000), rest)).size == len(BODY)
    wrong = BODY[:100] + bytes([BODY[100] ^ 1]) + BODY[101:]
    said = refused(
        right, tmp_path / "wrong", Servant(lambda at: rest(at, wrong)), f"size or {algorithm} is not"
    )
    assert "x.gz" in str(said)
    assert left(tmp_path / "wrong") == []


def test_a_wrong_part_is_found_out_and_fetched_anew(tmp_path):
    with pytest.raises(KnowledgeError):
        fetch(ASSET, tmp_path, connect=Servant(broken(2000)))
    (part,) = tmp_path.glob("*.part")
    part.write_bytes(b"?" * 2000)
    servant = Servant(rest)
    assert fetch(ASSET, tmp_path, connect=servant).path.read_bytes() == BODY
    assert [begin_of(headers) for headers in servant.asked] == [2000, 0]


@given(cuts=st.lists(st.integers(0, len(BODY) - 1), max_size=ATTEMPTS - 1))
def test_wherever_it_breaks_off_the_file_is_whole_or_not_there(tmp_path_factory, cuts):
    folder = tmp_path_factory.mktemp("cuts")
    counted: list[int] = []
    servant = Servant(*map(broken, cuts), rest)
    fetched = fetch(ASSET, folder, connect=servant, advance=counted.append)
    assert fetched.path.read_bytes() == BODY
    assert sum(counted) == len(BODY), "the bar ends at its end"


def test_large_progress_gives_new_attempts(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "_PROGRESS", 400)
    servant = Servant(*(broken(500 * n) for n in range(1, 10)), rest)
    assert fetch(ASSET, tmp_path, connect=servant).path.read_bytes() == BODY
    assert len(servant.asked) == 10


def test_a_server_that_begins_anew_each_time_does_not_go_on_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "_PROGRESS", 400)
    whole = Said(BODY[:2000], then=NoAnswerError("it broke off"))
    servant = Servant(whole)
    refused(ASSET, tmp_path, servant, "broke off")
    assert len(servant.asked) <= 2 * ATTEMPTS


def test_a_large_file_that_is_wrong_is_not_fetched_four_times(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "_FETCHED_ONCE", 1000)
    servant = Servant(Said(BODY[::-1]))
    refused(ASSET, tmp_path, servant, "md5 is not what the publisher states")
    assert len(servant.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_is_not_there_is_asked_for_once(tmp_path, status):
    servant = Servant(StatusError(status))
    error = refused(ASSET, tmp_path, servant, f"answered {status}")
    assert "check release and assembly" in str(error)
    assert len(servant.asked) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_passes_is_asked_for_again(tmp_path, status):
    servant = Servant(StatusError(status), rest)
    assert fetch(ASSET, tmp_path, connect=servant).size == len(BODY)


def test_a_part_that_the_server_does_not_know_is_thrown_away(tmp_path):
    servant = Servant(broken(3000), StatusError(416), rest)
    assert fetch(ASSET, tmp_path, connect=servant).path.read_bytes() == BODY
    assert [begin_of(headers) for headers in servant.asked] == [0, 3000, 0]


def test_a_range_of_a_file_of_another_size_is_not_taken(tmp_path):
    other = Said(BODY[3000:], status=206, headers={"Content-Range": f"bytes 3000-{len(BODY) - 1}/99999"})
    servant = Servant(broken(3000), other, rest)
    assert fetch(ASSET, tmp_path, connect=servant).path.read_bytes() == BODY
    assert [begin_of(headers) for headers in servant.asked] == [0, 3000, 0]


def test_an_unsafe_redirect_is_not_tried_again(tmp_path):
    servant = Servant(UnsafeAddressError("http://b.example is no https address"))
    error = refused(ASSET, tmp_path, servant, "no https address")
    assert "--insecure" in str(error)
    assert len(servant.asked) == 1


# --- where little is known


UNKNOWN = replace(ASSET, size=None, stated=None)


def test_without_size_and_checksum_what_comes_is_taken(tmp_path):
    fetched = fetch(UNKNOWN, tmp_path, connect=Servant(rest))
    assert (fetched.size, fetched.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())


def test_a_part_of_what_nothing_tells_apart_is_not_gone_on_with(tmp_path):
    servant = Servant(broken(3000), rest)
    assert fetch(UNKNOWN, tmp_path, connect=servant).path.read_bytes() == BODY
    assert all("Range" not in headers for headers in servant.asked)


def test_a_version_lets_a_part_be_gone_on_with_if_it_is_still_the_same(tmp_path):
    servant = Servant(broken(3000), rest)
    asset = replace(UNKNOWN, version='"abc"')
    assert fetch(asset, tmp_path, connect=servant).path.read_bytes() == BODY
    assert servant.asked[1] == {"Accept-Encoding": "identity", "Range": "bytes=3000-", "If-Range": '"abc"'}
    changed = Servant(broken(3000), Said(BODY[::-1]))
    assert fetch(asset, tmp_path, connect=changed).path.read_bytes() == BODY[::-1], "the whole of the new one"


def test_an_endless_answer_ends_at_the_limit(tmp_path):
    asset = replace(UNKNOWN, largest_bytes=3000)
    refused(asset, tmp_path, Servant(rest), "more bytes")
    assert left(tmp_path) == []


def test_a_length_beyond_the_limit_is_refused_before_it_comes(tmp_path):
    class Unread(Said):
        def chunks(self) -> Iterator[bytes]:
            raise AssertionError("it must not be read")

    refused(UNKNOWN, tmp_path, Servant(Unread(b"", headers={"Content-Length": str(1 << 40)})), "more bytes")
    servant = Servant(rest)
    refused(replace(ASSET, size=1 << 40), tmp_path, servant, "which no x file has")
    assert servant.asked == []


def test_an_empty_file_is_none(tmp_path):
    refused(UNKNOWN, tmp_path, Servant(Said(b"")), "it is empty")


PAGE = b"<!DOCTYPE html><html><title>Sign in to the network</title></html>" * 20


@pytest.mark.parametrize("form", ["gzip", "bgzip", "zip", "text"])
@pytest.mark.parametrize("page", [PAGE, b"<html>no</html>"], ids=["long", "short"])
def test_a_web_page_is_not_taken_for_the_file(tmp_path, form, page):
    servant = Servant(Said(page))
    error = refused(replace(UNKNOWN, form=form), tmp_path, servant, "a web page came")
    assert "proxy" in str(error)
    assert len(servant.asked) == 1
    assert left(tmp_path) == []


def test_a_truncated_gzip_file_without_checksum_is_found_out(tmp_path):
    whole = gzip.compress(BODY)
    asset = replace(UNKNOWN, form="gzip")
    refused(asset, tmp_path, Servant(Said(whole[:-20])), "not a whole gzip file")
    assert fetch(asset, tmp_path, connect=Servant(Said(whole))).size == len(whole)


# --- the disk


def test_a_disk_without_the_space_is_said_before_anything_comes(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(1, 1, 4000)
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda _: usage)
    servant = Servant(rest)
    with pytest.raises(OutputError, match="needs 5,000 bytes more, and 4,000 are free"):
        fetch(ASSET, tmp_path, connect=servant, folder_hint="give another folder")
    assert servant.asked == []
    assert left(tmp_path) == []


def test_a_good_file_is_not_lost_to_a_failure(tmp_path):
    (tmp_path / "x.gz").write_bytes(b"older")
    with pytest.raises(KnowledgeError):
        fetch(ASSET, tmp_path, connect=Servant(Said(BODY[::-1])))
    assert (tmp_path / "x.gz").read_bytes() == b"older"


def test_a_file_that_is_here_and_right_is_not_asked_for(tmp_path):
    (tmp_path / "x.gz").write_bytes(BODY)
    servant = Servant(rest)
    assert fetch(ASSET, tmp_path, connect=servant).sha256 == hashlib.sha256(BODY).hexdigest()
    assert servant.asked == []


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("https://anna:secret@a.example/x?token=1#y", "https://a.example/x"),
        ("http://[bad", "an address that cannot be read"),
    ],
)
def test_addresses_are_shown_without_secrets(address, text):
    assert shown(address) == text
