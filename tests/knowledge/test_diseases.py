"""Which entries of two catalogues are one disease: name and gene, never a gene alone."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.formats.hpoa import GENE_LINKS
from genopraxis.knowledge.diseases import Diseases, build_diseases


def make(entries: dict[str, str], genes: dict[str, str]) -> Diseases:
    """Build diseases from names by id and genes by id (``"A B"``: two genes)."""
    names = pl.DataFrame(
        {"disease_id": list(entries), "disease_name": list(entries.values())},
        schema={"disease_id": pl.String, "disease_name": pl.String},
    )
    links = pl.DataFrame(
        [
            {"gene_id": "NCBIGene:1", "symbol": s, "disease_id": d, "association_type": "MENDELIAN"}
            for d, symbols in genes.items()
            for s in symbols.split()
        ],
        schema=GENE_LINKS.schema,
    )
    return build_diseases(names, links)


def linked(diseases: Diseases) -> set[frozenset[str]]:
    return {frozenset(diseases.ids[d] for d in group) for group in diseases.members if len(group) > 1}


def pair(left: str, right: str, *, genes: tuple[str, str] = ("FBN1", "FBN1")) -> bool:
    made = make({"OMIM:1": left, "ORPHA:1": right}, {"OMIM:1": genes[0], "ORPHA:1": genes[1]})
    return bool(linked(made))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Marfan syndrome", "Marfan syndrome"),
        ("MARFAN SYNDROME", "Marfan syndrome"),
        ("Marfan's syndrome", "Marfans syndrome"),
        ("Ehlers-Danlos syndrome, classic type", "Classic Ehlers-Danlos syndrome"),
        ("Syndrome, Marfan", "Marfan syndrome"),
        ("Sjögren-Larsson syndrome", "Sjogren-Larsson syndrome"),
        ("Diabetes mellitus, type 2", "Diabetes mellitus 2"),
    ],
)
def test_names_agree_aside_order_case_accents_and_punctuation(left, right):
    assert pair(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Usher syndrome 1", "Usher syndrome 2"),
        ("Marfan syndrome", "Marfanoid syndrome"),
        ("Bart-Pumphrey syndrome", "Bart syndrome"),
        ("Foo syndrome syndrome", "Foo syndrome"),
        pytest.param("α-thalassemia", "β-thalassemia", id="Greek letters are part of a name"),
        pytest.param("マルファン症候群", "デュシェンヌ型", id="so are letters of any other script"),
        pytest.param("---", "???", id="no word at all"),
        pytest.param("Type", "type type", id="no word that tells"),
    ],
)
def test_names_that_differ_link_nothing(left, right):
    assert not pair(left, right)


@pytest.mark.parametrize("genes", [("FBN1", "TGFBR2"), ("FBN1", ""), ("", ""), ("FBN1", "fbn1")])
def test_a_name_without_a_shared_gene_links_nothing(genes):
    assert not pair("Marfan syndrome", "Marfan syndrome", genes=genes)


def test_one_shared_gene_of_several_is_enough():
    assert pair("Marfan syndrome", "Marfan syndrome", genes=("FBN1 A", "B FBN1"))


def test_a_gene_alone_never_links():
    names = {
        "OMIM:151660": "Lipodystrophy, familial partial, type 2",
        "OMIM:181350": "Emery-Dreifuss muscular dystrophy 2, autosomal dominant",
        "OMIM:176670": "Hutchinson-Gilford progeria",
        "ORPHA:98853": "Autosomal dominant Emery-Dreifuss muscular dystrophy",
        "ORPHA:740": "Hutchinson-Gilford progeria syndrome",
        "ORPHA:2348": "Familial partial lipodystrophy, Dunnigan type",
    }
    made = make(names, dict.fromkeys(names, "LMNA"))
    assert linked(made) == set()
    assert len(made.members) == len(names)


def test_a_name_that_one_catalogue_has_twice_links_nothing():
    names = {"OMIM:1": "Foo", "OMIM:2": "foo", "ORPHA:1": "FOO"}
    assert linked(make(names, dict.fromkeys(names, "AAA"))) == set()


def test_two_entries_of_one_catalogue_are_never_linked():
    names = {"OMIM:1": "Foo", "OMIM:2": "Foo"}
    assert linked(make(names, dict.fromkeys(names, "AAA"))) == set()


def test_three_catalogues():
    names = {"OMIM:1": "Foo", "ORPHA:1": "foo", "DECIPHER:1": "FOO"}
    everyone = frozenset(names)
    assert linked(make(names, dict.fromkeys(names, "AAA"))) == {everyone}
    assert linked(make(names, {"OMIM:1": "A", "ORPHA:1": "B", "DECIPHER:1": "B"})) == {
        frozenset({"ORPHA:1", "DECIPHER:1"})
    }
    assert linked(make(names, {"OMIM:1": "A", "ORPHA:1": "B", "DECIPHER:1": "A B"})) == {everyone}
    twice = names | {"OMIM:2": "Foo"}
    assert linked(make(twice, dict.fromkeys(twice, "AAA"))) == set()


def test_the_entry_of_the_earlier_catalogue_names_the_group():
    names = {"DECIPHER:1": "FOO", "ORPHA:1": "foo", "OMIM:1": "Foo", "OTHER:1": "bar"}
    made = make(names, dict.fromkeys(names, "AAA"))
    group = made.group[made.number["ORPHA:1"]]
    assert [made.ids[d] for d in made.members[group]] == ["OMIM:1", "ORPHA:1", "DECIPHER:1"]


def test_the_tiny_release(tiny):
    diseases = tiny.diseases
    assert linked(diseases) == {frozenset({"OMIM:154700", "ORPHA:558"})}
    assert placed(diseases) == {frozenset({"OMIM:310200", "ORPHA:98896"})}
    assert diseases.genes["OMIM:154700"] == ("FBN1",)
    assert "OMIM:601665" not in diseases.genes, "a polygenic link is no cause"
    assert diseases.genes_of_group(int(diseases.group[diseases.number["ORPHA:558"]])) == ("FBN1",)
    assert diseases.genes_of_group(int(diseases.group[diseases.number["OMIM:601665"]])) == ()
    assert diseases.genes_of_group(int(diseases.group[diseases.number["DECIPHER:1"]])) == ()


def placed(diseases: Diseases) -> set[frozenset[str]]:
    """Ids of the entries that share a place without being linked."""
    return {
        frozenset(diseases.ids[d] for g in (group, *others) for d in diseases.members[g])
        for group, others in diseases.neighbours.items()
    }


NAMES = {"OMIM:1": "Foo", "ORPHA:1": "foo", "DECIPHER:1": "FOO"}


@pytest.mark.parametrize(
    ("genes", "links", "places"),
    [
        # one of the two has no gene: a place, no link
        ({"OMIM:1": "A", "DECIPHER:1": "B"}, [], [("OMIM:1", "ORPHA:1")]),
        ({}, [], [("OMIM:1", "ORPHA:1", "DECIPHER:1")]),
        ({"ORPHA:1": "A"}, [], [("OMIM:1", "ORPHA:1", "DECIPHER:1")]),
        # linked entries and a third without a gene
        ({"OMIM:1": "A", "ORPHA:1": "A"}, [("OMIM:1", "ORPHA:1")], [("OMIM:1", "ORPHA:1", "DECIPHER:1")]),
        ({"ORPHA:1": "A", "DECIPHER:1": "A"}, [("ORPHA:1", "DECIPHER:1")], [tuple(NAMES)]),
        # a contradiction, which an entry without a gene does not settle
        ({"OMIM:1": "A", "ORPHA:1": "B"}, [], [("OMIM:1", "DECIPHER:1")]),
        ({"ORPHA:1": "A", "DECIPHER:1": "B"}, [], [("OMIM:1", "ORPHA:1")]),
        ({"OMIM:1": "A", "ORPHA:1": "B", "DECIPHER:1": "C"}, [], []),
        # all linked
        (dict.fromkeys(NAMES, "A"), [tuple(NAMES)], []),
    ],
)
def test_entries_of_one_name_share_a_place_unless_their_genes_contradict(genes, links, places):
    made = make(NAMES, genes)
    assert linked(made) == {frozenset(ids) for ids in links}
    assert placed(made) == {frozenset(ids) for ids in places}


def test_a_name_that_one_catalogue_has_twice_shares_no_place():
    made = make(NAMES | {"OMIM:2": "Foo"}, {})
    assert made.neighbours == {}
    assert sorted(made.place.tolist()) == [0, 1, 2, 3]


def links_of(*rows: tuple[str, str, str | None]) -> Diseases:
    """Build three linked entries from (disease, symbol, association type)."""
    names = pl.DataFrame({"disease_id": list(NAMES), "disease_name": list(NAMES.values())})
    gene_links = pl.DataFrame(
        [("NCBIGene:1", symbol, disease, kind) for disease, symbol, kind in rows],
        schema=GENE_LINKS.schema,
        orient="row",
    )
    return build_diseases(names, gene_links)


def test_genes_of_a_group_are_those_of_its_naming_entry():
    made = links_of(("OMIM:1", "A", "MENDELIAN"), ("ORPHA:1", "A", None), ("ORPHA:1", "B", None))
    group = int(made.group[made.number["ORPHA:1"]])
    assert made.genes["ORPHA:1"] == ("A", "B")
    assert made.genes_of_group(group) == ("A",)


def test_a_group_whose_naming_entry_has_no_gene_of_its_own_has_those_of_a_linked_one():
    made = links_of(("OMIM:1", "A", "POLYGENIC"), ("ORPHA:1", "A", "UNKNOWN"), ("ORPHA:1", "B", "UNKNOWN"))
    assert linked(made) == {frozenset({"OMIM:1", "ORPHA:1"})}
    assert made.genes_of_group(int(made.group[made.number["OMIM:1"]])) == ("A", "B")


def test_a_place_lends_no_genes():
    made = links_of(("OMIM:1", "A", "MENDELIAN"))
    assert made.genes_of_group(int(made.group[made.number["ORPHA:1"]])) == ()


@pytest.mark.parametrize(
    ("kinds", "genes"),
    [
        ({"A": "MENDELIAN", "B": "UNKNOWN"}, ("A",)),
        ({"A": "MENDELIAN", "B": "MENDELIAN", "C": None}, ("A", "B")),
        ({"B": "UNKNOWN", "A": None}, ("A", "B")),
        ({"A": "POLYGENIC", "B": "UNKNOWN"}, ("B",)),
        ({"A": "POLYGENIC", "B": "MENDELIAN", "C": "UNKNOWN"}, ("B",)),
        ({"A": "POLYGENIC"}, ()),
    ],
)
def test_mendelian_links_only_where_some_are_marked(kinds, genes):
    made = links_of(
        *(("OMIM:1", symbol, kind) for symbol, kind in kinds.items()), ("ORPHA:1", "Z", "UNKNOWN")
    )
    assert made.genes.get("OMIM:1", ()) == genes
    assert made.genes["ORPHA:1"] == ("Z",), "of each disease on its own"


def test_no_disease_at_all_is_no_error():
    made = make({}, {})
    assert (made.ids, made.members, made.genes) == ([], [], {})


@given(
    st.dictionaries(
        st.builds("{}:{}".format, st.sampled_from(["OMIM", "ORPHA", "DECIPHER", "MONDO"]), st.integers(1, 6)),
        st.tuples(
            st.sampled_from(["foo", "Foo", "bar, x", "x bar", ""]), st.sampled_from(["", "A", "B", "A B"])
        ),
    )
)
def test_any_diseases(entries):
    made = make(
        {d: name for d, (name, _) in entries.items()}, {d: genes for d, (_, genes) in entries.items()}
    )
    assert made.ids == sorted(entries)
    assert sorted(d for group in made.members for d in group) == list(range(len(entries)))
    for number, group in enumerate(made.members):
        assert group
        assert all(made.group[d] == number for d in group)
        catalogues = [made.ids[d].split(":")[0] for d in group]
        assert len(set(catalogues)) == len(catalogues)
    for group, others in made.neighbours.items():
        ids = [made.ids[d] for g in (group, *others) for d in made.members[g]]
        catalogues = [d.split(":")[0] for d in ids]
        assert len(set(catalogues)) == len(catalogues)
        assert len({"".join(sorted(entries[d][0].casefold().replace(",", ""))) for d in ids}) == 1
        with_gene = {int(made.group[made.number[d]]) for d in ids if entries[d][1]}
        assert len(with_gene) <= 1, "genes of one place contradict"


def test_links_of_the_embedded_release(embedded):
    diseases = embedded.diseases
    genes = {d: set(s) for d, s in diseases.gene_links.group_by("disease_id").agg("symbol").iter_rows()}
    groups = [[diseases.ids[d] for d in members] for members in diseases.members if len(members) > 1]
    assert len(groups) == 538
    for members in groups:
        assert [m.split(":")[0] for m in members] == ["OMIM", "ORPHA"]
        assert genes[members[0]] & genes[members[1]]
    of_lmna = {d for d, symbols in genes.items() if "LMNA" in symbols} & set(diseases.ids)
    assert len({int(diseases.group[diseases.number[d]]) for d in of_lmna}) >= len(of_lmna) - 3 > 10


def test_places_of_the_embedded_release(embedded):
    diseases = embedded.diseases
    assert sum(len(others) for others in diseases.neighbours.values()) > 400
    for group, others in diseases.neighbours.items():
        for other in others:
            assert diseases.place[other] == diseases.place[group]
            assert group in diseases.neighbours[other]
            assert not (diseases.genes_of_group(group) and diseases.genes_of_group(other))
