"""Links to publications: only well-formed identifiers become links, and only to two trusted hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

_PUBMED = re.compile(r"^(?:PMID:\s*|https://pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})/?$", re.IGNORECASE)
_DOI = re.compile(r"^(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A reference as shown: its text, and its link if it has a safe one."""

    text: str
    href: str | None = None


def citation(reference: str) -> Citation:
    """Return a reference with its link.

    Parameters
    ----------
    reference
        ``PMID:20301510``, ``doi:10.1000/xyz`` or any other text. The text comes from outside, so a link is
        made from the identifier, never from an address that was given.

    Returns
    -------
    Citation
        Without a link when the reference is neither a PubMed identifier nor a DOI.
    """
    text = reference.strip()
    if found := _PUBMED.match(text):
        return Citation(text=f"PMID {found[1]}", href=f"https://pubmed.ncbi.nlm.nih.gov/{found[1]}/")
    if found := _DOI.match(text):
        return Citation(text=f"doi:{found[1]}", href=f"https://doi.org/{quote(found[1], safe='/()._-;')}")
    return Citation(text=text)
