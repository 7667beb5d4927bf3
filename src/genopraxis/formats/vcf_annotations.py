"""Annotations that another program wrote into INFO: CSQ of VEP, ANN of snpEff and Jannovar, BCSQ, SpliceAI.

The fields are found by the header's descriptions, so nothing is to be configured. Formats: VEP's documentation of its
VCF output; the ANN specification 1.0 (Cingolani et al. 2015); bcftools csq (Danecek & McCarthy 2017,
doi:10.1093/bioinformatics/btx100); SpliceAI (Jaganathan et al. 2019, doi:10.1016/j.cell.2018.12.015).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.vcf_allele_name_kernels import AS_IS, AS_VEP, assign_alleles
from genopraxis.formats.vcf_annotation_kernels import field_spans, many_info_spans, split_entries
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_columns import distinct, number_column, text_column
from genopraxis.formats.vcf_kernels import Offsets
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = [
    "AnnotationEntries",
    "AnnotationField",
    "Style",
    "annotation_fields",
    "decoded",
    "info_key_spans",
    "read_entries",
    "unreadable_fields",
    "vep_alleles",
]

Style = Literal["vep", "ann", "bcsq", "spliceai"]

_FIELDS = re.compile(r"(?:Format|annotations)\s*:\s*['\"]?\s*([^'\"]+)", re.IGNORECASE)
# the specification fixes them, so a header that does not name them is no loss
_ANN = (
    "Allele", "Annotation", "Annotation_Impact", "Gene_Name", "Gene_ID", "Feature_Type", "Feature_ID",
    "Transcript_BioType", "Rank", "HGVS.c", "HGVS.p", "cDNA.pos", "CDS.pos", "AA.pos", "Distance", "ERRORS",
)  # fmt: skip
_BCSQ = ("Consequence", "gene", "transcript", "biotype", "strand", "amino_acid_change", "dna_change")
_SPLICEAI = ("ALLELE", "SYMBOL", "DS_AG", "DS_AL", "DS_DG", "DS_DL", "DP_AG", "DP_AL", "DP_DG", "DP_DL")
_USUAL: Mapping[str, tuple[Style, tuple[str, ...]]] = {
    "ANN": ("ann", _ANN),
    "BCSQ": ("bcsq", _BCSQ),
    "SpliceAI": ("spliceai", _SPLICEAI),
}
_ORDER = ("vep", "ann", "bcsq", "spliceai")
_CODES = {
    f"%{code}": chr(int(code, 16)) for code in ("20", "22", "2B", "2C", "3A", "3B", "3D", "3E", "7C", "25")
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotationField:
    """An INFO field that holds annotations of alleles.

    Parameters
    ----------
    key
        Name of the INFO field.
    style
        Who writes so.
    fields
        What stands between the bars, in order.
    """

    key: str
    style: Style
    fields: tuple[str, ...]


def annotation_fields(
    descriptions: Mapping[str, str], *, styles: Sequence[Style] = ("vep", "ann", "bcsq")
) -> tuple[AnnotationField, ...]:
    """Find the INFO fields that hold annotations, by their descriptions.

    Parameters
    ----------
    descriptions
        ``Description`` of each INFO field of the header.
    styles
        Which are looked for; those above hold consequences, ``spliceai`` scores.

    Returns
    -------
    tuple of AnnotationField
        What tells most comes first: VEP, ANN, BCSQ; within these in the order of the header.
    """
    found = []
    for key, description in descriptions.items():
        fields = _named_fields(description)
        style: Style | None = None
        if {"Allele", "Consequence"} <= set(fields):
            style = "vep"
        elif {"Allele", "Annotation"} <= set(fields):
            style, fields = "ann", _without_slashes(fields)
        elif {"ALLELE", "DS_AG"} <= set(fields):
            style = "spliceai"
        elif {"Consequence", "dna_change"} <= set(fields):
            style = "bcsq"
        elif key in _USUAL:
            style, fields = _USUAL[key]
        if style is not None and style in styles:
            found.append(AnnotationField(key=key, style=style, fields=fields))
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.style)))


def unreadable_fields(descriptions: Mapping[str, str]) -> tuple[str, ...]:
    """Return INFO fields that by their name hold VEP's consequences, but do not say in which order."""
    known = {one.key for one in annotation_fields(descriptions)}
    return tuple(key for key in descriptions if key.upper() in {"CSQ", "VEP"} and key not in known)


def vep_alleles(alleles: pl.DataFrame) -> pl.DataFrame:
    """Return alleles as VEP names them: without the first base where all alleles of an indel record share it.

    Parameters
    ----------
    alleles
        ``record``, ``allele``, ``original_ref``, ``original_alt``, with all alleles of each record.

    Returns
    -------
    polars.DataFrame
        ``record``, ``allele``, ``Allele``, in the same order.
    """
    ref, alt = pl.col("original_ref"), pl.col("original_alt")
    star = alt.str.contains("*", literal=True)
    indel = (alt.str.len_bytes() != ref.str.len_bytes()).any().over("record")
    shared = ((alt.str.slice(0, 1) == ref.str.slice(0, 1)) | star).all().over("record")
    short = pl.when(alt.str.len_bytes() > 1).then(alt.str.slice(1)).otherwise(pl.lit("-"))
    return alleles.select(
        "record", "allele", Allele=pl.when(indel & shared & ~star).then(short).otherwise(alt)
    )


def info_key_spans(
    batch: VcfBatch, keys: Sequence[str]
) -> tuple[dict[str, tuple[Offsets, Offsets]], VcfRepairs]:
    """Return where the values of some INFO keys are, found in one pass.

    Returns
    -------
    tuple of dict and VcfRepairs
        By key one span a record, (-1, -1) where it is absent; and how many were given twice in a record.
    """
    encoded = [key.encode() for key in keys]
    joined = np.frombuffer(b"".join(encoded), np.uint8)
    key_ends = np.cumsum([len(key) for key in encoded], dtype=np.int64)
    begins, stops, again = many_info_spans(batch.data, *batch.span("INFO"), joined, key_ends)
    spans = {key: (begins[place], stops[place]) for place, key in enumerate(keys)}
    return spans, VcfRepairs({"info_key_repeated": int(again.sum())})


@dataclass(frozen=True, kw_only=True)
class AnnotationEntries:
    """The entries of an annotation field in a batch, in the order of the file.

    Parameters
    ----------
    batch, field
        Where they are from.
    records
        Index in the batch of each entry's record, ascending.
    alleles
        The allele that each entry means, first ALT 1; 0 where it is none, or where that is not said.
    guessed
        Which alleles are a good guess only: the record was split or rewritten after it was annotated.
    spans
        By name of the field where it is in each entry; (-1, -1) where it is empty.
    repairs
        What had to be repaired.
    """

    batch: VcfBatch
    field: AnnotationField
    records: NDArray[np.int64]
    alleles: NDArray[np.uint16]
    guessed: NDArray[np.bool_]
    spans: Mapping[str, tuple[Offsets, Offsets]]
    repairs: VcfRepairs

    def __len__(self) -> int:
        return len(self.records)

    def has(self, name: str) -> bool:
        """Tell whether the header names this field."""
        return name in self.spans

    def text(self, name: str, chosen: NDArray[np.int64]) -> pl.Series:
        """Return a field of some entries, percent codes written out; null where it is empty."""
        starts, ends = self.spans[name]
        return decoded(text_column(name, self.batch.data, starts[chosen], ends[chosen]))

    def words(self, name: str, chosen: NDArray[np.int64]) -> tuple[NDArray[np.uint32], list[str]]:
        """Return a field of few distinct texts: the number of each entry's text, and the texts; empty: ``""``."""
        if name not in self.spans:
            return np.zeros(len(chosen), np.uint32), [""]
        starts, ends = self.spans[name]
        codes, texts = distinct(self.batch.data, starts[chosen], ends[chosen])
        return codes, [_plain(text) if "%" in text else text for text in texts]


def read_entries(batch: VcfBatch, field: AnnotationField, wanted: Sequence[str]) -> AnnotationEntries:
    """Take the values of an annotation field apart, and find out which allele each entry means.

    Parameters
    ----------
    batch
        Records of a VCF.
    field
        As :func:`annotation_fields` found it.
    wanted
        Names of the fields to be kept; those that the header does not name are left out.
    """
    spans, repeated = info_key_spans(batch, [field.key])
    records, starts, ends, empty = split_entries(batch.data, *spans[field.key])
    named = "ALLELE" if field.style == "spliceai" else "Allele"
    own = [name for name in dict.fromkeys((named, "ALLELE_NUM", *wanted)) if name in field.fields]
    slots = np.full(len(field.fields), -1, np.int64)
    for place, name in enumerate(own):
        slots[field.fields.index(name)] = place
    begins, stops, counts = field_spans(batch.data, starts, ends, slots, len(own))
    found = {name: (begins[place], stops[place]) for place, name in enumerate(own)}
    guessed = np.zeros(len(records), np.bool_)
    if "ALLELE_NUM" in found:
        numbers = number_column("number", batch.data, *found["ALLELE_NUM"], dtype=pl.Int32)[0]
        alleles = numbers.fill_null(0).clip(0, 65_535).to_numpy().astype(np.uint16)
    elif field.style == "bcsq":
        alleles = np.zeros(len(records), np.uint16)
    else:
        first = AS_VEP if field.style == "vep" else AS_IS
        alleles, doubt = assign_alleles(
            batch.data, batch.span("REF"), batch.span("ALT"), records, found[named], first
        )
        guessed = doubt > 0
    # bcftools csq leaves out what does not apply; a pointer to another record is a field alone
    short = 0 if field.style == "bcsq" else int((counts < len(field.fields)).sum())
    return AnnotationEntries(
        batch=batch,
        field=field,
        records=records,
        alleles=alleles,
        guessed=guessed,
        spans=found,
        repairs=repeated
        + VcfRepairs(
            {
                "annotation_empty": empty,
                "annotation_short": short,
                "annotation_long": int((counts > len(field.fields)).sum()),
            }
        ),
    )


def decoded(texts: pl.Series) -> pl.Series:
    """Write percent codes out."""
    if not texts.str.contains("%", literal=True).any():
        return texts
    return texts.str.replace_many(list(_CODES), list(_CODES.values()), ascii_case_insensitive=True)


def _plain(text: str) -> str:
    return re.sub("%[0-9A-Fa-f]{2}", lambda code: _CODES.get(code[0].upper(), code[0]), text)


def _named_fields(description: str) -> tuple[str, ...]:
    named = _FIELDS.search(description)
    return tuple(one.strip() for one in named.group(1).split("|")) if named else ()


def _without_slashes(fields: tuple[str, ...]) -> tuple[str, ...]:
    """``cDNA.pos / cDNA.length`` and the like: what comes first names the field."""
    return tuple(one.split("/")[0].strip() for one in fields)
