"""The ontology graph: closure, resolution of ids, suggestions."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.errors import KnowledgeError
from genopraxis.formats.ontology_file import TERMS as CONTRACT
from genopraxis.formats.ontology_file import read_ontology
from genopraxis.knowledge.ontology import Ontology, build_ontology
from tiny import OBSOLETE, TERMS


def make(
    parents: dict[str, list[str]],
    *,
    obsolete: dict[str, str | None] | None = None,
    alternative: dict[str, list[str]] | None = None,
) -> Ontology:
    """Build an ontology from is_a parents, successors of obsolete ids and alternative ids."""
    obsolete, alternative = obsolete or {}, alternative or {}
    rows = [
        {
            "term_id": term,
            "label": f"label {term}",
            "obsolete": term in obsolete,
            "replaced_by": obsolete.get(term),
            "alternative_ids": alternative.get(term, []),
            "parents": parents.get(term, []),
            "synonyms": [],
        }
        for term in sorted({*parents, *obsolete})
    ]
    table = pl.DataFrame(rows, schema=CONTRACT.schema)
    assert CONTRACT.check(table, raise_errors=True)
    return build_ontology(table)


def brute_force(parents: dict[str, list[str]], term: str) -> set[str]:
    reached, waiting = {term}, [term]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in reached:
                reached.add(parent)
                waiting.append(parent)
    return reached


def ancestors(ontology: Ontology, term: str) -> set[str]:
    return {ontology.ids[a] for a in ontology.ancestors(ontology.number[term]).tolist()}


def test_ancestors_of_the_tiny_release(tiny):
    parents = {term: list(above) for term, _, above, _, _ in TERMS}
    for term in parents:
        assert ancestors(tiny.ontology, term) == brute_force(parents, term)
    assert ancestors(tiny.ontology, "HP:0011153") == {
        "HP:0011153", "HP:0007359", "HP:0020219", "HP:0001250", "HP:0012638", "HP:0000707", "HP:0000118",
        "HP:0000001",
    }  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    """Any acyclic graph: a hidden order decides who may be whose parent."""
    names = draw(
        st.lists(st.integers(0, 999).map(lambda n: f"HP:{n:07d}"), min_size=1, max_size=25, unique=True)
    )
    return {
        name: draw(st.lists(st.sampled_from(names[:i]), unique=True, max_size=4)) if i else []
        for i, name in enumerate(names)
    }


@given(graphs())
def test_ancestors_of_any_acyclic_graph(parents):
    ontology = make(parents)
    assert ontology.ids == sorted(parents)
    assert ontology.ancestor_start[0] == 0
    assert ontology.ancestor_start[-1] == len(ontology.ancestor_terms)
    for term in parents:
        numbers = ontology.ancestors(ontology.number[term])
        assert (np.diff(numbers) > 0).all(), "sorted, each once"
        assert ancestors(ontology, term) == brute_force(parents, term)


def parents_of(ontology: Ontology, term: str) -> set[str]:
    return {ontology.ids[p] for p in ontology.parents(ontology.number[term]).tolist()}


def test_parents_of_the_tiny_release(tiny):
    for term, _, above, _, _ in TERMS:
        assert parents_of(tiny.ontology, term) == set(above)


@given(graphs())
def test_parents_of_any_acyclic_graph(parents):
    """Of the stated parents, those that are no ancestor of another stated parent."""
    ontology = make(parents)
    for term, stated in parents.items():
        implied = {over for one in stated for over in brute_force(parents, one) - {one}}
        assert parents_of(ontology, term) == set(stated) - implied
        found = ontology.parents(ontology.number[term])
        assert found.dtype == np.int32
        assert (np.diff(found) > 0).all(), "sorted, each once"


def test_parents_of_the_embedded_release_span_its_graph(embedded):
    """What the parents of a term have above them, and the term itself, is all that it has above it."""
    ontology = embedded.ontology
    for term in range(0, len(ontology.ids), 53):
        above = {int(a) for p in ontology.parents(term).tolist() for a in ontology.ancestors(p)}
        assert above | {term} == set(ontology.ancestors(term).tolist())


@given(graphs(), st.data())
def test_one_edge_back_to_a_descendant_is_found(parents, data):
    below = data.draw(st.sampled_from(sorted(parents)))
    above = data.draw(st.sampled_from(sorted(brute_force(parents, below))))
    parents[above] = [*parents[above], below]
    with pytest.raises(KnowledgeError, match="cycle through HP:"):
        make(parents)


def test_a_deep_chain_is_no_problem():
    parents = {f"HP:{i:07d}": [f"HP:{i - 1:07d}"] if i else [] for i in range(3000)}
    ontology = make(parents)
    assert ontology.ancestors(2999).tolist() == list(range(3000))


def test_an_ontology_without_the_root_of_signs_says_so():
    with pytest.raises(KnowledgeError, match="HP:0000118"):
        _ = make({"HP:0000001": []}).is_phenotype


def test_signs_are_what_is_below_the_root_of_signs(tiny):
    ontology = tiny.ontology
    signs = {ontology.ids[i] for i in np.flatnonzero(ontology.is_phenotype).tolist()}
    assert {"HP:0000118", "HP:0001250", "HP:0011153", "HP:0000028"} <= signs
    assert signs.isdisjoint({"HP:0000001", "HP:0000006", "HP:0001419", "HP:0003577", "HP:0012823"})


@pytest.mark.parametrize(
    ("given_as", "term_id", "status"),
    [
        ("HP:0001250", "HP:0001250", "current"),
        ("HP:0002279", "HP:0001250", "alternative"),
        ("HP:9000001", "HP:0001250", "obsolete"),
        pytest.param("HP:9000002", "HP:0001250", "obsolete", id="a chain of two"),
        pytest.param("HP:9000004", "HP:0001250", "obsolete", id="successor is an alternative id"),
        ("HP:9000003", None, "obsolete"),
        ("HP:1111111", None, "unknown"),
        ("", None, "unknown"),
        ("hp:0001250", None, "unknown"),
    ],
)
def test_resolution(tiny, given_as, term_id, status):
    found = tiny.ontology.resolve(given_as)
    assert (found.given, found.term_id, found.status) == (given_as, term_id, status)


def test_every_form_of_the_ontology_resolves_alike(tiny_paths):
    from_obo = build_ontology(read_ontology(tiny_paths["ontology"]).terms)
    from_graph = build_ontology(read_ontology(tiny_paths["ontology_json"]).terms)
    assert from_graph.terms.equals(from_obo.terms)
    assert from_graph.renamed.sort("given").equals(from_obo.renamed.sort("given"))
    assert from_graph.synonyms.sort("term", "synonym").equals(from_obo.synonyms.sort("term", "synonym"))
    assert (from_graph.ancestor_terms == from_obo.ancestor_terms).all()


def test_a_ring_of_obsolete_terms_ends_nowhere():
    ring = {"HP:0000002": "HP:0000003", "HP:0000003": "HP:0000002", "HP:0000004": "HP:0000004"}
    ontology = make({"HP:0000001": []}, obsolete=ring)
    for term in ring:
        assert ontology.resolve(term).term_id is None
        assert ontology.resolve(term).status == "obsolete"


def test_an_alternative_id_of_an_obsolete_term_follows_it():
    ontology = make(
        {"HP:0000001": []},
        obsolete={"HP:0000002": "HP:0000001"},
        alternative={"HP:0000002": ["HP:0000009"]},
    )
    assert ontology.resolve("HP:0000009").term_id == "HP:0000001"


def test_a_successor_outside_the_file_is_none():
    ontology = make({"HP:0000001": []}, obsolete={"HP:0000002": "HP:7777777"})
    assert ontology.resolve("HP:0000002").term_id is None


def test_a_current_term_wins_over_its_use_as_alternative_id():
    ontology = make(
        {"HP:0000001": [], "HP:0000002": []}, alternative={"HP:0000001": ["HP:0000002", "HP:0000003"]}
    )
    assert ontology.resolve("HP:0000002").term_id == "HP:0000002"
    assert ontology.renamed["given"].to_list() == ["HP:0000003"]


@given(graphs(), st.data())
def test_resolution_gives_a_current_term_or_none(parents, data):
    extra = [f"HP:9{n:06d}" for n in range(6)]
    targets = st.sampled_from([*extra, *parents])
    obsolete = {term: data.draw(st.none() | targets) for term in extra}
    ontology = make(parents, obsolete=obsolete)
    for term in [*parents, *extra]:
        wanted, seen = term, set()
        while wanted in obsolete and wanted not in seen:
            seen.add(wanted)
            wanted = obsolete[wanted]
        assert ontology.resolve(term).term_id == (wanted if wanted in parents else None)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Seizure", "HP:0001250"),
        ("Seizures", "HP:0001250"),
        ("seizures", "HP:0001250"),
        ("siezure", "HP:0001250"),
        ("Arachnodactily", "HP:0001166"),
        ("spider finger", "HP:0001166"),
        ("undescended testis", "HP:0000028"),
        ("HP:001250", "HP:0001250"),
        ("hp:00012501", "HP:0001250"),
    ],
)
def test_the_nearest_term_comes_first(tiny, text, first):
    found = tiny.ontology.nearest(text)
    assert found[0] == (first, tiny.ontology.labels[tiny.ontology.number[first]])
    assert len(found) == len({term for term, _ in found}) <= 3


@pytest.mark.parametrize("text", ["", "  ", "xyzzyxyzzy", "HP:", "(", "[a", "\\"])
def test_what_is_like_nothing_has_no_nearest_term(tiny, text):
    assert tiny.ontology.nearest(text) == []


@given(st.text(max_size=20))
def test_any_text_may_be_asked_for(text):
    ontology = make({"HP:0000001": [], "HP:0000118": ["HP:0000001"]})
    assert len(ontology.nearest(text, n=1)) <= 1


def test_the_embedded_release_is_what_it_should_be(embedded):
    ontology = embedded.ontology
    assert [r.version for r in embedded.releases] == ["2025-01-16"] * 3
    assert len(ontology.ids) == 19_034
    assert int(ontology.is_phenotype.sum()) == 18_387
    root = ontology.number["HP:0000001"]
    assert all(root in ontology.ancestors(term) for term in range(0, len(ontology.ids), 97))
    assert ontology.nearest("Seizures")[0] == ("HP:0001250", "Seizure")
    assert ontology.resolve("HP:0002279").term_id == "HP:0001250"
    unresolved = ontology.renamed.filter(pl.col("term_id").is_null())
    assert set(unresolved["status"]) == {"obsolete"}
    assert len(embedded.diseases.ids) == 12_687
    assert len(embedded.diseases.members) == 12_149
    assert len(embedded.annotations.rows) == 271_702
    assert embedded.notes == ()


def test_obsolete_terms_of_the_tiny_release_are_no_current_terms(tiny):
    assert set(tiny.ontology.ids) == {t[0] for t in TERMS}
    assert {t[0] for t in OBSOLETE} <= set(tiny.ontology.renamed["given"])
