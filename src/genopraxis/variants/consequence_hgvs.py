"""HGVS c. and n. of many pairs of allele and transcript at once."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.fasta import Genome
from genopraxis.knowledge.transcripts import Flag
from genopraxis.variants import consequence_kernels as kernels
from genopraxis.variants.codons import reverse_complement
from genopraxis.variants.consequence import Consequences, is_single
from genopraxis.variants.consequence_view import TranscriptView
from genopraxis.variants.hgvs_coding import Described, number, shifted, written

__all__ = ["coding_descriptions"]

_LETTERS = "ACGTN"
_SUBSTITUTIONS = pl.Series(
    [f"{old}>{new}" for old in _LETTERS for new in _LETTERS]
    + [f"{reverse_complement(old)}>{reverse_complement(new)}" for old in _LETTERS for new in _LETTERS]
)


def coding_descriptions(found: Consequences) -> pl.Series:
    """Return HGVS c. or n. of each pair, without an accession; missing outside the transcript."""
    single = is_single(found.alleles)[found.rows]
    inside = found.numbers[kernels.DISTANCE] == 0
    # transcript -1 is none
    gapped = (
        np.append(np.asarray(found.set.flags), np.uint32(0))[found.transcripts] & Flag.ALIGNMENT_GAP
    ) > 0
    simple = single & inside & ~gapped & (found.numbers[kernels.EXACT] == 0)
    at = np.flatnonzero(simple)
    column = pl.repeat(None, len(found), dtype=pl.String, eager=True)
    if at.size:
        texts = _substitutions(found, at)
        column = texts if at.size == len(found) else column.scatter(pl.Series(at), texts)
    rest = np.flatnonzero(inside & ~simple)
    return _with_others(found, column, rest, gapped) if rest.size else column


def _substitutions(found: Consequences, at: NDArray[np.int64]) -> pl.Series:
    """Describe single bases, whose places the compiled loop has found."""
    tables, rows, transcripts = found.views.tables, found.rows[at], found.transcripts[at]
    cds_start = tables.cds_start[transcripts]
    ref, alt = (
        np.minimum(bases[rows].astype(np.int32), 4) for bases in (found.alleles.ref, found.alleles.alt)
    )
    suffix = 5 * ref + alt + np.where(tables.strand[transcripts] > 0, 0, 25)
    anchor, offset = found.numbers[kernels.ANCHOR, at], found.numbers[kernels.OFFSET, at]
    frame = pl.DataFrame(
        {
            "prefix": pl.Series(["c.", "n."]).gather(pl.Series(np.where(cds_start >= 0, 0, 1))),
            "number": _numbers(anchor, offset, cds_start, tables.cds_end[transcripts]),
            "suffix": _SUBSTITUTIONS.gather(pl.Series(suffix)),
        }
    )
    return frame.select(pl.concat_str("prefix", "number", "suffix")).to_series()


def _numbers(
    anchor: NDArray[np.int32],
    offset: NDArray[np.int32],
    cds_start: NDArray[np.int32],
    cds_end: NDArray[np.int32],
) -> pl.Series:
    coding = cds_start >= 0
    after = coding & (anchor >= cds_end)
    base = np.where(coding, anchor - cds_start, anchor) + ((anchor >= cds_start) | ~coding)
    base = np.where(after, anchor - cds_end + 1, base)
    texts = pl.Series("number", base).cast(pl.String)
    if np.any(after):
        texts = pl.select(pl.when(pl.Series(after)).then(pl.lit("*") + texts).otherwise(texts)).to_series()
    in_intron = np.flatnonzero(offset)
    if in_intron.size:
        places = pl.Series(in_intron)
        signed = pl.DataFrame({"base": texts.gather(places), "offset": offset[in_intron]}).select(
            pl.concat_str(
                "base", pl.when(pl.col("offset") > 0).then(pl.lit("+")).otherwise(pl.lit("")), "offset"
            )
        )
        texts = texts.scatter(places, signed.to_series())
    return texts


def _with_others(
    found: Consequences, column: pl.Series, pairs: NDArray[np.int64], gapped: NDArray[np.bool_]
) -> pl.Series:
    """Describe alleles that are no single base: moved once per allele and strand, numbered per transcript."""
    tables = found.views.tables
    transcripts, rows = found.transcripts[pairs], found.rows[pairs]
    forward = tables.strand[transcripts] > 0
    cache: dict[tuple[int, bool], Described] = {}
    own: list[Described] = []
    for row, transcript, plus in zip(rows.tolist(), transcripts.tolist(), forward.tolist(), strict=True):
        chrom = found.set.contigs[found.set.contig[transcript]]
        if found.genome is None or chrom not in found.genome.contigs:
            own.append(_within_exon(found, row, found.views.view(transcript)))
            continue
        key = (row, plus)
        if key not in cache:
            cache[key] = _described(found, row, found.genome, chrom, forward=plus)
        own.append(cache[key])
    first, last = (np.array([getattr(one, name) for one in own], np.int32) for name in ("first", "last"))
    places = []
    for position in (first, last):
        anchor, offset = np.empty(position.size, np.int32), np.zeros(position.size, np.int32)
        kernels.places(tables, transcripts, position, anchor, offset)
        places.append((anchor, offset))
    cds_start, cds_end = tables.cds_start[transcripts], tables.cds_end[transcripts]
    numbers = [_numbers(*place, cds_start, cds_end) for place in places]
    frame = pl.DataFrame(
        {
            "prefix": pl.Series(["c.", "n."]).gather(pl.Series(np.where(cds_start >= 0, 0, 1))),
            "first": numbers[0],
            "last": numbers[1],
            "kind": pl.Series([one.kind for one in own], dtype=pl.String),
            "old": pl.Series([one.old for one in own], dtype=pl.String),
            "bases": pl.Series([one.bases for one in own], dtype=pl.String),
            "one": first == last,
            "known": (places[0][0] >= 0) & (places[1][0] >= 0),
        }
    )
    span = pl.when("one").then("first").otherwise(pl.concat_str("first", pl.lit("_"), "last"))
    texts = (
        frame.select(pl.when("known").then(pl.concat_str("prefix", span, "old", "kind", "bases")))
        .to_series()
        .to_list()
    )
    for at in np.flatnonzero(gapped[pairs] | ~frame["known"].to_numpy()).tolist():
        texts[at] = _single(found, int(rows[at]), int(transcripts[at]), own[at])
    return column.scatter(pl.Series(pairs), pl.Series(texts, dtype=pl.String))


def _parts(found: Consequences, row: int) -> tuple[int, int, str, str]:
    encoded = found.alleles
    inserted = encoded.inserted.get(row)
    if inserted is not None:
        return int(encoded.start[row]), int(encoded.end[row]), inserted, ""
    return (
        int(encoded.start[row]), int(encoded.end[row]), _LETTERS[encoded.alt[row]], _LETTERS[encoded.ref[row]],
    )  # fmt: skip


def _described(found: Consequences, row: int, genome: Genome, chrom: str, *, forward: bool) -> Described:
    start, end, inserted, reference = _parts(found, row)
    return shifted(
        genome.sequence(chrom), start=start, end=end, inserted=inserted, forward=forward, reference=reference
    )


def _within_exon(found: Consequences, row: int, own: TranscriptView) -> Described:
    """Describe an allele with the transcript's own sequence alone: it moves within its exon."""
    start, end, inserted, reference = _parts(found, row)
    for low, high, cdna in own.pieces:
        if low <= start and end <= high and len(own.codes):
            text = own.bases[cdna : cdna + high - low]
            bases = np.frombuffer((text if own.forward else reverse_complement(text)).encode(), np.uint8)
            inner = shifted(
                bases,
                start=start - low,
                end=end - low,
                inserted=inserted,
                forward=own.forward,
                reference=reference,
            )
            return Described(
                kind=inner.kind,
                first=inner.first + low,
                last=inner.last + low,
                bases=inner.bases,
                old=inner.old,
            )
    return shifted(None, start=start, end=end, inserted=inserted, forward=own.forward, reference=reference)


def _single(found: Consequences, row: int, transcript: int, described: Described) -> str | None:
    """Number one pair by its view: a transcript with alignment gaps, or an allele that moved out of its transcript."""
    own = found.views.view(transcript)
    start, end, inserted, reference = _parts(found, row)
    still = shifted(None, start=start, end=end, inserted=inserted, forward=own.forward, reference=reference)
    for one in (described, still):
        places = own.place(one.first), own.place(one.last)
        if places[0] is not None and places[1] is not None:
            first, last = (
                number(*place, cds_start=own.cds_start, cds_end=own.cds_end) for place in places if place
            )
            return written(one, first, last, coding=own.coding)
    return None
