"""The catalogue: every entry complete, every address https, every question answered or refused."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.catalogue import (
    LATEST,
    MUST_BE_ACCEPTED,
    Edition,
    Place,
    Source,
    check_release,
    choose_chromosomes,
    find_edition,
    find_source,
    folder_name,
    wanted_file,
)
from genopraxis.knowledge.catalogue_sources import SOURCES

BY_NAME = {source.name: source for source in SOURCES}
EDITIONS = [
    pytest.param(source, edition, id=f"{source.name}-{edition.assembly}")
    for source in SOURCES
    for edition in source.editions
]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_names_are_unique_and_safe_in_paths_and_commands():
    assert len(BY_NAME) == len(SOURCES)
    assert all(re.fullmatch(r"[a-z][a-z-]*", name) for name in BY_NAME)
    assert not {"hpo", "list"} & set(BY_NAME), "those are commands of their own"


def test_what_annotation_needs_is_there():
    wanted = {
        "clinvar", "ensembl-genes", "ensembl-genome", "gencode-genes", "gencode-genome", "refseq-genes",
        "refseq-genome", "mane", "chain-ucsc", "gnomad-exomes", "gnomad-genomes", "gnomad-constraint",
        "clingen-validity", "clingen-dosage", "gencc", "cadd", "revel", "alphamissense",
    }  # fmt: skip
    assert wanted <= set(BY_NAME)
    for name in wanted - {"mane", "clingen-validity", "gencc", "revel"}:
        assert {edition.assembly for edition in BY_NAME[name].editions} == {"GRCh37", "GRCh38"}, name


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_states_licence_and_citation(source: Source):
    assert source.licence.strip()
    assert source.licence_url.startswith("https://")
    assert re.fullmatch(r"10\.\d{4,9}/\S+", source.doi)
    strict = "non-commercial" in source.licence or "ask" in source.licence.split()
    assert (source.licence_kind in MUST_BE_ACCEPTED) == strict, "a licence that restricts must be accepted"
    assert source.editions
    if source.build is not None:
        assert source.build.startswith("knowledge build ")
        assert fields(source.build) <= {"from_files", "companion", "assembly", "release", "licence"}
        assert ("companion" in fields(source.build)) == (source.companion is not None)
    if source.companion is not None:
        assert BY_NAME[source.companion].companion == source.name
    assert (source.unpack is None) == (source.unpacked == "")


def test_only_these_restrict_their_use():
    restricted = {source.name for source in SOURCES if source.licence_kind in MUST_BE_ACCEPTED}
    assert restricted == {"cadd", "cadd-indels", "revel", "alphamissense", "chain-ucsc"}


def places(edition: Edition) -> list[Place]:
    return [*edition.places, *([edition.latest] if edition.latest else [])]


@pytest.mark.parametrize(("source", "edition"), EDITIONS)
def test_every_address_is_whole(source: Source, edition: Edition):
    assert edition.root.startswith("https://")
    assert not edition.root.endswith("/")
    assert places(edition)
    for place in places(edition):
        assert place.path.startswith("/")
        needs_file = place.published not in {"google-header", "none"}
        assert (place.checksum_path is not None) == needs_file
        assert fields(place.path) <= {"release", "year", "chromosome"}
        assert ("chromosome" in fields(place.path)) == bool(edition.chromosomes)
    if edition.latest is not None:
        assert "release" not in fields(edition.latest.path)
    release = check_release(source, edition, None)
    assert release == edition.default
    for asked in {release, edition.example}:
        for chromosome in edition.chromosomes[:1] or (None,):
            wanted = wanted_file(edition, check_release(source, edition, asked), chromosome, mirror=None)
            assert "/" not in wanted.name
            assert wanted.candidates
            for candidate in wanted.candidates:
                text = f"{candidate.url} {candidate.checksum_url or ''}"
                assert candidate.url.startswith("https://")
                assert not set("{}") & set(text)
                assert "//" not in text.replace("https://", "")
                assert ("latest" not in text) or asked != LATEST


@pytest.mark.parametrize(("source", "edition"), EDITIONS)
def test_a_mirror_replaces_the_root_of_file_and_checksum(source: Source, edition: Edition):
    chromosome = edition.chromosomes[0] if edition.chromosomes else None
    there = wanted_file(edition, edition.default, chromosome, mirror=None)
    here = wanted_file(edition, edition.default, chromosome, mirror="https://mirror.example/all/")
    for theirs, ours in zip(there.candidates, here.candidates, strict=True):
        assert ours.url == theirs.url.replace(edition.root, "https://mirror.example/all")
        if theirs.checksum_url:
            assert ours.checksum_url == theirs.checksum_url.replace(
                edition.root, "https://mirror.example/all"
            )


@pytest.mark.parametrize(
    ("name", "assembly", "release", "chromosome", "url"),
    [
        ("clinvar", "GRCh37", None, None, "https://ftp.ncbi.nlm.nih.gov/pub/clinvar/vcf_GRCh37/clinvar.vcf.gz"),
        (
            "clinvar", None, "2024-01-07", None,
            "https://ftp.ncbi.nlm.nih.gov/pub/clinvar/vcf_GRCh38/archive_2.0/2024/clinvar_20240107.vcf.gz",
        ),
        (
            "ensembl-genes", "hg38", "110", None,
            "https://ftp.ensembl.org/pub/release-110/gff3/homo_sapiens/Homo_sapiens.GRCh38.110.gff3.gz",
        ),
        (
            "gencode-genes", "hg19", "v46", None,
            ("https://ftp.ebi.ac.uk/pub/databases/gencode/Gencode_human/release_46/GRCh37_mapping/"
            "gencode.v46lift37.annotation.gff3.gz"),
        ),
        (
            "gnomad-exomes", "GRCh37", None, "X",
            ("https://storage.googleapis.com/gcp-public-data--gnomad/release/2.1.1/vcf/exomes/"
            "gnomad.exomes.r2.1.1.sites.X.vcf.bgz"),
        ),
        (
            "gnomad-genomes", "grch38", None, "chr21",
            ("https://storage.googleapis.com/gcp-public-data--gnomad/release/4.1/vcf/genomes/"
            "gnomad.genomes.v4.1.sites.chr21.vcf.bgz"),
        ),
        (
            "refseq-genes", "GRCh38", "RS_2025_08", None,
            ("https://ftp.ncbi.nlm.nih.gov/genomes/all/annotation_releases/9606/GCF_000001405.40-RS_2025_08/"
            "GCF_000001405.40_GRCh38.p14_genomic.gff.gz"),
        ),
    ],
)  # fmt: skip
def test_addresses_as_their_publishers_write_them(name, assembly, release, chromosome, url):
    source = find_source(name, SOURCES)
    edition = find_edition(source, assembly)
    chromosomes = choose_chromosomes(source, edition, [chromosome] if chromosome else [])
    wanted = wanted_file(edition, check_release(source, edition, release), chromosomes[0], mirror=None)
    assert wanted.candidates[0].url == url


def test_a_dated_clinvar_is_looked_for_where_it_may_be():
    edition = find_edition(BY_NAME["clinvar"], None)
    urls = [c.url for c in wanted_file(edition, "20240107", None, mirror=None).candidates]
    assert [url.split("vcf_GRCh38/")[1].rpartition("/")[0] for url in urls] == [
        "archive_2.0/2024",
        "weekly",
        "",
    ]


def test_a_source_that_is_not_there():
    with pytest.raises(InputError, match=r"'dbsnp' is not in the catalogue.*pull list"):
        find_source("dbsnp", SOURCES)


def test_assemblies():
    assert find_edition(BY_NAME["clinvar"], None).assembly == "GRCh38"
    assert find_edition(BY_NAME["gencc"], None).assembly is None
    with pytest.raises(InputError, match=r"'T2T'.*GRCh38, GRCh37"):
        find_edition(BY_NAME["clinvar"], "T2T")
    with pytest.raises(InputError, match="there is: GRCh38"):
        find_edition(BY_NAME["mane"], "hg19")
    with pytest.raises(InputError, match="the same for every assembly"):
        find_edition(BY_NAME["gencc"], "GRCh38")


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("clinvar", "May"), ("clinvar", "20241399"), ("clinvar", ""), ("clinvar", "../x"), ("clinvar", "20240107\n"),
        ("gencc", "2024"), ("gnomad-exomes", "3.1"), ("ensembl-genes", LATEST), ("ensembl-genes", "٩٩"),
        ("gencode-genes", "M25"),
    ],
)  # fmt: skip
def test_releases_that_do_not_exist(name, release):
    with pytest.raises(InputError, match="is no release of") as caught:
        check_release(BY_NAME[name], find_edition(BY_NAME[name], None), release)
    assert "releases look like" in str(caught.value)


@given(st.text(max_size=40))
def test_no_release_text_gets_into_a_path(text):
    for source in (BY_NAME["clinvar"], BY_NAME["refseq-genes"], BY_NAME["mane"]):
        edition = find_edition(source, None)
        try:
            release = check_release(source, edition, text)
        except InputError:
            continue
        assert re.fullmatch(r"[A-Za-z0-9._]+", folder_name(source, edition, release).replace("-", ""))


def test_chromosomes():
    source = BY_NAME["gnomad-genomes"]
    new, old = find_edition(source, "GRCh38"), find_edition(source, "GRCh37")
    assert choose_chromosomes(source, new, ["chrX,2", "1"]) == ("1", "2", "X")
    assert choose_chromosomes(source, new, ["all"])[-1] == "Y"
    assert choose_chromosomes(source, old, ["all"])[-1] == "X", "v2.1.1 has no genomes of Y"
    assert choose_chromosomes(BY_NAME["clinvar"], find_edition(BY_NAME["clinvar"], None), []) == (None,)
    with pytest.raises(InputError, match="say which"):
        choose_chromosomes(source, new, [])
    with pytest.raises(InputError, match="no chromosome Y"):
        choose_chromosomes(source, old, ["Y"])
    with pytest.raises(InputError, match="leave --chromosome out"):
        choose_chromosomes(BY_NAME["clinvar"], find_edition(BY_NAME["clinvar"], None), ["1"])


def test_folders_tell_assemblies_and_releases_apart():
    names = [
        folder_name(source, edition, release)
        for source in SOURCES
        for edition in source.editions
        for release in ("1", "2")
    ]
    assert len(set(names)) == len(names)
    assert "clinvar-GRCh38-1" in names
    assert "gencc-1" in names
