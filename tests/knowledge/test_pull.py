"""Fetching a release: whole, resumed, refused. Every connection goes to a server of this process."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from genopraxis.contracts.errors import InputError, KnowledgeError, OutputError
from genopraxis.knowledge import pull
from genopraxis.knowledge.pull import Asset, fetch, list_release, source_text
from release_server import Behaviour

BODY = b"".join(n.to_bytes(4, "big") for n in range(2560))  # 10,240 bytes, no two parts alike


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "_CHUNK", 512)


@pytest.fixture
def server(release_server: Behaviour) -> Behaviour:
    release_server.files["big.bin"] = BODY
    return release_server


def asset_of(server: Behaviour, name: str = "big.bin") -> Asset:
    raw = next(a for a in server.assets() if a["name"] == name)
    return Asset(
        name=name,
        url=raw["browser_download_url"],
        size=raw["size"],
        sha256=(raw["digest"] or "").removeprefix("sha256:") or None,
    )


def names(folder: Path) -> list[str]:
    """Names in a folder, locks aside."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


# --- the listing


@pytest.mark.parametrize("version", [None, "2025-01-17"])
def test_the_listing_gives_version_and_the_wanted_files(server, version):
    found, assets = list_release(version, base=server.releases)
    assert found == "2025-01-17"
    assert [a.name for a in assets] == list(pull.WANTED), "and no other file of the release"
    for asset in assets:
        assert asset == asset_of(server, asset.name)
        assert asset.sha256 is not None


@pytest.mark.parametrize(
    "version", ["latest", "v2025-01-17", "2025-1-17", "", "../x", "2025-01-17\n", "٢٠٢٥-٠١-١٧"]
)
def test_a_version_that_is_no_date_is_refused_without_asking(server, version):
    with pytest.raises(InputError, match="is no HPO release"):
        list_release(version, base=server.releases)
    assert server.requests == []


def test_a_release_that_is_not_there(server):
    with pytest.raises(KnowledgeError, match="answered 404") as caught:
        list_release("1999-01-01", base=server.releases)
    assert caught.value.where == f"{server.releases}/tags/v1999-01-01"
    assert "knowledge build hpo" in str(caught.value)


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_server_that_refuses(server, status):
    server.status["/releases/latest"] = status
    with pytest.raises(KnowledgeError, match=f"answered {status}"):
        list_release(None, base=server.releases)


def changed(server: Behaviour, **change: object) -> str:
    assets = [a | change for a in server.assets()]
    return json.dumps({"tag_name": server.tag, "assets": assets})


@pytest.mark.parametrize(
    "listing",
    [
        pytest.param(lambda s: "<html>", id="html"),
        pytest.param(lambda s: "", id="empty"),
        pytest.param(lambda s: "[]", id="a list"),
        pytest.param(lambda s: "null", id="null"),
        pytest.param(lambda s: "{}", id="hollow"),
        pytest.param(lambda s: json.dumps({"tag_name": s.tag, "assets": None}), id="assets null"),
        pytest.param(lambda s: json.dumps({"tag_name": s.tag, "assets": ["x"]}), id="assets text"),
        pytest.param(lambda s: json.dumps({"tag_name": s.tag, "assets": [{"size": 1}]}), id="no name"),
        pytest.param(lambda s: json.dumps({"assets": s.assets()}), id="no tag"),
        pytest.param(lambda s: changed(s, size=None), id="size null"),
        pytest.param(lambda s: changed(s, size="many"), id="size text"),
        pytest.param(lambda s: changed(s, size=0), id="size 0"),
        pytest.param(lambda s: changed(s, size=-1), id="size negative"),
        pytest.param(lambda s: changed(s, size=True), id="size true"),
        pytest.param(lambda s: changed(s, size=7).replace(": 7", ": 1e999"), id="size infinite"),
        pytest.param(lambda s: changed(s, size=7).replace(": 7", ": " + "7" * 9999), id="size long"),
        pytest.param(lambda s: "[" * 200_000, id="deep"),
        pytest.param(lambda s: '{"a":' * 200_000, id="deep 2"),
        pytest.param(lambda s: changed(s) + " " * (4 << 20), id="large"),
        pytest.param(lambda s: "{" + '"a":{},' * 550_000 + "}", id="many values"),
        pytest.param(lambda s: changed(s, browser_download_url="file:///etc/passwd"), id="a file"),
        pytest.param(lambda s: changed(s, browser_download_url="ftp://127.0.0.1/x"), id="ftp"),
        pytest.param(lambda s: changed(s, browser_download_url="http://192.0.2.1/x"), id="http elsewhere"),
        pytest.param(lambda s: changed(s, browser_download_url="x"), id="no address"),
        pytest.param(lambda s: changed(s, browser_download_url="http://[bad"), id="no address 2"),
        pytest.param(lambda s: json.dumps({"tag_name": "../../x", "assets": s.assets()}), id="tag a path"),
        pytest.param(
            lambda s: json.dumps({"tag_name": "v2024-01-01/..", "assets": s.assets()}), id="tag path 2"
        ),
    ],
)
def test_a_listing_that_makes_no_sense(server, listing):
    server.listing = listing(server)
    with pytest.raises(KnowledgeError, match="the release listing cannot be read"):
        list_release(None, base=server.releases)


def test_a_listing_of_another_release_is_not_taken(server):
    server.listing = json.dumps({"tag_name": "v2024-01-01", "assets": server.assets()})
    with pytest.raises(KnowledgeError, match="2024-01-01"):
        list_release("2025-01-17", base=server.releases)


def test_a_release_that_lacks_a_file(server):
    del server.files["phenotype.hpoa"]
    with pytest.raises(InputError, match=r"has no phenotype\.hpoa"):
        list_release(None, base=server.releases)


@pytest.mark.parametrize("digest", [None, "", "md5:0123", "sha256:12", 5])
def test_a_digest_that_is_not_stated_is_none(server, digest):
    server.listing = changed(server, digest=digest)
    assert [a.sha256 for a in list_release(None, base=server.releases)[1]] == [None] * 3


def test_redirects_are_followed(server):
    server.redirects["/releases/latest"] = f"/releases/tags/{server.tag}"
    assert list_release(None, base=server.releases)[0] == "2025-01-17"


@pytest.mark.parametrize("base", ["http://[bad", "ftp://127.0.0.1/x", "", "127.0.0.1", "http://"])
def test_an_address_that_is_none(only_this_machine, base):
    with pytest.raises(KnowledgeError, match="cannot be read"):
        list_release(None, base=base)


@pytest.mark.parametrize(
    ("address", "first", "insecure", "safe"),
    [
        ("https://hpo.example/x", "https://hpo.example", False, True),
        ("http://hpo.example/x", "https://hpo.example", False, False),
        ("http://hpo.example/x", "http://hpo.example", False, False),
        ("http://hpo.example/x", "http://hpo.example", True, True),
        ("http://127.9.8.7/x", "http://localhost:80", False, True),
        ("http://[::1]:80/x", "http://127.0.0.1", False, True),
        ("http://LOCALHOST/x", "http://127.0.0.1", False, True),
        ("http://127.0.0.1/x", "https://hpo.example", False, False),
        ("http://localhost.example/x", "http://127.0.0.1", False, False),
        ("http://127.0.0.1.example/x", "http://127.0.0.1", False, False),
        ("http://127.0.0.1@hpo.example/x", "http://127.0.0.1", False, False),
        ("http://[::ffff:127.0.0.1]/x", "http://127.0.0.1", False, False),
        ("http://0.0.0.0/x", "http://127.0.0.1", False, False),
        ("ftp://127.0.0.1/x", "http://127.0.0.1", True, False),
        ("file:///etc/passwd", "http://127.0.0.1", True, False),
    ],
)
def test_which_addresses_are_safe(address, first, insecure, safe):
    with nullcontext() if safe else pytest.raises(pull._Unsafe):
        pull._need_safe(address, first=first, insecure=insecure)


def test_http_elsewhere_is_refused_without_asking(only_this_machine):
    with pytest.raises(KnowledgeError, match="is no https address") as caught:
        list_release(None, base="http://anna:secret@hpo.example/releases?token=secret")
    assert "--insecure" in str(caught.value)
    assert "secret" not in str(caught.value)
    asset = Asset(name="x", url="http://hpo.example/x", size=1, sha256="0" * 64)
    with pytest.raises(KnowledgeError, match="is no https address"):
        fetch(asset, Path(), insecure=False)


@pytest.mark.parametrize("to", ["http://192.0.2.1/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirect_to_what_is_not_safe_is_not_followed(server, tmp_path, to):
    server.redirects["/releases/latest"] = server.redirects["/files/big.bin"] = to
    with pytest.raises(KnowledgeError, match="cannot be read"):
        list_release(None, base=server.releases)
    refused(server, asset_of(server), tmp_path, "cannot be fetched")
    assert len(server.requests) <= 1 + pull._ATTEMPTS


def test_where_a_release_came_from_holds_no_password():
    assets = [Asset(name="a.obo", url="x", size=1, sha256=None), Asset(name="b", url="x", size=1, sha256="0")]
    found = source_text("https://anna:secret@hpo.example/r?token=secret#x", "2025-01-17", assets)
    assert found == "https://hpo.example/r 2025-01-17 (unverified, no sha256 stated: a.obo)"
    assert source_text(pull.OFFICIAL, "2025-01-17", assets[1:]) == f"{pull.OFFICIAL} 2025-01-17"


def test_a_failure_tells_no_secret_of_the_address(server, tmp_path):
    host = server.base.removeprefix("http://")
    server.status["/files/big.bin?token=secret"] = 403
    asset = replace(asset_of(server), url=f"http://anna:secret@{host}/files/big.bin?token=secret")
    with pytest.raises(KnowledgeError, match="answered 403") as caught:
        fetch(asset, tmp_path)
    assert "secret" not in str(caught.value)
    assert "anna" not in str(caught.value)


def test_nobody_listens(only_this_machine):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: the port refuses and stays ours
        with pytest.raises(KnowledgeError, match="is there a connection"):
            list_release(None, base=f"http://127.0.0.1:{taken.getsockname()[1]}")


# --- one file


def test_a_file_is_fetched_and_its_bytes_are_counted(server, tmp_path):
    counted: list[int] = []
    path = fetch(asset_of(server), tmp_path / "new" / "folder", advance=counted.append)
    assert path == tmp_path / "new" / "folder" / "big.bin"
    assert path.read_bytes() == BODY
    assert sum(counted) == len(BODY)
    assert names(path.parent) == ["big.bin"]
    assert server.of_files() == [("big.bin", None)]


def test_a_file_that_is_there_is_not_fetched_again(server, tmp_path):
    fetch(asset_of(server), tmp_path)
    counted: list[int] = []
    fetch(asset_of(server), tmp_path, advance=counted.append)
    assert len(server.of_files()) == 1
    assert sum(counted) == len(BODY)


def test_a_file_that_was_changed_on_disk_is_fetched_again(server, tmp_path):
    path = fetch(asset_of(server), tmp_path)
    path.write_bytes(BODY[::-1])
    assert fetch(asset_of(server), tmp_path).read_bytes() == BODY
    assert len(server.of_files()) == 2


@pytest.mark.parametrize("no_length", [False, True], ids=["length stated", "no length stated"])
def test_a_cut_connection_is_resumed_within_one_call(server, tmp_path, no_length):
    server.no_length = no_length
    server.cuts = [len(BODY) // 2, 1000]
    counted: list[int] = []
    assert fetch(asset_of(server), tmp_path, advance=counted.append).read_bytes() == BODY
    (_, first), (_, second), (_, third) = server.of_files()
    assert first is None
    begins = [int(r.removeprefix("bytes=").removesuffix("-")) for r in (second, third)]
    # up to one chunk of what came may be lost with the connection
    assert len(BODY) // 2 - 512 <= begins[0] <= len(BODY) // 2
    assert begins[0] < begins[1] <= begins[0] + 1000
    assert names(tmp_path) == ["big.bin"]


def test_a_download_that_failed_goes_on_with_the_next_call(server, tmp_path):
    server.cuts = [2048, 1024, 1024, 1024]
    with pytest.raises(KnowledgeError, match="run the same command again to go on"):
        fetch(asset_of(server), tmp_path)
    (part,) = (path for path in tmp_path.iterdir() if path.suffix == ".part")
    have = part.stat().st_size
    assert have > 2048
    assert part.read_bytes() == BODY[:have]
    assert fetch(asset_of(server), tmp_path).read_bytes() == BODY
    assert server.of_files()[-1] == ("big.bin", f"bytes={have}-")


def test_a_server_that_ignores_the_range_sends_the_whole_file(server, tmp_path):
    server.ignore_range = True
    server.cuts = [len(BODY) // 2]
    assert fetch(asset_of(server), tmp_path).read_bytes() == BODY
    assert [r is None for _, r in server.of_files()] == [True, False], "and no third time"


@pytest.mark.parametrize("digests", [True, False], ids=["digest", "no digest"])
def test_a_server_that_sends_another_part_is_not_believed(server, tmp_path, digests):
    server.digests = digests
    server.other_range = True
    server.cuts = [len(BODY) // 2]
    assert fetch(asset_of(server), tmp_path, allow_unverified=True).read_bytes() == BODY


def part_of(server: Behaviour, folder: Path) -> Path:
    """Return where the part of a download is kept: told by a download that fails."""
    cuts, server.cuts = server.cuts, [1000, 10, 10, 10]
    with pytest.raises(KnowledgeError):
        fetch(asset_of(server), folder)
    server.cuts = cuts
    server.requests.clear()
    (part,) = folder.glob("*.part")
    return part


@pytest.mark.parametrize("other", ["mirror", "digest"])
def test_a_part_of_another_mirror_or_file_is_not_gone_on_with(server, tmp_path, other):
    part = part_of(server, tmp_path)
    asset = asset_of(server)
    if other == "mirror":
        server.redirects["/mirror"] = "/files/big.bin"
        asset = replace(asset, url=f"{server.base}/mirror")
    else:
        server.files["big.bin"] = BODY[::-1]
        asset = asset_of(server)
    part.write_bytes(b"x" * 5000)
    assert fetch(asset, tmp_path).read_bytes() == server.files["big.bin"]
    assert server.of_files() == [("big.bin", None)]
    assert names(tmp_path) == ["big.bin"], "parts that nobody goes on with are removed"


def test_a_part_of_another_file_is_found_out(server, tmp_path):
    part_of(server, tmp_path).write_bytes(b"x" * 5000)
    assert fetch(asset_of(server), tmp_path).read_bytes() == BODY
    assert [r for _, r in server.of_files()] == ["bytes=5000-", None]


@pytest.mark.parametrize("content", [BODY, BODY + b"more", b""], ids=["whole", "too long", "empty"])
def test_a_part_of_any_length_is_used_or_thrown_away(server, tmp_path, content):
    part_of(server, tmp_path).write_bytes(content)
    assert fetch(asset_of(server), tmp_path).read_bytes() == BODY
    assert len(server.of_files()) == (0 if content == BODY else 1)
    assert names(tmp_path) == ["big.bin"]


def refused(server: Behaviour, asset: Asset, folder: Path, words: str) -> None:
    with pytest.raises(KnowledgeError, match=words) as caught:
        fetch(asset, folder, allow_unverified=True)
    assert caught.value.where in {asset.url, "an address that cannot be read"}
    assert not (folder / asset.name).exists(), "nothing may stand under the final name"


def test_a_wrong_digest_is_refused(server, tmp_path):
    refused(server, replace(asset_of(server), sha256="0" * 64), tmp_path, "not what the publisher states")
    assert names(tmp_path) == []
    assert len(server.of_files()) == pull._ATTEMPTS


def test_a_good_file_of_an_older_run_is_not_lost_to_a_wrong_one(server, tmp_path):
    (tmp_path / "big.bin").write_bytes(b"older")
    with pytest.raises(KnowledgeError):
        fetch(replace(asset_of(server), sha256="0" * 64), tmp_path)
    assert (tmp_path / "big.bin").read_bytes() == b"older"


@pytest.mark.parametrize("no_length", [False, True])
@pytest.mark.parametrize("digest", [False, True])
def test_more_bytes_than_stated_are_refused(server, tmp_path, no_length, digest):
    asset = replace(asset_of(server), size=len(BODY) - 100)
    asset = asset if digest else replace(asset, sha256=None)
    server.no_length = no_length
    refused(server, asset, tmp_path, "more bytes|not what the publisher")


def test_an_endless_answer_is_cut_off(server, tmp_path):
    server.suffix = b"x" * 5_000_000
    refused(server, asset_of(server), tmp_path, "more bytes")
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) <= len(BODY)


def test_fewer_bytes_than_stated_are_refused(server, tmp_path):
    refused(server, replace(asset_of(server), size=len(BODY) + 1, sha256=None), tmp_path, "cannot be fetched")


def test_a_size_that_no_file_has_is_refused_without_asking(server, tmp_path):
    refused(server, replace(asset_of(server), size=1 << 40), tmp_path, "which no HPO file has")
    assert server.of_files() == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_file_that_is_refused(server, tmp_path, status):
    server.status["/files/big.bin"] = status
    refused(server, asset_of(server), tmp_path, str(status))


def test_an_address_that_is_none_is_an_error(server, tmp_path):
    refused(server, replace(asset_of(server), url="http://[bad"), tmp_path, "cannot be fetched")


def test_a_redirect_to_a_file_is_followed_also_when_resuming(server, tmp_path):
    asset = replace(asset_of(server), url=f"{server.base}/moved")
    server.redirects["/moved"] = "/files/big.bin"
    server.cuts = [3000]
    assert fetch(asset, tmp_path).read_bytes() == BODY
    assert server.of_files()[1][1] is not None


def test_redirects_in_a_ring_end(server, tmp_path):
    server.redirects["/a"], server.redirects["/b"] = "/b", "/a"
    refused(server, replace(asset_of(server), url=f"{server.base}/a"), tmp_path, "cannot be fetched")


def test_without_a_digest_a_file_is_taken_only_on_request(server, tmp_path):
    asset = replace(asset_of(server), sha256=None)
    with pytest.raises(KnowledgeError, match=r"states no sha256 for big\.bin") as caught:
        fetch(asset, tmp_path)
    assert "--allow-unverified" in str(caught.value)
    assert server.of_files() == []
    assert fetch(asset, tmp_path, allow_unverified=True).read_bytes() == BODY


def test_without_a_digest_the_size_is_all_that_is_checked(server, tmp_path):
    asset = replace(asset_of(server), sha256=None)
    (tmp_path / "big.bin").write_bytes(b"x" * len(BODY))
    server.files["big.bin"] = BODY[::-1]
    assert fetch(asset, tmp_path, allow_unverified=True).read_bytes() == BODY[::-1], "and not what was there"


def test_two_at_once_fetch_once(server, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: fetch(asset_of(server), tmp_path), range(4)))
    assert {path.read_bytes() for path in paths} == {BODY}
    assert server.of_files() == [("big.bin", None)]
    assert names(tmp_path) == ["big.bin"]


def test_a_folder_that_cannot_be_written_is_an_output_error(server, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="GENOPRAXIS_DATA"):
        fetch(asset_of(server), tmp_path / "file" / "folder")


def test_a_full_disk_is_an_output_error_and_leaves_no_file(server, tmp_path, monkeypatch):
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_args):
            return None

        def write(self, _data):
            raise OSError(28, "No space left on device")

    opened = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: Full() if self.suffix == ".part" else opened(self, *a, **k)
    )
    with pytest.raises(OutputError, match="No space left"):
        fetch(asset_of(server), tmp_path)
    assert not (tmp_path / "big.bin").exists()
