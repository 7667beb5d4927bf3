"""Entries of CSQ, ANN and BCSQ become columns of the table of consequences."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.variants.codons import THREE_LETTERS
from genopraxis.variants.file_fields import ChosenEntries, gather, nothing
from genopraxis.variants.file_proteins import (
    amino_acids_of_csq,
    coding_change,
    predicted_change,
    protein_change,
)
from genopraxis.variants.file_rows import GUESSED, HAPLOTYPE
from genopraxis.variants.file_terms import Told, impact, remarks

__all__ = ["columns_of_entries"]

_BIOTYPES = {"Coding": "protein_coding", "Noncoding": "non_coding"}  # Jannovar
_RANK = re.compile(r"(\d+)(?:-(\d+))?/(\d+)")
_OFFSET = r"\d[+-]\d"  # of a position in an intron
_BEHIND_STOP, _NO_DISTANCE = 4, 8
_MARKS = {
    GUESSED: "allele_guessed",
    HAPLOTYPE: "haplotype",
    _BEHIND_STOP: "behind_stop",
    _NO_DISTANCE: "distance_unknown",
}


def columns_of_entries(
    part: ChosenEntries, told: Sequence[Told], codes: NDArray[np.uint32], marks: NDArray[np.uint8]
) -> dict[str, pl.Series]:
    """Return the columns of the table of consequences, but for ``row``.

    Parameters
    ----------
    part
        Entries that are about transcripts or about none.
    told
        What distinct texts of terms say.
    codes
        Which of these each entry has.
    marks
        As :class:`~genopraxis.variants.file_rows.Placed` has them.
    """

    def says(what: Callable[[Told], bool]) -> NDArray[np.bool_]:
        return np.array([what(one) for one in told], np.bool_)[codes]

    intergenic = says(lambda one: one.intergenic)
    outside = says(lambda one: one.outside)
    hgvs_c, hgvs_p = part.text("hgvs_c"), part.text("hgvs_p")
    transcript = _versioned(part.column("transcript"), hgvs_c)
    coding, protein = coding_change(hgvs_c), protein_change(hgvs_p)
    protein_id = _coalesced(part.column("protein"), hgvs_p.str.extract(r"^([^:(]+):p\."))
    protein_id = _only(protein_id, (protein_id != transcript).fill_null(value=True).to_numpy())
    exon, intron = part.words("exon"), part.words("intron")
    if part.has("rank"):
        exon, intron = _ranks(part.words("rank"), says(lambda one: one.in_intron), coding)
    distance = _number(part.text("distance"), r"^-?(\d+)$")
    unknown = outside & distance.is_null().to_numpy()
    marks = marks | np.where(unknown, _NO_DISTANCE, 0).astype(np.uint8)
    marks |= np.where(part.mask("consequence", lambda text: text.startswith("*")), _BEHIND_STOP, 0).astype(
        np.uint8
    )
    last = part.yes_or_no("last_exon")
    positions = {name: _number(part.text(name)) for name in ("cdna_pos", "cds_pos", "protein_pos")}
    if (
        part.style == "ann"
    ):  # elsewhere too, its programs give the nearest base of the coding sequence, and p.(=)
        coded = says(lambda one: one.coding)
        protein = _only(protein, coded)
        exonic = np.array([text != "" for text in exon[1]], np.bool_)[exon[0]]
        positions = {
            name: _only(values, exonic if name == "cdna_pos" else coded) for name, values in positions.items()
        }
    amino_acids = part.column("amino_acids")
    protein = _placed(protein, amino_acids, positions["protein_pos"])
    columns = {
        "gene_id": _only(part.column("gene_id"), ~intergenic),
        "gene": _only(part.column("gene"), ~intergenic),
        "transcript_id": _only(transcript, ~intergenic),
        "protein_id": _only(protein_id, ~intergenic),
        "biotype": _only(part.column("biotype", _BIOTYPES), ~intergenic),
        "consequence": gather(
            [list(one.terms) or ["sequence_variant"] for one in told], codes, pl.List(pl.String)
        ),
        "impact": _impacts(part, told, codes),
        "exon": gather([_first(text) for text in exon[1]], exon[0]),
        "intron": gather([_first(text) for text in intron[1]], intron[0]),
        "hgvs_c": coding,
        "hgvs_p": predicted_change(protein),
        "protein_change": protein,
        **positions,
        "codons": part.column("codons"),
        "amino_acids": amino_acids,
        "distance": _only(distance, outside).fill_null(0),
        "splice_distance": part.text("splice_distance").cast(pl.Int32, strict=False),
        "nmd_escape": _escape(part, says(lambda one: one.shortens)),
        "nmd_rule": nothing(len(part)),
        "last_exon": _coalesced(last, gather([_is_last(text) for text in exon[1]], exon[0], pl.Boolean)),
        "mane_select": pl.Series(_mane(part, "mane_select", plus=False)),
        "mane_plus_clinical": pl.Series(_mane(part, "mane_plus_clinical", plus=True)),
        "canonical": pl.Series(part.yes("canonical")),
        "flags": _flags(part, marks),
    }  # fmt: skip
    if part.has("change"):
        columns |= _of_csq(part, says(lambda one: "frameshift_variant" in one.terms))
    return columns


def _placed(protein: pl.Series, amino_acids: pl.Series, position: pl.Series) -> pl.Series:
    """Return ``p.=`` as ``p.Cys27=`` where the residue is told beside it, as old releases of VEP do."""
    bare = (protein == "p.=") & (amino_acids.str.len_bytes() == 1) & position.is_not_null()
    if not bare.any():
        return protein
    residue = amino_acids.replace_strict(THREE_LETTERS, default=None, return_dtype=pl.String)
    whole = pl.concat_str(pl.lit("p."), residue, position, pl.lit("="))
    return pl.select(pl.when(bare).then(pl.coalesce(whole, protein)).otherwise(protein)).to_series()


def _only(values: pl.Series, where: NDArray[np.bool_]) -> pl.Series:
    return values if where.all() else pl.select(pl.when(pl.Series(where)).then(values)).to_series()


def _coalesced(first: pl.Series, second: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(first, second)).to_series()


def _number(texts: pl.Series, pattern: str = r"^(?:\?-)?(\d+)") -> pl.Series:
    """Return the first number of ``12-14``, ``?-14`` or ``12/300``; what is not above 0 is null."""
    numbers = texts.str.extract(pattern).cast(pl.Int32, strict=False)
    return pl.select(pl.when(numbers > 0).then(numbers)).to_series()


def _versioned(transcript: pl.Series, hgvs_c: pl.Series) -> pl.Series:
    """Return transcripts with the version that VEP writes in HGVSc alone."""
    prefix = hgvs_c.str.extract(r"^([^:(]+):[cn]\.")
    parts = pl.DataFrame({"prefix": prefix, "transcript": transcript})
    same = pl.col("prefix").str.starts_with(pl.col("transcript") + ".")
    return parts.select(pl.when(same).then("prefix").otherwise("transcript")).to_series()


def _first(rank: str) -> str | None:
    found = _RANK.fullmatch(rank)
    return f"{found[1]}/{found[3]}" if found else None


def _is_last(rank: str) -> bool | None:
    found = _RANK.fullmatch(rank)
    return (found[2] or found[1]) == found[3] if found else None


def _ranks(
    rank: tuple[NDArray[np.uint32], list[str]], in_intron: NDArray[np.bool_], coding: pl.Series
) -> tuple[tuple[NDArray[np.uint32], list[str]], tuple[NDArray[np.uint32], list[str]]]:
    """Tell exons from introns: ANN has one field for both. The description tells which, else the terms do."""
    offset = coding.str.contains(_OFFSET)
    intron = pl.select(pl.coalesce(offset, pl.Series(in_intron))).to_series().to_numpy()
    codes, texts = rank
    texts = [*texts, ""]
    empty = np.uint32(len(texts) - 1)
    return (np.where(intron, empty, codes), texts), (np.where(intron, codes, empty), texts)


def _impacts(part: ChosenEntries, told: Sequence[Told], codes: NDArray[np.uint32]) -> pl.Series:
    """Return the impact of the first term; that of the file where our terms have no word for what is said."""
    own = gather([one.impact if one.terms else None for one in told], codes)
    if not own.null_count():
        return own
    place, texts = part.words("impact")
    return _coalesced(own, gather([impact(text) or "MODIFIER" for text in texts], place))


def _escape(part: ChosenEntries, shortens: NDArray[np.bool_]) -> pl.Series:
    """Return what VEP's plugin NMD says of premature stops: it marks those that escape, alone."""
    if not part.has("nmd"):
        return nothing(len(part), pl.Boolean)
    said = part.yes_or_no("nmd")
    return pl.select(
        pl.when(pl.Series(shortens)).then(said.fill_null(value=False)).otherwise(said)
    ).to_series()


def _mane(part: ChosenEntries, name: str, *, plus: bool) -> NDArray[np.bool_]:
    """Releases of VEP name the RefSeq match in a field of its own, or the kind, or the match, in one."""
    own = part.mask(name, lambda text: text not in {"", "0", "NO"})
    return own | part.mask("mane", lambda text: text != "" and ("plus" in text.lower()) == plus)


def _flags(part: ChosenEntries, marks: NDArray[np.uint8]) -> pl.Series:
    said_codes, said = part.words("remarks")
    match_codes, matches = part.words("match")
    edited = part.mask("edited", lambda text: text == "OK")
    match_codes = np.where(edited, np.uint32(len(matches)), match_codes)
    matches = [*matches, ""]
    key = (said_codes.astype(np.int64) * len(matches) + match_codes) * 16 + marks
    distinct, place = np.unique(key, return_inverse=True)
    lists = []
    for one in distinct.tolist():
        both = one // 16
        texts = (said[both // len(matches)], matches[both % len(matches)])
        found = [*remarks(texts[0]), *remarks(texts[1]), *(flag for bit, flag in _MARKS.items() if one & bit)]
        lists.append(list(dict.fromkeys(found)))
    return gather(lists, place.astype(np.uint32), pl.List(pl.String))


def _of_csq(part: ChosenEntries, shifted: NDArray[np.bool_]) -> dict[str, pl.Series]:
    """Return what bcftools csq says of the protein, ``9Q>9H``."""
    codes, texts = part.words("change")
    both, where = np.unique(codes.astype(np.int64) * 2 + shifted, return_inverse=True)
    parts = [amino_acids_of_csq(texts[one // 2], shifted=bool(one % 2)) for one in both.tolist()]
    place = where.astype(np.uint32)
    protein = gather([one and one[2] for one in parts], place)
    return {
        "protein_pos": gather([one and one[0] for one in parts], place, pl.Int32),
        "amino_acids": gather([one and one[1] for one in parts], place),
        "protein_change": protein,
        "hgvs_p": predicted_change(protein),
    }
