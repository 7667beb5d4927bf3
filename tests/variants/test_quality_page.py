"""The page, the document and the terminal tables: complete, escaped, without script, and bounded for a cohort."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console

pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from quality_for_tests import CONTIGS, simulated_person, summary_of

from genopraxis.contracts.errors import ContractError
from genopraxis.formats.contig_names import Assembly
from genopraxis.knowledge.variant_store import STATUS
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.quality_document import Histogram, QualitySummary
from genopraxis.variants.quality_figures import equal_bins
from genopraxis.variants.quality_page import SAMPLES_SHOWN, render_quality
from genopraxis.variants.quality_terminal import quality_tables
from vcf_texts import vcf_text, write_vcf

EVIL = "<script>alert(1)</script>"
VOID = {"meta", "link", "br", "img", "hr", "input", "path", "use", "rect", "line"}


class Balanced(HTMLParser):
    """Every element is closed where it should be, ids are unique, and links within the page lead somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if str(given.get("href", "")).startswith("#"):
            self.links.append(str(given["href"])[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def checked(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    assert not parser.open
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.links) <= set(parser.ids)
    assert "script" not in parser.tags
    assert "img" not in parser.tags
    assert not re.search(r'(?:src|href)="(?!#|https://doi\.org/)', html)
    return parser


def shown(summary: QualitySummary) -> str:
    out = StringIO()
    console = Console(width=100, file=out)
    for one in quality_tables(summary):
        console.print(one)
    return out.getvalue()


def everything(annotated: AnnotatedBatch) -> AnnotatedBatch:
    """Add a store of each kind and a score."""
    n = annotated.alleles.height
    status = pl.Series((["found"] * 7 + ["not_found", "not_covered", "no_key"]) * (n // 10 + 1))[:n].cast(
        STATUS
    )
    found = status == "found"
    return replace(
        annotated,
        known={
            "gnomad": pl.DataFrame(
                {
                    "status": status,
                    "af": pl.Series(np.geomspace(1e-6, 1, n), dtype=pl.Float32).set(~found, None),
                }
            ),
            "clinvar": pl.DataFrame(
                {
                    "status": status,
                    "significance": pl.Series(["Benign", EVIL] * n)[:n].set(~found, None),
                    "stars": pl.Series([1, 2, 3] * n, dtype=pl.Int32)[:n].set(~found, None),
                }
            ),
        },
        scores=pl.DataFrame(
            {
                "cadd_raw": np.linspace(-5.5, 40, n),
                "exac_af": np.linspace(0, 1, n),
                "exac_ac": np.full(n, 121_412),
            }
        ),
    )


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> QualitySummary:
    rows = simulated_person(np.random.default_rng(3), x_copies=2, y_copies=0)
    rows[:3] = [row.replace("PASS", "q10;<b>") for row in rows[:3]]
    text = vcf_text(rows, samples=[EVIL], meta=CONTIGS)
    path = write_vcf(tmp_path_factory.mktemp("person") / "person.vcf", text)
    return summary_of(path, extend=everything, stated_sex={EVIL: "male"}, assembly=Assembly.GRCH38)


def test_a_whole_page(person: QualitySummary) -> None:
    html = render_quality(person)
    parser = checked(html)
    assert EVIL not in html
    assert "&lt;script&gt;" in html
    assert "<b>" not in re.sub(r"<b[ r]", "", html)
    for part in ("look", "samples", "sex", "variants", "known", "done", "provenance"):
        assert part in parser.ids
    assert "consequences" not in parser.ids  # nothing tells them
    assert "GRCh38, by contig lengths (3)" in html
    # depth, allele balance (no AD: none), QUAL, chromosomes, AF, one score and no frequency of the file
    assert html.count("<svg ") == 5
    assert ">121,412<" in html
    assert ">\N{MINUS SIGN}5.5<" in html
    assert "conflicts" in html
    assert render_quality(person) == html


def test_the_document_reads_back(person: QualitySummary) -> None:
    body = json.loads(person.to_json())
    assert body["schema"] == "genopraxis.vcf-summary/1"
    assert QualitySummary.from_mapping(body, where="x") == person
    body["records"] = "many"
    with pytest.raises(ContractError, match="records"):
        QualitySummary.from_mapping(body, where="x")


def test_figures_of_a_person(person: QualitySummary) -> None:
    (sample,) = person.samples
    assert person.outcome == "complete"
    assert sample.sex.call == "XX"
    assert sample.sex.agreement == "conflicts"
    assert sample.het_hom_snvs == pytest.approx(1.5, rel=0.2)
    assert sample.ti_tv is None  # transitions only: no ratio
    assert sample.transitions == 1647
    assert sample.depth_median == pytest.approx(30, abs=1)
    assert sample.singletons is None
    assert person.filters == {"<b>": 3, "q10": 3}
    assert person.stores[0].rare is not None
    assert person.stores[0].rare["0.01"] > person.stores[0].rare["0.001"] > person.stores[0].not_found
    assert sum(person.stores[0].frequencies.counts) == person.stores[0].found  # type: ignore[union-attr]


def test_terminal(person: QualitySummary) -> None:
    text = shown(person)
    assert EVIL in text
    assert "XX (stated male)" in text
    assert "sex_conflict" in text
    assert "gnomad" in text
    assert "Ti/Tv of SNVs that passed" in text


def test_no_records_is_said(tmp_path: Path) -> None:
    summary = summary_of(write_vcf(tmp_path / "empty.vcf", vcf_text([], samples=["a"])))
    assert summary.outcome == "no_records"
    assert not summary.warnings
    html = render_quality(summary)
    checked(html)
    assert "no record" in html
    assert "<svg" not in html
    assert "<table" not in html
    assert "a header only" in shown(summary)


def test_sites_only_is_said(tmp_path: Path) -> None:
    summary = summary_of(
        write_vcf(tmp_path / "sites.vcf", vcf_text(["chr1 10 . A G 5 . .", "chr1 20 . C CT . . ."]))
    )
    assert summary.outcome == "sites_only"
    html = render_quality(summary)
    parser = checked(html)
    assert "Sites only." in html
    assert "samples" not in parser.ids
    assert "sex" not in parser.ids
    assert "No filter was applied" in html
    assert "sites only" in shown(summary)
    assert {"sites_only", "no_filter"} <= {one.code for one in summary.warnings}


def test_genotypes_that_nobody_asked_for(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x.vcf", vcf_text(["chr1 10 . A G 5 . . GT 0/1 0/1"], samples=["a", "b"]))
    summary = summary_of(path, samples=[])
    assert summary.outcome == "genotypes_not_read"
    html = render_quality(summary)
    checked(html)
    assert "Genotypes were not read." in html
    assert "genotypes not read" in shown(summary)
    one = summary_of(path, samples=["b"])
    assert [sample.name for sample in one.samples] == ["b"]
    assert one.samples[0].singletons is None
    assert "of 2 samples, of which 1 was read" in render_quality(one)


def test_a_single_symbolic_record(tmp_path: Path) -> None:
    summary = summary_of(
        write_vcf(tmp_path / "sv.vcf", vcf_text(["chr1 10 . A <DEL> . . . GT 0/1"], samples=["a"]))
    )
    html = render_quality(summary)
    checked(html)
    assert "There is no SNV." in html
    assert "not measured" in html
    assert summary.samples[0].het_hom_snvs is None


def cohort(folder: Path, n: int) -> QualitySummary:
    """Many people, of which one has nothing but heterozygous genotypes and one is hardly called."""
    rng = np.random.default_rng(1)
    share = rng.normal(0.6, 0.01, n).clip(0.5, 0.7)
    rows = []
    for site in range(600):
        het = rng.random(n) < share
        calls = np.where(het, "0/1", "1/1")
        calls[3] = "0/1"
        if site % 2:
            calls[7] = "./."
        alt = "G" if site % 3 else "C"
        rows.append(f"chr1 {1000 + site} . A {alt} 50 PASS . GT {' '.join(calls)}")
    names = [f"s{i}" for i in range(n)]
    return summary_of(write_vcf(folder / "cohort.vcf", vcf_text(rows, samples=names)))


def test_a_cohort_fits_a_page(tmp_path: Path) -> None:
    summary = cohort(tmp_path, 300)
    html = render_quality(summary)
    checked(html)
    assert len(html) < 300_000
    rows = re.findall(r'<tr><th scope="row" class="name">(s\d+)', html)
    assert 2 <= len(rows) <= SAMPLES_SHOWN + 3
    assert rows[0] in ("s3", "s7")
    assert "unlike_cohort" in {one.code for one in summary.warnings}
    assert "300 samples are too many for a table" in html
    text = shown(summary)
    assert "(median" in text
    assert "s3" in text
    assert summary.samples[7].missing_share == pytest.approx(0.5)
    assert summary.samples[7].missing == 300


def test_samples_of_a_trio_are_in_a_table(tmp_path: Path) -> None:
    rows = [f"chr1 {i} . A G 50 PASS . GT:PS 0|1:1 0/0:. 1/1:." for i in range(1, 30)]
    rows[0] = "chr1 1 . A G 50 PASS . GT:PS 0|1:1 0/0:. 0/0:."
    summary = summary_of(write_vcf(tmp_path / "trio.vcf", vcf_text(rows, samples=["kid", "dad", "mum"])))
    html = render_quality(summary)
    checked(html)
    assert [one.singletons for one in summary.samples] == [1, 0, 0]
    assert summary.samples[0].phased_share == summary.samples[0].phase_set_share == 1
    assert summary.samples[1].phased_share is None
    assert all(f">{name}</th>" in html for name in ("kid", "dad", "mum"))


def test_equal_bins_keep_every_count() -> None:
    edges = tuple(float(x) for x in (*range(101), 105, 110, 200, 1000))
    rng = np.random.default_rng(5)
    for _ in range(50):
        counts = tuple(int(x) for x in rng.poisson(rng.choice([0, 0.2, 30]), len(edges) - 1))
        if not sum(counts):
            continue
        made = equal_bins(Histogram(edges=edges, counts=counts, open_end=True))
        assert sum(made.counts) == sum(counts)
        assert min(made.counts) >= 0
        assert len(made.counts) <= 62
        steps = np.diff(made.edges)
        assert np.allclose(steps, steps[0])


@pytest.mark.shared_data
def test_pages_of_real_files(rare_data: Path) -> None:
    for path in sorted(rare_data.glob("*.vcf.gz")):
        summary = summary_of(path)
        checked(render_quality(summary))
        assert shown(summary)
        assert 1.3 < summary.transitions[1].ratio < 3.4  # type: ignore[operator]
