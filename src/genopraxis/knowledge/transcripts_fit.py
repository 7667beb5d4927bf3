"""Whether the arrays of a transcript set fit one another, so that none points beyond the end of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["misfit"]

_OF_TRANSCRIPTS = ("start", "end", "contig", "strand", "flags", "cds_start", "cds_end", "phase")
_TOGETHER = (
    ("exon_start", "exon_end", "exon_cdna"),
    ("recoded_transcript", "recoded_codon"),
    ("block_transcript", "block_start", "block_end", "block_cdna"),
)
_OFFSETS = {"exon_offset": "exon_start", "sequence_offset": "sequence"}


def misfit(arrays: Mapping[str, NDArray[Any]], *, contigs: int, names: int) -> str | None:
    """Return the file that does not fit the others; ``None`` when all do.

    Parameters
    ----------
    arrays
        Of one dimension, by name.
    contigs, names
        How many contigs, and rows of names, there are.
    """
    n = names
    wanted = dict.fromkeys(_OF_TRANSCRIPTS, n) | dict.fromkeys(_OFFSETS, n + 1)
    for first, *others in _TOGETHER:
        wanted |= dict.fromkeys(others, len(arrays[first]))
    for name, size in wanted.items():
        if len(arrays[name]) != size:
            return f"{name}.npy"
    for name, of in _OFFSETS.items():
        offsets = arrays[name]
        if offsets[0] != 0 or offsets[-1] != len(arrays[of]) or (offsets[1:] < offsets[:-1]).any():
            return f"{name}.npy"
    limits = {"contig": contigs, "recoded_transcript": n, "block_transcript": n}
    for name, end in limits.items():
        places: NDArray[np.int32] = arrays[name]
        if len(places) and not (places.min() >= 0 and places.max() < end):
            return f"{name}.npy"
    return None
