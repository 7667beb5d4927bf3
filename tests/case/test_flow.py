"""One patient through the flow: what comes out, what is said of the input, and what must never get in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from case_packets import SENTINEL, SENTINEL_IDS, packet, with_answer, write

from genopraxis.case.flow import CaseFlow
from genopraxis.case.policy import RESEARCH_BANNER
from genopraxis.case.report import render_report
from genopraxis.case.result import CaseResult
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import InputError, RefusedError
from genopraxis.contracts.patient import Feature, Onset, Patient, Repair
from genopraxis.contracts.ports import GroupStanding
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.phenopacket import read_packets
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from genopraxis.tasks.phenotype.tools.resnik import ResnikTool

SEIZURE, DISABILITY, ARACHNODACTYLY, LENS = "HP:0001250", "HP:0001249", "HP:0001166", "HP:0001083"


@pytest.fixture(scope="module")
def flow(tiny: HpoKnowledge) -> CaseFlow:
    return CaseFlow(LikelihoodTool().prepare(tiny))


def patient(*observed: str, excluded: tuple[str, ...] = (), **more: Any) -> Patient:
    features = [Feature(term_id=t) for t in observed] + [Feature(term_id=t, excluded=True) for t in excluded]
    return Patient(case_id="c", features=tuple(features), **more)


def test_ranked(flow: CaseFlow, tiny: HpoKnowledge) -> None:
    result = flow.run(patient(ARACHNODACTYLY, LENS, excluded=(DISABILITY,), sex="female", age_years=12.0))
    assert result.outcome == "ranked"
    first = result.candidates[0]
    assert (first.disease_id, first.rank, first.linked_ids) == ("OMIM:154700", 1, ("ORPHA:558",))
    assert first.genes == ("FBN1",)
    assert first.inheritance == ("Autosomal dominant inheritance",)
    assert "Marfan syndrome" in result.message
    assert result.banner == RESEARCH_BANNER
    assert result.candidates_considered == len(tiny.diseases.members)
    # Duchenne of OMIM and of ORPHA share a place: the better of the two is listed and names the other
    assert len(result.candidates) == len(set(tiny.diseases.place.tolist())) == len(tiny.diseases.members) - 1
    same_name = {c.disease_id: c.same_name_ids for c in result.candidates if c.same_name_ids}
    assert same_name == {"OMIM:310200": ("ORPHA:98896",)}
    assert [c.rank for c in result.candidates] == sorted(c.rank for c in result.candidates)
    assert 0.98 < sum(c.posterior or 0 for c in result.candidates) < 1
    assert result.genes[0].symbol == "FBN1"
    assert result.genes[0].disease_ids == ("OMIM:154700",)
    assert result.provenance.releases == tiny.releases
    assert result.tool.id == "phenotype.likelihood"


def test_contributions_add_up_and_lead_to_publications(flow: CaseFlow) -> None:
    result = flow.run(patient(ARACHNODACTYLY, LENS, excluded=(DISABILITY,), sex="male", age_years=3.0))
    for candidate in result.candidates:
        total = sum(part.log10_likelihood_ratio for part in candidate.contributions)
        assert total == pytest.approx(candidate.log10_likelihood_ratio, abs=1e-5)
    lens = next(p for p in result.candidates[0].contributions if p.term_id == LENS)
    assert set(lens.references) == {"PMID:11", "PMID:12", "ORPHA:558"}
    assert lens.relation == "exact"
    sizes = [abs(p.log10_likelihood_ratio) for p in result.candidates[0].contributions]
    assert sizes == sorted(sizes, reverse=True)


def test_evidence_lines(flow: CaseFlow) -> None:
    result = flow.run(patient(ARACHNODACTYLY, LENS, excluded=(SEIZURE,)))
    assert result.evidence
    for line in result.evidence:
        assert line.strength is None, "an uncalibrated line carries no strength"
        assert (line.tool_id, line.subject_type) == ("phenotype.likelihood", "disease")
        assert line.subject_id.startswith("OMIM:")
        assert line.releases
        assert line.sentence
        value = line.log10_likelihood_ratio
        assert value is not None
        wanted = "neutral" if abs(value) < 0.01 else "supports" if value > 0 else "disputes"
        assert line.direction == wanted


@pytest.mark.parametrize(
    "given",
    [patient(), patient(excluded=(SEIZURE,)), patient("HP:0003577"), patient("HP:0000006", excluded=(LENS,))],
)
def test_no_phenotype_is_an_outcome(flow: CaseFlow, given: Patient) -> None:
    result = flow.run(given)
    assert result.outcome == "no_phenotype_given"
    assert result.candidates == ()
    assert result.genes == ()
    assert result.next_signs == ()
    assert result.candidates_considered == 0
    assert "No phenotype given" in result.message
    assert "No phenotype given" in render_report(result)


def test_what_was_given_and_repaired_is_told(flow: CaseFlow) -> None:
    given = Patient(
        case_id="c",
        features=(
            Feature(term_id="HP:0002279", label="Fits", onset=Onset(years=2.0)),
            Feature(term_id="HP:0011153", onset=Onset(term_id="HP:0003593")),
            Feature(term_id="HP:0012638", excluded=True),
            Feature(term_id="HP:0000006"),
        ),
    )
    read = Repair(code="term_id_spelling", message="hp_0002279 is read as HP:0002279", subject="x")
    result = flow.run(given, source=InputDigest(name="a.json", sha256="0" * 64), repairs=[read])
    assert [note.code for note in result.repairs] == [
        "term_id_spelling", "alternative_term", "not_a_sign", "contradiction", "implied_term",
    ]  # fmt: skip
    first = result.given.features[0]
    assert (first.given_id, first.term_id, first.label, first.onset) == (
        "HP:0002279",
        SEIZURE,
        "Seizure",
        "2 years",
    )
    assert [f.counted for f in result.given.features] == [False, True, False, False]
    assert result.given.features[1].onset == "Infantile onset"
    assert result.given.source == "a.json"
    assert [i.name for i in result.provenance.inputs] == ["a.json"]
    text = render_report(result)
    for note in result.repairs:
        assert note.message.split(";")[0] in text


def test_unknown_term_is_an_error(flow: CaseFlow) -> None:
    with pytest.raises(InputError, match="HP:0001251"):
        flow.run(patient(SEIZURE, "HP:0001251"))


def test_next_signs_say_nothing_that_is_known(flow: CaseFlow, tiny: HpoKnowledge) -> None:
    result = flow.run(patient("HP:0011153", excluded=("HP:0003011",)))
    assert result.next_signs
    known = {tiny.ontology.ids[a] for a in tiny.ontology.ancestors(tiny.ontology.number["HP:0011153"])}
    for sign in result.next_signs:
        assert sign.term_id not in known | {"HP:0003011", "HP:0001324"}
        assert set(sign.expected_in) <= {c.disease_id for c in result.candidates}
        assert all(p is None or 0 < p < 1 for p in sign.expected_in.values())
    assert any(p is None for sign in result.next_signs for p in sign.expected_in.values())


def test_exclusions_as_they_were_recorded(tiny: HpoKnowledge) -> None:
    """Marfan without scoliosis: a habit of recording, an item of a checklist, or nothing."""
    given = patient(ARACHNODACTYLY, excluded=("HP:0002650",))
    ranker = LikelihoodTool().prepare(tiny)
    part = {}
    for exclusions in ("selected", "systematic", "ignore"):
        result = CaseFlow(ranker, exclusions=exclusions).run(given)
        assert result.provenance.parameters["exclusions"] == exclusions
        assert [f.counted for f in result.given.features] == [True, exclusions != "ignore"]
        codes = {note.code for note in result.repairs}
        assert ("exclusions_ignored" in codes) == (exclusions == "ignore")
        marfan = next(c for c in result.candidates if c.disease_id == "OMIM:154700")
        part[exclusions] = [p.log10_likelihood_ratio for p in marfan.contributions if p.kind == "excluded"]
    assert part["selected"][0] > 0 > part["systematic"][0]
    assert part["ignore"] == []


def test_a_case_that_rests_on_absences_is_told(tiny: HpoKnowledge) -> None:
    given = patient("HP:0000119", excluded=("HP:0000028", "HP:0002650"))
    ranker = LikelihoodTool().prepare(tiny)
    first = CaseFlow(ranker, exclusions="selected").run(given)
    (note,) = (n for n in first.repairs if n.code == "absences_lead")
    assert note.subject == first.candidates[0].disease_id == "OMIM:310200"
    assert "--excluded systematic" in note.message
    for exclusions in ("systematic", "ignore"):
        again = CaseFlow(ranker, exclusions=exclusions).run(given)
        assert not [n for n in again.repairs if n.code == "absences_lead"]


def test_top_limits_the_lists(tiny: HpoKnowledge) -> None:
    result = CaseFlow(LikelihoodTool().prepare(tiny), top=2).run(patient(SEIZURE))
    assert len(result.candidates) == 2
    assert len(result.genes) == 2
    assert result.candidates_considered > 2


def test_tool_without_probability_states_none(tiny: HpoKnowledge) -> None:
    result = CaseFlow(ResnikTool().prepare(tiny)).run(patient(ARACHNODACTYLY))
    for candidate in result.candidates:
        assert candidate.posterior is None
        assert candidate.prior is None
        assert candidate.log10_likelihood_ratio is None
    assert all(gene.posterior is None for gene in result.genes)
    assert "gives no probability" in result.prior_statement
    render_report(result)


def test_result_round_trip(flow: CaseFlow) -> None:
    result = flow.run(patient(ARACHNODACTYLY, excluded=(SEIZURE,)))
    raw = json.loads(result.to_json())
    assert raw["schema"] == "genopraxis.case-result/1"
    assert CaseResult.from_mapping(raw, where="test") == result


class _Refuses:
    def allow(self, card: ToolCard, *, task: str, patient: Patient) -> str:
        raise RefusedError(f"{card.id} is not approved for {patient.case_id}: no release; {task} is other")


class _Approves:
    def allow(self, card: ToolCard, *, task: str, patient: Patient) -> str:
        return f"Approved: {card.id}"


class _Measures:
    def of(self, card: ToolCard, *, task: str, patient: Patient) -> tuple[GroupStanding, ...]:
        return (
            GroupStanding(axis="sex", group=patient.sex, standing="poorly", n=3, sentence=f"few for {task}"),
        )


def test_policy_refuses_with_reasons_before_anything_runs(tiny: HpoKnowledge) -> None:
    refusing = CaseFlow(LikelihoodTool().prepare(tiny), policy=_Refuses())
    # an unknown term is no error: the signs are not even looked up
    for signs in ((SEIZURE,), ("HP:7777777",), ()):
        result = refusing.run(patient(*signs, sex="male"))
        assert result.outcome == "not_run"
        assert result.message.endswith("not approved for c: no release; phenotype is other")
        assert result.candidates == result.genes == result.next_signs == result.evidence == ()
        assert [f.given_id for f in result.given.features] == list(signs)
        assert not any(f.counted for f in result.given.features)
        assert CaseResult.from_mapping(json.loads(result.to_json()), where="test") == result
        page = render_report(result)
        assert "no release; phenotype is other" in page
        assert RESEARCH_BANNER not in page


def test_policy_gives_the_banner(tiny: HpoKnowledge) -> None:
    result = CaseFlow(LikelihoodTool().prepare(tiny), policy=_Approves()).run(patient(SEIZURE))
    assert result.banner == "Approved: phenotype.likelihood"
    assert "Approved: phenotype.likelihood" in render_report(result)


def test_representation_is_kept_with_the_result(tiny: HpoKnowledge, flow: CaseFlow) -> None:
    assert flow.run(patient(SEIZURE)).representation == ()
    measuring = flow.under(policy=_Approves(), representation=_Measures())
    (standing,) = measuring.run(patient(SEIZURE, sex="female")).representation
    assert (standing.axis, standing.group, standing.sentence) == ("sex", "female", "few for phenotype")
    assert flow.run(patient(SEIZURE)).representation == (), "the flow itself is as before"


def test_parameters_of_the_instance_are_in_card_and_provenance(tiny: HpoKnowledge) -> None:
    tool = LikelihoodTool().configure({"noise": "0.25", "use_excluded": "false"})
    result = CaseFlow(tool.prepare(tiny)).run(patient(SEIZURE))
    for found in (result.tool.parameters, result.provenance.parameters):
        assert (found["noise"], found["use_excluded"]) == (0.25, False)
    assert LikelihoodTool.card.parameters["noise"] != 0.25


def test_the_packets_own_answer_goes_nowhere(flow: CaseFlow, tmp_path: Path) -> None:
    """Diseases, interpretations and references of the packet reach neither the ranking nor any output."""
    plain = packet("c", ARACHNODACTYLY, LENS, excluded=(SEIZURE,))
    without, with_it = write(tmp_path, plain, with_answer(plain))
    results = []
    for path in (without, with_it):
        (read,) = read_packets(path)
        for secret in (SENTINEL, *SENTINEL_IDS, "777777777"):
            assert secret not in repr(read.patient)
        results.append(flow.run(read.patient, repairs=read.repairs))
        for text in (results[-1].to_json(), render_report(results[-1])):
            for secret in (SENTINEL, *SENTINEL_IDS, "777777777"):
                assert secret not in text
    assert results[0].candidates == results[1].candidates
    assert results[0].genes == results[1].genes
    assert results[0].next_signs == results[1].next_signs


def test_the_true_disease_named_in_the_packet_moves_nothing(flow: CaseFlow, tmp_path: Path) -> None:
    """As before, with an answer that is a candidate: Duchenne, for a patient with signs of Marfan."""
    plain = packet("c", ARACHNODACTYLY, LENS)
    told = plain | {"diseases": [{"term": {"id": "OMIM:310200", "label": "Duchenne muscular dystrophy"}}]}
    one, two = (flow.run(read_packets(path)[0].patient) for path in write(tmp_path, plain, told))
    assert one.candidates == two.candidates
