"""Terms and remarks of VEP, snpEff, Jannovar and bcftools csq in the words of our table of consequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from genopraxis.contracts.consequences import IMPACTS, TERMS

__all__ = ["Told", "remarks", "terms"]

# what other programs, or older releases, write; () says what our terms have no word for
_OTHER: Mapping[str, tuple[str, ...]] = {
    # snpEff
    "conservative_inframe_deletion": ("inframe_deletion",),
    "conservative_inframe_insertion": ("inframe_insertion",),
    "disruptive_inframe_deletion": ("inframe_deletion",),
    "disruptive_inframe_insertion": ("inframe_insertion",),
    "5_prime_UTR_premature_start_codon_gain_variant": ("5_prime_UTR_variant",),
    "5_prime_UTR_truncation": ("5_prime_UTR_variant",),
    "3_prime_UTR_truncation": ("3_prime_UTR_variant",),
    "exon_loss_variant": ("feature_truncation",),
    "feature_ablation": ("transcript_ablation",),
    "exon_region": ("non_coding_transcript_exon_variant",),
    "exon_variant": ("non_coding_transcript_exon_variant",),
    "intergenic_region": ("intergenic_variant",),
    "conserved_intergenic_variant": ("intergenic_variant",),
    "conserved_intron_variant": ("intron_variant",),
    "splice_branch_variant": ("intron_variant",),
    "rare_amino_acid_variant": ("missense_variant",),
    "miRNA": ("mature_miRNA_variant",),
    # a start codon that another one replaces; a lost one is start_lost for both
    "initiator_codon_variant": ("start_retained_variant",),
    "non_canonical_start_codon": ("start_retained_variant",),
    "start_retained": ("start_retained_variant",),
    "intragenic_variant": (),
    "gene_variant": (),
    "transcript": (),
    "transcript_variant": (),
    "sequence_feature": (),
    "structural_interaction_variant": (),
    "protein_protein_contact": (),
    "gene_fusion": (),
    "bidirectional_gene_fusion": (),
    "feature_fusion": (),
    "rearranged_at_DNA_level": (),
    "duplication": (),
    "inversion": (),
    "chromosome": (),
    "chromosome_number_variation": (),
    "custom": (),
    # Jannovar
    "coding_transcript_intron_variant": ("intron_variant",),
    "5_prime_UTR_intron_variant": ("intron_variant",),
    "3_prime_UTR_intron_variant": ("intron_variant",),
    "non_coding_transcript_intron_variant": ("intron_variant", "non_coding_transcript_variant"),
    "5_prime_UTR_exon_variant": ("5_prime_UTR_variant",),
    "3_prime_UTR_exon_variant": ("3_prime_UTR_variant",),
    "frameshift_elongation": ("frameshift_variant",),
    "frameshift_truncation": ("frameshift_variant",),
    "internal_feature_elongation": ("protein_altering_variant",),
    "splicing_variant": ("splice_region_variant",),
    "exonic_splice_region_variant": ("splice_region_variant",),
    "intronic_splice_region_variant": ("splice_region_variant",),
    "direct_tandem_duplication": (),
    "mnv": (),
    "complex_substitution": (),
    "structural_variant": (),
    "copy_number_change": (),
    "translocation": (),
    "insertion": (),
    "deletion": (),
    # releases of VEP before 76
    "non_coding_exon_variant": ("non_coding_transcript_exon_variant",),
    "nc_transcript_variant": ("non_coding_transcript_variant",),
    # bcftools csq
    "synonymous": ("synonymous_variant",),
    "missense": ("missense_variant",),
    "frameshift": ("frameshift_variant",),
    "splice_acceptor": ("splice_acceptor_variant",),
    "splice_donor": ("splice_donor_variant",),
    "splice_region": ("splice_region_variant",),
    "stop_retained": ("stop_retained_variant",),
    "5_prime_utr": ("5_prime_UTR_variant",),
    "3_prime_utr": ("3_prime_UTR_variant",),
    "non_coding": ("non_coding_transcript_exon_variant",),
    "intron": ("intron_variant",),
    "intergenic": ("intergenic_variant",),
    "inframe_altering": ("protein_altering_variant",),
    "coding_sequence": ("coding_sequence_variant",),
}
# terms of features that are no transcripts
_REGULATORY = frozenset(
    {
        "regulatory_region_variant", "regulatory_region_ablation", "regulatory_region_amplification",
        "TF_binding_site_variant", "TFBS_ablation", "TFBS_amplification",
    }
)  # fmt: skip
_SEVERITY = {term: place for place, term in enumerate(TERMS)}
_BY_LOWER = {term.lower(): (term,) for term in TERMS} | {term.lower(): to for term, to in _OTHER.items()}
_REGULATORY_LOWER = frozenset(term.lower() for term in _REGULATORY)

# FLAGS of VEP, warnings of the ANN specification in both spellings, remarks on RefSeq; "" says nothing of trust
_REMARKS: Mapping[str, str] = {
    "cds_start_nf": "incomplete_cds_5",
    "cds_end_nf": "incomplete_cds_3",
    "mrna_start_nf": "incomplete_mrna_5",
    "mrna_end_nf": "incomplete_mrna_3",
    "error_chromosome_not_found": "contig_without_transcripts",
    "e1": "contig_without_transcripts",
    "error_out_of_chromosome_range": "out_of_range",
    "e2": "out_of_range",
    "warning_ref_does_not_match_genome": "reference_mismatch",
    "w1": "reference_mismatch",
    "warning_sequence_not_available": "needs_fasta",
    "w2": "needs_fasta",
    "warning_transcript_incomplete": "not_multiple_of_3",
    "w3": "not_multiple_of_3",
    "warning_transcript_multiple_stop_codons": "premature_stop",
    "w4": "premature_stop",
    "warning_transcript_no_start_codon": "no_start_codon",
    "w5": "no_start_codon",
    "warning_transcript_no_stop_codon": "no_stop_codon",
    "w6": "no_stop_codon",
    "info_realign_3_prime": "",
    "i1": "",
    "info_compound_annotation": "haplotype",
    "i2": "haplotype",
    "info_non_reference_annotation": "not_against_reference",
    "i3": "not_against_reference",
    "rseq_mrna_nonmatch": "genome_mismatch",
    "rseq_cds_mismatch": "genome_mismatch",
    "rseq_5p_mismatch": "genome_mismatch",
    "rseq_3p_mismatch": "genome_mismatch",
    "rseq_mrna_match": "",
    "rseq_ens_match_cds": "",
    "rseq_ens_match_wt": "",
    "rseq_ens_no_match": "",
    "rseq_no_comparison": "",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a text of terms says.

    Parameters
    ----------
    terms
        Our terms, most severe first; none when it says nothing that they have a word for.
    unknown
        How many of its words nobody knows.
    regulatory
        It is about a regulatory region or a motif.
    """

    terms: tuple[str, ...]
    unknown: int
    regulatory: bool

    @property
    def impact(self) -> str:
        """Impact of the first term."""
        return TERMS[self.terms[0]] if self.terms else "MODIFIER"

    @property
    def in_intron(self) -> bool:
        """Whether a number of exon or intron beside it is that of an intron."""
        return not _INTRONIC.isdisjoint(self.terms)

    @property
    def intergenic(self) -> bool:
        """Whether it meets no transcript."""
        return self.terms == ("intergenic_variant",)

    @property
    def outside(self) -> bool:
        """Whether it lies beside a transcript."""
        return not _OUTSIDE.isdisjoint(self.terms)

    @property
    def coding(self) -> bool:
        """Whether it meets the coding sequence."""
        return not _CODING.isdisjoint(self.terms)

    @property
    def shortens(self) -> bool:
        """Whether it makes a premature stop."""
        return not _STOPS.isdisjoint(self.terms)


_INTRONIC = frozenset({"intron_variant", "splice_acceptor_variant", "splice_donor_variant"})
_OUTSIDE = frozenset({"upstream_gene_variant", "downstream_gene_variant"})
_CODING = frozenset(
    {
        "stop_gained", "frameshift_variant", "stop_lost", "start_lost", "inframe_insertion", "inframe_deletion",
        "missense_variant", "protein_altering_variant", "incomplete_terminal_codon_variant",
        "start_retained_variant", "stop_retained_variant", "synonymous_variant", "coding_sequence_variant",
    }
)  # fmt: skip
_STOPS = frozenset({"stop_gained", "frameshift_variant"})


@lru_cache(maxsize=4096)
def terms(text: str) -> Told:
    """Return what terms joined by ``&`` (or ``+``, as snpEff once did) say; ``*`` of bcftools csq is left out."""
    words = text.lstrip("*").replace("+", "&").split("&")
    found: set[str] = set()
    unknown = regulatory = 0
    for word in words:
        lower = word.strip().lower()
        if lower in _REGULATORY_LOWER:
            regulatory += 1
        elif lower in _BY_LOWER:
            found.update(_BY_LOWER[lower])
        elif lower:
            unknown += 1
    if len(found) > 1:
        found.discard("sequence_variant")
    ordered = tuple(sorted(found, key=_SEVERITY.__getitem__))
    return Told(ordered, unknown, regulatory > 0 and not found and not unknown)


def impact(text: str) -> str | None:
    """Return an impact as the file has it, if it is one."""
    upper = text.strip().upper()
    return upper if upper in IMPACTS else None


@lru_cache(maxsize=4096)
def remarks(text: str) -> tuple[str, ...]:
    """Return our flags for remarks joined by ``&``, in their order; unknown warnings are ``other_warning``."""
    found: dict[str, None] = {}
    for word in text.split("&"):
        lower = word.strip().lower()
        if not lower:
            continue
        flag = _REMARKS.get(lower)
        if flag is None:
            flag = "other_warning" if lower.startswith(("error", "warning")) else _our_flag(lower)
        if flag:
            found[flag] = None
    return tuple(found)


def _our_flag(word: str) -> str:
    """Our own flags come back when our own CSQ is read."""
    return word if word.replace("_", "").isalnum() and not word.startswith(("info", "rseq")) else ""
