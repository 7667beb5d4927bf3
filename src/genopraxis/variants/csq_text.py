"""Consequences as text in the layout of VEP's ``CSQ``, so that what reads VEP's output reads ours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.consequences import TERMS
from genopraxis.formats.text_kernels import Bytes, Int64
from genopraxis.formats.text_rows import Words
from genopraxis.formats.vcf_annotations import vep_alleles
from genopraxis.knowledge.transcripts import TranscriptSet
from genopraxis.variants.annotated import AnnotatedBatch

__all__ = ["FIELDS", "TranscriptWords", "clean", "csq_text"]

FIELDS = (
    "Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE", "EXON", "INTRON",
    "HGVSc", "HGVSp", "cDNA_position", "CDS_position", "Protein_position", "Amino_acids", "Codons", "DISTANCE",
    "SPLICE_DISTANCE", "NMD", "LAST_EXON", "PICK", "CANONICAL", "MANE_SELECT", "MANE_PLUS_CLINICAL", "FLAGS",
    "ALLELE_NUM",
)  # fmt: skip
"""What stands between the bars: VEP's names where VEP has the field; yes is written YES, or 1 for PICK."""

_ESCAPES = {
    "%": "%25", ";": "%3B", "=": "%3D", ",": "%2C", "|": "%7C", " ": "_", "\t": "%09", "\n": "%0A", "\r": "%0D",
}  # fmt: skip
_ODD = r"[;=,|\s%]"
_MAYBE = (None, False, True)


@dataclass(frozen=True, kw_only=True)
class TranscriptWords:
    """What stands of each transcript in every entry; the last one of each is for no transcript.

    Parameters
    ----------
    names
        Gene symbol to biotype.
    transcripts, proteins
        The reference of HGVS, with its colon; of a protein without an accession that of its transcript.
    """

    names: pl.Series
    transcripts: pl.Series
    proteins: pl.Series

    @classmethod
    def of(cls, transcripts: TranscriptSet) -> TranscriptWords:
        """Return the words of a set."""
        named = transcripts.names.with_columns(clean(column) for column in transcripts.names)
        bar, empty = pl.lit("|"), pl.lit("")
        gene, gene_id, biotype = (pl.col(name).fill_null("") for name in ("gene", "gene_id", "biotype"))
        own = named.select(
            names=pl.concat_str(
                gene, bar, gene_id, pl.lit("|Transcript|"), "transcript_id", bar, biotype, bar
            ),
            transcripts=pl.concat_str("transcript_id", pl.lit(":")),
            proteins=pl.concat_str(pl.coalesce("protein_id", "transcript_id"), pl.lit(":")),
        )
        nothing = pl.select(names=pl.lit("|||||"), transcripts=empty, proteins=empty)
        return cls(**pl.concat([own, nothing]).to_dict())


def csq_text(annotated: AnnotatedBatch, known: TranscriptWords) -> tuple[Bytes, Int64]:
    """Return the entries of each record, separated by commas, and where the text of each record ends.

    Raises
    ------
    ValueError
        When the consequences are not our own.
    """
    told, alleles, found = annotated.consequences, annotated.alleles, annotated.found
    if told is None or found is None:
        raise ValueError("only consequences of our own are written")
    n = len(told)
    rows = told["row"].to_numpy()
    placed = told["transcript_id"].is_not_null().to_numpy()
    transcript = np.full(n, len(found.set), np.int64)
    transcript[placed] = found.transcripts
    nowhere = np.zeros(n, np.int64)
    words = Words()
    bar = words.dictionary(["|"]) + nowhere
    words.words(clean(vep_alleles(alleles)["Allele"]), rows)
    _add_terms(words, told, found.terms, placed)
    words.words(known.names, transcript)
    words.texts(told["exon"])
    words.column(bar)
    words.texts(told["intron"])
    for column, references in (("hgvs_c", known.transcripts), ("hgvs_p", known.proteins)):
        words.column(bar)
        described = told[column].is_not_null().to_numpy()
        words.words(references, np.where(described, transcript, len(found.set)))
        words.texts(_escaped(told[column]))
    for column in ("cdna_pos", "cds_pos", "protein_pos"):
        words.column(bar)
        words.numbers(_whole(told[column]))
    for column in ("amino_acids", "codons"):
        words.column(bar)
        words.texts(told[column])
    for column in ("distance", "splice_distance"):
        words.column(bar)
        words.numbers(_whole(told[column]))
    _add_marks(words, told)
    words.texts(_flags(told["flags"]))
    words.column(bar)
    words.numbers(alleles["allele"].to_numpy()[rows])
    record = (alleles["record"].to_numpy() - np.uint32(annotated.batch.first_record))[rows]
    return words.rows(record, len(annotated.batch))


def clean(values: pl.Series) -> pl.Series:
    """Replace what would end a value in INFO; names hardly ever have it."""
    if not values.str.contains(_ODD).any():
        return values
    return values.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def _add_terms(words: Words, told: pl.DataFrame, terms: NDArray[np.int64], placed: NDArray[np.bool_]) -> None:
    keys = np.empty(len(told), np.int64)
    keys[placed] = terms
    if len(terms) < len(told):  # without a transcript there is one term
        first = told["consequence"].filter(pl.Series(~placed)).list.first()
        keys[~placed] = (first == "intergenic_variant").to_numpy() * np.int64(1) - 2
    distinct = pl.Series(keys).unique().sort().to_numpy()
    texts = []
    for key in distinct.tolist():
        names = [name for bit, name in enumerate(TERMS) if key >> bit & 1]
        if key < 0:
            names = ["intergenic_variant" if key == -1 else "sequence_variant"]
        texts.append(f"|{'&'.join(names)}|{TERMS[names[0]] if names else 'MODIFIER'}|")
    words.words(texts, np.searchsorted(distinct, keys))


def _add_marks(words: Words, told: pl.DataFrame) -> None:
    """Add what is yes or no; all combinations are written once."""
    texts = [
        "|".join(
            ("", "NMD_escaping_variant" if escape else "", _said(last), "1" if pick else "", _yes(canonical), _yes(mane), _yes(plus), "")
        )
        for escape, last, pick, canonical, mane, plus in product(
            _MAYBE, _MAYBE, (False, True), (False, True), (False, True), (False, True)
        )
    ]
    code = np.zeros(len(told), np.int64)
    for name in ("nmd_escape", "last_exon"):
        code = code * 3 + told[name].cast(pl.Int8).fill_null(-1).to_numpy() + 1
    for name in ("pick", "canonical", "mane_select", "mane_plus_clinical"):
        code = code * 2 + told[name].to_numpy()
    words.words(texts, code)


def _yes(value: bool | None) -> str:
    return "YES" if value else ""


def _said(value: bool | None) -> str:
    """Return a word for no too, where nothing said is a third answer."""
    return "" if value is None else "YES" if value else "NO"


def _flags(flags: pl.Series) -> pl.Series:
    some = (flags.list.len() > 0).arg_true()
    texts = pl.repeat(None, len(flags), dtype=pl.String, eager=True)
    return texts.scatter(some, flags.gather(some).list.join("&")) if len(some) else texts


def _escaped(hgvs: pl.Series) -> pl.Series:
    if not hgvs.str.contains("=", literal=True).any():
        return hgvs
    return hgvs.str.replace_all("=", "%3D", literal=True)


def _whole(values: pl.Series) -> NDArray[np.int32]:
    whole: NDArray[np.int32] = values.fill_null(0).to_numpy()
    return whole
