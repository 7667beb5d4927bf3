"""Frequencies by hand, against brute force, and over random annotation sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.annotations import ROW, Annotations, Aspect, Frequency, Rows, Source
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.frequencies import (
    NEVER,
    FrequencyModel,
    build_matrix,
    direct_frequencies,
    group_rows,
    propagated,
    sign_rows,
)
from tiny import TERMS

MODEL = FrequencyModel()


def rows_of(*given: dict[str, object]) -> Rows:
    rows = np.zeros(len(given), dtype=ROW)
    for name in ("numerator", "denominator", "fraction"):
        rows[name] = np.nan
    rows["source"] = Source.PCS
    for row, values in zip(rows, given, strict=True):
        for name, value in values.items():
            row[name] = value
    return rows


def counts(term: int, m: float, n: float, **more) -> dict[str, object]:
    return {"term": term, "kind": Frequency.COUNTS, "numerator": m, "denominator": n, **more}


def fraction(term: int, value: float, **more) -> dict[str, object]:
    return {"term": term, "kind": Frequency.FRACTION, "fraction": value, **more}


def one(*given: dict[str, object], model: FrequencyModel = MODEL) -> float:
    terms, frequencies = direct_frequencies(rows_of(*given), model)
    assert terms.tolist() == [1]
    return float(frequencies[0])


def test_counts_are_shrunk_by_hand() -> None:
    # prior mean 0.15, weight of 6 patients: (8 + 0.9) / (10 + 6)
    assert one(counts(1, 8, 10)) == pytest.approx(8.9 / 16)
    assert one(counts(1, 80, 100)) == pytest.approx(80.9 / 106)


def test_counts_of_several_rows_are_pooled() -> None:
    # 3/4 and 1/6 are 4/10, not the mean of two proportions
    assert one(counts(1, 3, 4), counts(1, 1, 6)) == pytest.approx(4.9 / 16)
    assert one(counts(1, 3, 4), counts(1, 1, 6)) == pytest.approx(one(counts(1, 4, 10)))


def test_rows_without_counts_are_small_samples() -> None:
    assert one(fraction(1, 0.545)) == pytest.approx((0.545 * 5 + 0.9) / (5 + 6), rel=1e-6)
    assert one({"term": 1, "kind": Frequency.UNSTATED, "source": Source.IEA}) == pytest.approx(
        (0.3 * 3 + 0.9) / (3 + 6)
    )
    assert one({"term": 1, "kind": Frequency.UNSTATED, "source": Source.TAS}) == pytest.approx(
        (0.5 * 3 + 0.9) / (3 + 6)
    )
    mixed = one(counts(1, 2, 2), fraction(1, 0.17))
    assert mixed == pytest.approx((2 + 0.85 + 0.9) / (2 + 5 + 6), rel=1e-6)


def test_looked_for_and_never_seen() -> None:
    # known to the disease, with no reason to expect it, however many were examined
    assert NEVER == 1e-6
    never = (
        [counts(1, 0, 5)],
        [counts(1, 0, 1000)],
        [fraction(1, 0.0)],
        [counts(1, 3, 3, negated=True)],
        [{"term": 1, "kind": Frequency.UNSTATED, "negated": True}],
        [counts(1, 0, 5), fraction(1, 0.545, negated=True)],
    )
    for rows in never:
        assert one(*rows) == NEVER
    # one patient who had it is enough to shrink as usual
    assert one(counts(1, 0, 5), counts(1, 1, 1)) == pytest.approx(1.9 / 12)
    assert one(counts(1, 3, 3, negated=True), counts(1, 1, 1)) == pytest.approx(1.9 / 10)


def test_more_patients_move_the_frequency_towards_what_was_seen() -> None:
    found = [one(counts(1, n, n)) for n in (1, 3, 10, 100)]
    assert found == sorted(found)
    assert found[0] == pytest.approx(1.9 / 7)
    assert found[-1] > 0.94


def test_propagation_by_hand(tiny: HpoKnowledge) -> None:
    number = tiny.ontology.number
    terms = np.array([number["HP:0011153"], number["HP:0001249"]], dtype=np.int32)
    full = propagated(terms, np.array([0.3, 0.6]), tiny.ontology)
    expected = {
        "HP:0011153": 0.3, "HP:0007359": 0.3, "HP:0020219": 0.3, "HP:0001250": 0.3,
        "HP:0001249": 0.6, "HP:0012638": 0.6, "HP:0000707": 0.6, "HP:0000118": 0.6, "HP:0000001": 0.6,
    }  # fmt: skip
    found = {tiny.ontology.ids[i]: float(v) for i, v in enumerate(full) if v > 0}
    assert found == pytest.approx(expected)


def test_only_signs_count(tiny: HpoKnowledge) -> None:
    for group in range(len(tiny.diseases.members)):
        rows = group_rows(tiny, group)
        assert (rows["aspect"] == Aspect.PHENOTYPE).all()
        assert tiny.ontology.is_phenotype[rows["term"]].all()
    assert (tiny.annotations.rows["aspect"] != Aspect.PHENOTYPE).any()


def test_linked_entries_are_pooled(tiny: HpoKnowledge) -> None:
    marfan = int(tiny.diseases.group[tiny.diseases.number["OMIM:154700"]])
    assert marfan == tiny.diseases.group[tiny.diseases.number["ORPHA:558"]]
    terms, found = direct_frequencies(group_rows(tiny, marfan), MODEL)
    arachnodactyly = found[terms.tolist().index(tiny.ontology.number["HP:0001166"])]
    # 9/10 of OMIM and "very frequent" of ORPHA
    assert arachnodactyly == pytest.approx((9 + 0.895 * 5 + 0.9) / (10 + 5 + 6), rel=1e-6)


def brute_force(knowledge: HpoKnowledge, group: int, model: FrequencyModel) -> dict[int, float]:
    """Frequency of every term of a group, from the documented rules, one row at a time."""
    assumed = {Source.IEA: model.unstated_iea, Source.TAS: model.unstated_tas, Source.PCS: model.unstated_pcs}
    seen: dict[int, float] = {}
    examined: dict[int, float] = {}
    for disease in knowledge.diseases.members[group]:
        for row in knowledge.annotations.of(disease):
            term = int(row["term"])
            if row["aspect"] != Aspect.PHENOTYPE or not knowledge.ontology.is_phenotype[term]:
                continue
            if row["kind"] == Frequency.COUNTS:
                n, share = float(row["denominator"]), float(row["numerator"]) / float(row["denominator"])
            elif row["kind"] == Frequency.FRACTION:
                n, share = model.fraction_size, float(row["fraction"])
            else:
                n, share = model.unstated_size, assumed[Source(row["source"])]
            seen[term] = seen.get(term, 0.0) + (0.0 if row["negated"] else share * n)
            examined[term] = examined.get(term, 0.0) + n
    full: dict[int, float] = {}
    for term, n in examined.items():
        value = (seen[term] + model.prior_size * model.prior_mean) / (n + model.prior_size)
        value = 1e-6 if seen[term] == 0 else value
        for ancestor in knowledge.ontology.ancestors(term).tolist():
            full[ancestor] = max(full.get(ancestor, 0.0), value)
    return full


def assert_matrix_is_sound(knowledge: HpoKnowledge, model: FrequencyModel) -> None:
    matrix = build_matrix(knowledge, model)
    groups = range(len(knowledge.diseases.members))
    columns = [
        dict(zip(*(a.tolist() for a in matrix.column(t)), strict=True))
        for t in range(len(knowledge.ontology.ids))
    ]
    expected = [brute_force(knowledge, group, model) for group in groups]
    annotated = sum(bool(full) for full in expected)
    for group in groups:
        terms, frequencies = direct_frequencies(group_rows(knowledge, group), model)
        full = propagated(terms, frequencies, knowledge.ontology)
        assert {t: float(v) for t, v in enumerate(full) if v > 0} == pytest.approx(expected[group], rel=1e-5)
        assert {t: c[group] for t, c in enumerate(columns) if group in c} == pytest.approx(
            expected[group], rel=1e-5
        )
        assert matrix.annotated[group] == len(terms)
        assert matrix.breadth[group] == pytest.approx(frequencies.sum(), rel=1e-5)
    for term, column in enumerate(columns):
        assert matrix.mean[term] == pytest.approx(sum(column.values()) / max(annotated, 1), rel=1e-5)


def test_matrix_of_the_tiny_release(tiny: HpoKnowledge) -> None:
    assert_matrix_is_sound(tiny, MODEL)
    assert_matrix_is_sound(tiny, FrequencyModel(prior_mean=0.3, prior_size=1.0, fraction_size=9))


_ROW = st.tuples(
    st.integers(0, 8),  # disease
    st.integers(0, len(TERMS) - 1),
    st.sampled_from([*Frequency]),
    st.integers(0, 30),
    st.integers(1, 30),
    st.sampled_from([0.0, 0.025, 0.17, 0.545, 0.895, 1.0]),
    st.sampled_from([*Source]),
    st.sampled_from([Aspect.PHENOTYPE, Aspect.PHENOTYPE, Aspect.INHERITANCE]),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(given_rows=st.lists(_ROW, max_size=25))
def test_any_annotation_set(tiny: HpoKnowledge, given_rows) -> None:
    rows = rows_of(
        *(
            {
                "row": i, "disease": disease, "term": term, "kind": kind,
                **({"numerator": min(m, n), "denominator": n} if kind == Frequency.COUNTS else {}),
                **({"fraction": share} if kind == Frequency.FRACTION else {}),
                "source": source, "aspect": aspect, "negated": negated,
            }
            for i, (disease, term, kind, m, n, share, source, aspect, negated) in enumerate(
                sorted(given_rows, key=lambda r: r[:2])
            )
        )
    )  # fmt: skip
    start = np.searchsorted(rows["disease"], np.arange(len(tiny.diseases.ids) + 1))
    knowledge = replace(
        tiny,
        annotations=Annotations(rows=rows, start=start, references=tiny.annotations.references.clear()),
    )
    assert_matrix_is_sound(knowledge, MODEL)


def test_no_annotations_at_all(tiny: HpoKnowledge) -> None:
    nothing = replace(
        tiny,
        annotations=Annotations(
            rows=tiny.annotations.rows[:0],
            start=np.zeros(len(tiny.diseases.ids) + 1, dtype=np.int64),
            references=tiny.annotations.references.clear(),
        ),
    )
    matrix = build_matrix(nothing, MODEL)
    assert not matrix.annotated.any()
    assert not matrix.mean.any()
    assert not sign_rows(nothing.annotations.rows, nothing.ontology).size
