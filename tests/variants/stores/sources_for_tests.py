"""Files for stores, made from rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from genopraxis.contracts.errors import InputError
from genopraxis.knowledge.variant_store import VariantStore, open_store
from genopraxis.knowledge.variant_store_card import StoreKind
from genopraxis.variants.stores.build import StoreRequest, build_from_files

CONTIGS = ("##contig=<ID=chr1,length=248956422>", "##contig=<ID=chrX,length=156040895>")


def info(*fields: str, kind: str = "Integer") -> list[str]:
    """Definitions of ``NAME`` or ``NAME:Number``, or ``NAME:Number:Type``."""
    lines = []
    for one in fields:
        name, number, its = [*one.split(":"), *["A", kind][len(one.split(":")) - 1 :]][:3]
        lines.append(f'##INFO=<ID={name},Number={number},Type={its},Description="x">')
    return lines


def vcf(
    path: Path, meta: Sequence[str], rows: Sequence[str], *, contigs: Sequence[str] = CONTIGS, end: str = "\n"
) -> Path:
    """Rows are records with any white space between columns; ID, QUAL and FILTER may be left out."""
    lines = ["##fileformat=VCFv4.2", *contigs, *meta, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for row in rows:
        fields = row.split()
        if len(fields) == 5:
            chrom, pos, ref, alt, rest = fields
            fields = [chrom, pos, ".", ref, alt, ".", "PASS", rest]
        lines.append("\t".join(fields))
    path.write_bytes((end.join(lines) + end).encode())
    return path


def built(kind: StoreKind, folder: Path, *paths: Path, **options: object) -> VariantStore:
    build_from_files(StoreRequest(kind=kind, paths=paths, **options), folder)  # type: ignore[arg-type]
    return open_store(folder)


def refusal(kind: StoreKind, folder: Path, *paths: Path, **options: object) -> str:
    """The one clear error, and nothing left behind."""
    try:
        built(kind, folder / "refused", *paths, **options)
    except InputError as error:
        assert not list(folder.glob("*refused*"))
        return str(error)
    raise AssertionError("it was not refused")


def asked(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    schema = {"chrom": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")
