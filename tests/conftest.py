"""Fixtures for every test: no user's folder is touched, and the embedded release is compiled once."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import load_release
from release_server import Behaviour, serving
from running import cli, install, tiny_release  # noqa: F401 - fixtures of every folder
from tiny import build_tiny, genes_text, hpoa_text, obo_text, tiny_files

# a busy machine is no failure: what takes how long is measured in benchmarks
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def session_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Move the cache and data folders of genopraxis, subprocesses included, to a folder of this session."""
    root = tmp_path_factory.mktemp("genopraxis")
    folders = {"GENOPRAXIS_CACHE": root / "cache", "GENOPRAXIS_DATA": root / "data"}
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in folders.items():
            patch.setenv(name, str(folder))
        yield folders


@pytest.fixture(scope="session")
def embedded(session_folders: dict[str, Path]) -> HpoKnowledge:
    """The embedded HPO release, compiled once per session into the session's cache."""
    return load_release().knowledge


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> HpoKnowledge:
    """The release of ``tests/tiny.py``: 32 terms, 9 diseases. Immutable, hence shared."""
    return build_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def tiny_paths(tmp_path: Path) -> dict[str, Path]:
    """Fresh files of the tiny release, free to be damaged."""
    return tiny_files(tmp_path / "tiny")


@pytest.fixture(scope="session")
def rare_data() -> Path:
    """Folder of the development data on rare disease, for tests marked ``shared_data``."""
    root = Path(os.environ.get("GENOPRAXIS_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    folder = root / "rare"
    if not folder.is_dir():
        pytest.skip("the development data are not here; set GENOPRAXIS_SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def examples() -> Path:
    """Folder of the example patients."""
    return REPOSITORY / "examples"


@pytest.fixture
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no connection leave 127.0.0.1."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "127.0.0.1"
        assert host == "127.0.0.1", f"a connection to {host} was tried"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def release_server(only_this_machine: None) -> Iterator[Behaviour]:
    """The tiny release, served as HPO's are; see ``tests/release_server.py``."""
    texts = {"hp.obo": obo_text(), "phenotype.hpoa": hpoa_text(), "genes_to_disease.txt": genes_text()}
    with serving({name: text.encode() for name, text in texts.items()}) as behaviour:
        yield behaviour
