"""A VCF as the source of a store: its alleles normalised, its INFO as fields of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.contig_names import Assembly
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_columns import number_column, text_column
from genopraxis.formats.vcf_field_kernels import part_spans
from genopraxis.formats.vcf_reader import VcfReader
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.assembly import find_assembly
from genopraxis.variants.normalise import normalise_all
from genopraxis.variants.stores.info_kernels import NO_NUMBER, commas, key_table, spans_of_keys, whole_numbers
from genopraxis.variants.stores.rows import FileField, Opening, checked, repair_sentences, usable
from genopraxis.variants.stores.told_assembly import settled

__all__ = ["VcfRows", "VcfSource"]

_COMMA = 44
_KEY = re.compile(r"[A-Za-z_][0-9A-Za-z_.]*")
_KEY_RECORDS = 1000
_PROBE = 4  # batches that are looked at for the assembly


class VcfRows:
    """Alleles of one batch, with the fields that were asked for."""

    def __init__(
        self,
        batch: VcfBatch,
        alleles: pl.DataFrame,
        spans: Mapping[str, tuple[NDArray[np.int32], NDArray[np.int32]]],
        fields: Mapping[str, FileField],
        unread: Counter[str],
    ) -> None:
        self.alleles = alleles
        self._batch = batch
        self._spans = spans
        self._fields = fields
        self._unread = unread
        self._records = alleles["record"].to_numpy().astype(np.int64) - batch.first_record

    def text(self, name: str) -> pl.Series:
        """Return a field of the whole record; null where it is missing or ``.``."""
        return text_column(name, self._batch.data, *self._whole(name), dot_is_null=True)

    def own_text(self, name: str) -> pl.Series:
        """Return the part of a field that is about this allele; null where it is missing or ``.``."""
        return text_column(name, self._batch.data, *self._own(name), dot_is_null=True)

    def number(self, name: str, *, dtype: type[pl.DataType]) -> pl.Series:
        """Return the part of a field that is about this allele as a number."""
        values, unread = number_column(name, self._batch.data, *self._own(name), dtype=dtype)
        if unread:
            self._unread[name] += unread
        return values

    def whole(self, name: str) -> NDArray[np.int64]:
        """Return the part of a field that is about this allele as whole numbers; :data:`NO_NUMBER` where it is none."""
        number = self._fields[name].number
        if number in ("0", "1", "A", "R"):
            parts = self._single if number in ("0", "1") else self._numbers - (number == "A")
            values, plain = whole_numbers(self._batch.data, *self._spans[name], self._records, parts)
            if plain:
                found: NDArray[np.int64] = values
                return found
        return self.number(name, dtype=pl.Int64).fill_null(NO_NUMBER).to_numpy()

    def flag(self, name: str) -> pl.Series:
        """Return whether a field is there."""
        return pl.Series(name, self._whole(name)[0] >= 0)

    def _whole(self, name: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        begins, stops = self._spans[name]
        return begins[self._records], stops[self._records]

    def _own(self, name: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        begins, stops = self._whole(name)
        number = self._fields[name].number
        if number in ("0", "1"):
            return begins, stops
        parts = self._parts(begins, stops, number)
        return part_spans(self._batch.data, begins, stops, parts, _COMMA)

    def _parts(self, begins: NDArray[np.int32], stops: NDArray[np.int32], number: str) -> NDArray[np.int32]:
        """Return which part of a list is about each allele: what a header does not say, the lengths tell."""
        own = self.alleles["allele"].to_numpy().astype(np.int32)
        if number == "A":
            return own - np.int32(1)
        if number == "R":
            return own
        n = commas(self._batch.data, begins, stops) + np.int32(1)
        n_alts = self._alts
        parts = np.where(n == n_alts, own - 1, np.where(n == n_alts + 1, own, 0))
        return np.where(n == 1, 0, parts).astype(np.int32)

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        """The number of each allele among those of its record: 1 is the first ALT."""
        return self.alleles["allele"].to_numpy().astype(np.int64)

    @cached_property
    def _single(self) -> NDArray[np.int64]:
        return np.full(len(self._records), -1, np.int64)

    @cached_property
    def _alts(self) -> NDArray[np.int32]:
        starts, ends = self._batch.span("ALT")
        counts: NDArray[np.int32] = commas(self._batch.data, starts, ends)[self._records] + np.int32(1)
        return counts


class VcfSource:
    """A VCF or BCF.

    Raises
    ------
    InputError
        Not a VCF, or nothing tells its assembly, or it contradicts the FASTA or what was stated.
    """

    is_vcf = True

    def __init__(self, path: Path, opening: Opening) -> None:
        self.path = path
        self._opening = opening
        self.left_out: Counter[str] = Counter()
        self.unmoved: Counter[str] = Counter()
        self.notes: list[str] = []
        with VcfReader(path) as probe:
            header = probe.header
            batches = iter(probe)
            first = list(islice(batches, 1))
            call = find_assembly(
                header,
                genome=opening.genome,
                batches=chain(first, islice(batches, _PROBE - 1)),
                stated=opening.stated,
                where=str(path),
            )
        self.meta = header.meta
        self.fields = {
            name: FileField(
                name=name,
                number=one.number,
                is_numeric=one.type in ("Integer", "Float"),
                description=one.description,
            )
            for name, one in header.info.items()
        }
        self._undefined = [name for batch in first for name in _keys(batch) if name not in self.fields]
        self.fields |= {name: FileField(name=name) for name in self._undefined}
        found = call.assembly if call is not None and call.basis != "stated" else None
        self.assembly: Assembly = settled(
            found, path=path, meta=header.meta, opening=opening, notes=self.notes
        )

    def rows(self, wanted: Sequence[str]) -> Iterator[VcfRows]:
        """Yield its alleles, with these keys of INFO.

        Raises
        ------
        InputError
            Damaged, or REF alleles are not those of the FASTA, or positions are beyond the end of a chromosome.
        """
        names = [name for name in dict.fromkeys(wanted) if name in self.fields]
        if undefined := [name for name in names if name in self._undefined]:
            some = ", ".join(undefined[:8]) + (" …" if len(undefined) > 8 else "")
            self.notes.append(f"the header does not define {some}: read as the records have them")
        slots, text, starts = key_table(names)
        unread: Counter[str] = Counter()
        repairs = VcfRepairs()
        counts = None
        with VcfReader(self.path, threads=self._opening.threads) as reader:
            normalised = normalise_all(
                iter(reader),
                genome=self._opening.genome,
                threads=self._opening.threads,
                missing_contigs="keep",
                where=str(self.path),
            )
            for batch, frame, counts in normalised:  # noqa: B007 - the last counts are wanted
                checked(frame, assembly=self.assembly, where=str(self.path))
                kept = usable(frame, self.left_out)
                alleles = frame if kept.all() else frame.filter(kept)
                begins, stops = spans_of_keys(batch.data, *batch.span("INFO"), slots, text, starts)
                spans = {name: (begins[number], stops[number]) for number, name in enumerate(names)}
                yield VcfRows(batch, alleles, spans, self.fields, unread)
                self._opening.advance(len(batch))
            repairs = reader.repairs
        if counts is not None:
            self.unmoved.update(counts.without_contig)
            repairs += counts.repairs
        self.notes += repair_sentences(repairs)
        self.notes += [
            f"{n:,} value(s) of {name} are no number: taken as missing" for name, n in unread.items()
        ]


def _keys(batch: VcfBatch) -> list[str]:
    """Return the keys of INFO in the first records of a batch."""
    starts, stops = batch.span("INFO")
    found: dict[str, None] = {}
    for start, stop in zip(starts[:_KEY_RECORDS].tolist(), stops[:_KEY_RECORDS].tolist(), strict=True):
        text = batch.data[start:stop].tobytes().decode("utf-8", "replace")
        found.update(dict.fromkeys(field.partition("=")[0] for field in text.split(";")))
    return [name for name in found if _KEY.fullmatch(name)]
