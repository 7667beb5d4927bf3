"""Identifiers as they come in files: HPO terms, publications, cases, and ages written as text."""

from __future__ import annotations

import re
import unicodedata

from genopraxis.contracts.patient import Onset, years_from_iso8601

ANTENATAL_ONSET = "HP:0030674"
OLDEST_YEARS = 130.0
LONGEST_CASE_ID = 1_000

_HPO_ID = re.compile(r"HP:[0-9]{7}")
# ASCII: without it, IGNORECASE takes a dotless i for an I
_ANY_CASE = re.IGNORECASE | re.ASCII
_HPO_SPELLING = re.compile(r"(?:https?://purl\.obolibrary\.org/obo/)?hp\s*[:_]\s*([0-9]{7})", _ANY_CASE)
_HPO_PREFIX = re.compile(r"(?:https?://purl\.obolibrary\.org/obo/)?hp(?:\s*[:_]|[0-9])", _ANY_CASE)
_PUBMED = re.compile(r"(?:PMID|PUBMED)\s*:\s*([0-9]{1,9})", _ANY_CASE)
_PUBMED_IN_CASE_ID = re.compile(r"PMID[_:-]([0-9]{1,9})(?![0-9])")
_GESTATION = re.compile(r"GA:[0-9]{1,2}w[0-9]d", _ANY_CASE)


def is_hpo_id(text: str) -> bool:
    """Tell whether a text is an HPO identifier, exactly as HPO writes it (``HP:0001250``)."""
    return _HPO_ID.fullmatch(text) is not None


def hpo_id(text: str) -> str | None:
    """Return the HPO identifier meant by a text (``hp_0001250``, its IRI, spaces around), or ``None``."""
    match = _HPO_SPELLING.fullmatch(text.strip())
    return f"HP:{match[1]}" if match else None


def looks_like_hpo(text: str) -> bool:
    """Tell whether a text has the prefix of HPO, be it a valid identifier or not."""
    return _HPO_PREFIX.match(text.strip()) is not None


def pubmed_id(text: str) -> str | None:
    """Return ``PMID:123`` for any usual spelling of a PubMed identifier, or ``None``."""
    match = _PUBMED.fullmatch(text.strip())
    return f"PMID:{int(match[1])}" if match else None


def pubmed_id_of_case(case_id: str) -> str | None:
    """Return the publication that a case is named after (``PMID_15266616_100``), or ``None``."""
    match = _PUBMED_IN_CASE_ID.match(case_id)
    return f"PMID:{int(match[1])}" if match else None


def printable_id(text: str) -> str:
    """Return an identifier without spaces around it and with control characters made ``_``.

    It goes to terminals and logs, where a control character could forge a line.
    """
    stripped = text.strip()
    return "".join(
        "_" if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else letter
        for letter in stripped
    )


def printable_text(text: str, *, limit: int) -> str:
    """Return free text on one line, without invisible characters, shortened to ``limit`` characters.

    Labels and field names come from files and go to terminals, reports and messages.
    """
    # twice the limit is looked at: what is dropped makes it shorter
    begin = text[: 2 * limit].strip()
    if not begin.isprintable():
        categories = ((letter, unicodedata.category(letter)) for letter in begin)
        begin = "".join(
            " " if kind in {"Cc", "Cs", "Zl", "Zp"} else letter for letter, kind in categories if kind != "Cf"
        ).strip()
    shortened = len(begin) > limit or len(text) > 2 * limit
    return f"{begin[: limit - 1].rstrip()}…" if shortened else begin


def plausible_years(text: str) -> float | None:
    """Return an ISO 8601 duration in years, or ``None`` when it is none or longer than any life."""
    # digits of other scripts are digits to Python, and to nobody else
    years = years_from_iso8601(text) if text.isascii() else None
    return years if years is not None and years <= OLDEST_YEARS else None


def onset_from_text(text: str) -> Onset | None:
    """Return an onset written as an ISO 8601 age, an HPO onset term or a gestational age (``GA:35w0d``).

    What began before birth has 0 years and the term *Antenatal onset*.
    """
    if _GESTATION.fullmatch(text.strip()):
        return Onset(years=0.0, term_id=ANTENATAL_ONSET)
    if (years := plausible_years(text)) is not None:
        return Onset(years=years)
    term = hpo_id(text)
    return Onset(term_id=term) if term else None
