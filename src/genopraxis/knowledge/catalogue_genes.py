"""Catalogue: genes and assemblies, and the chains between assemblies."""

from __future__ import annotations

from genopraxis.knowledge.catalogue import Edition, Source
from genopraxis.knowledge.catalogue_entries import (
    EBI_TERMS,
    EBI_TEXT,
    ENSEMBL,
    GB,
    NCBI,
    NCBI_TERMS,
    NCBI_TEXT,
    bare,
    edition,
    listed,
)

_GENOMES = f"{NCBI}/genomes/all"
_GENCODE = "https://ftp.ebi.ac.uk/pub/databases/gencode/Gencode_human"
_UCSC = "https://hgdownload.soe.ucsc.edu/goldenPath"
_UNZIP = "gzip -dk {file}"  # of plain gzip no part can be read
_TRANSCRIPTS = "knowledge build transcripts {from_files} --fasta {companion}"


def _refseq(accession: str, *, later: str, example: str, release: str) -> Edition:
    assembly = accession.rpartition("_")[2].partition(".")[0]
    file = f"{accession}_genomic.gff.gz"
    return edition(
        assembly,
        _GENOMES,
        release=release,
        example=example,
        latest=listed(f"/GCF/000/001/405/{accession}/{file}", "md5checksums.txt"),
        places=(listed(f"/annotation_releases/9606/{later}/{file}", "md5checksums.txt"),),
    )


def _refseq_genome(accession: str) -> Edition:
    assembly, _, patch = accession.rpartition("_")[2].partition(".")
    path = f"/GCF/000/001/405/{accession}/{accession}_genomic.fna.gz"
    return edition(
        assembly, _GENOMES, release=patch, default=patch, places=(listed(path, "md5checksums.txt"),)
    )


GENES = (
    Source(
        name="ensembl-genes",
        what="Ensembl gene annotation (GFF3)",
        editions=(
            edition(
                "GRCh38",
                ENSEMBL,
                release=r"[1-9]\d{1,2}",
                default="116",
                places=(
                    listed(
                        "/release-{release}/gff3/homo_sapiens/Homo_sapiens.GRCh38.{release}.gff3.gz",
                        "CHECKSUMS",
                    ),
                ),
                about_bytes=108_000_000,
            ),
            edition(
                "GRCh37",
                ENSEMBL,
                release="87",
                default="87",
                places=(
                    listed(
                        "/grch37/release-{release}/gff3/homo_sapiens/Homo_sapiens.GRCh37.{release}.gff3.gz",
                        "CHECKSUMS",
                    ),
                ),
            ),
        ),
        licence=EBI_TEXT,
        licence_kind="attribution",
        licence_url=EBI_TERMS,
        doi="10.1093/nar/gkad1049",
        build=_TRANSCRIPTS,
        companion="ensembl-genome",
    ),
    Source(
        name="ensembl-genome",
        what="primary assembly as Ensembl names it (FASTA)",
        editions=(
            edition(
                "GRCh38",
                ENSEMBL,
                release=r"[1-9]\d{1,2}",
                default="116",
                places=(
                    listed(
                        "/release-{release}/fasta/homo_sapiens/dna/Homo_sapiens.GRCh38.dna.primary_assembly.fa.gz",
                        "CHECKSUMS",
                    ),
                ),
            ),
            edition(
                "GRCh37",
                ENSEMBL,
                release="87",
                default="87",
                places=(
                    listed(
                        "/grch37/release-{release}/fasta/homo_sapiens/dna/"
                        "Homo_sapiens.GRCh37.dna.primary_assembly.fa.gz",
                        "CHECKSUMS",
                    ),
                ),
            ),
        ),
        licence=EBI_TEXT,
        licence_kind="attribution",
        licence_url=EBI_TERMS,
        doi="10.1093/nar/gkad1049",
        companion="ensembl-genes",
        unpack=_UNZIP,
        unpacked="{stem}",
    ),
    Source(
        name="gencode-genes",
        what="GENCODE gene annotation (GFF3); for GRCh37 mapped back from GRCh38",
        editions=(
            edition(
                "GRCh38",
                _GENCODE,
                release=r"[1-9]\d",
                default="50",
                places=(listed("/release_{release}/gencode.v{release}.annotation.gff3.gz", "MD5SUMS"),),
            ),
            edition(
                "GRCh37",
                _GENCODE,
                release=r"[2-9]\d",
                default="50",
                places=(
                    listed(
                        "/release_{release}/GRCh37_mapping/gencode.v{release}lift37.annotation.gff3.gz",
                        "MD5SUMS",
                    ),
                ),
            ),
        ),
        licence=EBI_TEXT,
        licence_kind="attribution",
        licence_url=EBI_TERMS,
        doi="10.1093/nar/gkac1071",
        build=_TRANSCRIPTS,
        companion="gencode-genome",
    ),
    Source(
        name="gencode-genome",
        what="primary assembly as GENCODE names it (FASTA)",
        editions=(
            edition(
                "GRCh38",
                _GENCODE,
                release=r"[1-9]\d",
                default="50",
                places=(listed("/release_{release}/GRCh38.primary_assembly.genome.fa.gz", "MD5SUMS"),),
            ),
            edition(
                "GRCh37",
                _GENCODE,
                release=r"[2-9]\d",
                default="50",
                places=(
                    listed(
                        "/release_{release}/GRCh37_mapping/GRCh37.primary_assembly.genome.fa.gz", "MD5SUMS"
                    ),
                ),
            ),
        ),
        licence=EBI_TEXT,
        licence_kind="attribution",
        licence_url=EBI_TERMS,
        doi="10.1093/nar/gkac1071",
        companion="gencode-genes",
        unpack=_UNZIP,
        unpacked="{stem}",
    ),
    Source(
        name="refseq-genes",
        what="RefSeq gene annotation (GFF3), GRCh38.p14 or GRCh37.p13",
        editions=(
            _refseq(
                "GCF_000001405.40_GRCh38.p14",
                later="GCF_000001405.40-{release}",
                release=r"RS_20\d\d_\d\d",
                example="RS_2025_08",
            ),
            _refseq(
                "GCF_000001405.25_GRCh37.p13",
                later="{release}/GCF_000001405.25_GRCh37.p13",
                release=r"105\.20\d{6}",
                example="105.20220307",
            ),
        ),
        licence=NCBI_TEXT,
        licence_kind="open",
        licence_url=NCBI_TERMS,
        doi="10.1093/nar/gkv1189",
        build=_TRANSCRIPTS,
        companion="refseq-genome",
    ),
    Source(
        name="refseq-genome",
        what="assembly with RefSeq accessions, patches included (FASTA)",
        editions=(
            _refseq_genome("GCF_000001405.40_GRCh38.p14"),
            _refseq_genome("GCF_000001405.25_GRCh37.p13"),
        ),
        licence=NCBI_TEXT,
        licence_kind="open",
        licence_url=NCBI_TERMS,
        doi="10.1093/nar/gkv1189",
        companion="refseq-genes",
        unpack=_UNZIP,
        unpacked="{stem}",
    ),
    Source(
        name="mane",
        what="MANE Select and Plus Clinical transcripts (summary table)",
        editions=(
            edition(
                "GRCh38",
                f"{NCBI}/refseq/MANE/MANE_human",
                release=r"[01]\.\d{1,2}",
                default="1.5",
                places=(bare("/release_{release}/MANE.GRCh38.v{release}.summary.txt.gz"),),
            ),
        ),
        licence=NCBI_TEXT,
        licence_kind="open",
        licence_url=NCBI_TERMS,
        doi="10.1038/s41586-022-04558-8",
    ),
)

LIFTOVER = (
    Source(
        name="chain-ensembl",
        what="liftover chain from the named assembly to the other (Ensembl contig names)",
        editions=tuple(
            edition(
                old,
                f"{ENSEMBL}/assembly_mapping/homo_sapiens",
                latest=listed(f"/{old}_to_{new}.chain.gz", "CHECKSUMS"),
                largest_bytes=GB,
            )
            for old, new in (("GRCh37", "GRCh38"), ("GRCh38", "GRCh37"))
        ),
        licence=EBI_TEXT,
        licence_kind="attribution",
        licence_url=EBI_TERMS,
        doi="10.1093/nar/gkad1049",
    ),
    Source(
        name="chain-ucsc",
        what="liftover chain from the named assembly to the other (UCSC contig names)",
        editions=tuple(
            edition(
                assembly,
                _UCSC,
                latest=listed(f"/{old}/liftOver/{old}To{new}.over.chain.gz", "md5sum.txt"),
                largest_bytes=GB,
            )
            for assembly, old, new in (("GRCh37", "hg19", "Hg38"), ("GRCh38", "hg38", "Hg19"))
        ),
        licence=(
            "free for non-commercial use by independent researchers and nonprofit organisations; any other use needs "
            "a licence of UCSC (EULA)"
        ),
        licence_kind="non-commercial",
        licence_url="https://genome.ucsc.edu/license/EULA.pdf",
        doi="10.1093/nar/gkj144",
    ),
)
