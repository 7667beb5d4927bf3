"""Reading VCF and BCF: the same table from every packing, thread count and batch size; damage is one clear error."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pysam = pytest.importorskip("pysam")
pytest.importorskip("numba")
pytest.importorskip("isal")

from genopraxis.contracts.errors import InputError  # noqa: E402
from genopraxis.formats import vcf_blocks  # noqa: E402
from genopraxis.formats.vcf_blocks import map_threads  # noqa: E402
from genopraxis.formats.vcf_reader import VcfReader, read_batches  # noqa: E402
from vcf_texts import COLUMNS, META, PACKINGS, vcf_text, write_vcf  # noqa: E402

ROWS = [
    "chr1 100 rs1 A C 50 PASS AC=1;DB GT:AD 0/1:3,4",
    "chr1 100 . AT A,ATT . q10;x AC=1,2 GT 1|2",
    "chr1 200 a;b g <DEL> 1.5 . . GT ./.",
    "chr2 5 . N * 1e3 PASS DB GT:AD:DP .",
    "GL000191.1 7 . ACGTACGTACGTACGTACGT A 0 PASS . GT 0",
]
WANTED = pl.DataFrame(
    {
        "record": [0, 1, 2, 3, 4],
        "chrom": ["1", "1", "1", "2", "GL000191.1"],
        "pos": [100, 100, 200, 5, 7],
        "id": ["rs1", None, "a;b", None, None],
        "ref": ["A", "AT", "g", "N", "ACGTACGTACGTACGTACGT"],
        "alt": ["C", "A,ATT", "<DEL>", "*", "A"],
        "qual": [50.0, None, 1.5, 1000.0, 0.0],
        "filter": ["PASS", "q10;x", None, "PASS", "PASS"],
    },
    schema_overrides={"record": pl.UInt32, "qual": pl.Float32},
)
MORE_META = (
    *META,
    "##contig=<ID=GL000191.1>",
    '##FILTER=<ID=x,Description="x">',
    '##ALT=<ID=DEL,Description="d">',
)


def table(path: Path, **options: int) -> tuple[pl.DataFrame, VcfReader]:
    with VcfReader(path, **options) as reader:
        frames = [batch.frame() for batch in reader]
    return (pl.concat(frames) if frames else WANTED.clear()), reader


def drained(reader: VcfReader) -> VcfReader:
    with reader:
        for _ in reader:
            pass
    return reader


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("batch_bytes", [1, 90, 1 << 20])
def test_every_packing_gives_the_same_table(
    tmp_path: Path, packing: str, threads: int, batch_bytes: int
) -> None:
    path = write_vcf(tmp_path / "x", vcf_text(ROWS, samples=["s"], meta=MORE_META), packing=packing)
    found, reader = table(path, threads=threads, batch_bytes=batch_bytes)
    assert found.equals(WANTED)
    assert reader.packing == packing
    assert reader.n_records == 5
    assert reader.in_order
    assert not reader.repairs


def test_lines_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    text = vcf_text(ROWS, samples=["s"]).replace("chr2\t5", "\n\nchr2\t5")
    path = write_vcf(tmp_path / "x", text)
    with VcfReader(path, batch_bytes=1) as reader:
        lines = [line for batch in reader for line in batch.lines.tolist()]
    assert lines == [15, 16, 17, 20, 21]
    assert [text.split("\n")[line - 1].split("\t")[1] for line in lines] == ["100", "100", "200", "5", "7"]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (lambda t: t.replace("\n", "\r\n"), {"crlf": 19}),
        (lambda t: t.replace("\nchr2", "\n\nchr2") + "\n\n", {}),
        (lambda t: t.replace("DB\tGT:AD:DP\t.", "DB\tGT:AD:DP\t.\t\t"), {"trailing_tabs": 1}),
    ],
)
def test_repairs_of_lines(tmp_path: Path, change: object, counts: dict[str, int]) -> None:
    text = change(vcf_text(ROWS, samples=["s"]))  # type: ignore[operator]
    for batch_bytes in (1, 1 << 20):
        found, reader = table(write_vcf(tmp_path / "x", text), batch_bytes=batch_bytes)
        assert found.equals(WANTED)
        assert {k: v for k, v in reader.repairs.counts.items() if k != "blank_line"} == counts


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    for ending in ("", "\r"):
        path = write_vcf(tmp_path / "x", vcf_text(ROWS, samples=["s"]).removesuffix("\n") + ending)
        assert table(path)[0].equals(WANTED)


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    text = vcf_text(ROWS).encode().replace(b"rs1", b"caf\xe9").replace(b"a;b", "naïve".encode())
    for threads in (1, 2):
        found, reader = table(write_vcf(tmp_path / "x", _sites(text)), threads=threads)
        assert found["id"].to_list() == ["caf�", None, "naïve", None, None]
        assert reader.repairs.counts == {"not_utf8": 1}
        assert found.drop("id").equals(WANTED.drop("id"))


def _sites(text: bytes) -> bytes:
    lines = text.split(b"\n")
    return b"\n".join(line if line.startswith(b"#") else b"\t".join(line.split(b"\t")[:8]) for line in lines)


@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip", "bcf"])
def test_a_header_and_nothing_else(tmp_path: Path, packing: str) -> None:
    found, reader = table(write_vcf(tmp_path / "x", vcf_text([]), packing=packing))
    assert found.height == 0
    assert reader.n_records == 0
    assert reader.in_order
    assert reader.header.info["AC"].number == "A"


@pytest.mark.parametrize(
    ("rows", "in_order"),
    [
        (["1 5", "1 5", "1 6", "2 1", "10 1"], True),
        (["1 5", "1 4"], False),
        (["1 5", "2 4", "1 9"], False),
        (["2 5", "1 5"], True),
    ],
)
@pytest.mark.parametrize("batch_bytes", [1, 40, 1 << 20])
def test_what_is_in_order(tmp_path: Path, rows: list[str], in_order: bool, batch_bytes: int) -> None:
    path = write_vcf(tmp_path / "x", vcf_text([f"{row} . A C . . ." for row in rows]))
    found, reader = table(path, batch_bytes=batch_bytes)
    assert reader.in_order is in_order
    assert found["pos"].to_list() == [int(row.split()[1]) for row in rows]


@pytest.mark.parametrize("batch_bytes", [1, 1 << 20])
def test_repeated_records_are_counted(tmp_path: Path, batch_bytes: int) -> None:
    rows = [
        "1 5 a A C",
        "1 5 b A C",
        "1 5 c A G",
        "1 6 d A G",
        "2 6 e A G",
        "2 6 f A G,T",
        "2 6 g A G",
        "2 6 h A G",
    ]
    _, reader = table(
        write_vcf(tmp_path / "x", vcf_text([f"{row} . . ." for row in rows])), batch_bytes=batch_bytes
    )
    # between batches only the last record is compared: e and g are two apart
    assert reader.repairs.counts == {"repeated_record": 2 if batch_bytes == 1 else 3}
    assert reader.n_records == 8


GOOD = "chr1\t1\t.\tA\tC\t.\t.\t."
FIRST = len(META) + 2  # line of the first record


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("chr1\t1\t.\tA\tC\t.\t.", "has fewer columns"),
        ("chr1 1 . A C . . .", "has fewer columns"),
        ("nonsense", "has fewer columns"),
        (f"{GOOD}\tGT", "has more columns"),
        ("chr1\tx\t.\tA\tC\t.\t.\t.", "no position"),
        ("chr1\t\t.\tA\tC\t.\t.\t.", "no position"),
        ("chr1\t-5\t.\tA\tC\t.\t.\t.", "no position"),
        ("chr1\t1.0\t.\tA\tC\t.\t.\t.", "no position"),
        ("chr1\t99999999999\t.\tA\tC\t.\t.\t.", "no position"),
        ("chr1\t1\t.\tA\t\0\t.\t.\t.", "NUL"),
        ("##fileformat=VCFv4.2", "header line among the records"),
        (GOOD + "x" * 5000, "longer than 0.00390625 MiB"),
    ],
)
@pytest.mark.parametrize("before", [0, 5, 400])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_bad_line_is_named(tmp_path: Path, line: str, text: str, before: int, threads: int) -> None:
    rows = "\n".join([*META, "\t".join(COLUMNS), *[GOOD] * before, line, *[GOOD] * 3]) + "\n"
    path = write_vcf(tmp_path / "x", rows, packing="bgzip")
    reader = VcfReader(path, threads=threads, batch_bytes=700, line_limit=4096)
    with pytest.raises(InputError, match=text) as caught:
        drained(reader)
    seen = reader.n_records
    assert f"line {FIRST + before} " in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.hint
    assert before - 40 < seen <= before


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(vcf_text([GOOD]).encode())
        for _ in range(60):
            out.write(b"A" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(InputError, match=f"line {FIRST + 1} is longer than 4 MiB"):
        drained(VcfReader(path, line_limit=4 << 20, batch_bytes=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 << 20


def test_a_header_without_end_is_refused(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x", b"##fileformat=VCFv4.2\n" + b"##x\n" * 100_000)
    with pytest.raises(InputError, match="ends within its header"):
        VcfReader(path)
    path = write_vcf(tmp_path / "x", b"##" + b"x" * 5_000_000)
    with pytest.raises(InputError, match="the header is longer than 1 MiB"):
        VcfReader(path, line_limit=1 << 20)


def many(n: int) -> str:
    rng = np.random.default_rng(3)
    bases = rng.choice(list("ACGT"), (n, 2))
    return vcf_text(
        [f"chr1 {100 + 3 * i} rs{rng.integers(1 << 30)} {a} {b} . . ." for i, (a, b) in enumerate(bases)]
    )


@pytest.mark.parametrize("packing", ["gzip", "bgzip", "bcf"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.9999])
def test_a_truncated_file(tmp_path: Path, packing: str, share: float) -> None:
    path = write_vcf(tmp_path / "x", many(12_000), packing=packing)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"truncated|damaged|cannot be read|ends within its header"):
        sum(len(batch) for batch in read_batches(path, threads=2))


def test_where_a_file_was_cut_is_told(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x", many(12_000), packing="bgzip")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    reader = VcfReader(path, batch_bytes=10_000)
    with pytest.raises(InputError, match="truncated") as caught:
        drained(reader)
    seen = reader.n_records
    assert 3000 < seen < 9000
    assert f"line {FIRST + seen}:" in str(caught.value)


def test_a_bgzip_file_without_its_end_mark(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x", many(100), packing="bgzip")
    path.write_bytes(path.read_bytes().removesuffix(vcf_blocks.EMPTY_BLOCK))
    with pytest.raises(InputError, match="without the empty block that marks the end"):
        list(read_batches(path))


@pytest.mark.parametrize("packing", ["gzip", "bgzip"])
def test_damaged_bytes(tmp_path: Path, packing: str) -> None:
    path = write_vcf(tmp_path / "x", many(12_000), packing=packing)
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 40):
        data[at] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"damaged|truncated|columns|position|NUL"):
        list(read_batches(path))


def test_gzip_members_one_after_another(tmp_path: Path) -> None:
    text = vcf_text(ROWS, samples=["s"], meta=MORE_META).encode()
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(text[:700]) + gzip.compress(b"") + gzip.compress(text[700:]) + b"\0" * 100)
    assert table(path)[0].equals(WANTED)


def test_gzip_read_byte_by_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcf_blocks, "_READ", 1)
    for packing in ("gzip", "bgzip"):
        path = write_vcf(tmp_path / "x", vcf_text(ROWS, samples=["s"], meta=MORE_META), packing=packing)
        assert table(path)[0].equals(WANTED)


@pytest.mark.parametrize("data", [b"", gzip.compress(b"")])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(InputError, match="the file is empty"):
        VcfReader(path)


def test_files_that_are_no_vcf(tmp_path: Path) -> None:
    for path, text in (
        (tmp_path / "absent", "no such file"),
        (tmp_path, "is a folder"),
        (write_vcf(tmp_path / "a", b"chrom\tpos\n1\t2\n"), "not begin with '#'"),
        (write_vcf(tmp_path / "b", b"\x89PNG\r\n\x1a\n\0\0"), "not begin with '#'|NUL"),
        (write_vcf(tmp_path / "c", b"BCF\x02\x02garbage"), "cannot be read"),
    ):
        with pytest.raises(InputError, match=text) as caught:
            VcfReader(path)
        assert str(path) in str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        VcfReader(tmp_path / "pipe")


def test_many_distinct_filters_and_contigs(tmp_path: Path) -> None:
    rows = [f"c{n % 3000} 1 . A C . f{(n * 7) % 2500} ." for n in range(10_000)]
    found, reader = table(write_vcf(tmp_path / "x", vcf_text(rows)))
    assert found["chrom"].to_list() == [f"c{n % 3000}" for n in range(10_000)]
    assert found["filter"].to_list() == [f"f{(n * 7) % 2500}" for n in range(10_000)]
    assert not reader.in_order


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1e-3", 0.001), ("+5", 5.0), ("-7.25", -7.25), (".5", 0.5), ("5.", 5.0), ("0.1234567890123456789", 0.12345679),
        ("1234567890123456789", 1234567890123456789.0), ("x", None), ("1,5", None), ("nan", None), ("inf", None),
        ("1_0", None), ("-", None), ("", None),
    ],
)  # fmt: skip
def test_qualities(tmp_path: Path, text: str, wanted: float | None) -> None:
    path = write_vcf(tmp_path / "x", vcf_text([]) + f"1\t1\t.\tA\tC\t{text}\t.\t.\n")
    with VcfReader(path) as reader:
        (batch,) = reader
    values, unread = batch.qualities()
    assert values.to_list() == [None if wanted is None else np.float32(wanted)]
    assert unread == (wanted is None and text != "")


def test_thousands_of_samples_in_bounded_memory(tmp_path: Path) -> None:
    samples = [f"s{i}" for i in range(5000)]
    calls = "\t".join(["0/1:10,12:22:99"] * 5000)
    line = f"chr1\t{{}}\t.\tA\tC\t.\t.\t.\tGT:AD:DP:GQ\t{calls}\n"
    path = tmp_path / "x.gz"
    with gzip.open(path, "wt", compresslevel=1) as out:
        out.write(vcf_text([], samples=samples))
        for i in range(600):  # 48 MB of text
            out.write(line.format(i + 1))
    tracemalloc.start()
    with VcfReader(path, batch_bytes=1 << 20) as reader:
        n = sum(len(batch) for batch in reader)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n == 600
    assert peak < 16 << 20


def test_a_reader_may_be_left_early(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x", many(12_000), packing="bgzip")
    with VcfReader(path, threads=2, batch_bytes=1000) as reader:
        assert len(next(iter(reader))) > 0


def test_threads_keep_order_and_what_came_before_an_error() -> None:
    def items() -> Iterator[int]:
        yield from range(10)
        raise ValueError("after ten")

    seen: list[int] = []
    with pytest.raises(ValueError, match="after ten"):
        seen.extend(map_threads(lambda x: x * x, items(), threads=3))
    assert seen == [x * x for x in range(10)]


word = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\t\n\r"), min_size=1, max_size=6
)
row = st.tuples(
    st.sampled_from(["chr1", "2", "NC_000003.12", "other"]),
    st.integers(0, 2**31 - 2).map(str),
    word,
    st.text("ACGTNacgtn", min_size=1, max_size=30),
    st.lists(st.text("ACGTN", min_size=1, max_size=30), min_size=1, max_size=3).map(",".join),
    st.one_of(st.just("."), st.integers(0, 99999).map(str), st.floats(0, 1e6).map(repr)),
    st.sampled_from([".", "PASS", "q10", "q10;x"]),
    word,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(row, max_size=20),
    st.integers(1, 300),
    st.integers(1, 2),
    st.sampled_from(["plain", "gzip", "bgzip"]),
)
def test_any_file_is_read_as_python_would(
    tmp_path: Path, rows: list[tuple[str, ...]], batch_bytes: int, threads: int, packing: str
) -> None:
    rows = [one for one in rows if not one[0].startswith("#")]
    text = "\n".join([*META, "\t".join(COLUMNS), *("\t".join(one) for one in rows)]) + "\n"
    path = write_vcf(tmp_path / "x", text, packing=packing)
    found, reader = table(path, batch_bytes=batch_bytes, threads=threads)
    names = {"chr1": "1", "NC_000003.12": "3"}
    wanted = pl.DataFrame(
        {
            "record": range(len(rows)),
            "chrom": [names.get(r[0], r[0]) for r in rows],
            "pos": [int(r[1]) for r in rows],
            "id": [None if r[2] == "." else r[2] for r in rows],
            "ref": [r[3] for r in rows],
            "alt": [r[4] for r in rows],
            "qual": [None if r[5] == "." else float(r[5]) for r in rows],
            "filter": [None if r[6] == "." else r[6] for r in rows],
        },
        schema=WANTED.schema,
    )
    assert found.equals(wanted)
    assert set(reader.repairs.counts) <= {"repeated_record"}
