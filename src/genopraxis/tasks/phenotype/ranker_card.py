"""The card of ``phenotype.ranker``."""

from __future__ import annotations

from genopraxis.contracts.cards import Reference, ToolCard, TrainingData
from genopraxis.tasks.phenotype.posterior import SOLVE_RATE


def meaning_of_probability(solve_rate: float) -> str:
    """Return what the posterior holds for."""
    patients = (
        f"The posterior holds for patients of whom {solve_rate:.1%} have a diagnosis that could be named"
    )
    if solve_rate == SOLVE_RATE:
        return (
            f"{patients}: the diagnostic yield of exome sequencing in a meta-analysis (Clark et al. 2018). Give your "
            "own clinic's yield with --set solve_rate=…; without it, go by the ranks. What is missing to 100 % is "
            "the chance that it is none of the candidates."
        )
    rest = "What is missing to 100 % is the chance that it is none of the candidates."
    return f"{patients}, as was set for this run. {rest}"


RANKER_CARD = ToolCard(
    id="phenotype.ranker",
    version="1.0.0",
    task="phenotype",
    name="Phenotype ranker",
    summary=(
        "A learned order of candidate diseases (LambdaMART) from likelihood ratios, semantic similarity, "
        "absences, sex, age and related diseases, over the annotations of HPO and the counts of a library of "
        "solved cases, with a posterior that allows for none of the candidates."
    ),
    intended_use=(
        "Ranking rare Mendelian diseases for a patient described by HPO terms, as an aid to a clinician or "
        "clinical scientist. Research use."
    ),
    limitations=(
        "A disease that neither the annotations nor the case library describe cannot be ranked.",
        (
            "Trained on published patients with a molecular diagnosis, whose authors chose what to report; "
            "most are children of European ancestry."
        ),
        (
            "Where absences are read as selected (--excluded selected), an excluded sign supports a disease that "
            "is known for it, since what is looked for is chosen with a disease in mind. As that holds for "
            "published patients, figures on them do not carry over to other records."
        ),
        "Entries that only Orphanet has are held back: every patient it was trained on has an OMIM diagnosis.",
        "The names of diseases are used, and some were coined after the first patients.",
        (
            "Prefers diseases that its case library has, though a gate holds them back; others are found no "
            "better than by phenotype.likelihood at the first place."
        ),
    ),
    licence="Apache-2.0",
    references=(
        Reference(
            citation="Burges 2010, From RankNet to LambdaRank to LambdaMART: an overview (MSR-TR-2010-82)",
            url="https://www.microsoft.com/en-us/research/publication/"
            "from-ranknet-to-lambdarank-to-lambdamart-an-overview/",
        ),
        Reference(
            citation="Danis et al. 2025, A corpus of GA4GH phenopackets: case-level phenotyping for genomic "
            "diagnostics and discovery",
            doi="10.1016/j.xhgg.2024.100371",
        ),
        Reference(
            citation="Clark et al. 2018, Meta-analysis of the diagnostic and clinical utility of genome and "
            "exome sequencing",
            doi="10.1038/s41525-018-0053-8",
        ),
    ),
    training_data=(
        TrainingData(
            dataset="phenopacket-store",
            version="commit b694d17ec6fd3bccab8a69235f4e13b0b82b7ae5, development part",
            sha256="6e57b638783a11295ffc76490adfbf367cd6aa7f19f0dd13891478ba96ab73e6",
            use=(
                "weights, posterior and case library; each case with its own publication removed, rival "
                "diseases with a publication removed too; see docs/benchmarks/phenotype.md"
            ),
        ),
    ),
    parameters={"solve_rate": SOLVE_RATE},
    score="output of the ranking model; higher is better, and only differences within a patient mean anything",
    probability=meaning_of_probability(SOLVE_RATE),
)
