"""What files of each form must look like."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from genopraxis.knowledge.file_forms import HEAD_BYTES, wrong_end, wrong_start

GZIP = gzip.compress(b"text\n" * 1000)
BGZIP_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
BGZIP = BGZIP_END[:-28] + bytes.fromhex("1f8b08040000000000ff060042430200") + b"rest" * 20 + BGZIP_END


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "text" * 100)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "forms"),
    [
        (GZIP, {"gzip"}),
        (BGZIP, {"gzip", "bgzip"}),
        (zipped(), {"zip"}),
        (b"gene\ttranscript\n" * 10, {"text"}),
        (b"\xef\xbb\xbfgene,score\n", {"text"}),
        (b"<!DOCTYPE html><html>", set()),
        (b"\n\n  <HTML>", set()),
        (b"<?xml version='1.0'?><Error>", set()),
        (b"\0\1\2", set()),
    ],
)
def test_a_begin_tells_the_form(data, forms):
    for form in ("gzip", "bgzip", "zip", "text"):
        assert (wrong_start(data[:HEAD_BYTES], form) is None) == (form in forms), form


def test_a_web_page_is_called_one():
    for form in ("gzip", "bgzip", "zip", "text"):
        assert wrong_start(b"<html><title>Sign in</title>", form) == "a web page came instead of the file"


@pytest.mark.parametrize(
    ("form", "data"), [("gzip", GZIP), ("bgzip", BGZIP), ("zip", zipped()), ("text", b"a\n")]
)
def test_whole_files_have_an_end(tmp_path, form, data):
    path = tmp_path / "file"
    path.write_bytes(data)
    assert wrong_end(path, form) is None
    if form != "text":  # of text no end can be told
        path.write_bytes(data[:-5])
        assert "whole" in (wrong_end(path, form) or "")
