"""How good a VCF is and what it holds: counts of batches that can be added up, and the summary made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from genopraxis.contracts.provenance import Provenance
from genopraxis.formats.vcf_header import VcfHeader
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.assembly import AssemblyCall
from genopraxis.variants.quality_build import summarise
from genopraxis.variants.quality_counts import BatchCounts
from genopraxis.variants.quality_document import QualitySummary

__all__ = ["QualityCounts"]

_NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class QualityCounts(BatchCounts):
    """Counts of some batches: ``of_batch`` of each, in any thread, added up in the order of the file."""

    def document(
        self,
        *,
        name: str,
        header: VcfHeader,
        packing: str,
        provenance: Provenance,
        in_order: bool | None = None,
        reading: VcfRepairs | None = None,
        assembly: AssemblyCall | None = None,
        stated_sex: Mapping[str, str] = _NOBODY,
        notes: Sequence[str] = (),
    ) -> QualitySummary:
        """Return the summary of a file.

        Parameters
        ----------
        name
            Of the file; no path, since that may identify a patient.
        header, packing, in_order, reading
            As :class:`~genopraxis.formats.vcf_reader.VcfReader` has them after its last batch: ``header``,
            ``packing``, ``in_order`` and ``repairs``.
        assembly
            The assembly and what told it.
        stated_sex
            ``female`` or ``male`` by sample; anything else is not compared.
        notes
            What else the reader should know.
        """
        return summarise(
            self,
            name=name,
            header=header,
            packing=packing,
            in_order=in_order,
            reading=VcfRepairs() if reading is None else reading,
            assembly=assembly,
            stated_sex=stated_sex,
            notes=notes,
            provenance=provenance,
        )
