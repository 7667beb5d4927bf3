"""What was repaired, or is worth a remark, while a VCF was read: counted by reason, never silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "fileformat_missing": "no ##fileformat line first: read as VCF 4.2",
        "crlf": "line(s) ending in CR LF (Windows): the CR was dropped",
        "not_utf8": "line(s) that are not UTF-8: the wrong bytes became U+FFFD",
        "blank_line": "blank line(s) left out",
        "byte_order_mark": "a byte order mark at the start was dropped",
        "trailing_tabs": "line(s) with empty columns at their end: these were dropped",
        "column_name": "name(s) of the first nine columns that are not VCF's: read by position",
        "definition_unreadable": "header definition(s) without an ID: ignored",
        "definition_repeated": "header definition(s) given twice: the first was taken",
        "definition_type": "header definition(s) of an unknown type: read as String",
        "contig_length": "contig length(s) in the header that are no number: ignored",
        "repeated_record": "record(s) with place, REF and ALT of an earlier one: kept, as another row",
        "qual_unreadable": "QUAL value(s) that are no number: taken as missing",
        "lower_case_allele": "allele(s) with lower-case bases: written in upper case",
        "ambiguous_base": "allele(s) with IUPAC codes: these became N",
        "alt_equals_ref": "ALT allele(s) equal to REF: kept, they describe no change",
        "phase_set_name": "phase set(s) (PS) that are no number: taken as missing",
        "genotype_unreadable": "genotype value(s) that make no sense: taken as missing",
        "info_key_repeated": "INFO key(s) given again in the same record: the first was taken",
        "annotation_empty": "empty annotation(s) between commas: left out",
        "annotation_short": "annotation(s) with fewer fields than the header names: the rest is missing",
        "annotation_long": "annotation(s) with more fields than the header names: these were left out",
        "annotation_allele": "annotation(s) of an allele that their record does not have: left out",
        "annotation_pointer": "consequence(s) that refer to a record which does not tell them: left out",
        "annotation_feature": "consequence(s) for regulatory regions, motifs, domains and the like: left out",
        "annotation_term": "consequence term(s) that are unknown: left out, sequence_variant where no other is given",
        "annotation_missing": "allele(s) without a consequence in the file: sequence_variant, flagged not_annotated",
        "score_unreadable": "score(s) and frequencies in INFO that are no number: taken as missing",
        "score_allele": "record(s) whose number of scores does not fit their alleles: taken as missing",
        "score_frequency": "frequencies below or above those of all groups that they are made of: taken as missing",
    }
)


@dataclass(frozen=True, slots=True)
class VcfRepairs:
    """Counts of repairs by reason, a key of :data:`REASONS`; they can be added up."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.counts) - set(REASONS)
        if unknown:
            raise ValueError(f"not a reason: {sorted(unknown)}")
        kept = {reason: self.counts[reason] for reason in REASONS if self.counts.get(reason)}
        object.__setattr__(self, "counts", MappingProxyType(kept))

    def __add__(self, other: VcfRepairs) -> VcfRepairs:
        return VcfRepairs(
            {reason: self.counts.get(reason, 0) + other.counts.get(reason, 0) for reason in REASONS}
        )

    def __bool__(self) -> bool:
        return bool(self.counts)

    def sentences(self) -> Iterator[str]:
        """Yield one sentence for each reason, with its count."""
        for reason, count in self.counts.items():
            yield f"{count} × {REASONS[reason]}"
