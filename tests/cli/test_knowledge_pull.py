"""``genopraxis knowledge pull NAME`` as a user sees it. Every connection goes to a server of this process."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import shlex
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from genopraxis.cli import knowledge_pull
from genopraxis.contracts.errors import InputError
from genopraxis.knowledge import pull
from genopraxis.knowledge.catalogue_pull import read_record
from genopraxis.knowledge.catalogue_sources import SOURCES
from genopraxis.knowledge.checksums import Sums
from publisher_server import Publisher, publishing
from running import Finished

pytest.importorskip("numba")

BLOCK_HEAD = bytes.fromhex("1f8b08040000000000ff060042430200")
BGZIP_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
NOISE = b"".join(hashlib.sha256(n.to_bytes(4)).digest() for n in range(300))
BGZIP = BLOCK_HEAD + NOISE + BGZIP_END
GZIP = gzip.compress(NOISE, mtime=0)
TEXT = b"gene_symbol\tclassification\nFBN1\tDefinitive\n"

CLINVAR = "/vcf_GRCh38/clinvar.vcf.gz"
Pull = Callable[..., Finished]


@pytest.fixture
def publisher(only_this_machine: None) -> Iterator[Publisher]:
    with publishing() as found:
        yield found


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of what this test pulls."""
    folder = tmp_path / "data"
    monkeypatch.setenv("GENOPRAXIS_DATA", str(folder))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(pull, "_CHUNK", 512)
    return folder / "downloads"


@pytest.fixture
def pulls(data: Path, publisher: Publisher, cli: Callable[..., Finished]) -> Pull:
    """Run ``knowledge pull`` with the publisher of this test as mirror."""

    def run(*words: object, mirror: bool = True) -> Finished:
        return cli("knowledge", "pull", *words, *(["--mirror", publisher.base] if mirror else []))

    return run


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def sums(data: bytes, algorithm: str) -> str:
    made = Sums([algorithm])  # type: ignore[list-item]
    made.update(data)
    return made.value(algorithm)  # type: ignore[arg-type]


def kept(folder: Path) -> list[str]:
    """Every file that was pulled or half pulled."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")


def with_clinvar(publisher: Publisher, body: bytes = BGZIP) -> None:
    publisher.files[CLINVAR] = body
    publisher.files[f"{CLINVAR}.md5"] = f"{md5(body)}  /panfs/pan1/vcf/clinvar_20240106.vcf.gz\n".encode()


# --- one source of each kind of checksum


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("revel_with_transcript_ids", "chr,hg19_pos\n" * 100)
    return buffer.getvalue()


def gcs(data: bytes, *algorithms: str) -> dict[str, str]:
    values = [f"{name}={base64.b64encode(bytes.fromhex(sums(data, name))).decode()}" for name in algorithms]
    return {"x-goog-hash": ",".join(values)}


REFSEQ = "GCF_000001405.40_GRCh38.p14"
ENSEMBL = "/release-110/gff3/homo_sapiens"
ZIP = zipped()

KINDS = [
    pytest.param(
        ["clinvar"], {CLINVAR: BGZIP, f"{CLINVAR}.md5": f"{md5(BGZIP)}  x/clinvar_20240106.vcf.gz"}, {},
        "clinvar-GRCh38-20240106/clinvar.vcf.gz", "md5", id="md5 beside it",
    ),
    pytest.param(
        ["gencode-genes", "--release", "v46", "--assembly", "hg19"],
        {
            "/release_46/GRCh37_mapping/gencode.v46lift37.annotation.gff3.gz": GZIP,
            "/release_46/GRCh37_mapping/MD5SUMS": f"{md5(GZIP)}  gencode.v46lift37.annotation.gff3.gz\n",
        }, {},
        "gencode-genes-GRCh37-46/gencode.v46lift37.annotation.gff3.gz", "md5", id="GENCODE MD5SUMS",
    ),
    pytest.param(
        ["refseq-genes"],
        {
            f"/GCF/000/001/405/{REFSEQ}/{REFSEQ}_genomic.gff.gz": GZIP,
            f"/GCF/000/001/405/{REFSEQ}/md5checksums.txt": f"{md5(b'')}  ./a\n{md5(GZIP)}  ./{REFSEQ}_genomic.gff.gz",
        }, {},
        f"refseq-genes-GRCh38-20240107/{REFSEQ}_genomic.gff.gz", "md5", id="RefSeq md5checksums.txt",
    ),
    pytest.param(
        ["chain-ucsc", "--assembly", "GRCh37", "--accept-licence"],
        {
            "/hg19/liftOver/hg19ToHg38.over.chain.gz": GZIP,
            "/hg19/liftOver/md5sum.txt": f"{md5(GZIP)}  hg19ToHg38.over.chain.gz\n",
        }, {},
        "chain-ucsc-GRCh37-20240107/hg19ToHg38.over.chain.gz", "md5", id="UCSC md5sum.txt",
    ),
    pytest.param(
        ["ensembl-genes", "--release", "110"],
        {
            f"{ENSEMBL}/Homo_sapiens.GRCh38.110.gff3.gz": GZIP,
            f"{ENSEMBL}/CHECKSUMS": f"{sums(GZIP, 'sum')} Homo_sapiens.GRCh38.110.gff3.gz\n12345 1 README\n",
        }, {},
        "ensembl-genes-GRCh38-110/Homo_sapiens.GRCh38.110.gff3.gz", "sum", id="Ensembl CHECKSUMS",
    ),
    pytest.param(
        ["gnomad-exomes", "--chromosome", "21"],
        {"/4.1/vcf/exomes/gnomad.exomes.v4.1.sites.chr21.vcf.bgz": BGZIP}, gcs(BGZIP, "crc32c", "md5"),
        "gnomad-exomes-GRCh38-4.1/gnomad.exomes.v4.1.sites.chr21.vcf.bgz", "md5", id="Google header",
    ),
    pytest.param(
        ["gnomad-exomes", "--chromosome", "21"],
        {"/4.1/vcf/exomes/gnomad.exomes.v4.1.sites.chr21.vcf.bgz": BGZIP}, gcs(BGZIP, "crc32c"),
        "gnomad-exomes-GRCh38-4.1/gnomad.exomes.v4.1.sites.chr21.vcf.bgz", "crc32c", id="Google, no md5",
    ),
    pytest.param(
        ["revel", "--accept-licence"],
        {
            "/records/7072866/files/revel-v1.3_all_chromosomes.zip": ZIP,
            "/api/records/7072866": json.dumps({"files": [
                {"key": "revel-v1.3_all_chromosomes.zip", "size": len(ZIP), "checksum": f"md5:{md5(ZIP)}"}
            ]}),
        }, {},
        "revel-1.3/revel-v1.3_all_chromosomes.zip", "md5", id="Zenodo",
    ),
]  # fmt: skip


def serve(publisher: Publisher, files: dict[str, bytes | str], headers: dict[str, str]) -> None:
    for path, body in files.items():
        publisher.files[path] = body.encode() if isinstance(body, str) else body
        publisher.headers[path] = headers


@pytest.mark.parametrize(("words", "files", "headers", "lands", "algorithm"), KINDS)
def test_a_file_comes_checked_and_with_its_record(
    pulls, publisher, data, words, files, headers, lands, algorithm
):
    serve(publisher, files, headers)
    ran = pulls(*words).done()
    body = publisher.files[next(iter(files))]
    path = data / lands
    assert path.read_bytes() == body
    assert kept(data) == sorted([path.name, f"{path.name}.source.json"])
    record = read_record(path)
    assert record is not None
    assert record.sha256 == hashlib.sha256(body).hexdigest()
    assert record.size == len(body)
    assert record.published is not None
    assert record.published.algorithm == algorithm
    assert record.published.value == sums(body, algorithm)
    assert record.url == publisher.base + next(iter(files))
    assert record.mirror
    assert record.source == words[0]
    assert record.release in lands
    assert record.data_release().sha256 == record.sha256
    source = next(s for s in SOURCES if s.name == words[0])
    assert (record.licence, record.doi) == (source.licence, source.doi)
    assert source.licence in ran.err
    last = ran.out.strip().splitlines()[-1]
    assert last.startswith(
        "no build is needed: " if source.name == "chain-ucsc" else "next: genopraxis knowledge build "
    )
    assert str(path) in ran.out


@pytest.mark.parametrize(("words", "files", "headers", "lands", "algorithm"), KINDS)
def test_a_wrong_byte_is_refused(pulls, publisher, data, words, files, headers, lands, algorithm):
    serve(publisher, files, headers)
    path = next(iter(files))
    body = publisher.files[path]
    publisher.files[path] = body[:-40] + bytes([body[-40] ^ 1]) + body[-39:]
    pulls(*words).refused(f"size or {algorithm} is not what the publisher states")
    assert kept(data) == []


@pytest.mark.parametrize(("words", "files", "headers", "lands", "algorithm"), KINDS)
def test_an_interrupted_download_goes_on(pulls, publisher, data, words, files, headers, lands, algorithm):
    serve(publisher, files, headers)
    path = next(iter(files))
    ends = [len(publisher.files[path]) // 2, 0, 0, 0]
    # what is small comes before the file: the checksum's own file is not cut
    publisher.cuts = [None] * (len(files) - 1) + ends
    pulls(*words).refused("run the same command again to go on")
    assert [name for name in kept(data) if not name.endswith(".part")] == []
    publisher.requests.clear()
    pulls(*words).done()
    (asked,) = publisher.gets(path)
    assert asked is not None
    assert int(re.sub(r"\D", "", asked)) > 0
    assert (data / lands).read_bytes() == publisher.files[path]


def test_what_is_here_and_right_is_not_fetched_again(pulls, publisher, data):
    with_clinvar(publisher)
    pulls("clinvar").done()
    record = (data / "clinvar-GRCh38-20240106" / "clinvar.vcf.gz.source.json").read_text()
    pulls("clinvar").done()
    assert len(publisher.gets(CLINVAR)) == 1
    assert (data / "clinvar-GRCh38-20240106" / "clinvar.vcf.gz.source.json").read_text() == record


def test_a_new_release_has_a_folder_of_its_own(pulls, publisher, data):
    with_clinvar(publisher)
    pulls("clinvar").done()
    publisher.files[CLINVAR] = BLOCK_HEAD + NOISE[::-1] + BGZIP_END
    publisher.files[f"{CLINVAR}.md5"] = f"{md5(publisher.files[CLINVAR])}  clinvar_20240113.vcf.gz".encode()
    pulls("clinvar").done()
    assert sorted(p.name for p in data.iterdir()) == ["clinvar-GRCh38-20240106", "clinvar-GRCh38-20240113"]


def test_a_dated_release_is_found_where_it_is(pulls, publisher, data):
    path = "/vcf_GRCh37/weekly/clinvar_20240113.vcf.gz"
    publisher.files |= {path: BGZIP, f"{path}.md5": md5(BGZIP).encode()}
    pulls("clinvar", "--assembly", "GRCh37", "--release", "2024-01-13").done()
    assert (data / "clinvar-GRCh37-20240113" / "clinvar_20240113.vcf.gz").read_bytes() == BGZIP


def test_several_chromosomes(pulls, publisher, data):
    for name in ("21", "X"):
        path = f"/2.1.1/vcf/genomes/gnomad.genomes.r2.1.1.sites.{name}.vcf.bgz"
        serve(
            publisher,
            {path: BGZIP + name.encode() + BGZIP_END},
            gcs(BGZIP + name.encode() + BGZIP_END, "md5"),
        )
    ran = pulls("gnomad-genomes", "--assembly", "hg19", "--chromosome", "X,21").done()
    words = shlex.split(ran.out.strip().splitlines()[-1].removeprefix("next: "))
    assert words[:4] == ["genopraxis", "knowledge", "build", "frequencies"]
    assert words[4::2] == ["--from", "--from", "--assembly", "--release", "--licence"]
    assert words[9::2][:2] == ["GRCh37", "2.1.1"]
    assert [Path(word).name.split(".")[-3] for word in words if word.endswith(".bgz")] == ["21", "X"]
    record = read_record(Path(words[7]))
    assert record is not None
    assert record.chromosome == "X"


def test_google_is_asked_for_the_bytes_as_they_are_stored(pulls, publisher):
    serve(publisher, {"/4.1/vcf/exomes/gnomad.exomes.v4.1.sites.chrY.vcf.bgz": BGZIP}, gcs(BGZIP, "md5"))
    pulls("gnomad-exomes", "--chromosome", "Y").done()
    assert {headers["accept-encoding"] for _, _, headers in publisher.requests} == {"gzip"}


# --- where nothing can be compared


def test_without_a_checksum_it_has_to_be_allowed(pulls, publisher, data):
    publisher.files["/submissions-export-tsv"] = TEXT
    pulls("gencc").refused("publisher states no checksum", "--allow-unverified")
    assert publisher.gets("/submissions-export-tsv") == []
    ran = pulls("gencc", "--allow-unverified").done()
    assert "not verified" in ran.err
    path = data / "gencc-20240107" / "gencc-submissions.tsv"
    assert path.read_bytes() == TEXT
    record = read_record(path)
    assert record is not None
    assert record.published is None
    assert "unverified" in record.data_release().source


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "answered 404"),
        (b"<html>gone</html>", "does not state its checksum"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_checksum_that_cannot_be_had_is_never_made_up(pulls, publisher, data, body, reason):
    with_clinvar(publisher)
    del publisher.files[f"{CLINVAR}.md5"]
    if body is not None:
        publisher.files[f"{CLINVAR}.md5"] = body
    pulls("clinvar").refused(reason, "--allow-unverified")
    assert kept(data) == []
    pulls("clinvar", "--allow-unverified").done()
    record = read_record(data / "clinvar-GRCh38-20240107" / "clinvar.vcf.gz")
    assert record is not None
    assert record.published is None


def test_a_google_object_without_a_header(pulls, publisher):
    publisher.files["/4.1/vcf/exomes/gnomad.exomes.v4.1.sites.chrY.vcf.bgz"] = BGZIP
    pulls("gnomad-exomes", "--chromosome", "Y").refused("x-goog-hash", "--allow-unverified")


def test_an_unconfirmed_address_is_said_to_be_one(pulls, publisher):
    publisher.files["/archive/20240107/ClinGen_gene_curation_list_GRCh38.tsv"] = TEXT
    ran = pulls("clingen-dosage", "--release", "20240107", "--allow-unverified").done()
    assert "could not be confirmed" in ran.err


# --- servers that misbehave


def test_a_server_that_ignores_the_range(pulls, publisher, data):
    with_clinvar(publisher)
    publisher.ignore_range = True
    publisher.cuts = [None, len(BGZIP) // 2]
    pulls("clinvar").done()
    assert (data / "clinvar-GRCh38-20240106" / "clinvar.vcf.gz").read_bytes() == BGZIP


@pytest.mark.parametrize("more", [-50, 50])
def test_a_server_that_lies_about_the_length(pulls, publisher, data, more):
    with_clinvar(publisher)
    publisher.lengths[CLINVAR] = len(BGZIP) + more
    pulls("clinvar").refused("clinvar.vcf.gz cannot be fetched")
    assert [name for name in kept(data) if not name.endswith(".part")] == []


@pytest.mark.parametrize("more", [-50, -1])
def test_a_lie_is_found_out_without_a_checksum_too(pulls, publisher, data, more):
    with_clinvar(publisher)
    del publisher.files[f"{CLINVAR}.md5"]
    publisher.lengths[CLINVAR] = len(BGZIP) + more
    pulls("clinvar", "--allow-unverified").refused("does not end as a whole bgzip file does")
    assert kept(data) == []


@pytest.mark.parametrize("flaw", ["no_length", "no_head", "no_version"])
def test_servers_that_say_little(pulls, publisher, data, flaw):
    with_clinvar(publisher)
    setattr(publisher, flaw, True)
    publisher.cuts = [None, len(BGZIP) // 3]
    if flaw == "no_head":
        publisher.cuts = [*publisher.cuts[:1], None, *publisher.cuts[1:]]
    pulls("clinvar").done()
    assert (data / "clinvar-GRCh38-20240106" / "clinvar.vcf.gz").read_bytes() == BGZIP


def test_a_length_beyond_every_file_is_refused(pulls, publisher, data):
    with_clinvar(publisher)
    publisher.lengths[CLINVAR] = 10**12
    pulls("clinvar").refused("1,000,000,000,000 bytes", "which no clinvar file has")
    assert publisher.gets(CLINVAR) == []


def test_a_web_page_instead_of_the_file(pulls, publisher, data):
    page = b"<!DOCTYPE html><html><body>Please sign in to the hospital's network</body></html>"
    publisher.files[CLINVAR] = page
    pulls("clinvar", "--allow-unverified").refused("a web page came instead of the file")
    assert kept(data) == []


def test_gzip_instead_of_bgzip(pulls, publisher, data):
    publisher.files[CLINVAR] = GZIP
    publisher.files[f"{CLINVAR}.md5"] = md5(GZIP).encode()
    pulls("clinvar").refused("not bgzip")
    assert kept(data) == []


@pytest.mark.parametrize("to", ["http://192.0.2.1/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirect_to_what_is_not_safe(pulls, publisher, data, to):
    publisher.redirects[CLINVAR] = to
    pulls("clinvar").refused("no https address", "--insecure")
    assert kept(data) == []


def test_a_redirect_on_the_same_machine_is_followed(pulls, publisher, data):
    with_clinvar(publisher)
    publisher.files["/moved"] = publisher.files.pop(CLINVAR)
    publisher.redirects[CLINVAR] = "/moved"
    pulls("clinvar").done()


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_there(pulls, publisher, data, status):
    publisher.status |= dict.fromkeys([CLINVAR, f"{CLINVAR}.md5"], status)
    pulls("clinvar").refused(f"answered {status}", "releases look like 20240107")
    assert kept(data) == []


def test_a_server_that_fails(pulls, publisher, data):
    publisher.status[CLINVAR] = 503
    pulls("clinvar").refused("answered 503")


def test_a_checksum_file_that_fails_is_no_missing_one(pulls, publisher, data):
    """With --allow-unverified too: the publisher states a checksum, it only cannot be had now."""
    with_clinvar(publisher)
    publisher.status[f"{CLINVAR}.md5"] = 503
    pulls("clinvar", "--allow-unverified").refused("answered 503")
    assert kept(data) == []


def test_a_server_and_a_publisher_that_state_two_sizes(pulls, publisher, data):
    serve(publisher, KINDS[-1].values[1], {})
    publisher.files["/records/7072866/files/revel-v1.3_all_chromosomes.zip"] += b"more"
    pulls("revel", "--accept-licence").refused("on the server, and its publisher states")
    assert kept(data) == []


def test_a_full_disk(pulls, publisher, data, monkeypatch):
    with_clinvar(publisher)
    opened = Path.open

    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_args):
            return None

        def write(self, _data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: Full() if self.suffix == ".part" else opened(self, *a, **k)
    )
    pulls("clinvar").refused("No space left on device", "--out")
    assert [name for name in kept(data) if not name.endswith(".part")] == []


def test_nobody_answers(data, cli, only_this_machine):
    cli("knowledge", "pull", "clinvar", "--mirror", "http://127.0.0.1:9").refused("is there a connection")


def test_a_mirror_needs_tls(data, cli, only_this_machine):
    ran = cli("knowledge", "pull", "clinvar", "--mirror", "http://anna:secret@mirror.invalid/x")
    ran.refused("no https address", "--insecure")
    assert "secret" not in ran.err


# --- what the user says


def test_the_list_shows_every_source(cli, data):
    ran = cli("knowledge", "pull", "list").done()
    for source in SOURCES:
        assert re.search(rf"^ *{source.name} .*{source.licence_kind}", ran.out, re.MULTILINE), source.name
    assert "hpo" in ran.out


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_help_of_every_source(cli, data, source):
    ran = cli("knowledge", "pull", source.name, "--help").done()
    assert source.licence_url in ran.out.replace("\n", "")


@pytest.mark.parametrize("name", ["cadd", "cadd-indels", "revel", "alphamissense", "chain-ucsc"])
def test_a_licence_that_restricts_must_be_accepted(pulls, publisher, name):
    pulls(name).refused("does not allow every use", "--accept-licence")
    assert publisher.requests == [], "nothing is asked for before"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clinvar", "--release", "May"], "'May' is no release of clinvar"),
        (["clinvar", "--assembly", "T2T"], "'T2T'"),
        (["clinvar", "--chromosome", "1"], "leave --chromosome out"),
        (["gnomad-exomes"], "--chromosome all"),
        (["gnomad-exomes", "--chromosome", "MT"], "no chromosome MT"),
        (["mane", "--assembly", "GRCh37"], "there is: GRCh38"),
    ],
)
def test_what_makes_no_sense_is_refused_without_asking(pulls, publisher, words, said):
    pulls(*words).refused(said)
    assert publisher.requests == []


def test_a_folder_of_ones_own(pulls, publisher, data, tmp_path):
    with_clinvar(publisher)
    ran = pulls("clinvar", "--out", tmp_path / "a b").done()
    assert kept(tmp_path / "a b") == ["clinvar.vcf.gz", "clinvar.vcf.gz.source.json"]
    last = ran.out.strip().splitlines()[-1]
    assert str(tmp_path / "a b" / "clinvar.vcf.gz") in shlex.split(last), "a space is quoted"
    assert not data.exists()


def test_an_unreadable_record_is_no_record(tmp_path):
    path = tmp_path / "x.gz"
    assert read_record(path) is None
    for text in ("", "{", '{"schema": "genopraxis.download/1"}', '{"schema": "other/1"}'):
        (tmp_path / "x.gz.source.json").write_text(text)
        assert read_record(path) is None


# --- what comes next


def genes(publisher: Publisher, release: str = "110") -> None:
    folder, name = f"/release-{release}/gff3/homo_sapiens", f"Homo_sapiens.GRCh38.{release}.gff3.gz"
    publisher.files |= {
        f"{folder}/{name}": GZIP,
        f"{folder}/CHECKSUMS": f"{sums(GZIP, 'sum')} {name}\n".encode(),
        f"/release-{release}/fasta/homo_sapiens/dna/Homo_sapiens.GRCh38.dna.primary_assembly.fa.gz": GZIP,
        f"/release-{release}/fasta/homo_sapiens/dna/CHECKSUMS": (
            f"{sums(GZIP, 'sum')} Homo_sapiens.GRCh38.dna.primary_assembly.fa.gz\n".encode()
        ),
    }


def test_genes_and_genome_lead_to_one_build(pulls, publisher, data):
    genes(publisher)
    fasta = data / "ensembl-genome-GRCh38-110" / "Homo_sapiens.GRCh38.dna.primary_assembly.fa"
    gff = data / "ensembl-genes-GRCh38-110" / "Homo_sapiens.GRCh38.110.gff3.gz"
    build = f"next: genopraxis knowledge build transcripts --from {gff} --fasta {fasta}"
    unpack = f"first: gzip -dk {fasta}.gz"
    ran = pulls("ensembl-genes", "--release", "110").done()
    genome = "first: genopraxis knowledge pull ensembl-genome --assembly GRCh38 --release 110"
    assert ran.out.splitlines() == [genome, unpack, build]
    ran = pulls(*shlex.split(genome.removeprefix("first: genopraxis knowledge pull "))).done()
    assert ran.out.splitlines() == [unpack, build]
    fasta.write_text(">1\nACGT\n")
    assert pulls("ensembl-genes", "--release", "110").done().out.splitlines() == [build]


def test_a_companion_with_releases_of_its_own(pulls, publisher, data):
    folder = f"/GCF/000/001/405/{REFSEQ}"
    for kind in ("gff", "fna"):
        publisher.files[f"{folder}/{REFSEQ}_genomic.{kind}.gz"] = GZIP
    publisher.files[f"{folder}/md5checksums.txt"] = "".join(
        f"{md5(GZIP)}  ./{REFSEQ}_genomic.{kind}.gz\n" for kind in ("gff", "fna")
    ).encode()
    ran = pulls("refseq-genes").done()
    assert ran.out.startswith(
        "first: genopraxis knowledge pull refseq-genome --assembly GRCh38 --release p14\n"
    )
    last = pulls("refseq-genome").done().out.splitlines()[-1]
    assert f"--from {data}/refseq-genes-GRCh38-20240107/{REFSEQ}_genomic.gff.gz" in last
    assert last.endswith(f"--fasta {data}/refseq-genome-GRCh38-p14/{REFSEQ}_genomic.fna")


def test_a_zip_archive_is_unpacked_first(pulls, publisher, data):
    serve(publisher, KINDS[-1].values[1], {})
    lines = pulls("revel", "--accept-licence").done().out.splitlines()
    folder = data / "revel-1.3"
    assert lines[0] == f"first: unzip -n {folder}/revel-v1.3_all_chromosomes.zip -d {folder}"
    build = (
        f"next: genopraxis knowledge build scores --from {folder}/revel_with_transcript_ids --assembly GRCh38"
    )
    assert (
        lines[1]
        == f"{build} --release 1.3 --licence 'free for non-commercial use; other uses: ask the authors'"
    )


@pytest.mark.parametrize("source", [s for s in SOURCES if s.build], ids=lambda source: source.name)
def test_the_next_command_exists_with_its_options(source):
    """What is printed can be run: verb and options are those of ``knowledge build``."""
    from genopraxis.cli.knowledge import build_app

    words = shlex.split(
        source.build.format(from_files="--from F", companion="C", assembly="A", release="R", licence="L")
    )
    group = typer.main.get_group(build_app)
    command = group.get_command(typer.Context(group), words[2])
    if command is None:
        pytest.fail(f"there is no knowledge build {words[2]}")
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


VCF = (
    "##fileformat=VCFv4.1\n##fileDate=2024-01-06\n##reference=GRCh38\n"
    '##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description="the ClinVar Allele ID">\n'
    '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Classification">\n'
    '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="Review status">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    "15\t48411087\t1\tG\tA\t.\t.\tALLELEID=2;CLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel\n"
)


def test_the_next_command_runs_on_what_came(pulls, publisher, cli, tmp_path):
    pysam = pytest.importorskip("pysam")
    plain, packed = tmp_path / "x.vcf", tmp_path / "x.vcf.gz"
    plain.write_text(VCF)
    pysam.tabix_compress(str(plain), str(packed))
    with_clinvar(publisher, packed.read_bytes())
    last = pulls("clinvar").done().out.strip().splitlines()[-1]
    words = shlex.split(last.removeprefix("next: genopraxis "))
    cli(*words, "--out", tmp_path / "store").done()
    card = json.loads((tmp_path / "store" / "store.json").read_text())
    assert card["variants"] == 1
    assert card["assembly"] == "GRCh38"
    (release,) = card["releases"]
    assert release["version"] == "20240106"


def test_a_command_is_made_once():
    group = typer.main.get_group(typer.Typer(cls=knowledge_pull.SourceCommands, callback=lambda: None))
    context = typer.Context(group)
    assert group.get_command(context, "clinvar") is group.get_command(context, "clinvar")
    assert group.get_command(context, "mondo") is None
    assert set(group.list_commands(context)) == {source.name for source in SOURCES}


def test_an_unknown_source_is_an_input_error():
    from genopraxis.knowledge.catalogue import find_source

    with pytest.raises(InputError):
        find_source("", SOURCES)
