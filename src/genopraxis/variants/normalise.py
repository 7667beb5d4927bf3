"""Records become alleles: split, upper case, trimmed, moved to the left, checked against the genome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.variants import KINDS
from genopraxis.formats.contig_names import CHROMOSOMES
from genopraxis.formats.fasta import Genome
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_blocks import map_threads
from genopraxis.formats.vcf_columns import coded_texts, text_column
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.normalise_counts import EXAMPLES, MISMATCH_LIMIT, NormaliseCounts
from genopraxis.variants.normalise_kernels import (
    AMBIGUITY,
    DIFFERS,
    EQUAL,
    LOWER,
    OTHER,
    SHIFTED,
    TRIMMED,
    UNKNOWN,
    Bytes,
    allele_codes,
    copy_prefixes,
    describe,
    normalise_alleles,
    split_alts,
)

__all__ = ["normalise", "normalise_all"]

_EARLY = 20_000
_NO_SEQUENCE = np.frombuffer(b"", np.uint8)

Missing = Literal["error", "keep"]


def normalise(
    batch: VcfBatch, *, genome: Genome | None, missing_contigs: Missing = "error"
) -> tuple[pl.DataFrame, NormaliseCounts]:
    """Return the alleles of a batch, normalised.

    Alleles become what ``bcftools norm -m -any -f GENOME -c w`` makes of them, in upper case. Those that are no
    plain sequence (symbolic, breakend, ``*``, ``<NON_REF>``) keep POS and REF of their record; so do those with
    IUPAC codes, and those of records whose REF is not what the genome has.

    Parameters
    ----------
    batch
        Records of a VCF.
    genome
        The assembly that they are on; ``None``: alleles are split and trimmed, not moved, not checked.
    missing_contigs
        Whether it is an error that the genome lacks a chromosome (1–22, X, Y, MT) which the batch has. Records of
        other contigs that it lacks are kept as with ``genome=None``, and counted.

    Returns
    -------
    tuple of polars.DataFrame and NormaliseCounts
        Rows as :data:`~genopraxis.contracts.variants.ALLELES`; what was done.

    Raises
    ------
    InputError
        A REF or ALT that is no allele, or a chromosome that the genome does not have.
    """
    data = batch.data
    first_refs, last_refs = batch.span("REF")
    records, numbers, alt_starts, alt_ends = split_alts(data, *batch.span("ALT"))
    n = len(records)
    ref_forms, ref_notes = describe(data, first_refs, last_refs)
    alt_forms, notes = describe(data, alt_starts, alt_ends)
    notes |= ref_notes[records]
    ref_starts, ref_ends = first_refs[records], last_refs[records]
    original_spans = ref_starts, ref_ends, alt_starts, alt_ends
    ref_starts, ref_ends, alt_starts, alt_ends = (one.copy() for one in original_spans)
    positions = batch.positions[records]
    original_positions = positions.copy()
    ref_prefixes, alt_prefixes = np.zeros(n, np.int32), np.zeros(n, np.int32)
    kinds, checks = np.empty(n, np.uint8), np.full(n, UNKNOWN, np.uint8)
    ref_texts = _Prefixes()
    alt_texts = _Prefixes()
    without_contig: Counter[str] = Counter()
    chroms = batch.canonical_chroms()
    for code, which in _by_contig(batch.chrom_codes, records, len(chroms)):
        sequence = _sequence(genome, chroms[code], missing=missing_contigs)
        if sequence is None and genome is not None:
            without_contig[chroms[code]] += int((batch.chrom_codes == code).sum())
        bad = normalise_alleles(
            data, _NO_SEQUENCE if sequence is None else sequence, which, positions,
            records, ref_forms, alt_forms, ref_starts, ref_ends, alt_starts, alt_ends, ref_prefixes,
            alt_prefixes, notes, kinds, checks,
        )  # fmt: skip
        if bad >= 0:
            raise _no_allele(batch, int(records[bad]), original_spans, bad)
        if sequence is not None:
            ref_texts.add(sequence, which, positions, ref_prefixes)
            alt_texts.add(sequence, which, positions, alt_prefixes)
    upper = (alt_forms < OTHER).astype(np.uint8)
    refs = allele_codes(data, ref_starts, ref_ends, np.ones(n, np.uint8), *ref_texts.joined(ref_prefixes))
    alts = allele_codes(data, alt_starts, alt_ends, upper, *alt_texts.joined(alt_prefixes))
    ref, alt = coded_texts("ref", *refs), coded_texts("alt", *alts)
    changed = bool((notes & (LOWER | TRIMMED | SHIFTED)).any())
    many = _has_many(records, numbers, len(batch))
    rows = pl.Series(records)
    frame = pl.DataFrame(
        [
            batch.records().gather(rows),
            pl.Series("allele", numbers),
            pl.Series("chrom", chroms, dtype=pl.String).gather(pl.Series(batch.chrom_codes[records])),
            pl.Series("pos", positions),
            ref,
            alt,
            pl.Series("kind", KINDS, dtype=pl.Enum(KINDS)).gather(pl.Series(kinds)),
            pl.Series("original_pos", original_positions),
            text_column("original_ref", data, *original_spans[:2]) if changed else ref.alias("original_ref"),
            text_column("original_alt", data, *original_spans[2:]) if changed else alt.alias("original_alt"),
            batch.text("ID").gather(rows),
            batch.qualities()[0].gather(rows),
            batch.filters().gather(rows),
            pl.Series("was_split", many[records]),
            pl.Series("was_trimmed", (notes & TRIMMED) != 0),
            pl.Series("was_shifted", (notes & SHIFTED) != 0),
            pl.Series("reference_matches", [True, False, None], dtype=pl.Boolean).gather(pl.Series(checks)),
        ]
    )
    per_record = checks[numbers == 1]
    counts = NormaliseCounts(
        records=len(batch),
        alleles=n,
        split_records=int(many.sum()),
        trimmed=int(frame["was_trimmed"].sum()),
        shifted=int(frame["was_shifted"].sum()),
        reference_checked=int((per_record != UNKNOWN).sum()),
        reference_differs=int((per_record == DIFFERS).sum()),
        reference_unknown=int((per_record == UNKNOWN).sum()) - sum(without_contig.values())
        if genome is not None
        else 0,
        without_contig=dict(without_contig),
        examples=_examples(frame, genome) if genome is not None else (),
        repairs=VcfRepairs(
            {
                "lower_case_allele": int(((notes & LOWER) != 0).sum()),
                "ambiguous_base": int(((notes & AMBIGUITY) != 0).sum()),
                "alt_equals_ref": int(((notes & EQUAL) != 0).sum()),
                "qual_unreadable": batch.qualities()[1],
            }
        ),
    )
    return frame, counts


def normalise_all(
    batches: Iterator[VcfBatch],
    *,
    genome: Genome | None,
    threads: int = 1,
    mismatch_limit: float = MISMATCH_LIMIT,
    missing_contigs: Missing = "error",
    where: str | None = None,
) -> Iterator[tuple[VcfBatch, pl.DataFrame, NormaliseCounts]]:
    """Yield each batch with its alleles and the counts so far, in order, computed by threads.

    Raises
    ------
    InputError
        As :func:`normalise`; and when too many REF differ from the genome: after the last batch, or after
        20,000 records, if it is plain by then.
    """
    work = partial(_with_batch, genome=genome, missing_contigs=missing_contigs)
    total = NormaliseCounts()
    for batch, frame, counts in map_threads(work, batches, threads=threads):
        total += counts
        if total.reference_checked >= _EARLY:
            total.refuse_wrong_genome(limit=max(mismatch_limit, 0.2), where=where)
        yield batch, frame, total
    total.refuse_wrong_genome(limit=mismatch_limit, where=where)


def _with_batch(
    batch: VcfBatch, *, genome: Genome | None, missing_contigs: Missing
) -> tuple[VcfBatch, pl.DataFrame, NormaliseCounts]:
    return batch, *normalise(batch, genome=genome, missing_contigs=missing_contigs)


class _Prefixes:
    """Bases of the genome that come before alleles which moved to the left."""

    def __init__(self) -> None:
        self._parts: list[tuple[Bytes, NDArray[np.int64], NDArray[np.int64]]] = []

    def add(
        self,
        sequence: Bytes,
        which: NDArray[np.int64],
        positions: NDArray[np.int64],
        lengths: NDArray[np.int32],
    ) -> None:
        some = which[lengths[which] > 0]
        if len(some):
            self._parts.append((sequence, some, positions))

    def joined(self, lengths: NDArray[np.int32]) -> tuple[Bytes, NDArray[np.int64], NDArray[np.int32]]:
        offsets = np.zeros(len(lengths), np.int64)
        if not self._parts:
            return np.empty(0, np.uint8), offsets, lengths
        np.cumsum(lengths[:-1], out=offsets[1:])
        text = np.empty(int(offsets[-1]) + int(lengths[-1]), np.uint8)
        for sequence, which, positions in self._parts:
            copy_prefixes(sequence, which, positions, lengths, text, offsets)
        return text, offsets, lengths


def _by_contig(
    codes: NDArray[np.uint32], records: NDArray[np.int64], n_contigs: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each contig's number and its alleles, in the order of the file."""
    if n_contigs == 1:
        yield 0, np.arange(len(records))
        return
    of_alleles = codes[records]
    order = np.argsort(of_alleles, kind="stable")
    ends = np.cumsum(np.bincount(of_alleles, minlength=n_contigs))
    for code in range(n_contigs):
        yield code, order[ends[code - 1] if code else 0 : ends[code]]


def _sequence(genome: Genome | None, chrom: str, *, missing: Missing) -> Bytes | None:
    if genome is None:
        return None
    if chrom not in genome.contigs and (missing == "keep" or chrom not in CHROMOSOMES):
        return None
    return genome.sequence(chrom)


def _has_many(records: NDArray[np.int64], numbers: NDArray[np.uint16], n_records: int) -> NDArray[np.bool_]:
    many = np.zeros(n_records, np.bool_)
    many[records[numbers == 2]] = True
    return many


def _examples(frame: pl.DataFrame, genome: Genome) -> tuple[str, ...]:
    wrong = frame.filter(~pl.col("reference_matches") & (pl.col("allele") == 1)).head(EXAMPLES)
    return tuple(
        f"{chrom}:{pos} {ref if len(ref) < 12 else ref[:12] + '…'}, not {_there(genome, chrom, pos, len(ref))}"
        for chrom, pos, ref in wrong.select("chrom", "original_pos", "original_ref").iter_rows()
    )


def _there(genome: Genome, chrom: str, pos: int, length: int) -> str:
    size = genome.contigs[chrom]
    if not 1 <= pos <= size:
        return f"on the contig, which has {size:,} bases"
    return genome.fetch(chrom, pos - 1, min(pos - 1 + min(length, 12), size)).decode()


def _no_allele(batch: VcfBatch, record: int, spans: tuple[NDArray[np.int32], ...], allele: int) -> InputError:
    ref, alt = (
        bytes(batch.data[start[allele] : end[allele]][:40]).decode("utf-8", "replace")
        for start, end in (spans[:2], spans[2:])
    )
    return InputError(
        f"line {batch.lines[record]}: REF {ref!r} and ALT {alt!r} are no alleles",
        where=batch.source,
        hint="REF is A, C, G, T or N; ALT too, or <ID>, a breakend, '*' or '.'; an indel has the base before it",
    )
