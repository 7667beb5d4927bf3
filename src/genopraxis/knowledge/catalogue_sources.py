"""The table of official sources: addresses, how checksums are published, licences.

Addresses and licences were read in public documentation, not on the servers themselves. Where a publisher's own pages
disagree on a licence, the stricter one stands here and the text says so.
"""

from __future__ import annotations

from genopraxis.knowledge.catalogue import Source
from genopraxis.knowledge.catalogue_entries import CC0, GB, GNOMAD, GNOMAD_TERMS, bare, edition, google
from genopraxis.knowledge.catalogue_genes import GENES, LIFTOVER
from genopraxis.knowledge.catalogue_variants import SCORES, VARIANTS

__all__ = ["SOURCES"]

_GENE_LEVEL = (
    Source(
        name="gnomad-constraint",
        what="gnomAD, constraint of genes",
        editions=(
            edition(
                "GRCh38",
                GNOMAD,
                release=r"4\.1",
                default="4.1",
                form="text",
                places=(google("/{release}/constraint/gnomad.v{release}.constraint_metrics.tsv"),),
            ),
            edition(
                "GRCh37",
                GNOMAD,
                release=r"2\.1\.1",
                default="2.1.1",
                form="bgzip",
                about_bytes=4_609_488,
                places=(google("/{release}/constraint/gnomad.v{release}.lof_metrics.by_gene.txt.bgz"),),
            ),
        ),
        licence=CC0,
        licence_kind="open",
        licence_url=GNOMAD_TERMS,
        doi="10.1038/s41586-020-2308-7",
    ),
    Source(
        name="clingen-validity",
        what="ClinGen, validity of gene–disease relations (CSV made on request)",
        editions=(
            edition(
                None,
                "https://search.clinicalgenome.org/kb",
                latest=bare("/gene-validity/download", keep_as="clingen-gene-validity.csv"),
                form="text",
                largest_bytes=GB,
                about_bytes=1_100_000,
            ),
        ),
        licence=CC0,
        licence_kind="open",
        licence_url="https://clinicalgenome.org/docs/terms-of-use/",
        doi="10.1016/j.ajhg.2017.04.015",
    ),
    Source(
        name="clingen-dosage",
        what="ClinGen, dosage sensitivity of genes (TSV)",
        editions=tuple(
            edition(
                assembly,
                "https://ftp.clinicalgenome.org",
                release=r"20\d{6}",
                example="20260610",
                latest=bare(f"/ClinGen_gene_curation_list_{assembly}.tsv"),
                places=(
                    bare(f"/archive/{{release}}/ClinGen_gene_curation_list_{assembly}.tsv", confirmed=False),
                ),
                form="text",
                largest_bytes=GB,
                about_bytes=240_000,
            )
            for assembly in ("GRCh38", "GRCh37")
        ),
        licence=CC0,
        licence_kind="open",
        licence_url="https://clinicalgenome.org/docs/terms-of-use/",
        doi="10.1056/NEJMsr1406261",
    ),
    Source(
        name="gencc",
        what="GenCC, gene–disease relations as submitted (TSV)",
        editions=(
            edition(
                None,
                "https://search.thegencc.org/download/action",
                latest=bare("/submissions-export-tsv", keep_as="gencc-submissions.tsv"),
                form="text",
                largest_bytes=GB,
                about_bytes=27_000_000,
            ),
        ),
        licence=f"{CC0}; OMIM's submissions are left out by GenCC",
        licence_kind="open",
        licence_url="https://thegencc.org/terms",
        doi="10.1016/j.gim.2022.04.017",
    ),
)

SOURCES: tuple[Source, ...] = (*VARIANTS, *GENES, *SCORES, *_GENE_LEVEL, *LIFTOVER)
