"""Ontology files: OBO and OBO graphs give the same terms; anything else gives one clear error."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.formats.ontology_file import TERMS as CONTRACT
from genopraxis.formats.ontology_file import OntologyFile, read_ontology
from tiny import OBSOLETE, TERMS, json_text, obo_text

OBO, GRAPH = obo_text(), json_text()
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(tmp_path: Path, content: str | bytes, name: str = "hp.obo") -> OntologyFile:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_ontology(path)


def term(found: OntologyFile, term_id: str) -> dict[str, object]:
    return found.terms.row(by_predicate=pl.col("term_id") == term_id, named=True)


def test_obo_gives_every_term_with_all_that_is_stated(tiny_paths):
    found = read_ontology(tiny_paths["ontology"])
    assert found.version == "2025-01-16"
    assert found.terms["term_id"].to_list() == sorted(t[0] for t in (*TERMS, *OBSOLETE))
    assert term(found, "HP:0001250") == {
        "term_id": "HP:0001250",
        "label": "Seizure",
        "obsolete": False,
        "replaced_by": None,
        "alternative_ids": ["HP:0002279"],
        "parents": ["HP:0012638"],
        "synonyms": ["Seizures", "Epileptic seizure"],
    }
    assert term(found, "HP:0011153")["parents"] == ["HP:0007359", "HP:0020219"]
    assert term(found, "HP:9000001")["obsolete"] is True
    assert term(found, "HP:9000001")["replaced_by"] == "HP:0001250"
    assert term(found, "HP:9000003")["replaced_by"] is None
    assert CONTRACT.check(found.terms, raise_errors=True)


def test_an_obo_graph_gives_the_same_terms(tiny_paths):
    from_obo = read_ontology(tiny_paths["ontology"])
    from_graph = read_ontology(tiny_paths["ontology_json"])
    assert from_graph.version == from_obo.version

    def comparable(found: OntologyFile) -> pl.DataFrame:
        # a graph also has a node of its own for each alternative id
        kept = found.terms.filter(pl.col("term_id") != "HP:0002279").drop("alternative_ids")
        return kept.with_columns(pl.col("parents", "synonyms").list.sort())

    assert comparable(from_graph).equals(comparable(from_obo))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: gzip.compress(data), id="gzip"),
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="byte order mark"),
        pytest.param(lambda data: b"\n\n" + data if data[:1] == b"{" else data + b"\n\n", id="empty lines"),
    ],
)
@pytest.mark.parametrize("content", [OBO, GRAPH], ids=["obo", "json"])
def test_wrappings_do_not_matter(tmp_path, content, change):
    plain = read(tmp_path, content)
    found = read(tmp_path, change(content.encode()), "other")
    assert found.version == plain.version
    assert found.terms.equals(plain.terms)


def test_only_terms_with_the_prefix_are_kept(tmp_path):
    extra = "\n[Term]\nid: MP:0000001\nname: mammalian\n\n[Typedef]\nid: HP:part\nname: part of\n"
    found = read(tmp_path, OBO + extra)
    assert "MP:0000001" not in found.terms["term_id"]
    assert "HP:part" not in found.terms["term_id"]
    (tmp_path / "mp.obo").write_text(OBO + extra)
    assert read_ontology(tmp_path / "mp.obo", prefix="MP:").terms["term_id"].to_list() == ["MP:0000001"]


def test_a_parent_of_another_ontology_is_not_missed(tmp_path):
    found = read(tmp_path, OBO.replace("is_a: HP:0003011\n", "is_a: HP:0003011\nis_a: UPHENO:0001002\n"))
    assert term(found, "HP:0001324")["parents"] == ["HP:0003011", "UPHENO:0001002"]


def test_a_version_without_a_date_is_kept_as_it_is(tmp_path):
    assert read(tmp_path, OBO.replace("hp/releases/2025-01-16", "draft")).version == "draft"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(OBO[:900], "cannot be read as an OBO file", id="obo cut in a line"),
        # the terms of a release are in the order of their ids, so that parents may come last
        pytest.param(
            OBO.replace("id: HP:0012638", "id: XX:1"), "does not define", id="obo cut between terms"
        ),
        pytest.param(GRAPH[:900], "cannot be read as an OBO graph", id="json cut"),
        pytest.param(OBO.replace("data-version", "x-version"), "states no release", id="obo no version"),
        pytest.param(GRAPH.replace('"version"', '"xersion"'), "states no release", id="json no version"),
        pytest.param(OBO.replace("HP:", "XX:"), "holds no term", id="other ontology"),
        pytest.param("{}", "no 'graphs'", id="other json"),
        pytest.param('{"graphs": []}', "no 'graphs'", id="no graph"),
        pytest.param('{"graphs": {"id": 1}}', "no 'graphs'", id="graphs no list"),
        pytest.param('{"graphs": [{}]}', "cannot be read as an OBO graph", id="hollow graph"),
        pytest.param('{"a":' * 100_000, "cannot be read as an OBO graph", id="deep json"),
        pytest.param(GRAPH.replace("HP_0001250", "HP 0001250"), "cannot be read", id="bad id"),
        pytest.param(OBO.replace("Spider", "Sp\xefder").encode("latin1"), "cannot be read", id="latin1"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\n", "holds no term", id="blank"),
        pytest.param(gzip.compress(OBO.encode())[:300], "truncated", id="gzip cut"),
    ],
)
def test_what_cannot_be_used_is_one_error_that_names_the_file(tmp_path, content, words):
    with pytest.raises(InputError, match=r"hp\.obo") as caught:
        read(tmp_path, content)
    assert words in str(caught.value)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_ontology(tmp_path / "none.obo")


def only_input_errors(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = read(Path(folder), content)
        except InputError:
            return
        assert CONTRACT.check(found.terms, raise_errors=True)
        assert found.version


@FUZZ
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    only_input_errors(content)


@FUZZ
@given(st.data())
def test_any_damage_to_an_obo_file_is_read_or_refused(data):
    lines = OBO.split("\n")[:60]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        text = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
        match data.draw(st.sampled_from(["drop", "repeat", "replace", "append", "cut"])):
            case "drop":
                lines[at : at + 1] = []
                lines = lines or [""]
            case "repeat":
                lines.insert(at, lines[at])
            case "replace":
                lines[at] = data.draw(text)
            case "append":
                lines[at] += data.draw(text)
            case "cut":
                lines[at] = lines[at][: len(lines[at]) // 2]
    only_input_errors("\n".join(lines).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6) | st.sampled_from(["HP_1", "is_a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "lbl", "meta", "nodes", "edges", "version"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@FUZZ
@given(st.data())
def test_any_damage_to_an_obo_graph_is_read_or_refused(data):
    document = json.loads(GRAPH)
    graph = document["graphs"][0]
    graph["nodes"], graph["edges"] = graph["nodes"][:8], graph["edges"][:6]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([graph, *graph["nodes"], *graph["edges"], graph["meta"]]))
        if not place:
            continue
        key = data.draw(st.sampled_from(sorted(place)))
        if data.draw(st.booleans()):
            del place[key]
        else:
            place[key] = data.draw(JSON)
        if not isinstance(graph.get("nodes"), list) or not isinstance(graph.get("edges"), list):
            break
        if not isinstance(graph.get("meta"), dict):
            break
        if not all(isinstance(part, dict) for part in (*graph["nodes"], *graph["edges"])):
            break
    only_input_errors(json.dumps(document).encode())


@FUZZ
@given(JSON)
def test_any_json_is_read_or_refused(value):
    only_input_errors(json.dumps({"graphs": value}).encode())
    only_input_errors(json.dumps({"graphs": [value]}).encode())


@pytest.mark.shared_data
def test_a_full_release_as_obo_graph_reads(rare_data):
    found = read_ontology(rare_data / "hp.2025-05-06.json.gz")
    assert found.version == "2025-05-06"
    current = found.terms.filter(~pl.col("obsolete"))
    assert current.height == 19_177
    assert term(found, "HP:0001250")["label"] == "Seizure"
