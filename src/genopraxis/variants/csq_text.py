"""Consequences as text in the layout of VEP's ``CSQ``, so that what reads VEP's output reads ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.consequences import TERMS
from genopraxis.formats.text_kernels import SLACK, Bytes, Int64
from genopraxis.formats.text_rows import Words, joined_bytes
from genopraxis.knowledge.transcripts import Flag, TranscriptSet
from genopraxis.variants.consequence import Consequences
from genopraxis.variants.consequence_table import NOWHERE, consequence_table, flag_names
from genopraxis.variants.csq_entry_kernels import Known

__all__ = ["FIELDS", "TranscriptWords", "clean", "told_entries"]

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
_ESCAPING = {None: "", False: "", True: "NMD_escaping_variant"}
_SAID = {None: "", False: "NO", True: "YES"}


@dataclass(frozen=True, kw_only=True)
class TranscriptWords:
    """What stands of each transcript in every entry.

    Parameters
    ----------
    names
        Gene symbol to biotype.
    transcripts, proteins
        The reference of HGVS, with its colon; of a protein without an accession that of its transcript.
    known
        The same, and the marks of each transcript, as the compiled loops take them.
    """

    names: pl.Series
    transcripts: pl.Series
    proteins: pl.Series
    known: Known

    @classmethod
    def of(cls, transcripts: TranscriptSet) -> TranscriptWords:
        """Return the words of a set."""
        named = transcripts.names.with_columns(clean(column) for column in transcripts.names)
        bar = pl.lit("|")
        gene, gene_id, biotype = (pl.col(name).fill_null("") for name in ("gene", "gene_id", "biotype"))
        words = named.select(
            names=pl.concat_str(
                gene, bar, gene_id, pl.lit("|Transcript|"), "transcript_id", bar, biotype, bar
            ),
            transcripts=pl.concat_str("transcript_id", pl.lit(":")),
            proteins=pl.concat_str(pl.coalesce("protein_id", "transcript_id"), pl.lit(":")),
        )
        # the loops want them transcript by transcript
        pieces = words.select(
            "names",
            coding=pl.col("transcripts")
            + pl.Series(np.where(np.asarray(transcripts.cds_start) < 0, "n.", "c.")),
            protein=pl.col("proteins") + "p.(",
            tail=_tails(transcripts),
        )
        lengths = pieces.select(pl.all().str.len_bytes().cast(pl.Int64)).to_numpy().ravel()
        text = joined_bytes(pieces.select(pl.concat_str(pl.all())).to_series()) + bytes(SLACK)
        nowhere, ends = _nowhere()
        return cls(
            **words.to_dict(),
            known=Known(
                pieces=np.frombuffer(text, np.uint8),
                offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
                nowhere=np.concatenate([nowhere, np.zeros(SLACK, np.uint8)]),
                nowhere_ends=ends,
            ),
        )


def told_entries(
    found: Consequences, pairs: NDArray[np.int64], pick: NDArray[np.bool_], words: TranscriptWords
) -> tuple[Bytes, Int64]:
    """Return the entries of some pairs, from the terms to FLAGS, by way of their table.

    Parameters
    ----------
    pairs
        Places in ``found``, ascending.
    pick
        Of each pair of ``found``, whether its entry is marked.

    Returns
    -------
    tuple of arrays
        All texts joined, and where each ends.
    """
    numbers = dict(zip(pairs.tolist(), range(pairs.size), strict=True))
    some = replace(
        found,
        rows=found.rows[pairs],
        transcripts=found.transcripts[pairs],
        terms=found.terms[pairs],
        numbers=np.ascontiguousarray(found.numbers[:, pairs]),
        answers={numbers[pair]: answer for pair, answer in found.answers.items() if pair in numbers},
    )
    told = consequence_table(some, intergenic=False).with_columns(pick=pl.Series(pick[pairs]))
    entries = Words()
    _add_terms(entries, some.terms)
    entries.words(words.names, some.transcripts)
    entries.texts(told["exon"])
    bar = _bar(entries, told)
    entries.texts(told["intron"])
    for column, references in (("hgvs_c", words.transcripts), ("hgvs_p", words.proteins)):
        entries.column(bar)
        known = pl.concat([references, pl.Series([""])])
        described = told[column].is_not_null().to_numpy()
        entries.words(known, np.where(described, some.transcripts, len(references)))
        entries.texts(_escaped(told[column]))
    _add_places(entries, told, bar)
    return entries.rows(np.arange(pairs.size), pairs.size)


def _nowhere() -> tuple[Bytes, Int64]:
    """Return the entries of alleles that meet no transcript."""
    texts = []
    for term, flag in NOWHERE:
        values = {"Consequence": term, "IMPACT": TERMS[term], "PICK": "1", "FLAGS": flag}
        texts.append("|".join(["", *(values.get(name, "") for name in FIELDS[1:-1])]).encode())
    ends: Int64 = np.cumsum([len(text) for text in texts])
    return np.frombuffer(b"".join(texts), np.uint8), ends


def clean(values: pl.Series) -> pl.Series:
    """Replace what would end a value in INFO; names hardly ever have it."""
    if not values.str.contains(_ODD).any():
        return values
    return values.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def _bar(entries: Words, told: pl.DataFrame) -> NDArray[np.int64]:
    """Add a column of bars, and return its codes for further ones."""
    bar = np.full(len(told), entries.dictionary(["|"]), np.int64)
    entries.column(bar)
    return bar


def _add_terms(entries: Words, terms: NDArray[np.int64]) -> None:
    distinct = np.unique(terms)
    texts = []
    for key in distinct.tolist():
        names = [name for bit, name in enumerate(TERMS) if key >> bit & 1]
        texts.append(f"|{'&'.join(names)}|{TERMS[names[0]] if names else 'MODIFIER'}|")
    entries.words(texts, np.searchsorted(distinct, terms))


def _add_places(entries: Words, told: pl.DataFrame, bar: NDArray[np.int64]) -> None:
    """Add what follows HGVS p.: places, bases, distances, marks and flags."""
    for column in ("cdna_pos", "cds_pos", "protein_pos"):
        entries.column(bar)
        entries.numbers(_whole(told[column]))
    for column in ("amino_acids", "codons"):
        entries.column(bar)
        entries.texts(told[column])
    for column in ("distance", "splice_distance"):
        entries.column(bar)
        entries.numbers(_whole(told[column]))
    _add_marks(entries, told)
    entries.texts(_joined(told["flags"]))


def _add_marks(entries: Words, told: pl.DataFrame) -> None:
    """Add what is yes or no; all combinations are written once."""
    texts = [
        f"|{_ESCAPING[escape]}|{_SAID[last]}|{'1' if pick else ''}|{_marks(canonical, mane, plus)}"
        for escape, last, pick, canonical, mane, plus in product(
            _MAYBE, _MAYBE, (False, True), (False, True), (False, True), (False, True)
        )
    ]
    code = np.zeros(len(told), np.int64)
    for name in ("nmd_escape", "last_exon"):
        code = code * 3 + told[name].cast(pl.Int8).fill_null(-1).to_numpy() + 1
    for name in ("pick", "canonical", "mane_select", "mane_plus_clinical"):
        code = code * 2 + told[name].to_numpy()
    entries.words(texts, code)


def _marks(*marks: bool) -> str:
    return "".join("YES|" if mark else "|" for mark in marks)


def _tails(transcripts: TranscriptSet) -> pl.Series:
    """Return what each transcript has at the end of its entries, CANONICAL to FLAGS."""
    flags = np.asarray(transcripts.flags)
    code = np.zeros(len(transcripts), np.int64)
    for flag in (Flag.CANONICAL, Flag.MANE_SELECT, Flag.MANE_PLUS_CLINICAL):
        code = code * 2 + ((flags & flag) > 0)
    marks = pl.Series([_marks(*one) for one in product((False, True), repeat=3)]).gather(pl.Series(code))
    return marks + _joined(flag_names(flags, np.zeros(len(transcripts), np.int32))).fill_null("")


def _joined(flags: pl.Series) -> pl.Series:
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
