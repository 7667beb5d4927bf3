"""HGVS p. read back: what a description makes of a protein."""

from __future__ import annotations

import re

from genopraxis.variants.codons import THREE_LETTERS

ONE = {three: one for one, three in THREE_LETTERS.items()}


def applied(protein: str, change: str, new: str, *, ended: bool) -> str:
    """Return what a description makes of a protein; for a frame shift its first residue and length are checked."""
    body = change.removeprefix("p.")
    if body.endswith("="):
        return protein.rstrip("*")
    if found := re.fullmatch(r"([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})(fs|ext)Ter(\d+|\?)", body):
        at = int(found[2]) - 1
        assert protein[at] == ONE[found[1]]
        assert protein[:at] == new[:at]
        assert new[at] == ONE[found[3]]
        if found[5] == "?":
            assert not ended
        else:
            assert ended
            assert len(new) - at + (found[4] == "fs") == int(found[5])
        return new
    if found := re.fullmatch(r"([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})", body):
        at = int(found[2]) - 1
        assert protein[at] == ONE[found[1]]
        return (protein[:at] + ONE[found[3]] + protein[at + 1 :]).split("*")[0]
    residue = r"([A-Z][a-z]{2})(\d+)"
    found = re.fullmatch(rf"{residue}(?:_{residue})?(del|dup|ins|delins)((?:[A-Z][a-z]{{2}})*)", body)
    assert found is not None, change
    low, high = int(found[2]) - 1, int(found[4] or found[2])
    assert protein[low] == ONE[found[1]]
    assert protein[high - 1] == ONE[found[3] or found[1]]
    extra = "".join(ONE[found[6][at : at + 3]] for at in range(0, len(found[6]), 3))
    made = {
        "del": protein[:low] + protein[high:],
        "dup": protein[:high] + protein[low:high] + protein[high:],
        "ins": protein[: low + 1] + extra + protein[high - 1 :],
        "delins": protein[:low] + extra + protein[high:],
    }[found[5]]
    if found[5] == "dup" or (found[5] == "del" and len(protein) > high):
        # 3' rule: it cannot lie further on
        assert protein[low] != protein[high]
    return made.split("*")[0]
