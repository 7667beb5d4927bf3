"""Annotation rows as arrays: every kind of statement in its place, references, replacement."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from genopraxis.knowledge.annotations import ROW, Aspect, Frequency, LimitedTo, Source
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.releases import build_hpo
from tiny import COLUMNS, ROWS, hpoa_of


def row(tiny: HpoKnowledge, disease_id: str, term_id: str) -> np.void:
    rows = tiny.annotations.of(tiny.diseases.number[disease_id])
    found = rows[rows["term"] == tiny.ontology.number[term_id]]
    assert len(found) == 1
    return found[0]


def test_every_row_is_there_sorted_by_disease(tiny):
    rows = tiny.annotations.rows
    assert rows.dtype == ROW
    assert len(rows) == len(ROWS)
    assert (np.diff(rows["disease"]) >= 0).all()
    assert rows["row"].tolist() == list(range(len(ROWS)))
    for number, disease_id in enumerate(tiny.diseases.ids):
        own = tiny.annotations.of(number)
        assert (own["disease"] == number).all()
        wanted = sorted(r[2] for r in ROWS if r[0][0] == disease_id)
        assert sorted(tiny.ontology.ids[t] for t in own["term"].tolist()) == wanted


@pytest.mark.parametrize(
    ("disease_id", "term_id", "wanted"),
    [
        ("OMIM:154700", "HP:0001166", {"kind": Frequency.COUNTS, "numerator": 9, "denominator": 10}),
        ("OMIM:607208", "HP:0002650", {"kind": Frequency.COUNTS, "numerator": 0, "denominator": 5}),
        ("OMIM:607208", "HP:0011153", {"kind": Frequency.FRACTION, "fraction": np.float32(0.45)}),
        ("ORPHA:558", "HP:0001166", {"kind": Frequency.FRACTION, "fraction": np.float32(0.895)}),
        ("ORPHA:558", "HP:0001249", {"kind": Frequency.FRACTION, "fraction": 0, "negated": True}),
        ("OMIM:607208", "HP:0001083", {"kind": Frequency.UNSTATED, "negated": True, "source": Source.TAS}),
        ("DECIPHER:1", "HP:0001250", {"kind": Frequency.UNSTATED, "negated": False, "source": Source.IEA}),
        ("OMIM:310200", "HP:0000028", {"sex": LimitedTo.MALE, "source": Source.PCS}),
        ("OMIM:601665", "HP:0000119", {"sex": LimitedTo.FEMALE}),
        ("OMIM:601665", "HP:0001626", {"sex": LimitedTo.ANYONE}),
        ("OMIM:310200", "HP:0001419", {"aspect": Aspect.INHERITANCE}),
        ("OMIM:607208", "HP:0003593", {"aspect": Aspect.COURSE, "numerator": 19}),
        ("OMIM:154700", "HP:0001083", {"aspect": Aspect.PHENOTYPE}),
    ],
)
def test_each_kind_of_statement(tiny, disease_id, term_id, wanted):
    found = row(tiny, disease_id, term_id)
    assert {name: found[name] for name in wanted} == wanted


def test_what_is_not_stated_is_nan(tiny):
    counts, fraction = row(tiny, "OMIM:154700", "HP:0001166"), row(tiny, "ORPHA:558", "HP:0001166")
    assert np.isnan(counts["fraction"])
    assert np.isnan(fraction["numerator"])
    assert np.isnan(fraction["denominator"])


def test_references_of_pooled_rows_are_each_known(tiny):
    pooled = row(tiny, "OMIM:154700", "HP:0001083")
    assert tiny.annotations.references_by_row[int(pooled["row"])] == ("PMID:11", "PMID:12")
    for reference, count in (("PMID:11", 2), ("PMID:12", 3), ("PMID:22", 3)):
        assert len(tiny.annotations.rows_by_reference[reference]) == count
    assert "" not in tiny.annotations.rows_by_reference


def test_replaced_rows_stand_in_and_the_base_stays(tiny):
    marfan, dravet = tiny.diseases.number["OMIM:154700"], tiny.diseases.number["OMIM:607208"]
    base = tiny.annotations.of(marfan)
    changed = tiny.with_replaced({marfan: base[:1]})
    assert len(changed.annotations.of(marfan)) == 1
    assert len(tiny.annotations.of(marfan)) == len(base) > 1
    assert changed.annotations.of(dravet).tobytes() == tiny.annotations.of(dravet).tobytes()
    assert changed.diseases is tiny.diseases
    again = changed.with_replaced({})
    assert len(again.annotations.of(marfan)) == len(base)


def test_lookups_are_shared_with_replaced_annotations(tiny):
    lookup = tiny.annotations.rows_by_reference
    assert tiny.annotations.with_replaced({}).rows_by_reference is lookup


def build(tiny_paths, rows) -> HpoKnowledge:
    tiny_paths["annotations"].write_text(hpoa_of(rows), encoding="utf-8")
    return build_hpo(
        ontology=tiny_paths["ontology"],
        annotations=tiny_paths["annotations"],
        genes=tiny_paths["genes"],
        source="test",
    )


def cells(term_id: str, *, reference: str = "PMID:1", aspect: str = "P", frequency: str = "") -> list[str]:
    given = {
        "database_id": "OMIM:1", "disease_name": "A", "hpo_id": term_id, "reference": reference,
        "evidence": "PCS", "aspect": aspect, "frequency": frequency,
    }  # fmt: skip
    return [given.get(name, "") for name in COLUMNS]


def test_replaced_terms_are_followed_and_unknown_ones_dropped_with_a_note(tiny_paths):
    made = build(
        tiny_paths,
        [cells(term) for term in ("HP:0002279", "HP:9000002", "HP:9000003", "HP:7777777", "HP:0001166")],
    )
    found = [made.ontology.ids[t] for t in made.annotations.of(0)["term"].tolist()]
    assert found == ["HP:0001166", "HP:0001250", "HP:0001250"]
    assert made.notes == ("2 annotation row(s) dropped: their term is not in ontology 2025-01-16",)


def test_a_disease_whose_every_row_is_dropped_has_no_rows_and_does_not_disturb_others(tiny_paths):
    lost = ["OMIM:0", "Lost", *cells("HP:7777777")[2:]]
    made = build(tiny_paths, [lost, cells("HP:0001166")])
    assert made.diseases.ids == ["OMIM:0", "OMIM:1"]
    assert len(made.annotations.of(0)) == 0
    assert len(made.annotations.of(1)) == 1


def test_repairs_of_the_file_become_notes_of_the_release(tiny_paths):
    made = build(tiny_paths, [cells("HP:0001250", frequency="5/3")])
    assert any("make no sense" in message for message in made.notes)


@pytest.mark.parametrize("reference", ["PMID:1;", ";PMID:1", "PMID:1; "])
def test_an_empty_reference_is_none(tiny_paths, reference):
    made = build(tiny_paths, [cells("HP:0001250", reference=reference)])
    assert made.annotations.references_by_row == {0: ("PMID:1",)}


@pytest.mark.parametrize("aspect", ["H", "M", "X"])
def test_other_aspects(tiny_paths, aspect):
    made = build(tiny_paths, [cells("HP:0001250", aspect=aspect)])
    assert made.annotations.rows["aspect"].tolist() == [Aspect.OTHER]


def test_releases_state_versions_digests_and_source(tiny):
    ontology, annotations, genes = tiny.releases
    assert (ontology.version, annotations.version, genes.version) == (
        "2025-01-16",
        "2025-01-17",
        "2025-01-17",
    )
    assert tiny.version == "2025-01-17"
    assert len({r.sha256 for r in tiny.releases}) == 3
    assert {r.source for r in tiny.releases} == {"tests/tiny.py"}
    assert all("hpo.jax.org/license" in r.licence for r in tiny.releases)


def test_every_row_of_the_embedded_release_is_sound(embedded):
    rows = embedded.annotations.rows
    counted = rows[rows["kind"] == Frequency.COUNTS]
    assert (counted["numerator"] <= counted["denominator"]).all()
    assert (counted["denominator"] >= 1).all()
    fraction = rows[rows["kind"] == Frequency.FRACTION]["fraction"]
    assert ((fraction >= 0) & (fraction <= 1)).all()
    assert int((rows["kind"] == Frequency.UNSTATED).sum()) > 0
    assert int(rows["negated"].sum()) == 711
    signs = rows[rows["aspect"] == Aspect.PHENOTYPE]["term"]
    assert embedded.ontology.is_phenotype[signs].mean() > 0.999
    referenced = embedded.annotations.references
    assert referenced.select(pl.col("row").n_unique()).item() == len(rows)
