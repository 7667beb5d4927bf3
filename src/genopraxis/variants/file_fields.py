"""Parts of CSQ, ANN and BCSQ by our names, as columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.vcf_annotations import AnnotationEntries, Style

__all__ = ["NAMES", "ChosenEntries", "gather", "nothing"]

# our word for a field → what each program calls it
NAMES: Mapping[Style, Mapping[str, str]] = {
    "vep": {
        "consequence": "Consequence", "impact": "IMPACT", "gene": "SYMBOL", "gene_id": "Gene",
        "feature_type": "Feature_type", "transcript": "Feature", "biotype": "BIOTYPE", "exon": "EXON",
        "intron": "INTRON", "hgvs_c": "HGVSc", "hgvs_p": "HGVSp", "protein": "ENSP", "cdna_pos": "cDNA_position",
        "cds_pos": "CDS_position", "protein_pos": "Protein_position", "amino_acids": "Amino_acids",
        "codons": "Codons", "distance": "DISTANCE", "remarks": "FLAGS", "match": "REFSEQ_MATCH",
        "edited": "BAM_EDIT", "mane": "MANE", "mane_select": "MANE_SELECT",
        "mane_plus_clinical": "MANE_PLUS_CLINICAL", "canonical": "CANONICAL", "pick": "PICK", "nmd": "NMD",
        "splice_distance": "SPLICE_DISTANCE", "last_exon": "LAST_EXON",
    },
    "ann": {
        "consequence": "Annotation", "impact": "Annotation_Impact", "gene": "Gene_Name", "gene_id": "Gene_ID",
        "feature_type": "Feature_Type", "transcript": "Feature_ID", "biotype": "Transcript_BioType",
        "rank": "Rank", "hgvs_c": "HGVS.c", "hgvs_p": "HGVS.p", "cdna_pos": "cDNA.pos", "cds_pos": "CDS.pos",
        "protein_pos": "AA.pos", "distance": "Distance", "remarks": "ERRORS",
    },
    "bcsq": {
        "consequence": "Consequence", "gene": "gene", "transcript": "transcript", "biotype": "biotype",
        "change": "amino_acid_change", "bases": "dna_change",
    },
    "spliceai": {},
}  # fmt: skip
_YES, _NO = {"YES", "1", "NMD_escaping_variant"}, {"NO", "0"}
_SAME: Mapping[str, str] = MappingProxyType({})


class ChosenEntries:
    """Some entries of an annotation field, asked for by our names of its parts."""

    def __init__(self, entries: AnnotationEntries, chosen: NDArray[np.int64]) -> None:
        self._entries = entries
        self._chosen = chosen
        self._names = NAMES[entries.field.style]
        self.style: Style = entries.field.style

    def __len__(self) -> int:
        return len(self._chosen)

    def has(self, name: str) -> bool:
        """Tell whether the file has this part."""
        return name in self._names and self._entries.has(self._names[name])

    def text(self, name: str) -> pl.Series:
        """Return a part as text; null where it is empty."""
        if not self.has(name):
            return nothing(len(self))
        return self._entries.text(self._names[name], self._chosen)

    def words(self, name: str) -> tuple[NDArray[np.uint32], list[str]]:
        """Return a part of few distinct texts: the number of each entry's text, and the texts."""
        if not self.has(name):
            return np.zeros(len(self), np.uint32), [""]
        return self._entries.words(self._names[name], self._chosen)

    def column(self, name: str, change: Mapping[str, str] = _SAME) -> pl.Series:
        """Return a part of few distinct texts as a column."""
        codes, texts = self.words(name)
        return gather([change.get(text, text) or None for text in texts], codes)

    def mask(self, name: str, says: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Tell for which entries a part says something."""
        codes, texts = self.words(name)
        return np.array([says(text) for text in texts], np.bool_)[codes]

    def yes(self, name: str) -> NDArray[np.bool_]:
        """Tell for which entries a part says yes."""
        return self.mask(name, _YES.__contains__)

    def yes_or_no(self, name: str) -> pl.Series:
        """Return what a part says: yes, no, or null for nothing."""
        codes, texts = self.words(name)
        return gather(
            [True if text in _YES else False if text in _NO else None for text in texts], codes, pl.Boolean
        )


def gather(
    values: Sequence[object], codes: NDArray[np.uint32], dtype: pl.DataType | type[pl.DataType] = pl.String
) -> pl.Series:
    """Return the value of each code."""
    return pl.Series(values, dtype=dtype).gather(pl.Series(codes))


def nothing(n: int, dtype: type[pl.DataType] = pl.String) -> pl.Series:
    """Return a column of nulls."""
    return pl.repeat(None, n, dtype=dtype, eager=True)
