"""Consequences written out as the table of the contract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.consequences import CONSEQUENCES, NMD_RULES, TERMS
from genopraxis.knowledge.transcripts import LIMITS, Flag
from genopraxis.variants import consequence_kernels as kernels
from genopraxis.variants.codons import THREE_LETTERS
from genopraxis.variants.consequence import Consequences
from genopraxis.variants.consequence_hgvs import coding_descriptions

__all__ = ["NOWHERE", "SHOWN_CODONS", "UNRELIABLE", "consequence_table", "flag_names"]

_NAMES = list(TERMS)
_LIMIT_BITS = sum(int(flag) for flag in LIMITS)
_MISMATCH, _KIND_SHIFT = 1 << 40, 41

NOWHERE = (
    ("intergenic_variant", ""),
    ("intergenic_variant", "contig_without_transcripts"),
    ("sequence_variant", "no_sequence"),
)
"""Term and flag of alleles that meet no transcript: on a contig with transcripts, on one without, no sequence."""

_NOWHERE_TERMS = np.array([1 << _NAMES.index(term) for term, _ in NOWHERE], np.int64)
UNRELIABLE = int(Flag.FRAME_SLIPPAGE | Flag.CDS_OUTSIDE_EXONS)
"""Flags of transcripts of which no protein is told."""

_BASES = "ACGT"
_CODONS = [f"{a}{b}{c}" for a in _BASES for b in _BASES for c in _BASES]


def _shown(codon: str, place: int) -> str:
    return codon[:place].lower() + codon[place] + codon[place + 1 :].lower()


SHOWN_CODONS = [_shown(codon, place) for codon in _CODONS for place in range(3)]
"""64 codons by 3 places: the changed base in a capital."""

_SHOWN = pl.Series(SHOWN_CODONS)
_ONE = pl.Series([chr(code) for code in range(128)])
_THREE = pl.Series([THREE_LETTERS.get(chr(code), "") for code in range(128)])


def consequence_table(found: Consequences, *, hgvs: bool = True, intergenic: bool = True) -> pl.DataFrame:
    """Return the table :data:`~genopraxis.contracts.consequences.CONSEQUENCES`.

    Parameters
    ----------
    hgvs
        Write ``hgvs_c``; without it the column is empty (``hgvs_p`` costs little and is always there).
    intergenic
        Add a row for each allele that meets no transcript. An allele that is no sequence gets ``sequence_variant``
        and the flag ``no_sequence``; one on a contig that no transcript is on, ``contig_without_transcripts``.
    """
    if intergenic:
        found = _with_nowhere(found)
    numbers, pairs = found.numbers, len(found)
    nowhere = found.transcripts < 0
    transcript = pl.Series(found.transcripts)
    if nowhere.any():
        transcript = transcript.set(pl.Series(nowhere), None)
    names = found.set.names
    # the last one is for no transcript
    exons = np.append(np.diff(found.set.exon_offset), 1)[found.transcripts]
    consequence, impact = _terms(found.terms)
    protein, amino_acids, codons = _proteins(found)
    inside = numbers[kernels.EXON] > 0
    cdna = np.where(inside, numbers[kernels.ANCHOR] + 1, 0)
    flags = np.append(np.asarray(found.set.flags), np.uint32(0))[found.transcripts]
    rule = numbers[kernels.NMD_RULE]
    last = numbers[kernels.LAST_EXON]
    frame = pl.DataFrame(
        {
            "row": pl.Series(found.rows, dtype=pl.UInt32),
            "gene_id": names["gene_id"].gather(transcript),
            "gene": names["gene"].gather(transcript),
            "transcript_id": names["transcript_id"].gather(transcript),
            "protein_id": names["protein_id"].gather(transcript),
            "biotype": names["biotype"].gather(transcript),
            "consequence": consequence,
            "impact": impact,
            "exon": _of(numbers[kernels.EXON], exons),
            "intron": _of(numbers[kernels.INTRON_NUMBER], exons - 1),
            "hgvs_c": coding_descriptions(found)
            if hgvs
            else pl.repeat(None, pairs, dtype=pl.String, eager=True),
            "protein_change": protein,
            "cdna_pos": _or_null(cdna),
            "cds_pos": _or_null(numbers[kernels.CDS]),
            "protein_pos": _or_null(numbers[kernels.CODON]),
            "codons": codons,
            "amino_acids": amino_acids,
            "distance": np.maximum(numbers[kernels.DISTANCE], 0),
            "splice_distance": _or_null(numbers[kernels.SPLICE_DISTANCE]),
            "nmd_escape": pl.Series(rule > 1).set(pl.Series(rule == 0), None),
            "nmd_rule": pl.Series([None, None, *NMD_RULES], dtype=pl.String).gather(pl.Series(rule)),
            "last_exon": pl.Series(last > 1).set(pl.Series(last == 0), None),
            "mane_select": (flags & Flag.MANE_SELECT) > 0,
            "mane_plus_clinical": (flags & Flag.MANE_PLUS_CLINICAL) > 0,
            "canonical": (flags & Flag.CANONICAL) > 0,
            "flags": flag_names(flags, numbers[kernels.REF_MISMATCH], -1 - numbers[kernels.DISTANCE]),
        }
    )
    return frame.with_columns(hgvs_p=_predicted(protein)).select(list(CONSEQUENCES.schema))


def _with_nowhere(found: Consequences) -> Consequences:
    """Add a pair with transcript -1 for each allele that meets none; its distance tells which of ``NOWHERE`` it is."""
    met = np.zeros(found.alleles.contig.size, np.bool_)
    met[found.rows] = True
    if met.all():
        return found
    rows = np.flatnonzero(~met).astype(np.int32)
    judged, known = found.alleles.judged[rows], found.alleles.contig[rows] >= 0
    kind = np.where(~judged, 2, np.where(known, 0, 1))
    at = np.searchsorted(found.rows, rows)
    numbers = np.insert(found.numbers, at, 0, axis=1)
    own = at + np.arange(rows.size)
    numbers[kernels.DISTANCE, own] = -1 - kind
    return replace(
        found,
        rows=np.insert(found.rows, at, rows),
        transcripts=np.insert(found.transcripts, at, -1),
        terms=np.insert(found.terms, at, _NOWHERE_TERMS[kind]),
        numbers=numbers,
        answers={
            pair + int(np.searchsorted(at, pair, side="right")): answer
            for pair, answer in found.answers.items()
        },
    )


def _predicted(protein: pl.Series) -> pl.Series:
    """Put what is known of the proteins in parentheses."""
    known = protein.is_not_null().arg_true()
    some = pl.DataFrame({"change": protein.gather(known)}).select(
        pl.concat_str(pl.lit("p.("), pl.col("change").str.slice(2), pl.lit(")"))
    )
    return pl.repeat(None, len(protein), dtype=pl.String, eager=True).scatter(known, some.to_series())


def _or_null(values: NDArray[np.int32]) -> pl.Series:
    series = pl.Series(np.ascontiguousarray(values, np.int32))
    return series.set(pl.Series(values == 0), None)


def _of(number: NDArray[np.int32], total: NDArray[np.int64]) -> pl.Series:
    """Return ``number/total``; missing for 0. Few pairs of numbers occur, so each is written once."""
    seen, place = _coded((number.astype(np.int64) << 32) | total)
    texts = [f"{value >> 32}/{value & 0xFFFFFFFF}" if value >> 32 else None for value in seen]
    return pl.Series(texts, dtype=pl.String).gather(place)


def _coded(keys: NDArray[np.int64]) -> tuple[list[int], pl.Series]:
    """Return the distinct keys, of which there are few, and for each entry the place of its key among them."""
    distinct = pl.Series(keys).unique().sort().to_numpy()
    return distinct.tolist(), pl.Series(np.searchsorted(distinct, keys), dtype=pl.UInt32)


def _terms(terms: NDArray[np.int64]) -> tuple[pl.Series, pl.Series]:
    seen, place = _coded(terms)
    lists = [[name for bit, name in enumerate(_NAMES) if mask >> bit & 1] for mask in seen]
    impacts: list[str] = [TERMS[names[0]] if names else "MODIFIER" for names in lists]
    return (
        pl.Series(lists, dtype=pl.List(pl.String)).gather(place),
        pl.Series(impacts, dtype=pl.String).gather(place),
    )


def flag_names(
    flags: NDArray[np.uint32], mismatch: NDArray[np.int32], kind: NDArray[np.int32] | None = None
) -> pl.Series:
    """Return what limits trust in pairs.

    Parameters
    ----------
    flags
        Of their transcripts.
    mismatch
        Positive where REF is not what the transcript has.
    kind
        Which of ``NOWHERE`` a pair is; negative: none.
    """
    keys = (flags.astype(np.int64) & _LIMIT_BITS) | np.where(mismatch > 0, _MISMATCH, 0)
    if kind is not None:
        keys |= np.maximum(kind + 1, 0).astype(np.int64) << _KIND_SHIFT
    seen, place = _coded(keys)
    lists = [
        [str(flag.name).lower() for flag in LIMITS if mask & flag]
        + (["reference_mismatch"] if mask & _MISMATCH else [])
        + [flag for number, (_, flag) in enumerate(NOWHERE) if mask >> _KIND_SHIFT == number + 1 and flag]
        for mask in seen
    ]
    return pl.Series(lists, dtype=pl.List(pl.String)).gather(place)


def _proteins(found: Consequences) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the change of the protein, the amino acids and the codons of each pair."""
    numbers, terms = found.numbers, found.terms
    pairs = len(found)
    ref, alt = numbers[kernels.REF_AA], numbers[kernels.ALT_AA]
    known = np.flatnonzero(ref > 0)
    protein, amino_acids, codons = (pl.repeat(None, pairs, dtype=pl.String, eager=True) for _ in range(3))
    if known.size:
        ref, alt, mask = ref[known], alt[known], terms[known]
        codon = pl.Series(numbers[kernels.CODON, known]).cast(pl.String)
        place, first, second = (numbers[name, known] for name in (
            kernels.CODON_PLACE, kernels.REF_CODON, kernels.ALT_CODON
        ))  # fmt: skip
        tail = numbers[kernels.EXTENSION, known]
        parts = pl.DataFrame(
            {
                "ref3": _THREE.gather(pl.Series(ref)),
                "alt3": _THREE.gather(pl.Series(alt)),
                "codon": codon,
                "same": ref == alt,
                "start": (mask & kernels.START_LOST) > 0,
                "stop": (mask & kernels.STOP_LOST) > 0,
                "tail": pl.Series(tail).cast(pl.String).set(pl.Series(tail < 0), "?"),
                "ref": _ONE.gather(pl.Series(ref)),
                "alt": _ONE.gather(pl.Series(alt)),
                "before": _SHOWN.gather(pl.Series(3 * first + place)),
                "after": _SHOWN.gather(pl.Series(3 * second + place)),
                "sound": (np.asarray(found.set.flags)[found.transcripts[known]] & UNRELIABLE) == 0,
            }
        )
        last = pl.when("same").then(pl.lit("=")).otherwise("alt3")
        written = parts.select(
            protein=pl.when("sound").then(
                pl.when("start")
                .then(pl.lit("p.Met1?"))
                .when("stop")
                .then(pl.concat_str(pl.lit("p.Ter"), "codon", "alt3", pl.lit("extTer"), "tail"))
                .otherwise(pl.concat_str(pl.lit("p."), "ref3", "codon", last))
            ),
            amino_acids=pl.when("same").then("ref").otherwise(pl.concat_str("ref", pl.lit("/"), "alt")),
            codons=pl.concat_str("before", pl.lit("/"), "after"),
        )
        if known.size == pairs:
            protein, amino_acids, codons = written
        else:
            where = pl.Series(known)
            protein = protein.scatter(where, written["protein"])
            amino_acids = amino_acids.scatter(where, written["amino_acids"])
            codons = codons.scatter(where, written["codons"])
    if found.answers:
        where = pl.Series(list(found.answers), dtype=pl.UInt32)
        answers = list(found.answers.values())
        protein = protein.scatter(where, pl.Series([one.protein_change for one in answers], dtype=pl.String))
        amino_acids = amino_acids.scatter(
            where, pl.Series([one.amino_acids for one in answers], dtype=pl.String)
        )
        codons = codons.scatter(where, pl.Series([one.codons for one in answers], dtype=pl.String))
    return protein, amino_acids, codons
