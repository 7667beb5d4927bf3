"""VCF files for tests: made from rows, packed in every way."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pysam
import pysam.bcftools

META = (
    "##fileformat=VCFv4.2",
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="count">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="share">',
    '##INFO=<ID=DB,Number=0,Type=Flag,Description="known">',
    '##INFO=<ID=GENE,Number=1,Type=String,Description="gene">',
    '##FILTER=<ID=q10,Description="low">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="depths">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="phase set">',
    "##contig=<ID=chr1,length=248956422>",
    "##contig=<ID=chr2,length=242193529>",
)
COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
PACKINGS = ("plain", "gzip", "bgzip", "bcf")


def vcf_text(rows: Sequence[str], *, samples: Sequence[str] = (), meta: Sequence[str] = META) -> str:
    """Rows are records with any white space between columns."""
    columns = "\t".join((*COLUMNS, *(("FORMAT", *samples) if samples else ())))
    return "\n".join([*meta, columns, *("\t".join(row.split()) for row in rows)]) + "\n"


def write_vcf(path: Path, text: str | bytes, *, packing: str = "plain") -> Path:
    data = text.encode() if isinstance(text, str) else text
    if packing == "plain":
        path.write_bytes(data)
    elif packing == "gzip":
        path.write_bytes(gzip.compress(data))
    elif packing == "bgzip":
        with pysam.BGZFile(str(path), "w") as out:
            out.write(data)
    else:
        plain = path.with_suffix(".plain.vcf")
        plain.write_bytes(data)
        pysam.bcftools.view("-Ob", "-o", str(path), str(plain), catch_stdout=False)
        plain.unlink()
    return path
