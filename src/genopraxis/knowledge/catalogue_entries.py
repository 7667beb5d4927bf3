"""Short ways to write an entry of the catalogue, and the words that several entries share."""

from __future__ import annotations

from typing import Any

from genopraxis.knowledge.catalogue import LATEST, Edition, Place

GB = 10**9

NCBI = "https://ftp.ncbi.nlm.nih.gov"
ENSEMBL = "https://ftp.ensembl.org/pub"
GNOMAD = "https://storage.googleapis.com/gcp-public-data--gnomad/release"

EBI_TERMS = "https://www.ebi.ac.uk/about/terms-of-use"
NCBI_TERMS = "https://www.ncbi.nlm.nih.gov/home/about/policies/"
GNOMAD_TERMS = "https://gnomad.broadinstitute.org/policies"
EBI_TEXT = "EMBL-EBI terms of use: no restriction but those of the data's owners; attribution is expected"
NCBI_TEXT = "NCBI: no restriction on use or distribution"
CC0 = "CC0 1.0 (public domain); attribution is asked for"

_NO_RELEASE = r"(?!)"


def listed(path: str, listing: str, *, confirmed: bool = True) -> Place:
    """Return a file whose checksum is in a list in the same folder."""
    return Place(
        path=path,
        published="sum-list" if listing == "CHECKSUMS" else "md5-list",
        checksum_path=f"{path.rpartition('/')[0]}/{listing}",
        confirmed=confirmed,
    )


def sidecar(path: str) -> Place:
    """Return a file with its MD5 beside it."""
    return Place(path=path, published="md5-file", checksum_path=f"{path}.md5")


def google(path: str) -> Place:
    """Return a file in Google Cloud Storage, whose header states the checksum."""
    return Place(path=path, published="google-header")


def bare(path: str, *, keep_as: str | None = None, confirmed: bool = True) -> Place:
    """Return a file without a checksum."""
    return Place(path=path, published="none", keep_as=keep_as, confirmed=confirmed)


def edition(assembly: str | None, root: str, **fields: Any) -> Edition:
    """Return the files for one assembly, gzip and below 20 GB unless said otherwise."""
    default = fields.setdefault("default", LATEST)
    fields.setdefault("release", _NO_RELEASE)
    fields.setdefault("example", default)
    fields.setdefault("form", "gzip")
    fields.setdefault("largest_bytes", 20 * GB)
    return Edition(assembly=assembly, root=root, **fields)
