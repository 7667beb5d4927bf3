"""What each regime takes out of the knowledge, by hand on the tiny release and a few rows more."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_cases import (
    ANEURYSM,
    ARACHNODACTYLY,
    DISABILITY,
    DRAVET,
    LENS,
    MARFAN,
    SCOLIOSIS,
    SEIZURE,
    WEAKNESS,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from genopraxis.knowledge.annotations import Frequency
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import Contribution, PublicationCounts
from genopraxis.knowledge.releases import build_hpo
from genopraxis.tasks.phenotype.bench.regimes import CaseInKnowledge, incomplete, replaced_rows
from tiny import ROWS, hpoa_of, tiny_files

OBESITY = "OMIM:601665"
DOMINANT, CONGENITAL, ADULT = "HP:0000006", "HP:0003577", "HP:0003581"
_M, _O = (MARFAN, "Marfan syndrome"), (OBESITY, "Obesity")
# (id, name), qualifier, term, reference, evidence, frequency, sex, aspect
EXTRA = (
    (_O, "", ARACHNODACTYLY, "PMID:11", "PCS", "2/3", "", "P"),  # another disease of the same publication
    (_O, "", SEIZURE, "PMID:11;PMID:51", "PCS", "3/9", "", "P"),
    (_O, "", LENS, "PMID:61", "PCS", "1/1", "", "P"),  # a report of one patient
    (_O, "", "HP:0000007", "PMID:61", "PCS", "", "", "I"),
    (_O, "", SCOLIOSIS, "PMID:51;PMID:61", "PCS", "3/10", "", "P"),
    (_M, "", WEAKNESS, "PMID:11;PMID:12", "PCS", "", "", "P"),  # pooled, without counts
    (_M, "", DISABILITY, "PMID:11;PMID:12", "PCS", "HP:0040283", "", "P"),
    (_M, "", "HP:0000007", "PMID:11", "PCS", "", "", "I"),
    (_M, "", CONGENITAL, "PMID:11", "PCS", "1/3", "", "C"),
    (_M, "", ADULT, "PMID:11;PMID:12", "PCS", "2/14", "", "C"),  # nobody says how many of them are whose
    (_M, "NOT", SEIZURE, "PMID:11", "PCS", "", "", "P"),
    (_M, "", "HP:0001626", "PMID:11;PMID:11", "PCS", "2/2", "", "P"),  # one publication, named twice
)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> HpoKnowledge:
    folder = tmp_path_factory.mktemp("regimes")
    paths = tiny_files(folder)
    paths["annotations"].write_text(
        hpoa_of(
            (*disease, qualifier, term, reference, evidence, "", frequency, sex, "", aspect, "HPO:test")
            for disease, qualifier, term, reference, evidence, frequency, sex, aspect in (*ROWS, *EXTRA)
        ),
        encoding="utf-8",
    )
    return build_hpo(
        ontology=paths["ontology"], annotations=paths["annotations"], genes=paths["genes"], source="test"
    )


def terms(knowledge: HpoKnowledge, *ids: str) -> tuple[int, ...]:
    return tuple(knowledge.ontology.number[i] for i in ids)


def contribution(knowledge, publication, disease, observed=(), excluded=()) -> Contribution:
    return Contribution(
        publication=publication,
        disease_ids=(disease,),
        observed=terms(knowledge, *observed),
        excluded=terms(knowledge, *excluded),
    )


def case_of(c: Contribution) -> CaseInKnowledge:
    return CaseInKnowledge(
        publication=c.publication, disease_ids=c.disease_ids, observed=c.observed, excluded=c.excluded
    )


@pytest.fixture(scope="module")
def patients(knowledge: HpoKnowledge) -> list[Contribution]:
    """Publication 11: three patients with Marfan, one with obesity."""
    return [
        contribution(knowledge, "PMID:11", MARFAN, [ARACHNODACTYLY, LENS], [SCOLIOSIS]),
        contribution(knowledge, "PMID:11", MARFAN, [LENS, WEAKNESS], [ARACHNODACTYLY]),
        contribution(knowledge, "PMID:11", MARFAN, [ARACHNODACTYLY], [LENS]),
        contribution(knowledge, "PMID:11", OBESITY, [SEIZURE], []),
    ]


def left(knowledge: HpoKnowledge, replaced, disease: str) -> dict[tuple[str, str], str]:
    """(term, aspect) → frequency as in the file, of the rows that stand in for a disease's own."""
    rows = replaced[knowledge.diseases.number[disease]]
    found = {}
    for row in rows:
        label = {Frequency.COUNTS: f"{row['numerator']:g}/{row['denominator']:g}"}.get(
            row["kind"], f"{row['fraction']:g}" if row["kind"] == Frequency.FRACTION else ""
        )
        found[knowledge.ontology.ids[row["term"]], "PICO"[row["aspect"]]] = label
    assert len(found) == len(rows)
    return found


def test_full_takes_nothing_out(knowledge, patients) -> None:
    counts = PublicationCounts.of(patients)
    assert replaced_rows("full", case_of(patients[0]), knowledge, counts) == {}


@pytest.mark.parametrize("regime", ["case-out", "publication-out"])
def test_case_without_publication_is_untouched(knowledge, patients, regime: str) -> None:
    counts = PublicationCounts.of(patients)
    alone = contribution(knowledge, None, MARFAN, [LENS])
    assert replaced_rows(regime, case_of(alone), knowledge, counts) == {}


@pytest.mark.parametrize("regime", ["case-out", "publication-out"])
def test_publication_that_no_row_cites_is_untouched(knowledge, patients, regime: str) -> None:
    elsewhere = contribution(knowledge, "PMID:1234567", MARFAN, [LENS])
    counts = PublicationCounts.of([*patients, elsewhere])
    assert replaced_rows(regime, case_of(elsewhere), knowledge, counts) == {}


def test_publication_out(knowledge, patients) -> None:
    counts = PublicationCounts.of(patients)
    replaced = replaced_rows("publication-out", case_of(patients[0]), knowledge, counts)
    marfan = left(knowledge, replaced, MARFAN)
    # rows of this publication alone are gone: signs, inheritance, onset, NOT rows, and one that names it twice
    for gone in (
        (ARACHNODACTYLY, "P"), ("HP:0000007", "I"), (CONGENITAL, "C"), (SEIZURE, "P"), ("HP:0001626", "P"),
    ):  # fmt: skip
        assert gone not in marfan
    # 12/20 of two publications, of which two of three patients with the sign are its own
    assert marfan[LENS, "P"] == "10/17"
    # a pooled onset cannot be divided: no case file holds onset counts
    assert (ADULT, "C") not in marfan
    # pooled rows without counts cannot be divided, and stay
    assert marfan[WEAKNESS, "P"] == ""
    assert marfan[DISABILITY, "P"] == "0.17"
    # rows of others stay as they are
    assert marfan[ANEURYSM, "P"] == "8/10"
    assert marfan[SCOLIOSIS, "P"] == ""
    assert marfan[DOMINANT, "I"] == ""
    assert marfan["HP:0410280", "C"] == "3/4"
    assert len(marfan) == 7


def test_publication_out_changes_every_disease_of_the_publication(knowledge, patients) -> None:
    counts = PublicationCounts.of(patients)
    replaced = replaced_rows("publication-out", case_of(patients[0]), knowledge, counts)
    assert {knowledge.diseases.ids[d] for d in replaced} == {MARFAN, OBESITY}
    obesity = left(knowledge, replaced, OBESITY)
    assert (ARACHNODACTYLY, "P") not in obesity
    assert obesity[SEIZURE, "P"] == "2/8"
    assert len(obesity) == 6


def test_publication_out_is_the_same_for_every_patient_of_it(knowledge, patients) -> None:
    counts = PublicationCounts.of(patients)
    made = [replaced_rows("publication-out", case_of(p), knowledge, counts) for p in patients]
    for other in made[1:]:
        assert {d: rows.tobytes() for d, rows in other.items()} == {
            d: r.tobytes() for d, r in made[0].items()
        }


def test_knowledge_itself_is_not_changed(knowledge, patients) -> None:
    before = knowledge.annotations.rows.tobytes()
    counts = PublicationCounts.of(patients)
    for regime in ("case-out", "publication-out"):
        for patient in patients:
            replaced_rows(regime, case_of(patient), knowledge, counts)
    assert knowledge.annotations.rows.tobytes() == before
    assert not knowledge.annotations.replaced


def test_case_out_subtracts_one_patient(knowledge, patients) -> None:
    counts = PublicationCounts.of(patients)
    replaced = replaced_rows("case-out", case_of(patients[0]), knowledge, counts)
    assert {knowledge.diseases.ids[d] for d in replaced} == {MARFAN}
    marfan = left(knowledge, replaced, MARFAN)
    assert marfan[ARACHNODACTYLY, "P"] == "8/9"  # observed
    assert marfan[LENS, "P"] == "11/19"
    # not mentioned for this patient, and no counts: as they were
    assert marfan[ANEURYSM, "P"] == "8/10"
    assert marfan[SEIZURE, "P"] == ""
    assert marfan["HP:0000007", "I"] == ""
    second = left(knowledge, replaced_rows("case-out", case_of(patients[1]), knowledge, counts), MARFAN)
    assert second[ARACHNODACTYLY, "P"] == "9/9"  # excluded: one patient fewer, none with the sign
    assert second[LENS, "P"] == "11/19"


def test_lone_case_takes_its_publication_with_it(knowledge) -> None:
    alone = contribution(knowledge, "PMID:61", OBESITY, [SCOLIOSIS])
    counts = PublicationCounts.of([alone])
    assert not incomplete("PMID:61", OBESITY, knowledge, counts)
    obesity = left(knowledge, replaced_rows("case-out", case_of(alone), knowledge, counts), OBESITY)
    # the rows of this publication alone are gone, those that it shares keep the others' patients
    assert (LENS, "P") not in obesity
    assert ("HP:0000007", "I") not in obesity
    assert obesity[SCOLIOSIS, "P"] == "2/9"


def test_lone_case_of_a_publication_with_more_patients_takes_its_own_count_only(knowledge) -> None:
    """The annotations say 9/10: the file's one case is not all that the publication gave."""
    alone = contribution(knowledge, "PMID:11", MARFAN, [LENS, ARACHNODACTYLY])
    counts = PublicationCounts.of([alone])
    assert incomplete("PMID:11", MARFAN, knowledge, counts)
    marfan = left(knowledge, replaced_rows("case-out", case_of(alone), knowledge, counts), MARFAN)
    assert marfan[ARACHNODACTYLY, "P"] == "8/9"
    assert marfan["HP:0000007", "I"] == ""
    assert marfan[LENS, "P"] == "11/19"


def test_pooled_row_with_nobody_left_is_gone(knowledge) -> None:
    many = [contribution(knowledge, "PMID:51", OBESITY, [SEIZURE]) for _ in range(9)]
    counts = PublicationCounts.of(many)
    replaced = replaced_rows("publication-out", case_of(many[0]), knowledge, counts)
    assert (SEIZURE, "P") not in left(knowledge, replaced, OBESITY)


def test_more_patients_than_the_row_has_never_give_negative_counts(knowledge) -> None:
    many = [contribution(knowledge, "PMID:51", OBESITY, [SEIZURE]) for _ in range(5)]
    counts = PublicationCounts.of(many)
    replaced = replaced_rows("publication-out", case_of(many[0]), knowledge, counts)
    # 3/9 less 5/5
    assert left(knowledge, replaced, OBESITY)[SEIZURE, "P"] == "0/4"


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_counts_stay_counts(knowledge, data: st.DataObject) -> None:
    signs = [ARACHNODACTYLY, LENS, SCOLIOSIS, SEIZURE, WEAKNESS, ANEURYSM]
    some = st.lists(st.sampled_from(signs), unique=True)
    given_cases = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from(["PMID:11", "PMID:12", "PMID:51"]),
                st.sampled_from([MARFAN, OBESITY]),
                some,
                some,
            ),
            min_size=1,
            max_size=30,
        )
    )
    patients = [
        contribution(knowledge, pub, disease, seen, missed) for pub, disease, seen, missed in given_cases
    ]
    counts = PublicationCounts.of(patients)
    for regime in ("case-out", "publication-out"):
        for disease, rows in replaced_rows(regime, case_of(patients[0]), knowledge, counts).items():
            own = knowledge.annotations.of(disease)
            assert set(rows["row"].tolist()) <= set(own["row"].tolist())
            counted = rows[rows["kind"] == Frequency.COUNTS]
            assert (counted["numerator"] >= 0).all()
            assert (counted["denominator"] >= 1).all()
            assert (counted["numerator"] <= counted["denominator"]).all()
            before = {int(r["row"]): r for r in own}
            for row in rows:
                assert not row["denominator"] > before[int(row["row"])]["denominator"]
                cited = set(knowledge.annotations.references_by_row[int(row["row"])])
                if patients[0].publication not in cited:
                    assert row.tobytes() == before[int(row["row"])].tobytes()
                if regime == "publication-out":
                    assert cited != {patients[0].publication}


def test_incomplete_publications(knowledge, patients) -> None:
    # 9/10 are annotated from publication 11, the file holds three of the ten
    assert incomplete("PMID:11", MARFAN, knowledge, PublicationCounts.of(patients))
    # onset rows (here 1/3 of publication 11) are no signs: no file of cases holds their counts
    full = [contribution(knowledge, "PMID:11", MARFAN, [ARACHNODACTYLY, "HP:0001626"]) for _ in range(10)]
    assert not incomplete("PMID:11", MARFAN, knowledge, PublicationCounts.of(full))
    assert not incomplete("PMID:11", "OMIM:999999", knowledge, PublicationCounts.of(patients))
    assert not incomplete("PMID:4444", MARFAN, knowledge, PublicationCounts.of(patients))
    dravet = [contribution(knowledge, "PMID:21", DRAVET, [SEIZURE, DISABILITY])] * 20
    assert not incomplete("PMID:21", DRAVET, knowledge, PublicationCounts.of(dravet))


def test_rows_left_are_still_a_matter_of_the_file(knowledge, patients, tmp_path: Path) -> None:
    """The table for `--publications` gives the same replacement as the cases it was made from."""
    counts = PublicationCounts.of(patients)
    path = tmp_path / "publications.tsv"
    counts.table(knowledge.ontology).write_csv(path, separator="\t")
    again = PublicationCounts.read(path, knowledge.ontology)
    for regime in ("case-out", "publication-out"):
        for patient in patients:
            one = replaced_rows(regime, case_of(patient), knowledge, counts)
            two = replaced_rows(regime, case_of(patient), knowledge, again)
            assert {d: r.tobytes() for d, r in one.items()} == {d: r.tobytes() for d, r in two.items()}
