"""Catalogue: what is known of variants: ClinVar, frequencies, scores."""

from __future__ import annotations

from typing import Any

from genopraxis.knowledge.catalogue import Edition, Place, Source
from genopraxis.knowledge.catalogue_entries import (
    CC0,
    GB,
    GNOMAD,
    GNOMAD_TERMS,
    NCBI,
    edition,
    google,
    listed,
    sidecar,
)

_CHROMOSOMES = (*(str(number) for number in range(1, 23)), "X", "Y")
_CADD = "https://krishna.gs.washington.edu/download/CADD"
_CADD_TEXT = "free for non-commercial use; commercial use needs a licence of the University of Washington"
_PROVENANCE = " --release {release} --licence {licence}"
_FREQUENCIES = "knowledge build frequencies {from_files} --assembly {assembly}" + _PROVENANCE
_SCORES = "knowledge build scores {from_files} --assembly {assembly}" + _PROVENANCE


def _clinvar(assembly: str) -> Edition:
    folder = f"/vcf_{assembly}"
    dated = ("archive_2.0/{year}/", "weekly/", "")  # where a dated file is depends on its age
    return edition(
        assembly,
        f"{NCBI}/pub/clinvar",
        release=r"20\d\d(0[1-9]|1[0-2])[0-3]\d",
        example="20240107",
        form="bgzip",
        latest=sidecar(f"{folder}/clinvar.vcf.gz"),
        places=tuple(sidecar(f"{folder}/{place}clinvar_{{release}}.vcf.gz") for place in dated),
    )


def _gnomad(kind: str) -> tuple[Edition, ...]:
    new = f"/{{release}}/vcf/{kind}/gnomad.{kind}.v{{release}}.sites.chr{{chromosome}}.vcf.bgz"
    old = f"/{{release}}/vcf/{kind}/gnomad.{kind}.r{{release}}.sites.{{chromosome}}.vcf.bgz"
    common: dict[str, Any] = {"form": "bgzip", "largest_bytes": 300 * GB}
    return (
        edition(
            "GRCh38", GNOMAD, release=r"4\.[01]", default="4.1", chromosomes=_CHROMOSOMES, places=(google(new),),
            **common,
        ),
        edition(
            "GRCh37", GNOMAD, release=r"2\.1\.1", default="2.1.1", places=(google(old),),
            chromosomes=_CHROMOSOMES if kind == "exomes" else _CHROMOSOMES[:-1], **common,
        ),
    )  # fmt: skip


def _cadd(files: dict[str, str], *, release: str, about: dict[str, int]) -> tuple[Edition, ...]:
    return tuple(
        edition(
            assembly,
            _CADD,
            release=release,
            default="1.7",
            form="bgzip",
            largest_bytes=500 * GB,
            about_bytes=about[assembly],
            places=(listed(f"/v{{release}}/{assembly}/{file}", "MD5SUMs"),),
        )
        for assembly, file in files.items()
    )


VARIANTS = (
    Source(
        name="clinvar",
        what="ClinVar, classified variants (VCF); weekly, or a dated one",
        editions=(_clinvar("GRCh38"), _clinvar("GRCh37")),
        licence="free to use; NCBI asks to cite ClinVar, the submitters and the date",
        licence_kind="attribution",
        licence_url="https://www.ncbi.nlm.nih.gov/clinvar/docs/maintenance_use/",
        doi="10.1093/nar/gkz972",
        build="knowledge build clinvar {from_files} --assembly {assembly} --release {release}",
    ),
    *(
        Source(
            name=f"gnomad-{kind}",
            what=f"gnomAD {kind}, allele frequencies (sites VCF, one a chromosome)",
            editions=_gnomad(kind),
            licence=CC0,
            licence_kind="open",
            licence_url=GNOMAD_TERMS,
            doi="10.1038/s41586-023-06045-0",
            build=_FREQUENCIES,
        )
        for kind in ("exomes", "genomes")
    ),
)

SCORES = (
    Source(
        name="cadd",
        what="CADD, every possible SNV (TSV)",
        editions=_cadd(
            {"GRCh38": "whole_genome_SNVs.tsv.gz", "GRCh37": "whole_genome_SNVs.tsv.gz"},
            release=r"1\.[67]",
            about={"GRCh38": 81 * 2**30, "GRCh37": 79 * 2**30},
        ),
        licence=_CADD_TEXT,
        licence_kind="non-commercial",
        licence_url="https://cadd.gs.washington.edu/download",
        doi="10.1093/nar/gkad989",
        build=_SCORES,
    ),
    Source(
        name="cadd-indels",
        what="CADD, insertions and deletions of gnomAD 4.0 (TSV)",
        editions=_cadd(
            {
                "GRCh38": "gnomad.genomes.r4.0.indel.tsv.gz",
                "GRCh37": "gnomad.genomes-exomes.r4.0.indel.tsv.gz",
            },
            release=r"1\.7",
            about={"GRCh38": 1_300_000_000, "GRCh37": 1_500_000_000},
        ),
        licence=_CADD_TEXT,
        licence_kind="non-commercial",
        licence_url="https://cadd.gs.washington.edu/download",
        doi="10.1093/nar/gkad989",
        build=_SCORES,
    ),
    Source(
        name="revel",
        what="REVEL, missense variants; both assemblies in one table (zip)",
        editions=(
            edition(
                None,
                "https://zenodo.org",
                release=r"1\.3",
                default="1.3",
                form="zip",
                about_bytes=667_000_000,
                places=(
                    Place(
                        path="/records/7072866/files/revel-v{release}_all_chromosomes.zip",
                        published="zenodo",
                        checksum_path="/api/records/7072866",
                    ),
                ),
            ),
        ),
        licence="free for non-commercial use; other uses: ask the authors",
        licence_kind="non-commercial",
        licence_url="https://sites.google.com/site/revelgenomics/",
        doi="10.1016/j.ajhg.2016.08.016",
        build="knowledge build scores {from_files} --assembly GRCh38"
        + _PROVENANCE,  # GRCh37 is in the same table
        unpack="unzip -n {file} -d {folder}",
        unpacked="revel_with_transcript_ids",
    ),
    Source(
        name="alphamissense",
        what="AlphaMissense, missense variants (TSV)",
        editions=tuple(
            edition(
                assembly,
                "https://storage.googleapis.com/dm_alphamissense",
                latest=google(f"/AlphaMissense_{name}.tsv.gz"),
            )
            for assembly, name in (("GRCh38", "hg38"), ("GRCh37", "hg19"))
        ),
        licence=(
            "the publisher's pages disagree: CC BY-NC-SA 4.0 in the file and at Ensembl, CC BY 4.0 in its repository; "
            "taken as non-commercial"
        ),
        licence_kind="non-commercial",
        licence_url="https://github.com/google-deepmind/alphamissense",
        doi="10.1126/science.adg7492",
        build=_SCORES,
    ),
)
