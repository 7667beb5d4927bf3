"""Checksums in the form of each publisher, and the sums that are compared with them."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genopraxis.knowledge.checksums import (
    Checksum,
    Sums,
    google_checksum,
    md5_in_list,
    md5_in_side_file,
    sum_in_list,
    zenodo_checksum,
)

pytest.importorskip("numba")

A, B = "0123456789abcdef0123456789abcdef", "f" * 32


def plain_bsd_sum(data: bytes) -> int:
    value = 0
    for byte in data:
        value = ((value >> 1) | ((value & 1) << 15)) + byte & 0xFFFF
    return value


def plain_crc32c(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


# --- sums


@given(st.binary(max_size=3000), st.integers(0, 3000))
def test_sums_in_pieces_are_those_of_the_whole(data, cut):
    sums = Sums(["md5", "sum", "crc32c", "sha256"])
    sums.update(data[:cut])
    sums.update(data[cut:])
    assert sums.size == len(data)
    assert sums.value("sha256") == hashlib.sha256(data).hexdigest()
    assert sums.value("md5") == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert sums.value("sum") == f"{plain_bsd_sum(data):05d} {(len(data) + 1023) // 1024}"
    assert sums.value("crc32c") == f"{plain_crc32c(data):08x}"


def test_crc32c_is_the_one_of_the_standard():
    sums = Sums(["crc32c"])
    sums.update(b"123456789")
    assert sums.value("crc32c") == "e3069283"  # check value of CRC-32/ISCSI


@pytest.mark.verification
@pytest.mark.skipif(shutil.which("sum") is None, reason="coreutils are not here")
@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 100_000])
def test_bsd_sum_is_that_of_the_program(tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(bytes(i * 7 % 251 for i in range(size)))
    sums = Sums(["sum"])
    sums.update(path.read_bytes())
    theirs = subprocess.run(["sum", "-r", str(path)], capture_output=True, text=True, check=True).stdout
    assert sums.value("sum").split() == theirs.split()[:2]


@pytest.mark.parametrize("size", [None, 3])
def test_a_checksum_agrees_with_its_bytes_alone(size):
    sums = Sums(["md5"])
    sums.update(b"abc")
    right = Checksum(algorithm="md5", value=hashlib.md5(b"abc", usedforsecurity=False).hexdigest(), size=size)
    assert sums.agree(right)
    assert not sums.agree(Checksum(algorithm="md5", value=right.value, size=4))
    assert not sums.agree(Checksum(algorithm="md5", value=B, size=size))


# --- what publishers write


def test_clinvar_side_file_has_the_path_of_its_making():
    text = f"{A}  /panfs/pan1/ftp/vcf/vcf_GRCh38/clinvar_20240107.vcf.gz\n"
    assert md5_in_side_file(text) == Checksum(algorithm="md5", value=A, file="clinvar_20240107.vcf.gz")


@pytest.mark.parametrize("text", [A, f"{A}\n", A.upper(), f"MD5 (x.gz) = {A}\n", f"{A} *x.gz\r\n"])
def test_side_files_of_any_kind(text):
    found = md5_in_side_file(text)
    assert found is not None
    assert found.value == A


@pytest.mark.parametrize(
    "text",
    ["", "<html>404</html>", A[:-1], f"{A}  a\n{B}  b\n", f"{A}0  x", f"not a sum {A}", "\n\n"],
)
def test_side_files_without_one_sum(text):
    assert md5_in_side_file(text) is None


GENCODE = f"{B}  gencode.v46.annotation.gtf.gz\n{A}  gencode.v46.annotation.gff3.gz\n"
REFSEQ = (
    f"{B}  ./GCF_1_structure/Primary/chr1.fna.gz\n{A}  ./GCF_1_genomic.gff.gz\n"
    f"{B}  ./GCF_1_structure/GCF_1_genomic.gff.gz\n"
)
UCSC = f"{B}  hg19ToHg18.over.chain.gz\n{A}  hg19ToHg38.over.chain.gz\n"
CADD = f"{B}  whole_genome_SNVs_inclAnno.tsv.gz\n{A}  whole_genome_SNVs.tsv.gz\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param(GENCODE, "gencode.v46.annotation.gff3.gz", id="GENCODE MD5SUMS"),
        pytest.param(REFSEQ, "GCF_1_genomic.gff.gz", id="RefSeq md5checksums.txt"),
        pytest.param(UCSC, "hg19ToHg38.over.chain.gz", id="UCSC md5sum.txt"),
        pytest.param(CADD, "whole_genome_SNVs.tsv.gz", id="CADD MD5SUMs"),
        pytest.param(f"MD5 (x.gz) = {A}\n", "x.gz", id="BSD"),
        pytest.param(f"{A} *data/x.gz\n", "x.gz", id="folder and binary mark"),
    ],
)
def test_lists_of_md5_sums(text, name):
    assert md5_in_list(text, name) == Checksum(algorithm="md5", value=A, file=name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (GENCODE, "annotation.gff3.gz"),
        (GENCODE, "gencode.v46.annotation.gff3"),
        ("<!DOCTYPE html><title>404</title>", "x"),
        (f"{A}  a/x.gz\n{B}  b/x.gz\n", "x.gz"),
        (f"{A}\n", "x.gz"),
    ],
)
def test_lists_that_do_not_state_a_file(text, name):
    assert md5_in_list(text, name) is None


def test_ensembl_checksums():
    text = "12345 99 README\n02333 105838 Homo_sapiens.GRCh38.116.gff3.gz\n17 1 x.gz\n"
    found = sum_in_list(text, "Homo_sapiens.GRCh38.116.gff3.gz")
    assert found == Checksum(algorithm="sum", value="02333 105838", file="Homo_sapiens.GRCh38.116.gff3.gz")
    assert sum_in_list(text, "x.gz") == Checksum(algorithm="sum", value="00017 1", file="x.gz")


@pytest.mark.parametrize(
    "text", ["", "99999 1 x.gz", "12 x.gz", f"{A} x.gz", "1 1 x.gz\n2 1 x.gz", "1 1 yx.gz"]
)
def test_ensembl_checksums_that_do_not_state_a_file(text):
    assert sum_in_list(text, "x.gz") is None


MD5_64, CRC_64 = (
    base64.b64encode(bytes.fromhex(A)).decode(),
    base64.b64encode(bytes.fromhex("e3069283")).decode(),
)


@pytest.mark.parametrize(
    ("header", "algorithm", "value"),
    [
        (f"crc32c={CRC_64},md5={MD5_64}", "md5", A),
        (f"crc32c={CRC_64}, md5={MD5_64}", "md5", A),
        (f"md5={MD5_64}", "md5", A),
        (f"crc32c={CRC_64}", "crc32c", "e3069283"),
        (f"crc32c={CRC_64}, md5=????", "crc32c", "e3069283"),
    ],
)
def test_google_header(header, algorithm, value):
    assert google_checksum(header) == Checksum(algorithm=algorithm, value=value)


@pytest.mark.parametrize(
    "header", ["", "md5=", f"md5={MD5_64[:8]}", f"sha1={MD5_64}", "crc32c=AAAA", f"md5={A}"]
)
def test_google_header_that_states_nothing(header):
    assert google_checksum(header) is None


def test_zenodo_record():
    entries = [{"key": "a.zip", "checksum": f"md5:{B}"}, {"key": "x.zip", "size": 7, "checksum": f"md5:{A}"}]
    text = json.dumps({"id": 1, "files": entries})
    assert zenodo_checksum(text, "x.zip") == Checksum(algorithm="md5", value=A, file="x.zip", size=7)


@pytest.mark.parametrize(
    "text",
    [
        "<html>", "[]", "null", "{}", '{"files": null}', '{"files": [1]}', '{"files": [{"key": "x.zip"}]}',
        '{"files": [{"key": "x.zip", "checksum": "sha1:00"}]}', "[" * 100_000,
    ],
)  # fmt: skip
def test_zenodo_record_that_states_nothing(text):
    assert zenodo_checksum(text, "x.zip") is None


@given(st.text(max_size=300))
def test_any_text_is_read_or_not_but_never_an_error(text):
    md5_in_side_file(text)
    md5_in_list(text, "x")
    sum_in_list(text, "x")
    google_checksum(text)
    zenodo_checksum(text, "x")
