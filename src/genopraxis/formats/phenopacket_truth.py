"""From a Phenopacket message to the known answer, for the bench alone."""

from __future__ import annotations

from collections.abc import Iterable

from phenopackets.schema.v2 import phenopackets_pb2 as schema_v2
from phenopackets.schema.v2.core import interpretation_pb2 as schema

from genopraxis.contracts.patient import Truth
from genopraxis.formats.identifiers import pubmed_id, pubmed_id_of_case

_CAUSAL = {
    schema.GenomicInterpretation.InterpretationStatus.CONTRIBUTORY,
    schema.GenomicInterpretation.InterpretationStatus.CAUSATIVE,
}
_REJECTED = schema.GenomicInterpretation.InterpretationStatus.REJECTED
_NO_STATUS = schema.GenomicInterpretation.InterpretationStatus.UNKNOWN_STATUS
_PATHOGENIC = {schema.LIKELY_PATHOGENIC, schema.PATHOGENIC}
_UNSOLVED = schema.Interpretation.ProgressStatus.UNSOLVED


def truth_of(message: schema_v2.Phenopacket, *, case_id: str, envelope: Iterable[str]) -> Truth:
    """Return the diseases, genes and publication that a Phenopacket states.

    Parameters
    ----------
    message
        A Phenopacket with interpretations, diseases and external references.
    case_id
        Identifier of the case.
    envelope
        External references of the Family or Cohort, used when the packet has none.
    """
    solved = [item for item in message.interpretations if item.progress_status != _UNSOLVED]
    diagnosed = [item.diagnosis.disease.id for item in solved]
    listed = [item.term.id for item in message.diseases if not item.excluded]
    genes = [_gene(found) for item in solved for found in item.diagnosis.genomic_interpretations]
    references = [item.id for item in message.meta_data.external_references]
    published = [found for text in [*references, *envelope] if (found := pubmed_id(text))]
    return Truth(
        case_id=case_id,
        disease_ids=_distinct([*diagnosed, *listed]),
        genes=_distinct(genes),
        publication=published[0] if published else pubmed_id_of_case(case_id),
    )


def _gene(found: schema.GenomicInterpretation) -> str:
    """Return the gene that the interpretation holds responsible, or an empty text."""
    variant = found.variant_interpretation
    named = found.WhichOneof("call") == "gene"
    status = found.interpretation_status
    responsible = status in _CAUSAL or (
        status != _REJECTED
        and (
            variant.acmg_pathogenicity_classification in _PATHOGENIC
            # some converters name the gene of a solved case and leave the status out
            or (named and status == _NO_STATUS)
        )
    )
    if not responsible:
        return ""
    gene = found.gene if named else variant.variation_descriptor.gene_context
    return str(gene.symbol or gene.value_id)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for value in values if (text := value.strip())))
