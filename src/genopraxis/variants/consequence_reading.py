"""What a ribosome reads of a changed transcript: its protein, its start, its stop."""

from __future__ import annotations

from genopraxis.knowledge.transcripts import Flag
from genopraxis.variants.consequence_view import TranscriptView
from genopraxis.variants.hgvs_protein import describe_protein, unchanged

__all__ = ["keeps_coding_bases", "keeps_protein", "keeps_start", "new_stop", "protein_change"]

_GLANCE = 8  # codons


def keeps_coding_bases(view: TranscriptView, a: int, b: int, new: str) -> bool:
    """Tell whether the coding sequence is whole after a change that begins no later than in its first codon.

    The change is then one of the 5' UTR, wherever the 3' rule puts it.
    """
    if a >= view.cds_start + 3:
        return False
    return (view.bases[:a] + new + view.bases[b:]).endswith(view.bases[view.cds_start :])


def keeps_start(view: TranscriptView, a: int, b: int, new: str) -> bool:
    """Tell whether a changed transcript still begins to code with what it began with."""
    if a >= view.cds_start + 3 or b < view.cds_start:
        return True
    changed = view.bases[:a] + new + view.bases[b:]
    start = view.cds_start if a >= view.cds_start else view.cds_start + len(new) - (b - a)
    # further upstream it is no more than a chance ATG
    return start >= min(a, view.cds_start) and view.read(changed[start : start + 3]) == view.protein[:1]


def keeps_protein(view: TranscriptView, a: int, b: int, new: str, first: int) -> bool:
    """Tell whether a complete protein is read as before, its stop included, from codon ``first`` on."""
    ref = view.protein
    if not ref.endswith("*") or "*" in ref[:-1] or first >= len(ref) or a < view.cds_start:
        return False
    recoded = _recoded_after(view, a, b, new, first, len(ref))
    changed = _changed(view, a, b, new, first)
    # most proteins differ at once
    if (
        view.read(changed[: 3 * _GLANCE], first=first, recoded=recoded)[: len(ref) - first]
        != ref[first : first + _GLANCE]
    ):
        return False
    return ref[first:] == view.read(changed, first=first, recoded=recoded, stop=True)


def _changed(view: TranscriptView, a: int, b: int, new: str, first: int) -> str:
    """Return the bases from codon ``first`` to the end of the changed transcript, with its tail."""
    begin = view.cds_start - view.pad + 3 * first
    missing = max(0, view.cds_start - begin)
    tail = "AAA" if view.flags & Flag.STOP_BY_POLYADENYLATION else ""
    return "N" * missing + view.bases[max(begin, view.cds_start) : a] + new + view.bases[b:] + tail


def _recoded_after(view: TranscriptView, a: int, b: int, new: str, first: int, last: int) -> frozenset[int]:
    grown = len(new) - (b - a)
    kept = frozenset(at for at in view.recoded if at < first or grown == 0)
    return kept | frozenset(at + grown // 3 for at in view.recoded if at >= last and grown % 3 == 0)


def protein_change(view: TranscriptView, a: int, b: int, new: str, first: int, last: int) -> str | None:
    """Return HGVS p. of a change of codons ``first`` to ``last`` (0-based, half-open); ``None``: cannot be told."""
    ref = view.protein
    if "*" in ref[:-1] or not ref:
        return None
    grown = len(new) - (b - a)
    recoded = _recoded_after(view, a, b, new, first, last)
    alt = ref[:first] + view.read(_changed(view, a, b, new, first), first=first, recoded=recoded, stop=True)
    complete = ref.endswith("*")
    if not complete:
        # nothing is known of what follows: an in-frame change ends where the transcript's reading ends
        if grown % 3 == 0 and not alt.endswith("*"):
            alt = alt[: len(ref) + grown // 3]
        elif grown % 3 and not alt.endswith("*"):
            shared = next(
                (at for at, pair in enumerate(zip(ref, alt, strict=False)) if pair[0] != pair[1]), None
            )
            if shared is None:
                return None
    if ref == alt:
        return unchanged(ref, first, max(first, last - 1))
    if "X" in alt[first:] and grown % 3 == 0:
        return None
    expected = len(ref) + grown // 3 if grown % 3 == 0 else None
    return describe_protein(ref, alt, shifted=grown % 3 != 0, expected=expected, window_end=last)


def new_stop(
    view: TranscriptView, a: int, b: int, new: str, first: int, recoded: frozenset[int]
) -> int | None:
    """Return the first base of the new stop codon, as a place in the transcript before the change."""
    letters = view.read(_changed(view, a, b, new, first), first=first, recoded=recoded, stop=True)
    if not letters.endswith("*"):
        return None
    place = view.cds_start - view.pad + 3 * (first + len(letters) - 1)
    return place if place <= a else max(a, place - (len(new) - (b - a)))
