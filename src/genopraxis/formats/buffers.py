"""Memory that is used again: fresh memory takes the system longer to hand out than compiled loops to fill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Buffers"]


class Buffers:
    """Arrays of bytes for texts that are written and then not needed any more; threads may share it."""

    def __init__(self) -> None:
        self._free: list[NDArray[np.uint8]] = []

    def take(self, size: int) -> NDArray[np.uint8]:
        """Return an array of at least so many bytes, with anything in it."""
        try:
            free = self._free.pop()
        except IndexError:
            free = np.empty(0, np.uint8)
        # with something to spare: the next text is of another size
        return free if free.size >= size else np.empty(size + size // 8, np.uint8)

    def give(self, text: memoryview) -> None:
        """Take back the array that a text is the beginning of; nobody may look at the text any more."""
        part = text.obj
        if isinstance(part, np.ndarray):
            self._free.append(part if part.base is None else part.base)
